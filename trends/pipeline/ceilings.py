"""What past scores say of judgements of ceilings, from the figures ingested last."""

from collections.abc import Callable

from trends import defaults
from trends.backtest.ceilings import CeilingLessons, learn_ceilings, past_ceilings
from trends.frontier import parted, select_series_scores
from trends.pipeline.errors import NothingFittedError
from trends.pipeline.ingest import latest_ingest
from trends.pipeline.ingested import load_ingest
from trends.registry import load_registry
from trends.registry.series import whole_benchmarks
from trends.workspace import Workspace

Progress = Callable[[str, int], None]


def ceilings(workspace: Workspace, *, progress: Progress) -> CeilingLessons:
    """Which prior of ceilings, and which update of it, foretold scores best.

    Args:
        workspace: the checkout, with an ingest.
        progress: told of each benchmark that is done, and of how many.

    Raises:
        RegistryError: the registry is not valid.
        RequestError: nothing is ingested.
        NothingFittedError: there is nothing to learn from.
    """
    registry = load_registry(workspace.registry)
    observations = load_ingest(latest_ingest(workspace)).observations
    series = [
        one
        for one in whole_benchmarks(registry)
        if one.benchmark.ceiling is not None and one.benchmark.mover == "models"
    ]
    scores = parted(select_series_scores(observations, series), "series_id")
    past = []
    for one in series:
        if one.series_id in scores:
            past += past_ceilings(one, scores[one.series_id])
        progress(one.series_id, len(series))
    if not past:
        raise NothingFittedError(
            "no benchmark whose ceiling is in doubt had four scores among the best by "
            "some half year and another in the year after it, so that nothing is learned "
            "of ceilings: add past scores (data/README.md)"
        )
    return learn_ceilings(past, seed=defaults.SEED)
