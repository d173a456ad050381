"""Histories of scores under a ceiling, and what is asked of them."""

from datetime import date, timedelta
from typing import Any

import numpy as np

from tests.figures import benchmark, scores, series
from trends.fits.ceiling_evidence import Evidence
from trends.fits.ceilings import CeilingBin, ceilings_of
from trends.fits.links import Floats
from trends.fits.pace import SCATTERS, WANDERS
from trends.registry import Benchmark

Points = list[tuple[date, float]]


def judged(mean: float, **changes: object) -> Benchmark:
    ceiling = {"values": [mean], "weights": [1.0], "reason": "test"}
    return benchmark(**({"ceiling": ceiling} | changes))


def rising(*values: float, days: int = 120) -> Points:
    """Scores so many days apart."""
    first = date(2023, 1, 1)
    return [(first + timedelta(days * i), value) for i, value in enumerate(values)]


def bins_of(entry: Benchmark, points: Points) -> list[CeilingBin]:
    return ceilings_of(series(entry=entry), scores(points))


def below(bins: list[CeilingBin], bars: Floats) -> Floats:
    """P(ceiling < bar), as crossings use it."""
    return np.asarray(1 - sum(one.weight * one.above(bars)[0] for one in bins))


def told(
    years: list[float],
    values: list[float],
    errors: list[float] | None = None,
    **changes: Any,
) -> Evidence:
    of: dict[str, Any] = {"floor": 0.0, "error": 0.02, "least": 0.002, "lowest": 0.05}
    of |= changes
    own = [of["error"]] * len(values) if errors is None else errors
    return Evidence(years=tuple(years), scores=tuple(values), errors=tuple(own), **of)


def simulated(
    generator: np.random.Generator, mean: float = 0.7, precision: float = 4.0
) -> tuple[float | None, Evidence | None]:
    """A ceiling from the prior, and scores about the trend, each with its error.

    Scores that no ceiling tells from 0 are drawn again: what is left out depends on the
    scores alone, and so changes nothing of what follows of them.
    """
    lowest, error, least = 0.2, 0.01, 1e-6
    ceiling = generator.beta(precision * mean, precision * (1 - mean))
    if ceiling < lowest:
        return None, None
    years = np.sort(np.append(0.0, generator.uniform(0.0, 0.8, 7)))
    first = generator.uniform(0.1, 0.6)
    of_first = told([0.0], [first], error=error, least=least, lowest=lowest)
    scatter, wander = generator.choice(SCATTERS), generator.choice(WANDERS)

    def spread(score: float) -> float:
        slope = float(slope_of(score, ceiling, of_first))
        return float(np.hypot(np.sqrt(scatter), error * slope))

    level = float(level_of(first, ceiling, of_first)) + generator.normal(
        0, spread(first)
    )
    slope, values = generator.normal(0, 3.0), [first]
    for gap in np.diff(years):
        kick = generator.multivariate_normal(
            [0, 0],
            wander * np.array([[gap**3 / 3, gap**2 / 2], [gap**2 / 2, gap]]),
            check_valid="ignore",
        )
        level, slope = level + gap * slope + kick[0], slope + kick[1]
        expected = _score(level, ceiling, error)
        seen = level + generator.normal(0, spread(max(expected, 0.001)))
        values.append(_score(seen, ceiling, error))
    if min(values) < 2 * least:
        return None, None
    evidence = told(years.tolist(), values, error=error, least=least, lowest=lowest)
    return float(ceiling), evidence


def _score(level: float, ceiling: float, error: float) -> float:
    """The score at a level, guessing at 0."""
    # log(1 - exp(-exp(-level))), which is what is left
    log_left = -level if level > 30 else np.log(-np.expm1(-np.exp(-level)))
    x = log_left + np.log(ceiling / error)
    distance = x if x < -30 else np.exp(x) + np.log(-np.expm1(-np.exp(x)))
    return float(ceiling - error * distance)


def level_of(score: Floats | float, ceiling: float, evidence: Evidence) -> Floats:
    room = ceiling - evidence.floor
    left = evidence.error / room * np.logaddexp(0, (ceiling - score) / evidence.error)
    return np.asarray(-np.log(-np.log1p(-left)))


def slope_of(score: Floats | float, ceiling: float, evidence: Evidence) -> Floats:
    """By five points, so that what is left is of order 4."""
    step = 1e-4
    one, two = (
        level_of(score + far, ceiling, evidence)
        - level_of(score - far, ceiling, evidence)
        for far in (step, 2 * step)
    )
    return np.asarray((8 * one - two) / (12 * step))
