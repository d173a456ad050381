"""Charts: what they draw is in the tables, and they draw the same every time."""

import altair as alt

from trends.report.charts.chart import SCHEMA, thinned


def test_specifications_are_of_the_vega_lite_that_altair_writes() -> None:
    assert alt.SCHEMA_URL.startswith(SCHEMA.removesuffix(".json"))


def test_a_thinned_curve_keeps_its_corners_and_its_ends() -> None:
    corner = [(0.0, 0.0), (1.0, 0.1), (2.0, 0.2), (3.0, 0.9), (4.0, 0.9), (5.0, 0.9)]
    kept = thinned(corner, tolerance=0.01)
    assert kept == [(0.0, 0.0), (2.0, 0.2), (3.0, 0.9), (5.0, 0.9)]
