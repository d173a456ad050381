"""What the walks of a vintage say of each other's variance and drift.

Drifts are pooled by empirical Bayes over families of benchmarks that share a link
scale, always without the series' own family, and, to see what rests on one family,
without any other.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
from scipy.special import stdtrit

from trends.fits.links import Floats
from trends.fits.regression import MeanFit
from trends.fits.walks import (
    ObservedWalk,
    Prior,
    estimate_variance,
    fit_drifts_between,
    own_drifts,
)
from trends.registry.models import Domain, Mover
from trends.registry.series import Series
from trends.registry.weights import Weights, scale_of

MIN_DOMAIN_FAMILIES: Final = 5
"""Other families a domain needs before it is pooled by itself."""

MIN_POOL_FAMILIES: Final = 3
"""Other families below which the variance between them cannot be told."""

_Z_90: Final = 1.6448536269514722


@dataclass(frozen=True)
class SeriesWalk:
    """The walk of one series on its link scale."""

    series: Series
    scale: str
    observed: ObservedWalk

    @property
    def family_id(self) -> str:
        """Of its benchmark."""
        return self.series.benchmark.family_id

    @property
    def mover(self) -> Mover:
        """Of its benchmark."""
        return self.series.benchmark.mover


@dataclass(frozen=True)
class Pool:
    """Drift of the families that a series is pooled with."""

    description: str
    n_families: int
    slope: MeanFit

    @property
    def prior(self) -> Prior:
        """Drift of a family outside the pool, before it is looked at.

        Its mean mu has variance Var(mu) and drifts vary by tau_b^2 between families,
        so a family outside is drawn from N(mu, P), P = tau_b^2 + Var(mu). tau_b^2 is
        known from few families, so P is widened until the normal has the 90% interval
        of Student's t with one degree of freedom less than there are families.
        Formulas that shrink with tau_b^2 alone (Morris 1983) are for a mean that the
        family took part in: here they would give a family that is watched for years
        no say wherever tau_b^2 is estimated as 0.
        """
        variance = self.slope.tau2 + self.slope.variance
        return Prior(self.slope.mean, variance * _few(self.n_families) ** 2)


@dataclass(frozen=True)
class NearlyWithout:
    """About what a series would learn with one other family left out.

    Close enough to tell which families are worth leaving out in earnest.

    Attributes:
        family_ids: n other families on the scale, by name.
        regroups: shape (n,), whether the pool would be one of another kind, or none;
            its moves are not told.
        slope_moves: shape (n,), by how much the pool's mean drift a year would move.
        drift_sd_moves: the same of the standard deviation of a family outside it.
        variance_factors: shape (n,), sigma^2 over what it is with the family.
    """

    family_ids: list[str]
    regroups: npt.NDArray[np.bool_]
    slope_moves: Floats
    drift_sd_moves: Floats
    variance_factors: Floats


class Drifts:
    """What the walks of a vintage say of each other; each sum is done once."""

    def __init__(self, walks: Iterable[SeriesWalk], weights: Weights | None) -> None:
        """Of all walks of the vintage, and what the backtest taught of sigma."""
        self.votes = _one_vote_a_family(walks)
        self._weights = weights
        self._variance: dict[str, float | None] = {}
        self._slopes: dict[tuple[str, ...], MeanFit] = {}
        self._without: dict[str, Drifts] = {}

    def without(self, family_id: str) -> "Drifts":
        """The same walks but those of one family."""
        if family_id not in self._without:
            left = [one for one in self.votes if one.family_id != family_id]
            self._without[family_id] = Drifts(left, self._weights)
        return self._without[family_id]

    def variance_per_year(self, walk: SeriesWalk) -> float | None:
        """Of the walks on the same scale; None where none of them moved.

        What people move has a pace of its own, and so has a company's work: a share
        by month is no walk of models, and several of one company share their news.
        Each of these is known by itself alone, from as many steps as there were looks,
        so its variance is widened until the normal has the 90% interval of Student's t
        with one degree of freedom less.
        """
        if walk.mover != "models":
            alone = _variance([walk])
            return alone and alone * _few(walk.observed.n_looks) ** 2
        if walk.scale not in self._variance:
            self._variance[walk.scale] = _variance(self._on_scale(walk.scale))
        return self._variance[walk.scale]

    def sigma_factor(self, series: Series) -> float:
        """By how much the backtest would have sigma larger; of AI models' walks."""
        if self._weights is None or series.benchmark.mover != "models":
            return 1.0
        is_bounded = series.benchmark.unit.is_bounded
        return self._weights.sigma_factor(scale_of(is_bounded=is_bounded))

    def pool_for(self, walk: SeriesWalk, variance_per_year: float) -> Pool | None:
        """Other families on this scale: of the same domain if enough, else of all.

        A series that people or a company move learns nothing from AI models, nor
        they from it.
        """
        if walk.mover != "models":
            return None
        pooled, domain = self._pooled(walk)
        if len(pooled) < MIN_POOL_FAMILIES:
            return None
        return Pool(
            description=_describe(walk.scale, domain, len(pooled)),
            n_families=len(pooled),
            slope=self._slope(pooled, variance_per_year),
        )

    def nearly_without(self, walk: SeriesWalk) -> NearlyWithout:
        """About what each other family's absence would change for a series.

        In closed form, so that hundreds cost no more than a few. The pool's mean
        loses one weight; tau2 makes one step of Newton's method towards where the
        squares of the others have one degree of freedom less; sigma^2 stays to the
        realised variance as it is.
        """
        is_of_models = walk.mover == "models"
        others = self._others(walk) if is_of_models else []
        pooled, domain = self._pooled(walk) if is_of_models else ([], None)
        smallest = MIN_POOL_FAMILIES if domain is None else MIN_DOMAIN_FAMILIES
        pool_ids = {one.family_id for one in pooled}
        inside = np.array([one.family_id in pool_ids for one in others], dtype=bool)
        moves = np.zeros((2, len(others)))
        variance = self.variance_per_year(walk)
        if variance and len(pooled) > smallest:
            moves[:, inside] = _moves_without_one(
                [one.observed for one in pooled],
                self._slope(pooled, variance),
                variance,
            )
        return NearlyWithout(
            family_ids=[one.family_id for one in others],
            regroups=inside & (len(pooled) == smallest),
            slope_moves=moves[0],
            drift_sd_moves=moves[1],
            variance_factors=_variance_factors(self._on_scale(walk.scale), others),
        )

    def _on_scale(self, scale: str) -> list[SeriesWalk]:
        return [one for one in self.votes if one.scale == scale]

    def _others(self, walk: SeriesWalk) -> list[SeriesWalk]:
        """Votes of other families on the same scale."""
        ours = walk.family_id
        return [one for one in self._on_scale(walk.scale) if one.family_id != ours]

    def _pooled(self, walk: SeriesWalk) -> tuple[list[SeriesWalk], Domain | None]:
        """Votes that a series is pooled with; their domain where it is but one."""
        others = [one for one in self._others(walk) if one.observed.exposure_years > 0]
        domain = walk.series.benchmark.domain
        same_domain = [one for one in others if one.series.benchmark.domain == domain]
        if len(same_domain) >= MIN_DOMAIN_FAMILIES:
            return same_domain, domain
        return others, None

    def _slope(self, pooled: list[SeriesWalk], variance_per_year: float) -> MeanFit:
        key = tuple(one.series.series_id for one in pooled)
        if key not in self._slopes:
            self._slopes[key] = fit_drifts_between(
                [one.observed for one in pooled], variance_per_year
            )
        return self._slopes[key]


def _one_vote_a_family(walks: Iterable[SeriesWalk]) -> list[SeriesWalk]:
    """The longest-observed whole benchmark of each family that AI models move.

    Views and versions of one benchmark share their news; counting each would sell
    one family's luck as agreement.
    """
    longest: dict[tuple[str, str], SeriesWalk] = {}
    for walk in sorted(walks, key=lambda one: one.series.series_id):
        series = walk.series
        if not series.is_whole_benchmark or walk.mover != "models":
            continue
        key = (walk.scale, walk.family_id)
        standing = longest.get(key)
        if standing is None or (
            walk.observed.exposure_years > standing.observed.exposure_years
        ):
            longest[key] = walk
    return [longest[key] for key in sorted(longest)]


def _variance(walks: list[SeriesWalk]) -> float | None:
    moved = [one.observed for one in walks if one.observed.spread_years > 0]
    return estimate_variance(moved) if moved else None


def _variance_factors(votes: list[SeriesWalk], others: list[SeriesWalk]) -> Floats:
    """Realised variance of the votes less one each, over that of all of them."""
    seen = [one.observed for one in votes if one.observed.spread_years > 0]
    squares = sum(walk.squares for walk in seen)
    spread = sum(walk.spread_years for walk in seen)
    left = np.array(
        [
            (squares - walk.squares, spread - walk.spread_years)
            if walk.spread_years > 0
            else (squares, spread)
            for walk in (one.observed for one in others)
        ]
    ).reshape(-1, 2)
    realised = np.divide(
        left[:, 0], left[:, 1], out=np.zeros(len(left)), where=left[:, 1] > 0
    )
    return realised * (spread / squares) if squares else np.ones(len(left))


def _moves_without_one(
    walks: Sequence[ObservedWalk], fit: MeanFit, variance_per_year: float
) -> Floats:
    """Moves of mean and prior SD without each walk, shape (2, n); n at least 4."""
    n = len(walks)
    drifts, known = own_drifts(walks, fit, variance_per_year)
    weights = 1 / (known + fit.tau2)
    away = drifts - fit.mean
    rest = weights.sum() - weights
    share_lost = weights.sum() / rest
    squares = weights * np.square(away)
    excess = squares.sum() - squares * share_lost - (n - 2)
    falls = np.sum(weights * squares) - weights * squares
    step = np.divide(excess, falls, out=np.zeros(n), where=falls > 0)
    tau2 = np.maximum(fit.tau2 + step, 0.0)
    before = np.sqrt(fit.tau2 + fit.variance) * _few(n)
    after = np.sqrt(tau2 + fit.variance * share_lost) * _few(n - 1)
    return np.array([-weights * away / rest, after - before])


def _few(n: int) -> float:
    """How much wider than the normal is Student's t that knows n families or steps."""
    return float(stdtrit(n - 1, 0.95)) / _Z_90


def _describe(scale: str, domain: Domain | None, n_families: int) -> str:
    where = f"{scale} scale" if domain is None else f"{scale} scale, {domain}"
    return f"{n_families} other families ({where})"
