"""Scores of probabilities: of an event, and of the date of an event that may not come."""

import numpy as np

from trends.scoring.arrays import Booleans, Floats, squared_distance


def brier_score(probability: Floats | float, happened: Booleans | bool) -> Floats:
    """(p - 1{happened})^2, from 0 to 1 (Brier 1950).

    Raises:
        ValueError: a probability outside 0 to 1.
    """
    p = _probability(probability)
    return np.asarray((p - np.asarray(happened, dtype=np.float64)) ** 2)


def log_score(
    probability: Floats | float, happened: Booleans | bool, *, floor: float
) -> Floats:
    """Minus the logarithm of the probability given to what happened, in nats.

    Args:
        probability: of the event.
        happened: whether it came.
        floor: no outcome is counted as having been given less than this, so that
            one rounded zero does not make a whole record infinite.

    Raises:
        ValueError: a probability outside 0 to 1, or a floor outside 0 to 1/2.
    """
    if not 0 < floor < 0.5:
        raise ValueError(f"the floor must lie between 0 and 1/2, got {floor}")
    p = _probability(probability)
    given = np.where(happened, p, 1 - p)
    return np.asarray(-np.log(np.clip(given, floor, 1.0)))


def integrated_brier(days: Floats, cdf: Floats, *, crossed_after_days: float) -> float:
    """Mean Brier score of "crossed by then" over a window of days.

    (1/W) integral over the window of (F(u) - 1{T <= u})^2 du. Proper whatever the
    window's end, as long as that does not depend on when the event came: fix it
    at 24 months or at the end of the data. An event after the window scores as one
    that never comes, and so F need not reach 1.

    Args:
        days: rising days since the forecast, from 0 to the window's end, shape (n,).
        cdf: P(crossed by that day), shape (n,); straight between days.
        crossed_after_days: T; infinite if it was not crossed by the window's end.

    Returns:
        From 0 to 1; 1/4 is what F = 1/2 throughout would score.

    Raises:
        ValueError: not a CDF, or a window that does not begin at day 0.
    """
    if days[0] != 0:
        raise ValueError(f"the window begins at day {days[0]}, not at the forecast")
    return squared_distance(days, cdf, step_at=crossed_after_days) / float(days[-1])


def _probability(value: Floats | float) -> Floats:
    p = np.asarray(value, dtype=np.float64)
    if np.any((p < 0) | (p > 1)):
        raise ValueError(f"probabilities lie between 0 and 1, got {value}")
    return p
