"""The common pace and how long a record stands, wherever people read of them."""

import json
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from tests.conftest import AS_OF
from tests.output_runs import plausible_tables, row, write
from tests.report_text import report_text
from trends.cli.screens import headlines, notes, threshold
from trends.outputs import read_table
from trends.pipeline import PublishedRun
from trends.report.charts import common_pace
from trends.report.pace import pace
from trends.tables import COMMON_PACE, CROSSING_SUMMARY, SCORE_FORECAST, THRESHOLDS
from trends.words import no_record_line, pace_line, pace_sentence

SPRING = {
    "as_of": date(2026, 6, 10),
    "run_id": "made",
    "contract_version": "2.0",
}


def _months(*rows: tuple[date, float, float, float, int]) -> pl.DataFrame:
    names = ("month", "pace", "pace_lo80", "pace_hi80", "n_families")
    return COMMON_PACE.frame(
        [SPRING | dict(zip(names, row, strict=True)) for row in rows]
    )


APRIL = (date(2026, 4, 30), 0.66, 0.21, 1.1, 9)
FASTER = (date(2026, 5, 31), 1.34, 1.04, 1.62, 12)
SLOWER = (date(2026, 5, 31), 0.54, 0.3, 0.94, 12)


def test_the_last_month_is_told_against_the_mean() -> None:
    said = pace_sentence(_months(FASTER, APRIL))
    assert said == (
        "In 2026-05 the frontier moved 1.3 times (80%: 1.0 to 1.6) as fast as its mean "
        "since 2026-04, from 12 families of benchmarks, faster than the mean."
    )
    assert "0.5 times" in (slower := pace_sentence(_months(APRIL, SLOWER)))
    assert slower.endswith("slower than the mean.")
    assert pace_sentence(_months(APRIL)).endswith("not to be told from the mean.")


def test_without_months_nothing_is_said_or_drawn() -> None:
    none = _months()
    assert pace_sentence(none) == pace_line(none) == ""
    for tables in ({COMMON_PACE.name: none}, {}):
        assert common_pace(tables) is None
        assert pace(tables) is None


def test_the_chart_has_every_month_its_interval_and_the_mean() -> None:
    months = _months(APRIL, FASTER)
    chart = common_pace({COMMON_PACE.name: months})
    assert chart is not None
    drawn = chart.spec["datasets"]["months"]
    assert [(row["m"], row["lo"], row["hi"]) for row in drawn] == [
        APRIL[1:4],
        FASTER[1:4],
    ]
    assert {row["m"] for row in chart.spec["datasets"]["mean"]} == {1.0}
    assert chart.alt.startswith(pace_sentence(months))
    assert "2026-04: 0.7 (80% 0.2 to 1.1, 9 families)" in chart.alt


LEVELS = (0.01, 0.25, 0.3, 0.5, 0.99)


def _forecast(scores: dict[int, tuple[float, ...]]) -> pl.DataFrame:
    return pl.DataFrame(
        [
            {
                "trend": "records",
                "lead_months": lead,
                "quantile_level": level,
                "score": score,
            }
            for lead, of_lead in scores.items()
            for level, score in zip(LEVELS, of_lead, strict=True)
        ]
    )


def test_the_record_stands_with_the_chance_of_quantiles_that_are_the_record() -> None:
    row = {
        "trend": "records",
        "frontier_score": 0.6,
        "observed_through": date(2026, 5, 1),
    }
    forecast = _forecast(
        {
            3: (0.6, 0.6, 0.61, 0.7, 0.8),
            6: (0.61, 0.65, 0.7, 0.8, 0.9),
            12: (0.6, 0.6, 0.6, 0.6, 0.6),
        }
    )
    assert no_record_line(forecast, row) == (
        "No new record within 3 months of 2026-05-01, where the figures end: 25 to 30%; "
        "within 6: under 1%; within 12: over 99%"
    )
    assert no_record_line(forecast, row | {"trend": "logistic3"}) == ""


def test_a_run_from_before_the_table_is_shown_without_it(tmp_path: Path) -> None:
    tables = plausible_tables() | {"common_pace": COMMON_PACE.frame([row(COMMON_PACE)])}
    run = write(tmp_path, tables=tables)
    assert notes.carried(run, COMMON_PACE).height == 1
    manifest = json.loads((run / "manifest.json").read_text())
    del manifest["files"]["common_pace.parquet"]
    (run / "manifest.json").write_text(json.dumps(manifest))
    assert notes.carried(run, COMMON_PACE).equals(COMMON_PACE.frame([]))


@pytest.fixture(scope="module")
def months(shipped_run: PublishedRun) -> pl.DataFrame:
    return read_table(shipped_run.path, COMMON_PACE)


def test_the_report_says_draws_and_lists_it(
    shipped_run: PublishedRun, months: pl.DataFrame
) -> None:
    text = report_text(shipped_run.path)
    assert f"<p>{pace_sentence(months)}</p>" in text
    assert '<h2 id="pace">' in text
    assert 'data-chart="common-pace"' in text
    shown = pace({COMMON_PACE.name: months})
    assert shown is not None
    assert len(shown.months.rows) == months.height
    assert shown.months.caption in text


def test_every_bar_has_the_pace_of_the_table(
    shipped_run: PublishedRun, months: pl.DataFrame
) -> None:
    last = months.sort("month").row(-1, named=True)
    for path in sorted((shipped_run.path / "bars").glob("*.*.json"))[:20]:
        found: dict[str, Any] = json.loads(path.read_text())
        if "common_pace" not in found:
            continue  # the schema
        assert found["common_pace"]["month"] == str(last["month"])
        assert found["common_pace"]["pace"] == last["pace"]
        assert found["common_pace"]["label"] == pace_sentence(months)


def test_a_terminal_names_it_once(
    shipped_run: PublishedRun,
    months: pl.DataFrame,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("COLUMNS", "200")
    run = shipped_run.path
    rows = headlines.overview_rows(run)
    headlines.print_overview(
        run, rows, today=AS_OF, answer=headlines.answer_of(shipped_run.path)
    )
    assert capsys.readouterr().out.count(pace_line(months)) == 1
    threshold.print_threshold(run, "mirrorcode", today=AS_OF)
    printed = capsys.readouterr().out
    assert printed.count(pace_line(months)) == 1
    bars = read_table(run, THRESHOLDS).filter(pl.col("threshold_id") == "mirrorcode")
    forecast = read_table(run, SCORE_FORECAST).filter(
        pl.col("series_id") == bars["series_id"][0]
    )
    headline = (
        read_table(run, CROSSING_SUMMARY)
        .filter("is_headline", pl.col("threshold_id") == "mirrorcode")
        .row(0, named=True)
    )
    said = no_record_line(forecast, headline)
    assert "within 12: " in said
    assert said in printed
