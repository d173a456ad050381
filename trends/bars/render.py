"""All files of the bars of a run: pages, cards, their index and schema, and feeds."""

import json
from collections.abc import Mapping, Sequence

import polars as pl

from trends.bars.card import card
from trends.bars.feeds import atom_feed, json_feed
from trends.bars.models import SCHEMA_FILE, BarPage
from trends.bars.news import first_vintage, news
from trends.bars.pages import bar_pages
from trends.bars.schema import bar_schema


def render(tables: Mapping[str, pl.DataFrame], *, draft: bool) -> dict[str, bytes]:
    """Files by name below the run's folder; the same for the same tables.

    Args:
        tables: the published tables of the run by name.
        draft: whether it is one.
    """
    pages = bar_pages(tables, draft=draft)
    files: dict[str, bytes] = {}
    for page in pages:
        text = page.model_dump_json(indent=1, by_alias=True)
        files[f"bars/{page.id}.json"] = f"{text}\n".encode()
        files[f"bars/{page.card}"] = card(page)
    files["bars/index.json"] = _index(pages, draft=draft)
    files[f"bars/{SCHEMA_FILE}"] = bar_schema().encode()
    items = news(tables)
    bars = {page.id for page in pages}
    files["feed.json"] = json_feed(items, bars=bars, draft=draft)
    files["feed.xml"] = atom_feed(
        items, bars=bars, empty_on=first_vintage(tables), draft=draft
    )
    return files


def _index(pages: Sequence[BarPage], *, draft: bool) -> bytes:
    """What there is, each bar with its answer in words."""
    index = {
        **({"as_of": str(pages[0].as_of), "run_id": pages[0].run_id} if pages else {}),
        "is_draft": draft,
        "schema": SCHEMA_FILE,
        "feeds": ["../feed.json", "../feed.xml"],
        "bars": [
            {
                "id": page.id,
                "page": f"{page.id}.json",
                "card": page.card,
                "threshold_label": page.threshold_label,
                "is_headline": page.bar.is_headline,
                "status": page.answer.status,
                "median_label": page.answer.median_label,
                "interval80_label": page.answer.interval80_label,
            }
            for page in pages
        ],
    }
    return (json.dumps(index, indent=1, ensure_ascii=False) + "\n").encode()
