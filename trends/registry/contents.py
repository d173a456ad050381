"""The registry as the rest of the project sees it: parsed, checked, frozen."""

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from functools import cached_property

from pydantic import BaseModel, TypeAdapter

from trends.registry.contests import Contests
from trends.registry.models import (
    Alias,
    Benchmark,
    Correction,
    Model,
    Reporter,
    SeriesRule,
    Source,
    Threshold,
)
from trends.registry.scenarios import (
    EssayClaim,
    LabourRatio,
    ReferenceForecast,
    Scenario,
)
from trends.registry.weights import Weights
from trends.registry.withholding import Withholding


@dataclass(frozen=True)
class Registry:
    """Every reviewed entry, by id (aliases by published spelling)."""

    benchmarks: dict[str, Benchmark]
    models: dict[str, Model]
    aliases: dict[str, Alias]
    corrections: list[Correction]
    sources: dict[str, Source]
    thresholds: dict[str, Threshold]
    scenarios: dict[str, Scenario] = field(default_factory=dict)
    reference_forecasts: dict[str, ReferenceForecast] = field(default_factory=dict)
    essay_claims: dict[str, EssayClaim] = field(default_factory=dict)
    labour_ratios: dict[str, LabourRatio] = field(default_factory=dict)
    weights: Weights | None = None
    withholding: Withholding | None = None
    contests: Contests | None = None

    @cached_property
    def spellings(self) -> dict[str, Alias]:
        """Registered names and published spellings: which model each names."""
        names = {model.name: Alias(model=id) for id, model in self.models.items()}
        return names | self.aliases

    @cached_property
    def content_sha256(self) -> str:
        """Hash of what the entries say; comments, order and layout do not matter."""
        text = json.dumps(dump_registry(self), sort_keys=True, separators=(",", ":"))
        return hashlib.sha256(text.encode()).hexdigest()


def dump_registry(registry: Registry) -> dict[str, object]:
    """Every entry as JSON values, from which ``restore_registry`` makes it again."""
    return {
        field.name: _plain(getattr(registry, field.name)) for field in fields(registry)
    }


def restore_registry(content: bytes) -> Registry:
    """The registry that JSON of ``dump_registry`` describes.

    Raises:
        pydantic.ValidationError: this code does not know such entries.
    """
    return TypeAdapter(Registry).validate_json(content)


def series_id(rule: SeriesRule, benchmark: Benchmark) -> str:
    """Name of the series that a rule selects.

    The benchmark's own id when the rule leaves nothing out, else the id followed by
    what it keeps: ``swe_bench_verified__live_swe_agent__independent``. A benchmark id
    has no double underscore, so the two cannot be confused.
    """
    parts = [rule.benchmark]
    if rule.harness != "any":
        parts.append(re.sub(r"[^a-z0-9]+", "_", rule.harness.lower()).strip("_"))
    if rule.reporters is not None and set(rule.reporters) != set(benchmark.reporters):
        kept = [reporter.value for reporter in Reporter if reporter in rule.reporters]
        parts.append("_and_".join(kept))
    if rule.out_of_range == "censored":
        parts.append("out_of_range_censored")
    return "__".join(parts)


def threshold_series_id(threshold: Threshold, registry: Registry) -> str:
    """Name of the series that a threshold is about."""
    rule = threshold.series
    return series_id(rule, registry.benchmarks[rule.benchmark])


def _plain(
    entries: Mapping[str, BaseModel] | list[BaseModel] | BaseModel | None,
) -> object:
    if entries is None or isinstance(entries, BaseModel):
        return None if entries is None else entries.model_dump(mode="json")
    if isinstance(entries, list):
        return [entry.model_dump(mode="json") for entry in entries]
    return {key: entry.model_dump(mode="json") for key, entry in entries.items()}
