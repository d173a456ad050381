"""Each benchmark's record against the law that was published for it before."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType
from typing import Any, Final

import numpy as np
import polars as pl

from trends.crossings.levels import Standing
from trends.crossings.looks import Looks
from trends.fits.failures import about
from trends.frontier import select_frontier, select_series_scores
from trends.registry.models import TrendFamily
from trends.registry.series import Series
from trends.tables import CONTRACT_VERSION, TRIPWIRES
from trends.tripwires.evidence import Evidence, bet_against, raise_alarms
from trends.tripwires.law import RecordForecast
from trends.words import score_words

Row = dict[str, Any]

_BAND: Final = np.array([0.1, 0.5, 0.9])
_FIRST_VINTAGE: Final = "not watched yet: no earlier vintage to test"
_NO_FIT: Final = (
    "not watched: the previous vintage fitted neither records nor drift to it"
)


@dataclass(frozen=True)
class Published:
    """What the previous vintage published, and what that was made from.

    Attributes:
        as_of: its information cut-off.
        series: its whole benchmarks, as reviewed then.
        observations: OBSERVATIONS rows known then.
        trend_fits: its TREND_FITS.
        tripwires: its TRIPWIRES, with the evidence so far; empty where it had none.
    """

    as_of: date
    series: Sequence[Series]
    observations: pl.DataFrame
    trend_fits: pl.DataFrame
    tripwires: pl.DataFrame

    def forecasts(self) -> dict[str, RecordForecast]:
        """By series, the law of its record: of the records, else of the drift."""
        scores = select_series_scores(self.observations, self.series)
        records = select_frontier(scores, self.series)
        fits: dict[tuple[object, ...], pl.DataFrame] = {}
        for trend in (TrendFamily.DRIFT, TrendFamily.RECORDS):
            fits |= self.trend_fits.filter(
                pl.col("trend") == trend.value, pl.col("fit_status") == "fitted"
            ).partition_by("series_id", as_dict=True)
        forecasts = {}
        for one in self.series:
            ours = pl.col("series_id") == one.series_id
            if (one.series_id,) in fits:
                forecasts[one.series_id] = RecordForecast(
                    self.as_of,
                    Standing(
                        Looks(one, scores.filter(ours), records.filter(ours)),
                        one.observed_through(self.as_of),
                    ),
                    fits[one.series_id,],
                )
        return forecasts


def watch_records(
    previous: Published | None,
    added: pl.DataFrame,
    series: Sequence[Series],
    *,
    as_of: date,
    run_id: str,
    left_out: Mapping[str, str] = MappingProxyType({}),
) -> pl.DataFrame:
    """Book what new figures say against the forecasts of the previous vintage.

    Only days that the previous vintage had not seen are booked, so each is once. The
    record found is the best of the one it knew and of scores that became known after
    its figures end: old scores revised, withdrawn or filled in are no news.

    Args:
        previous: the previous published vintage; None for the first.
        added: OBSERVATIONS rows that it did not have and that replace none it had.
        series: the whole benchmarks of this vintage, which share the false alarms.
        as_of: information cut-off of this vintage.
        run_id: this run.
        left_out: series whose figures are not trusted, each with the reason.

    Returns:
        TRIPWIRES rows, one a series. A series that cannot be tested keeps the
        evidence it has, 1 at first. Evidence without ``evidence_since`` was won against
        another law than the one published (output contract 1.0), and starts anew.
    """
    forecasts = {} if previous is None else previous.forecasts()
    standing = {} if previous is None else _by_series(previous.tripwires)
    news = select_series_scores(added, series).join(
        added.select("observation_id", "known_on"), on="observation_id"
    )
    rows: list[Row] = []
    for one in series:
        name = one.series_id
        evidence, since = Evidence(), None
        if (before := standing.get(name)) is not None:
            evidence = Evidence(before["e_process_slower"], before["e_process_faster"])
            since = before["evidence_since"]
        if name in left_out:
            row = _carried(evidence, f"not watched: {left_out[name]}")
        elif name in forecasts:
            scores = news.filter(pl.col("series_id") == name)
            with about(name, "tripwire"):
                row = _tested(one, forecasts[name], scores, evidence, as_of)
        else:
            reason = _FIRST_VINTAGE if previous is None else _NO_FIT
            row = _carried(evidence, reason)
        first = since or row.get("previous_as_of")
        rows.append(_identity(one) | row | {"evidence_since": first})
    marked = _mark_alarms(rows, standing, as_of)
    stamps = {"as_of": as_of, "run_id": run_id, "contract_version": CONTRACT_VERSION}
    return TRIPWIRES.conform(TRIPWIRES.frame([stamps | row for row in marked]))


def _tested(
    series: Series,
    forecast: RecordForecast,
    news: pl.DataFrame,
    evidence: Evidence,
    as_of: date,
) -> Row:
    """What a longer look at one series says; nothing where it is no longer."""
    start, end = forecast.observed_through, series.observed_through(as_of)
    was, now = forecast.benchmark, series.benchmark
    if (was.unit, was.direction) != (now.unit, now.direction):
        return _carried(evidence, "not tested: its scores changed their meaning")
    if end <= start:
        return _carried(evidence, f"not tested: nothing observed after {start}")
    scores = news.filter(
        (pl.col("known_on") > start) & (pl.col("frontier_date") <= end)
    ).get_column("score")
    best = max if now.direction == "higher" else min
    found = best([forecast.record, *scores])
    law = forecast.law(days=(end - start).days)
    rank_low, rank_high = forecast.rank(found, law)
    p_no_record = float(law.cdf[0])
    bet = bet_against(rank_low, rank_high, p_no_record=p_no_record)
    low, median, high = law.score_quantile(_BAND).tolist()
    band = f"{score_words(low, now.unit.value)} to {score_words(high, now.unit.value)}"
    return _capital(evidence.times(bet)) | {
        "previous_as_of": forecast.as_of,
        "observed_from": start,
        "observed_through": end,
        "record_before": forecast.record,
        "q10_score": low,
        "median_score": median,
        "q90_score": high,
        "record_found": found,
        "p_no_record": p_no_record,
        "rank_low": rank_low,
        "rank_high": rank_high,
        "e_value_slower": bet.slower,
        "e_value_faster": bet.faster,
        "label": f"{score_words(found, now.unit.value)} on {end}, {_place(rank_low, rank_high)} "
        f"the 80% band of {forecast.as_of} ({band})",
    }


def _carried(evidence: Evidence, reason: str) -> Row:
    return _capital(evidence) | {"label": reason}


def _capital(evidence: Evidence) -> Row:
    return {
        "e_process_slower": evidence.slower,
        "e_process_faster": evidence.faster,
        "e_process": evidence.both,
    }


def _identity(series: Series) -> Row:
    return {
        "series_id": series.series_id,
        "benchmark_id": series.benchmark_id,
        "score_unit": series.benchmark.unit.value,
    }


def _mark_alarms(
    rows: Sequence[Row], standing: Mapping[str, Row], as_of: date
) -> Iterator[Row]:
    """The rows with ``alarm``, since when it stands, and words that say so."""
    alarms = raise_alarms([row["e_process"] for row in rows])
    for row, alarm in zip(rows, alarms, strict=True):
        if not alarm:
            yield row | {"alarm": False}
            continue
        since = standing.get(row["series_id"], {}).get("alarm_since") or as_of
        faster = row["e_process_faster"] >= row["e_process_slower"]
        yield row | {
            "alarm": True,
            "alarm_since": since,
            "label": f"alarm since {since}: records come "
            f"{'faster' if faster else 'slower'} than forecast "
            f"(evidence {row['e_process']:,.0f} to 1); {row['label']}",
        }


def _by_series(tripwires: pl.DataFrame) -> dict[str, Row]:
    """Rows with evidence against the law that was published."""
    told = tripwires.filter(pl.col("evidence_since").is_not_null())
    return {row["series_id"]: row for row in told.iter_rows(named=True)}


def _place(rank_low: float, rank_high: float) -> str:
    """Where the ranks of what was found lie to the band's, 0.1 to 0.9."""
    if rank_high < 0.1:
        return "behind"
    return "ahead of" if rank_low > 0.9 else "within"
