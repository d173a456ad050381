"""Gates of a scenario, each with its own law from the published crossing tables."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

import numpy as np
import polars as pl

from trends.fits.links import Floats
from trends.frontier import Parts
from trends.registry.models import Domain
from trends.registry.scenarios import Gate, Scenario
from trends.words import NOT_IN_RUN

ABOUT_COMPANIES: Final = frozenset({Domain.RD_AUTOMATION})
"""Measures that companies publish of their own work: gates where a scenario names them,
never by the way, since "every headline bar" speaks of tests."""


@dataclass(frozen=True)
class GateLaw:
    """P(one gate is crossed) by each day, which need not reach 1.

    Attributes:
        name: threshold and bar.
        days: ordinals at which ``cdf`` is given, rising; it is linear between them.
        cdf: shape (len(days),), rising from 0.
        p_never: probability that the gate is never crossed.
        projection_end: last day of the law.
        crossed_on: the day, where it is known.
        reason: what the law rests on.
        error_at_half: Monte Carlo standard error of a probability of one half.
    """

    name: str
    days: Floats
    cdf: Floats
    p_never: float
    projection_end: date
    crossed_on: date | None
    reason: str
    error_at_half: float

    def p_by(self, days: Floats) -> Floats:
        """P(crossed) by the end of each day, given as ordinals."""
        return np.interp(days, self.days, self.cdf)

    def standard_error(self, probability: float) -> float:
        """Monte Carlo error of a probability, as of a binomial share."""
        return 2 * float(np.sqrt(probability * (1 - probability))) * self.error_at_half


@dataclass(frozen=True)
class Part:
    """Gates of one dimension, and how many must be crossed.

    Attributes:
        domain: the dimension.
        needed: that number.
        laws: of the gates that have one.
        missing: gates that have none, each with the reason; they count as not crossed.
    """

    domain: Domain
    needed: int
    laws: tuple[GateLaw, ...]
    missing: dict[str, str]

    @property
    def gates(self) -> list[str]:
        """Names of all gates."""
        return [*(law.name for law in self.laws), *self.missing]

    @property
    def is_estimated(self) -> bool:
        """Whether it can be met without the gates that have no law."""
        return len(self.laws) >= self.needed

    @property
    def met_on(self) -> date | None:
        """The day on which enough gates were crossed, where that is known."""
        known = sorted(law.crossed_on for law in self.laws if law.crossed_on)
        return known[self.needed - 1] if len(known) >= self.needed else None


class BarLaws:
    """What a run says of every bar, found by name; each law is put together once."""

    def __init__(
        self, thresholds: pl.DataFrame, summary: pl.DataFrame, cdf: pl.DataFrame
    ) -> None:
        """Find rows by name.

        Args:
            thresholds: THRESHOLDS rows of the run.
            summary: CROSSING_SUMMARY rows.
            cdf: CROSSING_CDF rows.
        """
        self.thresholds = thresholds
        self._trends = dict(
            thresholds.select("threshold_id", "headline_trend").iter_rows()
        )
        self._summary = summary
        names = summary.select("threshold_id", "bar_id", "trend").iter_rows()
        self._row = {name: number for number, name in enumerate(names)}
        self._cdf = Parts(cdf, "threshold_id")
        self._found: dict[Gate, GateLaw | str] = {}

    def of(self, gate: Gate) -> GateLaw | str:
        """The gate's law, or in words why there is none."""
        if gate not in self._found:
            self._found[gate] = self._look_up(gate)
        return self._found[gate]

    def _look_up(self, gate: Gate) -> GateLaw | str:
        trend = gate.trend or self._trends.get(gate.threshold, "")
        number = self._row.get((gate.threshold, gate.bar, trend))
        if number is None:
            return NOT_IN_RUN
        row = self._summary.row(number, named=True)
        if row["crossing_status"] == "not_estimated":
            return str(row["status_reason"])
        monthly = self._cdf[gate.threshold].filter(
            pl.col("bar_id") == gate.bar, pl.col("trend") == trend
        )
        days, values = _knots(row, monthly.sort("by_date"))
        return GateLaw(
            name=f"{gate.threshold}.{gate.bar}",
            days=days,
            cdf=values,
            p_never=row["p_never"],
            projection_end=row["projection_end"],
            crossed_on=row["date_hi"],
            reason=row["status_reason"],
            error_at_half=_error_at_half(row, days, values),
        )


def scenario_parts(scenario: Scenario, bars: BarLaws) -> list[Part]:
    """The scenario's dimensions with the law of every gate."""
    parts = []
    for domain, needed, gates in _gates(scenario, bars.thresholds):
        found = {f"{gate.threshold}.{gate.bar}": bars.of(gate) for gate in gates}
        parts.append(
            Part(
                domain=domain,
                needed=needed,
                laws=tuple(law for law in found.values() if isinstance(law, GateLaw)),
                missing={
                    name: reason
                    for name, reason in found.items()
                    if isinstance(reason, str)
                },
            )
        )
    return parts


def _gates(
    scenario: Scenario, thresholds: pl.DataFrame
) -> list[tuple[Domain, int, Sequence[Gate]]]:
    """Each dimension's gates with the number that must be crossed."""
    if not scenario.every_headline_bar:
        return [
            (domain, part.at_least or len(part.gates), part.gates)
            for domain, part in scenario.dimensions.items()
        ]
    headlines = thresholds.filter("is_headline").sort("threshold_id")
    by_domain = {
        domain: [
            Gate(threshold=row["threshold_id"], bar=row["bar_id"])
            for row in headlines.filter(pl.col("domain") == domain.value).to_dicts()
        ]
        for domain in Domain
        if domain not in ABOUT_COMPANIES
    }
    return [(domain, len(gates), gates) for domain, gates in by_domain.items() if gates]


def _error_at_half(row: dict[str, Any], days: Floats, cdf: Floats) -> float:
    """From the published error of the median; without one, of as many draws."""
    if row["mc_error_days"] is None or row["median_date"] is None:
        return 0.5 / float(np.sqrt(row["n_draws"])) if row["n_draws"] else 0.0
    median, error = row["median_date"].toordinal(), row["mc_error_days"]
    low, high = np.interp([median - error, median + error], days, cdf)
    return float(high - low) / 2


def _knots(row: dict[str, Any], monthly: pl.DataFrame) -> tuple[Floats, Floats]:
    """Days and probabilities between which the law is taken as linear."""
    if row["date_hi"] is not None:
        crossed = row["date_hi"].toordinal()
        return np.array([crossed - 1.0, crossed]), np.array([0.0, 1.0])
    days = [day.toordinal() for day in monthly["by_date"]]
    start = min(row["observed_through"].toordinal(), days[0] - 1)
    return (
        np.array([start, *days], dtype=np.float64),
        np.array([0.0, *monthly["p_crossed"]], dtype=np.float64),
    )
