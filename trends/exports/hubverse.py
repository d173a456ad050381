"""A run as a hub: configuration, model output and target data after hubverse v6.

See https://docs.hubverse.io/. A trend is a model. Three targets: the day a bar is
crossed, as a CDF at ISO dates and as ordinal bins of which the last is never; and the
frontier score, step ahead, as quantiles. Bars that are crossed or not estimated have no
model output.
"""

import io
import json
from collections.abc import Iterator, Mapping
from datetime import date

import polars as pl

from trends.exports.hub_config import (
    METADATA_SCHEMA,
    TARGET_DATA,
    Json,
    admin,
    metadata,
    tasks,
)
from trends.exports.hub_targets import (
    BAR,
    COLUMNS,
    DATE,
    LATER,
    NEVER,
    PERIOD,
    SCORE,
    TEAM,
    period_ends,
    period_name,
    quarter_ends,
)
from trends.tables import (
    CROSSING_CDF,
    CROSSING_SUMMARY,
    OBSERVATIONS,
    SCORE_FORECAST,
    TREND_FITS,
    WITHOUT_LAW,
)
from trends.words import probability_by

Tables = Mapping[str, pl.DataFrame]


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
        "hub-config/admin.json": _json(admin(repository)),
        "hub-config/tasks.json": _json(tasks(summary, output, as_of)),
        "hub-config/target-data.json": _json(TARGET_DATA),
        "hub-config/model-metadata-schema.json": _json(METADATA_SCHEMA),
        "target-data/time-series.parquet": _parquet(_time_series(tables)),
        "target-data/oracle-output.parquet": _parquet(_oracle(summary)),
    }
    for (trend,), rows in output.partition_by("trend", as_dict=True).items():
        model = f"{TEAM}-{trend}"
        files[f"model-metadata/{model}.yml"] = metadata(str(trend))
        name = f"model-output/{model}/{as_of}-{model}.parquet"
        files[name] = _parquet(rows.drop("trend"))
    return files


def _model_output(tables: Tables) -> pl.DataFrame:
    """Rows of all models; ``trend`` and the columns of a hub."""
    summary, cdf = tables[CROSSING_SUMMARY.name], tables[CROSSING_CDF.name]
    opened = summary.filter(~pl.col("crossing_status").is_in(WITHOUT_LAW))
    frames = [*_dates(opened, cdf), *_periods(opened, cdf), _scores(tables)]
    return pl.concat(frames).sort("trend", *COLUMNS, nulls_last=True)


def _dates(opened: pl.DataFrame, cdf: pl.DataFrame) -> Iterator[pl.DataFrame]:
    """P(crossed by the end of each quarter)."""
    for rows in opened.partition_by("projection_end"):
        as_of, end = rows["as_of"][0], rows["projection_end"][0]
        for day in quarter_ends(as_of, end):
            p = probability_by(rows, cdf, day)
            yield _rows(p, DATE, "cdf", str(day), pl.col("p_crossed_by_date"))


def _periods(opened: pl.DataFrame, cdf: pl.DataFrame) -> Iterator[pl.DataFrame]:
    """P(crossed in each period), of a later crossing, and of none."""
    for rows in opened.partition_by("projection_end"):
        before = pl.lit(0.0)
        known = rows.with_columns(by_0=pl.col("p_crossed_by_as_of"))
        days = period_ends(rows["as_of"][0], rows["projection_end"][0])
        for number, day in enumerate(days):
            name = f"by_{number}"
            if number:
                found = probability_by(rows, cdf, day)["p_crossed_by_date"]
                known = known.with_columns(found.alias(name))
            share = (pl.col(name) - before).clip(lower_bound=0.0)
            yield _rows(known, PERIOD, "pmf", period_name(day), share)
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
        bar=BAR,
        series=pl.lit(None, pl.String),
        horizon=pl.lit(None, pl.Int64),
        target_end_date=pl.lit(None, pl.Date),
        output_type=pl.lit(kind),
        output_type_id=pl.lit(output_id),
        value=value.clip(0.0, 1.0),
    )


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
            bar=BAR,
            output_type=pl.lit("cdf"),
            output_type_id=pl.lit(str(day)),
            oracle_value=(pl.col("date_hi") <= day).cast(pl.Float64),
        )
        for rows in crossed.partition_by("projection_end", maintain_order=True)
        for day in quarter_ends(rows["as_of"][0], rows["projection_end"][0])
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
