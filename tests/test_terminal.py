"""Text from data is printed as it is, whatever it would mean to a terminal."""

from datetime import date
from typing import Any

import pytest

from trends.cli.screens.headlines import as_markdown, print_table
from trends.cli.screens.scenario import print_list, print_scenario
from trends.tables import AUTOMATION, ESSAY_CLAIMS, REFERENCE_COMPARISONS
from trends.words import escape_markdown

HOSTILE = ["SWE-bench [held out]", "[/red] bar", "[bold", ":100: tasks", "a|b\\[c]"]


def _row(label: str) -> dict[str, Any]:
    return {
        "threshold_label": label,
        "short_title": label,
        "short_label": label,
        "section": "Coding",
        "below": None,
        "trend": "drift",
        "is_headline": True,
        "crossing_status": "expected",
        "median_label": label,
        "median_date": None,
        "if_ever_label": label,
        "median_if_ever": None,
        "interval80_label": label,
        "contested": True,
        "superseded_by": None,
        "series_ended": None,
        "withheld": None,
        "coverage80_backtest": None,
        "coverage80_at_most": None,
        "p_crossed_by_as_of": 0.5,
        "p_never": 0.25,
        "as_of": date(2026, 1, 1),
        "observed_through": None,
    }


@pytest.fixture(autouse=True)
def _wide(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "400")
    monkeypatch.setenv("NO_COLOR", "1")


@pytest.mark.parametrize("label", HOSTILE)
def test_a_table_prints_labels_as_they_are(
    label: str, capsys: pytest.CaptureFixture[str]
) -> None:
    print_table([_row(label)])
    assert capsys.readouterr().out.count(label) == 4


def test_what_is_withheld_has_no_probability_anywhere(
    capsys: pytest.CaptureFixture[str],
) -> None:
    by = {"by_date": date(2027, 12, 31), "p_crossed_by_date": 0.62}
    row = _row("a bar") | {"p_crossed_by_as_of": 0.43} | by
    print_table([row])
    shown = capsys.readouterr().out + as_markdown([row])
    assert [shown.count(one) for one in ("43%", "62%", "25%")] == [2, 2, 2]

    withheld = row | {"withheld": "withheld: intervals held too little"}
    print_table([withheld])
    shown = capsys.readouterr().out + as_markdown([withheld])
    assert not [one for one in ("43%", "62%", "25%") if one in shown]


def test_a_headline_without_a_date_says_why(capsys: pytest.CaptureFixture[str]) -> None:
    missing = {"crossing_status": "not_estimated", "status_reason": "no dated score"}
    other = {"short_label": "95%", "is_headline": False}
    rows = [_row("quiz"), _row("exam"), _row("puzzle")]
    print_table(
        [rows[0], rows[1] | missing, rows[2] | missing, rows[2] | missing | other]
    )
    said = "not estimated (exam: exam, puzzle: puzzle): no dated score"
    assert capsys.readouterr().out.splitlines()[-1] == said


@pytest.mark.parametrize("label", HOSTILE)
def test_a_scenario_prints_labels_as_they_are(
    label: str, capsys: pytest.CaptureFixture[str]
) -> None:
    row = {
        "scenario_id": label,
        "scenario_title": label,
        "scenario_statement": label,
        "gates": label,
        "n_gates": 1,
        "status_reason": label,
        "median_label": label,
        "interval80_label": label,
        "gap_label": label,
        "as_of": date(2026, 1, 1),
        "dependence": "independent",
        "rho": 0.0,
    } | {f"p_by_end_{year}": 0.5 for year in (2026, 2027, 2028, 2030)}
    claim = {
        "subject": label,
        "model_name_printed": label,
        "value": 1.0,
        "primary_value": 2.0,
        "comment": label,
    }
    tables: dict[str, list[dict[str, object]]] = {
        AUTOMATION.name: [row | {"gap": "none"}, row | {"gap": "prior"}],
        REFERENCE_COMPARISONS.name: [],
        ESSAY_CLAIMS.name: [claim],
    }
    said: dict[str, object] = {
        "event": label,
        "forecaster": label,
        "date_made": "",
        "outcome_label": label,
    }
    print_list([row], [said])
    assert capsys.readouterr().out.count(label) == 3 + 3
    print_scenario(tables)
    assert capsys.readouterr().out.count(label) == 4 + 2 * 2 + 1 + 3


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("95% of items", "95% of items"),
        ("pass^1 (<1%), mini_swe", "pass^1 (<1%), mini_swe"),
        ("a|b", r"a\|b"),
        ("a\\|b", r"a\\\|b"),
        ("one\ntwo", "one two"),
        ("[x](y) *z* `c` _d_", r"\[x\](y) \*z\* \`c\` \_d\_"),
        ("<b> &lt; a & b", r"\<b> \&lt; a & b"),
    ],
)
def test_markdown_shows_text_as_it_is(text: str, written: str) -> None:
    assert escape_markdown(text) == written


def test_a_label_ends_no_cell_of_a_markdown_table() -> None:
    lines = as_markdown([_row("a|b\nc")]).splitlines()
    assert len(lines) == 3
    assert lines[2].startswith(r"| a\|b c | drift | a\|b c | 25% | a\|b c |")
