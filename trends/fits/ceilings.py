"""How high a bounded benchmark can be scored.

What is known before is a beta distribution: its mean is the registry's judgement, its
precision is what foretold the scores of other families best
(``trends.backtest.ceilings``). The evidence is that of
``trends.fits.ceiling_evidence``, with the power whose *never* errs least where ceilings are
simulated. A fit is made at the mean of each of a few bins of what follows, and within a
bin a ceiling may lie anywhere: none lies on a bar.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from types import MappingProxyType
from typing import Any, Final

import numpy as np
import polars as pl
from scipy.special import betaincc

from trends.fits.ceiling_evidence import Evidence, evidence_of
from trends.fits.links import Floats
from trends.registry.series import Series


@dataclass(frozen=True)
class Before:
    """What other families say of ceilings before the scores of a series are looked at.

    Attributes:
        precision: of the beta distribution, the sum of its parameters.
        power: of the likelihood; 1 believes all that it says.
        fade: how far below 1 the best score is when the power begins to fall, to 0 where
            nothing is left: there pauses are what is mostly seen. 0 if it never does.
    """

    precision: float
    power: float
    fade: float = 0.0

    def power_at(self, best: float) -> float:
        """The power that is left where the best score is a share of 1."""
        left = (1.0 - best) / self.fade if self.fade else 1.0
        return self.power * min(max(left, 0.0), 1.0)


BEFORE: Final = Before(precision=6.0, power=0.7, fade=0.3)
"""Of 55 families, on which `trends ceilings` reports; the power of simulated ceilings
(``trends.coverage.powers``)."""

N_BINS: Final = 4
"""Of equal weight, before those that are too narrow take some of the next."""

JUDGED_WITHIN: Final = 0.01
"""What follows from a mean judged so much lower or higher stands beside each answer."""

_NARROW: Final = 0.01
_LIGHT: Final = 0.02
"""Narrower or less likely bins say nothing that one does not."""

_EDGE: Final = 1e-6
"""Nearer to an end of its bin no mean is."""

_N_LIKELIHOODS: Final = 17
_N_CELLS: Final = 512
_CERTAIN: Final = 1 - 1e-9
"""A judgement of 1 leaves nothing to find out."""


@dataclass(frozen=True)
class CeilingBin:
    """Ceilings from one to another, and how likely it is that it is one of them.

    Attributes:
        ceiling: their mean, in stored units; None for scores without a ceiling.
        low: the lowest.
        high: the highest.
        weight: how likely they are, given the scores.
        prior_weight: how likely they were, given only that no score lies above.
        weight_if_lower: how likely, had the mean been judged JUDGED_WITHIN lower.
        weight_if_higher: or higher.
    """

    ceiling: float | None
    low: float | None
    high: float | None
    weight: float = 1.0
    prior_weight: float = 1.0
    weight_if_lower: float = 1.0
    weight_if_higher: float = 1.0

    @classmethod
    def of_row(cls, fit: Mapping[str, Any]) -> "CeilingBin":
        """That of a TREND_FITS row; one of earlier runs speaks of a single ceiling."""
        ceiling, weight = fit["ceiling"], fit["ceiling_weight"]
        weight = 1.0 if weight is None else weight
        low, high = fit.get("ceiling_low"), fit.get("ceiling_high")
        if low is None or high is None:
            return cls(ceiling, ceiling, ceiling, weight, 1.0, weight, weight)
        others = (fit.get(f"ceiling_weight_if_{one}") for one in ("lower", "higher"))
        return cls(
            ceiling,
            low,
            high,
            weight,
            fit["ceiling_prior_weight"],
            *(weight if one is None else one for one in others),
        )

    @property
    def weights(self) -> tuple[float, float, float]:
        """How likely these are as judged, and with a mean judged lower, and higher."""
        return self.weight, self.weight_if_lower, self.weight_if_higher

    def above(self, bars: Floats) -> tuple[Floats, Floats]:
        """How much of the bin lies above each bar, and where on average.

        The ceiling is low + (high - low) U^(1/k), U even between 0 and 1, or as far
        from the other end, with the k of at least 1 that puts the mean where it is: so
        what is left above a bar shrinks as the bar rises.

        Args:
            bars: in stored units, shape (n,).

        Returns:
            Shares, and mean ceilings above; both of shape (n,). A bar that is not
            below the highest has the share 0.
        """
        if self.ceiling is None or self.low is None or self.high is None:
            return np.ones_like(bars), np.full_like(bars, np.nan)
        if self.low == self.high:
            shares = (bars <= self.high).astype(float)
            return shares, np.full_like(bars, self.high)
        width = self.high - self.low
        middle = np.clip((self.ceiling - self.low) / width, _EDGE, 1 - _EDGE)
        place = np.clip((bars - self.low) / width, 0.0, 1.0)
        shares, beyond = (_falling if middle < 0.5 else _growing)(middle, place)
        return shares, np.clip(self.low + width * beyond, bars, self.high)


def _growing(middle: float, place: Floats) -> tuple[Floats, Floats]:
    """Of U^(1/k): how much lies above each place, and where on average."""
    power = middle / (1 - middle)
    shares = 1 - place**power
    with np.errstate(invalid="ignore", divide="ignore"):
        beyond = middle * (1 - place ** (power + 1)) / shares
    return shares, np.where(shares > 0, beyond, 1.0)


def _falling(middle: float, place: Floats) -> tuple[Floats, Floats]:
    """Of 1 - U^(1/k)."""
    return (1 - place) ** ((1 - middle) / middle), place + (1 - place) * middle


_NONE: Final = CeilingBin(None, None, None)


def ceilings_of(
    series: Series,
    scores: pl.DataFrame,
    views: Mapping[str, "Evidence"] = MappingProxyType({}),
) -> list[CeilingBin]:
    """Where the ceiling of a series may lie, given its scores.

    A ceiling below the best score's lower 95% bound is ruled out. It is one of the items,
    so that all views of a test have the same: the scores of the view that leads are the
    evidence, and no ceiling lies below what any of them has shown.

    Args:
        series: the series, with its benchmark's ceiling as judged.
        scores: its SERIES_SCORES rows, at least one. A best score without items or an
            error of its own takes that of the others.
        views: what the other views of its test show, by benchmark.

    Returns:
        Bins from low to high; their weights sum to 1, and so do their prior weights.
    """
    judged = series.benchmark.ceiling
    if judged is None:
        return [_NONE]
    if judged.mean > _CERTAIN:
        return [CeilingBin(1.0, 1.0, 1.0)]
    own = evidence_of(series, scores)
    leading = views.get(series.test_id, own)
    lowest = max(one.lowest for one in [own, *views.values()])
    return list(_bins(judged.mean, replace(leading, lowest=lowest)))


@lru_cache(maxsize=4096)
def _bins(mean: float, evidence: Evidence) -> tuple[CeilingBin, ...]:
    """Every family of a series asks for the same."""
    edges, said = cells_above(evidence.lowest), likelihoods(evidence)
    # otherwise judged, but at most halfway to either end
    lower = max(mean - JUDGED_WITHIN, mean / 2)
    higher = min(mean + JUDGED_WITHIN, (1 + mean) / 2)
    prior, if_lower, if_higher = (
        prior_masses(edges, one, BEFORE.precision) for one in (mean, lower, higher)
    )
    masses = prior * said, prior, if_lower * said, if_higher * said
    if masses[0].sum() == 0:
        return (CeilingBin(1.0, 1.0, 1.0),)
    summed = [_summed(one) for one in masses]
    below = summed[0]
    moment = np.append(0.0, np.cumsum(np.diff(below) * _middles(edges)))
    cuts = np.interp(np.linspace(0, 1, N_BINS + 1), *_rising(below, edges))
    cuts = _wide_enough(np.array([edges[0], *cuts[1:-1], edges[-1]]))
    cuts = _heavy_enough(cuts, np.interp(cuts, edges, below))
    found = [np.interp(cuts, edges, of) for of in (moment, *summed)]
    moments, *weights = (np.diff(one).tolist() for one in found)
    return tuple(
        CeilingBin(float(np.clip(moment / of[0], low, high)), low, high, *of)
        for low, high, moment, *of in zip(
            cuts[:-1].tolist(), cuts[1:].tolist(), moments, *weights, strict=True
        )
    )


def weigh(
    mean: float, evidence: Evidence, before: Before = BEFORE
) -> tuple[Floats, Floats, Floats]:
    """What is known of a ceiling before and after, in fine cells.

    Args:
        mean: as judged, below 1.
        evidence: of the scores.
        before: what other families say.

    Returns:
        Edges of the cells, shape (n + 1,), from the lowest possible ceiling to 1; prior
        and posterior mass of each, shape (n,), to a factor each.
    """
    edges = cells_above(evidence.lowest)
    prior = prior_masses(edges, mean, before.precision)
    return edges, prior, prior * likelihoods(evidence, before)


def likelihoods(evidence: Evidence, before: Before = BEFORE) -> Floats:
    """As far as it is believed, in each cell above the lowest, to a factor; shape (n,)."""
    power = before.power_at(max(evidence.scores, default=0.0))
    logs = power * cell_logs(evidence, evidence.lowest)
    found: Floats = np.exp(logs - logs.max())
    return found


def cells_above(lowest: float) -> Floats:
    """Edges of fine cells of ceilings from the lowest possible to 1, shape (n + 1,)."""
    return _spread(lowest, np.linspace(0.0, 1.0, _N_CELLS + 1))


def prior_masses(edges: Floats, mean: float, precision: float) -> Floats:
    """How likely each cell is before its likelihood is looked at, shape (n,)."""
    # what lies above, since a record leaves only that, and there it is exact
    above = betaincc(precision * mean, precision * (1 - mean), edges)
    masses: Floats = -np.diff(above)
    return masses


def cell_logs(evidence: Evidence, lowest: float) -> Floats:
    """Log likelihood in each cell of ``cells_above(lowest)``, shape (n,)."""
    coarse = np.linspace(0.0, 1.0, _N_LIKELIHOODS)
    logs = evidence.log_likelihood(_spread(lowest, coarse))
    middles = _middles(np.linspace(0.0, 1.0, _N_CELLS + 1))
    return np.interp(middles, coarse, logs)


def _spread(lowest: float, share: Floats) -> Floats:
    """Ceilings from the lowest to 1, closer together near it, where scores tell most."""
    return lowest + (1 - lowest) * share**2


def _summed(masses: Floats) -> Floats:
    total = np.cumsum(masses)
    return np.append(0.0, total / total[-1])


def _middles(edges: Floats) -> Floats:
    return (edges[1:] + edges[:-1]) / 2


def _rising(below: Floats, edges: Floats) -> tuple[Floats, Floats]:
    """Without cells that are so unlikely that their mass adds nothing."""
    kept = np.append(np.diff(below) > 0, True)
    return below[kept], edges[kept]


def _wide_enough(cuts: Floats) -> Floats:
    """Cuts moved so far that no bin is narrow; they move as little as what they cut.

    From the top down, and up again where the lowest ceiling is in the way.
    """
    width = cuts[-1] - cuts[0]
    if width <= _NARROW:
        return cuts[[0, -1]]
    steps = min(_NARROW, width / N_BINS) * np.arange(len(cuts))
    moved = np.minimum.accumulate((cuts - steps)[::-1])[::-1]
    found: Floats = np.maximum(moved, cuts[0]) + steps
    found[-1] = cuts[-1]
    return found


def _heavy_enough(cuts: Floats, below: Floats) -> Floats:
    """Cuts without those that leave hardly anything in a bin."""
    kept = [0]
    for place in range(1, len(cuts) - 1):
        if min(below[place] - below[kept[-1]], 1 - below[place]) >= _LIGHT:
            kept.append(place)
    return cuts[[*kept, -1]]
