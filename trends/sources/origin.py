"""Cells that a published file leaves out because all its rows share them."""

from trends.registry import Entry
from trends.registry.models import Reporter, Text, Url


class Origin(Entry):
    """Who reported the scores of a file, where, and in which harness.

    ``harness`` is the cell of rows that name none.
    """

    reporter: Reporter
    source_url: Url
    harness: Text | None = None

    @property
    def cells(self) -> dict[str, str | None]:
        """Columns of RAW_SCORES."""
        return {"reporter": self.reporter.value, "source_url": self.source_url}
