"""Standard output that is full, or that nobody reads any longer."""

import io
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TextIO

from trends.cli.shared import EXIT_MACHINE, EXIT_NO_READER, say


@contextmanager
def written_out() -> Iterator[None]:
    """Write stdout to the end, or give it up without a traceback.

    ``trends show | head -1`` ends when ``head`` has its line: that is no error to tell
    of. A full disk behind stdout is one.
    """
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")
    problem: OSError | None = None
    try:
        yield
    except SystemExit as end:
        if not isinstance(end.__context__, BrokenPipeError):
            raise
        problem = end.__context__  # of the help: the libraries end with 1
    except OSError as error:  # of the help, which no command guards
        problem = error
    finally:
        problem = _flush(sys.stdout) or problem
        _flush(sys.stderr)
        if isinstance(problem, BrokenPipeError):
            sys.exit(EXIT_NO_READER)
        if problem is not None:
            say(f"error: standard output: {problem.strerror}")
            sys.exit(EXIT_MACHINE)


def _flush(stream: TextIO) -> OSError | None:
    """Write what is waiting; what cannot be written is not tried again at exit."""
    try:
        stream.flush()
    except OSError as error:
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, stream.fileno())
        os.close(nowhere)
        return error
    return None
