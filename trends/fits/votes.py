"""Votes as plain values, so that many processes lean on walks that were read once."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict
from typing import Any

import numpy as np

from trends.fits.pools import Drifts, SeriesWalk
from trends.fits.regression import MeanFit
from trends.fits.walks import ObservedWalk, VarianceFit
from trends.registry.series import Series
from trends.registry.weights import Weights


def dump_votes(drifts: Drifts) -> dict[str, object]:
    """The votes of every scale and the variance fitted to them, for JSON."""
    return {
        scale: {
            "votes": [
                {"series_id": one.series.series_id, "observed": asdict(one.observed)}
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
        for scale, panel in drifts.panels.items()
    }


def load_votes(
    kept: Mapping[str, Any], series: Iterable[Series], weights: Weights | None
) -> Drifts:
    """The same walks again, to the last digit.

    Args:
        kept: from ``dump_votes``.
        series: every series of the vintage.
        weights: what the backtest taught of sigma.
    """
    by_id = {one.series_id: one for one in series}
    drifts = Drifts(
        (
            SeriesWalk(by_id[one["series_id"]], scale, ObservedWalk(**one["observed"]))
            for scale, panel in kept.items()
            for one in panel["votes"]
        ),
        weights,
    )
    for scale, panel in drifts.panels.items():
        if (fit := kept[scale]["variance"]) is not None:
            panel.variance = VarianceFit(
                fit["per_year"],
                MeanFit(**fit["between"]),
                np.array(fit["squares"]),
                np.array(fit["spreads"]),
            )
    return drifts
