"""One headline a test in tables for people, its other views below it."""

from datetime import date
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from tests.conftest import AS_OF
from tests.output_runs import empty_where_allowed, row, tables_of, write
from trends.bars.pages import bar_pages
from trends.cli.screens.answer import print_answer
from trends.cli.screens.headlines import as_markdown, print_table, table_rows
from trends.cli.screens.threshold import print_threshold
from trends.outputs import read_table
from trends.outputs.formats import parse_table
from trends.pipeline import PublishedRun
from trends.pipeline.moves import compare_headlines
from trends.report.charts import Bars, ladder
from trends.report.opening import headlines
from trends.report.scenarios import scenarios
from trends.tables import CROSSING_SUMMARY, HEADLINE, PUBLISHED, THRESHOLDS
from trends.words import (
    counted,
    headline_rows,
    marks,
    moved_line,
    moves_sentence,
    ordered_headlines,
    other_views,
    when_words,
)

TODAY = date(2026, 11, 22)
SUPERSEDED = "Superseded series"
LEAD = "swe_bench_verified_developer_reported"

SHORT = {
    "quiz_dev": "Quiz, developers",
    "quiz_board": "Quiz, board",
    "quiz_old": "Quiz, old harness",
    "first": "First test",
    "lone": "Lost test, board",
    "old_lead": "Old test",
    "new_view": "Old test, board",
}
"""Short titles by threshold, whose ids are those of their benchmarks."""

CELLS: dict[str, dict[str, Any]] = {
    # the row that leads has crossed, and stands behind others by its id
    "quiz_dev": {"crossing_status": "already_crossed", "date_hi": date(2026, 6, 9)},
    "quiz_board": {"view_of": "quiz_dev", "observed_through": date(2025, 12, 10)},
    "quiz_old": {"view_of": "quiz_dev", "superseded_by": "first"},
    "first": {},
    "lone": {"view_of": "not_in_this_run", "observed_through": date(2025, 12, 10)},
    "old_lead": {"superseded_by": "first"},
    "new_view": {"view_of": "old_lead"},
}
DOMAINS = {"lone": "general"}

ORDER = [
    ("Coding", "first", None),
    ("Coding", "quiz_dev", None),
    ("Coding", "quiz_board", "quiz_dev"),
    ("Coding", "quiz_old", "quiz_dev"),
    ("General", "lone", None),
    (SUPERSEDED, "old_lead", None),
    (SUPERSEDED, "new_view", "old_lead"),
]


def small_tables() -> dict[str, pl.DataFrame]:
    """A headline each, open but for one, with the figures of two boards old."""
    plain = {
        "as_of": TODAY,
        "is_headline": True,
        "crossing_status": "expected",
        "median_label": "2028-03",
        "interval80_label": "2027-01 to 2031",
        "median_date": date(2028, 3, 5),
        "p_crossed_by_as_of": 0.05,
        "observed_through": date(2026, 10, 31),
        "short_label": "80%",
        "trend": "records",
        "bar_id": "b",
    }
    summary = [
        empty_where_allowed(
            CROSSING_SUMMARY,
            **plain
            | {
                "threshold_id": name,
                "short_title": SHORT[name],
                "threshold_label": f"{SHORT[name]}: 80% of items",
            }
            | cells,
        )
        for name, cells in CELLS.items()
    ]
    thresholds = [
        row(
            THRESHOLDS,
            threshold_id=name,
            bar_id="b",
            benchmark_id=name,
            status="active",
            headline_trend="records",
            domain=DOMAINS.get(name, "coding"),
        )
        for name in CELLS
    ]
    return tables_of({CROSSING_SUMMARY.name: summary, THRESHOLDS.name: thresholds})


@pytest.fixture
def run(tmp_path: Path) -> Path:
    tables = small_tables()
    headline = headline_rows(
        *(tables[one] for one in ("crossing_summary", "crossing_cdf", "thresholds"))
    )
    return write(tmp_path, tables=tables | {HEADLINE.name: headline})


def shown(run: Path) -> list[dict[str, Any]]:
    return table_rows(run, by=None, headlines_only=True)


def test_views_stand_below_the_one_that_leads_wherever_that_stands(run: Path) -> None:
    """Also where it has crossed or is superseded, and they are not, or they are."""
    rows = shown(run)
    assert [
        (one["section"], one["threshold_id"], one["below"]) for one in rows
    ] == ORDER

    headline = read_table(run, HEADLINE)
    assert headline["rank"].to_list() == [1, 2, 3, 4, 5, 6, 7]
    assert headline.select("section", "threshold_id", "view_of").rows() == ORDER


def test_a_test_with_two_thresholds_has_its_views_below_the_first(run: Path) -> None:
    renamed = pl.col("threshold_id").replace({"first": "quiz_second"})
    thresholds = read_table(run, THRESHOLDS).with_columns(
        renamed, benchmark_id=pl.col("benchmark_id").replace({"first": "quiz_dev"})
    )
    summary = read_table(run, CROSSING_SUMMARY).with_columns(renamed)
    rows = ordered_headlines(summary, thresholds)
    coding = [one["threshold_id"] for one in rows if one["section"] == "Coding"]
    assert coding == ["quiz_dev", "quiz_board", "quiz_old", "quiz_second"]


def test_a_screen_sets_views_further_in_and_marks_them(
    run: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    print_table(shown(run))
    lines = capsys.readouterr().out.splitlines()
    names = [line[:24].rstrip() for line in lines[1:10]]
    assert names == [
        "Coding",
        "  First test: 80%",
        "  Quiz, developers: 80%",
        "    board: 80%",
        "    old harness: 80%",
        "General",
        "  Lost test, board: 80%",
        "Superseded series",
        "  Old test: 80%",
    ]
    letters = [line.split()[-1] for line in (lines[4], lines[5], lines[7])]
    assert letters == ["eo", "r", "e"]
    assert any(
        line.strip().startswith("indented: a view of the test") for line in lines
    )

    monkeypatch.setenv("COLUMNS", "140")
    print_table(shown(run))
    (wide,) = [
        line
        for line in capsys.readouterr().out.splitlines()
        if line.startswith("    board: 80%") and "2028-03" in line and "ended" in line
    ]
    assert wide.endswith("view, ended 2025-12-10, others to 2026-10-31")


def test_markdown_says_which_rows_are_views(run: Path) -> None:
    names = [
        line.split(" | ")[0].strip("| ") for line in as_markdown(shown(run)).split("\n")
    ]
    assert names[2:] == [
        "First test: 80% of items",
        "Quiz, developers: 80% of items",
        "view: Quiz, board: 80% of items",
        "view: Quiz, old harness: 80% of items",
        "Lost test, board: 80% of items",
        f"**{SUPERSEDED}**",
        "Old test: 80% of items",
        "view: Old test, board: 80% of items",
    ]


def test_a_board_that_nobody_fills_says_that_others_go_on(run: Path) -> None:
    notes = dict(read_table(run, HEADLINE).select("threshold_id", "note").iter_rows())
    goes_on = "figures end 2025-12-10; those of another view go on to 2026-10-31"
    assert goes_on in notes["quiz_board"]
    assert "go on" not in "".join(notes[name] for name in notes if name != "quiz_board")


def test_an_older_run_without_the_column_is_read_as_before(tmp_path: Path) -> None:
    """Runs that were published before name no views; their rows stand by threshold."""
    tables = small_tables()
    file = tmp_path / "crossing_summary.parquet"
    tables[CROSSING_SUMMARY.name].drop("view_of").write_parquet(file)
    older = parse_table(CROSSING_SUMMARY, file.read_bytes())
    rows = ordered_headlines(older, tables[THRESHOLDS.name])
    assert [one["threshold_id"] for one in rows] == [
        *("first", "new_view", "quiz_board", "quiz_dev"),
        *("lone", "old_lead", "quiz_old"),
    ]
    assert not any(mark.letter in "vo" for one in rows for mark in marks(one))


def test_other_views_are_those_of_the_test_without_its_own() -> None:
    tables = small_tables()
    rows = ordered_headlines(tables[CROSSING_SUMMARY.name], tables[THRESHOLDS.name])
    others = {
        name: [one["threshold_id"] for one in found]
        for name, found in other_views(rows).items()
    }
    assert others["quiz_dev"] == ["quiz_board", "quiz_old"]
    assert others["quiz_old"] == ["quiz_dev", "quiz_board"]
    assert others["first"] == others["lone"] == []


def test_what_is_counted_counts_a_test_once() -> None:
    rows: list[dict[str, str | None]] = [
        {"view_of": None},
        {"view_of": None},
        {"view_of": "quiz_dev"},
    ]
    assert counted(rows) == "2 headlines and 1 view"
    assert counted(rows[:1]) == "1 headline"

    def moved(days: int, name: str, view_of: str | None) -> dict[str, Any]:
        words = {"short_title": name, "short_label": "80%", "threshold_id": name}
        change = {"change_days": days, "change_p_never": 0.0}
        return words | change | {"view_of": view_of}

    views = [moved(90, "Board", "Quiz"), moved(80, "Own", "Quiz")]
    assert moved_line([moved(3, "Quiz", None), moved(0, "Test", None), *views]) == (
        "1 of 2 headline dates and 2 of 2 views moved: Quiz: 80% 3 days later."
    )
    assert moved_line([moved(0, "Quiz", None), *views]) == (
        "None of 1 headline dates moved, but 2 of 2 views did."
    )


def test_a_view_that_moves_far_is_no_second_headline() -> None:
    before = small_tables()[CROSSING_SUMMARY.name]
    far = ("first", "quiz_board")
    later = pl.when(pl.col("threshold_id").is_in(far)).then(date(2029, 3, 5))
    after = before.with_columns(median_if_ever=later.otherwise("median_if_ever"))
    moves = compare_headlines(before, after, lost={})
    assert {move.threshold_id for move in moves} == set(far)
    assert moves_sentence(moves).startswith("Large moves, 1 headline and 1 view: ")


@pytest.mark.parametrize("width", [80, 140])
def test_the_shipped_threshold_shows_the_other_views(
    shipped_run: PublishedRun,
    width: int,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("COLUMNS", str(width))
    print_threshold(shipped_run.path, "swe_bench_verified", today=AS_OF)
    text = capsys.readouterr().out
    assert "Another view of the test goes on: SWE-bench Verified, developers" in text
    lines = text.splitlines()
    start = next(i for i, one in enumerate(lines) if "Other views of this test" in one)
    assert [line.split(":")[0] for line in lines[start + 1 : start + 5]] == [
        *("  developers", "  Epoch AI", "  mini agent"),
        "",
    ]
    print_threshold(shipped_run.path, "scicode", today=AS_OF)
    assert "Other views" not in capsys.readouterr().out


@pytest.fixture(scope="module")
def shipped(shipped_run: PublishedRun) -> dict[str, pl.DataFrame]:
    return {table.name: read_table(shipped_run.path, table) for table in PUBLISHED}


def test_a_bars_page_has_the_other_views(shipped: dict[str, pl.DataFrame]) -> None:
    pages = {page.id: page for page in bar_pages(shipped, draft=False)}
    page = pages["swe_bench_verified_epoch.pct95"]
    assert page.view_of == LEAD
    assert [one.threshold_id for one in page.other_views] == [
        LEAD,
        "swe_bench_verified",
        "swe_bench_verified_mini_agent",
    ]
    assert "Another view of the test goes on" in page.figures.label
    assert pages[f"{LEAD}.pct95"].view_of is None
    assert pages["scicode.pct80"].other_views == []


def test_the_answer_of_airflow_sets_views_further_in(
    shipped_run: PublishedRun,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("COLUMNS", "240")
    rows = [row | {"when": when_words(row)} for row in shipped_run.headline]
    print_answer(rows, None)
    lines = capsys.readouterr().out.splitlines()
    lead = next(i for i, line in enumerate(lines) if "Verified, developers" in line)
    assert [line[:3] for line in lines[lead : lead + 5]] == [
        "SWE",
        "  b",
        "  E",
        "  m",
        "Ter",
    ]


def test_a_chart_sets_views_below_and_its_words_say_so(
    shipped: dict[str, pl.DataFrame],
) -> None:
    chart = ladder(Bars(shipped), "coding")
    assert chart is not None
    bars = chart.spec["datasets"]["bars"]
    lead = next(i for i, one in enumerate(bars) if "Verified, developers" in one["t"])
    drawn = [(one["i"], one["t"], one.get("v")) for one in bars[lead : lead + 4]]
    assert drawn == [
        (lead, "SWE-bench Verified, developers: 95%", None),
        (lead + 1, "board: 95%", 1),
        (lead + 2, "Epoch AI: 95%", 1),
        (lead + 3, "mini agent: 95%", 1),
    ]
    assert "view: SWE-bench Verified (Epoch AI runs)" in chart.alt


def test_a_page_of_some_benchmarks_shows_a_view_alone(
    shipped: dict[str, pl.DataFrame],
) -> None:
    """Below nothing where the page has no room for the one that leads."""

    def bars(thresholds: pl.DataFrame) -> list[str]:
        known = pl.col("threshold_id").is_in(thresholds["threshold_id"].to_list())
        grids = headlines(shipped["headline"].filter(known), thresholds)
        return [row[0].text for one in grids for row in one.rows if row[0].below]

    assert len(bars(shipped["thresholds"])) == 6
    without = shipped["thresholds"].filter(pl.col("benchmark_id") != LEAD)
    assert len(bars(without)) == 3


def test_a_scenario_says_where_a_test_gates_it_by_several_views(
    shipped: dict[str, pl.DataFrame],
) -> None:
    views = {
        one.scenario_id: sum(row[0].text.startswith("view: ") for row in one.gates.rows)
        for one in scenarios(shipped, frozenset())
    }
    assert {name for name, n in views.items() if n} == {"every_headline_bar"}
    assert views["every_headline_bar"] == 6
