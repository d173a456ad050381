"""What the series of a vintage say of each other, read once and kept as plain values."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from trends.fits.pace import Points
from trends.fits.pools import Drifts, SeriesWalk
from trends.fits.record_votes import RecordVotes
from trends.fits.regression import MeanFit
from trends.fits.seen import Seen
from trends.fits.waiting import Stands
from trends.fits.walks import ObservedWalk, VarianceFit
from trends.registry.series import Series
from trends.registry.weights import Weights


@dataclass(frozen=True)
class Votes:
    """What each family of benchmarks says to the others.

    Attributes:
        drifts: of their walks.
        records: of how long records stand and how far they rise.
    """

    drifts: Drifts
    records: RecordVotes

    def each(self) -> list["Vote"]:
        """The votes of every scale and family that has both."""
        seen = {one.series.series_id: one for one in self.records.votes}
        return [
            Vote(walk, seen[walk.series.series_id])
            for walk in self.drifts.votes
            if walk.series.series_id in seen
        ]

    def exchanged(
        self, families: Collection[str], put: Sequence["Vote"], *, bounded: bool
    ) -> "Votes":
        """The votes but those of some families on one scale, and these in their place."""
        return Votes(
            self.drifts.exchanged(families, [one.walk for one in put]),
            self.records.exchanged(
                families, [one.seen for one in put], bounded=bounded
            ),
        )


@dataclass(frozen=True)
class Vote:
    """With what one family speaks on one scale.

    Attributes:
        walk: how far its records went, as a walk.
        seen: how long they stood, and the best scores.
    """

    walk: SeriesWalk
    seen: Seen

    @property
    def series(self) -> Series:
        """Whose figures they are."""
        return self.walk.series

    @property
    def content(self) -> tuple[object, ...]:
        """All of it that can reach another series, to be compared."""
        return self.walk.observed, repr(_dump_seen(self.seen))


def dump_votes(votes: Votes) -> dict[str, object]:
    """The votes of every scale and the variance fitted to the walks, for JSON."""
    return {
        "walks": {
            scale: {
                "votes": [
                    {
                        "series_id": one.series.series_id,
                        "observed": asdict(one.observed),
                    }
                    for one in panel.votes.values()
                ],
                "variance": None
                if panel.variance is None
                else asdict(panel.variance)
                | {
                    "squares": panel.variance.squares.tolist(),
                    "spreads": panel.variance.spreads.tolist(),
                },
            }
            for scale, panel in votes.drifts.panels.items()
        },
        "records": [_dump_seen(one) for one in votes.records.votes],
    }


def load_votes(
    kept: Mapping[str, Any], series: Iterable[Series], weights: Weights | None
) -> Votes:
    """The same votes again, to the last digit.

    Args:
        kept: from ``dump_votes``.
        series: every series of the vintage.
        weights: what the backtest taught of sigma.
    """
    by_id = {one.series_id: one for one in series}
    drifts = Drifts(
        (
            SeriesWalk(by_id[one["series_id"]], scale, ObservedWalk(**one["observed"]))
            for scale, panel in kept["walks"].items()
            for one in panel["votes"]
        ),
        weights,
    )
    for scale, panel in drifts.panels.items():
        if (fit := kept["walks"][scale]["variance"]) is not None:
            panel.variance = VarianceFit(
                fit["per_year"],
                MeanFit(**fit["between"]),
                np.array(fit["squares"]),
                np.array(fit["spreads"]),
            )
    return Votes(
        drifts, RecordVotes([_load_seen(one, by_id) for one in kept["records"]])
    )


def _dump_seen(seen: Seen) -> dict[str, object]:
    points, stands = seen.points, seen.stands
    return {
        "series_id": seen.series.series_id,
        "scale": seen.scale,
        "points": {"years": points.years.tolist(), "levels": points.levels.tolist()},
        "stands": asdict(stands)
        | {"from_age": stands.from_age.tolist(), "to_age": stands.to_age.tolist()},
        "record": seen.record,
        "until": seen.until,
    }


def _load_seen(kept: Mapping[str, Any], by_id: Mapping[str, Series]) -> Seen:
    points, stands = kept["points"], kept["stands"]
    return Seen(
        series=by_id[kept["series_id"]],
        scale=kept["scale"],
        points=Points(np.array(points["years"]), np.array(points["levels"])),
        stands=Stands(
            np.array(stands["from_age"], dtype=np.float64),
            np.array(stands["to_age"], dtype=np.float64),
            stands["silent_from"],
            stands["silent_years"],
        ),
        record=kept["record"],
        until=kept["until"],
    )
