"""The backtest of the figures ingested last, in a folder named by what it used."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import polars as pl

from trends import defaults
from trends.outputs.disk import replace_file
from trends.pipeline.bounds import refuse_numbers, refuse_unseen_days
from trends.pipeline.errors import NothingFittedError, RequestError
from trends.pipeline.fingerprints import (
    code_fingerprint,
    fingerprint,
    library_versions,
)
from trends.pipeline.ingest import latest_ingest
from trends.pipeline.ingested import load_ingest
from trends.pipeline.parts import Content, fetch_part, once, read_frame, read_json
from trends.registry import Registry, Weights, load_registry
from trends.registry.looks import with_looks
from trends.registry.models import TrendFamily
from trends.registry.series import every_series, select_series
from trends.registry.weights import (
    POOLED_FAMILIES,
    PublishedWidth,
    Scale,
    dump_weights,
)
from trends.tables import BACKTEST_FORECASTS, BACKTEST_SCORES
from trends.workspace import Workspace

if TYPE_CHECKING:
    from trends.backtest import Backtest

Progress = Callable[[date, int], None]


@dataclass(frozen=True)
class BacktestRequest:
    """Which past forecasts to make.

    Attributes:
        first_origin: day of the first of them, the first of a month.
        draws: parameter draws of each line fit.
        seed: of every random number.
    """

    first_origin: date = defaults.BACKTEST_FIRST_ORIGIN
    draws: int = defaults.BACKTEST_DRAWS
    seed: int = defaults.SEED


@dataclass(frozen=True)
class BacktestRun:
    """A finished backtest.

    Attributes:
        backtest_id: hash of everything it used.
        path: its folder.
    """

    backtest_id: str
    path: Path

    @property
    def forecasts(self) -> pl.DataFrame:
        """BACKTEST_FORECASTS rows."""
        return read_frame(self.path, BACKTEST_FORECASTS)

    @property
    def scores(self) -> pl.DataFrame:
        """BACKTEST_SCORES rows."""
        return read_frame(self.path, BACKTEST_SCORES)

    @property
    def published_width(self) -> PublishedWidth:
        """How intervals did that were as wide as those of forecasts at the time."""
        found = read_json(self.path / "published_width.json")
        return PublishedWidth.model_validate(found)

    @property
    def weights(self) -> Weights:
        """What forecasts may use of it."""
        return Weights.model_validate(read_json(self.path / "weights.json"))


def backtest(
    request: BacktestRequest, workspace: Workspace, *, progress: Progress
) -> BacktestRun:
    """Replay the pipeline at past origins and score it; done once, kept whole.

    Args:
        request: which past forecasts.
        workspace: the checkout.
        progress: told of each origin that is done, and of how many.

    Raises:
        RegistryError: the registry is not valid.
        RequestError: nothing is ingested, or the request makes no sense.
        NothingFittedError: no past forecast can be scored.
    """
    if request.first_origin.day != 1:
        raise RequestError(
            f"forecasts are made on the first of a month, not on {request.first_origin}"
        )
    refuse_numbers(draws=request.draws, seed=request.seed)
    registry = load_registry(workspace.registry)
    ingest = latest_ingest(workspace)
    refuse_unseen_days(ingest, first=request.first_origin)
    facts = _facts(request, registry, ingest)
    backtest_id = fingerprint(facts)[:12]

    def make() -> dict[str, Content]:
        from trends.backtest import draw_lessons, measure_width

        result = _replayed(request, registry, ingest, backtest_id, progress)
        lessons = draw_lessons(
            result.past,
            result.forecasts,
            result.stacks,
            backtest_id=backtest_id,
            inputs_sha256=str(facts["inputs"]),
            code_sha256=str(facts["code"]),
        )
        return {
            f"{BACKTEST_FORECASTS.name}.parquet": result.forecasts,
            f"{BACKTEST_SCORES.name}.parquet": result.scores,
            "published_width.json": measure_width(
                result.past, _sigma_factors(registry), backtest_id=backtest_id
            ).model_dump(mode="json"),
            "weights.json": lessons.model_dump(mode="json"),
            "backtest.json": {
                "backtest_id": backtest_id,
                "facts": facts,
                "libraries": library_versions(),
            },
        }

    folder = workspace.backtests / backtest_id
    once(folder, make, root=workspace.results, store=workspace.store)
    return BacktestRun(backtest_id, folder)


def existing_backtest(
    workspace: Workspace, registry: Registry, ingest: Path
) -> BacktestRun:
    """The backtest with default settings of these figures and this code.

    Raises:
        RequestError: it was not made, or is damaged.
    """
    facts = _facts(BacktestRequest(), registry, ingest)
    run = BacktestRun(name := fingerprint(facts)[:12], workspace.backtests / name)
    if not fetch_part(run.path, root=workspace.results, store=workspace.store):
        raise RequestError(
            "there is no backtest of these figures, this registry and this code to "
            "carry, or it is damaged: run `trends backtest` first"
        )
    return run


def write_coverage(run: BacktestRun, workspace: Workspace) -> Path:
    """Write what intervals of the published width held into ``weights.yaml``.

    The weights stay as they are, with the backtest that they rest on.

    Raises:
        RequestError: there are no weights, or the backtest was made under others.
    """
    path = workspace.registry / "weights.yaml"
    registry = load_registry(workspace.registry)
    measured = run.published_width
    factors = _sigma_factors(registry)
    if registry.weights is None:
        raise RequestError(f"{path} is not there: --write-weights writes it")
    if any(
        one.sigma_factor != factors[one.scale]
        for one in measured.date_intervals
        if one.trend is TrendFamily.DRIFT
    ):
        raise RequestError(
            f"backtest {run.backtest_id} was made under other weights and measured "
            f"intervals of another width: delete {run.path} and make it again"
        )
    weights = registry.weights.model_copy(update={"published_width": measured})
    replace_file(path, dump_weights(weights).encode())
    return path


def write_weights(run: BacktestRun, workspace: Workspace) -> Path:
    """Write ``weights.yaml`` of the registry, to be reviewed like any other edit."""
    path = workspace.registry / "weights.yaml"
    replace_file(path, dump_weights(run.weights).encode())
    return path


def _replayed(
    request: BacktestRequest,
    registry: Registry,
    ingest: Path,
    backtest_id: str,
    progress: Progress,
) -> "Backtest":
    from trends.backtest import run_backtest
    from trends.crossings.families import Draws

    figures = load_ingest(ingest)
    looked_at = with_looks(registry, figures.looks, as_of=date.max)
    result = run_backtest(
        figures.observations,
        [
            (threshold, select_series(threshold.series, looked_at))
            for threshold in looked_at.thresholds.values()
            if threshold.status == "active"
        ],
        every_series(looked_at),
        first_origin=request.first_origin,
        draws=Draws(request.seed, request.draws),
        backtest_id=backtest_id,
        progress=progress,
    )
    if not result.past:
        raise NothingFittedError(
            f"no forecast from {request.first_origin} on can be scored: figures "
            "must go on for three months after it"
        )
    return result


def _sigma_factors(registry: Registry) -> dict[Scale, float]:
    """By which forecasts under this registry multiply sigma of the drift."""
    weights = registry.weights
    return {
        scale: 1.0 if weights is None else weights.sigma_factor(scale)
        for scale in POOLED_FAMILIES
    }


def _facts(
    request: BacktestRequest, registry: Registry, ingest: Path
) -> dict[str, object]:
    return {
        "inputs": load_ingest(ingest).sha256,
        # weights come of a backtest, and none goes into it
        "registry": replace(registry, weights=None).content_sha256,
        "code": code_fingerprint(),
        "first_origin": request.first_origin.isoformat(),
        "draws": request.draws,
        "seed": request.seed,
    }
