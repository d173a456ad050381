"""One section a benchmark: its bars, its scores, and what is known of them."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import polars as pl

from trends.report.charts.bars import rows_by
from trends.report.grids import Grid, benchmark_anchor, score_anchor
from trends.report.ladders import LEVELS, YEARS, Ladder, LadderRows, ladder
from trends.report.scores import ages, gaps, scores
from trends.words import (
    DOMAIN_TITLES,
    ordered_headlines,
    other_views,
    rejected_row,
)

Row = dict[str, Any]
Tables = Mapping[str, pl.DataFrame]
ByBar = dict[tuple[str, str], dict[int, float | None]]


@dataclass(frozen=True)
class Section:
    """One benchmark.

    Attributes:
        benchmark_id: as in data/registry/benchmarks.yaml.
        ident: anchor.
        title: in words.
        short: in few words, for the contents.
        domain: heading that it belongs to.
        verdict: its headline in a line.
        ladders: its thresholds.
        gaps: what the figures lack, a sentence each.
        scores: every score, newest first.
        search: what a search looks in, lower case.
    """

    benchmark_id: str
    ident: str
    title: str
    short: str
    domain: str
    verdict: str
    ladders: tuple[Ladder, ...]
    gaps: list[str]
    scores: Grid
    search: str


def sections(tables: Tables) -> list[Section]:
    """Every benchmark that has a bar, by domain, views after the one that leads.

    Args:
        tables: published tables by name.
    """
    return list(_Book(tables).sections())


class _Book:
    """The tables, taken apart by threshold, series and benchmark once."""

    def __init__(self, tables: Tables) -> None:
        summary = tables["crossing_summary"].sort("threshold_id", "sort_rank")
        self.summary = rows_by(summary, "threshold_id")
        self.thresholds = rows_by(tables["thresholds"], "threshold_id")
        self.by_year = _by_year(tables["crossing_cdf"])
        self.quantiles = _quantiles(tables["crossing_quantiles"], summary)
        told = tables["thresholds"].select("threshold_id", "series_id")
        trends = summary.filter("is_headline").join(told, on="threshold_id")
        is_shown = pl.col("quantile_level").round(3).is_in(LEVELS)
        self.fits, self.forecasts = (
            rows_by(
                rows.join(
                    trends, on=("series_id", "trend"), how="semi", maintain_order="left"
                ),
                "series_id",
            )
            for rows in (
                tables["trend_fits"],
                tables["score_forecast"].filter(is_shown),
            )
        )
        self.observations = rows_by(
            tables["observations"].sort(
                ["release_date", "score"], descending=True, nulls_last=True
            ),
            "benchmark_id",
        )
        self.quarantine = rows_by(
            tables["quarantine"].filter(pl.col("benchmark_id").is_not_null()),
            "benchmark_id",
        )
        headlines = ordered_headlines(summary, tables["thresholds"])
        self.headlines = {row["threshold_id"]: row for row in headlines}
        self.others = other_views(headlines)
        history = tables.get("history")
        self.history = {} if history is None else rows_by(history, "threshold_id")

    def sections(self) -> Iterator[Section]:
        by_benchmark: dict[str, list[str]] = {}
        for threshold_id, bars in self.thresholds.items():
            if threshold_id in self.headlines:
                benchmark_id = bars[0]["benchmark_id"]
                by_benchmark.setdefault(benchmark_id, []).append(threshold_id)
        made = {
            benchmark_id: self._section(benchmark_id, threshold_ids)
            for benchmark_id, threshold_ids in by_benchmark.items()
        }
        order = {title: place for place, title in enumerate(DOMAIN_TITLES.values())}

        def place(one: Section) -> tuple[int, str, bool, str]:
            view_of = self.headlines[one.ladders[0].threshold_id]["view_of"]
            lead = made.get(view_of, one)
            title = lead.title.lower()
            return order[lead.domain], title, lead is not one, one.title.lower()

        yield from sorted(made.values(), key=place)

    def _section(self, benchmark_id: str, threshold_ids: list[str]) -> Section:
        ladders = tuple(ladder(self._rows(one)) for one in threshold_ids)
        bars = self.thresholds[threshold_ids[0]]
        rows = self.observations.get(benchmark_id, [])
        first = self.headlines[threshold_ids[0]]
        return Section(
            benchmark_id=benchmark_id,
            ident=benchmark_anchor(benchmark_id),
            title=ladders[0].title,
            short=first.get("short_title") or ladders[0].title,
            domain=DOMAIN_TITLES[bars[0]["domain"]],
            verdict=ladders[0].verdict,
            ladders=ladders,
            gaps=[
                *ages(first, rows),
                *gaps(rows),
                *map(_rejected, self.quarantine.get(benchmark_id, [])),
            ],
            scores=scores(ladders[0].title, rows),
            search=" ".join([benchmark_id, *(one.title for one in ladders)]).lower(),
        )

    def _rows(self, threshold_id: str) -> LadderRows:
        headline, bars = self.headlines[threshold_id], self.thresholds[threshold_id]
        series_id, trend = bars[0]["series_id"], headline["trend"]
        fits, forecast = (
            [row for row in rows.get(series_id, []) if row["trend"] == trend]
            for rows in (self.fits, self.forecasts)
        )
        return LadderRows(
            headline=headline,
            bars=bars,
            summary=self.summary[threshold_id],
            by_year=self.by_year.get(threshold_id, {}),
            quantiles=self.quantiles.get(threshold_id, {}),
            fits=fits,
            forecast=forecast,
            history=self.history.get(threshold_id, []),
            others=self.others[threshold_id],
            record_at=self._record_at(bars[0]["benchmark_id"], headline),
        )

    def _record_at(self, benchmark_id: str, headline: Row) -> str:
        """Where the row of the standing record is; empty where none is known."""
        match = [
            one["observation_id"]
            for one in self.observations.get(benchmark_id, [])
            if one["score"] == headline["frontier_score"]
            and one["model_name"] == headline["frontier_model_name"]
        ]
        return f"#{score_anchor(match[0])}" if match else ""


def _rejected(row: Row) -> str:
    return f"In quarantine: {rejected_row(row)}"


def _by_year(cdf: pl.DataFrame) -> dict[str, ByBar]:
    """Probability by the end of each of ``YEARS``, by threshold, then bar and trend."""
    ends = cdf.filter(pl.col("by_date").is_in([date(year, 12, 31) for year in YEARS]))
    found: dict[str, ByBar] = {}
    for row in ends.iter_rows(named=True):
        bars = found.setdefault(row["threshold_id"], {})
        by_year = bars.setdefault((row["bar_id"], row["trend"]), {})
        by_year[row["by_date"].year] = row["p_crossed"]
    return found


def _quantiles(
    quantiles: pl.DataFrame, summary: pl.DataFrame
) -> dict[str, dict[float, str]]:
    """By threshold the date of its headline in words, by level."""
    shown = summary.filter("is_headline", pl.col("withheld").is_null())
    found: dict[str, dict[float, str]] = {}
    for row in quantiles.join(
        shown, on=["threshold_id", "bar_id", "trend"], how="semi"
    ).iter_rows(named=True):
        labels = found.setdefault(row["threshold_id"], {})
        labels[round(row["quantile_level"], 3)] = row["crossing_label"]
    return found
