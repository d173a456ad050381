"""What one forecast run depends on, fixed before it starts."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from pathlib import Path

from trends import defaults
from trends.outputs import previous_vintage
from trends.pipeline.backtest import BacktestRun, existing_backtest
from trends.pipeline.bounds import refuse_numbers
from trends.pipeline.errors import RequestError
from trends.pipeline.ingest import latest_ingest
from trends.pipeline.parts import (
    code_fingerprint,
    fingerprint,
    fingerprint_files,
    once,
    read_json,
)
from trends.registry import Registry, Threshold, TrendFamily, load_registry
from trends.registry.series import Series, every_series, select_series
from trends.workspace import Workspace


@dataclass(frozen=True)
class ForecastRequest:
    """What to forecast.

    Attributes:
        as_of: information cut-off.
        publish: make it the latest run; otherwise it is a draft.
        thresholds: ids to forecast, by default every active one; drafts only.
        trends: families to evaluate, by default all that a threshold names; drafts
            only.
        draws: parameter draws of each line fit.
        seed: seed of the draws.
        compare: say what moved since the previous published vintage; without it the
            run does not depend on what has been published. Drafts only.
        replay: use a score from the day on which it is known by the backtest's cut,
            also where its benchmark was not public yet. Drafts only.
        reason: why somebody asked, kept in the manifest.
    """

    as_of: date
    publish: bool = True
    thresholds: tuple[str, ...] | None = None
    trends: tuple[str, ...] | None = None
    draws: int = defaults.DRAWS
    seed: int = defaults.SEED
    compare: bool = True
    replay: bool = False
    reason: str | None = None


def plan_forecast(request: ForecastRequest, *, workspace: Workspace) -> Path:
    """Fix everything the run depends on, and name the run by it.

    Returns:
        The run's working folder; every later stage is given it.

    Raises:
        RegistryError: the registry is not valid.
        RequestError: nothing is ingested, or the request makes no sense.
    """
    registry = load_registry(workspace.registry)
    _refuse_nonsense(request, registry)
    ingest = latest_ingest(workspace)
    backtest = existing_backtest(workspace, registry, ingest)
    previous = (
        previous_vintage(workspace.results, before=request.as_of)
        if request.compare
        else None
    )
    facts: dict[str, object] = {
        "as_of": request.as_of.isoformat(),
        "inputs": read_json(ingest / "ingest.json")["sha256"],
        "registry": registry.content_sha256,
        "expectations": fingerprint_files(workspace.expectations, suffix=".yaml"),
        "code": code_fingerprint(),
        "seed": request.seed,
        "draws": request.draws,
        "replay": request.replay,
        "thresholds": request.thresholds,
        "trends": request.trends,
        "backtest": None if backtest is None else backtest.backtest_id,
        "previous_vintage": None if previous is None else previous.run_id,
    }
    plan: dict[str, object] = {
        "run_id": fingerprint(facts)[:12],
        "facts": facts,
        "publish": request.publish,
        "reason": request.reason,
        "root": str(workspace.root),
        "ingest": ingest.relative_to(workspace.root).as_posix(),
        "previous": None if previous is None else str(previous.path),
    }
    name = f"{plan['run_id']}-{fingerprint(plan)[:6]}"
    return once(workspace.work / "forecasts" / name, lambda: {"plan.json": plan})


class Plan:
    """A planned run, read back by each of its stages."""

    def __init__(self, folder: Path) -> None:
        """Read the plan that ``plan_forecast`` wrote into ``folder``."""
        plan = read_json(folder / "plan.json")
        self.folder = folder
        self.run_id = str(plan["run_id"])
        self.publish = bool(plan["publish"])
        self.reason = plan["reason"]
        self.facts = _mapping(plan["facts"])
        self.as_of = date.fromisoformat(str(self.facts["as_of"]))
        self.seed = int(str(self.facts["seed"]))
        self.draws = int(str(self.facts["draws"]))
        self.replay = bool(self.facts["replay"])
        self.workspace = Workspace(Path(str(plan["root"])))
        self.ingest = self.workspace.root / str(plan["ingest"])
        previous = plan["previous"]
        self.previous = None if previous is None else Path(str(previous))
        backtest = self.facts["backtest"]
        self.backtest = (
            None
            if backtest is None
            else BacktestRun(str(backtest), self.workspace.backtests / str(backtest))
        )

    @cached_property
    def registry(self) -> Registry:
        """The registry, which must be the one that was planned with.

        Raises:
            RequestError: somebody edited it since.
        """
        registry = load_registry(self.workspace.registry)
        if registry.content_sha256 != self.facts["registry"]:
            raise RequestError(
                "the registry was edited while the run was under way: start it again"
            )
        return registry

    @cached_property
    def series(self) -> list[Series]:
        """Every series of the run: whole benchmarks, and views its thresholds take."""
        views = [series for _, series in self.thresholds]
        everything = [*every_series(self.registry), *views]
        return list({one.series_id: one for one in everything}.values())

    @cached_property
    def thresholds(self) -> list[tuple[Threshold, Series]]:
        """Thresholds of the run with their series, and only the trends asked for."""
        wanted = self.facts["thresholds"]
        chosen = [
            threshold
            for threshold in self.registry.thresholds.values()
            if (
                threshold.id in wanted
                if isinstance(wanted, list)
                else threshold.status == "active"
            )
        ]
        return [
            (
                _narrow(threshold, self.facts["trends"]),
                select_series(threshold.series, self.registry),
            )
            for threshold in chosen
        ]

    @cached_property
    def sources(self) -> dict[str, dict[str, object]]:
        """What the ingest reports of each source."""
        reports = _mapping(read_json(self.ingest / "ingest.json")["sources"])
        return {source: dict(_mapping(report)) for source, report in reports.items()}

    @property
    def stopped(self) -> dict[str, str]:
        """Sources without figures, each with the reason."""
        return {
            source: str(report["stopped"])
            for source, report in self.sources.items()
            if report["stopped"] is not None
        }


def _narrow(threshold: Threshold, trends: object) -> Threshold:
    if not isinstance(trends, list):
        return threshold
    kept = [trend for trend in threshold.trends if trend in trends]
    return threshold.model_copy(update={"trends": kept})


def _refuse_nonsense(request: ForecastRequest, registry: Registry) -> None:
    unknown = set(request.thresholds or ()) - set(registry.thresholds)
    if unknown:
        known = ", ".join(sorted(registry.thresholds))
        raise RequestError(f"no threshold {sorted(unknown)}; there are: {known}")
    families = {trend.value for trend in TrendFamily}
    if strange := set(request.trends or ()) - families:
        raise RequestError(f"no trend {sorted(strange)}; there are: {sorted(families)}")
    if request.publish and (request.thresholds or request.trends):
        raise RequestError(
            "a run of some thresholds or trends only would replace the whole table: "
            "ask for a draft"
        )
    if request.publish and not request.compare:
        raise RequestError(
            "a published run says what moved: compare it, or ask for a draft"
        )
    if request.publish and request.replay:
        raise RequestError(
            "a replay uses scores that nobody could see on the day: ask for a draft"
        )
    refuse_numbers(draws=request.draws, seed=request.seed)


def _mapping(value: object) -> Mapping[str, object]:
    if not isinstance(value, dict):
        raise TypeError(f"expected an object, found {value!r}")
    return value
