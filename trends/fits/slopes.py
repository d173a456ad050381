"""Slopes of straight lines of many families, pooled."""

from collections.abc import Sequence
from dataclasses import dataclass, fields

import numpy as np
import numpy.typing as npt

from trends.fits.compiled import record_kernels
from trends.fits.links import Floats
from trends.fits.pace import SCATTERS, Line
from trends.fits.regression import MeanFit


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

    def and_also(self, others: "Lines") -> "Lines":
        """These, and others after them."""
        return Lines(
            *(
                np.concatenate([getattr(self, one.name), getattr(others, one.name)])
                for one in fields(self)
            )
        )


def pool_slopes(
    lines: Lines, kept: npt.NDArray[np.bool_] | None = None
) -> list[MeanFit | None]:
    """Mean slope of straight lines and the variance of slopes between families.

    Scatter about the lines is taken as common to them, which is enough for a prior. The
    mean has random effects, as in ``trends.fits.regression.fit_mean``.

    Args:
        lines: a row a family.
        kept: which families there are in each of several sets, shape (c, n); one of
            all by default.

    Returns:
        Of each set; None where no line is fixed.
    """
    found = record_kernels().pool_lines(
        lines.fixed[np.newaxis] if kept is None else kept & lines.fixed,
        lines.slope,
        lines.squares,
        lines.residuals,
        lines.degrees,
        float(SCATTERS[0]),
    )
    return [None if np.isnan(row[0]) else MeanFit(*row) for row in found.tolist()]
