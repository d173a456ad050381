"""The publishers' own files, read as they are, give the figures that are shipped.

They stand beside a checkout, in ../shared/published, and are no part of the project;
without them these tests are skipped. Of the rows that nobody reads here (members and
benchmarks that sources.yaml does not name) only the number is looked at.
"""

import csv
from collections import Counter
from datetime import date
from decimal import Decimal
from functools import cache
from pathlib import Path

import pytest

from trends.pipeline.figures import read_figures
from trends.registry import load_registry
from trends.sources.readers import read_unnamed
from trends.sources.reading import Reading
from trends.vintages import merge
from trends.workspace import Workspace

ROOT = Path(__file__).parent.parent
PUBLISHED = ROOT.parent / "shared" / "published"
OCTOBER = "swe_bench/leaderboards_2025-10-06.json"
DECEMBER = "swe_bench/leaderboards_2025-12-10.json"
HUB = "epoch/benchmark_data.zip"
METR = "metr/benchmark_results_1_1.yaml"
METR_JANUARY = "metr/benchmark_results_1_1.2026-01-30.yaml"
AIDER = "aider/polyglot_leaderboard.yml"
INDEX = "epoch/eci_benchmarks.csv"

pytestmark = pytest.mark.skipif(
    not PUBLISHED.is_dir(), reason="the publishers' files are not beside this checkout"
)
Cells = dict[str, str]


@cache
def reading(source_id: str, path: str) -> Reading:
    source = load_registry(ROOT / "data" / "registry").sources[source_id]
    content = (PUBLISHED / path).read_bytes()
    return read_unnamed(content, source_id, source, name=Path(path).name)[1]


def read_rows(source_id: str, path: str, benchmark_id: str) -> list[Cells]:
    rows = reading(source_id, path).rows.rows(named=True)
    return [
        {column: str(cell or "") for column, cell in row.items()}
        for row in rows
        if row["benchmark_id"] == benchmark_id
    ]


def shipped(benchmark_id: str) -> list[Cells]:
    path = ROOT / "data" / "observations" / f"{benchmark_id}.csv"
    with path.open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


def standing(benchmark_id: str) -> list[Cells]:
    """Shipped rows of the series, of the newest copy of each model."""
    rows = [row for row in shipped(benchmark_id) if not row.get("scoring_rule")]
    rows.sort(key=lambda row: row["retrieved_on"])
    return list({row["model_name_published"]: row for row in rows}.values())


def counted(rows: list[Cells], *columns: str) -> Counter[tuple[str, ...]]:
    return Counter(tuple(row[column] for column in columns) for row in rows)


@pytest.mark.parametrize(
    ("source_id", "path", "n_rows", "n_dropped"),
    [
        ("metr", METR, 2 * 25, 0),
        ("metr", METR_JANUARY, 2 * 17, 0),
        ("metr", "metr/benchmark_results_1_0.yaml", 2 * 33, 0),
        # the multimodal board is not carried
        ("swe_bench", DECEMBER, 31 + 23 + 162 + 84, 22),
        ("swe_bench", OCTOBER, 22 + 22 + 145 + 84, 21),
        ("aider", AIDER, 69, 0),
        # 52 other members are not opened
        ("epoch", HUB, 25, 52),
        ("mercor", HUB, 23, 52),
        ("epoch", INDEX, 32, 2249 - 32),
        ("epoch_eci", INDEX, 1751, 2249 - 1751),
        ("arc_prize", INDEX, 65, 2249 - 65),
    ],
)
def test_all_rows_of_a_file_are_read_or_dropped(
    source_id: str, path: str, n_rows: int, n_dropped: int
) -> None:
    read = reading(source_id, path)

    assert (read.rows.height, len(read.dropped)) == (n_rows, n_dropped)


@pytest.mark.parametrize(
    "benchmark_id", ["metr_time_horizon_p50", "metr_time_horizon_p80"]
)
def test_metr_of_may_2026_agrees_with_the_shipped_figures(benchmark_id: str) -> None:
    columns = ("model_name_published", "score", "ci_low", "ci_high", "release_date")
    read = counted(read_rows("metr", METR, benchmark_id), *columns, "harness", "note")
    carried = counted(standing(benchmark_id), *columns, "harness", "note")

    assert read <= carried
    # METR published Claude Mythos Preview on the page before it stood in this file
    assert [name for name, *_ in carried - read] == ["Claude Mythos Preview (early)"]


@pytest.mark.parametrize(
    "benchmark_id", ["metr_time_horizon_p50", "metr_time_horizon_p80"]
)
def test_metr_of_january_differs_in_every_score_since_the_regularisation_changed(
    benchmark_id: str,
) -> None:
    """March 2026: the same runs, fitted with another penalty; a revision, no progress."""
    before = {
        row["model_name_published"]: row
        for row in read_rows("metr", METR_JANUARY, benchmark_id)
    }
    after = {row["model_name_published"]: row for row in standing(benchmark_id)}

    assert len(before) == 17
    assert before.keys() <= after.keys()
    for name, row in before.items():
        assert row["score"] != after[name]["score"]
        assert row["release_date"] == after[name]["release_date"]
        assert row["harness"] == after[name]["harness"]
    columns = ("model_name_published", "score", "ci_low", "ci_high")
    of_january = [
        row for row in shipped(benchmark_id) if row["retrieved_on"] == "2026-01-30"
    ]
    assert counted(of_january, *columns) == counted(list(before.values()), *columns)


@pytest.mark.parametrize(
    "benchmark_id",
    [
        "swe_bench",
        "swe_bench_lite",
        "swe_bench_verified_mini_agent",
        "swe_bench_verified",
    ],
)
def test_swe_bench_of_december_agrees_with_the_shipped_figures(
    benchmark_id: str,
) -> None:
    columns = ("model_name_published", "score", "reported_on", "harness", "reporter")
    read = read_rows("swe_bench", DECEMBER, benchmark_id)

    assert counted(read, *columns) == counted(shipped(benchmark_id), *columns)


def test_swe_bench_of_october_says_nothing_that_december_does_not() -> None:
    """The two generations differ in their fields, and not in what they say."""
    columns = (
        "benchmark_id",
        "model_name_published",
        "score",
        "reported_on",
        "harness",
    )
    older, newer = (
        Counter(reading("swe_bench", path).rows.select(columns).rows())
        for path in (OCTOBER, DECEMBER)
    )

    assert older <= newer
    assert (newer - older).total() == 300 - 273


def test_aider_agrees_with_the_shipped_figures() -> None:
    columns = ("model_name_published", "score", "reported_on", "harness", "reporter")

    assert counted(read_rows("aider", AIDER, "aider_polyglot"), *columns) == counted(
        shipped("aider_polyglot"), *columns
    )


def test_the_hub_agrees_with_the_shipped_figures_of_its_own_runs() -> None:
    columns = ("model_name_published", "reported_on", "score", "harness", "reporter")
    days = ("developer", "release_date")
    read = counted(read_rows("epoch", HUB, "swe_bench_verified_epoch"), *columns, *days)
    carried = counted(shipped("swe_bench_verified_epoch"), *columns, *days)

    # the shipped figures are younger than this copy of March 2026
    assert read <= carried
    assert min(row[1] for row in carried - read) > max(row[1] for row in read)


def test_errors_of_the_hub_agree_with_the_shipped_ones_to_their_digits() -> None:
    read = read_rows("epoch", HUB, "swe_bench_verified_epoch")
    for row in read:
        row["standard_error"] = f"{float(row['standard_error']):.3f}"
    columns = ("model_name_published", "reported_on", "standard_error")

    assert counted(read, *columns) <= counted(
        shipped("swe_bench_verified_epoch"), *columns
    )


def test_apex_agents_in_the_hub_agree_with_the_shipped_figures() -> None:
    read = read_rows("mercor", HUB, "apex_agents")
    carried = {
        row["model_name_published"]: row["score"] for row in shipped("apex_agents")
    }

    assert len(read) == 23
    for row in read:
        # 24 in a column of fractions is 24.0 on Mercor's board
        assert float(row["score"]) == float(carried[row["model_name_published"]])


def test_the_long_table_agrees_with_the_shipped_calibration_series() -> None:
    """Shipped cells have all of Epoch's digits; a millionth of a percent is none."""
    columns = ("model_name_published", "score", "harness", "reporter", "source_url")
    series = set(reading("epoch_eci", INDEX).rows["benchmark_id"])
    # rows of October 2026 were added to these from another copy
    grown = {"frontiermath_tier_4_v2", "frontiermath_tiers_1_3_v2"}

    assert len(series) == 41
    for benchmark_id in series - grown:
        read, carried = (
            counted(
                [row | {"score": f"{Decimal(row['score']):.6f}"} for row in rows],
                *columns,
            )
            for rows in (
                read_rows("epoch_eci", INDEX, benchmark_id),
                shipped(benchmark_id),
            )
        )
        assert read == carried, benchmark_id


@pytest.mark.parametrize(
    ("source_id", "path", "day"),
    [
        ("metr", METR, date(2026, 5, 12)),
        ("swe_bench", DECEMBER, date(2025, 12, 11)),
        ("aider", AIDER, date(2026, 10, 11)),
        ("epoch", HUB, date(2026, 3, 7)),
        ("epoch", INDEX, date(2026, 8, 11)),
        ("arc_prize", INDEX, date(2026, 8, 11)),
    ],
)
def test_a_file_laid_over_the_shipped_rows_brings_nothing_new(
    source_id: str, path: str, day: date
) -> None:
    """Each row is found to be one that is carried: model, setting, harness, reporter."""
    workspace = Workspace(ROOT)
    registry = load_registry(workspace.registry)
    carried = read_figures(source_id, registry, workspace)
    merged = merge(carried, reading(source_id, path).rows, registry, retrieved_on=day)

    assert merged.moved == ()
    assert merged.added.is_empty()


def test_epoch_changed_one_score_of_its_long_table_in_place() -> None:
    """Fable 5 on FrontierMath tier 4: 87.8 in August, and 90.2 as of October shipped."""
    workspace = Workspace(ROOT)
    registry = load_registry(workspace.registry)
    merged = merge(
        read_figures("epoch_eci", registry, workspace),
        reading("epoch_eci", INDEX).rows,
        registry,
        retrieved_on=date(2026, 8, 11),
    )

    [moved] = merged.moved
    assert (moved.model, moved.before, moved.after) == (
        "Claude Fable 5",
        "90.2",
        "87.804878",
    )
    assert merged.added.is_empty()
