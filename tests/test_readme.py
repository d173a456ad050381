"""The README shows the real current table."""

from datetime import date

from tests.conftest import AS_OF, CHECKOUT
from trends.cli.screens.headlines import as_markdown, table_rows
from trends.pipeline import PublishedRun

README = CHECKOUT / "README.md"
START, END = "<!-- table -->\n", "\n<!-- /table -->"


def test_the_readme_shows_the_current_table(shipped_run: PublishedRun) -> None:
    """After a change that moves dates: `trends show --markdown`, between the marks."""
    text = README.read_text(encoding="utf-8")
    shown = text[text.index(START) + len(START) : text.index(END)]
    rows = table_rows(shipped_run.path, by=None, headlines_only=True)
    assert shown == as_markdown(rows)
    assert f"as of {AS_OF}" in text


def test_a_bar_crossed_later_is_not_crossed_by_an_earlier_day(
    shipped_run: PublishedRun,
) -> None:
    def p_at(day: date) -> dict[object, object]:
        rows = table_rows(shipped_run.path, by=day, headlines_only=True)
        return {row["threshold_id"]: row["p_crossed_by_date"] for row in rows}

    # crossed 2026-02-05; probabilities are those of the last month's end
    assert p_at(date(2026, 2, 27))["osworld_verified"] == 0.0
    assert p_at(date(2026, 2, 28))["osworld_verified"] == 1.0
    assert p_at(date(2026, 1, 31))["metr_work_month"] == 0.0
    metr = p_at(date(2027, 12, 31))["metr_work_month"]
    assert isinstance(metr, float)
    assert 0.2 < metr < 1.0
