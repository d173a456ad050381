"""Coverage in the past and rescaled bands, by hand and by simulation."""

import numpy as np
import pytest
from scipy.special import ndtr

from trends.backtest.calibration import calibrate, conformity


def test_conformity_is_the_smallest_central_interval_that_holds_the_outcome() -> None:
    """F(y) = 0.95 needs 5% to 95%; 0.2 needs 20% to 80%; the median needs nothing."""
    p = np.array([0.95, 0.2, 0.5])
    assert conformity(p, p) == pytest.approx([0.9, 0.6, 0.0])


def test_an_atom_is_held_by_every_interval_that_touches_it() -> None:
    """The record stands with probability 0.6, which holds the median: no width needed.

    With probability 0.3 the interval must begin at its 30% quantile or lower.
    """
    found = conformity(np.array([0.0, 0.0]), np.array([0.6, 0.3]))
    assert found == pytest.approx([0.0, 0.4])


def test_leave_one_out_rescaling_by_hand() -> None:
    """Six families with one forecast each, scores 0.1 to 0.6; 50% intervals.

    All: weights 1/7 each, 4 of 7 are the first share of at least a half: 0.4. Without
    0.1, 0.2 or 0.3: weights 1/6, the third of five is 3/6: 0.4. Without 0.4, 0.5 or
    0.6 it is 0.3. So 0.1, 0.2 and 0.3 are held and 0.4, 0.5 and 0.6 are not.
    """
    scores = np.array([0.1, 0.2, 0.3, 0.4, 0.5, 0.6])
    found = calibrate(scores, list("abcdef"), nominal=0.5)
    assert found.coverage == pytest.approx(5 / 6)
    assert found.central_level == 0.4
    assert found.coverage_left_out == pytest.approx(3 / 6)
    assert (found.n, found.n_families) == (6, 6)


def test_a_family_with_many_forecasts_weighs_as_one() -> None:
    scores = np.array([0.9] * 50 + [0.1, 0.2, 0.3, 0.4, 0.5])
    families = ["crowd"] * 50 + list("abcde")
    found = calibrate(scores, families, nominal=0.5)
    assert found.coverage == pytest.approx(5 / 6)
    assert found.central_level == 0.4


def test_too_few_families_rescale_nothing() -> None:
    found = calibrate(np.array([0.1, 0.2, 0.9]), list("abc"), nominal=0.8)
    assert found.central_level is None
    assert found.coverage_left_out is None
    assert found.coverage == pytest.approx(2 / 3)


def test_bands_that_are_too_narrow_cover_what_they_should_after_rescaling() -> None:
    """Forecasts N(0, 1), outcomes N(0, 4): 80% bands hold P(|N(0, 4)| < 1.28) = 48%.

    40 families of 25: the mean of 1,000 has a standard error of 1.3 points, and the
    cost of 40 families is 80%/40 of a point or two above.
    """
    generator = np.random.default_rng(3)
    p = ndtr(generator.normal(0.0, 2.0, 1000))
    families = [f"family{k % 40}" for k in range(1000)]
    found = calibrate(conformity(p, p), families, nominal=0.8)
    assert found.coverage == pytest.approx(0.478, abs=0.05)
    assert found.coverage_left_out == pytest.approx(0.81, abs=0.04)
