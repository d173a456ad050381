"""Results behind Airflow's login: who may read what, and nothing beside it.

The web server is the real one, over runs that Airflow itself made.
"""

import csv
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.airflow_home import probe
from tests.airflow_server import Server, airflow_server, world_with_dags
from tests.report_text import without_elements_of_dates
from trends.airflow_plugin.headers import policy_of_file
from trends.outputs import read_latest, read_manifest

pytestmark = pytest.mark.airflow

BASE = "/benchmark-trends"
FORECAST = "forecast_crossing_dates"

HEADERS = {
    "x-content-type-options": "nosniff",
    "x-frame-options": "SAMEORIGIN",
    "referrer-policy": "no-referrer",
    "cross-origin-resource-policy": "same-origin",
    "cache-control": "private, no-cache",
}


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return world_with_dags(tmp_path_factory.mktemp("pages") / "world")


@pytest.fixture(scope="module")
def runs(root: Path) -> dict[str, Any]:
    """What each run of tests/airflow_probe.py's `fill` did, by its name there."""
    runs: dict[str, Any] = probe("fill", root)
    assert {name: run["state"] for name, run in runs.items()} == {
        name: "failed" if name == "refused" else "success" for name in runs
    }
    return runs


@pytest.fixture(scope="module")
def server(root: Path, runs: dict[str, Any]) -> Iterator[Server]:
    with airflow_server(root, ["api-server"]) as running:
        yield running


@pytest.fixture(scope="module")
def viewer(server: Server) -> Iterator[httpx.Client]:
    with server.client("vera") as client:
        yield client


@pytest.fixture(scope="module")
def results(root: Path) -> Path:
    return root / "data" / "results"


@pytest.fixture(scope="module")
def latest(runs: dict[str, Any], results: Path) -> str:
    """Address of the latest published run."""
    found = read_latest(results)
    assert found is not None
    assert found.run_id == runs["published"]["made"]["run_id"]
    return f"{BASE}/published/{found.as_of}/{found.run_id}/"


def tab(runs: dict[str, Any], name: str, dag_id: str = FORECAST) -> str:
    return f"{BASE}/dags/{dag_id}/runs/{runs[name]['dag_run_id']}"


@pytest.fixture(scope="module")
def addresses(runs: dict[str, Any], latest: str) -> list[str]:
    """One of every kind, of what is there and of what is not."""
    draft = f"{BASE}/drafts/{runs['draft']['made']['run_id']}/"
    return [
        f"{BASE}/",
        f"{BASE}/dags/{FORECAST}",
        f"{BASE}/dags/no_such_dag",
        tab(runs, "draft"),
        latest,
        f"{latest}report",
        f"{latest}files/headline.csv",
        draft,
        f"{draft}files/bars/work.day.svg",
        f"{BASE}/backtests/{runs['backtest']['made']['backtest_id']}/",
        f"{BASE}/published/no/such/run/",
        f"{BASE}/anything",
        f"{BASE}/docs",
        f"{BASE}/openapi.json",
    ]


def test_a_stranger_and_a_bad_token_learn_nothing(
    server: Server, addresses: list[str]
) -> None:
    for address in addresses:
        with server.client(None) as stranger:
            unknown = stranger.get(address)
        assert unknown.status_code == 401, address
        for bad in (
            {"Authorization": "Bearer not.a.token"},
            {"Cookie": "_token=not.a.token"},
        ):
            refused = httpx.get(server.url + address, headers=bad, trust_env=False)
            assert refused.status_code == 403, (address, bad)
            assert refused.json() == {"detail": "Invalid JWT token"}
            assert "default-src 'none'" in refused.headers["content-security-policy"]


def test_a_browser_comes_in_with_its_cookie(server: Server) -> None:
    cookie = {"Cookie": f"_token={server.token('vera')}"}
    answer = httpx.get(f"{server.url}{BASE}/", headers=cookie, trust_env=False)
    assert answer.status_code == 200


def test_a_token_that_is_taken_back_is_refused(server: Server) -> None:
    with server.client("olga") as client:
        assert client.get(f"{BASE}/").status_code == 200
        client.get("/api/v2/auth/logout", follow_redirects=False)
        assert client.get(f"{BASE}/").status_code in (401, 403)
    # tests that follow log in anew
    del server.tokens["olga"]


def test_nothing_can_be_written(viewer: httpx.Client, addresses: list[str]) -> None:
    for address in addresses:
        for method in ("POST", "PUT", "PATCH", "DELETE"):
            assert viewer.request(method, address).status_code == 405, address


def test_every_answer_says_what_a_browser_may_do_with_it(
    viewer: httpx.Client, addresses: list[str]
) -> None:
    for address in addresses:
        for method in ("GET", "HEAD"):
            answer = viewer.request(method, address, headers={"Accept": "text/html"})
            assert answer.headers.items() >= HEADERS.items(), address
            policy = answer.headers["content-security-policy"]
            assert "default-src 'none'" in policy
            assert "frame-ancestors 'self'" in policy
            assert "script-src 'unsafe" not in policy
            if method == "HEAD":
                assert answer.content == b""


def raw(server: Server, path: str) -> int:
    """Status of the answer to a path as it stands: most clients would tidy it first."""
    connection = HTTPConnection(server.url.removeprefix("http://"), timeout=30)
    with closing(connection):
        headers = {"Authorization": f"Bearer {server.token('vera')}"}
        connection.request("GET", path, headers=headers)
        return connection.getresponse().status


OUTSIDE = [
    "../latest.json",
    "../../../../latest.json",
    "%2e%2e/%2e%2e/%2e%2e/%2e%2e/latest.json",
    "..%2f..%2f..%2f..%2flatest.json",
    "%2fetc%2fpasswd",
    "/etc/passwd",
    "//etc/passwd",
    "..%5c..%5clatest.json",
    "bars/../headline.csv",
    "./headline.csv",
    "headline.csv%00",
    "headline.csv%00.svg",
    "%00",
    "headline.csv/",
    "HEADLINE.csv",
    "bars",
    "",
    ".",
    "..",
    "no_such.csv",
]


@pytest.mark.parametrize("name", OUTSIDE)
def test_only_what_the_manifest_lists_is_served(
    server: Server, latest: str, name: str
) -> None:
    assert raw(server, f"{latest}files/{name}") == 404


@pytest.mark.parametrize("key", ["..", "%2e%2e", "drafts", "%00", "/etc", "*", "[!.]*"])
@pytest.mark.parametrize("shelf", ["published", "drafts", "backtests", "..", "dags"])
def test_only_what_was_found_is_opened(server: Server, shelf: str, key: str) -> None:
    for rest in ("/", "/report", "/files/manifest.json", "/files/backtest.json"):
        assert raw(server, f"{BASE}/{shelf}/{key}{rest}") == 404, rest


@pytest.mark.parametrize("name", ["no_such_run", "%00", "..", "a%2fb", "%f0%9f%98%80"])
def test_a_run_that_airflow_does_not_know_has_no_page(
    server: Server, name: str
) -> None:
    for address in (f"dags/{FORECAST}/runs/{name}", f"dags/{name}"):
        assert raw(server, f"{BASE}/{address}") == 404


def test_downloads_are_the_bytes_on_disk(
    viewer: httpx.Client, latest: str, results: Path
) -> None:
    run = results / "runs" / Path(latest).parent.name / Path(latest).name
    manifest = read_manifest(run)
    for name in [*manifest.files, "manifest.json"]:
        if name.startswith("charts/"):
            continue
        answer = viewer.get(f"{latest}files/{name}")
        assert answer.status_code == 200, name
        assert answer.content == (run / name).read_bytes(), name
        said = answer.headers["content-disposition"]
        assert said == f'attachment; filename="{Path(name).name}"'
        size = viewer.head(
            f"{latest}files/{name}", headers={"Accept-Encoding": "identity"}
        )
        assert int(size.headers["content-length"]) == len(answer.content)


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("headline.csv", "text/csv; charset=utf-8"),
        ("headline.parquet", "application/vnd.apache.parquet"),
        ("manifest.json", "application/json"),
        ("README.md", "text/markdown; charset=utf-8"),
        ("report.html", "text/html; charset=utf-8"),
        ("feed.xml", "application/xml"),
    ],
)
def test_a_download_says_what_it_is(
    viewer: httpx.Client, latest: str, name: str, kind: str
) -> None:
    assert viewer.get(f"{latest}files/{name}").headers["content-type"] == kind


def test_a_download_can_be_taken_up_again(viewer: httpx.Client, latest: str) -> None:
    whole = viewer.get(f"{latest}files/headline.parquet").content
    rest = viewer.get(
        f"{latest}files/headline.parquet", headers={"Range": "bytes=100-"}
    )
    assert (rest.status_code, rest.content) == (206, whole[100:])


def test_the_report_may_run_the_scripts_that_it_was_written_with(
    viewer: httpx.Client, latest: str, results: Path
) -> None:
    answer = viewer.get(f"{latest}report")
    policy = answer.headers["content-security-policy"]
    scripts = re.search(r"script-src ([^;]*)", policy)
    assert scripts is not None
    assert re.fullmatch(r"('sha256-[\w+/=]+' ?)+", scripts[1])
    # its own scripts have no part in Airflow's login
    assert "sandbox allow-scripts" in policy
    assert "allow-same-origin" not in policy
    assert answer.text.startswith("<!doctype html>")
    assert "content-disposition" not in answer.headers


def test_a_page_without_a_policy_runs_no_script() -> None:
    later = b"<p>" * 700 + b'<meta http-equiv="Content-Security-Policy" content="x">'
    for start in (b"<html><script>alert(1)</script>", later):
        assert "script-src" not in policy_of_file(start)
        assert "default-src 'none'" in policy_of_file(start)


def test_the_first_page_has_the_headlines_and_a_link_to_every_file(
    viewer: httpx.Client, latest: str, results: Path, runs: dict[str, Any]
) -> None:
    page = without_elements_of_dates(viewer.get(f"{BASE}/").text)
    run = results / "runs" / Path(latest).parent.name / Path(latest).name
    with (run / "headline.csv").open() as file:
        for row in csv.DictReader(file):
            assert f">{row['if_ever']}</td>" in page
            assert f">{row['interval80']}</td>" in page
            assert row["bar"] in page
    linked = set(re.findall(r'href="([^"]*/files/[^"]*)"', page))
    assert linked == {
        f"{latest}files/{name}" for name in [*read_manifest(run).files, "manifest.json"]
    }
    assert runs["earlier"]["made"]["run_id"] in page
    assert "<script" not in page


def test_drafts_stand_apart(viewer: httpx.Client, runs: dict[str, Any]) -> None:
    page = viewer.get(f"{BASE}/").text
    published, drafts = page.split("<h2>Drafts</h2>")
    draft = runs["draft"]["made"]["run_id"]
    assert draft in drafts
    assert draft not in published
    assert "&lt;b&gt;Why?&lt;/b&gt;" in drafts
    assert "DRAFT" in viewer.get(f"{BASE}/drafts/{draft}/").text
    # a draft is not found among what is published, nor the other way round
    as_of = runs["draft"]["made"]["as_of"]
    assert viewer.get(f"{BASE}/published/{as_of}/{draft}/").status_code == 404


def test_a_tab_shows_what_its_own_run_made(
    viewer: httpx.Client, runs: dict[str, Any], results: Path
) -> None:
    made = runs["draft"]["made"]
    draft = results / "drafts" / made["run_id"] / "report.html"
    assert viewer.get(tab(runs, "draft")).content == draft.read_bytes()
    for name in ("earlier", "published"):
        made = runs[name]["made"]
        run = results / "runs" / made["as_of"] / made["run_id"] / "report.html"
        assert viewer.get(tab(runs, name)).content == run.read_bytes()
    latest = viewer.get(f"{BASE}/dags/{FORECAST}").content
    assert latest == viewer.get(tab(runs, "published")).content
    scores = viewer.get(tab(runs, "backtest", "score_past_forecasts"))
    assert "months ahead, out of sample" in scores.text or "no verdict" in scores.text
    assert "backtest_scores.parquet" in scores.text
    assert scores.text == viewer.get(f"{BASE}/dags/score_past_forecasts").text


def test_a_tab_without_anything_to_show_says_why(
    viewer: httpx.Client, runs: dict[str, Any], results: Path
) -> None:
    refused = viewer.get(tab(runs, "refused"))
    assert refused.status_code == 200
    assert "This run failed" in refused.text
    ingest = viewer.get(tab(runs, "ingest", "ingest_benchmark_scores"))
    assert "This run makes no report" in ingest.text
    shutil.rmtree(results / "drafts" / runs["cleaned"]["made"]["run_id"])
    assert "was removed since" in viewer.get(tab(runs, "cleaned")).text
    # no run of one DAG is shown as one of another
    elsewhere = tab(runs, "draft", "score_past_forecasts")
    assert viewer.get(elsewhere).status_code == 404


def test_a_run_for_later_says_when_it_begins(server: Server) -> None:
    later = "2099-01-01T00:00:00Z"
    asked: dict[str, Any] = {"logical_date": None, "run_after": later, "conf": {}}
    with server.client("olga") as operator:
        made = operator.post(f"/api/v2/dags/{FORECAST}/dagRuns", json=asked)
        assert made.is_success, made.text
        run = made.json()["dag_run_id"]
        page = operator.get(f"{BASE}/dags/{FORECAST}/runs/{run}").text
    assert "It begins at 2099-01-01 00:00 UTC" in without_elements_of_dates(page)


def test_a_browser_is_told_in_words_that_it_is_not_logged_in(server: Server) -> None:
    with server.client(None) as stranger:
        answer = stranger.get(f"{BASE}/", headers={"Accept": "text/html"})
    assert answer.status_code == 401
    assert "Log in to Airflow" in answer.text


def test_a_plugin_that_every_process_loads_imports_nothing_heavy(
    tmp_path: Path,
) -> None:
    script = (
        "import sys; import airflow.plugins_manager; before = set(sys.modules); "
        "import trends.airflow_plugin.plugin; "
        "print(sorted(m for m in set(sys.modules) - before if m.split('.')[0] in "
        "('fastapi', 'starlette', 'jinja2', 'polars', 'numpy', 'ruamel')))"
    )
    done = subprocess.run(
        [sys.executable, "-c", script],
        env=os.environ | {"AIRFLOW_HOME": str(tmp_path)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.splitlines()[-1] == "[]"
