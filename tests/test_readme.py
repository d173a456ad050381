"""README and method page show the real current answer, picture and tables."""

from dataclasses import replace
from datetime import date

import pytest

from tests.conftest import AS_OF, CHECKOUT
from trends.cli.front_page import README, front_page, method_page
from trends.cli.method_page import METHOD, track_tables
from trends.cli.screens.headlines import table_rows
from trends.pipeline import PublishedRun
from trends.registry import load_registry


def test_answer_picture_and_table_are_those_of_the_shipped_figures(
    shipped_run: PublishedRun,
) -> None:
    """After a change that moves dates: `trends run; python -m trends.cli.front_page`."""
    readme = (CHECKOUT / README).read_text(encoding="utf-8")
    for name, content in front_page(shipped_run.path, readme).items():
        assert (CHECKOUT / name).read_bytes() == content, name
    assert f"as of {AS_OF}" in readme


def test_the_method_page_shows_what_backtest_and_contest_said() -> None:
    """After `trends backtest --write-weights` or `trends contest --write-results`."""
    registry = load_registry(CHECKOUT / "data/registry")
    method = (CHECKOUT / METHOD).read_bytes()
    assert method_page(registry, method.decode()) == {METHOD: method}
    with pytest.raises(ValueError, match="pair of marks <!-- track -->"):
        method_page(registry, "no marks")
    with pytest.raises(ValueError, match="trends contest --write-results"):
        method_page(replace(registry, contests=None), method.decode())


def test_the_method_page_counts_intervals_as_they_are_published() -> None:
    """Not those that were rescaled by what other families taught."""
    registry = load_registry(CHECKOUT / "data/registry")
    assert registry.weights is not None
    held = {"coverage": 0.71, "coverage_left_out": 0.83, "n_families": 9}
    bands = [one.model_copy(update=held) for one in registry.weights.level_bands]
    weights = registry.weights.model_copy(update={"level_bands": bands})
    told = track_tables(replace(registry, weights=weights))
    assert "| 80% intervals of scores, that held | 80% | 71% | 9 |" in told


def test_a_readme_without_its_marks_is_refused(shipped_run: PublishedRun) -> None:
    readme = (CHECKOUT / README).read_text(encoding="utf-8")
    for broken in (readme.replace("<!-- answer -->", ""), readme + readme):
        with pytest.raises(ValueError, match="pair of marks <!-- answer -->"):
            front_page(shipped_run.path, broken)


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
