"""What errors of many families share: one factor, each family's own level taken out.

Family j's error at month t is m_j + s_j (sqrt(rho) c_t + sqrt(1 - rho) e_jt): own level
m_j (flat, so that it is integrated out: restricted likelihood), own spread s_j, common
c and own e of variance 1. Errors of forecasts L months ahead, made every month, share
L - k of their months with those made k months later, which leaves a correlation of
1 - k / L between them if what comes is news. A part of the variance is new every month,
which the panel tells well for e and hardly for c: c has from none of it to as much.

With c integrated out only matrices of (months, months) are left to decompose, however
many families there are (Woodbury), and every rho is a sum over eigenvalues.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from trends.fits.links import Floats

EDGES: Final = np.linspace(0.0, 1.0, 201) ** 2
"""Of the cells in which rho may lie, finer towards 0; its prior is flat."""

NOISE: Final = (0.0, 0.02, 0.05, 0.1, 0.15, 0.2, 0.3, 0.4, 0.6, 0.8, 1.0)
"""Shares of e's variance that are new every month; each as likely before the figures."""

COMMON_NOISE: Final = (0.0, 0.5, 1.0)
"""Shares of c's, over that of e's; each as likely."""

SPREAD_DEGREES: Final = 4.0
"""Degrees of freedom of all families' spread beside each family's own."""


@dataclass(frozen=True)
class Panel:
    """Families watched in months, not all in all.

    Attributes:
        values: shape (months, families); 0 where not watched.
        present: which were watched, same shape.
        months: number of each month, rising.
        overlap: months that the span of one value has.
    """

    values: Floats
    present: npt.NDArray[np.bool_]
    months: npt.NDArray[np.int64]
    overlap: int

    def shared(self) -> Floats:
        """Correlation of news in the spans of any two months."""
        lags = np.abs(self.months[:, np.newaxis] - self.months)
        return np.asarray(np.maximum(0.0, 1 - lags / self.overlap))


@dataclass(frozen=True)
class RhoLaw:
    """Posterior of rho.

    Attributes:
        mass: shape (cells,); probability of each cell between ``EDGES``.
    """

    mass: Floats

    def quantile(self, levels: Floats) -> Floats:
        """Rho below which it lies with each probability; spread evenly in a cell."""
        below = np.concatenate([[0.0], np.cumsum(self.mass)])
        return np.interp(levels, below / below[-1], EDGES)

    def densest(self, level: float) -> tuple[float, float]:
        """Ends of the likeliest values that hold a probability together."""
        order = np.argsort(-self.mass / np.diff(EDGES), kind="stable")
        needed = 1 + int(np.searchsorted(np.cumsum(self.mass[order]), level))
        held = order[:needed]
        return float(EDGES[held.min()]), float(EDGES[held.max() + 1])


def rho_law(panel: Panel) -> RhoLaw:
    """Posterior of rho, with the noise integrated out.

    Raises:
        ValueError: fewer than two families were watched in two months or more.
    """
    shared = panel.shared()
    rho = (EDGES[1:] + EDGES[:-1]) / 2
    logs = np.array(
        [
            own.log_likelihood(_kernel(shared, part * noise), rho)
            for noise, own in (
                (noise, _own_parts(panel, _kernel(shared, noise))) for noise in NOISE
            )
            for part in COMMON_NOISE
        ]
    )
    mass = np.exp(logs - logs.max()).sum(axis=0) * np.diff(EDGES)
    return RhoLaw(np.asarray(mass / mass.sum()))


@dataclass(frozen=True)
class _OwnParts:
    """What families' own parts say of the common one, own levels integrated out.

    Attributes:
        precision: shape (months, months); of c, in units of own variance.
        pull: shape (months,); precision times what c would be.
        square: what is left where c is 0.
        log_determinant: of the own parts.
        degrees: values less levels.
    """

    precision: Floats
    pull: Floats
    square: float
    log_determinant: float
    degrees: int

    def log_likelihood(self, kernel: Floats, rho: Floats) -> Floats:
        """Restricted, the overall variance integrated out; shape of ``rho``."""
        root = np.linalg.cholesky(kernel)
        weights, turned = np.linalg.eigh(root.T @ self.precision @ root)
        pulls = turned.T @ (root.T @ self.pull)
        odds = (rho / (1 - rho))[:, np.newaxis]
        scale = 1 + odds * weights
        square = self.square - (odds * pulls**2 / scale).sum(axis=1)
        return np.asarray(
            -0.5 * (self.log_determinant + np.log(scale).sum(axis=1))
            - 0.5 * self.degrees * np.log(square)
        )


def _own_parts(panel: Panel, kernel: Floats) -> _OwnParts:
    members = [
        (rows, *_without_level(kernel[np.ix_(rows, rows)]))
        for rows in map(np.flatnonzero, panel.present.T)
    ]
    values = [panel.values[rows, j] for j, (rows, _, _) in enumerate(members)]
    squares = np.array(
        [z @ inner @ z for z, (_, inner, _) in zip(values, members, strict=True)]
    )
    degrees = np.array([len(z) - 1 for z in values])
    if (degrees > 0).sum() < 2:
        raise ValueError("no two families were watched in two months each")
    of_all = squares.sum() / degrees.sum()
    variances = (SPREAD_DEGREES * of_all + squares) / (SPREAD_DEGREES + degrees)
    precision, pull = np.zeros(kernel.shape), np.zeros(len(kernel))
    for z, (rows, inner, _), variance in zip(values, members, variances, strict=True):
        precision[np.ix_(rows, rows)] += inner
        pull[rows] += inner @ z / np.sqrt(variance)
    return _OwnParts(
        precision=precision,
        pull=pull,
        square=float((squares / variances).sum()),
        log_determinant=float(
            sum(one for _, _, one in members) + degrees @ np.log(variances)
        ),
        degrees=int(degrees.sum()),
    )


def _kernel(shared: Floats, noise: float) -> Floats:
    return np.asarray((1 - noise) * shared + noise * np.eye(len(shared)))


def _without_level(kernel: Floats) -> tuple[Floats, float]:
    """Inverse of a covariance less what a free level takes, and its log determinant."""
    inverse = np.linalg.inv(kernel)
    sums = inverse.sum(axis=1)
    return (
        inverse - np.outer(sums, sums) / sums.sum(),
        float(np.linalg.slogdet(kernel)[1] + np.log(sums.sum())),
    )
