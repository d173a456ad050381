"""Each family beside its loop: speed, agreement, and whether the minimum is global."""

import time
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from trends.bench.peers import PEERS, Peer, Rows, optional_peers, sigmoid, silence
from trends.bench.world import InventedSeries, developers_redrawn, without_variance
from trends.dates import DAYS_PER_YEAR
from trends.fits import kernels
from trends.fits.engine import CHUNK, Family, Line, QuantileLine, Sigmoid
from trends.fits.links import Floats
from trends.fits.samples import Points, Resampling
from trends.fits.sigmoid_optimum import SLOPE_HIGH, SLOPE_LOW, box

Report = dict[str, object]

QUANTILE = 0.9
SAME = 1e-6
"""Relative excess of a sum of squares below which it is the same minimum."""


@dataclass(frozen=True)
class Contest:
    """A family, the points it is fitted to, and how its accuracy is judged.

    Attributes:
        name: key in the report.
        family: ours.
        points: of one series.
        loss: of a peer's parameters on the drawn points, where the least loss is
            what is sought; None where parameters are compared.
    """

    name: str
    family: Family
    points: Callable[[InventedSeries], Points]
    loss: Callable[[Floats, Rows], float] | None


CONTESTS = [
    Contest("exponential", Line(), lambda one: without_variance(one.on_logit), None),
    Contest("logistic", Line(), lambda one: one.on_logit, None),
    Contest(
        "logistic3",
        Sigmoid(max_height=1.0),
        lambda one: one.on_score,
        lambda p, rows: float(np.sum((rows.y - sigmoid(rows.x, *p)) ** 2)),
    ),
    Contest(
        "quantile",
        QuantileLine(QUANTILE),
        lambda one: one.on_logit,
        lambda p, rows: _check_loss(rows.y - p[0] - p[1] * rows.x),
    ),
]


def compare(contest: Contest, series: list[InventedSeries], *, rounds: int) -> Report:
    """One family: every round times each series with ours and every peer in turn.

    CPU time of one thread for both. The ratio is that of mean times over the series;
    its median and range are over rounds.
    """
    peers = PEERS[contest.name] + optional_peers().get(contest.name, [])
    ours = [_prepared(contest, one) for one in series]
    for fit_chunk in ours:
        fit_chunk()
    seconds = np.zeros((rounds, 1 + len(peers), len(series)))
    for a_round in range(rounds):
        for j, one in enumerate(series):
            seconds[a_round, 0, j] = _timed(ours[j]) / CHUNK
            for k, peer in enumerate(peers):
                loop = _loop(peer, contest.points(one), a_round)
                seconds[a_round, 1 + k, j] = _timed(loop) / peer.fits_per_series
    reports = [
        _speed(peer.name, seconds[:, 0], seconds[:, 1 + k])
        | _accuracy(contest, peer, series)
        for k, peer in enumerate(peers)
    ]
    return {
        **reports[0],
        "fits_per_s": float(np.median(1 / seconds[:, 0].mean(axis=1))),
        "fits_per_s_range": _range(1 / seconds[:, 0].mean(axis=1)),
        "other_peers": reports[1:],
    }


def global_share(series: list[InventedSeries], *, count: int, density: int) -> Report:
    """Share of resamples in which no denser multistart finds a lower minimum.

    Every resample is polished again from a grid over the whole box, ``density``
    slopes by twice as many midpoints. scipy judges the polish itself in the tests.
    """
    shares = np.array([_global_share(one, count, density) for one in series])
    return {
        "global_share": float(shares.mean()),
        "global_share_worst_series": float(shares.min()),
        "global_resamples_per_series": count,
        "global_starts": 2 * density**2,
    }


def ceiling_share(series: list[InventedSeries], *, count: int) -> Report:
    """How often a free ceiling sits on its bound, where it is not identified."""
    on_bound, failed = [], []
    for one in series:
        values, reasons = _refit(
            Sigmoid(1.0), one.on_score, developers_redrawn(one, count)
        )
        fitted = values[:, 0][np.isfinite(values[:, 0])]
        on_bound.append(np.mean(fitted == 1.0))
        failed.append(np.mean(reasons != kernels.FITTED))
    return {
        "share_with_ceiling_on_bound": float(np.mean(on_bound)),
        "share_failed": float(np.mean(failed)),
        "share_failed_worst_series": float(np.max(failed)),
    }


def _prepared(contest: Contest, one: InventedSeries) -> Callable[[], None]:
    refit = contest.family.prepare(contest.points(one), developers_redrawn(one, CHUNK))
    values = np.empty((CHUNK, len(contest.family.columns)))
    reasons = np.empty(CHUNK, np.int8)
    return lambda: refit(0, values, reasons)


def _refit(
    family: Family, points: Points, resampling: Resampling
) -> tuple[Floats, Floats]:
    values = np.empty((resampling.count, len(family.columns)))
    reasons = np.empty(resampling.count, np.int8)
    family.prepare(points, resampling)(0, values, reasons)
    return values, reasons.astype(np.float64)


def _timed(work: Callable[[], None]) -> float:
    start = time.thread_time()
    work()
    return time.thread_time() - start


def _loop(peer: Peer, points: Points, seed: int) -> Callable[[], None]:
    """The peer's own bootstrap: take the rows of the drawn developers, and fit.

    Which developers are drawn is settled before it is timed; ours draws while timed.
    """
    generator = np.random.default_rng(seed)
    x, y, v = points.years, points.levels, points.variances
    names, cluster = np.unique(points.developers, return_inverse=True)
    rows_of = [np.flatnonzero(cluster == g) for g in range(len(names))]
    usable: list[list[int]] = []
    while len(usable) < peer.fits_per_series:
        picks = generator.integers(0, len(names), len(names)).tolist()
        drawn = np.concatenate([rows_of[g] for g in set(picks)])
        if len(drawn) >= 3 and np.ptp(x[drawn]) > 0:
            usable.append(picks)

    def loop() -> None:
        with silence():
            for picks in usable:
                drawn = np.concatenate([rows_of[g] for g in picks])
                peer.fit(Rows(x[drawn], y[drawn], v[drawn]))

    return loop


def _speed(name: str, ours: Floats, theirs: Floats) -> Report:
    ratios = theirs.mean(axis=1) / ours.mean(axis=1)
    by_series = np.median(theirs / ours, axis=0)
    return {
        "peer": name,
        "ratio": float(np.median(ratios)),
        "ratio_range": _range(ratios),
        "ratio_median_series": float(np.median(by_series)),
        "ratio_series_range": _range(by_series),
        "peer_fits_per_s": float(np.median(1 / theirs.mean(axis=1))),
    }


def _accuracy(contest: Contest, peer: Peer, series: list[InventedSeries]) -> Report:
    """Differences on the same resamples.

    Where a least loss is sought, losses are compared: ``max_rel_diff`` over the
    resamples in which the peer came to the same minimum, and beside it how often it
    did not, and by how much our loss was higher at worst (below 0: never).
    """
    gaps: list[float] = []
    higher: list[float] = []
    for one in series:
        points = contest.points(one)
        count = min(5, peer.fits_per_series)
        values, reasons = _refit(contest.family, points, developers_redrawn(one, count))
        for resample in np.flatnonzero(reasons == kernels.FITTED):
            rows = _drawn(points, developers_redrawn(one, count), int(resample))
            with silence():
                theirs = peer.fit(rows)
            if not np.all(np.isfinite(theirs)):
                continue
            if contest.loss is None:
                mine = values[resample, :2]
                scale = np.maximum(np.abs(theirs), np.abs(theirs).max() * 1e-3)
                gaps.append(float(np.max(np.abs(mine - theirs) / scale)))
                continue
            mine_loss = float(values[resample, -1])
            excess = mine_loss / max(contest.loss(theirs, rows), 1e-300) - 1
            higher.append(excess)
            if abs(excess) < SAME:
                gaps.append(abs(excess))
    report: Report = {
        "max_rel_diff": max(gaps, default=None),
        "median_rel_diff": float(np.median(gaps)) if gaps else None,
        "compared": len(gaps),
    }
    if higher:
        report |= {
            "our_loss_highest_excess": max(higher),
            "share_peer_missed_minimum": float(np.mean(np.array(higher) < -SAME)),
        }
    return report


def _drawn(points: Points, resampling: Resampling, resample: int) -> Rows:
    """Rows of one of the engine's resamples, repeated as often as drawn."""
    block = np.empty((4, len(points.levels), 1))
    m = kernels.draw_points(points.sample, resampling.draw, resample, block)
    copies = block[3, :m, 0].astype(int)
    return Rows(*(np.repeat(block[row, :m, 0], copies) for row in range(3)))


def _global_share(one: InventedSeries, count: int, density: int) -> float:
    points, resampling = one.on_score, developers_redrawn(one, count)
    values, reasons = _refit(Sigmoid(1.0), points, resampling)
    x_first, x_last = points.years.min(), points.years.max()
    bounds = box(points, 1.0)
    slopes = np.geomspace(SLOPE_LOW, SLOPE_HIGH, density)
    starts = np.hstack(
        [
            np.vstack(
                [
                    np.linspace(x_first - 3 / k, x_last + 3 / k, 2 * density),
                    np.full(2 * density, k),
                ]
            )
            for k in slopes
        ]
    )
    starts[0] = np.clip(starts[0], bounds.midpoint_low, bounds.midpoint_high)
    reached = []
    for resample in np.flatnonzero(reasons == kernels.FITTED):
        drawn = _drawn(points, resampling, int(resample))
        zeros = np.zeros_like(drawn.x)
        days = drawn.x * DAYS_PER_YEAR
        rows = kernels.Sample(
            days, days, drawn.y, zeros, zeros, np.zeros(len(days), np.int64), drawn.y
        )
        lowest = kernels.best_sigmoid(rows, bounds, starts)[3]
        reached.append(values[resample, 3] <= lowest * (1 + SAME) + 1e-14)
    return float(np.mean(reached))


def _check_loss(residuals: Floats) -> float:
    return float(np.sum(residuals * np.where(residuals > 0, QUANTILE, QUANTILE - 1.0)))


def _range(values: Floats) -> list[float]:
    return [float(values.min()), float(values.max())]
