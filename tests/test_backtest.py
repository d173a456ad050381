"""Past forecasts: what they knew, what came, who had a say, what may be compared."""

from datetime import date, timedelta
from typing import Any

import numpy as np
import polars as pl
import pytest

from tests.figures import benchmark, observations, positive, series
from trends.backtest import Backtest, draw_lessons, measure_width, run_backtest
from trends.backtest.comparison import compare
from trends.backtest.forecasts import PastForecast, forecast_series
from trends.backtest.stacking import leave_one_out, pool_cases
from trends.backtest.vintages import histories, past_vintage
from trends.cli.screens.scorecard import CUT_TITLES
from trends.crossings.families import Draws
from trends.dates import add_months
from trends.fits.links import Link
from trends.registry.models import Threshold, TrendFamily
from trends.registry.series import Series
from trends.registry.weights import DateInterval, PublishedWidth, Weights
from trends.scoring import crps_cdf

END = date(2026, 6, 30)
ORIGIN = date(2025, 7, 1)
DRAWS = Draws(seed=1, count=200)


def _rows(name: str, level: float, n: int = 20) -> list[dict[str, object]]:
    """A score every 45 days from 2024; each is reported ten days after release."""
    rows: list[dict[str, object]] = []
    for k in range(n):
        released = date(2024, 1, 1) + timedelta(days=45 * k)
        logit = level + 0.15 * k + 0.4 * np.sin(2.1 * k)
        rows.append(_row(name, k, released, float(1 / (1 + np.exp(-logit)))))
    return rows


def _row(name: str, number: int, released: date, score: float) -> dict[str, object]:
    reported = released + timedelta(days=10)
    return {
        "benchmark_id": name,
        "observation_id": f"{name}:{number}",
        "model_id": f"{name}_{number}",
        "release_date": released,
        "release_earliest": released,
        "release_latest": released,
        "reported_on": reported,
        "known_on": reported,
        "score": score,
    }


def _world(**changes: object) -> tuple[list[dict[str, object]], list[Series]]:
    trends = ["records", "drift", "logistic", "quantile"]
    names = ["target", "one", "two", "three", "four", "five"]
    everything = [
        series(name, benchmark(family_id=f"{name}_family", trends=trends, **changes))
        for name in names
    ]
    rows = [row for k, name in enumerate(names) for row in _rows(name, -2.0 + 0.25 * k)]
    return rows, everything


def _threshold(name: str, *bars: float) -> Threshold:
    return Threshold.model_validate(
        {
            "schema_version": 1,
            "id": f"{name}_bars",
            "version": 1,
            "title": "Made up",
            "status": "active",
            "owner": "@org/forecasting",
            "series": {"benchmark": name},
            "operationalisation": "made up",
            "why_it_matters": "made up",
            "bars": [
                {
                    "id": f"bar_{k}",
                    "value": bar,
                    "label": str(bar),
                    "basis": "project_choice",
                    "headline": k == 0,
                }
                for k, bar in enumerate(bars)
            ],
            "trends": ["drift"],
            "headline_trend": "drift",
            "projection_end": "2050-12-31",
            "changelog": [{"version": 1, "date": "2026-01-01", "why": "made up"}],
        }
    )


def _forecast(
    rows: list[dict[str, object]],
    everything: list[Series],
    thresholds: tuple[Threshold, ...] = (),
    *,
    name: str = "target",
) -> PastForecast:
    table = observations(rows)
    vintage = past_vintage(table, everything, wanted=[name], origin=ORIGIN)
    history = next(
        one for one in histories(table, everything) if one.series.series_id == name
    )
    made = forecast_series(history, vintage, thresholds, DRAWS)
    assert made is not None
    return made


def _laws(made: PastForecast) -> dict[str, Any]:
    return {
        name: np.concatenate([law.cdf for law in laws])
        for name, laws in made.levels.items()
    }


def _run(rows: list[dict[str, object]], everything: list[Series]) -> Backtest:
    return run_backtest(
        observations(rows),
        [(_threshold(one.series_id, 0.5, 0.8), one) for one in everything],
        everything,
        first_origin=date(2025, 10, 1),
        draws=DRAWS,
        backtest_id="0" * 12,
        progress=lambda origin, n: None,
    )


@pytest.fixture(scope="module")
def result() -> Backtest:
    return _run(*_world())


def _lessons(result: Backtest, forecasts: pl.DataFrame | None = None) -> Weights:
    return draw_lessons(
        result.past,
        result.forecasts if forecasts is None else forecasts,
        result.stacks,
        backtest_id="0" * 12,
        inputs_sha256="a",
        code_sha256="b",
    )


def _known(row: dict[str, object]) -> bool:
    day = row["known_on"]
    assert isinstance(day, date)
    return day <= ORIGIN


def test_what_is_reported_after_the_origin_changes_nothing_at_it() -> None:
    """Every later score of every benchmark is made absurd, then left out."""
    rows, everything = _world()
    thresholds = (_threshold("target", 0.5, 0.8),)
    truth = _forecast(rows, everything, thresholds)
    absurd = [row if _known(row) else row | {"score": 0.999} for row in rows]
    later = _forecast(absurd, everything, thresholds)
    for name, laws in _laws(truth).items():
        np.testing.assert_array_equal(laws, _laws(later)[name], err_msg=name)
    vintage, cut = (
        past_vintage(observations(some), everything, wanted=["target"], origin=ORIGIN)
        for some in (rows, [row for row in rows if _known(row)])
    )
    assert vintage.fits.equals(cut.fits)
    assert vintage.scores.equals(cut.scores)


def test_what_is_reported_before_it_does_change_the_forecast() -> None:
    """Or the test above would pass on forecasts that know nothing."""
    rows, everything = _world()
    last = max(k for k, row in enumerate(rows[:20]) if _known(row))
    raised = [row | {"score": 0.9} if k == last else row for k, row in enumerate(rows)]
    before, after = (_laws(_forecast(some, everything)) for some in (rows, raised))
    assert set(before) == set(after)
    for name in set(before) - {"no_change"}:
        assert np.abs(before[name] - after[name]).max() > 0.05, name


def test_a_score_released_before_the_origin_but_reported_later_is_a_target() -> None:
    """The forecast cannot see it; the day of its report is when it came."""
    rows, everything = _world()
    hidden = _row("target", 99, ORIGIN - timedelta(days=60), 0.97)
    hidden |= {"reported_on": date(2025, 9, 15), "known_on": date(2025, 9, 15)}
    bar = (_threshold("target", 0.96),)
    made = _forecast([*rows, hidden], everything, bar)
    assert made.standing.records["score"].to_numpy().max() < 0.9
    assert made.level_targets[0].day == date(2025, 10, 1)
    assert made.level_targets[0].observed == 0.97
    assert made.bar_targets[0].reached_on == date(2025, 9, 15)
    assert made.bar_targets[0].reached_after_days == 76


def test_targets_by_hand() -> None:
    """Origin 2025-07-01, figures to 2026-06-30: 3 and 6 months, and no 12."""
    _, everything = _world()
    rows = [
        _row("target", 1, date(2025, 1, 1), 0.20),
        _row("target", 2, date(2025, 6, 1), 0.30),
        _row("target", 3, date(2025, 8, 1), 0.25),
        _row("target", 4, date(2025, 9, 25), 0.40),
        _row("target", 5, date(2025, 11, 30), 0.60),
    ]
    bars = (_threshold("target", 0.25, 0.35, 0.5, 0.9),)
    made = _forecast([*rows, *_rows("one", -1.0)], everything, bars)
    # the score of 25 September is public on 5 October, after the first target
    assert [(one.lead_months, one.day, one.observed) for one in made.level_targets] == [
        (3, date(2025, 10, 1), 0.30),
        (6, date(2026, 1, 1), 0.60),
    ]
    # 0.25 was reached before; the window ends with the figures, after 364 days
    assert [(one.value, one.reached_after_days) for one in made.bar_targets] == [
        (0.35, 96.0),
        (0.5, 162.0),
        (0.9, np.inf),
    ]
    assert {one.window_days for one in made.bar_targets} == {364}


def test_a_record_of_all_items_is_scored_up_to_it_and_forecast_no_further() -> None:
    """No origin after the day on which it was reported."""
    rows, everything = _world()
    solved = _row("target", 99, date(2025, 11, 10), 1.0)
    result = _run([*rows, solved], everything)
    target = result.forecasts.filter(pl.col("series_id") == "target")
    assert target["origin_date"].max() == date(2025, 11, 1)
    others = result.forecasts.filter(pl.col("series_id") == "one")
    assert others["origin_date"].max() == date(2026, 3, 1)
    level = target.filter(pl.col("target") == "level")
    assert level.filter(pl.col("observed_score") == 1.0).height > 0


def test_lower_scores_reach_lower_bars() -> None:
    entry = positive(direction="lower", family_id="target")
    rows = [
        _row("target", 1, date(2025, 1, 1), 10.0) | {"score_unit": "minutes"},
        _row("target", 2, date(2025, 6, 1), 8.0) | {"score_unit": "minutes"},
        _row("target", 3, date(2025, 9, 1), 5.0) | {"score_unit": "minutes"},
    ]
    (history,) = histories(observations(rows), [series("target", entry)])
    assert history.best_by(date(2025, 8, 1)) == 8.0
    assert history.best_by(date(2025, 9, 11)) == 5.0
    assert history.best_by(date(2024, 1, 1)) is None
    assert history.reached_on(6.0) == date(2025, 9, 11)
    assert history.reached_on(4.0) is None


def test_no_forecast_is_made_that_the_figures_cannot_score(result: Backtest) -> None:
    levels = result.forecasts.filter(pl.col("target") == "level")
    assert max(levels.get_column("target_date")) <= END
    ends = result.forecasts.filter(pl.col("target") == "crossing").select(
        pl.col("observed_through") + pl.duration(days=pl.col("window_days"))
    )
    assert max(ends.to_series()) <= END


def test_every_forecaster_is_scored_on_the_same_cases(result: Backtest) -> None:
    """All have a law here, and differences are means of paired differences."""
    rows = result.scores.filter(
        (pl.col("metric") == "crps_link") & (pl.col("lead_months") == 3)
    )
    own = {
        row["forecaster"]: row
        for row in rows.filter(pl.col("compared_with").is_null()).to_dicts()
    }
    names = set(own)
    assert names == {
        "no_change",
        "linear",
        "logistic",
        "quantile",
        "drift_unpooled",
        "drift",
        "records",
        "equal_pool",
        "ensemble",
    }
    cases = result.forecasts.filter(
        (pl.col("target") == "level") & (pl.col("lead_months") == 3)
    ).pivot("forecaster", index=["origin_date", "series_id"], values="crps_link")
    ours = ("records", "drift", "ensemble")
    for name, other in [(one, other) for one in ours for other in names - {one}]:
        gaps = (cases[name] - cases[other]).drop_nulls()
        found = rows.filter(
            (pl.col("forecaster") == name) & (pl.col("compared_with") == other)
        ).row(0, named=True)
        assert found["n_forecasts"] == len(gaps)
        assert found["difference"] == pytest.approx(float(gaps.to_numpy().mean()))
    assert max(rows.get_column("n_effective_origins")) < max(rows["n_origins"])


def test_the_pool_of_a_past_drift_leaves_the_target_out() -> None:
    rows, everything = _world()
    vintage = past_vintage(
        observations(rows), everything, wanted=["target"], origin=ORIGIN
    )
    drift = vintage.fits.filter(pl.col("trend") == "drift")
    assert drift["pool_n_families"].to_list() == [5]


def test_trap_a_backtest_on_revised_data_called_out_of_sample() -> None:
    """Rows reported late are cut on release date, and no mean mixes them with others."""
    rows, everything = _world()
    late = date(2026, 6, 1)
    revised = [
        one
        if one.series_id != "target"
        else series(
            "target",
            one.benchmark.model_copy(update={"final_vintage": True}),
        )
        for one in everything
    ]
    rows = [
        row
        if row["benchmark_id"] != "target"
        else row
        | {
            "reported_on": late,
            "known_on": row["release_date"],
            "known_on_basis": "release_date",
        }
        for row in rows
    ]
    result = _run(rows, revised)
    cuts = result.forecasts.select("series_id", "cut_on").unique()
    assert {
        (row["series_id"], row["cut_on"])
        for row in cuts.to_dicts()
        if row["cut_on"] == "release_date"
    } == {("target", "release_date")}
    by_cut = result.scores.filter(
        (pl.col("metric") == "crps_link")
        & (pl.col("forecaster") == "drift")
        & pl.col("compared_with").is_null()
        & (pl.col("lead_months") == 3)
    )
    families = dict(by_cut.select("cut_on", "n_families").iter_rows())
    assert families == {"release_date": 1, "reported_on": 5}
    assert "NOT out of sample" in CUT_TITLES["release_date"]


def test_weights_are_only_of_families_the_ensemble_pools(result: Backtest) -> None:
    assert set(result.stacks["bounded"].weights) == {
        TrendFamily.DRIFT,
        TrendFamily.LOGISTIC,
        TrendFamily.QUANTILE,
    }


@pytest.mark.parametrize(
    ("months", "expected"),
    [(1, date(2025, 2, 28)), (12, date(2026, 1, 31)), (13, date(2026, 2, 28))],
)
def test_months_later_stop_at_the_end_of_a_short_month(
    months: int, expected: date
) -> None:
    assert add_months(date(2025, 1, 31), months) == expected


def test_differences_of_one_family_have_an_interval_over_origins(
    result: Backtest,
) -> None:
    """It is about the mean of all forecasts, though origins differ in their number."""
    rows = result.forecasts.filter(
        pl.col("family_id") == "one_family", pl.col("target") == "level"
    )
    uneven = pl.concat(
        [rows, rows.head(rows.height // 3).with_columns(series_id=pl.lit("again"))]
    )
    found = compare(uneven, seed=1, backtest_id="0" * 12).filter(
        pl.col("difference").is_not_null()
    )
    told = found.filter(pl.col("difference_low").is_not_null())
    assert set(told["interval_over"]) == {"origins"}
    middle = (told["difference_low"] + told["difference_high"]) / 2
    assert middle.to_list() == pytest.approx(told["difference"].to_list())
    blank = found.filter(pl.col("difference_low").is_null())
    assert blank.height
    assert (blank["n_effective_origins"] < 2).all()


def test_fits_of_a_past_vintage_end_at_its_origin() -> None:
    """Figures go on to 2026: nothing after the origin may count as silence."""
    rows, everything = _world()
    vintage = past_vintage(
        observations(rows), everything, wanted=["target"], origin=ORIGIN
    )
    drift = vintage.fits.filter(pl.col("trend") == "drift")
    assert vintage.fits["observed_through"].max() == ORIGIN
    assert drift["epoch_date"].max() == ORIGIN


def test_what_is_reported_before_its_release_comes_on_the_day_of_the_release() -> None:
    early = {name: date(2025, 5, 1) for name in ("known_on", "reported_on")}
    row = _row("target", 1, date(2025, 6, 1), 0.4) | early
    (history,) = histories(observations([row]), [series("target")])
    assert history.days == [date(2025, 6, 1)]


def test_coverage_at_the_published_width_is_that_of_wider_or_narrower_walks(
    result: Backtest,
) -> None:
    lessons = _lessons(result)
    drift = lessons.date_interval("bounded", TrendFamily.DRIFT, "of_nobody")
    as_fitted, as_published = (
        measure_width(result.past, {"bounded": factor}, backtest_id="0" * 12)
        for factor in (1.0, 3.0)
    )

    # at factor 1 it is what the rows of the backtest hold
    [rows] = [one for one in lessons.date_intervals if one.trend is TrendFamily.DRIFT]
    all_of_them = _of_all(as_fitted, TrendFamily.DRIFT)
    names = ("coverage", "came_before", "n_forecasts", "n_crossed", "n_families")
    assert [getattr(all_of_them, one) for one in names] == [
        getattr(rows, one) for one in names
    ]
    assert rows.n_crossed > 0
    # three times as wild, walks give other probabilities, and the file says so
    wild = _of_all(as_published, TrendFamily.DRIFT)
    assert (wild.came_before, wild.coverage) != (rows.came_before, rows.coverage)
    assert (wild.sigma_factor, wild.n_forecasts) == (3.0, rows.n_forecasts)
    # forecasts read the row of the width that they publish
    assert drift is not None
    assert drift.sigma_factor == lessons.sigma_factor("bounded") != 1.0
    assert drift.n_origins is not None


def _of_all(measured: PublishedWidth, trend: TrendFamily) -> DateInterval:
    """The row of all families of a trend."""
    [row] = [
        one
        for one in measured.date_intervals
        if one.trend is trend and one.family is None
    ]
    return row


def test_records_are_measured_as_they_are_published(result: Backtest) -> None:
    """No factor is theirs, whatever that of the drift; and readers find their row."""
    wide, narrow = (
        measure_width(result.past, {"bounded": factor}, backtest_id="0" * 12)
        for factor in (3.0, 0.5)
    )
    row = _of_all(wide, TrendFamily.RECORDS)
    assert row == _of_all(narrow, TrendFamily.RECORDS)
    held = result.forecasts.filter(
        pl.col("forecaster") == "records", pl.col("target") == "crossing"
    )
    n_crossed = int(held["is_crossed"].sum())
    assert (row.n_forecasts, row.n_crossed) == (held.height, n_crossed)
    assert row.sigma_factor == 1.0
    lessons = _lessons(result)
    [plain] = [
        one for one in lessons.date_intervals if one.trend is TrendFamily.RECORDS
    ]
    names = ("coverage", "came_before", "lower_level", "upper_level", "n_families")
    assert [getattr(row, one) for one in names] == [
        getattr(plain, one) for one in names
    ]
    found = lessons.date_interval("bounded", TrendFamily.RECORDS, "of_nobody")
    assert found == row


def test_high_bars_are_those_of_the_forecasts_of_levels(result: Backtest) -> None:
    """As many forecasts of .90 and .95, and as many that came true, as rows tell."""
    measured = measure_width(result.past, {}, backtest_id="0" * 12).high_bars
    rows = result.forecasts.filter(
        pl.col("forecaster") == "records", pl.col("target") == "level"
    )
    assert len({one.lead_months for one in measured}) > 1
    for lead in (3, 6, 12):
        n = reached = 0
        for bar in (0.90, 0.95):
            below = rows.filter(
                pl.col("lead_months") == lead, pl.col("frontier_score") < bar
            )
            n += below.height
            reached += below.filter(pl.col("observed_score") >= bar).height
        ours = [one for one in measured if one.lead_months == lead]
        assert sum(one.n_forecasts for one in ours) == n
        came = sum(one.reached * one.n_forecasts for one in ours)
        assert came == pytest.approx(reached, abs=0.02)
        for one in ours:
            assert one.said_from <= one.said <= one.said_to


def test_a_family_with_enough_dates_has_a_row_of_records_of_its_own(
    result: Backtest,
) -> None:
    """Forecasts of that family read it, and those of others do not."""
    many = [one for one in result.past if one.family_id == "one_family"] * 20
    measured = measure_width([*result.past, *many], {}, backtest_id="0" * 12)
    weights = _lessons(result).model_copy(update={"published_width": measured})
    for trend in (TrendFamily.RECORDS, TrendFamily.DRIFT):
        own = weights.date_interval("bounded", trend, "one_family")
        other = weights.date_interval("bounded", trend, "two_family")
        assert own is not None
        assert other is not None
        assert (own.family, other.family) == ("one_family", None)
        assert (own.trend, other.trend) == (trend, trend)
        assert own.n_families == 1


def test_dependence_is_that_of_the_headlines_errors(result: Backtest) -> None:
    """Of the errors of another trend it does not change."""
    others = pl.col("forecaster") != "records"
    shuffled = result.forecasts.with_columns(
        pit=pl.when(others).then(pl.lit(0.999)).otherwise("pit")
    )
    noise = np.random.default_rng(1).uniform(size=result.forecasts.height)
    ours = result.forecasts.with_columns(
        pit=pl.when(others).then("pit").otherwise(pl.Series(noise))
    )
    found = _lessons(result).dependence
    assert found
    assert _lessons(result, forecasts=shuffled).dependence == found
    assert _lessons(result, forecasts=ours).dependence != found


def test_a_family_has_no_say_in_the_weights_that_it_is_scored_with(
    result: Backtest,
) -> None:
    one = next(past for past in result.past if past.level_targets)
    target = one.level_targets[0]
    weights = result.stacks["bounded"].weights
    left_out = leave_one_out(pool_cases(result.past, list(weights)), list(weights))
    assert left_out[one.family_id].weights != weights
    (law, *_) = dict(one.all_levels(left_out[one.family_id].weights))["ensemble"]
    observed = Link.of(benchmark(), 1.0).of_scores(np.array([target.observed]))
    row = result.forecasts.row(
        by_predicate=(pl.col("forecaster") == "ensemble")
        & (pl.col("target") == "level")
        & (pl.col("origin_date") == one.origin)
        & (pl.col("series_id") == one.standing.series.series_id)
        & (pl.col("lead_months") == target.lead_months),
        named=True,
    )
    expected = crps_cdf(law.levels, law.cdf, float(observed[0]))
    assert row["crps_link"] == pytest.approx(expected, rel=1e-9)
