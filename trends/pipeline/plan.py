"""What one forecast run depends on, fixed before it starts."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property, lru_cache
from pathlib import Path

from trends import defaults
from trends.outputs import fetch_run, previous_vintage, pull, require_manifest
from trends.pipeline.backtest import BacktestRun, existing_backtest
from trends.pipeline.bounds import refuse_numbers, refuse_retired
from trends.pipeline.errors import PartError, RequestError
from trends.pipeline.fingerprints import (
    code_fingerprint,
    fingerprint,
    fingerprint_files,
)
from trends.pipeline.ingest import latest_ingest
from trends.pipeline.ingested import Ingest, load_ingest
from trends.pipeline.parts import (
    Content,
    State,
    fetch_part,
    once,
    read_json,
    state_of,
)
from trends.pipeline.past import Past
from trends.pipeline.reviewed import reviewed
from trends.registry import Registry, Threshold, TrendFamily
from trends.registry.looks import seen_through, with_looks
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
            only. A threshold that names none of them is left out.
        draws: parameter draws of each line fit.
        seed: seed of the draws.
        with_backtest: carry the backtest of these figures and this code, which
            `trends backtest` made with default settings.
        compare: say what moved since the previous published vintage, and what earlier
            ones said; without it the run does not depend on what has been published or
            recorded. Drafts only.
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
    with_backtest: bool = False
    compare: bool = True
    replay: bool = False
    reason: str | None = None


def plan_forecast(
    request: ForecastRequest, *, workspace: Workspace, today: date
) -> Path:
    """Fix everything the run depends on, and name the run by it.

    Args:
        request: what to forecast.
        workspace: the checkout.
        today: UTC day; nobody can know what will have been public after it.

    Returns:
        The run's working folder; every later stage is given it.

    Raises:
        RegistryError: the registry is not valid.
        RequestError: nothing is ingested, or the request makes no sense.
    """
    refuse_the_future(request.as_of, today=today)
    registry = reviewed(workspace.registry)
    _refuse_nonsense(request, registry)
    ingest = latest_ingest(workspace)
    pull(workspace.results, workspace.store)
    backtest = (
        existing_backtest(workspace, registry, ingest)
        if request.with_backtest
        else None
    )
    previous = (
        previous_vintage(workspace.results, before=request.as_of)
        if request.compare
        else None
    )
    past = Past.find(workspace, before=request.as_of) if request.compare else Past()
    facts: dict[str, object] = {
        "as_of": request.as_of.isoformat(),
        "inputs": load_ingest(ingest).sha256,
        "registry": registry.content_sha256,
        "expectations": _suites_of(workspace),
        "code": code_fingerprint(),
        "seed": request.seed,
        "draws": request.draws,
        "replay": request.replay,
        "thresholds": request.thresholds,
        "trends": request.trends,
        "backtest": None if backtest is None else backtest.backtest_id,
        "previous_vintage": None if previous is None else previous.run_id,
        "past": past.sha256,
    }
    plan: dict[str, object] = {
        "run_id": fingerprint(facts)[:12],
        "facts": facts,
        "publish": request.publish,
        "reason": request.reason,
        "ingest": ingest.relative_to(workspace.root).as_posix(),
        "previous": None if previous is None else _below(previous.path, workspace),
        "previous_sha256": None if previous is None else previous.manifest_sha256,
        "past": past.dump(workspace.root),
    }
    return once(
        workspace.work / "forecasts" / _name(plan),
        lambda: {"plan.json": plan},
        root=workspace.work,
        store=workspace.store,
    )


def refuse_the_future(as_of: date, *, today: date) -> None:
    """Raise RequestError where ``as_of`` has not come yet."""
    if as_of > today:
        raise RequestError(
            f"as_of {as_of} is after today, {today} (UTC): nobody knows what will have "
            "been published by then. Ask for a day up to today; if today is another "
            "day, set this machine's clock"
        )


class Plan:
    """A planned run, read back by each of its stages."""

    def __init__(self, folder: Path) -> None:
        """Read the plan that ``plan_forecast`` wrote into ``folder``.

        Raises:
            PartError: it is gone, or is not what was planned.
        """
        self.workspace = Workspace.around(folder)
        self._fetch(folder)
        plan = read_json(folder / "plan.json")
        if _name(plan) != folder.name:
            raise PartError(f"{folder} is not what was planned: start the run again")
        self.folder = folder
        self.run_id = str(plan["run_id"])
        self.publish = bool(plan["publish"])
        self.reason = plan["reason"]
        self.facts = _mapping(plan["facts"])
        self.as_of = date.fromisoformat(str(self.facts["as_of"]))
        self.seed = int(str(self.facts["seed"]))
        self.draws = int(str(self.facts["draws"]))
        self.replay = bool(self.facts["replay"])
        self._plan = plan

    def part(self, name: str, make: Callable[[], Mapping[str, Content]]) -> Path:
        """A part of this run, made unless it is there and sound."""
        space = self.workspace
        return once(self.folder / name, make, root=space.work, store=space.store)

    def _fetch(self, folder: Path) -> Path:
        """A part that another machine made."""
        space = self.workspace
        fetch_part(folder, root=space.work, store=space.store)
        return folder

    @cached_property
    def ingest(self) -> Ingest:
        """The figures that were planned with.

        Raises:
            PartError: they are gone, or others lie there.
        """
        folder = self.workspace.root / str(self._plan["ingest"])
        ingest = _ingest_in(self._fetch(folder), state_of(folder, "*"))
        if ingest.sha256 != self.facts["inputs"]:
            raise PartError(
                "other figures lie where the ingest of this run was: start it again"
            )
        return ingest

    @cached_property
    def previous(self) -> Path | None:
        """The previous published vintage; None if there is none.

        Raises:
            OutputError: its manifest was changed since the run was planned.
        """
        previous = self._plan["previous"]
        if previous is None:
            return None
        run = self.workspace.root / str(previous)
        self._fetch_runs([run])
        require_manifest(run, str(self._plan["previous_sha256"]))
        return run

    @property
    def past(self) -> Past:
        """What it knows of earlier vintages."""
        past = Past.load(self._plan["past"], self.workspace.root)
        self._fetch_runs(Path(folder) for _, _, folder, _ in past.runs)
        return past

    def _fetch_runs(self, runs: Iterable[Path]) -> None:
        if (store := self.workspace.store) is not None:
            for run in runs:
                fetch_run(run, results=self.workspace.results, store=store)

    @property
    def backtest(self) -> BacktestRun | None:
        """The backtest that the run carries, if one was asked for."""
        name = self.facts["backtest"]
        if name is None:
            return None
        return BacktestRun(str(name), self._fetch(self.workspace.backtests / str(name)))

    @cached_property
    def registry(self) -> Registry:
        """The registry that was planned with, and what looks at publishers add to it.

        Raises:
            RequestError: somebody edited it since.
        """
        return self.registry_on(self.as_of)

    def registry_on(self, day: date) -> Registry:
        """The same with what looks up to an earlier day had added."""
        return with_looks(self._reviewed, self.ingest.looks, as_of=day)

    @cached_property
    def _reviewed(self) -> Registry:
        registry = reviewed(self.workspace.registry)
        if registry.content_sha256 != self.facts["registry"]:
            raise RequestError(
                "the registry was edited while the run was under way: start it again"
            )
        return registry

    def require_its_suites(self) -> None:
        """Ask, once a table was held against its suite, whether it was the one planned.

        Raises:
            RequestError: somebody edited the suites since.
        """
        if _suites_of(self.workspace) != self.facts["expectations"]:
            raise RequestError(
                "expectations/ was edited while the run was under way: start it again"
            )

    @property
    def seen_through(self) -> dict[str, date]:
        """By benchmark, through which day its publisher's own file was seen."""
        seen = {
            name: seen_through(looks, as_of=self.as_of)
            for name, looks in self.ingest.looks.items()
        }
        return {name: day for name, day in seen.items() if day is not None}

    @cached_property
    def series(self) -> list[Series]:
        """Every series of the run: whole benchmarks, and views its thresholds take."""
        views = [series for _, series in self.thresholds]
        everything = [*every_series(self.registry), *views]
        return list({one.series_id: one for one in everything}.values())

    @cached_property
    def thresholds(self) -> list[tuple[Threshold, Series]]:
        """Thresholds of the run with their series, and only the trends asked for."""
        return [
            (threshold, select_series(threshold.series, self.registry))
            for threshold in self._asked
            if threshold.trends
        ]

    @property
    def without_trend(self) -> list[str]:
        """Thresholds that are left out because they name no trend asked for."""
        return [threshold.id for threshold in self._asked if not threshold.trends]

    @cached_property
    def _asked(self) -> list[Threshold]:
        wanted, trends = self.facts["thresholds"], self.facts["trends"]
        return _asked_for(
            self.registry,
            wanted if isinstance(wanted, list) else None,
            trends if isinstance(trends, list) else None,
        )

    @cached_property
    def sources(self) -> dict[str, dict[str, object]]:
        """What the ingest reports of each source."""
        return self.ingest.sources

    @property
    def stopped(self) -> dict[str, str]:
        """Sources without figures, each with the reason."""
        return self.ingest.stopped


def _suites_of(workspace: Workspace) -> str:
    return fingerprint_files(workspace.expectations, suffix=".yaml")


@lru_cache(maxsize=1)
def _ingest_in(folder: Path, _state: State) -> Ingest:
    """Read once a process while no file is touched: every stage of a run asks."""
    return load_ingest(folder)


def _name(plan: Mapping[str, object]) -> str:
    """Name of the folder of a plan, by all that it says."""
    return f"{fingerprint(plan['facts'])[:12]}-{fingerprint(plan)[:6]}"


def _below(path: Path, workspace: Workspace) -> str:
    """A path as every machine has it."""
    return path.relative_to(workspace.root).as_posix()


def _asked_for(
    registry: Registry, wanted: Sequence[str] | None, trends: Sequence[str] | None
) -> list[Threshold]:
    """Thresholds by id, else the active ones, each with the trends asked for.

    Where its headline's is not among them, the first of them takes its place.
    """
    chosen = [
        threshold
        for threshold in registry.thresholds.values()
        if (threshold.status == "active" if wanted is None else threshold.id in wanted)
    ]
    if trends is None:
        return chosen
    return [_only(one, trends) for one in chosen]


def _only(threshold: Threshold, trends: Sequence[str]) -> Threshold:
    kept = [one for one in threshold.trends if one in trends]
    headline = threshold.headline_trend
    if kept and headline not in kept:
        headline = kept[0]
    return threshold.model_copy(update={"trends": kept, "headline_trend": headline})


def _refuse_nonsense(request: ForecastRequest, registry: Registry) -> None:
    unknown = set(request.thresholds or ()) - set(registry.thresholds)
    if unknown:
        known = ", ".join(sorted(registry.thresholds))
        raise RequestError(f"no threshold {sorted(unknown)}; there are: {known}")
    for threshold_id in request.thresholds or ():
        refuse_retired(registry.thresholds[threshold_id])
    families = {trend.value for trend in TrendFamily}
    if strange := set(request.trends or ()) - families:
        raise RequestError(f"no trend {sorted(strange)}; there are: {sorted(families)}")
    asked = _asked_for(registry, request.thresholds, request.trends)
    if request.trends and not any(one.trends for one in asked):
        raise RequestError(
            f"none of the thresholds asked for has the trend "
            f"{' or '.join(request.trends)}: ask for another, or for other thresholds"
        )
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
