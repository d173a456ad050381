"""What may be asked of a run, whoever asks: a person, a form or another program."""

from datetime import date
from pathlib import Path

from trends import defaults
from trends.pipeline.errors import RequestError
from trends.pipeline.ingested import load_ingest
from trends.registry import Threshold


def refuse_numbers(*, draws: int, seed: int) -> None:
    """Raise RequestError where draws or seed are outside their bounds."""
    if draws < defaults.MIN_DRAWS:
        raise RequestError(
            f"{draws} draws are too few for an interval: {defaults.MIN_DRAWS} up"
        )
    if draws > defaults.MAX_DRAWS:
        raise RequestError(
            f"{draws} draws are more than any date needs, and than memory is sure to "
            f"hold: {defaults.MAX_DRAWS} at most"
        )
    if not 0 <= seed <= defaults.MAX_SEED:
        raise RequestError(f"seed {seed} is not from 0 to {defaults.MAX_SEED}")


def refuse_retired(threshold: Threshold) -> None:
    """Raise RequestError where nobody forecasts a threshold any more."""
    if threshold.status == "retired":
        raise RequestError(
            f"{threshold.id} is retired, so that no run forecasts it: ask for another, "
            "or make it active in its file first"
        )


def refuse_unseen_days(ingest: Path, *, first: date) -> None:
    """Raise RequestError where ``first`` lies outside the days of the figures.

    Args:
        ingest: folder of an ingest.
        first: day of a forecast of the past.
    """
    days = load_ingest(ingest).observations["known_on"]
    low, high = days.min(), days.max()
    if not (isinstance(low, date) and isinstance(high, date)):
        raise RequestError(f"nothing can be forecast from {first}: no score is dated")
    if not low.replace(day=1) <= first <= high:
        raise RequestError(
            f"nothing can be forecast from {first}: the figures are of {low} to {high}"
        )
