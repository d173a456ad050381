"""How the headline's law did, as ``docs/method.md`` shows it."""

from collections.abc import Iterator
from typing import Final

from trends.registry import Registry
from trends.registry.contests import ContestResult
from trends.registry.weights import DateInterval, HighBars, LevelBand, RecordsStood
from trends.words import CUT_ON
from trends.words.numbers import percent, points, signed_points

METHOD: Final = "docs/method.md"

_HIGH_BARS_MONTHS: Final = 6

Row = tuple[str, ...]
Lesson = LevelBand | DateInterval | RecordsStood | HighBars


def track_tables(registry: Registry) -> str:
    """What backtest and contest taught of the headline's law, as Markdown.

    Of scores that are shares of 0 to 100%, each benchmark family counted once.

    Raises:
        ValueError: the registry has no lessons of a backtest, or no contest.
    """
    backtest = _table(
        ("In the backtest", "Said", "Came", "Families"), _lessons(registry)
    )
    played = _table(
        ("CRPS, cuts of 2025-26", "Ours", "Drift", "No change", "Less drift (90%)"),
        _contests(registry),
    )
    return f"{backtest}\n\n{played}"


def _lessons(registry: Registry) -> Iterator[Row]:
    weights = registry.weights
    if weights is None or weights.published_width is None:
        raise ValueError("the registry has no lessons: trends backtest --write-weights")
    for band in weights.level_bands:
        if (band.scale, band.trend) == ("bounded", "records"):
            what = "80% intervals of scores, that held"
            yield _row(what, band.nominal, band.coverage, band)
    for dates in weights.published_width.date_intervals:
        if (dates.scale, dates.trend, dates.family) == ("bounded", "records", None):
            what = "80% intervals of dates, that held"
            yield _row(what, dates.nominal, dates.coverage, dates)
            what = "dates that came before them"
            yield _row(what, (1 - dates.nominal) / 2, dates.came_before, dates)
    for stood in weights.published_width.records_stood:
        if stood.scale == "bounded":
            known = CUT_ON[stood.cut_on]
            what = f"no new record in {stood.lead_months} months, by {known}"
            yield _row(what, stood.said, stood.stood, stood)
    for bars in weights.published_width.high_bars:
        if bars.lead_months == _HIGH_BARS_MONTHS:
            between = f"{100 * bars.said_from:.0f} to {percent(bars.said_to)}"
            what = f"bars of 90% and 95% reached in {bars.lead_months} months, "
            yield _row(f"{what}said {between}", bars.said, bars.reached, bars)


def _row(what: str, said: float, came: float | None, lesson: Lesson) -> Row:
    return what, percent(said), percent(came), str(lesson.n_families)


def _contests(registry: Registry) -> Iterator[Row]:
    if registry.contests is None:
        raise ValueError("the registry has no contest: trends contest --write-results")
    targets = {"record": "records by month", "top3": "scores among the best three"}
    for contest in registry.contests.contests:
        found = {(str(one.target), one.forecaster): one for one in contest.results}
        for target, words in targets.items():
            ours, drift, no_change = (
                found[target, name] for name in ("headline", "drift", "no_change")
            )
            yield (
                f"{words}, {contest.panel} ({ours.n_families} families)",
                *map(points, (ours.crps, drift.crps, no_change.crps)),
                _difference(drift),
            )


def _difference(drift: ContestResult) -> str:
    """Our CRPS less that of the drift, with its interval."""
    low, high = drift.less_headline_low, drift.less_headline_high
    if drift.less_headline is None or low is None or high is None:
        return ""
    ends = f"{signed_points(-high)} to {signed_points(-low)}"
    return f"{signed_points(-drift.less_headline)} ({ends})"


def _table(headings: Row, rows: Iterator[Row]) -> str:
    lines = [headings, ("---",) * len(headings), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)
