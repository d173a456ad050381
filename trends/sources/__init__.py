"""Publishers of scores: one module each, fetch -> bytes, read(bytes) -> raw rows.

A reader makes no decision about a figure: every cell stays the text that was
published. It refuses a file whose structure it does not know.
"""


class SourceError(ValueError):
    """A source is missing, or no longer has the structure its reader knows."""
