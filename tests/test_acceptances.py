"""A warning is accepted with a reason, by code and bar; the next one is seen."""

import re
import shutil
from pathlib import Path

import pytest

from tests.conftest import CHECKOUT
from trends.registry import check
from trends.registry.acceptances import ACCEPTABLE, IN_VAIN
from trends.registry.versions import UNRECORDED

SMALL = Path(__file__).parent / "small_registry"
WORK = "thresholds/work.yaml"
BARS = "  - {id: day, value: 480, label: Day, basis: project_choice, headline: true}\n"
LONG = "  - {id: week, value: 2400, label: Week, basis: project_choice}\n"
LONGER = "  - {id: month, value: 10020, label: Month, basis: project_choice}\n"
ACCEPTS = (
    "accepts:\n  - {warning: bar_above_measurable, bars: [week], why: It is asked.}\n"
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return Path(shutil.copytree(SMALL, tmp_path / "data" / "registry"))


def said(folder: Path, name: str, old: str, new: str) -> list[tuple[str, int, str]]:
    """Codes of what is said after an edit, with lines and paths."""
    text = (folder / name).read_text()
    assert text.count(old) == 1
    (folder / name).write_text(text.replace(old, new))
    assert all(one.level == "warning" for one in check(folder)), check(folder)
    return [(one.code, one.line, one.path) for one in check(folder)]


def test_a_standing_warning_is_accepted_in_the_file(folder: Path) -> None:
    long = said(folder, WORK, BARS, BARS + LONG)
    assert long == [("bar_above_measurable", 12, "bars[1].value")]
    assert said(folder, WORK, LONG, LONG + ACCEPTS) == []


def test_a_warning_about_another_bar_is_seen(folder: Path) -> None:
    found = said(folder, WORK, BARS, BARS + LONG + LONGER + ACCEPTS)
    assert found == [("bar_above_measurable", 13, "bars[2].value")]


def test_what_is_accepted_and_occurs_no_more_is_a_warning(folder: Path) -> None:
    found = said(folder, WORK, BARS, BARS + ACCEPTS)
    assert found == [("accepted_in_vain", 13, "accepts[0].bars[0]")]


def test_a_benchmark_accepts_too(folder: Path) -> None:
    name, first_day = "benchmarks.yaml", "  first_public_on: 2024-01-10\n"
    accepts = "  accepts: [{warning: first_day_unknown, why: Nobody says.}]\n"
    assert said(folder, name, first_day, accepts) == []
    assert said(folder, name, accepts, first_day + accepts) == [
        ("accepted_in_vain", 54, "speedrun.accepts[0].warning")
    ]


@pytest.mark.parametrize(
    ("wrong", "expected"),
    [
        ("bars: [week], ", "accepts[0].bars: is missing: add `bars:`"),
        (", why: It is asked.", "accepts[0].why: is missing: add `why:`"),
        ("_measurable", "did you mean"),
    ],
)
def test_an_acceptance_names_a_code_its_bars_and_a_reason(
    folder: Path, wrong: str, expected: str
) -> None:
    path = folder / WORK
    accepts = ACCEPTS.replace(wrong, "")
    path.write_text(path.read_text().replace(BARS, BARS + LONG + accepts))
    [problem] = check(folder)
    assert problem.line == 14
    assert expected in str(problem)


def test_every_code_is_explained() -> None:
    """In data/README.md, and in no other place by another name."""
    text = (CHECKOUT / "data" / "README.md").read_text(encoding="utf-8")
    table = re.findall(
        r"^\| `(\w+)` \|", text.partition("### Warnings")[2], re.MULTILINE
    )
    assert set(table) == {*ACCEPTABLE, IN_VAIN, UNRECORDED, "rows_uncounted"}
    assert len(table) == len(set(table))
