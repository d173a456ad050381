"""What is said of the record itself: whether it stands, and where the frontier goes."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

import numpy as np
import numpy.typing as npt

from trends.coverage.count import NOMINAL, Share, where_from
from trends.coverage.methods import Asked, fits_of
from trends.coverage.tables import END
from trends.coverage.worlds import Sample
from trends.crossings.families import Draws
from trends.crossings.levels import Standing, level_laws
from trends.crossings.looks import Looks
from trends.dates import DAYS_PER_YEAR
from trends.fits.links import Floats
from trends.frontier import select_frontier

LEADS_DAYS: Final = (91, 183, 365)
"""About 3, 6 and 12 months."""

BANDS: Final = (0.0, 0.1, 0.3, 0.5, 0.7, 0.9, 1.0)
"""Of probabilities, in which they are held against what came."""

_NO_DRAWS: Final = Draws(seed=0, count=0)


@dataclass(frozen=True)
class Band:
    """Probabilities from one to another, beside what came.

    Attributes:
        low: the lowest.
        high: above which none lies.
        n: how many there are.
        said: their mean.
        came: the share that came.
    """

    low: float
    high: float
    n: int
    said: float
    came: Share


@dataclass(frozen=True)
class Said:
    """Probabilities beside what came, NaN where nothing was asked.

    Attributes:
        chances: shape (simulations, k).
        came: 0 or 1, of the same shape.
    """

    chances: Floats
    came: Floats

    def at(self, place: int) -> tuple[float, Share]:
        """Mean chance in one column, and the share in which it came."""
        only = slice(place, place + 1)
        return self._held(np.isfinite(self.chances[:, only]), only)

    @classmethod
    def joined(cls, parts: Iterable["Said"]) -> "Said":
        """Of the simulations of several cells."""
        chances, came = zip(*((one.chances, one.came) for one in parts), strict=True)
        return cls(np.concatenate(chances), np.concatenate(came))

    def bands(self) -> Iterator[Band]:
        """Bands in which there is a case; columns of a simulation share their luck."""
        for low, high in pairwise(BANDS):
            below = self.chances < high if high < 1 else self.chances <= high
            inside = (self.chances >= low) & below
            if n := int(inside.sum()):
                yield Band(low, high, n, *self._held(inside, slice(None)))

    def at_least(self, low: float) -> tuple[float, Share] | None:
        """Mean of the chances that are at least so high, and the share that came."""
        inside = self.chances >= low
        return self._held(inside, slice(None)) if inside.any() else None

    def _held(
        self, inside: npt.NDArray[np.bool_], columns: slice
    ) -> tuple[float, Share]:
        chances, came = self.chances[:, columns], self.came[:, columns]
        of = inside.sum(axis=1)
        hits = np.where(inside, came, 0.0).sum(axis=1)
        share = Share.of(hits, of)
        return float(np.where(inside, chances, 0.0).sum() / of.sum()), share


def said_of_record(
    asked: Asked, sample: Sample, generator: np.random.Generator
) -> dict[str, Floats]:
    """What one method says of the record of a sample, beside what came.

    The law of the frontier has an atom at the record: a record that stands lies
    anywhere in it, so that positions of a right law are those of an even one.

    Args:
        asked: of a method with a law of levels.
        sample: of a world that goes on.
        generator: for places in the atom.

    Returns:
        ``stands`` and ``stood``, a lead each, shape (k,); ``levels``, where the
        frontier lies from intervals of each nominal, shape (k, nominal).
    """
    k = len(LEADS_DAYS)
    records = select_frontier(sample.scores, [sample.series])
    standing = Standing(Looks(sample.series, sample.scores, records), END)
    fits = fits_of(sample, asked.rows)
    laws = level_laws(standing, fits, _NO_DRAWS, days=LEADS_DAYS)
    if laws is None or sample.later is None:
        missing = np.full(k, np.nan)
        return {
            "stands": missing,
            "stood": missing,
            "levels": np.full((k, len(NOMINAL)), np.nan),
        }
    record = float(records.get_column("score")[-1])
    best = [sample.later.best_by(days / DAYS_PER_YEAR) for days in LEADS_DAYS]
    stood = np.array([each <= record for each in best])
    stands = np.array([float(law.cdf[0]) for law in laws])
    below = np.where(
        stood,
        stands * generator.uniform(size=k),
        [
            law.p_no_better(max(each, record))
            for law, each in zip(laws, best, strict=True)
        ],
    )
    return {
        "stands": stands,
        "stood": stood.astype(float),
        "levels": _positions(below),
    }


def said_of_never(asked: Asked, sample: Sample) -> dict[str, Floats]:
    """How likely each open bar was said to lie above the ceiling, and whether it does."""
    bars = sample.bars[asked.estimand]
    chances, came = np.full((2, len(bars)), np.nan)
    of_bars = zip(sample.open_bars(asked.estimand), asked.outcomes, strict=True)
    for bar, outcome in of_bars:
        law = outcome.answer.distribution
        if law is not None:
            chances[bar.place] = law.p_never
            came[bar.place] = bar.is_above_ceiling
    return {"never": chances, "above": came}


def _positions(below: Floats) -> Floats:
    """Of probabilities below the truth, shape (k, nominal)."""
    return np.array(
        [
            [where_from(each, (1 - level) / 2, (1 + level) / 2) for level in NOMINAL]
            for each in below
        ]
    )
