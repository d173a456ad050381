"""One line a bar: short cells, and marks for what a reader must know beside them."""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Final, NamedTuple

from trends.registry.series import OLD_FIGURES
from trends.words.labels import falls_short, held_words

Row = Mapping[str, object]

BEYOND_SUITE: Final = "cannot be observed on this suite"
"""Part of a median's label where the bar is above what the suite measures."""


class Mark(NamedTuple):
    """What must be known of one date: a letter, or a few words where there is room."""

    letter: str
    words: str


LEGEND: Final = {
    "c": "contested: measurement error, or a later measurement of the same model, "
    "could put the record on the other side of the bar",
    "n": "not seen: the median is past, but figures end before it",
    "s": "off suite: the bar is above what the suite measures; the date is when the "
    "trend gets there",
    "h": "held {}: of past dates in the backtest, where 80% intervals like these were to "
    "hold 80%",
    "e": "ended: no newer figures, for nobody adds any or we last read them over 180 "
    "days before",
    "q": "quarantine: a better score waits in quarantine, for it was rejected",
    "d": "draft threshold: in no published table",
    "w": "{}",
}
"""What each mark means, in the order in which marks stand; "{}" is its own words."""


def short_name(row: Row) -> str:
    """Benchmark and bar of a CROSSING_SUMMARY row: "SciCode (HAL): 80%"."""
    title, label = row.get("short_title"), row.get("short_label")
    if title is None or label is None:
        return str(row["threshold_label"])
    return f"{title}: {label}"


def short_median(row: Row) -> str:
    """The median's day or month, or the word for there being none."""
    if row["withheld"] is not None:
        return "withheld"
    match row["crossing_status"]:
        case "already_crossed":
            return str(row["date_hi"])
        case "never":
            return "never"
        case "not_estimated":
            return "none"
    return str(row["median_label"]).split(" (")[0]


def short_interval(row: Row) -> str:
    """The 80% interval, or why there is none."""
    if row["withheld"] is not None:
        return ""
    match row["crossing_status"]:
        case "already_crossed":
            return "crossed"
        case "not_estimated":
            return "not estimated"
    return str(row["interval80_label"]).split(" (")[0]


def marks(row: Row) -> list[Mark]:
    """The marks of a CROSSING_SUMMARY row, in the order of ``LEGEND``."""
    found = {
        "c": "contested" if row["contested"] else None,
        "n": "not seen" if _is_past_unseen(row) else None,
        "s": "off suite" if BEYOND_SUITE in str(row["median_label"]) else None,
        "h": held_words(row) if falls_short(row) else None,
        "e": _ended(row),
        "q": "quarantine" if row.get("quarantined_rows") is not None else None,
        "d": "draft" if row.get("status") == "draft" else None,
        "w": None if row["withheld"] is None else str(row["withheld"]),
    }
    return [Mark(letter, words) for letter, words in found.items() if words]


def legend(rows: Iterable[Row]) -> list[Mark]:
    """The meaning of every mark that some row has."""
    used: dict[str, list[str]] = {}
    for row in rows:
        for mark in marks(row):
            used.setdefault(mark.letter, []).append(mark.words)
    return [
        Mark(letter, words.format(" or ".join(_distinct(used[letter]))))
        for letter, words in LEGEND.items()
        if letter in used
    ]


def _distinct(words: Iterable[str]) -> list[str]:
    return sorted({one.removeprefix("held ") for one in words})


def _is_past_unseen(row: Row) -> bool:
    median, as_of = row["median_date"], row["as_of"]
    return (
        row["crossing_status"] == "expected"
        and isinstance(median, date)
        and isinstance(as_of, date)
        and median <= as_of
    )


def _ended(row: Row) -> str | None:
    """Since when there are no figures; a superseded series stands apart anyhow."""
    end, as_of = row["observed_through"], row["as_of"]
    if not isinstance(end, date) or not isinstance(as_of, date):
        return None
    is_over = row["series_ended"] is not None or as_of - end > OLD_FIGURES
    return f"ended {end}" if is_over else None
