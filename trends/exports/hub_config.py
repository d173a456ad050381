"""Configuration of a hub: who keeps it, and what its models are asked.

The schemas are those of hubverse v6: https://docs.hubverse.io/.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any, Final

import polars as pl

from trends.exports.hub_targets import (
    BAR,
    DATE,
    LATER,
    NEVER,
    PERIOD,
    SCORE,
    TASK_IDS,
    TEAM,
    period_ends,
    period_name,
    quarter_ends,
)

SCHEMAS: Final = "https://raw.githubusercontent.com/hubverse-org/schemas/main/v6.0.0"

Json = dict[str, Any]


def admin(repository: str) -> Json:
    """Who keeps the hub, and where; ``repository`` is owner/name."""
    owner, _, name = repository.partition("/")
    return {
        "schema_version": f"{SCHEMAS}/admin-schema.json",
        "name": "benchmark-trends",
        "maintainer": "The benchmark-trends team",
        "contact": {"name": "The benchmark-trends team"},
        "repository": {"host": "github", "owner": owner, "name": name},
        "file_format": ["parquet"],
        "timezone": "Atlantic/Reykjavik",  # UTC all year; the schema has no UTC
    }


def tasks(summary: pl.DataFrame, output: pl.DataFrame, as_of: date) -> Json:
    """What each target may be asked of.

    Args:
        summary: CROSSING_SUMMARY rows.
        output: rows of all models.
        as_of: of the vintage.
    """
    of_bars = [
        task
        for rows in summary.partition_by("projection_end", maintain_order=True)
        for task in _tasks_of_bars(rows, as_of)
    ]
    return {
        "schema_version": f"{SCHEMAS}/tasks-schema.json",
        "output_type_id_datatype": "character",
        "derived_task_ids": ["target_end_date"],
        "rounds": [
            {
                "round_id_from_variable": True,
                "round_id": "origin_date",
                "round_name": f"vintage {as_of}, run {summary['run_id'][0]}",
                "model_tasks": [*of_bars, _task_of_scores(output, as_of)],
                "submissions_due": {
                    "relative_to": "origin_date",
                    "start": 0,
                    "end": 7,
                },
                "last_data_date": str(as_of),
            }
        ],
    }


def _tasks_of_bars(rows: pl.DataFrame, as_of: date) -> Iterator[Json]:
    end: date = rows["projection_end"][0]
    bars = rows.select(BAR.unique().sort()).to_series().to_list()
    days = [str(day) for day in quarter_ends(as_of, end)]
    periods = [*map(period_name, period_ends(as_of, end)), LATER, NEVER]
    yield _task(
        as_of,
        {"target": [DATE], "bar": bars},
        {"cdf": _probabilities(days)},
        target_id=DATE,
        target_name="Day on which a published score first reaches the bar",
        target_units="date",
        target_type="date",
        description="A bar that may never be crossed has a CDF that ends below 1.",
    )
    yield _task(
        as_of,
        {"target": [PERIOD], "bar": bars},
        {"pmf": _probabilities(periods)},
        target_id=PERIOD,
        target_name="Period in which a published score first reaches the bar",
        target_units="period",
        target_type="ordinal",
        description="A period is named by its last day and starts after that of the one "
        f"before; {LATER} is after {end}.",
    )


def _task_of_scores(output: pl.DataFrame, as_of: date) -> Json:
    scores = output.filter(pl.col("target") == SCORE)
    levels = sorted({float(level) for level in scores["output_type_id"].unique()})
    return _task(
        as_of,
        {
            "target": [SCORE],
            "series": scores["series"].unique().sort().to_list(),
            "horizon": scores["horizon"].unique().sort().to_list(),
            "target_end_date": [
                str(day) for day in scores["target_end_date"].unique().sort()
            ],
        },
        {
            "quantile": {
                "output_type_id": {"required": levels},
                "value": {"type": "double"},
                "is_required": False,
            }
        },
        target_id=SCORE,
        target_name="Best published score of the series on target_end_date",
        target_units="unit of the series",
        target_type="continuous",
        is_step_ahead=True,
        time_unit="month",
        description="A horizon counts months from the last day on which a record of the "
        "series could have been seen, which may lie before origin_date.",
    )


def _task(
    as_of: date,
    values: Mapping[str, Sequence[object]],
    output_type: Json,
    *,
    is_step_ahead: bool = False,
    **target: object,
) -> Json:
    """A model task; a task id without values is NA in its rows."""
    known = {"origin_date": [str(as_of)], **values}
    ids = {
        name: {"required": None, "optional": [*known[name]] if name in known else None}
        for name in TASK_IDS
    }
    keys = {"target": values["target"][0]}
    facts = {"target_keys": keys, "is_step_ahead": is_step_ahead, **target}
    return {"task_ids": ids, "output_type": output_type, "target_metadata": [facts]}


def _probabilities(ids: Sequence[str]) -> Json:
    return {
        "output_type_id": {"required": [*ids]},
        "value": {"type": "double", "minimum": 0, "maximum": 1},
        "is_required": False,
    }


TARGET_DATA: Final[Json] = {
    "schema_version": f"{SCHEMAS}/target-data-schema.json",
    "observable_unit": ["target", "bar", "series", "target_end_date"],
    "date_col": "target_end_date",
    "versioned": True,
    "time-series": {"observable_unit": ["target", "series", "target_end_date"]},
    "oracle-output": {
        "observable_unit": ["target", "bar"],
        "has_output_type_ids": True,
    },
}

METADATA_SCHEMA: Final[Json] = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "title": "Metadata of a model",
    "type": "object",
    "properties": {
        name: {"type": "string"}
        for name in (
            "team_name",
            "team_abbr",
            "model_name",
            "model_abbr",
            "license",
            "methods",
        )
    },
    "required": ["team_name", "team_abbr", "model_name", "model_abbr", "license"],
    "additionalProperties": False,
}


def metadata(trend: str) -> bytes:
    """What is said of the model of a trend, as YAML."""
    facts = {
        "team_name": "The benchmark-trends team",
        "team_abbr": TEAM,
        "model_name": trend,
        "model_abbr": trend,
        "license": "Apache-2.0",
        "methods": f"Curve family {trend} of benchmark-trends; see its README.",
    }
    # JSON strings are YAML
    lines = [f"{name}: {json.dumps(value)}\n" for name, value in facts.items()]
    return "".join(lines).encode()
