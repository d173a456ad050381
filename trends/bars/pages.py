"""The published tables of a run as one page a bar."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

import polars as pl

from trends.bars.histories import Histories, crossing, history_label
from trends.bars.models import (
    Answer,
    Bar,
    BarPage,
    Change,
    Coverage,
    Figures,
    Licence,
    Pace,
    RecordsStood,
    Said,
    Score,
    View,
)
from trends.bars.records import Records
from trends.tables import (
    COMMON_PACE,
    CROSSING_CDF,
    CROSSING_SUMMARY,
    HISTORY,
    HISTORY_BARS,
    OBSERVATIONS,
    RECORDS_STOOD,
    THRESHOLDS,
)
from trends.tables.slices import Frame, held
from trends.words import (
    CAVEAT,
    later_view,
    ordered_headlines,
    other_views,
    pace_now,
    pace_sentence,
    percent,
    score_words,
)
from trends.words.labels import NOMINAL
from trends.words.odds import by_year_ends, unit_interval

LICENCE: Final = Licence(
    name="Apache-2.0",
    path="https://www.apache.org/licenses/LICENSE-2.0",
    scores="Scores are figures that others published, each with its source_url.",
)

Row = dict[str, Any]


def bar_pages(tables: Mapping[str, Frame], *, draft: bool) -> Iterator[BarPage]:
    """A page for each bar of each threshold, under the trend of its headline.

    Args:
        tables: the published tables of a run by name.
        draft: whether the run is one.

    Yields:
        Pages as they are made, in order of threshold and rung.
    """
    cdf = tables[CROSSING_CDF.name]
    tables = held(tables)
    thresholds = {
        (row["threshold_id"], row["bar_id"]): row
        for row in tables[THRESHOLDS.name].iter_rows(named=True)
    }
    of_headline = tables[THRESHOLDS.name].select(
        "threshold_id", "bar_id", trend="headline_trend"
    )
    summary = tables[CROSSING_SUMMARY.name].join(
        of_headline,
        on=["threshold_id", "bar_id", "trend"],
        how="semi",
        maintain_order="left",
    )
    histories = Histories(pl.concat([tables[HISTORY.name], tables[HISTORY_BARS.name]]))
    years = by_year_ends(summary, cdf)
    records = Records(tables[OBSERVATIONS.name], summary)
    others = other_views(
        ordered_headlines(tables[CROSSING_SUMMARY.name], tables[THRESHOLDS.name])
    )
    stood = _stood(tables.get(RECORDS_STOOD.name, RECORDS_STOOD.frame([])))
    pace = _pace(tables.get(COMMON_PACE.name, COMMON_PACE.frame([])))
    for row, p_by_year_end in zip(summary.iter_rows(named=True), years, strict=True):
        threshold = thresholds[row["threshold_id"], row["bar_id"]]
        yield _page(
            row,
            threshold,
            p_by_year_end=p_by_year_end,
            record=records.of(row, threshold["benchmark_id"]),
            history=histories.of(row),
            others=others.get(row["threshold_id"], []),
            pace=pace,
            stood=stood.get((_scale(row), row["trend"]), []),
            draft=draft,
        )


def _page(
    row: Row,
    threshold: Row,
    *,
    p_by_year_end: dict[str, float | None],
    record: Score | None,
    history: list[Said],
    others: Sequence[Row],
    pace: Pace | None,
    stood: list[RecordsStood],
    draft: bool,
) -> BarPage:
    bar_id = f"{row['threshold_id']}.{row['bar_id']}"
    return BarPage.model_validate(
        {name: row[name] for name in _OF_SUMMARY}
        | {name: threshold[name] for name in _OF_THRESHOLD}
        | {
            "id": bar_id,
            "is_draft": draft,
            "question": question(row, threshold),
            "caveat": CAVEAT,
            "threshold_title": threshold["title"],
            "threshold_status": threshold["status"],
            "bar": _bar(threshold, is_headline=row["is_headline"]),
            "answer": _answer(row, p_by_year_end),
            "coverage": _coverage(row, stood),
            "figures": _figures(row, others),
            "common_pace": pace,
            "other_views": [_view(one) for one in others],
            "record": record,
            "crossing": crossing(row, history),
            "change": Change(
                days=row["change_days"],
                never=row["change_p_never"],
                cause=row["change_cause"],
            ),
            "history": history,
            "history_label": history_label(history),
            "card": f"{bar_id}.svg",
            "citation": citation(row, draft=draft),
            "licence": LICENCE,
        }
    )


_OF_SUMMARY: Final = (
    "as_of",
    "run_id",
    "contract_version",
    "threshold_id",
    "threshold_version",
    "threshold_label",
    "short_title",
    "short_label",
    "view_of",
)
_OF_THRESHOLD: Final = (
    "operationalisation",
    "why_it_matters",
    "domain",
    "benchmark_id",
    "series_id",
)


def question(row: Row, threshold: Row) -> str:
    """The question of a bar in plain words."""
    what = (
        "does the fitted line of"
        if row["estimand"] == "trend_line"
        else "does a published score on"
    )
    title = row["threshold_label"].removesuffix(f": {threshold['bar_label']}")
    side = "at most" if threshold["direction"] == "lower" else "at least"
    bar = score_words(threshold["bar_value"], threshold["score_unit"])
    day = threshold["date_used"].replace("_", " ")
    return (
        f'When {what} {title} first reach the bar "{threshold["bar_label"]}" ({side} '
        f"{bar}), by {day}?"
    )


def citation(row: Row, *, draft: bool = False) -> str:
    """How to cite one bar of one vintage."""
    what = "draft, not published, as of" if draft else "vintage"
    return (
        f"benchmark-trends, {what} {row['as_of']}, run {row['run_id']}, output contract "
        f"{row['contract_version']}: {row['threshold_label']}."
    )


def _bar(threshold: Row, *, is_headline: bool) -> Bar:
    return Bar(
        id=threshold["bar_id"],
        label=threshold["bar_label"],
        value=threshold["bar_value"],
        unit=threshold["score_unit"],
        rank=threshold["bar_rank"],
        basis=threshold["bar_basis"],
        is_headline=is_headline,
        **{name: threshold[name] for name in _OF_BAR},
    )


_OF_BAR: Final = (
    "direction",
    "counts_if",
    "date_used",
    "source_citation",
    "source_url",
)


def _answer(row: Row, p_by_year_end: dict[str, float | None]) -> Answer:
    shown = row["withheld"] is None
    return Answer.model_validate(
        {name: row[name] for name in Answer.model_fields if name in row}
        | {name: row[name] if shown else None for name in _DATES}
        | {name: unit_interval(row[name]) if shown else None for name in _MASSES}
        | {
            "status": row["crossing_status"],
            "p_by_year_end": {
                year: p if shown else None for year, p in p_by_year_end.items()
            },
        }
    )


_DATES: Final = (
    "median_date",
    "median_if_ever",
    "q10_date",
    "q25_date",
    "q75_date",
    "q90_date",
)
_MASSES: Final = (
    "p_crossed_by_as_of",
    "p_crossed_by_projection_end",
    "p_after_projection_end",
    "p_never",
    "p_above_ceiling",
    "p_progress_stops",
)


def _scale(row: Row) -> str:
    """The scale that the backtest tells the row's scores to."""
    return "bounded" if row["score_unit"] == "fraction" else "unbounded"


def _stood(records_stood: pl.DataFrame) -> dict[tuple[str, str], list[RecordsStood]]:
    """By scale and trend, the nearest months first."""
    found: dict[tuple[str, str], list[RecordsStood]] = {}
    for row in records_stood.sort("cut_on", "lead_months").iter_rows(named=True):
        fields = {name: row[name] for name in RecordsStood.model_fields}
        one = RecordsStood.model_validate(fields)
        found.setdefault((row["scale"], row["trend"]), []).append(one)
    return found


def _coverage(row: Row, stood: list[RecordsStood]) -> Coverage:
    held, at_most, n = (
        row[name]
        for name in ("coverage80_backtest", "coverage80_at_most", "n_backtest")
    )
    if at_most is None:
        label = "what such intervals held cannot be told"
    else:
        bound = "" if held is not None else "at most "
        label = f"such 80% intervals held {bound}{percent(at_most)} ({n} forecasts of past dates)"
    return Coverage(
        nominal=NOMINAL,
        held=held,
        held_at_most=at_most,
        n_forecasts=n,
        label=label,
        records_stood=stood,
    )


def _pace(common_pace: pl.DataFrame) -> Pace | None:
    now = pace_now(common_pace)
    if now is None:
        return None
    return Pace(
        month=now["month"],
        pace=now["pace"],
        lo80=now["pace_lo80"],
        hi80=now["pace_hi80"],
        since=now["since"],
        n_families=now["n_families"],
        label=pace_sentence(common_pace),
    )


def _view(row: Row) -> View:
    shown = row["withheld"] is None
    return View.model_validate(
        {name: row[name] for name in View.model_fields}
        | {
            "median_date": row["median_date"] if shown else None,
            "p_crossed_by_as_of": unit_interval(row["p_crossed_by_as_of"])
            if shown
            else None,
        }
    )


def _figures(row: Row, others: Sequence[Row]) -> Figures:
    end = row["observed_through"]
    age = None if end is None else (row["as_of"] - end).days
    later = later_view(row, others)
    return Figures(
        observed_through=end,
        age_days=age,
        n_observations=row["n_observations"],
        n_records=row["n_records"],
        series_ended=row["series_ended"],
        superseded_by=row["superseded_by"],
        label="no figures"
        if end is None
        else f"figures to {end}, {age} days old{'. ' * bool(later)}{later}",
    )
