"""Slopes of straight lines of many families, pooled."""

from collections.abc import Sequence
from dataclasses import dataclass, fields

import numpy as np
import numpy.typing as npt

from trends.fits.links import Floats
from trends.fits.pace import SCATTERS, Line
from trends.fits.regression import MeanFit, fit_mean


@dataclass(frozen=True)
class Lines:
    """Straight lines of many families, as columns; each of shape (n,).

    Attributes:
        fixed: whether there is a line; what else is said of none means nothing.
        slope: a year.
        squares: of days about their mean.
        residuals: sum of their squares.
        degrees: of freedom.
    """

    fixed: npt.NDArray[np.bool_]
    slope: Floats
    squares: Floats
    residuals: Floats
    degrees: Floats

    @classmethod
    def of(cls, lines: Sequence[Line | None]) -> "Lines":
        """A row a line."""
        rows = np.array(
            [
                (True, one.slope, one.squares, one.residuals, one.degrees)
                if one is not None
                else (False, 0.0, 0.0, 0.0, 0.0)
                for one in lines
            ]
        ).reshape(-1, 5)
        fixed, *others = rows.T
        return cls(fixed == 1, *others)

    def only(self, rows: npt.NDArray[np.bool_]) -> "Lines":
        """Some of them."""
        return Lines(*(getattr(self, one.name)[rows] for one in fields(self)))

    def and_also(self, others: "Lines") -> "Lines":
        """These, and others after them."""
        return Lines(
            *(
                np.concatenate([getattr(self, one.name), getattr(others, one.name)])
                for one in fields(self)
            )
        )


def pool_slopes(lines: Lines) -> MeanFit | None:
    """Mean slope of straight lines and the variance of slopes between families.

    Scatter about the lines is taken as common to them, which is enough for a prior.

    Returns:
        None where no line is fixed.
    """
    lines = lines.only(lines.fixed)
    degrees = float(lines.degrees.sum())
    if not degrees:
        return None
    # one after another, as they always were added
    scatter = sum(lines.residuals.tolist()) / degrees
    return fit_mean(lines.slope, max(scatter, float(SCATTERS[0])) / lines.squares)
