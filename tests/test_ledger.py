"""Forecasts of record: frozen, resolved by their own rule, scored only when due."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from tests.conftest import AS_OF, CHECKOUT, copy_checkout
from tests.ledger_entries import BENCHMARK, MADE, make_entry, make_forecast
from trends.dates import add_months
from trends.ledger import (
    Entry,
    Kind,
    LedgerError,
    append_entry,
    entry_from_run,
    head,
    head_after,
    plan_record,
    read_entries,
    record_published,
)
from trends.ledger.entries import interpolate
from trends.ledger.scores import ScoreTables, score_entries
from trends.ledger.table import summarise
from trends.outputs import OutputError, find_published, read_table
from trends.pipeline import PublishedRun, RequestError
from trends.pipeline.doctor import examine
from trends.pipeline.replay import Replay, past_month_ends, replay
from trends.registry import Registry, load_registry
from trends.tables import CROSSING_CDF, CROSSING_SUMMARY, OBSERVATIONS
from trends.workspace import Workspace


@pytest.fixture(scope="module")
def registry() -> Registry:
    return load_registry(CHECKOUT / "data" / "registry")


def _score(
    score: float, released: date, reported: date, **changes: Any
) -> dict[str, Any]:
    return {
        "observation_id": f"{released}{reported}{score}",
        "benchmark_id": BENCHMARK,
        "model_id": "m",
        "model_name": "M",
        "reporter": "leaderboard",
        "release_date": released,
        "reported_on": reported,
        "known_on": reported,
        "score": score,
    } | changes


def _scored(
    registry: Registry,
    *rows: dict[str, Any],
    through: date,
    entry: Entry | None = None,
    today: date = AS_OF,
) -> ScoreTables:
    """Scores when the benchmark's figures reach ``through``."""
    watched = registry.benchmarks[BENCHMARK].model_copy(
        update={"observed_through": through}
    )
    known = replace(registry, benchmarks=registry.benchmarks | {BENCHMARK: watched})
    observations = OBSERVATIONS.frame(list(rows))
    return score_entries([entry or make_entry()], observations, known, today=today)


CROSSED = _score(0.81, date(2025, 4, 10), date(2025, 6, 30))
SHORT = _score(0.79, date(2025, 2, 1), date(2025, 2, 2))


def test_a_crossing_is_dated_by_the_later_of_release_and_report(
    registry: Registry,
) -> None:
    """Released in April, reported on 30 June: crossed by 31 July, not by 30 April."""
    found = _scored(registry, SHORT, CROSSED, through=date(2025, 8, 1)).probabilities
    due = found.filter("is_due")
    assert due.select("lead_months", "by_date", "crossed").rows() == [
        (3, date(2025, 4, 30), False),
        (6, date(2025, 7, 31), True),
    ]
    p = 0.3 * 181 / 365
    assert due["p_crossed"][1] == pytest.approx(p)
    assert due["brier"][1] == pytest.approx((1 - p) ** 2)


def test_nothing_is_due_beyond_the_figures_however_it_turned_out(
    registry: Registry,
) -> None:
    found = _scored(registry, CROSSED, through=date(2025, 7, 30)).probabilities
    assert found["is_due"].to_list() == [True, False, False, False, False]
    later = found.filter(~pl.col("is_due"))
    assert later["brier"].null_count() == later["crossed"].null_count() == 4


@pytest.mark.parametrize(
    ("before", "after", "crossed"),
    [
        (0.79, 0.83, [False, True]),  # public at the bar from the revision on
        (0.83, 0.79, [False, False]),  # corrected to below it
        (0.85, 0.82, [True, True]),  # at the bar before and after
    ],
)
def test_a_revised_score_is_at_the_bar_if_it_stands_there_from_when_it_did(
    registry: Registry, before: float, after: float, crossed: list[bool]
) -> None:
    """Reported on 2 February, another score in a copy of 30 June."""
    released, reported, copy = date(2025, 2, 1), date(2025, 2, 2), date(2025, 6, 30)
    rows = (
        _score(before, released, reported, entry_id="e", revised_on=copy),
        _score(
            after,
            released,
            reported,
            entry_id="e",
            known_on=copy,
            known_on_basis="retrieved_on",
        ),
    )

    found = _scored(registry, *rows, through=date(2025, 8, 1)).probabilities

    assert found.filter("is_due")["crossed"].to_list() == crossed


def test_today_bounds_what_is_known(registry: Registry) -> None:
    found = _scored(
        registry, CROSSED, through=date(2026, 1, 1), today=date(2025, 5, 15)
    )
    due = found.probabilities.filter("is_due")
    assert due["crossed"].to_list() == [False]
    assert found.dates["window_days"].to_list() == [104]


def test_the_integrated_brier_runs_to_the_end_of_the_figures(
    registry: Registry,
) -> None:
    """Crossed after 150 days, figures for 365, F = 0.3 u/365."""
    found = _scored(registry, CROSSED, through=date(2026, 1, 31)).dates
    rate = 0.3 / 365
    before = rate**2 * 150**3 / 3
    after = ((1 - rate * 150) ** 3 - (1 - 0.3) ** 3) / 3 / rate
    assert found["window_days"].to_list() == [365]
    assert found["integrated_brier"][0] == pytest.approx((before + after) / 365)
    assert found["integrated_brier_no_change"][0] == pytest.approx(215 / 365)


def test_the_window_is_no_longer_than_24_months(registry: Registry) -> None:
    found = _scored(
        registry, SHORT, through=date(2028, 5, 5), today=date(2028, 6, 1)
    ).dates
    assert found["window_days"].to_list() == [730]


def test_an_interval_is_due_once_its_upper_end_has_passed(registry: Registry) -> None:
    """50%: from 2025-11 to 2028-01; others have no upper end."""
    late = date(2028, 2, 1)
    seen = _score(0.85, date(2026, 5, 5), date(2026, 5, 6))
    outcomes = [((SHORT, seen), True), ((SHORT, CROSSED), False), ((SHORT,), False)]
    for rows, covered in outcomes:
        found = _scored(registry, *rows, through=late, today=late).coverage
        assert found.filter("is_due")["level"].to_list() == [0.5]
        assert found.filter("is_due")["covered"].to_list() == [covered]
    before = _scored(registry, seen, through=date(2027, 12, 31), today=late).coverage
    assert not before["is_due"].any()


def test_a_forecast_is_resolved_by_the_rule_it_was_made_under(
    registry: Registry,
) -> None:
    """Another reporter's score does not count, nor one in another harness."""
    through = date(2025, 8, 1)
    other = CROSSED | {"reporter": "developer"}
    strict = make_entry(make_forecast(harness="mini"))
    easy = make_entry(make_forecast(bar_value=0.79))

    def crossed(*rows: dict[str, Any], entry: Entry | None = None) -> list[bool]:
        found = _scored(registry, *rows, through=through, entry=entry).probabilities
        return found.filter("is_due")["crossed"].to_list()

    assert crossed(other) == [False, False]
    assert crossed(CROSSED, entry=strict) == [False, False]
    assert crossed(CROSSED | {"harness": "mini"}, entry=strict) == [False, True]
    assert crossed(SHORT, entry=easy) == [True, True]


def test_a_lower_score_crosses_where_lower_is_better(registry: Registry) -> None:
    low = make_entry(make_forecast(direction="lower", bar_value=0.1))
    rows = _score(0.2, date(2025, 2, 3), MADE), _score(0.1, date(2025, 3, 3), MADE)
    found = _scored(registry, *rows, through=date(2025, 5, 1), entry=low)
    assert found.probabilities["crossed"][0] is True


def test_a_replay_of_a_late_reported_series_is_cut_and_scored_on_release(
    registry: Registry,
) -> None:
    forecast = make_forecast(final_vintage=True)
    through = date(2025, 5, 1)
    expected: dict[Kind, tuple[bool, str]] = {
        "replayed": (True, "release_date"),
        "live": (False, "reported_on"),
    }
    for kind, outcome in expected.items():
        entry = make_entry(forecast, kind=kind)
        found = _scored(registry, CROSSED, through=through, entry=entry)
        row = found.probabilities.row(0, named=True)
        assert (row["crossed"], row["cut_on"]) == outcome


def test_a_bar_that_was_crossed_or_not_estimated_is_not_scored(
    registry: Registry,
) -> None:
    closed = make_entry(make_forecast(p_crossed={}, quantiles={}))
    found = _scored(registry, CROSSED, through=AS_OF, entry=closed)
    assert found.probabilities.is_empty()
    assert found.dates.is_empty()


def test_the_record_keeps_live_and_replayed_apart(registry: Registry) -> None:
    entries = [
        make_entry(kind="live"),
        make_entry(make_forecast(), make_forecast(), kind="replayed"),
    ]
    observations = OBSERVATIONS.frame([CROSSED])
    record = summarise(
        score_entries(entries, observations, registry, today=date(2025, 8, 15))
    )
    counts = {
        (row["kind"], row["lead_months"]): (row["n_due"], row["n_not_due"])
        for row in record.probabilities
    }
    assert counts["live", 6] == (1, 0)
    assert counts["replayed", 6] == (2, 0)
    assert counts["replayed", 12] == (0, 2)
    row = next(r for r in record.probabilities if r["lead_months"] == 6)
    p = 0.3 * 181 / 365
    assert row["brier_no_change"] == 1
    assert row["minus_no_change"] == pytest.approx((1 - p) ** 2 - 1)


def test_probabilities_are_straight_between_the_days_that_are_kept() -> None:
    nodes = {date(2025, 1, 1): 0.1, date(2025, 1, 11): 0.3}
    assert interpolate(nodes, date(2025, 1, 4)) == pytest.approx(0.1 + 0.2 * 3 / 10)
    with pytest.raises(ValueError, match="lies outside"):
        interpolate(nodes, date(2025, 1, 12))


@pytest.mark.parametrize(
    ("day", "months", "later"),
    [
        (date(2025, 11, 15), 3, date(2026, 2, 15)),
        (date(2025, 8, 30), 6, date(2026, 2, 28)),
        (date(2026, 2, 28), 6, date(2026, 8, 31)),
    ],
)
def test_months_are_added_by_the_calendar(day: date, months: int, later: date) -> None:
    assert add_months(day, months) == later


def test_an_entry_reads_back_as_it_was_written() -> None:
    entry = make_entry()
    assert Entry.model_validate_json(entry.to_bytes()) == entry
    lines = entry.to_bytes().decode().splitlines()
    assert sum("threshold_id" in line for line in lines) == len(entry.forecasts)


def test_a_published_run_is_recorded_as_it_was_published(
    shipped_run: PublishedRun, shipped_workspace: Workspace, tmp_path: Path
) -> None:
    published = find_published(shipped_workspace.results, AS_OF.isoformat())
    file = record_published(tmp_path, published, made_on=AS_OF + timedelta(days=2))
    entry = read_entries(tmp_path, "live")[0]
    assert (file.parent.name, entry.run_id) == ("live", shipped_run.run_id)
    summary = read_table(shipped_run.path, CROSSING_SUMMARY)
    headlines = {one.threshold_id: one for one in entry.forecasts if one.is_headline}
    rows = summary.filter(
        pl.col("is_headline") & (pl.col("crossing_status") == "expected")
    )
    cdf = read_table(shipped_run.path, CROSSING_CDF)
    for row in rows.iter_rows(named=True):
        forecast = headlines[row["threshold_id"]]
        assert forecast.quantiles[0.5] == row["median_date"]
        assert forecast.date_if_ever == row["median_if_ever"]
        assert len(forecast.quantiles) == 23
        assert len(forecast.p_crossed) == 37  # as_of and the month ends to 36 months
        assert forecast.p_crossed[AS_OF] == pytest.approx(
            row["p_crossed_by_as_of"], abs=1e-6
        )
        at = cdf.filter(
            (pl.col("threshold_id") == row["threshold_id"])
            & (pl.col("bar_id") == row["bar_id"])
            & (pl.col("trend") == row["trend"])
            & (pl.col("by_date") == date(2027, 12, 31))
        )
        assert forecast.p_crossed[date(2027, 12, 31)] == pytest.approx(
            at["p_crossed"][0], abs=1e-6
        )
    bars = {(one.threshold_id, one.bar_id) for one in entry.forecasts}
    assert bars == set(summary.select("threshold_id", "bar_id").rows())


def test_an_entry_without_the_date_if_ever_tells_it_where_what_it_keeps_is_near(
    shipped_run: PublishedRun,
) -> None:
    entry = entry_from_run(shipped_run.path, kind="live", made_on=AS_OF)
    told = []
    for kept in entry.forecasts:
        older = kept.model_copy(update={"median_if_ever": None})
        if not kept.is_open:
            assert kept.date_if_ever is older.date_if_ever is None
        elif older.date_if_ever is not None and kept.date_if_ever is not None:
            days = abs((older.date_if_ever - kept.date_if_ever).days)
            assert days <= 5
            told.append(kept.is_headline)
    assert sum(told) > 30


def test_a_plan_to_record_says_what_recording_then_does(
    shipped_run: PublishedRun, shipped_workspace: Workspace, tmp_path: Path
) -> None:
    published = find_published(shipped_workspace.results, shipped_run.run_id)
    append_entry(tmp_path, make_entry())
    planned = plan_record(tmp_path, published, made_on=AS_OF)
    assert planned.entry is not None
    assert not planned.file.exists()
    said = head_after(tmp_path, planned.entry)
    assert record_published(tmp_path, published, made_on=AS_OF) == planned.file
    assert planned.file.read_bytes() == planned.entry.to_bytes()
    assert head(tmp_path, "live") == said
    assert plan_record(tmp_path, published, made_on=AS_OF).entry is None


def test_a_run_of_the_past_cannot_pass_for_a_live_forecast(
    shipped_run: PublishedRun, shipped_workspace: Workspace, tmp_path: Path
) -> None:
    published = find_published(shipped_workspace.results, shipped_run.run_id)
    for days in (8, -1):
        with pytest.raises(LedgerError, match="no live forecast"):
            record_published(tmp_path, published, made_on=AS_OF + timedelta(days=days))
    assert read_entries(tmp_path, "live") == []


def test_a_draft_cannot_be_found_for_recording(shipped_workspace: Workspace) -> None:
    with pytest.raises(OutputError, match="no vintage 'aaaaaaaaaaaa' is published"):
        find_published(shipped_workspace.results, "aaaaaaaaaaaa")


def test_doctor_names_the_file_that_was_changed(workspace: Workspace) -> None:
    file = append_entry(workspace.ledger, make_entry())
    file.write_text(file.read_text().replace("0.3", "0.9", 1))
    finding = next(
        one
        for one in examine(workspace, now=datetime(2026, 11, 26, tzinfo=UTC))
        if one.what == "ledger"
    )
    assert not finding.ok
    assert "2025-01-31_0123456789ab.json was changed" in finding.detail


def test_only_past_month_ends_are_replayed() -> None:
    today = date(2026, 3, 15)
    days = past_month_ends(date(2026, 1, 1), date(2026, 2, 28), today=today)
    assert days == [date(2026, 1, 31), date(2026, 2, 28)]
    with pytest.raises(RequestError, match="only the past"):
        past_month_ends(date(2026, 1, 1), date(2026, 3, 31), today=today)
    with pytest.raises(RequestError, match="no month ends"):
        past_month_ends(date(2026, 2, 1), date(2026, 2, 5), today=today)


@pytest.mark.slow
def test_a_replay_is_the_same_to_the_bit_in_any_checkout_and_process(
    tmp_path: Path, shipped_run: PublishedRun, shipped_workspace: Workspace
) -> None:
    """One checkout has published a run, and starts with the later vintage."""
    as_ofs = [date(2026, 1, 31), date(2026, 4, 30)]
    fresh = copy_checkout(tmp_path / "fresh")
    alone = replay(Replay(as_ofs, seed=1, draws=500), fresh, made_on=AS_OF, workers=2)
    again = [
        replay(
            Replay([day], seed=1, draws=500),
            shipped_workspace,
            made_on=AS_OF,
            workers=1,
        )[0]
        for day in reversed(as_ofs)
    ]
    for one, other in zip(alone, reversed(again), strict=True):
        assert one.name == other.name
        assert one.read_bytes() == other.read_bytes()
    assert [entry.kind for entry in read_entries(fresh.ledger, "replayed")] == [
        "replayed"
    ] * 2
    assert (
        replay(Replay(as_ofs, seed=1, draws=500), fresh, made_on=AS_OF, workers=1) == []
    )


def test_the_entry_of_a_run_is_the_same_whenever_it_is_made(
    shipped_run: PublishedRun,
) -> None:
    first, second = (
        entry_from_run(shipped_run.path, kind="replayed", made_on=AS_OF).to_bytes()
        for _ in range(2)
    )
    assert first == second
