"""Bad figures: each has its clear words, and the rest of the run goes on."""

import csv
from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest

from tests.conftest import AS_OF, PUBLISHED_AT
from trends.outputs import read_latest, read_table
from trends.pipeline import (
    ForecastRequest,
    NothingLeftError,
    PublishedRun,
    RequestError,
    SourceStoppedError,
    forecast,
    ingest,
    ingest_source,
    join_sources,
)
from trends.pipeline.fingerprints import fingerprint_rows
from trends.pipeline.reviewed import reviewed
from trends.tables import CROSSING_SUMMARY, QUARANTINE
from trends.workspace import Workspace

Edit = Callable[[list[dict[str, str]]], None]


def _edit(workspace: Workspace, benchmark: str, edit: Edit) -> None:
    path = workspace.observations / f"{benchmark}.csv"
    with path.open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    columns = list(rows[0])
    edit(rows)
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, columns, lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


def _quarantined(part: Path) -> list[tuple[int, str, str]]:
    table = pl.read_parquet(part / "quarantine.parquet")
    return table.select("source_row", "expectation", "reason").rows()


def _set(number: int, **cells: str) -> Edit:
    return lambda rows: rows[number].update(cells)


@pytest.mark.parametrize(
    ("edit", "words"),
    [
        (_set(3, score="130"), "1.3"),
        (_set(3, score="many"), "many"),
        (_set(3, score="nan"), "nan"),
        (_set(3, release_date="2031-01-01"), "2031-01-01"),
        (_set(3, release_date="next week"), "next week"),
        (_set(3, model_name_published="GPT-9000"), "GPT-9000"),
        (_set(3, reporter="my uncle"), "my uncle"),
        (lambda rows: rows.insert(3, dict(rows[0])), "same"),
    ],
    ids=[
        "130 percent",
        "no number",
        "nan",
        "2031",
        "no date",
        "unknown model",
        "unknown reporter",
        "duplicate",
    ],
)
def test_a_broken_row_is_quarantined_with_its_line_and_the_rest_goes_on(
    workspace: Workspace, edit: Edit, words: str
) -> None:
    _edit(workspace, "terminal_bench_2", edit)
    part = ingest_source("terminal_bench", workspace=workspace)
    assert [row[0] for row in _quarantined(part)] == [5]
    assert words in _quarantined(part)[0][2]
    accepted = pl.read_parquet(part / "observations.parquet").height
    with (workspace.observations / "terminal_bench_2.csv").open() as file:
        rows_2 = len(list(csv.DictReader(file)))
    with (workspace.observations / "terminal_bench_1.csv").open() as file:
        rows_1 = len(list(csv.DictReader(file)))
    assert accepted == rows_1 + rows_2 - 1


def _named(name: str, **cells: str) -> Edit:
    """Sets cells of the row of this name; of revisions the latest, which is first."""

    def edit(rows: list[dict[str, str]]) -> None:
        row = next(row for row in rows if row["model_name_published"] == name)
        row.update(cells)

    return edit


OPUS, HOURS = (
    "Claude Opus 4.6",
    {"score": "11.98", "ci_low": "5.28", "ci_high": "60.56"},
)


@pytest.mark.parametrize(
    ("source", "benchmark", "edit", "words"),
    [
        (
            "metr",
            "metr_time_horizon_p50",
            _named(OPUS, **HOURS),
            "score 11.98 is some 60 times below its neighbours",
        ),
        (
            "andon_labs",
            "vending_bench_2",
            _named("GPT-6 Astra", score="15.5147"),
            "score 15.5147 is some 1,000 times below its neighbours",
        ),
        (
            "modded_nanogpt",
            "nanogpt_speedrun",
            _set(60, score="84.66"),
            "score 84.66 is some 60 times above its neighbours",
        ),
        (
            "hal",
            "scicode",
            _set(33, score="0.54"),
            "score 0.54% is 0.35 of one of 65 items",
        ),
    ],
)
def test_a_score_in_another_unit_is_quarantined_with_the_factor(
    workspace: Workspace, source: str, benchmark: str, edit: Edit, words: str
) -> None:
    _edit(workspace, benchmark, edit)

    [(_, expectation, reason)] = _quarantined(
        ingest_source(source, workspace=workspace)
    )

    assert expectation == "score_is_plausible_for_its_unit"
    assert words in reason
    assert "? In another unit it would be a record" in reason
    assert "confirm it in corrections.yaml" in reason


def test_an_ingest_names_rejected_rows_on_screen(workspace: Workspace) -> None:
    _edit(workspace, "scicode", _set(33, score="0.54"))
    said: list[str] = []

    ingest(workspace, sources=["hal"], progress=said.append)

    [line] = [one for one in said if "quarantined: " in one]
    place = "scicode.csv:35: score_is_plausible_for_its_unit"
    assert line.startswith(f"hal: quarantined: {place}: score 0.54% is 0.35 of one")


def test_an_interval_that_cannot_be_used_does_not_cost_the_record(
    workspace: Workspace,
) -> None:
    """The standing record of METR's 80% horizon, as a bootstrap may print it."""
    name = "Claude Mythos Preview (early)"
    _edit(workspace, "metr_time_horizon_p80", _named(name, ci_low="0"))
    said: list[str] = []

    result = ingest(workspace, sources=["metr"], progress=said.append)

    assert result.quarantined == 0
    rows = pl.read_parquet(result.path / "observations.parquet")
    [row] = rows.filter(pl.col("uncertainty_dropped").is_not_null()).to_dicts()
    assert (row["model_name_published"], row["score"]) == (name, 185.911829)
    assert (row["ci_low"], row["ci_high"]) == (None, None)
    [line] = [line for line in said if "keeps its score" in line]
    assert line.startswith("metr: metr_time_horizon_p80.csv:")
    assert line.endswith(
        "interval 0 to 398.515 has an end without a logarithm, 0; the median error of "
        "the other rows is used"
    )
    report = (result.path / "ingest.json").read_text()
    assert "published_error_is_usable" in report
    assert "has an end without a logarithm" in report


CONFIRMATION = """
- id: metr_opus_is_right
  benchmark: metr_time_horizon_p50
  match: {model_name_published: Claude Opus 4.6, retrieved_on: '2026-05-11'}
  expect: {score: '11.98'}
  confirms: [score]
  reason: METR says so.
  source: https://metr.org/time-horizons/
"""


def test_a_score_that_a_correction_confirms_passes(workspace: Workspace) -> None:
    _edit(workspace, "metr_time_horizon_p50", _named(OPUS, **HOURS))
    with (workspace.registry / "corrections.yaml").open("a") as file:
        file.write(CONFIRMATION)

    assert _quarantined(ingest_source("metr", workspace=workspace)) == []


def _empty(path: Path) -> None:
    path.write_bytes(b"")


def _header_only(path: Path) -> None:
    path.write_text(path.read_text().splitlines()[0] + "\n")


def _not_text(path: Path) -> None:
    path.write_bytes(b"\xff\xfe\x00garbage")


def _renamed_column(path: Path) -> None:
    path.write_text(path.read_text().replace(",score,", ",scores,", 1))


def _missing(path: Path) -> None:
    path.unlink()


@pytest.mark.parametrize(
    "breakage", [_empty, _header_only, _not_text, _renamed_column, _missing]
)
def test_a_broken_file_stops_its_source_and_names_the_file(
    workspace: Workspace, breakage: Callable[[Path], None]
) -> None:
    breakage(workspace.observations / "aider_polyglot.csv")
    with pytest.raises(SourceStoppedError, match=r"aider_polyglot\.csv"):
        ingest_source("aider", workspace=workspace)


def test_more_than_a_slip_stops_the_source(workspace: Workspace) -> None:
    """4 of 69 rows is above 3 and above 5% of 69 = 3.45."""

    def spoil(rows: list[dict[str, str]]) -> None:
        for row in rows[:4]:
            row["score"] = "130"

    _edit(workspace, "aider_polyglot", spoil)
    with pytest.raises(SourceStoppedError, match="4 of 69 rows rejected"):
        ingest_source("aider", workspace=workspace)


def test_rows_that_stand_twice_cost_themselves_and_not_the_source(
    workspace: Workspace,
) -> None:
    """7 of 76 rows are more than a slip, and each says only what another says."""
    _edit(workspace, "aider_polyglot", lambda rows: rows.extend(map(dict, rows[:7])))

    part = ingest_source("aider", workspace=workspace)

    rejected = _quarantined(part)
    assert [row for row, _, _ in rejected] == list(range(71, 78))
    assert {expectation for _, expectation, _ in rejected} == {"score_stands_once"}
    assert "has the same score in line 2 of aider_polyglot.csv" in rejected[0][2]


def test_copies_do_not_hide_rows_that_are_wrong(workspace: Workspace) -> None:
    def spoil(rows: list[dict[str, str]]) -> None:
        rows.extend(map(dict, rows[:7]))
        for row in rows[20:24]:
            row["score"] = "130"

    _edit(workspace, "aider_polyglot", spoil)
    with pytest.raises(SourceStoppedError, match="4 of 76 rows rejected"):
        ingest_source("aider", workspace=workspace)


@pytest.fixture
def broken_run(workspace: Workspace) -> PublishedRun:
    """A published run of a workspace in which one source is stopped."""
    _empty(workspace.observations / "aider_polyglot.csv")
    _empty(workspace.observations / "remote_labor_index.csv")
    result = ingest(workspace)
    assert set(result.stopped) == {"aider", "remote_labor_index"}
    return forecast(ForecastRequest(as_of=AS_OF), workspace, published_at=PUBLISHED_AT)


def test_a_stopped_source_leaves_rows_that_say_why(broken_run: PublishedRun) -> None:
    summary = read_table(broken_run.path, CROSSING_SUMMARY)
    lost = summary.filter(pl.col("threshold_id") == "remote_labor_index")
    assert set(lost["crossing_status"]) == {"not_estimated"}
    assert lost["median_label"].str.contains("remote_labor_index was stopped").all()
    others = summary.filter(pl.col("threshold_id") != "remote_labor_index")
    assert "expected" in set(others["crossing_status"])
    assert set(broken_run.stopped) == {"aider", "remote_labor_index"}


def test_rejected_rows_are_published_with_the_run(workspace: Workspace) -> None:
    _edit(workspace, "swe_bench_lite", _set(0, score="130"))
    ingest(workspace, sources=["swe_bench", "metr"])
    run = forecast(
        ForecastRequest(as_of=AS_OF, publish=False),
        workspace,
        published_at=PUBLISHED_AT,
    )
    quarantined = read_table(run.path, QUARANTINE)
    row = quarantined.filter(pl.col("benchmark_id") == "swe_bench_lite").row(
        0, named=True
    )
    assert row["source_row"] == 2
    assert "RAG + ChatGPT 3.5" in row["row_json"]
    assert "1.3" in row["reason"]


def test_where_no_source_passes_nothing_is_forecast(workspace: Workspace) -> None:
    _empty(workspace.observations / "aider_polyglot.csv")
    with pytest.raises(NothingLeftError, match="aider"):
        ingest(workspace, sources=["aider"])
    with pytest.raises(RequestError, match="trends ingest"):
        forecast(ForecastRequest(as_of=AS_OF), workspace, published_at=PUBLISHED_AT)
    assert read_latest(workspace.results) is None


def test_the_registry_is_read_once_until_somebody_touches_it(
    workspace: Workspace,
) -> None:
    first = reviewed(workspace.registry)
    assert reviewed(workspace.registry) is first
    path = workspace.registry / "models.yaml"
    path.write_text(path.read_text(encoding="utf-8") + "\n# read again\n")
    again = reviewed(workspace.registry)
    assert again is not first
    assert again == first


def test_rows_are_fingerprinted_by_all_that_they_say(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    rows = pl.DataFrame({"name": ["a", "b", "c"], "score": [0.1, None, 0.3]})
    whole = fingerprint_rows(rows)
    monkeypatch.setattr("trends.pipeline.fingerprints._HASHED_ROWS", 2)
    assert fingerprint_rows(rows) == whole
    others = [
        rows.rename({"score": "error"}),
        rows.reverse(),
        rows.head(2),
        rows.with_columns(pl.col("score").fill_null(0.2)),
    ]
    assert len({whole, *map(fingerprint_rows, others)}) == 5


def test_ingesting_again_changes_nothing(workspace: Workspace) -> None:
    first = ingest(workspace, sources=["metr"])
    again = ingest(workspace, sources=["metr"])
    assert (first.observations_changed, first.registry_changed) == (True, True)
    assert (again.observations_changed, again.registry_changed) == (False, False)
    assert again.path == first.path


def test_a_new_score_changes_the_observations_only(workspace: Workspace) -> None:
    ingest(workspace, sources=["metr"])
    _edit(workspace, "metr_time_horizon_p50", _set(4, score="4.5"))
    changed = ingest(workspace, sources=["metr"])
    assert (changed.observations_changed, changed.registry_changed) == (True, False)


def test_each_source_counts_what_is_new_of_it_and_what_is_gone(
    workspace: Workspace,
) -> None:
    first = ingest(workspace, sources=["metr", "swe_bench"]).sources
    assert all(one.new == one.accepted and not one.gone for one in first.values())
    _edit(workspace, "metr_time_horizon_p50", _set(4, score="4.5"))
    second = ingest(workspace, sources=["metr", "swe_bench"]).sources
    assert (second["metr"].new, second["metr"].gone) == (1, 1)
    assert second["swe_bench"].accepted == first["swe_bench"].accepted
    assert (second["swe_bench"].new, second["swe_bench"].gone) == (0, 0)


def test_a_moved_bar_changes_the_registry_only(workspace: Workspace) -> None:
    ingest(workspace, sources=["metr"])
    path = workspace.registry / "thresholds" / "metr_work_month.yaml"
    path.write_text(path.read_text().replace("10020", "10021"))
    changed = ingest(workspace, sources=["metr"])
    assert (changed.observations_changed, changed.registry_changed) == (False, True)


def test_a_source_whose_reading_was_cut_off_is_left_out(workspace: Workspace) -> None:
    ingest_source("metr", workspace=workspace)
    result = join_sources(["metr", "aider"], workspace=workspace)
    assert "not read to the end" in result.stopped["aider"]
    assert result.rows == 72 + 69
