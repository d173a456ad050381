"""What each trend family says of the open bars of a ladder."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

import numpy as np
import polars as pl

from trends.crossings.answers import Estimated, NotEstimated
from trends.crossings.day_curves import DayCurves, day_knots
from trends.crossings.distribution import CrossingDistribution, Judge
from trends.crossings.first_passage import record_exceedance, walk_cdfs
from trends.crossings.line_crossing import crossing_days, line_distributions
from trends.crossings.looks import FitRow, Looks
from trends.crossings.outcomes import Outcome, curve_outcomes
from trends.crossings.reach import BarsUnder
from trends.crossings.sigmoid_crossing import sigmoid_distributions
from trends.dates import DAYS_PER_YEAR
from trends.fits.ceilings import CeilingBin
from trends.fits.drift import laws_of_rows, laws_of_walks, see_walk
from trends.fits.links import Floats, Link
from trends.fits.record_law import exceedances
from trends.fits.records import laws_of_seen, record_law
from trends.fits.redraws import LineDraws
from trends.fits.seen import see_records
from trends.fits.sigmoid import MIN_RECORDS, sigmoid_profile
from trends.fits.walks import WalkLaw
from trends.registry.models import TrendFamily
from trends.registry.series import Series

_AT_ONCE: Final = 1e-3
"""Days; the limit of a law at 0 is 0."""

_ROUNDING: Final = 1e-12


@dataclass(frozen=True)
class OpenBar:
    """A bar that no score has reached.

    Attributes:
        value: in stored units.
        margin: how far above it, on the link scale, a score must be to count.
    """

    value: float
    margin: float = 0.0


@dataclass(frozen=True)
class Draws:
    """How many parameter draws, and from which seed."""

    seed: int
    count: int


@dataclass(frozen=True)
class Ladder:
    """The open bars of one threshold, and what their series has shown.

    Attributes:
        figures: of its series.
        bars: easy to hard.
        start: last day on which a record could have been seen.
        projection_end: last day of the distributions.
    """

    figures: Looks
    bars: Sequence[OpenBar]
    start: date
    projection_end: date

    @property
    def series(self) -> Series:
        """Whose bars they are."""
        return self.figures.series

    def ask(self, fits: pl.DataFrame, draws: Draws) -> list[Outcome]:
        """When is each bar crossed, given that none was seen crossed?

        Args:
            fits: TREND_FITS rows of one family, one a ceiling.
            draws: for families that draw.
        """
        rows = fits.to_dicts()
        reason = str(rows[0]["status_reason"])
        if rows[0]["fit_status"] != "fitted":
            return [Outcome(NotEstimated(reason)) for _ in self.bars]
        if TrendFamily(rows[0]["trend"]).leans:
            return self.lean(rows)
        if rows[0]["trend"] == TrendFamily.LOGISTIC3.value:
            return self._sigmoid_crossings(reason)
        return self._line_crossings(rows, reason, draws)

    def lean(self, fits: Sequence[FitRow]) -> list[Outcome]:
        """What a family that leans on other benchmarks says of each bar.

        Args:
            fits: TREND_FITS rows of the records or the drift, one a ceiling.
        """
        reason = str(fits[0]["status_reason"])
        if fits[0]["fit_status"] != "fitted":
            return [Outcome(NotEstimated(reason)) for _ in self.bars]
        is_of_records = fits[0]["trend"] == TrendFamily.RECORDS.value
        laws = self.records_to(fits) if is_of_records else self.passages(fits)
        return [Outcome(Estimated(law, reason)) for law in laws]

    def chance(self, fits: Sequence[FitRow], bar: OpenBar, *, years: float) -> float:
        """About P(crossed) so many years after the figures end, dates as in the rows.

        Much quicker than the law; enough to tell which rows differ most.

        Args:
            fits: fitted TREND_FITS rows of the records or the drift, one a ceiling.
            bar: the bar.
            years: above 0.
        """
        if fits[0]["trend"] == TrendFamily.RECORDS.value:
            chances = [
                record_law(fit).exceedance(
                    self.on_records_scale(fit, [bar]), np.array([years])
                )[0, 0]
                for fit in fits
            ]
        else:
            chances = [
                record_exceedance(
                    law,
                    self._under(fit, [bar]).levels - float(fit["intercept"]),
                    years=np.array([years]),
                )[0, 0]
                for fit, law in zip(fits, laws_of_rows(fits), strict=True)
            ]
        return float(self.shares(fits, [bar])[:, 0] @ chances)

    def passages(self, fits: Sequence[FitRow]) -> list[CrossingDistribution]:
        """The law of the random walk for each bar, averaged over ceilings and dates.

        Over ceilings first: each has the same draws of dates.

        Args:
            fits: fitted TREND_FITS rows of the drift family, one a ceiling.
        """
        laws = [laws_of_walks(fit, self.figures.shown(fit, see_walk)) for fit in fits]
        under = [self._under(fit, self.bars) for fit in fits]
        rises = [
            one.levels - float(fit["intercept"])
            for one, fit in zip(under, fits, strict=True)
        ]
        of_bars = zip(np.transpose(rises), _shares_of_bars(under), strict=True)
        return [self._passage(laws, *of_bar) for of_bar in of_bars]

    def _passage(
        self, laws: Sequence[Sequence[WalkLaw]], rises: Floats, shares: Floats
    ) -> CrossingDistribution:
        """The law for one bar, from those of every ceiling and history."""
        walks = [
            (law, float(rise))
            for rise, of in zip(rises, laws, strict=True)
            for law in of
        ]
        return self._averaged(shares, *walk_cdfs(walks, day_knots(self._n_days)))

    def records_to(self, fits: Sequence[FitRow]) -> list[CrossingDistribution]:
        """The law of the next records for each bar, averaged as that of a walk.

        Args:
            fits: fitted TREND_FITS rows of the records family, one a ceiling.
        """
        knots = day_knots(self._n_days)
        years = np.maximum(knots, _AT_ONCE) / DAYS_PER_YEAR
        under = [self._under(fit, self.bars) for fit in fits]
        laws, levels = [], []
        for one, fit in zip(under, fits, strict=True):
            told = laws_of_seen(fit, self.figures.shown(fit, see_records))
            laws += told
            levels += [one.on_records_scale] * len(told)
        rows = exceedances(laws, np.array(levels), years)
        of_bars = zip(np.moveaxis(rows, -1, 0), _shares_of_bars(under), strict=True)
        # records go on, so that only a ceiling keeps them from a bar
        goes_on = np.zeros(len(rows))
        return [self._averaged(shares, of_bar, goes_on) for of_bar, shares in of_bars]

    def _averaged(
        self, shares: Floats, cdfs: Floats, nevers: Floats
    ) -> CrossingDistribution:
        """Over ceilings above the bar; a row is a history under one of them.

        Args:
            shares: how likely they are, from ``_shares_of_bars``; what is
                missing to 1 lies below the bar.
            cdfs: by each of ``day_knots`` given each of them, a row a history.
            nevers: that progress stops, of each row.
        """
        n_ceilings = shares.shape[-1]
        by_ceiling = cdfs.reshape(n_ceilings, -1, cdfs.shape[-1])
        curves = DayCurves.through(self._n_days, by_ceiling)
        stops = nevers.reshape(n_ceilings, -1)
        if len(shares) == 1:
            return self._law(shares[0], curves, stops)
        # under another judgement nobody asks how far histories differ
        middle = curves.mean(), stops.mean(axis=1, keepdims=True)
        return self._law(
            shares[0],
            curves,
            stops,
            lambda: tuple(self._law(one, *middle) for one in shares[1:]),
        )

    def _law(
        self,
        shares: Floats,
        curves: DayCurves,
        stops: Floats,
        judge_otherwise: Judge = tuple,
    ) -> CrossingDistribution:
        """Over ceilings by their shares, of curves of shape (ceilings, histories, knots)."""
        beyond = _beyond(shares)
        return CrossingDistribution.averaged(
            self.start,
            curves.averaged(shares).each_day(),
            beyond + shares @ stops,
            p_above_ceiling=beyond,
            judge_otherwise=judge_otherwise,
        )

    @property
    def _n_days(self) -> int:
        return (self.projection_end - self.start).days

    def _line_crossings(
        self, fits: Sequence[FitRow], reason: str, draws: Draws
    ) -> list[Outcome]:
        """What draws of the line say of each bar, all bars on the same draws."""
        lines = self._draw(fits, draws)
        under = [self._under(fit, self.bars) for fit in fits]
        levels = np.transpose([one.levels for one in under])
        parts = np.transpose([one.shares for one in under])
        weights = np.array([one.ceilings.weight for one in under])
        days, past, above = [], [], []
        for to, within in zip(levels, parts, strict=True):
            shares = weights * within
            drawn = list(zip(lines, to.tolist(), strict=True))
            crossings = [crossing_days(*one, start=self.start) for one in drawn]
            for crossing, part in zip(crossings, within, strict=True):
                crossing[: round((1 - part) * len(crossing))] = np.inf
            days.append(np.concatenate(crossings))
            chances = [line.probability_above(bar, self.start) for line, bar in drawn]
            past.append(float(shares @ chances))
            above.append(_beyond(shares))
        laws = line_distributions(
            days,
            past,
            shares_above=above,
            start=self.start,
            projection_end=self.projection_end,
        )
        n_failed = sum(line.n_failed for line in lines)
        return curve_outcomes(laws, past, reason, n_failed)

    def _sigmoid_crossings(self, reason: str) -> list[Outcome]:
        """What profiles of a logistic with an estimated ceiling say of each bar."""
        link = Link.of(self.series.benchmark, 1.0)
        histories = self.figures.histories
        told = [one for one in histories if one.records.height >= MIN_RECORDS]
        n_failed = len(histories) - len(told)
        if n_failed > len(told):
            few = f"{n_failed} of {len(histories)} histories have under {MIN_RECORDS}"
            answer = NotEstimated(f"{reason}; with uncertain dates drawn {few}")
            return [Outcome(answer, n_failed=n_failed) for _ in self.bars]
        laws, shares = sigmoid_distributions(
            [sigmoid_profile(self.series, history.records) for history in told],
            [link.raised(bar.value, bar.margin) - link.floor for bar in self.bars],
            start=self.start,
            projection_end=self.projection_end,
        )
        return curve_outcomes(laws, shares, reason, n_failed)

    def _draw(self, fits: Sequence[FitRow], draws: Draws) -> list[LineDraws]:
        counts = apportion(draws.count, np.array([ceiling_weight(fit) for fit in fits]))
        return [
            self.figures.lines(fit, seed=draws.seed, n_draws=count, place=place)
            for place, (fit, count) in enumerate(zip(fits, counts, strict=True))
        ]

    def on_records_scale(self, fit: FitRow, bars: Sequence[OpenBar]) -> Floats:
        """Bars as the records family compares them, shape (n,)."""
        return self._under(fit, bars).on_records_scale

    def shares(self, fits: Sequence[FitRow], bars: Sequence[OpenBar]) -> Floats:
        """How likely the ceilings of each fit are that lie above each bar.

        Returns:
            Shape (fits, bars); what a column lacks of 1 lies below the bar.
        """
        under = [self._under(fit, bars) for fit in fits]
        return np.array([one.ceilings.weight * one.shares for one in under])

    def _under(self, fit: FitRow, bars: Sequence[OpenBar]) -> BarsUnder:
        """Bars under the ceilings of a fit, in which no pool has a part."""
        ceilings, values = CeilingBin.of_row(fit), tuple(bars)
        return self.figures.once(
            (ceilings, values),
            lambda: BarsUnder.of(
                self.series.benchmark,
                ceilings,
                np.array([bar.value for bar in values]),
                np.array([bar.margin for bar in values]),
                record=float(self.figures.records.get_column("score")[-1]),
            ),
        )


def _shares_of_bars(under: Sequence[BarsUnder]) -> Iterator[Floats]:
    """How likely the ceilings above each bar are, and were they judged otherwise.

    Returns:
        Each of shape (3, fits): as judged, a little lower, and a little higher; or
        (1, fits) where none is judged.
    """
    weights = np.transpose([one.ceilings.weights for one in under])
    if (weights == weights[0]).all():
        weights = weights[:1]
    for of_bar in np.transpose([one.shares for one in under]):
        yield weights * of_bar


def ceiling_weight(fit: FitRow) -> float:
    """How likely the ceilings of a TREND_FITS row are; 1 where there are none."""
    return 1.0 if fit["ceiling_weight"] is None else float(fit["ceiling_weight"])


def _beyond(shares: Floats) -> float:
    """What shares lack of 1, but for rounding."""
    lacking = 1 - float(shares.sum())
    return lacking if lacking > _ROUNDING else 0.0


def apportion(total: int, shares: Floats) -> list[int]:
    """Whole numbers that sum to ``total``, in proportion to ``shares``."""
    edges = np.rint(np.cumsum(shares) * total).astype(int)
    return [int(count) for count in np.diff(edges, prepend=0)]
