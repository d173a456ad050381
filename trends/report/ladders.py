"""One threshold: its headline, its bars and what they mean."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

from trends.report.grids import Cell, Grid, chance, day, grid, web
from trends.report.outlook import outlook
from trends.report.views import views
from trends.words import score_words, shown_percent, when_words

Row = dict[str, Any]

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


class LadderRows(NamedTuple):
    """What the tables say of one threshold.

    Attributes:
        headline: its headline row of CROSSING_SUMMARY.
        bars: its rows of THRESHOLDS.
        summary: its rows of CROSSING_SUMMARY, bars easy to hard.
        by_year: probability by the end of each of ``YEARS``, by bar and trend.
        quantiles: the headline's date in words, by level; empty where it has none.
        fits: TREND_FITS rows of its series and the headline's trend.
        forecast: SCORE_FORECAST rows of them, at ``LEVELS``.
        history: HISTORY rows.
        others: headlines of the other views of its test.
        record_at: where the row of the standing record is; empty where none is known.
    """

    headline: Row
    bars: Sequence[Row]
    summary: Sequence[Row]
    by_year: Mapping[tuple[str, str], Mapping[int, float | None]]
    quantiles: Mapping[float, str]
    fits: Sequence[Row]
    forecast: Sequence[Row]
    history: Sequence[Row]
    others: Sequence[Row]
    record_at: str


@dataclass(frozen=True)
class Ladder:
    """One threshold: its headline, its bars and what they mean.

    Attributes:
        ident: anchor.
        name: threshold in words.
        title: its benchmark in words.
        verdict: its headline in a line.
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
    verdict: str
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


def ladder(one: LadderRows) -> Ladder:
    """A threshold as the page shows it."""
    headline, first = one.headline, one.bars[0]
    bar = next(row for row in one.bars if row["bar_id"] == headline["bar_id"])
    title = _title(headline, bar)
    same_trend = [row for row in one.summary if row["trend"] == headline["trend"]]
    return Ladder(
        threshold_id=headline["threshold_id"],
        ident=f"t-{headline['threshold_id']}",
        name=first["title"],
        title=title,
        verdict=f"{bar['bar_label']}: {when_words(headline)}; 80% interval "
        f"{headline['interval80_label']}",
        facts=tuple(_facts(headline, bar, one.record_at)),
        operationalisation=first["operationalisation"],
        why_it_matters=first["why_it_matters"],
        bars=_bars(title, same_trend, one),
        quantiles=_quantiles(title, one.quantiles),
        trends=_trends(title, one.summary, one.bars),
        forecast=_forecast(title, headline, one.forecast),
        ceilings=_ceilings(title, one.fits),
        outlook=outlook(
            headline,
            ladder=same_trend,
            fits=one.fits,
            forecast=one.forecast,
            others=one.others,
        ),
        history=_history(title, one.history),
        views=views(title, one.others),
    )


def _title(headline: Row, bar: Row) -> str:
    """The threshold's title: its headline's label without the bar."""
    title: str = headline["threshold_label"]
    head, found, tail = title.rpartition(f": {bar['bar_label']}")
    return head + tail if found else title


def _facts(row: Row, bar: Row, record_at: str) -> Iterator[tuple[str, Cell]]:
    """What is known of a headline, in names and cells."""
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
    yield "If ever", Cell(row["if_ever_label"] or row["median_label"])
    yield "Never", Cell(shown_percent(row, "p_never") or "-")
    yield "80% interval, which counts never", Cell(row["interval80_label"])
    yield "Median that does so", Cell(row["median_label"])
    if row["frontier_score"] is not None:
        words = score_words(row["frontier_score"], unit)
        text = f"{words}, {row['frontier_model_name']}, {day(row['frontier_date'])}"
        yield "Record", Cell(text, record_at)
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


def _bars(title: str, rows: Sequence[Row], one: LadderRows) -> Grid:
    labels = {bar["bar_id"]: bar["bar_label"] for bar in one.bars}
    return grid(
        f"Bars of {title}, by {rows[0]['trend']}: date if the bar is ever crossed, "
        "probability of never, by now and by the end of years",
        ("Bar", "If ever", "Never", "80% interval", "Now", *map(str, YEARS)),
        (
            (
                Cell(labels[row["bar_id"]] + (" (headline)" * row["is_headline"])),
                row["if_ever_label"] or row["median_label"],
                shown_percent(row, "p_never") or "-",
                row["interval80_label"],
                *_chances(row, one.by_year.get((row["bar_id"], row["trend"]), {})),
            )
            for row in rows
        ),
        numeric=(2, *range(4, 5 + len(YEARS))),
        wide=(1, 3),
    )


def _quantiles(title: str, quantiles: Mapping[float, str]) -> Grid:
    """The day by which the headline's bar is crossed with each of the chances."""
    return grid(
        f"{title}: crossed by that day with the probability in the heading",
        ("", *(f"{level:.0%}" for level in CHANCES)),
        [["Day", *(quantiles.get(level, "-") for level in CHANCES)]],
    )


def _chances(row: Row, by_year: Mapping[int, float | None]) -> Iterator[str]:
    """By now, and by the end of each of ``YEARS``."""
    if row["withheld"] is not None:
        return iter(["-"] * (1 + len(YEARS)))
    if row["crossing_status"] == "already_crossed":
        by_year = dict.fromkeys(YEARS, row["p_crossed_by_as_of"])
    return map(chance, [row["p_crossed_by_as_of"], *map(by_year.get, YEARS)])


def _trends(title: str, rows: Sequence[Row], bars: Sequence[Row]) -> Grid:
    labels = {one["bar_id"]: one["bar_label"] for one in bars}
    return grid(
        f"Every bar and every curve of {title}",
        ("Bar", "Curve", "If ever", "Never", "80% interval", "P by now"),
        (
            (
                labels[row["bar_id"]],
                row["trend"],
                row["if_ever_label"] or row["median_label"],
                shown_percent(row, "p_never") or "-",
                row["interval80_label"],
                shown_percent(row, "p_crossed_by_as_of") or "-",
            )
            for row in rows
        ),
        numeric=(3, 5),
        wide=(2, 4),
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
