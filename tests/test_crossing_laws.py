"""Laws of the date of a crossing: quantiles and masses, their words, and mixtures."""

from dataclasses import replace
from datetime import date, timedelta
from functools import partial

import numpy as np
import pytest

from trends.crossings.answers import Crossed, Estimated, NotEstimated, interval_label
from trends.crossings.distribution import CrossingDistribution, mixture
from trends.crossings.outcomes import Outcome, pool_outcomes
from trends.registry.models import TrendFamily

START = date(2026, 1, 1)
END = date(2030, 12, 31)
DAYS = (END - START).days


def _law(cdf_at_year_ends: list[float], p_never: float = 0.0) -> CrossingDistribution:
    """A distribution that rises straight between the ends of five years."""
    knots = np.linspace(0, DAYS, len(cdf_at_year_ends) + 1)
    cdf = np.interp(np.arange(DAYS + 1), knots, [0.0, *cdf_at_year_ends])
    return CrossingDistribution.exact(START, cdf, p_never=p_never)


def test_a_quantile_is_the_first_day_by_which_its_probability_is_reached() -> None:
    cdf = np.array([0.0, 0.2, 0.2, 0.5, 0.8])
    law = CrossingDistribution.exact(START, cdf, p_never=0.0)
    assert law.quantile(0.2) == START + timedelta(days=1)
    assert law.quantile(0.21) == START + timedelta(days=3)
    assert law.quantile(0.5) == START + timedelta(days=3)
    assert law.quantile(0.8) == START + timedelta(days=4)
    assert law.quantile(0.81) is None


def test_masses_sum_to_one_whatever_the_distribution_reaches() -> None:
    law = _law([0.1, 0.2, 0.3, 0.35, 0.4], p_never=0.25)
    masses = Estimated(law, "").masses(START)
    assert masses.p_crossed_by_projection_end == pytest.approx(0.4)
    assert masses.p_after_projection_end == pytest.approx(0.35)
    assert masses.p_never == 0.25


@pytest.mark.parametrize(
    ("law", "status", "label"),
    [
        (_law([0.3, 0.7, 0.8, 0.8, 0.8], 0.1), "expected", "2027-07"),
        (_law([0.1, 0.2, 0.3, 0.4, 0.45], 0.1), "after_projection_end", "after 2030"),
        (_law([0.1, 0.2, 0.3, 0.3, 0.3], 0.62), "never", "never (62% probability)"),
        (_law([0.6, 0.7, 0.8, 0.9, 1.0]), "expected", "2026-11"),
    ],
)
def test_status_and_label_follow_the_masses(
    law: CrossingDistribution, status: str, label: str
) -> None:
    answer = Estimated(law, "")
    assert answer.status == status
    assert answer.median_label(START) == label


def test_a_median_before_as_of_says_that_the_figures_end_earlier() -> None:
    answer = Estimated(_law([0.6, 0.7, 0.8, 0.9, 1.0]), "")
    label = answer.median_label(date(2027, 1, 1))
    assert label == "2026-11 (not seen: figures end 2026-01-01)"


def test_a_quantile_is_worked_out_once(monkeypatch: pytest.MonkeyPatch) -> None:
    answer = Estimated(_law([0.1, 0.3, 0.6, 0.8, 1.0]), "")
    told = answer.told_at([0.25, 0.5])
    anew = Estimated(answer.distribution, "").told_at([0.75, 0.5])
    assert answer.told_at([0.75, 0.5]) == anew
    monkeypatch.setattr(CrossingDistribution, "error_days", None)
    assert answer.label_at(0.5) == told.crossing_label[1]
    for one in (answer, Crossed(START), NotEstimated("")):
        assert one.told_at([]) == ([], [], [])


def test_a_quantile_beyond_the_mass_is_never_or_late_but_no_date() -> None:
    answer = Estimated(_law([0.1, 0.2, 0.3, 0.35, 0.6], p_never=0.15), "")
    assert answer.date_at(0.7) is None
    assert answer.label_at(0.7) == "after 2030"
    assert answer.label_at(0.9) == "never"
    assert interval_label(answer, 0.1, 0.9) == "2027 to never"


def test_a_label_is_no_finer_than_a_percentage_point_of_the_law() -> None:
    """A point is 9 days where a year holds .4 of the probability, 37 at .1, 183 at .02.

    Near the end of the mass a point more is never: only the decade is left.
    """
    answer = Estimated(_law([0.4, 0.5, 0.54, 0.55, 0.6], p_never=0.4), "")
    assert answer.label_at(0.2) == "2026-07"
    assert answer.label_at(0.45) == "2027"
    assert answer.label_at(0.52) == "2028"
    assert answer.label_at(0.545) == "2020s"
    assert answer.label_at(0.595) == "2030s"


def test_a_label_is_no_finer_than_the_judgement_of_the_ceiling() -> None:
    """A month is, where the median moves by 15 days at most, a year by half of one."""
    flat = np.full(DAYS + 1, 0.9)
    for days, label in ((15, "2026-07"), (16, "2026"), (182, "2026"), (183, "2020s")):
        laws = [
            CrossingDistribution.exact(START, np.where(step < at, 0.0, flat), p_never=0)
            for step in [np.arange(DAYS + 1)]
            for at in (200, 200 - days, 201)
        ]
        law = replace(laws[0], judge_otherwise=partial(tuple, laws[1:]))
        assert law.days_otherwise(np.array(0.5)) == days
        assert Estimated(law, "").label_at(0.5) == label
    never = CrossingDistribution.exact(START, 0 * flat, p_never=0.9)
    lost = replace(laws[0], judge_otherwise=lambda: (never, laws[0]))
    assert np.isnan(lost.days_otherwise(np.array(0.5)))
    assert Estimated(lost, "").label_at(0.5) == "2020s"


def test_the_date_if_ever_leaves_never_out() -> None:
    """Half of what is crossed at all is crossed by then, whatever has never."""
    law = _law([0.1, 0.2, 0.3, 0.3, 0.3], p_never=0.62)
    if_ever = law.if_ever
    assert (if_ever.p_never, if_ever.start) == (0.0, law.start)
    np.testing.assert_allclose(if_ever.cdf, law.cdf / 0.38, rtol=1e-12)
    assert if_ever.quantile(0.5) == law.quantile(0.19)
    assert law.quantile(0.5) is None

    answer = Estimated(law, "").if_ever
    assert answer.status == "expected"
    assert answer.date_at(0.5) == law.quantile(0.19)
    # a point of .38 is 2.6 of 100, and takes 48 days where a year holds .2
    assert (answer.known_to, answer.label_at(0.5)) == (0.01 / 0.38, "2027")


def test_what_is_never_crossed_has_no_date_if_ever() -> None:
    none = _law([0.0, 0.0, 0.0, 0.0, 0.0], p_never=1.0)
    assert none.if_ever.quantile(0.5) is None
    hardly = Estimated(_law([0.0, 0.01, 0.01, 0.01, 0.01], p_never=0.985), "")
    assert hardly.if_ever is hardly
    late = Estimated(_law([0.0, 0.1, 0.2, 0.2, 0.2], p_never=0.5), "").if_ever
    assert (late.status, late.label_at(0.5)) == ("after_projection_end", "after 2030")


def test_a_ceiling_judged_otherwise_moves_never_and_hardly_the_date_if_ever() -> None:
    law = _law([0.3, 0.6, 0.6, 0.6, 0.6], p_never=0.4)
    other = _law([0.24, 0.48, 0.48, 0.48, 0.48], p_never=0.52)
    judged = replace(law, judge_otherwise=lambda: (other, law))
    level = np.array(0.5)
    assert np.isnan(judged.days_otherwise(level))
    assert judged.if_ever.days_otherwise(level) == 0
    # a point of .6 takes 12 days where a year holds .3
    assert Estimated(judged, "").if_ever.label_at(0.5) == "2027-01"


def test_only_who_asks_for_a_label_has_ceilings_judged_otherwise() -> None:
    """Once a law; a mixture asks its parts when it is asked itself."""
    asked: list[str] = []
    law = _law([0.2, 0.4, 0.6, 0.7, 0.8])

    def judge() -> tuple[CrossingDistribution, ...]:
        asked.append("otherwise")
        return law, law

    judged = replace(law, judge_otherwise=judge)
    mixed = mixture([(judged, 0.5), (judged, 0.5)])
    assert mixed.quantile(0.5) == law.quantile(0.5)
    assert not asked
    for _ in range(2):
        assert mixed.days_otherwise(np.array(0.5)) == 0
    assert len(asked) == 1


def test_a_mixture_is_one_under_other_ceilings_where_all_its_parts_tell() -> None:
    one, other, third = (_law([p, p, p, p, p]) for p in (0.2, 0.4, 0.6))
    told = replace(one, judge_otherwise=lambda: (other, one))
    also = replace(third, judge_otherwise=lambda: (one, third))
    mixed = mixture([(told, 0.5), (also, 0.5)])
    assert [law.cdf[-1] for law in (mixed, *mixed.otherwise)] == pytest.approx(
        [0.4, 0.3, 0.4]
    )
    assert mixture([(told, 0.5), (third, 0.5)]).otherwise == ()


def test_a_date_whose_monte_carlo_error_is_unknown_is_named_by_its_decade() -> None:
    """Five draws: one error above the median nothing is reached any more."""
    days = np.array([400.0, 430.0, 460.0, np.inf, np.inf])
    law = CrossingDistribution.counted(START, days, n_days=DAYS)
    assert law.quantile(0.5) == START + timedelta(days=460)
    assert np.isnan(law.error_days(np.array(0.5)))
    assert Estimated(law, "x").label_at(0.5) == "2020s"


def test_what_is_crossed_or_not_estimated_has_words_and_no_invented_date() -> None:
    crossed, unknown = Crossed(date(2025, 11, 24)), NotEstimated("too few records")
    assert crossed.median_label(START) == "crossed 2025-11-24"
    assert crossed.masses(START).p_crossed_by_as_of == 1.0
    assert unknown.median_label(START) == "not estimated: too few records"
    assert unknown.label_at(0.5) == "not estimated"
    assert unknown.masses(START).p_never is None


def test_many_days_are_asked_for_as_one_is() -> None:
    law = _law([0.1, 0.2, 0.4, 0.6, 0.7])
    days = [START + timedelta(days=step) for step in range(-40, DAYS + 40, 13)]
    assert law.p_by_each(days).tolist() == [law.p_by(day) for day in days]


def test_a_mixture_averages_masses() -> None:
    law = mixture([(_law([1.0] * 5), 0.25), (_law([0.0] * 5, p_never=1.0), 0.75)])
    assert law.p_by_projection_end == 0.25
    assert law.p_never == 0.75


def test_a_drawn_part_gives_a_mixture_its_share_of_monte_carlo_error() -> None:
    """100 draws, half across: error 0.05, of which a quarter comes through."""
    days = np.where(np.arange(100) < 50, 100.0, np.inf)
    drawn = CrossingDistribution.counted(START, days, n_days=DAYS)
    exact = _law([0.2, 0.4, 0.6, 0.8, 1.0])
    assert drawn.cdf_error[200] == pytest.approx(0.05)
    assert mixture([(drawn, 0.25), (exact, 0.75)]).cdf_error[200] == pytest.approx(
        0.0125
    )


def test_the_ensemble_is_the_weighted_pool_of_the_families_that_speak() -> None:
    """At the end of 2026 drift says 0.2, logistic 0.6; exponential is silent."""
    outcomes = {
        TrendFamily.DRIFT: [Outcome(Estimated(_law([0.2] * 5), ""))],
        TrendFamily.LOGISTIC: [Outcome(Estimated(_law([0.6] * 5), ""), n_failed=3)],
        TrendFamily.EXPONENTIAL: [Outcome(NotEstimated("too few"))],
    }
    weights = {
        TrendFamily.DRIFT: 0.6,
        TrendFamily.LOGISTIC: 0.2,
        TrendFamily.EXPONENTIAL: 0.2,
    }
    (equal,), (weighted,) = (
        pool_outcomes(outcomes, None),
        pool_outcomes(outcomes, weights),
    )
    day = date(2027, 12, 31)
    assert equal.answer.distribution is not None
    assert weighted.answer.distribution is not None
    assert equal.answer.distribution.p_by(day) == pytest.approx(0.4)
    assert weighted.answer.distribution.p_by(day) == pytest.approx(0.3)
    assert equal.n_failed == 3
    assert equal.answer.reason == "linear pool of drift 50%, logistic 50%"


def test_a_family_silent_on_the_easiest_bar_has_no_say_on_a_harder_one() -> None:
    """Else the pool could give the harder bar more probability than the easier."""
    slow, fast = Estimated(_law([0.2] * 5), ""), Estimated(_law([0.9] * 5), "")
    easy, hard = pool_outcomes(
        {
            TrendFamily.DRIFT: [Outcome(slow), Outcome(slow)],
            TrendFamily.LOGISTIC: [Outcome(NotEstimated("past it")), Outcome(fast)],
        },
        None,
    )
    assert easy.answer.masses(START) == hard.answer.masses(START)


def test_an_ensemble_of_nobody_says_so() -> None:
    silent = {
        TrendFamily.DRIFT: [Outcome(NotEstimated("no score"))],
        TrendFamily.LOGISTIC: [Outcome(NotEstimated("no score"))],
        TrendFamily.QUANTILE: [Outcome(NotEstimated("too few"))],
    }
    (nobody,) = pool_outcomes(silent, None)
    assert nobody.answer.median_label(START) == "not estimated: no score; too few"


@pytest.mark.parametrize("p_never", [0.5, 0.5 - 1e-13])
def test_a_median_and_never_exclude_each_other(p_never: float) -> None:
    answer = Estimated(_law([0.2, 0.3, 0.4, 0.5, 0.5], p_never), "")
    assert answer.status == "expected"
    assert answer.date_at(0.5) is not None
