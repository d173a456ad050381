"""What was learned of ceilings, for a terminal."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final

from rich.console import Console
from rich.progress import Progress

from trends.backtest.ceilings import (
    FADES,
    POWERS,
    PRECISIONS,
    CeilingLesson,
    CeilingLessons,
    Resampled,
)
from trends.cli.screens.console import (
    Column,
    Grid,
    bold,
    plain_console,
    print_lines,
    print_paragraph,
)
from trends.fits.ceilings import BEFORE

NOTES: Final = (
    (
        "Scores are the log predictive density, in nats, of the best scores of the year "
        "after a past half year; each benchmark family counts once. Brackets: 80% of "
        "resampled families. Without one: the best pairs with every family left out in "
        "turn."
    ),
    (
        "A record near the top that stands still is often a pause: from so far below 1 as "
        "the fade says the power falls to 0."
    ),
)


@contextmanager
def benchmark_progress() -> Iterator[Callable[[str, int], None]]:
    """A progress bar on stderr, and what moves it on at each benchmark."""
    with Progress(console=Console(stderr=True)) as bar:
        line = bar.add_task("past ceilings", total=None)

        def done(series_id: str, n_series: int) -> None:
            bar.update(line, description=series_id, total=n_series, advance=1)

        yield done


def print_ceilings(lessons: CeilingLessons) -> None:
    """Print the verdict, what was learned by height, and the scores of every pair."""
    console = plain_console()
    print_paragraph(console, lessons.verdict)
    used = (
        f"precision {BEFORE.precision:g}, power {BEFORE.power:g}, fade {BEFORE.fade:g}"
    )
    for heading, grid in (
        ("What foretells best, by the record on the past day", _best(lessons)),
        (f"Gain of {used}, as forecasts use, on no update", _used(lessons)),
        ("Gain of each fade on none", _fades(lessons)),
        (
            "Gain of each pair on the best without update, precision by power",
            _gains(lessons.of_all),
        ),
    ):
        console.print("\n", bold(heading), sep="")
        print_lines(console, grid.lines(console.width))
    console.print()
    for note in NOTES:
        print_paragraph(console, note, hang=2)


def _best(lessons: CeilingLessons) -> Grid:
    grid = Grid(
        Column("record"),
        Column("families (n)", "right"),
        Column("precision", "right"),
        Column("power", "right"),
        Column("without one", "right"),
    )
    for height, of in lessons.by_height.items():
        low, high = of.left_out
        grid.add(
            height,
            f"{of.n_families} ({of.n_forecasts})",
            f"{of.best.precision:g} {_interval(of.precision)}",
            f"{of.best.power:g} {_interval(of.power)}",
            f"{low.precision:g} to {high.precision:g}, {low.power:g} to {high.power:g}",
        )
    return grid


def _used(lessons: CeilingLessons) -> Grid:
    grid = Grid(
        Column("record"),
        Column("gain", "right"),
        Column("without the family that gains most", "right"),
    )
    for height, of in lessons.by_height.items():
        gain = of.gain
        grid.add(
            height,
            f"{gain.middle:+.3f} [{gain.low:+.3f}, {gain.high:+.3f}]",
            f"{of.least_gain:+.3f}",
        )
    return grid


def _fades(lessons: CeilingLessons) -> Grid:
    grid = Grid(Column("record"), *(Column(f"{one:g}", "right") for one in FADES))
    for height, of in lessons.by_height.items():
        grid.add(height, *(f"{gain:+.3f}" for gain in of.fade_gains))
    return grid


def _gains(lesson: CeilingLesson) -> Grid:
    grid = Grid(Column(""), *(Column(f"{one:g}", "right") for one in POWERS))
    for precision, row in zip(PRECISIONS, lesson.gains, strict=True):
        grid.add(f"{precision:g}", *(f"{gain:+.3f}" for gain in row))
    return grid


def _interval(found: Resampled) -> str:
    return f"[{found.low:g}, {found.high:g}]"
