"""Mean scores of every forecaster, and how sure their differences are."""

from collections.abc import Iterator
from typing import Any, Final

import polars as pl

from trends.backtest.forecasts import STACKED, WINDOW_MONTHS
from trends.fits.links import Floats
from trends.registry.models import HEADLINE_TREND, TrendFamily
from trends.scoring import (
    MeanDifference,
    effective_origins,
    interval_over_origins,
    mean_difference,
)
from trends.tables import BACKTEST_SCORES

GROUP: Final = ("target", "lead_months", "scale", "cut_on", "moved_by")
"""What is scored apart: figures cut on a release date were revised since."""

CASE: Final = ("origin_date", "series_id", "threshold_id", "bar_id")
"""What is forecast, within a group."""

DIFFERENCES: Final = {
    "level": ("crps_link", "crps_score", "abs_error_score", "interval80_link"),
    "crossing": ("integrated_brier", "brier_12m", "brier_24m"),
}
"""Scores by which forecasters are compared, lower is better."""

SHARES: Final = {
    "level": ("covered50", "covered80", "covered90", "pit"),
    "crossing": (),
}
"""Means that are right at their nominal value, not low."""

IN_SCORE_UNITS: Final = ("crps_score", "abs_error_score")
"""Means of these make sense for bounded scores only: minutes and dollars do not add."""

COMPARED: Final = (HEADLINE_TREND.value, TrendFamily.DRIFT.value, STACKED)
"""Forecasters that are held against every other one."""

Row = dict[str, object]


def compare(forecasts: pl.DataFrame, *, seed: int, backtest_id: str) -> pl.DataFrame:
    """BACKTEST_SCORES rows: means, and differences on the cases that two share.

    Args:
        forecasts: BACKTEST_FORECASTS rows.
        seed: of the bootstrap over benchmark families.
        backtest_id: carried into the rows.
    """
    rows = []
    for values, group in forecasts.group_by(GROUP, maintain_order=True):
        key = dict(zip(GROUP, values, strict=True)) | {"backtest_id": backtest_id}
        # random numbers belong to the comparison, whatever code or figures made it
        name = "|".join(map(str, values))
        rows += [key | row for row in _group_rows(group, name, seed)]
    return BACKTEST_SCORES.conform(BACKTEST_SCORES.frame(rows))


def _group_rows(group: pl.DataFrame, key: str, seed: int) -> Iterator[Row]:
    target = group.get_column("target")[0]
    bounded = group.get_column("scale")[0] == "bounded"
    by_name = {
        str(name): rows
        for (name,), rows in group.group_by("forecaster", maintain_order=True)
    }
    for metric in DIFFERENCES[target] + SHARES[target]:
        if metric in IN_SCORE_UNITS and not bounded:
            continue
        for name, rows in by_name.items():
            scored = _scored(rows, metric)
            if scored.height:
                yield _counts(scored) | {
                    "metric": metric,
                    "forecaster": name,
                    "mean_score": scored.get_column("value").mean(),
                    "family_mean_score": _family_mean(scored),
                }
        if metric in DIFFERENCES[target]:
            yield from _differences(by_name, metric, key, seed)


def _differences(
    by_name: dict[str, pl.DataFrame], metric: str, key: str, seed: int
) -> Iterator[Row]:
    for name in COMPARED:
        for other, rows in by_name.items():
            if name not in by_name or other == name:
                continue
            pairs = _scored(by_name[name], metric).join(
                _scored(rows, metric),
                on=[*CASE],
                suffix="_other",
                validate="1:1",
                nulls_equal=True,
            )
            if pairs.is_empty():
                continue
            pairs = pairs.with_columns(
                difference=pl.col("value") - pl.col("value_other")
            )
            found = mean_difference(
                pairs.get_column("difference").to_numpy(),
                pairs.get_column("family_id").to_list(),
                key=f"{key}|{metric}|{name}|{other}",
                seed=seed,
            )
            yield (
                _counts(pairs, "difference")
                | _interval(pairs, found)
                | {
                    "metric": metric,
                    "forecaster": name,
                    "compared_with": other,
                    "mean_score": pairs.get_column("value").mean(),
                    "family_mean_score": _family_mean(pairs),
                    "mean_score_compared": pairs.get_column("value_other").mean(),
                    "difference": found.mean,
                }
            )


def _interval(pairs: pl.DataFrame, found: MeanDifference) -> Row:
    """Over families; of one family over origins, where they are worth two."""
    if found.low is not None:
        low, high, over = found.low, found.high, "families"
    elif ends := interval_over_origins(
        _weighed_by_origin(pairs), overlap=_overlap(pairs)
    ):
        (low, high), over = ends, "origins"
    else:
        return {}
    return {"difference_low": low, "difference_high": high, "interval_over": over}


def _scored(rows: pl.DataFrame, metric: str) -> pl.DataFrame:
    return rows.select(
        *CASE, "family_id", "lead_months", value=pl.col(metric).cast(pl.Float64)
    ).drop_nulls("value")


def _family_mean(scored: pl.DataFrame) -> float:
    """Mean over benchmark families of their means."""
    means = scored.group_by("family_id").agg(pl.col("value").mean())
    return float(means.get_column("value").to_numpy().mean())


def _counts(scored: pl.DataFrame, value: str = "value") -> Row:
    means = _by_origin(scored, value)
    return {
        "n_forecasts": scored.height,
        "n_series": scored.get_column("series_id").n_unique(),
        "n_families": scored.get_column("family_id").n_unique(),
        "n_origins": len(means),
        "n_effective_origins": effective_origins(means, overlap=_overlap(scored)),
    }


def _by_origin(scored: pl.DataFrame, value: str) -> Floats:
    """Mean of each day of forecast, in order."""
    by_origin = scored.group_by("origin_date").agg(pl.col(value).mean())
    return by_origin.sort("origin_date").get_column(value).to_numpy()


def _weighed_by_origin(pairs: pl.DataFrame) -> Floats:
    """A value an origin whose plain mean, and its error, are those of all forecasts."""
    by_origin = pairs.group_by("origin_date").agg(
        pl.len(), total=pl.col("difference").sum()
    )
    totals, counts = (
        by_origin.sort("origin_date").get_column(name).cast(pl.Float64).to_numpy()
        for name in ("total", "len")
    )
    mean = totals.sum() / counts.sum()
    weighed: Floats = mean + (totals - mean * counts) / counts.mean()
    return weighed


def _overlap(scored: pl.DataFrame) -> int:
    """Months for which the targets of two origins overlap."""
    lead: Any = scored.get_column("lead_months")[0]
    return WINDOW_MONTHS if lead is None else int(lead)
