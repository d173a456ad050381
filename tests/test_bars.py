"""One address a bar: pages, cards and feeds, made from the tables of a run."""

import json
import re
from datetime import date, datetime
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import polars as pl
import pytest
from jsonschema import Draft202012Validator, FormatChecker

from tests.one_bar import CROSSED, SAID_CROSSED, Cells, one_bar, vintage
from tests.small_world import CHECKOUT, small_world
from trends.bars import render
from trends.bars.card import card, describe
from trends.bars.histories import said_before
from trends.bars.pages import bar_pages
from trends.bars.schema import bar_schema
from trends.outputs import find_published, read_table
from trends.pipeline import ForecastRequest, PublishedRun, forecast, ingest
from trends.tables import (
    CROSSING_CDF,
    CROSSING_SUMMARY,
    HISTORY,
    HISTORY_BARS,
    OBSERVATIONS,
    PUBLISHED,
    THRESHOLDS,
)
from trends.workspace import Workspace

ATOM = {"a": "http://www.w3.org/2005/Atom"}
VINTAGES = (date(2025, 3, 31), date(2025, 9, 30), date(2025, 12, 31))
SVG = "{http://www.w3.org/2000/svg}"


def tables_at(run: Path) -> dict[str, pl.DataFrame]:
    return {table.name: read_table(run, table) for table in PUBLISHED}


def publish(workspace: Workspace, as_of: date) -> PublishedRun:
    noon = datetime.fromisoformat(f"{as_of}T12:00:00Z")
    return forecast(ForecastRequest(as_of, draws=100), workspace, published_at=noon)


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    workspace = small_world(tmp_path_factory.mktemp("bars"))
    ingest(workspace)
    for as_of in VINTAGES:
        publish(workspace, as_of)
    return workspace


@pytest.fixture(scope="module")
def run(world: Workspace) -> Path:
    return find_published(world.results, str(VINTAGES[-1])).path


def pages_in(run: Path) -> dict[str, dict[str, Any]]:
    files = sorted((run / "bars").glob("*.*.json"))
    named = [file for file in files if file.name != "bar.schema.json"]
    return {file.stem: json.loads(file.read_text()) for file in named}


# Pages


def test_every_page_of_the_shipped_run_is_valid(shipped_run: PublishedRun) -> None:
    schema = json.loads((shipped_run.path / "bars" / "bar.schema.json").read_text())
    Draft202012Validator.check_schema(schema)
    validator = Draft202012Validator(schema, format_checker=FormatChecker())
    pages = pages_in(shipped_run.path)
    assert len(pages) > 200
    for name, page in pages.items():
        errors = [error.message for error in validator.iter_errors(page)]
        assert errors == [], name
    broken = next(iter(pages.values())) | {"as_of": "soon"}
    assert list(validator.iter_errors(broken))
    assert list(validator.iter_errors(broken | {"as_of": "2026-11-26", "more": 1}))


def test_the_committed_schema_is_that_of_the_models() -> None:
    committed = CHECKOUT / "docs" / "schemas" / "bar.schema.json"
    assert committed.read_text() == bar_schema()


def test_every_bar_of_a_headline_trend_has_a_page_and_a_card(
    shipped_run: PublishedRun,
) -> None:
    thresholds = read_table(shipped_run.path, THRESHOLDS)
    bars = {f"{a}.{b}" for a, b in thresholds.select("threshold_id", "bar_id").rows()}
    assert set(pages_in(shipped_run.path)) == bars
    index = json.loads((shipped_run.path / "bars" / "index.json").read_text())
    assert {bar["id"] for bar in index["bars"]} == bars
    for bar in index["bars"]:
        assert (shipped_run.path / "bars" / bar["page"]).is_file()
        assert (shipped_run.path / "bars" / bar["card"]).is_file()


def test_pages_say_what_the_tables_say(shipped_run: PublishedRun) -> None:
    summary = read_table(shipped_run.path, CROSSING_SUMMARY)
    cdf = read_table(shipped_run.path, CROSSING_CDF)
    observations = {
        row["observation_id"]: row
        for row in read_table(shipped_run.path, OBSERVATIONS).iter_rows(named=True)
    }
    by_2030 = {
        row[:3]: row[3]
        for row in cdf.filter(pl.col("by_date") == date(2030, 12, 31))
        .select("threshold_id", "bar_id", "trend", "p_crossed")
        .iter_rows()
    }
    for page in pages_in(shipped_run.path).values():
        answer, key = page["answer"], (page["threshold_id"], page["bar"]["id"])
        row = summary.row(
            by_predicate=(pl.col("threshold_id") == key[0])
            & (pl.col("bar_id") == key[1])
            & (pl.col("trend") == answer["trend"]),
            named=True,
        )
        assert answer["status"] == row["crossing_status"]
        for name in ("median_label", "if_ever_label", "interval80_label", "contested"):
            assert answer[name] == row[name], page["id"]
        if row["withheld"] is None:
            for name in ("median_date", "median_if_ever", "q10_date", "q90_date"):
                assert answer[name] == (row[name] and str(row[name])), page["id"]
            for name in ("p_never", "p_crossed_by_as_of"):
                assert answer[name] == pytest.approx(row[name], abs=1e-9), page["id"]
            if (*key, answer["trend"]) in by_2030:
                p = by_2030[(*key, answer["trend"])]
                assert answer["p_by_year_end"]["2030"] == pytest.approx(p)
        age = (row["as_of"] - row["observed_through"]).days
        assert page["figures"]["age_days"] == age
        assert page["coverage"]["held"] == row["coverage80_backtest"]
        assert page["coverage"]["held_at_most"] == row["coverage80_at_most"]
        record = page["record"]
        assert record["model"] == row["frontier_model_name"]
        assert record["score"] == row["frontier_score"]
        if record["observation_id"] is not None:
            source = observations[record["observation_id"]]
            place = f"{source['source_file']}:{source['source_row']}"
            assert record["source_row"] == place
            assert record["source_url"] == source["source_url"]
            assert record["model"] == source["model_name"]
    named = [
        page["record"]["observation_id"] for page in pages_in(shipped_run.path).values()
    ]
    assert sum(one is not None for one in named) > 0.9 * len(named)


def test_a_withheld_headline_has_words_and_no_numbers() -> None:
    tables = one_bar(withheld="withheld: intervals of this kind held 31% of 80")
    (page,) = bar_pages(tables, draft=False)
    answer = page.answer.model_dump()
    assert answer["withheld"] == "withheld: intervals of this kind held 31% of 80"
    for name, value in answer.items():
        if name.endswith("_date") or name.startswith("p_cro") or name == "p_never":
            assert value is None, name
    assert set(answer["p_by_year_end"].values()) == {None}


def test_pages_are_the_same_for_the_same_tables(run: Path) -> None:
    again = dict(render(tables_at(run), draft=False))
    assert any(name.endswith(".svg") for name in again)
    for name, content in again.items():
        assert (run / name).read_bytes() == content, name


def test_a_draft_says_so(run: Path) -> None:
    files = dict(render(tables_at(run), draft=True))
    page = json.loads(files[f"bars/{next(iter(pages_in(run)))}.json"])
    assert page["is_draft"]
    assert "draft, not published" in page["citation"]
    assert b"DRAFT, vintage" in files[f"bars/{page['card']}"]
    assert json.loads(files["bars/index.json"])["is_draft"]
    assert json.loads(files["feed.json"])["title"].startswith("DRAFT: ")


def test_the_history_of_a_page_is_that_of_the_table(run: Path) -> None:
    history = pl.concat([read_table(run, HISTORY), read_table(run, HISTORY_BARS)])
    for page in pages_in(run).values():
        ours = history.filter(
            threshold_id=page["threshold_id"], bar_id=page["bar"]["id"]
        ).sort("as_of", "stands")
        said = [
            (one["as_of"], one["kind"], one["median_label"]) for one in page["history"]
        ]
        rows = ours.select("as_of", "kind", "median_label").iter_rows()
        assert said == [(str(day), kind, label) for day, kind, label in rows]
        assert said


# What was said before a crossing


def test_after_a_crossing_the_last_open_forecast_is_what_was_said_before() -> None:
    tables = one_bar(
        (
            vintage("2026-04-30", kind="replayed", when_label="2027-01"),
            vintage("2026-05-31", kind="replayed", when_label="2026-12"),
            vintage("2026-05-31", stands=False, kind="published", when_label="2030"),
            vintage("2026-06-30", kind="live", **SAID_CROSSED),
            # taken back for a vintage: not what was said before it was known
            vintage("2026-07-31", kind="live", when_label="2026-09"),
            vintage("2026-11-22", kind="this_run", **SAID_CROSSED),
        ),
        date_hi=date(2026, 6, 9),
        **CROSSED,
    )
    (page,) = bar_pages(tables, draft=False)
    assert page.crossing is not None
    assert page.crossing.said_before is not None
    assert page.crossing.said_before.as_of == date(2026, 5, 31)
    assert page.crossing.label == (
        "crossed 2026-06-09; as of 2026-05-31 (replayed): if ever, 2026-12, 80% interval "
        "2027-01 to 2028-01"
    )
    assert "as of 2026-05-31 (replayed): if ever, 2026-12" in describe(page)
    text = " ".join(ET.fromstring(card(page)).itertext())  # noqa: S314  our own bytes
    assert "crossed 2026-06-09" in text
    assert "said before: as of 2026-05-31 (replayed): if ever, 2026-12" in text


def test_a_forecast_of_another_bar_is_not_what_was_said_of_this_one() -> None:
    tables = one_bar((vintage("2026-05-31", bar_value=0.9),), **CROSSED)
    (page,) = bar_pages(tables, draft=False)
    assert page.crossing is not None
    assert page.crossing.said_before is None
    assert said_before(page.history, bar_value=0.9) == page.history[0]


# Cards


def test_cards_hold_nothing_from_outside_and_say_what_they_show(run: Path) -> None:
    cards = sorted((run / "bars").glob("*.svg"))
    assert cards
    for file in cards:
        text = file.read_text()
        root = ET.fromstring(text)  # noqa: S314  our own bytes
        page = json.loads(file.with_suffix(".json").read_text())
        assert root.find(f"{SVG}title") is not None
        desc = root.find(f"{SVG}desc")
        assert desc is not None
        assert str(VINTAGES[-1]) in (desc.text or "")
        assert not re.search(r"<script|<image|@import|url\(|href|\son\w+=", text)
        assert text.count("http") == 1  # the name of SVG itself
        if page["crossing"] is None:
            assert page["answer"]["interval80_label"] in (desc.text or "")
        assert len(text) < 6000


def test_a_card_says_when_if_ever_and_how_likely_never_is() -> None:
    told: Cells = {"median_if_ever": date(2027, 3, 2), "if_ever_label": "2027-03"}
    law: Cells = {
        "crossing_status": "expected",
        "p_never": 0.42,
        "median_label": "2020s",
    }
    (page,) = bar_pages(one_bar(**told, **law), draft=False)
    text = " ".join(ET.fromstring(card(page)).itertext())  # noqa: S314  our own bytes
    assert "If ever, 2027-03; never 42% " in text
    assert "2020s" not in text
    (page,) = bar_pages(one_bar(**told, **law | {"p_never": 0.75}), draft=False)
    assert describe(page).startswith("Never 75%; if ever, 2027-03. ")
    late: Cells = {"median_if_ever": None, "if_ever_label": "after 2050"}
    (page,) = bar_pages(one_bar(**late, **law), draft=False)
    assert describe(page).startswith("2020s. ")


def test_text_of_a_card_is_escaped() -> None:
    nasty = '</text><script>alert("1")</script>&amp;\x08]]>'
    tables = one_bar(median_label=nasty, short_title=nasty, threshold_label=nasty)
    (page,) = bar_pages(tables, draft=False)
    text = card(page).decode()
    root = ET.fromstring(text)  # noqa: S314  our own bytes
    assert "<script" not in text
    assert root.find(f".//{SVG}script") is None
    assert '<script>alert("1")' in "".join(root.itertext())


# Feeds


def check_atom(content: bytes) -> list[ET.Element]:
    """Entries of a feed that has what RFC 4287 requires."""
    feed = ET.fromstring(content)  # noqa: S314  our own bytes
    assert feed.tag == "{http://www.w3.org/2005/Atom}feed"
    entries = feed.findall("a:entry", ATOM)
    assert feed.find("a:author/a:name", ATOM) is not None
    for element in (feed, *entries):
        for name in ("id", "title", "updated"):
            (only,) = element.findall(f"a:{name}", ATOM)
            assert only.text
        updated = element.findtext("a:updated", namespaces=ATOM) or ""
        assert datetime.fromisoformat(updated).tzinfo is not None
        uri = element.findtext("a:id", namespaces=ATOM) or ""
        assert re.fullmatch(r"tag:benchmark-trends,2026:[\w/.-]+", uri)
    for entry in entries:
        (content_,) = entry.findall("a:content", ATOM)
        assert content_.get("type") == "text"
        assert content_.text
    ids = [entry.findtext("a:id", namespaces=ATOM) for entry in entries]
    assert len(set(ids)) == len(ids)
    stamps = [entry.findtext("a:updated", namespaces=ATOM) or "" for entry in entries]
    assert stamps == sorted(stamps, reverse=True)
    if entries:
        assert feed.findtext("a:updated", namespaces=ATOM) == stamps[0]
    return entries


def check_json_feed(content: bytes) -> list[dict[str, Any]]:
    """Items of a feed that has what JSON Feed 1.1 requires."""
    feed = json.loads(content)
    assert feed["version"] == "https://jsonfeed.org/version/1.1"
    assert feed["title"]
    items: list[dict[str, Any]] = feed["items"]
    for item in items:
        assert isinstance(item["id"], str)
        assert item["content_text"]
        assert datetime.fromisoformat(item["date_published"]).tzinfo is not None
    assert len({item["id"] for item in items}) == len(items)
    return items


def test_both_feeds_of_a_run_are_valid_and_say_the_same(run: Path) -> None:
    entries = check_atom((run / "feed.xml").read_bytes())
    items = check_json_feed((run / "feed.json").read_bytes())
    assert items
    for name in ("bars/index.json", "feed.json", "feed.xml"):
        assert f"`{name}`" in (run / "README.md").read_text()
    assert [entry.findtext("a:id", namespaces=ATOM) for entry in entries] == [
        item["id"] for item in items
    ]
    for entry, item in zip(entries, items, strict=True):
        assert entry.findtext("a:title", namespaces=ATOM) == item["title"]
        assert (run / item["_bar"]["file"]).is_file()
    # work is crossed between the vintages, or its date moves
    assert {item["date_published"][:10] for item in items} <= set(
        map(str, VINTAGES[1:])
    )


def test_a_run_that_changes_nothing_adds_nothing_to_the_feeds(world: Workspace) -> None:
    """Not one byte: all figures end before both, so that no headline moves."""
    days = (date(2026, 11, 10), date(2026, 11, 20))
    first, second = (publish(world, day).path for day in days)
    assert set(read_table(second, HISTORY)["as_of"]) == {*VINTAGES, *days}
    assert "2026-11-10" in (first / "feed.json").read_text()
    for name in ("feed.json", "feed.xml"):
        assert (second / name).read_bytes() == (first / name).read_bytes()
