"""The code that publishes dates, as methods that can be asked about a sample."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

import polars as pl

from trends.coverage.tables import END
from trends.coverage.worlds import Estimand, Sample
from trends.crossings.families import Draws, Ladder, OpenBar
from trends.crossings.looks import Looks
from trends.crossings.outcomes import Outcome, pool_outcomes
from trends.dates import years_since
from trends.fits.drift import fit_drifts
from trends.fits.lines import Row, fit_straight_lines, growth_columns, line_columns
from trends.fits.links import Floats, Link
from trends.fits.quantile import fit_quantile
from trends.fits.records import RecordFits
from trends.fits.regression import LineFit, fit_line
from trends.fits.sigmoid import fit_logistic3
from trends.frontier import select_frontier
from trends.registry.models import TrendFamily
from trends.tables import TREND_FITS

PROJECTION_END: Final = date(2050, 12, 31)

N_DRAWS: Final = 2000

Question = tuple["Method", Estimand]
"""A method, and what its dates are held against."""

Fitter = Callable[[Sample, pl.DataFrame], list[Row]]
"""TREND_FITS rows of a sample, given the rows that count as its records."""


@dataclass(frozen=True)
class Method:
    """A way to date crossings.

    Attributes:
        name: in the tables of the report.
        family: whose laws of crossing dates it uses.
        fit: None for the pool of the methods asked before it.
    """

    name: str
    family: TrendFamily
    fit: Fitter | None


@dataclass(frozen=True)
class Asked:
    """What one method said of one sample.

    Attributes:
        method: the method.
        estimand: whose open bars it was asked about.
        rows: what it fitted.
        outcomes: one an open bar.
    """

    method: Method
    estimand: Estimand
    rows: list[Row]
    outcomes: list[Outcome]


LineFitter = Callable[[Floats, Floats, Floats], LineFit]
"""A line from years, levels and their known variances, as ``fit_line``."""


def ask_all(
    sample: Sample,
    questions: Sequence[Question],
    *,
    selected: bool,
    seed: int,
) -> list[Asked]:
    """Ask each method about the open bars of its estimand.

    Args:
        sample: the series.
        questions: in order; a pool is of those before it.
        selected: whether lines are fitted to records, as they are published, or to
            all releases.
        seed: of the draws.
    """
    records = (
        select_frontier(sample.scores, [sample.series]) if selected else sample.scores
    )
    answers: list[Asked] = []
    for method, estimand in questions:
        rows, outcomes = [], []
        if method.fit is None:
            members = {one.method.family: one.outcomes for one in answers}
            outcomes = pool_outcomes(members, None)
        else:
            rows = method.fit(sample, records)
            outcomes = _date_bars(sample, records, rows, estimand, seed)
        answers.append(Asked(method, estimand, rows, outcomes))
    return answers


def fits_of(sample: Sample, rows: Sequence[Row]) -> pl.DataFrame:
    """What a method fitted, as TREND_FITS rows of the sample."""
    shared = {
        "series_id": sample.series.series_id,
        "benchmark_id": sample.series.benchmark_id,
        "score_unit": sample.series.benchmark.unit.value,
        "observed_through": END,
    }
    return TREND_FITS.frame([shared | row for row in rows])


def straight_line(family: TrendFamily, line: LineFitter) -> Fitter:
    """The published rows of a straight line, with another line put into them."""

    def fit(sample: Sample, records: pl.DataFrame) -> list[Row]:
        rows = fit_straight_lines(sample.series, family, records, sample.scores)
        return [row | _other_line(sample, row, records, line) for row in rows]

    return fit


def _other_line(
    sample: Sample, row: Row, records: pl.DataFrame, line: LineFitter
) -> Row:
    epoch = row.get("epoch_date")
    if not isinstance(epoch, date):  # nothing was fitted
        return {}
    link = Link.of(sample.series.benchmark, 1.0)
    years = years_since(epoch, records.get_column("frontier_date").to_list())
    levels = link.of_scores(records.get_column("score").to_numpy())
    other = line(years, levels, link.sampling_variance(records))
    return line_columns(other) | growth_columns(other)


def _lines(family: TrendFamily) -> Method:
    return Method(
        family.value,
        family,
        lambda sample, records: fit_straight_lines(
            sample.series, family, records, sample.scores
        ),
    )


def _plain(family: TrendFamily) -> Method:
    """Ordinary least squares with Student's t: no variance is known."""
    fitter = straight_line(family, lambda x, y, known: fit_line(x, y, 0 * known))
    return Method("plain OLS", family, fitter)


def _fit_drift(sample: Sample, records: pl.DataFrame) -> list[Row]:
    everything = [(sample.series, sample.scores), *sample.others]
    name = sample.series.series_id
    others = [select_frontier(scores, [one]) for one, scores in sample.others]
    return fit_drifts(
        [one for one, _ in everything],
        pl.concat([records, *others]),
        pl.concat([scores for _, scores in everything]),
        wanted=[name],
        as_of=END,
    )[name]


def _fit_records(sample: Sample, records: pl.DataFrame) -> list[Row]:
    everything = [(sample.series, sample.scores), *sample.others]
    others = [select_frontier(scores, [one]) for one, scores in sample.others]
    fits = RecordFits(
        [one for one, _ in everything],
        pl.concat([records, *others]),
        pl.concat([scores for _, scores in everything]),
        as_of=END,
    )
    return fits.rows(sample.series.series_id)


LOGISTIC: Final = _lines(TrendFamily.LOGISTIC)
EXPONENTIAL: Final = _lines(TrendFamily.EXPONENTIAL)
PLAIN_LOGISTIC: Final = _plain(TrendFamily.LOGISTIC)
PLAIN_EXPONENTIAL: Final = _plain(TrendFamily.EXPONENTIAL)
LOGISTIC3: Final = Method(
    "logistic3",
    TrendFamily.LOGISTIC3,
    lambda sample, records: fit_logistic3(sample.series, records, sample.scores),
)
QUANTILE: Final = Method(
    "quantile",
    TrendFamily.QUANTILE,
    lambda sample, _: fit_quantile(sample.series, sample.scores),
)
DRIFT: Final = Method("drift", TrendFamily.DRIFT, _fit_drift)
RECORDS: Final = Method("records", TrendFamily.RECORDS, _fit_records)
ENSEMBLE: Final = Method("ensemble", TrendFamily.ENSEMBLE, None)


def _date_bars(
    sample: Sample,
    records: pl.DataFrame,
    rows: list[Row],
    estimand: Estimand,
    seed: int,
) -> list[Outcome]:
    bars = [OpenBar(bar.value) for bar in sample.open_bars(estimand)]
    if not bars:
        return []
    figures = Looks(sample.series, sample.scores, records)
    ladder = Ladder(figures, bars, END, PROJECTION_END)
    return ladder.ask(fits_of(sample, rows), Draws(seed, N_DRAWS))
