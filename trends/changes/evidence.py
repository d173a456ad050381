"""Which scores did it: what is new of one series, the most telling first."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal

import polars as pl

from trends.changes.coalitions import Difference
from trends.changes.families import changed_rows
from trends.changes.states import State
from trends.registry.series import Series
from trends.words import score_words

ROWS_SHOWN = 3
"""Scores written out; the others are counted."""

Cause = Literal[
    "new_benchmark",
    "new_record",
    "new_scores",
    "revised_scores",
    "watched_longer",
    "benchmark_entry",
]


@dataclass(frozen=True)
class News:
    """What became of one series between two vintages.

    Attributes:
        benchmark_id: its benchmark.
        title: of the benchmark.
        cause: the first that applies of: nothing of it was public; a new record; a
            record revised or withdrawn; other new or revised scores; a longer watch;
            an edited entry.
        rows: changed scores, as in ``changed_rows``, with ``score_change``; the
            standing record first.
        watched: through which day then and now; None then for a new benchmark.
        public_from: day from which anybody could know of a benchmark, if it is stated.
    """

    benchmark_id: str
    title: str
    cause: Cause
    rows: Sequence[Mapping[str, Any]]
    watched: tuple[date | None, date | None]
    public_from: date | None

    def words(self, since: date | None) -> str:
        """The news in a sentence's parts, with up to three scores.

        Args:
            since: the earlier day, after which scores became known.
        """
        shown = "; ".join(_row_words(row, since) for row in self.rows[:ROWS_SHOWN])
        more = len(self.rows) - ROWS_SHOWN
        parts = [shown + (f"; and {more} more" if more > 0 else "")] if shown else []
        if self.cause == "new_benchmark":
            is_late = since and self.public_from and self.public_from > since
            public = f", it is public since {self.public_from}" if is_late else ""
            parts.insert(0, f"no score of it was known{public}")
        elif self.cause == "new_scores":
            parts.append("no new record")
        elif self.cause == "benchmark_entry":
            parts.append("its entry in the registry was edited")
        then, now = self.watched
        if then is not None and now is not None and then != now:
            parts.append(f"watched through {now}, before through {then}")
        return "; ".join(parts) or "no score of it changed"


def news_of(difference: Difference, old: State, new: State, series: Series) -> News:
    """What became of a series.

    Args:
        difference: inputs of the two vintages.
        old: the earlier state.
        new: the later one.
        series: the series, as it is now.
    """
    name = series.series_id
    then_ids, now_ids = (_ids(one.scores[name]) for one in (old, new))
    records = [_ids(one.frontier[name]) for one in (old, new)]
    rows = [
        row | {"score_change": _change(row, records)}
        for row in changed_rows(
            difference.scores, [series.benchmark_id], among=(then_ids, now_ids)
        )
    ]
    rows.sort(key=lambda row: _tells(row, records))
    then, now = old.watched_through(name), new.watched_through(name)
    return News(
        benchmark_id=series.benchmark_id,
        title=series.benchmark.title,
        cause=_cause(rows, records, is_new=not then_ids, watched=then != now),
        rows=rows,
        watched=(then if then_ids else None, now),
        public_from=series.benchmark.first_public_on,
    )


def _cause(
    rows: Sequence[Mapping[str, Any]],
    records: Sequence[frozenset[str]],
    *,
    is_new: bool,
    watched: bool,
) -> Cause:
    if is_new and rows:
        return "new_benchmark"
    changes = {row["score_change"] for row in rows}
    if "new_record" in changes:
        return "new_record"
    either = records[0] | records[1]
    if any(row["change"] != "new" and row["observation_id"] in either for row in rows):
        return "revised_scores"
    if "new" in changes:
        return "new_scores"
    if rows:
        return "revised_scores"
    return "watched_longer" if watched else "benchmark_entry"


def _change(row: Mapping[str, Any], records: Sequence[frozenset[str]]) -> str:
    if row["change"] == "new" and row["observation_id"] in records[1]:
        return "new_record"
    return str(row["change"])


def _tells(
    row: Mapping[str, Any], records: Sequence[frozenset[str]]
) -> tuple[bool, bool, int, str]:
    """Records first, and of all the latest day first."""
    day = row["day"]
    return (
        row["score_change"] != "new_record",
        row["observation_id"] not in records[0] | records[1],
        0 if day is None else -day.toordinal(),
        row["observation_id"],
    )


def _ids(rows: pl.DataFrame) -> frozenset[str]:
    return frozenset(rows.get_column("observation_id"))


def _row_words(row: Mapping[str, Any], since: date | None) -> str:
    """One changed score: what it says, what it said before, and where it stands."""
    change = {"new_record": "new record"}.get(row["score_change"], row["score_change"])
    unit = row["score_unit"]
    before = []
    if row["score_before"] not in (None, row["score"]):
        before.append(score_words(row["score_before"], unit))
    if row["day_before"] not in (None, row["day"]):
        before.append(f"on {row['day_before']}")
    was = f", was {' '.join(before)}" if before else ""
    day, known_on = row["day"], row["known_on"]
    late = ""
    if None not in (since, day, known_on) and day <= since < known_on:
        late = f", known since {known_on}"
    return (
        f"{change} {row['model_name']} {score_words(row['score'], unit)} on "
        f"{day or 'no day'}{late}{was} ({row['source_file']}:{row['source_row']})"
    )
