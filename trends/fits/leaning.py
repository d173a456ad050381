"""The families that lean on other benchmarks, fitted to any series of a vintage."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

import polars as pl

from trends.fits.drift import DriftFits
from trends.fits.lines import Row
from trends.fits.records import RecordFits
from trends.fits.vintage_ceilings import VintageCeilings
from trends.fits.votes import Votes
from trends.registry.models import TrendFamily
from trends.registry.series import Series
from trends.registry.weights import Weights
from trends.tables import TREND_FITS

_EMPTY: Final = dict.fromkeys(column.name for column in TREND_FITS.columns)


@dataclass(frozen=True)
class LeaningFits:
    """Rows of the records and of the drift, with all other families or less one.

    Attributes:
        drifts: of the drift.
        records: of the records.
    """

    drifts: DriftFits
    records: RecordFits

    @classmethod
    def of(
        cls,
        series: Iterable[Series],
        frontier: pl.DataFrame,
        series_scores: pl.DataFrame,
        *,
        as_of: date,
        weights: Weights | None = None,
        votes: Votes | None = None,
    ) -> "LeaningFits":
        """Of all series of a vintage.

        Args:
            series: every series; the others are what one is compared with.
            frontier: FRONTIER rows of all of them.
            series_scores: SERIES_SCORES rows of all of them; their days are the days
                on which a record could have been seen.
            as_of: information cut-off.
            weights: what the backtest taught of the drift's sigma; None leaves it.
            votes: what all series say of each other, where that is known already; the
                rows may then be those of some series only.
        """
        everything = list(series)
        records = RecordFits(
            everything,
            frontier,
            series_scores,
            as_of=as_of,
            votes=None if votes is None else votes.records,
        )
        drifts = DriftFits(
            everything,
            frontier,
            series_scores,
            as_of=as_of,
            weights=weights,
            drifts=None if votes is None else votes.drifts,
            ceilings=records.ceilings,
        )
        return cls(drifts, records)

    @property
    def ceilings(self) -> VintageCeilings:
        """Of all series of the vintage."""
        return self.records.ceilings

    @property
    def votes(self) -> Votes:
        """What all series say of each other."""
        return Votes(self.drifts.drifts, self.records.votes)

    def rows(
        self,
        series_id: str,
        family: TrendFamily,
        *,
        without: str | None = None,
        among: Votes | None = None,
    ) -> list[dict[str, Any]]:
        """Rows with every column of TREND_FITS, of which only laws are made.

        Args:
            series_id: the series.
            family: the records or the drift.
            without: family of benchmarks that is left out.
            among: votes to lean on in the place of this vintage's.
        """
        if family is TrendFamily.RECORDS:
            records = None if among is None else among.records
            found = self.records.rows(
                series_id, without=without, among=records, told=False
            )
            return [_EMPTY | row for row in found]
        drifts = None if among is None else among.drifts
        return self.drifts.bare_rows(series_id, without=without, among=drifts)

    def parts(self, series_id: str, family: TrendFamily) -> list[Row]:
        """The columns of TREND_FITS rows that the family decides."""
        if family is TrendFamily.RECORDS:
            return self.records.rows(series_id)
        return self.drifts.rows(series_id)
