"""Where the ceilings of a vintage's series may lie: views of one test share theirs."""

from collections.abc import Iterable, Mapping
from datetime import date
from functools import cached_property

import polars as pl

from trends.fits.ceiling_evidence import Evidence, evidence_of
from trends.fits.ceilings import CeilingBin, ceilings_of
from trends.registry.series import Series, other_views


class VintageCeilings:
    """The ceilings of any series of a vintage, each looked at once."""

    def __init__(
        self,
        series: Iterable[Series],
        scores: Mapping[str, pl.DataFrame],
        *,
        as_of: date,
    ) -> None:
        """Of all series of the vintage.

        Args:
            series: every series.
            scores: SERIES_SCORES rows of those that have any.
            as_of: information cut-off.
        """
        self._series = {one.series_id: one for one in series}
        self._scores = scores
        self._as_of = as_of
        self._shown: dict[str, Evidence] = {}
        self._found: dict[str, list[CeilingBin]] = {}

    def of(self, series_id: str) -> list[CeilingBin]:
        """From low to high, of a series with a score: ``ceilings_of``."""
        if series_id not in self._found:
            views = self.views(series_id)
            self._found[series_id] = ceilings_of(
                self._series[series_id],
                self._scores[series_id],
                {one.benchmark_id: self._evidence(one) for one in views},
            )
        return self._found[series_id]

    def _evidence(self, one: Series) -> Evidence:
        name = one.series_id
        if name not in self._shown:
            self._shown[name] = evidence_of(one, self._scores[name])
        return self._shown[name]

    def views(self, series_id: str) -> list[Series]:
        """The other views of its test that have a score."""
        one = self._series[series_id]
        others = other_views(one, self._of_test[one.test_id], as_of=self._as_of)
        return [one for one in others if one.series_id in self._scores]

    @cached_property
    def _of_test(self) -> dict[str, list[Series]]:
        found: dict[str, list[Series]] = {}
        for one in self._series.values():
            found.setdefault(one.test_id, []).append(one)
        return found
