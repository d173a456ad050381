"""METR's time horizons: one YAML file a suite, a model a key, horizons in minutes.

The file of suite 1.1 carries models that were measured on suite 1.0 only, and says so
in their rows. A file of suite 1.0 is read too; its rows name the suite as their scoring
rule, so that no series of another suite takes them.
"""

from typing import Annotated, Any, Final, NamedTuple

from pydantic import Field

from trends.characters import quote
from trends.registry.models import Identifier, Text
from trends.sources import SourceError
from trends.sources.origin import Origin
from trends.sources.reading import (
    Reading,
    ReadRequest,
    Rows,
    options,
    require_benchmarks,
)
from trends.sources.yaml_text import Mapping, parse_yaml

SUITES: Final = {
    "METR-Horizon-v1": "1.0",
    "METR-Horizon-v1.0": "1.0",
    "METR-Horizon-v1.1": "1.1",
}
"""Suites by the name that METR's files give them."""


class Options(Origin):
    """Which horizon is which benchmark, and the suite of their series.

    ``names`` are the names of METR's page by the keys of the file; a key that has none
    there stands for itself, and is unknown until somebody looks at it.
    """

    suite: str
    names: Annotated[dict[Text, Text], Field(default_factory=dict)]
    p50_horizon_length: Identifier
    p80_horizon_length: Identifier

    @property
    def benchmarks(self) -> dict[str, str]:
        """Benchmarks by metric."""
        return {
            "p50_horizon_length": self.p50_horizon_length,
            "p80_horizon_length": self.p80_horizon_length,
        }


def recognises(content: bytes) -> bool:
    """Whether it names METR's suite and a horizon."""
    return b"METR-Horizon" in content and b"_horizon_length:" in content


def read(content: bytes, request: ReadRequest) -> Reading:
    """One row a model and horizon, found at the line of the horizon.

    Raises:
        SourceError: no such file, another suite than those known, or no score in it.
    """
    chosen = options(request, Options)
    require_benchmarks(request, set(chosen.benchmarks.values()))
    document = parse_yaml(content, request.name)
    results = document.get("results") if isinstance(document, Mapping) else None
    if not isinstance(results, Mapping):
        raise SourceError(
            f"{request.name}:1: has no mapping 'results': METR has changed the format",
            file=request.name,
        )
    suite = _suite(document.get("benchmark_name"), request.name)
    rows = Rows(request)
    same = chosen.cells | {"harness": chosen.harness}
    if suite != chosen.suite:
        same["scoring_rule"] = f"suite {suite}"
    for key, fields in results.items():
        model = _Model(key, results.key_lines[key], fields)
        name = chosen.names.get(key, key)
        for metric, benchmark_id in chosen.benchmarks.items():
            cells = {**same, "model_name_published": name}
            _read_horizon(rows, model, metric, benchmark_id, cells)
    return rows.reading()


class _Model(NamedTuple):
    """One entry of the file; ``fields`` may be anything."""

    key: str
    line: int
    fields: Any


def _read_horizon(
    rows: Rows,
    model: _Model,
    metric: str,
    benchmark_id: str,
    cells: dict[str, str | None],
) -> None:
    published = {model.key: model.fields, "read": metric}
    fields = model.fields if isinstance(model.fields, Mapping) else {}
    metrics = fields.get("metrics")
    horizon = metrics.get(metric) if isinstance(metrics, Mapping) else None
    if not isinstance(metrics, Mapping) or not isinstance(horizon, Mapping):
        reason = f"{quote(model.key)} has no field 'metrics.{metric}'"
        rows.fault(model.line, reason, published)
        return
    line = metrics.key_lines[metric]
    if not isinstance(horizon.get("estimate"), str):
        reason = f"{quote(model.key)} has no field 'metrics.{metric}.estimate'"
        rows.fault(line, reason, published)
        return
    rows.score(
        line,
        benchmark_id,
        published,
        release_date=_text(fields.get("release_date")),
        score=horizon["estimate"],
        ci_low=_text(horizon.get("ci_low")),
        ci_high=_text(horizon.get("ci_high")),
        note=_note(fields.get("benchmark_name")),
        **cells,
    )


def _suite(name: Any, file: str) -> str:
    if isinstance(name, str) and name in SUITES:
        return SUITES[name]
    raise SourceError(
        f"{file}: benchmark_name is {quote(name)}, and the suites known are "
        f"{', '.join(SUITES)}: scores of two suites are not compared, so open a new "
        "series for it",
        file=file,
    )


def _note(name: Any) -> str | None:
    """What a row says of its suite where that is not the newest known."""
    if not isinstance(name, str) or SUITES.get(name) == "1.1":
        return None
    return f"measured on suite {SUITES.get(name, name)}"


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) else None
