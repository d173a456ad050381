"""What is the same for every row of one run."""

from dataclasses import dataclass
from datetime import date

from trends.crossings.families import Draws
from trends.registry import Registry
from trends.registry.models import TrendFamily
from trends.registry.series import Series
from trends.registry.weights import DateInterval, LevelBand, Scale, Weights, scale_of
from trends.registry.withholding import Withholding


@dataclass(frozen=True)
class Vintage:
    """What is the same for every row of one run.

    Attributes:
        as_of: information cut-off.
        run_id: id of the run.
        seed: of the parameter draws.
        n_draws: how many.
        weights: what the backtest taught; None for equal weights in the ensemble
            and intervals of which nothing is known.
        withholding: when labels hold no date; None where they always do.
    """

    as_of: date
    run_id: str
    seed: int
    n_draws: int
    weights: Weights | None = None
    withholding: Withholding | None = None

    @classmethod
    def of(
        cls, registry: Registry, *, as_of: date, run_id: str, seed: int, n_draws: int
    ) -> "Vintage":
        """With all that the registry says beside its benchmarks and thresholds."""
        return cls(
            as_of=as_of,
            run_id=run_id,
            seed=seed,
            n_draws=n_draws,
            weights=registry.weights,
            withholding=registry.withholding,
        )

    @property
    def draws(self) -> Draws:
        """Parameter draws of families that draw."""
        return Draws(self.seed, self.n_draws)

    def ensemble_weights(self, series: Series) -> dict[TrendFamily, float] | None:
        """Weights of the families that the ensemble pools; None for equal ones."""
        return (
            None if self.weights is None else self.weights.of_ensemble(_scale(series))
        )

    def level_band(self, series: Series, trend: TrendFamily) -> LevelBand | None:
        """How such intervals of scores did in the backtest; None if unknown."""
        if self.weights is None or series.benchmark.mover != "models":
            return None
        return self.weights.level_band(_scale(series), trend)

    def date_interval(self, series: Series, trend: TrendFamily) -> DateInterval | None:
        """How such intervals of dates did in the backtest; None if unknown."""
        if self.weights is None or series.benchmark.mover != "models":
            return None
        return self.weights.date_interval(
            _scale(series), trend, series.benchmark.family_id
        )


def _scale(series: Series) -> Scale:
    return scale_of(is_bounded=series.benchmark.unit.is_bounded)
