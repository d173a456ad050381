"""A series that cannot be computed names itself, so that it costs only itself."""

from collections.abc import Iterator
from contextlib import contextmanager


class SeriesError(ValueError):
    """Something about one series cannot be computed.

    Attributes:
        series_id: the series.
        why: what went wrong.
    """

    def __init__(self, series_id: str, why: str) -> None:
        """Name the series and what went wrong."""
        super().__init__(f"{series_id}: {why}")
        self.series_id = series_id
        self.why = why


@contextmanager
def about(series_id: str, doing: str) -> Iterator[None]:
    """Say of numbers that cannot be worked with whose they are.

    Args:
        series_id: the series that is worked on.
        doing: what is done, in words.

    Raises:
        SeriesError: arithmetic or linear algebra failed, or a value made no sense.
    """
    try:
        yield
    except SeriesError:
        raise
    except (ArithmeticError, ValueError) as error:
        why = f"{doing}: {type(error).__name__}: {error}"
        raise SeriesError(series_id, why) from error
