"""Slips of a date in the registry or the figures: what is said, and what is refused.

Each slip is made in a copy of the shipped figures, which have none.
"""

import csv
import re
from dataclasses import replace
from datetime import date
from pathlib import Path

import polars as pl
import pytest
from typer import Exit

from tests.figures import benchmark
from trends.cli.shared import finish
from trends.dating import Doubts, weigh_dates
from trends.pipeline import EXIT_PARTIAL, check_figures, ingest, ingest_source
from trends.registry import (
    Alias,
    Model,
    Problem,
    Registry,
    RegistryError,
    load_registry,
)
from trends.tables import RAW_SCORES
from trends.workspace import Workspace

AUGUST = date(2025, 8, 7)


def row(source: str, line: int, **cells: str) -> dict[str, object]:
    defaults = {
        "source_id": source,
        "benchmark_id": source,
        "source_file": f"{source}.csv",
        "source_row": line,
        "model_name_published": "Alpha",
        "reported_on": "2025-09-01",
    }
    return defaults | cells


def weigh(
    registered: Model,
    *rows: dict[str, object],
    spellings: tuple[str, ...] = (),
    others: dict[str, Model] | None = None,
) -> Doubts:
    suite = benchmark(first_public_on=date(2025, 2, 1))
    known = Registry(
        benchmarks=dict.fromkeys(("quiz", "work", "run"), suite),
        models={"alpha": registered} | (others or {}),
        aliases={spelling: Alias(model="alpha") for spelling in spellings},
        corrections=[],
        sources={},
        thresholds={},
    )
    return weigh_dates([RAW_SCORES.frame([one]) for one in rows], known)


def alpha(day: date | None = None, **facts: object) -> Model:
    return Model.model_validate({"name": "Alpha", "release_date": day} | facts)


SLIPS = [date(2015, 8, 7), date(2024, 8, 7), date(2026, 8, 7), date(2025, 7, 7)]


@pytest.mark.parametrize("slip", SLIPS)
def test_two_sources_refute_a_date_that_none_supports(slip: date) -> None:
    said = [row(one, 5, release_date="2025-08-07") for one in ("quiz", "work")]
    doubts = weigh(alpha(slip), *said)

    assert list(doubts.refuted) == ["alpha"]
    assert doubts.undecided == {}
    for words in ("Alpha", str(slip), "2025-08-07", "quiz.csv:5", "work.csv:5"):
        assert words in doubts.refuted["alpha"]


def test_sources_that_differ_by_days_agree() -> None:
    said = [
        row("quiz", 5, release_date="2025-08-05"),
        row("work", 6, release_date="2025-08-20"),
    ]
    assert weigh(alpha(AUGUST), *said) == Doubts({}, {})


def test_one_publisher_is_one_voice_however_often_it_says_so() -> None:
    """The days of report fit both dates, so nobody can tell which is right."""
    said = [row("quiz", line, release_date="2025-03-07") for line in (5, 6, 7)]
    doubts = weigh(alpha(AUGUST), *said)

    assert doubts.refuted == {}
    assert list(doubts.undecided) == ["alpha"]


def test_a_date_that_one_source_supports_outlives_another_that_does_not() -> None:
    said = [
        row("quiz", 5, release_date="2025-08-07"),
        row("work", 6, release_date="2024-12-07"),
    ]
    assert weigh(alpha(AUGUST), *said) == Doubts({}, {})


def test_more_sources_against_than_for_refute_it() -> None:
    said = [
        row("quiz", 5, release_date="2025-08-07"),
        row("work", 6, release_date="2025-04-07"),
        row("run", 7, release_date="2025-04-08"),
    ]
    assert list(weigh(alpha(AUGUST), *said).refuted) == ["alpha"]


def test_days_of_report_are_a_voice_where_only_the_row_s_date_fits_them() -> None:
    """Reported on 2025-09-01: ten years after the one day, 25 days after the other."""
    said = row("quiz", 5, release_date="2025-08-07")

    assert list(weigh(alpha(date(2015, 8, 7)), said).refuted) == ["alpha"]
    assert list(weigh(alpha(date(2024, 8, 7)), said).undecided) == ["alpha"]


@pytest.mark.parametrize("day", ["1970-01-01", "0001-01-01", "9999-12-31", "7/8/2025"])
def test_a_day_that_cannot_be_has_no_say(day: str) -> None:
    assert weigh(alpha(AUGUST), row("quiz", 5, release_date=day)) == Doubts({}, {})


@pytest.mark.parametrize(
    ("spelling", "doubted"),
    [
        ("alpha-2025-08-07", False),
        ("alpha-20250715 (no thinking)", False),
        ("alpha_2024_08_07", True),
        ("alpha-0807", False),
        ("alpha-20251399", False),
    ],
)
def test_the_day_in_a_name_is_a_voice(spelling: str, doubted: bool) -> None:
    doubts = weigh(alpha(AUGUST), spellings=(spelling,))

    assert bool(doubts.undecided) == doubted


def test_a_snapshot_some_weeks_from_the_release_supports_nothing() -> None:
    """A date that slipped by a month is still near the day of the snapshot."""
    said = [row(one, 5, release_date="2025-08-07") for one in ("quiz", "work")]
    doubts = weigh(alpha(date(2025, 7, 7)), *said, spellings=("alpha-20250730",))

    assert list(doubts.refuted) == ["alpha"]
    assert "alpha-20250730" not in doubts.refuted["alpha"]


def test_a_system_is_as_old_as_its_latest_component() -> None:
    parts = {
        "one": Model(name="One", release_date=date(2025, 2, 3)),
        "two": Model(name="Two", release_date=AUGUST),
    }
    system = {"kind": "system", "components": ["one", "two"]}

    assert weigh(alpha(AUGUST, **system), others=parts) == Doubts({}, {})
    doubts = weigh(alpha(date(2015, 8, 7), **system), others=parts)
    assert list(doubts.undecided) == ["alpha"]
    # a component that nobody dates leaves the system's date as it is
    undated = parts | {"two": Model(name="Two")}
    assert weigh(alpha(date(2015, 8, 7), **system), others=undated) == Doubts({}, {})


def errors(workspace: Workspace) -> list[Problem]:
    return [one for one in check_figures(workspace) if one.level == "error"]


def slip(workspace: Workspace, model: str, old: str, new: str) -> int:
    """Change the release date of one model; the line on which it stands."""
    path = workspace.registry / "models.yaml"
    text = path.read_text(encoding="utf-8")
    changed, n_changes = re.subn(
        rf"(?m)(^{model}:\n(?:  .*\n)*?  release_date: ){old}$", rf"\g<1>{new}", text
    )
    assert n_changes == 1
    path.write_text(changed, encoding="utf-8")
    pairs = zip(text.splitlines(), changed.splitlines(), strict=True)
    return next(line for line, (was, now) in enumerate(pairs, start=1) if was != now)


def append(workspace: Workspace, benchmark_id: str, **cells: str) -> int:
    """Add a row to a benchmark's file; the line on which it stands."""
    path = workspace.observations / f"{benchmark_id}.csv"
    with path.open(encoding="utf-8", newline="") as file:
        columns, *rows = csv.reader(file)
    with path.open("a", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, columns, restval="", lineterminator="\n")
        writer.writerow(cells)
    return len(rows) + 2


def test_the_shipped_days_are_in_order(workspace: Workspace) -> None:
    assert errors(workspace) == []


@pytest.mark.parametrize(
    ("model", "old", "new"),
    [
        ("gpt_5", "2025-08-07", "2015-08-07"),
        ("gpt_5", "2025-08-07", "2024-08-07"),
        ("gpt_5", "2025-08-07", "2025-07-07"),
        ("gpt_5", "2025-08-07", "0001-01-01"),
        ("claude_opus_4_5", "2025-11-24", "2026-11-24"),
        ("claude_3_7_sonnet", "2025-02-24", "2025-01-24"),
        ("o3", "2025-04-16", "1970-01-01"),
        ("gpt_4o_2024_05_13", "2024-05-13", "9999-12-31"),
    ],
)
def test_a_slip_in_the_registry_stops_everything_and_is_named(
    workspace: Workspace, model: str, old: str, new: str
) -> None:
    line = slip(workspace, model, old, new)
    with pytest.raises(
        RegistryError, match=rf"models\.yaml:{line}:17: {model}\."
    ) as no:
        ingest(workspace)
    assert new in str(no.value)
    assert old in str(no.value)
    assert not workspace.work.exists()

    found = {(one.file, one.line, one.column) for one in errors(workspace)}
    assert ("data/registry/models.yaml", line, 17) in found


def _quarantined(part: Path) -> dict[tuple[str, int], str]:
    table = pl.read_parquet(part / "quarantine.parquet")
    rows = table.select("source_file", "source_row", "reason").rows()
    return {(file, line): reason for file, line, reason in rows}


def test_a_slip_that_nobody_can_decide_withholds_the_model_s_rows(
    workspace: Workspace,
) -> None:
    """Only METR's two tables date GPT-4, so it is their word against the registry's."""
    line = slip(workspace, "gpt_4_0314", "2023-03-14", "2022-03-14")
    (problem,) = errors(workspace)
    assert (problem.line, problem.path) == (line, "gpt_4_0314.release_date")
    result = ingest(workspace, sources=["metr", "mle_bench"])

    assert result.stopped == {}
    (reason,) = result.withheld
    assert reason.startswith("models.yaml dates GPT-4")
    with pytest.raises(Exit) as ended:
        finish(result.stopped, withheld=result.withheld)
    assert ended.value.exit_code == EXIT_PARTIAL
    quarantined = _quarantined(ingest_source("metr", workspace=workspace))
    assert {file for file, _ in quarantined} == {
        "metr_time_horizon_p50.csv",
        "metr_time_horizon_p80.csv",
    }
    assert len(quarantined) == 2 * 3  # in three copies of each table


@pytest.mark.parametrize(
    ("benchmark_id", "source", "day", "public"),
    [
        ("aider_polyglot", "aider", "2015-03-01", "2024-12-21"),
        ("aider_polyglot", "aider", "1970-01-01", "2024-12-21"),
        ("swe_bench_lite", "swe_bench", "0001-01-01", "2023-10-10"),
        ("nanogpt_speedrun", "modded_nanogpt", "2015-03-01", "2025-02-01"),
        ("vending_bench_2", "andon_labs", "2025-11-17", "2025-11-18"),
    ],
)
def test_an_impossible_day_of_report_costs_its_row_and_no_more(
    workspace: Workspace, benchmark_id: str, source: str, day: str, public: str
) -> None:
    before = pl.read_parquet(
        ingest_source(source, workspace=workspace) / "observations.parquet"
    )
    with (workspace.registry / "models.yaml").open("a", encoding="utf-8") as file:
        file.write("zz_nova_zero:\n  name: Nova Zero\n  developer: Nova\n")
    reporter, *_ = load_registry(workspace.registry).benchmarks[benchmark_id].reporters
    line = append(
        workspace,
        benchmark_id,
        model_name_published="Nova Zero",
        score="85.0",
        reported_on=day,
        reporter=reporter,
        source_url="https://example.org/leaderboard",
    )
    (problem,) = errors(workspace)
    assert problem.file == f"data/observations/{benchmark_id}.csv"
    assert (problem.line, problem.path) == (line, benchmark_id)
    assert day in problem.message
    part = ingest_source(source, workspace=workspace)

    assert pl.read_parquet(part / "observations.parquet").equals(before)
    reason = _quarantined(part)[f"{benchmark_id}.csv", line]
    for words in (f"{benchmark_id}.csv:{line}", day, public):
        assert words in reason


@pytest.mark.parametrize("day", ["1970-01-01", "0001-01-01", "9999-12-31"])
@pytest.mark.parametrize("cell", ["release_date", "reported_on"])
def test_a_day_as_exports_write_a_missing_one_costs_its_row(
    workspace: Workspace, cell: str, day: str
) -> None:
    line = append(
        workspace,
        "terminal_bench_2",
        model_name_published="GPT-5",
        score="95",
        reported_on="2026-01-20",
        reporter="leaderboard",
        source_url="https://example.org/",
        **{cell: day} if cell == "release_date" else {},
    )
    if cell == "reported_on":
        path = workspace.observations / "terminal_bench_2.csv"
        *lines, last = path.read_text(encoding="utf-8").splitlines()
        rows = [*lines, last.replace("2026-01-20", day)]
        path.write_text("\n".join(rows) + "\n", encoding="utf-8")
    part = ingest_source("terminal_bench", workspace=workspace)

    quarantined = _quarantined(part)
    assert list(quarantined) == [("terminal_bench_2.csv", line)]
    assert day in quarantined["terminal_bench_2.csv", line]


def test_one_wrong_date_is_one_slip_in_however_many_rows(workspace: Workspace) -> None:
    """A model that only the registry dates has more rows than a source may lose."""
    path = workspace.registry / "models.yaml"
    text = path.read_text(encoding="utf-8")
    text += "zz_nova:\n  name: Nova\n  release_date: 2015-03-01\n"
    path.write_text(text, encoding="utf-8")
    for score in ("41", "42", "43", "44", "45"):
        append(
            workspace,
            "aider_polyglot",
            model_name_published="Nova",
            score=score,
            reported_on="2025-03-01",
            reporter="benchmark_authors",
            source_url="https://example.org/",
        )
    part = ingest_source("aider", workspace=workspace)

    quarantined = _quarantined(part)
    assert len(quarantined) == 5
    assert all("2015-03-01" in reason for reason in quarantined.values())
    assert pl.read_parquet(part / "observations.parquet").height == 69


def test_both_kinds_of_doubt_are_problems_of_the_registry(workspace: Workspace) -> None:
    doubts = Doubts({"gpt_5": "refuted"}, {"o3": "undecided"})
    found = {one.message: one.path for one in doubts.problems(workspace.registry)}

    assert found == {"refuted": "gpt_5.release_date", "undecided": "o3.release_date"}
    only = replace(doubts, undecided={}).problems(workspace.registry)
    assert [one.message for one in only] == ["refuted"]
