"""The peer's models as forecasters: their posterior, and what they say of a day.

Drawing from a posterior needs numpyro (``trends.contest.peer_models``); saying what
follows from the draws does not, so that draws may be kept.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final, Literal

import numpy as np
import numpy.typing as npt
import polars as pl

from trends.contest.cases import taking_part
from trends.contest.forecasters import Asked, Laws
from trends.contest.panel import Known
from trends.fits.links import Floats
from trends.scoring.streams import keyed_generator

Kind = Literal["harvey_skew", "logistic_normal"]
KINDS: Final[tuple[Kind, ...]] = ("harvey_skew", "logistic_normal")

_LEAST_NOISE: Final = 0.01
_TINY: Final = 1e-10


@dataclass(frozen=True)
class Settings:
    """How a posterior is drawn."""

    n_chains: int = 2
    n_warmup: int = 300
    n_draws: int = 300
    target_accept: float = 0.9
    max_tree_depth: int = 7
    seed: int = 42


@dataclass(frozen=True)
class Sampled:
    """Draws from a posterior.

    Attributes:
        draws: of each parameter by name, shape (draws of all chains, benchmarks).
        r_hat: of the parameter whose chains agree least, its median over benchmarks
            (Gelman and Rubin 1992, chains split); 1 where they agree.
    """

    draws: Mapping[str, Floats]
    r_hat: float


@dataclass(frozen=True)
class Training:
    """What the models are fitted to: top-3 points before the cut.

    Attributes:
        benchmark_ids: benchmarks, by name.
        floors: score of guessing of each.
        starts: day of the first point of each.
        days_mid: half the days from its first to its last point.
        index: of each point the place of its benchmark, shape (n,).
        days: since the first point of its benchmark, shape (n,).
        scores: shape (n,).
    """

    benchmark_ids: tuple[str, ...]
    floors: Floats
    starts: tuple[date, ...]
    days_mid: Floats
    index: npt.NDArray[np.int64]
    days: Floats
    scores: Floats

    @classmethod
    def of(cls, known: Known) -> "Training":
        """The points of the benchmarks that take part."""
        names = taking_part(known)
        parts = [known.top3.filter(pl.col("series_id") == name) for name in names]
        starts = [points["day"][0] for points in parts]
        days = [
            (points["day"] - start).dt.total_days().cast(pl.Float64).to_numpy()
            for points, start in zip(parts, starts, strict=True)
        ]
        sizes = [points.height for points in parts]
        return cls(
            benchmark_ids=tuple(names),
            floors=np.array([known.by_id[one].benchmark.floor or 0.0 for one in names]),
            starts=tuple(starts),
            days_mid=np.array([one[-1] / 2 for one in days]),
            index=np.repeat(np.arange(len(names)), sizes),
            days=np.concatenate([np.zeros(0), *days]),
            scores=np.concatenate(
                [np.zeros(0), *(one["score"].to_numpy() for one in parts)]
            ),
        )

    def facts(self) -> dict[str, object]:
        """All of it as JSON values, by which draws from its posterior are kept."""
        return {
            "benchmarks": list(self.benchmark_ids),
            "floors": self.floors.tolist(),
            "days_mid": self.days_mid.tolist(),
            "index": self.index.tolist(),
            "days": self.days.tolist(),
            "scores": self.scores.tolist(),
        }


@dataclass(frozen=True)
class PeerModel:
    """One of the peer's models: a top-3 score by its posterior predictive.

    The peer says nothing of records; here the record of a day is the higher of what
    stood at the cut and a top-3 score of that day.

    Attributes:
        kind: which.
        posterior: draws for a training set.
    """

    kind: Kind
    posterior: Callable[[Kind, Training], Sampled]

    @property
    def name(self) -> str:
        """As results print it."""
        return f"peer_{self.kind}"

    def forecast(self, known: Known, asked: Sequence[Asked]) -> Laws:
        """Draws of the score with its noise."""
        training = Training.of(known)
        if not training.benchmark_ids:
            return {}
        draws = self.posterior(self.kind, training).draws
        found: dict[Asked, Floats] = {}
        for one in asked:
            if one.benchmark_id not in training.benchmark_ids:
                continue
            place = training.benchmark_ids.index(one.benchmark_id)
            law = predictive(
                self.kind,
                {name: values[:, place] for name, values in draws.items()},
                floor=training.floors[place],
                days=(one.day - training.starts[place]).days,
                key=f"{known.cut}|{one.benchmark_id}|{one.day}",
            )
            if one.target == "record":
                law = np.maximum(law, known.records[one.benchmark_id])
            found[one] = law
        return found


def predictive(
    kind: Kind, draws: Mapping[str, Floats], *, floor: float, days: float, key: str
) -> Floats:
    """Equally likely scores on a day, rising: one of each draw, with its noise.

    Args:
        kind: which model.
        draws: parameters of one benchmark, shape (draws,) each.
        floor: its score of guessing.
        days: since its first point.
        key: of the noise.
    """
    z = draws["k"] * (days - draws["tau"])
    if kind == "harvey_skew":
        a = draws["a"]
        with np.errstate(over="ignore"):
            base = np.maximum(1 - (1 - a) * np.exp(-z), _TINY)
        share = np.exp(np.log(base) / (1 - a))
    else:
        share = 1 / (1 + np.exp(-np.clip(z, -700, 700)))
    mu = floor + (draws["L"] - floor) * share
    half_way = np.sqrt(np.maximum((mu - floor) * (draws["L"] - mu), 0.0))
    xi = _LEAST_NOISE + draws["xi_base"] * half_way * 2 / (draws["L"] - floor)
    first, second = keyed_generator(key, seed=0).standard_normal((2, len(mu)))
    if kind == "harvey_skew":
        # a skew normal is delta |u| + sqrt(1 - delta^2) v (Azzalini 1985)
        delta = draws["s"] / np.sqrt(1 + draws["s"] ** 2)
        second = delta * np.abs(first) + np.sqrt(1 - delta**2) * second
    return np.sort(mu + xi * second)
