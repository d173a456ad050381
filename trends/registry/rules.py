"""Rules between registry files.

Every rule yields problems at the exact place; none stops at the first.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Final

from trends.registry.acceptances import Doubt, unaccepted
from trends.registry.contents import Registry
from trends.registry.documents import Document
from trends.registry.models import Benchmark, Model, Source
from trends.registry.problems import Problem, found
from trends.registry.scenario_rules import broken_scenario_rules
from trends.registry.succession import broken_successions
from trends.registry.threshold_rules import broken_threshold_rules
from trends.registry.views import broken_views
from trends.tables import RAW_SCORES

LONGEST_INTERVAL: Final = timedelta(days=366)
"""A release that is not known to within a year is not dated at all."""

_PROVENANCE: Final = {"source_id", "benchmark_id", "source_file", "source_row"}
_CSV_COLUMNS: Final = [name for name in RAW_SCORES.schema if name not in _PROVENANCE]


def broken_rules(
    registry: Registry, documents: Mapping[str, Document]
) -> Iterator[Problem]:
    """Problems of entries that are well formed one by one.

    Args:
        registry: The entries.
        documents: The files they came from, by name inside the registry folder.
    """
    yield from _sources(registry, documents["sources.yaml"])
    yield from _benchmarks(registry, documents["benchmarks.yaml"])
    yield from _models(registry, documents["models.yaml"])
    yield from _aliases(registry, documents["model_aliases.yaml"])
    yield from _corrections(registry, documents["corrections.yaml"])
    yield from broken_threshold_rules(registry, documents)
    yield from broken_scenario_rules(registry, documents)


def _sources(registry: Registry, document: Document) -> Iterator[Problem]:
    for source_id, source in registry.sources.items():
        for i, benchmark_id in enumerate(source.benchmarks):
            at = (source_id, "benchmarks", i)
            benchmark = registry.benchmarks.get(benchmark_id)
            if benchmark is None:
                yield document.unknown(
                    at, "benchmark", benchmark_id, registry.benchmarks
                )
            elif benchmark.source in {*registry.sources} - {source_id}:
                message = found(
                    f"{benchmark_id} belongs to source {benchmark.source!r} in "
                    "benchmarks.yaml; list it there or change its source",
                    source_id,
                )
                yield document.problem(at, message)
        yield from _source_files(source_id, source, document)


def _source_files(
    source_id: str, source: Source, document: Document
) -> Iterator[Problem]:
    """Files of one source: ids that tell them apart, and benchmarks that are its own."""
    first_with: dict[str, int] = {}
    for i, file in enumerate(source.files):
        if first_with.setdefault(file.id, i) != i:
            message = found("another file of this source has this id", file.id)
            yield document.problem((source_id, "files", i, "id"), message)
        for j, benchmark_id in enumerate(file.benchmarks):
            at = (source_id, "files", i, "benchmarks", j)
            if benchmark_id not in source.benchmarks:
                message = f"{source_id} has no such benchmark"
                message = found(message, benchmark_id, source.benchmarks)
                yield document.problem(at, message)
            elif file.benchmarks.index(benchmark_id) != j:
                message = found("this benchmark stands here twice", benchmark_id)
                yield document.problem(at, message)


def _benchmarks(registry: Registry, document: Document) -> Iterator[Problem]:
    listed = {
        source_id: Counter(source.benchmarks)
        for source_id, source in registry.sources.items()
    }
    for benchmark_id, benchmark in registry.benchmarks.items():
        at = (benchmark_id, "source")
        if benchmark.source not in listed:
            yield document.unknown(at, "source", benchmark.source, listed)
        elif (times := listed[benchmark.source][benchmark_id]) != 1:
            message = f"source {benchmark.source!r} must list this benchmark once"
            yield document.problem(at, f"{message}, not {times} times, in sources.yaml")
        yield from _first_days(benchmark_id, benchmark, document)
        yield from _end(benchmark_id, benchmark, document)
        yield from _last_period(benchmark_id, benchmark, document)
        doubts = list(_doubts(benchmark))
        yield from unaccepted(doubts, benchmark.accepts, document, at=(benchmark_id,))
    yield from broken_successions(registry, document)
    yield from broken_views(registry, document)


def _first_days(
    benchmark_id: str, benchmark: Benchmark, document: Document
) -> Iterator[Problem]:
    """The day on which a benchmark became public, against its other days."""
    first = benchmark.first_public_on
    if first is None:
        return
    if first > benchmark.observed_through:
        last = f"the last day on which {benchmark_id} is observed"
        message = f"is after {benchmark.observed_through}, {last} (got {first})"
        yield document.problem((benchmark_id, "first_public_on"), message)
    for name in ("items_public_on", "oldest_release_on"):
        day = getattr(benchmark, name)
        if day is not None and day > first:
            message = f"should not be after first_public_on, {first} (got {day})"
            yield document.problem((benchmark_id, name), message)


def _doubts(benchmark: Benchmark) -> Iterator[Doubt]:
    """Days that should be known and are not."""
    if benchmark.first_public_on is None or benchmark.first_public_source is None:
        message = (
            "name first_public_on and first_public_source, the day on which it became "
            "public and where that is stated: without them no report is too early"
        )
        yield Doubt("first_day_unknown", (), message)
    if benchmark.measured_by == "period" and benchmark.measured_through is None:
        message = (
            "name measured_through, the date of its last period: without it the time "
            "up to the report counts as silence"
        )
        yield Doubt("last_period_unknown", (), message)


def _end(
    benchmark_id: str, benchmark: Benchmark, document: Document
) -> Iterator[Problem]:
    """That nobody adds scores any more, against the day since when and the reason."""
    if benchmark.status == "closed" and benchmark.closed_on is None:
        message = "a closed benchmark names the last day on which a score was added"
        at = (benchmark_id, "status")
        yield document.problem(at, f"{message}: add closed_on and closed_because")
    if (benchmark.closed_on is None) != (benchmark.closed_because is None):
        message = "go together: since when nobody adds scores, and how that is known"
        at = (benchmark_id, "closed_on" if benchmark.closed_on else "closed_because")
        yield document.problem(at, f"closed_on and closed_because {message}")


def _last_period(
    benchmark_id: str, benchmark: Benchmark, document: Document
) -> Iterator[Problem]:
    """A period cannot have been read before it was measured."""
    last, read = benchmark.measured_through, benchmark.observed_through
    if last is not None and last > read:
        message = f"should not be after observed_through, {read} (got {last})"
        yield document.problem((benchmark_id, "measured_through"), message)


def _models(registry: Registry, document: Document) -> Iterator[Problem]:
    first_with: dict[str, str] = {}
    for model_id, model in registry.models.items():
        first = first_with.setdefault(model.name, model_id)
        if first != model_id:
            message = found(f"model {first!r} already has this name", model.name)
            yield document.problem((model_id, "name"), message)
        yield from _release_days(model_id, model, document)
        for i, component in enumerate(model.components):
            if component not in registry.models:
                at = (model_id, "components", i)
                yield document.unknown(at, "model", component, registry.models)


def _release_days(model_id: str, model: Model, document: Document) -> Iterator[Problem]:
    """The first and last day of a release, against one another and its one day."""
    first, day, last = model.earliest, model.release_date, model.latest
    if first and last and first > last:
        message = f"should not be before earliest, {first} (got {last})"
        yield document.problem((model_id, "latest"), message)
    elif first and last and last - first > LONGEST_INTERVAL:
        message = (
            f"is {(last - first).days} days after earliest, more than "
            f"{LONGEST_INTERVAL.days}: that dates nothing (got {last})"
        )
        yield document.problem((model_id, "latest"), message)
    if day and ((first and day < first) or (last and day > last)):
        message = f"should lie between earliest and latest (got {day})"
        yield document.problem((model_id, "release_date"), message)


def _aliases(registry: Registry, document: Document) -> Iterator[Problem]:
    for spelling, alias in registry.aliases.items():
        if alias.model not in registry.models:
            at = (spelling, "model")
            yield document.unknown(at, "model", alias.model, registry.models)


def _corrections(registry: Registry, document: Document) -> Iterator[Problem]:
    first_with: dict[str, int] = {}
    for i, correction in enumerate(registry.corrections):
        if first_with.setdefault(correction.id, i) != i:
            message = found("another correction has this id", correction.id)
            yield document.problem((i, "id"), message)
        if correction.benchmark not in registry.benchmarks:
            known = registry.benchmarks
            at = (i, "benchmark")
            yield document.unknown(at, "benchmark", correction.benchmark, known)
        for part in ("match", "expect", "set"):
            for column in getattr(correction, part):
                if column not in _CSV_COLUMNS:
                    at_column = (i, part, column)
                    message = found("unknown column", column, _CSV_COLUMNS)
                    yield document.problem(at_column, message, at_key=True)
