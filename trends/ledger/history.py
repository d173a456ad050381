"""What earlier vintages said of their bars: HISTORY and HISTORY_BARS rows."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Final

import polars as pl

from trends.dates import add_months, last_month_end
from trends.ledger.entries import Entry, Forecast, interpolate
from trends.tables import CONTRACT_VERSION, HISTORY, HISTORY_BARS, Column, Table
from trends.words import percent, probability_by, when_words, with_never

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


_SAID: Final = Table(
    "said",
    "What vintages said of headline bars and of others.",
    HISTORY_BARS.key,
    (*HISTORY.columns, Column("is_headline", "boolean", "Of a headline bar.")),
)


def history_tables(frames: Iterable[pl.DataFrame]) -> dict[Table, pl.DataFrame]:
    """HISTORY and HISTORY_BARS, each vintage with the row that speaks for it marked.

    Args:
        frames: what ``rows_of_run`` and ``rows_of_entries`` made.
    """
    rows = pl.concat(frames)
    is_headline = pl.col("is_headline")
    return {
        HISTORY: _marked(HISTORY, rows.filter(is_headline)),
        HISTORY_BARS: _marked(HISTORY_BARS, rows.filter(~is_headline)),
    }


def _marked(table: Table, rows: pl.DataFrame) -> pl.DataFrame:
    rank = pl.col("kind").replace_strict(
        {kind: rank for rank, kind in enumerate(_SPEAKS_FIRST)}
    )
    first = rank == rank.min().over([name for name in table.key if name != "kind"])
    return table.conform(rows.with_columns(stands=first))


def rows_of_run(
    summary: pl.DataFrame,
    cdf: pl.DataFrame,
    *,
    kind: str,
    code_sha256: str | None,
    now: date,
) -> pl.DataFrame:
    """What a run says of every bar under the trend of its threshold's headline.

    Args:
        summary: its CROSSING_SUMMARY rows; any contract's that has the columns here.
        cdf: its CROSSING_CDF rows.
        kind: published or this_run.
        code_sha256: hash of its code.
        now: as_of of the run that publishes the table.
    """
    headlines = summary.filter("is_headline").select("threshold_id", "trend")
    ours = summary.join(headlines, on=["threshold_id", "trend"], how="semi")
    if ours.is_empty():
        return _SAID.frame([])
    by_now = _by_day(ours, cdf, now)
    return _SAID.frame(
        [
            {name: row[name] for name in (*_OF_SUMMARY, "is_headline")}
            | {
                "when_label": when_words(row),
                # older contracts lack it
                "median_if_ever": row.get("median_if_ever"),
                "kind": kind,
                "stands": False,
                "p_crossed_by_now": p,
                "recorded_in": f"run {row['run_id']}",
                "code_sha256": code_sha256,
                "contract_version": CONTRACT_VERSION,
            }
            for row, p in zip(ours.iter_rows(named=True), by_now, strict=True)
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
    """What entries of the ledger say of every bar; ``now`` as in ``rows_of_run``."""
    return _SAID.frame(
        [
            _of_entry(entry) | _of_forecast(forecast, entry.as_of, now)
            for entry in entries
            for forecast in entry.forecasts
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
    name for name in Forecast.model_fields if name in _SAID.schema.names()
)


def _of_forecast(forecast: Forecast, as_of: date, now: date) -> Row:
    is_crossed = forecast.crossing_status == "already_crossed"
    at = forecast.quantiles.get
    return {name: getattr(forecast, name) for name in _COPIED} | {
        "median_label": median_label(forecast, as_of),
        "when_label": when_label(forecast, as_of),
        "interval80_label": _interval_label(forecast, as_of),
        "median_date": at(0.5),
        "median_if_ever": forecast.date_if_ever,
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
    return (
        _label(forecast, 0.5, as_of) if day is None else _median(forecast, day, as_of)
    )


def when_label(forecast: Forecast, as_of: date) -> str:
    """When, if ever, and how likely never is, as ``median_label`` says it."""
    day = forecast.date_if_ever
    if day is None:
        return median_label(forecast, as_of)
    return with_never(_median(forecast, day, as_of), forecast.p_never)


def _median(forecast: Forecast, day: date, as_of: date) -> str:
    if day <= as_of:
        return f"{day:%Y-%m} (not seen: figures end {forecast.observed_through})"
    return f"{day:%Y-%m}"


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
