"""What an error means to the person at the terminal: an exit code and a text."""

import errno
from concurrent.futures.process import BrokenProcessPool
from typing import Final

from trends.changes import InputsError
from trends.cli.shared import (
    EXIT_DATA_REJECTED,
    EXIT_MACHINE,
    EXIT_REGISTRY_INVALID,
    EXIT_UNREACHABLE,
    EXIT_USAGE,
)
from trends.corrections import CorrectionError
from trends.ledger import LedgerError
from trends.local_airflow.messages import LocalAirflowError
from trends.outputs import NotPublishedError, OutputError
from trends.pipeline import PipelineError
from trends.registry import RegistryError
from trends.sources import SourceError, UnreachableError
from trends.store import StoreError
from trends.tables import TableError
from trends.validation import SuiteError, ValidationError

_ADVICE = {
    errno.ENOSPC: "make room and run it again",
    errno.EDQUOT: "make room and run it again",
    errno.EROFS: "this file system is read-only",
    errno.EACCES: "let this user read and write there",
    errno.EPERM: "let this user read and write there",
    errno.EISDIR: "there is a folder where a file belongs; move it away",
    errno.ENOTDIR: "there is a file where a folder belongs; move it away",
    errno.EEXIST: "there is a file where a folder belongs; move it away",
    errno.EMFILE: "raise the limit of open files (ulimit -n)",
}

_REASONS: Final[list[tuple[type[Exception], int, str]]] = [
    (RegistryError, EXIT_REGISTRY_INVALID, "the registry is not valid:\n{error}"),
    (SuiteError, EXIT_REGISTRY_INVALID, "a suite of expectations/ fails: {error}"),
    (ValidationError, EXIT_DATA_REJECTED, "{error}"),
    (LedgerError, EXIT_DATA_REJECTED, "{error}"),
    (UnreachableError, EXIT_UNREACHABLE, "{error}"),
    (SourceError, EXIT_DATA_REJECTED, "{error}"),
    (CorrectionError, EXIT_DATA_REJECTED, "{error}"),
    (NotPublishedError, EXIT_USAGE, "{error}"),
    (OutputError, EXIT_MACHINE, "{error}"),
    (StoreError, EXIT_MACHINE, "{error}"),
    (InputsError, EXIT_MACHINE, "{error}"),
    (TableError, EXIT_MACHINE, "{error}"),
    (MemoryError, EXIT_MACHINE, "memory is used up; fewer --draws need less"),
    (BrokenProcessPool, EXIT_MACHINE, "a worker was ended from outside; run it again"),
]


def reason(error: Exception) -> tuple[int, str] | None:
    """Exit code and text of an error, or None where it is a bug of ours."""
    if isinstance(error, PipelineError):
        return error.exit_code, str(error)
    if isinstance(error, OSError):
        return EXIT_MACHINE, _os_words(error)
    if isinstance(error, LocalAirflowError):
        return error.exit_code, str(error)
    for kind, code, words in _REASONS:
        if isinstance(error, kind):
            return code, words.format(error=error)
    return None


def _os_words(error: OSError) -> str:
    """The path and what is wrong with it, in one sentence."""
    what = error.strerror or str(error)
    where = error.filename if error.filename2 is None else error.filename2
    advice = _ADVICE.get(error.errno or 0)
    return (
        (f"{where}: " if where is not None else "")
        + what
        + (f" ({advice})" if advice else "")
    )
