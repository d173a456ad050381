"""Curves through knots: against those of scipy, one a law."""

import numpy as np
import pytest
from scipy.interpolate import PchipInterpolator

from trends.crossings.day_curves import DayCurves, day_knots


@pytest.mark.parametrize("n_days", [1, 2, 30, 9000])
def test_days_between_knots_are_those_of_monotone_curves(n_days: int) -> None:
    """Averaging values and slopes first is averaging the curves of Fritsch and Butland."""
    knots = day_knots(n_days)
    generator = np.random.default_rng(n_days)
    steps = generator.gamma(0.1, size=(3, 2, len(knots)))
    steps[0, 0, ::2] = 0.0
    cdfs = np.cumsum(steps, axis=-1) / steps.sum(axis=-1, keepdims=True)
    cdfs[1, 1] = 0.0
    cdfs[2, 1, : len(knots) // 2] = 1e-310
    weights = np.array([0.2, 0.5, 0.1])
    found = DayCurves.through(n_days, cdfs).averaged(weights)
    curves = PchipInterpolator(knots, np.where(cdfs < 1e-15, 0.0, cdfs), axis=-1)
    expected = np.einsum("w,wkd->kd", weights, curves(np.arange(n_days + 1)))
    for ours, theirs in (
        (found, expected),
        (found.mean(), expected.mean(axis=0, keepdims=True)),
    ):
        np.testing.assert_allclose(ours.each_day(), theirs, rtol=1e-12, atol=1e-15)


@pytest.mark.parametrize("n_days", [0, -3])
def test_without_a_day_to_come_there_is_no_law(n_days: int) -> None:
    """A series is then named as one that cannot be computed: it costs only itself."""
    with pytest.raises(ValueError, match=f"the last is {n_days} days"):
        day_knots(n_days)
