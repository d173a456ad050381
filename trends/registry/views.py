"""Which benchmarks are views of one test: the same items, as several boards report them."""

from collections.abc import Iterator
from typing import Final

from trends.registry.contents import Registry
from trends.registry.documents import Document
from trends.registry.models import Benchmark
from trends.registry.problems import Problem, found

_SHARED: Final = (
    "domain",
    "family_id",
    "unit",
    "direction",
    "floor",
    "ceiling",
    "measured_by",
)
"""What belongs to the items, so that views cannot differ in it."""


def broken_views(registry: Registry, document: Document) -> Iterator[Problem]:
    """Problems of ``view_of``: a view names the leading view of its test.

    Args:
        registry: the entries.
        document: benchmarks.yaml.
    """
    for benchmark_id, benchmark in registry.benchmarks.items():
        at = (benchmark_id, "view_of")
        leading = benchmark.view_of
        if leading is None:
            continue
        if leading not in registry.benchmarks:
            message = found("unknown benchmark", leading, registry.benchmarks)
            yield document.problem(at, message)
            continue
        lead = registry.benchmarks[leading]
        if leading == benchmark_id:
            yield document.problem(at, "a benchmark is no view of itself: delete it")
        elif lead.view_of is not None:
            message = "is a view itself: name the one that leads"
            yield document.problem(at, found(f"{leading} {message}", lead.view_of))
        for name in _SHARED:
            if getattr(benchmark, name) != getattr(lead, name):
                yield document.problem(
                    at, f"{leading} has another {name}, and it is that of the items"
                )


def lead_of(benchmark: Benchmark, registry: Registry) -> Benchmark | None:
    """The view that speaks for its test; None where it does so itself.

    A mix of an older roster with newer entries, as made to split a change, may lack it.
    """
    if benchmark.view_of is None:
        return None
    return registry.benchmarks.get(benchmark.view_of)
