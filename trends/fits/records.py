"""Records: how long one stands is a law of its own, how far the next one rises another.

Both take what a series shows of itself together with what other families show, always
without its own family: ``trends.fits.record_votes``. The law that follows is in
``trends.fits.record_law``.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Any

import numpy as np
import polars as pl

from trends.dates import years_between
from trends.fits.ceilings import CeilingBin
from trends.fits.failures import about
from trends.fits.learned import Learned, Nearly, chances, parameters_of
from trends.fits.lines import Row, link_columns, not_estimated
from trends.fits.links import Floats, Link
from trends.fits.one_a_family import one_vote_a_family
from trends.fits.pace import (
    BEST,
    EVEN,
    WIDE,
    Hyper,
    Points,
    Trend,
    fit_hyper,
    local_trend,
)
from trends.fits.record_law import RecordLaw
from trends.fits.record_votes import RecordVotes, learn_from_each
from trends.fits.redated import History, drawn_histories
from trends.fits.seen import Seen, like_whom, see_records
from trends.fits.views import Board
from trends.fits.vintage_ceilings import VintageCeilings
from trends.fits.waiting import WaitingLaw
from trends.fits.walks import Prior
from trends.frontier import Parts
from trends.registry.models import TrendFamily
from trends.registry.series import Series
from trends.words import number_of


class RecordFits:
    """The records family's rows of any series of a vintage.

    Attributes:
        votes: what the series show of their records, one a family.
        ceilings: of all series.
    """

    def __init__(
        self,
        series: Iterable[Series],
        frontier: pl.DataFrame,
        series_scores: pl.DataFrame,
        *,
        as_of: date,
        votes: RecordVotes | None = None,
    ) -> None:
        """Of all series of the vintage.

        Args:
            series: every series; the others are what one is compared with.
            frontier: FRONTIER rows of all of them.
            series_scores: SERIES_SCORES rows of all of them.
            as_of: information cut-off.
            votes: what all series show, where that is known already; the rows may then
                be those of some series only.
        """
        self._series = {one.series_id: one for one in series}
        self._scores, self._records = (
            Parts(table, "series_id") for table in (series_scores, frontier)
        )
        self._as_of = as_of
        self.ceilings = VintageCeilings(
            self._series.values(), self._scores, as_of=as_of
        )
        self._histories: dict[str, History] = {}
        self._drawn_histories: dict[str, list[History]] = {}
        self._together: dict[tuple[str, float | None], Seen] = {}
        self._redrawn: dict[tuple[str, float | None], list[Seen]] = {}
        self._seen: dict[tuple[str, float | None], Seen] = {}
        self._plain: dict[tuple[str, float | None], Row] = {}
        self.votes = votes or RecordVotes(
            one_vote_a_family(
                self._see(name, None) for name in self._records if name in self._series
            )
        )

    def rows(
        self,
        series_id: str,
        *,
        without: str | None = None,
        among: RecordVotes | None = None,
        told: bool = True,
    ) -> list[Row]:
        """The part of a series' TREND_FITS rows that this family decides.

        Args:
            series_id: the series.
            without: family that is left out of what it is compared with.
            among: other votes to compare it with, in the place of this vintage's.
            told: whether a fitted row says in words what it rests on; a law is made
                from the rest.
        """
        series = self._series[series_id]
        if series_id not in self._records:
            return [not_estimated(series, TrendFamily.RECORDS, "no dated score")]
        votes = self.votes if among is None else among
        rows: list[Row] = []
        ceilings = self.ceilings.of(series_id)
        shown = [self._see_views(series_id, under.ceiling) for under in ceilings]
        # no ceiling has a part in how long records stood, or in whom it is like
        learned = votes.learn(shown[0], without=without)
        waiting = learned.waiting.given(shown[0].stands)
        for under, seen in zip(ceilings, shown, strict=True):
            if not learned.tells(seen):
                reason = _too_little(seen)
                return [not_estimated(series, TrendFamily.RECORDS, reason)]
            hyper = seen.hyper(learned.likely, learned.prior)
            drawn = self._drawn(series_id, under.ceiling)
            plain = self._plain_columns(series_id, under, seen)
            rows.append(plain | _columns(seen, drawn, hyper, learned, waiting))
            if told:
                n_records = len(self._history(series_id).set_on)
                rows[-1] |= _told(seen, hyper, learned, n_records)
        return rows

    def _plain_columns(self, series_id: str, under: CeilingBin, seen: Seen) -> Row:
        """Columns of a row in which others have no part."""
        key = series_id, under.ceiling
        if key not in self._plain:
            series = self._series[series_id]
            link = Link.of(series.benchmark, under.ceiling)
            self._plain[key] = link_columns(series, link, under) | {
                "trend": TrendFamily.RECORDS.value,
                "fit_status": "fitted",
                "link": seen.scale if link.name == "logit" else link.name,
                "observed_through": self._observed_through(series_id),
                "epoch_date": self._last_look(series_id),
                "exposure_years": seen.until,
                "record_level": seen.record,
                # a law asks only whether there are any
                "views": "" if seen.boards else None,
            }
        return self._plain[key]

    def let_go(self) -> None:
        """Forget all that was made of single series; what is asked again is made anew.

        Histories and what they show under every ceiling take more room than votes.
        """
        for made in (
            self._histories,
            self._drawn_histories,
            self._together,
            self._redrawn,
            self._seen,
            self._plain,
        ):
            made.clear()

    def nearly_without(self, series_id: str, ceiling: float | None) -> Nearly:
        """About what leaving out each other family would change for a series."""
        return self.votes.nearly_without(self._see_views(series_id, ceiling))

    def chances_among(
        self,
        pools: Sequence[RecordVotes],
        series_id: str,
        ceiling: float | None,
        *,
        level: float,
        years: float,
    ) -> Floats:
        """P(a level is reached within so many years) by what each of some pools says.

        With release dates as they stand; no number where a pool says too little.

        Args:
            pools: other votes, in the place of this vintage's, each time others.
            series_id: the series.
            ceiling: one of its prior.
            level: on the link scale, not below the record.
            years: above 0.

        Returns:
            Shape (pools,).
        """
        seen = self._see_views(series_id, ceiling)
        learned = learn_from_each(pools, seen)
        found = chances(seen, parameters_of(learned, seen), level, years)
        return np.where([one.tells(seen) for one in learned], found, np.nan)

    def seen(self, series_id: str) -> Seen | None:
        """What a series shows of its records; None where it has none."""
        return self._see(series_id, None) if series_id in self._records else None

    def _see_views(self, series_id: str, ceiling: float | None) -> Seen:
        """What it shows, with what other views of its test lend it."""
        key = series_id, ceiling
        if key not in self._together:
            own = self._see(series_id, ceiling)
            history = self._history(series_id)
            self._together[key] = self._lent_to(own, history, ceiling)
        return self._together[key]

    def _drawn(self, series_id: str, ceiling: float | None) -> list[Seen]:
        """The same for each draw of release dates, where others lend it and some vary."""
        key = series_id, ceiling
        if key not in self._redrawn:
            self._redrawn[key] = list(self._draw(series_id, ceiling))
        return self._redrawn[key]

    def _draw(self, series_id: str, ceiling: float | None) -> Iterator[Seen]:
        seen = self._see_views(series_id, ceiling)
        if not seen.boards or len(drawn := self._draw_histories(series_id)) == 1:
            yield seen
            return
        until = self._observed_through(series_id)
        for history in drawn:
            own = see_records(seen.series, history, ceiling, until)
            yield self._lent_to(own, history, ceiling)

    def _history(self, series_id: str) -> History:
        if series_id not in self._histories:
            self._histories[series_id] = History(
                self._scores[series_id], self._records[series_id]
            )
        return self._histories[series_id]

    def _draw_histories(self, series_id: str) -> list[History]:
        if series_id not in self._drawn_histories:
            known = self._history(series_id)
            self._drawn_histories[series_id] = drawn_histories(
                self._series[series_id], known.scores, known.records
            )
        return self._drawn_histories[series_id]

    def _lent_to(self, own: Seen, history: History, ceiling: float | None) -> Seen:
        """With the boards of the other views, on the clock of a history."""
        name = own.series.series_id
        boards = [
            self._lent(one.series_id, ceiling, start=history.set_on[0])
            for one in self.ceilings.views(name)
        ]
        ahead = years_between(self._observed_through(name), self._last_look(name))
        return replace(own, boards=tuple(boards), ahead=ahead)

    def _lent(self, name: str, ceiling: float | None, *, start: date) -> Board:
        """What a view lends on a clock; its scatter is what its own points say."""
        seen = self._see(name, ceiling)
        away = years_between(start, self._history(name).set_on[0])
        return Board(
            name,
            Points(seen.points.years + away, seen.points.levels),
            fit_hyper(seen.told, EVEN, WIDE).scatter,
        )

    def _observed_through(self, series_id: str) -> date:
        return self._series[series_id].observed_through(self._as_of)

    def _last_look(self, series_id: str) -> date:
        """The last day on which a record could have been seen in any view of its test."""
        views = [one.series_id for one in self.ceilings.views(series_id)]
        return max(self._observed_through(one) for one in [series_id, *views])

    def _see(self, series_id: str, ceiling: float | None) -> Seen:
        key = series_id, ceiling
        if key not in self._seen:
            series = self._series[series_id]
            with about(series_id, "records fit"):
                self._seen[key] = see_records(
                    series,
                    self._history(series_id),
                    ceiling,
                    self._observed_through(series_id),
                )
        return self._seen[key]


def record_law(fit: Mapping[str, Any]) -> RecordLaw:
    """The law of the records that a fitted TREND_FITS row of this family describes."""
    trend = Trend(
        level=fit["intercept"],
        slope=fit["slope_per_year"],
        level_variance=fit["intercept_se"] ** 2,
        covariance=fit["intercept_slope_cov"],
        slope_variance=fit["slope_per_year_se"] ** 2,
    )
    waiting = WaitingLaw(
        shape=fit["record_shape"],
        exposure=fit["record_exposure"],
        power=fit["record_power"],
        silent_years=fit["silent_years"],
    )
    hyper = Hyper(fit["scatter_variance"], fit["wander_variance"])
    ahead = years_between(fit["observed_through"], fit["epoch_date"])
    return RecordLaw(fit["record_level"], trend, hyper, waiting, ahead)


def laws_of_seen(fit: Mapping[str, Any], seen: Sequence[Seen]) -> list[RecordLaw]:
    """Equally likely laws of what histories show.

    Variances and what others say are those of the row. It has the only law without
    histories, and where others lend to a view: that law is averaged over them already.

    Args:
        fit: a fitted TREND_FITS row of this family.
        seen: from ``see_records``, under its ceiling.
    """
    law = record_law(fit)
    if not seen or fit.get("views") is not None:
        return [law]
    prior = Prior(fit["pool_slope_per_year"], fit["pool_drift_sd"] ** 2)
    return [
        replace(law, trend=local_trend(one.points, law.hyper, prior, one.until))
        for one in seen
    ]


def _columns(
    seen: Seen,
    drawn: Sequence[Seen],
    hyper: Hyper,
    learned: Learned,
    waiting: WaitingLaw,
) -> Row:
    """What a law is made from, as far as others have a part in it."""
    prior = learned.prior
    trend = Trend.averaged([one.trend(hyper, prior) for one in drawn])
    slopes = learned.slopes
    return {
        "intercept": trend.level,
        "intercept_se": float(np.sqrt(trend.level_variance)),
        "slope_per_year": trend.slope,
        "slope_per_year_se": float(np.sqrt(trend.slope_variance)),
        "intercept_slope_cov": trend.covariance,
        "silent_years": waiting.silent_years,
        "pool": _pool(seen, learned),
        "pool_slope_per_year": prior.mean,
        "pool_slope_per_year_se": slopes and float(np.sqrt(slopes.variance)),
        "pool_tau2": slopes and slopes.tau2,
        "pool_drift_sd": float(np.sqrt(prior.variance)),
        "pool_n_families": learned.n_slopes if slopes else None,
        "scatter_variance": hyper.scatter,
        "wander_variance": hyper.wander,
        "record_shape": waiting.shape,
        "record_exposure": waiting.exposure,
        "record_power": waiting.power,
        "record_n_families": learned.waiting.n_families,
    }


def _told(seen: Seen, hyper: Hyper, learned: Learned, n_records: int) -> Row:
    """What it rests on, for readers."""
    return {
        "status_reason": _what_carries_it(seen, learned, n_records),
        "views": _views(seen, hyper, learned.prior),
    }


def _too_little(seen: Seen) -> str:
    return (
        f"{number_of(len(seen.points.years), 'score')} among the best {BEST} of their "
        f"day and {number_of(seen.stands.n, 'record')} beaten of late, and too few other "
        "families to lean on"
    )


def _what_carries_it(seen: Seen, learned: Learned, n_records: int) -> str:
    n_others = learned.waiting.n_families
    others = number_of(n_others, "other family", "other families")
    whom = others if n_others else "its own alone"
    return (
        f"{number_of(n_records, 'record')} over {seen.until:.1f} years observed, "
        f"{number_of(len(seen.points.years), 'score')} among the best {BEST} of their day"
        f"{_lent_in_words(seen)}; a record's wait learned from "
        f"{whom}"
    )


def _lent_in_words(seen: Seen) -> str:
    if not seen.boards:
        return ""
    lent = sum(len(board.points.years) for board in seen.boards)
    views = f"{len(seen.boards)} other view{'s' if len(seen.boards) > 1 else ''}"
    longer = f", seen {seen.ahead:.1f} years longer" if seen.ahead > 0 else ""
    return f", with {lent} that {views} of the test lend{longer}"


def _views(seen: Seen, hyper: Hyper, prior: Prior) -> str | None:
    """Which views lend how many scores, and how far above this one they stand."""
    if not seen.boards:
        return None
    offsets, errors = seen.views.offsets(hyper, prior)
    lent = [
        f"{board.name}: {number_of(len(board.points.years), 'score')}, "
        f"offset {offset:+.2f} ({error:.2f})"
        for board, offset, error in zip(seen.boards, offsets, errors, strict=True)
    ]
    return "; ".join(lent)


def _pool(seen: Seen, learned: Learned) -> str | None:
    if learned.slopes is None:
        return None
    return f"{learned.n_slopes} other families ({like_whom(seen)})"
