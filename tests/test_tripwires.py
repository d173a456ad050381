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
from tests.figures import observations, positive, series
from trends.changes.coalitions import compare_scores
from trends.dates import DAYS_PER_YEAR
from trends.fits.drift import fit_drifts
from trends.fits.links import Floats
from trends.frontier import select_frontier, select_series_scores
from trends.outputs import read_table, standing_alarms
from trends.pipeline import ForecastRequest, forecast, ingest
from trends.registry.series import Series
from trends.show import print_alarms
from trends.tables import OBSERVATIONS, TREND_FITS, TRIPWIRES
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


def _fit(path: Floats, look_days: float) -> dict[str, Any]:
    """The fitted row of a walk seen at every look, its law known but for the drift."""
    dt = look_days / DAYS_PER_YEAR
    looks = len(path) - 1
    silent = looks - int(np.argmax(path))
    return {
        "intercept": float(path.max()),
        "own_slope_per_year": float(path.max() - path[0]) / (looks * dt),
        "exposure_years": looks * dt,
        "silent_years": silent * dt,
        "n_looks": looks,
        "n_silent_looks": silent,
        "sigma2_per_year": SIGMA2,
        "pool": "known",
        "pool_slope_per_year": MEAN,
        "pool_drift_sd": SPREAD,
        "ceiling": None,
        "ceiling_weight": None,
    }


def _forecast(fits: Sequence[dict[str, Any]]) -> RecordForecast:
    record = float(np.exp(fits[0]["intercept"]))
    return RecordForecast(START, START, record, positive(), fits)


def test_the_law_has_the_masses_of_the_textbook() -> None:
    """No silence, so the drift is normal: average the inverse Gaussian law over it."""
    fit = _fit(np.array([0.0, 0.2, 0.5]), look_days=DAYS_PER_YEAR / 10)
    # 1/V = 0.2/0.5 + 1/0.49; own slope 0.5/0.2
    variance = 1 / (0.2 / 0.5 + 1 / 0.49)
    mean = variance * (0.5 / 0.5 + 1.0 / 0.49)
    years, rise = 0.75, 0.4
    a = rise + 0.5826 * np.sqrt(0.5 * 0.1)

    def crossed(b: float) -> float:
        root = np.sqrt(0.5 * years)
        return float(
            stats.norm.cdf((b * years - a) / root)
            + np.exp(2 * a * b / 0.5) * stats.norm.cdf((-b * years - a) / root)
        )

    expected, _ = integrate.quad(
        lambda b: crossed(b) * stats.norm.pdf(b, mean, np.sqrt(variance)), -4, 6
    )
    scores = np.exp(np.array([0.5 + rise]))
    found = _forecast([fit]).reaches(scores, years=years)
    assert found[0] == pytest.approx(expected, rel=1e-6)


def test_a_record_is_never_less_likely_than_standing_past_it_at_the_end() -> None:
    """A single look at a normal: the correction for looks is too strong in its tail."""
    fit = _fit(np.array([0.0, 0.5]), look_days=60)
    years = 60 / DAYS_PER_YEAR
    variance = 1 / (years / 0.5 + 1 / 0.49)
    mean = variance * (0.5 / 0.5 + 1 / 0.49)
    spread = np.sqrt(0.5 * years + variance * years**2)
    expected = stats.norm.sf((1.0 - mean * years) / spread)
    found = _forecast([fit]).reaches(np.exp(np.array([1.5])), years=years)
    assert found[0] == pytest.approx(expected, rel=1e-9)


def test_the_band_has_the_probabilities_it_says() -> None:
    forecast = _forecast([_fit(np.array([0.0, 0.2, 0.5]), look_days=30)])
    band = forecast.band(years=1.0)
    reached = forecast.reaches(np.array(band), years=1.0)
    assert reached == pytest.approx([0.9, 0.5, 0.1], abs=2e-3)


def _live(
    generator: np.random.Generator,
    *,
    look_days: int,
    looks: int,
    windows: int,
    faster: float = 0.0,
) -> tuple[float, list[Evidence]]:
    """Peak evidence and the bets of one walk of the world that the law describes.

    Watched for a year, then forecast and tested ``windows`` times; ``faster`` is added
    to its drift after the first year.
    """
    dt = look_days / DAYS_PER_YEAR
    first = round(1 / dt)
    n = first + looks * windows
    drift = np.full(n, generator.normal(MEAN, SPREAD))
    drift[first:] += faster
    steps = drift * dt + np.sqrt(SIGMA2 * dt) * generator.standard_normal(n)
    path = np.concatenate([[0.0], np.cumsum(steps)])
    capital, peak, bets = Evidence(), 1.0, []
    for now in range(first, n, looks):
        forecast = _forecast([_fit(path[: now + 1], look_days)])
        found = float(np.exp(path[: now + looks + 1].max()))
        low, high, p_no_record = forecast.rank(found, years=looks * dt)
        bets.append(bet_against(low, high, p_no_record=p_no_record))
        capital = capital.times(bets[-1])
        peak = max(peak, capital.both)
    return peak, bets


@cache
def _right_forecasts(look_days: int, looks: int, windows: int) -> tuple[Floats, Floats]:
    generator = np.random.default_rng(20261122)
    lives = [
        _live(generator, look_days=look_days, looks=looks, windows=windows)
        for _ in range(400)
    ]
    bets = [(bet.slower, bet.faster) for _, all_of in lives for bet in all_of]
    return np.array([peak for peak, _ in lives]), np.array(bets)


@pytest.mark.parametrize(("look_days", "looks", "windows"), [(10, 3, 12), (30, 1, 12)])
def test_a_right_forecast_is_called_broken_no_more_often_than_allowed(
    look_days: int, looks: int, windows: int
) -> None:
    """Of 400 walks at most 5% ever reach 20 to 1 (standard error 1.1%)."""
    peaks, bets = _right_forecasts(look_days, looks, windows)
    assert (peaks >= 1 / ALPHA).mean() <= ALPHA
    error = bets.std(axis=0) / np.sqrt(len(bets))
    assert (bets.mean(axis=0) <= 1 + 3 * error).all()


def test_a_broken_forecast_is_called_broken() -> None:
    """Drift up by 3 a year, four standard deviations of the drifts that are known."""
    generator = np.random.default_rng(7)
    peaks = [
        _live(generator, look_days=30, looks=3, windows=8, faster=3.0)[0]
        for _ in range(100)
    ]
    assert np.mean(np.array(peaks) >= 1 / ALPHA) > 0.5


SCORES = [(date(2023, 1, 1), 10.0), (date(2023, 7, 1), 12.0), (date(2024, 1, 1), 40.0),
          (date(2024, 7, 1), 44.0), (date(2025, 1, 1), 30.0),
          (date(2025, 6, 1), 70.0)]  # fmt: skip
BEFORE, AFTER = date(2025, 6, 30), date(2025, 12, 31)


def _minutes(through: date, *, direction: str = "higher") -> Series:
    return series(entry=positive(observed_through=through, direction=direction))


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
    vintages: list[Path], capsys: pytest.CaptureFixture[str]
) -> None:
    assert standing_alarms(vintages[0]) == []
    alarms = standing_alarms(vintages[1])
    assert [row["benchmark_id"] for row in alarms] == ["nanogpt_speedrun"]
    print_alarms(vintages[1])
    said = capsys.readouterr().out.strip()
    assert said.startswith("Tripwire: nanogpt_speedrun: alarm since 2025-09-30: ")
    assert said in (vintages[1] / "README.md").read_text(encoding="utf-8")
    print_alarms(vintages[0])
    assert capsys.readouterr().out == ""


def test_every_benchmark_has_a_row_in_words(vintages: list[Path]) -> None:
    first, second = (read_table(run, TRIPWIRES) for run in vintages)
    assert first["series_id"].equals(second["series_id"])
    assert set(first["e_process"]) == {1.0}
    tested = second.filter(pl.col("rank_high").is_not_null())
    assert tested.height >= 3
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
