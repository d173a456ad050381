"""What the scores share: array types and one exact integral."""

from typing import Final

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Booleans = npt.NDArray[np.bool_]

ROUNDING: Final = 1e-9
"""How far arithmetic may leave a CDF short of 1, or falling, and still be one."""


def squared_distance(grid: Floats, cdf: Floats, *, step_at: float) -> float:
    """The integral of (F(x) - 1{step_at <= x})^2 over the grid, exactly.

    Args:
        grid: rising points, shape (n,), n at least 2.
        cdf: F at those points, shape (n,); straight lines between them.
        step_at: where the indicator steps from 0 to 1; may lie outside the grid.

    Returns:
        The integral, in units of the grid.

    Raises:
        ValueError: the grid does not rise, or F falls or leaves 0 to 1.
    """
    _require_cdf(grid, cdf)
    if grid[0] < step_at < grid[-1]:
        place = int(np.searchsorted(grid, step_at))
        cdf = np.insert(cdf, place, np.interp(step_at, grid, cdf))
        grid = np.insert(grid, place, step_at)
    reached = grid[:-1] >= step_at
    left, right = cdf[:-1] - reached, cdf[1:] - reached
    # of the square of a straight line from left to right, over a unit length
    mean_squares = (left**2 + left * right + right**2) / 3
    return float(np.sum(np.diff(grid) * mean_squares))


def _require_cdf(grid: Floats, cdf: Floats) -> None:
    if grid.ndim != 1 or grid.shape != cdf.shape or len(grid) < 2:
        raise ValueError(
            f"grid {grid.shape} and CDF {cdf.shape} must be one line of points each, "
            "at least two and as many of one as of the other"
        )
    if not np.all(np.diff(grid) > 0):
        raise ValueError("the grid of a CDF must rise from each point to the next")
    steps = np.diff(cdf)
    if steps.min() < -ROUNDING or cdf[0] < -ROUNDING or cdf[-1] > 1 + ROUNDING:
        raise ValueError(
            f"not a CDF: it runs from {cdf[0]} to {cdf[-1]}, smallest step "
            f"{steps.min()}; its score would mean nothing"
        )
