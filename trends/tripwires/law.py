"""The law of a benchmark's record at a later day, as a published vintage states it.

It is what ``score_forecast`` publishes for records, or for the drift where there are none,
by the same function: evidence is against what readers were told. The drift's law is of a
frontier that is seen all the time; a benchmark that is looked at rarely shows a record less
often, and the evidence says so.
"""

from dataclasses import dataclass
from datetime import date
from typing import Final

import polars as pl

from trends.crossings.families import Draws
from trends.crossings.levels import LevelLaw, Standing, level_laws
from trends.registry.models import Benchmark

_NO_DRAWS: Final = Draws(seed=0, count=0)
"""Both laws are exact."""


@dataclass(frozen=True)
class RecordForecast:
    """The law of one series' record after the figures of a vintage end.

    Attributes:
        as_of: vintage that published it.
        standing: what it knew of the series.
        fits: its fitted TREND_FITS rows of records or drift, one a ceiling.
    """

    as_of: date
    standing: Standing
    fits: pl.DataFrame

    @property
    def observed_through(self) -> date:
        """Last day it knew."""
        return self.standing.start

    @property
    def record(self) -> float:
        """Score of the record then."""
        return float(self.standing.records.get_column("score")[-1])

    @property
    def benchmark(self) -> Benchmark:
        """As reviewed then."""
        return self.standing.series.benchmark

    def law(self, *, days: int) -> LevelLaw:
        """Of the record so many days later.

        Raises:
            ValueError: neither was fitted.
        """
        laws = level_laws(self.standing, self.fits, _NO_DRAWS, days=[days])
        if laws is None:
            raise ValueError(f"{self.standing.series.series_id} has no fitted law")
        return laws[0]

    def rank(self, found: float, law: LevelLaw) -> tuple[float, float]:
        """Ends of u = P(record not better than the one found) under a law of it.

        One point, unless there is no new record: then u is between 0 and the
        probability of none.
        """
        if found == self.record:
            return 0.0, float(law.cdf[0])
        u = law.p_no_better(found)
        return u, u
