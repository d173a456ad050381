"""All files of the bars of a run: pages, cards, their index and schema, and feeds."""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from trends.bars.card import card
from trends.bars.feeds import atom_feed, json_feed
from trends.bars.models import SCHEMA_FILE, BarPage
from trends.bars.news import first_vintage, news
from trends.bars.pages import bar_pages
from trends.bars.schema import bar_schema
from trends.tables.slices import Frame, held

Entry = dict[str, Any]


def render(tables: Mapping[str, Frame], *, draft: bool) -> Iterator[tuple[str, bytes]]:
    """Files, each with its name below the run's folder; the same for the same tables.

    They are handed over as they are made, and none is kept.

    Args:
        tables: the published tables of the run by name.
        draft: whether it is one.
    """
    stamp: Entry = {}
    entries: list[Entry] = []
    for page in bar_pages(tables, draft=draft):
        stamp = {"as_of": str(page.as_of), "run_id": page.run_id}
        entries.append(_entry(page))
        text = page.model_dump_json(indent=1, by_alias=True)
        yield f"bars/{page.id}.json", f"{text}\n".encode()
        yield f"bars/{page.card}", card(page)
    yield "bars/index.json", _index(entries, stamp, draft=draft)
    yield f"bars/{SCHEMA_FILE}", bar_schema().encode()
    small = held(tables)
    items = news(small)
    bars = {entry["id"] for entry in entries}
    yield "feed.json", json_feed(items, bars=bars, draft=draft)
    empty_on = first_vintage(small)
    yield "feed.xml", atom_feed(items, bars=bars, empty_on=empty_on, draft=draft)


def _index(entries: Sequence[Entry], stamp: Entry, *, draft: bool) -> bytes:
    """What there is, each bar with its answer in words."""
    index = {
        **stamp,
        "is_draft": draft,
        "schema": SCHEMA_FILE,
        "feeds": ["../feed.json", "../feed.xml"],
        "bars": entries,
    }
    return (json.dumps(index, indent=1, ensure_ascii=False) + "\n").encode()


def _entry(page: BarPage) -> Entry:
    return {
        "id": page.id,
        "page": f"{page.id}.json",
        "card": page.card,
        "threshold_label": page.threshold_label,
        "is_headline": page.bar.is_headline,
        "status": page.answer.status,
        "median_label": page.answer.median_label,
        "interval80_label": page.answer.interval80_label,
    }
