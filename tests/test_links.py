"""Link scales and the error model of one score."""

from datetime import date
from math import inf, log

import numpy as np
import polars as pl
import pytest

from tests.figures import benchmark, positive, scores
from trends.fits.links import Link

DAY = date(2025, 1, 1)


def _logit(p: float) -> float:
    return log(p / (1 - p))


def _one(score: float, **columns: float) -> pl.DataFrame:
    return scores([(DAY, score)], columns=columns)


def test_a_score_of_items_is_shrunk_by_half_a_count() -> None:
    link = Link.of(benchmark(n_items=200), 1.0)
    level = link.of_scores(np.array([0.3]))[0]
    assert level == pytest.approx(_logit((60 + 0.5) / 201), rel=1e-12)


def test_zero_and_all_items_are_finite_and_vague() -> None:
    link = Link.of(benchmark(n_items=200), 1.0)
    levels = link.of_scores(np.array([0.0, 1.0]))
    assert levels == pytest.approx([_logit(0.5 / 201), _logit(200.5 / 201)])
    at_zero = link.sampling_variance(_one(0.0))[0]
    p = 0.5 / 201
    assert at_zero == pytest.approx(1 / (200 * p * (1 - p)))
    assert at_zero > 100 * link.sampling_variance(_one(0.5))[0]


def test_floor_and_ceiling_rescale_the_score() -> None:
    entry = benchmark(floor=0.1, n_items=None)
    link = Link.of(entry, 0.9)
    assert link.of_scores(np.array([0.3]))[0] == pytest.approx(_logit(0.2 / 0.8))


def test_a_bar_at_a_score_is_at_the_same_level() -> None:
    """The half count must not move a score off the bar that it equals."""
    link = Link.of(benchmark(n_items=89), 0.95)
    assert link.of_bar(0.8) == link.of_scores(np.array([0.8]))[0]


def test_a_bar_above_the_ceiling_is_out_of_reach_and_one_at_it_is_not() -> None:
    link = Link.of(benchmark(n_items=200), 0.9)
    assert link.of_bar(0.91) == inf
    assert link.of_bar(0.9) == pytest.approx(_logit(200.5 / 201))


def test_a_bar_that_is_no_count_of_items_stays_above_every_lower_score() -> None:
    link = Link.of(benchmark(n_items=20, items_are_bernoulli=False), 1.0)
    levels = [link.of_scores(np.array([score]))[0] for score in (0.97, 0.985)]
    assert levels[0] < levels[1] < link.of_bar(0.99) < link.of_bar(0.999)


@pytest.mark.parametrize("bar", [0.5, 0.44, 0.0])
def test_a_bar_at_the_floor_or_under_it_is_under_every_score(bar: float) -> None:
    """A record may be no better than guessing, and forecasts start from it."""
    link = Link.of(benchmark(floor=0.5, items_are_bernoulli=False), 1.0)
    level = link.of_bar(bar)
    assert np.isfinite(level)
    assert level < link.of_scores(np.array([0.5]))[0]


def test_a_missing_error_takes_the_median_of_the_others() -> None:
    """An unpublished error is no claim of exactness."""
    rows = pl.concat(
        [_one(10.0, standard_error=1.0), _one(10.0, standard_error=3.0), _one(10.0)]
    )
    variance = Link.of(positive(), None).sampling_variance(rows)
    assert variance == pytest.approx([0.01, 0.09, 0.05])


@pytest.mark.parametrize(
    "none", [{"standard_error": 0.0}, {"standard_error": -1.0}, {"ci_low": 0.0}]
)
def test_an_error_of_nothing_takes_the_median_of_the_others(
    none: dict[str, float],
) -> None:
    """Were it an error, the row would weigh as much as all others together."""
    no_interval = {"ci_low": 10.0, "ci_high": 10.0} | none
    rows = pl.concat(
        [
            _one(10.0, standard_error=1.0),
            _one(10.0, standard_error=3.0),
            _one(10.0, **no_interval),
        ]
    )
    variance = Link.of(positive(), None).sampling_variance(rows)
    assert variance == pytest.approx([0.01, 0.09, 0.05])


def test_an_error_of_nothing_beside_an_interval_leaves_the_interval() -> None:
    row = _one(100.0, standard_error=0.0, ci_low=50.0, ci_high=300.0)
    variance = Link.of(positive(), None).sampling_variance(row)[0]
    assert variance == pytest.approx(((log(300) - log(50)) / (2 * 1.959964)) ** 2)


@pytest.mark.parametrize("se_kind", ["items", "runs", "none"])
@pytest.mark.parametrize(
    "none", [{"standard_error": 0.0}, {"ci_low": 0.97, "ci_high": 0.97}]
)
def test_an_error_of_nothing_is_that_of_the_items(
    se_kind: str, none: dict[str, float]
) -> None:
    link = Link.of(benchmark(n_items=500, se_kind=se_kind), 1.0)
    p = (500 * 0.97 + 0.5) / 501
    assert link.score_variance(_one(0.97, **none)) == pytest.approx(p * (1 - p) / 500)


def test_without_items_an_error_of_nothing_is_that_of_the_other_rows() -> None:
    """0.04 at 0.2 is worth 100 trials, and so much is 0.97 taken to be worth."""
    link = Link.of(benchmark(n_items=None), 1.0)
    rows = pl.concat([_one(0.2, standard_error=0.04), _one(0.97, standard_error=0.0)])
    assert link.score_variance(rows) == pytest.approx([0.04**2, 0.97 * 0.03 / 100])
    assert link.score_variance(rows[1:]) == [0.0]


def test_a_published_standard_error_replaces_item_sampling() -> None:
    link = Link.of(benchmark(n_items=200, se_kind="items"), 1.0)
    p = (200 * 0.3 + 0.5) / 201
    expected = (0.05 / (p * (1 - p))) ** 2
    variance = link.sampling_variance(_one(0.3, standard_error=0.05))[0]
    assert variance == pytest.approx(expected)


def test_an_error_over_runs_leaves_out_the_items_so_both_are_added() -> None:
    link = Link.of(benchmark(n_items=75, se_kind="runs"), 1.0)
    p = (75 * 0.3 + 0.5) / 76
    expected = (0.01**2 + p * (1 - p) / 75) / (p * (1 - p)) ** 2
    variance = link.sampling_variance(_one(0.3, standard_error=0.01))[0]
    assert variance == pytest.approx(expected)


def test_papers_are_no_coin_flips_so_only_the_runs_count() -> None:
    entry = benchmark(n_items=20, se_kind="runs", items_are_bernoulli=False)
    variance = Link.of(entry, 1.0).sampling_variance(_one(0.3, standard_error=0.01))
    assert variance[0] == pytest.approx((0.01 / (0.3 * 0.7)) ** 2)


def test_a_lower_ceiling_widens_the_same_error() -> None:
    entry = benchmark(n_items=None, se_kind="items")
    row = _one(0.45, standard_error=0.02)
    at_one = Link.of(entry, 1.0).sampling_variance(row)[0]
    at_half = Link.of(entry, 0.5).sampling_variance(row)[0]
    assert at_one == pytest.approx((0.02 / (0.45 * 0.55)) ** 2)
    assert at_half == pytest.approx((0.02 / (0.5 * 0.9 * 0.1)) ** 2)


def test_at_a_fitted_level_the_variance_is_that_of_the_level() -> None:
    """Two scores of 20 items, one lucky and one not, are equally sure of the line."""
    link = Link.of(benchmark(n_items=20), 1.0)
    rows = pl.concat([_one(0.0), _one(0.2)])
    variance = link.sampling_variance(rows, np.log(np.array([1 / 9, 1 / 9])))
    assert variance == pytest.approx([1 / (20 * 0.1 * 0.9)] * 2)


def test_a_published_error_keeps_the_trials_it_is_worth_at_a_fitted_level() -> None:
    link = Link.of(benchmark(n_items=None, se_kind="items"), 1.0)
    row = _one(0.2, standard_error=0.04)  # of 100 trials
    variance = link.sampling_variance(row, np.log(np.array([1 / 9])))
    assert variance == pytest.approx([1 / (100 * 0.1 * 0.9)])


def test_with_neither_items_nor_error_no_variance_is_claimed() -> None:
    entry = benchmark(n_items=None)
    assert Link.of(entry, 1.0).sampling_variance(_one(0.3))[0] == 0.0


def test_a_positive_interval_gives_the_error_of_its_logarithm() -> None:
    row = _one(100.0, ci_low=50.0, ci_high=300.0)
    variance = Link.of(positive(), None).sampling_variance(row)[0]
    assert variance == pytest.approx(((log(300) - log(50)) / (2 * 1.959964)) ** 2)


def test_a_bounded_interval_is_the_error_of_the_score_at_95_percent() -> None:
    row = _one(0.3, ci_low=0.2, ci_high=0.4)
    variance = Link.of(benchmark(n_items=None), 1.0).score_variance(row)[0]
    assert variance == pytest.approx((0.2 / (2 * 1.959964)) ** 2)


def test_where_lower_is_better_the_link_still_rises_with_progress() -> None:
    link = Link.of(positive(direction="lower"), None)
    assert link.name == "minus_ln"
    assert link.of_scores(np.array([45.0, 3.0])) == pytest.approx([-log(45), -log(3)])


def test_a_score_without_logarithm_is_refused() -> None:
    with pytest.raises(ValueError, match="score -3 has no logarithm"):
        Link.of(positive(), None).of_scores(np.array([5.0, -3.0]))


@pytest.mark.parametrize(("level", "reach"), [(0.9, 1.6449), (0.95, 1.96)])
def test_an_interval_is_as_wide_as_its_level_says(level: float, reach: float) -> None:
    """A 90% interval of the same width stands for a larger error than one of 95%."""
    bounded = benchmark(n_items=None, interval_level=level)
    row = _one(0.3, ci_low=0.2, ci_high=0.4)
    (variance,) = Link.of(bounded, None).score_variance(row)
    assert variance == pytest.approx((0.1 / reach) ** 2, rel=1e-4)

    row = _one(100.0, ci_low=50.0, ci_high=300.0)
    (variance,) = Link.of(positive(interval_level=level), None).sampling_variance(row)
    assert variance == pytest.approx((np.log(6) / (2 * reach)) ** 2, rel=1e-4)
