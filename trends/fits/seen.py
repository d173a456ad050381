"""What one series shows of its records under one ceiling."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property, partial

from trends.dates import years_since
from trends.fits.links import GOMPERTZ, Floats, Link, on_scale
from trends.fits.pace import (
    Hyper,
    Line,
    Points,
    Told,
    Trend,
    fit_hyper,
    fit_hypers,
    local_trend,
)
from trends.fits.redated import History
from trends.fits.views import Board, Views
from trends.fits.waiting import Stands, Watched
from trends.fits.walks import Prior
from trends.registry.series import Series


@dataclass(frozen=True)
class Seen:
    """What a series shows of its records under one ceiling.

    Attributes:
        series: the series.
        scale: on which it is compared with others.
        points: its top scores; years since the first score.
        stands: how long its records stood.
        record: today's, on the link scale.
        until: the last look, in years since the first score.
        boards: what other views of its test lend it; it votes without.
        ahead: years from its last look to the last one at any of them, if later.
    """

    series: Series
    scale: str
    points: Points
    stands: Stands
    record: float
    until: float
    boards: tuple[Board, ...] = ()
    ahead: float = 0.0

    @property
    def family_id(self) -> str:
        """Of its benchmark."""
        return self.series.benchmark.family_id

    @property
    def is_bounded(self) -> bool:
        """Whether its scores are shares."""
        return self.series.benchmark.unit.is_bounded

    @property
    def exposure_years(self) -> float:
        """From the first score to the last look."""
        return self.until

    @cached_property
    def told(self) -> Told:
        """What its points say of slope and variances."""
        return Told.by(self.points)

    @cached_property
    def views(self) -> Views:
        """Its points with those that are lent."""
        return Views(self.points, self.boards)

    def hyper(self, likely: Floats, prior: Prior) -> Hyper:
        """Variances of its trend, given those of other families."""
        return fit_hyper(self._all_told, likely, prior)

    def hypers(self, likely: Floats, priors: Sequence[Prior]) -> tuple[Floats, Floats]:
        """Scatter and wander of its trend, given those of other families each time."""
        return fit_hypers(self._all_told, likely, priors)

    @property
    def _all_told(self) -> Told:
        return self.views.told if self.boards else self.told

    def trend(self, hyper: Hyper, prior: Prior) -> Trend:
        """Level and slope on the day of the last look at any view."""
        of = self.views.trend if self.boards else partial(local_trend, self.points)
        return of(hyper, prior, self.until + self.ahead)

    @cached_property
    def line(self) -> Line | None:
        """The straight line through its points."""
        return Line.through(self.points)

    @cached_property
    def watched(self) -> Watched:
        """What its stands say of waits; one row."""
        return Watched.of([self.stands])


def see_records(
    series: Series,
    history: History,
    ceiling: float | None,
    observed_through: date,
) -> Seen:
    """What one series shows of its records under one ceiling.

    Scores after the last look say nothing: of a test that is closed they are those of
    models that nobody takes for the frontier.

    Args:
        series: the series.
        history: its scores and records.
        ceiling: one of its prior; None takes the largest.
        observed_through: last day on which a record could have been seen.
    """
    if ceiling is None and series.benchmark.ceiling is not None:
        ceiling = series.benchmark.ceiling.values[-1]
    link = Link.of(series.benchmark, ceiling)
    set_on = history.set_on
    times = years_since(set_on[0], [*set_on, max(observed_through, set_on[-1])])
    levels = on_scale(link, link.of_scores(history.values_and_best))
    watched = history.years <= times[-1]
    return Seen(
        series=series,
        scale=_scale_name(link),
        points=Points.among(history.years[watched], levels[:-1][watched]),
        stands=Stands.of(times[:-1], float(times[-1])),
        record=float(levels[-1]),
        until=float(times[-1]),
    )


def like_whom(seen: Seen) -> str:
    """Whose slopes are comparable: bounded scores, or scores in the same unit."""
    if seen.scale == GOMPERTZ:
        return f"{GOMPERTZ} scale"
    return seen.series.benchmark.unit.value


def _scale_name(link: Link) -> str:
    return GOMPERTZ if link.name == "logit" else "ln"
