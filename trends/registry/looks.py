"""What looking at publishers' own files showed, as evidence of silence.

The registry says up to which day somebody knows that nothing newer exists. A look that
finds nothing newer is such knowledge too: it moves that day, for vintages from then on.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import NamedTuple

from trends.registry.contents import Registry
from trends.registry.models import Benchmark


class Seen(NamedTuple):
    """On a day of looking, up to which day what is carried was known to be all."""

    on: date
    through: date


Looks = Mapping[str, Sequence[Seen]]
"""By benchmark."""


def looks_of(texts: Mapping[str, Sequence[Sequence[str]]]) -> Looks:
    """Looks as they stand in a file: pairs of days in ISO form."""
    return {
        name: [Seen(*map(date.fromisoformat, pair)) for pair in pairs]
        for name, pairs in texts.items()
    }


def seen_through(seen: Iterable[Seen], *, as_of: date) -> date | None:
    """Through which day the looks up to ``as_of`` saw; None without one."""
    return max((one.through for one in seen if one.on <= as_of), default=None)


def with_looks(registry: Registry, looks: Looks, *, as_of: date) -> Registry:
    """The registry with ``observed_through`` moved by what ``as_of`` can know.

    It is never moved back: what the registry says is the least that is known. Where a
    list was closed earlier, ``closed_on`` ends the series still.
    """
    benchmarks = {
        name: _moved(benchmark, seen_through(looks.get(name, ()), as_of=as_of))
        for name, benchmark in registry.benchmarks.items()
    }
    return replace(registry, benchmarks=benchmarks)


def _moved(benchmark: Benchmark, day: date | None) -> Benchmark:
    if day is None or day <= benchmark.observed_through:
        return benchmark
    basis = f"its publisher's own file showed up to {day} what is carried"
    return benchmark.model_copy(
        update={"observed_through": day, "observed_through_basis": basis}
    )
