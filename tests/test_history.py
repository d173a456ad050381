"""What earlier vintages said, and how it came out, as tables of a run."""

from datetime import UTC, date, datetime
from pathlib import Path

import polars as pl
import pytest

from tests.ledger_entries import MADE, make_entry, make_forecast
from tests.small_world import CHECKOUT, small_world
from trends.ledger import append_entry, entry_from_run, record_published
from trends.ledger.history import history_tables, rows_of_entries
from trends.ledger.scores import (
    COVERAGE_SCORES,
    DATE_SCORES,
    PROBABILITY_SCORES,
    ScoreTables,
    score_entries,
)
from trends.ledger.table import summarise
from trends.ledger.track_record import track_record
from trends.outputs import (
    OutputError,
    find_published,
    read_table,
    unpublish,
)
from trends.pipeline import ForecastRequest, PublishedRun, forecast, ingest, score
from trends.pipeline.past import Past
from trends.registry import load_registry
from trends.tables import (
    CROSSING_CDF,
    HISTORY,
    HISTORY_BARS,
    OBSERVATIONS,
    THRESHOLDS,
    TRACK_RECORD,
)
from trends.workspace import Workspace

FIRST, SECOND, THIRD = date(2025, 3, 31), date(2025, 6, 30), date(2025, 12, 31)


def at_noon(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, 12, tzinfo=UTC)


def publish(workspace: Workspace, as_of: date, **request: object) -> PublishedRun:
    asked = ForecastRequest(as_of=as_of, draws=100, **request)  # type: ignore[arg-type]
    return forecast(asked, workspace, published_at=at_noon(as_of))


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """Three vintages published; the second recorded live, the first replayed."""
    workspace = small_world(tmp_path_factory.mktemp("history"))
    ingest(workspace)
    first = publish(workspace, FIRST)
    entry = entry_from_run(first.path, kind="replayed", made_on=THIRD)
    append_entry(workspace.ledger, entry)
    publish(workspace, SECOND)
    published = find_published(workspace.results, SECOND.isoformat())
    record_published(workspace.ledger, published, made_on=SECOND)
    publish(workspace, THIRD)
    return workspace


@pytest.fixture(scope="module")
def latest(world: Workspace) -> Path:
    return find_published(world.results, THIRD.isoformat()).path


def test_a_run_has_a_row_for_each_vintage_and_says_which_speaks(latest: Path) -> None:
    history = read_table(latest, HISTORY)
    quiz = history.filter(pl.col("threshold_id") == "quiz")
    assert quiz.select("as_of", "kind", "stands").rows() == [
        (FIRST, "published", True),
        (FIRST, "replayed", False),
        (SECOND, "live", True),
        (SECOND, "published", False),
        (THIRD, "this_run", True),
    ]
    assert set(history["threshold_id"]) == {"quiz", "work", "run"}
    standing = history.filter("stands").group_by("threshold_id", "as_of").len()
    assert set(standing["len"]) == {1}
    assert quiz["run_id"][3] == quiz["run_id"][2]
    assert quiz["recorded_in"][2] == (
        f"data/ledger/live/{SECOND}_{quiz['run_id'][2]}.json"
    )
    assert quiz["made_on"].to_list() == [None, THIRD, SECOND, None, None]


def test_other_bars_have_a_history_too(latest: Path) -> None:
    headlines, others = read_table(latest, HISTORY), read_table(latest, HISTORY_BARS)
    bar = ["threshold_id", "bar_id"]
    thresholds = read_table(latest, THRESHOLDS)
    assert set(others.select(bar).rows()) == set(
        thresholds.filter(~pl.col("is_headline")).select(bar).rows()
    )
    assert headlines.join(others, on=bar, how="semi").is_empty()
    assert set(others["as_of"]) == {FIRST, SECOND, THIRD}
    standing = others.filter("stands").group_by(*bar, "as_of").len()
    assert set(standing["len"]) == {1}


def test_a_published_run_and_its_ledger_entry_say_the_same(latest: Path) -> None:
    history = read_table(latest, HISTORY)
    same = history.filter(pl.col("as_of") == SECOND).sort("threshold_id", "kind")
    live, published = same.filter(kind="live"), same.filter(kind="published")
    columns = [
        "bar_id",
        "crossing_status",
        "median_date",
        "q10_date",
        "q90_date",
        "bar_value",
        "run_id",
        "code_sha256",
    ]
    is_open = live["crossing_status"] != "already_crossed"
    assert is_open.any()
    ours, theirs = live.filter(is_open), published.filter(is_open)
    assert ours.select(columns).equals(theirs.select(columns))
    for name in ("p_crossed_by_now", "p_crossed_by_as_of", "p_never"):
        assert ours[name].to_list() == pytest.approx(theirs[name].to_list(), abs=1e-6)


def test_what_a_vintage_gave_to_a_crossing_by_now_is_read_off_its_law(
    world: Workspace, latest: Path
) -> None:
    row = read_table(latest, HISTORY).row(
        by_predicate=(pl.col("kind") == "published")
        & (pl.col("as_of") == FIRST)
        & (pl.col("threshold_id") == "work"),
        named=True,
    )
    before = find_published(world.results, FIRST.isoformat()).path
    cdf = read_table(before, CROSSING_CDF).filter(
        threshold_id="work", bar_id=row["bar_id"], trend=row["trend"], by_date=THIRD
    )
    assert cdf.height == 1
    assert row["p_crossed_by_now"] == pytest.approx(cdf["p_crossed"][0])
    assert row["p_crossed_by_as_of"] < row["p_crossed_by_now"] < 1


def test_publishing_and_recording_a_run_change_nothing_that_it_was_made_from(
    world: Workspace, latest: Path
) -> None:
    published = find_published(world.results, THIRD.isoformat())
    record_published(world.ledger, published, made_on=THIRD)
    again = publish(world, THIRD)
    assert again.path == latest
    assert THIRD not in {
        entry.as_of
        for entry in Past.find(world, before=THIRD).read_entries(world.ledger)
    }


def test_another_past_is_another_run(world: Workspace, latest: Path) -> None:
    """An older vintage that is published since, or taken back, is in the history."""
    publish(world, date(2025, 4, 30))
    more = publish(world, THIRD, publish=False)
    days = set(read_table(more.path, HISTORY)["as_of"])
    assert (more.run_id, days) != (latest.name, {FIRST, SECOND, THIRD})
    assert date(2025, 4, 30) in days
    unpublish(world.results, "2025-04-30", why="a test", withdrawn_at=at_noon(THIRD))
    assert publish(world, THIRD, publish=False).run_id == latest.name


def test_a_run_that_is_not_compared_does_not_depend_on_the_past(
    world: Workspace,
) -> None:
    alone = publish(world, THIRD, publish=False, compare=False)
    assert set(read_table(alone.path, HISTORY)["kind"]) == {"this_run"}
    assert read_table(alone.path, TRACK_RECORD).is_empty()
    without = small_world(world.root.parent / "without")
    ingest(without)
    assert publish(without, THIRD, publish=False, compare=False).run_id == alone.run_id


def test_a_damaged_run_of_the_past_is_named(tmp_path: Path) -> None:
    world = small_world(tmp_path)
    ingest(world)
    first = publish(world, FIRST)
    (first.path / "crossing_cdf.parquet").write_bytes(b"something else")
    with pytest.raises(OutputError, match=r"crossing_cdf\.parquet has sha256"):
        list(Past.find(world, before=SECOND).read_runs())


def test_the_track_record_is_what_the_score_command_says(
    world: Workspace, latest: Path
) -> None:
    """Of the entries of earlier vintages, by the same figures on the same day."""
    found = read_table(latest, TRACK_RECORD)
    record = summarise(score(world, today=THIRD))
    assert any(row["n_due"] for row in record.probabilities)
    for row in record.probabilities:
        ours = found.row(
            by_predicate=(pl.col("measure") == "crossed_by")
            & (pl.col("kind") == row["kind"])
            & (pl.col("cut_on") == row["cut_on"])
            & (pl.col("lead_months") == row["lead_months"]),
            named=True,
        )
        assert ours["n_due"] == row["n_due"]
        for name, theirs in (
            ("said", "mean_p_crossed"),
            ("came", "share_crossed"),
            ("brier", "brier"),
            ("minus_no_change", "minus_no_change"),
        ):
            assert ours[name] == row.get(theirs), name


# By hand


def test_labels_of_an_entry_say_what_stands_in_it() -> None:
    crossed = make_forecast(
        threshold_id="crossed",
        crossing_status="already_crossed",
        p_crossed={},
        quantiles={},
    )
    never = make_forecast(
        threshold_id="never",
        crossing_status="never",
        p_never=0.62,
        quantiles=dict.fromkeys((0.1, 0.5, 0.9)),
    )
    late = make_forecast(
        threshold_id="late",
        crossing_status="after_projection_end",
        p_never=0.2,
        quantiles=dict.fromkeys((0.1, 0.5, 0.9)),
    )
    unseen = make_forecast(
        threshold_id="unseen",
        quantiles={0.1: date(2024, 12, 1), 0.5: date(2025, 1, 5), 0.9: None},
    )
    entry = make_entry(make_forecast(), crossed, never, late, unseen)
    rows = rows_of_entries([entry], now=date(2025, 8, 1))
    assert dict(rows.select("threshold_id", "median_label").rows()) == {
        "one": "2026-09",
        "crossed": "crossed by 2025-01-31",
        "never": "never (62% probability)",
        "late": "after 2050",
        "unseen": "2025-01 (not seen: figures end 2025-01-31)",
    }
    assert dict(rows.select("threshold_id", "interval80_label").rows()) == {
        "one": "2025-06 to after 2050",
        "crossed": "crossed by 2025-01-31",
        "never": "after 2050 to never",
        "late": "after 2050 to never",
        "unseen": "2024-12 to after 2050",
    }
    # 182 of 365 days to 0.3
    assert rows["p_crossed_by_now"][0] == pytest.approx(0.3 * 182 / 365)
    assert rows["p_crossed_by_now"][1] == 1.0


def test_beyond_what_an_entry_keeps_nothing_is_said() -> None:
    rows = rows_of_entries([make_entry()], now=date(2027, 2, 1))
    assert rows["p_crossed_by_now"].to_list() == [None]


def test_of_a_vintage_the_live_forecast_speaks_first() -> None:
    live, replayed = make_entry(), make_entry(kind="replayed", run_id="ffffffffffff")
    table = history_tables([rows_of_entries([replayed, live], now=MADE)])[HISTORY]
    assert table.select("kind", "stands").rows() == [
        ("live", True),
        ("replayed", False),
    ]


def scored(rows: list[tuple[str, float, bool | None]]) -> ScoreTables:
    """Forecasts 3 months ahead: family, probability, and whether it came, if due."""
    frame = pl.DataFrame(
        [
            {
                "kind": "live",
                "as_of": MADE,
                "threshold_id": family,
                "bar_id": "bar",
                "is_headline": True,
                "family_id": family,
                "cut_on": "reported_on",
                "lead_months": 3,
                "by_date": date(2025, 4, 30),
                "is_due": came is not None,
                "p_crossed": p,
                "crossed": came,
                "brier": None if came is None else (p - came) ** 2,
                "log_score_nats": None if came is None else 0.5,
            }
            for family, p, came in rows
        ],
        schema=PROBABILITY_SCORES,
    )
    return ScoreTables(
        frame, pl.DataFrame(schema=DATE_SCORES), pl.DataFrame(schema=COVERAGE_SCORES)
    )


def test_a_calibration_bin_has_what_was_said_what_came_and_how_many() -> None:
    scores = scored(
        [
            ("a", 0.20, False),
            ("b", 0.24, True),
            ("c", 0.28, False),
            ("d", 1.00, True),
            ("e", 0.55, None),
        ]
    )
    table = track_record(scores, as_of=MADE, run_id="0123456789ab")
    bins = table.filter(
        (pl.col("measure") == "calibration_bin") & (pl.col("lead_months") == 3)
    )
    assert bins.select("bin_low", "bin_high", "n_due", "n_not_due").rows() == [
        (0.2, 0.3, 3, 0),
        (0.9, 1.0, 1, 0),
    ]
    assert bins["said"].to_list() == pytest.approx([(0.20 + 0.24 + 0.28) / 3, 1.0])
    assert bins["came"].to_list() == pytest.approx([1 / 3, 1.0])
    assert bins["came_lo95"][0] < 1 / 3 < bins["came_hi95"][0]
    assert bins["label"][0] == (
        "a bar is crossed 3 months ahead, said 20% to 30%: said 24%, came 33% of 3"
    )
    of_all = table.filter(
        (pl.col("measure") == "calibration_bin") & pl.col("lead_months").is_null()
    )
    assert of_all["n_due"].to_list() == [3, 1]
    (whole,) = table.filter(measure="crossed_by").to_dicts()
    assert (whole["n_due"], whole["n_not_due"], whole["n_families"]) == (4, 1, 4)


def test_of_a_benchmark_without_figures_nothing_is_due() -> None:
    """A source that was stopped shows no crossing, which is not that none came."""
    registry = load_registry(CHECKOUT / "data" / "registry")
    nothing = OBSERVATIONS.frame([])
    found = score_entries([make_entry()], nothing, registry, today=date(2026, 11, 1))
    assert found.probabilities.is_empty()
