"""Bars of 90% and more: reached as often as was said? Measured, kept and shown."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date

import numpy as np
import polars as pl
import pytest
from scipy import stats

from tests.conftest import CHECKOUT
from tests.figures import benchmark, series
from trends.backtest.forecasts import LevelTarget, PastForecast
from trends.backtest.high_bars import measure_high_bars
from trends.crossings.levels import Standing
from trends.crossings.looks import Looks
from trends.fits.links import Floats, Link
from trends.outputs import read_table
from trends.pipeline import PublishedRun
from trends.registry import load_registry
from trends.registry.published import high_bar_rows
from trends.registry.weights import HighBars, dump_weights
from trends.report import REPORT
from trends.report.trials import high_bars
from trends.tables import HIGH_BARS, TREND_FITS
from trends.workspace import Workspace

ORIGIN = date(2026, 1, 1)

Exceedance = Callable[[Floats, int], Floats]
"""P(frontier at or above each level) so many months ahead."""


def _past(
    family: str,
    record: float,
    came: dict[int, float],
    p: float | Exceedance,
    **entry: object,
) -> PastForecast:
    """A forecast of a record, by lead: p for every higher score, or by a law."""
    one = series("quiz", benchmark(family_id=family, **entry))
    standing = Standing(
        Looks(one, pl.DataFrame(), pl.DataFrame({"score": [record]})), ORIGIN
    )
    levels, _ = standing.grid()

    def law(lead: int) -> Floats:
        return np.full(len(levels), p) if isinstance(p, float) else p(levels, lead)

    laws = [standing.law(law(lead)) for lead in came]
    return PastForecast(
        origin=ORIGIN,
        standing=standing,
        level_targets=[LevelTarget(*one) for one in _targets(came)],
        bar_targets=[],
        levels={"records": laws, "drift": laws[::-1]},
        crossings={},
        level_members=[],
        bar_members={},
        drift_fits=TREND_FITS.frame([]),
    )


def _targets(came: dict[int, float]) -> list[tuple[int, date, float]]:
    return [(lead, ORIGIN, score) for lead, score in came.items()]


def test_bars_are_counted_by_hand_once_a_forecast() -> None:
    """Of .92 only .95 lies ahead; .9 exactly is reached; 18 months are not asked."""
    past = [
        _past("one", 0.6, {3: 0.7, 6: 0.9, 18: 0.99}, 0.3),
        _past("one", 0.92, {3: 0.95}, 0.4),
        _past("two", 0.6, {3: 0.6}, 0.25),
    ]
    three, six = measure_high_bars(past)
    assert (three.lead_months, three.said_from, three.said_to) == (3, 0.2, 0.5)
    assert (three.n_forecasts, three.n_families, three.n_families_reached) == (5, 2, 1)
    assert three.said == pytest.approx((0.3 * 2 + 0.4 + 0.25 * 2) / 5)
    assert three.reached == 0.2
    assert three.difference_low is None  # two families tell nothing of others
    assert (six.lead_months, six.said, six.reached, six.n_forecasts) == (6, 0.3, 0.5, 2)


@pytest.mark.parametrize(
    ("said", "band"),
    [
        (0.0, (0.0, 0.05)),
        (0.049, (0.0, 0.05)),
        (0.5, (0.5, 0.8)),
        (0.81, (0.8, 1.0)),
        (1.0, (0.8, 1.0)),
    ],
)
def test_what_was_said_lies_in_its_band(said: float, band: tuple[float, float]) -> None:
    (row,) = measure_high_bars([_past("one", 0.6, {3: 0.7}, said)])
    assert (row.said_from, row.said_to) == band
    assert row.said == said


def test_people_views_bars_behind_and_series_without_a_law_have_no_say() -> None:
    ours = _past("one", 0.6, {3: 0.7}, 0.3)
    view = replace(ours.standing.series, series_id="quiz-open")
    of_view = replace(ours.standing.figures, series=view)
    nobody = [
        _past("one", 0.96, {3: 0.99}, 0.3),
        _past("one", 0.6, {3: 0.7}, 0.3, moved_by="people"),
        replace(ours, standing=replace(ours.standing, figures=of_view)),
        replace(ours, levels={"drift": ours.levels["drift"]}),
    ]
    assert measure_high_bars(nobody) == []
    assert len(measure_high_bars([ours, *nobody])) == 1


def _walks(n_families: int, *, pace_said: float) -> Sequence[PastForecast]:
    """Frontiers that rise each quarter by an exponential step, and their forecasts.

    They are forecast each quarter until both bars are behind them, with ``pace_said``
    times the pace that they have.
    """
    rng = np.random.default_rng(7)
    link = Link.of(benchmark(), 1.0)
    past = []
    for family in range(n_families):
        pace = rng.uniform(0.1, 0.8)
        start = link.of_scores(np.array([rng.uniform(0.5, 0.9)]))
        path = start + np.cumsum(rng.exponential(pace, 24))
        scores = link.to_scores(path)

        def law(levels: Floats, lead: int, pace: float = pace) -> Floats:
            rises = (levels - levels[0]) / (pace * pace_said)
            return np.asarray(stats.gamma.sf(rises, lead / 3))

        for now in range(20):
            if scores[now] < 0.95:
                came = {3: float(scores[now + 1]), 6: float(scores[now + 2])}
                past.append(_past(f"f{family}", float(scores[now]), came, law))
    return past


def test_a_law_that_is_right_is_reliable_in_every_band() -> None:
    rows = measure_high_bars(_walks(160, pace_said=1.0))
    assert [(one.lead_months, one.said_from) for one in rows] == [
        (lead, low) for lead in (3, 6) for low in (0.0, 0.05, 0.2, 0.5, 0.8)
    ]
    for row in rows:
        assert row.said == pytest.approx(row.reached, abs=0.05)
        assert row.difference_low is not None
        assert row.difference_high is not None
    held = [one.difference_low <= 0 <= one.difference_high for one in rows]  # type: ignore[operator]
    assert sum(held) >= len(rows) - 1


def test_a_law_that_runs_ahead_is_seen_to() -> None:
    rows = measure_high_bars(_walks(160, pace_said=1.5))
    middle = [one for one in rows if 0.05 <= one.said_from < 0.8]
    for row in middle:
        assert row.difference_low is not None
        assert row.difference_low > 0
        assert row.said - row.reached > 0.05


def _row(**changes: object) -> HighBars:
    row: dict[str, object] = {
        "trend": "records",
        "lead_months": 6,
        "said_from": 0.05,
        "said_to": 0.2,
        "said": 0.13,
        "reached": 0.15,
        "difference_low": -0.08,
        "difference_high": 0.05,
        "n_forecasts": 96,
        "n_families": 24,
        "n_families_reached": 8,
    }
    return HighBars.model_validate(row | changes)


def test_what_was_measured_is_kept_a_row_a_line_and_published(
    workspace: Workspace,
) -> None:
    weights = load_registry(workspace.registry).weights
    assert weights is not None
    assert weights.published_width is not None
    rows = (_row(), _row(said_from=0.2, said_to=0.5, difference_low=None))
    wide = weights.published_width.model_copy(update={"high_bars": rows})
    kept = weights.model_copy(update={"published_width": wide})
    text = dump_weights(kept)
    assert text.count("- {trend: records, lead_months: 6, said_from: ") == 2
    (workspace.registry / "weights.yaml").write_text(text)
    registry = load_registry(workspace.registry)
    assert registry.weights == kept
    first, second = high_bar_rows(registry)
    assert first["said_less_reached_lo95"] == -0.08
    assert second["said_less_reached_lo95"] is None
    assert first["backtest_id"] == wide.backtest_id
    missing = set(HIGH_BARS.frame([]).columns) - set(first)
    assert missing == {"as_of", "run_id", "contract_version"}


def test_the_report_has_a_row_a_band() -> None:
    stamps = {"as_of": ORIGIN, "run_id": "r", "contract_version": "2.0"}
    row = _row().model_dump(mode="json", exclude={"difference_low", "difference_high"})
    ends = {"said_less_reached_lo95": -0.08, "said_less_reached_hi95": -0.001}
    cells = row | ends | stamps | {"backtest_id": "0" * 12}
    one = high_bars({HIGH_BARS.name: HIGH_BARS.frame([cells])})
    assert one is not None
    assert [cell.text for cell in one.rows[0]] == [
        "6 months",
        "5 and 20%",
        "13%",
        "15%",
        "-2 (-8 to -0)",
        "96",
        "8 of 24",
    ]
    assert high_bars({HIGH_BARS.name: HIGH_BARS.frame([])}) is None
    assert high_bars({}) is None


def test_a_run_publishes_and_shows_what_the_registry_has(
    shipped_run: PublishedRun,
) -> None:
    registry = load_registry(CHECKOUT / "data" / "registry")
    assert registry.weights is not None
    measured = registry.weights.published_width
    assert measured is not None
    published = read_table(shipped_run.path, HIGH_BARS)
    columns = ("lead_months", "said_from", "said", "reached", "n_families_reached")
    assert published.select(columns).rows() == [
        tuple(getattr(one, name) for name in columns) for one in measured.high_bars
    ]
    text = (shipped_run.path / REPORT).read_text()
    shown = high_bars({HIGH_BARS.name: published})
    assert ("Bars of 90% and more" in text) == (shown is not None)
    if shown is not None:
        assert f"<caption>{shown.caption}</caption>" in text
