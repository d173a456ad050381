"""What a guard past ingest refuses costs its series, and names file and line."""

import json
import shutil
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl
import pytest
import typer

from tests.conftest import PUBLISHED_AT
from tests.figures import positive, scores, series
from trends.cli.shared import finish
from trends.crossings import Vintage, cross_bars
from trends.fits import fit_or_leave_out, fit_trends
from trends.fits.failures import SeriesError, about
from trends.frontier import select_frontier
from trends.outputs import read_table
from trends.pipeline import (
    EXIT_PARTIAL,
    ForecastRequest,
    NothingFittedError,
    PublishedRun,
    forecast,
    ingest,
)
from trends.registry import load_registry
from trends.registry.series import whole_benchmarks
from trends.tables import (
    CROSSING_CDF,
    CROSSING_SUMMARY,
    SCORE_FORECAST,
    TREND_FITS,
)
from trends.validation import ValidationError
from trends.workspace import Workspace

CHECKOUT = Path(__file__).parent.parent
AS_OF = date(2025, 12, 31)
HEADER = (
    "model_name_published,developer,release_date,score,standard_error,ci_low,ci_high,"
    "harness,reported_on,reporter,source_url,note"
)


def _world(root: Path) -> Workspace:
    """Three benchmarks with a score a month: bounded, in minutes, lower is better."""
    shutil.copytree(CHECKOUT / "tests" / "small_registry", root / "data" / "registry")
    shutil.copytree(CHECKOUT / "expectations", root / "expectations")
    # what is said of figures that this world does not have
    (root / "data" / "registry" / "corrections.yaml").write_text("[]\n")
    months = [date(2024 + i // 12, i % 12 + 1, 15) for i in range(24)]
    models = [
        f"m_{i}: {{name: M {i}, developer: Alpha, release_date: {day}}}\n"
        for i, day in enumerate(months)
    ]
    with (root / "data" / "registry" / "models.yaml").open("a") as file:
        file.writelines(models)
    figures = root / "data" / "observations"
    figures.mkdir()
    wiggle = [0.3, 0.9, 0.1, 0.7, 0.5, 0.2]
    worlds: list[tuple[str, str, Callable[[int], float]]] = [
        ("coding_quiz", "leaderboard", lambda i: 30 + 2 * i + wiggle[i % 6]),
        ("work_length", "benchmark_authors", lambda i: 2 * 1.25**i + wiggle[i % 6]),
        ("speedrun", "benchmark_authors", lambda i: 45 * 0.93**i + wiggle[i % 6] / 9),
    ]
    for name, reporter, score in worlds:
        lines = [
            f"M {i},Alpha,{day},{score(i):.2f},,,,h,{day},{reporter},"
            "https://example.org/x,"
            for i, day in enumerate(months)
        ]
        (figures / f"{name}.csv").write_text("\n".join([HEADER, *lines]) + "\n")
    return Workspace(root)


def _guarded(root: Path, table: str, column: str, refused: str) -> Workspace:
    """A world in whose suite of one table one more critical expectation stands."""
    workspace = _world(root)
    with (workspace.expectations / f"{table}.yaml").open("a") as file:
        file.write(
            "\n"
            "  - id: made_up_guard\n"
            "    type: expect_column_values_to_not_match_regex\n"
            f'    kwargs: {{column: {column}, regex: "^{refused}$"}}\n'
            "    severity: critical\n"
            "    reason: Made up.\n"
            f'    found: "{{{column}}} is refused"\n'
        )
    return workspace


def _run(workspace: Workspace) -> PublishedRun:
    ingest(workspace)
    request = ForecastRequest(as_of=AS_OF, draws=100)
    return forecast(request, workspace, published_at=PUBLISHED_AT)


def _others(run: PublishedRun, threshold: str) -> pl.DataFrame:
    """The summary of the other thresholds, without what names the run."""
    summary = read_table(run.path, CROSSING_SUMMARY)
    return summary.filter(pl.col("threshold_id") != threshold).drop("run_id")


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., PublishedRun]:
    made: dict[tuple[str, ...], PublishedRun] = {}

    def run(*guard: str) -> PublishedRun:
        if guard not in made:
            root = tmp_path_factory.mktemp("guards") / "a"
            made[guard] = _run(_guarded(root, *guard) if guard else _world(root))
        return made[guard]

    return run


def test_a_world_in_which_nothing_is_refused_leaves_nothing_out(
    runs: Callable[..., PublishedRun],
) -> None:
    assert runs().left_out == {}


@pytest.mark.parametrize(
    ("guard", "series_id", "threshold"),
    [
        (("series_scores", "series_id", "speedrun"), "speedrun", "run"),
        (("trend_fits", "series_id", "coding_quiz"), "coding_quiz", "quiz"),
        (("crossing_summary", "threshold_id", "run"), "speedrun", "run"),
    ],
    ids=["scores, lower is better", "fits, bounded", "crossing dates"],
)
def test_a_guard_costs_its_series_and_names_file_and_line(
    runs: Callable[..., PublishedRun],
    guard: tuple[str, ...],
    series_id: str,
    threshold: str,
) -> None:
    run = runs(*guard)
    assert set(run.left_out) == {series_id}
    why = run.left_out[series_id]
    assert why.startswith(f"made_up_guard: {guard[2]} is refused")
    assert f"{series_id}.csv:2, " in why
    summary = read_table(run.path, CROSSING_SUMMARY)
    ours = summary.filter(pl.col("threshold_id") == threshold)
    assert set(ours["crossing_status"]) == {"not_estimated"}
    assert set(ours["median_label"]) == {f"not estimated: left out: {why}"}
    assert summary.filter(pl.col("crossing_status") == "expected").height
    for table in (CROSSING_CDF, SCORE_FORECAST):
        frame = read_table(run.path, table)
        column = "threshold_id" if "threshold_id" in frame.columns else "series_id"
        assert not frame.filter(pl.col(column).is_in([threshold, series_id])).height
        assert frame.height
    manifest: dict[str, Any] = json.loads((run.path / "manifest.json").read_text())
    assert manifest["provenance"]["left_out"] == run.left_out
    quality: dict[str, Any] = json.loads((run.path / "quality.json").read_text())
    assert quality["summary"]["series_left_out"] == run.left_out


def test_wherever_it_was_refused_the_others_are_as_if_it_were_not_there(
    runs: Callable[..., PublishedRun],
) -> None:
    early = runs("series_scores", "series_id", "speedrun")
    late = runs("crossing_summary", "threshold_id", "run")
    assert _others(early, "run").equals(_others(late, "run"))
    # the untouched run learnt from it how much walks like work_length's vary
    fits = {
        name: read_table(run.path, TREND_FITS)
        .filter((pl.col("series_id") == "work_length") & (pl.col("trend") == "drift"))
        .row(0, named=True)
        for name, run in (("with", runs()), ("early", early), ("late", late))
    }
    assert fits["with"]["sigma2_per_year"] != fits["early"]["sigma2_per_year"]
    assert fits["early"] | {"run_id": ""} == fits["late"] | {"run_id": ""}


def test_a_table_that_fails_as_a_whole_stops_the_run_and_is_named(
    tmp_path: Path,
) -> None:
    workspace = _world(tmp_path / "a")
    suite = workspace.expectations / "score_forecast.yaml"
    suite.write_text(
        suite.read_text().replace("kwargs: {min_value: 1}", "kwargs: {max_value: 1}")
    )
    with pytest.raises(ValidationError, match="score_forecast: table_has_rows"):
        _run(workspace)


def test_where_every_series_is_refused_nothing_is_published(tmp_path: Path) -> None:
    workspace = _guarded(tmp_path / "a", "series_scores", "series_id", ".*")
    with pytest.raises(NothingFittedError, match=r"every series was left out: .*csv:2"):
        _run(workspace)
    assert not (workspace.results / "latest.json").exists()


def test_what_was_left_out_is_said_and_is_exit_code_7(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with pytest.raises(typer.Exit) as ended:
        finish({}, left_out={"speedrun": "made_up_guard: 3 (speedrun.csv:2)"})
    assert ended.value.exit_code == EXIT_PARTIAL == 7
    said = capsys.readouterr().err.splitlines()
    assert said == ["left out: series speedrun: made_up_guard: 3 (speedrun.csv:2)"]


DAYS = [date(2023 + k // 4, 3 * (k % 4) + 1, 1) for k in range(8)]


def _panel() -> tuple[list[Any], pl.DataFrame]:
    """Four series in minutes; a score of 0 in one of them has no logarithm."""
    panel = [series(f"s{k}", positive(family_id=f"s{k}")) for k in range(4)]
    figures = pl.concat(
        scores(
            [
                (day, 0.0 if (k, n) == (2, 0) else 2.0 ** (n + k))
                for n, day in enumerate(DAYS)
            ],
            name=one.series_id,
        )
        for k, one in enumerate(panel)
    )
    return panel, figures


def test_a_series_that_cannot_be_fitted_is_left_out_of_the_pool_too() -> None:
    panel, figures = _panel()
    frontier = select_frontier(figures, panel)
    names = [one.series_id for one in panel]
    common: dict[str, Any] = {
        "as_of": date(2026, 6, 30),
        "run_id": "0" * 12,
        "missing": {},
    }
    fits, left_out = fit_or_leave_out(frontier, figures, panel, wanted=names, **common)
    assert set(left_out) == {"s2"}
    assert "records fit: ValueError: score 0 has no logarithm" in left_out["s2"]
    gone = fits.filter(pl.col("series_id") == "s2")
    assert set(gone["fit_status"]) == {"not_estimated"}
    assert gone["status_reason"][0] == f"left out: {left_out['s2']}"
    rest = pl.col("series_id") != "s2"
    alone = fit_trends(
        frontier.filter(rest),
        figures.filter(rest),
        [one for one in panel if one.series_id != "s2"],
        wanted=[name for name in names if name != "s2"],
        **common,
    )
    assert fits.filter(rest).equals(alone)


def test_a_law_that_cannot_be_computed_names_its_series() -> None:
    """Weights of ceilings that sum to 2, as no fit of ours has."""
    registry = load_registry(CHECKOUT / "tests" / "small_registry")
    one = next(s for s in whole_benchmarks(registry) if s.series_id == "work_length")
    figures = scores(
        [(day, 2.0 ** (n + 1)) for n, day in enumerate(DAYS[:4])], name="work_length"
    )
    frontier = select_frontier(figures, [one])
    fits = fit_trends(
        frontier,
        figures,
        [one],
        wanted=["work_length"],
        as_of=AS_OF,
        run_id="0" * 12,
        missing={},
    )
    broken = fits.with_columns(ceiling_weight=pl.lit(2.0))
    with pytest.raises(SeriesError, match="work_length: crossing dates of work: Value"):
        cross_bars(
            broken,
            figures,
            frontier,
            [(registry.thresholds["work"], one)],
            vintage=Vintage(AS_OF, "0" * 12, 1, 100),
        )


@pytest.mark.parametrize(
    "error", [OverflowError("too large"), FloatingPointError("divide"), ValueError("x")]
)
def test_arithmetic_that_fails_says_whose_it_was(error: Exception) -> None:
    with (
        pytest.raises(SeriesError, match=f"quiz: logistic fit: {type(error).__name__}"),
        about("quiz", "logistic fit"),
    ):
        raise error
