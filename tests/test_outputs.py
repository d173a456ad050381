"""Run folders: what is written, what is refused, and what leads to them."""

import csv
import hashlib
import io
import json
import shutil
import subprocess
import sys
from datetime import date, datetime, timedelta, timezone
from pathlib import Path

import polars as pl
import pytest

from tests.output_runs import AS_OF, NOON, RUN_ID, amend, plausible_tables, write
from trends.outputs import (
    OutputError,
    find_published,
    point_latest,
    previous_vintage,
    read_internal,
    read_latest,
    read_table,
    verify_run,
)
from trends.outputs.dictionary import contract, data_dictionary
from trends.tables import (
    CARRIED,
    CONTRACT_VERSION,
    CROSSING_CDF,
    CROSSING_QUANTILES,
    CROSSING_SUMMARY,
    OBSERVATIONS,
    PUBLISHED,
    QUARANTINE,
    TREND_FITS,
    TRENDS,
    Table,
    TableError,
)

CHECKOUT = Path(__file__).parent.parent
GOLDEN = CHECKOUT / "tests" / "golden"
DICTIONARY = CHECKOUT / "docs" / "data_dictionary.md"


def with_cell(table: Table, column: str, value: object) -> dict[str, pl.DataFrame]:
    tables = plausible_tables()
    changed = pl.lit(value, dtype=table.schema[column])
    tables[table.name] = tables[table.name].with_columns(changed.alias(column))
    return tables


def parquet(frame: pl.DataFrame) -> bytes:
    frame.write_parquet(buffer := io.BytesIO())
    return buffer.getvalue()


def csv_rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


# What a run contains


def test_a_run_has_the_files_of_the_contract(tmp_path: Path) -> None:
    run = write(tmp_path)
    assert run == tmp_path / "runs" / "2026-11-22" / RUN_ID
    both = (
        "headline crossing_summary changes crossing_quantiles history track_record score_forecast common_pace "
        "records_stood high_bars contest automation "
        "reference_forecasts reference_comparisons essay_claims labour_ratio tripwires trend_fits "
        "observations thresholds"
    )
    expected = {
        f"{name}.{kind}" for name in both.split() for kind in ("csv", "parquet")
    }
    expected |= {"history_bars.parquet"}
    expected |= {"crossing_cdf_quarterly.csv", "crossing_cdf.parquet", "quarantine.csv"}
    expected |= {"README.md", "manifest.json", "datapackage.json", "quality.json"}
    assert {path.name for path in run.iterdir()} == expected


@pytest.mark.parametrize("table", PUBLISHED, ids=lambda table: table.name)
def test_a_table_reads_back_as_it_was(tmp_path: Path, table: Table) -> None:
    run = write(tmp_path)
    assert read_table(run, table).equals(
        table.conform(plausible_tables()[table.name]), null_equal=True
    )


def test_a_row_that_lists_values_stands_for_as_many_rows() -> None:
    """Also for none; what it does not list is the same in each of them."""
    first, second, third = (date(2026, 1, 31 - day) for day in range(3))
    same = {"threshold_id": "one", "bar_id": "b"}
    rows: list[dict[str, object]] = [
        {**same, "trend": "drift", "by_date": [first, second], "p_crossed": [0.1, 0.3]},
        {**same, "trend": "records", "by_date": [], "p_crossed": []},
        {**same, "trend": "quantile", "by_date": [third], "p_crossed": [0.7]},
    ]
    flat = CROSSING_CDF.frame(
        [
            {**same, "trend": trend, "by_date": day, "p_crossed": p}
            for trend, day, p in (
                ("drift", first, 0.1),
                ("drift", second, 0.3),
                ("quantile", third, 0.7),
            )
        ]
    )
    assert CROSSING_CDF.exploded(rows, "by_date", "p_crossed").equals(flat)
    assert CROSSING_CDF.exploded([], "by_date", "p_crossed").equals(flat.clear())
    with pytest.raises(TableError, match="no column"):
        CROSSING_CDF.exploded([rows[0] | {"p": 0.1}], "by_date", "p_crossed")


def test_a_run_from_before_a_column_was_added_is_still_read(tmp_path: Path) -> None:
    """The next vintage says what moved since, whichever version published the last."""
    run = write(tmp_path)
    name = "crossing_summary.parquet"
    old = pl.read_parquet(run / name)
    amend(run, name, parquet(old.drop("lo80_calibrated_date")))
    found = read_table(run, CROSSING_SUMMARY)
    assert found["lo80_calibrated_date"].null_count() == found.height
    assert found.drop("lo80_calibrated_date").equals(old.drop("lo80_calibrated_date"))
    amend(run, name, parquet(old.drop("crossing_status")))
    with pytest.raises(TableError, match="lacks"):
        read_table(run, CROSSING_SUMMARY)


def test_the_quarterly_csv_keeps_quarter_ends_and_parquet_every_month(
    tmp_path: Path,
) -> None:
    run = write(tmp_path)
    quarterly = csv_rows(run / "crossing_cdf_quarterly.csv")
    assert [r["by_date"] for r in quarterly] == ["2027-03-31"]
    assert len(read_table(run, CROSSING_CDF)) == 3


def test_the_same_inputs_in_any_order_give_the_same_bytes(tmp_path: Path) -> None:
    one = write(tmp_path / "one")
    reversed_rows = {name: f.reverse() for name, f in plausible_tables().items()}
    two = write(tmp_path / "two", tables=reversed_rows)
    for path in one.iterdir():
        assert path.read_bytes() == (two / path.name).read_bytes(), path.name


def test_csv_cells_are_written_as_the_dictionary_says(tmp_path: Path) -> None:
    run = write(tmp_path)
    content = (run / "trend_fits.csv").read_bytes()
    assert b"\r" not in content
    assert not content.startswith(b"\xef\xbb\xbf")
    fit = csv_rows(run / "trend_fits.csv")[0]
    assert fit["slope_per_year"] == "-1e-7"
    assert fit["as_of"] == "2026-11-22"
    assert fit["ceiling"] == ""
    summary = csv_rows(run / "crossing_summary.csv")
    assert [r["sort_rank"] for r in summary] == ["1", "2"]
    assert summary[0]["is_headline"] == "false"
    observation = csv_rows(run / "observations.csv")[0]
    assert observation["retrieved_at"] == "2026-11-20T08:30:00.250Z"


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@a", "\ta", "\ra", "\na", "'a"])
def test_text_that_a_spreadsheet_would_run_is_kept_from_it(
    tmp_path: Path, text: str
) -> None:
    run = write(tmp_path, tables=with_cell(OBSERVATIONS, "model_name", text))
    assert csv_rows(run / "observations.csv")[0]["model_name"] == "'" + text
    assert read_table(run, OBSERVATIONS)["model_name"].to_list() == [text]


def test_quarantined_text_reads_back_without_its_apostrophe(tmp_path: Path) -> None:
    run = write(tmp_path)
    assert csv_rows(run / "quarantine.csv")[0]["reason"] == "'-5 is below 0"
    assert read_table(run, QUARANTINE)["reason"].to_list() == ["-5 is below 0"]


def test_the_manifest_accounts_for_every_other_file(tmp_path: Path) -> None:
    run = write(tmp_path)
    manifest = json.loads((run / "manifest.json").read_text())
    others = {path.name for path in run.iterdir()} - {"manifest.json"}
    assert set(manifest["files"]) == others
    for name, entry in manifest["files"].items():
        content = (run / name).read_bytes()
        assert entry["sha256"] == hashlib.sha256(content).hexdigest()
        assert entry["bytes"] == len(content)
    assert manifest["files"]["crossing_summary.csv"]["rows"] == 2
    assert manifest["files"]["crossing_cdf_quarterly.csv"]["rows"] == 1
    assert manifest["files"]["crossing_cdf.parquet"]["rows"] == 3
    assert manifest["files"]["README.md"]["rows"] is None
    assert manifest["provenance"] == {"seed": 7}
    assert manifest["run"] == {"finished_at": "2026-11-22T12:00:00Z"}
    assert (manifest["as_of"], manifest["run_id"]) == ("2026-11-22", RUN_ID)


def test_what_a_rerun_needs_is_in_the_manifest_and_guarded_by_it(
    tmp_path: Path,
) -> None:
    run = write(tmp_path, internal={"registry.json": {"thresholds": {}}})
    assert json.loads(read_internal(run, "registry.json")) == {"thresholds": {}}
    with pytest.raises(OutputError, match=r"carries no internal/weights\.json"):
        read_internal(run, "weights.json")
    (run / "internal" / "registry.json").write_text("{}")
    assert "registry.json has sha256" in verify_run(run)[0]
    with pytest.raises(OutputError, match="damaged"):
        read_internal(run, "registry.json")


def test_a_vintage_is_found_by_its_day_or_its_run(tmp_path: Path) -> None:
    run = write(tmp_path)
    point_latest(run, results=tmp_path, published_at=NOON)
    for name in (AS_OF.isoformat(), RUN_ID):
        assert find_published(tmp_path, name).path == run
    with pytest.raises(OutputError, match="there are: 2026-11-22"):
        find_published(tmp_path, "2026-11-21")


def test_the_data_package_describes_the_columns_that_are_there(tmp_path: Path) -> None:
    run = write(tmp_path)
    package = json.loads((run / "datapackage.json").read_text())
    resources = {resource["path"]: resource for resource in package["resources"]}
    assert set(resources) == {
        path.name for path in run.iterdir() if path.suffix in (".csv", ".parquet")
    }
    for name in (one for one in resources if "schema" in resources[one]):
        fields = [field["name"] for field in resources[name]["schema"]["fields"]]
        read = pl.scan_csv if name.endswith(".csv") else pl.scan_parquet
        assert fields == read(run / name).collect_schema().names()
        assert resources[name]["schema"]["missingValues"] == [""]
    schema = resources["trend_fits.csv"]["schema"]
    field = {field["name"]: field for field in schema["fields"]}
    assert field["trend"]["constraints"] == {
        "required": True,
        "enum": list(TRENDS),
    }
    assert field["slope_per_year"]["unit"] == "1/year"
    assert field["epoch_date"]["type"] == "date"
    assert schema["uniqueKeys"] == [["series_id", "trend", "ceiling"]]
    quantiles = resources["crossing_quantiles.csv"]["schema"]
    assert quantiles["primaryKey"][-1] == "quantile_level"


def test_parquet_says_which_table_it_is(tmp_path: Path) -> None:
    metadata = pl.read_parquet_metadata(write(tmp_path) / "crossing_cdf.parquet")
    assert metadata["table"] == "crossing_cdf"
    assert metadata["contract_version"] == CONTRACT_VERSION


def test_the_readme_opens_with_the_headline_and_names_the_run(tmp_path: Path) -> None:
    text = (write(tmp_path) / "README.md").read_text()
    assert "| Work-month | 2027-03 |" in text
    assert (
        f"vintage 2026-11-22, run {RUN_ID}, output contract {CONTRACT_VERSION}" in text
    )
    assert "| crossing_cdf.parquet | 3 |" in text


# What is refused


@pytest.mark.parametrize(
    ("table", "column", "value", "found"),
    [
        (TREND_FITS, "slope_per_year", float("nan"), "holds nan"),
        (CROSSING_SUMMARY, "mc_error_days", float("inf"), "holds inf"),
        (CROSSING_SUMMARY, "q90_date", date(9999, 12, 31), "9999"),
        (CROSSING_QUANTILES, "crossing_date", date(1970, 1, 1), "1970"),
        (OBSERVATIONS, "note", "", "holds ''"),
        (CROSSING_SUMMARY, "crossing_status", "probably", "knows only already_crossed"),
        (CROSSING_SUMMARY, "sort_rank", 1, "2 rows that share their key"),
        (TREND_FITS, "run_id", "ffffffffffff", f"the run is {RUN_ID}"),
        (CROSSING_CDF, "as_of", date(2026, 10, 22), "the run is 2026-11-22"),
    ],
)
def test_a_cell_that_would_mislead_is_refused(
    tmp_path: Path, table: Table, column: str, value: object, found: str
) -> None:
    point_latest(write(tmp_path, run_id="aaa"), results=tmp_path, published_at=NOON)
    before = sorted(tmp_path.rglob("*"))
    with pytest.raises(OutputError, match=rf"{table.name}.*{found}"):
        write(tmp_path, tables=with_cell(table, column, value))
    assert sorted(tmp_path.rglob("*")) == before


def test_a_label_that_is_missing_is_refused(tmp_path: Path) -> None:
    with pytest.raises(TableError, match="median_label has 2 empty cells"):
        write(tmp_path, tables=with_cell(CROSSING_SUMMARY, "median_label", None))


def test_one_row_may_break_one_expectation_twice(tmp_path: Path) -> None:
    tables = plausible_tables()
    tables["quarantine"] = pl.concat([tables["quarantine"]] * 2)
    assert len(read_table(write(tmp_path, tables=tables), QUARANTINE)) == 2


def test_a_missing_and_an_unknown_table_are_refused_by_name(tmp_path: Path) -> None:
    tables = plausible_tables()
    tables["frontier"] = tables.pop("trend_fits")
    with pytest.raises(OutputError, match=r"missing \['trend_fits'\].*\['frontier'\]"):
        write(tmp_path, tables=tables)


def test_a_report_that_json_cannot_hold_is_refused(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match=r"quality\.json cannot be written"):
        write(tmp_path, quality={"share": float("nan")})


def test_a_run_that_is_there_is_returned_untouched(tmp_path: Path) -> None:
    run = write(tmp_path)
    before = {path: path.stat().st_mtime_ns for path in run.iterdir()}
    assert write(tmp_path, quality={"other": 1}) == run
    assert {path: path.stat().st_mtime_ns for path in run.iterdir()} == before


def damage_by_a_byte(path: Path) -> None:
    content = path.read_bytes()
    path.write_bytes(content[:-2] + b"9" + content[-1:])


@pytest.mark.parametrize("name", ["crossing_summary.csv", "manifest.json"])
@pytest.mark.parametrize("damage", [Path.unlink, damage_by_a_byte])
def test_a_damaged_run_is_refused_and_left_as_it_is(
    tmp_path: Path, name: str, damage: object
) -> None:
    run = write(tmp_path)
    assert verify_run(run) == []
    assert callable(damage)
    damage(run / name)
    before = sorted((path, path.stat().st_mtime_ns) for path in run.iterdir())
    assert len(verify_run(run)) == 1
    with pytest.raises(OutputError, match=rf"is damaged: {name}.*never rewritten"):
        write(tmp_path)
    with pytest.raises(OutputError, match=name):
        point_latest(run, results=tmp_path, published_at=NOON)
    assert sorted((path, path.stat().st_mtime_ns) for path in run.iterdir()) == before


# What leads to a run


def publish(results: Path, as_of: date, run_id: str, at: datetime = NOON) -> Path:
    run = write(results, as_of=as_of, run_id=run_id)
    point_latest(run, results=results, published_at=at)
    return run


def test_latest_leads_to_the_run_and_pins_its_manifest(tmp_path: Path) -> None:
    assert read_latest(tmp_path) is None
    in_paris = datetime(2026, 11, 22, 13, tzinfo=timezone(timedelta(hours=1)))
    run = publish(tmp_path, AS_OF, RUN_ID, in_paris)
    manifest = (run / "manifest.json").read_bytes()
    assert json.loads((tmp_path / "latest.json").read_text()) == {
        "as_of": "2026-11-22",
        "run_id": RUN_ID,
        "path": f"runs/2026-11-22/{RUN_ID}",
        "contract_version": CONTRACT_VERSION,
        "manifest_sha256": hashlib.sha256(manifest).hexdigest(),
        "published_at": "2026-11-22T12:00:00Z",
    }
    latest = read_latest(tmp_path)
    assert latest is not None
    assert latest.path == run
    (run / "manifest.json").write_bytes(manifest + b"\n")
    with pytest.raises(OutputError, match=r"manifest\.json has sha256"):
        read_latest(tmp_path)


def test_publishing_again_changes_nothing(tmp_path: Path) -> None:
    run = publish(tmp_path, AS_OF, RUN_ID)
    files = {p: p.read_bytes() for p in tmp_path.rglob("*.json")}
    point_latest(run, results=tmp_path, published_at=NOON + timedelta(hours=1))
    assert {p: p.read_bytes() for p in tmp_path.rglob("*.json")} == files


def test_a_second_run_of_a_vintage_replaces_the_first_and_may_be_taken_back(
    tmp_path: Path,
) -> None:
    first = publish(tmp_path, AS_OF, "bbb")
    second = publish(tmp_path, AS_OF, "aaa", NOON + timedelta(hours=1))
    latest = read_latest(tmp_path)
    assert latest is not None
    assert latest.path == second
    point_latest(first, results=tmp_path, published_at=NOON + timedelta(hours=2))
    latest = read_latest(tmp_path)
    assert latest is not None
    assert latest.path == first


def test_filling_in_the_past_leaves_latest_with_the_newest_vintage(
    tmp_path: Path,
) -> None:
    november = publish(tmp_path, date(2026, 11, 22), "aaa")
    may = publish(tmp_path, date(2026, 5, 1), "bbb", NOON + timedelta(days=1))
    latest = read_latest(tmp_path)
    previous = previous_vintage(tmp_path, before=date(2026, 11, 22))
    assert latest is not None
    assert latest.path == november
    assert previous is not None
    assert previous.path == may


def test_the_previous_vintage_is_the_newest_published_earlier_one(
    tmp_path: Path,
) -> None:
    publish(tmp_path, date(2026, 8, 1), "aaa", NOON + timedelta(days=2))
    september = publish(tmp_path, date(2026, 9, 1), "bbb")
    write(tmp_path, as_of=date(2026, 10, 1), run_id="unpublished")
    write(tmp_path, as_of=date(2026, 10, 2), run_id="draft", draft=True)
    publish(tmp_path, date(2026, 11, 1), "ccc")
    found = previous_vintage(tmp_path, before=date(2026, 11, 1))
    assert found is not None
    assert found.path == september
    assert previous_vintage(tmp_path, before=date(2026, 8, 1)) is None


def test_a_deleted_run_no_longer_counts_and_latest_says_that_it_is_gone(
    tmp_path: Path,
) -> None:
    september = publish(tmp_path, date(2026, 9, 1), "aaa")
    october = publish(tmp_path, date(2026, 10, 1), "bbb")
    shutil.rmtree(october)
    with pytest.raises(OutputError, match="bbb is gone"):
        read_latest(tmp_path)
    found = previous_vintage(tmp_path, before=date(2026, 11, 1))
    assert found is not None
    assert found.path == september
    point_latest(september, results=tmp_path, published_at=NOON)
    latest = read_latest(tmp_path)
    assert latest is not None
    assert latest.path == september


def test_a_draft_is_written_apart_and_cannot_be_published(tmp_path: Path) -> None:
    draft = write(tmp_path, draft=True)
    assert draft == tmp_path / "drafts" / RUN_ID
    assert verify_run(draft) == []
    with pytest.raises(OutputError, match="cannot be published"):
        point_latest(draft, results=tmp_path, published_at=NOON)
    assert read_latest(tmp_path) is None


def test_a_draft_says_so_wherever_one_begins_to_read(tmp_path: Path) -> None:
    draft, published = write(tmp_path, draft=True), write(tmp_path)

    assert (draft / "README.md").read_text().startswith("# DRAFT benchmark-trends")
    assert "> DRAFT benchmark-trends" in (draft / "README.md").read_text()
    package = json.loads((draft / "datapackage.json").read_text())
    assert package["draft"]
    assert package["title"].startswith("DRAFT ")
    assert json.loads((draft / "manifest.json").read_text())["status"] == "DRAFT"
    for name in ("README.md", "manifest.json", "datapackage.json"):
        text = (published / name).read_text()
        # the dictionary's words about the mark are in the descriptor of any run
        meanings = "it: contested, not seen, DRAFT", "seen, contested, DRAFT"
        for meaning in meanings:
            text = text.replace(meaning, "")
        assert "DRAFT" not in text


def test_a_publication_time_without_zone_is_refused(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match="time zone"):
        publish(tmp_path, AS_OF, RUN_ID, NOON.replace(tzinfo=None))


# The contract


def test_the_contract_has_not_changed_unannounced() -> None:
    golden = GOLDEN / f"contract_{CONTRACT_VERSION}.json"
    found = contract()
    assert golden.exists(), f"write {golden.name}: see trends/outputs/dictionary.py"
    assert json.loads(golden.read_text()) == found, (
        "The published columns changed. Raise CONTRACT_VERSION in trends/tables/__init__.py: "
        "the minor number for a new last column or a new table, the major number for "
        "anything else. Then write the new golden file beside the old ones: "
        "python -m trends.outputs.dictionary --contract "
        "> tests/golden/contract_<version>.json"
    )


def test_a_minor_version_only_adds_tables_and_last_columns() -> None:
    major = CONTRACT_VERSION.split(".")[0]
    now = {table.name: table.schema.names() for table in (*PUBLISHED, *CARRIED)}
    for golden in GOLDEN.glob(f"contract_{major}.*.json"):
        for name, table in json.loads(golden.read_text())["tables"].items():
            before = [column.split(":")[0] for column in table["columns"]]
            assert now[name][: len(before)] == before, f"{name} broke {golden.name}"


def test_the_data_dictionary_is_up_to_date() -> None:
    assert DICTIONARY.read_text(encoding="utf-8") == data_dictionary(), (
        "python -m trends.outputs.dictionary > docs/data_dictionary.md"
    )


def test_the_commands_that_the_dictionary_names_work() -> None:
    command = [sys.executable, "-m", "trends.outputs.dictionary"]
    printed = subprocess.run(
        command, cwd=CHECKOUT, capture_output=True, check=True, text=True
    )
    assert printed.stdout == data_dictionary()
    command.append("--contract")
    printed = subprocess.run(
        command, cwd=CHECKOUT, capture_output=True, check=True, text=True
    )
    assert json.loads(printed.stdout) == contract()
