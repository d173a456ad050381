"""Draws of the peer's models, kept in data/work by what they were made from."""

import time
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field
from datetime import date
from pathlib import Path
from typing import Any, Final

import numpy as np
import polars as pl

from trends.contest import Panel, peer_models
from trends.contest.peers import KINDS, Kind, PeerModel, Sampled, Settings, Training
from trends.pipeline.fingerprints import fingerprint
from trends.pipeline.parts import Content, once, part_is_sound, read_json
from trends.workspace import Workspace

TO_HAVE_THEM: Final = (
    "numpyro is not installed, and no draws are kept of this panel; to have them, run "
    "`.venv/bin/uv pip install --group bench`"
)
"""Why the peer's rows are left out, and how to have them."""

_DRAWS: Final = "draws.parquet"
_FACTS: Final = "sampled.json"


@dataclass
class Posteriors:
    """Draws for a training set: kept ones, else drawn now and kept.

    Attributes:
        workspace: the checkout.
        settings: how they are drawn.
        seconds: CPU seconds that draws took which were kept before, by model.
        r_hats: how well chains agree, the worst of each model.
    """

    workspace: Workspace
    settings: Settings = Settings()  # noqa: RUF009, it is frozen
    seconds: dict[str, float] = field(default_factory=dict)
    r_hats: dict[str, float] = field(default_factory=dict)

    def forecasters(self, panel: Panel, cuts: Iterable[date]) -> Sequence[PeerModel]:
        """The peer's models, or none of them where draws cannot be had."""
        if not peer_models.has_sampler():
            trainings = [Training.of(panel.before(cut)) for cut in cuts]
            if not all(
                part_is_sound(self._folder(kind, one))
                for kind in KINDS
                for one in trainings
                if one.benchmark_ids
            ):
                return []
        return [PeerModel(kind, self.draw) for kind in KINDS]

    def draw(self, kind: Kind, training: Training) -> Sampled:
        """Draws of one model."""
        folder = self._folder(kind, training)
        was_kept = part_is_sound(folder)

        def make() -> dict[str, Content]:
            began = time.process_time()
            sampled = peer_models.sample_posterior(kind, training, self.settings)
            seconds = time.process_time() - began
            return {
                _DRAWS: _frame(sampled),
                _FACTS: {"seconds": seconds, "r_hat": sampled.r_hat},
            }

        once(folder, make, root=self.workspace.work)
        facts: dict[str, Any] = read_json(folder / _FACTS)
        name = f"peer_{kind}"
        r_hat = float(facts["r_hat"])
        self.r_hats[name] = max(r_hat, self.r_hats.get(name, 0.0))
        if was_kept:
            self.seconds[name] = self.seconds.get(name, 0.0) + float(facts["seconds"])
        return Sampled(_draws(folder), r_hat)

    def _folder(self, kind: Kind, training: Training) -> Path:
        source = Path(peer_models.__file__).read_text(encoding="utf-8")
        key = fingerprint(kind, training.facts(), asdict(self.settings), source)
        return self.workspace.work / "contest" / key[:12]


def _frame(sampled: Sampled) -> pl.DataFrame:
    """A column a parameter and benchmark, a row a draw."""
    return pl.DataFrame(
        {
            f"{name}:{place}": values[:, place]
            for name, values in sampled.draws.items()
            for place in range(values.shape[1])
        }
    )


def _draws(
    folder: Path,
) -> dict[str, np.ndarray[tuple[int, ...], np.dtype[np.float64]]]:
    frame = pl.read_parquet(folder / _DRAWS)
    names = dict.fromkeys(one.partition(":")[0] for one in frame.columns)
    return {
        name: np.column_stack(
            [
                frame[one].to_numpy()
                for one in frame.columns
                if one.startswith(f"{name}:")
            ]
        )
        for name in names
    }
