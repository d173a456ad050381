"""Publishers of scores: one module each, fetch -> bytes, read(bytes) -> raw rows.

A reader makes no decision about a figure: every cell stays the text that was
published. It refuses a file whose structure it does not know.
"""


class SourceError(ValueError):
    """A source is missing, or no longer has the structure its reader knows.

    Attributes:
        file: name of its file.
        line: line of the file at which the fault was noticed.
    """

    def __init__(self, message: str, *, file: str, line: int = 1) -> None:
        """Say what is wrong, where, and what to do."""
        super().__init__(message)
        self.file = file
        self.line = line


class UnreachableError(SourceError):
    """A publisher's file cannot be had; what is held of it stays as it is."""
