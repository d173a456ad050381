"""What forms ask and refuse, through the real web server, and a threshold tried."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.airflow_home import probe
from tests.airflow_server import Server, airflow_server, world_with_dags
from tests.conftest import CHECKOUT
from trends.dag_names import FORECAST, INGEST, SCORE, TRY
from trends.registry import load_registry
from trends.workspace import Workspace

pytestmark = pytest.mark.airflow


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = world_with_dags(tmp_path_factory.mktemp("forms") / "world")
    thresholds = root / "data" / "registry" / "thresholds"
    retired = (thresholds / "quiz.yaml").read_text().replace("id: quiz", "id: gone")
    (thresholds / "gone.yaml").write_text(retired.replace("active", "retired"))
    return root


@pytest.fixture(scope="module")
def runs(root: Path) -> dict[str, Any]:
    """What each run of tests/airflow_probe.py's `ask` did, by its name there."""
    runs: dict[str, Any] = probe("ask", root)
    return runs


@pytest.fixture(scope="module")
def server(root: Path, runs: dict[str, Any]) -> Iterator[Server]:
    """Only the web server: what it accepts stays queued."""
    with airflow_server(root, ["api-server"]) as running:
        yield running


def ids_below(root: Path, script: str) -> Any:
    """What dags/params.py finds in a checkout."""
    done = subprocess.run(
        [sys.executable, "-c", f"import json, params; print(json.dumps({script}))"],
        env=os.environ
        | {
            "TRENDS_HOME": str(root),
            "AIRFLOW_HOME": str(root / "home"),
            "PYTHONPATH": os.pathsep.join([str(CHECKOUT / "dags"), str(CHECKOUT)]),
        },
        capture_output=True,
        text=True,
        check=True,
    )
    return json.loads(done.stdout.splitlines()[-1])


def test_pickers_know_every_id_that_can_be_asked_for(tmp_path: Path) -> None:
    registry = load_registry(Workspace(CHECKOUT).registry)
    script = "[params.known_thresholds(), params.known_sources(), params.TRENDS]"
    thresholds, sources, trends = ids_below(CHECKOUT, script)
    assert thresholds == sorted(registry.thresholds)
    assert sources == list(registry.sources)
    assert {t for one in registry.thresholds.values() for t in one.trends} <= {*trends}
    # a file that was just added; no file at all
    folder = tmp_path / "data" / "registry" / "thresholds"
    assert ids_below(tmp_path, script)[:2] == [[], []]
    folder.mkdir(parents=True)
    (folder / "brand_new.yaml").write_text("half writ")
    (folder / "on_its_way.yaml").write_text("status: draft  # not retired\n")
    for i, line in enumerate(("status: retired", '"status" : "retired"  # now')):
        (folder / f"old_{i}.yaml").write_text(f"id: old_{i}\n{line}\n")
    assert ids_below(tmp_path, script)[0] == ["brand_new", "on_its_way"]


BAD = [
    (FORECAST, {"as_of": 5}, "param as_of: 5 is not of type"),
    (FORECAST, {"as_of": "soon"}, "param as_of: 'soon' is not a 'date'"),
    (FORECAST, {"as_of": "2026-02-30"}, "'2026-02-30' is not a 'date'"),
    (FORECAST, {"as_of": "20260101"}, "'20260101' is not a 'date'"),
    (FORECAST, {"publish": "Yes"}, "'Yes' is not one of ['Draft', 'Publish']"),
    (FORECAST, {"publish": None}, "param publish: None is not of type 'string'"),
    (FORECAST, {"thresholds": "quiz"}, "param thresholds: 'quiz' is not of type"),
    (FORECAST, {"thresholds": ["quizz"]}, "'quizz' is not one of ['quiz', 'run'"),
    (FORECAST, {"thresholds": ["gone"]}, "'gone' is not one of ['quiz'"),
    (FORECAST, {"thresholds": ["quiz", "quiz"]}, "has non-unique elements"),
    (FORECAST, {"trends": ["sigmoid"]}, "param trends: 'sigmoid' is not one of"),
    (FORECAST, {"draws": "many"}, "param draws: 'many' is not of type 'integer'"),
    (FORECAST, {"draws": True}, "param draws: True is not of type 'integer'"),
    (FORECAST, {"draws": 99}, "param draws: 99 is less than the minimum of 100"),
    (FORECAST, {"draws": 10**7}, "is greater than the maximum of 1000000"),
    (FORECAST, {"seed": -1}, "param seed: -1 is less than the minimum of 0"),
    (FORECAST, {"with_backtest": 1}, "param with_backtest: 1 is not of type"),
    (FORECAST, {"reason": "x" * 501}, "param reason: "),
    (INGEST, {"refresh": "yes"}, "param refresh: 'yes' is not of type 'boolean'"),
    (INGEST, {"sources": ["nobody"]}, "param sources: 'nobody' is not one of"),
    (SCORE, {"first_origin": "2026-01-15"}, "param first_origin: '2026-01-15'"),
    (SCORE, {"first_origin": None}, "param first_origin: None is not of type"),
    (TRY, {}, "param threshold: No value passed"),
    (TRY, {"threshold": "quiz"}, "param bar: No value passed"),
    (TRY, {"threshold": "quizz", "bar": 0.9}, "'quizz' is not one of ['quiz'"),
    (TRY, {"threshold": "gone", "bar": 0.9}, "'gone' is not one of ['quiz'"),
    (TRY, {"threshold": "quiz", "bar": True}, "param bar: True is not of type"),
    (TRY, {"threshold": "quiz", "bar": ""}, "param bar: ''"),
    (TRY, {"threshold": "quiz", "bar": 0.9, "trend": "x"}, "param trend: 'x' is not"),
    (TRY, {"threshold": "quiz", "bar": 0.9, "as_of": "x"}, "'x' is not a 'date'"),
]


@pytest.mark.parametrize(("dag_id", "conf", "said"), BAD)
def test_what_a_schema_can_refuse_starts_no_run(
    server: Server, dag_id: str, conf: dict[str, Any], said: str
) -> None:
    path = f"/api/v2/dags/{dag_id}/dagRuns"
    with server.client("olga") as operator:
        before = operator.get(path).json()["total_entries"]
        answer = operator.post(path, json={"logical_date": None, "conf": conf})
        assert (answer.status_code, operator.get(path).json()["total_entries"]) == (
            400,
            before,
        )
    assert said in answer.json()["detail"].splitlines()[0]


@pytest.mark.parametrize("conf", [[], "as_of", 5])
def test_a_conf_that_is_no_mapping_starts_no_run(server: Server, conf: object) -> None:
    asked = {"logical_date": None, "conf": conf}
    with server.client("olga") as operator:
        answer = operator.post(f"/api/v2/dags/{FORECAST}/dagRuns", json=asked)
    assert answer.status_code == 422
    assert "valid dictionary" in answer.json()["detail"][0]["msg"]


def test_what_a_form_offers_is_accepted(server: Server) -> None:
    good: list[tuple[str, dict[str, Any]]] = [
        (FORECAST, {"thresholds": ["quiz"], "trends": ["drift"], "reason": None}),
        (TRY, {"threshold": "quiz", "bar": 0.9}),
        (TRY, {"threshold": "quiz", "bar": "most=0.9", "trend": None}),
        (INGEST, {"refresh": False, "sources": None}),
    ]
    with server.client("olga") as operator:
        for dag_id, conf in good:
            asked = {"logical_date": None, "conf": conf}
            answer = operator.post(f"/api/v2/dags/{dag_id}/dagRuns", json=asked)
            assert answer.status_code == 200, answer.json()


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("a day ahead", "as_of 2099-01-01 is after today"),
        ("a typo", "unknown parameter as_off in the run's conf; this DAG knows as_of"),
        ("a part", "would replace the whole table: ask for a draft"),
        ("a trend of none", "none of the thresholds asked for has the trend logistic"),
        ("try of nothing", "in Airflow forecast_crossing_dates with Publish"),
        ("try a percentage", "looks like a percentage, write 0.85"),
        ("try words", "looks like a percentage, write 0.90 for 90%"),
        ("try no trend of it", "quiz has no trend 'exponential'; it has drift"),
        ("try a day ahead", "as_of 2099-01-01 is after today"),
        ("try a typo", "unknown parameter publish in the run's conf"),
    ],
)
def test_what_a_schema_cannot_refuse_stops_the_first_task(
    runs: dict[str, Any], name: str, said: str
) -> None:
    run = runs[name]
    assert (run["state"], run["events"], run["made"]) == ("failed", {}, None)
    assert said in run["why"]
    assert run["latest"] == (
        (name != "try of nothing" and runs["published"]["latest"]) or None
    )
    states = list(run["tasks"].values())
    assert states.count("failed") == 1
    assert {*states} <= {"failed", "upstream_failed"}


def test_a_trend_is_forecast_where_thresholds_have_it(
    runs: dict[str, Any], root: Path
) -> None:
    run = runs["a trend of some"]
    assert run["state"] == "success"
    draft = root / "data" / "results" / "drafts" / run["made"]["run_id"]
    rows = (draft / "crossing_summary.csv").read_text().splitlines()[1:]
    assert len(rows) == 2
    assert all("quiz" in row and "logistic" in row for row in rows)


def previews(root: Path) -> Path:
    return root / "data" / "results" / "previews"


def test_a_bar_is_tried_and_nothing_is_published(
    runs: dict[str, Any], root: Path
) -> None:
    run = runs["try"]
    assert (run["state"], run["events"]) == ("success", {})
    assert run["latest"] == runs["published"]["latest"]
    assert run["drafts"] == runs["published"]["drafts"]
    folder = previews(root) / run["made"]["preview"]
    assert sorted(path.name for path in folder.iterdir()) == [
        "preview.html",
        "preview.json",
        "preview.md",
    ]
    told = json.loads((folder / "preview.json").read_text())
    assert (told["before"]["bar_value"], told["after"]["bar_value"]) == (0.8, 0.85)
    assert told["before"]["median_date"] < told["after"]["median_date"]
    years = [told[side]["p_by_year_end"]["2027"] for side in ("before", "after")]
    assert years[0] > years[1]
    assert told["rests_on"] == f"fits of run {runs['published']['latest']}"
    assert told["refitted"] == []
    published = root / "data" / "results" / "runs"
    summary = next(published.glob("*/*/crossing_summary.csv")).read_text()
    assert told["before"]["median_date"] in summary


def test_the_same_question_finds_the_same_preview(
    runs: dict[str, Any], root: Path
) -> None:
    assert runs["try again"]["made"] == runs["try"]["made"]
    others = {runs[name]["made"]["preview"] for name in ("try", "try another bar")}
    assert len(others) == 2


def test_another_trend_is_shown_if_asked_for(runs: dict[str, Any], root: Path) -> None:
    """So short a series has no logistic trend, and no probability that rests on it."""
    folder = previews(root) / runs["try a trend"]["made"]["preview"]
    told = json.loads((folder / "preview.json").read_text())
    assert {row["trend"] for row in told["ladder"]} == {"logistic"}
    assert told["after"]["crossing_status"] == "not_estimated"
    assert set(told["after"]["p_by_year_end"].values()) == {None}


def test_the_page_is_one_file_without_scripts(runs: dict[str, Any], root: Path) -> None:
    page = (
        previews(root) / runs["try"]["made"]["preview"] / "preview.html"
    ).read_text()
    assert "80.0% to 85.0%" in page
    assert "Nothing was published" in page
    assert not re.search(r"<script|<link|<img|src=|href=|https?:", page)
