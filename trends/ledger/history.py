"""What earlier vintages said of their headline bars, as HISTORY rows."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Final

import polars as pl

from trends.dates import add_months, last_month_end
from trends.ledger.entries import Entry, Forecast, interpolate
from trends.tables import CONTRACT_VERSION, HISTORY
from trends.words import percent, probability_by

_SPEAKS_FIRST: Final = ("live", "this_run", "published", "replayed")

_OF_SUMMARY: Final = (
    "as_of",
    "threshold_id",
    "bar_id",
    "threshold_label",
    "trend",
    "crossing_status",
    "median_label",
    "interval80_label",
    "median_date",
    "q10_date",
    "q90_date",
    "p_crossed_by_as_of",
    "p_crossed_by_projection_end",
    "p_after_projection_end",
    "p_never",
    "bar_value",
    "score_unit",
    "threshold_version",
    "observed_through",
    "projection_end",
    "run_id",
)

Row = dict[str, object]


def history_table(
    this_run: pl.DataFrame, earlier: Iterable[pl.DataFrame]
) -> pl.DataFrame:
    """HISTORY rows in order, each vintage with the row that speaks for it marked.

    Args:
        this_run: HISTORY rows of the run that publishes the table.
        earlier: those of earlier vintages.
    """
    rows = pl.concat([this_run, *earlier])
    rank = pl.col("kind").replace_strict(
        {kind: rank for rank, kind in enumerate(_SPEAKS_FIRST)}
    )
    first = rank == rank.min().over("threshold_id", "as_of")
    return HISTORY.conform(rows.with_columns(stands=first))


def rows_of_run(
    summary: pl.DataFrame,
    cdf: pl.DataFrame,
    *,
    kind: str,
    code_sha256: str | None,
    now: date,
) -> pl.DataFrame:
    """HISTORY rows of a run.

    Args:
        summary: its CROSSING_SUMMARY rows; any contract's that has the columns here.
        cdf: its CROSSING_CDF rows.
        kind: published or this_run.
        code_sha256: hash of its code.
        now: as_of of the run that publishes the table.
    """
    headlines = summary.filter("is_headline")
    if headlines.is_empty():
        return HISTORY.frame([])
    by_now = _by_day(headlines, cdf, now)
    rows = headlines.select(_OF_SUMMARY).iter_rows(named=True)
    return HISTORY.frame(
        [
            row
            | {
                "kind": kind,
                "stands": False,
                "p_crossed_by_now": p,
                "recorded_in": f"run {row['run_id']}",
                "code_sha256": code_sha256,
                "contract_version": CONTRACT_VERSION,
            }
            for row, p in zip(rows, by_now, strict=True)
        ]
    )


def _by_day(summary: pl.DataFrame, cdf: pl.DataFrame, day: date) -> list[float | None]:
    """P(crossed by ``day``) of each row, straight between the days that are kept."""
    as_of: date = summary["as_of"][0]
    if day == as_of:
        return summary["p_crossed_by_as_of"].to_list()
    before = last_month_end(day)
    days = [one for one in (before, add_months(before, 1)) if one > as_of]
    kept = [
        summary["p_crossed_by_as_of"].to_list(),
        *(probability_by(summary, cdf, one)["p_crossed_by_date"] for one in days),
    ]
    return [
        _by(dict(zip([as_of, *days], row, strict=True)), day)
        for row in zip(*kept, strict=True)
    ]


def rows_of_entries(entries: Sequence[Entry], *, now: date) -> pl.DataFrame:
    """HISTORY rows of entries of the ledger; ``now`` as in ``rows_of_run``."""
    return HISTORY.frame(
        [
            _of_entry(entry) | _of_forecast(forecast, entry.as_of, now)
            for entry in entries
            for forecast in entry.forecasts
            if forecast.is_headline
        ]
    )


def _of_entry(entry: Entry) -> Row:
    code = entry.provenance.get("code")
    return {
        "as_of": entry.as_of,
        "kind": entry.kind,
        "stands": False,
        "made_on": entry.made_on,
        "recorded_in": f"data/ledger/{entry.kind}/{entry.file_name}",
        "code_sha256": code if isinstance(code, str) else None,
        "run_id": entry.run_id,
        "contract_version": CONTRACT_VERSION,
    }


_COPIED: Final = tuple(
    name for name in Forecast.model_fields if name in HISTORY.schema.names()
)


def _of_forecast(forecast: Forecast, as_of: date, now: date) -> Row:
    is_crossed = forecast.crossing_status == "already_crossed"
    at = forecast.quantiles.get
    return {name: getattr(forecast, name) for name in _COPIED} | {
        "median_label": median_label(forecast, as_of),
        "interval80_label": _interval_label(forecast, as_of),
        "median_date": at(0.5),
        "q10_date": at(0.1),
        "q90_date": at(0.9),
        "p_crossed_by_as_of": 1.0 if is_crossed else _by(forecast.p_crossed, as_of),
        "p_crossed_by_now": 1.0 if is_crossed else _by(forecast.p_crossed, now),
    }


def _by(nodes: Mapping[date, float | None], day: date) -> float | None:
    """P(crossed by ``day``), as far as probabilities are kept."""
    known = {at: p for at, p in nodes.items() if p is not None}
    if not known or not min(known) <= day <= max(known):
        return None
    return min(1.0, interpolate(known, day))


def median_label(forecast: Forecast, as_of: date) -> str:
    """The median in words; an entry keeps no day of a crossing, and no reasons."""
    if forecast.crossing_status == "never":
        return f"never ({percent(forecast.p_never)} probability)"
    day = forecast.quantiles.get(0.5)
    if day is not None and day <= as_of:
        return f"{day:%Y-%m} (not seen: figures end {forecast.observed_through})"
    return _label(forecast, 0.5, as_of)


def _interval_label(forecast: Forecast, as_of: date) -> str:
    low, high = (_label(forecast, level, as_of) for level in (0.1, 0.9))
    return low if low == high else f"{low} to {high}"


def _label(forecast: Forecast, level: float, as_of: date) -> str:
    if forecast.crossing_status == "already_crossed":
        return f"crossed by {as_of}"
    if forecast.crossing_status == "not_estimated":
        return "not estimated"
    day = forecast.quantiles.get(level)
    if day is not None:
        return f"{day:%Y-%m}"
    if level > 1 - (forecast.p_never or 0.0):
        return "never"
    return f"after {forecast.projection_end.year}"
