"""Faults of an entry that show only where its values stand beside one another."""

from collections.abc import Sequence

Location = tuple[int | str, ...]
"""Keys and list positions that lead from the top of a file to one of its nodes."""

Fault = tuple[Location, str]
"""Where something is wrong, from the entry itself on, and what."""


class MisfitError(ValueError):
    """Values that do not go together: all of them, so that none hides the next."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        """Keep the places, from which whoever read the file knows line and column."""
        self.faults = faults
        super().__init__("; ".join(message for _, message in faults))
