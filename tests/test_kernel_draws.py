"""Draws of the compiled kernels: random numbers, layers, records and weights."""

from dataclasses import replace

import numpy as np
import pytest
from scipy import special

from tests.ten_points import (
    ALL_LAYERS,
    DAYS,
    DEVELOPERS,
    LEVELS,
    MONTHS,
    PLAIN,
    POINTS,
    VARIANCES,
    Words,
    drawn,
    exact,
    paule_mandel_line,
    philox,
    run,
)
from trends.fits import kernels
from trends.fits.engine import Line, fit_once


@pytest.mark.parametrize(
    ("counter", "key", "expected"),
    [
        ([0] * 4, [0] * 2, [0x6627E8D5, 0xE169C58D, 0xBC57AC4C, 0x9B00DBD8]),
        (
            [0xFFFFFFFF] * 4,
            [0xFFFFFFFF] * 2,
            [0x408F276D, 0x41C83B0E, 0xA20BC7C6, 0x6D5451FD],
        ),
        (
            [0x243F6A88, 0x85A308D3, 0x13198A2E, 0x03707344],
            [0xA4093822, 0x299F31D0],
            [0xD16CFE09, 0x94FDCCEB, 0x5001E420, 0x24126EA1],
        ),
    ],
)
def test_philox_gives_the_known_answers_of_random123(
    counter: Words, key: Words, expected: Words
) -> None:
    """kat_vectors of Random123 1.14, philox4x32 10."""
    assert philox(counter, key) == expected


@pytest.mark.parametrize("resample", [0, 5, 2**32 + 9])
def test_words_are_philox_at_block_resample_and_stream(resample: int) -> None:
    found = np.empty(10, dtype=np.uint64)
    kernels.philox_words(11, 0xFFFFFFFE, resample, 2, 10, found)
    counter = [resample % 2**32, 2, resample // 2**32]
    expected = [philox([block, *counter], [11, 0xFFFFFFFE]) for block in range(3)]
    assert found.tolist() == np.concatenate(expected)[:10].tolist()


def test_normal_quantiles_are_those_of_scipy() -> None:
    p = np.concatenate([[0.5 / 2**32, 1e-12, 1e-5, 1 - 1e-5], np.linspace(0.01, 1, 99)])
    p = p[p < 1]
    found = [kernels.standard_normal(one) for one in p]
    assert found == pytest.approx(special.ndtri(p), rel=1e-13, abs=1e-15)


def test_the_exponential_is_that_of_numpy() -> None:
    x = np.concatenate([np.linspace(-700, 700, 2001), np.linspace(-1, 1, 201)])
    found = np.array([kernels.exponential(one) for one in x])
    assert np.max(np.abs(found / np.exp(x) - 1)) < 1e-15


@pytest.mark.parametrize("records", [False, True])
@pytest.mark.parametrize("since_day", [-np.inf, -100.0])
def test_every_layer_draws_what_numpy_draws(records: bool, since_day: float) -> None:
    resampling = replace(ALL_LAYERS, records=records, since_day=since_day)
    fits = run(Line(), MONTHS, resampling)
    for resample in range(60):
        expected = drawn(MONTHS, resampling, resample)
        n = len(expected[0])
        if n < 3:
            assert fits.reasons[resample] == kernels.TOO_FEW_POINTS
            continue
        line = paule_mandel_line(*expected)
        assert fits.values[resample] == pytest.approx(line, rel=1e-10, abs=1e-12)


def test_records_are_selected_again_in_every_draw() -> None:
    """With its record holder away, a score the record had hidden becomes a record."""
    levels = np.array([1.0, 5.0, 2.0, 3.0, 4.0, 5.5])
    points = exact(np.arange(6.0), levels, ["a", "leader", "b", "c", "d", "e"])
    fits = run(Line(), points, replace(ALL_LAYERS, noise=False, dates=False))
    assert fits.column("n_points")[fits.reasons == 0].max() == 5
    assert fit_once(Line(), points)[-1] == 6


def test_a_tie_is_no_record_and_one_day_has_one() -> None:
    points = exact(
        np.array([0.0, 10.0, 10.0, 20.0, 30.0, 40.0]),
        np.array([1.0, 1.7, 2.0, 2.0, 2.9, 4.0]),
    )
    records = replace(PLAIN, clusters="off", records=True, count=1)
    kept = np.array([0, 2, 4, 5])
    expected = paule_mandel_line(
        points.years[kept], points.levels[kept], np.zeros(4), np.ones(4)
    )
    assert run(Line(), points, records).values[0] == pytest.approx(expected, rel=1e-11)


def test_the_window_comes_after_the_records() -> None:
    """The first release of the window is no record if an earlier one beat it."""
    points = replace(POINTS, levels=np.array([3.0, 0, 0, 0, 0, 1, 2, 4, 5, 6.5]))
    windowed = replace(PLAIN, clusters="off", records=True, since_day=0.0, count=1)
    assert run(Line(), points, windowed).column("n_points")[0] == 3


def test_wild_weights_are_webbs_six_and_turn_developers_as_one() -> None:
    wild = replace(PLAIN, clusters="wild", count=1)
    centre = LEVELS - 1.0
    developers, cluster = np.unique(DEVELOPERS, return_inverse=True)
    sample = kernels.Sample(
        DAYS, DAYS, LEVELS, 0 * DAYS, VARIANCES, cluster=cluster, fitted=centre
    )
    block = np.empty((4, 10, 1))
    seen: set[float] = set()
    for resample in range(300):
        draw = kernels.Draw(2, False, False, False, -np.inf, *wild.key)
        assert kernels.draw_points(sample, draw, resample, block) == 10
        weight = block[1, :, 0] - centre
        for developer in range(len(developers)):
            assert np.ptp(weight[cluster == developer]) < 1e-12
        seen |= set(np.round(weight, 9).tolist())
    six = [sign * np.sqrt(k / 2) for sign in (-1, 1) for k in (1, 2, 3)]
    assert sorted(seen) == pytest.approx(sorted(six), abs=1e-8)
