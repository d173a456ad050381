"""How far to believe what scores say of a ceiling.

The power of their likelihood that foretells the next scores best need not be the one with
which *never* comes as often as it is said: a record that was lucky is followed by scores
below it, which a low ceiling foretells, and no ceiling is the reason. Where ceilings are
simulated both can be told.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Final

import numpy as np
import polars as pl

from trends.backtest.ceilings import POWERS, PRECISIONS, foretold_on
from trends.coverage.frontiers import Ceilings
from trends.coverage.standing import Said
from trends.coverage.tables import END, score_rows, simulated_series
from trends.coverage.worlds import Sample
from trends.dates import DAYS_PER_YEAR
from trends.fits.ceiling_evidence import evidence_of
from trends.fits.ceilings import BEFORE, weigh
from trends.fits.links import Floats
from trends.fits.streams import random_stream

HELD: Final = tuple(power for power in POWERS if 0.3 <= power <= 1.3)
"""Powers that are held against each other."""

WHOLE: Final = HELD.index(1.0)

_YEAR: Final = timedelta(days=366)


@dataclass(frozen=True)
class Believed:
    """What came of each power in one world.

    Attributes:
        foretold: log density of the best scores of the next year, NaN where there was
            none, shape (simulations, powers).
        never: how likely bars were to lie above the ceiling, and whether they do, of
            each power.
    """

    foretold: Floats
    never: Sequence[Said]

    @property
    def squares(self) -> Floats:
        """Mean squared error of never, NaN without a bar, shape (simulations, powers)."""
        away = np.array([np.square(one.chances - one.came) for one in self.never])
        counted = np.isfinite(away).sum(axis=-1)
        with np.errstate(invalid="ignore"):
            found: Floats = np.nansum(away, axis=-1) / counted
        return found.T


def believe(world: Ceilings, *, n_simulations: int) -> Believed:
    """Simulate one family at a time, and hold each power against what came."""
    foretold, chances, came = [], [], []
    for number in range(n_simulations):
        sample = world.simulate(random_stream("coverage powers", world, number))
        foretold.append(_foretold(sample, world.mean))
        chances.append(_never(sample, world.mean))
        came.append([float(bar.is_above_ceiling) for bar in sample.bars["record"]])
    by_power = np.moveaxis(np.array(chances), 1, 0)
    is_asked = np.isfinite(by_power[0])
    held = np.where(is_asked, np.array(came), np.nan)
    return Believed(np.array(foretold), [Said(one, held) for one in by_power])


def _foretold(sample: Sample, mean: float) -> Floats:
    """As past scores of real benchmarks are asked, shape (powers,)."""
    if sample.later is None:
        return np.full(len(HELD), np.nan)
    known = sample.series
    days = np.ceil(sample.later.years * DAYS_PER_YEAR)
    soon = days <= _YEAR.days
    later = score_rows(known.series_id, -days[soon], sample.later.scores[soon])
    series = simulated_series(
        known.series_id, known.benchmark.n_items, mean, until=END + _YEAR
    )
    scores = pl.concat([sample.scores, later])
    found = foretold_on(series, scores, mean, END + timedelta(days=1))
    if found is None:
        return np.full(len(HELD), np.nan)
    of_used = found.scores[PRECISIONS.index(BEFORE.precision)]
    return np.asarray(of_used[[POWERS.index(power) for power in HELD]])


def _never(sample: Sample, mean: float) -> Floats:
    """P(a bar lies above the ceiling), NaN where it is reached, shape (powers, bars)."""
    evidence = evidence_of(sample.series, sample.scores)
    bars = np.array([bar.value for bar in sample.bars["record"]])
    found = []
    for power in HELD:
        edges, _, after = weigh(mean, evidence, replace(BEFORE, power=power))
        below = np.append(0.0, np.cumsum(after) / after.sum())
        found.append(np.interp(bars, edges, below))
    is_open = bars > max(sample.scores.get_column("score").to_list())
    return np.where(is_open, np.array(found), np.nan)
