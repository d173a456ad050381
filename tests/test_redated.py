"""Uncertain release dates drawn, for the families whose law needs one history."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import numpy as np
import polars as pl
import pytest

from tests.figures import benchmark, positive, scores, series
from trends.crossings.distribution import CrossingDistribution
from trends.crossings.families import Draws, Ladder, OpenBar
from trends.crossings.levels import Standing, level_laws
from trends.crossings.looks import Looks
from trends.crossings.outcomes import Outcome
from trends.fits.drift import fit_drifts, laws_of_walks, observe_walk, see_walk
from trends.fits.pools import SeriesWalk
from trends.fits.redated import N_HISTORIES, drawn_histories
from trends.fits.seen import see_records
from trends.fits.sigmoid import fit_logistic3
from trends.frontier import select_frontier
from trends.registry.series import Series
from trends.tables import TREND_FITS

START = date(2023, 1, 1)
END = date(2026, 6, 30)
N = 14
DAYS = [START + timedelta(days=80 * k) for k in range(N)]
LEVELS = (0.85 / (1 + np.exp(-np.linspace(-2.5, 2.0, N)))).round(3).tolist()
LONG_AGO = 400


def _vague(uncertain: dict[int, int], *, name: str = "test") -> pl.DataFrame:
    """A record every 80 days; some may be so many days older than their date."""
    earliest = [day - timedelta(days=uncertain.get(k, 0)) for k, day in enumerate(DAYS)]
    return scores(list(zip(DAYS, LEVELS, strict=True)), name=name).with_columns(
        release_earliest=pl.Series(earliest)
    )


def _moved(number: int, days: int) -> pl.DataFrame:
    """The same scores with one of them known to be so much older."""
    there = [
        day - timedelta(days=days if k == number else 0) for k, day in enumerate(DAYS)
    ]
    return scores(list(zip(there, LEVELS, strict=True)))


def _drift(rows: pl.DataFrame) -> pl.DataFrame:
    """TREND_FITS rows of the drift; the variance is that of the series itself."""
    one = series(entry=benchmark(moved_by="people"))
    records = select_frontier(rows, [one])
    fits = fit_drifts([one], records, rows, wanted=["test"], as_of=END)["test"]
    return _frame(one, fits)


def _frame(one: Series, fits: list[dict[str, object]]) -> pl.DataFrame:
    ids = {"series_id": one.series_id, "benchmark_id": one.benchmark_id}
    return TREND_FITS.frame([ids | fit for fit in fits])


def _ask(rows: pl.DataFrame, fits: pl.DataFrame, bar: float = 0.87) -> Outcome:
    (outcome,) = Ladder(
        Looks(series(), rows, select_frontier(rows, [series()])),
        [OpenBar(bar)],
        END,
        date(2050, 12, 31),
    ).ask(fits, Draws(1, 100))
    return outcome


def _law(rows: pl.DataFrame, fits: pl.DataFrame) -> CrossingDistribution:
    law = _ask(rows, fits).answer.distribution
    assert law is not None
    return law


def test_known_dates_are_one_history() -> None:
    rows = _vague({})
    records = select_frontier(rows, [series()])
    (only,) = drawn_histories(series(), rows, records)
    assert only.scores is rows
    assert only.records is records


def test_days_are_spread_evenly_over_their_interval_and_no_others_move() -> None:
    rows = _vague({3: N_HISTORIES * 10 - 1})
    histories = drawn_histories(series(), rows, rows)
    drawn = [one.scores["frontier_date"][3] for one in histories]
    assert len(histories) == N_HISTORIES
    back = sorted((DAYS[3] - day).days for day in drawn)
    # one draw in each tenth day
    assert [lag // 10 for lag in back] == list(range(N_HISTORIES))
    others = pl.Series(DAYS[:3] + DAYS[4:])
    for one in histories:
        assert (
            one.scores["frontier_date"].gather([*range(3), *range(4, N)]).equals(others)
        )
        assert one.scores["release_earliest"].equals(one.scores["release_latest"])


def test_records_are_selected_again_in_every_history() -> None:
    """The eighth score may have come out before the six that it beats."""
    rows = _vague({7: 700})
    records = select_frontier(rows, [series()])
    counts = {h.records.height for h in drawn_histories(series(), rows, records)}
    assert records.height == N
    assert min(counts) < N - 3
    assert max(counts) == N


def test_draws_belong_to_the_series_and_to_nothing_else() -> None:
    def drawn(name: str) -> list[object]:
        rows = _vague({3: 200}, name=name)
        histories = drawn_histories(series(name), rows, rows)
        return [one.scores["frontier_date"].to_list() for one in histories]

    first = drawn("test")
    assert drawn("other") != first
    assert drawn("test") == first


def test_a_walk_is_the_average_over_the_days_its_record_may_have_come_out() -> None:
    """The last record may be up to 400 days older: the law is the mean over that time.

    Against the integral over the interval by 40 fixed dates.
    """
    vague = _vague({N - 1: LONG_AGO})
    fits = _drift(vague)
    found = _law(vague, fits)
    fixed = [_moved(N - 1, days) for days in range(5, LONG_AGO, 10)]
    exact = np.mean([_refitted(fits, rows).cdf for rows in fixed], axis=0)
    error = found.cdf_error[-1]
    assert found.n_draws == N_HISTORIES
    assert 0 < error < 0.01
    assert np.abs(found.cdf - exact).max() < 3 * found.cdf_error.max()
    # on its last possible day it would look more alive than it is
    assert _law(_vague({}), fits).cdf[730] > found.cdf[730] + 5 * error


def _refitted(fits: pl.DataFrame, rows: pl.DataFrame) -> CrossingDistribution:
    """The law of a series with known dates under the variance of ``fits``."""
    walk = _drift(rows).drop("sigma2_per_year")
    kept = fits.select("sigma2_per_year")
    return _law(rows, pl.concat([walk, kept], how="horizontal"))


@pytest.mark.parametrize("direction", ["higher", "lower"])
def test_records_of_a_history_are_those_that_the_frontier_keeps(direction: str) -> None:
    """Whatever falls on one day, and whichever of equal scores comes first."""
    one = series(entry=positive(direction=direction))
    vague = _vague(dict.fromkeys(range(0, N, 2), 200))
    tied = pl.concat(
        [vague, vague.with_columns(observation_id="a" + pl.col("observation_id"))]
    )
    for history in drawn_histories(one, tied, select_frontier(tied, [one])):
        assert history.records.equals(select_frontier(history.scores, [one]))


def test_without_a_pool_a_history_of_one_record_says_nothing_of_the_drift() -> None:
    """Drawn before the first, the second score leaves no other record."""
    one = series(entry=benchmark(moved_by="people"))
    rows = _vague({1: LONG_AGO})[:2]
    fits = _drift(rows)
    records = select_frontier(rows, [one])
    figures = Looks(one, rows, records)
    histories = figures.histories
    row = fits.row(0, named=True)
    laws = laws_of_walks(row, figures.shown(row, see_walk))
    single = sum(history.records.height == 1 for history in histories)
    assert single > 0
    assert len(laws) == N_HISTORIES - single
    assert all(np.isfinite(law.drift_variance) for law in laws)


def test_histories_are_looked_at_once_whatever_pool_is_asked_about(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A row of another pool leans on the same walks; the law is that of its own."""
    vague = _vague({N - 1: LONG_AGO})
    (fit,) = _drift(vague).to_dicts()
    fits = [fit | {"sigma2_per_year": k * fit["sigma2_per_year"]} for k in (1, 2)]
    records = select_frontier(vague, [series()])
    end = date(2050, 12, 31)
    figures = Looks(series(), vague, records)
    ladder = Ladder(figures, [OpenBar(0.87)], END, end)
    anew = [
        replace(ladder, figures=replace(figures)).passages([one])[0] for one in fits
    ]
    looked: list[object] = []

    def counted(*given: Any) -> SeriesWalk:
        looked.append(given[3])
        return observe_walk(*given)

    monkeypatch.setattr("trends.fits.drift.observe_walk", counted)
    found = [ladder.passages([one])[0] for one in fits]
    assert len(looked) == N_HISTORIES
    for law, own in zip(found, anew, strict=True):
        assert (law.cdf == own.cdf).all()
    assert found[0].cdf[730] != found[1].cdf[730]


@pytest.mark.parametrize("look", [see_walk, see_records])
def test_under_another_ceiling_or_last_look_histories_show_something_else(
    look: Any,
) -> None:
    vague = _vague({N - 1: LONG_AGO})
    figures = Looks(series(), vague, select_frontier(vague, [series()]))
    row = {"ceiling": 1.0, "epoch_date": END, "slope_per_year": 0.3}
    shown = figures.shown(row, look)
    assert len(shown) == N_HISTORIES
    assert figures.shown(row | {"slope_per_year": 0.4}, look) is shown
    for changed in ({"ceiling": 0.95}, {"epoch_date": END + timedelta(days=90)}):
        other = figures.shown(row | changed, look)
        alone = replace(figures).shown(row | changed, look)
        assert repr(other) == repr(alone) != repr(shown)


def test_levels_are_averaged_over_the_same_histories() -> None:
    """P(the frontier reaches the bar in two years) is P(the bar is crossed by then)."""
    vague = _vague({N - 1: LONG_AGO})
    fits = _drift(vague)
    standing = Standing(Looks(series(), vague, select_frontier(vague, [series()])), END)
    laws = level_laws(standing, fits, Draws(1, 100), days=[730])
    assert laws is not None
    bar = float(laws[0].scores[60])
    crossed = _ask(vague, fits, bar).answer.distribution
    assert crossed is not None
    assert 1 - laws[0].cdf[60] == pytest.approx(crossed.cdf[730], abs=1e-5)


def test_an_estimated_ceiling_needs_its_records_in_most_histories() -> None:
    """Releases whose order is anybody's guess make few records, whatever their last."""
    one = series()
    vague = _vague(dict.fromkeys(range(1, N), 900))
    (fit,) = fit_logistic3(one, select_frontier(vague, [one]), vague)
    fits = _frame(one, [fit])
    outcome = _ask(vague, fits, 0.83)
    assert fits["fit_status"].item() == "fitted"
    assert outcome.answer.distribution is None
    assert "histories have under 12" in outcome.answer.reason
    some = _ask(_vague({5: 300}), fits, 0.83)
    assert some.answer.distribution is not None
    assert 0 < some.n_failed < N_HISTORIES / 2
    assert some.answer.n_draws == N_HISTORIES - some.n_failed


def test_an_estimated_ceiling_is_averaged_over_the_histories_too() -> None:
    """Two early records may be older: a slower rise, so the bar is reached later."""
    known, vague = _vague({}), _vague({2: 150, 9: 60})
    one = series()
    (fit,) = fit_logistic3(one, select_frontier(known, [one]), known)
    fits = _frame(one, [fit])
    found, exact = (
        _ask(rows, fits, 0.83).answer.distribution for rows in (vague, known)
    )
    assert found is not None
    assert exact is not None
    assert exact.n_draws == 0
    assert found.n_draws == N_HISTORIES
    assert found.cdf_error.max() > 0.01
    assert found.quantile(0.5) > exact.quantile(0.5)  # type: ignore[operator]
