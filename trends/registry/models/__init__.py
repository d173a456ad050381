"""What the reviewed registry says: one Pydantic model per kind of entry.

Only shapes and rules that need no other file live here; rules between files are
in ``trends.registry.rules``. Values are in stored units: fractions, never percent.
"""

from trends.registry.models.benchmarks import (
    Baseline,
    Benchmark,
    Ceiling,
    Domain,
    MeasurableRange,
    Mover,
    Reporter,
    ScoreUnit,
)
from trends.registry.models.entrants import Alias, Correction, Model
from trends.registry.models.fields import (
    FIRST_DAY,
    LATEST_TEST,
    Acceptance,
    Cell,
    Citation,
    Entry,
    HostName,
    Identifier,
    Owner,
    PublicDay,
    Text,
    Url,
)
from trends.registry.models.sources import Reviewed, Source, SourceFile
from trends.registry.models.thresholds import (
    Bar,
    BarBasis,
    Change,
    CrossingRule,
    SeriesRule,
    Threshold,
    ThresholdSource,
)
from trends.registry.models.trends import HEADLINE_TREND, TrendFamily

__all__ = [
    "FIRST_DAY",
    "HEADLINE_TREND",
    "LATEST_TEST",
    "Acceptance",
    "Alias",
    "Bar",
    "BarBasis",
    "Baseline",
    "Benchmark",
    "Ceiling",
    "Cell",
    "Change",
    "Citation",
    "Correction",
    "CrossingRule",
    "Domain",
    "Entry",
    "HostName",
    "Identifier",
    "MeasurableRange",
    "Model",
    "Mover",
    "Owner",
    "PublicDay",
    "Reporter",
    "Reviewed",
    "ScoreUnit",
    "SeriesRule",
    "Source",
    "SourceFile",
    "Text",
    "Threshold",
    "ThresholdSource",
    "TrendFamily",
    "Url",
]
