"""Weights of the ensemble: the better forecaster is found, with doubt, and capped."""

import numpy as np
import pytest
from scipy import stats

from trends.backtest.stacking import (
    FAMILIES_OF_DOUBT,
    PoolCase,
    gram_matrix,
    leave_one_out,
    stack,
    with_floor,
)
from trends.fits.links import Floats
from trends.registry.models import TrendFamily
from trends.registry.weights import SMALLEST_WEIGHT
from trends.scoring import crps_cdf

TRENDS = (TrendFamily.DRIFT, TrendFamily.LOGISTIC, TrendFamily.QUANTILE)
GRID = np.linspace(-6.0, 10.0, 401)


def _normal(mean: float, spread: float) -> Floats:
    cdf = stats.norm.cdf(GRID, mean, spread)
    cdf[-1] = 1.0
    return np.asarray(cdf)


def _cases(
    families: list[str], *, each: int, centre: dict[str, float], seed: int = 0
) -> list[PoolCase]:
    """Outcomes N(centre, 1); drift is N(0, 1), logistic N(2, 1), quantile N(4, 1)."""
    generator = np.random.default_rng(seed)
    cdfs = np.array([_normal(0.0, 1.0), _normal(2.0, 1.0), _normal(4.0, 1.0)])
    return [
        PoolCase(
            family_id=family,
            lead_months=3,
            gram=gram_matrix(GRID, cdfs, float(generator.normal(centre[family], 1.0))),
            speaks=np.array([True, True, True]),
        )
        for family in families
        for _ in range(each)
    ]


def test_the_crps_of_a_pool_is_the_quadratic_form_of_its_weights() -> None:
    cdfs = np.array([_normal(0.0, 1.0), _normal(1.0, 0.6), _normal(2.5, 2.0)])
    weights = np.array([0.5, 0.2, 0.3])
    for observed in (-1.234, 0.777, 3.1):
        gram = gram_matrix(GRID, cdfs, observed)
        expected = crps_cdf(GRID, weights @ cdfs, observed)
        assert weights @ gram @ weights == pytest.approx(expected, rel=1e-9)


def test_stacking_finds_the_better_forecaster() -> None:
    """300 outcomes are N(2, 1), as logistic says; the search is in steps of 0.02."""
    families = [f"family{k}" for k in range(30)]
    cases = _cases(families, each=10, centre=dict.fromkeys(families, 2.0))
    found = stack(cases, TRENDS)
    assert found.stacked[TrendFamily.LOGISTIC] >= 0.9
    doubt = FAMILIES_OF_DOUBT / (FAMILIES_OF_DOUBT + 30)
    expected = doubt / 3 + (1 - doubt) * found.stacked[TrendFamily.LOGISTIC]
    assert found.weights[TrendFamily.LOGISTIC] == pytest.approx(expected)


def test_few_families_leave_the_weights_near_equal() -> None:
    families = ["one", "two"]
    cases = _cases(families, each=100, centre=dict.fromkeys(families, 2.0))
    found = stack(cases, TRENDS)
    assert found.stacked[TrendFamily.LOGISTIC] >= 0.9
    assert found.weights[TrendFamily.LOGISTIC] < 0.45
    assert sum(found.weights.values()) == pytest.approx(1.0)


def test_without_evidence_weights_are_equal() -> None:
    assert list(stack([], TRENDS).weights.values()) == pytest.approx([1 / 3] * 3)


def test_a_family_has_no_say_in_the_weights_of_its_own_ensemble() -> None:
    families = [f"family{k}" for k in range(12)]
    centre = dict.fromkeys(families, 2.0)
    cases = _cases(families, each=5, centre=centre)
    contrary = _cases(families, each=5, centre=centre | {"family3": 4.5})
    # the others' outcomes are the same, drawn in the same order
    before, after = leave_one_out(cases, TRENDS), leave_one_out(contrary, TRENDS)
    assert before["family3"].weights == after["family3"].weights
    assert before["family0"].stacked != after["family0"].stacked


def test_one_family_with_many_forecasts_does_not_outvote_the_others() -> None:
    families = [f"family{k}" for k in range(9)]
    cases = _cases(families, each=4, centre=dict.fromkeys(families, 0.0))
    crowd = _cases(["crowd"], each=400, centre={"crowd": 4.0})
    found = stack([*cases, *crowd], TRENDS)
    assert found.stacked[TrendFamily.DRIFT] > found.stacked[TrendFamily.QUANTILE] + 0.4


def test_a_silent_family_gives_its_weight_to_those_that_speak() -> None:
    """With drift silent everywhere only the other two can be told apart."""
    families = [f"family{k}" for k in range(10)]
    cases = [
        PoolCase(
            one.family_id,
            one.lead_months,
            one.gram * np.outer([0, 1, 1], [0, 1, 1]),
            np.array([False, True, True]),
        )
        for one in _cases(families, each=5, centre=dict.fromkeys(families, 4.0))
    ]
    found = stack(cases, TRENDS).stacked
    share = found[TrendFamily.QUANTILE] / (
        found[TrendFamily.QUANTILE] + found[TrendFamily.LOGISTIC]
    )
    assert share > 0.8


def test_no_family_gets_less_than_five_percent() -> None:
    """0.97, 0.02, 0.01: two are raised, the third pays: 1 - 2 * 0.05."""
    assert with_floor(np.array([0.97, 0.02, 0.01])) == pytest.approx([0.9, 0.05, 0.05])
    # raising the first takes the second below: it is raised in turn
    found = with_floor(np.array([0.001, 0.0505, 0.9485]))
    assert found == pytest.approx([0.05, 0.05, 0.9])
    assert found.min() >= SMALLEST_WEIGHT - 1e-12
