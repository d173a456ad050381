"""Charts: what they draw is in the tables, and they draw the same every time."""

import json
import re
from collections.abc import Iterator
from datetime import date
from xml.etree import ElementTree as ET

import altair as alt
import polars as pl
import pytest

from tests.chart_tables import (
    CHANCES,
    IF_EVER,
    LEVELS,
    automation,
    bar,
    chart_tables,
    score,
    vintage,
)
from tests.output_runs import AS_OF, plausible_tables
from trends.report.charts import (
    DARK,
    LIGHT,
    Bars,
    Chart,
    benchmark,
    calibration,
    ladder,
    outlook,
    scenario,
    to_png,
    to_svg,
)
from trends.report.charts.chart import SCHEMA, thinned
from trends.report.charts.labels import label_spots
from trends.report.drawn import draw
from trends.tables import (
    AUTOMATION,
    CROSSING_SUMMARY,
    HISTORY,
    OBSERVATIONS,
    THRESHOLDS,
)
from trends.words import percent

Tables = dict[str, pl.DataFrame]
LAST = date(2036, 12, 31)
"""End of an axis of dates, ten years after the vintage."""


@pytest.fixture(scope="module")
def tables() -> Tables:
    return chart_tables()


def named(tables: Tables, name: str) -> Chart:
    return next(chart for chart in draw(tables).every() if chart.name == name)


def rows(chart: Chart | None, dataset: str) -> list[dict[str, object]]:
    assert chart is not None
    found: list[dict[str, object]] = chart.spec["datasets"][dataset]
    return found


def words_in(svg: bytes) -> str:
    """All text of a well-formed SVG."""
    return "".join(ET.fromstring(svg).itertext())  # noqa: S314 - ours


def days_in(cell: object) -> Iterator[date]:
    """Every day in a specification's data."""
    if isinstance(cell, dict):
        for one in cell.values():
            yield from days_in(one)
    elif isinstance(cell, list):
        for one in cell:
            yield from days_in(one)
    elif isinstance(cell, str) and re.fullmatch(r"\d{4}-\d\d-\d\d", cell):
        yield date.fromisoformat(cell)


def test_there_is_a_chart_of_each_kind(tables: Tables) -> None:
    assert [chart.name for chart in draw(tables).every()] == [
        "outlook",
        "ladder-coding",
        "calibration-replayed-reported_on",
        "intervals",
        "scenario-mosaic",
        "scores-quiz",
        "crossing-quiz_80",
        "dots-quiz_80",
        "history-quiz_80",
    ]


def test_specifications_are_valid_vega_lite(tables: Tables) -> None:
    assert alt.SCHEMA_URL.startswith(SCHEMA.removesuffix(".json"))
    for chart in draw(tables).every():
        for config in (LIGHT, DARK):
            alt.LayerChart.from_dict(chart.spec | {"config": config})


def test_a_ladder_draws_the_quantiles_of_the_table(tables: Tables) -> None:
    (row,) = rows(ladder(Bars(tables), "coding"), "bars")
    drawn = {0.025: "a", 0.1: "b", 0.25: "c", 0.75: "x", 0.9: "y", 0.975: "z"}
    for level, key in drawn.items():
        day = LEVELS[level]
        assert row.get(key) == (None if day is None else str(day))
    assert (row["m"], row["w"]) == (str(IF_EVER), "2027-09, never 20%")
    assert row["n"] == percent(1 - 0.7)  # not crossed by the end of the axis


@pytest.mark.parametrize(
    ("cells", "kind", "hollow"),
    [
        ({}, "open", False),
        ({"contested": True}, "open", True),
        ({"series_ended": "2026-09-01: the board closed"}, "ended", False),
        ({"superseded_by": "quiz_2"}, "ended", False),
        ({"crossing_status": "already_crossed", "contested": True}, "crossed", True),
    ],
)
def test_a_ladder_tells_kinds_of_medians_apart(
    cells: dict[str, object], kind: str, hollow: bool
) -> None:
    (row,) = rows(ladder(Bars(chart_tables(**cells)), "coding"), "bars")
    assert (row["k"], "h" in row) == (kind, hollow)


@pytest.mark.parametrize("median", [None, date(2041, 1, 31)])
def test_a_median_beyond_the_axis_stands_in_the_box(median: date | None) -> None:
    cells = {"median_if_ever": median, "if_ever_label": "later"}
    (row,) = rows(ladder(Bars(chart_tables(**cells)), "coding"), "bars")
    assert row["l"] == 1


def test_what_is_not_estimated_has_words_and_no_date() -> None:
    cells = {
        "crossing_status": "not_estimated",
        "median_label": "not estimated: too few records",
        "median_if_ever": None,
        "q10_date": None,
        "p_never": None,
        "frontier_score": None,
    }
    tables = chart_tables(**cells)
    (row,) = rows(ladder(Bars(tables), "coding"), "bars")
    assert row["w"] == "not estimated: too few records"
    assert not list(days_in(row))
    assert "dots-quiz_80" not in {chart.name for chart in draw(tables).every()}


def test_a_withheld_date_is_drawn_nowhere() -> None:
    why = "withheld: intervals of this kind held 31% of 80 in the backtest"
    tables = chart_tables(withheld=why, median_label=why, interval80_label="withheld")
    (row,) = rows(ladder(Bars(tables), "coding"), "bars")
    assert row["w"] == why
    assert not list(days_in(row))
    names = {chart.name for chart in benchmark(Bars(tables), "quiz")}
    assert names == {"scores-quiz"}


def test_scores_are_those_of_the_table_but_revised_ones(tables: Tables) -> None:
    chart = named(tables, "scores-quiz")
    drawn = {(row["m"], row["d"], row["s"], row["r"]) for row in rows(chart, "scores")}
    assert drawn == {
        ("Alpha", "2026-02-03", 0.55, "leaderboard"),
        ("Beta", "2026-05-05", 0.41, "developer"),
        ("Gamma", "2026-09-09", 0.62, "leaderboard"),
        ("Delta", "2026-08-08", 0.9, "leaderboard"),
    }
    assert [row["m"] for row in rows(chart, "scores") if "x" in row] == ["Delta"]
    assert rows(chart, "record") == [
        {"d": "2026-02-03", "s": 0.55},
        {"d": "2026-09-09", "s": 0.62},
        {"d": "2026-11-01", "s": 0.62},  # nothing better by the last day observed
    ]


def test_scores_that_developers_report_are_hollow(tables: Tables) -> None:
    svg = to_svg(named(tables, "scores-quiz")).decode()
    marks = re.findall(r"<path[^>]*stroke=\"#cc79a7\"[^>]*>", svg)
    assert len(marks) == 2  # one score, and the legend
    assert not any("fill=" in mark for mark in marks)
    assert re.search(r"<path[^>]*fill=\"#009e73\"[^>]*>", svg)
    assert "developer itself" in svg


def test_a_fan_starts_at_the_record_and_holds_the_bands_of_the_table(
    tables: Tables,
) -> None:
    start, _, last = rows(named(tables, "scores-quiz"), "fan")
    assert (start["d"], start["a"], start["f"]) == ("2026-11-01", 0.62, 0.62)
    assert last["d"] == "2027-06-01"
    low, middle, high = 0.62 + 0.12 + 0.01, 0.62 + 0.12 + 0.05, 0.62 + 0.12 + 0.09
    assert [last[key] for key in "bme"] == pytest.approx([low, middle, high])


def test_a_score_of_zero_has_no_place_on_powers_of_ten(tables: Tables) -> None:
    minutes = {"score_unit": "minutes"}
    scores = [
        score("Alpha", date(2026, 2, 3), 30.0, **minutes),
        score("Beta", date(2026, 3, 3), 0.0, **minutes),
    ]
    frame = OBSERVATIONS.frame(scores)
    chart = named(tables | {OBSERVATIONS.name: frame}, "scores-quiz")
    assert [row["m"] for row in rows(chart, "scores")] == ["Alpha"]
    assert "1 more have no day or no place on this scale" in chart.alt
    assert '"type": "log"' in json.dumps(chart.spec)


def test_a_balance_below_zero_costs_the_fan_and_not_the_chart() -> None:
    balance = {"score_unit": "usd"}
    tables = chart_tables(frontier_score=-31.0)
    scores = [score("Alpha", date(2026, 2, 3), 500.0, **balance)]
    bars = [bar("0 USD", 1, 0.0, **balance), bar("80%", 2, 900.0, **balance)]
    tables |= {
        OBSERVATIONS.name: OBSERVATIONS.frame(scores),
        THRESHOLDS.name: THRESHOLDS.frame(bars),
    }
    chart = named(tables, "scores-quiz")
    assert [row["s"] for row in rows(chart, "bars")] == [900.0]
    assert -31.0 not in {row["a"] for row in rows(chart, "fan")}
    to_svg(chart)


def test_a_benchmark_without_a_bar_has_its_scores(tables: Tables) -> None:
    bare = tables | {
        THRESHOLDS.name: THRESHOLDS.frame([]),
        CROSSING_SUMMARY.name: CROSSING_SUMMARY.frame([]),
    }
    (chart,) = benchmark(Bars(bare), "quiz")
    assert chart.name == "scores-quiz"
    assert set(chart.spec["datasets"]) == {"scores", "record"}


def test_a_benchmark_without_scores_has_no_chart(tables: Tables) -> None:
    bare = tables | {OBSERVATIONS.name: OBSERVATIONS.frame([])}
    assert benchmark(Bars(bare), "none") == []


def test_a_crossing_curve_has_points_of_the_table_only(tables: Tables) -> None:
    drawn = [
        (row["d"], row["p"])
        for row in rows(named(tables, "crossing-quiz_80"), "curves")
    ]
    known = [(str(day), p) for day, p in CHANCES if day <= LAST]
    assert drawn == known


def test_dots_are_equal_chances_and_the_rest_is_later_or_never(tables: Tables) -> None:
    chart = named(tables, "dots-quiz_80")
    dots = rows(chart, "dots")
    # 0.7 by the end of the axis: of 20 dots at 0.025, 0.075, ... 14 lie before it
    assert (len(dots), len(rows(chart, "beyond"))) == (14, 6)
    # 0.025 lies 0.025/0.16 of the way from the end of November to that of March
    assert dots[0]["q"] == str(
        date(2026, 11, 30) + (date(2027, 3, 31) - date(2026, 11, 30)) * (0.025 / 0.16)
    )
    assert "6 after 2035 or never" in chart.alt


def test_a_scenario_has_the_probabilities_of_the_table(tables: Tables) -> None:
    curves = rows(scenario(tables, "mosaic"), "curves")
    ours = {row["d"]: row["p"] for row in curves if "no gap" in str(row["g"])}
    assert ours[str(AS_OF)] == 0.02
    assert ours["2027-12-31"] == 0.4
    assert ours["2027-05-15"] == 0.5  # its median
    others = rows(scenario(tables, "mosaic"), "others")
    assert [(row["t"], row["w"]) for row in others] == [
        ("1  Musk, 2026-05", "by 2026-12-31, no number"),
        ("2  Clark, 2026-05", "at least 60% by 2028-12-31"),
    ]


def test_shades_span_the_correlations(tables: Tables) -> None:
    strong = automation("none", 0, dependence="strong", rho=0.9, p_by_end_2028=0.75)
    both = AUTOMATION.frame([automation("none", 0), strong])
    bands = rows(scenario(tables | {AUTOMATION.name: both}, "mosaic"), "bands")
    (of_2028,) = [row for row in bands if row["d"] == "2028-12-31"]
    assert (of_2028["lo"], of_2028["hi"]) == (0.6, 0.75)


def test_the_outlook_sets_our_dates_above_what_others_say(tables: Tables) -> None:
    ours, prior, *others = rows(outlook(tables), "rows")
    assert (ours["b"], ours["m"], ours["y"]) == (
        "2026-12-15",
        "2027-05-15",
        "2035-12-31",
    )
    assert prior["t"] == "With the prior gap: automated R&D"
    assert [row["o"] for row in others] == ["2026-12-31", "2028-12-31"]
    assert others[1]["w"] == "at least 60% by the end of 2028"


def test_calibration_has_said_and_came_and_how_many(tables: Tables) -> None:
    curve, held = calibration(tables)
    assert [(row["x"], row["y"], row["n"]) for row in rows(curve, "bins")] == [
        (0.15, 0.1, 20),
        (0.7, 0.9, 10),
    ]
    assert "said 70%, came 90% of 10" in curve.alt
    (interval,) = rows(held, "held")
    assert (interval["q"], interval["p"], interval["w"]) == (0.8, 0.75, "held 75% of 4")


def test_history_marks_what_was_replayed_and_what_was_never(tables: Tables) -> None:
    first, second, now = rows(named(tables, "history-quiz_80"), "said")
    assert (first["m"], first["h"]) == ("2027-09-30", 1)
    assert (second.get("m"), second["l"]) == (None, 1)
    assert (now["m"], now.get("h")) == ("2028-03-31", None)


def test_a_bar_crossed_on_an_unknown_day_was_so_by_the_vintage(tables: Tables) -> None:
    crossed = vintage(date(2026, 10, 31), None, crossing_status="already_crossed")
    frame = pl.concat([tables[HISTORY.name], HISTORY.frame([crossed])])
    chart = named(tables | {HISTORY.name: frame}, "history-quiz_80")
    (row,) = [one for one in rows(chart, "said") if "c" in one]
    assert (row["m"], "l" in row) == ("2026-10-31", False)


def test_words_for_those_who_cannot_see_have_the_numbers(tables: Tables) -> None:
    for name in ("ladder-coding", "scores-quiz", "crossing-quiz_80", "dots-quiz_80"):
        words = named(tables, name).alt
        for number in ("2027-09", "2027-01 to never", percent(0.004), percent(0.2)):
            assert number in words
        assert named(tables, name).spec["description"] == words
    words = named(tables, "scenario-mosaic").alt
    assert (
        "40% by the end of 2027, 60% by the end of 2028, 80% by the end of 2030"
        in words
    )
    assert "2026-12 to 2035-12" in words


def test_no_day_is_made_up_for_what_never_comes(tables: Tables) -> None:
    for chart in draw(tables).every():
        assert max(days_in(chart.spec["datasets"]), default=AS_OF) <= date(2050, 12, 31)
        assert not re.search(r"NaN|Infinity", json.dumps(chart.spec))


def test_files_are_the_same_every_time_and_well_formed(tables: Tables) -> None:
    for chart in draw(tables).every():
        svg = to_svg(chart)
        assert svg == to_svg(chart)
        drawn = words_in(svg)
        assert f"{chart.title}{chart.alt}" in drawn
    assert "2027-09" in to_svg(named(tables, "ladder-coding")).decode()
    assert "6 of 20" in to_svg(named(tables, "dots-quiz_80")).decode()


def test_no_chart_is_cut_or_blended_as_a_whole(tables: Tables) -> None:
    """Each group that is takes a renderer a picture of its own: most of a PNG's cost."""
    for chart in draw(tables).every():
        svg = to_svg(chart)
        assert b"clip-path" not in svg, chart.name
        assert b' opacity="0' not in svg, chart.name


def test_a_fan_that_leaves_the_plot_is_cut_there(tables: Tables) -> None:
    money = pl.lit("usd")
    above = tables["score_forecast"].with_columns(
        score_unit=money,
        score=pl.when(pl.col("quantile_level") > 0.9).then(1e9).otherwise("score"),
    )
    units = {
        name: tables[name].with_columns(score_unit=money)
        for name in ("observations", "thresholds", "crossing_summary")
    }
    chart = named({**tables, **units, "score_forecast": above}, "scores-quiz")
    assert to_svg(chart).count(b"clip-path=") == 3


def test_curves_of_a_scenario_end_with_the_axis(tables: Tables) -> None:
    chart = scenario(tables, "mosaic")
    assert chart is not None
    (axis,) = {
        tuple(layer["encoding"]["x"]["scale"]["domain"])
        for layer in chart.spec["layer"]
        if "domain" in layer["encoding"].get("x", {}).get("scale", {})
    }
    assert max(str(row["d"]) for row in rows(chart, "curves")) == axis[1]


def test_a_picture_is_a_png_and_dark_differs(tables: Tables) -> None:
    chart = named(tables, "dots-quiz_80")
    light, dark = to_png(chart), to_png(chart, DARK)
    assert light.startswith(b"\x89PNG\r\n")
    assert light == to_png(chart)
    assert light != dark


def test_labels_with_markup_stay_text() -> None:
    tables = chart_tables(if_ever_label="<script>alert('&')</script>")
    svg = to_svg(named(tables, "ladder-coding"))
    assert "<script>alert('&')" in words_in(svg)
    assert b"<script" not in svg


def test_a_label_with_quotes_does_not_break_a_legend(tables: Tables) -> None:
    odd = 'a "quoted" \\ bar\'s'
    bars = THRESHOLDS.frame([bar("50%", 1, 0.5), bar("80%", 2, 0.8, bar_label=odd)])
    svg = to_svg(named(tables | {THRESHOLDS.name: bars}, "crossing-quiz_80"))
    assert odd in words_in(svg)


def test_tables_that_hang_together_badly_are_drawn_or_left_out() -> None:
    for chart in draw(plausible_tables()).every():
        to_svg(chart)


def test_a_thinned_curve_keeps_its_corners_and_its_ends() -> None:
    corner = [(0.0, 0.0), (1.0, 0.1), (2.0, 0.2), (3.0, 0.9), (4.0, 0.9), (5.0, 0.9)]
    kept = thinned(corner, tolerance=0.01)
    assert kept == [(0.0, 0.0), (2.0, 0.2), (3.0, 0.9), (5.0, 0.9)]


def test_labels_keep_clear_of_lines_of_marks_and_of_one_another() -> None:
    # a line at 3 runs through a label above that at 14: the label goes below
    spots = label_spots([3, 14], first=1, marks=[])
    assert spots[1] is not None
    assert spots[1].below
    # marks at the right of a line send its label to the left
    (spot,) = label_spots([100], first=None, marks=[(0.9, 95)])
    assert spot is not None
    assert spot.left
    # five lines on one another have room for four labels
    assert label_spots([100, 100, 100, 100, 100], first=None, marks=[]).count(None) == 1
