"""What the commands share: common options, exit codes, and how errors are said."""

import signal
import sys
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, date, datetime
from types import FrameType, MappingProxyType
from typing import Annotated

import typer

from trends import defaults

EXIT_USAGE = 2
EXIT_REGISTRY_INVALID = 3
EXIT_DATA_REJECTED = 4
EXIT_UNREACHABLE = 5
EXIT_MACHINE = 9
EXIT_INTERRUPTED = 130
EXIT_NO_READER = 141


def day(text: str) -> date:
    """The day that an option names."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise typer.BadParameter(f"{text!r} is no day; write YYYY-MM-DD") from None


def deadline(text: str) -> date:
    """The day that an option means by which something is to have happened.

    A year or a month means its end.
    """
    from trends.dates import last_day_of_period

    try:
        return last_day_of_period(text)
    except ValueError:
        raise typer.BadParameter(
            f"{text!r} is no day; write YYYY-MM-DD, or YYYY-MM or YYYY for its end"
        ) from None


AsOf = Annotated[
    date | None,
    typer.Option(
        parser=day,
        metavar="DATE",
        help="Use only figures public by this day (YYYY-MM-DD); default: today.",
    ),
]
Json = Annotated[bool, typer.Option("--json", help="For programs: JSON on stdout.")]


Seed = Annotated[
    int, typer.Option(min=0, max=defaults.MAX_SEED, help="Seed of the draws.")
]
Draws = Annotated[
    int,
    typer.Option(
        min=defaults.MIN_DRAWS,
        max=defaults.MAX_DRAWS,
        help="Parameter draws of each line fit.",
    ),
]


_interrupted = threading.Event()
"""Set by Ctrl-C: a library may make another error of it, or lose it in a callback."""


@contextmanager
def errors() -> Iterator[None]:
    """Turn the errors a user can do something about into a text and an exit code.

    Decorates every command.
    """
    try:
        with _remembering_interrupts(), _reasons():
            yield
    except BaseException as error:
        if not (_interrupted.is_set() or isinstance(error, KeyboardInterrupt)):
            raise
        _interrupted.clear()
        say("interrupted: what was not finished counts for nothing; run it again")
        raise typer.Exit(EXIT_INTERRUPTED) from None


@contextmanager
def _remembering_interrupts() -> Iterator[None]:
    """Python's own answer to Ctrl-C, and a note that there was one.

    A library with an answer of its own (polars) may have raised before Python is told;
    another then would hit whoever is cleaning up. A second Ctrl-C always counts.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def interrupt(number: int, frame: FrameType | None) -> None:
        first = not _interrupted.is_set()
        _interrupted.set()
        if first and isinstance(sys.exception(), KeyboardInterrupt):
            return
        signal.default_int_handler(number, frame)

    before = signal.signal(signal.SIGINT, interrupt)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


@contextmanager
def _reasons() -> Iterator[None]:
    try:
        yield
    except BrokenPipeError:
        raise typer.Exit(EXIT_NO_READER) from None
    except (typer.Exit, typer.BadParameter):
        raise
    except Exception as error:
        from trends.cli.reasons import reason

        if (found := reason(error)) is None:
            raise
        code, text = found
        say(f"error: {text}")
        raise typer.Exit(code) from error


def finish(
    stopped: Mapping[str, str],
    *,
    refused: Mapping[str, str] = MappingProxyType({}),
    left_out: Mapping[str, str] = MappingProxyType({}),
    withheld: Sequence[str] = (),
    waiting: Sequence[str] = (),
    unseen: str | None = None,
    in_vain: bool = False,
) -> None:
    """Exit with the code of what is not as asked: left out, or published unseen.

    All of it is said; a run that readers are not led to is the worse of the two.

    Args:
        stopped: sources that were stopped, each with the reason.
        refused: files of publishers that are not in use, each with the reason.
        left_out: series that were left out, each with what was found and where.
        withheld: lines about rows of models whose date is in doubt.
        waiting: lines about better scores in quarantine.
        unseen: why readers are not led to the run that was published.
        in_vain: whether no publisher that was asked could be reached.
    """
    from trends.pipeline import EXIT_NOT_LATEST, EXIT_PARTIAL

    for source, reason in stopped.items():
        say(f"left out: source {source}: {reason}")
    for file, reason in refused.items():
        say(f"not refreshed: {file}: {reason}")
    for series, reason in left_out.items():
        say(f"left out: series {series}: {reason}")
    for line in withheld:
        say(f"left out: rows of a model in doubt: {line}")
    for line in waiting:
        say(line)
    if unseen is not None:
        say(unseen)
        raise typer.Exit(EXIT_NOT_LATEST)
    if in_vain:
        raise typer.Exit(EXIT_UNREACHABLE)
    if stopped or refused or left_out or withheld or waiting:
        raise typer.Exit(EXIT_PARTIAL)


def today() -> date:
    """Today, by UTC."""
    return now().date()


def now() -> datetime:
    """The time; nothing below the command line reads a clock."""
    return datetime.now(UTC)


def say(text: str) -> None:
    """Print a message or a line of progress.

    Raises:
        KeyboardInterrupt: there was one, and a library lost it.
    """
    if _interrupted.is_set():
        raise KeyboardInterrupt
    print(text, file=sys.stderr)
