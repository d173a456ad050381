"""Series dealt into shards: no published byte depends on how many there are."""

from dataclasses import replace
from datetime import date
from pathlib import Path

import polars as pl
import pytest

from tests.output_runs import NOON
from tests.small_world import small_world
from trends.fits.votes import dump_votes, load_votes
from trends.pipeline import (
    ForecastRequest,
    cross_bars,
    fit_shards,
    ingest,
    plan_forecast,
    shards,
)
from trends.pipeline.parts import read_json
from trends.pipeline.plan import Plan
from trends.tables import CROSSING_CDF, SCORE_FORECAST
from trends.workspace import Workspace

REQUEST = ForecastRequest(as_of=date(2025, 11, 28), draws=100, publish=False)


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    made = small_world(tmp_path_factory.mktemp("shards") / "checkout")
    ingest(made)
    return made


def _planned(world: Workspace, reason: str) -> Path:
    asked = replace(REQUEST, reason=reason)
    return plan_forecast(asked, workspace=world, today=NOON.date())


def _written(part: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in part.iterdir()}


def test_no_byte_depends_on_the_number_of_shards(
    world: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The same run twice: its id is of what it is made from, and not of the reason."""
    together = _planned(world, "in one shard")
    assert len(fit_shards(together)) == 1
    tables = _written(cross_bars(together))
    monkeypatch.setattr(shards, "SERIES_OF_A_SHARD", 1)
    apart = _planned(world, "in several")
    assert len(fit_shards(apart)) > 2
    assert _written(cross_bars(apart)) == tables


def test_a_shard_writes_the_rows_of_its_own_series(world: Workspace) -> None:
    folder = _planned(world, "in one shard")
    cross_bars(folder)
    plan = Plan(folder)
    scores = pl.read_parquet(folder / "crossings-0" / f"{SCORE_FORECAST.name}.parquet")
    assert set(scores["series_id"]) <= set(shards.series_of_shard(plan, 0))
    assert (folder / "crossings-0" / f"{CROSSING_CDF.name}.parquet").exists()


def test_votes_are_the_same_to_the_last_digit_after_they_were_written(
    world: Workspace,
) -> None:
    folder = _planned(world, "in one shard")
    cross_bars(folder)
    plan = Plan(folder)
    kept = read_json(folder / "records" / shards.VOTES)["votes"]
    assert isinstance(kept, dict)
    again = load_votes(kept, plan.series, plan.registry.weights)
    assert dump_votes(again) == kept
    assert again.drifts.votes
    assert again.records.votes
