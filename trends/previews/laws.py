"""Fits, crossing dates and scenarios of one side, as far as they are not at hand."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Final

import polars as pl

from trends.automation import CrossingTables, forecast_automation
from trends.crossings import Crossings, Vintage, cross_bars
from trends.fits import fit_or_leave_out
from trends.fits.failures import SeriesError
from trends.pipeline.guards import as_reasons, without
from trends.pipeline.marks import with_marks
from trends.pipeline.scenarios import fitted_dependence
from trends.previews.sides import Side, by_series, differing
from trends.registry import Registry, Threshold, TrendFamily
from trends.registry.published import thresholds_table
from trends.registry.series import Series
from trends.tables import AUTOMATION, CROSSING_CDF, CROSSING_SUMMARY, WITHOUT_LAW

RUN_ID: Final = "preview"

Key = tuple[str, str, str]
"""Threshold, bar and trend."""


@dataclass(frozen=True)
class Laws:
    """What a side says, bar by bar and scenario by scenario.

    Attributes:
        side: the side.
        fits: TREND_FITS rows of every series.
        left_out: series that cannot be computed, each with the reason.
        summary: CROSSING_SUMMARY rows, but for what compares vintages and families.
        cdf: CROSSING_CDF rows, at least of the bars that scenarios name.
        automation: AUTOMATION rows.
    """

    side: Side
    fits: pl.DataFrame
    left_out: Mapping[str, str]
    summary: pl.DataFrame
    cdf: pl.DataFrame
    automation: pl.DataFrame


Fits = tuple[pl.DataFrame, Mapping[str, str]]
"""TREND_FITS rows, and the series left out."""


def laws_of(
    side: Side,
    at_hand: Laws | None,
    fits: Fits | None = None,
    *,
    asked: Collection[Key] = (),
) -> Laws:
    """What the side says.

    Args:
        side: the side.
        at_hand: laws under the same cut-off and draws, from which all is taken that
            is made from the same entries and scores.
        fits: those of the side, where they are known.
        asked: bars and trends whose laws are written out besides those of scenarios.
    """
    stands = at_hand is not None and side.is_as(at_hand.side)
    if at_hand is not None and stands and not _without_cdf(at_hand, set(asked)):
        return at_hand
    left_out: Mapping[str, str] = {}
    while True:
        found, left_out = fits or _fits(side, at_hand, left_out)
        try:
            return _laws(side, at_hand, found, left_out, {*asked})
        except SeriesError as error:
            if error.series_id in left_out:
                raise
            left_out = {**left_out, error.series_id: error.why}
            at_hand = fits = None


def fit_all(side: Side, left_out: Mapping[str, str]) -> Fits:
    """Every family of every series."""
    return _fit(side, side.series, left_out)


def _fits(side: Side, at_hand: Laws | None, left_out: Mapping[str, str]) -> Fits:
    """Only what the side's own scores and entries decide, and what leans on others.

    Records and drift lean on the pool of all series, other families on their own alone.
    """
    if at_hand is None:
        return fit_all(side, left_out)
    if side.is_fitted_as(at_hand.side):
        return at_hand.fits, at_hand.left_out
    anew = side.refitted(at_hand.side)
    fits, failed = _fit(
        side,
        [one if one.series_id in anew else _leaning_only(one) for one in side.series],
        left_out,
    )
    if failed or at_hand.left_out:
        return fit_all(side, left_out)
    kept = at_hand.fits.filter(
        pl.col("series_id").is_in([one.series_id for one in side.series]),
        ~pl.col("series_id").is_in(list(anew)),
        ~pl.col("trend").is_in([one.value for one in TrendFamily if one.leans]),
    )
    return pl.concat([fits, kept]), failed


def _leaning_only(series: Series) -> Series:
    trends = [one for one in series.benchmark.trends if one.leans]
    return replace(
        series, benchmark=series.benchmark.model_copy(update={"trends": trends})
    )


def _fit(side: Side, series: list[Series], left_out: Mapping[str, str]) -> Fits:
    fits, failed = fit_or_leave_out(
        without(side.frontier, left_out),
        without(side.scores, left_out),
        series,
        wanted=sorted(one.series_id for one in series),
        as_of=side.settings.as_of,
        run_id=RUN_ID,
        missing=side.missing | as_reasons(dict(left_out)),
        weights=side.registry.weights,
    )
    return fits, {**left_out, **failed}


def _laws(
    side: Side,
    at_hand: Laws | None,
    fits: pl.DataFrame,
    left_out: Mapping[str, str],
    asked: set[Key],
) -> Laws:
    in_full = {*_gates(side.registry), *asked}
    kept = set()
    if at_hand is not None:
        kept = _standing_thresholds(side, fits, at_hand, in_full)
    anew = [pair for pair in side.thresholds if pair[0].id not in kept]
    crossings = _crossings(side, fits, left_out, anew, in_full)
    if at_hand is not None:
        crossings = _joined(crossings, at_hand, kept)
    if at_hand is not None and not anew and _same_scenarios(side, at_hand.side):
        automation = at_hand.automation
    else:
        automation = _scenarios(side, crossings)
    return Laws(side, fits, left_out, crossings.summary, crossings.cdf, automation)


def _standing_thresholds(
    side: Side, fits: pl.DataFrame, at_hand: Laws, in_full: set[Key]
) -> set[str]:
    """Thresholds all of whose rows are at hand."""
    if side.common != at_hand.side.common:
        return set()
    if not side.quarantine.equals(at_hand.side.quarantine, null_equal=True):
        return set()
    moved = side.refitted(at_hand.side)
    if fits is not at_hand.fits:
        moved |= differing(by_series(timeless(fits)), by_series(timeless(at_hand.fits)))
    unwritten = _without_cdf(at_hand, in_full)
    known = {
        threshold.id: (threshold, one) for threshold, one in at_hand.side.thresholds
    }
    return {
        threshold.id
        for threshold, series in side.thresholds
        if known.get(threshold.id) == (threshold, series)
        and series.series_id not in moved
        and threshold.id not in unwritten
    }


def _without_cdf(at_hand: Laws, in_full: set[Key]) -> set[str]:
    """Thresholds of bars that are asked for anew, whose law was not written out."""
    key = ["threshold_id", "bar_id", "trend"]
    has_law = ~pl.col("crossing_status").is_in(WITHOUT_LAW)
    lacking = at_hand.summary.filter(has_law).join(at_hand.cdf, on=key, how="anti")
    return {one[0] for one in lacking.select(key).iter_rows() if one in in_full}


def timeless(fits: pl.DataFrame) -> pl.DataFrame:
    """Fits in an order of their own, without the run that they are of."""
    return fits.drop("run_id").sort("series_id", "trend", "ceiling", nulls_last=True)


def _crossings(
    side: Side,
    fits: pl.DataFrame,
    left_out: Mapping[str, str],
    thresholds: list[tuple[Threshold, Series]],
    in_full: set[Key],
) -> Crossings:
    settings = side.settings
    crossings = cross_bars(
        fits,
        without(side.scores, left_out),
        without(side.frontier, left_out),
        thresholds,
        vintage=Vintage.of(
            side.registry,
            as_of=settings.as_of,
            run_id=RUN_ID,
            seed=settings.seed,
            n_draws=settings.n_draws,
        ),
        cdf_only=in_full,
    )
    marked = with_marks(
        crossings.summary,
        side.quarantine,
        thresholds,
        registry=side.registry,
        as_of=settings.as_of,
    )
    return replace(crossings, summary=marked)


def _joined(anew: Crossings, at_hand: Laws, kept: set[str]) -> Crossings:
    """The rows that were worked out beside those that stand."""
    ours = pl.col("threshold_id").is_in(list(kept))
    return Crossings(
        summary=CROSSING_SUMMARY.conform(
            pl.concat([anew.summary, at_hand.summary.filter(ours)])
        ),
        quantiles=anew.quantiles,
        cdf=CROSSING_CDF.conform(pl.concat([anew.cdf, at_hand.cdf.filter(ours)])),
    )


def _gates(registry: Registry) -> Iterable[Key]:
    """Every bar and trend that a scenario may name: headlines, and its own list."""
    for threshold in registry.thresholds.values():
        trend = threshold.headline_trend.value
        yield from ((threshold.id, bar.id, trend) for bar in threshold.bars)
    for scenario in registry.scenarios.values():
        for dimension in scenario.dimensions.values():
            for gate in dimension.gates:
                if gate.trend is not None:
                    yield gate.threshold, gate.bar, gate.trend.value


def _same_scenarios(side: Side, other: Side) -> bool:
    """Whether scenarios say the same of the same bars."""
    bars, others = (
        {threshold.id for threshold, _ in one.thresholds} for one in (side, other)
    )
    return side.registry.scenarios == other.registry.scenarios and bars == others


def _scenarios(side: Side, crossings: Crossings) -> pl.DataFrame:
    """AUTOMATION rows; what others have stated stays as it is."""
    ours = replace(
        side.registry, reference_forecasts={}, essay_claims={}, labour_ratios={}
    )
    return forecast_automation(
        CrossingTables(
            thresholds=thresholds_table(side.thresholds),
            summary=crossings.summary,
            cdf=crossings.cdf,
            observations=side.figures,
        ),
        ours,
        fitted=fitted_dependence(side.registry.weights),
        replayed=AUTOMATION.frame([]),
        as_of=side.settings.as_of,
        run_id=RUN_ID,
    )[AUTOMATION]
