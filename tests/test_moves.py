"""What moved all headlines at once: parts are true, sum, and name their scores."""

import gc
import weakref
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from fractions import Fraction
from typing import Any

import numpy as np
import polars as pl
import pytest

from tests.walked import (
    AS_OF,
    DRIFTS,
    KEY,
    LOOKS,
    edited,
    threshold,
    walked_inputs,
    walked_row,
    with_rows,
)
from trends.changes import Inputs, load_inputs, states
from trends.changes.amounts import Amount, total
from trends.changes.attribution import rerun
from trends.changes.causes import Account, Earlier, Later, account_of
from trends.changes.coalitions import Difference
from trends.changes.evidence import News, news_of
from trends.changes.families import split_by_family
from trends.changes.moves import Move
from trends.changes.said import Said, SaidIn
from trends.changes.states import State
from trends.changes.windows import changes_table
from trends.crossings.answers import Answer
from trends.crossings.leaning import LeaningBar, open_bar
from trends.crossings.looks import FitRow
from trends.frontier import public_as_of
from trends.pipeline import PublishedRun
from trends.registry.models import TrendFamily

SINCE = AS_OF - timedelta(days=90)


def _account(old: Inputs, new: Inputs) -> Account:
    after = SaidIn(rerun(new, [KEY])).get(KEY)
    assert after is not None
    earlier = Earlier("days_90", SINCE, "recomputed", inputs=replace(old, as_of=SINCE))
    return account_of(earlier, Later(new, {KEY: after}))


def _earlier(old: Inputs) -> list[Earlier]:
    return [
        Earlier(name, SINCE, "recomputed", inputs=replace(old, as_of=SINCE))
        for name in ("days_30", "days_90")
    ]


def _move(old: Inputs, new: Inputs) -> Move:
    (move,) = _account(old, new).moves
    assert move.total is not None
    assert total(part.amount for part in move.parts) == move.total
    return move


def _value(move: Move) -> float:
    return 0.0 if move.total is None else float(move.total.value)


def _number(said: Said) -> Amount:
    number = said.number(None)
    assert number is not None
    return number


def _labels(old: Inputs, new: Inputs) -> list[str]:
    account = _account(old, new)
    (move,) = account.moves
    return [cause["label"] for cause in account.causes(move)]


CHANGED = {
    "own": [("target", 700.0)],
    "pool": [("a", 5e5), ("c", 6e5)],
    "both": [("target", 700.0), ("d", 4e5)],
}


@pytest.mark.parametrize("leaps", CHANGED.values(), ids=CHANGED)
def test_parts_are_those_of_the_split_that_fits_everything_again(
    leaps: Sequence[tuple[str, float]],
) -> None:
    old = walked_inputs()
    new = with_rows(old, *(walked_row(name, 41, LOOKS[-2], at) for name, at in leaps))
    split = split_by_family(
        Difference.between(old, new),
        before=rerun(old, [KEY]),
        after=rerun(new, [KEY]),
        row=KEY,
    )
    assert split is not None
    move = _move(old, new)
    assert move.total == split.total != Amount()
    found = {
        part.family_id: part.amount for part in move.parts if part.kind == "family"
    }
    assert found == {k: v for k, v in split.through_pool.items() if v.size("days") >= 1}
    own = total(part.amount for part in move.parts if part.kind == "own")
    assert own == split.own


def test_a_new_record_is_named_with_its_day_and_row() -> None:
    old = walked_inputs()
    new = with_rows(old, walked_row("target", 41, LOOKS[-2], 700.0))
    account = _account(old, new)
    (move,) = account.moves
    (cause,) = account.causes(move)
    assert (cause["cause"], cause["through"]) == ("new_record", "own")
    assert (cause["model_name"], cause["score"]) == ("Model 41", 700.0)
    assert (cause["source_file"], cause["source_row"]) == ("target.csv", 43)
    assert "new record Model 41 700 minutes on" in cause["label"]
    assert cause["part"] == _value(move) < 0


def test_a_score_below_the_record_is_no_record() -> None:
    old = walked_inputs()
    another_day = LOOKS[-2] + timedelta(days=20)
    new = with_rows(old, walked_row("target", 41, another_day, 1.0))
    account = _account(old, new)
    (move,) = account.moves
    (cause,) = account.causes(move)
    assert cause["cause"] == "new_scores"
    assert cause["score_change"] == "new"
    assert cause["label"].endswith("; no new record")
    # one more look at which nothing better was shown
    assert cause["part"] == _value(move) != 0


def test_a_revised_score_says_what_it_was() -> None:
    old = walked_inputs()
    last = (pl.col("benchmark_id") == "target") & (
        pl.col("score")
        == pl.col("score").filter(pl.col("benchmark_id") == "target").max()
    )
    account = _account(old, edited(old, last, score=pl.lit(2000.0)))
    (move,) = account.moves
    (cause,) = account.causes(move)
    assert cause["cause"] == "revised_scores"
    assert cause["score"] == 2000.0
    assert cause["score_before"] not in (None, 2000.0)
    assert cause["part"] < 0


def test_news_of_another_family_comes_through_the_pool_and_is_named() -> None:
    old = walked_inputs()
    new = with_rows(old, walked_row("b", 41, LOOKS[-2], 5e6))
    account = _account(old, new)
    (move,) = account.moves
    (cause,) = account.causes(move)
    assert (cause["through"], cause["family_id"]) == ("pool", "b")
    assert cause["benchmark_id"] == "b"
    assert ", through the pool: new record Model 41" in cause["label"]


def test_news_that_many_rows_name_are_looked_up_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    old = walked_inputs()
    new = with_rows(old, walked_row("b", 41, LOOKS[-2], 5e6))
    account = _account(old, new)
    looked_up: list[str] = []

    def counted(difference: Difference, *rest: Any) -> News:
        looked_up.append(rest[-1].series_id)
        return news_of(difference, *rest)

    monkeypatch.setattr("trends.changes.causes.news_of", counted)
    (move,) = account.moves
    assert account.causes(move) == account.causes(move)
    assert len(looked_up) == 1


def test_a_bar_without_news_of_its_own_is_the_same_bar_under_the_same_pool(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Put in or taken out, news that are not there change nothing: no law is made."""
    asked = []
    real = LeaningBar.answer

    def answer(self: LeaningBar, rows: Sequence[FitRow]) -> Answer:
        asked.append(self)
        return real(self, rows)

    old = walked_inputs()
    monkeypatch.setattr(LeaningBar, "answer", answer)
    laws, bars, parts = {}, {}, {}
    for name, leaps in CHANGED.items():
        rows = [walked_row(one, 41, LOOKS[-2], at) for one, at in leaps]
        for shared in (True, False):
            if not shared:
                monkeypatch.setattr(State, "reads_as", lambda *_: False)
            asked.clear()
            parts[name, shared] = _move(old, with_rows(old, *rows)).parts
            laws[name, shared] = len(asked)
            bars[name, shared] = len({id(one) for one in asked})
        monkeypatch.undo()
        monkeypatch.setattr(LeaningBar, "answer", answer)
        assert parts[name, True] == parts[name, False]
    # of two families with news each, both and neither, from whichever side
    assert (laws["pool", True], laws["pool", False]) == (4, 8)
    assert (bars["pool", True], bars["pool", False]) == (1, 2)
    # its own vote is none of its pool
    assert (laws["own", True], bars["own", True]) == (2, 2)


def test_a_row_with_news_of_another_view_of_its_test_is_another_row() -> None:
    plain = walked_inputs()
    view = plain.registry.benchmarks["a"].model_copy(
        update={"view_of": "target", "family_id": "target"}
    )
    benchmarks = plain.registry.benchmarks | {"a": view}
    old = replace(plain, registry=replace(plain.registry, benchmarks=benchmarks))
    new = with_rows(old, walked_row("a", 41, LOOKS[-2], 700.0))
    then, now = (State(one, [KEY]) for one in (old, new))
    assert then.reads_as(State(old, [KEY]), KEY)
    assert not then.reads_as(now, KEY)
    assert then.scores["target"].equals(now.scores["target"])


def test_later_days_share_what_the_run_itself_says(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """One state and one median of the new inputs, whatever they are compared with."""
    made: list[Inputs] = []
    real = State.__init__

    def init(self: State, inputs: Inputs, *rest: Any) -> None:
        made.append(inputs)
        real(self, inputs, *rest)

    monkeypatch.setattr(State, "__init__", init)
    old = walked_inputs()
    new = with_rows(old, walked_row("b", 41, LOOKS[-2], 5e6))
    changes_table(new, rerun(new, [KEY]), _earlier(old), run_id="run")
    assert [one.observations.height - old.observations.height for one in made] == [
        1,
        0,
        0,
    ]


@pytest.mark.parametrize(("kept", "n_opened"), [(1, 3), (2, 2)])
def test_a_state_keeps_so_many_bars(
    kept: int, n_opened: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """For the next vintage that it is compared with; once there are more they go."""
    monkeypatch.setattr(states, "KEPT_OPEN", kept)
    opened: list[object] = []

    def counted(*given: Any, **more: Any) -> LeaningBar | Answer:
        opened.append(given)
        return open_bar(*given, **more)

    monkeypatch.setattr(states, "open_bar", counted)
    inputs = walked_inputs()
    trends = [TrendFamily.DRIFT, TrendFamily.RECORDS]
    asked = inputs.registry.thresholds["target"].model_copy(update={"trends": trends})
    registry = replace(inputs.registry, thresholds={"target": asked})
    keys = [(*KEY[:2], trend.value) for trend in trends]
    state = State(replace(inputs, registry=registry), keys)
    by = AS_OF.replace(year=2030)
    first, _, again = (state.number(key, by) for key in (*keys, keys[0]))
    assert first == again is not None
    assert len(opened) == n_opened


def test_a_state_keeps_its_medians_but_no_law(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    state = State(walked_inputs(), [KEY])
    said = state.said(KEY)
    assert said is not None
    asked: list[LeaningBar] = []
    real = LeaningBar.answer

    def answer(self: LeaningBar, rows: Sequence[FitRow]) -> Answer:
        asked.append(self)
        return real(self, rows)

    monkeypatch.setattr(LeaningBar, "answer", answer)
    days = (None, None, AS_OF.replace(year=2030), AS_OF.replace(year=2030))
    for by in days:
        state.close()
        assert state.number(KEY, by) == said.number(by)
    assert len(asked) == 3


def test_a_longer_watch_without_a_score_is_said() -> None:
    old = walked_inputs()
    entry = old.registry.benchmarks["target"]
    later = entry.model_copy(update={"observed_through": date(2026, 6, 30)})
    benchmarks = old.registry.benchmarks | {"target": later}
    new = replace(old, registry=replace(old.registry, benchmarks=benchmarks))
    account = _account(old, new)
    (move,) = account.moves
    (cause,) = account.causes(move)
    assert cause["cause"] == "watched_longer"
    assert cause["part"] > 0
    # before, nothing was known of the days since the last look
    assert f"watched through 2026-06-30, before through {LOOKS[-1]}" in cause["label"]


def test_an_edited_bar_is_no_news_of_any_benchmark() -> None:
    old = walked_inputs()
    thresholds = {"target": threshold(float(np.exp(9.4)))}
    new = replace(old, registry=replace(old.registry, thresholds=thresholds))
    move = _move(old, new)
    assert [part.kind for part in move.parts] == ["settings"]
    assert move.parts[0].amount == move.total
    assert move.parts[0].amount.value > 0


def test_with_an_edited_bar_and_news_the_parts_still_sum() -> None:
    old = walked_inputs()
    more = with_rows(
        old,
        walked_row("target", 41, LOOKS[-2], 700.0),
        walked_row("d", 41, LOOKS[-2], 4e5),
    )
    thresholds = {"target": threshold(float(np.exp(9.4)))}
    new = replace(more, registry=replace(more.registry, thresholds=thresholds))
    split = split_by_family(
        Difference.between(old, new),
        before=rerun(old, [KEY]),
        after=rerun(new, [KEY]),
        row=KEY,
    )
    assert split is not None
    parts = {part.kind: part.amount for part in _move(old, new).parts}
    assert parts["own"] == split.own
    assert parts["settings"] == split.settings
    assert parts["family"] == split.through_pool["d"]


def test_an_added_benchmark_of_the_pool_is_said_to_be_new() -> None:
    new = walked_inputs(DRIFTS | {"newcomer": 6.0})
    benchmarks = {
        name: one for name, one in new.registry.benchmarks.items() if name != "newcomer"
    }
    old = replace(
        new,
        observations=new.observations.filter(pl.col("benchmark_id") != "newcomer"),
        registry=replace(new.registry, benchmarks=benchmarks),
    )
    account = _account(old, new)
    (move,) = account.moves
    (cause,) = account.causes(move)
    assert (cause["cause"], cause["family_id"]) == ("new_benchmark", "newcomer")
    assert cause["part"] == _value(move) != 0
    assert "no score of it was known" in cause["label"]


def test_a_crossing_is_decided_by_its_own_score_alone() -> None:
    old = walked_inputs()
    new = with_rows(
        old,
        walked_row("target", 41, LOOKS[-2], float(np.exp(9.1))),
        walked_row("b", 41, LOOKS[-2], 5e6),
    )
    move = _move(old, new)
    assert move.after.status == "already_crossed"
    assert [part.kind for part in move.parts] == ["own"]


def test_what_an_earlier_vintage_said_otherwise_is_the_rest() -> None:
    old = walked_inputs()
    new = with_rows(old, walked_row("target", 41, LOOKS[-2], 700.0))
    published = SaidIn(rerun(old, [KEY])).get(KEY)
    after = SaidIn(rerun(new, [KEY])).get(KEY)
    assert published is not None
    assert published.if_ever is not None
    assert after is not None
    said = replace(published, if_ever=published.if_ever + timedelta(days=12))
    earlier = Earlier(
        "previous_vintage",
        SINCE,
        "ledger",
        inputs=old,
        said={KEY: said},
        rest="unknown",
    )
    account = account_of(earlier, Later(new, {KEY: after}))
    (move,) = account.moves
    rest = [part.amount for part in move.parts if part.kind == "rest"]
    assert rest == [Amount(Fraction(-12))]
    own = [part.amount for part in move.parts if part.kind == "own"]
    assert own == [_move(old, new).total]
    assert "unknown" in [cause["label"] for cause in account.causes(move)]


def test_a_headline_without_an_estimate_then_has_a_first_one() -> None:
    new = walked_inputs()
    target = pl.col("benchmark_id") == "target"
    old = replace(new, observations=new.observations.filter(~target))
    account = _account(old, new)
    (move,) = account.moves
    assert move.total is None
    (cause,) = account.causes(move)
    assert (cause["cause"], cause["through"]) == ("first_estimate", "own")
    assert cause["part"] is None


def test_nothing_changed_moves_nothing() -> None:
    old = walked_inputs()
    account = _account(old, old)
    (move,) = account.moves
    assert move.total == Amount()
    assert not move.parts
    assert _labels(old, old) == ["did not move"]


def _far_off() -> Inputs:
    """A bar without a median."""
    old = walked_inputs()
    thresholds = {"target": threshold(float(np.exp(90)))}
    flat = pl.col("benchmark_id") == "target"
    slow = edited(old, flat, score=pl.lit(20.0) - pl.col("source_row") / 100)
    return replace(slow, registry=replace(slow.registry, thresholds=thresholds))


def test_where_there_is_no_median_the_parts_are_of_a_probability() -> None:
    far = _far_off()
    move = _move(far, with_rows(far, walked_row("a", 41, LOOKS[-2], 5e5)))
    assert move.unit == "probability"
    assert move.by_date is not None
    assert all(-1 <= part.amount.value <= 1 for part in move.parts)


def test_the_last_digit_of_a_published_probability_is_nobodys() -> None:
    far = _far_off()
    new = with_rows(far, walked_row("a", 41, LOOKS[-2], 5e5))
    after = SaidIn(rerun(new, [KEY])).get(KEY)
    assert after is not None
    p_by = after.p_by
    digit = replace(after, p_by=lambda day: float(np.nextafter(p_by(day) or 0.0, 1)))
    earlier = Earlier("days_90", SINCE, "recomputed", inputs=replace(far, as_of=SINCE))
    (move,) = account_of(earlier, Later(new, {KEY: digit})).moves
    assert move.unit == "probability"
    assert move.parts == _move(far, new).parts


@pytest.mark.parametrize("trend", [TrendFamily.EXPONENTIAL, TrendFamily.ENSEMBLE])
def test_other_trends_are_split_too(trend: TrendFamily) -> None:
    """A line leans on no family; an ensemble leans by its drift."""
    old = walked_inputs()
    headline = old.registry.thresholds["target"].model_copy(
        update={"trends": [trend], "headline_trend": trend}
    )
    registry = replace(old.registry, thresholds={"target": headline})
    old = replace(old, registry=registry)
    new = with_rows(
        old,
        walked_row("target", 41, LOOKS[-2], 700.0),
        walked_row("b", 41, LOOKS[-2], 5e6),
    )
    key = ("target", "bar", trend.value)
    after = SaidIn(rerun(new, [key])).get(key)
    assert after is not None
    earlier = Earlier("days_90", SINCE, "recomputed", inputs=old)
    (move,) = account_of(earlier, Later(new, {key: after})).moves
    kinds = {part.kind for part in move.parts}
    assert kinds == ({"own"} if trend is TrendFamily.EXPONENTIAL else {"own", "family"})
    assert total(part.amount for part in move.parts) == move.total


@pytest.mark.parametrize("leaps", CHANGED.values(), ids=CHANGED)
def test_records_are_split_as_when_everything_is_fitted_again(
    leaps: Sequence[tuple[str, float]],
) -> None:
    """Own news and the pool add up; other families are named by their own parts."""
    trends = {"trends": [TrendFamily.RECORDS]}
    plain = walked_inputs()
    headline = plain.registry.thresholds["target"].model_copy(
        update=trends | {"headline_trend": TrendFamily.RECORDS}
    )
    benchmarks = {
        name: one.model_copy(update=trends)
        for name, one in plain.registry.benchmarks.items()
    }
    registry = replace(
        plain.registry, thresholds={"target": headline}, benchmarks=benchmarks
    )
    old = replace(plain, registry=registry)
    new = with_rows(old, *(walked_row(name, 41, LOOKS[-2], at) for name, at in leaps))
    key = ("target", "bar", "records")
    split = split_by_family(
        Difference.between(old, new),
        before=rerun(old, [key]),
        after=rerun(new, [key]),
        row=key,
    )
    assert split is not None
    after = SaidIn(rerun(new, [key])).get(key)
    assert after is not None
    earlier = Earlier("days_90", SINCE, "recomputed", inputs=old)
    (move,) = account_of(earlier, Later(new, {key: after})).moves
    assert move.total == split.total != Amount()
    found = {
        part.family_id: part.amount for part in move.parts if part.kind == "family"
    }
    assert found == {k: v for k, v in split.through_pool.items() if v.size("days") >= 1}


def test_the_table_has_a_row_a_cause_and_is_the_same_twice() -> None:
    old = walked_inputs()
    new = with_rows(
        old,
        walked_row("target", 41, LOOKS[-2], 700.0),
        walked_row("d", 41, LOOKS[-2], 4e5),
    )
    earlier = [
        Earlier("previous_vintage", None, "nothing"),
        Earlier("days_90", SINCE, "recomputed", inputs=replace(old, as_of=SINCE)),
    ]
    crossings = rerun(new, [KEY])
    table = changes_table(new, crossings, earlier, run_id="run")
    assert table.equals(changes_table(new, crossings, earlier, run_id="run"))
    nothing = table.filter(pl.col("window") == "previous_vintage")
    assert nothing["cause"].to_list() == ["not_attributed"]
    assert nothing["label"].to_list() == ["no vintage is earlier"]
    moved = table.filter(pl.col("window") == "days_90")
    assert moved["cause_rank"].to_list() == [1, 2]
    assert moved["part"].sum() == moved["moved_by"][0] != 0
    days = (moved["if_ever_after"] - moved["if_ever_before"]).dt.total_days()
    assert days.to_list() == moved["moved_by"].to_list()
    assert moved["part"].abs().is_sorted(descending=True)


def test_states_of_a_window_are_gone_before_the_next_ones_are_made(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    old = walked_inputs()
    new = with_rows(old, walked_row("b", 41, LOOKS[-2], 5e6))
    made: list[list[weakref.ref[object]]] = []

    def accounted(*asked: Any) -> Account:
        assert not [one() for window in made for one in window if one() is not None]
        account = account_of(*asked)
        assert account.mixes is not None
        made.append(
            [
                weakref.ref(one)
                for one in (account.mixes.old, account.mixes.old.leaning.votes.records)
            ]
        )
        return account

    monkeypatch.setattr("trends.changes.windows.account_of", accounted)
    crossings = rerun(new, [KEY])
    gc.collect()
    gc.disable()
    try:
        changes_table(new, crossings, _earlier(old), run_id="run")
    finally:
        gc.enable()
    assert len(made) == 2


def test_of_many_families_those_that_move_most_are_named(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("trends.changes.moves.NAMED_FAMILIES", 1)
    old = walked_inputs()
    leaps = [("a", 5e3), ("c", 5e6), ("d", 5e3)]
    new = with_rows(old, *(walked_row(name, 41, LOOKS[-2], at) for name, at in leaps))
    account = _account(old, new)
    (move,) = account.moves
    named = [part.family_id for part in move.parts if part.kind == "family"]
    assert named == ["c"]
    (others,) = (c for c in account.causes(move) if c["cause"] == "several_families")
    assert others["label"] == "2 other families of benchmarks (a, d), through the pool"
    assert total(part.amount for part in move.parts) == move.total


def test_a_date_that_is_withheld_is_not_said_of_the_day_before_either() -> None:
    old = walked_inputs()
    new = with_rows(old, walked_row("target", 41, LOOKS[-2], 700.0))
    crossings = rerun(new, [KEY])
    words = "withheld: such intervals held few of the dates"
    withheld = crossings.summary.with_columns(
        withheld=pl.lit(words), median_label=pl.lit(words)
    )
    earlier = Earlier("days_90", SINCE, "recomputed", inputs=replace(old, as_of=SINCE))
    hidden = replace(crossings, summary=withheld)
    (row,) = changes_table(new, hidden, [earlier], run_id="run").to_dicts()
    assert row["label_before"] == row["label_after"] == words
    assert row["moved_by"] < 0


def test_a_record_that_was_less_than_expected_moves_a_date_later_and_says_so() -> None:
    old = walked_inputs()
    entry = old.registry.benchmarks["target"]
    later = entry.model_copy(update={"observed_through": date(2026, 6, 30)})
    benchmarks = old.registry.benchmarks | {"target": later}
    target = old.observations.filter(pl.col("benchmark_id") == "target")
    best = float(target["score"].to_numpy().max())
    small = walked_row("target", 41, date(2026, 6, 20), best * 1.001)
    new = with_rows(
        replace(old, registry=replace(old.registry, benchmarks=benchmarks)), small
    )
    account = _account(old, new)
    (move,) = account.moves
    (cause,) = account.causes(move)
    assert cause["cause"] == "new_record"
    assert cause["part"] > 0
    assert cause["label"].endswith("; in all less than was expected")
    leap = walked_row("target", 42, date(2026, 6, 20), best * 3)
    assert "less than" not in _labels(old, with_rows(new, leap))[0]


def test_a_part_is_what_it_did_to_the_date_and_to_never(
    shipped_run: PublishedRun,
) -> None:
    """Each number has the split that it would have alone, and both are exact."""
    key = ("frontierswe_v2", "pct80", "records")
    new = load_inputs(shipped_run.path)
    day = date(2026, 9, 10)
    known = public_as_of(new.observations, day, new.registry.benchmarks)
    old = replace(new, as_of=day, observations=known)
    after = SaidIn(rerun(new, [key])).get(key)
    assert after is not None
    earlier = Earlier("days_90", day, "recomputed", inputs=old)
    (move,) = account_of(earlier, Later(new, {key: after})).moves
    before = move.before
    assert move.total is not None
    assert before is not None
    assert move.total == _number(after) - _number(before)
    assert total(part.amount for part in move.parts) == move.total
    # scores below the record speak of a ceiling, and move the date by days
    own = next(part.amount for part in move.parts if part.kind == "own")
    assert own.never > Fraction(1, 10)
    assert abs(own.value) < 30
