"""The report of a run: what it says, what it links to, and what it may do."""

import base64
import hashlib
import json
import re
from datetime import date
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from tests.conftest import AS_OF, PUBLISHED_AT
from tests.report_text import report_text
from tests.small_world import small_world, trends
from trends.outputs import read_table
from trends.pipeline import (
    ForecastRequest,
    PublishedRun,
    RequestError,
    forecast,
    ingest,
    report_again,
)
from trends.report import REPORT, document, render, scripts
from trends.report.drawn import draw
from trends.report.grids import web
from trends.report.outlook import outlook
from trends.report.sharing import shared
from trends.tables import PUBLISHED
from trends.templates import templates
from trends.words import NOT_IN_RUN, VIEW, percent
from trends.workspace import Workspace

LIMIT = 3_000_000


class _Page(HTMLParser):
    """Anchors, links, headings and elements of a page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.ids: list[str] = []
        self.links: list[str] = []
        self.headings: list[int] = []
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        self.elements.append((tag, found))
        if identifier := found.get("id"):
            self.ids.append(identifier)
        if tag == "a":
            self.links.append(found.get("href") or "")
        if re.fullmatch(r"h\d", tag):
            self.headings.append(int(tag[1]))


@pytest.fixture(scope="module")
def tables(shipped_run: PublishedRun) -> dict[str, pl.DataFrame]:
    return {table.name: read_table(shipped_run.path, table) for table in PUBLISHED}


@pytest.fixture(scope="module")
def text(shipped_run: PublishedRun) -> str:
    return report_text(shipped_run.path)


@pytest.fixture(scope="module")
def page(text: str) -> _Page:
    return _Page(text)


def test_the_report_is_one_small_file(shipped_run: PublishedRun) -> None:
    assert (shipped_run.path / REPORT).stat().st_size < LIMIT


def _shown(page: _Page) -> set[str]:
    found = (attributes.get("data-chart") for _, attributes in page.elements)
    return {name for name in found if name}


def _is_drawn(names: set[str], folder: Path) -> None:
    """Each of these charts is there in three formats, and no other file."""
    begins = {"svg": b"<svg", "png": b"\x89PNG", "vl.json": b"{"}
    wanted = {f"{name}.{suffix}": begins[suffix] for name in names for suffix in begins}
    assert {path.name for path in folder.iterdir()} == set(wanted)
    for name, start in wanted.items():
        assert (folder / name).read_bytes().startswith(start)


def test_a_run_has_the_charts_that_speak_of_all_its_benchmarks_as_files(
    shipped_run: PublishedRun, page: _Page
) -> None:
    of_one = ("scenario-", "scores-", "crossing-", "dots-", "history-")
    of_all = {name for name in _shown(page) if not name.startswith(of_one)}
    assert {"outlook", "common-pace"} <= of_all
    _is_drawn(of_all, shipped_run.path / "charts")


def test_every_benchmark_with_a_bar_has_a_section_and_every_headline_leads_there(
    tables: dict[str, pl.DataFrame], page: _Page
) -> None:
    benchmarks = tables["thresholds"]["benchmark_id"].unique().to_list()
    assert {f"b-{one}" for one in benchmarks} <= set(page.ids)
    leads = [link for link in page.links if link.startswith("#b-")]
    assert len(leads) >= tables["headline"].height + len(benchmarks)


def test_every_link_within_the_page_has_its_place(page: _Page) -> None:
    assert len(page.ids) == len(set(page.ids))
    inside = {link[1:] for link in page.links if link.startswith("#")}
    assert inside <= set(page.ids)
    assert all(link.startswith(("#", "https://", "http://")) for link in page.links)


def test_every_score_leads_to_its_source_and_names_its_row(
    tables: dict[str, pl.DataFrame], text: str
) -> None:
    shown = tables["observations"].filter(
        pl.col("benchmark_id").is_in(tables["thresholds"]["benchmark_id"].implode())
    )
    for row in shown.sample(50, seed=1).iter_rows(named=True):
        place = f"{row['source_file']}:{row['source_row']}"
        assert re.search(f'<a href="http[^"]+">{re.escape(place)}</a>', text)


def test_a_date_is_an_element_and_tags_stay_as_they_are() -> None:
    dates = templates("trends.report").filters["dates"]
    html = '<a title="2026-11-26">on 2026-11-26, not 2026-12</a>: x-2024-08-06, 1-2-33, 2025-26'
    assert dates(html) == (
        '<a title="2026-11-26">on <time>2026-11-26</time>, not <time>2026-12</time></a>: '
        "x-<time>2024-08-06</time>, 1-2-33, 2025-26"
    )
    assert dates("120261-11 and 2026-11-2") == "120261-11 and 2026-11-2"


def test_every_row_of_the_headline_table_is_printed_as_it_is(
    tables: dict[str, pl.DataFrame], text: str
) -> None:
    printed = text.replace("&lt;", "<").replace("&gt;", ">").replace("&#39;", "'")
    printed = printed.replace("&amp;", "&").replace("&#34;", '"')
    for row in tables["headline"].iter_rows(named=True):
        bar = f"{VIEW if row['view_of'] else ''}{row['bar']}</a></th>"
        cells = [row["if_ever"], percent(row["p_never"]) or "-", row["interval80"]]
        assert f">{bar}<td>{'<td>'.join(cells)}<td>" in printed


def test_headings_go_down_one_step_at_a_time(page: _Page) -> None:
    assert page.headings[0] == 1
    assert page.headings.count(1) == 1
    steps = zip(page.headings, page.headings[1:], strict=False)
    assert all(later - earlier <= 1 for earlier, later in steps)


def test_a_page_may_run_its_own_two_scripts_and_load_nothing(text: str) -> None:
    own = re.findall(r"<script>(.*?)</script>", text, flags=re.DOTALL)
    assert len(own) == 2
    [policy] = re.findall(r'Content-Security-Policy" content="([^"]+)"', text)
    rules = dict(
        rule.split(" ", 1) for rule in policy.replace("&#39;", "'").split("; ")
    )
    assert rules["default-src"] == "'none'"
    assert "unsafe" not in rules["script-src"]
    for script in own:
        digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
        assert f"'sha256-{digest}'" in rules["script-src"]
    assert "connect-src" not in rules
    loads = r'<(?:script|img|link|iframe)[^>]+(?:src|href)="(?!data:)'
    assert not re.search(loads, _without_libraries(text))


def _without_libraries(text: str) -> str:
    return text.replace(scripts.libraries(), "")


def test_text_of_others_cannot_become_markup(tables: dict[str, pl.DataFrame]) -> None:
    name = '</script><img src=x onerror="alert(1)">'
    hurt = {
        **tables,
        "observations": tables["observations"].with_columns(
            model_name=pl.lit(name), source_url=pl.lit("javascript:alert(1)")
        ),
    }
    told = _without_libraries(
        document.page(hurt, hurt, draw(hurt), draft=False).decode()
    )
    assert "<img" not in told
    assert "&lt;img" in told
    assert "javascript:alert" not in told


def test_addresses_lead_to_the_web_only() -> None:
    assert web(" https://example.org/a ") == "https://example.org/a"
    assert web("https://example.org/a, which cites") == "https://example.org/a"
    assert web("javascript:alert(1)") == ""
    assert web("file:///etc/passwd") == ""
    assert web(None) == ""


def test_the_same_tables_give_the_same_bytes(
    shipped_run: PublishedRun, tables: dict[str, pl.DataFrame]
) -> None:
    again = render(tables, draft=False)
    for name, content in again.items():
        assert (shipped_run.path / name).read_bytes() == content


def test_a_run_that_leaves_bars_out_answers_nothing_as_a_whole(
    tables: dict[str, pl.DataFrame],
) -> None:
    left_out = pl.lit(f"quiz.pct80: {NOT_IN_RUN}")
    automation = tables["automation"].with_columns(status_reason=left_out)
    page = render(tables | {"automation": automation}, draft=True)[REPORT]
    assert b"No default scenario has all of its bars in this run" in page


def test_a_run_without_a_default_scenario_still_has_a_report(tmp_path: Path) -> None:
    """A draft of a small registry: few tables have rows, and it says DRAFT."""
    world = small_world(tmp_path)
    ingest(world)
    run = forecast(
        ForecastRequest(as_of=date(2026, 1, 15), publish=False),
        world,
        published_at=PUBLISHED_AT,
    )
    text = (run.path / REPORT).read_text()
    assert "<title>DRAFT: " in text
    assert "<h1>DRAFT: " in text
    assert 'class="draft"' in text
    assert len(text) < LIMIT
    manifest = json.loads((run.path / "manifest.json").read_text())
    assert REPORT in manifest["files"]
    again = report_again(world, run.run_id, out=tmp_path / "again.html")
    assert again.read_text() == text


def test_trends_report_prints_the_path_of_what_it_made(tmp_path: Path) -> None:
    world = small_world(tmp_path)
    ingest(world)
    run = forecast(
        ForecastRequest(as_of=date(2026, 1, 15)), world, published_at=PUBLISHED_AT
    )
    done = trends(world, "report")
    assert done.returncode == 0, done.stderr
    made = Path(done.stdout.strip())
    assert made.read_bytes() == (run.path / REPORT).read_bytes()
    assert "DRAFT" not in made.read_text()
    assert [path.name for path in made.parent.iterdir()] == [made.name]
    missing = trends(world, "report", "2025-01-01")
    assert missing.returncode != 0
    assert "2025-01-01" in missing.stderr


def test_every_chart_of_the_page_is_drawn_beside_it_when_asked_for(
    tmp_path: Path,
) -> None:
    world = small_world(tmp_path)
    ingest(world)
    forecast(ForecastRequest(as_of=date(2026, 1, 15)), world, published_at=PUBLISHED_AT)
    done = trends(world, "report", "--charts")
    assert done.returncode == 0, done.stderr
    made = Path(done.stdout.strip())
    shown = _shown(_Page(made.read_text()))
    assert any(name.startswith("crossing-") for name in shown)
    _is_drawn(shown, made.with_name(f"{made.stem}-charts"))


def test_nothing_published_is_said(tmp_path: Path) -> None:
    with pytest.raises(RequestError, match="nothing is published yet"):
        report_again(Workspace(tmp_path), None, out=None)


def _expand(value: Any, parts: list[Any]) -> Any:
    if isinstance(value, dict):
        if set(value) == {"$"}:
            if isinstance(value["$"], int):
                return _expand(parts[value["$"]], parts)
            names, rows = value["$"]
            return [dict(zip(names, row, strict=True)) for row in rows]
        return {name: _expand(one, parts) for name, one in value.items()}
    if isinstance(value, list):
        return [_expand(one, parts) for one in value]
    return value


def test_what_is_written_once_reads_back_as_it_was() -> None:
    axis = {"title": None, "values": ["2027-01-01", "2028-01-01"], "grid": True}
    rows = [{"day": f"2027-01-0{i}", "p": i / 7, "n": i} for i in range(1, 6)]
    values = {
        "one": {"x": {"axis": axis, "b": 1}, "data": rows, "flag": True},
        "two": {"x": {"axis": axis, "b": 1.0}, "data": rows[:2], "flag": 1},
        "three": {"layer": [{"axis": axis}, {"x": {"axis": axis, "b": 1}}], "e": []},
    }
    written = json.loads(json.dumps(shared(values)))
    back = {k: _expand(v, written["parts"]) for k, v in written["values"].items()}
    assert back == values
    assert type(back["two"]["flag"]) is int
    assert type(back["two"]["x"]["b"]) is float
    assert json.dumps(written).count('"title"') == 1


def test_a_section_says_what_would_change_its_date(
    tables: dict[str, pl.DataFrame],
) -> None:
    """Of a row with everything at once, every kind of reason is told."""
    row = next(
        one
        for one in tables["crossing_summary"].filter("is_headline").to_dicts()
        if one["crossing_status"] == "expected" and one["frontier_score"] is not None
    )
    row |= {
        "score_unit": "fraction",
        "bar_value": 0.95,
        "frontier_score": 0.915,
        "frontier_model_name": "Model A",
        "as_of": AS_OF,
        "observed_through": date(2026, 9, 30),
        "series_ended": "2026-07-24: nobody reports it.",
        "superseded_by": "Next one",
        "contested": True,
        "p_above_ceiling": 0.3,
        "p_never_if_ceiling_lower": 0.36,
        "p_never_if_ceiling_higher": 0.25,
        "median_if_ever_if_ceiling_lower": date(2028, 1, 9),
        "median_if_ever_if_ceiling_higher": date(2027, 12, 9),
        "status_reason": "measured again lower; 5 records",
        "quarantined_rows": "a.csv:7: score_is_plausible",
        "quarantined_score": 0.99,
        "pool_influence_if_ever_days": -49,
        "pool_influence_if_ever_family": "family_x",
        "pool_influence_p_never": 0.02,
    }
    fits = [{"own_slope_weight": 0.3, "pool": "6 other families"}]
    forecast_rows = [
        {"forecast_date": day, "quantile_level": level, "score": score}
        for day, better in ((date(2026, 12, 30), 0.5), (date(2027, 3, 31), 0.9))
        for level, score in ((0.1, better), (0.5, better + 0.03), (0.9, better + 0.06))
    ]
    ladder = [
        row
        | {"bar_id": name, "bar_value": value, "p_never": never, "if_ever_label": label}
        for name, value, never, label in (
            ("easy", 0.8, 0.0, "2027-01"),
            (row["bar_id"], 0.95, 0.3, "2027-09"),
            ("hard", 0.99, 0.62, "2028"),
        )
    ]
    other = {"observed_through": date(2026, 10, 31), "short_title": "Quiz, board"}
    told = outlook(
        row, ladder=ladder, fits=fits, forecast=forecast_rows, others=[other]
    )
    said = "\n".join(told)
    for words in (
        "Nobody adds scores any more (2026-07-24: nobody reports it)",
        "never would have 36% or 25%, and the date if ever would be 2028-01 or 2027-12.",
        "Next one took its place",
        "goes on: Quiz, board has figures to 2026-10-31",
        "95.0% would settle it",
        "91.5%, of Model A",
        "contested (measured again lower)",
        "99.0%, waits in quarantine (a.csv:7: score_is_plausible)",
        "By 2027-03-31 the record is expected at 93.0% (80%: 90.0% to 96.0%)",
        "30% of the weight",
        "family_x moves it most: without it the date if ever is 49 days earlier",
        "days earlier, never 2 points likelier",
        "30% is the chance that the bar lies above the ceiling",
        "80.0%: 2027-01; 99.0%: 2028, never 62%",
    ):
        assert words in said
    row["median_if_ever_if_ceiling_lower"] = row["median_if_ever_if_ceiling_higher"]
    for never, sentence in (
        (0.36, "36% or 25%, and the date if ever would be 2027-12."),
        (0.25, None),
    ):
        row["p_never_if_ceiling_lower"] = never
        told = outlook(row, ladder=[], fits=[], forecast=[], others=[])
        found = [one for one in told if one.startswith("Had we judged")]
        assert sentence in found[0] if sentence else not found
