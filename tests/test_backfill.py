"""Past vintages filled in: oldest first, once, and on from where it stopped."""

import importlib
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from tests import light_gate
from tests.small_world import small_world
from trends.outputs import read_history, read_latest, read_manifest
from trends.pipeline import ForecastRequest, RequestError, ingest
from trends.pipeline.backfill import Filled, Step, backfill, vintages
from trends.workspace import Workspace

NOON = datetime(2026, 11, 26, 12, tzinfo=UTC)
FIRST, LAST = date(2025, 10, 31), date(2025, 12, 31)


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Workspace:
    gate = importlib.import_module("trends.validation.gate")
    monkeypatch.setattr(gate, "evaluate", light_gate.evaluate)
    workspace = small_world(tmp_path)
    ingest(workspace)
    return workspace


def fill(workspace: Workspace, days: list[date]) -> list[Filled]:
    request = ForecastRequest(as_of=LAST, draws=200)
    return list(backfill(request, days, workspace=workspace, published_at=NOON))


def published(workspace: Workspace) -> dict[str, bytes]:
    return {
        path.relative_to(workspace.results).as_posix(): path.read_bytes()
        for path in workspace.results.rglob("*")
        if path.is_file() and path.name != ".lock"
    }


def test_each_vintage_says_what_moved_since_the_one_before(world: Workspace) -> None:
    days = vintages(FIRST, LAST, Step.MONTH)
    done = fill(world, days[:2])  # stopped after two
    assert [one.is_new for one in done] == [True, True]

    again = fill(world, days)

    assert [one.as_of for one in again] == days
    assert [one.is_new for one in again] == [False, False, True]
    runs = read_history(world.results).standing
    assert [run.as_of for run in runs] == days
    previous = [read_manifest(r.path).provenance["previous_vintage"] for r in runs]
    assert previous == [None, runs[0].run_id, runs[1].run_id]
    latest = read_latest(world.results)
    assert latest is not None
    assert latest.as_of == LAST

    before = published(world)
    assert [one.is_new for one in fill(world, days)] == [False, False, False]
    assert published(world) == before


def test_a_day_before_any_score_is_named_and_costs_the_others_nothing(
    world: Workspace,
) -> None:
    long_ago, first = fill(world, [date(2019, 1, 31), FIRST])

    assert long_ago.run_id is None
    assert long_ago.why_not
    assert first.is_new


@pytest.mark.parametrize(
    ("first", "step", "days"),
    [
        ("2025-10-31", "month", ["2025-10-31", "2025-11-30", "2025-12-31"]),
        ("2025-08-31", "quarter", ["2025-08-31", "2025-11-30"]),
        ("2024-02-29", "year", ["2024-02-29", "2025-02-28"]),
        ("2025-12-20", "week", ["2025-12-20", "2025-12-27"]),
        ("2025-12-31", "month", ["2025-12-31"]),
    ],
)
def test_steps_keep_the_day_of_the_month_where_it_has_one(
    first: str, step: str, days: list[str]
) -> None:
    found = vintages(date.fromisoformat(first), LAST, Step(step))
    assert [str(day) for day in found] == days


def test_nonsense_is_refused() -> None:
    with pytest.raises(RequestError, match="older day first"):
        vintages(LAST, FIRST, Step.MONTH)
    with pytest.raises(RequestError, match="more than 1000"):
        vintages(date(1900, 1, 1), LAST, Step.WEEK)
