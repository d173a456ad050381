"""Numbers that words state: what a label says against what its bar is.

Only numbers in the unit of the score count: the 40 hours in "300x (40 human hours)" are
no speedup. A printed number stands for all that round to it, a working month for the
hours that one has.
"""

import re
from collections.abc import Iterator
from typing import Final, NamedTuple

from trends.registry.models import ScoreUnit

_WORDS: Final = {
    word: number
    for number, word in enumerate(
        ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"),
        start=1,
    )
}
_DIGITS: Final = r"\d{1,3}(?:[, ]\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?|\.\d+"
_NUMBER: Final = (
    rf"(?<![\w.,-])(?:(?P<from>{_DIGITS})(?: to | ?- ?))?"
    rf"(?P<n>{_DIGITS}|{'|'.join(_WORDS)})"
)
_OF_WHOM: Final = r"[ -]?(?:human |agent )?"
_THOUSANDS: Final = {"k": 1e3, "K": 1e3, "M": 1e6}

Factor = tuple[float, float]
"""Least and most that one of a unit is, in the unit of the score."""

_ONE: Final = (1.0, 1.0)
_TIMES: Final = (
    (rf"{_NUMBER} ?x\b", _ONE),
    (rf"\bx(?P<n>{_DIGITS})\b", _ONE),
    (rf"{_NUMBER}(?: times\b|[ -]?fold\b)", _ONE),
)
_LENGTHS: Final = (
    (r"s(?:ec(?:ond)?s?)?", (1 / 60, 1 / 60)),
    (r"min(?:ute)?s?", _ONE),
    (r"h(?:(?:ou)?rs?)?", (60.0, 60.0)),
    (r"work(?:ing)?[ -]?days?", (450.0, 480.0)),
    (r"work(?:ing)?[ -]?weeks?", (2250.0, 2400.0)),
    (r"work(?:ing)?[ -]?months?", (9600.0, 10_560.0)),
    (r"work(?:ing)?[ -]?years?", (102_000.0, 132_000.0)),
    # of people at work, or by the calendar
    (r"days?", (450.0, 1440.0)),
    (r"weeks?", (2250.0, 10_080.0)),
    (r"months?", (9600.0, 44_640.0)),
    (r"years?", (102_000.0, 527_040.0)),
)
_IN_WORDS: Final[dict[ScoreUnit, tuple[tuple[str, Factor], ...]]] = {
    ScoreUnit.FRACTION: (
        (rf"{_NUMBER} ?(?:%|per ?cent\b)", (0.01, 0.01)),
        (r"(?:^|(?<=\())(?P<n>0?\.\d+)(?= of\b|$|\))", _ONE),
    ),
    ScoreUnit.MINUTES: tuple(
        (rf"{_NUMBER}{_OF_WHOM}{length}\b", factor) for length, factor in _LENGTHS
    ),
    ScoreUnit.USD: (
        (rf"(?:US\$|\$|USD) ?(?P<n>{_DIGITS})(?P<k>[kKM]?)\b", _ONE),
        (rf"{_NUMBER}(?P<k>[kKM]?) ?(?:USD\b|dollars?\b|US\$|\$)", _ONE),
    ),
    ScoreUnit.X_SPEEDUP: _TIMES,
    ScoreUnit.X_2025_MEAN: _TIMES,
    ScoreUnit.RATIO: (*_TIMES, (rf"{_NUMBER}(?: agents?\b| ?to 1\b| ?: ?1\b)", _ONE)),
}

_ID: Final = re.compile(
    r"(pct|percent|usd|x|hours?|h|minutes?|min|days?|weeks?|months?|years?)"
    r"_?(\d+(?:_\d+)?)"
)
_UNITS_OF_IDS: Final = {
    "pct": "%",
    "percent": "%",
    "usd": " USD",
    "x": "x",
    "day": " work-day",
    "week": " work-week",
    "month": " work-month",
    "year": " work-year",
}


class Stated(NamedTuple):
    """A number as it is printed, and the least and the most it can stand for."""

    printed: str
    least: float
    most: float

    def is_of(self, value: float) -> bool:
        """Whether it can stand for the value, sums of floats being what they are."""
        slack = 1e-9 * abs(value)
        return self.least - slack <= value <= self.most + slack


def stated(text: str, unit: ScoreUnit) -> Iterator[Stated]:
    """Numbers of a label or a title that are in the unit of the score."""
    for pattern, (least, most) in _IN_WORDS[unit]:
        for match in re.finditer(pattern, text, re.IGNORECASE):
            parts = match.groupdict()
            times = _THOUSANDS.get(parts.get("k") or "", 1.0)
            low, high = _rounded(parts["n"])
            if parts.get("from"):
                low = _rounded(parts["from"])[0]
            yield Stated(match[0].strip(), low * least * times, high * most * times)


def stated_by_id(identifier: str, unit: ScoreUnit) -> Stated | None:
    """The number of an id such as pct80, x1_5 or years_125; None if it has none.

    Of a number in another unit than the score's the least is above the most.
    """
    match = _ID.fullmatch(identifier)
    if match is None:
        return None
    number = match[2].replace("_", ".")
    words = _UNITS_OF_IDS.get(match[1].rstrip("s"), f" {match[1]}")
    found = next(stated(f"{number}{words}", unit), None)
    return found or Stated(identifier, 1.0, 0.0)


def in_words(value: float, unit: ScoreUnit) -> str:
    """A value as a label states it."""
    match unit:
        case ScoreUnit.FRACTION:
            return f"{100 * value:.10g}%"
        case ScoreUnit.MINUTES:
            return f"{value:.10g} min" if value < 60 else f"{value / 60:.10g} h"
        case ScoreUnit.USD:
            return f"{value:.10g} USD"
        case ScoreUnit.X_SPEEDUP:
            return f"{value:.10g}x"
        case _:
            return f"{value:.10g} times"


def _rounded(printed: str) -> tuple[float, float]:
    """What rounds to a printed number: half a unit of its last digit either way."""
    if printed.lower() in _WORDS:
        return float(_WORDS[printed.lower()]), float(_WORDS[printed.lower()])
    digits = re.sub("[, ]", "", printed)
    decimals = len(digits.partition(".")[2])
    half = 0.5 * 10.0**-decimals if decimals or float(digits) >= 10 else 0.0
    return float(digits) - half, float(digits) + half
