"""The whole path on the shipped figures: what every published run promises."""

import json
from dataclasses import replace
from datetime import date, timedelta
from math import log
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from tests.conftest import AS_OF, PUBLISHED_AT, copy_checkout
from trends.fits.metr import metr_doubling_days
from trends.frontier import select_frontier, select_series_scores
from trends.outputs import previous_vintage, read_latest, read_table, verify_run
from trends.pipeline import (
    BacktestRequest,
    ForecastRequest,
    PublishedRun,
    RequestError,
    backtest,
    forecast,
    ingest,
    shards,  # SHARD
)
from trends.pipeline.fingerprints import PACKAGE, SOURCES
from trends.registry import TrendFamily, load_registry
from trends.registry.series import every_series
from trends.tables import (
    BACKTEST_FORECASTS,
    BACKTEST_SCORES,
    CROSSING_CDF,
    CROSSING_QUANTILES,
    CROSSING_SUMMARY,
    OBSERVATIONS,
    PUBLISHED,
    REFERENCE_FORECASTS,
    SCORE_FORECAST,
    THRESHOLDS,
    TREND_FITS,
)
from trends.workspace import Workspace

MASSES = ["p_crossed_by_projection_end", "p_after_projection_end", "p_never"]
DATES = ["median_date", "q10_date", "q25_date", "q75_date", "q90_date"]
ROW = ["threshold_id", "bar_id", "trend"]


@pytest.fixture(scope="module")
def summary(shipped_run: PublishedRun) -> pl.DataFrame:
    return read_table(shipped_run.path, CROSSING_SUMMARY)


@pytest.mark.slow
def test_a_run_carries_the_backtest_of_the_same_figures(tmp_path: Path) -> None:
    """Where it was asked to; otherwise it is the same run whatever lies there."""
    workspace = copy_checkout(tmp_path)
    ingest(workspace)
    request = ForecastRequest(as_of=AS_OF, draws=200)
    without = forecast(request, workspace, published_at=PUBLISHED_AT)
    made = backtest(BacktestRequest(), workspace, progress=lambda origin, n: None)
    again = forecast(request, workspace, published_at=PUBLISHED_AT)
    assert again.run_id == without.run_id
    asked = replace(request, with_backtest=True)
    carrying = forecast(asked, workspace, published_at=PUBLISHED_AT)
    assert without.run_id != carrying.run_id
    assert f"backtest {made.backtest_id}, carried" in (
        carrying.path / "README.md"
    ).read_text(encoding="utf-8")
    assert not (without.path / "backtest_scores.parquet").exists()
    assert read_table(carrying.path, BACKTEST_SCORES).equals(made.scores)
    assert read_table(carrying.path, BACKTEST_FORECASTS).equals(made.forecasts)
    assert verify_run(carrying.path) == []
    package = json.loads((carrying.path / "datapackage.json").read_text())
    paths = [resource["path"] for resource in package["resources"]]
    assert "backtest_scores.parquet" in paths
    assert set(made.weights.of_ensemble("bounded")) <= set(TrendFamily)


def test_latest_leads_to_an_intact_run(
    shipped_run: PublishedRun, shipped_workspace: Workspace
) -> None:
    latest = read_latest(shipped_workspace.results)
    assert latest is not None
    assert latest.path == shipped_run.path
    assert verify_run(latest.path) == []


def test_every_active_threshold_has_a_row_for_each_bar_and_family(
    summary: pl.DataFrame, shipped_workspace: Workspace
) -> None:
    thresholds = load_registry(shipped_workspace.registry).thresholds
    promised = {
        (threshold.id, bar.id, trend.value)
        for threshold in thresholds.values()
        if threshold.status == "active"
        for bar in threshold.bars
        for trend in threshold.trends
    }
    assert set(summary.select(ROW).rows()) == promised
    assert len({threshold for threshold, _, _ in promised}) >= 20


def test_every_threshold_has_one_headline(summary: pl.DataFrame) -> None:
    headlines = summary.filter("is_headline")
    assert headlines["threshold_id"].n_unique() == headlines.height
    assert headlines.height == summary["threshold_id"].n_unique()


def test_every_row_has_a_status_and_words(summary: pl.DataFrame) -> None:
    for column in ("crossing_status", "median_label", "interval80_label"):
        assert summary[column].null_count() == 0
        assert (summary[column].str.len_chars() > 0).all()


def test_masses_sum_to_one_or_are_unknown(summary: pl.DataFrame) -> None:
    estimated = summary.filter(pl.col("crossing_status") != "not_estimated")
    total = estimated.select(pl.sum_horizontal(MASSES)).to_series()
    assert total.is_between(1 - 1e-9, 1 + 1e-9).all()
    unknown = summary.filter(pl.col("crossing_status") == "not_estimated")
    assert unknown.select(pl.col(MASSES).null_count()).row(0) == (unknown.height,) * 3


def test_no_date_is_after_projection_end(
    summary: pl.DataFrame, shipped_run: PublishedRun
) -> None:
    for column in DATES:
        assert not summary.filter(pl.col(column) > pl.col("projection_end")).height
    quantiles = read_table(shipped_run.path, CROSSING_QUANTILES)
    assert (quantiles["crossing_date"].drop_nulls() <= date(2050, 12, 31)).all()


def test_the_cdf_agrees_with_the_quantiles(
    summary: pl.DataFrame, shipped_run: PublishedRun
) -> None:
    """At the last month end before its median a bar is below 50%, after it above."""
    cdf = read_table(shipped_run.path, CROSSING_CDF)
    expected = summary.filter(pl.col("crossing_status") == "expected")
    joined = cdf.join(expected.select(*ROW, "median_date"), on=ROW)
    before = joined.filter(pl.col("by_date") < pl.col("median_date"))
    after = joined.filter(pl.col("by_date") >= pl.col("median_date"))
    assert (before["p_crossed"] < 0.5).all()
    assert (after["p_crossed"] >= 0.5 - 1e-9).all()


def test_score_forecasts_and_crossing_dates_are_one_law(
    shipped_run: PublishedRun,
) -> None:
    """P(frontier below the bar) on a day is P(not crossed by then), for the drift.

    Both are read between what is published: 23 levels, ends of months.
    """
    bars = read_table(shipped_run.path, THRESHOLDS).filter(
        pl.col("series_id").is_in(["mle_bench", "scicode"]),
        bar_id="pct80",
    )
    scores = read_table(shipped_run.path, SCORE_FORECAST).filter(trend="drift")
    cdf = read_table(shipped_run.path, CROSSING_CDF).filter(trend="drift")
    compared = 0
    for bar in bars.to_dicts():
        ours = cdf.filter(threshold_id=bar["threshold_id"], bar_id="pct80")
        month_ends = ours["by_date"].dt.epoch("d").to_numpy()
        for (day,), rows in scores.filter(series_id=bar["series_id"]).group_by(
            pl.col("forecast_date").dt.epoch("d")
        ):
            law = rows.sort("quantile_level")
            below = np.interp(bar["bar_value"], law["score"], law["quantile_level"])
            crossed = np.interp(float(str(day)), month_ends, ours["p_crossed"])
            if 0.05 < below < 0.95:
                compared += 1
                assert 1 - below == pytest.approx(crossed, abs=0.015)
    assert compared > 7


def test_calibrated_ends_stand_where_the_backtest_can_tell(
    shipped_run: PublishedRun,
) -> None:
    """Bounded scores have them, unbounded ones too few families; 80% only."""
    scores = read_table(shipped_run.path, SCORE_FORECAST).filter(trend="drift")
    told = scores.filter(pl.col("score_calibrated").is_not_null())
    assert set(told["quantile_level"]) == {0.1, 0.9}
    assert set(told["score_unit"]) == {"fraction"}
    upper = told.filter(quantile_level=0.9)
    # the drift's bands held more than they claim: calibrated ones are narrower
    assert (upper["score_calibrated"] <= upper["score"] + 1e-12).all()
    assert (upper["score_calibrated"] < upper["score"]).any()


def test_no_harder_bar_is_likelier_to_be_crossed(summary: pl.DataFrame) -> None:
    estimated = summary.filter(pl.col("p_never").is_not_null())
    ladders = estimated.sort("sort_rank").group_by("threshold_id", "trend")
    for ladder, rows in ladders:
        for column in ("p_crossed_by_as_of", "p_crossed_by_projection_end"):
            falls = rows[column].diff().drop_nulls() <= 1e-12
            assert falls.all(), (ladder, column)


def test_a_bar_out_of_reach_of_the_suite_says_so(summary: pl.DataFrame) -> None:
    months = summary.filter(
        (pl.col("threshold_id") == "metr_work_month") & (pl.col("bar_id") == "month")
    )
    for column in ("status_reason", "median_label"):
        assert months[column].str.contains("cannot be observed").all()


@pytest.mark.parametrize(
    ("since", "published_days"),
    [(date(2023, 1, 1), 128.744), (None, 187.778)],
    ids=["from_2023", "stitched"],
)
def test_metrs_published_doubling_times_come_out_of_the_shipped_figures(
    since: date | None,
    published_days: float,
    shipped_run: PublishedRun,
    shipped_workspace: Workspace,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Published in METR's benchmark_results_1_1.yaml of May 2026, to 0.001 days."""
    registry = load_registry(shipped_workspace.registry)
    metr = [
        one
        for one in every_series(registry)
        if one.series_id == "metr_time_horizon_p50"
    ]
    observations = read_table(shipped_run.path, OBSERVATIONS)
    records = select_frontier(select_series_scores(observations, metr), metr)
    found = metr_doubling_days(records, since=since)
    with capsys.disabled():
        window = f"from {since}" if since else "stitched"
        print(f"\nMETR doubling time, {window}: {found:.3f} days", end="")
        print(f" (published: {published_days})")
    assert found == pytest.approx(published_days, abs=0.001)


def test_the_exponential_fit_of_metr_is_near_its_own(shipped_run: PublishedRun) -> None:
    """Ours weighs by published intervals, so it agrees closely but not to digits."""
    fits = read_table(shipped_run.path, TREND_FITS)
    row = fits.filter(
        (pl.col("series_id") == "metr_time_horizon_p50")
        & (pl.col("trend") == "exponential")
    ).row(0, named=True)
    assert row["doubling_time_days"] == pytest.approx(187.8, rel=0.1)
    assert row["doubling_time_days"] == pytest.approx(
        log(2) / row["slope_per_year"] * 365.25
    )


def _bytes(run: PublishedRun) -> dict[str, bytes]:
    """Every file of a run except the one with clock times."""
    return {
        path.relative_to(run.path).as_posix(): path.read_bytes()
        for path in sorted(run.path.rglob("*.*"))
        if path.name != "manifest.json"
    }


def test_the_same_inputs_in_another_checkout_give_the_same_bytes(
    shipped_run: PublishedRun, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Into how many shards the series are dealt decides nothing either."""
    monkeypatch.setattr(shards, "SERIES_OF_A_SHARD", 17)
    elsewhere = copy_checkout(tmp_path)
    ingest(elsewhere)
    again = forecast(ForecastRequest(as_of=AS_OF), elsewhere, published_at=PUBLISHED_AT)
    assert again.run_id == shipped_run.run_id
    assert _bytes(again) == _bytes(shipped_run)


def test_no_date_moves_when_only_the_clock_moves(
    shipped_run: PublishedRun, shipped_workspace: Workspace, summary: pl.DataFrame
) -> None:
    later = forecast(
        ForecastRequest(as_of=date(2026, 12, 22), publish=False),
        shipped_workspace,
        published_at=PUBLISHED_AT + timedelta(days=30),
    )
    assert later.run_id != shipped_run.run_id
    quantiles = [*ROW, "quantile_level", "crossing_date"]
    assert (
        read_table(later.path, CROSSING_QUANTILES)
        .select(quantiles)
        .equals(read_table(shipped_run.path, CROSSING_QUANTILES).select(quantiles))
    )
    moved = read_table(later.path, CROSSING_SUMMARY)
    assert set(moved["change_cause"]) == {"unchanged"}
    assert set(moved["change_days"].drop_nulls()) == {0}


def test_the_first_vintage_has_nothing_to_compare_with(summary: pl.DataFrame) -> None:
    assert set(summary["change_cause"]) == {"first_vintage"}


def test_a_past_as_of_sees_only_what_was_known(shipped_workspace: Workspace) -> None:
    past = date(2025, 6, 30)
    run = forecast(
        ForecastRequest(as_of=past, publish=False),
        shipped_workspace,
        published_at=PUBLISHED_AT,
    )
    observations = read_table(run.path, OBSERVATIONS)
    assert (observations["known_on"].drop_nulls() <= past).all()
    then = read_table(run.path, CROSSING_SUMMARY)
    assert (then["observed_through"].drop_nulls() <= past).all()
    assert (then["frontier_date"].drop_nulls() <= past).all()


@pytest.mark.parametrize(
    ("threshold", "public"),
    [
        ("swe_bench_pro", date(2025, 9, 21)),
        ("apex_agents", date(2026, 1, 20)),
        ("vending_bench_2", date(2025, 11, 18)),
        ("metr_work_month", date(2026, 1, 29)),
    ],
)
def test_no_date_rests_on_a_benchmark_that_was_not_public(
    shipped_workspace: Workspace, threshold: str, public: date
) -> None:
    """Scores of older models are no evidence on the day before, in no series' pool."""
    asked = ForecastRequest(
        as_of=public - timedelta(days=1),
        publish=False,
        compare=False,
        thresholds=(threshold,),
        trends=("drift",),
        draws=100,
    )
    series = load_registry(shipped_workspace.registry).thresholds[threshold].series

    def drafted(request: ForecastRequest) -> tuple[set[str], set[str]]:
        run = forecast(request, shipped_workspace, published_at=PUBLISHED_AT)
        rows = read_table(run.path, CROSSING_SUMMARY)
        seen = read_table(run.path, OBSERVATIONS)["benchmark_id"]
        return set(rows["status_reason"]), set(seen)

    reasons, seen = drafted(asked)
    assert all("no dated score as of this vintage" in reason for reason in reasons)
    assert series.benchmark not in seen
    for known in (replace(asked, as_of=public), replace(asked, replay=True)):
        reasons, seen = drafted(known)
        assert not any("no dated score" in reason for reason in reasons)
        assert series.benchmark in seen


def test_a_draft_never_becomes_the_latest(
    shipped_run: PublishedRun, shipped_workspace: Workspace
) -> None:
    request = ForecastRequest(
        as_of=AS_OF,
        publish=False,
        thresholds=("metr_work_month",),
        trends=("drift",),
        reason="a question",
    )
    draft = forecast(request, shipped_workspace, published_at=PUBLISHED_AT)
    assert draft.path.parent.name == "drafts"
    rows = read_table(draft.path, CROSSING_SUMMARY)
    assert set(rows["threshold_id"]) == {"metr_work_month"}
    assert set(rows["trend"]) == {"drift"}
    latest = read_latest(shipped_workspace.results)
    assert latest is not None
    assert latest.run_id == shipped_run.run_id
    assert previous_vintage(shipped_workspace.results, before=AS_OF) is None


@pytest.mark.parametrize(
    ("request_", "message"),
    [
        (
            ForecastRequest(as_of=AS_OF, thresholds=("nope",), publish=False),
            "no threshold",
        ),
        (ForecastRequest(as_of=AS_OF, trends=("cubic",), publish=False), "no trend"),
        (ForecastRequest(as_of=AS_OF, trends=("drift",)), "ask for a draft"),
        (ForecastRequest(as_of=AS_OF, compare=False), "ask for a draft"),
        (ForecastRequest(as_of=AS_OF, replay=True), "nobody could see"),
        (ForecastRequest(as_of=AS_OF, draws=5), "too few"),
        (ForecastRequest(as_of=AS_OF, draws=50_000_000), "1000000 at most"),
        (ForecastRequest(as_of=AS_OF, seed=-1), "seed -1 is not from 0"),
    ],
)
def test_a_request_that_makes_no_sense_is_refused(
    request_: ForecastRequest, message: str, shipped_workspace: Workspace
) -> None:
    with pytest.raises(RequestError, match=message):
        forecast(request_, shipped_workspace, published_at=PUBLISHED_AT)


def test_the_manifest_names_everything_the_run_depends_on(
    shipped_run: PublishedRun,
) -> None:
    manifest = json.loads((shipped_run.path / "manifest.json").read_text())
    assert set(manifest["provenance"]) >= {
        "as_of",
        "inputs",
        "registry",
        "expectations",
        "code",
        "seed",
        "draws",
        "previous_vintage",
        "libraries",
    }


def test_the_code_that_a_run_names_is_every_file_of_the_package() -> None:
    """Pages are made of templates: with others the same run would have other bytes."""
    files = [path for path in PACKAGE.rglob("*") if path.is_file()]
    kept = [path for path in files if path.parent.name != "__pycache__"]
    assert {path.suffix for path in kept} == set(SOURCES)


def test_quality_reports_every_source_and_table(shipped_run: PublishedRun) -> None:
    quality = json.loads((shipped_run.path / "quality.json").read_text())
    between_stages = {"series_scores", "frontier"}
    published = {table.name for table in PUBLISHED}
    assert set(quality["tables"]) == published | between_stages
    assert all(source["stopped"] is None for source in quality["sources"].values())


def test_a_statement_that_is_settled_is_scored_beside_what_we_would_have_said(
    shipped_run: PublishedRun,
) -> None:
    """Eight hours at METR's 50% were reached on 2026-02-05; the median said November."""
    rows = read_table(shipped_run.path, REFERENCE_FORECASTS)
    said = rows.row(
        by_predicate=pl.col("reference_id") == "wildeford_8_hours", named=True
    )
    assert said["their_score"] == (date(2026, 11, 15) - date(2026, 2, 5)).days
    assert said["our_score"] is not None
    assert 0 < said["our_score"] < 365


def test_the_readme_of_a_run_says_which_intervals_fell_short(
    summary: pl.DataFrame, shipped_run: PublishedRun
) -> None:
    """As trends show does; an interval that held its 80% has no remark."""
    readme = (shipped_run.path / "README.md").read_text()
    short = summary.filter("is_headline", pl.col("coverage80_at_most") < 0.8)
    assert 0 < short.height < summary.filter("is_headline").height
    assert readme.count(" (held ") == short.height
    for row in short.iter_rows(named=True):
        share = f"{row['coverage80_at_most']:.0%}"
        at_most = "" if row["coverage80_backtest"] is not None else "at most "
        assert f" (held {at_most}{share})" in row["interval80_label"]
        assert row["interval80_label"] in readme
