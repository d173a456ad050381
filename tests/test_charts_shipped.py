"""Charts of the run on the shipped figures: all kinds of series there are."""

import json
from datetime import date

import altair as alt
import polars as pl
import pytest

from trends.outputs import read_table
from trends.pipeline import PublishedRun
from trends.report.charts import Chart
from trends.report.drawn import draw
from trends.tables import (
    CROSSING_CDF,
    CROSSING_SUMMARY,
    OBSERVATIONS,
    PUBLISHED,
    THRESHOLDS,
)

Tables = dict[str, pl.DataFrame]

BYTES_OF_ALL = 1_400_000
"""What the charts may take of a page of 3 MB, of which its JavaScript is 1 MB."""
BYTES_OF_ONE = 35_000


@pytest.fixture(scope="module")
def tables(shipped_run: PublishedRun) -> Tables:
    return {table.name: read_table(shipped_run.path, table) for table in PUBLISHED}


@pytest.fixture(scope="module")
def charts(tables: Tables) -> list[Chart]:
    return list(draw(tables).every())


def test_names_are_unique_and_every_benchmark_has_its_scores(
    tables: Tables, charts: list[Chart]
) -> None:
    names = [chart.name for chart in charts]
    assert len(names) == len(set(names))
    benchmarks = tables[THRESHOLDS.name]["benchmark_id"].unique()
    assert {f"scores-{one}" for one in benchmarks} <= set(names)


def test_charts_are_valid_and_small(charts: list[Chart]) -> None:
    sizes = {chart.name: len(json.dumps(chart.spec)) for chart in charts}
    assert max(sizes.values()) < BYTES_OF_ONE
    assert sum(sizes.values()) < BYTES_OF_ALL
    for chart in charts[::6]:
        alt.LayerChart.from_dict(chart.spec)


def test_every_headline_stands_in_one_ladder_with_its_words(
    tables: Tables, charts: list[Chart]
) -> None:
    ladders = [chart for chart in charts if chart.name.startswith("ladder-")]
    headlines = tables[CROSSING_SUMMARY.name].filter("is_headline")
    assert sum(len(chart.spec["datasets"]["bars"]) for chart in ladders) == len(
        headlines
    )
    words = " ".join(chart.alt for chart in ladders)
    drawn = [row for chart in ladders for row in chart.spec["datasets"]["bars"]]
    for row in headlines.iter_rows(named=True):
        assert str(row["threshold_label"]) in words
        is_told = row["if_ever_label"] is not None and row["p_never"] is not None
        assert str(row["if_ever_label" if is_told else "median_label"]) in words
        (bar,) = [one for one in drawn if one["f"] == row["threshold_label"]]
        is_drawn = row["median_if_ever"] is not None and row["withheld"] is None
        assert bar.get("m") == (str(row["median_if_ever"]) if is_drawn else None)


def test_scores_and_chances_are_in_the_tables(
    tables: Tables, charts: list[Chart]
) -> None:
    observed = tables[OBSERVATIONS.name].select("benchmark_id", "model_name", "score")
    scores = {
        (one, name, float(f"{score:.4g}")) for one, name, score in observed.rows()
    }
    cdf = tables[CROSSING_CDF.name].select(
        "threshold_id", "bar_id", "by_date", "p_crossed"
    )
    chances = {(one, bar, str(day), round(p, 3)) for one, bar, day, p in cdf.rows()}
    for chart in charts:
        kind, _, about = chart.name.partition("-")
        if kind == "scores":
            for row in chart.spec["datasets"]["scores"]:
                assert (about, row["m"], row["s"]) in scores
        if kind == "crossing":
            for row in chart.spec["datasets"]["curves"]:
                assert (about, row["b"], row["d"], row["p"]) in chances


def test_twenty_dots_are_twenty_chances(tables: Tables, charts: list[Chart]) -> None:
    summary = tables[CROSSING_SUMMARY.name].filter("is_headline")
    for chart in charts:
        if not chart.name.startswith("dots-"):
            continue
        of_bar = pl.col("threshold_id") == chart.name.removeprefix("dots-")
        (row,) = summary.filter(of_bar).to_dicts()
        dots = chart.spec["datasets"].get("dots", [])
        beyond = chart.spec["datasets"].get("beyond", [])
        assert len(dots) + len(beyond) == 20
        p_now = row["p_crossed_by_as_of"]
        now = sum(date.fromisoformat(dot["q"]) <= row["as_of"] for dot in dots)
        # a dot stands for a twentieth; days between months' ends lie on a line
        assert abs(now / 20 - p_now) < 0.06
