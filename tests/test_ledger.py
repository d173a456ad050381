"""Forecasts of record: frozen, resolved by their own rule, scored only when due."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from tests.conftest import AS_OF, CHECKOUT, copy_checkout
from trends.dates import add_months
from trends.doctor import examine
from trends.ledger import (
    Entry,
    Forecast,
    Kind,
    LedgerError,
    append_entry,
    check_ledger,
    entry_from_run,
    head,
    read_entries,
    record_published,
)
from trends.ledger.entries import interpolate
from trends.ledger.scores import ScoreTables, score_entries
from trends.ledger.table import summarise
from trends.outputs import OutputError, find_published, read_table
from trends.pipeline import PublishedRun, RequestError
from trends.registry import Registry, load_registry
from trends.replay import Replay, past_month_ends, replay
from trends.tables import CROSSING_CDF, CROSSING_SUMMARY, OBSERVATIONS
from trends.workspace import Workspace

MADE = date(2025, 1, 31)
BENCHMARK = "swe_bench_verified"


@pytest.fixture(scope="module")
def registry() -> Registry:
    return load_registry(CHECKOUT / "data" / "registry")


def _forecast(**changes: Any) -> Forecast:
    """One headline bar at 0.80: P rises by 0.3 in a year, and again in the next."""
    usual = {
        "threshold_id": "one",
        "threshold_version": 1,
        "threshold_label": "One",
        "bar_id": "pct80",
        "trend": "drift",
        "is_headline": True,
        "benchmark_id": BENCHMARK,
        "family_id": "swe",
        "final_vintage": False,
        "harness": None,
        "reporters": ("leaderboard",),
        "direction": "higher",
        "counts_if": "point_estimate",
        "bar_value": 0.8,
        "score_unit": "fraction",
        "crossing_status": "expected",
        "observed_through": MADE,
        "projection_end": date(2050, 12, 31),
        "p_crossed_by_projection_end": 0.9,
        "p_after_projection_end": 0.0,
        "p_never": 0.1,
        "quantiles": {
            0.05: date(2025, 3, 1),
            0.1: date(2025, 6, 1),
            0.25: date(2025, 11, 1),
            0.5: date(2026, 9, 1),
            0.75: date(2028, 1, 1),
            0.9: None,
            0.95: None,
        },
        "p_crossed": {MADE: 0.0, date(2026, 1, 31): 0.3, date(2027, 1, 31): 0.6},
    }
    return Forecast(**(usual | changes))


def _entry(*forecasts: Forecast, kind: Kind = "live", **changes: Any) -> Entry:
    usual = {
        "kind": kind,
        "caveat": None,
        "as_of": MADE,
        "made_on": MADE,
        "run_id": "0123456789ab",
        "contract_version": "1.0",
        "provenance": {"code": "c", "seed": 1},
        "forecasts": forecasts or (_forecast(),),
    }
    return Entry(**(usual | changes))


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
    return score_entries([entry or _entry()], observations, known, today=today)


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
    strict = _entry(_forecast(harness="mini"))
    easy = _entry(_forecast(bar_value=0.79))

    def crossed(*rows: dict[str, Any], entry: Entry | None = None) -> list[bool]:
        found = _scored(registry, *rows, through=through, entry=entry).probabilities
        return found.filter("is_due")["crossed"].to_list()

    assert crossed(other) == [False, False]
    assert crossed(CROSSED, entry=strict) == [False, False]
    assert crossed(CROSSED | {"harness": "mini"}, entry=strict) == [False, True]
    assert crossed(SHORT, entry=easy) == [True, True]


def test_a_lower_score_crosses_where_lower_is_better(registry: Registry) -> None:
    low = _entry(_forecast(direction="lower", bar_value=0.1))
    rows = _score(0.2, date(2025, 2, 3), MADE), _score(0.1, date(2025, 3, 3), MADE)
    found = _scored(registry, *rows, through=date(2025, 5, 1), entry=low)
    assert found.probabilities["crossed"][0] is True


def test_a_replay_of_a_late_reported_series_is_cut_and_scored_on_release(
    registry: Registry,
) -> None:
    forecast = _forecast(final_vintage=True)
    through = date(2025, 5, 1)
    expected: dict[Kind, tuple[bool, str]] = {
        "replayed": (True, "release_date"),
        "live": (False, "reported_on"),
    }
    for kind, outcome in expected.items():
        entry = _entry(forecast, kind=kind)
        found = _scored(registry, CROSSED, through=through, entry=entry)
        row = found.probabilities.row(0, named=True)
        assert (row["crossed"], row["cut_on"]) == outcome


def test_a_bar_that_was_crossed_or_not_estimated_is_not_scored(
    registry: Registry,
) -> None:
    closed = _entry(_forecast(p_crossed={}, quantiles={}))
    found = _scored(registry, CROSSED, through=AS_OF, entry=closed)
    assert found.probabilities.is_empty()
    assert found.dates.is_empty()


def test_the_record_keeps_live_and_replayed_apart(registry: Registry) -> None:
    entries = [_entry(kind="live"), _entry(_forecast(), _forecast(), kind="replayed")]
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
    entry = _entry()
    assert Entry.model_validate_json(entry.to_bytes()) == entry
    lines = entry.to_bytes().decode().splitlines()
    assert sum("threshold_id" in line for line in lines) == len(entry.forecasts)


def _filled(tmp_path: Path) -> Path:
    ledger = tmp_path / "ledger"
    for month in (1, 2, 3):
        day = add_months(MADE, month)
        append_entry(ledger, _entry(as_of=day, run_id=f"{month:012d}"))
    append_entry(ledger, _entry(kind="replayed"))
    return ledger


def test_an_intact_ledger_reads_back_in_order_of_vintage(tmp_path: Path) -> None:
    ledger = _filled(tmp_path)
    assert check_ledger(ledger) == []
    as_ofs = [entry.as_of for entry in read_entries(ledger, "live")]
    assert as_ofs == [add_months(MADE, month) for month in (1, 2, 3)]
    assert len(read_entries(ledger, "replayed")) == 1


def test_a_missing_ledger_is_an_empty_one(tmp_path: Path) -> None:
    assert check_ledger(tmp_path / "none") == []
    assert read_entries(tmp_path / "none", "live") == []
    assert head(tmp_path / "none", "live") is None


def _change(live: Path) -> None:
    file = min(live.glob("[0-9]*"))
    file.write_text(file.read_text().replace("0.3", "0.9", 1))


def _delete(live: Path) -> None:
    max(live.glob("[0-9]*")).unlink()


def _insert(live: Path) -> None:
    extra = _entry(as_of=add_months(MADE, 9))
    (live / extra.file_name).write_bytes(extra.to_bytes())


def _swap_kind(live: Path) -> None:
    replayed = next((live.parent / "replayed").glob("[0-9]*"))
    min(live.glob("[0-9]*")).write_bytes(replayed.read_bytes())


def _drop_from_index(live: Path) -> None:
    """A middle entry taken out together with its line."""
    index = json.loads((live / "index.json").read_text())
    dropped = index["entries"].pop(1)
    (live / dropped["file"]).unlink()
    (live / "index.json").write_text(json.dumps(index))


def _rehash(live: Path) -> None:
    """A file is changed and its own line made to fit."""
    _change(live)
    index = json.loads((live / "index.json").read_text())
    line = index["entries"][0]
    line["sha256"] = sha256((live / line["file"]).read_bytes()).hexdigest()
    (live / "index.json").write_text(json.dumps(index))


@pytest.mark.parametrize(
    ("tamper", "said"),
    [
        (_change, r"2025-02-28_000000000001\.json was changed"),
        (_delete, r"2025-04-30_000000000003\.json was deleted"),
        (_insert, r"2025-10-31_0123456789ab\.json was inserted"),
        (_swap_kind, r"2025-02-28_000000000001\.json was changed"),
        (_drop_from_index, r"edited at or before 2025-04-30_000000000003\.json"),
        (_rehash, r"edited at or before 2025-02-28_000000000001\.json"),
        (lambda live: (live / "index.json").unlink(), "was inserted"),
        (lambda live: (live / "index.json").write_text("{"), "cannot be read"),
    ],
    ids=["change", "delete", "insert", "swap", "drop", "rehash", "no_index", "torn"],
)
def test_a_ledger_that_was_tampered_with_is_refused(
    tmp_path: Path, tamper: Callable[[Path], None], said: str
) -> None:
    """By reading, by recording, by doctor; and the file is named."""
    ledger = _filled(tmp_path / "data")
    tamper(ledger / "live")
    with pytest.raises(LedgerError, match=said):
        read_entries(ledger, "live")
    with pytest.raises(LedgerError, match=said):
        append_entry(ledger, _entry(kind="replayed", as_of=AS_OF))


def test_an_entry_of_the_other_kind_is_refused_even_if_its_hash_fits(
    tmp_path: Path,
) -> None:
    ledger = tmp_path / "ledger"
    append_entry(ledger, _entry(kind="replayed"))
    (ledger / "replayed").rename(ledger / "live")
    with pytest.raises(LedgerError, match="kinds are never mixed"):
        read_entries(ledger, "live")


def test_recording_twice_changes_nothing_and_never_replaces(tmp_path: Path) -> None:
    ledger = tmp_path / "ledger"
    file = append_entry(ledger, _entry())
    before = file.read_bytes(), head(ledger, "live")
    assert append_entry(ledger, _entry(made_on=AS_OF)) == file
    with pytest.raises(LedgerError, match="already that of run 0123456789ab"):
        append_entry(ledger, _entry(run_id="ffffffffffff"))
    assert (file.read_bytes(), head(ledger, "live")) == before


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
    append_entry(workspace.ledger, _entry())
    _change(workspace.ledger / "live")
    finding = next(one for one in examine(workspace) if one.what == "ledger")
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
