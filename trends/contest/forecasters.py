"""Forecasters of a contest, behind one small protocol.

To enter another: a trend family of ``trends.fits`` that has laws of levels is
``OfRecords(name, trend_records(TrendFamily.X))``; what knows the law of a record by its own means
gives ``OfRecords`` a function; what knows of top-3 scores too implements ``Forecaster``.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Final, Literal, NamedTuple, Protocol

import numpy as np
import polars as pl

from trends import defaults
from trends.contest.panel import Known
from trends.contest.step import distances_below, third_best, top3_law
from trends.crossings.families import Draws
from trends.crossings.levels import LevelLaw, Standing, level_laws, pool_levels
from trends.crossings.looks import Looks
from trends.fits import fit_trends
from trends.fits.links import Floats, Link
from trends.registry.models import TrendFamily
from trends.registry.weights import POOLED_FAMILIES

Target = Literal["record", "top3"]
TARGETS: Final[tuple[Target, ...]] = ("record", "top3")

N_SAMPLES: Final = 400
"""Equally likely records that stand for a law of levels."""

_DRAWS: Final = Draws(defaults.SEED, defaults.BACKTEST_DRAWS)


class Asked(NamedTuple):
    """One question: the record on a day, or a top-3 score of that day."""

    target: Target
    benchmark_id: str
    day: date


Laws = Mapping[Asked, Floats]
"""For each question equally likely scores, rising; a question may have no answer."""

RecordLaws = Mapping[str, Mapping[date, Floats]]


class Forecaster(Protocol):
    """Says what scores come, from what was known before a cut.

    ``known`` holds nothing of the cut or later, and the same ``known`` gives the same
    laws. Where a forecaster has nothing to say of a benchmark it leaves it out.
    """

    @property
    def name(self) -> str:
        """As results print it."""

    def forecast(self, known: Known, asked: Sequence[Asked]) -> Laws:
        """The law of what each question asks for."""


@dataclass(frozen=True)
class OfRecords:
    """A forecaster of records, of which the law of a top-3 score is made by the step.

    Attributes:
        name: as results print it.
        records: from what was known, and the days on which each benchmark's record is
            asked for, to equally likely records of each day, rising.
    """

    name: str
    records: Callable[[Known, Mapping[str, Sequence[date]]], RecordLaws]

    def forecast(self, known: Known, asked: Sequence[Asked]) -> Laws:
        """Records as they are; top-3 scores a distance below them."""
        days: dict[str, list[date]] = {}
        for day, benchmark_id in sorted({(one.day, one.benchmark_id) for one in asked}):
            days.setdefault(benchmark_id, []).append(day)
        records = self.records(known, days)
        distances = distances_below(known)
        found: dict[Asked, Floats] = {}
        for one in asked:
            if (law := records.get(one.benchmark_id, {}).get(one.day)) is None:
                continue
            if one.target == "top3":
                link = Link.of(known.by_id[one.benchmark_id].benchmark, 1.0)
                least = third_best(known, one.benchmark_id)
                law = top3_law(law, link, distances=distances, at_least=least)
            found[one] = law
        return found


def standing_records(
    known: Known, days: Mapping[str, Sequence[date]]
) -> dict[str, dict[date, Floats]]:
    """Nothing changes: the record stands on every day."""
    return {
        name: {day: np.array([known.records[name]]) for day in ours}
        for name, ours in days.items()
    }


def trend_records(
    trend: TrendFamily,
) -> Callable[[Known, Mapping[str, Sequence[date]]], RecordLaws]:
    """Records under one trend family, by the functions that forecasts use.

    The ensemble is the equally weighted pool of those that can be fitted: weights of
    the registry are learned from what came after the cuts, and so is its sigma.
    """

    def records(known: Known, days: Mapping[str, Sequence[date]]) -> RecordLaws:
        is_pool = trend is TrendFamily.ENSEMBLE
        members = POOLED_FAMILIES["bounded"] if is_pool else (trend,)
        laws = {one: _level_laws(known, one, days) for one in members}
        found: dict[str, dict[date, Floats]] = {}
        for name, ours in days.items():
            speak = {one: its[name] for one, its in laws.items() if name in its}
            if speak:
                found[name] = {
                    day: _sample(
                        pool_levels({one: its[k] for one, its in speak.items()}, None)
                    )
                    for k, day in enumerate(ours)
                }
        return found

    return records


def _level_laws(
    known: Known, trend: TrendFamily, days: Mapping[str, Sequence[date]]
) -> dict[str, list[LevelLaw]]:
    """Laws of the record of each benchmark on its days, where the family is fitted."""
    series = [
        replace(one, benchmark=one.benchmark.model_copy(update={"trends": [trend]}))
        for one in known.series
    ]
    fits = fit_trends(
        known.frontier,
        known.scores,
        series,
        wanted=list(days),
        as_of=known.cut,
        run_id="contest",
        missing={},
    )
    found = {}
    for name, ours in days.items():
        is_its_own = pl.col("series_id") == name
        standing = Standing(
            Looks(
                known.by_id[name],
                known.scores.filter(is_its_own),
                known.frontier.filter(is_its_own),
            ),
            start=known.by_id[name].observed_through(known.cut),
        )
        ahead = [max((day - standing.start).days, 1) for day in ours]
        laws = level_laws(standing, fits.filter(is_its_own), _DRAWS, days=ahead)
        if laws is not None:
            found[name] = laws
    return found


def _sample(law: LevelLaw) -> Floats:
    return law.score_quantile((np.arange(N_SAMPLES) + 0.5) / N_SAMPLES)


NO_CHANGE: Final = OfRecords("no_change", standing_records)

DRIFT: Final = OfRecords("drift", trend_records(TrendFamily.DRIFT))
"""What was shipped on 2026-11-23: the baseline, which a test holds to its digits."""


def entrants(headline: TrendFamily) -> list[Forecaster]:
    """Those of the project: a baseline, the trend families, and the headline's."""
    return [
        NO_CHANGE,
        DRIFT,
        OfRecords("headline", trend_records(headline)),
        OfRecords("records", trend_records(TrendFamily.RECORDS)),
        OfRecords("logistic", trend_records(TrendFamily.LOGISTIC)),
        OfRecords("quantile", trend_records(TrendFamily.QUANTILE)),
        OfRecords("ensemble", trend_records(TrendFamily.ENSEMBLE)),
    ]
