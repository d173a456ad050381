"""Errors that end a run, each with the exit code that tells a program why."""

from typing import ClassVar


class PipelineError(Exception):
    """A run cannot go on; the text says what to do."""

    exit_code: ClassVar[int]


class RequestError(PipelineError):
    """What was asked for makes no sense."""

    exit_code = 2


class PartError(PipelineError):
    """An intermediate file is gone, or is not what was written."""

    exit_code = 9


class BusyError(PipelineError):
    """Somebody is at work where nobody may be."""

    exit_code = 9


class EditedError(BusyError):
    """Files were edited while something was made of them."""


class SourceStoppedError(PipelineError):
    """One source was stopped; the others go on."""

    exit_code = 4


class UnreachedError(PipelineError):
    """A publisher's file could not be had; what is held of it stays in use."""

    exit_code = 5


class NothingLeftError(PipelineError):
    """No source passed."""

    exit_code = 4


class NothingFittedError(PipelineError):
    """No trend could be fitted to any series."""

    exit_code = 6


class NotApprovedError(PipelineError):
    """Nobody let a run be published whose headlines move far."""

    exit_code = 7


EXIT_PARTIAL = 7
"""Exit code of a run that left something out, or has a better score waiting; named."""

EXIT_NOT_LATEST = 8
"""Exit code of a published run that readers of latest.json are not led to."""
