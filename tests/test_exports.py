"""A run for other tools: a hub after hubverse, and one file to cite."""

import hashlib
import io
import json
import shutil
import zipfile
from datetime import date, datetime
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from jsonschema import Draft202012Validator, FormatChecker
from ruamel.yaml import YAML

from tests.small_world import CHECKOUT, small_world, trends
from trends.exports import bundle_run, hub_files
from trends.outputs import OutputError, find_published, read_table
from trends.pipeline import ForecastRequest, PublishedRun, forecast, ingest
from trends.tables import (
    CROSSING_CDF,
    CROSSING_SUMMARY,
    OBSERVATIONS,
    PUBLISHED,
    SCORE_FORECAST,
)
from trends.workspace import Workspace

SCHEMAS = CHECKOUT.parent / "shared" / "reference" / "hubverse"
AS_OF = date(2025, 12, 31)
CONFIGS = ("admin", "tasks", "target-data")


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    workspace = small_world(tmp_path_factory.mktemp("exports"))
    shutil.copy(CHECKOUT / "LICENSE", workspace.root)
    ingest(workspace)
    noon = datetime.fromisoformat(f"{AS_OF}T12:00:00Z")
    forecast(ForecastRequest(AS_OF, draws=100), workspace, published_at=noon)
    return workspace


@pytest.fixture(scope="module")
def run(world: Workspace) -> Path:
    return find_published(world.results, str(AS_OF)).path


def hub_of(run: Path) -> dict[str, bytes]:
    tables = {table.name: read_table(run, table) for table in PUBLISHED}
    return hub_files(tables, repository="org/hub")


@pytest.fixture(scope="module")
def hub(run: Path) -> dict[str, bytes]:
    return hub_of(run)


def output_of(hub: dict[str, bytes], trend: str, target: str) -> pl.DataFrame:
    (name,) = [
        one for one in hub if one.startswith(f"model-output/benchtrends-{trend}/")
    ]
    rows = pl.read_parquet(io.BytesIO(hub[name]))
    return rows.filter(pl.col("target") == target)


def config(hub: dict[str, bytes], name: str) -> dict[str, Any]:
    content: dict[str, Any] = json.loads(hub[f"hub-config/{name}.json"])
    return content


# The hub


@pytest.mark.skipif(not SCHEMAS.is_dir(), reason=f"no hubverse schemas at {SCHEMAS}")
@pytest.mark.parametrize("name", CONFIGS)
def test_the_configuration_is_valid(hub: dict[str, bytes], name: str) -> None:
    schema = json.loads((SCHEMAS / f"{name}-schema-v6.0.0.json").read_text())
    validator = Draft202012Validator(schema, format_checker=FormatChecker())
    found = config(hub, name)
    assert [error.message for error in validator.iter_errors(found)] == []
    assert found["schema_version"] == schema["$id"]
    assert list(validator.iter_errors(found | {"more": 1}))


@pytest.mark.skipif(not SCHEMAS.is_dir(), reason=f"no hubverse schemas at {SCHEMAS}")
def test_the_configuration_of_the_shipped_run_is_valid(
    shipped_run: PublishedRun,
) -> None:
    hub = hub_of(shipped_run.path)
    for name in CONFIGS:
        schema = json.loads((SCHEMAS / f"{name}-schema-v6.0.0.json").read_text())
        validator = Draft202012Validator(schema, format_checker=FormatChecker())
        assert [
            error.message for error in validator.iter_errors(config(hub, name))
        ] == []
    check_rows(hub)


def check_rows(hub: dict[str, bytes]) -> None:
    """Every row answers a task, in the columns and the ids that tasks.json names."""
    [round_] = config(hub, "tasks")["rounds"]
    tasks = round_["model_tasks"]
    outputs = [name for name in hub if name.startswith("model-output/")]
    assert outputs
    for name in outputs:
        _, model, file = name.split("/")
        assert f"model-metadata/{model}.yml" in hub
        rows = pl.read_parquet(io.BytesIO(hub[name]))
        ids = list(tasks[0]["task_ids"])
        assert rows.columns == [*ids, "output_type", "output_type_id", "value"]
        assert file == f"{rows['origin_date'][0]}-{model}.parquet"
        assert rows["value"].null_count() == 0
        keys = [*ids, "output_type", "output_type_id"]
        assert not rows.select(keys).is_duplicated().any()
        answered = 0
        for task in tasks:
            kinds = task["output_type"]
            fits = pl.lit(value=True)
            for column, values in task["task_ids"].items():
                known = [*(values["required"] or []), *(values["optional"] or [])]
                as_text = pl.col(column).cast(pl.String)
                fits &= (
                    as_text.is_in([*map(str, known)]) if known else as_text.is_null()
                )
            ours = rows.filter(fits)
            answered += ours.height
            [(kind, what)] = kinds.items()
            assert set(ours["output_type"]) <= {kind}
            required = [*map(str, what["output_type_id"]["required"])]
            for _, of_task in ours.group_by(ids):
                assert sorted(of_task["output_type_id"]) == sorted(required)
        assert answered == rows.height


def test_every_row_answers_a_task(hub: dict[str, bytes]) -> None:
    check_rows(hub)
    keys = {
        target["target_id"]
        for task in config(hub, "tasks")["rounds"][0]["model_tasks"]
        for target in task["target_metadata"]
    }
    assert keys == {"crossing date", "crossing period", "frontier score"}


def test_the_cdf_is_that_of_the_table_at_iso_dates(
    hub: dict[str, bytes], run: Path
) -> None:
    rows = output_of(hub, "drift", "crossing date").with_columns(
        by_date=pl.col("output_type_id").str.to_date("%Y-%m-%d")
    )
    cdf = read_table(run, CROSSING_CDF).select(
        "trend",
        "by_date",
        "p_crossed",
        bar=pl.concat_str("threshold_id", "bar_id", separator="."),
    )
    joined = rows.join(
        cdf.filter(pl.col("trend") == "drift"), on=["bar", "by_date"], how="left"
    )
    assert joined.height > 100
    assert joined["value"].to_list() == pytest.approx(joined["p_crossed"].to_list())
    assert rows["by_date"].min() == date(2026, 3, 31)


def test_the_bins_of_a_bar_sum_to_1_and_end_with_never(
    hub: dict[str, bytes], run: Path
) -> None:
    rows = output_of(hub, "drift", "crossing period")
    sums = rows.group_by("bar").agg(pl.col("value").sum())["value"]
    assert sums.to_list() == pytest.approx([1.0] * len(sums))
    summary = read_table(run, CROSSING_SUMMARY).filter(pl.col("trend") == "drift")
    never = dict(
        summary.select(
            pl.concat_str("threshold_id", "bar_id", separator="."), "p_never"
        ).iter_rows()
    )
    found = rows.filter(pl.col("output_type_id") == "never").select("bar", "value")
    assert found.height == len(sums)
    for bar, value in found.iter_rows():
        assert value == pytest.approx(never[bar])
    task = config(hub, "tasks")["rounds"][0]["model_tasks"][1]
    bins = task["output_type"]["pmf"]["output_type_id"]["required"]
    assert bins[0] == f"to {AS_OF}"
    assert bins[-2:] == ["later", "never"]
    assert bins[:-2] == sorted(bins[:-2])


def test_quantiles_of_scores_are_those_of_the_table(
    hub: dict[str, bytes], run: Path
) -> None:
    rows = output_of(hub, "drift", "frontier score")
    table = read_table(run, SCORE_FORECAST).filter(pl.col("trend") == "drift")
    ours = rows.select(
        "series", "horizon", level=pl.col("output_type_id").cast(pl.Float64), v="value"
    ).sort("series", "horizon", "level")
    theirs = table.sort("series_id", "lead_months", "quantile_level")
    assert (
        ours.select("series", "horizon", "level", "v").rows()
        == theirs.select("series_id", "lead_months", "quantile_level", "score").rows()
    )
    assert ours["level"].n_unique() == 23


def test_crossed_bars_are_target_data_and_have_no_forecast(
    hub: dict[str, bytes], run: Path
) -> None:
    summary = read_table(run, CROSSING_SUMMARY)
    crossed = summary.filter(pl.col("crossing_status") == "already_crossed").select(
        bar=pl.concat_str("threshold_id", "bar_id", separator=".")
    )
    assert not crossed.is_empty()
    oracle = pl.read_parquet(io.BytesIO(hub["target-data/oracle-output.parquet"]))
    assert set(oracle["bar"]) == set(crossed["bar"])
    assert set(oracle["oracle_value"]) == {1.0}
    assert not set(output_of(hub, "drift", "crossing date")["bar"]) & set(
        crossed["bar"]
    )


def test_the_time_series_is_the_frontier(hub: dict[str, bytes], run: Path) -> None:
    """Rising where more is better, falling where less is; each day once."""
    series = pl.read_parquet(io.BytesIO(hub["target-data/time-series.parquet"]))
    records = read_table(run, OBSERVATIONS).filter("is_record")
    assert set(series["series"]) == set(records["benchmark_id"])
    for (name,), rows in series.group_by("series"):
        scores = rows.sort("target_end_date")["observation"]
        rising = name != "speedrun"
        assert scores.is_sorted(descending=not rising)
        assert rows["target_end_date"].is_unique().all()
        assert rows.height == records.filter(pl.col("benchmark_id") == name).height


def test_a_hub_is_written_whole_where_nothing_was(
    world: Workspace, run: Path, hub: dict[str, bytes], tmp_path: Path
) -> None:
    out = tmp_path / "new" / "hub"
    words = ("export", "hubverse", "--out", str(out), "--repository", "org/hub")
    done = trends(world, *words)
    assert (done.returncode, done.stdout) == (0, f"{out}\n"), done.stderr
    written = {
        path.relative_to(out).as_posix(): path.read_bytes()
        for path in out.rglob("*")
        if path.is_file()
    }
    assert written == hub
    metadata_schema = json.loads(hub["hub-config/model-metadata-schema.json"])
    for name in (one for one in hub if one.startswith("model-metadata/")):
        Draft202012Validator(metadata_schema).validate(YAML(typ="safe").load(hub[name]))
    again = trends(world, *words)
    assert again.returncode == 2
    assert "is there already" in again.stderr
    assert [path.name for path in out.parent.iterdir()] == ["hub"]
    nowhere = trends(
        world, "export", "hubverse", "--out", str(out), "--repository", "x"
    )
    assert nowhere.returncode == 2


# The bundle


def test_a_bundle_is_the_run_with_licence_and_citation(
    world: Workspace, run: Path, tmp_path: Path
) -> None:
    done = trends(world, "export", "zip", "--out", str(tmp_path / "run.zip"))
    assert done.returncode == 0, done.stderr
    with zipfile.ZipFile(tmp_path / "run.zip") as archive:
        assert archive.testzip() is None
        names = archive.namelist()
        folder = f"benchmark-trends-{AS_OF}-{run.name}/"
        assert all(name.startswith(folder) for name in names)
        files = {name.removeprefix(folder): archive.read(name) for name in names}
        assert {entry.date_time for entry in archive.infolist()} == {
            (1980, 1, 1, 0, 0, 0)
        }
    manifest = json.loads(files["manifest.json"])
    assert set(files) == {
        *manifest["files"],
        "manifest.json",
        "LICENSE",
        "CITATION.cff",
    }
    for name, entry in manifest["files"].items():
        assert hashlib.sha256(files[name]).hexdigest() == entry["sha256"], name
    assert files["README.md"] == (run / "README.md").read_bytes()
    assert files["LICENSE"] == (CHECKOUT / "LICENSE").read_bytes()
    citation = YAML(typ="safe").load(files["CITATION.cff"])
    assert run.name in citation["title"]
    assert citation["date-released"] == str(AS_OF)
    check_citation(citation)


def test_the_same_run_gives_the_same_bytes(world: Workspace, run: Path) -> None:
    first = bundle_run(run, root=world.root)
    for file in run.iterdir():
        file.touch()
    assert bundle_run(run, root=world.root) == first


def test_a_damaged_run_is_not_bundled(
    world: Workspace, run: Path, tmp_path: Path
) -> None:
    copy = Path(shutil.copytree(run, tmp_path / "run"))
    (copy / "crossing_summary.csv").write_text("something else")
    with pytest.raises(OutputError, match=r"crossing_summary\.csv has sha256"):
        bundle_run(copy, root=world.root)


def test_the_project_says_how_it_is_cited() -> None:
    check_citation(YAML(typ="safe").load((CHECKOUT / "CITATION.cff").read_text()))


def check_citation(citation: dict[str, Any]) -> None:
    """What the Citation File Format 1.2.0 requires; a team, and no person."""
    assert citation["cff-version"] == "1.2.0"
    assert citation["message"]
    assert citation["title"]
    assert citation["type"] in {"software", "dataset"}
    assert citation["license"] == "Apache-2.0"
    assert citation["authors"] == [{"name": "The benchmark-trends team"}]
