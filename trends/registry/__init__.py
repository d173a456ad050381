"""The reviewed registry: benchmarks, models, sources, corrections and thresholds.

``load_registry`` gives a registry that can be trusted or an error that names every
problem with its file, line and column; ``check`` lists the warnings too.
"""

from trends.registry.contents import (
    Registry,
    dump_registry,
    restore_registry,
    series_id,
    threshold_series_id,
)
from trends.registry.held_out import HeldOut
from trends.registry.load import (
    RegistryError,
    check,
    load_headline,
    load_held_out,
    load_registry,
)
from trends.registry.models import (
    Alias,
    Bar,
    BarBasis,
    Baseline,
    Benchmark,
    Ceiling,
    Change,
    Citation,
    Correction,
    CrossingRule,
    Domain,
    Entry,
    MeasurableRange,
    Model,
    Reporter,
    ScoreUnit,
    SeriesRule,
    Source,
    SourceFile,
    Threshold,
    ThresholdSource,
    TrendFamily,
)
from trends.registry.problems import Problem, format_problems
from trends.registry.weights import Weights

__all__ = [
    "Alias",
    "Bar",
    "BarBasis",
    "Baseline",
    "Benchmark",
    "Ceiling",
    "Change",
    "Citation",
    "Correction",
    "CrossingRule",
    "Domain",
    "Entry",
    "HeldOut",
    "MeasurableRange",
    "Model",
    "Problem",
    "Registry",
    "RegistryError",
    "Reporter",
    "ScoreUnit",
    "SeriesRule",
    "Source",
    "SourceFile",
    "Threshold",
    "ThresholdSource",
    "TrendFamily",
    "Weights",
    "check",
    "dump_registry",
    "format_problems",
    "load_headline",
    "load_held_out",
    "load_registry",
    "restore_registry",
    "series_id",
    "threshold_series_id",
]
