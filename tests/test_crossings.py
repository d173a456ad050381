"""Crossing dates: draws, masses, labels, and what the record has settled."""

from dataclasses import replace
from datetime import date, timedelta
from functools import partial
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
from trends.crossings.answers import Crossed, Estimated, NotEstimated, interval_label
from trends.crossings.distribution import CrossingDistribution, mixture
from trends.crossings.first_passage import record_cdf
from trends.crossings.looks import Looks
from trends.crossings.outcomes import Outcome, pool_outcomes
from trends.crossings.resolution import resolve_bar
from trends.crossings.rows import QUANTILE_LEVELS
from trends.fits import fit_trends
from trends.fits.ceilings import ceilings_of
from trends.fits.drift import row_law
from trends.fits.links import Link
from trends.frontier import select_frontier
from trends.registry import load_registry
from trends.registry.models import CrossingRule, Threshold, TrendFamily
from trends.registry.series import Series

START = date(2026, 1, 1)
END = date(2030, 12, 31)
DAYS = (END - START).days


def _law(cdf_at_year_ends: list[float], p_never: float = 0.0) -> CrossingDistribution:
    """A distribution that rises straight between the ends of five years."""
    knots = np.linspace(0, DAYS, len(cdf_at_year_ends) + 1)
    cdf = np.interp(np.arange(DAYS + 1), knots, [0.0, *cdf_at_year_ends])
    return CrossingDistribution.exact(START, cdf, p_never=p_never)


def test_a_quantile_is_the_first_day_by_which_its_probability_is_reached() -> None:
    cdf = np.array([0.0, 0.2, 0.2, 0.5, 0.8])
    law = CrossingDistribution.exact(START, cdf, p_never=0.0)
    assert law.quantile(0.2) == START + timedelta(days=1)
    assert law.quantile(0.21) == START + timedelta(days=3)
    assert law.quantile(0.5) == START + timedelta(days=3)
    assert law.quantile(0.8) == START + timedelta(days=4)
    assert law.quantile(0.81) is None


def test_masses_sum_to_one_whatever_the_distribution_reaches() -> None:
    law = _law([0.1, 0.2, 0.3, 0.35, 0.4], p_never=0.25)
    masses = Estimated(law, "").masses(START)
    assert masses.p_crossed_by_projection_end == pytest.approx(0.4)
    assert masses.p_after_projection_end == pytest.approx(0.35)
    assert masses.p_never == 0.25


@pytest.mark.parametrize(
    ("law", "status", "label"),
    [
        (_law([0.3, 0.7, 0.8, 0.8, 0.8], 0.1), "expected", "2027-07"),
        (_law([0.1, 0.2, 0.3, 0.4, 0.45], 0.1), "after_projection_end", "after 2030"),
        (_law([0.1, 0.2, 0.3, 0.3, 0.3], 0.62), "never", "never (62% probability)"),
        (_law([0.6, 0.7, 0.8, 0.9, 1.0]), "expected", "2026-11"),
    ],
)
def test_status_and_label_follow_the_masses(
    law: CrossingDistribution, status: str, label: str
) -> None:
    answer = Estimated(law, "")
    assert answer.status == status
    assert answer.median_label(START) == label


def test_a_median_before_as_of_says_that_the_figures_end_earlier() -> None:
    answer = Estimated(_law([0.6, 0.7, 0.8, 0.9, 1.0]), "")
    label = answer.median_label(date(2027, 1, 1))
    assert label == "2026-11 (not seen: figures end 2026-01-01)"


def test_a_quantile_is_worked_out_once(monkeypatch: pytest.MonkeyPatch) -> None:
    answer = Estimated(_law([0.1, 0.3, 0.6, 0.8, 1.0]), "")
    told = answer.told_at([0.25, 0.5])
    anew = Estimated(answer.distribution, "").told_at([0.75, 0.5])
    assert answer.told_at([0.75, 0.5]) == anew
    monkeypatch.setattr(CrossingDistribution, "error_days", None)
    assert answer.label_at(0.5) == told.crossing_label[1]
    for one in (answer, Crossed(START), NotEstimated("")):
        assert one.told_at([]) == ([], [], [])


def test_a_quantile_beyond_the_mass_is_never_or_late_but_no_date() -> None:
    answer = Estimated(_law([0.1, 0.2, 0.3, 0.35, 0.6], p_never=0.15), "")
    assert answer.date_at(0.7) is None
    assert answer.label_at(0.7) == "after 2030"
    assert answer.label_at(0.9) == "never"
    assert interval_label(answer, 0.1, 0.9) == "2027 to never"


def test_a_label_is_no_finer_than_a_percentage_point_of_the_law() -> None:
    """A point is 9 days where a year holds .4 of the probability, 37 at .1, 183 at .02.

    Near the end of the mass a point more is never: only the decade is left.
    """
    answer = Estimated(_law([0.4, 0.5, 0.54, 0.55, 0.6], p_never=0.4), "")
    assert answer.label_at(0.2) == "2026-07"
    assert answer.label_at(0.45) == "2027"
    assert answer.label_at(0.52) == "2028"
    assert answer.label_at(0.545) == "2020s"
    assert answer.label_at(0.595) == "2030s"


def test_a_label_is_no_finer_than_the_judgement_of_the_ceiling() -> None:
    """A month is, where the median moves by 15 days at most, a year by half of one."""
    flat = np.full(DAYS + 1, 0.9)
    for days, label in ((15, "2026-07"), (16, "2026"), (182, "2026"), (183, "2020s")):
        laws = [
            CrossingDistribution.exact(START, np.where(step < at, 0.0, flat), p_never=0)
            for step in [np.arange(DAYS + 1)]
            for at in (200, 200 - days, 201)
        ]
        law = replace(laws[0], judge_otherwise=partial(tuple, laws[1:]))
        assert law.days_otherwise(np.array(0.5)) == days
        assert Estimated(law, "").label_at(0.5) == label
    never = CrossingDistribution.exact(START, 0 * flat, p_never=0.9)
    lost = replace(laws[0], judge_otherwise=lambda: (never, laws[0]))
    assert np.isnan(lost.days_otherwise(np.array(0.5)))
    assert Estimated(lost, "").label_at(0.5) == "2020s"


def test_the_date_if_ever_leaves_never_out() -> None:
    """Half of what is crossed at all is crossed by then, whatever has never."""
    law = _law([0.1, 0.2, 0.3, 0.3, 0.3], p_never=0.62)
    if_ever = law.if_ever
    assert (if_ever.p_never, if_ever.start) == (0.0, law.start)
    np.testing.assert_allclose(if_ever.cdf, law.cdf / 0.38, rtol=1e-12)
    assert if_ever.quantile(0.5) == law.quantile(0.19)
    assert law.quantile(0.5) is None

    answer = Estimated(law, "").if_ever
    assert answer.status == "expected"
    assert answer.date_at(0.5) == law.quantile(0.19)
    # a point of .38 is 2.6 of 100, and takes 48 days where a year holds .2
    assert (answer.known_to, answer.label_at(0.5)) == (0.01 / 0.38, "2027")


def test_what_is_never_crossed_has_no_date_if_ever() -> None:
    none = _law([0.0, 0.0, 0.0, 0.0, 0.0], p_never=1.0)
    assert none.if_ever.quantile(0.5) is None
    hardly = Estimated(_law([0.0, 0.01, 0.01, 0.01, 0.01], p_never=0.985), "")
    assert hardly.if_ever is hardly
    late = Estimated(_law([0.0, 0.1, 0.2, 0.2, 0.2], p_never=0.5), "").if_ever
    assert (late.status, late.label_at(0.5)) == ("after_projection_end", "after 2030")


def test_a_ceiling_judged_otherwise_moves_never_and_hardly_the_date_if_ever() -> None:
    law = _law([0.3, 0.6, 0.6, 0.6, 0.6], p_never=0.4)
    other = _law([0.24, 0.48, 0.48, 0.48, 0.48], p_never=0.52)
    judged = replace(law, judge_otherwise=lambda: (other, law))
    level = np.array(0.5)
    assert np.isnan(judged.days_otherwise(level))
    assert judged.if_ever.days_otherwise(level) == 0
    # a point of .6 takes 12 days where a year holds .3
    assert Estimated(judged, "").if_ever.label_at(0.5) == "2027-01"


def test_only_who_asks_for_a_label_has_ceilings_judged_otherwise() -> None:
    """Once a law; a mixture asks its parts when it is asked itself."""
    asked: list[str] = []
    law = _law([0.2, 0.4, 0.6, 0.7, 0.8])

    def judge() -> tuple[CrossingDistribution, ...]:
        asked.append("otherwise")
        return law, law

    judged = replace(law, judge_otherwise=judge)
    mixed = mixture([(judged, 0.5), (judged, 0.5)])
    assert mixed.quantile(0.5) == law.quantile(0.5)
    assert not asked
    for _ in range(2):
        assert mixed.days_otherwise(np.array(0.5)) == 0
    assert len(asked) == 1


def test_a_mixture_is_one_under_other_ceilings_where_all_its_parts_tell() -> None:
    one, other, third = (_law([p, p, p, p, p]) for p in (0.2, 0.4, 0.6))
    told = replace(one, judge_otherwise=lambda: (other, one))
    also = replace(third, judge_otherwise=lambda: (one, third))
    mixed = mixture([(told, 0.5), (also, 0.5)])
    assert [law.cdf[-1] for law in (mixed, *mixed.otherwise)] == pytest.approx(
        [0.4, 0.3, 0.4]
    )
    assert mixture([(told, 0.5), (third, 0.5)]).otherwise == ()


def test_a_date_whose_monte_carlo_error_is_unknown_is_named_by_its_decade() -> None:
    """Five draws: one error above the median nothing is reached any more."""
    days = np.array([400.0, 430.0, 460.0, np.inf, np.inf])
    law = CrossingDistribution.counted(START, days, n_days=DAYS)
    assert law.quantile(0.5) == START + timedelta(days=460)
    assert np.isnan(law.error_days(np.array(0.5)))
    assert Estimated(law, "x").label_at(0.5) == "2020s"


def test_what_is_crossed_or_not_estimated_has_words_and_no_invented_date() -> None:
    crossed, unknown = Crossed(date(2025, 11, 24)), NotEstimated("too few records")
    assert crossed.median_label(START) == "crossed 2025-11-24"
    assert crossed.masses(START).p_crossed_by_as_of == 1.0
    assert unknown.median_label(START) == "not estimated: too few records"
    assert unknown.label_at(0.5) == "not estimated"
    assert unknown.masses(START).p_never is None


def test_many_days_are_asked_for_as_one_is() -> None:
    law = _law([0.1, 0.2, 0.4, 0.6, 0.7])
    days = [START + timedelta(days=step) for step in range(-40, DAYS + 40, 13)]
    assert law.p_by_each(days).tolist() == [law.p_by(day) for day in days]


def test_a_mixture_averages_masses() -> None:
    law = mixture([(_law([1.0] * 5), 0.25), (_law([0.0] * 5, p_never=1.0), 0.75)])
    assert law.p_by_projection_end == 0.25
    assert law.p_never == 0.75


def test_a_drawn_part_gives_a_mixture_its_share_of_monte_carlo_error() -> None:
    """100 draws, half across: error 0.05, of which a quarter comes through."""
    days = np.where(np.arange(100) < 50, 100.0, np.inf)
    drawn = CrossingDistribution.counted(START, days, n_days=DAYS)
    exact = _law([0.2, 0.4, 0.6, 0.8, 1.0])
    assert drawn.cdf_error[200] == pytest.approx(0.05)
    assert mixture([(drawn, 0.25), (exact, 0.75)]).cdf_error[200] == pytest.approx(
        0.0125
    )


def test_the_ensemble_is_the_weighted_pool_of_the_families_that_speak() -> None:
    """At the end of 2026 drift says 0.2, logistic 0.6; exponential is silent."""
    outcomes = {
        TrendFamily.DRIFT: [Outcome(Estimated(_law([0.2] * 5), ""))],
        TrendFamily.LOGISTIC: [Outcome(Estimated(_law([0.6] * 5), ""), n_failed=3)],
        TrendFamily.EXPONENTIAL: [Outcome(NotEstimated("too few"))],
    }
    weights = {
        TrendFamily.DRIFT: 0.6,
        TrendFamily.LOGISTIC: 0.2,
        TrendFamily.EXPONENTIAL: 0.2,
    }
    (equal,), (weighted,) = (
        pool_outcomes(outcomes, None),
        pool_outcomes(outcomes, weights),
    )
    day = date(2027, 12, 31)
    assert equal.answer.distribution is not None
    assert weighted.answer.distribution is not None
    assert equal.answer.distribution.p_by(day) == pytest.approx(0.4)
    assert weighted.answer.distribution.p_by(day) == pytest.approx(0.3)
    assert equal.n_failed == 3
    assert equal.answer.reason == "linear pool of drift 50%, logistic 50%"


def test_a_family_silent_on_the_easiest_bar_has_no_say_on_a_harder_one() -> None:
    """Else the pool could give the harder bar more probability than the easier."""
    slow, fast = Estimated(_law([0.2] * 5), ""), Estimated(_law([0.9] * 5), "")
    easy, hard = pool_outcomes(
        {
            TrendFamily.DRIFT: [Outcome(slow), Outcome(slow)],
            TrendFamily.LOGISTIC: [Outcome(NotEstimated("past it")), Outcome(fast)],
        },
        None,
    )
    assert easy.answer.masses(START) == hard.answer.masses(START)


def test_an_ensemble_of_nobody_says_so() -> None:
    silent = {
        TrendFamily.DRIFT: [Outcome(NotEstimated("no score"))],
        TrendFamily.LOGISTIC: [Outcome(NotEstimated("no score"))],
        TrendFamily.QUANTILE: [Outcome(NotEstimated("too few"))],
    }
    (nobody,) = pool_outcomes(silent, None)
    assert nobody.answer.median_label(START) == "not estimated: no score; too few"


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
    """Against the whole computation under it, whose bins of ceilings are cut anew."""
    as_judged, lower, higher = (
        _high_bar(series(entry=benchmark(ceiling=ceiling)))
        for mean in (0.95, 0.94, 0.96)
        for ceiling in [{"values": [mean], "weights": [1.0], "reason": "x"}]
    )
    for end, other in (("lower", lower), ("higher", higher)):
        told = as_judged[f"p_never_if_ceiling_{end}"]
        moved = other["p_never"] - as_judged["p_never"]
        assert abs(moved) > 0.02
        assert told - as_judged["p_never"] == pytest.approx(moved, rel=0.2)
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


@pytest.mark.parametrize("p_never", [0.5, 0.5 - 1e-13])
def test_a_median_and_never_exclude_each_other(p_never: float) -> None:
    answer = Estimated(_law([0.2, 0.3, 0.4, 0.5, 0.5], p_never), "")
    assert answer.status == "expected"
    assert answer.date_at(0.5) is not None
