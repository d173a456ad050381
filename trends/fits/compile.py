"""Compile the engine's kernels into numba's cache: ``python -m trends.fits.compile``.

Done by the set-up, so that no first forecast waits for it. The cache knows when the
kernels or numba change, and then the next fit compiles again.
"""

import numpy as np

from trends.fits.engine import Family, Job, Line, QuantileLine, Sigmoid, refit
from trends.fits.samples import Points, Resampling

if __name__ == "__main__":
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
