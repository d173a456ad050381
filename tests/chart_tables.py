"""Tables made by hand for the charts: two thresholds, a scenario, and their past."""

from datetime import date, timedelta

import polars as pl

from tests.output_runs import AS_OF, empty_where_allowed, tables_of
from trends.tables import (
    AUTOMATION,
    CROSSING_CDF,
    CROSSING_QUANTILES,
    CROSSING_SUMMARY,
    HISTORY,
    OBSERVATIONS,
    REFERENCE_COMPARISONS,
    REFERENCE_FORECASTS,
    SCORE_FORECAST,
    THRESHOLDS,
    TRACK_RECORD,
)

Row = dict[str, object]
END = date(2050, 12, 31)
LEVELS = {
    0.025: date(2026, 12, 20),
    0.1: date(2027, 1, 31),
    0.25: date(2027, 6, 30),
    0.5: date(2028, 3, 31),
    0.75: date(2041, 6, 30),
    0.9: None,
    0.975: None,
}
"""A headline whose upper quarter lies beyond an axis of ten years, or nowhere."""

IF_EVER = date(2027, 9, 30)
"""Its median given that it is ever crossed."""

CHANCES = [
    (date(2026, 11, 30), 0.0),
    (date(2027, 3, 31), 0.16),
    (date(2028, 3, 31), 0.5),
    (date(2036, 12, 31), 0.7),
    (END, 0.8),
]

QUIZ = {"threshold_id": "quiz_80", "trend": "drift", "threshold_version": 1}


def summary(bar: str, rank: int, value: float, **cells: object) -> Row:
    """A CROSSING_SUMMARY row of the quiz."""
    return empty_where_allowed(
        CROSSING_SUMMARY,
        **QUIZ,
        bar_id=bar,
        sort_rank=rank,
        bar_value=value,
        threshold_label=f"Quiz: {bar}",
        short_title="Quiz",
        short_label=bar,
        score_unit="fraction",
        projection_end=END,
        **{"is_headline": False, "observed_through": date(2026, 11, 1)} | cells,
    )


def bar(name: str, rank: int, value: float, **cells: object) -> Row:
    """A THRESHOLDS row of the quiz."""
    return empty_where_allowed(
        THRESHOLDS,
        **{
            "threshold_id": "quiz_80",
            "benchmark_id": "quiz",
            "series_id": "quiz",
            "domain": "coding",
            "bar_id": name,
            "bar_label": name,
            "bar_rank": rank,
            "bar_value": value,
            "score_unit": "fraction",
            "direction": "higher",
            "is_headline": name == "80%",
            "projection_end": END,
            "headline_trend": "drift",
        }
        | cells,
    )


def score(model: str, day: date, value: float, **cells: object) -> Row:
    """An OBSERVATIONS row of the quiz."""
    return empty_where_allowed(
        OBSERVATIONS,
        **{
            "observation_id": model,
            "benchmark_id": "quiz",
            "model_name": model,
            "release_date": day,
            "score": value,
            "score_unit": "fraction",
            "reporter": "leaderboard",
            "is_record": False,
        }
        | cells,
    )


def automation(gap: str, months: int, **cells: object) -> Row:
    """An AUTOMATION row, so many months after that without a gap."""
    years = {"2026": 0.05, "2027": 0.4, "2028": 0.6, "2029": 0.7, "2030": 0.8}
    later = {"2035": 0.9, "2040": 0.92, "2050": 0.95}
    return empty_where_allowed(
        AUTOMATION,
        **{
            "scenario_id": "mosaic",
            "scenario_title": "The mosaic",
            "dependence": "independent",
            "gap": gap,
            "gap_label": "3 to 36 months" if gap == "prior" else "none",
            "scenario_status": "expected",
            "median_label": f"202{7 + months // 12}-05",
            "interval80_label": "2026-12 to 2035-12",
            "rho": 0.0,
            "p_by_as_of": 0.02,
            "p_by_projection_end": 0.95,
            "p_after_projection_end": 0.02,
            "p_never": 0.03,
            "q10_date": date(2026, 12, 15) + timedelta(days=30 * months),
            "median_date": date(2027, 5, 15) + timedelta(days=30 * months),
            "q90_date": date(2035, 12, 31),
            "projection_end": END,
            "n_gates": 2,
            "default_because": "it is the only one",
        }
        | {f"p_by_end_{year}": p for year, p in (years | later).items()}
        | cells,
    )


def statement(name: str, day: date, p: float | None, **cells: object) -> list[Row]:
    """A REFERENCE_FORECASTS row and the REFERENCE_COMPARISONS row beside it."""
    said = empty_where_allowed(
        REFERENCE_FORECASTS,
        **{
            "reference_id": name,
            "forecaster": name.title(),
            "date_made": "2026-05",
            "kind": "probability_by_date",
            "read_date": day,
            "read_probability": p,
            "read_bound": "about",
            "exact_page": True,
            "brief_who": name.title(),
            "brief_what": "automated R&D",
            "outcome_state": "open",
        }
        | cells,
    )
    compared = empty_where_allowed(
        REFERENCE_COMPARISONS,
        reference_id=name,
        scenario_id="mosaic",
        dependence="independent",
        gap="none",
        read_date=day,
        their_probability=p,
        our_probability=0.5,
    )
    return [said, compared]


def vintage(day: date, median: date | None, **cells: object) -> Row:
    """A HISTORY row of the quiz's headline."""
    return empty_where_allowed(
        HISTORY,
        **QUIZ,
        **{
            "as_of": day,
            "kind": "replayed",
            "stands": True,
            "bar_id": "80%",
            "bar_value": 0.8,
            "score_unit": "fraction",
            "crossing_status": "expected" if median else "never",
            "median_label": f"{median}" if median else "never (60% probability)",
            "when_label": f"{median}" if median else "never (60% probability)",
            "interval80_label": "2027 to never",
            "median_date": median,
            "median_if_ever": median,
            "q10_date": date(2027, 1, 31),
            "projection_end": END,
        }
        | cells,
    )


def past(measure: str, **cells: object) -> Row:
    """A TRACK_RECORD row."""
    return empty_where_allowed(
        TRACK_RECORD, measure=measure, kind="replayed", cut_on="reported_on", **cells
    )


def chart_tables(**headline: object) -> dict[str, pl.DataFrame]:
    """All of it; cells of the headline as given."""
    easy = summary(
        "50%",
        1,
        0.5,
        crossing_status="already_crossed",
        median_label="crossed 2026-02-03",
        interval80_label="crossed 2026-02-03",
        median_date=date(2026, 2, 3),
        p_never=0.0,
        p_crossed_by_as_of=1.0,
    )
    middle = summary(
        "80%",
        2,
        0.8,
        **{
            "is_headline": True,
            "crossing_status": "expected",
            "median_label": "2028-03",
            "if_ever_label": "2027-09",
            "interval80_label": "2027-01 to never",
            "median_date": LEVELS[0.5],
            "median_if_ever": IF_EVER,
            "q10_date": LEVELS[0.1],
            "p_crossed_by_as_of": 0.004,
            "p_never": 0.2,
            "frontier_score": 0.62,
            "frontier_model_name": "Gamma",
            "frontier_date": date(2026, 9, 9),
            "contested": False,
        }
        | headline,
    )
    quantiles = [
        empty_where_allowed(
            CROSSING_QUANTILES,
            **_of_bar("80%"),
            quantile_level=level,
            crossing_date=day,
        )
        for level, day in LEVELS.items()
    ]
    chances = [
        empty_where_allowed(CROSSING_CDF, **_of_bar("80%"), by_date=day, p_crossed=p)
        for day, p in CHANCES
    ]
    fan = [
        empty_where_allowed(
            SCORE_FORECAST,
            series_id="quiz",
            benchmark_id="quiz",
            trend="drift",
            lead_months=months,
            forecast_date=date(2027, months, 1),
            quantile_level=level,
            score=0.62 + 0.02 * months + 0.1 * level,
            score_unit="fraction",
        )
        for months in (1, 6)
        for level in LEVELS
    ]
    statements = [
        statement("clark", date(2028, 12, 31), 0.6, read_bound="at_least"),
        statement("musk", date(2026, 12, 31), None, kind="company_goal_date"),
    ]
    return tables_of(
        {
            CROSSING_SUMMARY.name: [easy, middle],
            CROSSING_QUANTILES.name: quantiles,
            CROSSING_CDF.name: chances,
            SCORE_FORECAST.name: fan,
            THRESHOLDS.name: [bar("50%", 1, 0.5), bar("80%", 2, 0.8)],
            OBSERVATIONS.name: [
                score("Alpha", date(2026, 2, 3), 0.55, is_record=True),
                score("Beta", date(2026, 5, 5), 0.41, reporter="developer"),
                score("Gamma", date(2026, 9, 9), 0.62, is_record=True),
                score("Delta", date(2026, 8, 8), 0.9, fit_exclusion="out_of_range"),
                score("Old", date(2026, 1, 1), 0.3, revised_on=date(2026, 3, 3)),
            ],
            AUTOMATION.name: [automation("none", 0), automation("prior", 14)],
            REFERENCE_FORECASTS.name: [said for said, _ in statements],
            REFERENCE_COMPARISONS.name: [compared for _, compared in statements],
            HISTORY.name: [
                vintage(date(2026, 6, 30), date(2027, 9, 30)),
                vintage(date(2026, 9, 30), None),
                vintage(AS_OF, LEVELS[0.5], kind="this_run", q90_date=END),
            ],
            TRACK_RECORD.name: [
                past("calibration_bin", said=0.15, came=0.1, n_due=20, bin_low=0.1),
                past("calibration_bin", said=0.7, came=0.9, n_due=10, bin_low=0.6),
                past("interval", level=0.8, said=0.8, came=0.75, n_due=4),
            ],
        }
    )


def _of_bar(name: str) -> Row:
    return {"threshold_id": "quiz_80", "trend": "drift", "bar_id": name}
