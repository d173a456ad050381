"""Panels of the contest: whose models are one, what is held out, and what is read."""

from pathlib import Path

import pytest

from tests.contest_panels import TEN_ROWS, Line, write
from trends.contest.top3 import model_family
from trends.pipeline.contest_panels import own_panel, read_panel
from trends.pipeline.errors import RequestError
from trends.pipeline.ingest import latest_ingest
from trends.pipeline.ingested import load_ingest
from trends.registry import HeldOut, load_held_out, load_registry
from trends.registry.held_out import name_hash
from trends.workspace import Workspace

CHECKOUT = Path(__file__).parent.parent
SHARED = CHECKOUT.parent / "shared"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("gpt-5.2_high", "gpt-5.2-2025-12-11_xhigh"),
        ("claude-sonnet-4-5-20250929_16K", "claude-sonnet-4-5_32K"),
        ("Qwen3-235B-A22B-Thinking", "Qwen3-32B (Non-Thinking)"),
        ("gpt-5.6-sol_promax", "gpt-5.6-sol"),
        ("gemini-3-pro-preview", "Gemini 3 Pro"),
        ("claude-opus-4-6_max", "claude-opus-4-6 (high)"),
        ("LLaMA-7B", "LLaMA-65B"),
        ("grok-4.20-0309-reasoning", "grok-4.20-0309"),
    ],
)
def test_effort_size_and_stamp_make_no_other_model(one: str, other: str) -> None:
    assert model_family(one) == model_family(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("gpt-5", "gpt-5-pro"),
        ("gpt-4.1", "gpt-4"),
        ("gemini-3-flash", "gemini-3-pro"),
        ("qwen-max", "qwen"),
        ("o1", "o3"),
    ],
)
def test_products_stay_apart(one: str, other: str) -> None:
    assert model_family(one) != model_family(other)


KEPT_APART = HeldOut(
    schema_version=1,
    owner="@org/forecasting",
    reason="So that they can judge.",
    names=[name_hash("Secret Quiz"), name_hash("HushBench")],
)


@pytest.mark.parametrize(
    "name",
    ["Secret Quiz", "secret-quiz v2", "SECRETQUIZ", "HushBench", "Hush Bench (hard)"],
)
def test_held_out_names_are_found_however_they_are_spelt(name: str) -> None:
    assert KEPT_APART.covers(name)


@pytest.mark.parametrize("name", ["Quiz", "Secret", "Hush", "Secretive Quizzes", ""])
def test_other_names_are_not_held_out(name: str) -> None:
    assert not KEPT_APART.covers(name)


def test_no_benchmark_of_the_registry_is_held_out() -> None:
    folder = CHECKOUT / "data" / "registry"
    held_out = load_held_out(folder)
    assert held_out is not None
    assert len(set(held_out.names)) == len(held_out.names) > 0
    for benchmark_id, benchmark in load_registry(folder).benchmarks.items():
        assert not held_out.covers(benchmark_id)
        assert not held_out.covers(benchmark.title)


def test_a_panel_is_read_without_what_is_held_out(tmp_path: Path) -> None:
    extra: list[Line] = [
        ("Secret Quiz", "Ada 1", "2024-01-05", "not even read"),
        ("secret quiz 2", "Ada 1", "2024-01-05", 0.4),
    ]
    read = read_panel(write(tmp_path, [*TEN_ROWS, *extra]), KEPT_APART)
    assert (read.held_out, read.rejected) == (2, [])
    assert [one.series_id for one in read.panel.series] == ["Quiz"]


def test_a_panel_goes_by_its_headings_as_people_write_them(tmp_path: Path) -> None:
    plain = write(tmp_path, TEN_ROWS)
    known = read_panel(plain, None).panel.scores
    head, *rows = plain.read_text().replace(",", ";").splitlines()
    spelled = head.replace("release_date", "Release Date").replace("score", "Score")
    assert spelled != head
    plain.write_text("\n".join([spelled, *rows]) + "\n")
    assert read_panel(plain, None).panel.scores.equals(known)


def test_a_bad_row_costs_the_row_and_is_named(tmp_path: Path) -> None:
    bad: list[Line] = [
        ("Quiz", "Ada 2", "2024-01-05", 45),
        ("Quiz", "Ada 3", "January", 0.4),
        ("Quiz", "", "2024-01-05", 0.4),
        ("Quiz", "Ada 4", "2024-01-05", "nan"),
    ]
    read = read_panel(write(tmp_path, [*TEN_ROWS, *bad]), None)
    assert read.panel.scores.height == 10
    assert [one.split(": ", 2)[:2] for one in read.rejected] == [
        [f"panel.csv:{line}", "Quiz"] for line in (12, 13, 14, 15)
    ]
    assert "score 45 does not lie between 0 and 1" in read.rejected[0]
    assert "release_date 'January' is no day" in read.rejected[1]
    assert "no model" in read.rejected[2]
    assert "score nan does not lie between 0 and 1" in read.rejected[3]


def test_a_file_that_is_no_panel_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "other.csv"
    with pytest.raises(RequestError, match="No such file"):
        read_panel(file, None)
    file.write_text("benchmark,model\nQuiz,Ada 1\n")
    with pytest.raises(
        RequestError, match=r"lacks score \(score or performance\); rel"
    ):
        read_panel(file, None)
    file.write_text("benchmark,model,score,release_date\nQuiz,Ada 1,x,2024-01-01\n")
    with pytest.raises(
        RequestError, match=r"no row can be used: other\.csv:2: Quiz: sc"
    ):
        read_panel(file, None)


def test_the_project_plays_on_bounded_benchmarks_that_models_move(
    shipped_workspace: Workspace,
) -> None:
    registry = load_registry(shipped_workspace.registry)
    ingest = load_ingest(latest_ingest(shipped_workspace))
    read = own_panel(registry, ingest, load_held_out(shipped_workspace.registry))
    ids = {one.series_id for one in read.panel.series}
    assert "metr_time_horizon_p50" not in ids
    assert "anthropic_rd_automation_index" not in ids
    assert {"gpqa_diamond", "swe_bench_verified"} <= ids
    assert read.held_out == 0


def test_epochs_table_is_read_without_six_benchmarks() -> None:
    file = SHARED / "published" / "epoch" / "eci_benchmarks.csv"
    if not file.exists():
        pytest.skip("the publishers' files are not here")
    read = read_panel(file, load_held_out(CHECKOUT / "data" / "registry"))
    assert (read.held_out, len(read.panel.series), read.rejected) == (6, 51, [])
