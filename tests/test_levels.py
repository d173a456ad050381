"""Laws of the frontier score: the same law as its crossing dates, read the other way."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import numpy as np
import polars as pl
import pytest
from scipy import stats

from tests.figures import benchmark, positive, scores, series
from trends.crossings.families import Draws, Ladder, OpenBar
from trends.crossings.first_passage import record_cdf, record_exceedance
from trends.crossings.levels import LevelLaw, Standing, level_laws, pool_levels
from trends.crossings.looks import Looks
from trends.fits import fit_trends
from trends.fits.drift import row_law
from trends.fits.links import Floats, Link
from trends.fits.redraws import LineDraws, redraw_line
from trends.frontier import select_frontier
from trends.registry.models import Benchmark, TrendFamily
from trends.registry.series import Series

END = date(2026, 6, 30)
DRAWS = Draws(seed=1, count=400)
CEILINGS = {"values": [0.9, 1.0], "weights": [0.25, 0.75], "reason": "made up"}


def _points(level: float, steps: int = 6) -> list[tuple[date, float]]:
    """Records every 120 days whose logits rise by about 0.5 each."""
    bumps = [0.0, 0.6, 0.9, 1.7, 1.9, 2.6][:steps]
    return [
        (
            date(2024, 1, 1) + timedelta(days=120 * k),
            float(1 / (1 + np.exp(-(level + bump)))),
        )
        for k, bump in enumerate(bumps)
    ]


def _fitted(entry: Benchmark) -> tuple[Standing, pl.DataFrame]:
    """A series with its fits; three others make the pool."""
    target = series("test", entry)
    others = [series(f"other{k}", benchmark(family_id=f"other{k}")) for k in range(3)]
    figures = pl.concat(
        [
            scores(_points(-1.0 - 0.3 * k), name=one.series_id)
            for k, one in enumerate([target, *others])
        ]
    )
    frontier = select_frontier(figures, [target, *others])
    fits = fit_trends(
        frontier,
        figures,
        [target, *others],
        wanted=["test"],
        as_of=END,
        run_id="0" * 12,
        missing={},
    )
    return _standing(target, figures, frontier), fits


def _standing(
    target: Series, figures: pl.DataFrame, frontier: pl.DataFrame
) -> Standing:
    ours = pl.col("series_id") == target.series_id
    return Standing(Looks(target, figures.filter(ours), frontier.filter(ours)), END)


def _of(fits: pl.DataFrame, trend: str) -> pl.DataFrame:
    return fits.filter(pl.col("trend") == trend)


@pytest.mark.parametrize("trend", ["drift", "records"])
@pytest.mark.parametrize("days", [90, 181, 365])
def test_levels_and_crossing_dates_are_one_law(trend: str, days: int) -> None:
    """P(frontier >= a in h days) is P(a is reached by then), under both ceilings."""
    entry = benchmark(ceiling=CEILINGS).model_copy(
        update={"trends": [TrendFamily(trend)]}
    )
    standing, fits = _fitted(entry)
    (law,) = level_laws(standing, _of(fits, trend), DRAWS, days=[days]) or []
    for k in (20, 60, 100):
        ladder = Ladder(
            figures=standing.figures,
            bars=[OpenBar(float(law.scores[k]))],
            start=END,
            projection_end=END + timedelta(days=800),
        )
        (outcome,) = ladder.ask(_of(fits, trend), DRAWS)
        crossing = outcome.answer.distribution
        assert crossing is not None
        # the daily curve is drawn through knots: right to 1e-5 between them
        assert 1 - law.cdf[k] == pytest.approx(crossing.cdf[days], abs=1e-5)


def test_bars_and_scores_look_at_their_figures_together(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Lines are drawn once, and what is said is as if each had drawn for itself."""
    standing, fits = _fitted(benchmark(ceiling=CEILINGS))
    of_lines = _of(fits, "logistic")
    bar = OpenBar(float(standing.grid()[1][110]))
    end = END + timedelta(days=800)
    drawn: list[object] = []

    def counted(*given: Any, **more: Any) -> LineDraws:
        drawn.append(given)
        return redraw_line(*given, **more)

    monkeypatch.setattr("trends.crossings.looks.redraw_line", counted)

    def said(*each: Looks) -> list[Floats]:
        (outcome,) = Ladder(each[0], [bar], END, end).ask(of_lines, DRAWS)
        (law,) = level_laws(Standing(each[-1], END), of_lines, DRAWS, days=[90]) or []
        assert outcome.answer.distribution is not None
        return [outcome.answer.distribution.cdf, law.cdf]

    apart = said(replace(standing.figures), replace(standing.figures))
    n_drawn = len(drawn)
    together = said(replace(standing.figures))
    assert 2 * (len(drawn) - n_drawn) == n_drawn
    for law, other in zip(apart, together, strict=True):
        np.testing.assert_array_equal(law, other)


@pytest.mark.parametrize("changed", ["intercept_se", "df", "epoch_date"])
def test_of_rows_that_differ_in_anything_lines_are_drawn_apart(changed: str) -> None:
    standing, fits = _fitted(benchmark())
    row = _of(fits, "logistic").row(0, named=True)
    step = timedelta(days=40) if changed == "epoch_date" else row[changed] / 2
    other = row | {changed: row[changed] + step}
    asked = {"seed": 1, "n_draws": 50, "place": 0}
    first, second = (standing.figures.lines(one, **asked) for one in (row, other))
    alone = replace(standing.figures).lines(other, **asked)
    assert standing.figures.lines(dict(row), **asked) is first
    assert (second.epoch, second.law.df) == (alone.epoch, alone.law.df)
    np.testing.assert_array_equal(second.intercept, alone.intercept)
    assert (second.epoch, *second.intercept) != (first.epoch, *first.intercept)


def test_exceedance_is_the_first_passage_law_at_its_knots() -> None:
    _, fits = _fitted(benchmark())
    law = row_law(_of(fits, "drift").row(0, named=True))
    rises = np.array([0.0, 0.4, 1.3, np.inf])
    found = record_exceedance(law, rises, years=np.array([730 / 365.25]))[0]
    expected = [record_cdf(law, rise, n_days=730)[0][-1] for rise in rises]
    assert found == pytest.approx(expected, abs=1e-12)


def test_the_frontier_never_falls_and_may_stand_still() -> None:
    standing, fits = _fitted(benchmark())
    for trend in ("drift", "logistic"):
        (law,) = level_laws(standing, _of(fits, trend), DRAWS, days=[30]) or []
        assert law.scores[0] == standing.records["score"][-1]
        assert 0 < law.cdf[0] < 1
        assert np.all(np.diff(law.cdf) >= 0)
        assert law.score_quantile(law.cdf[0] / 2) == pytest.approx(law.scores[0])


def test_a_line_without_parameter_error_is_a_normal_above_the_record() -> None:
    """Its spread is that of the records about the line, not nothing."""
    standing, fits = _fitted(benchmark())
    sure = _of(fits, "logistic").with_columns(
        intercept_se=0.0, slope_per_year_se=0.0, intercept_slope_cov=0.0
    )
    (law,) = level_laws(standing, sure, DRAWS, days=[365]) or []
    fit = sure.row(0, named=True)
    link = Link.of(standing.series.benchmark, 1.0)
    years = np.array(
        [
            (day - fit["epoch_date"]).days / 365.25
            for day in [*standing.records["frontier_date"], END + timedelta(days=365)]
        ]
    )
    line = fit["intercept"] + fit["slope_per_year"] * years
    residuals = link.of_scores(standing.records["score"].to_numpy()) - line[:-1]
    n = len(residuals)
    spread = np.std(residuals) * np.sqrt(n / (n - 2))
    expected = stats.norm.cdf(law.levels, line[-1] + np.mean(residuals), spread)
    assert law.cdf[:-1] == pytest.approx(expected[:-1], abs=1e-9)


def test_lower_is_better_runs_downwards_from_the_record() -> None:
    entry = positive(direction="lower")
    only = scores([(date(2025, 1, 1), 8.0)])
    standing = Standing(Looks(series("test", entry), only, only), END)
    levels, shown = standing.grid()
    assert shown[0] == 8.0
    assert np.all(np.diff(levels) > 0)
    assert np.all(np.diff(shown) < 0)


@pytest.mark.parametrize("n_items", [45, None])
@pytest.mark.parametrize("record", [1.0, 0.99999])
def test_a_record_that_cannot_be_beaten_is_never_forecast_to_fall(
    record: float, n_items: int | None
) -> None:
    """All 45 problems solved, or a share nearer to 1 than scores can be told apart."""
    only = scores([(date(2025, 1, 1), record)])
    standing = Standing(
        Looks(series("test", benchmark(n_items=n_items)), only, only), END
    )
    _, shown = standing.grid()
    assert shown.min() == record
    assert np.all(np.diff(shown) >= 0)
    assert standing.is_at_the_top == (record == 1.0 or n_items is None)


@pytest.mark.parametrize("record", [0.5, 0.44])
def test_a_record_no_better_than_guessing_can_be_beaten(record: float) -> None:
    entry = benchmark(floor=0.5, items_are_bernoulli=False)
    only = scores([(date(2025, 1, 1), record)])
    standing = Standing(Looks(series("test", entry), only, only), END)
    _, shown = standing.grid()
    assert shown[0] == record
    assert np.all(np.diff(shown) > 0)
    assert not standing.is_at_the_top


@pytest.mark.parametrize("entry", [benchmark(), benchmark(n_items=None), positive()])
def test_scores_come_back_from_the_link_scale(entry: Benchmark) -> None:
    link = Link.of(entry, 1.0)
    shown = np.array([0.12, 0.5, 0.83])
    assert link.to_scores(link.of_scores(shown)) == pytest.approx(shown, rel=1e-12)


def test_a_pool_of_levels_is_the_weighted_mean_of_its_laws() -> None:
    grid = np.array([0.0, 1.0, 2.0])
    low = LevelLaw(grid, grid, np.array([0.6, 0.9, 1.0]))
    high = LevelLaw(grid, grid, np.array([0.1, 0.2, 1.0]))
    laws = {TrendFamily.DRIFT: low, TrendFamily.LOGISTIC: high}
    weights = {
        TrendFamily.DRIFT: 0.3,
        TrendFamily.LOGISTIC: 0.1,
        TrendFamily.QUANTILE: 0.6,
    }
    # the silent quantile gives its weight away: 3/4 and 1/4 are left
    expected = [0.75 * 0.6 + 0.25 * 0.1, 0.75 * 0.9 + 0.25 * 0.2, 1.0]
    assert pool_levels(laws, weights).cdf == pytest.approx(expected)
    assert pool_levels(laws, None).cdf == pytest.approx([0.35, 0.55, 1.0])


def test_families_without_a_law_of_levels_say_nothing() -> None:
    standing, fits = _fitted(benchmark(trends=["drift", "quantile"]))
    assert level_laws(standing, _of(fits, "quantile"), DRAWS, days=[90]) is None
