"""A benchmark for calibration is fitted, pooled and published, and never forecast."""

from datetime import date
from pathlib import Path

import polars as pl
import pytest

from tests.conftest import PUBLISHED_AT
from tests.small_world import small_world
from trends.outputs import read_table
from trends.pipeline import ForecastRequest, PublishedRun, forecast, ingest
from trends.registry import load_registry
from trends.registry.series import every_series, forecast_benchmarks
from trends.tables import (
    CROSSING_SUMMARY,
    OBSERVATIONS,
    SCORE_FORECAST,
    THRESHOLDS,
    TREND_FITS,
    TRIPWIRES,
)
from trends.workspace import Workspace

ENTRY = """
{name}:
  title: {name}
  role: {role}
  domain: general
  unit: fraction
  published_unit: percent
  direction: higher
  floor: 0.0
  ceiling: {{values: [0.9, 1.0], weights: [0.5, 0.5], reason: "Made up."}}
  n_items: 200
  se_kind: items
  first_public_on: 2024-01-05
  first_public_source: https://example.org/quiz
  family_id: {name}
  observed_through: 2026-10-31
  observed_through_basis: last published row
  harness_rule: any
  reporters: [leaderboard]
  trends: [drift, logistic]
  status: active
  source: {name}
  publisher_url: https://example.org/quiz
  citation: Made up 2025
  licence: MIT
"""
SOURCE = """
{name}:
  title: {name}
  reader: shipped_figures
  benchmarks: [{name}]
  licence: MIT
  citation: Made up 2025
  url: https://example.org/quiz
"""


def _world(root: Path, n_more: int) -> Workspace:
    """The small world and so many copies of its quiz, each at another level."""
    workspace = small_world(root)
    quiz = workspace.observations / "coding_quiz.csv"
    header, *rows = quiz.read_text(encoding="utf-8").splitlines()[:-1]
    for k in range(n_more):
        name = f"general_{k}"
        for file, text in (("benchmarks", ENTRY), ("sources", SOURCE)):
            with (workspace.registry / f"{file}.yaml").open("a") as stream:
                stream.write(text.format(name=name, role="calibration"))
        lower = [_lowered(row, by=2.0 + 3 * k) for row in rows]
        path = workspace.observations / f"{name}.csv"
        path.write_text("\n".join([header, *lower, ""]), encoding="utf-8")
    return workspace


def _lowered(row: str, *, by: float) -> str:
    cells = row.split(",")
    cells[3] = f"{float(cells[3]) - by:.2f}"
    return ",".join(cells)


def _run(workspace: Workspace) -> PublishedRun:
    ingest(workspace)
    request = ForecastRequest(as_of=date(2026, 6, 30), publish=False, draws=200)
    return forecast(request, workspace, published_at=PUBLISHED_AT)


@pytest.fixture(scope="module")
def with_three(tmp_path_factory: pytest.TempPathFactory) -> PublishedRun:
    """A run with three families more."""
    return _run(_world(tmp_path_factory.mktemp("three"), 3))


def _names(run: PublishedRun, table: object, column: str) -> set[str]:
    return set(read_table(run.path, table)[column].unique())  # type: ignore[arg-type]


def test_it_is_fitted_and_its_scores_are_forecast_but_no_bar_and_no_watch(
    with_three: PublishedRun,
) -> None:
    ours = {"general_0", "general_1", "general_2"}
    for table in (OBSERVATIONS, TREND_FITS, SCORE_FORECAST):
        assert ours <= _names(with_three, table, "benchmark_id"), table.name
    assert not ours & _names(with_three, THRESHOLDS, "benchmark_id")
    assert not ours & _names(with_three, CROSSING_SUMMARY, "threshold_id")
    assert not ours & _names(with_three, TRIPWIRES, "benchmark_id")
    assert "coding_quiz" in _names(with_three, TRIPWIRES, "benchmark_id")


def test_each_of_its_families_has_one_vote_in_the_pool_of_the_others(
    with_three: PublishedRun,
) -> None:
    drift = read_table(with_three.path, TREND_FITS).filter(pl.col("trend") == "drift")
    families = dict(drift.select("series_id", "pool_n_families").iter_rows())
    assert families["coding_quiz"] == 3
    # two of its kind and the quiz
    assert families["general_0"] == 3


def test_every_series_has_it_and_what_is_watched_has_not(tmp_path: Path) -> None:
    registry = load_registry(_world(tmp_path, 1).registry)
    assert "general_0" in {one.series_id for one in every_series(registry)}
    assert "general_0" not in {one.series_id for one in forecast_benchmarks(registry)}
    assert "speedrun" in {one.series_id for one in forecast_benchmarks(registry)}
