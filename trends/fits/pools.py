"""What the walks of a vintage say of each other's variance and drift.

Drifts are pooled by empirical Bayes over families of benchmarks that share a link
scale, always without the series' own family, and, to see what rests on one family,
without any other.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from trends.fits.one_a_family import one_vote_a_family
from trends.fits.panels import (
    MANY_FAMILIES,
    MIN_DOMAIN_FAMILIES,
    MIN_POOL_FAMILIES,
    NearlyWithout,
    NextTo,
    Panel,
    SeriesWalk,
    few,
)
from trends.fits.regression import MeanFit
from trends.fits.walks import Prior
from trends.registry.models import Domain
from trends.registry.series import Series
from trends.registry.weights import Weights, scale_of

__all__ = [
    "MANY_FAMILIES",
    "MIN_DOMAIN_FAMILIES",
    "MIN_POOL_FAMILIES",
    "Drifts",
    "NearlyWithout",
    "Pool",
    "SeriesWalk",
]


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
        return Prior(self.slope.mean, variance * few(self.n_families) ** 2)


class Drifts:
    """What the walks of a vintage say of each other; each sum is done once."""

    def __init__(self, walks: Iterable[SeriesWalk], weights: Weights | None) -> None:
        """Of all walks of the vintage, and what the backtest taught of sigma."""
        panels: dict[str, dict[str, SeriesWalk]] = {}
        for one in one_vote_a_family(walks):
            panels.setdefault(one.scale, {})[one.family_id] = one
        self._panels: dict[str, Panel | NextTo] = {
            scale: Panel(votes) for scale, votes in panels.items()
        }
        self._weights = weights
        self._without: dict[str, Drifts] = {}

    @property
    def votes(self) -> list[SeriesWalk]:
        """One walk a family and scale, by their names."""
        return [
            vote
            for scale in sorted(self._panels)
            for vote in self._panels[scale].votes.values()
        ]

    @property
    def panels(self) -> dict[str, Panel]:
        """Those that no vote was taken from, by scale in the order of their names."""
        return {
            scale: panel
            for scale, panel in sorted(self._panels.items())
            if isinstance(panel, Panel)
        }

    def without(self, family_id: str) -> "Drifts":
        """The same walks but those of one family."""
        if family_id not in self._without:
            self._without[family_id] = self.exchanged({family_id}, [])
        return self._without[family_id]

    def exchanged(
        self, families: Collection[str], walks: Iterable[SeriesWalk]
    ) -> "Drifts":
        """The same walks but those of some families, and these in their place."""
        others = Drifts([], self._weights)
        put: dict[str, dict[str, SeriesWalk]] = {scale: {} for scale in self._panels}
        for walk in walks:
            put.setdefault(walk.scale, {})[walk.family_id] = walk
        others._panels = {
            scale: self._panels.get(scale, Panel({})).exchanged(families, new)
            for scale, new in put.items()
        }
        return others

    def variance_per_year(self, walk: SeriesWalk) -> float | None:
        """Of the walks on the same scale; None where none of them moved.

        What people move has a pace of its own, and so has a company's work: a share
        by month is no walk of models, and several of one company share their news.
        Each of these is known by itself alone, from as many steps as there were looks,
        so its variance is widened until the normal has the 90% interval of Student's t
        with one degree of freedom less.
        """
        if walk.mover != "models":
            alone = Panel({walk.family_id: walk}).variance_per_year
            return alone and alone * few(walk.observed.n_looks) ** 2
        panel = self._panels.get(walk.scale)
        return None if panel is None else panel.variance_per_year

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
        panel = self._panels.get(walk.scale)
        if walk.mover != "models" or panel is None:
            return None
        domain, n_families = panel.pooled(walk)
        if n_families < MIN_POOL_FAMILIES:
            return None
        return Pool(
            description=_describe(walk.scale, domain, n_families),
            n_families=n_families,
            slope=panel.slope(walk.family_id, domain, variance_per_year),
        )

    def nearly_without(self, walk: SeriesWalk) -> NearlyWithout:
        """About what each other family's absence would change for a series."""
        panel = self._panels.get(walk.scale)
        if panel is None or walk.mover != "models":
            panel = Panel({})
        return panel.nearly_without(walk)

    def moved_by(
        self, family_id: str, vote: SeriesWalk | None, *, leaning: SeriesWalk
    ) -> float:
        """About how far another vote of one family moves what a series learns.

        The same for all series whose pool is of the same votes: ``pooled_with``.

        Args:
            family_id: the family.
            vote: its vote in the place of the one that it has; None for none.
            leaning: the walk of the series.
        """
        panel = self._panels.get(leaning.scale)
        if not isinstance(panel, Panel):
            return 0.0
        domain, _ = panel.pooled(leaning)
        return panel.moved_by(family_id, vote, domain)

    def pooled_with(self, walk: SeriesWalk) -> Domain | None:
        """The domain whose votes a series is pooled with; None for those of all."""
        panel = self._panels.get(walk.scale)
        return None if panel is None else panel.pooled(walk)[0]


def _describe(scale: str, domain: Domain | None, n_families: int) -> str:
    where = f"{scale} scale" if domain is None else f"{scale} scale, {domain}"
    return f"{n_families} other families ({where})"
