"""Rules of scenarios, reference forecasts and essay claims against the other files."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping

from trends.registry.contents import Registry
from trends.registry.documents import Document
from trends.registry.faults import Location
from trends.registry.models import Domain
from trends.registry.problems import Problem, found
from trends.registry.scenarios import Gate


def broken_scenario_rules(
    registry: Registry, documents: Mapping[str, Document]
) -> Iterator[Problem]:
    """Problems between scenarios and what they rest on.

    Args:
        registry: The entries.
        documents: The files they came from, by name inside the registry folder. A
            threshold whose file cannot be read is not called unknown.
    """
    document = documents["scenarios.yaml"]
    unread = {
        stem
        for name in documents
        if name.startswith("thresholds/")
        and (stem := name.removeprefix("thresholds/").removesuffix(".yaml"))
        not in registry.thresholds
    }
    for scenario_id, scenario in registry.scenarios.items():
        for domain, dimension in scenario.dimensions.items():
            for i, gate in enumerate(dimension.gates):
                at = (scenario_id, "dimensions", domain.value, "gates", i)
                if gate.threshold not in unread:
                    yield from _gate(gate, domain, registry, document, at)
    yield from _default(registry, document)
    yield from _references(registry, documents["reference_forecasts.yaml"])
    yield from _claims(registry, documents["essay_claims.yaml"])


def _default(registry: Registry, document: Document) -> Iterator[Problem]:
    """One scenario is shown where none is asked for, and says why."""
    chosen = [
        scenario_id
        for scenario_id, scenario in registry.scenarios.items()
        if scenario.default_because is not None
    ]
    if registry.scenarios and not chosen:
        message = "one needs default_because, and is shown where none is named"
        yield document.problem((), message)
    for scenario_id in chosen[1:]:
        message = (
            f"{chosen[0]} is the default already; one scenario has default_because"
        )
        yield document.problem((scenario_id, "default_because"), message)


def _gate(
    gate: Gate, domain: Domain, registry: Registry, document: Document, at: Location
) -> Iterator[Problem]:
    threshold = registry.thresholds.get(gate.threshold)
    if threshold is None:
        known = registry.thresholds
        yield document.unknown((*at, "threshold"), "threshold", gate.threshold, known)
        return
    if threshold.status != "active":
        message = f"is {threshold.status}, so no run has its dates"
        yield document.problem((*at, "threshold"), found(message, threshold.id))
    bars = [bar.id for bar in threshold.bars]
    if gate.bar not in bars:
        kind = f"bar of {threshold.id}"
        yield document.unknown((*at, "bar"), kind, gate.bar, bars)
    if gate.trend is not None and gate.trend not in threshold.trends:
        kind = f"trend of {threshold.id}"
        yield document.unknown((*at, "trend"), kind, gate.trend.value, threshold.trends)
    benchmark = registry.benchmarks.get(threshold.series.benchmark)
    if benchmark is not None and benchmark.domain is not domain:
        message = f"{threshold.id} is about {benchmark.domain}, not {domain}"
        yield document.problem((*at, "threshold"), message)


def _references(registry: Registry, document: Document) -> Iterator[Problem]:
    beliefs = Counter(one.belief for one in registry.reference_forecasts.values())
    for reference_id, reference in registry.reference_forecasts.items():
        scenario = reference.compared_with
        if scenario is not None and scenario not in registry.scenarios:
            at = (reference_id, "compared_with")
            yield document.unknown(at, "scenario", scenario, registry.scenarios)
        if reference.belief is not None and beliefs[reference.belief] != 2:
            message = (
                "a curve through a belief needs two probabilities, not "
                f"{beliefs[reference.belief]}"
            )
            yield document.problem((reference_id, "belief"), message)
        yield from _resolution(reference_id, registry, document)


def _resolution(
    reference_id: str, registry: Registry, document: Document
) -> Iterator[Problem]:
    """What a resolution says against the statement that it is about."""
    known = registry.reference_forecasts
    resolution, at = known[reference_id], (reference_id, "resolves")
    if resolution.resolves is None:
        return
    statement = known.get(resolution.resolves)
    if statement is None:
        yield document.unknown(at, "statement", resolution.resolves, known)
    elif statement.kind == "resolution":
        message = "is itself the state of a statement: name the statement"
        yield document.problem(at, found(message, resolution.resolves))
    elif statement.outcome is not None:
        message = (
            f"{resolution.resolves} has an outcome of its own: one place says how a "
            "statement came out"
        )
        yield document.problem(at, message)
    elif resolution.made_through < statement.made_from:
        message = (
            f"is of {resolution.date_made}, before {resolution.resolves} was said on "
            f"{statement.date_made}"
        )
        yield document.problem((reference_id, "date_made"), message)


def _claims(registry: Registry, document: Document) -> Iterator[Problem]:
    for claim_id, claim in registry.essay_claims.items():
        if claim.primary is None:
            continue
        at = (claim_id, "primary")
        benchmark, model = claim.primary.benchmark, claim.primary.model
        if benchmark not in registry.benchmarks:
            known: Iterable[str] = registry.benchmarks
            yield document.unknown((*at, "benchmark"), "benchmark", benchmark, known)
        if model not in registry.models:
            yield document.unknown((*at, "model"), "model", model, registry.models)
