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


def score_words(score: float, unit: str) -> str:
    """A score in its stored unit as "79.6%", "137.5 minutes" or "10937 usd"."""
    if unit == "fraction":
        return f"{score:.1%}"
    return f"{score:.0f} {unit}" if abs(score) >= 1000 else f"{score:.4g} {unit}"
