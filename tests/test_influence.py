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
from trends.words import influence_lines, leaning, run_influence_lines
from trends.words.moves import move_size
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


@pytest.mark.parametrize("trend", ["drift", "records"])
def test_when_and_never_move_as_in_runs_without_each_family(trend: str) -> None:
    """Named is the one whose absence moves most, of days and of never."""
    drifts = {"target": 0.25, "a": 0.1, "b": 0.5, "c": 0.3, "d": 0.9, "wild": 2.0}
    world = _world(drifts, trend=trend, trends=[trend], ahead=1.5)
    row = world.summary(n_tried=99).row(0, named=True)
    moves = {}
    for family in set(drifts) - {"target"}:
        without = world.without(family).summary().row(0, named=True)
        days = (without["median_if_ever"] - row["median_if_ever"]).days
        moves[family] = (days, without["p_never"] - row["p_never"])
    most = max(moves, key=lambda one: move_size(*moves[one]))
    assert row["pool_influence_if_ever_family"] == most
    days, never = moves[most]
    assert row["pool_influence_if_ever_days"] == days != 0
    assert row["pool_influence_p_never"] == pytest.approx(never, abs=1e-12)
    # of the drift, a slope may be one at which the bar is never reached
    assert (never != 0) == (trend == "drift")


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
    names = ("pool_influence_family", "pool_influence_if_ever_family")
    for family in {one for name in names for one in headlines[name].drop_nulls()}:
        rows = headlines.filter(pl.any_horizontal(pl.col(names) == family))
        keys = rows.select("threshold_id", "bar_id", "trend").rows()
        again = rerun(_lean(inputs, family), keys).summary
        moved = rows.join(again, on=["threshold_id", "bar_id", "trend"]).with_columns(
            *(
                (pl.col(f"{one}_right") - pl.col(one)).dt.total_days().alias(name)
                for name, one in (
                    ("days", "median_date"),
                    ("if_ever", "median_if_ever"),
                )
            ),
            never=pl.col("p_never_right") - pl.col("p_never"),
        )
        assert moved.height == rows.height
        for name, column, found in (
            (names[0], "pool_influence_days", "days"),
            (names[1], "pool_influence_if_ever_days", "if_ever"),
            (names[1], "pool_influence_p_never", "never"),
        ):
            named = moved.filter(pl.col(name) == family)
            assert named[found].to_list() == named[column].to_list()


def test_no_family_moves_a_shipped_date_if_ever_by_more_than_60_days_or_never_at_all(
    headlines: pl.DataFrame,
) -> None:
    """A ceiling is judged, and learns from the scores below it alone."""
    days = headlines["pool_influence_if_ever_days"].drop_nulls().abs().to_list()
    assert len(days) > 30
    assert 0 < max(days) <= LARGE_DAYS
    assert headlines["pool_influence_if_ever_family"].is_not_null().sum() > 30
    assert not any(headlines["pool_influence_p_never"].drop_nulls())


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
    for name in (
        "pool_influence_days",
        "pool_influence_if_ever_days",
        "pool_influence_p_never",
    ):
        found, largest = (one.get_column(name).abs() for one in (headlines, tried))
        assert found.is_null().to_list() == largest.is_null().to_list()
        assert (largest - found).is_between(0, 7).sum() == len(found.drop_nulls())


def test_a_run_says_what_it_leans_on(shipped_run: PublishedRun) -> None:
    readme = (shipped_run.path / "README.md").read_text()
    headlines = read_table(shipped_run.path, CROSSING_SUMMARY).filter("is_headline")
    lines = run_influence_lines(headlines.to_dicts())
    assert lines
    assert all(line in readme for line in lines)


def _row(
    label: str,
    days: int | None,
    never: float | None,
    family: str | None,
    if_ever: date | None = date(2027, 1, 5),
) -> dict[str, object]:
    return {
        "threshold_label": label,
        "superseded_by": None,
        "pool_influence_if_ever_days": days,
        "pool_influence_p_never": never,
        "pool_influence_if_ever_family": family,
        "median_if_ever": if_ever,
        "p_never": 0.2,
    }


SMALL = [
    _row("Maze", 0, 0.0, None),
    _row("Quiz", -41, 0.004, "a"),
    _row("Test", 60, 0.1, "b"),
    _row("None", None, None, None, None),
]


def test_only_moves_above_60_days_or_10_points_of_never_have_a_line() -> None:
    rows = [
        *SMALL,
        _row("Long", 61, 0.0, "c"),
        _row("Back", -98, -0.03, "d"),
        _row("High", 0, 0.11, "e"),
        _row("Gone", None, 0.04, "f"),
        _row("Come", None, None, "g", None),
    ]
    lines = [
        "Pool: Long: without c the date if ever is 61 days later, never stays 20%",
        (
            "Pool: Back: without d the date if ever is 98 days earlier, "
            "never 3 points less likely"
        ),
        "Pool: High: without e the date if ever stays, never 11 points likelier",
        "Pool: Gone: without f there is no date if ever",
        "Pool: Come: without g there is a date if ever",
    ]
    assert list(influence_lines(rows)) == lines
    assert run_influence_lines(rows) == lines
    assert len(leaning(rows)) == len(lines)


def test_where_none_moves_so_far_a_run_says_what_moves_most() -> None:
    replaced = _row("Old", 99, 0.0, "c") | {"superseded_by": "new"}
    assert leaning([replaced, *SMALL]) == []
    (line,) = run_influence_lines([replaced, *SMALL])
    assert line == (
        "Pool: no other family of benchmarks, left out, moves the date if ever of a "
        "headline by more than 60 days, or never by more than 10 points. What moves "
        "most: Test: without b the date if ever is 60 days later, never 10 points "
        "likelier"
    )
    assert run_influence_lines([replaced, SMALL[0]]) == []
