"""Why a date moved: the change split among inputs and code, exactly.

Inputs that changed are put back one by one, in every order (Shapley). What no input
explains is the code's: the distance between the published numbers and the same inputs
run today, at either end. So the parts sum to the published change, always.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from types import MappingProxyType
from typing import Final

import polars as pl

from trends.changes.amounts import Amount, total
from trends.changes.coalitions import Difference
from trends.changes.inputs import Inputs
from trends.changes.said import RowKey, SaidIn, day_to_compare
from trends.changes.shapley import Coalition, coalitions, shapley
from trends.crossings import Crossings, Vintage, cross_bars
from trends.fits import fit_trends
from trends.fits.leaning import LeaningFits
from trends.frontier import select_frontier, select_series_scores
from trends.outputs import read_table, scan_as_written
from trends.registry.series import Series, every_series, select_series
from trends.tables import (
    CROSSING_CDF,
    CROSSING_QUANTILES,
    CROSSING_SUMMARY,
    LAW_KEY,
    Table,
)

CODE: Final = "code"
MIXED: Final = "mixed"


@dataclass(frozen=True)
class Split:
    """The change of one row between two vintages, and its parts.

    Attributes:
        key: the row.
        before: when, if ever, in words, and how likely never was.
        after: the same now.
        unit: ``days`` of the date if ever; ``probability`` of a crossing by ``by_date``
            where such a date is missing before, after or on the way.
        by_date: that day; None in days.
        total: the published change, of that and of the probability of never.
        parts: each cause's share of it, code included; they sum to ``total``.
    """

    key: RowKey
    before: str
    after: str
    unit: str
    by_date: date | None
    total: Amount
    parts: dict[str, Amount]

    @property
    def main_cause(self) -> str:
        """The cause of more than half of all movement, to and fro; else mixed."""
        sizes = {cause: part.size(self.unit) for cause, part in self.parts.items()}
        cause = max(sizes, key=lambda one: sizes[one])
        return cause if 2 * sizes[cause] > sum(sizes.values()) else MIXED


def rerun(inputs: Inputs, rows: Sequence[RowKey]) -> Crossings:
    """Crossing tables of the thresholds and trends that ``rows`` name, as published.

    The same path as the pipeline's, on the same pool of series, without its checks.
    A threshold that the registry lacks has no rows.
    """
    registry = inputs.registry
    wanted = {
        name: [trend for threshold, _, trend in rows if threshold == name]
        for name in dict.fromkeys(threshold for threshold, _, _ in rows)
        if name in registry.thresholds
    }
    thresholds = [
        (
            threshold.model_copy(
                update={"trends": [t for t in threshold.trends if t in trends]}
            ),
            select_series(threshold.series, registry),
        )
        for name, trends in wanted.items()
        for threshold in [registry.thresholds[name]]
    ]
    views = [series for _, series in thresholds]
    series, scores, frontier = gather(inputs, views)
    vintage = Vintage(
        as_of=inputs.as_of,
        run_id="rerun",
        seed=inputs.seed,
        n_draws=inputs.n_draws,
        weights=registry.weights,
    )
    fits = fit_trends(
        frontier,
        scores,
        series,
        wanted=sorted({one.series_id for one in views}),
        as_of=vintage.as_of,
        run_id=vintage.run_id,
        missing={},
        weights=registry.weights,
    )
    return cross_bars(fits, scores, frontier, thresholds, vintage=vintage)


def observe(inputs: Inputs) -> LeaningFits:
    """What every series shows, as ``rerun`` compares them with each other."""
    series, scores, frontier = gather(inputs, [])
    return LeaningFits.of(
        series, frontier, scores, as_of=inputs.as_of, weights=inputs.registry.weights
    )


def gather(
    inputs: Inputs, views: Iterable[Series]
) -> tuple[list[Series], pl.DataFrame, pl.DataFrame]:
    """Every series, these views included, with SERIES_SCORES and FRONTIER rows."""
    everything = [*every_series(inputs.registry), *views]
    series = list({one.series_id: one for one in everything}.values())
    scores = select_series_scores(inputs.observations, series)
    return series, scores, select_frontier(scores, series)


def split_changes(
    difference: Difference,
    *,
    before: Crossings,
    after: Crossings,
    rows: Sequence[RowKey],
    known: Mapping[Coalition, Crossings] = MappingProxyType({}),
) -> list[Split | None]:
    """Split the change of each row from one published vintage to another.

    Args:
        difference: inputs of the two.
        before: tables that the old one published (``quantiles`` is not read).
        after: tables that the new one published.
        rows: rows that stand in both.
        known: what today's code makes of some coalitions, where that is known already.

    Returns:
        One split a row, or None where some re-run estimates nothing at all, so that
        neither scale has a number.
    """
    causes = difference.causes()
    reruns = {
        some: known[some] if some in known else rerun(difference.combine(some), rows)
        for some in coalitions(causes)
    }
    return [_split(key, causes, reruns, before, after) for key in rows]


def name_causes(summary: pl.DataFrame, splits: Sequence[Split]) -> pl.DataFrame:
    """CROSSING_SUMMARY with the main cause of each split in ``change_cause``."""
    found = pl.DataFrame(
        [(*split.key, split.main_cause) for split in splits],
        schema=[*LAW_KEY, "main_cause"],
        schema_overrides=dict.fromkeys([*LAW_KEY, "main_cause"], pl.String),
        orient="row",
    )
    joined = summary.join(found, on=LAW_KEY, how="left", maintain_order="left")
    return joined.with_columns(
        change_cause=pl.coalesce("main_cause", "change_cause")
    ).select(summary.columns)


def published_tables(run: Path, rows: pl.DataFrame | None = None) -> Crossings:
    """The crossing tables of a published run.

    Args:
        run: its folder.
        rows: those whose quantiles and CDF are read; None for all.
    """
    quantiles, cdf = (
        read_table(run, table) if rows is None else _of_rows(run, table, rows)
        for table in (CROSSING_QUANTILES, CROSSING_CDF)
    )
    return Crossings(read_table(run, CROSSING_SUMMARY), quantiles, cdf)


def _of_rows(run: Path, table: Table, rows: pl.DataFrame) -> pl.DataFrame:
    """Some rows of a large table, without holding the others."""
    asked = rows.lazy().select(LAW_KEY)
    found = scan_as_written(run, table).join(asked, on=LAW_KEY, how="semi")
    return table.conform(table.filled_up(found.collect(engine="streaming")))


@dataclass(frozen=True)
class Measured:
    """One row of several tables as numbers that can be split.

    Attributes:
        by_date: None for dates if ever; the day of the probabilities.
        values: one a table.
    """

    by_date: date | None
    values: list[Amount]

    @property
    def unit(self) -> str:
        """As in ``Split``."""
        return "days" if self.by_date is None else "probability"


def measure(
    key: RowKey, before: Crossings, after: Crossings, others: Iterable[Crossings]
) -> Measured | None:
    """The row in both published vintages and in others; None if one lacks a number."""
    said = [SaidIn(one, [key]).get(key) for one in (before, after, *others)]
    known = [one for one in said if one is not None]
    if len(known) < len(said):
        return None
    for by_date in (None, day_to_compare(known[0], known[1])):
        numbers = [one.number(by_date) for one in known]
        found = [one for one in numbers if one is not None]
        if len(found) == len(numbers):
            return Measured(by_date, found)
    return None


def _split(
    key: RowKey,
    causes: Sequence[str],
    reruns: dict[Coalition, Crossings],
    before: Crossings,
    after: Crossings,
) -> Split | None:
    measured = measure(key, before, after, reruns.values())
    if measured is None:
        return None
    start, end, *worths = measured.values
    worth = dict(zip(reruns, worths, strict=True))
    values = shapley(causes, lambda some: worth[some].value)
    nevers = shapley(causes, lambda some: worth[some].never)
    parts = {cause: Amount(values[cause], nevers[cause]) for cause in causes}
    parts[CODE] = (end - start) - total(parts.values())
    return Split(
        key=key,
        before=_label(before, key),
        after=_label(after, key),
        unit=measured.unit,
        by_date=measured.by_date,
        total=end - start,
        parts=parts,
    )


def _label(tables: Crossings, key: RowKey) -> str:
    said = SaidIn(tables, [key]).get(key)
    if said is None:
        raise KeyError(f"no row {key}")
    return said.label
