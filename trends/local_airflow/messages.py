"""What the person at the terminal reads, on stderr."""

import sys
from pathlib import Path


class LocalAirflowError(Exception):
    """Airflow could not be started, or a run of it failed."""

    def __init__(self, message: str, *, exit_code: int = 9) -> None:
        """Say what happened; ``exit_code`` is one of the project's exit codes."""
        super().__init__(message)
        self.exit_code = exit_code


def say(line: str) -> None:
    """Print one line of progress."""
    print(line, file=sys.stderr, flush=True)


def tail(log: Path, *, n_lines: int = 15) -> str:
    """The last lines of a log file, indented."""
    lines = log.read_text(errors="replace").splitlines() if log.exists() else []
    return "\n".join(f"    {line}" for line in lines[-n_lines:])
