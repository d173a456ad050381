"""A run as a hub: configuration, model output and target data after hubverse v6.

See https://docs.hubverse.io/. A trend is a model. Three targets: the day a bar is
crossed, as a CDF at ISO dates and as ordinal bins of which the last is never; and the
frontier score, step ahead, as quantiles. Bars that are crossed or not estimated have no
model output.
"""

import io
import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any, Final

import polars as pl

from trends.dates import is_quarter_end, month_ends
from trends.tables import (
    AUTOMATION_YEARS,
    CROSSING_CDF,
    CROSSING_SUMMARY,
    OBSERVATIONS,
    SCORE_FORECAST,
    TREND_FITS,
)
from trends.words import probability_by

SCHEMAS: Final = "https://raw.githubusercontent.com/hubverse-org/schemas/main/v6.0.0"

DATE: Final = "crossing date"
PERIOD: Final = "crossing period"
SCORE: Final = "frontier score"

LATER, NEVER = "later", "never"

TEAM: Final = "benchtrends"

_COLUMNS: Final = {
    "origin_date": pl.Date,
    "target": pl.String,
    "bar": pl.String,
    "series": pl.String,
    "horizon": pl.Int64,
    "target_end_date": pl.Date,
    "output_type": pl.String,
    "output_type_id": pl.String,
    "value": pl.Float64,
}
_TASKS: Final = tuple(_COLUMNS)[:6]
_ROW: Final = ("threshold_id", "bar_id", "trend")

Tables = Mapping[str, pl.DataFrame]
Json = dict[str, Any]


def hub_files(tables: Tables, *, repository: str) -> dict[str, bytes]:
    """Files of the hub by name; the same for the same tables.

    Args:
        tables: the published tables of a run by name.
        repository: owner and name of the hub's repository, as owner/name.
    """
    output = _model_output(tables)
    summary = tables[CROSSING_SUMMARY.name]
    as_of: date = summary["as_of"][0]
    files = {
        "hub-config/admin.json": _json(_admin(repository)),
        "hub-config/tasks.json": _json(_tasks(tables, output, as_of)),
        "hub-config/target-data.json": _json(_TARGET_DATA),
        "hub-config/model-metadata-schema.json": _json(_METADATA_SCHEMA),
        "target-data/time-series.parquet": _parquet(_time_series(tables)),
        "target-data/oracle-output.parquet": _parquet(_oracle(summary)),
    }
    for (trend,), rows in output.partition_by("trend", as_dict=True).items():
        model = f"{TEAM}-{trend}"
        files[f"model-metadata/{model}.yml"] = _metadata(str(trend))
        name = f"model-output/{model}/{as_of}-{model}.parquet"
        files[name] = _parquet(rows.drop("trend"))
    return files


def _model_output(tables: Tables) -> pl.DataFrame:
    """Rows of all models; ``trend`` and the columns of a hub."""
    summary, cdf = tables[CROSSING_SUMMARY.name], tables[CROSSING_CDF.name]
    opened = summary.filter(
        ~pl.col("crossing_status").is_in(["already_crossed", "not_estimated"])
    )
    frames = [*_dates(opened, cdf), *_periods(opened, cdf), _scores(tables)]
    return pl.concat(frames).sort("trend", *_COLUMNS, nulls_last=True)


def _dates(opened: pl.DataFrame, cdf: pl.DataFrame) -> Iterator[pl.DataFrame]:
    """P(crossed by the end of each quarter)."""
    for rows in opened.partition_by("projection_end"):
        as_of, end = rows["as_of"][0], rows["projection_end"][0]
        for day in _quarter_ends(as_of, end):
            p = probability_by(rows, cdf, day)
            yield _rows(p, DATE, "cdf", str(day), pl.col("p_crossed_by_date"))


def _periods(opened: pl.DataFrame, cdf: pl.DataFrame) -> Iterator[pl.DataFrame]:
    """P(crossed in each period), of a later crossing, and of none."""
    for rows in opened.partition_by("projection_end"):
        before = pl.lit(0.0)
        known = rows.with_columns(by_0=pl.col("p_crossed_by_as_of"))
        days = _period_ends(rows["as_of"][0], rows["projection_end"][0])
        for number, day in enumerate(days):
            name = f"by_{number}"
            if number:
                found = probability_by(rows, cdf, day)["p_crossed_by_date"]
                known = known.with_columns(found.alias(name))
            share = (pl.col(name) - before).clip(lower_bound=0.0)
            yield _rows(known, PERIOD, "pmf", _period(day), share)
            before = pl.col(name)
        yield _rows(known, PERIOD, "pmf", LATER, pl.col("p_after_projection_end"))
        yield _rows(known, PERIOD, "pmf", NEVER, pl.col("p_never"))


def _scores(tables: Tables) -> pl.DataFrame:
    """Quantiles of the frontier score; a horizon starts where the figures end."""
    return tables[SCORE_FORECAST.name].select(
        "trend",
        origin_date="as_of",
        target=pl.lit(SCORE),
        bar=pl.lit(None, pl.String),
        series="series_id",
        horizon="lead_months",
        target_end_date="forecast_date",
        output_type=pl.lit("quantile"),
        output_type_id=pl.col("quantile_level").cast(pl.String),
        value="score",
    )


def _rows(
    summary: pl.DataFrame, target: str, kind: str, output_id: str, value: pl.Expr
) -> pl.DataFrame:
    return summary.select(
        "trend",
        origin_date="as_of",
        target=pl.lit(target),
        bar=_BAR,
        series=pl.lit(None, pl.String),
        horizon=pl.lit(None, pl.Int64),
        target_end_date=pl.lit(None, pl.Date),
        output_type=pl.lit(kind),
        output_type_id=pl.lit(output_id),
        value=value.clip(0.0, 1.0),
    )


_BAR: Final = pl.concat_str("threshold_id", "bar_id", separator=".")


def _quarter_ends(as_of: date, end: date) -> list[date]:
    days = [day for day in month_ends(as_of, end) if day > as_of]
    return [day for day in days if is_quarter_end(day)]


def _period_ends(as_of: date, end: date) -> list[date]:
    """as_of, ends of years after it, and the projection's end."""
    years = [date(year, 12, 31) for year in AUTOMATION_YEARS]
    return [as_of, *(day for day in years if as_of < day < end), end]


def _period(day: date) -> str:
    """A bin by its last day; it starts where the one before it ends."""
    return f"to {day}"


# Configuration


def _admin(repository: str) -> Json:
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


def _tasks(tables: Tables, output: pl.DataFrame, as_of: date) -> Json:
    summary = tables[CROSSING_SUMMARY.name]
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
    bars = rows.select(_BAR.unique().sort()).to_series().to_list()
    days = [str(day) for day in _quarter_ends(as_of, end)]
    periods = [*map(_period, _period_ends(as_of, end)), LATER, NEVER]
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
        for name in _TASKS
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


_TARGET_DATA: Final[Json] = {
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

_METADATA_SCHEMA: Final[Json] = {
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


def _metadata(trend: str) -> bytes:
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


# Target data


def _time_series(tables: Tables) -> pl.DataFrame:
    """The frontier of each whole benchmark: its records on the days they count."""
    records = tables[OBSERVATIONS.name].filter("is_record")
    falling = tables[TREND_FITS.name].filter(pl.col("link") == "minus_ln")
    is_lower = pl.col("benchmark_id").is_in(falling["benchmark_id"].unique().implode())
    better = pl.when(is_lower).then(-pl.col("score")).otherwise(pl.col("score"))
    ordered = (
        records.with_columns(
            target_end_date=pl.coalesce("release_date", "release_latest"), better=better
        )
        .sort(
            "benchmark_id", "target_end_date", "better", descending=[False, False, True]
        )
        .unique(["benchmark_id", "target_end_date"], keep="first", maintain_order=True)
    )
    best = pl.col("better").cum_max().shift(1).over("benchmark_id")
    # a record of a view only is none of the whole benchmark
    frontier = ordered.filter(best.is_null() | (pl.col("better") > best))
    as_of = tables[CROSSING_SUMMARY.name]["as_of"][0]
    return frontier.select(
        as_of=pl.lit(as_of),
        target=pl.lit(SCORE),
        series="benchmark_id",
        target_end_date="target_end_date",
        observation="score",
    )


def _oracle(summary: pl.DataFrame) -> pl.DataFrame:
    """What is known of crossing dates: that of each bar which is crossed."""
    crossed = summary.filter(pl.col("crossing_status") == "already_crossed")
    frames = [
        rows.select(
            "as_of",
            target=pl.lit(DATE),
            bar=_BAR,
            output_type=pl.lit("cdf"),
            output_type_id=pl.lit(str(day)),
            oracle_value=(pl.col("date_hi") <= day).cast(pl.Float64),
        )
        for rows in crossed.partition_by("projection_end", maintain_order=True)
        for day in _quarter_ends(rows["as_of"][0], rows["projection_end"][0])
    ]
    schema = {
        "as_of": pl.Date,
        "target": pl.String,
        "bar": pl.String,
        "output_type": pl.String,
        "output_type_id": pl.String,
        "oracle_value": pl.Float64,
    }
    empty = pl.DataFrame(schema=schema)
    return pl.concat([empty, *frames]).unique().sort(pl.all())


def _json(value: Json) -> bytes:
    return (json.dumps(value, indent=1) + "\n").encode()


def _parquet(frame: pl.DataFrame) -> bytes:
    buffer = io.BytesIO()
    frame.rechunk().write_parquet(buffer, compression="zstd")
    return buffer.getvalue()
