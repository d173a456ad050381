"""The votes of one scale: their variance, and the pool that each family leans on.

A panel of many families fits its pools once, and finds those without a family or with
other walks by a small step from there (``trends.fits.crowds``); a panel of few is
fitted anew each time.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt
from scipy.special import stdtrit

from trends.fits.crowds import Crowd, CrowdVariance
from trends.fits.links import Floats
from trends.fits.regression import MeanFit
from trends.fits.walks import (
    ObservedWalk,
    VarianceFit,
    fit_drifts_between,
    fit_variance,
    own_drifts,
)
from trends.registry.models import Domain, Mover
from trends.registry.series import Series

MIN_DOMAIN_FAMILIES: Final = 5
"""Other families a domain needs before it is pooled by itself."""

MIN_POOL_FAMILIES: Final = 3
"""Other families below which the variance between them cannot be told."""

MANY_FAMILIES: Final = 100
"""Of more on one scale none is left out or exchanged by a fit of its own.

What takes its place differs by less than a fiftieth of the standard error of a mean
drift, and by some 0.5% in sigma^2, of which fits are iterated to 0.3%.
"""

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

    @property
    def exposure_years(self) -> float:
        """From the first record to the last look."""
        return self.observed.exposure_years


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


class _Group(NamedTuple):
    """Votes that a pool may be drawn from, and where each stands."""

    walks: list[SeriesWalk]
    places: dict[str, int]

    @property
    def observed(self) -> list[ObservedWalk]:
        return [one.observed for one in self.walks]

    def placed(self, families: Collection[str]) -> list[int]:
        """Places of these families, as far as they are in it."""
        return sorted(self.places[one] for one in families if one in self.places)


class Panel:
    """The votes of one scale; each sum is done once.

    Attributes:
        votes: by family, in the order of their names.
    """

    def __init__(self, votes: Mapping[str, SeriesWalk]) -> None:
        """Of one walk a family, all on one scale."""
        self.votes = {family: votes[family] for family in sorted(votes)}
        self._groups: dict[Domain | None, _Group] = {}
        self._slopes: dict[tuple[Domain | None, str | None, float], MeanFit] = {}
        self._crowds: dict[Domain | None, Crowd] = {}

    @cached_property
    def moving(self) -> _Group:
        """Votes that show anything of their variance."""
        return _group(one for one in self.votes.values() if _shows_variance(one))

    @cached_property
    def variance(self) -> VarianceFit | None:
        """Variance that the votes share; None where none of them moved."""
        return fit_variance(self.moving.observed) if self.moving.walks else None

    @cached_property
    def variance_per_year(self) -> float | None:
        """The same number alone."""
        return None if self.variance is None else self.variance.per_year

    @cached_property
    def crowd_variance(self) -> CrowdVariance:
        """The same, of very many votes that moved."""
        if self.variance is None:
            raise ValueError("no vote shows how much it varies")
        return CrowdVariance(self.variance, self.moving.observed)

    def exchanged(
        self, families: Collection[str], votes: Mapping[str, SeriesWalk]
    ) -> "Panel | NextTo":
        """The panel without the votes of some families, and with these."""
        if len(self.votes) > MANY_FAMILIES:
            return NextTo(self, frozenset(families), votes)
        kept = {name: one for name, one in self.votes.items() if name not in families}
        return Panel(kept | dict(votes))

    def pooled(self, walk: SeriesWalk) -> tuple[Domain | None, int]:
        """How many other families a walk is pooled with, and the domain if one."""
        domain = walk.series.benchmark.domain
        n_families = self._n_others(walk.family_id, domain)
        if n_families >= MIN_DOMAIN_FAMILIES:
            return domain, n_families
        return None, self._n_others(walk.family_id, None)

    def slope(
        self, family_id: str, domain: Domain | None, variance_per_year: float
    ) -> MeanFit:
        """Mean drift of the votes of all other families.

        Args:
            family_id: the family that leans on them.
            domain: of the votes; None for all.
            variance_per_year: sigma^2.
        """
        aside = family_id if family_id in self.group(domain).places else None
        key = (domain, aside, variance_per_year)
        if key not in self._slopes:
            self._slopes[key] = self._fit(*key)
        return self._slopes[key]

    def nearly_without(self, walk: SeriesWalk) -> NearlyWithout:
        """About what each other family's absence would change for a series.

        In closed form, so that hundreds cost no more than a few. The pool's mean
        loses one weight; tau2 makes one step of Newton's method towards where the
        squares of the others have one degree of freedom less; sigma^2 stays to the
        realised variance as it is.
        """
        ours = walk.family_id
        names = [family for family in self.votes if family != ours]
        domain, n_pooled = self.pooled(walk)
        smallest = MIN_POOL_FAMILIES if domain is None else MIN_DOMAIN_FAMILIES
        places = self.group(domain).places
        inside = np.array([family in places for family in names], dtype=bool)
        moves = np.zeros((2, len(names)))
        variance = self.variance_per_year
        if variance and n_pooled > smallest:
            moves[:, inside] = self._moves_without_one(ours, domain, variance)
        is_other = np.array([family != ours for family in self.votes], dtype=bool)
        return NearlyWithout(
            family_ids=names,
            regroups=inside & (n_pooled == smallest),
            slope_moves=moves[0],
            drift_sd_moves=moves[1],
            variance_factors=self._variance_factors[is_other],
        )

    def moved_by(
        self, family_id: str, vote: SeriesWalk | None, domain: Domain | None
    ) -> float:
        """About how far another vote of one family moves what others learn.

        In standard deviations of the drift of a family outside the pool, and in the
        logarithms of those and of sigma^2, summed.

        Args:
            family_id: the family.
            vote: its vote in the place of the one that it has, if it has one.
            domain: of the pool; None for all.
        """
        if not self.variance_per_year:
            return 0.0
        by_variance = self.crowd_variance.log_moved(
            self.moving.placed({family_id}),
            [vote.observed] if vote is not None and _shows_variance(vote) else [],
        )
        crowd = self.crowd(domain)
        fit = crowd.exchanged(
            self.group(domain).placed({family_id}),
            [vote.observed] if vote is not None and _is_in(vote, domain) else [],
            by_variance,
        )
        before, after = (
            float(np.sqrt(one.tau2 + one.variance)) for one in (crowd.fit, fit)
        )
        return (
            abs(fit.mean - crowd.fit.mean) / before
            + abs(float(np.log(after / before)))
            + abs(by_variance)
        )

    def group(self, domain: Domain | None) -> _Group:
        """Votes that were watched for any time, of one domain or of all."""
        if domain not in self._groups:
            self._groups[domain] = _group(
                one for one in self.votes.values() if _is_in(one, domain)
            )
        return self._groups[domain]

    def crowd(self, domain: Domain | None) -> Crowd:
        """The pool of a group of very many."""
        if domain not in self._crowds:
            variance = self.variance_per_year or 0.0
            self._crowds[domain] = Crowd(self.group(domain).observed, variance)
        return self._crowds[domain]

    def _n_others(self, family_id: str, domain: Domain | None) -> int:
        places = self.group(domain).places
        return len(places) - (family_id in places)

    def _fit(
        self, domain: Domain | None, aside: str | None, variance_per_year: float
    ) -> MeanFit:
        group = self.group(domain)
        if (
            len(group.walks) > MANY_FAMILIES
            and variance_per_year == self.variance_per_year
        ):
            lost = group.placed([] if aside is None else [aside])
            return self.crowd(domain).exchanged(lost, [])
        others = [one.observed for one in group.walks if one.family_id != aside]
        return fit_drifts_between(others, variance_per_year)

    def _moves_without_one(
        self, family_id: str, domain: Domain | None, variance_per_year: float
    ) -> Floats:
        """Moves of mean and prior SD without each other vote, shape (2, n)."""
        group = self.group(domain)
        if len(group.walks) > MANY_FAMILIES:
            aside = group.places.get(family_id)
            moves = self._moves_in_crowd(domain)
            return moves if aside is None else np.delete(moves, aside, axis=1)
        others = [one.observed for one in group.walks if one.family_id != family_id]
        fit = self.slope(family_id, domain, variance_per_year)
        return _moves_without_one(others, fit, variance_per_year)

    def _moves_in_crowd(self, domain: Domain | None) -> Floats:
        crowd = self.crowd(domain)
        n = len(self.group(domain).walks)
        mean, variance, tau2 = crowd.without_each()
        before = np.sqrt(crowd.fit.tau2 + crowd.fit.variance) * few(n)
        after = np.sqrt(tau2 + variance) * few(n - 1)
        return np.array([mean - crowd.fit.mean, after - before])

    @cached_property
    def _variance_factors(self) -> Floats:
        """Realised variance of the votes less one each, over that of all of them."""
        seen = self.moving.observed
        squares = sum(walk.squares for walk in seen)
        spread = sum(walk.spread_years for walk in seen)
        left = np.array(
            [
                (squares - walk.squares, spread - walk.spread_years)
                if walk.spread_years > 0
                else (squares, spread)
                for walk in (one.observed for one in self.votes.values())
            ]
        ).reshape(-1, 2)
        realised = np.divide(
            left[:, 0], left[:, 1], out=np.zeros(len(left)), where=left[:, 1] > 0
        )
        return realised * (spread / squares) if squares else np.ones(len(left))


class NextTo:
    """A panel of many with a few votes exchanged: a small step from what it was."""

    def __init__(
        self, base: Panel, lost: frozenset[str], gained: Mapping[str, SeriesWalk]
    ) -> None:
        """Of a panel without the votes of some families, and with others."""
        self._base, self._lost, self._gained = base, lost, dict(gained)
        self._slopes: dict[tuple[str, Domain | None, float], MeanFit] = {}

    @cached_property
    def votes(self) -> dict[str, SeriesWalk]:
        """By family, in the order of their names."""
        votes = self._base.votes
        kept = {name: one for name, one in votes.items() if name not in self._lost}
        return dict(sorted((kept | self._gained).items()))

    def exchanged(
        self, families: Collection[str], votes: Mapping[str, SeriesWalk]
    ) -> Panel:
        """Another step, from a panel of its own."""
        kept = {name: one for name, one in self.votes.items() if name not in families}
        return Panel(kept | dict(votes))

    @cached_property
    def variance_per_year(self) -> float | None:
        """Variance that the votes share; None where none of them moved."""
        base = self._base.variance
        if base is None or not base.per_year:
            return Panel(self.votes).variance_per_year
        moved = self._base.crowd_variance.log_moved(
            self._base.moving.placed(self._lost),
            [one.observed for one in self._gained.values() if _shows_variance(one)],
        )
        return base.per_year * float(np.exp(moved))

    def pooled(self, walk: SeriesWalk) -> tuple[Domain | None, int]:
        """As ``Panel.pooled``."""
        domain = walk.series.benchmark.domain
        n_families = self._n_others(walk.family_id, domain)
        if n_families >= MIN_DOMAIN_FAMILIES:
            return domain, n_families
        return None, self._n_others(walk.family_id, None)

    def slope(
        self, family_id: str, domain: Domain | None, variance_per_year: float
    ) -> MeanFit:
        """As ``Panel.slope``."""
        key = (family_id, domain, variance_per_year)
        if key not in self._slopes:
            self._slopes[key] = self._fit(*key)
        return self._slopes[key]

    def nearly_without(self, walk: SeriesWalk) -> NearlyWithout:
        """As ``Panel.nearly_without``."""
        return Panel(self.votes).nearly_without(walk)

    def _fit(
        self, family_id: str, domain: Domain | None, variance_per_year: float
    ) -> MeanFit:
        group = self._base.group(domain)
        aside = self._aside(family_id)
        gained = [one.observed for one in self._gained_by(family_id, domain)]
        base = self._base.variance_per_year
        if len(group.walks) > MANY_FAMILIES and base:
            moved = float(np.log(variance_per_year / base))
            crowd = self._base.crowd(domain)
            return crowd.exchanged(group.placed(aside), gained, moved)
        kept = [one.observed for one in group.walks if one.family_id not in aside]
        return fit_drifts_between([*kept, *gained], variance_per_year)

    def _n_others(self, family_id: str, domain: Domain | None) -> int:
        places = self._base.group(domain).places
        n_lost = len(self._aside(family_id) & places.keys())
        return len(places) - n_lost + len(self._gained_by(family_id, domain))

    def _aside(self, family_id: str) -> frozenset[str]:
        return self._lost | self._gained.keys() | {family_id}

    def _gained_by(self, family_id: str, domain: Domain | None) -> list[SeriesWalk]:
        return [
            one
            for name, one in self._gained.items()
            if name != family_id and _is_in(one, domain)
        ]


def _group(walks: Iterable[SeriesWalk]) -> _Group:
    found = list(walks)
    return _Group(found, {one.family_id: place for place, one in enumerate(found)})


def _shows_variance(walk: SeriesWalk) -> bool:
    return walk.observed.spread_years > 0


def _is_in(walk: SeriesWalk, domain: Domain | None) -> bool:
    """Whether a vote was watched for any time, and is of a domain where one is asked."""
    is_of_domain = domain is None or walk.series.benchmark.domain == domain
    return is_of_domain and walk.observed.exposure_years > 0


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
    before = np.sqrt(fit.tau2 + fit.variance) * few(n)
    after = np.sqrt(tau2 + fit.variance * share_lost) * few(n - 1)
    return np.array([-weights * away / rest, after - before])


def few(n: int) -> float:
    """How much wider than the normal is Student's t that knows n families or steps."""
    return float(stdtrit(n - 1, 0.95)) / _Z_90
