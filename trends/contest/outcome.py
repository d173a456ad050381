"""A finished contest, as it is printed."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from trends.contest.summary import HEADLINE, POOLED
from trends.contest.words import PEER_PRINTED, name_of, verdict
from trends.registry.contests import ContestResult, PlayedContest

Row = Mapping[str, Any]


@dataclass(frozen=True)
class Contest:
    """A contest, summed up.

    Attributes:
        panel: name of what it was played on.
        panel_sha256: hash of its scores.
        code_sha256: hash of the code that played it.
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
    panel_sha256: str
    code_sha256: str
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

    def as_played(self) -> PlayedContest:
        """What the registry keeps of it, for reports: the cuts of 2025-26 together."""
        less = {
            (row["target"], row["forecaster"]): row
            for row in self.tables["differences"]
            if (row["cut"], row["compared_with"]) == (POOLED, HEADLINE)
        }
        return PlayedContest(
            panel=self.panel,
            panel_sha256=self.panel_sha256,
            code_sha256=self.code_sha256,
            headline_trend=self.headline_trend,
            verdict=self.verdict,
            n_held_out=self.n_held_out,
            peers_left_out=self.peers_left_out,
            results=[
                _result(row, less.get((row["target"], row["forecaster"]), {}))
                for row in self.tables["results"]
                if row["cut"] == POOLED
            ],
        )

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


def _result(row: Row, less: Row) -> ContestResult:
    """One forecaster on one target, to digits that differences can be told by."""

    def rounded(value: float | None) -> float | None:
        return None if value is None else round(value, 5)

    return ContestResult(
        target=row["target"],
        forecaster=row["forecaster"],
        label=name_of(row["forecaster"]),
        n_cases=row["n"],
        n_families=row["n_families"],
        less_headline=rounded(less.get("difference")),
        less_headline_low=rounded(less.get("difference_low")),
        less_headline_high=rounded(less.get("difference_high")),
        **{name: round(row[name], 5) for name in ("crps", "rmse")},
        **{name: round(row[name], 4) for name in ("held80", "claimed80")},
    )
