"""What changed in published vintages, one item a change: from HISTORY and TRIPWIRES.

Items are named by what was published, not by the run that tells of it: a run that
changes nothing adds nothing, and an item has the same name in every later run.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from typing import Any, Final, Literal

import polars as pl

from trends.tables import (
    CROSSING_SUMMARY,
    HISTORY,
    HISTORY_BARS,
    TRIPWIRES,
    WITHOUT_LAW,
)
from trends.words import score_words

Kind = Literal["headline", "crossing", "tripwire"]
Row = dict[str, Any]

_TAG: Final = "tag:benchmark-trends,2026"
"""Names of items (RFC 4151). No address: the project has none of its own."""


@dataclass(frozen=True)
class Item:
    """One change.

    Attributes:
        name: what it is about, unique and the same in every run.
        as_of: vintage that published it.
        kind: what changed.
        title: the change in a line.
        text: what stood before, and what stands now.
        bar: threshold and bar, where it is about one.
    """

    name: str
    as_of: date
    kind: Kind
    title: str
    text: str
    bar: str | None = None

    @property
    def uri(self) -> str:
        """Its identifier."""
        return f"{_TAG}:{self.name}"


def feed_uri() -> str:
    """Identifier of the feeds."""
    return f"{_TAG}:changes"


def news(tables: Mapping[str, pl.DataFrame]) -> list[Item]:
    """Every change, newest first.

    Args:
        tables: the published tables of a run by name.
    """
    items = [
        *_of_headlines(tables[HISTORY.name]),
        *_of_other_bars(tables[HISTORY_BARS.name]),
        *_of_alarms(tables[TRIPWIRES.name]),
    ]
    return sorted(items, key=lambda item: (-item.as_of.toordinal(), item.name))


def first_vintage(tables: Mapping[str, pl.DataFrame]) -> date:
    """The oldest vintage that was published; a feed without items is of that day."""
    published = tables[HISTORY.name].filter(pl.col("kind") != "replayed")
    known = (published["as_of"], tables[CROSSING_SUMMARY.name]["as_of"])
    first: date = pl.concat(known).min()  # type: ignore[assignment]
    return first


def _of_headlines(history: pl.DataFrame) -> Iterator[Item]:
    for before, after, as_of in _vintages(history, "threshold_id"):
        for name in sorted({*before, *after}):
            yield from _change(before.get(name), after.get(name), as_of)


def _of_other_bars(history: pl.DataFrame) -> Iterator[Item]:
    """Of them only crossings are news."""
    for before, after, as_of in _vintages(history, "threshold_id", "bar_id"):
        for name in sorted({*before} & {*after}):
            for item in _change(before[name], after[name], as_of):
                if item.kind == "crossing":
                    yield item


_Vintage = dict[tuple[str, ...], Row]


def _vintages(
    history: pl.DataFrame, *key: str
) -> Iterator[tuple[_Vintage, _Vintage, date]]:
    """Rows of each published vintage and of the one before, and its day."""
    published = history.filter((pl.col("kind") != "replayed") & pl.col("stands"))
    vintages: dict[date, _Vintage] = {}
    for row in published.sort("as_of", *key).iter_rows(named=True):
        vintages.setdefault(row["as_of"], {})[tuple(row[one] for one in key)] = row
    for (_, before), (as_of, after) in pairwise(vintages.items()):
        yield before, after, as_of


def _change(before: Row | None, after: Row | None, as_of: date) -> Iterator[Item]:
    if after is None:
        if before is not None:
            yield _item(before, as_of, "headline", "no longer forecast", _said(before))
    elif before is None:
        yield _item(after, as_of, "headline", f"new, {_when(after)}", _said(after))
    elif _is_crossed(before) != _is_crossed(after):
        what = _when(after)
        if _is_crossed(before):
            what = f"no longer counts as crossed, {what}"
        yield _item(after, as_of, "crossing", what, _both(before, after))
    elif moved := _moved(before, after):
        yield _item(after, as_of, "headline", moved, _both(before, after))


def _moved(before: Row, after: Row) -> str | None:
    """What is new of a headline; None if it moved within its months and ten points."""
    if _bar(before) != _bar(after):
        return f"bar {_bar(after)} (was {_bar(before)}), {_when(after)}"
    if before["trend"] != after["trend"]:
        return f"by {after['trend']} (was by {before['trend']}), {_when(after)}"
    if _is_crossed(after):
        return None
    status, when = "crossing_status", "when_label"
    dates = ("median_if_ever", "q10_date", "q90_date")
    if (
        before[status] != after[status]
        or _months(before, dates[:1]) != _months(after, dates[:1])
        or _points(before) != _points(after)
    ):
        return _news(_when(after), before[when], after[when])
    interval = "interval80_label"
    if _months(before, dates) != _months(after, dates):
        words = f"80% interval {after[interval]}"
        return _news(words, before[interval], after[interval])
    return None


def _news(now: str, before: str, after: str) -> str | None:
    """None where the words are the same, as of two headlines that are withheld."""
    return None if before == after else f"{now} (was {before})"


def _points(row: Row) -> int | None:
    """The probability of never in tenths: finer ones would be news every week."""
    never = row["p_never"]
    return None if never is None else round(10 * never)


def _months(row: Row, dates: Sequence[str]) -> list[str | None]:
    days = [row[name] for name in dates]
    return [None if day is None else f"{day:%Y-%m}" for day in days]


def _bar(row: Row) -> str:
    return score_words(row["bar_value"], row["score_unit"])


def _is_crossed(row: Row) -> bool:
    return bool(row["crossing_status"] == "already_crossed")


def _has_interval(row: Row) -> bool:
    return row["crossing_status"] not in WITHOUT_LAW


def _when(row: Row) -> str:
    label = str(row["when_label"])
    return f"if ever, {label}" if _has_interval(row) else label


def _said(row: Row) -> str:
    words = _when(row)
    if _has_interval(row):
        words = f"{words}, 80% interval {row['interval80_label']}"
    return f"as of {row['as_of']}: {words}; bar {_bar(row)}"


def _both(before: Row, after: Row) -> str:
    return f"{_said(after)}. Before, {_said(before)}"


def _item(row: Row, as_of: date, kind: Kind, what: str, text: str) -> Item:
    return Item(
        name=f"{kind}/{row['threshold_id']}.{row['bar_id']}/{as_of}",
        as_of=as_of,
        kind=kind,
        title=f"{row['threshold_label']}: {what}",
        text=f"{text[0].upper()}{text[1:]}.",
        bar=f"{row['threshold_id']}.{row['bar_id']}",
    )


def _of_alarms(tripwires: pl.DataFrame) -> Iterator[Item]:
    for row in tripwires.filter("alarm").iter_rows(named=True):
        since = row["alarm_since"]
        yield Item(
            name=f"tripwire/{row['series_id']}/{since}",
            as_of=since,
            kind="tripwire",
            title=f"{row['series_id']}: new figures broke its forecasts",
            text=f"Alarm since {since}: new figures lie outside what earlier vintages "
            "forecast of this benchmark. Of alarms that stand at most 5% are false on "
            "average.",
        )
