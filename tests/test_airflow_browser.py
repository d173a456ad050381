"""An operator in a browser: the real Airflow, from the form to the report in its tab.

One Airflow serves all of it, over a small world; each test goes on where Airflow is.
"""

import os
import re
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, FrameLocator, Page, expect

from tests.airflow_server import Server, airflow_server, password, world_with_dags
from tests.chromium import chromium, needs_chromium
from trends.dag_names import FORECAST, INGEST, SCORE, TRY
from trends.local_airflow.api import FINISHED, TASK_FINISHED, WAITS_FOR_A_PERSON
from trends.local_airflow.follow import SECONDS_TO_PARK
from trends.outputs import read_latest, read_manifest

pytestmark = [pytest.mark.airflow, needs_chromium]

PATIENCE_MS = 60_000
"""For what a page shows; other work may keep the machine busy."""

expect.set_options(timeout=PATIENCE_MS)

PAST = "2026-06-30"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """Airflow once its first forecast is published, which an ingest causes.

    The daily one begins by itself in the first hours of a day only.
    """
    root = world_with_dags(tmp_path_factory.mktemp("browser") / "world")
    with airflow_server(root) as running:
        api = running.api
        api.wait_until_parsed([INGEST, FORECAST, TRY, SCORE])
        api.trigger(INGEST, {})
        results = root / "data" / "results"
        running.wait_until(lambda: read_latest(results) is not None, "publishing")
        running.wait_until(lambda: not api.unfinished_runs(FORECAST), "its end")
        yield running


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as opened:
        yield opened


class Person:
    """Somebody who has logged in through Airflow's own page."""

    def __init__(self, browser: Browser, server: Server, user: str) -> None:
        """Come in as one of the users."""
        self.server = server
        self.context = browser.new_context(viewport={"width": 1440, "height": 1000})
        self.context.set_default_timeout(PATIENCE_MS)
        self.page: Page = self.context.new_page()
        self.page.goto(server.url)
        self.page.get_by_label("Username").fill(user)
        self.page.locator("input[type=password]").fill(password(user))
        self.page.keyboard.press("Enter")
        self.page.wait_for_url(f"{server.url}/")

    def open_form(self, dag_id: str) -> Page:
        """The form of a DAG."""
        self.page.goto(f"{self.server.url}/dags/{dag_id}")
        self.page.get_by_role("button", name="Trigger").first.click()
        expect(self.page.get_by_role("dialog")).to_be_visible()
        return self.page

    def submit(self) -> None:
        """Send the form that is open."""
        dialog = self.page.get_by_role("dialog")
        dialog.get_by_role("button", name="Trigger", exact=True).click()

    def tab(self, dag_id: str, run_id: str) -> FrameLocator:
        """What stands in the tab "Report" of a run."""
        self.page.goto(f"{self.server.url}/dags/{dag_id}/runs/{run_id}")
        self.page.get_by_role("link", name="Report", exact=True).click()
        return self.page.frame_locator("iframe[title='Report']")

    def leave(self) -> None:
        """Look at nothing: Airflow's pages ask and draw again every few seconds."""
        self.page.goto("about:blank")

    def look(self, name: str) -> None:
        """Keep a picture where somebody asked for pictures."""
        if folder := os.environ.get("PICTURES"):
            self.page.screenshot(path=Path(folder) / f"{name}.png")


@pytest.fixture(scope="module")
def operator(browser: Browser, server: Server) -> Iterator[Person]:
    person = Person(browser, server, "olga")
    yield person
    person.context.close()


@pytest.fixture(scope="module")
def viewer(browser: Browser, server: Server) -> Iterator[Person]:
    person = Person(browser, server, "vera")
    yield person
    person.context.close()


def triggered_since(server: Server, dag_id: str, before: set[str]) -> str:
    """The one run of a DAG that was not there before."""
    server.wait_until(lambda: run_ids(server, dag_id) > before, "triggering")
    (run_id,) = run_ids(server, dag_id) - before
    return run_id


def run_ids(server: Server, dag_id: str) -> set[str]:
    with server.client("anna") as client:
        found = client.get(f"/api/v2/dags/{dag_id}/dagRuns", params={"limit": 100})
    return {run["dag_run_id"] for run in found.raise_for_status().json()["dag_runs"]}


def wait_for(server: Server, dag_id: str, run_id: str) -> str:
    """How a run ended."""
    api = server.api
    server.wait_until(lambda: api.state(dag_id, run_id) in FINISHED, f"run {run_id}")
    return api.state(dag_id, run_id)


def test_a_draft_of_a_past_day_from_the_form_to_its_report(
    operator: Person, server: Server
) -> None:
    before = run_ids(server, FORECAST)
    published = read_latest(server.root / "data" / "results")
    page = operator.open_form(FORECAST)
    # the two questions stand open; everything else is folded away
    expect(page.locator("#element_as_of")).to_be_visible()
    expect(page.get_by_role("dialog").get_by_text("Draft", exact=True)).to_be_visible()
    expect(page.locator("[name=element_draws]")).to_be_hidden()
    page.locator("#element_as_of").fill(PAST)
    operator.look("form")
    operator.submit()
    run_id = triggered_since(server, FORECAST, before)

    waiting = operator.tab(FORECAST, run_id)
    expect(waiting.locator("h1")).not_to_be_empty()
    assert wait_for(server, FORECAST, run_id) == "success"
    # the tab was open all the while, and looks again by itself
    expect(waiting.locator("h1")).to_contain_text("DRAFT")
    expect(waiting.locator("header")).to_contain_text(f"Vintage {PAST}")
    headline = waiting.locator("section[aria-labelledby=headlines]")
    expect(headline).to_contain_text("Coding quiz")
    expect(headline).to_contain_text(re.compile(r"20\d\d-\d\d.* \(DRAFT\)"))
    chart = waiting.locator(".chart").first
    chart.scroll_into_view_if_needed()
    expect(chart.locator("svg")).to_be_visible()
    operator.look("report")
    assert read_latest(server.root / "data" / "results") == published


def test_the_report_has_no_part_in_the_login(operator: Person, server: Server) -> None:
    """Its figures and names are third parties', and the frame is Airflow's own."""
    page = operator.page
    page.goto(f"{server.url}/dags/{FORECAST}")
    page.get_by_role("link", name="Latest report").click()
    shown = page.frame_locator("iframe[title='Latest report']")
    expect(shown.locator("html[data-ready]")).to_be_attached()
    (frame,) = [one for one in page.frames if one.url.endswith(f"/dags/{FORECAST}")]
    assert frame.evaluate("self.origin") == "null"
    reaches_out = "() => { try { return parent.document.title } catch { return null } }"
    assert frame.evaluate(reaches_out) is None


def test_all_runs_stand_on_a_page_of_their_own(
    operator: Person, server: Server
) -> None:
    page = operator.page
    page.goto(server.url)
    page.get_by_role("link", name="Benchmark trends").click()
    shown = page.frame_locator("iframe[title='Benchmark trends']")
    table = shown.get_by_role("table", name="The headline bars")
    expect(table).to_contain_text("Coding quiz")
    operator.look("all_runs")
    latest = read_latest(server.root / "data" / "results")
    assert latest is not None
    with page.expect_download() as download:
        shown.locator("a[href$='/files/headline.csv']").click()
    assert download.value.suggested_filename == "headline.csv"
    headline = latest.path / "headline.csv"
    assert Path(download.value.path()).read_bytes() == headline.read_bytes()
    shown.get_by_role("link", name="Open the report").click()
    expect(shown.locator("h1")).to_contain_text("When do AI benchmarks cross")
    page.evaluate("history.back()")
    expect(shown.locator("h1")).to_have_text("Benchmark trends")


def test_a_viewer_reads_everything_and_starts_nothing(
    viewer: Person, server: Server
) -> None:
    before = run_ids(server, FORECAST)
    page = viewer.open_form(FORECAST)
    with page.expect_response(re.compile("/dagRuns$")) as refused:
        viewer.submit()
    assert refused.value.status == 403
    expect(page.get_by_text("Forbidden").first).to_be_visible()
    viewer.look("viewer")
    assert run_ids(server, FORECAST) == before
    with server.client("vera") as client:
        answer = client.post(
            f"/api/v2/dags/{FORECAST}/dagRuns", json={"logical_date": None, "conf": {}}
        )
    assert answer.status_code == 403
    shown = viewer.tab(FORECAST, min(before))
    expect(shown.locator("h1")).to_contain_text("When do AI benchmarks cross")


def test_a_stranger_sees_the_login_and_no_result(
    browser: Browser, server: Server
) -> None:
    context = browser.new_context()
    page = context.new_page()
    answer = page.goto(f"{server.url}/benchmark-trends/")
    assert answer is not None
    assert answer.status == 401
    expect(page.locator("h1")).to_have_text("You are not logged in")
    context.close()


@pytest.mark.parametrize("width", [1440, 390])
@pytest.mark.parametrize(
    ("dag_id", "titles"),
    [
        (FORECAST, ["As of", "Draft or publish"]),
        (TRY, ["Threshold", "Bar", "As of"]),
        (INGEST, ["Ask publishers"]),
        (SCORE, ["First day of forecast"]),
    ],
)
def test_what_matters_stands_open_and_the_rest_is_in_one_section(
    operator: Person, dag_id: str, titles: list[str], width: int
) -> None:
    operator.page.set_viewport_size({"width": width, "height": 1000})
    form = operator.open_form(dag_id).get_by_test_id("config-form")
    for title in titles:
        label = form.locator("label").filter(has_text=re.compile(rf"^{title}\W*$"))
        expect(label).to_be_visible()
        box = label.bounding_box()
        assert box is not None
        assert box["x"] + box["width"] <= width
    operator.look(f"form-{dag_id}-{width}")
    # Airflow's own names, around the one of this project
    headings = form.get_by_role("heading").or_(form.locator("button[data-part]"))
    assert [one for one in headings.all_inner_texts() if one] == [
        "Run Parameters",
        "Advanced",
        "Advanced Options",
    ]
    operator.page.set_viewport_size({"width": 1440, "height": 1000})


def test_thresholds_are_picked_from_those_that_are_known(operator: Person) -> None:
    page = operator.open_form(FORECAST)
    page.get_by_role("button", name="Advanced", exact=True).click()
    picker = page.locator("#element_thresholds")
    for typed, wanted in (("qui", "quiz"), ("wor", "work")):
        picker.locator("input").first.click()
        page.keyboard.type(typed)
        page.get_by_role("option", name=wanted).click()
    expect(picker).to_contain_text("quiz")
    expect(picker).to_contain_text("work")
    operator.look("form-picked")


def test_another_bar_is_tried_and_seen_before_and_after(
    operator: Person, server: Server
) -> None:
    before = run_ids(server, TRY)
    published = read_latest(server.root / "data" / "results")
    page = operator.open_form(TRY)
    page.get_by_role("dialog").get_by_role("combobox").first.fill("quiz")
    page.keyboard.press("Enter")
    page.locator("#element_bar").fill("0.85")
    operator.look("try_form")
    operator.submit()
    run_id = triggered_since(server, TRY, before)
    operator.leave()
    assert wait_for(server, TRY, run_id) == "success"
    shown = operator.tab(TRY, run_id)
    expect(shown.locator("h1")).to_contain_text("Coding quiz")
    table = shown.get_by_role("table").first
    for heading in ("before", "after"):
        column = table.get_by_role("columnheader", name=heading)
        expect(column).to_be_visible()
    operator.look("try_report")
    assert read_latest(server.root / "data" / "results") == published


def test_a_large_move_is_published_once_somebody_says_so(
    operator: Person, viewer: Person, server: Server
) -> None:
    published = read_latest(server.root / "data" / "results")
    before = run_ids(server, FORECAST)
    bar = server.root / "data" / "registry" / "thresholds" / "run.yaml"
    moved = bar.read_text().replace(
        "value: 1, label: One minute", "value: 0.5, label: Half a minute"
    )
    bar.write_text(moved)
    operator.leave()
    viewer.leave()
    server.api.trigger(INGEST, {})
    run_id = triggered_since(server, FORECAST, before)
    asked = {WAITS_FOR_A_PERSON, *TASK_FINISHED}
    server.wait_until(lambda: state_of(server, run_id, "approve") in asked, "asking")
    assert state_of(server, run_id, "approve") == WAITS_FOR_A_PERSON
    time.sleep(SECONDS_TO_PARK)

    page = open_question(viewer, run_id)
    with page.expect_response(re.compile("/hitlDetails$")) as refused:
        page.get_by_role("button", name="Approve").click()
    assert refused.value.status == 403
    assert read_latest(server.root / "data" / "results") == published
    viewer.leave()

    page = open_question(operator, run_id)
    expect(page.get_by_role("table")).to_contain_text("Half a minute")
    expect(page.get_by_role("table")).to_contain_text(re.compile(r"\d+ days later"))
    operator.look("question")
    with page.expect_response(re.compile("/hitlDetails$")) as answered:
        page.get_by_role("button", name="Approve").click()
    assert answered.value.ok
    operator.leave()
    assert wait_for(server, FORECAST, run_id) == "success"
    latest = read_latest(server.root / "data" / "results")
    assert latest is not None
    assert latest != published
    approved = read_manifest(latest.path).run["approved"]
    assert isinstance(approved, dict)
    assert approved["by"] == "olga"
    shown = operator.tab(FORECAST, run_id)
    expect(shown.locator("header")).to_contain_text(latest.run_id)


def state_of(server: Server, run_id: str, task_id: str) -> str | None:
    """State of a task of a forecast."""
    runs = server.api.task_runs(FORECAST, run_id)
    return next((one.state for one in runs if one.task_id == task_id), None)


def open_question(person: Person, run_id: str) -> Page:
    """What a run asks about its large moves."""
    person.page.goto(f"{person.server.url}/dags/{FORECAST}/runs/{run_id}")
    person.page.get_by_role("link", name="Ask about large moves").first.click()
    person.page.get_by_role("link", name="Required Action").first.click()
    return person.page
