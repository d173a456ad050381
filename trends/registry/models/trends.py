"""Curve families that a benchmark may be fitted with and a threshold may ask for."""

from enum import StrEnum
from typing import Final


class TrendFamily(StrEnum):
    """Curve families that can be fitted to a series."""

    RECORDS = "records"
    DRIFT = "drift"
    LOGISTIC = "logistic"
    LOGISTIC3 = "logistic3"
    EXPONENTIAL = "exponential"
    QUANTILE = "quantile"
    ENSEMBLE = "ensemble"

    @property
    def is_pooled(self) -> bool:
        """Whether the ensemble pools it.

        An estimated ceiling is mostly not identified, so that its "never" is a guess
        about the ceiling; it is published as a family of its own and not pooled. The
        law of records is not pooled either: it did better alone than with them.
        """
        return self not in {
            TrendFamily.ENSEMBLE,
            TrendFamily.LOGISTIC3,
            TrendFamily.RECORDS,
        }

    @property
    def leans(self) -> bool:
        """Whether its fits rest on those of other benchmarks too."""
        return self in {TrendFamily.RECORDS, TrendFamily.DRIFT}

    @property
    def leans_in_part(self) -> bool:
        """Whether it leans, or pools a family that does."""
        return self.leans or self is TrendFamily.ENSEMBLE

    @property
    def needs_bounded_scores(self) -> bool:
        """Whether the family has a ceiling."""
        return self in {TrendFamily.LOGISTIC, TrendFamily.LOGISTIC3}


HEADLINE_TREND: Final = TrendFamily.RECORDS
"""The forecaster whose record stands for ours: the default of ``headline.yaml``."""
