"""Headlines that move so far that somebody looks first."""

from datetime import date, timedelta
from typing import Any

import polars as pl
import pytest

from trends.pipeline.moves import (
    FAR,
    FAR_NEVER,
    MOST_LOST,
    compare_headlines,
    lost_rows,
)
from trends.words import moves_markdown, moves_sentence

WHEN = date(2028, 3, 1)


def _row(threshold_id: str = "quiz_80", **more: Any) -> dict[str, Any]:
    row = {
        "threshold_id": threshold_id,
        "is_headline": True,
        "short_title": "Quiz",
        "short_label": "80%",
        "threshold_label": "Quiz reaches 80%",
        "crossing_status": "expected",
        "median_if_ever": WHEN,
        "date_hi": WHEN,
        "median_label": "2028-03",
        "if_ever_label": "2028-03",
        "p_never": 0.1,
        "interval80_label": "2027 to 2031",
        "withheld": None,
        "view_of": None,
    }
    return row | more


def _moves(
    before: dict[str, Any] | None, after: dict[str, Any] | None, **lost: str
) -> Any:
    schema = pl.DataFrame([_row()]).schema
    frames = [
        pl.DataFrame(
            [] if row is None else [row],
            schema=schema | dict.fromkeys(("withheld", "view_of"), pl.String),
        )
        for row in (before, after)
    ]
    return compare_headlines(*frames, lost=lost)


@pytest.mark.parametrize("sign", [1, -1])
def test_a_date_may_move_half_a_year_and_no_further(sign: int) -> None:
    at_limit, beyond = (
        _row(median_if_ever=WHEN + sign * (FAR + timedelta(days=more)))
        for more in (0, 1)
    )
    assert _moves(_row(), at_limit) == []
    (move,) = _moves(_row(), beyond)
    assert move.days == sign * 184
    word = "later" if sign > 0 else "earlier"
    assert move.why == (f"the date if ever is 184 days {word}",)


@pytest.mark.parametrize("sign", [1, -1])
def test_never_may_move_a_quarter_and_no_further(sign: int) -> None:
    before = _row(p_never=0.5)
    assert _moves(before, _row(p_never=0.5 + sign * FAR_NEVER)) == []
    (move,) = _moves(before, _row(p_never=0.5 + sign * (FAR_NEVER + 0.01)))
    word = "likelier" if sign > 0 else "less likely"
    assert (move.days, move.why) == (0, (f"never 26 points {word}",))


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"crossing_status": "already_crossed"}, "expected, now already crossed"),
        ({"crossing_status": "never"}, "expected, now never"),
        ({"crossing_status": "not_estimated"}, "expected, now not estimated"),
        ({"withheld": "two readings disagree"}, "expected, now withheld"),
        ({"median_if_ever": None}, "there is a date on one side only"),
    ],
)
def test_a_change_of_status_is_large_however_few_its_days(
    change: dict[str, Any], why: str
) -> None:
    (move,) = _moves(_row(), _row(**change))
    assert move.why == (why,)


def test_a_headline_that_vanishes_is_large_and_one_that_appears_is_not() -> None:
    (move,) = _moves(_row(), None)
    assert (move.after, move.why) == (None, ("it has no headline any more",))
    assert _moves(None, _row()) == []


def test_rows_that_are_no_headline_are_nobodys_news() -> None:
    far = _row(median_if_ever=WHEN + timedelta(days=900), is_headline=False)
    assert _moves(_row(is_headline=False), far) == []


def test_a_source_that_lost_over_a_fifth_of_its_rows_is_named() -> None:
    before = {name: {"rows": 50} for name in ("fifth", "more", "gone", "grew")}
    after = {"fifth": {"rows": 40}, "more": {"rows": 39}, "grew": {"rows": 51}}
    assert MOST_LOST == 0.2
    assert lost_rows(before, after) == {
        "gone": "source gone has 0 rows, and had 50",
        "more": "source more has 39 rows, and had 50",
    }
    (move,) = _moves(_row(), _row(), quiz_80="source more has 39 rows, and had 50")
    assert (move.days, move.why) == (0, ("source more has 39 rows, and had 50",))
    assert _moves(_row(), _row(), other="source other has 1 rows, and had 50") == []


def test_the_table_names_both_sides_and_what_an_answer_does() -> None:
    moves = _moves(_row(short_label="80% | all"), _row(crossing_status="never"))
    text = moves_markdown(
        moves,
        as_of=date(2026, 11, 1),
        run_id="new",
        before=(date(2026, 10, 1), "old"),
    )
    assert "Run new moves 1 headline far from run old." in text
    rows = [line for line in text.splitlines() if line.startswith("| Quiz")]
    assert rows == [
        "| Quiz: 80% | 2028-03, never 10% (2027 to 2031) | 2028-03, never 10% (2027 to 2031) | expected, now never |"
    ]
    assert "`trends run --draft --as-of 2026-11-01`" in text
    assert moves_sentence(moves).startswith(
        "Large moves, 1 headline: Quiz: 80%: 2028-03"
    )
    assert moves_sentence([]) == ""


def test_the_furthest_stands_first_after_those_without_a_date() -> None:
    before = pl.DataFrame([_row(name) for name in ("a", "b", "c", "never")])
    after = pl.DataFrame(
        [
            _row("a", median_if_ever=WHEN + timedelta(days=200)),
            _row("b", median_if_ever=WHEN - timedelta(days=300)),
            _row("never", p_never=0.5),
        ]
    )
    moves = compare_headlines(before, after, lost={})
    assert [move.threshold_id for move in moves] == ["c", "b", "never", "a"]
