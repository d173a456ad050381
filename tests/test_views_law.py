"""Views of one test share what they know: its trend, its ceiling, and where it stands."""

from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import polars as pl
import pytest
import statsmodels.api as sm
from scipy.stats import multivariate_normal, norm

from tests.figures import benchmark, scores, series
from trends.crossings.families import Draws, Ladder, OpenBar
from trends.crossings.levels import Standing, level_laws
from trends.crossings.looks import Looks
from trends.fits import fit_trends
from trends.fits.links import Floats
from trends.fits.pace import (
    SCATTERS,
    WANDERS,
    Hyper,
    Points,
    Told,
    Trend,
    fit_hyper,
    learn_hypers,
    local_trend,
)
from trends.fits.record_law import RETURN_YEARS, RecordLaw, _frontiers
from trends.fits.records import RecordFits, record_law
from trends.fits.views import DRIFT_VARIANCE, OFFSET_VARIANCE, Board, Views
from trends.fits.waiting import WaitingLaw
from trends.fits.walks import Prior
from trends.frontier import select_frontier
from trends.registry.models import TrendFamily
from trends.registry.series import Series

OWN = Points(np.array([0.3, 0.5, 0.9]), np.array([0.2, 0.6, 0.7]))
EARLY = Board(
    "early",
    Points(np.array([0.0, 0.4, 1.2, 1.5]), np.array([-0.1, 0.3, 1.0, 1.4])),
    scatter=0.02,
)
LOOSE = Board("loose", Points(np.array([0.5, 0.8]), np.array([0.1, 0.9])), scatter=0.3)
TEST = Views(OWN, [EARLY, LOOSE])
PRIOR = Prior(1.3, 0.5)
UNTIL = 2.0


def _joined() -> tuple[Floats, Floats, Floats, Floats]:
    """Years, levels, indicators of the boards and their scatter, own points first."""
    points = [OWN, EARLY.points, LOOSE.points]
    board = np.repeat([0, 1, 2], [len(one.years) for one in points])
    return (
        np.concatenate([one.years for one in points]),
        np.concatenate([one.levels for one in points]),
        (board[:, np.newaxis] == [1, 2]).astype(float),
        np.array([np.nan, EARLY.scatter, LOOSE.scatter])[board],
    )


def _walked(s: Floats, t: Floats) -> Floats:
    """Covariance of levels whose slope walks from 0 with variance 1 a year."""
    first, last = np.minimum(s, t), np.maximum(s, t)
    return np.asarray(first**2 * (3 * last - first) / 6)


def _jointly(hyper: Hyper) -> tuple[float, float, float]:
    """Mean and variance of the level then, and log density, of the dense joint law."""
    years, levels, boards, scatter = _joined()
    rise = np.append(years, UNTIL) - years.min()
    known = 1e6 + PRIOR.variance * np.outer(rise, rise)
    known += hyper.wander * _walked(rise[:, np.newaxis], rise)
    drifts = boards * (years - years.max())[:, np.newaxis]
    seen = known[:-1, :-1] + OFFSET_VARIANCE * boards @ boards.T
    seen += DRIFT_VARIANCE * drifts @ drifts.T
    seen += np.diag(np.where(np.isnan(scatter), hyper.scatter, scatter))
    gain = np.linalg.solve(seen, known[:-1, -1])
    mean = PRIOR.mean * rise
    return (
        float(mean[-1] + gain @ (levels - mean[:-1])),
        float(known[-1, -1] - gain @ known[:-1, -1]),
        float(multivariate_normal(mean[:-1], seen).logpdf(levels)),
    )


# ----------------------------------------------------------------- the joint filter


@pytest.mark.parametrize("hyper", [Hyper(0.1, 0.3), Hyper(0.01, 0.0), Hyper(1.0, 3.0)])
def test_the_filter_of_all_boards_is_the_dense_joint_law(hyper: Hyper) -> None:
    level, variance, _ = _jointly(hyper)
    found = TEST.trend(hyper, PRIOR, UNTIL)
    assert found.level == pytest.approx(level, abs=1e-5)
    assert found.level_variance == pytest.approx(variance, abs=1e-5)


def test_likelihoods_on_the_grid_are_those_of_the_dense_joint_law() -> None:
    """To the constant that the level without a prior leaves open."""
    found = TEST.told.under(PRIOR).reshape(len(SCATTERS), len(WANDERS))
    cells = [(0, 0), (4, 3), (7, 1), (12, 4)]
    apart = [
        found[cell] - _jointly(Hyper(SCATTERS[cell[0]], WANDERS[cell[1]]))[2]
        for cell in cells
    ]
    assert np.ptp(apart) < 2e-5


def test_without_wander_it_is_a_weighted_line_of_statsmodels() -> None:
    """A row for each prior: of the slope at its mean, of offsets and drifts at 0."""
    years, levels, boards, scatter = _joined()
    rise = years - years.min()
    drifts = boards * (years - years.max())[:, np.newaxis]
    design = np.column_stack([np.ones_like(rise), rise, boards, drifts])
    line = sm.WLS(
        np.concatenate([levels, [PRIOR.mean, 0, 0, 0, 0]]),
        np.vstack([design, np.eye(6)[1:]]),
        weights=1
        / np.concatenate(
            [
                np.where(np.isnan(scatter), 0.07, scatter),
                [PRIOR.variance, *[OFFSET_VARIANCE] * 2, *[DRIFT_VARIANCE] * 2],
            ]
        ),
    ).fit(cov_type="fixed scale")
    at = np.array([1.0, UNTIL - years.min(), 0.0, 0.0, 0.0, 0.0])
    known, hyper = line.cov_params(), Hyper(0.07, 0.0)
    found = TEST.trend(hyper, PRIOR, UNTIL)
    expected = Trend(
        level=at @ line.params,
        slope=line.params[1],
        level_variance=at @ known @ at,
        covariance=at @ known[1],
        slope_variance=known[1, 1],
    )
    assert vars(found) == pytest.approx(vars(expected), rel=1e-9)
    offsets, errors = TEST.offsets(hyper, PRIOR)
    assert offsets == pytest.approx(line.params[2:4], rel=1e-9)
    assert errors == pytest.approx(line.bse[2:4], rel=1e-9)


def test_a_board_that_climbs_half_as_fast_is_not_pulled_up_to_the_others() -> None:
    """Ours rises .7 a year for two years, the other 1.4; at the end we stand at 1.4."""
    years = np.linspace(0, 2, 25)
    other = Board("other", Points(years, 1.4 * years), scatter=0.003)
    found = Views(Points(years, 0.7 * years), [other]).trend(
        Hyper(0.003, 0.1), Prior(1.4, 0.4), 2.0
    )
    assert found.level == pytest.approx(1.4, abs=0.05)
    assert found.slope == pytest.approx(0.7, abs=0.2)


def test_a_view_without_others_is_filtered_alone() -> None:
    alone, hyper = Views(OWN, []), Hyper(0.1, 0.3)
    assert vars(alone.trend(hyper, PRIOR, UNTIL)) == pytest.approx(
        vars(local_trend(OWN, hyper, PRIOR, UNTIL)), rel=1e-12
    )
    np.testing.assert_allclose(
        alone.told.under(PRIOR), Told.by(OWN).under(PRIOR), rtol=0, atol=1e-12
    )


def test_trends_are_averaged_with_what_they_differ_by() -> None:
    one, two = Trend(1.0, 2.0, 0.1, 0.02, 0.3), Trend(1.4, 1.8, 0.3, 0.04, 0.1)
    assert vars(Trend.averaged([one, two])) == pytest.approx(
        vars(Trend(1.2, 1.9, 0.2 + 0.04, 0.03 - 0.02, 0.2 + 0.01))
    )


def test_a_simulated_trend_is_recovered_below_boards_that_stand_apart() -> None:
    """250 worlds of three boards; ours ends a year before the others.

    Offsets N(0, 0.4^2) that drift by N(0, 0.3^2) a year, scatter of half ours and twice
    that, slopes N(1.3, 0.6^2) that wander. Of 1,000 such worlds 80% intervals of the level
    a year on held 81% (standard error 1.2 points), those of offsets 79%: 36 and 22% where
    offsets are taken to stand still. Where they do, 84 and 88%.
    """
    generator = np.random.default_rng(5)
    prior = Prior(1.3, 0.6**2)
    worlds = [_simulated(generator, prior) for _ in range(250)]
    likely = learn_hypers(
        Told.stacked([Told.by(own) for own, *_ in worlds[:40]]).under(prior)
    )
    held, of_offsets, error, alone = [], [], [], []
    for own, boards, level, offsets in worlds:
        views = Views(own, boards)
        hyper = fit_hyper(views.told, likely, prior)
        found = views.trend(hyper, prior, 3.0)
        away = (found.level - level) / np.sqrt(found.level_variance)
        held.append(abs(away) < norm.ppf(0.9))
        means, errors = views.offsets(hyper, prior)
        of_offsets += (np.abs(means - offsets) < norm.ppf(0.9) * errors).tolist()
        error.append(found.level - level)
        by_itself = fit_hyper(Told.by(own), likely, prior)
        alone.append(local_trend(own, by_itself, prior, 3.0).level - level)
    assert np.mean(held) == pytest.approx(0.8, abs=0.075)
    assert np.mean(of_offsets) == pytest.approx(0.8, abs=0.075)
    assert abs(np.mean(error)) < 3 * np.std(error) / np.sqrt(250)
    assert np.square(error).mean() < np.square(alone).mean() / 3


def _simulated(
    generator: np.random.Generator, prior: Prior
) -> tuple[Points, list[Board], float, Floats]:
    """Own points to year 2, boards to year 3, the level there and their offsets."""
    times = np.sort(generator.uniform(0, 3, 60))
    slope = generator.normal(prior.mean, np.sqrt(prior.variance))
    steps = np.diff(np.append(0.0, np.append(times, 3.0)))
    slopes = slope + np.cumsum(generator.normal(0, np.sqrt(0.5 * steps)))
    truth = np.cumsum(slopes * steps)
    shared = generator.integers(0, 3, len(times))
    offsets, scatters = generator.normal(0, 0.4, 2), [0.04, 0.16]
    ours = (shared == 0) & (times < 2)
    own = Points(times[ours], truth[:-1][ours] + generator.normal(0, 0.3, ours.sum()))
    boards = []
    for place, (offset, scatter) in enumerate(zip(offsets, scatters, strict=True)):
        theirs = shared == place + 1
        noise = generator.normal(offset, np.sqrt(scatter), theirs.sum())
        drifted = generator.normal(0, 0.3) * (times[theirs] - 3.0)
        points = Points(times[theirs], truth[:-1][theirs] + drifted + noise)
        boards.append(Board(f"board{place}", points, scatter))
    return own, boards, float(truth[-1]), offsets


# -------------------------------------------- the law of a board that nobody fills


@pytest.mark.parametrize("years", [0.2, 0.6, 1.5])
def test_a_trend_known_of_a_later_day_is_followed_to_both_sides(years: float) -> None:
    """Frontier less what is kept of today's distance, from covariances of the walk."""
    ahead, wander, slope = 0.6, 0.7, 1.2
    trend = Trend(0.9, slope, 0.02, 0.01, 0.09)
    waiting = WaitingLaw(shape=5.0, exposure=1.3, power=1.2, silent_years=0.3)
    law = RecordLaw(0.5, trend, Hyper(1e-12, wander), waiting, ahead)
    kept = np.exp(-years / RETURN_YEARS)
    away = np.array([years - ahead, -ahead])
    same_side = away[:, np.newaxis] * away > 0
    walked = wander * same_side * _walked(np.abs(away)[:, np.newaxis], np.abs(away))
    of_level = trend.level_variance + trend.covariance * np.add.outer(away, away)
    of_slope = trend.slope_variance * np.outer(away, away)
    share = np.array([1, -kept])
    age, age_variance = waiting.age
    (middle,), (spread,) = _frontiers(
        [law], [waiting.age], np.array([years]), np.array([kept])
    )
    then, today = trend.level + slope * away
    assert middle[0] == pytest.approx(
        then - slope * age + kept * (0.5 - today + slope * age), abs=1e-5
    )
    variance = share @ (of_level + of_slope + walked) @ share
    variance += (1 - kept**2) * slope**2 * age_variance
    assert spread[0] ** 2 == pytest.approx(variance, rel=1e-6)


END = date(2026, 6, 30)
START = date(2024, 1, 1)
LEFT = START + timedelta(days=550)
"""The board's last look; that of the test is END."""

Panel = list[tuple[Series, pl.DataFrame]]


def _of_test(name: str, **changes: object) -> Series:
    entry = benchmark(**({"family_id": "test"} | changes))
    entry = entry.model_copy(update={"trends": [TrendFamily.RECORDS]})
    return series(name, entry)


LEADING = _of_test("leading")
BOARD = replace(
    _of_test("board", view_of="leading", closed_on=LEFT, closed_because="test"),
    lead=LEADING.benchmark,
)
ALONE = replace(_of_test("board", closed_on=LEFT, closed_because="test"))


def _climb(name: str, start: float, slope: float, *, n: int) -> pl.DataFrame:
    """Scores every 50 days, about a straight line on the Gompertz scale."""
    days = [START + timedelta(days=50 * k) for k in range(n)]
    noise = 0.1 * np.sin(7.0 * np.arange(n) + len(name))
    levels = start + slope * 50 * np.arange(n) / 365.25 + noise
    values = np.exp(-np.exp(-levels)).tolist()
    return scores(list(zip(days, values, strict=True)), name=name)


def _panel(board: Series) -> Panel:
    others = [
        (_of_test(f"other{k}", family_id=f"other{k}"), _climb(f"other{k}", -1, 1, n=9))
        for k in range(4)
    ]
    leading = (LEADING, _climb("leading", -0.7, 1.5, n=18))
    return [leading, (board, _climb("board", -1.0, 1.5, n=11)), *others]


def _fits(panel: Panel, *, as_of: date = END) -> pl.DataFrame:
    figures = pl.concat([own for _, own in panel])
    everything = [one for one, _ in panel]
    frontier = select_frontier(figures, everything)
    return fit_trends(
        frontier,
        figures,
        everything,
        wanted=["board"],
        as_of=as_of,
        run_id="0" * 12,
        missing={},
    )


def test_the_other_views_say_how_the_trend_went_on() -> None:
    """The leading view stands 0.3 above the board, and goes on 356 days longer."""
    together, alone = _fits(_panel(BOARD)), _fits(_panel(ALONE))
    row, before = together.row(-1, named=True), alone.row(-1, named=True)
    assert (row["observed_through"], row["epoch_date"]) == (LEFT, END)
    assert (before["epoch_date"], before["views"]) == (LEFT, None)
    name, offset = row["views"].split(": 18 scores, offset ")
    assert name == "leading"
    assert float(offset.split()[0]) == pytest.approx(0.3, abs=0.1)
    assert (
        "with 18 that 1 other view of the test lend, seen 1.0" in row["status_reason"]
    )
    on_line = -1.0 + 1.5 * (END - START).days / 365.25
    assert row["intercept"] == pytest.approx(on_line, abs=0.2)
    years = (END - LEFT).days / 365.25
    guessed = (
        before["intercept_se"] ** 2
        + 2 * before["intercept_slope_cov"] * years
        + (before["slope_per_year_se"] * years) ** 2
        + before["wander_variance"] * years**3 / 3
    )
    assert row["intercept_se"] < 0.6 * np.sqrt(guessed)
    assert row["silent_years"] == before["silent_years"]
    assert record_law(row).ahead == pytest.approx((END - LEFT).days / 365.25)


def test_a_fast_year_of_the_leading_view_moves_the_bars_of_a_board() -> None:
    medians: list[date] = []
    for pace in (0.3, 1.5, 3.0):
        panel = _panel(BOARD)
        early = panel[0][1].head(11)
        later = _climb("leading", -0.7, pace, n=18).tail(7)
        gained = np.exp(-(pace - 1.5) * 500 / 365.25)
        as_before = pl.col("score").log().mul(1 / gained).exp()
        panel[0] = LEADING, pl.concat([early, later.with_columns(as_before)])
        law = _ladder(panel).ask(_fits(panel), DRAWS)[0].answer.distribution
        assert law is not None
        median = law.quantile(0.5)
        assert median is not None
        medians.append(median)
    assert medians == sorted(medians, reverse=True)
    assert (medians[0] - medians[-1]).days > 180


DRAWS = Draws(seed=0, count=0)


def _ladder(panel: Panel, bar: float = 0.9) -> Ladder:
    board, own = panel[1]
    frontier = select_frontier(own, [board])
    end = date(2035, 12, 31)
    return Ladder(Looks(board, own, frontier), [OpenBar(bar)], LEFT, end)


@pytest.mark.parametrize("days", [200, 356, 700])
def test_levels_and_dates_of_a_board_are_one_law(days: int) -> None:
    panel = _panel(BOARD)
    fits, ladder = _fits(panel), _ladder(panel)
    standing = Standing(ladder.figures, LEFT)
    (law,) = level_laws(standing, fits, DRAWS, days=[days]) or []
    bar = float(law.scores[90])
    (outcome,) = replace(ladder, bars=[OpenBar(bar)]).ask(fits, DRAWS)
    assert outcome.answer.distribution is not None
    assert 1 - law.cdf[90] == pytest.approx(
        outcome.answer.distribution.cdf[days], abs=1e-4
    )


def test_views_vote_with_their_own_points() -> None:
    votes = []
    for board in (BOARD, ALONE):
        panel = _panel(board)
        figures = pl.concat([own for _, own in panel])
        everything = [one for one, _ in panel]
        frontier = select_frontier(figures, everything)
        votes.append(RecordFits(everything, frontier, figures, as_of=END).votes.votes)
    assert [one.series.series_id for one in votes[0]][-1] == "leading"
    for one, other in zip(*votes, strict=True):
        assert (one.boards, other.boards) == ((), ())
        np.testing.assert_array_equal(one.points.levels, other.points.levels)


def test_a_view_lends_nothing_before_it_was_public() -> None:
    secret = _of_test("leading", first_public_on=END)
    panel = _panel(BOARD)
    panel[0] = secret, panel[0][1]
    (row, *_) = _fits(panel, as_of=END - timedelta(days=1)).to_dicts()
    assert row["views"] is None
    assert _fits(panel)["views"][0] is not None


def test_dates_that_are_not_known_are_drawn_below_what_others_lend() -> None:
    panel = _panel(BOARD)
    vague = panel[1][1].with_columns(
        release_earliest=pl.col("frontier_date") - pl.duration(days=120)
    )
    sure = _fits(panel).row(-1, named=True)
    panel[1] = BOARD, vague
    row = _fits(panel).row(-1, named=True)
    # the same scores came earlier: the board stands higher at any day
    assert row["intercept"] > sure["intercept"] + 0.05
    assert row["scatter_variance"] == sure["scatter_variance"]


# ------------------------------------------------------------------------ ceilings


def _ceilings(panel: Panel) -> tuple[list[float], list[float]]:
    fits = _fits(panel)
    return fits["ceiling_low"].to_list(), fits["ceiling_weight"].to_list()


CEILING = {"values": [0.9], "weights": [1.0], "reason": "test"}


def _with_ceiling(panel: Panel) -> Panel:
    return [
        (
            replace(one, benchmark=one.benchmark.model_copy(update={"ceiling": own})),
            rows,
        )
        for one, rows in panel
        for own in [benchmark(ceiling=CEILING).ceiling]
    ]


def test_the_scores_of_the_leading_view_say_where_the_ceiling_of_a_board_is() -> None:
    panel = _with_ceiling(_panel(BOARD))
    lows, weights = _ceilings(panel)
    assert lows[0] > panel[0][1]["score"].to_numpy().max() - 0.1
    flat = pl.concat(
        [panel[1][1], _climb("board", 0.75, 0.0, n=11).tail(3)], how="vertical"
    )
    panel[1] = panel[1][0], flat
    assert _ceilings(panel) == (lows, weights)
    alone = _with_ceiling(_panel(ALONE))
    assert _ceilings(alone)[0][0] < lows[0] - 0.05


def test_no_ceiling_lies_below_what_any_view_has_shown() -> None:
    panel = _with_ceiling(_panel(BOARD))
    high = scores([(START + timedelta(days=520), 0.995)], name="board")
    panel[1] = panel[1][0], pl.concat([panel[1][1], high])
    assert _ceilings(panel)[0][0] > 0.97
