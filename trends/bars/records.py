"""Which published score is the standing record of a bar."""

from collections.abc import Iterator
from typing import Any, Final

import polars as pl

from trends.bars.models import Score
from trends.words import score_words

Row = dict[str, Any]


class Records:
    """Where records stand among the observations."""

    def __init__(self, observations: pl.DataFrame, summary: pl.DataFrame) -> None:
        """Find the OBSERVATIONS rows that may be the record of a bar in ``summary``."""
        counted_on = pl.coalesce("release_date", "release_latest")
        records = summary.select(
            model_name="frontier_model_name", counted_on="frontier_date"
        )
        dated = observations.with_columns(counted_on=counted_on).join(
            records,
            on=["model_name", "counted_on"],
            how="semi",
            maintain_order="left",
        )
        self._rows: dict[tuple[object, ...], list[Row]] = {}
        for row in dated.select(*_IDENTIFIES, *_OF_RECORD).iter_rows(named=True):
            self._rows.setdefault(self._key(row), []).append(row)

    @staticmethod
    def _key(row: Row) -> tuple[object, ...]:
        return tuple(row[name] for name in _IDENTIFIES)

    def of(self, row: Row, benchmark_id: str) -> Score | None:
        """The standing record of a CROSSING_SUMMARY row.

        Where several rows print it, none is named as the row, but their source is if
        they share it.
        """
        if row["frontier_score"] is None:
            return None
        key = (benchmark_id, row["frontier_model_name"], row["frontier_date"])
        rows = self._rows.get(key, [])
        # a value out of the suite's range stands in the summary as a bound
        found = [one for one in rows if one["score"] == row["frontier_score"]] or rows
        marked = [one for one in found if one["is_record"]] or found
        return Score(
            model=row["frontier_model_name"],
            score=row["frontier_score"],
            label=score_words(row["frontier_score"], row["score_unit"]),
            date=row["frontier_date"],
            reported_on=_only(one["reported_on"] for one in marked),
            reporter=_only(one["reporter"] for one in marked),
            source_url=_only(one["source_url"] for one in marked),
            source_row=_only(
                f"{one['source_file']}:{one['source_row']}" for one in marked
            ),
            observation_id=_only(one["observation_id"] for one in marked),
        )


_IDENTIFIES: Final = ("benchmark_id", "model_name", "counted_on")

_OF_RECORD: Final = (
    "score",
    "is_record",
    "reported_on",
    "reporter",
    "source_url",
    "source_file",
    "source_row",
    "observation_id",
)


def _only(values: Iterator[Any]) -> Any:
    """The one value that all share; None where they differ or there are none."""
    found = set(values)
    return found.pop() if len(found) == 1 else None
