"""Tripwires: what is tested, what counts as news, and what a run says of it."""

import json
import shutil
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from tests.airflow_home import small_checkout
from tests.conftest import PUBLISHED_AT
from tests.figures import benchmark, observations, positive, series
from trends.changes import load_inputs
from trends.changes.coalitions import compare_scores
from trends.cli.screens.notes import notes
from trends.crossings import Vintage, forecast_scores
from trends.fits.drift import fit_drifts
from trends.fits.redated import has_uncertain_dates
from trends.frontier import select_frontier, select_series_scores
from trends.outputs import read_table, read_tripwires, standing_alarms
from trends.pipeline import ForecastRequest, forecast, ingest
from trends.registry.models import Benchmark
from trends.registry.series import Series, whole_benchmarks
from trends.tables import OBSERVATIONS, SCORE_FORECAST, TREND_FITS, TRIPWIRES
from trends.tripwires import Published, watch_records
from trends.tripwires.evidence import ALPHA, Evidence
from trends.workspace import Workspace

START = date(2024, 1, 1)


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
