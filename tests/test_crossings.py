"""Rows of crossings: every bar and trend, and what moves them."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import numpy as np
import polars as pl
import pytest

from tests.figures import benchmark, positive, scores, series
from tests.suite_rows import WORKSPACE
from trends.crossings import (
    Vintage,
    cross_bars,
    forecast_scores,
    with_pool_influence,
)
from trends.crossings.first_passage import record_cdf
from trends.crossings.looks import Looks
from trends.crossings.resolution import resolve_bar
from trends.crossings.rows import QUANTILE_LEVELS
from trends.fits import fit_trends
from trends.fits.ceiling_evidence import evidence_of
from trends.fits.ceilings import ceilings_of, weigh
from trends.fits.drift import row_law
from trends.fits.links import Link
from trends.frontier import select_frontier
from trends.registry import load_registry
from trends.registry.models import CrossingRule, Threshold, TrendFamily
from trends.registry.series import Series

END = date(2030, 12, 31)


JAN, MAR, MAY = date(2025, 1, 1), date(2025, 3, 1), date(2025, 5, 1)
THRESHOLD = Threshold.model_validate(
    {
        "schema_version": 1,
        "id": "ladder",
        "version": 1,
        "title": "A ladder",
        "status": "active",
        "owner": "@org/forecasting",
        "series": {"benchmark": "test"},
        "operationalisation": "x",
        "why_it_matters": "x",
        "bars": [
            {"id": "low", "value": 0.4, "label": "40%", "basis": "project_choice"},
            {
                "id": "high",
                "value": 0.9,
                "label": "90%",
                "basis": "project_choice",
                "headline": True,
            },
            {"id": "top", "value": 0.99, "label": "99%", "basis": "project_choice"},
        ],
        "trends": ["drift", "logistic"],
        "headline_trend": "drift",
        "projection_end": "2050-12-31",
        "changelog": [{"version": 1, "date": "2026-11-22", "why": "x"}],
    }
)


def _records() -> pl.DataFrame:
    """Five records of the target; three other families vote."""
    days = [date(2024, 1, 1) + timedelta(days=150 * k) for k in range(5)]
    return pl.concat(
        [
            scores(list(zip(days, levels, strict=True)), name=name)
            for name, levels in (
                ("test", [0.1, 0.2, 0.35, 0.45, 0.6]),
                ("a", [0.2, 0.3, 0.4, 0.6, 0.7]),
                ("b", [0.05, 0.2, 0.3, 0.5, 0.8]),
                ("c", [0.1, 0.15, 0.3, 0.35, 0.7]),
            )
        ]
    )


def _fits(as_of: date, target: Series | None = None) -> pl.DataFrame:
    """TREND_FITS of the target."""
    others = [
        series(name, benchmark(family_id=name, observed_through=MAY)) for name in "abc"
    ]
    return fit_trends(
        _records(),
        _records(),
        [target or series(), *others],
        wanted=["test"],
        as_of=as_of,
        run_id="0" * 12,
        missing={},
    )


def _cross(
    as_of: date, *, entry: Series | None = None, seed: int = 1, **known: object
) -> pl.DataFrame:
    """CROSSING_SUMMARY of the ladder; ``known`` are other fields of the vintage."""
    target = entry or series()
    vintage = Vintage(as_of=as_of, run_id="0" * 12, seed=seed, n_draws=2000)
    vintage = replace(vintage, **known)  # type: ignore[arg-type]
    return cross_bars(
        _fits(as_of, target),
        _records(),
        _records(),
        [(THRESHOLD, target)],
        vintage=vintage,
    ).summary


def test_who_looks_at_the_same_figures_says_what_each_says_alone() -> None:
    """Of uncertain dates, which are drawn, under two ceilings and every kind of family."""
    trends = ["drift", "records", "logistic", "quantile", "logistic3"]
    ceilings = {"values": [0.95, 1.0], "weights": [0.4, 0.6], "reason": "made up"}
    everything = [
        series(name, benchmark(family_id=name, trends=trends, ceiling=ceilings))
        for name in ("test", "a", "b", "c")
    ]
    figures = _records().with_columns(
        release_earliest=pl.col("frontier_date").dt.offset_by("-200d")
    )
    frontier, target = select_frontier(figures, everything), everything[0]
    as_of = date(2026, 6, 30)
    threshold = THRESHOLD.model_copy(
        update={"trends": [TrendFamily(one) for one in (*trends, "ensemble")]}
    )
    fits = fit_trends(
        frontier,
        figures,
        everything,
        wanted=["test"],
        as_of=as_of,
        run_id="0" * 12,
        missing={},
    )
    vintage = Vintage(as_of=as_of, run_id="0" * 12, seed=1, n_draws=100)
    asked = [(threshold, target)]

    def said(looks: dict[str, Looks] | None) -> list[pl.DataFrame]:
        found = cross_bars(fits, figures, frontier, asked, vintage=vintage, looks=looks)
        summary = with_pool_influence(
            found.summary,
            trend_fits=fits,
            series_scores=figures,
            frontier=frontier,
            series=everything,
            thresholds=asked,
            vintage=vintage,
            looks=looks,
        )
        levels = forecast_scores(
            fits, figures, frontier, [target], vintage=vintage, looks=looks
        )
        return [summary, found.quantiles, found.cdf, levels]

    looks: dict[str, Looks] = {}
    for together, alone in zip(said(looks), said(None), strict=True):
        assert together.height > 0
        assert together.equals(alone)
    assert [*looks] == ["test"]
    assert len(looks["test"].histories) > 1


def test_every_bar_has_a_row_for_every_trend_and_one_headline() -> None:
    summary = _cross(date(2026, 11, 22))
    assert summary.select("bar_id", "trend").rows() == [
        (bar, trend)
        for bar in ("low", "high", "top")
        for trend in ("drift", "logistic")
    ]
    assert summary.filter("is_headline").select("bar_id", "trend").rows() == [
        ("high", "drift")
    ]


def test_a_crossed_bar_is_crossed_under_every_trend() -> None:
    low = _cross(date(2026, 11, 22)).filter(pl.col("bar_id") == "low")
    assert set(low.get_column("crossing_status")) == {"already_crossed"}
    assert set(low.get_column("median_date")) == {date(2025, 3, 26)}


def test_open_bars_of_a_kind_that_held_too_little_are_withheld_and_no_fact_is() -> None:
    registry = load_registry(WORKSPACE.registry)
    assert registry.weights is not None
    assert registry.withholding is not None
    measured = registry.weights.published_width
    assert measured is not None
    of_drift = (one for one in measured.date_intervals if one.trend == "drift")
    kind = next(of_drift).model_copy(update={"coverage": 0.31})
    weights = registry.weights.model_copy(
        update={
            "published_width": measured.model_copy(update={"date_intervals": [kind]})
        }
    )
    words = "withheld: intervals of this kind held 31% of 80 in the backtest"

    as_of = date(2026, 11, 22)
    free = _cross(as_of, weights=weights)
    ruled = _cross(as_of, weights=weights, withholding=registry.withholding)

    assert free["withheld"].null_count() == free.height
    assert ruled.select("bar_id", "trend", "withheld").rows() == [
        (
            bar,
            trend,
            words if (bar, trend) in {("high", "drift"), ("top", "drift")} else None,
        )
        for bar in ("low", "high", "top")
        for trend in ("drift", "logistic")
    ]
    # the row keeps its numbers
    assert ruled.drop("withheld").equals(free.drop("withheld"), null_equal=True)


def test_no_date_moves_when_only_the_clock_moves() -> None:
    dates = ["bar_id", "trend", "median_date", "q10_date", "q90_date", "p_never"]
    now = _cross(date(2026, 11, 22)).select(dates)
    month_later = _cross(date(2026, 12, 22)).select(dates)
    assert now.equals(month_later)


def test_the_probability_by_as_of_does_move_with_the_clock() -> None:
    later = [
        _cross(day).filter(pl.col("bar_id") == "high").item(0, "p_crossed_by_as_of")
        for day in (date(2026, 11, 22), date(2027, 11, 22))
    ]
    assert later[0] < later[1]


def test_harder_bars_come_later_and_masses_sum_to_one() -> None:
    summary = _cross(date(2026, 11, 22)).filter(pl.col("bar_id") != "low")
    for trend in ("drift", "logistic"):
        rows = summary.filter(pl.col("trend") == trend)
        early, late = rows.get_column("p_crossed_by_projection_end").to_list()
        assert early >= late
        medians = rows.get_column("median_date").to_list()
        assert medians[0] < medians[1]
    masses = summary.select(
        pl.sum_horizontal(
            "p_crossed_by_projection_end", "p_after_projection_end", "p_never"
        )
    ).to_series()
    assert masses.to_list() == pytest.approx([1.0] * 4)


def test_a_bar_above_half_the_ceilings_is_never_crossed_in_their_share() -> None:
    entry = benchmark(
        ceiling={"values": [0.8, 0.9], "weights": [0.5, 0.5], "reason": "x"}
    )
    target = series(entry=entry)
    summary = _cross(date(2026, 11, 22), entry=target)
    top = summary.filter(pl.col("bar_id") == "top")
    assert top.get_column("crossing_status").to_list() == ["never", "never"]
    above = top.get_column("p_above_ceiling").to_list()
    own = _records().filter(pl.col("series_id") == target.series_id)
    bar = np.array([0.99])
    allowed = sum(one.weight * one.above(bar)[0][0] for one in ceilings_of(target, own))
    assert above == pytest.approx([1 - allowed] * 2)
    assert 0.7 <= above[0] < 1.0
    for row in top.iter_rows(named=True):
        assert row["p_never"] == pytest.approx(above[0] + row["p_progress_stops"])
        assert row["p_progress_stops"] < 0.1
        assert "the bar may lie above the ceiling)" in row["median_label"]
    assert top.get_column("median_date").null_count() == 2


def test_a_ceiling_judged_otherwise_is_told_without_another_fit() -> None:
    """Never against the posterior without bins; dates against the whole computation
    under it, whose bins of ceilings are cut anew."""
    judged = {
        mean: series(entry=benchmark(ceiling=ceiling))
        for mean in (0.95, 0.94, 0.96)
        for ceiling in [{"values": [mean], "weights": [1.0], "reason": "x"}]
    }
    as_judged, lower, higher = map(_high_bar, judged.values())
    target = judged[0.95]
    shown = _records().filter(pl.col("series_id") == target.series_id)
    evidence = evidence_of(target, shown)

    def above_ceiling(mean: float) -> float:
        edges, _, after = weigh(mean, evidence)
        below = np.append(0.0, np.cumsum(after) / after.sum())
        return float(np.interp(as_judged["bar_value"], edges, below))

    for end, mean, other in (("lower", 0.94, lower), ("higher", 0.96, higher)):
        told = as_judged[f"p_never_if_ceiling_{end}"] - as_judged["p_never"]
        moved = above_ceiling(mean) - above_ceiling(0.95)
        assert abs(moved) > 0.02
        assert told == pytest.approx(moved, rel=0.05)
        days = [as_judged[f"median_if_ceiling_{end}"], other["median_date"]]
        told, moved = ((day - as_judged["median_date"]).days for day in days)
        assert told == pytest.approx(moved, rel=0.25)
        if_ever = as_judged["median_if_ever"]
        days = [as_judged[f"median_if_ever_if_ceiling_{end}"], other["median_if_ever"]]
        told_if_ever, moved_if_ever = ((day - if_ever).days for day in days)
        # bins cut anew move within themselves too, which new weights do not tell
        assert told_if_ever == pytest.approx(moved_if_ever, abs=10)
        assert abs(moved_if_ever) < abs(moved) / 2


def test_without_a_judged_ceiling_nothing_is_judged_otherwise() -> None:
    row = _high_bar(series())
    assert row["crossing_status"] == "expected"
    assert row["median_if_ceiling_lower"] is row["p_never_if_ceiling_higher"] is None


def _high_bar(target: Series) -> dict[str, Any]:
    summary = _cross(date(2026, 11, 22), entry=target)
    of_drift = (pl.col("bar_id") == "high") & (pl.col("trend") == "drift")
    return summary.filter(of_drift).row(0, named=True)


def test_the_seed_moves_draws_but_not_exact_laws() -> None:
    first, second = (_cross(date(2026, 11, 22), seed=seed) for seed in (1, 2))
    for trend, same in (("drift", True), ("logistic", False)):
        of_trend = (pl.col("trend") == trend) & (pl.col("bar_id") == "high")
        column = "p_crossed_by_projection_end"
        q90 = [frame.filter(of_trend).item(0, "q90_date") for frame in (first, second)]
        exact = first.filter(of_trend).item(0, column) == second.filter(of_trend).item(
            0, column
        )
        assert (q90[0] == q90[1] and exact) is same


def test_a_bar_beyond_the_suite_says_that_it_cannot_be_observed() -> None:
    entry = positive(
        measurable_range={
            "high": 0.5,
            "beyond": "keep",
            "reason": "x",
            "source": "https://example.org/",
        },
        trends=["drift", "exponential"],
    )
    threshold = THRESHOLD.model_copy(update={"trends": entry.trends})
    rows = scores([(JAN, 0.1), (MAR, 0.2)])
    target = series(entry=entry)
    fits = fit_trends(
        rows, rows, [target], wanted=["test"], as_of=END, run_id="0" * 12, missing={}
    )
    vintage = Vintage(as_of=END, run_id="0" * 12, seed=1, n_draws=200)
    summary = cross_bars(
        fits, rows, rows, [(threshold, target)], vintage=vintage
    ).summary
    reasons = dict(summary.select("bar_id", "status_reason").rows())
    assert "cannot be observed on this suite" not in reasons["low"]
    assert "cannot be observed on this suite" in reasons["high"]
    labels = dict(summary.select("bar_id", "median_label").rows())
    assert "cannot be observed on this suite" not in labels["low"]


def test_the_levels_are_the_twenty_three_of_the_hubverse() -> None:
    assert len(QUANTILE_LEVELS) == 23
    assert list(QUANTILE_LEVELS[:4]) == [0.01, 0.025, 0.05, 0.1]
    assert sum(QUANTILE_LEVELS) == pytest.approx(23 / 2)


def test_the_published_drift_row_is_the_first_passage_law_of_its_fit() -> None:
    as_of = date(2026, 11, 22)
    rows = _cross(as_of)
    high = rows.filter((pl.col("bar_id") == "high") & (pl.col("trend") == "drift"))
    fit = _fits(as_of).row(0, named=True)
    link = Link.of(benchmark(), 1.0)
    rise = link.of_bar(0.9) - link.of_scores(np.array([0.6]))[0]
    day = (as_of - date(2026, 6, 30)).days
    expected, never = record_cdf(row_law(fit), rise, n_days=9000)
    assert fit["silent_years"] > 0.5
    assert high.item(0, "p_crossed_by_as_of") == pytest.approx(expected[day], abs=1e-4)
    assert high.item(0, "p_never") == pytest.approx(never, rel=1e-9)


def test_a_lower_bound_that_must_reach_the_bar_starts_below_it() -> None:
    """0.55 of 200 items is above 0.5, its lower 95% bound is not: no mass on day 0."""
    rule = CrossingRule(counts_if="ci_lower_95")
    rows = scores([(JAN, 0.55)])
    found = resolve_bar(rows, bar=0.5, rule=rule, benchmark=benchmark())
    link = Link.of(benchmark(), 1.0)
    level = link.of_scores(np.array([0.55]))[0]
    assert found.crossed_on is None
    assert level < link.of_bar(0.5) + found.margin
