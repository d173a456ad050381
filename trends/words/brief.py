"""One line a bar: short cells, and marks for what a reader must know beside them."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from typing import Final, NamedTuple

from trends.registry.series import OLD_FIGURES
from trends.words.labels import falls_short, held_words
from trends.words.numbers import percent

Row = Mapping[str, object]

BEYOND_SUITE: Final = "cannot be observed on this suite"
"""Part of a median's label where the bar is above what the suite measures."""


LEAST_NEVER: Final = 0.005
"""A smaller probability of never is not told beside a date."""

_OF_A_LAW: Final = frozenset({"expected", "after_projection_end", "never"})
"""Statuses of rows with a distribution."""


class Mark(NamedTuple):
    """What must be known of one date: a letter, or a few words where there is room.

    That a row is indented needs no letter.
    """

    letter: str
    words: str


LEGEND: Final = {
    "": "indented: a view of the test above, the same items as another board reports them",
    "r": "replaced: another benchmark took its place",
    "c": "contested: measurement error, or a later measurement of the same model, "
    "could put the record on the other side of the bar",
    "n": "not seen: the date is past, but figures end before it",
    "s": "off suite: the bar is above what the suite measures; the date is when the "
    "trend gets there",
    "h": "held {}: of past dates in the backtest, where 80% intervals like these were to "
    "hold 80%",
    "e": "ended: no newer figures, for nobody adds any or we last read them over 180 "
    "days before",
    "o": "others go on: another view of the test has newer figures",
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


def indented_names(rows: Iterable[Row]) -> Iterator[str]:
    """Short names of rows below one another: a view's further in, and whose it is.

    Args:
        rows: as ``in_order`` gives them.
    """
    lead = ""
    for row in rows:
        name = short_name(row)
        if row.get("below") is None:
            lead = name
            yield name
        else:
            yield f"  {without_test(name, lead)}"


def without_test(view: str, lead: str) -> str:
    """Of "Quiz, board: 80%" beside "Quiz, developers: 95%" it is "board: 80%"."""
    test, comma, whose = view.partition(", ")
    return whose if comma and lead.startswith(test) else view


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


def short_if_ever(row: Row) -> str:
    """As ``short_median``, given that the bar is ever crossed; older runs lack it."""
    label = row.get("if_ever_label")
    told = row["withheld"] is None and row["crossing_status"] in _OF_A_LAW
    return (
        str(label).split(" (")[0] if told and label is not None else short_median(row)
    )


def when_words(row: Row) -> str:
    """When, if ever, and how likely never is: "2027-03, never 42%"; or the only fact.

    Args:
        row: a CROSSING_SUMMARY row.
    """
    told = row.get("withheld") is None and row["crossing_status"] in _OF_A_LAW
    label = row.get("if_ever_label")
    if not told or label is None:
        return str(row["median_label"])
    return with_never(str(label), row["p_never"])


def short_when(row: Row) -> str:
    """As ``when_words``, without what stands in brackets beside a date."""
    told = row["withheld"] is None and row["crossing_status"] in _OF_A_LAW
    label = short_if_ever(row)
    return with_never(label, row["p_never"]) if told else label


def with_never(label: str, p_never: object) -> str:
    """A date if ever, and the probability of never where it is not next to nothing."""
    is_next_to_nothing = not isinstance(p_never, float) or p_never < LEAST_NEVER
    if is_next_to_nothing or label.startswith("never"):
        return label
    return f"{label}, never {percent(p_never)}"


def if_ever_line(row: Row) -> str:
    """When the headline bar is crossed if ever, and how likely never is; else empty.

    Args:
        row: a CROSSING_SUMMARY row.
    """
    if row["withheld"] is not None or row["crossing_status"] not in _OF_A_LAW:
        return ""
    return (
        f"If {row['short_label'] or row['bar_id']} is ever crossed, the median is "
        f"{short_if_ever(row)}; never has {percent(row['p_never'])}"
    )


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
        "": None if row.get("below") is None else "view",
        "r": "replaced" if _is_replaced_here(row) else None,
        "c": "contested" if row["contested"] else None,
        "n": "not seen" if _is_past_unseen(row) else None,
        "s": "off suite" if BEYOND_SUITE in str(row["median_label"]) else None,
        "h": held_words(row) if falls_short(row) else None,
        "e": None if _is_replaced_here(row) else _ended(row),
        "o": next(iter(others_go_on(row, "others")), None),
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
        Mark(letter, words.format(_either(used[letter])))
        for letter, words in LEGEND.items()
        if letter in used
    ]


def _either(words: Iterable[str]) -> str:
    """Distinct words of a mark: "41%, 75% or at most 61%"."""
    *others, last = sorted({one.removeprefix("held ") for one in words})
    return f"{', '.join(others)} or {last}" if others else last


def _is_replaced_here(row: Row) -> bool:
    """Whether nothing else says so: not the heading of the superseded, but a view's."""
    return row.get("below") is not None and row.get("superseded_by") is not None


def _is_past_unseen(row: Row) -> bool:
    day, as_of = row.get("median_if_ever") or row["median_date"], row["as_of"]
    return (
        row["crossing_status"] in _OF_A_LAW
        and isinstance(day, date)
        and isinstance(as_of, date)
        and day <= as_of
    )


def _ended(row: Row) -> str | None:
    """Since when there are no figures; a superseded series stands apart anyhow."""
    end, as_of = row["observed_through"], row["as_of"]
    if not isinstance(end, date) or not isinstance(as_of, date):
        return None
    is_over = row["series_ended"] is not None or as_of - end > OLD_FIGURES
    return f"ended {end}" if is_over else None


def others_go_on(row: Row, whose: str) -> list[str]:
    """Until when other views of the test have figures, where those of the row ended.

    Args:
        row: a CROSSING_SUMMARY row, as ``in_order`` gives it where others are known.
        whose: what opens the words.
    """
    day = row.get("others_through")
    return [f"{whose} to {day}"] if day is not None and _ended(row) else []


def later_view(row: Row, others: Iterable[Row]) -> str:
    """Which other view goes on where a row's figures ended; empty where none does.

    Args:
        row: a CROSSING_SUMMARY row.
        others: headlines of the other views of its test.
    """
    end = row["observed_through"]
    later = {
        day: one["short_title"]
        for one in others
        if isinstance(day := one["observed_through"], date)
        and isinstance(end, date)
        and day > end
    }
    if not later or not _ended(row):
        return ""
    last = max(later)
    return f"Another view of the test goes on: {later[last]} has figures to {last}."
