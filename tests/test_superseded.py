"""Superseded series: the row says by what, and stands apart from all others."""

from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest

from tests.conftest import CHECKOUT
from tests.output_runs import row, tables_of, write
from trends.cli.screens.headlines import as_markdown, print_table, table_rows
from trends.outputs import read_table
from trends.pipeline import PublishedRun
from trends.registry import Registry, load_registry
from trends.registry.models import SeriesRule
from trends.registry.series import Series, select_series
from trends.tables import CROSSING_SUMMARY, THRESHOLDS

APART = "Superseded series"


@pytest.fixture(scope="module")
def registry() -> Registry:
    return load_registry(CHECKOUT / "data" / "registry")


def superseded(registry: Registry, benchmark_id: str, successor: str) -> Series:
    """A benchmark as a series, after another took its place."""
    entry = registry.benchmarks[benchmark_id].model_copy(
        update={"status": "superseded", "superseded_by": successor}
    )
    changed = replace(registry, benchmarks=registry.benchmarks | {benchmark_id: entry})
    return select_series(SeriesRule(benchmark=benchmark_id), changed)


@pytest.mark.parametrize(
    ("benchmark_id", "successor"),
    [
        ("swe_bench_verified_mini_agent", "swe_bench_pro"),
        ("nanogpt_speedrun", "llm_training_speedup"),  # lower is better
        ("metr_time_horizon_p80", "metr_time_horizon_p50"),
    ],
)
def test_a_superseded_series_says_by_what(
    benchmark_id: str, successor: str, registry: Registry
) -> None:
    series = superseded(registry, benchmark_id, successor)
    title = registry.benchmarks[successor].title
    assert series.superseded_by == successor
    assert series.title_on(date(2026, 11, 22)).endswith(f"(superseded by {title})")


def test_an_active_series_says_nothing(registry: Registry) -> None:
    series = select_series(SeriesRule(benchmark="browsecomp"), registry)
    assert series.superseded_by is None
    newest = registry.benchmarks["browsecomp"]
    assert series.title_on(newest.observed_through) == newest.title


def test_a_series_that_nobody_adds_to_says_since_when(registry: Registry) -> None:
    series = select_series(SeriesRule(benchmark="mle_bench"), registry)
    assert series.title_on(date(2026, 4, 25)).endswith(
        "(no new score since 2026-04-24)"
    )
    assert series.ended is not None
    assert series.ended.startswith("2026-04-24: The repository was frozen")


def test_figures_older_than_180_days_say_when_they_end(registry: Registry) -> None:
    series = select_series(SeriesRule(benchmark="swe_bench_verified"), registry)
    end = date(2025, 12, 10)
    assert "figures end" not in series.title_on(end + timedelta(days=180))
    old = series.title_on(end + timedelta(days=181))
    assert old.endswith("(figures end 2025-12-10)")
    assert series.ended is None


def test_the_shipped_row_says_by_what_and_no_date_of_it_depends_on_it(
    shipped_run: PublishedRun,
) -> None:
    summary = read_table(shipped_run.path, CROSSING_SUMMARY).filter("is_headline")
    [old] = summary.filter(threshold_id="posttrainbench_1_0").to_dicts()
    assert old["superseded_by"] == "posttrainbench_1_1"
    assert "(superseded by PostTrainBench v1.1)" in old["threshold_label"]
    others = summary.filter(threshold_id="posttrainbench_1_2")
    assert others["superseded_by"].to_list() == [None]


def small_run(folder: Path) -> Path:
    """Three thresholds of two domains; the first of all was superseded."""
    rows = {"aaa": "b", "bbb": None, "ccc": None}
    return write(
        folder,
        tables=tables_of(
            {
                CROSSING_SUMMARY.name: [
                    row(
                        CROSSING_SUMMARY,
                        text=name,
                        is_headline=True,
                        superseded_by=successor,
                        contested=False,
                        coverage80_backtest=None,
                        p_crossed_by_as_of=0.5,
                    )
                    for name, successor in rows.items()
                ],
                THRESHOLDS.name: [
                    row(THRESHOLDS, text=name, domain=domain)
                    for name, domain in zip(
                        rows, ("coding", "coding", "paper_replication"), strict=True
                    )
                ],
            }
        ),
    )


def test_superseded_rows_stand_apart_on_screen_and_in_markdown(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = table_rows(small_run(tmp_path), by=None, headlines_only=True)
    assert [one["threshold_label"] for one in rows] == ["bbb", "ccc", "aaa"]
    firsts = [
        line.split(" | ")[0].strip("| ") for line in as_markdown(rows).split("\n")
    ]
    assert firsts[2:] == ["bbb", "ccc", f"**{APART}**", "aaa"]
    monkeypatch.setenv("COLUMNS", "200")
    print_table(rows)
    words = capsys.readouterr().out.replace(":", " ").split()
    wanted = ["Coding", "bbb", "Paper", "ccc", "Superseded", "aaa"]
    places = [words.index(word) for word in wanted]
    assert places == sorted(places)


def test_the_runs_own_readme_sets_them_apart_too(shipped_run: PublishedRun) -> None:
    lines = (shipped_run.path / "README.md").read_text(encoding="utf-8").splitlines()
    heading = next(i for i, line in enumerate(lines) if APART in line)
    assert lines[heading].count("|") == lines[heading - 1].count("|")
    rows = table_rows(shipped_run.path, by=None, headlines_only=True)
    apart = [str(one["threshold_label"]) for one in rows if one["section"] == APART]
    below = lines[heading + 1 : lines.index("", heading)]
    assert sorted(line.split(" | ")[0].strip("| ") for line in below) == sorted(apart)
    assert any("PostTrainBench v1.0" in label for label in apart)
