"""What would change a date: read off what the row, its fit and its forecast say."""

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from typing import Any

from trends.tables import WITHOUT_LAW
from trends.words import (
    BEYOND_SUITE,
    influence_words,
    later_view,
    percent,
    score_words,
    when_words,
)

Row = dict[str, Any]

AHEAD = timedelta(days=90)
"""A score is forecast for a day at least so long after the vintage."""


def outlook(
    headline: Row,
    *,
    ladder: Sequence[Row],
    fits: Sequence[Row],
    forecast: Sequence[Row],
    others: Sequence[Row],
) -> list[str]:
    """What would move a headline, a sentence each, the likeliest first.

    Args:
        headline: the threshold's headline row of CROSSING_SUMMARY.
        ladder: its rows of the same trend, easy to hard.
        fits: TREND_FITS rows of its series and trend.
        forecast: SCORE_FORECAST rows of its series and trend.
        others: headlines of the other views of its test.
    """
    return [
        *_ended(headline),
        *_others(headline, others),
        *_record(headline),
        *_waiting(headline),
        *_pace(headline, forecast),
        *_silence(headline),
        *_own_weight(fits),
        *_pool(headline),
        *_ceilings(headline),
        *_neighbours(headline, ladder),
    ]


def _is_open(row: Row) -> bool:
    return row["crossing_status"] not in WITHOUT_LAW


def _ended(row: Row) -> Iterator[str]:
    if row["series_ended"] is not None:
        yield (
            f"Nobody adds scores any more ({row['series_ended'].rstrip('.')}). Until "
            "somebody does, only other benchmarks, corrections and choices move the date."
        )
    if row["superseded_by"] is not None:
        yield f"{row['superseded_by']} took its place: new scores are to be looked for there."


def _others(row: Row, others: Sequence[Row]) -> Iterator[str]:
    if words := later_view(row, others):
        yield f"{words} Its new scores are of the same items."


def _record(row: Row) -> Iterator[str]:
    unit, bar = row["score_unit"], score_words(row["bar_value"], row["score_unit"])
    if row["crossing_status"] == "already_crossed":
        yield (
            "It is crossed. Only a correction, a revision or a withdrawal of the score "
            "that did it would open it again."
        )
    elif BEYOND_SUITE in str(row["median_label"]):
        yield (
            "No score on this suite can settle it: the bar is above what the suite "
            "measures. A harder one would have to be published."
        )
    elif row["frontier_score"] is not None:
        yield (
            f"A published score of {bar} would settle it. The record "
            f"is {score_words(row['frontier_score'], unit)}"
            f"{_by(row['frontier_model_name'])}."
        )
    if row["contested"]:
        why = row["status_reason"].split("; ")[0]
        yield (
            f"The record is contested ({why}): if it fell, the date would move, and a "
            "crossing could be undone."
        )


def _by(model: object) -> str:
    return f", of {model}" if model is not None else ""


def _waiting(row: Row) -> Iterator[str]:
    if row["quarantined_rows"] is not None:
        score = score_words(row["quarantined_score"], row["score_unit"])
        yield (
            f"A better score, {score}, waits in quarantine ({row['quarantined_rows']}). "
            "If it is found to be right, the record and the date move."
        )


def _pace(row: Row, forecast: Sequence[Row]) -> Iterator[str]:
    """Scores that would be news: outside the central 80% of what is forecast."""
    later = [
        one
        for one in forecast
        if isinstance(one["forecast_date"], date)
        and one["forecast_date"] >= row["as_of"] + AHEAD
    ]
    if not later or not _is_open(row) or BEYOND_SUITE in str(row["median_label"]):
        return
    day = min(one["forecast_date"] for one in later)
    at = {
        round(one["quantile_level"], 3): one["score"]
        for one in later
        if one["forecast_date"] == day
    }
    unit = row["score_unit"]
    low, middle, high = (score_words(at[level], unit) for level in (0.1, 0.5, 0.9))
    if len({low, middle, high}) < 3:
        return
    yield (
        f"By {day} the record is expected at {middle} (80%: {low} to {high}). One that "
        "is further would bring the date forward, one that falls short put it back."
    )


def _silence(row: Row) -> Iterator[str]:
    seen = row["observed_through"]
    if seen is not None and _is_open(row) and row["series_ended"] is None:
        yield (
            f"Looking again without finding a new record would put it back: figures "
            f"reach to {seen}, and silence after that day is not counted."
        )


def _own_weight(fits: Sequence[Row]) -> Iterator[str]:
    fitted = [one for one in fits if one["own_slope_weight"] is not None]
    if fitted and fitted[0]["pool"] is not None:
        yield (
            f"Its own past has {percent(fitted[0]['own_slope_weight'])} of the "
            f"weight in its pace; the rest is that of {fitted[0]['pool']}, whose new "
            "records move this date too."
        )


def _pool(row: Row) -> Iterator[str]:
    family = row["pool_influence_if_ever_family"]
    if family is not None:
        yield (
            f"Of the other families, {family} moves it most: without it "
            f"{influence_words(row)}."
        )


def _ceilings(row: Row) -> Iterator[str]:
    if not row["p_above_ceiling"] or not _is_open(row):
        return
    yield (
        f"{percent(row['p_above_ceiling'])} is the chance that the bar lies above the "
        "ceiling, which no score can pass, be it for tasks that are broken or graded "
        "wrongly. A better score, or an audit, changes how likely never is."
    )
    yield from _judgement(row)


def _judgement(row: Row) -> Iterator[str]:
    """What another judgement of the ceiling would say, where that is not the same."""
    ends = ("lower", "higher")
    nevers = [row[f"p_never_if_ceiling_{end}"] for end in ends]
    if None in nevers:
        return
    days = [row[f"median_if_ever_if_ceiling_{end}"] for end in ends]
    dates = ["none" if day is None else f"{day:%Y-%m}" for day in days]
    never, date_if_ever = (
        " or ".join(dict.fromkeys(one)) for one in ([*map(percent, nevers)], dates)
    )
    if " or " in never + date_if_ever:
        yield (
            "Had we judged the ceiling .01 lower or higher, never would have "
            f"{never}, and the date if ever would be {date_if_ever}."
        )


def _neighbours(row: Row, ladder: Sequence[Row]) -> Iterator[str]:
    """What the dates of the next easier and the next harder bar are."""
    place = next(
        (i for i, one in enumerate(ladder) if one["bar_id"] == row["bar_id"]), None
    )
    if place is None:
        return
    beside = [
        f"{score_words(one['bar_value'], one['score_unit'])}: {when_words(one)}"
        for one in (*ladder[max(0, place - 1) : place], *ladder[place + 1 : place + 2])
    ]
    if beside:
        yield f"The bar decides the date. At its neighbours it is {'; '.join(beside)}."
