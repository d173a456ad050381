"""Bars of one vintage, each as a function of what its law leans on."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property
from typing import Final

import numpy as np
import polars as pl

from trends.changes.amounts import Amount
from trends.changes.attribution import gather, rerun
from trends.changes.inputs import Inputs
from trends.changes.said import RowKey, Said, SaidIn, answered
from trends.crossings import Vintage
from trends.crossings.answers import Answer
from trends.crossings.leaning import LeaningBar, open_bar
from trends.crossings.looks import FitRow, Looks
from trends.crossings.row_words import when_in_words
from trends.dates import DAYS_PER_YEAR
from trends.fits import fit_trends
from trends.fits.failures import about
from trends.fits.leaning import LeaningFits
from trends.fits.panels import SeriesWalk
from trends.fits.votes import Vote, Votes
from trends.frontier import Parts
from trends.registry.models import Threshold, TrendFamily
from trends.registry.series import Series, select_series
from trends.tables import TREND_FITS

KEPT_OPEN: Final = 64
"""Bars whose histories are kept: those of all benchmarks of a large registry would
take more room than what is computed."""


@dataclass(frozen=True)
class _Asked:
    """One row of the registry: what is asked, and of which series."""

    threshold: Threshold
    series: Series
    bar_id: str
    trend: TrendFamily

    @property
    def bar_value(self) -> float:
        return next(bar.value for bar in self.threshold.bars if bar.id == self.bar_id)


class _OpenRow:
    """One row of a state as a function of the votes that its law leans on."""

    def __init__(self, bar: LeaningBar, leaning: LeaningFits) -> None:
        """A bar, and the families that lean."""
        self.bar = bar
        self._leaning = leaning
        self._fitted: dict[Votes, Sequence[FitRow]] = {}
        self._answers: list[tuple[Sequence[FitRow], Answer]] = []

    def let_go(self) -> None:
        """Forget laws, and the votes of other states that they lean on."""
        self._fitted.clear()
        self._answers.clear()

    def rows(self, among: Votes) -> Sequence[FitRow]:
        """What its law is made from."""
        if among not in self._fitted:
            bar = self.bar
            found = self._leaning.rows(bar.series_id, bar.family, among=among)
            self._fitted[among] = found
        return self._fitted[among]

    def answer(self, among: Votes) -> Answer:
        """What it says; votes that do not reach its series make no law of their own."""
        rows = self.rows(among)
        for known, answer in self._answers:
            if known == rows:
                return answer
        self._answers.append((rows, self.bar.answer(rows)))
        return self._answers[-1][1]

    def nearly(self, pools: Sequence[Votes], *, years: float) -> list[float]:
        """As ``State.nearly``."""
        bar, rows = self.bar, self.rows(pools[0])
        if bar.family is TrendFamily.DRIFT or rows[0]["fit_status"] != "fitted":
            return [bar.chance(self.rows(one), years=years) for one in pools]
        records = [one.records for one in pools]
        found = [
            share
            * self._leaning.records.chances_among(
                records,
                bar.series_id,
                row["ceiling"],
                level=float(bar.ladder.on_records_scale(row, [bar.bar])[0]),
                years=years,
            )
            for row, (share,) in zip(
                rows, bar.ladder.shares(rows, [bar.bar]), strict=True
            )
        ]
        near: list[float] = np.nan_to_num(np.sum(found, axis=0)).tolist()
        return near


class State:
    """What this code makes of some inputs, for a few rows.

    A row that leans on nothing has one answer; another one has one for each pool.

    Attributes:
        inputs: the inputs, without their observations.
        frontier: FRONTIER rows by series.
        scores: SERIES_SCORES rows by series.
        leaning: the families that lean, of all series.
    """

    def __init__(self, inputs: Inputs, rows: Sequence[RowKey]) -> None:
        """Gather the series of the inputs, and fit those that ``rows`` name.

        Raises:
            SeriesError: one of these series cannot be computed.
        """
        # the rows that are fitted are kept below
        self.inputs = replace(inputs, observations=inputs.observations.clear())
        asked = {key: _find(inputs, key) for key in rows}
        self._asked = {key: one for key, one in asked.items() if one is not None}
        views = [one.series for one in self._asked.values()]
        series, scores, frontier = gather(inputs, views)
        self._series = {one.series_id: one for one in series}
        self.scores, self.frontier = (
            Parts(table, "series_id") for table in (scores, frontier)
        )
        self.leaning = LeaningFits.of(
            series,
            frontier,
            scores,
            as_of=inputs.as_of,
            weights=inputs.registry.weights,
        )
        others = [
            key for key, one in self._asked.items() if not one.trend.leans_in_part
        ]
        ensembles = [key for key in self._asked if key[2] == TrendFamily.ENSEMBLE]
        self._curves = Parts(self._fits(ensembles, scores, frontier), "series_id")
        self._tables = SaidIn(rerun(inputs, others)) if others else None
        self._opened: dict[RowKey, _OpenRow | Answer] = {}
        self._last: RowKey | None = None
        self._leans: dict[RowKey, bool] = {}
        self._dates: dict[RowKey, Amount | None] = {}

    def said(self, key: RowKey, among: Votes | None = None) -> Said | None:
        """What is said of a row; None where the registry has no such row.

        Args:
            key: the row.
            among: votes to lean on in the place of this state's own.
        """
        return self._say(key, among, in_words=True)

    def _say(self, key: RowKey, among: Votes | None, *, in_words: bool) -> Said | None:
        """``said``; without words no ceilings are judged otherwise for its label."""
        if key not in self._asked:
            return None
        one, bar = self._asked[key], self._open(key)
        if bar is None:
            said = None if self._tables is None else self._tables.get(key)
            if said is None:
                raise KeyError(f"no row {key} was computed")
            return said
        with about(one.series.series_id, f"crossing dates of {key[0]}"):
            votes = among or self.leaning.votes
            answer = bar.answer(votes) if isinstance(bar, _OpenRow) else bar
        label, as_of = "", self.inputs.as_of
        if in_words:
            label = when_in_words(answer, one.series, one.bar_value, as_of=as_of)
        return answered(answer, label, one.threshold.projection_end)

    def number(
        self, key: RowKey, by: date | None, among: Votes | None = None
    ) -> Amount | None:
        """``Said.number``; dates under its own votes are kept of all rows."""
        is_kept = by is None and among in (None, self.leaning.votes)
        if is_kept and key in self._dates:
            return self._dates[key]
        said = self._say(key, among, in_words=False)
        number = None if said is None else said.number(by)
        if is_kept:
            self._dates[key] = number
        return number

    def reads_as(self, other: "State", key: RowKey) -> bool:
        """Whether the same votes make the same of a row in another state.

        So it is where nothing is new of its series and of the other views of its test.
        """
        ours, theirs = (one._asked.get(key) for one in (self, other))
        if ours is None or ours != theirs:
            return False
        name = ours.series.series_id
        views = self.leaning.ceilings.views(name)
        return (
            self.inputs.registry.weights == other.inputs.registry.weights
            and views == other.leaning.ceilings.views(name)
            and all(
                here[one].equals(there[one])
                for here, there in (
                    (self.scores, other.scores),
                    (self.frontier, other.frontier),
                    (self._curves, other._curves),
                )
                for one in (name, *(view.series_id for view in views))
            )
        )

    def close(self) -> None:
        """Let go of the laws of the last row."""
        last = None if self._last is None else self._opened[self._last]
        if isinstance(last, _OpenRow):
            last.let_go()
        self._last = None

    def votes(self, *, bounded: bool) -> Mapping[str, Vote]:
        """With what each family speaks on one scale."""
        return self._votes.get(bounded, {})

    @cached_property
    def _votes(self) -> Mapping[bool, Mapping[str, Vote]]:
        found: dict[bool, dict[str, Vote]] = {}
        for one in self.leaning.votes.each():
            bounded = one.series.benchmark.unit.is_bounded
            found.setdefault(bounded, {})[one.series.benchmark.family_id] = one
        return found

    def leans(self, key: RowKey) -> bool:
        """Whether its answer depends on other benchmarks."""
        if key not in self._leans:
            self._leans[key] = (
                isinstance(self._open(key), _OpenRow)
                and self._asked[key].series.benchmark.mover == "models"
            )
        return self._leans[key]

    def series_of(self, key: RowKey) -> Series | None:
        """The series of a row; None where the registry has no such row."""
        return self._asked[key].series if key in self._asked else None

    def walk(self, key: RowKey) -> SeriesWalk | None:
        """The walk of a row's series; None where it has no record or no such row."""
        series = self.series_of(key)
        return None if series is None else self.leaning.drifts.walk(series.series_id)

    def watched_through(self, series_id: str) -> date | None:
        """Last day on which a series could have shown a record; None without it."""
        one = self._series.get(series_id)
        return None if one is None else one.observed_through(self.inputs.as_of)

    def nearly(
        self, key: RowKey, pools: Sequence[Votes], *, years: float
    ) -> list[float]:
        """About P(crossed) so many years after its figures end, with dates as they are.

        Much quicker than the laws; enough to tell which pools differ most.

        Args:
            key: the row.
            pools: votes to lean on, each time others; the first are those of a vintage.
            years: above 0.
        """
        bar = self._open(key)
        if not isinstance(bar, _OpenRow):
            return [0.0] * len(pools)
        return bar.nearly(pools, years=years)

    def years_to_date(self, key: RowKey, among: Votes) -> float:
        """From the end of a row's figures to its date if ever, or to its last day."""
        bar, when = self._open(key), self.number(key, None, among)
        if not isinstance(bar, _OpenRow):
            return 1.0
        ladder = bar.bar.ladder
        end = ladder.projection_end.toordinal()
        day = end if when is None else int(when.value)
        return max(day - ladder.start.toordinal(), 1) / DAYS_PER_YEAR

    def _open(self, key: RowKey) -> _OpenRow | Answer | None:
        """A bar that may lean on others; None where its trend does not.

        Some are kept, with the histories of each, for the next earlier state that is
        compared with this one; laws of the last one only.
        """
        if key not in self._asked or not self._asked[key].trend.leans_in_part:
            return None
        if self._last != key:
            self.close()
        if key not in self._opened:
            if len(self._opened) in {0, KEPT_OPEN}:
                self._opened.clear()
                self.leaning.records.let_go()
            bar = self._bar(key)
            opened = _OpenRow(bar, self.leaning) if isinstance(bar, LeaningBar) else bar
            self._opened[key] = opened
        self._last = key
        return self._opened[key]

    def _bar(self, key: RowKey) -> LeaningBar | Answer:
        one = self._asked[key]
        name = one.series.series_id
        return open_bar(
            one.threshold,
            Looks(one.series, self.scores[name], self.frontier[name]),
            bar_id=one.bar_id,
            trend=one.trend,
            fits=self._curves[name],
            vintage=Vintage(
                as_of=self.inputs.as_of,
                run_id="rerun",
                seed=self.inputs.seed,
                n_draws=self.inputs.n_draws,
                weights=self.inputs.registry.weights,
            ),
        )

    def _fits(
        self, keys: Sequence[RowKey], scores: pl.DataFrame, frontier: pl.DataFrame
    ) -> pl.DataFrame:
        """Curves that ensembles pool with the drift."""
        if not keys:
            return TREND_FITS.frame([])
        return fit_trends(
            frontier,
            scores,
            list(self._series.values()),
            wanted=sorted({self._asked[key].series.series_id for key in keys}),
            as_of=self.inputs.as_of,
            run_id="rerun",
            missing={},
            weights=self.inputs.registry.weights,
            votes=self.leaning.votes,
        )


def _find(inputs: Inputs, key: RowKey) -> _Asked | None:
    threshold_id, bar_id, trend = key
    threshold = inputs.registry.thresholds.get(threshold_id)
    if threshold is None or TrendFamily(trend) not in threshold.trends:
        return None
    if all(bar.id != bar_id for bar in threshold.bars):
        return None
    series = select_series(threshold.series, inputs.registry)
    return _Asked(threshold, series, bar_id, TrendFamily(trend))
