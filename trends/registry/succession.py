"""Which benchmark took the place of which, and what must hold of that."""

from collections.abc import Iterator

from trends.registry.contents import Registry
from trends.registry.documents import Document
from trends.registry.models import Benchmark
from trends.registry.problems import Problem, found


def broken_successions(registry: Registry, document: Document) -> Iterator[Problem]:
    """Problems of ``status: superseded``, ``superseded_by`` and ``supersedes``.

    They go together: a series that readers are sent away from says to which, and that
    one says what it took the place of.

    Args:
        registry: the entries.
        document: benchmarks.yaml.
    """
    for benchmark_id, benchmark in registry.benchmarks.items():
        at = (benchmark_id, "superseded_by")
        successor = benchmark.superseded_by
        if successor is None:
            if benchmark.status == "superseded":
                message = "a superseded benchmark names the one that took its place"
                yield document.problem(
                    (benchmark_id, "status"), f"{message}: add superseded_by"
                )
        elif successor not in registry.benchmarks:
            message = found("unknown benchmark", successor, registry.benchmarks)
            yield document.problem(at, message)
        elif benchmark.status != "superseded":
            message = "goes with status: superseded, without which it says nothing"
            yield document.problem(
                (benchmark_id, "status"),
                found(f"superseded_by {message}", benchmark.status),
            )
        elif benchmark_id in (line := _successors(benchmark_id, registry)):
            way = " -> ".join([benchmark_id, *line])
            yield document.problem(at, f"nothing takes its own place: {way}")
        elif benchmark_id not in registry.benchmarks[successor].supersedes:
            yield document.problem(
                at,
                f"{successor} does not say so: add {benchmark_id} to its supersedes",
            )
        yield from _one_sided(benchmark_id, registry, document)


def _one_sided(
    benchmark_id: str, registry: Registry, document: Document
) -> Iterator[Problem]:
    """What the entry claims to supersede and does not say so itself."""
    for i, older in enumerate(registry.benchmarks[benchmark_id].supersedes):
        at = (benchmark_id, "supersedes", i)
        if older not in registry.benchmarks:
            message = found("unknown benchmark", older, registry.benchmarks)
            yield document.problem(at, message)
        elif registry.benchmarks[older].superseded_by != benchmark_id:
            yield document.problem(
                at,
                f"{older} does not say so: write status: superseded and "
                f"superseded_by: {benchmark_id} there",
            )


def successor_of(benchmark: Benchmark, registry: Registry) -> Benchmark | None:
    """The benchmark that took its place, if any did.

    A mix of an older roster with newer entries, as made to split a change, may lack it.
    """
    if benchmark.status != "superseded" or benchmark.superseded_by is None:
        return None
    return registry.benchmarks.get(benchmark.superseded_by)


def _successors(benchmark_id: str, registry: Registry) -> list[str]:
    """Whoever followed, in order, up to the last or to the first seen twice."""
    line: list[str] = []
    following = registry.benchmarks[benchmark_id].superseded_by
    while following in registry.benchmarks and following not in line:
        line.append(following)
        following = registry.benchmarks[following].superseded_by
    return line
