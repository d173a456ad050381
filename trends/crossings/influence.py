"""How far one other family of benchmarks moves a headline: its dates, and never.

Records and drift lean on the other families, for their variances and through the pool.
Each is left out in turn, and what is left is fitted again, as if the family had never
been there. Of many only those are tried that seem to move most.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt
import polars as pl

from trends.crossings.answers import Answer
from trends.crossings.leaning import LeaningBar, open_bar
from trends.crossings.looks import FitRow, Looks
from trends.crossings.vintage import Vintage
from trends.dates import DAYS_PER_YEAR
from trends.fits.failures import about
from trends.fits.leaning import LeaningFits
from trends.fits.links import Floats
from trends.fits.panels import NearlyWithout
from trends.fits.votes import Votes
from trends.frontier import Parts
from trends.registry.models import Threshold, TrendFamily
from trends.registry.series import Series
from trends.tables import CROSSING_SUMMARY
from trends.words.moves import move_size

N_TRIED: Final = 8
"""Families left out in earnest; besides those without which the pool is another."""

_STEP: Final = 0.05
"""Of a finite difference: relative, and of the pool's mean in its standard deviations."""

_COLUMNS: Final = (
    "pool_influence_days",
    "pool_influence_family",
    "pool_influence_if_ever_days",
    "pool_influence_if_ever_family",
    "pool_influence_p_never",
)


class Influence(NamedTuple):
    """The largest move of a date when one other family is left out.

    Attributes:
        days: later is positive; 0 where none moves it; None where the date comes or
            goes with the family, or where there is none with or without it.
        family_id: that family; None where none moves it.
        p_never: by how much never is likelier without it; 0 where none moves it, None
            without a law.
    """

    days: int | None = None
    family_id: str | None = None
    p_never: float | None = None


def with_pool_influence(
    summary: pl.DataFrame,
    *,
    trend_fits: pl.DataFrame,
    series_scores: pl.DataFrame,
    frontier: pl.DataFrame,
    series: Iterable[Series],
    thresholds: Sequence[tuple[Threshold, Series]],
    vintage: Vintage,
    n_tried: int = N_TRIED,
    known: Votes | None = None,
    looks: dict[str, Looks] | None = None,
) -> pl.DataFrame:
    """CROSSING_SUMMARY with the columns of influence.

    Only headlines whose law leans on others have them. Release dates are drawn
    as for the row itself, so that nothing but the family differs.

    Args:
        summary: rows of this vintage.
        trend_fits: TREND_FITS rows of the series that thresholds speak of.
        series_scores: SERIES_SCORES rows of all series of the vintage.
        frontier: FRONTIER rows of all of them.
        series: all of them.
        thresholds: each threshold with its series.
        vintage: cut-off, run id, seed, number of draws and weights.
        n_tried: how many of the families that seem to move most are left out.
        known: what all series say of each other, where that is known already; the rows
            may then be those of the thresholds' series only.
        looks: at the figures of each series, taken up and added to.
    """
    leaning = LeaningFits.of(
        series,
        frontier,
        series_scores,
        as_of=vintage.as_of,
        weights=vintage.weights,
        votes=known,
    )
    found = []
    of_fits, of_scores, of_records = (
        Parts(table, "series_id") for table in (trend_fits, series_scores, frontier)
    )
    looks = {} if looks is None else looks
    for threshold, one in thresholds:
        with about(one.series_id, f"influence of the pool on {threshold.id}"):
            if not threshold.headline_trend.leans_in_part:
                continue
            name = one.series_id
            figures = Looks(one, of_scores[name], of_records[name])
            headline = open_bar(
                threshold,
                looks.setdefault(name, figures),
                bar_id=next(bar.id for bar in threshold.bars if bar.headline),
                trend=threshold.headline_trend,
                fits=of_fits[name],
                vintage=vintage,
            )
            if isinstance(headline, LeaningBar):
                median, if_ever = _largest_influences(headline, leaning, n_tried)
                found.append((threshold.id, median.days, median.family_id, *if_ever))
    names = ("threshold_id", *_COLUMNS)
    influences = pl.DataFrame(
        found, schema={one: CROSSING_SUMMARY.schema[one] for one in names}, orient="row"
    ).with_columns(is_headline=True)
    joined = summary.drop(_COLUMNS).join(
        influences, on=["threshold_id", "is_headline"], how="left"
    )
    return CROSSING_SUMMARY.conform(joined)


def _largest_influences(
    headline: LeaningBar, leaning: LeaningFits, n_tried: int
) -> tuple[Influence, Influence]:
    """Of the median, and of when, if ever, and how likely never is."""
    name, family = headline.series_id, headline.family
    rows = leaning.rows(name, family)
    answer = headline.answer(rows)
    law = answer.distribution
    if law is None or rows[0]["fit_status"] != "fitted":
        return Influence(), Influence()
    day = law.quantile(0.5) or law.projection_end
    years = max((day - law.start).days, 1) / DAYS_PER_YEAR
    if family is TrendFamily.RECORDS:
        tried = _most_felt(headline, rows, leaning, years, n_tried)
    else:
        nearly = leaning.drifts.nearly_without(name)
        moves = _moves(headline, rows, nearly, years)
        tried = _most(nearly.family_ids, moves, nearly.regroups, n_tried)
    without = {
        one: headline.answer(leaning.rows(name, family, without=one)) for one in tried
    }
    nevers = {
        one: other.distribution.p_never - law.p_never
        for one, other in without.items()
        if other.distribution is not None
    }
    if_ever = {one: other.if_ever for one, other in without.items()}
    return (
        _largest(answer, without, {}),
        _largest(answer.if_ever, if_ever, nevers),
    )


def _largest(
    answer: Answer, without: Mapping[str, Answer], nevers: Mapping[str, float]
) -> Influence:
    """A date that comes or goes is the largest of moves; of several, in probability.

    Args:
        answer: with all families.
        without: with one of them left out.
        nevers: how much likelier never is then, where that counts as a move.
    """
    median = answer.date_at(0.5)
    medians = {family: other.date_at(0.5) for family, other in without.items()}
    comes_or_goes = {
        family: abs(_reached(other) - _reached(answer))
        for family, other in without.items()
        if (medians[family] is None) != (median is None)
    }
    if comes_or_goes:
        family = max(comes_or_goes, key=comes_or_goes.__getitem__)
        return Influence(None, family, nevers.get(family))
    if median is None:
        return Influence()
    days = {
        family: (day - median).days
        for family, day in medians.items()
        if day is not None
    }
    sizes = {family: move_size(days[family], nevers.get(family)) for family in days}
    largest = max(sizes, key=sizes.__getitem__, default=None)
    if largest is None or not sizes[largest]:
        return Influence(0, None, 0.0)
    return Influence(days[largest], largest, nevers.get(largest))


def _reached(answer: Answer) -> float:
    law = answer.distribution
    return 0.0 if law is None else law.p_by_projection_end


def _most(
    families: Sequence[str], moves: Floats, in_any_case: npt.NDArray[np.bool_], n: int
) -> list[str]:
    """Families whose absence makes another pool, and those that seem to move most."""
    most = np.argsort(-np.abs(moves), kind="stable")[:n]
    tried = {*np.flatnonzero(in_any_case).tolist(), *most.tolist()}
    return [families[place] for place in sorted(tried)]


def _most_felt(
    headline: LeaningBar,
    rows: Sequence[FitRow],
    leaning: LeaningFits,
    years: float,
    n_tried: int,
) -> list[str]:
    """Families whose absence seems to move P(crossed) most.

    As for the drift by the median, to first order, with release dates as in the rows.
    """
    bars = [headline.bar]

    def felt(row: FitRow) -> tuple[list[str], Floats]:
        level = float(headline.ladder.on_records_scale(row, bars)[0])
        nearly = leaning.records.nearly_without(headline.series_id, row["ceiling"])
        return nearly.family_ids, nearly.moves(level, years)

    shares = headline.ladder.shares(rows, bars)[:, 0]
    told = [
        (share, *felt(row)) for row, share in zip(rows, shares, strict=True) if share
    ]
    if not told:
        return []
    moves = np.sum([share * moves for share, _, moves in told], axis=0)
    # the same families under every ceiling
    return _most(told[0][1], moves, np.isinf(moves), n_tried)


def _moves(
    headline: LeaningBar,
    rows: Sequence[FitRow],
    nearly: NearlyWithout,
    years: float,
) -> Floats:
    """About how much each family's absence moves P(crossed by the median), shape (n,).

    Where there is no median, by projection_end. To first order, with release dates as
    they stand in the rows.
    """

    def passed(slope: float, spread: float, variance: float) -> float:
        """With the pool's mean so many SDs higher, its SD and sigma^2 multiplied."""
        changed = [_changed(row, slope, spread, variance) for row in rows]
        return headline.ladder.chance(changed, headline.bar, years=years)

    up, down = 1 + _STEP, 1 - _STEP
    by_slope = passed(_STEP, 1, 1) - passed(-_STEP, 1, 1)
    by_spread = passed(0, up, 1) - passed(0, down, 1)
    by_variance = passed(0, 1, up) - passed(0, 1, down)
    sd = rows[0]["pool_drift_sd"] or np.inf
    return (
        by_slope * nearly.slope_moves / sd
        + by_spread * nearly.drift_sd_moves / sd
        + by_variance * (nearly.variance_factors - 1)
    ) / (2 * _STEP)


def _changed(row: FitRow, slope: float, spread: float, variance: float) -> FitRow:
    sigma2 = row["sigma2_per_year"] * variance
    if row["pool"] is None:
        return {**row, "sigma2_per_year": sigma2}
    sd = row["pool_drift_sd"]
    return {
        **row,
        "pool_slope_per_year": row["pool_slope_per_year"] + slope * sd,
        "pool_drift_sd": sd * spread,
        "sigma2_per_year": sigma2,
    }
