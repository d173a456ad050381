"""What the published scores have settled about a bar, and what measurement leaves open."""

from datetime import date

import polars as pl
import pytest

from tests.figures import benchmark, positive, scores
from trends.crossings.resolution import resolve_bar, resolve_bars
from trends.fits.links import Floats, Link
from trends.registry.models import CrossingRule

RULE = CrossingRule()
JAN, MAR, MAY = date(2025, 1, 1), date(2025, 3, 1), date(2025, 5, 1)


def test_a_bar_is_crossed_by_the_first_score_at_or_above_it() -> None:
    found = resolve_bar(
        scores([(JAN, 0.3), (MAR, 0.5), (MAY, 0.9)]),
        bar=0.5,
        rule=RULE,
        benchmark=benchmark(),
    )
    assert (found.crossed_on, found.below_until) == (MAR, JAN)


def test_a_score_just_below_a_bar_is_below_it_however_few_the_items() -> None:
    """No rounding of scores to items may lift 0.977 to a bar of 0.99."""
    few = benchmark(n_items=20, items_are_bernoulli=False)
    found = resolve_bar(scores([(JAN, 0.977)]), bar=0.99, rule=RULE, benchmark=few)
    assert found.crossed_on is None


def test_a_lower_score_after_the_crossing_does_not_take_it_back() -> None:
    found = resolve_bar(
        scores([(JAN, 0.6), (MAR, 0.2)]), bar=0.5, rule=RULE, benchmark=benchmark()
    )
    assert (found.crossed_on, found.below_until) == (JAN, None)


def test_an_open_bar_knows_the_last_day_below() -> None:
    found = resolve_bar(
        scores([(JAN, 0.3), (MAR, 0.2)]), bar=0.5, rule=RULE, benchmark=benchmark()
    )
    assert (found.crossed_on, found.below_until) == (None, MAR)


def test_where_lower_is_better_a_bar_is_crossed_from_above() -> None:
    found = resolve_bar(
        scores([(JAN, 45.0), (MAR, 2.9)]),
        bar=3.0,
        rule=RULE,
        benchmark=positive(direction="lower"),
    )
    assert found.crossed_on == MAR


def test_a_score_whose_error_nobody_knows_has_no_lower_end() -> None:
    rule = CrossingRule(counts_if="ci_lower_95")
    found = resolve_bar(
        scores([(JAN, 0.7)]), bar=0.5, rule=rule, benchmark=benchmark(n_items=None)
    )
    assert (found.crossed_on, found.contested) == (None, None)


def test_the_lower_end_of_the_interval_can_be_what_counts() -> None:
    """0.55 of 200 items is within noise of 0.5; 0.7 is not."""
    rule = CrossingRule(counts_if="ci_lower_95")
    found = resolve_bar(
        scores([(JAN, 0.55), (MAR, 0.7)]), bar=0.5, rule=rule, benchmark=benchmark()
    )
    assert found.crossed_on == MAR


def test_the_day_of_the_report_can_be_what_counts() -> None:
    rule = CrossingRule(date_used="reported_on")
    rows = scores([(JAN, 0.6)], columns={"reported_on": MAY})
    assert (
        resolve_bar(rows, bar=0.5, rule=rule, benchmark=benchmark()).crossed_on == MAY
    )


@pytest.mark.parametrize(
    ("score", "contested"),
    [
        (0.43, False),
        (0.48, True),
        (0.52, True),
        (0.555, True),
        (0.565, False),
        (0.7, False),
    ],
)
def test_a_crossing_within_measurement_error_is_contested(
    score: float, contested: bool
) -> None:
    found = resolve_bar(
        scores([(JAN, score)]), bar=0.5, rule=RULE, benchmark=benchmark(n_items=200)
    )
    assert found.contested is contested


def test_without_published_error_nobody_can_contest() -> None:
    found = resolve_bar(
        scores([(JAN, 0.52)]), bar=0.5, rule=RULE, benchmark=benchmark(n_items=None)
    )
    assert found.contested is None


def test_a_ladder_is_resolved_as_each_of_its_bars(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """What the scores say is worked out once, however many bars are asked for."""
    rule = CrossingRule(counts_if="ci_lower_95")
    rows, bars = scores([(JAN, 0.55), (MAR, 0.7)]), [step / 20 for step in range(1, 20)]
    alone = [resolve_bar(rows, bar=b, rule=rule, benchmark=benchmark()) for b in bars]
    asked: list[int] = []

    def counted(link: Link, of: pl.DataFrame) -> Floats:
        asked.append(of.height)
        return measured(link, of)

    measured = Link.sampling_variance
    monkeypatch.setattr(Link, "sampling_variance", counted)
    assert resolve_bars(rows, bars=bars, rule=rule, benchmark=benchmark()) == alone
    assert asked == [2]
