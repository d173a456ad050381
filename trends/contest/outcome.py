"""A finished contest, as it is printed."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from trends.contest.words import PEER_PRINTED, verdict

Row = Mapping[str, Any]


@dataclass(frozen=True)
class Contest:
    """A contest, summed up.

    Attributes:
        panel: name of what it was played on.
        headline_trend: the trend that headlines use.
        n_benchmarks: benchmarks that took part at each cut.
        n_held_out: benchmarks left out because the registry keeps them apart.
        rejected: rows of the panel that could not be read, each with its line and why.
        peers_left_out: why the peer's models did not play; None where they did.
        peer_r_hats: how well the chains of the peer's models agree, 1 where they do.
        seconds: CPU seconds of each forecaster, all cuts together; draws that were kept
            count as when they were made.
        tables: from ``summarise``.
    """

    panel: str
    headline_trend: str
    n_benchmarks: Mapping[str, int]
    n_held_out: int
    rejected: Sequence[str]
    peers_left_out: str | None
    peer_r_hats: Mapping[str, float]
    seconds: Mapping[str, float]
    tables: Mapping[str, Sequence[Row]]

    @property
    def verdict(self) -> str:
        """Who is ahead, in a sentence."""
        return verdict(self.tables, self.headline_trend)

    def as_json(self) -> dict[str, object]:
        """All of it, ``results`` first."""
        said = asdict(self)
        tables = said.pop("tables")
        return {
            "results": tables.pop("results"),
            "verdict": self.verdict,
            **said,
            **tables,
            "peer_printed": PEER_PRINTED,
        }
