"""One section a benchmark: its bars, its scores, and what is known of them."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

import polars as pl

from trends.report.charts.bars import rows_by
from trends.report.grids import (
    Cell,
    Grid,
    benchmark_anchor,
    chance,
    day,
    grid,
    score_anchor,
    web,
)
from trends.report.outlook import outlook
from trends.report.scores import ages, gaps, scores
from trends.report.views import views
from trends.words import (
    DOMAIN_TITLES,
    ordered_headlines,
    other_views,
    rejected_row,
    score_words,
    shown_percent,
    when_words,
)

Row = dict[str, Any]
Tables = Mapping[str, pl.DataFrame]

YEARS: Final = (2026, 2027, 2028, 2030, 2035)
"""Years by whose end a bar's probability stands in its table."""

LEADS: Final = (3, 6, 12, 24, 36)
"""Months ahead of the score forecasts in a section's table."""

LEVELS: Final = (0.1, 0.25, 0.5, 0.75, 0.9)

CHANCES: Final = (0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95)

BASES: Final = {
    "project_choice": "this project's choice",
    "human_baseline": "what people reach",
    "author_declared": "declared by the benchmark's authors",
    "developer_line": "a line drawn by a developer",
    "forecaster_requirement": "what a forecaster requires",
    "round_work_unit": "a round unit of work",
}

STATUSES: Final = {
    "already_crossed": "crossed",
    "expected": "open",
    "after_projection_end": "open, median beyond the projection",
    "never": "open, more likely never than ever",
    "not_estimated": "not estimated",
}


@dataclass(frozen=True)
class Ladder:
    """One threshold: its headline, its bars and what they mean.

    Attributes:
        ident: anchor.
        name: threshold in words.
        title: its benchmark in words.
        facts: of the headline: name, cell.
        operationalisation: what exactly counts.
        why_it_matters: why anybody should care.
        bars: headline trend, a row a bar.
        quantiles: the headline's date at several levels.
        trends: every bar under every trend.
        threshold_id: as in data/registry/thresholds/.
        forecast: the record's score ahead, by the headline's trend; None without one.
        ceilings: where its ceiling may lie; None where there is none or it is certain.
        outlook: what would change the date.
        history: what earlier vintages said; None where there is none.
        views: what the other views of its test say; None where there is none.
    """

    threshold_id: str
    ident: str
    name: str
    title: str
    facts: tuple[tuple[str, Cell], ...]
    operationalisation: str
    why_it_matters: str
    bars: Grid
    quantiles: Grid
    trends: Grid
    forecast: Grid | None
    ceilings: Grid | None
    outlook: list[str]
    history: Grid | None
    views: Grid | None


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
        self.quantiles = {
            (*_key(row), round(row["quantile_level"], 3)): row["crossing_label"]
            for row in tables["crossing_quantiles"]
            .join(
                summary.filter("is_headline", pl.col("withheld").is_null()),
                on=["threshold_id", "bar_id", "trend"],
                how="semi",
            )
            .iter_rows(named=True)
        }
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
        ladders = tuple(self._ladder(one) for one in threshold_ids)
        bars = self.thresholds[threshold_ids[0]]
        rows = self.observations.get(benchmark_id, [])
        first = self.headlines[threshold_ids[0]]
        return Section(
            benchmark_id=benchmark_id,
            ident=benchmark_anchor(benchmark_id),
            title=ladders[0].title,
            short=first.get("short_title") or ladders[0].title,
            domain=DOMAIN_TITLES[bars[0]["domain"]],
            verdict=_verdict(first, bars),
            ladders=ladders,
            gaps=[
                *ages(first, rows),
                *gaps(rows),
                *map(_rejected, self.quarantine.get(benchmark_id, [])),
            ],
            scores=scores(ladders[0].title, rows),
            search=" ".join([benchmark_id, *(one.title for one in ladders)]).lower(),
        )

    def _ladder(self, threshold_id: str) -> Ladder:
        headline, bars = self.headlines[threshold_id], self.thresholds[threshold_id]
        series_id, trend = bars[0]["series_id"], headline["trend"]
        rows = self.summary[threshold_id]
        same_trend = [row for row in rows if row["trend"] == trend]
        forecast = [
            row for row in self.forecasts.get(series_id, []) if row["trend"] == trend
        ]
        fits = [row for row in self.fits.get(series_id, []) if row["trend"] == trend]
        title = bar_title(headline, bars)
        return Ladder(
            threshold_id=threshold_id,
            ident=f"t-{threshold_id}",
            name=bars[0]["title"],
            title=title,
            facts=tuple(self._facts(headline, bars)),
            operationalisation=bars[0]["operationalisation"],
            why_it_matters=bars[0]["why_it_matters"],
            bars=self._bars(title, same_trend, bars),
            quantiles=self._quantiles(title, headline),
            trends=_trends(title, rows, bars),
            forecast=_forecast(title, headline, forecast),
            ceilings=_ceilings(title, fits),
            outlook=outlook(
                headline,
                ladder=same_trend,
                fits=fits,
                forecast=forecast,
                others=self.others[threshold_id],
            ),
            history=_history(title, self.history.get(threshold_id, [])),
            views=views(title, self.others[threshold_id]),
        )

    def _facts(self, row: Row, bars: Sequence[Row]) -> Iterator[tuple[str, Cell]]:
        bar = next(one for one in bars if one["bar_id"] == row["bar_id"])
        unit = row["score_unit"]
        yield "Bar", Cell(bar["bar_label"])
        yield (
            "Whose bar",
            Cell(
                str(bar["source_citation"] or BASES[bar["bar_basis"]]),
                web(bar["source_url"]),
            ),
        )
        yield "Status", Cell(STATUSES[row["crossing_status"]])
        yield "Median", Cell(row["median_label"])
        yield "Median if ever", Cell(row["if_ever_label"] or "-")
        yield "80% interval", Cell(row["interval80_label"])
        if row["frontier_score"] is not None:
            yield "Record", self._record(bars[0]["benchmark_id"], row)
        yield (
            "Scores and records",
            Cell(f"{row['n_observations']} and {row['n_records']}"),
        )
        yield "Rests on", Cell(row["status_reason"])
        if row["coverage80_backtest"] is not None:
            yield (
                "Such intervals held",
                Cell(f"{chance(row['coverage80_backtest'])} of past dates (said 80%)"),
            )
        yield "Curve", Cell(f"{row['trend']}, {row['estimand'].replace('_', ' ')}")
        yield "Unit", Cell(unit.replace("_", " "))

    def _record(self, benchmark_id: str, row: Row) -> Cell:
        """The standing record, leading to its row where it can be told which it is."""
        words = score_words(row["frontier_score"], row["score_unit"])
        text = f"{words}, {row['frontier_model_name']}, {day(row['frontier_date'])}"
        match = [
            one["observation_id"]
            for one in self.observations.get(benchmark_id, [])
            if one["score"] == row["frontier_score"]
            and one["model_name"] == row["frontier_model_name"]
        ]
        return Cell(text, f"#{score_anchor(match[0])}" if match else "")

    def _bars(self, title: str, rows: Sequence[Row], bars: Sequence[Row]) -> Grid:
        labels = {one["bar_id"]: one["bar_label"] for one in bars}
        return grid(
            f"Bars of {title}, by {rows[0]['trend']}: probability by now, by the end of "
            "years, and never",
            ("Bar", "If ever", "80% interval", "Now", *map(str, YEARS), "Never"),
            (
                (
                    Cell(labels[row["bar_id"]] + (" (headline)" * row["is_headline"])),
                    row["if_ever_label"] or row["median_label"],
                    row["interval80_label"],
                    *self._chances(row),
                )
                for row in rows
            ),
            numeric=range(3, 5 + len(YEARS)),
            wide=(1, 2),
        )

    def _quantiles(self, title: str, headline: Row) -> Grid:
        """The day by which the headline's bar is crossed with each of the chances."""
        key = _key(headline)
        return grid(
            f"{title}: crossed by that day with the probability in the heading",
            ("", *(f"{level:.0%}" for level in CHANCES)),
            [["Day", *(self.quantiles.get((*key, level), "-") for level in CHANCES)]],
        )

    def _chances(self, row: Row) -> Iterator[str]:
        """By now, by the end of each of ``YEARS``, and never."""
        if row["withheld"] is not None:
            return iter(["-"] * (2 + len(YEARS)))
        by_year: dict[int, Any] = dict(self.by_year.get(_key(row), {}))
        if row["crossing_status"] == "already_crossed":
            by_year = dict.fromkeys(YEARS, row["p_crossed_by_as_of"])
        by = [row["p_crossed_by_as_of"], *map(by_year.get, YEARS), row["p_never"]]
        return map(chance, by)


def bar_title(row: Row, bars: Sequence[Row]) -> str:
    """The threshold's title: its headline's label without the bar."""
    label = next(one["bar_label"] for one in bars if one["bar_id"] == row["bar_id"])
    title: str = row["threshold_label"]
    head, found, tail = title.rpartition(f": {label}")
    return head + tail if found else title


def _verdict(row: Row, bars: Sequence[Row]) -> str:
    label = next(one["bar_label"] for one in bars if one["bar_id"] == row["bar_id"])
    return f"{label}: {when_words(row)}; 80% interval {row['interval80_label']}"


def _trends(title: str, rows: Sequence[Row], bars: Sequence[Row]) -> Grid:
    labels = {one["bar_id"]: one["bar_label"] for one in bars}
    return grid(
        f"Every bar and every curve of {title}",
        ("Bar", "Curve", "If ever", "80% interval", "P by now", "P never"),
        (
            (
                labels[row["bar_id"]],
                row["trend"],
                row["if_ever_label"] or row["median_label"],
                row["interval80_label"],
                shown_percent(row, "p_crossed_by_as_of") or "-",
                shown_percent(row, "p_never") or "-",
            )
            for row in rows
        ),
        numeric=(4, 5),
        wide=(2, 3),
    )


def _ceilings(title: str, fits: Sequence[Row]) -> Grid | None:
    bins = [row for row in fits if row["ceiling_low"] is not None]
    if len(bins) < 2:
        return None
    return grid(
        f"Where the ceiling of {title} may lie",
        ("From", "To", "Chance before its scores", "Chance now"),
        (
            (
                *(f"{row[end]:.1%}" for end in ("ceiling_low", "ceiling_high")),
                *(chance(row[of]) for of in ("ceiling_prior_weight", "ceiling_weight")),
            )
            for row in sorted(bins, key=lambda row: float(row["ceiling_low"]))
        ),
        numeric=range(4),
    )


def _forecast(title: str, headline: Row, forecast: Sequence[Row]) -> Grid | None:
    at = {
        (row["lead_months"], round(row["quantile_level"], 3)): row["score"]
        for row in forecast
    }
    days = {row["lead_months"]: row["forecast_date"] for row in forecast}
    ahead = [lead for lead in LEADS if lead in days and days[lead] > headline["as_of"]]
    if not ahead:
        return None
    unit = headline["score_unit"]
    return grid(
        f"Record ahead of {title}, by {headline['trend']}: scores that it is as likely "
        "to be below as the heading says",
        ("By", *(f"{level:.0%}" for level in LEVELS)),
        (
            (day(days[lead]), *(score_words(at[lead, level], unit) for level in LEVELS))
            for lead in ahead
        ),
        numeric=range(1, 1 + len(LEVELS)),
    )


def _history(title: str, rows: Sequence[Row]) -> Grid | None:
    stands = [row for row in rows if row.get("stands", True)]
    if len(stands) < 2:
        return None
    return grid(
        f"What vintages said of {title}",
        ("Vintage", "Kind", "If ever, never", "80% interval"),
        (
            (
                day(row["as_of"]),
                str(row["kind"]).replace("_", " "),
                row["when_label"],
                row["interval80_label"],
            )
            for row in sorted(stands, key=lambda row: row["as_of"], reverse=True)
        ),
    )


def _rejected(row: Row) -> str:
    return f"In quarantine: {rejected_row(row)}"


def _key(row: Row) -> tuple[str, str, str]:
    return row["threshold_id"], row["bar_id"], row["trend"]


def _by_year(cdf: pl.DataFrame) -> dict[tuple[str, str, str], dict[int, float]]:
    """Probability by the end of each of ``YEARS``, by threshold, bar and trend."""
    ends = cdf.filter(pl.col("by_date").is_in([date(year, 12, 31) for year in YEARS]))
    found: dict[tuple[str, str, str], dict[int, float]] = {}
    for row in ends.iter_rows(named=True):
        found.setdefault(_key(row), {})[row["by_date"].year] = row["p_crossed"]
    return found
