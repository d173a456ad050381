"""How far one family moves a headline: the one that does is named, and by how much."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

import numpy as np
import polars as pl
import pytest

from tests.figures import benchmark, positive, scores, series
from trends.changes import Inputs, load_inputs
from trends.changes.attribution import rerun
from trends.crossings import Vintage, cross_bars, with_pool_influence
from trends.crossings.influence import N_TRIED
from trends.fits import fit_trends
from trends.frontier import select_frontier, select_series_scores
from trends.outputs import read_table
from trends.pipeline import PublishedRun
from trends.registry import Registry
from trends.registry.models import Benchmark, Threshold
from trends.registry.series import Series, every_series, select_series
from trends.tables import CROSSING_SUMMARY
from trends.words import influence_lines
from trends.words.notes import LARGE_DAYS

AS_OF = date(2026, 12, 31)
START = date(2024, 1, 1)
LOOKS = [START + timedelta(days=45 * k) for k in range(17)]
Found = tuple[date | None, int | None, str | None]


def _threshold(bar: float, trend: str = "drift") -> Threshold:
    return Threshold.model_validate(
        {
            "schema_version": 1,
            "id": "target",
            "version": 1,
            "title": "Target",
            "status": "active",
            "owner": "@org/team",
            "series": {"benchmark": "target"},
            "operationalisation": "x",
            "why_it_matters": "x",
            "bars": [
                {
                    "id": "bar",
                    "value": bar,
                    "label": "a bar",
                    "basis": "project_choice",
                    "headline": True,
                }
            ],
            "trends": [trend],
            "headline_trend": trend,
            "projection_end": "2050-12-31",
            "changelog": [{"version": 1, "date": "2026-11-22", "why": "x"}],
        }
    )


@dataclass(frozen=True)
class World:
    """Series, all their scores, and one bar of the series ``target``."""

    series: Sequence[Series]
    scores: pl.DataFrame
    threshold: Threshold

    def without(self, family: str) -> "World":
        left = [one for one in self.series if one.benchmark.family_id != family]
        names = [one.series_id for one in left]
        return replace(
            self,
            series=left,
            scores=self.scores.filter(pl.col("series_id").is_in(names)),
        )

    def summary(self, n_tried: int | None = None) -> pl.DataFrame:
        """CROSSING_SUMMARY, with influences where ``n_tried`` is given."""
        frontier = select_frontier(self.scores, self.series)
        fits = fit_trends(
            frontier,
            self.scores,
            self.series,
            wanted=["target"],
            as_of=AS_OF,
            run_id="0" * 12,
            missing={},
        )
        target = next(one for one in self.series if one.series_id == "target")
        thresholds = [(self.threshold, target)]
        vintage = Vintage(as_of=AS_OF, run_id="0" * 12, seed=1, n_draws=400)
        found = cross_bars(fits, self.scores, frontier, thresholds, vintage=vintage)
        if n_tried is None:
            return found.summary
        return with_pool_influence(
            found.summary,
            trend_fits=fits,
            series_scores=self.scores,
            frontier=frontier,
            series=self.series,
            thresholds=thresholds,
            vintage=vintage,
            n_tried=n_tried,
        )

    def found(self, n_tried: int = N_TRIED) -> Found:
        row = self.summary(n_tried).row(0, named=True)
        return (
            row["median_date"],
            row["pool_influence_days"],
            row["pool_influence_family"],
        )

    def median(self) -> date | None:
        day: date | None = self.summary().row(0, named=True)["median_date"]
        return day


def _world(
    drifts: Mapping[str, float],
    *,
    seed: int = 1,
    sigma: float = 0.5,
    lower_is_better: bool = False,
    trend: str = "drift",
    ahead: float = 6.0,
    **changes: object,
) -> World:
    """Walks in ln, looked at every 45 days; the bar stands ``ahead`` of the target."""
    generator = np.random.default_rng(seed)
    sign = -1.0 if lower_is_better else 1.0
    direction = "lower" if lower_is_better else "higher"
    everything, frames, best = [], [], 0.0
    for name, drift in drifts.items():
        entry = positive(
            family_id=name,
            observed_through=LOOKS[-1],
            direction=direction,
            **({"trends": ["drift", "exponential"]} | changes),
        )
        gaps = np.diff([(day - START).days for day in LOOKS]) / 365.25
        steps = generator.normal(drift * gaps, sigma * np.sqrt(gaps))
        levels = np.concatenate([[3.0], 3.0 + np.cumsum(steps)])
        best = max(levels) if name == "target" else best
        everything.append(series(name, entry))
        points = zip(LOOKS, np.exp(sign * levels).tolist(), strict=True)
        frames.append(scores(list(points), name=name))
    bar = float(np.exp(sign * (best + ahead)))
    return World(everything, pl.concat(frames), _threshold(bar, trend))


CALM = {"target": 1.0, "a": 1.0, "b": 1.2, "c": 0.9, "d": 1.1, "e": 1.0}


@pytest.mark.parametrize("trend", ["drift", "records"])
@pytest.mark.parametrize("lower_is_better", [False, True])
def test_the_family_that_moves_most_is_named_as_a_run_without_it_would(
    *, lower_is_better: bool, trend: str
) -> None:
    """One of seven drifts is far off; what it moves is what a real run without it says."""
    world = _world(
        CALM | {"wild": 9.0},
        lower_is_better=lower_is_better,
        trend=trend,
        trends=[trend],
    )
    median, days, family = world.found()
    assert family == "wild"
    without = world.without("wild").median()
    assert median is not None
    assert without is not None
    assert days == (without - median).days
    assert abs(days) > 30


def test_both_directions_tell_the_same_of_mirrored_scores() -> None:
    drifts = CALM | {"wild": 9.0}
    assert _world(drifts).found() == _world(drifts, lower_is_better=True).found()


@pytest.mark.parametrize("seed", range(6))
def test_those_left_untried_would_move_it_less(seed: int) -> None:
    """Among 14 families that differ little, where a closed form is hardest put."""
    generator = np.random.default_rng(seed)
    drifts = {f"family_{k:02}": float(generator.normal(1.2, 0.4)) for k in range(14)}
    world = _world({"target": 1.0} | drifts, seed=seed)
    assert world.found() == world.found(n_tried=99)


def test_of_records_those_left_untried_move_it_hardly_more() -> None:
    """To first order: what was not tried moves the median by a week more at most."""
    generator = np.random.default_rng(5)
    drifts = {f"family_{k:02}": float(generator.normal(1.2, 0.4)) for k in range(14)}
    world = _world({"target": 1.0} | drifts, trend="records", trends=["records"])
    (_, found, _), (_, largest, _) = world.found(), world.found(n_tried=99)
    assert found is not None
    assert largest is not None
    assert 0 <= abs(largest) - abs(found) <= 7


@pytest.mark.parametrize("n_others", [3, 4, 5, 6])
def test_where_the_pool_would_be_another_everybody_in_it_is_tried(
    n_others: int,
) -> None:
    """Two others are no pool, four of a domain are not pooled apart: nobody foretells."""
    drifts = {f"coder_{k}": 0.8 + 0.3 * k for k in range(n_others)}
    world = _world({"target": 1.0} | drifts)
    far = _world({f"other_{k}": 4.0 + k for k in range(4)}, domain="paper_replication")
    if n_others > 3:
        world = replace(
            world,
            series=[*world.series, *far.series],
            scores=pl.concat([world.scores, far.scores]),
        )
    assert world.found(n_tried=1) == world.found(n_tried=99)


@pytest.mark.parametrize("mover", [{"moved_by": "people"}, {"measured_by": "period"}])
def test_what_is_on_another_scale_or_moved_by_others_is_never_named(
    mover: dict[str, str],
) -> None:
    world = _world(CALM)
    bounded = series("share", benchmark(family_id="share", observed_through=LOOKS[-1]))
    shares = [(day, 0.02 + 0.05 * k) for k, day in enumerate(LOOKS)]
    people = series(
        "people",
        positive(family_id="people", observed_through=LOOKS[-1], **mover),
    )
    leaps = [(day, float(np.exp(2 * k))) for k, day in enumerate(LOOKS)]
    larger = replace(
        world,
        series=[*world.series, bounded, people],
        scores=pl.concat(
            [world.scores, scores(shares, name="share"), scores(leaps, name="people")]
        ),
    )
    assert larger.found(n_tried=99) == world.found(n_tried=99)


@pytest.mark.parametrize("mover", [{"moved_by": "people"}, {"measured_by": "period"}])
def test_a_series_that_people_or_a_company_move_leans_on_nobody(
    mover: dict[str, Any],
) -> None:
    median, days, family = _world(CALM, **mover).found()
    assert median is not None
    assert (days, family) == (0, None)


def test_a_family_without_which_there_is_no_date_is_named_without_days() -> None:
    """One record and three others: without any of them nothing is estimated."""
    world = _world({"target": 1.0, "a": 1.0, "b": 1.3, "c": 1.1}, ahead=1.0)
    first = world.scores.filter(
        (pl.col("series_id") != "target") | (pl.col("frontier_date") == START)
    )
    alone = replace(world, scores=first, threshold=_threshold(float(np.exp(4.0))))
    median, days, family = alone.found()
    assert median is not None
    assert days is None
    assert family is not None
    assert alone.without(family).median() is None


def test_a_crossed_bar_leans_on_nobody() -> None:
    assert _world(CALM, ahead=-0.1).found()[1:] == (None, None)


def test_a_line_leans_on_nobody() -> None:
    assert _world(CALM, trend="exponential").found()[1:] == (None, None)


def test_an_ensemble_leans_through_the_drift_in_it() -> None:
    world = _world(CALM | {"wild": 9.0}, trend="ensemble", ahead=2.0)
    median, days, family = world.found(n_tried=99)
    without = world.without(str(family)).median()
    assert median is not None
    assert without is not None
    assert days == (without - median).days != 0


# On the shipped figures


@pytest.fixture(scope="module")
def inputs(shipped_run: PublishedRun) -> Inputs:
    return load_inputs(shipped_run.path)


@pytest.fixture(scope="module")
def headlines(shipped_run: PublishedRun) -> pl.DataFrame:
    return read_table(shipped_run.path, CROSSING_SUMMARY).filter("is_headline")


def _lean(inputs: Inputs, family: str) -> Inputs:
    """As if the family had never been."""
    benchmarks: dict[str, Benchmark] = {
        name: one
        for name, one in inputs.registry.benchmarks.items()
        if one.family_id != family
    }
    thresholds = {
        name: one
        for name, one in inputs.registry.thresholds.items()
        if one.series.benchmark in benchmarks
    }
    registry: Registry = replace(
        inputs.registry, benchmarks=benchmarks, thresholds=thresholds
    )
    left = pl.col("benchmark_id").is_in(list(benchmarks))
    return replace(
        inputs, observations=inputs.observations.filter(left), registry=registry
    )


def test_influences_are_those_of_runs_without_the_family(
    inputs: Inputs, headlines: pl.DataFrame
) -> None:
    """Every headline, redrawn release dates, ceilings and views included."""
    named = headlines.filter(pl.col("pool_influence_family").is_not_null())
    assert named.height > 15
    for (family,), rows in named.group_by("pool_influence_family"):
        keys = rows.select("threshold_id", "bar_id", "trend").rows()
        again = rerun(_lean(inputs, str(family)), keys).summary
        moved = rows.join(again, on=["threshold_id", "bar_id", "trend"]).select(
            "threshold_id",
            "pool_influence_days",
            "pool_influence_if_ever_days",
            *(
                (pl.col(f"{one}_right") - pl.col(one)).dt.total_days().alias(name)
                for name, one in (
                    ("days", "median_date"),
                    ("if_ever", "median_if_ever"),
                )
            ),
        )
        assert moved.height == rows.height
        assert moved["days"].to_list() == moved["pool_influence_days"].to_list()
        # another family may move that more
        most = moved["pool_influence_if_ever_days"].abs()
        assert (moved["if_ever"].abs() <= most).all()


def test_no_family_moves_a_shipped_date_if_ever_by_more_than_60_days(
    headlines: pl.DataFrame,
) -> None:
    days = headlines["pool_influence_if_ever_days"].drop_nulls().abs().to_list()
    assert len(days) > 30
    assert 0 < max(days) <= LARGE_DAYS


def test_no_family_left_untried_moves_a_shipped_headline_more(
    inputs: Inputs, headlines: pl.DataFrame
) -> None:
    registry = inputs.registry
    everything = every_series(registry)
    thresholds = [
        (one, select_series(one.series, registry))
        for one in registry.thresholds.values()
        if one.status == "active"
    ]
    series_scores = select_series_scores(inputs.observations, everything)
    frontier = select_frontier(series_scores, everything)
    vintage = Vintage(
        as_of=inputs.as_of,
        run_id="0" * 12,
        seed=inputs.seed,
        n_draws=inputs.n_draws,
        weights=registry.weights,
    )
    tried = with_pool_influence(
        headlines,
        trend_fits=pl.DataFrame(schema={"series_id": pl.String, "trend": pl.String}),
        series_scores=series_scores,
        frontier=frontier,
        series=everything,
        thresholds=thresholds,
        vintage=vintage,
        n_tried=99,
    )
    # what seems to move records most does so to first order: it is out by days
    for name in ("pool_influence_days", "pool_influence_if_ever_days"):
        found, largest = (one.get_column(name).abs() for one in (headlines, tried))
        assert found.is_null().to_list() == largest.is_null().to_list()
        assert (largest - found).is_between(0, 7).sum() == len(found.drop_nulls())


def test_a_run_says_what_it_leans_on(shipped_run: PublishedRun) -> None:
    readme = (shipped_run.path / "README.md").read_text()
    headlines = read_table(shipped_run.path, CROSSING_SUMMARY).filter("is_headline")
    lines = list(influence_lines(headlines.to_dicts()))
    assert lines
    assert all(line in readme for line in lines)


def test_only_moves_above_60_days_have_a_line() -> None:
    day = date(2027, 1, 5)
    cells: list[tuple[int | None, str | None, date | None]]
    cells = [(60, "a", day), (61, "b", day), (-98, "c", day), (0, None, day)]
    cells += [(None, "d", day), (None, "e", None), (None, None, None)]
    rows = [
        {
            "threshold_label": "Suite: bar",
            "pool_influence_days": days,
            "pool_influence_family": family,
            "median_date": median,
        }
        for days, family, median in cells
    ]
    assert list(influence_lines(rows)) == [
        "Pool: Suite: bar: without b the median is 61 days later",
        "Pool: Suite: bar: without c the median is 98 days earlier",
        "Pool: Suite: bar: without d there is no median date",
        "Pool: Suite: bar: without e there is a median date",
    ]
