"""How much judgements of ceilings are worth, and how much the scores say of them.

A beta prior of each precision about the judgement, updated by each power of the
likelihood of the scores before a past day, foretells those of the year after it. The
precision that does so best is what ``trends.fits.ceilings`` should use, and no higher
power: what foretells scores best says *never* too surely (``trends.coverage.powers``). How
the power fades near the top is learned beside it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Final

import numpy as np
import polars as pl
from scipy.special import logsumexp

from trends.fits.ceiling_evidence import evidence_of
from trends.fits.ceilings import (
    BEFORE,
    Before,
    cell_logs,
    cells_above,
    prior_masses,
)
from trends.fits.links import Floats
from trends.registry.series import Series

PRECISIONS: Final = tuple(
    sorted({3.0, 4.0, 6.0, 8.0, 12.0, 16.0, 25.0, 35.0, 50.0, 100.0, BEFORE.precision})
)
POWERS: Final = tuple(
    sorted({0.0, 0.1, 0.2, 0.3, 0.5, 0.7, 1.0, 1.3, 1.6, 2.0, BEFORE.power})
)
FADES: Final = tuple(sorted({0.0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.7, 1.0, BEFORE.fade}))

HEIGHTS: Final[Mapping[str, tuple[float, float]]] = {
    "all": (0.0, np.inf),
    "under .5": (0.0, 0.5),
    ".5 to .7": (0.5, 0.7),
    ".7 to .85": (0.7, 0.85),
    "over .85": (0.85, np.inf),
}
"""Where the record stood on the past day, by name."""

MIN_BEST: Final = 4
"""Scores among the best, by the past day: what makes a history."""

INSIDE: Final = 0.8
"""Of resampled families lie within an interval."""

FEWEST: Final = 10
"""Families that can tell; fewer, drawn anew, are too much alike."""

_FIRST_YEAR: Final = 2019
_MONTHS: Final = (1, 7)
_RESAMPLES: Final = 2000


@dataclass(frozen=True)
class PastCeiling:
    """One benchmark on a past day, and what came in the year after.

    Attributes:
        family_id: of the benchmark.
        series_id: of its series.
        origin: the day; scores before it were known.
        record: the best of them, a share of 1.
        scores: log predictive density of those of the year after it, by precision and
            power, at the fade that is used, shape (precisions, powers).
        fades: the same by fade, at the precision and power that are used, shape (fades,).
    """

    family_id: str
    series_id: str
    origin: date
    record: float
    scores: Floats
    fades: Floats


@dataclass(frozen=True)
class Resampled:
    """A number and what it was when families were drawn anew.

    Attributes:
        middle: the median; of a gain, that of the families themselves.
        low: lower end of the interval of ``INSIDE``.
        high: upper end.
    """

    middle: float
    low: float
    high: float

    def holds(self, value: float) -> bool:
        """Whether a value lies in the interval, its ends among it."""
        return self.low <= value <= self.high


@dataclass(frozen=True)
class CeilingLesson:
    """What foretold best, where records stood at one height.

    Attributes:
        gains: mean log score over families less that of the best prior without update,
            by precision and power, shape (precisions, powers); nats a forecast.
        best: the pair that gains most.
        precision: of the best pair of resampled families.
        power: of the same.
        fade_gains: mean log score of each fade less that of none, shape (fades,).
        fade: the best fade of resampled families.
        gain: what ``BEFORE`` gains on no update at its own precision.
        least_gain: of ``BEFORE`` when the family that gains most is left out.
        left_out: lowest and highest best pair when each family is left out in turn.
        n_families: benchmark families, which count alike.
        n_forecasts: past days of a benchmark among them.
    """

    gains: Floats
    best: Before
    precision: Resampled
    power: Resampled
    fade_gains: Floats
    fade: Resampled
    gain: Resampled
    least_gain: float
    left_out: tuple[Before, Before]
    n_families: int
    n_forecasts: int


@dataclass(frozen=True)
class CeilingLessons:
    """The lesson of all heights, and of each; those without a forecast are missing."""

    by_height: Mapping[str, CeilingLesson]

    @property
    def of_all(self) -> CeilingLesson:
        """That which ``BEFORE`` should follow."""
        return self.by_height["all"]

    @property
    def verdict(self) -> str:
        """What was found, and what forecasts use."""
        found = self.of_all
        if found.n_families < FEWEST:
            return (
                f"Too few families to tell, {found.n_families} where {FEWEST} can: "
                f"forecasts use a precision of {BEFORE.precision:g} and a power of "
                f"{BEFORE.power:g} that fades from {BEFORE.fade:g} below 1, which "
                "larger data taught."
            )
        said = (
            f"Of {found.n_families} families a precision of {found.best.precision:g} "
            f"and a power of {found.best.power:g} that fades from "
            f"{FADES[int(np.argmax(found.fade_gains))]:g} below 1 foretell best (80% of "
            f"resampled families: {_interval(found.precision)}, "
            f"{_interval(found.power)} and {_interval(found.fade)}); forecasts use "
            f"{BEFORE.precision:g}, {BEFORE.power:g} and {BEFORE.fade:g}"
        )
        if (
            found.precision.holds(BEFORE.precision)
            and found.power.high >= BEFORE.power
            and found.fade.holds(BEFORE.fade)
        ):
            return f"{said}, which these families do not speak against.{self._lower}"
        return (
            f"{said}, WHICH IS OUTSIDE: set BEFORE in trends/fits/ceilings.py anew, and "
            "make the backtest again."
        )

    @property
    def _lower(self) -> str:
        """Why a power is used that is lower than what foretells best."""
        if self.of_all.power.low <= BEFORE.power:
            return ""
        return (
            " A higher power foretells scores better and says never too surely, where "
            "ceilings are simulated (docs/coverage.md)."
        )

    def as_json(self) -> dict[str, object]:
        """All of it, the verdict first."""
        return {
            "verdict": self.verdict,
            "used": vars(BEFORE),
            "precisions": PRECISIONS,
            "powers": POWERS,
            "fades": FADES,
            "by_height": {
                height: {
                    "best": vars(lesson.best),
                    "precision": vars(lesson.precision),
                    "power": vars(lesson.power),
                    "fade": vars(lesson.fade),
                    "gain_of_used": vars(lesson.gain),
                    "gain_without_one_family": lesson.least_gain,
                    "best_with_a_family_left_out": [
                        vars(one) for one in lesson.left_out
                    ],
                    "n_families": lesson.n_families,
                    "n_forecasts": lesson.n_forecasts,
                    "gains": np.round(lesson.gains, 6).tolist(),
                    "fade_gains": np.round(lesson.fade_gains, 6).tolist(),
                }
                for height, lesson in self.by_height.items()
            },
        }


def past_ceilings(series: Series, scores: pl.DataFrame) -> list[PastCeiling]:
    """How each pair foretold the scores of one series, every half year.

    Args:
        series: the series.
        scores: its SERIES_SCORES rows.

    Returns:
        Those days before which there is a history and in the year after which a score
        was among the best; none for scores without a ceiling that is in doubt.
    """
    judged = series.benchmark.ceiling
    if judged is None or judged.mean >= 1.0 or scores.is_empty():
        return []
    last = max(scores.get_column("frontier_date").to_list())
    end = series.observed_through(last)
    origins = [
        date(year, month, 1)
        for year in range(_FIRST_YEAR, end.year + 1)
        for month in _MONTHS
    ]
    found = [
        foretold_on(series, scores, judged.mean, origin)
        for origin in origins
        if origin <= end
    ]
    return [one for one in found if one is not None]


def foretold_on(
    series: Series, scores: pl.DataFrame, mean: float, origin: date
) -> PastCeiling | None:
    """How each pair foretold the scores of the year after one day.

    What was known on the day is looked at as it was: its error, its lowest ceiling.

    Args:
        series: the series.
        scores: its SERIES_SCORES rows.
        mean: of its ceiling, as judged.
        origin: the day.

    Returns:
        None without a history, or a score among the best in the year after.
    """
    before = scores.filter(pl.col("frontier_date") < origin)
    if before.is_empty():
        return None
    past = evidence_of(series, before)
    by_then = pl.col("frontier_date") < origin.replace(year=origin.year + 1)
    later = evidence_of(series, scores.filter(by_then))
    if len(past.scores) < MIN_BEST or len(later.scores) == len(past.scores):
        return None
    errors = (*past.errors, *later.errors[len(past.errors) :])
    both = replace(past, years=later.years, scores=later.scores, errors=errors)
    record = max(past.scores)
    logs = cell_logs(past, past.lowest), cell_logs(both, past.lowest)
    said = by_pair_and_fade(mean, *logs, lowest=past.lowest, record=record)
    family_id = series.benchmark.family_id
    return PastCeiling(family_id, series.series_id, origin, record, *said)


def by_pair_and_fade(
    mean: float, past: Floats, both: Floats, *, lowest: float, record: float
) -> tuple[Floats, Floats]:
    """``foretell`` of every precision and power, and of every fade, as forecasts use."""
    pairs = [replace(BEFORE, power=one).power_at(record) for one in POWERS]
    fades = [replace(BEFORE, fade=one).power_at(record) for one in FADES]
    priors = [
        prior_masses(cells_above(lowest), mean, precision) for precision in PRECISIONS
    ]
    used = priors[PRECISIONS.index(BEFORE.precision)]
    return (
        foretell(np.array(priors), past, both, pairs),
        foretell(used[np.newaxis], past, both, fades)[0],
    )


def foretell(
    priors: Floats, past: Floats, both: Floats, powers: Sequence[float]
) -> Floats:
    """Log predictive density of new scores, by prior and power.

    Args:
        priors: masses of the cells of ``cells_above``, a row a prior.
        past: log likelihood of the scores before, in each cell.
        both: that of those and of the new ones.
        powers: of the first.

    Returns:
        Shape (priors, powers).
    """
    with np.errstate(divide="ignore"):
        logs = np.log(priors)
    updates = np.multiply.outer(np.array(powers), past - past.max())
    weights = logs[:, np.newaxis] + updates
    said: Floats = logsumexp(weights + (both - past), axis=-1) - logsumexp(
        weights, axis=-1
    )
    return said


def learn_ceilings(past: Sequence[PastCeiling], *, seed: int) -> CeilingLessons:
    """Which pair foretold best, in all and by the height of the record.

    Args:
        past: of every series; each family counts once, however often it is there.
        seed: of the resampling.
    """
    lessons = {}
    for height, (low, high) in HEIGHTS.items():
        within = [one for one in past if low <= one.record < high]
        if within:
            lessons[height] = _lesson(within, seed)
    return CeilingLessons(lessons)


def _lesson(past: Sequence[PastCeiling], seed: int) -> CeilingLesson:
    by_family: dict[str, list[PastCeiling]] = {}
    for one in sorted(past, key=lambda one: (one.family_id, one.series_id, one.origin)):
        by_family.setdefault(one.family_id, []).append(one)
    # a row a family
    families = by_family.values()
    scores = np.array([np.mean([one.scores for one in of], axis=0) for of in families])
    fades = np.array([np.mean([one.fades for one in of], axis=0) for of in families])
    mean = scores.mean(axis=0)
    n = len(scores)
    drawn = np.random.default_rng(seed).integers(0, n, (_RESAMPLES, n))
    counts = np.array([np.bincount(one, minlength=n) for one in drawn]) / n
    means = np.tensordot(counts, scores, axes=1)
    best = [_best(one) for one in means]
    others = [_best((n * mean - one) / (n - 1)) for one in scores] if n > 1 else []
    gained = _gain(scores)
    return CeilingLesson(
        gains=mean - mean[:, POWERS.index(0.0)].max(),
        best=_best(mean),
        precision=_resampled([one.precision for one in best]),
        power=_resampled([one.power for one in best]),
        fade_gains=fades.mean(axis=0) - fades.mean(axis=0)[FADES.index(0.0)],
        fade=_resampled(np.take(FADES, np.argmax(counts @ fades, axis=1))),
        gain=replace(_resampled(counts @ gained), middle=float(gained.mean())),
        least_gain=float((gained.sum() - gained.max()) / max(n - 1, 1)),
        left_out=_span(others or [_best(mean)]),
        n_families=n,
        n_forecasts=len(past),
    )


def _best(mean: Floats) -> Before:
    row, column = np.unravel_index(int(np.argmax(mean)), mean.shape)
    return Before(PRECISIONS[int(row)], POWERS[int(column)])


def _gain(scores: Floats) -> Floats:
    """Of what forecasts use on no update, of each family."""
    used = scores[:, PRECISIONS.index(BEFORE.precision)]
    found: Floats = used[:, POWERS.index(BEFORE.power)] - used[:, POWERS.index(0.0)]
    return found


def _span(pairs: Sequence[Before]) -> tuple[Before, Before]:
    return (
        Before(min(one.precision for one in pairs), min(one.power for one in pairs)),
        Before(max(one.precision for one in pairs), max(one.power for one in pairs)),
    )


def _resampled(values: Sequence[float] | Floats) -> Resampled:
    tail = (1 - INSIDE) / 2
    low, middle, high = np.quantile(values, [tail, 0.5, 1 - tail])
    return Resampled(float(middle), float(low), float(high))


def _interval(found: Resampled) -> str:
    return f"{found.low:g} to {found.high:g}"
