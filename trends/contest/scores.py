"""How each forecaster did on each case."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

import numpy as np
import polars as pl

from trends.contest.cases import CUTS, Case, cases_at
from trends.contest.forecasters import Forecaster
from trends.contest.panel import Panel
from trends.fits.links import Floats
from trends.scoring import crps_sample

LEVELS: Final = (50, 80, 90)
"""Central intervals, in percent, of which it is told what they held."""

_SCHEMA: Final = {
    "cut": pl.Date,
    "target": pl.String,
    "forecaster": pl.String,
    "benchmark_id": pl.String,
    "family_id": pl.String,
    "day": pl.Date,
    "case": pl.Int64,
    "lead": pl.String,
    "existed": pl.Boolean,
    "crps": pl.Float64,
    "square": pl.Float64,
    **{f"held{level}": pl.Boolean for level in LEVELS},
    **{f"claimed{level}": pl.Float64 for level in LEVELS},
    "p_stood": pl.Float64,
    "stood": pl.Boolean,
}


@dataclass(frozen=True)
class Played:
    """A contest before it is summed up.

    Attributes:
        scores: a row a case and forecaster. ``case`` is the same for all forecasters;
            ``claimed`` is the probability that the law itself gives to its interval.
        seconds: CPU seconds of each forecaster, all cuts together.
        n_benchmarks: benchmarks that took part at each cut.
    """

    scores: pl.DataFrame
    seconds: dict[str, float]
    n_benchmarks: dict[date, int]


def play(
    panel: Panel,
    forecasters: Sequence[Forecaster],
    *,
    cuts: Iterable[date] = CUTS,
    clock: Callable[[], float],
    progress: Callable[[date, str], None],
) -> Played:
    """Ask every forecaster at every cut, and score what it said.

    Args:
        panel: all scores; forecasters see those before each cut.
        forecasters: each with a name of its own.
        cuts: days from which on nothing is known.
        clock: CPU seconds so far.
        progress: told which forecaster is asked at which cut.
    """
    rows: list[dict[str, object]] = []
    seconds = {one.name: 0.0 for one in forecasters}
    n_benchmarks = {}
    for cut in cuts:
        known = panel.before(cut)
        cases = cases_at(panel, known)
        n_benchmarks[cut] = len({one.asked.benchmark_id for one in cases})
        questions = list(dict.fromkeys(one.asked for one in cases))
        for forecaster in forecasters if cases else ():
            progress(cut, forecaster.name)
            began = clock()
            # what one forecaster has worked out of it is not known to the next
            laws = forecaster.forecast(panel.before(cut), questions)
            seconds[forecaster.name] += clock() - began
            rows += [
                {"forecaster": forecaster.name, "case": n} | _scored(case, law)
                for n, case in enumerate(cases)
                if (law := laws.get(case.asked)) is not None
            ]
    return Played(pl.DataFrame(rows, _SCHEMA, orient="row"), seconds, n_benchmarks)


def _scored(case: Case, law: Floats) -> dict[str, object]:
    tails = np.array([(100 - level) / 200 for level in LEVELS])
    # equally likely values stand in the middle of their shares, as Hazen has it
    low, high = np.quantile(law, [tails, 1 - tails], method="hazen")
    held = (low <= case.observed) & (case.observed <= high)
    # a law with an atom at the record gives its intervals more than their level
    claimed = [np.mean((a <= law) & (law <= b)) for a, b in zip(low, high, strict=True)]
    return {
        "cut": case.cut,
        "target": case.asked.target,
        "benchmark_id": case.asked.benchmark_id,
        "family_id": case.family_id,
        "day": case.asked.day,
        "lead": case.lead,
        "existed": case.existed,
        "crps": float(crps_sample(law, case.observed)),
        "square": float((np.mean(law) - case.observed) ** 2),
        **{f"held{level}": bool(one) for level, one in zip(LEVELS, held, strict=True)},
        **{
            f"claimed{level}": float(one)
            for level, one in zip(LEVELS, claimed, strict=True)
        },
        "p_stood": float(np.mean(law <= case.standing)),
        "stood": case.observed <= case.standing,
    }
