"""What a guard past ingest refuses costs its series, and names file and line.

A series is left out by what its rows break in a suite, or because it cannot be
computed; all others are then computed as if it were not there.
"""

from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from typing import Final

import polars as pl

from trends.frontier import select_series_scores
from trends.pipeline.plan import Plan
from trends.tables import Table
from trends.tables.slices import CHECKED_ROWS, Frame, slices
from trends.validation import ValidationError, in_one_report, validate

LeftOut = dict[str, str]
"""Series left out, by id, each with what was found and where."""

_MOST_LINES: Final = 5


class Guard:
    """The suites of a run's tables, read as judges of series."""

    def __init__(self, plan: Plan, known: pl.DataFrame) -> None:
        """Know what the series were read from.

        Args:
            plan: the run.
            known: the OBSERVATIONS rows that its series are read from.
        """
        self._plan = plan
        self._known = known
        self._of_threshold = {
            threshold.id: series.series_id for threshold, series in plan.thresholds
        }

    @cached_property
    def _places(self) -> pl.DataFrame:
        """Where each score was read of all series, also of those left out."""
        scores = select_series_scores(self._known, self._plan.series)
        places = self._known.select("observation_id", "source_file", "source_row")
        return scores.select("series_id", "observation_id", "frontier_date").join(
            places, on="observation_id", how="left", maintain_order="left"
        )

    def check(
        self, table: Table, frame: Frame, left_out: Mapping[str, str]
    ) -> tuple[dict[str, object], LeftOut]:
        """What the table's suite found, and the series that its rows cost.

        Rows that are not in memory are checked a part at a time. Rows of series that
        are left out already hold words only and cost no more.

        Raises:
            RequestError: the suites are not those that the run was planned with.
            ValidationError: the table breaks a critical expectation as a whole, or in
                a row that belongs to no series.
        """
        parts = [frame] if isinstance(frame, pl.DataFrame) else _parts(table, frame)
        reports: list[dict[str, object]] = []
        broken: dict[str, list[tuple[str, pl.DataFrame]]] = {}
        for part in parts:
            checked = validate(
                part,
                table=table,
                suites=self._plan.workspace.expectations,
                registry=self._plan.registry,
                rows_stop=False,
            )
            reports.append(checked.report)
            for row in checked.quarantine.iter_rows(named=True):
                raise ValidationError(
                    f"{table.name} would be published with bad rows: "
                    f"{row['source_file']}, line {row['source_row']}: {row['reason']}"
                )
            for position, words in checked.broken.items():
                series_id = self._series_of(part.row(position, named=True))
                if series_id is None:
                    raise ValidationError(f"{table.name}: {words}")
                if series_id not in left_out:
                    broken.setdefault(series_id, []).append((words, part[[position]]))
        self._plan.require_its_suites()
        found = {
            series_id: self._words(
                series_id, rows[0][0], pl.concat(row for _, row in rows)
            )
            for series_id, rows in broken.items()
        }
        return in_one_report(reports), found

    def where(self, series_id: str) -> str:
        """File and lines of the first and the last scores of a series."""
        ours = self._places.filter(pl.col("series_id") == series_id)
        by_day = ours.sort("frontier_date", maintain_order=True)
        return _lines(
            pl.concat([by_day.tail(_MOST_LINES - 1), by_day.head(1)]).unique()
        )

    def _series_of(self, row: Mapping[str, object]) -> str | None:
        if "series_id" in row:
            return str(row["series_id"])
        return self._of_threshold.get(str(row.get("threshold_id")))

    def _words(self, series_id: str, first: str, rows: pl.DataFrame) -> str:
        more = f" and {len(rows) - 1} more rows" if len(rows) > 1 else ""
        where = self.where(series_id)
        if "observation_id" in rows.columns:
            ids = rows.get_column("observation_id").implode()
            ours = self._places.filter(
                (pl.col("series_id") == series_id) & pl.col("observation_id").is_in(ids)
            )
            where = _lines(ours)
        return f"{first}{more} ({where})" if where else f"{first}{more}"


def without(frame: pl.DataFrame, left_out: Mapping[str, str]) -> pl.DataFrame:
    """The rows of the other series."""
    return frame.filter(~pl.col("series_id").is_in(list(left_out)))


def as_reasons(left_out: Mapping[str, str]) -> dict[str, str]:
    """For each series left out, the words for its rows."""
    return {name: f"left out: {why}" for name, why in left_out.items()}


def _parts(table: Table, frame: pl.LazyFrame) -> Iterator[pl.DataFrame]:
    """Rows that a suite compares with one another are in the same part."""
    return slices(frame.select(table.schema.names()), table.key[0], rows=CHECKED_ROWS)


def _lines(places: pl.DataFrame) -> str:
    """As "a.csv:3, a.csv:17 and 2 more"."""
    rows: Sequence[tuple[str, int]] = (
        places.select("source_file", "source_row").unique().sort(pl.all()).rows()
    )
    named = ", ".join(f"{file}:{line}" for file, line in rows[:_MOST_LINES])
    more = len(rows) - _MOST_LINES
    return f"{named} and {more} more" if more > 0 else named
