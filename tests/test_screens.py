"""What a terminal shows: whole words, lines that fit, and nothing that misleads."""

import re
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
from rich.cells import cell_len

from tests.conftest import AS_OF
from trends.cli.screens import headlines, notes, scenario, threshold
from trends.cli.screens.console import Column, Grid, screen_width, wrapped
from trends.cli.show import NEXT_STEPS
from trends.outputs import read_table
from trends.pipeline import PublishedRun, RequestError
from trends.tables import AUTOMATION, CROSSING_SUMMARY, REFERENCE_FORECASTS
from trends.words import answer_sentences, indented_names, marks, short_name

SUPERSEDED = "Superseded series"
WIDTHS = (60, 80, 120)
Print = Callable[[Path], None]


def _overview(run: Path, *, by: date | None = None, every: bool = False) -> None:
    rows = headlines.table_rows(run, by=by, headlines_only=not every)
    headlines.print_overview(run, rows, today=AS_OF, answer=headlines.answer_of(run))


def _scenario(run: Path) -> None:
    tables = scenario.scenario_tables(run, scenario.default_id(run))
    scenario.print_scenario(tables)


def _list(run: Path) -> None:
    came_due = scenario.statements_that_came_due(run)
    scenario.print_list(scenario.scenario_list(run), came_due)


def _of(threshold_id: str) -> Print:
    return lambda run: threshold.print_threshold(run, threshold_id, today=AS_OF)


SCREENS: dict[str, Print] = {
    "headlines": _overview,
    "by": lambda run: _overview(run, by=date(2027, 6, 30)),
    "all": lambda run: _overview(run, every=True),
    "scenario": _scenario,
    "list": _list,
    "crossed": _of("swe_bench_verified_developer_reported"),
    "beyond": _of("metr_work_month"),
    "not estimated": _of("openai_agent_workdays"),
}


@pytest.fixture(autouse=True)
def _no_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("COLUMNS", raising=False)
    monkeypatch.setenv("NO_COLOR", "1")


@pytest.fixture
def lines(
    shipped_run: PublishedRun,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> Callable[..., list[str]]:
    def printed(name: str, width: int | None = None) -> list[str]:
        if width is not None:
            monkeypatch.setenv("COLUMNS", str(width))
        SCREENS[name](shipped_run.path)
        return capsys.readouterr().out.splitlines()

    return printed


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("screen", SCREENS)
def test_no_line_is_wider_than_the_screen(
    lines: Callable[..., list[str]], screen: str, width: int
) -> None:
    """But for one word that is wider: an address is never broken."""
    shown = lines(screen, width)
    assert len(shown) > 10
    too_wide = [line for line in shown if cell_len(line) > width]
    assert [line for line in too_wide if len(line.split()) > 1] == []
    assert not [line for line in shown if line != line.rstrip()]


@pytest.mark.parametrize("screen", SCREENS)
def test_no_word_is_broken(lines: Callable[..., list[str]], screen: str) -> None:
    """All words of a narrow screen are words of one on which everything fits."""
    wide = set(" ".join(lines(screen, 400)).split())
    letters = re.compile(r"[vrcnsheoqdw]{1,9}")
    for width in (60, 80):
        narrow = set(" ".join(lines(screen, width)).split())
        assert {one for one in narrow - wide if not letters.fullmatch(one)} == set()


def test_every_headline_has_one_line_of_80_columns(
    shipped_run: PublishedRun, lines: Callable[..., list[str]]
) -> None:
    shown = lines("headlines")
    rows = headlines.table_rows(shipped_run.path, by=None, headlines_only=True)
    assert len(rows) > 40
    for row, name in zip(rows, indented_names(rows), strict=True):
        (line,) = [one for one in shown if one.startswith(f"  {name}  ")]
        letters = "".join(mark.letter for mark in marks(row))
        assert line.split()[-1] == letters or not letters
    names = [short_name(row) for row in rows]
    table = shown[shown.index("Coding") : shown.index(SUPERSEDED)]
    assert len(table) == len([row for row in rows if row["section"] != SUPERSEDED]) + 6
    assert len(set(names)) == len(names)


def test_never_stands_beside_the_date_on_80_columns_of_any_screen(
    lines: Callable[..., list[str]],
) -> None:
    for screen in ("headlines", "by", "all", "crossed", "beyond"):
        heading = next(one for one in lines(screen) if " Never " in one)
        assert re.search(r"If ever +Never +80% interval", heading)
    by = {one.split("  ")[1]: one.split() for one in lines("by") if one[:2] == "  "}
    assert by["FrontierSWE v2: 80%"][3:5] == ["2027-03", "30%"]


def test_a_date_if_ever_is_told_from_an_interval_that_counts_never(
    lines: Callable[..., list[str]],
) -> None:
    for screen in ("headlines", "by", "all"):
        shown = " ".join(lines(screen))
        assert (
            "If ever: the median date, given that the bar is crossed at all." in shown
        )
        assert headlines.COUNTS_NEVER in shown


def test_the_default_trend_is_not_repeated(lines: Callable[..., list[str]]) -> None:
    assert "drift" not in " ".join(lines("headlines"))
    assert "drift" in " ".join(lines("all"))


def test_every_mark_that_is_used_is_explained(lines: Callable[..., list[str]]) -> None:
    shown = lines("headlines")
    last = next(i for i, line in enumerate(shown) if line.startswith("If ever: "))
    top = next(i for i, line in enumerate(shown) if line.startswith("Bar "))
    place = shown[top].index("Note")
    used = {letter for line in shown[top + 1 : last] for letter in line[place:]}
    explained = {line[0] for line in shown[last:] if re.match(r"[a-z] +[a-z]", line)}
    assert used == explained >= {"c", "n", "s", "e"}


def test_the_vintage_stands_on_top_and_the_answer_follows(
    shipped_run: PublishedRun, lines: Callable[..., list[str]]
) -> None:
    text = " ".join(lines("headlines"))
    assert text.startswith(f"As of {AS_OF}. Figures end 2026-")
    said = answer_sentences(
        read_table(shipped_run.path, AUTOMATION),
        read_table(shipped_run.path, REFERENCE_FORECASTS),
    )
    assert len(said) == 2
    assert text.index(said[0]) < text.index(said[1]) < text.index("FrontierSWE")
    for who in ("Clark", "Greenblatt", "OpenAI", "AI Futures", "GPAI", "LEAP"):
        assert who in said[1]
    assert "not automated R&D" in said[0]


def test_an_older_vintage_says_how_old_it_is(shipped_run: PublishedRun) -> None:
    rows = headlines.table_rows(shipped_run.path, by=None, headlines_only=True)
    day = date(AS_OF.year, AS_OF.month, AS_OF.day + 1)
    assert headlines.vintage_line(rows, today=day).startswith(
        f"As of {AS_OF}, 1 day ago."
    )


def test_a_benchmark_in_full_names_record_bars_trends_and_source(
    shipped_run: PublishedRun, lines: Callable[..., list[str]]
) -> None:
    text = " ".join(" ".join(lines("beyond")).split())
    rows = read_table(shipped_run.path, CROSSING_SUMMARY).filter(
        threshold_id="metr_work_month"
    )
    for row in rows.iter_rows(named=True):
        if row["crossing_status"] != "already_crossed":
            assert row["status_reason"] in text
            assert f"{row['trend']} {row['median_label'][:4]}" in text
    head = rows.filter("is_headline").row(0, named=True)
    assert f"by {head['frontier_model_name']}, {head['frontier_date']}" in text
    assert "metr_time_horizon_p50.csv:" in text
    assert "1 work-month (167 h) (headline)" in text
    assert "What counts: Crossed on the release date" in text


def test_a_name_is_of_a_threshold_or_of_a_benchmark(shipped_run: PublishedRun) -> None:
    run = shipped_run.path
    assert threshold.threshold_ids(run, "scicode") == ["scicode"]
    assert threshold.threshold_ids(run, "metr_time_horizon_p50") == [
        "metr_work_month",
        "metr_work_month_out_of_range",
    ]
    with pytest.raises(RequestError, match="did you mean scicode"):
        threshold.threshold_ids(run, "SciKode")


def test_fields_and_statuses_narrow_the_rows(shipped_run: PublishedRun) -> None:
    rows = headlines.table_rows(
        shipped_run.path,
        by=None,
        headlines_only=True,
        domains=headlines.domains_named(["coding", "Long-horizon"]),
        statuses=["already_crossed"],
    )
    assert {row["domain"] for row in rows} == {"coding", "long_horizon_agent"}
    assert {row["crossing_status"] for row in rows} == {"already_crossed"}
    with pytest.raises(RequestError, match="no field 'cooking'; there are coding, "):
        headlines.domains_named(["cooking"])


def test_without_a_terminal_there_are_80_columns(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert screen_width() == 80
    for said, width in (("132", 132), ("0", 80), ("wide", 80)):
        monkeypatch.setenv("COLUMNS", said)
        assert screen_width() == width


def test_a_narrow_screen_has_the_first_cell_above_the_others() -> None:
    grid = Grid(Column("Bar"), Column("Day"), Column("n", "right"))
    grid.add("  one two three four five six", "2027", "1")
    assert [str(line) for line in grid.lines(30)] == [
        "Bar",
        "    Day  n",
        "  one two three four five six",
        "    2027 1",
    ]


def test_what_does_not_fit_goes_on_between_words() -> None:
    grid = Grid(Column("Bar"), Column("Day"))
    grid.add("  a name of several words that is long", "2027-03")
    assert [str(line) for line in grid.lines(38)] == [
        "Bar                            Day",
        "  a name of several words      2027-03",
        "    that is long",
    ]


def test_columns_move_together_where_only_so_they_fit() -> None:
    grid = Grid(Column("Bar"), Column("When"), Column("Never", "right"), Column("Note"))
    grid.add("Quiz: 80%", "2027-03", "42%", "h")
    apart, close, below = (
        [str(one) for one in grid.lines(width)] for width in (31, 28, 27)
    )
    assert apart[1] == "Quiz: 80%  2027-03   42%  h"
    assert close[1] == "Quiz: 80% 2027-03   42% h"
    assert len(below) > 2


def test_the_first_and_the_last_cell_share_the_room_in_the_fewest_lines() -> None:
    grid = Grid(Column("Bar"), Column("Note"))
    for k in range(3):
        grid.add(f"Quiz of many words, board {k}: 80%", "held 75%")
    grid.add("Maze", "view, replaced, not seen, held at most 61%, others go on")
    shown = [str(one) for one in grid.lines(60)]
    assert shown[1] == "Quiz of many words, board 0: 80%  held 75%"
    assert [one.lstrip() for one in shown[4:]] == [
        "Maze                              view, replaced, not seen,",
        "held at most 61%, others",
        "go on",
    ]


def test_a_word_that_is_too_long_is_cut_with_an_ellipsis() -> None:
    grid = Grid(Column("Model"), Column("Score"))
    grid.add("a-model-whose-name-is-one-very-long-word", "1")
    assert [str(line) for line in grid.lines(31)] == [
        "Model                     Score",
        "a-model-whose-name-is-o\N{HORIZONTAL ELLIPSIS}  1",
    ]


def test_wide_characters_count_twice() -> None:
    assert wrapped("一二 三四 五六", 9) == ["一二 三四", "五六"]


def test_marks_are_words_where_there_is_room(
    shipped_run: PublishedRun, lines: Callable[..., list[str]]
) -> None:
    wide = lines("headlines", 150)
    rows = headlines.table_rows(shipped_run.path, by=None, headlines_only=True)
    marked = [
        (row, name)
        for row, name in zip(rows, indented_names(rows), strict=True)
        if len(marks(row)) > 1
    ]
    assert marked
    for row, name in marked:
        (line,) = [one for one in wide if one.startswith(f"  {name} ")]
        assert line.endswith("  " + ", ".join(mark.words for mark in marks(row)))


def test_no_date_if_ever_hangs_on_a_ceiling_s_judgement(
    shipped_run: PublishedRun,
) -> None:
    """By a month or more; medians do where nearly half of the probability is never."""
    moves: dict[str, list[int]] = {"median_date": [], "median_if_ever": []}
    rows = read_table(shipped_run.path, CROSSING_SUMMARY).filter("is_headline")
    for row in rows.iter_rows(named=True):
        for name, found in moves.items():
            begins = name.removesuffix("_date")
            ends = [row[f"{begins}_if_ceiling_{end}"] for end in ("lower", "higher")]
            found += [abs((one - row[name]).days) for one in ends if one and row[name]]
    assert len(moves["median_if_ever"]) > 60
    assert max(moves["median_if_ever"]) < 31 < max(moves["median_date"])


def test_notes_are_told_when_asked(
    shipped_run: PublishedRun, lines: Callable[..., list[str]]
) -> None:
    told = list(notes.notes(shipped_run.path))
    (pool,) = [one for one in told if one.startswith("Pool: ")]
    assert "the date if ever is 55 days later, never stays 7%" in pool
    text = " ".join(lines("headlines"))
    assert "headlines that lean on one other family" not in text
    assert "Pool: " not in text
    assert "trends show --notes" in dict(NEXT_STEPS)
