"""Rows of a company's month or week: their own entrant, known from their report."""

from datetime import date, timedelta

import numpy as np
import polars as pl
import pytest
from pydantic import ValidationError

from tests.figures import benchmark, positive, scores, series
from trends.fits.drift import fit_drifts, observe_walk
from trends.fits.pools import Drifts
from trends.fits.walks import estimate_variance
from trends.observations import Observations, build_observations
from trends.periods import period_id
from trends.registry import Alias, Benchmark, Model, Registry
from trends.registry.models import FIRST_DAY
from trends.tables import RAW_SCORES

AUGUST = {
    "source_id": "lab",
    "benchmark_id": "index",
    "source_file": "index.csv",
    "source_row": 2,
    "model_name_published": "Lab, month 2026-08",
    "developer": "Lab",
    "release_date": "2026-08-31",
    "score": "26",
    "ci_low": "21.2",
    "ci_high": "32.5",
    "harness": "index 1",
    "reported_on": "2026-09-17",
    "reporter": "developer",
    "source_url": "https://example.org/index",
}


def index(**changes: object) -> Benchmark:
    facts: dict[str, object] = {
        "domain": "rd_automation",
        "measured_by": "period",
        "interval_level": 0.9,
        "n_items": None,
        "first_public_on": date(2026, 9, 17),
        "observed_through": date(2026, 9, 30),
        "reporters": ["developer"],
    }
    return benchmark(**(facts | changes))


def observe(**cells: str | None) -> Observations:
    registry = Registry(
        benchmarks={"index": index()},
        models={"model_a": Model(name="Model A", release_date=date(2026, 8, 31))},
        aliases={"model-a": Alias(model="model_a")},
        corrections=[],
        sources={},
        thresholds={},
    )
    return build_observations(RAW_SCORES.frame([AUGUST | cells]), registry)


def observed(**cells: str | None) -> dict[str, object]:
    built = observe(**cells)
    assert built.quarantine.is_empty(), built.quarantine["reason"].to_list()
    return built.observations.row(0, named=True)


def test_a_period_needs_no_registered_model() -> None:
    found = observed()
    assert found["model_id"] == "lab_month_2026_08"
    assert found["model_name"] == found["model_name_published"] == "Lab, month 2026-08"
    assert found["entrant_kind"] == "period"
    assert found["developer"] == "Lab"
    assert found["setting"] is None


def test_a_period_is_dated_by_its_end_and_known_from_its_report() -> None:
    found = observed()
    end, report = date(2026, 8, 31), date(2026, 9, 17)
    days = ("release_date", "release_earliest", "release_latest")
    assert [found[day] for day in days] == [end, end, end]
    assert found["release_date_basis"] == "period"
    assert (found["known_on"], found["known_on_basis"]) == (report, "reported_on")


def test_a_period_may_lie_years_before_the_measure_became_public() -> None:
    """A model of 2021 would be too old; a month that is looked back on is not."""
    name = {"model_name_published": "Lab, month 2021-03", "release_date": "2021-03-31"}
    assert observed(**name)["release_date"] == date(2021, 3, 31)


@pytest.mark.parametrize(
    ("name", "day"),
    [
        ("Lab, week 2026-08-10", "2026-08-10"),
        ("Lab, mid-August 2026", "2026-08-15"),
        ("Lab, month 2024-02", "2024-02-29"),
    ],
)
def test_weeks_and_other_periods_are_named_too(name: str, day: str) -> None:
    found = observed(model_name_published=name, release_date=day)
    assert found["release_date"] == date.fromisoformat(day)


@pytest.mark.parametrize(
    ("cells", "expectation", "words"),
    [
        ({"release_date": None}, "period_is_dated", "has no date: write the last day"),
        (
            {"release_date": "2026-07-31"},
            "period_is_dated",
            "is dated 2026-07-31, but its name says 2026-08-31",
        ),
        (
            {"model_name_published": "Lab, week 2026-08-17"},
            "period_is_dated",
            "is dated 2026-08-31, but its name says 2026-08-17",
        ),
        (
            {"model_name_published": "Lab, month 2026-13"},
            "period_is_named",
            "names no day of the calendar",
        ),
        ({"reported_on": None}, "period_is_reported", "has no reported_on"),
        (
            {"model_name_published": "Lab, autumn", "release_date": "2026-09-20"},
            "period_is_over",
            "was reported on 2026-09-17, before the period was over on 2026-09-20",
        ),
        (
            {"reported_on": "2026-09-16"},
            "report_follows_first_public_day",
            "before 2026-09-17, the first public day",
        ),
        ({"model_name_published": "model-a"}, "period_is_named", "is an AI model"),
        ({"model_name_published": "Model A"}, "period_is_named", "is an AI model"),
        ({"model_name_published": "..."}, "period_is_named", "makes no id"),
        ({"model_name_published": "x" * 101}, "period_is_named", "makes no id"),
        (
            {
                "model_name_published": "Lab, month 1926-08",
                "release_date": "1926-08-31",
            },
            "period_is_dated",
            f"before {FIRST_DAY}",
        ),
    ],
)
def test_a_row_that_is_no_period_waits_with_the_reason(
    cells: dict[str, str | None], expectation: str, words: str
) -> None:
    built = observe(**cells)
    assert built.observations.is_empty()
    (row,) = built.quarantine.iter_rows(named=True)
    assert row["expectation"] == expectation
    assert words in row["reason"]


def test_one_bad_period_costs_its_row_only() -> None:
    rows = RAW_SCORES.frame([AUGUST, AUGUST | {"source_row": 3, "reported_on": None}])
    known = Registry({"index": index()}, {}, {}, [], {}, {})
    built = build_observations(rows, known)
    assert built.observations.height == built.quarantine.height == 1


def test_two_spellings_of_a_period_are_one() -> None:
    assert period_id("Lab — Month 2026-08") == period_id("lab, month 2026-08")


@pytest.mark.parametrize(
    "changes",
    [
        {"final_vintage": True},
        {"items_public_on": date(2025, 1, 1)},
        {"oldest_release_on": date(2025, 1, 1)},
        {"moved_by": "people"},
    ],
)
def test_what_is_about_releases_does_not_go_with_periods(
    changes: dict[str, object],
) -> None:
    with pytest.raises(ValidationError, match="leave it out of what is measured by"):
        index(**changes)


def test_a_month_that_was_restated_is_the_same_entrant() -> None:
    restated = AUGUST | {"source_row": 3, "score": "24", "reported_on": "2026-09-29"}
    known = Registry({"index": index()}, {}, {}, [], {}, {})
    built = build_observations(RAW_SCORES.frame([AUGUST, restated]), known)
    assert built.observations.select(pl.col("model_id").n_unique()).item() == 1
    assert built.observations.height == 2


def test_a_0_that_is_printed_for_too_little_starts_no_record() -> None:
    limit = {"low": 0.01, "reason": "smallest label", "source": "https://example.org/"}
    rows = RAW_SCORES.frame(
        [
            AUGUST | {"score": "0", "ci_low": None, "ci_high": None},
            AUGUST
            | {
                "source_row": 3,
                "model_name_published": "Lab, month 2026-07",
                "release_date": "2026-07-31",
                "score": "1",
                "ci_low": "0.4",
                "ci_high": "3",
            },
        ]
    )
    known = Registry({"index": index(measurable_range=limit)}, {}, {}, [], {}, {})
    built = build_observations(rows, known).observations
    exclusions = dict(built.select("score", "fit_exclusion").iter_rows())
    assert exclusions == {0.0: "below_range", 0.01: None}
    assert built.filter(score=0.0)["uncertainty_dropped"].item() is None


@pytest.mark.parametrize(
    ("limit", "words"),
    [
        ({}, "write low, high or both"),
        ({"low": 0.5, "high": 0.4}, "low 0.5 should be below high 0.4"),
        ({"low": 0.5, "passed_on": date(2026, 8, 1)}, "passed_on needs high"),
    ],
)
def test_the_ends_of_what_is_measured_are_in_order(
    limit: dict[str, object], words: str
) -> None:
    told = {"reason": "smallest label", "source": "https://example.org/"}
    with pytest.raises(ValidationError, match=words):
        index(measurable_range=limit | told)


def test_time_between_the_last_period_and_its_report_is_no_silence() -> None:
    """Nobody looked at September by the report of 17 September."""
    as_of = date(2026, 11, 26)
    late = series(entry=index())
    told = series(entry=index(measured_through=date(2026, 8, 31)))
    assert late.observed_through(as_of) == date(2026, 9, 30)
    assert told.observed_through(as_of) == date(2026, 8, 31)
    assert told.observed_through(date(2026, 7, 31)) == date(2026, 7, 31)


def test_a_model_is_not_measured_through_a_day() -> None:
    with pytest.raises(ValidationError, match="measured by period, not by model"):
        benchmark(measured_through=date(2026, 8, 31))


def test_the_title_says_that_the_company_measures_itself() -> None:
    title = series(entry=index()).title_on(date(2026, 9, 30))
    assert title == "Test benchmark, own measure"


def test_one_figure_of_a_company_is_not_dated_by_the_pace_of_models() -> None:
    """However many models there are on the same scale."""
    models = [
        series(name, benchmark(family_id=name, observed_through=date(2026, 6, 1)))
        for name in "abcd"
    ]
    points = [(date(2025, month, 1), 0.05 * month) for month in (1, 4, 7, 11)]
    rows = [scores(points, name=name) for name in "abcd"]
    alone = series("index", index(family_id="index"))
    rows.append(scores([(date(2026, 8, 31), 0.26)], name="index"))
    frontier = pl.concat(rows)
    (row,) = fit_drifts(
        [*models, alone],
        frontier,
        frontier,
        wanted=["index"],
        as_of=date(2026, 9, 30),
    )["index"]
    assert row["fit_status"] == "not_estimated"
    assert row["status_reason"] == (
        "too few figures to show how much it varies: its pace is that of one company, "
        "and no other series lends it one"
    )


def test_few_steps_of_its_own_make_a_companys_variance_wider() -> None:
    """Student's t at 90% with a degree of freedom less than there were looks."""
    days = [date(2026, month, 28) for month in (1, 2, 3, 4, 5)]
    told = [0.05, 0.12, 0.14, 0.3, 0.31]
    alone = series("index", index(family_id="index", measured_through=days[-1]))
    own = observe_walk(
        alone,
        scores(list(zip(days, told, strict=True)), name="index"),
        days,
        1.0,
        days[-1],
    )
    plain = estimate_variance([own.observed])
    found = Drifts([own], None).variance_per_year(own)
    assert own.observed.n_looks == 4
    assert found == pytest.approx(plain * (2.3534 / 1.6449) ** 2, rel=1e-3)


def test_intervals_of_few_looks_hold_in_their_own_world() -> None:
    """A company's index of six months, its last a record: levels half a year on.

    Nominal 80%; of 1,000 simulated walks the error of what they held is 1.3 points.
    """
    generator = np.random.default_rng(5)
    n_looks, gap, ahead, drift, variance = 5, 30 / 365.25, 0.5, 8.0, 4.0
    days = [date(2026, 1, 31) + timedelta(days=30 * k) for k in range(n_looks + 1)]
    alone = series(
        "index",
        positive(
            domain="rd_automation",
            measured_by="period",
            observed_through=days[-1],
            measured_through=days[-1],
        ),
    )
    held: list[bool] = []
    while len(held) < 1000:
        steps = generator.normal(drift * gap, (variance * gap) ** 0.5, n_looks)
        levels = np.concatenate([[0.0], np.cumsum(steps)])
        best = np.maximum.accumulate(levels)
        if levels[-1] < best[-1]:
            continue
        told = list(zip(days, np.exp(levels).tolist(), strict=True))
        records = [told[0]] + [
            point for k, point in enumerate(told) if k and levels[k] > best[k - 1]
        ]
        (row,) = fit_drifts(
            [alone],
            scores(records, name="index"),
            scores(told, name="index"),
            wanted=["index"],
            as_of=days[-1],
        )["index"]
        if row["fit_status"] != "fitted":
            continue
        slope, error, sigma2 = (
            float(str(row[name]))
            for name in ("slope_per_year", "slope_per_year_se", "sigma2_per_year")
        )
        spread = error**2 * ahead**2 + sigma2 * ahead
        came = generator.normal(drift * ahead, (variance * ahead) ** 0.5)
        held.append(bool(abs(came - slope * ahead) < 1.2816 * spread**0.5))
    assert 0.74 < np.mean(held) < 0.84
