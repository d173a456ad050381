"""Numbers as people read them."""


def percent(probability: object) -> str:
    """A probability as "34%", and as "<1%" or ">99%" where rounding would claim all.

    Only what is certain reads 0% or 100%. Empty for what is not a number.
    """
    if not isinstance(probability, float):
        return ""
    if 0 < probability < 0.005:
        return "<1%"
    if 0.995 <= probability < 1:
        return ">99%"
    return f"{probability:.0%}"
