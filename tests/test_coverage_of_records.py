"""Simulated records, and what is said of them, counted."""

from collections.abc import Mapping
from datetime import timedelta

import numpy as np
import polars as pl
import pytest
from scipy.stats import beta, truncnorm

from trends.backtest.ceilings import POWERS, PRECISIONS, past_ceilings
from trends.coverage.count import BEFORE
from trends.coverage.experiments import Counts, Experiment, measure
from trends.coverage.frontiers import (
    FIRST_LEVEL,
    Ceilings,
    Kinks,
    Models,
    ModelsUnderCeilings,
    Records,
    RecordsUnderCeilings,
    Rush,
    normal_above,
)
from trends.coverage.methods import RECORDS, Asked, Method
from trends.coverage.powers import HELD, WHOLE, believe
from trends.coverage.standing import Said, said_of_never, said_of_record
from trends.coverage.tables import END, score_rows, simulated_series
from trends.coverage.worlds import FUTURE_YEARS, Later, Sample, TrueBar
from trends.crossings.answers import Estimated
from trends.crossings.distribution import CrossingDistribution
from trends.crossings.outcomes import Outcome
from trends.fits.ceiling_evidence import evidence_of
from trends.fits.lines import Row
from trends.fits.streams import random_stream
from trends.fits.waiting import Stands
from trends.frontier import select_frontier
from trends.registry.models import TrendFamily

STREAM = np.random.default_rng


# --- worlds


def test_waits_have_the_hazard_of_the_law_with_its_gamma_integrated_out() -> None:
    """P(no record in t years) = (1 + 0.2 * 5 * t^1.2)^(-1/0.2), after the first score."""
    world = Records(1, 0.1)
    first = np.array([world._record_years(1.0, STREAM(k))[0] for k in range(4000)])
    for years in (0.05, 0.2, 0.6):
        expected = (1 + 0.2 * 5 * years**1.2) ** (-1 / 0.2)
        error = np.sqrt(expected * (1 - expected) / 4000)
        assert np.mean(first > years) == pytest.approx(expected, abs=4 * error)


def test_records_are_those_that_came_and_nothing_between_them() -> None:
    """Of all scores of a family, the future ones too."""
    for seed in range(20):
        world, generator = Records(1, 0.1), STREAM(seed)
        path = world._path(generator)
        beaten = np.flatnonzero(
            path.levels > np.maximum.accumulate(path.levels) - 1e-12
        )
        generator = STREAM(seed)
        watched = generator.uniform(1, 3)
        came = np.append(0.0, world._record_years(watched, generator)) - watched
        np.testing.assert_allclose(path.years[beaten], came, atol=1e-12)
        assert path.years[-1] <= FUTURE_YEARS


@pytest.mark.parametrize("days", [[0.0, 2.0], [0.0, 0.3, 1.1, 2.0]])
def test_a_trend_spreads_as_a_slope_that_is_a_random_walk(days: list[float]) -> None:
    """Var = 0.6^2 t^2 + q t^3/3 about -1 + 1.5 t; at t = 2 and q = 1 1.44 + 2.67."""
    years, world = np.array(days), Models(1, 1.0)
    ends = np.array([world._trend(years, 2.0, STREAM(k))[-1] for k in range(4000)])
    assert ends.mean() == pytest.approx(FIRST_LEVEL + 3.0, abs=0.13)
    assert ends.var() == pytest.approx(1.44 + 8 / 3, rel=0.1)


def test_a_pace_doubles_on_one_day_of_the_last_year() -> None:
    years = np.linspace(0, 4, 401)
    trend = Kinks(1, 0.0)._trend(years, 2.0, STREAM(3))
    slopes = np.diff(trend) / np.diff(years)
    assert slopes[-1] == pytest.approx(2 * slopes[0])
    bend = years[np.argmax(slopes > 1.01 * slopes[0])]
    assert 1.0 <= bend <= 2.0
    assert slopes[:100] == pytest.approx(slopes[0])
    assert slopes[200:] == pytest.approx(slopes[-1])


def test_twice_as_many_models_come_out_each_year_until_a_year_after_the_end() -> None:
    """Watched 2 years at 8 a year by then: 8/ln 2 (1 - 1/4), 8/ln 2 and 16 a year."""
    came = [Rush(1, 0.1)._released(8.0, 2.0, STREAM(k)) for k in range(400)]
    years = np.concatenate(came) - 2.0
    counts, _ = np.histogram(years, [-2.0, 0.0, 1.0, 3.0])
    expected = 400 * np.array([8 / np.log(2) * 0.75, 8 / np.log(2), 32.0])
    assert counts == pytest.approx(expected, rel=0.05)


@pytest.mark.parametrize("low", [-40.0, -0.5, 1.0, 6.0, 9.0, 50.0])
def test_a_normal_above_a_value_is_that_of_scipy(low: float) -> None:
    generator = STREAM(1)
    drawn = np.array([normal_above(low, generator) for _ in range(4000)])
    right = truncnorm(low, np.inf)
    assert drawn.min() > low
    assert np.mean(drawn) - low == pytest.approx(right.mean() - low, rel=0.07, abs=0.06)


CAPPED = pytest.mark.parametrize("kind", [RecordsUnderCeilings, ModelsUnderCeilings])


@CAPPED
def test_ceilings_are_drawn_from_what_is_known_of_them(kind: type[Ceilings]) -> None:
    """A beta of mean 0.9 and precision 6 has the variance 0.9 * 0.1 / 7."""
    world = kind(1, 0.1, 0.9)
    drawn = np.array([world._ceiling(STREAM(k)) for k in range(4000)])
    assert drawn.mean() == pytest.approx(0.9, abs=0.008)
    assert drawn.var() == pytest.approx(0.09 / 7, rel=0.1)
    sample = world.simulate(STREAM(2))
    assert sample.series.benchmark.ceiling is not None
    assert sample.series.benchmark.ceiling.mean == 0.9


@CAPPED
def test_a_bar_above_the_ceiling_is_never_reached(kind: type[Ceilings]) -> None:
    above = []
    for seed in range(60):
        sample = kind(1, 0.1, 0.9).simulate(STREAM(seed))
        assert sample.later is not None
        bars = sample.bars["record"]
        assert [bar.value for bar in bars] == [0.8, 0.9, 0.95]
        for bar in bars:
            if bar.is_above_ceiling:
                assert bar.day == np.inf
                assert sample.later.scores.max() <= bar.value
        above.append([bar.is_above_ceiling for bar in bars])
    shares = np.mean(above, axis=0)
    assert 0 < shares[0] < shares[1] < shares[2] < 1


def test_powers_are_held_against_what_came_of_each_simulation() -> None:
    """By integrating over ceilings directly, of the scores that each simulation shows."""
    world, n = ModelsUnderCeilings(1, 0.1, 0.9), 12
    believed = believe(world, n_simulations=n)
    before, ceilings = beta(6 * 0.9, 6 * 0.1), (np.arange(20_000) + 0.5) / 20_000
    n_foretold = 0
    for number in range(n):
        sample = world.simulate(random_stream("coverage powers", world, number))
        evidence = evidence_of(sample.series, sample.scores)
        kept = ceilings[ceilings > evidence.lowest]
        logs = evidence.log_likelihood(kept)
        best = max(evidence.scores)
        for place, power in enumerate(HELD):
            believes = power * min(1.0, (1 - best) / 0.3)
            weights = before.pdf(kept) * np.exp(believes * (logs - logs.max()))
            for bar, said, came in zip(
                sample.bars["record"],
                believed.never[place].chances[number],
                believed.never[place].came[number],
                strict=True,
            ):
                assert np.isnan(said) == np.isnan(came) == (bar.value <= best)
                if bar.value > best:
                    right = weights[kept < bar.value].sum() / weights.sum()
                    assert said == pytest.approx(right, abs=0.01)
                    assert came == bar.is_above_ceiling
        n_foretold += np.isfinite(believed.foretold[number]).all()
    assert n_foretold > n // 2
    squares = np.square(believed.never[WHOLE].chances - believed.never[WHOLE].came)
    assert np.nanmean(believed.squares[:, WHOLE]) == pytest.approx(
        np.nanmean(np.nanmean(squares[np.isfinite(squares).any(axis=1)], axis=1))
    )


def test_a_power_foretells_the_scores_of_the_year_after_and_no_others() -> None:
    world = RecordsUnderCeilings(1, 0.1, 0.9)
    foretold = believe(world, n_simulations=8).foretold
    sample = world.simulate(random_stream("coverage powers", world, 3))
    assert sample.later is not None
    days = np.ceil(sample.later.years * 365.25)
    scores = sample.later.scores[days <= 366]
    later = score_rows("target", -days[days <= 366], scores)
    series = simulated_series("target", 10_000, 0.9, until=END + timedelta(days=366))
    found = past_ceilings(series, pl.concat([sample.scores, later]))
    (of_day,) = [one for one in found if one.origin == END + timedelta(days=1)]
    places = [POWERS.index(power) for power in HELD]
    assert foretold[3] == pytest.approx(of_day.scores[PRECISIONS.index(6.0)][places])


def test_bars_stand_above_the_record_by_a_rise_of_so_long() -> None:
    sample = Models(1, 0.1).simulate(STREAM(4))
    best = float(str(sample.scores["score"].max()))
    rises = -np.log(-np.log([bar.value for bar in sample.bars["record"]]))
    assert rises + np.log(-np.log(best)) == pytest.approx([0.45, 1.125, 2.25])


def test_what_is_published_later_is_no_part_of_what_is_known() -> None:
    sample = Models(2, 0.1).simulate(STREAM(5))
    assert sample.later is not None
    assert sample.later.years.min() > 0
    assert (sample.scores["frontier_date"] <= END).all()
    assert len(sample.others) == 1


def test_the_shipped_law_of_waits_sees_the_hazard_that_was_simulated() -> None:
    """Records beaten over the exposure of the true power: about the rate of 5 a year."""
    n, exposure = 0, 0.0
    for seed in range(200):
        sample = Records(1, 0.1).simulate(STREAM(seed))
        records = select_frontier(sample.scores, [sample.series])
        days = (records["frontier_date"] - END).dt.total_days().to_numpy() / 365.25
        stands = Stands.of(days - days[0], -days[0])
        n += stands.n
        exposure += float(stands.exposures(np.array(1.2)))
    assert n / exposure == pytest.approx(5.0, rel=0.1)


# --- counting


def test_chances_in_bands_beside_what_came() -> None:
    """Of .2 .2 .25 one came, of .8 .8 both; NaN was not asked: two of one simulation."""
    said = Said(
        np.array([[0.2, 0.8], [0.2, np.nan], [0.25, 0.8]]),
        np.array([[1.0, 1.0], [0.0, np.nan], [0.0, 1.0]]),
    )
    low, high = said.bands()
    assert (low.low, low.high, low.n) == (0.1, 0.3, 3)
    assert low.said == pytest.approx(0.65 / 3)
    assert low.came.value == pytest.approx(1 / 3)
    assert low.came.error == pytest.approx(np.sqrt(4 / 9 + 1 / 9 + 1 / 9) / 3)
    assert (high.n, high.said, high.came.value) == (2, 0.8, 1.0)
    chance, share = said.at(0)
    assert chance == pytest.approx(0.65 / 3)
    assert share.value == pytest.approx(1 / 3)
    assert len(list(Said.joined([said, said]).bands())) == 2
    assert next(iter(Said.joined([said, said]).bands())).n == 6


def test_a_certain_chance_lies_in_the_last_band() -> None:
    (band,) = Said(np.ones((2, 1)), np.array([[1.0], [0.0]])).bands()
    assert (band.low, band.high, band.said, band.came.value) == (0.9, 1.0, 1.0, 0.5)


def test_what_is_said_of_never_is_of_open_bars() -> None:
    law = CrossingDistribution.exact(END, np.linspace(0, 0.6, 100), p_never=0.4)
    series = simulated_series("target", 100)
    scores = score_rows("target", np.array([10.0]), np.array([0.85]))
    bars = [
        TrueBar(place, value, np.inf, value > 0.9)
        for place, value in enumerate((0.8, 0.9, 0.95))
    ]
    sample = Sample(series, scores, {"record": bars})
    outcomes = [Outcome(Estimated(law, "x"))] * 2
    found = said_of_never(Asked(RECORDS, "record", [], outcomes), sample)
    np.testing.assert_array_equal(found["never"], [np.nan, 0.4, 0.4])
    np.testing.assert_array_equal(found["above"], [np.nan, 0.0, 1.0])


def test_a_record_stands_until_a_better_score_comes() -> None:
    """The first better one comes after 0.3 years: after 91 days, before 183."""
    sample = Records(8, 0.1).simulate(STREAM(11))
    best = float(str(sample.scores["score"].max()))
    later = Later(
        np.array([0.1, 0.3, 0.9]), np.array([best, best + 0.001, best + 1e-4])
    )
    sample = Sample(sample.series, sample.scores, {"record": []}, sample.others, later)
    rows = _fitted(sample, select_frontier(sample.scores, [sample.series]))
    found = said_of_record(Asked(RECORDS, "record", rows, []), sample, STREAM(1))
    assert found["stood"].tolist() == [1, 0, 0]
    assert np.all(np.diff(found["stands"]) < 0)
    assert found["levels"].shape == (3, 3)
    # the frontier has hardly risen in a year: below what was said
    assert found["levels"][2].tolist() == [BEFORE, BEFORE, BEFORE]
    assert later.best_by(0.05) == -np.inf
    assert later.first_day(best + 0.001) == 110


# --- laws that are wrong are found out


def _fitted(sample: Sample, records: pl.DataFrame) -> list[Row]:
    assert RECORDS.fit is not None
    return RECORDS.fit(sample, records)


def _measured(factors: Mapping[str, float], n: int) -> Counts:
    """What comes of the records family with columns of its rows times these factors."""

    def fit(sample: Sample, records: pl.DataFrame) -> list[Row]:
        return [
            row | {name: float(str(row[name])) * by for name, by in factors.items()}
            for row in _fitted(sample, records)
        ]

    method = Method("records", TrendFamily.RECORDS, fit)
    experiment = Experiment(
        Records(8, 0.1), [(method, "record")], selected=True, of_record=True
    )
    return measure(experiment, n_simulations=n)


def test_waits_that_are_too_long_are_found_out() -> None:
    """Half the rate: 120 records, of which said and came differ by over four errors."""
    right, wrong = _measured({}, 120), _measured({"record_exposure": 2.0}, 120)
    said, stood = right.stood["records"].at(0)
    assert abs(said - stood.value) < 3 * stood.error
    said, stood = wrong.stood["records"].at(0)
    assert said - stood.value > 4 * stood.error


def test_a_scatter_that_is_too_small_is_found_out() -> None:
    less = dict.fromkeys(
        ("scatter_variance", "wander_variance", "intercept_slope_cov"), 0.01
    )
    less |= dict.fromkeys(("slope_per_year_se", "intercept_se"), 0.1)
    narrow = _measured(less, 80)
    share = narrow.levels["records"].covered(0.8, 2)
    assert share is not None
    assert share.value < 0.7
