"""Link scales: where trends are straight and errors are well behaved.

Bounded scores live on the logit of (s - floor)/(ceiling - floor), positive scores
on ln s, and on -ln s where lower is better. A score and a bar go through the same
map, so "reaches the bar" means the same on either scale.
"""

from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
import numpy.typing as npt
import polars as pl
from scipy.special import expit

from trends.registry.models import Benchmark
from trends.uncertainty import interval_reach

Floats = npt.NDArray[np.float64]
LinkName = Literal["logit", "ln", "minus_ln"]

GOMPERTZ: Final = "gompertz"
"""The scale on which fits of the records family are straight, for bounded scores."""

Z_95: Final = 1.959963984540054
"""Half-width of a 95% normal interval in standard errors."""

ITEMS_WHERE_UNKNOWN: Final = 100
"""Resolution assumed of a percentage that is no count of items.

It only keeps exact 0% and 100% finite; no sampling variance is taken from it.
"""


@dataclass(frozen=True)
class Link:
    """One benchmark's link scale under one assumed ceiling.

    Attributes:
        name: which scale.
        floor: score of random guessing (logit only).
        ceiling: highest reachable score assumed (logit only).
        n_items: items of the benchmark, where published.
        items_are_bernoulli: whether each item is passed or failed.
        se_kind: what the published standard error measures.
        interval_reach: standard errors from a score to an end of its interval.
    """

    name: LinkName
    floor: float
    ceiling: float
    n_items: int | None
    items_are_bernoulli: bool
    se_kind: Literal["items", "runs", "none"]
    interval_reach: float = Z_95

    @classmethod
    def of(cls, benchmark: Benchmark, ceiling: float | None) -> "Link":
        """The link of ``benchmark``; ``ceiling`` matters for bounded scores only."""
        if benchmark.unit.is_bounded:
            name: LinkName = "logit"
        else:
            name = "ln" if benchmark.direction == "higher" else "minus_ln"
        return cls(
            name=name,
            floor=benchmark.floor or 0.0,
            ceiling=1.0 if ceiling is None else ceiling,
            n_items=benchmark.n_items,
            items_are_bernoulli=benchmark.items_are_bernoulli,
            se_kind=benchmark.se_kind,
            interval_reach=interval_reach(benchmark),
        )

    def of_scores(self, scores: Floats) -> Floats:
        """Scores on the link scale; those above the ceiling stand just below it."""
        if self.name == "logit":
            return _logit(self._shrunk(np.minimum(self._rescaled(scores), 1.0)))
        if np.any(scores <= 0):
            raise ValueError(
                f"score {scores.min():g} has no logarithm: a positive benchmark "
                "reports scores above 0 only"
            )
        return np.log(scores) if self.name == "ln" else -np.log(scores)

    def of_bar(self, bar: float) -> float:
        """A bar on the link scale; infinite when it lies above the ceiling."""
        return float(self.of_bars(np.array([bar]))[0])

    def of_bars(self, bars: Floats) -> Floats:
        """``of_bar`` of each, shape (n,)."""
        if self.name != "logit":
            return self.of_scores(bars)
        p = self._rescaled(bars)
        within = np.minimum(p, 1.0)
        # only scores stop short of 0 and 1: a bar of 99.9% is above a score of 99.6%
        at_bar = self._shrunk(within) if self._counts_items else p.clip(1e-9, 1 - 1e-9)
        return np.where(p > 1.0, np.inf, _logit(at_bar))

    def to_scores(self, levels: Floats) -> Floats:
        """The scores that ``of_scores`` maps to these levels, in stored units."""
        if self.name != "logit":
            return np.exp(levels if self.name == "ln" else -levels)
        p = 1 / (1 + np.exp(-levels))
        if self._counts_items:
            n = self.n_items or 0
            p = np.clip(((n + 1) * p - 0.5) / n, 0.0, 1.0)
        return np.asarray(self.floor + (self.ceiling - self.floor) * p)

    def raised(self, bar: float, margin: float) -> float:
        """The score that stands ``margin`` above a bar on the logit scale."""
        if margin == 0.0 or bar >= self.ceiling:
            return bar
        odds = (bar - self.floor) / (self.ceiling - bar) * np.exp(margin)
        return float(self.floor + (self.ceiling - self.floor) * odds / (1 + odds))

    def sampling_variance(
        self, scores: pl.DataFrame, fitted: Floats | None = None
    ) -> Floats:
        """Variance of each score on the link scale from items, runs or interval.

        On the logit scale a score's own value makes a poor variance: of two scores as
        far from the truth, the one nearer to 50% would weigh more, and a line through
        scores of 20 items would be a fifth too flat. Where ``fitted`` is given, only
        the information per score is the score's own (trials, or the trials that its
        published error is worth); its variance is that at the fitted level, as in the
        working weights of a generalised linear model (McCullagh and Nelder 1989,
        section 2.5).

        Args:
            scores: columns score, standard_error, ci_low, ci_high, stored units.
            fitted: levels on the link scale, shape (n,); None for the scores' own.

        Returns:
            One variance a row. A row without a published error takes the median
            information of the others; where no row has one, all are 0, so that the
            between-release variance has to carry it. An error of 0 counts as none:
            nothing is measured so well, and the row would outweigh all others.
        """
        values = _column(scores, "score")
        if self.name == "logit":
            own = self._shrunk(self._rescaled(values).clip(0.0, 1.0))
            p = own if fitted is None else self._off_bounds(expit(fitted))
            per_trial = _filled_in(self._known_variance(scores) / self._binomial(own))
            per_score = 1 / ((self.ceiling - self.floor) * p * (1 - p))
            return per_trial * self._binomial(p) * np.square(per_score)
        low, high = _interval(scores)
        from_interval = (np.log(high) - np.log(np.where(low > 0, low, np.nan))) / (
            2 * self.interval_reach
        )
        error = _positive(_column(scores, "standard_error"))
        relative = np.where(np.isnan(error), from_interval, error / values)
        return _filled_in(np.square(np.nan_to_num(relative)))

    def score_variance(self, scores: pl.DataFrame) -> Floats:
        """Variance of bounded scores: published error, item sampling, or their sum.

        Where there is neither, the median information of the other rows; 0, for not
        known, where no row has any.
        """
        known = self._known_variance(scores)
        own = self._shrunk(self._rescaled(_column(scores, "score")).clip(0.0, 1.0))
        filled = _filled_in(known / self._binomial(own)) * self._binomial(own)
        return np.where(known > 0, known, filled)

    def _known_variance(self, scores: pl.DataFrame) -> Floats:
        """``score_variance``, 0 where neither items nor a published error give it."""
        low, high = _interval(scores)
        error = _positive(_column(scores, "standard_error"))
        published: Floats = np.square(
            np.where(np.isnan(error), (high - low) / (2 * self.interval_reach), error)
        )
        n = self.n_items
        if n is None or not self.items_are_bernoulli:
            return np.nan_to_num(published)
        passed: Floats = (n * _column(scores, "score") + 0.5) / (n + 1)
        from_items: Floats = passed * (1 - passed) / n
        if self.se_kind == "runs":
            # repeated runs share their items, so they say nothing of item sampling
            return np.nan_to_num(published) + from_items
        return np.where(np.isnan(published), from_items, published)

    @property
    def least_share(self) -> float:
        """Half a count: nearer to 0 or 1 no score is told from them."""
        n = ITEMS_WHERE_UNKNOWN
        if self._counts_items:
            n = self.n_items or 0
        return 0.5 / (n + 1)

    @property
    def _counts_items(self) -> bool:
        return self.n_items is not None and self.items_are_bernoulli

    def _rescaled(self, scores: Floats) -> Floats:
        return np.asarray((scores - self.floor) / (self.ceiling - self.floor))

    def _shrunk(self, p: Floats) -> Floats:
        """Keep 0 and 1 finite by half a count: (k + 1/2)/(n + 1) for k = n p."""
        if self._counts_items:
            n = self.n_items or 0
            return (n * np.maximum(p, 0.0) + 0.5) / (n + 1)
        return self._off_bounds(p)

    def _off_bounds(self, p: Floats) -> Floats:
        """Shares no nearer to 0 and 1 than half a count."""
        return np.clip(p, self.least_share, 1 - self.least_share)

    def _binomial(self, p: Floats) -> Floats:
        """Variance of one trial whose expected score is at share p of the range."""
        s = self.floor + (self.ceiling - self.floor) * p
        return np.asarray(s * (1 - s))


def gompertz(levels: Floats) -> Floats:
    """-log(-log p) of levels logit(p): steep where scores are low, the logit above.

    A frontier that leaves 0 slowly and nears its ceiling at a steady rate is straight
    on it (Gompertz 1825; the log-log link of McCullagh and Nelder 1989, section 4.3).
    """
    with np.errstate(divide="ignore"):
        found: Floats = -np.log(np.logaddexp(0.0, -levels))
    return found


def on_scale(link: Link, levels: Floats) -> Floats:
    """Levels of a link on the scale of the records: of bounded scores Gompertz'."""
    return gompertz(levels) if link.name == "logit" else levels


def _filled_in(variance: Floats) -> Floats:
    """Variances with those that are missing (0) at the median of the others."""
    known = variance[variance > 0]
    if len(known) == 0:
        return variance
    return np.where(variance > 0, variance, np.median(known))


def _positive(errors: Floats) -> Floats:
    """Errors above 0; the others are no errors and become NaN."""
    return np.where(errors > 0, errors, np.nan)


def _interval(scores: pl.DataFrame) -> tuple[Floats, Floats]:
    """Both ends of each interval; NaN for one without a width."""
    low, high = _column(scores, "ci_low"), _column(scores, "ci_high")
    has_width = high > low
    return np.where(has_width, low, np.nan), np.where(has_width, high, np.nan)


def _logit(p: Floats) -> Floats:
    return np.log(p) - np.log1p(-p)


def _column(scores: pl.DataFrame, name: str) -> Floats:
    """A column as floats, missing cells as NaN."""
    return scores.get_column(name).cast(pl.Float64).to_numpy()
