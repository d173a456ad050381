"""The quantile trend: all scores, developers resampled, and what it covers."""

import warnings
from collections.abc import Sequence
from datetime import date, timedelta

import numpy as np
import polars as pl
import pytest
import statsmodels.api as sm
from scipy import optimize

from tests.conftest import AS_OF
from tests.figures import benchmark, positive, scores, series
from trends.crossings.answers import Estimated
from trends.crossings.families import Draws, Ladder, OpenBar
from trends.crossings.line_crossing import crossing_days
from trends.crossings.looks import Looks
from trends.fits.ceilings import ceilings_of
from trends.fits.engine import Ints
from trends.fits.lines import Row, fit_straight_lines
from trends.fits.links import Floats, Link
from trends.fits.quantile import MIN_ITEMS, MIN_MODELS, N_RESAMPLES, fit_quantile
from trends.fits.redraws import redraw_line
from trends.frontier import known_as_of, select_frontier, select_series_scores
from trends.pipeline.ingest import latest_ingest
from trends.registry import load_registry
from trends.registry.models import TrendFamily
from trends.registry.series import Series, every_series
from trends.tables import SERIES_SCORES, TREND_FITS
from trends.workspace import Workspace

END = date(2026, 6, 30)
QUANTILE = 0.9
MANY_ITEMS = series(entry=benchmark(n_items=500))


def releases(
    days_before_end: Ints | Floats,
    values: Floats,
    developers: Sequence[str] | None = None,
) -> pl.DataFrame:
    days = [END - timedelta(days=int(k)) for k in days_before_end]
    frame = scores(list(zip(days, map(float, values), strict=True)))
    return frame.with_columns(
        developer=pl.Series(developers or [None] * len(days), dtype=pl.String)
    )


def shares(levels: Floats, items: int = 500, seed: int = 0) -> Floats:
    """Passed items at given logits."""
    passed = np.random.default_rng(seed).binomial(items, 1 / (1 + np.exp(-levels)))
    return np.asarray(passed / items)


def straight(n: int, *, seed: int = 1, spread: float = 0.5) -> pl.DataFrame:
    """Two years of releases, 1.5 logits a year, by six developers."""
    generator = np.random.default_rng(seed)
    days = np.linspace(730, 0, n).astype(int)
    levels = 0.5 - 1.5 * days / 365.25 + generator.normal(0, spread, n)
    return releases(days, shares(levels), [f"developer {k % 6}" for k in range(n)])


def fitted(one: Series, frame: pl.DataFrame) -> Row:
    row = fit_quantile(one, frame)[-1]
    assert row["fit_status"] == "fitted", row["status_reason"]
    return row


def clustered() -> tuple[pl.DataFrame, Ints, Ints]:
    """Four releases each of 24 developers, who differ by 0.8 logits; days, makers."""
    generator = np.random.default_rng(4)
    strength = np.repeat(generator.normal(0, 0.8, 24), 4)
    days = np.tile([800, 500, 250, 0], 24)
    levels = 0.3 - 1.5 * days / 365.25 + strength + generator.normal(0, 0.05, 96)
    maker = np.repeat(np.arange(24), 4)
    names = [f"developer {k}" for k in maker]
    return releases(days, shares(levels), names), days, maker


def number(row: Row, name: str) -> float:
    value = row[name]
    assert isinstance(value, float)
    return value


def middle_years(frame: pl.DataFrame, epoch: object) -> Floats:
    ends = [frame.get_column(c) for c in ("release_earliest", "release_latest")]
    days = [(one - epoch).dt.total_days().to_numpy() for one in ends]
    return np.asarray((days[0] + days[1]) / 2 / 365.25)


def check_loss(residuals: Floats) -> float:
    return float(np.sum(residuals * np.where(residuals > 0, QUANTILE, QUANTILE - 1)))


def reference(years: Floats, levels: Floats) -> Floats:
    """QuantReg; it warns of its iteration limit and divides by zero residuals."""
    found = sm.QuantReg(levels, sm.add_constant(years))
    with np.errstate(all="ignore"), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return np.asarray(found.fit(q=QUANTILE).params)


def by_linear_program(years: Floats, levels: Floats, copies: Ints) -> Floats:
    """Intercept and slope of least loss (Koenker 2005, Quantile Regression, 6.1)."""
    n = len(years)
    found = optimize.linprog(
        np.concatenate([[0, 0], QUANTILE * copies, (1 - QUANTILE) * copies]),
        A_eq=np.column_stack([np.ones(n), years, np.eye(n), -np.eye(n)]),
        b_eq=levels,
        bounds=[(None, None)] * 2 + [(0, None)] * 2 * n,
    )
    return np.asarray(found.x[:2])


def test_every_shipped_series_has_the_least_loss_and_a_tenth_above(
    shipped_workspace: Workspace,
) -> None:
    """statsmodels finds no lower loss; at most n/10 lie above, at least n/10 not below.

    Koenker and Bassett 1978, Econometrica 46:33, theorem 3.4.
    """
    everything = every_series(load_registry(shipped_workspace.registry))
    observations = latest_ingest(shipped_workspace) / "observations.parquet"
    known = known_as_of(pl.read_parquet(observations), AS_OF)
    selected = select_series_scores(known, everything)
    compared = 0
    for one in everything:
        frame = selected.filter(pl.col("series_id") == one.series_id)
        for row in fit_quantile(one, frame):
            if row["fit_status"] != "fitted":
                continue
            ceiling = row["ceiling"]
            link = Link.of(one.benchmark, ceiling)  # type: ignore[arg-type]
            levels = link.of_scores(frame.get_column("score").to_numpy())
            years = middle_years(frame, row["epoch_date"])
            r = (
                levels
                - number(row, "intercept")
                - number(row, "slope_per_year") * years
            )
            beta = reference(years, levels)
            theirs = check_loss(levels - beta[0] - beta[1] * years)
            assert check_loss(r) <= theirs * (1 + 1e-9), one.series_id
            assert check_loss(r) == pytest.approx(theirs, rel=1e-2), one.series_id
            assert np.sum(r > 1e-9) <= len(r) / 10 <= np.sum(r > -1e-9), one.series_id
            assert number(row, "intercept_se") > 0
            compared += 1
    assert compared > 35


def test_records_rise_too_steeply_and_the_quantile_of_all_releases_does_not() -> None:
    """True slope 1 logit a year: 60 releases in three years, scatter 0.5, 500 items.

    100 simulations; Monte Carlo standard errors are about 0.017 (records) and 0.014.
    """
    generator = np.random.default_rng(11)
    of_records, of_all = [], []
    for seed in range(100):
        days = np.sort(generator.integers(0, 1096, 60))[::-1]
        levels = 1.0 * (548 - days) / 365.25 + generator.normal(0, 0.5, 60)
        frame = releases(days, shares(levels, seed=seed))
        records = select_frontier(frame, [MANY_ITEMS])
        (line,) = fit_straight_lines(MANY_ITEMS, TrendFamily.LOGISTIC, records, frame)
        of_records.append(number(line, "slope_per_year"))
        of_all.append(number(fitted(MANY_ITEMS, frame), "slope_per_year"))
    error_of_records, error_of_all = (
        np.std(slopes, ddof=1) / 10 for slopes in (of_records, of_all)
    )
    assert np.mean(of_records) > 1.03 + 3 * error_of_records
    assert np.mean(of_records) < 1.20 + error_of_records
    assert abs(np.mean(of_all) - 1.0) < 3 * error_of_all
    assert error_of_all < 0.02


def test_errors_are_those_of_whole_developers_drawn_with_replacement() -> None:
    """Against 300 resamples by hand and a linear program; their error is 4%."""
    generator = np.random.default_rng(5)
    frame, days, maker = clustered()
    row = fitted(MANY_ITEMS, frame)
    assert "24 developers" in str(row["status_reason"])
    assert row["df"] == 23

    on_link = Link.of(MANY_ITEMS.benchmark, 1.0).of_scores(frame["score"].to_numpy())
    drawn = generator.multinomial(24, np.full(24, 1 / 24), 300)
    by_hand = np.cov(
        [by_linear_program(-days / 365.25, on_link, copies[maker]) for copies in drawn],
        rowvar=False,
    )
    level_error, slope_error = np.sqrt(np.diag(by_hand))
    assert number(row, "intercept_se") == pytest.approx(level_error, rel=0.15)
    assert number(row, "slope_per_year_se") == pytest.approx(slope_error, rel=0.15)
    alone = fitted(MANY_ITEMS, frame.with_columns(developer=pl.lit(None, pl.String)))
    assert number(row, "slope_per_year_se") < number(alone, "slope_per_year_se") / 1.4


def test_few_developers_never_make_a_line_surer_than_its_models() -> None:
    frame = straight(30)
    alone = fitted(MANY_ITEMS, frame.with_columns(developer=pl.lit(None, pl.String)))
    assert alone["df"] == 28
    for few in (1, 2, 3, 6):
        names = [f"developer {k % few}" for k in range(30)]
        row = fitted(MANY_ITEMS, frame.with_columns(developer=pl.Series(names)))
        assert number(row, "intercept_se") >= number(alone, "intercept_se")
        assert row["df"] in (28.0, few - 1.0)


def test_an_unnamed_developer_made_one_model() -> None:
    frame, _, maker = clustered()
    is_named = pl.Series(maker >= 4)
    unnamed = frame.with_columns(developer=pl.when(is_named).then("developer"))
    named = frame.with_columns(
        developer=pl.when(is_named).then("developer").otherwise("model_id")
    )
    assert fit_quantile(MANY_ITEMS, unnamed) == fit_quantile(MANY_ITEMS, named)
    assert "36 developers" in str(fitted(MANY_ITEMS, unnamed)["status_reason"])


def test_neither_the_order_of_rows_nor_another_series_changes_a_bit() -> None:
    frame = straight(25)
    expected = fit_quantile(MANY_ITEMS, frame)
    fit_quantile(series("another"), straight(40, seed=2))
    assert fit_quantile(MANY_ITEMS, frame.sample(fraction=1, shuffle=True, seed=3)) == (
        expected
    )
    other_stream = fitted(series("another", MANY_ITEMS.benchmark), frame)
    assert other_stream["intercept"] == expected[0]["intercept"]
    assert other_stream["intercept_se"] != expected[0]["intercept_se"]


def test_too_little_is_not_fitted_and_says_why() -> None:
    few = straight(MIN_MODELS - 1)
    assert f"too few models: {MIN_MODELS - 1}" in str(
        fit_quantile(series(), few)[0]["status_reason"]
    )
    assert fit_quantile(series(), straight(MIN_MODELS))[0]["fit_status"] == "fitted"
    again = pl.concat(
        few.with_columns(observation_id=pl.lit(f"test:{k}") + pl.col("observation_id"))
        for k in range(5)
    )
    assert f"too few models: {MIN_MODELS - 1}" in str(
        fit_quantile(series(), again)[0]["status_reason"]
    )
    short = releases(np.linspace(364, 0, 20), np.linspace(0.1, 0.8, 20))
    row = fit_quantile(series(), short)[0]
    assert row["fit_status"] == "not_estimated"
    assert "too short a record: 364 days" in str(row["status_reason"])
    nothing = fit_quantile(series(), SERIES_SCORES.frame([]))[0]
    assert "too few models: 0" in str(nothing["status_reason"])


def test_where_lower_is_better_the_fastest_tenth_is_fitted() -> None:
    """Minutes that halve in a year are speeds that double: the same line."""
    generator = np.random.default_rng(8)
    days = np.linspace(700, 0, 30)
    minutes = 40 * 2 ** (days / 365.25) * np.exp(generator.exponential(0.4, 30))
    falling = fitted(series(entry=positive(direction="lower")), releases(days, minutes))
    rising = fitted(series(entry=positive()), releases(days, 1 / minutes))
    assert falling["link"] == "minus_ln"
    assert number(falling, "slope_per_year") == pytest.approx(np.log(2), rel=0.2)
    for name in ("intercept", "slope_per_year", "intercept_se", "slope_per_year_se"):
        assert number(falling, name) == pytest.approx(number(rising, name), rel=1e-9)


def test_an_uncertain_release_stands_in_the_middle_and_widens_the_errors() -> None:
    frame = straight(20, spread=0.05)
    vague = frame.with_columns(
        release_earliest=pl.col("release_latest") - pl.duration(days=400)
    )
    sure, unsure = fitted(MANY_ITEMS, frame), fitted(MANY_ITEMS, vague)
    moved = number(sure, "intercept") + number(sure, "slope_per_year") * 200 / 365.25
    assert number(unsure, "intercept") == pytest.approx(moved, rel=1e-9)
    assert number(unsure, "intercept_se") > 2 * number(sure, "intercept_se")


def test_one_fit_a_ceiling_that_the_scores_leave() -> None:
    ceiling = {"values": [0.2, 0.9, 1.0], "weights": [0.5, 0.2, 0.3], "reason": "x"}
    of_it = series(entry=benchmark(ceiling=ceiling))
    rows, left = fit_quantile(of_it, straight(30)), ceilings_of(of_it, straight(30))
    assert len(left) > 1
    assert [row["ceiling"] for row in rows] == [one.ceiling for one in left]
    assert [row["ceiling_weight"] for row in rows] == [one.weight for one in left]
    assert number(rows[0], "slope_per_year") > number(rows[1], "slope_per_year")


def test_a_row_says_what_it_rests_on_and_is_all_that_a_crossing_needs() -> None:
    frame = straight(30)
    row = fitted(MANY_ITEMS, frame)
    assert str(row["status_reason"]).startswith(
        f"30 scores of 30 models over 730 days; errors from {N_RESAMPLES} resamples of "
    )
    assert row["epoch_date"] == END
    shared = {
        "series_id": "test",
        "benchmark_id": "test",
        "score_unit": "fraction",
        "observed_through": END,
    }
    ladder = Ladder(
        Looks(MANY_ITEMS, frame, frame), [OpenBar(0.95)], END, date(2036, 12, 31)
    )
    (outcome,) = ladder.ask(TREND_FITS.frame([shared | row]), Draws(1, 4000))
    assert isinstance(outcome.answer, Estimated)
    years = (np.log(19) - number(row, "intercept")) / number(row, "slope_per_year")
    median = outcome.answer.date_at(0.5)
    assert median is not None
    assert (median - END).days / 365.25 == pytest.approx(years, rel=0.1)


@pytest.mark.slow
@pytest.mark.parametrize("n", [MIN_MODELS, 30, 60])
def test_intervals_cover(n: int) -> None:
    """Bars that the true line reaches 0.3 to 1.5 years after the figures end.

    Scatter 0.5, of which 0.3 between eight developers; 200 items; two logits a year
    over two years. 1,600 simulations of five bars: Monte Carlo error about 0.6 points.
    """
    generator = np.random.default_rng([5, n])
    line = _population_line()
    ranks = [rank for seed in range(1600) for rank in _ranks(n, seed, line, generator)]
    from_middle = np.abs(np.array(ranks) - 0.5)
    assert 0.86 < np.mean(from_middle <= 0.45) < 0.94
    assert 0.75 < np.mean(from_middle <= 0.40) < 0.86
    assert 0.43 < np.mean(from_middle <= 0.25) < 0.60


def _ranks(
    n: int, seed: int, line: tuple[float, float], generator: np.random.Generator
) -> list[float]:
    """Probability that each open bar was given to be crossed by its true date."""
    one = series(entry=benchmark(n_items=MIN_ITEMS))
    days = generator.integers(0, 731, n)
    maker = generator.integers(0, 8, n)
    scatter = generator.normal(0, 0.3, 8)[maker] + generator.normal(0, 0.4, n)
    values = shares(-0.14 - 2 * days / 365.25 + scatter, items=MIN_ITEMS, seed=seed)
    names = [f"developer {k}" for k in maker]
    frame = releases(days, values, names)
    (row,) = fit_quantile(one, frame)
    if row["fit_status"] != "fitted":
        return []
    lines = redraw_line(one, row, frame, seed=seed, n_draws=1000)
    best = Link.of(one.benchmark, 1.0).of_scores(values).max()
    ranks = []
    for years in (0.3, 0.6, 0.9, 1.2, 1.5):
        bar = line[0] + line[1] * years
        crossed = crossing_days(lines, bar, start=END)
        ahead = crossed[crossed > 0]
        if best < bar and len(ahead) >= 500:
            ranks.append(float(np.mean(ahead <= years * 365.25)))
    return ranks


def _population_line() -> tuple[float, float]:
    """The 0.9 quantile line of observed scores in that world, developers unlimited."""
    generator = np.random.default_rng(6)
    years = -generator.uniform(0, 2, 50_000)
    levels = -0.14 + 2 * years + generator.normal(0, 0.5, 50_000)
    values = shares(levels, items=MIN_ITEMS)
    on_link = Link.of(benchmark(n_items=MIN_ITEMS), 1.0).of_scores(values)
    level, slope = reference(years, on_link)
    return float(level), float(slope)
