"""Where bars stand on the scale of a fit, and how likely they can be reached at all."""

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from trends.fits.ceilings import CeilingBin
from trends.fits.links import Floats, Link, on_scale
from trends.registry.models import Benchmark


@dataclass(frozen=True)
class BarsUnder:
    """Bars under the ceilings of a fit.

    Attributes:
        ceilings: of the fit.
        link: its scale.
        levels: where a score must stand on it to count, shape (n,); infinite where no
            ceiling lies above.
        shares: how much of the ceilings lies above each bar, shape (n,).
    """

    ceilings: CeilingBin
    link: Link
    levels: Floats
    shares: Floats

    @classmethod
    def of(
        cls,
        benchmark: Benchmark,
        under: CeilingBin,
        bars: Floats,
        margins: Floats,
        *,
        record: float,
    ) -> "BarsUnder":
        """As ``reach``; a score must stand some margin above a bar to count."""
        levels, shares = reach(benchmark, under, bars, record)
        link = Link.of(benchmark, under.ceiling)
        return cls(under, link, levels + margins, shares)

    @cached_property
    def on_records_scale(self) -> Floats:
        """The levels as the records family compares them."""
        return on_scale(self.link, self.levels)


def reach(
    benchmark: Benchmark, under: CeilingBin, bars: Floats, record: float
) -> tuple[Floats, Floats]:
    """Bars on the link scale of a fit, and how much of its ceilings lie above each.

    A bar within the fit's ceilings is as far above the record as it is under the mean
    of those above the bar: so the easier of two bars is never the less likely one, and
    nothing leaps where a bar enters them.

    Args:
        benchmark: whose scores they are.
        under: where the ceilings of a fit lie.
        bars: in stored units, none below the record, shape (n,).
        record: the best score.

    Returns:
        Levels, infinite where no ceiling lies above; and shares. Both of shape (n,).
    """
    shares, tops = under.above(bars)
    levels = Link.of(benchmark, under.ceiling).of_bars(bars)
    if under.low is None or under.low == under.high:
        return levels, shares
    within = (bars > under.low) & (shares > 0)
    if within.any():
        link = Link.of(benchmark, under.ceiling)
        standing = float(link.of_scores(np.array([record]))[0])
        # each ceiling has a scale of its own, on which it stands at 1
        whole = replace(link, floor=0.0, ceiling=1.0)
        room = tops[within] - link.floor
        climbed = whole.of_bars((bars[within] - link.floor) / room)
        stood = whole.of_scores((record - link.floor) / room)
        levels[within] = standing + climbed - stood
    return np.where(shares > 0, levels, np.inf), shares
