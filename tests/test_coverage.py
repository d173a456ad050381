"""The simulated truths, the count of what holds them, and the page that says so."""

from functools import cache
from math import exp, inf, log

import numpy as np
import polars as pl
import pytest
from scipy.special import expit, logit

from tests.conftest import CHECKOUT
from trends.coverage.count import AFTER, BEFORE, INSIDE, Tally, positions_of
from trends.coverage.experiments import Cell, Counts, Experiment, measure
from trends.coverage.methods import (
    LOGISTIC,
    Asked,
    LineFitter,
    Method,
    Question,
    ask_all,
    straight_line,
)
from trends.coverage.report import report
from trends.coverage.run import (
    GROUPS,
    N_SIMULATIONS,
    PAGE,
    measure_all,
    measure_group,
    measure_powers,
)
from trends.coverage.situations import SITUATIONS, Situation, misses
from trends.coverage.tables import END, score_rows, simulated_series
from trends.coverage.words import (
    ASKED,
    BANDS_SAID,
    BESIDE,
    HEADLINE,
    LEVELS,
    POWERS_HELD,
    READING,
    STANDS,
    TITLES,
)
from trends.coverage.worlds import (
    LEADS_YEARS,
    DevelopersReleases,
    Growth,
    Releases,
    Sample,
    TrueBar,
    UnseenWalks,
    Walks,
    first_day,
    mean_bars,
    quantile_bars,
    simulate_walk,
)
from trends.crossings.answers import Estimated, NotEstimated
from trends.crossings.distribution import CrossingDistribution
from trends.crossings.outcomes import Outcome
from trends.fits.lines import Row, not_estimated
from trends.fits.links import Floats
from trends.fits.regression import LineFit, fit_line
from trends.registry.models import TrendFamily

STREAM = np.random.default_rng


# --- truths


def test_a_bar_is_where_the_true_line_stands_that_long_after_the_end() -> None:
    """1.5 logits a year from 0: after 0.75 years 1.125, on day 0.75 * 365.25 = 273.9."""
    _, bar, _ = Releases(8, 100, 0.5).simulate(STREAM(1)).bars["line"]
    assert logit(bar.value) == pytest.approx(1.5 * 0.75)
    assert bar.day == 274
    _, bar, _ = Growth(8, 0.5, noisy=True).simulate(STREAM(1)).bars["line"]
    assert log(bar.value) == pytest.approx(1.5 * 0.75)
    assert bar.day == 274


def test_the_mean_score_stands_nearer_to_half_than_the_line() -> None:
    """Against the mean of a million scores half a logit about 1.5 * 0.75."""
    bar = mean_bars(Releases(8, 100, 0.5))[1]
    drawn = expit(1.5 * 0.75 + 0.5 * STREAM(5).standard_normal(1_000_000))
    assert bar.value == pytest.approx(drawn.mean(), abs=5e-4)
    assert bar.value < expit(1.5 * 0.75) - 0.01
    assert mean_bars(Releases(8, 100, 0.5, ceiling=0.9))[1].value == pytest.approx(
        0.9 * bar.value
    )


def test_scores_without_scatter_lie_on_the_true_line() -> None:
    scores = Growth(12, 0.0, noisy=False).simulate(STREAM(2)).scores
    for day, score in scores.select("frontier_date", "score").iter_rows():
        years = (day - END).days / 365.25
        assert log(score) == pytest.approx(1.5 * years, abs=1e-12)
    many = Releases(12, 10**5, 0.0, ceiling=0.9).simulate(STREAM(2)).scores
    for day, score in many.select("frontier_date", "score").iter_rows():
        years = (day - END).days / 365.25
        assert score == pytest.approx(0.9 * expit(1.5 * years), abs=0.006)


def test_published_intervals_have_the_noise_that_was_drawn() -> None:
    """Log scores over their own errors from the true line are standard normal."""
    scores = Growth(731, 0.0, noisy=True).simulate(STREAM(3)).scores
    values = scores.get_column("score").to_numpy()
    width = np.log(scores["ci_high"].to_numpy() / scores["ci_low"].to_numpy())
    years = (scores.get_column("frontier_date") - END).dt.total_days() / 365.25
    standardised = (np.log(values) - 1.5 * years.to_numpy()) / (width / 3.919928)
    assert np.std(standardised) == pytest.approx(1.0, abs=3 / np.sqrt(2 * 731))
    assert np.std(width) > 0.2


def test_a_first_record_is_the_first_look_that_shows_it() -> None:
    """0.2 years are 73.05 days: within day 74."""
    looks = np.array([0.1, 0.2, 0.3])
    assert first_day(looks, np.array([False, True, False])) == 74
    assert first_day(looks, np.array([False, False, False])) == inf


def test_without_scatter_a_release_a_day_sets_the_record_when_the_line_is_there() -> (
    None
):
    """A binomial of 100,000 moves the share by 0.002, which are a few days."""
    bars = Releases(365, 10**5, 0.0).simulate(STREAM(7)).bars
    for line, record in zip(bars["line"], bars["record"], strict=True):
        assert record.value == line.value
        assert record.day == pytest.approx(line.day, abs=20)


def test_nine_tenths_of_the_scores_of_that_day_lie_under_a_quantile_bar() -> None:
    """400,000 releases; a count that stands at the bar is half under it."""
    world = Releases(12, 500, 0.5)
    generator = STREAM(4)
    for bar in quantile_bars(world):
        levels = 1.5 * LEADS_YEARS[bar.place] + generator.normal(0, 0.5, 400_000)
        shares = generator.binomial(500, expit(levels)) / 500
        assert np.mean(shares < bar.value) == pytest.approx(0.9, abs=0.011)
        assert np.mean(shares <= bar.value + 1 / 500) > 0.9


def test_a_quantile_above_every_count_is_no_bar() -> None:
    """Of 3 items all are passed far too often for a 0.9 quantile below all of them."""
    assert len(quantile_bars(Releases(12, 3, 0.5))) < 3


def test_bars_of_a_walk_stand_above_its_record_by_a_year_and_a_half_of_drift() -> None:
    for items in (None, 400):
        sample = Walks(30, 3, items=items).simulate(STREAM(5))
        best = float(str(sample.scores["score"].max()))
        bar = sample.bars["record"][2]
        if items is None:
            assert bar.value == pytest.approx(best * exp(1.5 * 1.5))
        else:
            counts = np.array([best, bar.value]) * 400
            rise = np.diff(logit((counts + 0.5) / 401))
            assert rise[0] == pytest.approx(1.5 * 1.5)
        assert len(sample.others) == 2


def test_developers_make_part_of_the_scatter_and_not_more_of_it() -> None:
    """Of a variance of 0.25 between releases 0.09 are between 400 developers."""
    world = DevelopersReleases(731, 10**6, 0.5, n_developers=400)
    found = []
    for seed in range(40):
        scores = world.simulate(STREAM(seed)).scores
        years = (scores["frontier_date"] - END).dt.total_days() / 365.25
        scores = scores.with_columns(
            scatter=pl.Series(logit(scores["score"].to_numpy())) - 1.5 * years
        )
        pairs = (
            scores.group_by("developer", maintain_order=True)
            .agg(pl.col("scatter").head(2))
            .filter(pl.col("scatter").list.len() == 2)["scatter"]
        )
        first, second = pairs.list.get(0), pairs.list.get(1)
        found.append([scores["scatter"].var(), (first * second).mean()])
    total, shared = np.mean(np.array(found, float), axis=0)
    assert total == pytest.approx(0.25, abs=0.006)
    assert shared == pytest.approx(0.09, abs=0.01)


def test_nobody_looks_at_an_unseen_walk_on_the_last_day() -> None:
    seen, unseen = (
        kind(12, 2).simulate(STREAM(9)).scores for kind in (Walks, UnseenWalks)
    )
    assert seen["frontier_date"][-1] == END
    assert unseen.equals(seen.head(seen.height - 1))


def test_a_walk_goes_on_from_where_it_was_last_seen() -> None:
    """600 walks without drift: steps over the end have the variance of their time."""
    walks = [simulate_walk(6, 0.0, 0.0, STREAM(seed)) for seed in range(600)]
    steps = [
        (walk.levels_after[0] - walk.levels[-1]) / np.sqrt(walk.years_after[0])
        for walk in walks
    ]
    assert np.std(steps) == pytest.approx(1.0, abs=3 / np.sqrt(2 * 600))
    assert all(
        walk.years_ago[-1] == 0 and 1 <= walk.years_ago[0] <= 3 for walk in walks
    )


def test_a_world_is_the_same_for_the_same_stream() -> None:
    world = Walks(12, 4)
    first, second = world.simulate(STREAM(6)), world.simulate(STREAM(6))
    assert first.scores.equals(second.scores)
    assert first.bars == second.bars


# --- counting


def _law(first: int, last: int, p_never: float = 0.0) -> CrossingDistribution:
    """Uniform between two days, of what is not never."""
    cdf = np.clip((np.arange(1001) - first) / (last - first), 0, 1) * (1 - p_never)
    return CrossingDistribution.exact(END, cdf, p_never=p_never)


def _position(law: CrossingDistribution | None, day: float) -> Floats:
    """At nominal 50, 80 and 90%."""
    series = simulated_series("target", None)
    scores = score_rows("target", np.array([10.0]), np.array([1.0]))
    sample = Sample(series, scores, {"line": [TrueBar(0, 2.0, day)]})
    answer = NotEstimated("x") if law is None else Estimated(law, "x")
    found, is_open = positions_of(
        Asked(LOGISTIC, "line", [], [Outcome(answer)]), sample
    )
    assert is_open.tolist() == [1, 0, 0]
    position: Floats = found[0]
    return position


def test_a_truth_lies_before_inside_or_after_an_interval() -> None:
    """Uniform over days 100 to 200: 50% is 125 to 175, 80% 110 to 190, 90% 105 to 195."""
    law = _law(100, 200)
    assert _position(law, 150).tolist() == [INSIDE, INSIDE, INSIDE]
    assert _position(law, 192).tolist() == [AFTER, AFTER, INSIDE]
    assert _position(law, 107).tolist() == [BEFORE, BEFORE, INSIDE]
    assert _position(law, 104).tolist() == [BEFORE, BEFORE, BEFORE]
    assert np.all(np.isnan(_position(None, 150)))


def test_an_interval_that_reaches_never_holds_every_late_truth() -> None:
    """30% never: 50 and 80 and 90% intervals are open above, 50% begins on day 136."""
    law = _law(100, 200, p_never=0.3)
    assert _position(law, inf).tolist() == [INSIDE, INSIDE, INSIDE]
    assert _position(law, 120).tolist() == [BEFORE, INSIDE, INSIDE]


def test_bars_of_one_simulation_are_one_piece_of_evidence() -> None:
    """Four simulations hold both of their bars, the fifth one of two: 9 of 10."""
    positions = np.full((5, 2, 3), INSIDE)
    positions[4, 1] = BEFORE
    share = Tally(positions, np.ones((5, 2))).covered(0.9)
    assert share is not None
    assert share.value == pytest.approx(0.9)
    assert share.error == pytest.approx(
        np.sqrt(4 * (2 - 1.8) ** 2 + (1 - 1.8) ** 2) / 10
    )


def test_what_is_not_estimated_is_counted_and_covers_nothing() -> None:
    positions = np.full((4, 1, 3), INSIDE)
    positions[0] = np.nan
    positions[1] = np.nan
    is_open = np.array([[1], [0], [1], [1]])
    tally = Tally(positions, is_open)
    assert tally.not_estimated == pytest.approx(1 / 3)
    assert tally.covered(0.9) == tally.covered(0.5)
    assert Tally(np.full((4, 1, 3), np.nan), is_open).covered(0.9) is None


def test_lines_are_given_all_releases_or_the_records_among_them() -> None:
    sample = Growth(30, 0.5, noisy=False).simulate(STREAM(8))
    given: list[pl.DataFrame] = []

    def note(sample: Sample, records: pl.DataFrame) -> list[Row]:
        given.append(records)
        return [not_estimated(sample.series, TrendFamily.EXPONENTIAL, "noted")]

    questions: list[Question] = [(Method("x", TrendFamily.EXPONENTIAL, note), "line")]
    for selected in (False, True):
        ask_all(sample, questions, selected=selected, seed=1)
    everything, records = given
    assert everything.height == 30
    scores = everything.get_column("score").to_list()
    assert records.get_column("score").to_list() == [
        score for k, score in enumerate(scores) if score > max(scores[:k], default=0)
    ]


# --- intervals that are wrong are found out


def _coverage(line: Method, *, n: int, n_simulations: int) -> float:
    experiment = Experiment(Releases(n, 500, 0.5), [(line, "line")], selected=False)
    share = (
        measure(experiment, n_simulations=n_simulations).dates[line.name].covered(0.9)
    )
    assert share is not None
    return share.value


def _sampling_error_only(x: Floats, y: Floats, known: Floats) -> LineFit:
    design = np.column_stack([np.ones_like(x), x])
    covariance: Floats = np.linalg.inv(design.T / known @ design).astype(np.float64)
    intercept, slope = covariance @ design.T @ (y / known)
    return LineFit(float(intercept), float(slope), covariance, len(x) - 2, 0.0)


def _normal_for_t(x: Floats, y: Floats, known: Floats) -> LineFit:
    fit = fit_line(x, y, known)
    return LineFit(fit.intercept, fit.slope, fit.covariance, 10**6, fit.tau2)


def _broken(line: LineFitter) -> Method:
    family = TrendFamily.LOGISTIC
    return Method("broken", family, straight_line(family, line))


def test_sampling_error_sold_as_the_whole_error_is_found_out() -> None:
    """90% is claimed and under half covered; Monte Carlo errors are below 4 points."""
    broken = _broken(_sampling_error_only)
    assert _coverage(broken, n=8, n_simulations=150) < 0.5
    assert _coverage(LOGISTIC, n=8, n_simulations=150) > 0.82


def test_a_normal_in_place_of_students_t_is_found_out() -> None:
    """Three degrees of freedom, the same 400 series: the difference has no luck in it."""
    broken = _broken(_normal_for_t)
    narrow = _coverage(broken, n=5, n_simulations=400)
    assert narrow < 0.86
    assert narrow < _coverage(LOGISTIC, n=5, n_simulations=400) - 0.05


# --- the page


def test_the_page_has_every_table_and_every_cell() -> None:
    cells = measure_all(n_simulations=1)
    believed = measure_powers(n_simulations=2)
    page = report(cells, believed, n_simulations=1, n_of_records=1, quick=True)
    assert "no number below means anything" in page
    assert "$" not in page
    for group, measured in cells.items():
        assert len(measured) == len(GROUPS[group]())
    tables = [block for block in page.split("\n\n") if block.startswith("|")]
    for table in tables:
        widths = {line.count("|") for line in table.splitlines()}
        assert len(widths) == 1
    for situation in SITUATIONS:
        table = tables[0] if situation.is_promised else tables[1]
        assert f"| {situation.method} | {situation.words} |" in table
    assert "| n | items | SD | 50% covers |" in page


def test_the_shipped_page_says_what_the_code_would_say() -> None:
    """After a change of words: `make coverage`; numbers in them are read off its tables."""
    page = (CHECKOUT / PAGE).read_text(encoding="utf-8")
    said = (HEADLINE, ASKED, BESIDE, READING, STANDS, LEVELS, BANDS_SAID, POWERS_HELD)
    for words in said:
        assert words in page
    for title, text in TITLES.values():
        assert f"## {title}\n\n{text}\n" in page


def test_a_cell_outside_by_less_than_two_errors_is_no_miss() -> None:
    """45 of 50 held is 90%; 41 of 50 is 82 +- 5.4%; 30 of 50 is 60 +- 7%."""
    situation = Situation("x", "group", "logistic", is_promised=True)
    experiment = Experiment(Releases(8, 100, 0.5), [], selected=False)

    def cell(held: int) -> Cell:
        positions = np.full((50, 1, 3), BEFORE)
        positions[:held] = INSIDE
        return Cell(
            experiment, Counts({"logistic": Tally(positions, np.ones((50, 1)))})
        )

    found = misses(situation, {"group": [cell(45), cell(41), cell(30)]})
    assert [share.value for _, share in found] == [0.6]


# --- what is promised


@cache
def _measured(group: str) -> list[Cell]:
    return measure_group(group, n_simulations=N_SIMULATIONS)


PROMISED = [
    pytest.param(one, id=f"{one.method}, {one.words}")
    for one in SITUATIONS
    if one.is_promised
]


@pytest.mark.slow
@pytest.mark.parametrize("situation", PROMISED)
def test_nominal_90_covers_86_to_94_percent(situation: Situation) -> None:
    """The cells of docs/coverage.md; two Monte Carlo errors, of 1 to 2 points, allowed."""
    cells = {situation.group: _measured(situation.group)}
    assert situation.shares(cells)
    assert misses(situation, cells) == []
