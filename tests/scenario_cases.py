"""Invented bars, and scenarios of which they are the gates."""

from collections.abc import Sequence
from datetime import date, timedelta

import numpy as np
import polars as pl
from scipy import stats

from trends.automation.cases import Case, scenario_cases
from trends.automation.dependence import FittedDependence
from trends.automation.gates import BarLaws
from trends.crossings.answers import Estimated
from trends.crossings.distribution import CrossingDistribution
from trends.dates import month_ends
from trends.fits.links import Floats
from trends.registry.scenarios import Scenario, TranslationGap
from trends.tables import CROSSING_CDF, CROSSING_SUMMARY, THRESHOLDS

AS_OF = date(2026, 11, 22)
START = date(2026, 10, 15)
END = date(2050, 12, 31)
GAP = TranslationGap(q10_months=3, q90_months=36, reason="made up")
DOMAINS = ("coding", "long_horizon_agent", "paper_replication")
Bars = dict[str, dict[str, object]]


def law(median_years: float, *, p_never: float = 0.0) -> Floats:
    """A lognormal law of unlike spread by month end, short of 1 by p_never."""
    months = month_ends(START, END)
    years = np.array([(day - START).days / 365.25 for day in months])
    reached = stats.lognorm.cdf(years, 0.3 * median_years, 0, median_years)
    return np.asarray((1 - p_never) * reached)


def open_bar(median_years: float, *, p_never: float = 0.0) -> dict[str, object]:
    return {"cdf": law(median_years, p_never=p_never), "p_never": p_never}


def tables(
    bars: Bars, *, domain: str = "coding"
) -> tuple[pl.DataFrame, pl.DataFrame, pl.DataFrame]:
    """THRESHOLDS, CROSSING_SUMMARY and CROSSING_CDF rows of one-bar thresholds."""
    months = month_ends(START, END)
    thresholds, summary, cdf = [], [], []
    for name, bar in bars.items():
        key = {"threshold_id": name, "bar_id": "bar", "trend": "drift"}
        thresholds.append(
            {
                "threshold_id": name,
                "bar_id": "bar",
                "domain": bar.get("domain", domain),
                "headline_trend": "drift",
                "is_headline": bar.get("is_headline", True),
            }
        )
        crossed = bar.get("crossed_on")
        missing = bar.get("missing")
        summary.append(
            key
            | {
                "crossing_status": "not_estimated" if missing else "expected",
                "status_reason": missing or "made up",
                "p_never": bar.get("p_never", 0.0),
                "date_hi": crossed,
                "projection_end": END,
                "observed_through": START,
                "n_draws": bar.get("n_draws", 0),
                "median_date": bar.get("median_date"),
                "mc_error_days": bar.get("mc_error_days"),
            }
        )
        if "cdf" in bar:
            cdf += [
                key | {"by_date": day, "p_crossed": p}
                for day, p in zip(months, bar["cdf"], strict=True)  # type: ignore[call-overload]
            ]
    return (
        THRESHOLDS.frame(thresholds),
        CROSSING_SUMMARY.frame(summary),
        CROSSING_CDF.frame(cdf),
    )


def scenario(
    names: Sequence[str], *, at_least: int | None = None, gap: bool = False
) -> Scenario:
    gates = [{"threshold": name, "bar": "bar"} for name in names]
    part = {"gates": gates} | ({} if at_least is None else {"at_least": at_least})
    prior = {"gap": GAP} if gap else {"no_gap_because": "made up"}
    return Scenario.model_validate(
        {
            "title": "Test",
            "statement": "Made up",
            "dimensions": {"coding": part},
            **prior,
        }
    )


def cases(
    bars: Bars, entry: Scenario, *, fitted: FittedDependence | None = None
) -> dict[tuple[str, str], Case]:
    laws = BarLaws(*tables(bars))
    found = scenario_cases("test", entry, laws, fitted=fitted, as_of=AS_OF)
    return {(case.dependence, case.gap): case for case in found}


def p_by(case: Case, day: date) -> float:
    distribution = case.answer.distribution
    assert distribution is not None
    return distribution.p_by(day)


def month_index(day: date) -> int:
    return month_ends(START, END).index(day)


THREE: Bars = {"a": open_bar(1.0), "b": open_bar(1.7), "c": open_bar(2.6)}
DAY = date(2028, 6, 30)


def slope(case: Case, day: date) -> float:
    """Probability a day, over two months."""
    month = timedelta(days=30)
    return (p_by(case, day + month) - p_by(case, day - month)) / 60


def estimated(values: Floats, start: date = START, p_never: float = 0.0) -> Estimated:
    return Estimated(
        CrossingDistribution.exact(start, values, p_never=p_never), "made up"
    )
