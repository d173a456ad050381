"""The report in a browser without a network: it draws, fits, prints and can be read."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Page

from tests.chromium import chromium, needs_chromium
from trends.pipeline import PublishedRun
from trends.report import REPORT

pytestmark = needs_chromium

BOTH_WIDTHS = pytest.mark.parametrize("width", [390, 1440])
BOTH_SCHEMES = pytest.mark.parametrize("scheme", ["light", "dark"])

_TABS: Final = 3
"""Opened anew where one gets no frames any more."""


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as opened:
        yield opened


class Opened:
    """The report in a tab that has no network, and what the tab said of it."""

    def __init__(self, context: BrowserContext, report: Path) -> None:
        self._context, self._report = context, report
        self.page: Page = self._tab()

    def _tab(self) -> Page:
        self.errors: list[str] = []
        self.requests: list[str] = []
        page = self._context.new_page()
        page.on("pageerror", lambda error: self.errors.append(str(error)))
        page.on("console", self._hear)
        page.on("request", lambda request: self.requests.append(request.url))
        page.goto(self._report.as_uri())
        page.wait_for_selector("html[data-ready]", state="attached")
        return page

    def _hear(self, message: Any) -> None:
        if message.type == "error":
            self.errors.append(message.text)

    def scroll_through(self) -> None:
        """To the end, a screen at a time, as a reader does.

        A busy machine may owe a tab a frame for a second, and then it goes on without;
        a tab that is owed ten in a row gets none any more, and another is opened.
        """
        for _ in range(_TABS):
            if self._scroll():
                break
            self.page.close()
            self.page = self._tab()
        self.page.wait_for_selector(
            ".chart:not([data-drawn])", state="detached", timeout=90_000
        )

    def _scroll(self) -> bool:
        """Whether frames came."""
        came: bool = self.page.evaluate(
            """async () => {
                let owed = 0;
                const frame = () => new Promise((done) => {
                    const late = setTimeout(() => { owed += 1; done(); }, 1000);
                    requestAnimationFrame(() => {
                        clearTimeout(late);
                        owed = 0;
                        setTimeout(done, 10);
                    });
                });
                for (let y = 0; y < document.body.scrollHeight; y += innerHeight) {
                    if (owed >= 10) break;
                    scrollTo(0, y);
                    await frame();
                }
                const left = document.querySelectorAll('.chart:not([data-drawn])');
                for (const box of left) {  // passed while the machine was busy
                    if (owed >= 10) break;
                    box.scrollIntoView();
                    await frame();
                    await frame();
                }
                return owed < 10;
            }"""
        )
        return came


@pytest.fixture
def opened(
    browser: Browser, shipped_run: PublishedRun, request: pytest.FixtureRequest
) -> Iterator[Opened]:
    """The shipped report at the width and in the colours that the test asks for."""
    parameters = getattr(request.node, "callspec", None)
    asked = parameters.params if parameters else {}
    context = browser.new_context(
        viewport={"width": asked.get("width", 1440), "height": 900},
        color_scheme=asked.get("scheme", "light"),
        offline=True,
    )
    yield Opened(context, shipped_run.path / REPORT)
    context.close()


@BOTH_WIDTHS
@BOTH_SCHEMES
def test_each_chart_is_drawn_once_seen_and_nothing_is_asked_of_the_network(
    opened: Opened, width: int, scheme: str, shipped_run: PublishedRun
) -> None:
    before = opened.page.locator(".chart[data-drawn]").count()
    assert before < opened.page.locator(".chart").count()
    opened.scroll_through()
    page = opened.page
    empty = page.evaluate(
        """() => [...document.querySelectorAll('.chart')]
            .filter((box) => box.querySelectorAll('svg path, svg text').length < 3
                || box.getBoundingClientRect().height < 60)
            .map((box) => box.dataset.chart)"""
    )
    assert empty == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert opened.errors == []
    assert opened.requests == [(shipped_run.path / REPORT).as_uri()]


@BOTH_WIDTHS
def test_no_date_is_broken_across_lines(opened: Opened, width: int) -> None:
    """Not at its hyphens, in cells or in prose; what is folded in is unfolded."""
    broken, seen = opened.page.evaluate(
        """() => {
            document.querySelectorAll('details').forEach((one) => { one.open = true; });
            const date = /[0-9]{4}-(0[1-9]|1[0-2])(-[0-9]{2})?/g;
            const texts = document.createTreeWalker(
                document.querySelector('.page'), NodeFilter.SHOW_TEXT);
            const broken = [];
            let seen = 0;
            while (texts.nextNode()) {
                for (const found of texts.currentNode.data.matchAll(date)) {
                    const range = document.createRange();
                    range.setStart(texts.currentNode, found.index);
                    range.setEnd(texts.currentNode, found.index + found[0].length);
                    const tops = [...range.getClientRects()].map((one) => one.top);
                    if (tops.some((one) => one !== tops[0])) broken.push(found[0]);
                    seen += 1;
                }
            }
            return [broken, seen];
        }"""
    )
    assert broken == []
    assert seen > 5000


@BOTH_WIDTHS
@BOTH_SCHEMES
def test_axe_finds_nothing_serious(opened: Opened, width: int, scheme: str) -> None:
    """With the sections of a few benchmarks, and what they fold in: all are alike."""
    page = opened.page
    page.fill("#search", "swe-bench pro")
    page.evaluate(
        "document.querySelectorAll('section[data-search]:not([hidden]) details')"
        ".forEach((one) => { one.open = true; })"
    )
    results = Axe().run(page).response
    found = [
        (violation["id"], violation["nodes"][0]["html"][:200])
        for violation in results["violations"]
        if violation["impact"] in {"serious", "critical"}
    ]
    assert found == []


def test_it_is_printed_with_every_chart(opened: Opened) -> None:
    page = opened.page
    assert page.locator(".chart[data-drawn]").count() < page.locator(".chart").count()
    paper = page.pdf(format="A4")
    assert paper.startswith(b"%PDF")
    assert page.locator(".chart:not([data-drawn])").count() == 0
    assert opened.errors == []


def test_colours_follow_the_reader(opened: Opened) -> None:
    page = opened.page
    ground = "getComputedStyle(document.body).backgroundColor"
    ink = "document.querySelector('.chart svg text').getAttribute('fill')"
    light = page.evaluate(ground), page.evaluate(ink)
    page.emulate_media(color_scheme="dark")
    page.wait_for_timeout(1000)
    dark = page.evaluate(ground), page.evaluate(ink)
    assert light[0] != dark[0]
    assert light[1] != dark[1]


def test_a_search_leaves_the_benchmarks_that_hold_every_word(opened: Opened) -> None:
    page = opened.page
    sections = page.locator("section[data-search]")
    everything = sections.count()
    page.fill("#search", "terminal 2.1")
    left = page.locator("section[data-search]:visible")
    assert 0 < left.count() < everything
    assert all(
        "2.1" in (left.nth(i).get_attribute("data-search") or "")
        for i in range(left.count())
    )
    assert f"of {everything}" in page.inner_text("#found")
    page.fill("#search", "")
    assert page.locator("section[data-search]:visible").count() == everything


def test_a_link_to_a_score_opens_what_it_is_folded_in(opened: Opened) -> None:
    page = opened.page
    link = page.locator('dd a[href^="#s-"]').first
    target = (link.get_attribute("href") or "")[1:]
    assert not page.locator(f"[id='{target}']").is_visible()
    link.click()
    page.locator(f"[id='{target}']").wait_for(state="visible")


def test_the_keyboard_reaches_the_answer_first(opened: Opened) -> None:
    page = opened.page
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.keyboard.press("Enter")
    assert page.evaluate("location.hash") == "#main"
