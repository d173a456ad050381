"""When a headline is withheld: the rule of ``withholding.yaml``."""

from typing import Annotated, Literal

from pydantic import Field

from trends.registry.models import Entry, Owner, Text
from trends.registry.weights import DateInterval, Share

AtLeastOne = Annotated[int, Field(ge=1)]


class Withholding(Entry):
    """Intervals that held too little for a date to be printed, and what counts as known.

    Attributes:
        owner: team that answers for the rule.
        reason: why it is this one.
        held_under: a kind of interval that held less than this share is withheld.
        min_dates: dates that must have come for the share to count.
        min_origins: days of forecast that they must be forecast from.
        min_families: benchmark families that they must be of, where the share is not
            that of the benchmark's own family.
    """

    schema_version: Literal[1]
    owner: Owner
    reason: Text
    held_under: Share
    min_dates: AtLeastOne
    min_origins: AtLeastOne
    min_families: AtLeastOne

    def words(self, past: DateInterval | None) -> str | None:
        """Why an interval of such a past is withheld; None where it is not."""
        if past is None:
            return None
        held = past.at_most
        if held is None or held >= self.held_under or not self._is_known(past):
            return None
        kind = "kind" if past.family is None else "benchmark"
        at_most = "at most " if past.coverage is None else ""
        return (
            f"withheld: intervals of this {kind} held {at_most}{held:.0%} of "
            f"{past.nominal * 100:.0f} in the backtest"
        )

    def _is_known(self, past: DateInterval) -> bool:
        families = 1 if past.family is not None else self.min_families
        return (
            past.n_crossed >= self.min_dates
            and (past.n_origins or 0) >= self.min_origins
            and past.n_families >= families
        )
