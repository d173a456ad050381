"""Bets against forecasts: what they pay, and how often a right one is called broken."""

from datetime import date
from functools import cache
from itertools import pairwise
from math import log
from typing import Any

import numpy as np
import pytest
from scipy import integrate, stats

from tests.figures import positive, scores, series
from trends.crossings.levels import Standing
from trends.crossings.looks import Looks
from trends.dates import DAYS_PER_YEAR
from trends.fits.links import Floats
from trends.tables import TREND_FITS
from trends.tripwires.evidence import ALPHA, Evidence, bet_against, raise_alarms
from trends.tripwires.law import RecordForecast

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
