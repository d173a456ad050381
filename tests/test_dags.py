"""House rules of DAGs, and all DAGs run to their end by Airflow itself."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.airflow_home import probe, small_checkout
from tests.conftest import CHECKOUT
from trends import defaults
from trends.dag_names import DAG_IDS
from trends.registry import TrendFamily

pytestmark = pytest.mark.airflow

FILES = sorted((CHECKOUT / "dags").glob("*.py"))
DAGS = set(DAG_IDS)
TAGS = {"benchmark-trends", "ingest", "forecast", "backtest", "preview"}
HEAVY = ("great_expectations", "numpy", "pandas", "polars", "scipy", "statsmodels")


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return small_checkout(tmp_path_factory.mktemp("airflow") / "checkout")


@pytest.fixture(scope="module")
def described(checkout: Path) -> dict[str, Any]:
    described: dict[str, Any] = probe("describe", checkout)
    return described


@pytest.fixture(scope="module")
def runs(checkout: Path) -> dict[str, Any]:
    """What each run of tests/airflow_probe.py's `tell` did, by its name there."""
    runs: dict[str, Any] = probe("tell", checkout)
    return runs


@pytest.fixture(scope="module")
def heavy(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[str]]:
    """What is heavy and imported once each DAG file is, one after the other."""
    files = [file.stem for file in FILES]
    script = (
        "import importlib, json, sys; found = {}\n"
        f"for name in {files}:\n"
        "    importlib.import_module(name)\n"
        f"    found[name] = [one for one in {HEAVY} if one in sys.modules]\n"
        "print(json.dumps(found))"
    )
    home = tmp_path_factory.mktemp("parsing")
    done = subprocess.run(
        [sys.executable, "-c", script],
        env=os.environ
        | {"AIRFLOW_HOME": str(home), "PYTHONPATH": str(FILES[0].parent)},
        capture_output=True,
        text=True,
        check=True,
    )
    found: dict[str, list[str]] = json.loads(done.stdout.splitlines()[-1])
    return found


@pytest.mark.parametrize("file", FILES, ids=str)
def test_parsing_a_dag_file_imports_nothing_heavy(
    file: Path, heavy: dict[str, list[str]]
) -> None:
    """The DAG processor does it every half minute, for every file."""
    assert heavy[file.stem] == []


def test_every_dag_file_can_be_read(described: dict[str, Any]) -> None:
    assert described["import_errors"] == {}
    assert set(described["dags"]) == DAGS


def test_a_busy_database_is_waited_for(described: dict[str, Any]) -> None:
    """With SQLite's 5 seconds the DAG processor ends where another writer takes 40."""
    assert described["database_waits_ms"] == 60_000


@pytest.mark.parametrize("dag_id", sorted(DAGS))
def test_a_dag_keeps_to_the_house_rules(described: dict[str, Any], dag_id: str) -> None:
    dag = described["dags"][dag_id]
    headings = [line for line in dag["doc_md"].splitlines() if line.startswith("#")]
    assert headings == [
        "### What this produces",
        "### What a failure means",
        "### Is a rerun safe?",
    ]
    assert set(dag["tags"]) <= TAGS
    assert "benchmark-trends" in dag["tags"]
    assert dag["display_name"] != dag_id
    assert dag["catchup"] is False
    assert dag["max_active_runs"] == 1
    for task_id, task in dag["tasks"].items():
        assert task["owner"] == "forecasting"
        assert task["has_timeout"] or task_id == "approve"  # has its own, of days
        assert task["retries"] == 2
        assert task["backoff"] == 2
        assert task["policy"] == "RetryUnlessRefused"
        assert task["display_name"] != task_id


def test_the_form_opens_with_the_two_questions_that_matter(
    described: dict[str, Any],
) -> None:
    """Params with a section start collapsed."""
    params = described["dags"]["forecast_crossing_dates"]["params"]
    assert [p for p in params if "section" not in params[p]] == ["as_of", "publish"]
    assert params["publish"]["value"] == "Draft"
    assert params["as_of"]["value"] is None


def test_the_form_has_the_defaults_and_choices_of_the_command_line(
    described: dict[str, Any],
) -> None:
    params = described["dags"]["forecast_crossing_dates"]["params"]
    assert params["draws"]["value"] == defaults.DRAWS
    assert params["seed"]["value"] == defaults.SEED
    families = params["trends"]["items"]["enum"]
    assert families == [one.value for one in TrendFamily]


def test_tasks_are_grouped_and_keep_their_ids(described: dict[str, Any]) -> None:
    assert described["dags"]["forecast_crossing_dates"]["groups"] == {
        "inputs": ["plan_forecast", "select_records"],
        "dates": ["cross_bars", "cross_shard", "fit_shard"],
        "publication": ["approve", "notify", "publish", "review"],
    }
    assert described["dags"]["ingest_benchmark_scores"]["groups"] == {
        "publishers": ["ask_publisher", "list_publishers"],
        "sources": ["ingest_source", "list_sources"],
    }


def test_mapped_tasks_are_named_by_what_they_do(runs: dict[str, Any]) -> None:
    fits = {name for name in runs["draft"]["tasks"] if name.startswith("fit_shard")}
    named = [re.fullmatch(r".*\[shard (\d+) of (\d+): (\d+) series\]", f) for f in fits]
    numbers = sorted([int(n) for n in found.groups()] for found in named if found)
    assert [which for which, _, _ in numbers] == list(range(1, len(fits) + 1))
    assert {of_how_many for _, of_how_many, _ in numbers} == {len(fits)}
    assert sum(n_series for _, _, n_series in numbers) == 5


def test_a_run_says_by_id_what_it_made(runs: dict[str, Any]) -> None:
    """Pages of Airflow find a run's files by it."""
    published = runs["published"]
    assert published["made"] == {
        "run_id": published["latest"],
        "as_of": published["events"]["crossing_summary"]["as_of"],
        "draft": False,
    }
    assert runs["draft"]["made"]["draft"] is True
    scores = runs["backtest"]["events"]["forecast_scores"]
    assert runs["backtest"]["made"] == {"backtest_id": scores["backtest_id"]}
    assert runs["misspelt"]["made"] is None


def test_the_pool_is_made_once_and_its_slots_are_its_owners_affair(
    described: dict[str, Any],
) -> None:
    assert described["pool"] == [os.cpu_count(), 7]


def test_an_asset_of_an_earlier_version_is_the_same_under_its_new_uri(
    described: dict[str, Any],
) -> None:
    """Two active ones of one name would be a conflict, and start no forecast."""
    asset = ["observations", "x-benchmark-trends://data/work/latest_ingest.json"]
    assert described["moved_assets"] == {"known": [asset], "active": [asset]}


def test_fits_share_a_pool(described: dict[str, Any]) -> None:
    tasks = described["dags"]["forecast_crossing_dates"]["tasks"]
    pooled = [task for task in tasks if tasks[task]["pool"] == "fits"]
    assert sorted(pooled) == ["cross_shard", "fit_shard"]


def test_what_was_refused_is_not_retried(described: dict[str, Any]) -> None:
    assert described["rules"]["RequestError"] == "fail"
    assert described["rules"]["EditedError"] == "retry"
    assert described["rules"]["ConnectionError"] == "retry"


def test_retries_wait_longer_each_time_and_not_all_at_once(
    described: dict[str, Any],
) -> None:
    second, third, ninth = described["rules"]["delays"]
    for delays, longest in ((second, 10), (third, 20), (ninth, 300)):
        assert longest / 2 <= min(delays)
        assert max(delays) <= longest
        assert len(set(delays)) > 1


def test_a_run_that_changed_inputs_started_publishes(
    described: dict[str, Any],
) -> None:
    assert described["rules"]["manual Draft"] is False
    assert described["rules"]["manual Publish"] is True
    assert described["rules"]["asset_triggered Draft"] is True


def test_ingest_maps_over_sources_and_tells_both_assets(runs: dict[str, Any]) -> None:
    run = runs["first ingest"]
    assert run["state"] == "success"
    assert run["tasks"] == {
        "list_sources[-1]": "success",
        "list_publishers[-1]": "success",
        "ask_publisher[-1]": "skipped",
        "ingest_source[METR time horizons]": "success",
        "ingest_source[modded-nanogpt record table]": "success",
        "join_sources[-1]": "success",
    }
    assert set(run["events"]) == {"observations", "thresholds"}
    assert run["events"]["observations"]["rows"] > 100
    assert run["events"]["observations"]["stopped"] == {}


def test_ingest_of_the_same_figures_tells_no_asset(runs: dict[str, Any]) -> None:
    run = runs["ingest of the same"]
    assert (run["state"], run["events"]) == ("success", {})


def test_a_backtest_is_written_and_told(runs: dict[str, Any], checkout: Path) -> None:
    run = runs["backtest"]
    assert (run["state"], set(run["events"])) == ("success", {"forecast_scores"})
    news = run["events"]["forecast_scores"]
    assert news["rows"] > 0
    folder = checkout / "data" / "results" / "backtests" / news["backtest_id"]
    assert sorted(path.name for path in folder.iterdir()) == [
        "backtest.json",
        "backtest_forecasts.parquet",
        "backtest_scores.parquet",
        "part.json",
        "published_width.json",
        "weights.json",
    ]


@pytest.mark.parametrize("name", ["published again", "backtest again"])
def test_the_same_again_is_no_news(runs: dict[str, Any], name: str) -> None:
    run, first = runs[name], runs[name.replace("again", "").strip()]
    assert (run["state"], run["events"], run["notice"]) == ("success", {}, None)
    assert run["made"] == first["made"]


def test_what_a_killed_try_has_published_the_next_one_tells(
    runs: dict[str, Any],
) -> None:
    run = runs["told by the next try"]
    assert run["state"] == "success"
    assert "headlines: " in run["notice"]["subject"]
    [news] = run["events"].values()
    assert news["run_id"] == run["made"]["run_id"]
    assert news["run_id"] in run["notice"]["text"]


def test_every_asset_says_what_it_is_and_where(described: dict[str, Any]) -> None:
    assets = described["assets"]
    assert set(assets) == {
        "observations",
        "thresholds",
        "crossing_summary",
        "forecast_scores",
    }
    for asset in assets.values():
        assert asset["group"] == "benchmark-trends"
        assert asset["uri"].startswith("x-benchmark-trends://data/")
        assert asset["description"]


@pytest.mark.parametrize(
    ("name", "asset"),
    [
        ("first ingest", "observations"),
        ("published", "crossing_summary"),
        ("backtest", "forecast_scores"),
    ],
)
def test_news_says_of_what_day_and_run_it_is(
    runs: dict[str, Any], name: str, asset: str
) -> None:
    news = runs[name]["events"][asset]
    assert {"as_of", "run_id", "rows", "headline"} <= set(news)
    assert news["rows"] > 0


def test_a_run_has_its_answer_for_a_note(runs: dict[str, Any]) -> None:
    published = runs["published"]
    run_id = published["made"]["run_id"]
    assert re.fullmatch(
        r"Published as of \d{4}-\d\d-\d\d\. METR 50% time horizon of a work-month: "
        r"20\d\d-\d\d \(80% .*\); automated R&D after the gap: .*\. "
        rf"No date to compare with an earlier vintage\. Run {run_id}\.",
        published["note"],
    )
    assert runs["draft"]["note"].startswith("Draft as of ")
    ingest = runs["first ingest"]
    rows = ingest["events"]["observations"]["rows"]
    assert ingest["note"].startswith(f"{rows} rows of 2 sources accepted, ")
    assert runs["ingest of the same"]["note"].endswith("No row changed.")


def test_a_run_that_failed_has_the_reason_for_a_note(runs: dict[str, Any]) -> None:
    said = runs["misspelt"]["note"]
    assert said.startswith("Failed in Plan: unknown parameter as_off in the run's conf")
    assert runs["nothing left"]["note"].startswith(
        "Failed in Join sources (2 more failed): no source passed"
    )


def test_a_backtest_from_the_middle_of_a_month_is_refused(
    runs: dict[str, Any],
) -> None:
    run = runs["backtest of a typo"]
    assert run["state"] == "refused"
    assert "Invalid input for param first_origin: '2026-01-15'" in run["why"]


def test_an_edited_threshold_tells_thresholds_only(runs: dict[str, Any]) -> None:
    run = runs["edited threshold"]
    assert (run["state"], set(run["events"])) == ("success", {"thresholds"})


def test_a_draft_is_written_and_is_no_news(runs: dict[str, Any]) -> None:
    run = runs["draft"]
    assert (run["state"], run["events"]) == ("success", {})
    assert (run["drafts"], run["latest"]) == (1, None)


def test_a_publication_becomes_the_latest_and_tells_its_headline(
    runs: dict[str, Any],
) -> None:
    run = runs["published"]
    assert run["state"] == "success"
    news = run["events"]["crossing_summary"]
    assert run["latest"] == news["run_id"]
    thresholds = [row["threshold_id"] for row in news["headline"]]
    assert thresholds == [
        "metr_p80_work_year",
        "metr_work_month",
        "metr_work_month_out_of_range",
    ]
    assert all(row["when"] for row in news["headline"])


def test_a_publication_tells_which_forecasts_new_figures_broke(
    runs: dict[str, Any],
) -> None:
    before = runs["published 2025-06-30"]["events"]["crossing_summary"]
    assert before["tripwires"] == []
    news = runs["published 2025-09-30"]["events"]["crossing_summary"]
    (alarm,) = news["tripwires"]
    assert alarm["benchmark_id"] == "nanogpt_speedrun"
    assert alarm["e_process"] > 1000
    assert alarm["label"].startswith("alarm since 2025-09-30: records come faster")


def test_the_forecast_returns_its_headline(runs: dict[str, Any]) -> None:
    """`GET .../dagRuns/{id}/wait` prints it."""
    run = runs["published"]
    assert run["result"] == run["events"]["crossing_summary"]["headline"]


@pytest.mark.parametrize(
    ("name", "first"),
    [("misspelt", "plan_forecast[-1]"), ("ingest of a typo", "list_publishers[-1]")],
)
def test_an_unknown_parameter_stops_the_first_task(
    runs: dict[str, Any], name: str, first: str
) -> None:
    run = runs[name]
    assert run["state"] == "failed"
    assert run["tasks"].pop(first) == "failed"
    assert set(run["tasks"].values()) == {"upstream_failed"}
    assert run["latest"] == runs["published"]["latest"]


@pytest.mark.parametrize("name", ["a day ahead", "a draft of a day ahead"])
def test_a_day_after_today_stops_the_first_task(
    runs: dict[str, Any], name: str
) -> None:
    run = runs[name]
    assert (run["state"], run["events"]) == ("failed", {})
    assert run["tasks"].pop("plan_forecast[-1]") == "failed"
    assert set(run["tasks"].values()) == {"upstream_failed"}
    assert run["latest"] == runs["published"]["latest"]
    assert run["drafts"] == runs["published"]["drafts"]


def test_a_publication_that_is_not_the_latest_says_so(runs: dict[str, Any]) -> None:
    assert runs["published"]["events"]["crossing_summary"]["is_latest"] is True
    older = runs["published 2025-06-30"]
    assert older["events"]["crossing_summary"]["is_latest"] is False
    assert older["latest"] == runs["published"]["latest"]


def test_a_part_of_the_table_is_not_published(runs: dict[str, Any]) -> None:
    run = runs["partial publication"]
    assert (run["state"], run["events"]) == ("failed", {})
    assert run["latest"] == runs["published"]["latest"]


def test_a_source_that_is_stopped_does_not_stop_the_others(
    runs: dict[str, Any],
) -> None:
    run = runs["emptied file"]
    assert run["state"] == "success"
    assert run["tasks"]["ingest_source[modded-nanogpt record table]"] == "failed"
    assert run["tasks"]["ingest_source[METR time horizons]"] == "success"
    reason = run["events"]["observations"]["stopped"]["modded_nanogpt"]
    assert "nanogpt_speedrun.csv is empty" in reason


def test_a_run_asks_no_publisher_unless_it_is_told_to(
    described: dict[str, Any],
) -> None:
    params = described["dags"]["ingest_benchmark_scores"]["params"]
    assert [p for p in params if "section" not in params[p]] == ["refresh"]
    assert params["refresh"]["value"] is False
    assert params["sources"]["value"] is None


def test_a_refresh_asks_and_a_look_is_news(runs: dict[str, Any]) -> None:
    run = runs["refresh"]
    assert run["state"] == "success"
    assert run["tasks"]["ask_publisher[modded-nanogpt record table]"] == "success"
    assert "ask_publisher[METR time horizons]" not in run["tasks"]
    assert set(run["events"]) == {"observations"}
    assert run["events"]["observations"]["refused"] == {}


def test_a_second_refresh_on_the_same_day_is_no_news(runs: dict[str, Any]) -> None:
    run = runs["refresh again"]
    assert (run["state"], run["events"]) == ("success", {})
    assert runs["asked"]["n"] == 3


def test_a_refresh_of_an_unknown_source_is_refused(runs: dict[str, Any]) -> None:
    run = runs["refresh of a typo"]
    assert run["state"] == "refused"
    assert "'moded_nanogpt' is not one of ['metr', 'modded_nanogpt']" in run["why"]


def test_a_refresh_of_a_source_without_files_runs_nothing(
    runs: dict[str, Any],
) -> None:
    run = runs["refresh by hand"]
    assert (run["state"], run["events"]) == ("failed", {})
    assert run["tasks"].pop("list_publishers[-1]") == "failed"
    assert set(run["tasks"].values()) == {"upstream_failed"}


def test_a_publisher_that_is_not_there_fails_its_task_and_nothing_else(
    runs: dict[str, Any],
) -> None:
    run = runs["refresh in vain"]
    assert run["state"] == "success"
    assert run["tasks"]["ask_publisher[modded-nanogpt record table]"] == "failed"
    assert run["tasks"]["ingest_source[modded-nanogpt record table]"] == "success"
    assert run["events"] == {}


def test_nothing_left_fails_the_ingest(runs: dict[str, Any]) -> None:
    run = runs["nothing left"]
    assert (run["state"], run["events"]) == ("failed", {})
    assert run["tasks"]["join_sources[-1]"] == "failed"
