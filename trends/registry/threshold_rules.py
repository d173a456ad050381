"""Rules of a threshold against its benchmark, and of what its words state.

Every rule yields problems at the exact place; none stops at the first.
"""

from collections.abc import Iterator, Mapping
from datetime import date
from itertools import pairwise
from typing import Final

from trends.registry.acceptances import Doubt, unaccepted
from trends.registry.contents import Registry, series_id
from trends.registry.documents import Document
from trends.registry.models import Bar, Benchmark, ScoreUnit, Threshold, TrendFamily
from trends.registry.problems import Problem, found
from trends.registry.stated import in_words, stated, stated_by_id
from trends.registry.wording import as_id, looks_like_percent

LAST_PROJECTION_END: Final = date(2100, 12, 31)
"""Tables have a row a month until then; a slip of 9999 would make millions."""


def broken_threshold_rules(
    registry: Registry, documents: Mapping[str, Document]
) -> Iterator[Problem]:
    """Problems of thresholds that are well formed one by one.

    Args:
        registry: The entries.
        documents: The files they came from, by name inside the registry folder.
    """
    for stem, threshold in registry.thresholds.items():
        document = documents[f"thresholds/{stem}.yaml"]
        yield from _threshold(stem, threshold, registry, document)
    yield from _series(registry, documents)


def _threshold(
    stem: str, threshold: Threshold, registry: Registry, document: Document
) -> Iterator[Problem]:
    if threshold.id != stem:
        message = found(_not_the_name(stem, threshold), threshold.id)
        yield document.problem(("id",), message)
    benchmark_id = threshold.series.benchmark
    benchmark = registry.benchmarks.get(benchmark_id)
    if benchmark is None:
        at = ("series", "benchmark")
        yield document.unknown(at, "benchmark", benchmark_id, registry.benchmarks)
        return
    if benchmark.role == "calibration":
        message = (
            "is carried for calibration and has no threshold: give it role: forecast "
            "in benchmarks.yaml, or take another benchmark"
        )
        yield document.problem(("series", "benchmark"), found(message, benchmark_id))
    for i, reporter in enumerate(threshold.series.reporters or []):
        if reporter not in benchmark.reporters:
            message = f"{benchmark_id} has no scores from this reporter"
            message = found(message, reporter.value, benchmark.reporters)
            yield document.problem(("series", "reporters", i), message)
    yield from _passable(threshold, benchmark, document)
    for i, trend in enumerate(threshold.trends):
        if trend not in {*benchmark.trends, TrendFamily.ENSEMBLE}:
            allowed = ", ".join(benchmark.trends)
            message = f"{benchmark_id} is fitted by {allowed} only"
            yield document.problem(("trends", i), found(message, trend.value))
    if threshold.projection_end > LAST_PROJECTION_END:
        message = f"should be at most {LAST_PROJECTION_END}: no trend holds for longer"
        yield document.problem(
            ("projection_end",), found(message, str(threshold.projection_end))
        )
    if threshold.projection_end <= benchmark.observed_through:
        message = (
            f"should be after {benchmark.observed_through}, the last day on which "
            f"{benchmark_id} is observed (got {threshold.projection_end})"
        )
        yield document.problem(("projection_end",), message)
    yield from _bars(threshold, benchmark, document)


def _passable(
    threshold: Threshold, benchmark: Benchmark, document: Document
) -> Iterator[Problem]:
    """Scores beyond what is measured are bounds only where that has an end."""
    reach = benchmark.measurable_range
    if threshold.series.out_of_range == "censored" and not (reach and reach.high):
        message = (
            f"{threshold.series.benchmark} has no measurable_range.high to be beyond"
        )
        at = ("series", "out_of_range")
        yield document.problem(at, found(message, "censored"))


def _bars(
    threshold: Threshold, benchmark: Benchmark, document: Document
) -> Iterator[Problem]:
    sound = []
    doubts = []
    for i, bar in enumerate(threshold.bars):
        if wrong := _wrong_value(bar, benchmark):
            yield document.problem(("bars", i, "value"), wrong)
            continue
        sound.append((i, bar))
        yield from _words_of(bar, i, benchmark, document)
        if doubt := _unreachable(bar, benchmark):
            doubts.append(doubt._replace(at=("bars", i, "value"), bar=bar.id))
    yield from unaccepted(doubts, threshold.accepts, document)
    yield from _order(sound, benchmark, document)
    yield from _title(threshold, benchmark, document)


def _order(
    bars: list[tuple[int, Bar]], benchmark: Benchmark, document: Document
) -> Iterator[Problem]:
    harder = "lower" if benchmark.direction == "lower" else "higher"
    sign = -1 if benchmark.direction == "lower" else 1
    for (_, easier), (i, bar) in pairwise(bars):
        if sign * bar.value <= sign * easier.value:
            message = (
                f"bars go from easy to hard, so this one should be {harder} than "
                f"{easier.value:.10g} of bar {easier.id!r} (got {bar.value:.10g})"
            )
            yield document.problem(("bars", i, "value"), message)


def _words_of(
    bar: Bar, i: int, benchmark: Benchmark, document: Document
) -> Iterator[Problem]:
    """Label and id of a bar, against its value."""
    unit, value = benchmark.unit, f"{bar.value:.10g}"
    named = stated_by_id(bar.id, unit)
    if named is not None and not named.is_of(bar.value):
        message = (
            f"names another number than the bar's value {value}: write "
            f"{_id_of(bar.value, unit)}, or mend the value"
        )
        yield document.problem(("bars", i, "id"), found(message, bar.id))
    for key in ("label", "short_label"):
        for one in stated(getattr(bar, key, None) or "", unit):
            if not one.is_of(bar.value):
                message = (
                    f"says {one.printed!r}, and the bar's value is {value}: write "
                    f"{in_words(bar.value, unit)!r}, or mend the value"
                )
                yield document.problem(("bars", i, key), message)


def _title(
    threshold: Threshold, benchmark: Benchmark, document: Document
) -> Iterator[Problem]:
    """A title that states a bar states the headline bar."""
    bar = threshold.headline_bar
    if _wrong_value(bar, benchmark) is not None:
        return
    for one in stated(threshold.title, benchmark.unit):
        if not one.is_of(bar.value):
            message = (
                f"says {one.printed!r}, and the headline bar is {bar.value:.10g}: write "
                f"{in_words(bar.value, benchmark.unit)!r}"
            )
            yield document.problem(("title",), message)


def _id_of(value: float, unit: ScoreUnit) -> str:
    """An id that names the value."""
    if unit is ScoreUnit.FRACTION:
        return f"pct{100 * value:.10g}".replace(".", "_")
    if unit is ScoreUnit.MINUTES:
        return f"min{value:.10g}".replace(".", "_")
    lead = "usd" if unit is ScoreUnit.USD else "x"
    return f"{lead}{value:.10g}".replace(".", "_")


def _not_the_name(stem: str, threshold: Threshold) -> str:
    if stem != as_id(stem):
        return f"the id is the file's name: rename the file to {threshold.id}.yaml"
    return f"the id is the file's name: write {stem}, or rename the file"


def _wrong_value(bar: Bar, benchmark: Benchmark) -> str | None:
    """Why no score of this benchmark can be compared with the bar."""
    got = f"(got {bar.value:.10g})"
    if not benchmark.unit.is_bounded:
        wrong = bar.value <= 0
        return f"should be above 0 {benchmark.unit} {got}" if wrong else None
    if looks_like_percent(bar.value):
        return f"looks like a percentage, write {bar.value / 100:.2f} {got}"
    if bar.value > 1:
        return f"a fraction is at most 1: write 0.80 for 80% {got}"
    if bar.value == 1:
        return f"only a score without any error reaches it: write 0.99 {got}"
    if benchmark.floor is not None and bar.value <= benchmark.floor:
        floor = f"the floor {benchmark.floor:.10g}, the score of guessing"
        return f"should be above {floor} {got}"
    return None


def _unreachable(bar: Bar, benchmark: Benchmark) -> Doubt | None:
    """Why the bar may never be seen to be crossed, although it could be."""
    got = f"(got {bar.value:.10g})"
    if benchmark.ceiling and bar.value >= (best := max(benchmark.ceiling.values)):
        said = f"is not below the best ceiling judged, {best:.10g} {got}"
        return Doubt("bar_above_ceiling", (), said)
    reach = benchmark.measurable_range
    if (
        reach
        and reach.high is not None
        and benchmark.direction == "higher"
        and bar.value > reach.high
    ):
        said = (
            f"is above {reach.high:.10g} {benchmark.unit}, the most the suite measures: "
            f"cannot be observed on this suite {got}"
        )
        return Doubt("bar_above_measurable", (), said)
    return None


def _series(registry: Registry, documents: Mapping[str, Document]) -> Iterator[Problem]:
    """Two harnesses must not share a series id, or their scores would be mixed."""
    first_with: dict[str, str] = {}
    for stem, threshold in registry.thresholds.items():
        rule = threshold.series
        if rule.benchmark not in registry.benchmarks:
            continue
        name = series_id(rule, registry.benchmarks[rule.benchmark])
        first = first_with.setdefault(name, rule.harness)
        if first != rule.harness:
            message = found(
                f"shares series id {name!r} with harness {first!r}", rule.harness
            )
            document = documents[f"thresholds/{stem}.yaml"]
            yield document.problem(("series", "harness"), message)
