"""Tables of a backtest for a terminal, whatever it found."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date

import polars as pl
from rich.console import Console
from rich.progress import Progress

from trends.cli.screens.console import (
    Column,
    Grid,
    bold,
    italic,
    plain_console,
    print_lines,
    print_paragraph,
)
from trends.registry import Weights
from trends.registry.models import HEADLINE_TREND, TrendFamily
from trends.registry.weights import DateInterval
from trends.tables import FORECASTERS
from trends.words import backtest_verdict

Row = dict[str, object]

CUT_TITLES = {
    "reported_on": "out of sample: scores enter when they were reported",
    "release_date": "NOT out of sample: reported late or revised, cut on release date",
}

CAVEAT = (
    "Overlapping origins and shared families: read n eff and families, not n. "
    "Negative is better than the baseline. 95% intervals speak of other families; "
    "those of one family of other origins, and are unbounded where its are worth "
    "less than two."
)


@contextmanager
def origin_progress() -> Iterator[Callable[[date, int], None]]:
    """A progress bar on stderr, and what moves it on at each origin."""
    with Progress(console=Console(stderr=True)) as bar:
        line = bar.add_task("past forecasts", total=None)

        def done(origin: date, n_origins: int) -> None:
            bar.update(line, description=f"from {origin}", total=n_origins, advance=1)

        yield done


def print_scorecard(scores: pl.DataFrame, weights: Weights) -> None:
    """Print what our headline and the ensemble gained or lost against each baseline.

    Args:
        scores: BACKTEST_SCORES rows.
        weights: what the same backtest taught.
    """
    console = plain_console()
    print_paragraph(console, backtest_verdict(scores))
    models = scores.filter(pl.col("moved_by") == "models")
    ordered = models.sort("scale", pl.col("cut_on") == "release_date")
    for (scale, cut_on), group in ordered.group_by(
        "scale", "cut_on", maintain_order=True
    ):
        title = f"{scale} scores, {CUT_TITLES[str(cut_on)]}"
        metric = "crps_score" if scale == "bounded" else "crps_link"
        unit = "percentage points" if scale == "bounded" else "ln"
        console.print("\n", bold(title), sep="")
        for heading, grid in (
            (f"CRPS of the frontier, {unit}", _differences(group, metric)),
            (
                "Coverage of level intervals, families weighing the same",
                _coverage(group),
            ),
            ("Brier score of dates, in 1/100", _differences(group, "integrated_brier")),
        ):
            if grid.is_empty:
                continue
            print_lines(console, [italic(heading), *grid.lines(console.width)])
    console.print()
    for line in (*lesson_lines(weights), "", CAVEAT):
        print_paragraph(console, line, hang=2)


def lesson_lines(weights: Weights) -> Iterator[str]:
    """Weights, coverage of 80% intervals, spread and dependence, in words."""
    for scale in ("bounded", "unbounded"):
        ours = [one for one in weights.ensemble if one.scale == scale]
        yield (
            f"ensemble, {scale}: "
            + ", ".join(
                f"{one.trend} {one.weight:.0%} (stacked {one.stacked:.0%})"
                for one in ours
            )
            + f"; {ours[0].n_forecasts} forecasts, {ours[0].n_families} families"
        )
    for band in weights.level_bands:
        left_out = (
            "not rescaled, too few families"
            if band.coverage_left_out is None
            else f"rescaled and left out {band.coverage_left_out:.0%}"
        )
        yield (
            f"80% level intervals, {band.scale}, {band.trend}: held "
            f"{band.coverage:.0%}, {left_out}; {band.n_forecasts} forecasts, "
            f"{band.n_families} families"
        )
    for dates in weights.date_intervals:
        held = "cannot be told" if dates.coverage is None else f"{dates.coverage:.0%}"
        before = "" if dates.came_before is None else f"{dates.came_before:.0%}"
        yield (
            f"80% date intervals, {dates.scale}, {dates.trend}: held {held}, "
            f"{before} came before (10% is right); {dates.n_forecasts} forecasts, "
            f"{dates.n_crossed} dates came, {dates.n_families} families"
        )
        yield f"  calibrated: {calibrated_words(dates)}"
    for one in weights.drift_spread:
        yield (
            f"sigma of the drift, {one.scale}: best times {one.best:g} "
            f"({one.low:g} to {one.high:g} with a family left out), "
            f"shrunk {one.factor:.2f}"
        )
    for lead in weights.dependence:
        yield (
            f"dependence {lead.lead_months} months ahead: rho {lead.rho:.2f} "
            f"[{lead.low:.2f}, {lead.high:.2f}], {lead.n_origins} origins, "
            f"{lead.n_families} families"
        )


def calibrated_words(dates: DateInterval) -> str:
    """Between which quantiles 80% of past dates came, as far as it can be told."""
    if dates.lower_level is None:
        return "not rescaled, too few families"
    left_out = (
        ""
        if dates.came_before_left_out is None
        else f", of families left out {dates.came_before_left_out:.0%} came before"
    )
    upper = (
        "to an end that no bar was watched to"
        if dates.upper_level is None
        else f"to the {dates.upper_level:.0%} quantile"
    )
    return f"from the {dates.lower_level:.1%} quantile{left_out}, {upper}"


def _differences(group: pl.DataFrame, metric: str) -> Grid:
    """What our headline and the ensemble gained or lost against each other one."""
    grid = Grid(
        Column("months, against"),
        Column("its mean", "right"),
        Column("n (families, n eff)"),
        Column(f"{HEADLINE_TREND} less it"),
        Column("ensemble less it"),
    )
    rows = group.filter(
        (pl.col("metric") == metric) & pl.col("compared_with").is_not_null()
    )
    factor = 1.0 if metric == "crps_link" else 100.0
    for lead in rows.get_column("lead_months").unique().sort():
        here = rows.filter(pl.col("lead_months").eq_missing(lead))
        for other in FORECASTERS:
            headline, ensemble = (
                here.filter(
                    (pl.col("forecaster") == name) & (pl.col("compared_with") == other)
                ).to_dicts()
                for name in (HEADLINE_TREND, TrendFamily.ENSEMBLE)
            )
            if headline or ensemble:
                one = (headline or ensemble)[0]
                grid.add(
                    other if lead is None else f"{lead}, {other}",
                    f"{factor * float(str(one['mean_score_compared'])):.2f}",
                    f"{one['n_forecasts']} ({one['n_families']}, "
                    f"{one['n_effective_origins']:.1f})",
                    _interval(headline, factor),
                    _interval(ensemble, factor),
                )
    return grid


def _interval(rows: list[Row], factor: float) -> str:
    if not rows:
        return ""
    low, middle, high = (
        rows[0][name] for name in ("difference_low", "difference", "difference_high")
    )
    text = f"{factor * float(str(middle)):+.2f}"
    if low is None or high is None:
        return f"{text} [unbounded]"
    interval = f"[{factor * float(str(low)):+.2f}, {factor * float(str(high)):+.2f}]"
    of_one = "" if rows[0]["interval_over"] == "families" else " of one family"
    return f"{text} {interval}{of_one}"


def _coverage(group: pl.DataFrame) -> Grid:
    """What each forecaster's intervals of the level held."""
    grid = Grid(
        Column("months, forecaster"),
        *(Column(one, "right") for one in ("50%", "80%", "90%", "mean PIT")),
        Column("n"),
    )
    own = group.filter(
        pl.col("compared_with").is_null() & (pl.col("target") == "level")
    )
    for lead in own.get_column("lead_months").unique().sort():
        for name in FORECASTERS[1:]:
            found = {
                row["metric"]: row
                for row in own.filter(
                    (pl.col("lead_months") == lead) & (pl.col("forecaster") == name)
                ).to_dicts()
            }
            if found:
                shares = [
                    f"{found[metric]['family_mean_score']:.0%}"
                    for metric in ("covered50", "covered80", "covered90")
                ]
                n = found["covered80"]
                grid.add(
                    f"{lead}, {name}",
                    *shares,
                    f"{found['pit']['family_mean_score']:.2f}",
                    f"{n['n_forecasts']} ({n['n_families']})",
                )
    return grid
