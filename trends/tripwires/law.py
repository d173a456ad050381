"""The law of a benchmark's record at a later day, as a published vintage states it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

import numpy as np
from scipy.special import ndtr

from trends.crossings.families import ceiling_weight
from trends.crossings.first_passage import record_exceedance
from trends.fits.drift import row_law
from trends.fits.links import Floats, Link
from trends.fits.walks import LOOK_CORRECTION, WalkLaw
from trends.registry.models import Benchmark

_N_SCORES: Final = 201
_FARTHEST: Final = 8.0
"""How many standard deviations the scores of a band may be from where it starts."""


@dataclass(frozen=True)
class RecordForecast:
    """The law of one series' record after the figures of a vintage end.

    Attributes:
        as_of: vintage that published it.
        observed_through: last day it knew.
        record: score of the record then.
        benchmark: as reviewed then.
        fits: fitted TREND_FITS rows of the drift, one a ceiling.
    """

    as_of: date
    observed_through: date
    record: float
    benchmark: Benchmark
    fits: Sequence[Mapping[str, Any]]

    def reaches(self, scores: Floats, *, years: float) -> Floats:
        """P(a new record at least as good as each score within a time), shape (n,).

        A walk that is looked at every dt gets past a level about as often as one that
        is always seen gets 0.5826 sigma sqrt(dt) past it (Broadie, Glasserman and Kou
        1997), and at least as often as it is past it at the last look. Looks are
        taken to come as often as before, the last on the last day.
        """
        total = np.zeros_like(scores)
        for fit in self.fits:
            law = row_law(fit)
            levels = Link.of(self.benchmark, fit["ceiling"]).of_scores(scores)
            rises = np.maximum(levels - fit["intercept"], 0.0)
            unseen = LOOK_CORRECTION * np.sqrt(
                law.variance_per_year * _look_spacing_years(fit, years)
            )
            p = np.maximum(
                record_exceedance(law, rises + unseen, years=years),
                _ends_beyond(law, rises, years),
            )
            total += ceiling_weight(fit) * p
        return total

    def band(self, *, years: float) -> tuple[float, float, float]:
        """Scores that the record gets to, or past, with probability 0.9, 0.5, 0.1.

        The standing record where no new one is at least so probable.
        """
        scores = self._scores_ahead(years)
        p = self.reaches(scores, years=years)
        low, median, high = np.interp([0.9, 0.5, 0.1], p[::-1], scores[::-1])
        return float(low), float(median), float(high)

    def rank(self, found: float, *, years: float) -> tuple[float, float, float]:
        """Where the record that was found lies in its law.

        Returns:
            Ends of u = P(record not better than found), one point unless there is no
            new record; and the probability of no new record.
        """
        p = self.reaches(np.array([self.record, found]), years=years)
        p_no_record, u = 1 - p
        is_new = found != self.record
        return (float(u) if is_new else 0.0), float(u), float(p_no_record)

    def _scores_ahead(self, years: float) -> Floats:
        """Scores from the record to the farthest that matter, shape (201,)."""
        if self.benchmark.unit.is_bounded:
            highest = max(self.record, *(fit["ceiling"] for fit in self.fits))
            return np.linspace(self.record, highest, _N_SCORES)
        reach = max(_reach(row_law(fit), years) for fit in self.fits)
        sign = 1.0 if self.benchmark.direction == "higher" else -1.0
        rises = sign * np.linspace(0.0, reach, _N_SCORES)
        return np.asarray(self.record * np.exp(rises))


def _ends_beyond(law: WalkLaw, rises: Floats, years: float) -> Floats:
    """P(the walk stands at least so far above its record at the end), shape (n,)."""
    means = law.drifts * years + law.depths
    variance = law.variance_per_year * years + law.drift_variance * years**2
    above = (means - rises[:, np.newaxis]) / np.sqrt(variance)
    return np.asarray(ndtr(above) @ law.weights)


def _look_spacing_years(fit: Mapping[str, Any], years: float) -> float:
    if not fit["n_looks"]:
        return years
    return min(years, float(fit["exposure_years"] / fit["n_looks"]))


def _reach(law: WalkLaw, years: float) -> float:
    spread = np.sqrt(law.variance_per_year * years + (law.drift_se * years) ** 2)
    return float(max(law.drift, 0.0) * years + _FARTHEST * spread)
