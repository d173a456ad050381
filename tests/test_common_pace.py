"""How fast all frontiers moved together, by hand, by reference and by simulation."""

from datetime import date

import numpy as np
import pytest

from tests.figures import benchmark, positive, scores, series
from trends.fits import common_pace
from trends.fits.common_pace import (
    MIN_FAMILIES,
    Rises,
    common_pace_rows,
    fit_common_pace,
    watched_rises,
)
from trends.frontier import select_frontier
from trends.registry.series import Series

FIRST = 12 * 2024 + 1
AS_OF = date(2024, 6, 10)


def _minutes(name: str, family: str) -> Series:
    return series(name, positive(family_id=family))


def _steady(n: int, months: int, pace: float = 0.3) -> list[Rises]:
    return [Rises("unbounded", FIRST, np.full(months, pace)) for _ in range(n)]


def test_rises_of_whole_months_by_hand() -> None:
    """First score in January, doubled in March and again in May; ends on 10 June.

    January has no rise: what was before its first score nobody knows. June is not over.
    """
    days = [date(2024, 1, 20), date(2024, 3, 5), date(2024, 5, 31)]
    points = scores(list(zip(days, [10.0, 20.0, 40.0], strict=True)), name="horizon")
    one = _minutes("horizon", "horizon")
    (found,) = watched_rises([one], select_frontier(points, [one]), as_of=AS_OF)
    assert found.first == FIRST + 1
    assert found.values == pytest.approx([0.0, np.log(2), 0.0, np.log(2)])
    assert found.scale == "unbounded"


def test_a_family_has_one_vote_that_of_its_longest_series() -> None:
    early = scores([(date(2023, 1, 5), 1.0), (date(2024, 2, 5), 2.0)], name="long")
    late = scores([(date(2024, 1, 5), 1.0), (date(2024, 3, 5), 9.0)], name="short")
    both = [_minutes("long", "one"), _minutes("short", "one")]
    frontier = select_frontier(early.vstack(late), both)
    (found,) = watched_rises(both, frontier, as_of=AS_OF)
    assert found.first == 12 * 2023 + 2


def test_bounded_scores_rise_on_the_logit_scale() -> None:
    points = scores([(date(2024, 1, 20), 0.2), (date(2024, 3, 5), 0.5)], name="test")
    entry = benchmark(ceiling={"values": [1.0], "weights": [1.0], "reason": "given"})
    one = series("test", entry)
    (found,) = watched_rises([one], select_frontier(points, [one]), as_of=AS_OF)
    assert found.scale == "bounded"
    assert found.values[1] == pytest.approx(np.log(4), rel=0.05)


def test_the_pace_is_that_of_a_dense_mixed_model(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Best linear prediction from the covariance of all rises, levels estimated."""
    monkeypatch.setattr(common_pace, "STRENGTHS", (0.6,))
    monkeypatch.setattr(common_pace, "MEMORIES", (3.0,))
    rng = np.random.default_rng(2)
    n, months = 12, 10
    starts = [0] * MIN_FAMILIES + [2, 3, 4, 5]
    families = [
        Rises("bounded", FIRST + start, rng.gamma(1.0, size=months - start))
        for start in starts
    ]
    found = fit_common_pace(families)
    assert found is not None

    mean = np.mean([one.values.mean() for one in families])
    row = np.concatenate([np.arange(start, months) for start in starts])
    family = np.repeat(np.arange(n), [months - start for start in starts])
    y = np.concatenate([one.values for one in families]) / mean
    levels = np.eye(n)[family]
    centred = y - levels @ (levels.T @ y / levels.sum(axis=0))
    noise = centred @ centred / (len(y) - n)
    lags = np.abs(np.subtract.outer(np.arange(months), np.arange(months)))
    kernel = 0.36 * np.exp(-lags / 3)
    whole = noise * np.eye(len(y)) + kernel[np.ix_(row, row)]
    inverse = np.linalg.inv(whole)
    fixed = np.linalg.solve(levels.T @ inverse @ levels, levels.T @ inverse @ y)
    predicted = kernel[:, row] @ inverse @ (y - levels @ fixed)
    expected = np.maximum(1 + predicted - predicted.mean(), 0)
    assert found.median == pytest.approx(expected, abs=1e-6)
    assert found.n_families == [
        sum(start <= t for start in starts) for t in range(months)
    ]


@pytest.mark.parametrize("strength", [0.3, 0.6])
def test_intervals_hold_a_pace_that_changes(strength: float) -> None:
    """Compound Poisson records of 30 families that come and go: 60 panels.

    Steps are skewed, and noise is larger in fast months, so that 80% intervals hold
    some points less.
    """
    rng = np.random.default_rng(7)
    held = []
    for _ in range(60):
        pace = [float(rng.normal())]
        while len(pace) < 30:
            pace.append(float(0.7 * pace[-1] + np.sqrt(1 - 0.49) * rng.normal()))
        rate = np.maximum(1 + strength * np.array(pace), 0)
        families = []
        for start in rng.integers(0, 20, size=30) * (rng.random(30) < 0.7):
            n = rng.poisson(0.35 * rate[start:])
            rises = rng.gamma(1.2 * np.maximum(n, 1e-9)) * (n > 0)
            families.append(Rises("bounded", FIRST + int(start), rises))
        found = fit_common_pace(families)
        assert found is not None
        truth = rate[np.array(found.months) - FIRST]
        truth = 1 + truth - truth.mean()
        held.append(np.mean((found.low <= truth) & (truth <= found.high)))
    assert 0.7 <= np.mean(held) <= 0.9


def test_own_paces_are_no_common_pace() -> None:
    """Families that rise twice and half as fast, each steadily: 1 in every month."""
    found = fit_common_pace([*_steady(8, 20, 0.2), *_steady(6, 14, 0.8)])
    assert found is not None
    assert found.median == pytest.approx(np.ones(20), abs=0.02)


def test_months_with_few_families_are_not_listed() -> None:
    rng = np.random.default_rng(1)
    families = [
        Rises("bounded", FIRST, rng.gamma(1.0, size=12)) for _ in range(MIN_FAMILIES)
    ]
    longer = Rises("bounded", FIRST, rng.gamma(1.0, size=15))
    found = fit_common_pace([*families, longer])
    assert found is not None
    rows = common_pace_rows(found)
    assert [row["month"] for row in rows][::11] == [
        date(2024, 1, 31),
        date(2024, 12, 31),
    ]
    assert {row["n_families"] for row in rows} == {MIN_FAMILIES + 1}
    assert found.low.min() >= 0
    assert fit_common_pace(families[1:]) is None
    assert common_pace_rows(None) == []


def test_months_that_no_family_shares_have_no_common_pace() -> None:
    """Eight families in one month, eight others in another: two levels and no pace."""
    rng = np.random.default_rng(3)
    before, after = (
        [Rises("bounded", first, rng.gamma(1.0, size=2)) for _ in range(4)]
        for first in (FIRST, FIRST + 3)
    )
    between = [
        Rises("bounded", FIRST + start, rng.gamma(1.0, size=2))
        for start in (-1, -1, -1, -1, 4, 4, 4, 4)
    ]
    assert fit_common_pace([*before, *between, *after]) is None


def test_records_that_never_rose_have_no_pace() -> None:
    assert fit_common_pace(_steady(12, 9, 0.0)) is None
