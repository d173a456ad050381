"""Compile the engine's kernels into numba's cache: ``python -m trends.fits.compile``.

Done by the set-up, so that no first forecast waits for it. The cache knows when the
kernels or numba change, and then the next fit compiles again.
"""

import numpy as np

from trends.fits import pace
from trends.fits.breaks import break_test
from trends.fits.ceiling_evidence import Evidence
from trends.fits.censoring import censored_line_at
from trends.fits.engine import Family, Job, Line, QuantileLine, Sigmoid, refit
from trends.fits.level_kernels import (
    depths_below,
    follow_days,
    joint_chances,
    mean_and_error,
    monotone_slopes,
    record_chances,
    settled,
    shares_above,
)
from trends.fits.record_law import RecordLaw
from trends.fits.regression import fit_mean
from trends.fits.samples import Points, Resampling
from trends.fits.slopes import Lines, pool_slopes
from trends.fits.waiting import WIDE_WAIT, Stands, Watched, fit_waiting
from trends.fits.walk_kernels import realised_variance


def _resamples() -> None:
    days = np.arange(0.0, 2400.0, 100.0)
    points = Points(
        first_days=days,
        last_days=days,
        levels=0.9 / (1 + np.exp(3 - days / 400)),
        errors=np.full_like(days, 0.01),
        variances=np.full_like(days, 0.01),
        developers=[str(day % 700) for day in days],
    )
    resampling = Resampling(
        seed=0,
        series_id="compile",
        vintage=0,
        count=32,
        clusters="resampled",
        noise=True,
        dates=True,
        records=False,
    )
    families: list[Family] = [Line(), Sigmoid(max_height=1.0), QuantileLine(0.9)]
    for _ in refit((Job(one, points, resampling) for one in families), workers=1):
        pass


def _records() -> None:
    years = np.array([0.0, 0.4, 1.1])
    points, stands = pace.Points.among(years, years + 0.5), Stands.of(years, 1.5)
    hyper = pace.fit_hyper(pace.Told.by(points), pace.EVEN, pace.WIDE)
    trend = pace.local_trend(points, hyper, pace.WIDE, 1.5)
    law = RecordLaw(1.6, trend, hyper, WIDE_WAIT.given(stands))
    law.exceedance(np.array([2.0]), years[1:])
    fit_waiting(Watched.of([stands]))
    pool_slopes(Lines.of([pace.Line.through(points)]))
    told = pace.Told.stacked([pace.Told.by(points)])
    pace.learn_hypers(told.under(pace.WIDE))
    fit_mean(years, years + 0.1)
    censored_line_at(years, years, years**2, years, np.zeros(3, np.bool_))
    scores, errors = (0.2, 0.4, 0.5), (0.03, 0.03, 0.03)
    evidence = Evidence(tuple(years.tolist()), scores, errors, 0.0, 0.03, 0.005, 0.44)
    evidence.log_likelihood(np.array([0.9]))


def _levels() -> None:
    some = np.array([0.0, 1.0])
    shares_above(some, some, 1.0)
    record_chances(some, some, some, some, 1.0, 1.0, some + 1)
    joint_chances(np.zeros((2, 2)), np.array([(1, 2)]), some, some, 0.5)
    depths_below(np.ones((1, 4)), 0.0, 1.0, 1.0, 0.5, some, some)
    curves, first = np.zeros((2, 2)), np.zeros(2, dtype=np.intp)
    slopes = monotone_slopes(some[1:], curves)
    mean_and_error(follow_days(curves, slopes, first, some, some, some))
    settled(some, 0.0)
    realised_variance(np.zeros((1, 2)), 1.0, 1.0, 1.0, 1.0)


def _breaks() -> None:
    x = np.arange(10.0)
    one, every = np.ones_like(x), x >= 0
    break_test(x, x + x % 2, one, every, np.random.default_rng(0), n_resamples=9)


if __name__ == "__main__":
    _resamples()
    _records()
    _levels()
    _breaks()
