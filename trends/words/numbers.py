"""Numbers as people read them."""

from typing import Final


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


def number_of(n: object, noun: str, plural: str | None = None) -> str:
    """As "1 record" and "2 records", "2 families" where the plural is given."""
    return f"{n} {noun}" if n == 1 else f"{n} {plural or f'{noun}s'}"


def points(value: float | None) -> str:
    """An error in shares of 1 as ".0562"; empty for none."""
    return "" if value is None else f"{value:.4f}".replace("0.", ".", 1)


def signed_points(value: float) -> str:
    """A difference of two as "+.0144"."""
    return f"{value:+.4f}".replace("0.", ".", 1)


_UNITS: Final = {
    "x_speedup": "{}x",
    "x_2025_mean": "{} times the mean of 2025",
    "ratio": "{}",
    "usd": "{} USD",
}
"""How a number in a unit reads whose own name is no word."""


def score_words(score: float, unit: str) -> str:
    """A score in its stored unit as "79.6%", "137.5 minutes", "10937 USD" or "300x"."""
    if unit == "fraction":
        return f"{score:.1%}"
    number = f"{score:.0f}" if abs(score) >= 1000 else f"{score:.4g}"
    return _UNITS.get(unit, f"{{}} {unit}").format(number)
