"""Tripwires: what a bet pays, how often it cries wolf, what counts as news."""

import json
import shutil
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from functools import cache
from itertools import pairwise
from math import log
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from scipy import integrate, stats

from tests.airflow_home import small_checkout
from tests.conftest import PUBLISHED_AT
from tests.figures import benchmark, observations, positive, scores, series
from trends.changes import load_inputs
from trends.changes.coalitions import compare_scores
from trends.cli.screens.headlines import notes
from trends.crossings import Vintage, forecast_scores
from trends.crossings.levels import Standing
from trends.crossings.looks import Looks
from trends.dates import DAYS_PER_YEAR
from trends.fits.drift import fit_drifts
from trends.fits.links import Floats
from trends.fits.redated import has_uncertain_dates
from trends.frontier import select_frontier, select_series_scores
from trends.outputs import read_table, read_tripwires, standing_alarms
from trends.pipeline import ForecastRequest, forecast, ingest
from trends.registry.models import Benchmark
from trends.registry.series import Series, whole_benchmarks
from trends.tables import OBSERVATIONS, SCORE_FORECAST, TREND_FITS, TRIPWIRES
from trends.tripwires import Published, watch_records
from trends.tripwires.evidence import ALPHA, Evidence, bet_against, raise_alarms
from trends.tripwires.law import RecordForecast
from trends.workspace import Workspace

START = date(2024, 1, 1)
SIGMA2 = 0.5
MEAN, SPREAD = 1.0, 0.7


@pytest.mark.parametrize("p_no_record", [0.01, 0.4, 0.98])
@pytest.mark.parametrize("bet", ["slower", "faster"])
def test_a_bet_against_a_right_forecast_pays_back_its_stake_on_average(
    p_no_record: float, bet: str
) -> None:
    """Over the atom of no new record and the uniform ranks above it."""

    def paid(low: float, high: float) -> float:
        return float(getattr(bet_against(low, high, p_no_record=p_no_record), bet))

    # what lies closer to 1 than e^-25 is a part of 1/25 of the payment's integral
    near = np.concatenate([1 - np.exp(-np.arange(0.0, 26.0)), [1 - 1e-11]])
    ends = [p_no_record, *(end for end in near if end > p_no_record)]
    above = sum(
        integrate.quad(lambda u: paid(u, u), low, high, limit=200)[0]
        for low, high in pairwise(ends)
    )
    found = p_no_record * paid(0.0, p_no_record) + above
    share = 1.0 if bet == "slower" else 1 - p_no_record
    left_out = 0.0 if bet == "slower" else share / -log(1e-11)
    assert found == pytest.approx(1.0 - left_out, abs=2e-3)


def test_no_new_record_pays_as_by_hand() -> None:
    """At evens: G(1/2) = (1/2)/ln 2 of the payment lies below; half is staked above."""
    below = 0.5 / log(2)
    found = bet_against(0.0, 0.5, p_no_record=0.5)
    assert found.slower == pytest.approx(below / 0.5)
    assert found.faster == pytest.approx(0.5 + 0.5 * (1 - below) / 0.5)


def test_a_new_record_pays_as_by_hand() -> None:
    """At u = 1/e: (1 - u + u ln u)/(u ln^2 u) = (1 - 2/e) e = e - 2."""
    u = np.exp(-1.0)
    assert bet_against(u, u, p_no_record=0.1).slower == pytest.approx(np.e - 2)
    assert bet_against(1 - u, 1 - u, p_no_record=0.4).faster == pytest.approx(
        0.4 + 0.6 * (np.e - 2)
    )
    assert bet_against(1.0, 1.0, p_no_record=0.1).slower == pytest.approx(0.5)


def test_a_window_shared_out_among_many_does_not_eat_the_capital() -> None:
    """A record a year is due and comes, watched daily: a full stake would leave 1e-60."""
    stake = Evidence()
    for day in range(365):
        p = float(np.exp(-1 / 365))
        low, high = (0.0, p) if day else ((1 + p) / 2, (1 + p) / 2)
        stake = stake.times(bet_against(low, high, p_no_record=p))
    assert 0.3 < stake.faster < 3
    assert 0.3 < stake.slower < 3


@pytest.mark.parametrize(
    ("evidence", "alarms"),
    [
        ([79.0, 1.0, 1.0, 1.0], []),  # one alone needs 4 / 0.05 = 80
        ([1.0, 80.0, 1.0, 1.0], [1]),
        ([45.0, 1.0, 50.0, 1.0], [0, 2]),  # two together need 40 each
        ([28.0, 100.0, 2.0, 30.0], [0, 1, 3]),  # two miss 40, but three have 26.7
    ],
)
def test_alarms_are_shared_as_by_hand(evidence: list[float], alarms: list[int]) -> None:
    assert np.flatnonzero(raise_alarms(evidence)).tolist() == alarms


def _fit(path: Floats, look_days: float, n_looks: int | None = None) -> dict[str, Any]:
    """The fitted row of a walk's records, its law known but for the drift.

    ``n_looks`` says how often it was seen, if not on the days of the path only.
    """
    dt = look_days / DAYS_PER_YEAR
    looks = len(path) - 1
    silent = looks - int(np.argmax(path))
    seen = (n_looks or looks) / looks
    return {
        "series_id": "test",
        "trend": "drift",
        "fit_status": "fitted",
        "intercept": float(path.max()),
        "own_slope_per_year": float(path.max() - path[0]) / (looks * dt),
        "exposure_years": looks * dt,
        "silent_years": silent * dt,
        "n_looks": round(looks * seen),
        "n_silent_looks": round(silent * seen),
        "sigma2_per_year": SIGMA2,
        "pool": "known",
        "pool_slope_per_year": MEAN,
        "pool_drift_sd": SPREAD,
        "ceiling": None,
        "ceiling_weight": None,
    }


def _forecast(fit: dict[str, Any]) -> RecordForecast:
    record = float(np.exp(fit["intercept"]))
    only = scores([(START, record)])
    standing = Standing(Looks(series(entry=positive()), only, only), START)
    return RecordForecast(START, standing, TREND_FITS.frame([fit]))


def test_the_law_has_the_masses_of_the_textbook() -> None:
    """No silence, so the drift is normal: average the inverse Gaussian law over it."""
    fit = _fit(np.array([0.0, 0.2, 0.5]), look_days=DAYS_PER_YEAR / 10)
    # 1/V = 0.2/0.5 + 1/0.49; own slope 0.5/0.2
    variance = 1 / (0.2 / 0.5 + 1 / 0.49)
    mean = variance * (0.5 / 0.5 + 1.0 / 0.49)
    law = _forecast(fit).law(days=274)
    years, rise = 274 / 365.25, law.levels[30] - 0.5

    def crossed(b: float) -> float:
        root = np.sqrt(0.5 * years)
        return float(
            stats.norm.cdf((b * years - rise) / root)
            + np.exp(2 * rise * b / 0.5) * stats.norm.cdf((-b * years - rise) / root)
        )

    expected, _ = integrate.quad(
        lambda b: crossed(b) * stats.norm.pdf(b, mean, np.sqrt(variance)), -4, 6
    )
    assert 1 - law.cdf[30] == pytest.approx(expected, rel=1e-6)
    assert law.cdf[0] == pytest.approx(0.0, abs=1e-9)


@cache
def _walks(
    n_walks: int, *, look_days: float, days: int, faster: float, watched: bool
) -> Floats:
    """Maxima so far of walks of the world that the law describes, (walks, points).

    Args:
        n_walks: how many.
        look_days: days between their points.
        days: how long, the first year included.
        faster: added to the drift after the first year.
        watched: maxima are over all times, not over the points: between two, that of
            a Brownian bridge is (a + b + sqrt((b - a)^2 - 2 v ln U)) / 2.
    """
    generator = np.random.default_rng(20261122)
    dt = look_days / DAYS_PER_YEAR
    n = round(days / look_days)
    drift = np.repeat(generator.normal(MEAN, SPREAD, (n_walks, 1)), n, axis=1)
    drift[:, round(360 / look_days) :] += faster
    steps = drift * dt + np.sqrt(SIGMA2 * dt) * generator.standard_normal((n_walks, n))
    path = np.pad(np.cumsum(steps, axis=1), ((0, 0), (1, 0)))
    before, after = path[:, :-1], path[:, 1:]
    bridge = np.zeros_like(steps)
    if watched:
        bridge = -2 * SIGMA2 * dt * np.log(generator.random((n_walks, n)))
    highest = (before + after + np.sqrt(np.square(after - before) + bridge)) / 2
    return np.maximum.accumulate(np.pad(highest, ((0, 0), (1, 0))), axis=1)


def _lives(
    n_walks: int,
    *,
    look_days: float,
    window_days: int,
    windows: int,
    watched: bool = True,
    faster: float = 0.0,
) -> tuple[Floats, Floats]:
    """Peak evidence of each walk, and the payments of all bets, shape (bets, 2).

    Watched for a year, then forecast and tested ``windows`` times.
    """
    first, looks = round(360 / look_days), round(window_days / look_days)
    highest = _walks(
        n_walks,
        look_days=look_days,
        days=360 + window_days * windows,
        faster=faster,
        watched=watched,
    )
    peaks, bets = [], []
    for records in highest:
        capital, peak = Evidence(), 1.0
        for now in range(first, first + looks * windows, looks):
            often = 1000 * now if watched else None
            forecast = _forecast(_fit(records[: now + 1], look_days, often))
            law = forecast.law(days=window_days)
            found = float(np.exp(records[now + looks]))
            low, high = forecast.rank(found, law)
            bet = bet_against(low, high, p_no_record=float(law.cdf[0]))
            bets.append((bet.slower, bet.faster))
            capital = capital.times(bet)
            peak = max(peak, capital.both)
        peaks.append(peak)
    return np.array(peaks), np.array(bets)


def test_a_right_forecast_is_called_broken_no_more_often_than_allowed() -> None:
    """Of 400 walks seen all the time, at most 5% ever reach 20 to 1 (s.e. 1.1%)."""
    peaks, bets = _lives(400, look_days=0.1, window_days=30, windows=12)
    assert (peaks >= 1 / ALPHA).mean() <= ALPHA
    error = bets.std(axis=0) / np.sqrt(len(bets))
    assert (bets.mean(axis=0) <= 1 + 3 * error).all()


def test_nor_where_the_day_of_a_record_is_all_that_is_known() -> None:
    """A record on the last day then makes another one certain, which it is not."""
    peaks, _ = _lives(400, look_days=1, window_days=90, windows=6)
    assert (peaks >= 1 / ALPHA).mean() <= ALPHA


@pytest.mark.slow
@pytest.mark.parametrize(
    ("look_days", "window_days", "share"),
    [(10, 30, 0.25), (30, 30, 0.67), (30, 90, 0.06)],
)
def test_walks_that_are_looked_at_rarely_are_slower_than_published(
    look_days: int, window_days: int, share: float
) -> None:
    """What is published holds for a frontier seen all the time; the evidence says so."""
    peaks, _ = _lives(
        400,
        look_days=look_days,
        window_days=window_days,
        windows=360 // window_days,
        watched=False,
    )
    assert (peaks >= 1 / ALPHA).mean() == pytest.approx(share, abs=0.08)


def test_a_broken_forecast_is_called_broken() -> None:
    """Drift up by 3 a year, four standard deviations of the drifts that are known."""
    peaks, _ = _lives(100, look_days=1, window_days=90, windows=8, faster=3.0)
    assert (peaks >= 1 / ALPHA).mean() > 0.5


SCORES = [(date(2023, 1, 1), 10.0), (date(2023, 7, 1), 12.0), (date(2024, 1, 1), 40.0),
          (date(2024, 7, 1), 44.0), (date(2025, 1, 1), 30.0),
          (date(2025, 6, 1), 70.0)]  # fmt: skip
BEFORE, AFTER = date(2025, 6, 30), date(2025, 12, 31)


def _minutes(through: date, *, direction: str = "higher") -> Series:
    return series(entry=positive(observed_through=through, direction=direction))


CEILINGS = {"values": [0.9, 1.0], "weights": [0.25, 0.75], "reason": "made up"}


@pytest.mark.parametrize(
    ("entry", "shown"),
    [
        (positive(observed_through=BEFORE), SCORES),
        (
            positive(observed_through=BEFORE, direction="lower"),
            [(day, 1000 / score) for day, score in SCORES],
        ),
        (
            benchmark(observed_through=BEFORE, ceiling=CEILINGS),
            [(day, score / 100) for day, score in SCORES],
        ),
        (
            benchmark(observed_through=SCORES[-1][0], n_items=None),
            [(day, score / 100) for day, score in SCORES],
        ),
    ],
    ids=["minutes", "lower is better", "two ceilings", "record on the last day"],
)
@pytest.mark.parametrize("dated", ["to the day", "within months"])
def test_what_is_tested_is_what_was_published(
    entry: Benchmark, shown: list[tuple[date, float]], dated: str
) -> None:
    """Quantiles, and so P(no new record), are those of ``score_forecast``."""
    one = series(entry=entry)
    old = _known(shown, score_unit=entry.unit.value)
    if dated == "within months":
        old = old.with_columns(
            release_date=pl.lit(None, pl.Date),
            release_earliest=pl.col("known_on") - pl.duration(days=60),
            release_latest=pl.col("known_on"),
        )
    published = _published(old, one)
    known = select_series_scores(old, [one])
    assert has_uncertain_dates(known) == (dated == "within months")
    forecasts = forecast_scores(
        published.trend_fits,
        known,
        select_frontier(known, [one]),
        [one],
        vintage=Vintage(BEFORE, "0" * 12, 1, 100),
    )
    tested = published.forecasts()["test"]
    rows = forecasts.partition_by("lead_months", maintain_order=True)
    assert len(rows) == 7
    for ahead in rows:
        days = (ahead["forecast_date"][0] - tested.observed_through).days
        law = tested.law(days=days)
        levels = ahead["quantile_level"].to_numpy()
        scores_ahead = ahead["score"].to_numpy()
        assert law.score_quantile(levels) == pytest.approx(scores_ahead, rel=1e-12)
        stands_still = scores_ahead == tested.record
        assert (stands_still == (levels <= law.cdf[0])).all()
        # a ceiling is an atom, whose levels no score tells apart
        atoms = np.isclose(scores_ahead[:, np.newaxis], [0.9, 1.0], atol=0.006)
        above = (scores_ahead != tested.record) & ~atoms.any(axis=1)
        ranks = [tested.rank(score, law)[1] for score in scores_ahead[above]]
        assert np.array(ranks) == pytest.approx(levels[above], abs=1e-6)


def _known(points: Sequence[tuple[date, float]], **cells: object) -> pl.DataFrame:
    rows: list[dict[str, object]] = [
        {
            "model_id": f"model_{day}",
            "observation_id": f"{day}:{score}",
            "release_date": day,
            "reported_on": day,
            "known_on": day,
            "score": score,
            "score_unit": "minutes",
        }
        | cells
        for day, score in points
    ]
    return observations(rows)


def _published(old: pl.DataFrame, one: Series, as_of: date = BEFORE) -> Published:
    scores = select_series_scores(old, [one])
    fits = fit_drifts(
        [one], select_frontier(scores, [one]), scores, wanted=["test"], as_of=as_of
    )
    rows = [{"trend": "drift", "series_id": "test"} | row for row in fits["test"]]
    return Published(as_of, [one], old, TREND_FITS.frame(rows), TRIPWIRES.frame([]))


def _watch(
    new: pl.DataFrame,
    *,
    through: date = AFTER,
    direction: str = "higher",
    old: pl.DataFrame | None = None,
    evidence: Evidence | None = None,
    since: date | None = START,
) -> dict[str, Any]:
    """The row of the only benchmark, after figures from BEFORE to AFTER came in."""
    old = _known(SCORES) if old is None else old
    previous = _published(old, _minutes(BEFORE, direction=direction))
    if evidence is not None:
        standing = _row(
            watch_records(None, old, previous.series, as_of=BEFORE, run_id="a")
        )
        standing |= {
            "e_process_slower": evidence.slower,
            "e_process_faster": evidence.faster,
            "e_process": evidence.both,
            "evidence_since": since,
        }
        previous = replace(previous, tripwires=TRIPWIRES.frame([standing]))
    found = watch_records(
        previous,
        compare_scores(old, new).added,
        [_minutes(through, direction=direction)],
        as_of=AFTER,
        run_id="b",
    )
    return _row(found)


def _row(tripwires: pl.DataFrame) -> dict[str, Any]:
    row: dict[str, Any] = tripwires.row(0, named=True)
    return row


def test_the_first_vintage_has_no_evidence_and_says_why() -> None:
    row = _row(
        watch_records(
            None, OBSERVATIONS.frame([]), [_minutes(BEFORE)], as_of=BEFORE, run_id="a"
        )
    )
    assert (row["e_process"], row["alarm"], row["rank_low"]) == (1.0, False, None)
    assert row["label"] == "not watched yet: no earlier vintage to test"


def test_a_record_as_forecast_is_no_alarm() -> None:
    row = _watch(_known([*SCORES, (date(2025, 10, 1), 90.0)]))
    assert row["q10_score"] < row["record_found"] == 90.0 < row["q90_score"]
    assert row["rank_low"] == row["rank_high"] > row["p_no_record"]
    assert not row["alarm"]
    assert ", within the 80% band of 2025-06-30 (" in row["label"]


def test_a_leap_is_an_alarm_that_names_itself() -> None:
    row = _watch(_known([*SCORES, (date(2025, 10, 1), 4000.0)]))
    assert row["alarm"]
    assert row["alarm_since"] == AFTER
    assert row["e_process"] >= 1 / ALPHA
    assert row["label"].startswith(
        "alarm since 2025-12-31: records come faster than forecast"
    )
    assert "4000 minutes on 2025-12-31, ahead of the 80% band" in row["label"]


def test_where_lower_is_better_a_leap_is_downwards() -> None:
    old = _known([(day, 1000 / score) for day, score in SCORES])
    leap = pl.concat([old, _known([(date(2025, 10, 1), 0.25)])])
    slip = pl.concat([old, _known([(date(2025, 10, 1), 4000.0)])])
    down = _watch(leap, old=old, direction="lower")
    assert down["alarm"]
    assert down["q90_score"] < down["q10_score"] <= down["record_before"]
    up = _watch(slip, old=old, direction="lower")
    assert up["record_found"] == up["record_before"]
    mirrored = _watch(_known([*SCORES, (date(2025, 10, 1), 4000.0)]))
    assert down["e_process"] == pytest.approx(mirrored["e_process"], rel=1e-9)


def test_the_same_figures_give_the_same_row() -> None:
    new = _known([*SCORES, (date(2025, 10, 1), 90.0)])
    assert _watch(new) == _watch(new)


def test_evidence_is_multiplied_from_vintage_to_vintage() -> None:
    new = _known([*SCORES, (date(2025, 10, 1), 90.0)])
    alone = _watch(new)
    after = _watch(new, evidence=Evidence(slower=0.5, faster=6.0))
    assert after["e_process_slower"] == 0.5 * alone["e_value_slower"]
    assert after["e_process_faster"] == 6.0 * alone["e_value_faster"]
    assert (
        after["e_process"]
        == (after["e_process_slower"] + after["e_process_faster"]) / 2
    )


def test_evidence_against_another_law_than_the_published_starts_anew() -> None:
    """Tables of contract 1.0 do not say since when, and tested a law of rare looks."""
    new = _known([*SCORES, (date(2025, 10, 1), 90.0)])
    alone = _watch(new)
    after = _watch(new, evidence=Evidence(slower=0.5, faster=6.0), since=None)
    assert after == alone
    assert after["evidence_since"] == BEFORE
    carried = _watch(new, evidence=Evidence(slower=0.5, faster=6.0), since=START)
    assert carried["evidence_since"] == START


def test_no_longer_look_leaves_the_evidence_as_it_was() -> None:
    """Whatever the scores do: the previous forecast said nothing of days before."""
    new = _known([*SCORES, (date(2025, 5, 1), 4000.0)])
    row = _watch(new, through=BEFORE, evidence=Evidence(slower=0.5, faster=6.0))
    assert (row["e_process_slower"], row["e_process_faster"]) == (0.5, 6.0)
    assert not row["alarm"]
    assert row["label"] == "not tested: nothing observed after 2025-06-30"


@pytest.mark.parametrize(
    "history",
    [
        _known([*SCORES[:-1], (SCORES[-1][0], 4000.0)]),  # recounted
        _known([*SCORES, (date(2024, 9, 1), 4000.0)]),  # filled in
        _known(SCORES[:-1]),  # withdrawn
    ],
    ids=["recounted", "filled in", "withdrawn"],
)
def test_a_changed_history_is_no_news(history: pl.DataFrame) -> None:
    row = _watch(history)
    silent = _watch(_known(SCORES))
    assert row == silent
    assert not row["alarm"]
    assert (row["rank_low"], row["rank_high"]) == (0.0, row["p_no_record"])


def test_an_old_model_reported_late_is_news() -> None:
    late = _known([(date(2025, 3, 1), 4000.0)], known_on=date(2025, 8, 1))
    row = _watch(pl.concat([_known(SCORES), late]))
    assert row["record_found"] == 4000.0
    assert row["alarm"]


def test_scores_that_changed_their_meaning_are_not_tested() -> None:
    previous = _published(_known(SCORES), _minutes(BEFORE))
    now = series(
        entry=positive(observed_through=AFTER, unit="usd", published_unit="usd")
    )
    row = _row(
        watch_records(previous, OBSERVATIONS.frame([]), [now], as_of=AFTER, run_id="b")
    )
    assert row["e_process"] == 1.0
    assert row["label"] == "not tested: its scores changed their meaning"


def test_an_alarm_that_stands_keeps_its_first_day() -> None:
    old = _known(SCORES)
    previous = _published(old, _minutes(BEFORE))
    first = _row(watch_records(None, old, previous.series, as_of=BEFORE, run_id="a"))
    first |= {"e_process_faster": 9000.0, "alarm": True, "alarm_since": START}
    first |= {"evidence_since": START}
    standing = replace(previous, tripwires=TRIPWIRES.frame([first]))
    found = watch_records(
        standing, OBSERVATIONS.frame([]), [_minutes(AFTER)], as_of=AFTER, run_id="b"
    )
    assert _row(found)["alarm_since"] == START


@pytest.fixture(scope="module")
def vintages(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Two published in turn; between them the speedrun halves what it took a year for."""
    workspace = Workspace(small_checkout(tmp_path_factory.mktemp("tripwires") / "a"))
    ingest(workspace)
    return [
        forecast(
            ForecastRequest(as_of=as_of, draws=100),
            workspace,
            published_at=PUBLISHED_AT,
        ).path
        for as_of in (date(2025, 6, 30), date(2025, 9, 30))
    ]


def test_a_run_says_which_forecasts_new_figures_broke(
    vintages: list[Path],
) -> None:
    assert standing_alarms(vintages[0]) == []
    alarms = standing_alarms(vintages[1])
    assert [row["benchmark_id"] for row in alarms] == ["nanogpt_speedrun"]
    (said,) = (one for one in notes(vintages[1]) if one.startswith("Tripwire"))
    assert said.startswith("Tripwire: nanogpt_speedrun: alarm since 2025-09-30: ")
    assert said in (vintages[1] / "README.md").read_text(encoding="utf-8")
    assert not any(one.startswith("Tripwire") for one in notes(vintages[0]))


def test_a_published_run_is_tested_by_the_law_that_it_published(
    vintages: list[Path],
) -> None:
    """Bands of the next vintage lie where ``score_forecast`` has its levels."""
    run = vintages[0]
    inputs = load_inputs(run)
    published = Published(
        as_of=inputs.as_of,
        series=whole_benchmarks(inputs.registry),
        observations=inputs.observations,
        trend_fits=read_table(run, TREND_FITS),
        tripwires=read_tripwires(run),
    )
    table = read_table(run, SCORE_FORECAST).filter(pl.col("trend") == "drift")
    forecasts = published.forecasts()
    assert len(forecasts) >= 2
    whole = table.filter(pl.col("series_id").is_in(list(forecasts)))
    for (name, _), ahead in whole.group_by("series_id", "lead_months"):
        tested = forecasts[str(name)]
        days = (ahead["forecast_date"][0] - tested.observed_through).days
        found = tested.law(days=days).score_quantile(ahead["quantile_level"].to_numpy())
        assert found == pytest.approx(ahead["score"].to_numpy(), rel=1e-12)


def test_every_benchmark_has_a_row_in_words(vintages: list[Path]) -> None:
    first, second = (read_table(run, TRIPWIRES) for run in vintages)
    assert first["series_id"].equals(second["series_id"])
    assert set(first["e_process"]) == {1.0}
    tested = second.filter(pl.col("rank_high").is_not_null())
    # METR's suite was not public yet, and the first rules ended
    assert tested["series_id"].to_list() == ["nanogpt_speedrun"]
    assert (tested["previous_as_of"] == date(2025, 6, 30)).all()


@pytest.mark.slow
def test_the_same_vintages_give_the_same_bytes(
    vintages: list[Path], tmp_path: Path
) -> None:
    workspace = Workspace(vintages[0].parents[4])
    again = forecast(
        ForecastRequest(as_of=date(2025, 9, 30), draws=100, publish=False),
        workspace,
        published_at=PUBLISHED_AT,
    )
    for name in ("tripwires.csv", "tripwires.parquet"):
        assert (again.path / name).read_bytes() == (vintages[1] / name).read_bytes()
    assert again.tripwires == standing_alarms(vintages[1])


def test_a_run_of_an_older_version_has_no_alarms(
    vintages: list[Path], tmp_path: Path
) -> None:
    older = tmp_path / "older"
    shutil.copytree(vintages[1], older)
    manifest = json.loads((older / "manifest.json").read_text())
    del manifest["files"]["tripwires.parquet"]
    (older / "manifest.json").write_text(json.dumps(manifest))
    assert standing_alarms(older) == []
