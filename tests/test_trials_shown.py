"""How long records stood, and the contest: measured, kept, published and shown."""

import json
from dataclasses import replace
from datetime import date

import polars as pl
import pytest

from tests.conftest import CHECKOUT
from tests.figures import benchmark, scores, series
from tests.report_text import report_text
from trends.backtest.forecasts import LevelTarget, PastForecast
from trends.backtest.records_stood import measure_stood
from trends.cli.screens.notes import notes
from trends.crossings.levels import Standing
from trends.crossings.looks import Looks
from trends.frontier import select_frontier
from trends.outputs import read_table
from trends.pipeline import PublishedRun
from trends.registry import RegistryError, load_registry
from trends.registry.contests import (
    FILE,
    ContestResult,
    Contests,
    PlayedContest,
    dump_contests,
)
from trends.report.trials import contests, stood
from trends.tables import CONTEST, RECORDS_STOOD, THRESHOLDS, TREND_FITS
from trends.words import contest_lines, stood_sentence
from trends.workspace import Workspace

ORIGIN = date(2026, 1, 1)


def _past(family: str, p: float, *observed: float, **entry: object) -> PastForecast:
    """A forecast of a record of .6 that stands with probability p, however long."""
    one = series("quiz", benchmark(family_id=family, **entry))
    points = scores([(date(2025, 10, 1), 0.6)], name="quiz")
    grid = Standing(Looks(one, points, select_frontier(points, [one])), ORIGIN)
    levels, _ = grid.grid()
    law = grid.law(1.0 - (p + (1 - p) * (levels > levels[0])))
    return PastForecast(
        origin=ORIGIN,
        standing=grid,
        level_targets=[
            LevelTarget(lead, ORIGIN, score)
            for lead, score in zip((3, 6, 18), observed, strict=False)
        ],
        bar_targets=[],
        levels={"records": [law] * len(observed), "drift": [law] * len(observed)},
        crossings={},
        level_members=[],
        bar_members={},
        drift_fits=TREND_FITS.frame([]),
    )


def test_records_that_stood_are_counted_by_hand_one_vote_a_family() -> None:
    """Three forecasts of one family count as much as one of another."""
    past = [
        *(_past("one", 0.2, 0.6, 0.7, 0.9) for _ in range(3)),
        _past("two", 0.6, 0.65),
    ]
    three, six = measure_stood(past)
    assert (three.lead_months, three.n_forecasts, three.n_families) == (3, 4, 2)
    assert (three.said, three.stood) == (0.4, 0.5)
    assert three.difference_low is None  # two families tell nothing of others
    assert (six.lead_months, six.said, six.stood, six.n_families) == (6, 0.2, 0.0, 1)


def test_scores_by_release_and_by_report_are_counted_apart() -> None:
    late = _past("one", 0.2, 0.6)
    entry = late.standing.series.benchmark.model_copy(update={"final_vintage": True})
    of_late = replace(late.standing.series, benchmark=entry)
    figures = replace(late.standing.figures, series=of_late)
    late = replace(late, standing=replace(late.standing, figures=figures))
    found = measure_stood([late, _past("two", 0.3, 0.7)])
    assert [(one.cut_on, one.stood) for one in found] == [
        ("release_date", 1.0),
        ("reported_on", 0.0),
    ]


def test_with_families_enough_the_difference_has_an_interval() -> None:
    past = [_past(f"f{k}", 0.1 * k, 0.6 if k % 2 else 0.7) for k in range(8)]
    (row,) = measure_stood(past)
    assert row.difference_low is not None
    assert row.difference_high is not None
    assert row.difference_low < row.said - row.stood < row.difference_high


def _result(forecaster: str, **changes: object) -> dict[str, object]:
    row: dict[str, object] = {
        "target": "record",
        "forecaster": forecaster,
        "label": f"peer: {forecaster}",
        "n_cases": 9,
        "n_families": 3,
        "crps": 0.05,
        "rmse": 0.1,
        "held80": 0.8,
        "claimed80": 0.9,
        "less_headline": None,
        "less_headline_low": None,
        "less_headline_high": None,
    }
    return row | changes


def _played(panel: str, *results: dict[str, object]) -> PlayedContest:
    return PlayedContest(
        panel=panel,
        panel_sha256="aa",
        code_sha256="bb",
        headline_trend="records",
        verdict="The headline (records) is ahead: by far.",
        n_held_out=6,
        peers_left_out=None,
        results=[ContestResult.model_validate(one) for one in results],
    )


def test_a_contest_takes_the_place_of_the_last_one_on_its_panel(
    workspace: Workspace,
) -> None:
    first = _played("one.csv", _result("headline"))
    both = Contests(schema_version=1, contests=[first, _played("two.csv")])
    again = _played("one.csv", _result("headline", crps=0.04), _result("drift"))
    now = both.with_played(again)
    assert [one.panel for one in now.contests] == ["one.csv", "two.csv"]
    assert now.contests[0] == again
    (workspace.registry / FILE).write_text(dump_contests(now))
    assert load_registry(workspace.registry).contests == now


def test_what_stands_twice_is_named_with_its_line(workspace: Workspace) -> None:
    twice = _played("one.csv", _result("drift"), _result("drift"))
    broken = Contests.model_construct(schema_version=1, contests=[twice, twice])
    (workspace.registry / FILE).write_text(dump_contests(broken))
    with pytest.raises(RegistryError) as raised:
        load_registry(workspace.registry)
    said = str(raised.value)
    assert "drift stands twice on record" in said
    assert "one.csv stands twice" in said
    assert f"{FILE}:" in said


def test_a_registry_without_contest_or_measure_publishes_empty_tables() -> None:
    none = {
        RECORDS_STOOD.name: RECORDS_STOOD.frame([]),
        CONTEST.name: CONTEST.frame([]),
    }
    for tables in (none, {}):
        assert stood(tables) is None
        assert contests(tables) == []
    assert stood_sentence(none[RECORDS_STOOD.name]) == ""
    assert list(contest_lines(none[CONTEST.name])) == []


@pytest.fixture(scope="module")
def tables(shipped_run: PublishedRun) -> dict[str, pl.DataFrame]:
    return {
        table.name: read_table(shipped_run.path, table)
        for table in (RECORDS_STOOD, CONTEST, THRESHOLDS)
    }


def test_a_run_publishes_what_the_registry_has(
    tables: dict[str, pl.DataFrame],
) -> None:
    registry = load_registry(CHECKOUT / "data" / "registry")
    assert registry.weights is not None
    assert registry.contests is not None
    measured = registry.weights.published_width
    assert measured is not None
    kept = {
        (one.scale, one.cut_on, one.lead_months): (one.said, one.stood)
        for one in measured.records_stood
    }
    assert kept
    shown = tables[RECORDS_STOOD.name]
    columns = ("scale", "cut_on", "lead_months", "said", "stood")
    assert {tuple(row[:3]): tuple(row[3:]) for row in shown.select(columns).rows()} == (
        kept
    )
    played = {
        (one.panel, row.target, row.forecaster, row.crps, row.less_headline)
        for one in registry.contests.contests
        for row in one.results
    }
    columns = ("panel", "target", "forecaster", "crps", "less_headline")
    assert set(tables[CONTEST.name].select(columns).rows()) == played


def test_the_report_and_the_notes_of_a_terminal_have_both(
    shipped_run: PublishedRun, tables: dict[str, pl.DataFrame]
) -> None:
    text = report_text(shipped_run.path).replace("&#39;", "'")
    long, played = stood(tables), contests(tables)
    assert long is not None
    assert len(long.rows) == tables[RECORDS_STOOD.name].height
    assert f"<caption>{long.caption}</caption>" in text
    assert len(played) == tables[CONTEST.name]["panel"].n_unique()
    said = list(notes(shipped_run.path))
    assert stood_sentence(tables[RECORDS_STOOD.name]) in said
    for one in played:
        assert f"<p>{one.sentence}</p>" in text
        assert f"<caption>{one.results.caption}</caption>" in text
        assert one.sentence in said
        ours = [row for row in one.results.rows if row[0].text.startswith("headline")]
        assert len(ours) == 1  # the headline's trend stands once


def test_a_bar_has_the_records_of_its_scale_and_trend(
    shipped_run: PublishedRun, tables: dict[str, pl.DataFrame]
) -> None:
    by_scale = tables[RECORDS_STOOD.name].group_by("scale").len()
    n_rows = dict(by_scale.iter_rows())
    headlines = tables[THRESHOLDS.name].filter("is_headline")
    seen = set()
    for row in headlines.iter_rows(named=True):
        name = f"{row['threshold_id']}.{row['bar_id']}.json"
        page = json.loads((shipped_run.path / "bars" / name).read_text())
        scale = "bounded" if row["score_unit"] == "fraction" else "unbounded"
        n = n_rows.get(scale, 0) if row["headline_trend"] == "records" else 0
        assert len(page["coverage"]["records_stood"]) == n
        seen.add((scale, row["headline_trend"]))
    assert {("bounded", "records"), ("unbounded", "records")} < seen
