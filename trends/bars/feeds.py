"""News as JSON Feed 1.1 and as Atom (RFC 4287)."""

import json
from collections.abc import Collection, Sequence
from datetime import date
from typing import Final
from xml.etree import ElementTree as ET

from trends.bars.markup import plain
from trends.bars.news import Item, feed_uri

ATOM: Final = "http://www.w3.org/2005/Atom"
JSON_FEED: Final = "https://jsonfeed.org/version/1.1"

MOST_ITEMS: Final = 1000
"""Items that a feed holds; older ones stand in the feeds of older runs."""

_TITLE: Final = "benchmark-trends: when benchmarks cross their bars"
_SUBTITLE: Final = (
    "Published changes of headlines, crossings and alarms. A benchmark that crosses a "
    "bar is not automated R&D."
)
_AUTHOR: Final = "The benchmark-trends team"


def json_feed(items: Sequence[Item], *, bars: Collection[str], draft: bool) -> bytes:
    """The news as JSON Feed.

    Args:
        items: newest first.
        bars: bars that the run has a file of.
        draft: whether the run is one.
    """
    feed = {
        "version": JSON_FEED,
        "title": _title(draft=draft),
        "description": _SUBTITLE,
        "language": "en",
        "authors": [{"name": _AUTHOR}],
        "items": [
            {
                "id": item.uri,
                "title": plain(item.title),
                "content_text": plain(item.text),
                "date_published": _instant(item.as_of),
                "tags": [item.kind],
                **({"_bar": {"file": page}} if (page := _page(item, bars)) else {}),
            }
            for item in items[:MOST_ITEMS]
        ],
    }
    return (json.dumps(feed, indent=1, ensure_ascii=False) + "\n").encode()


def atom_feed(
    items: Sequence[Item], *, bars: Collection[str], empty_on: date, draft: bool
) -> bytes:
    """The news as Atom.

    Args:
        items: newest first.
        bars: bars that the run has a file of.
        empty_on: day of a feed without items.
        draft: whether the run is one.
    """
    kept = items[:MOST_ITEMS]
    feed = ET.Element("feed", {"xmlns": ATOM})
    _add(feed, "id", feed_uri())
    _add(feed, "title", _title(draft=draft))
    _add(feed, "subtitle", _SUBTITLE)
    _add(feed, "updated", _instant(kept[0].as_of if kept else empty_on))
    _add(ET.SubElement(feed, "author"), "name", _AUTHOR)
    ET.SubElement(feed, "link", {"rel": "self", "href": "feed.xml"})
    for item in kept:
        entry = ET.SubElement(feed, "entry")
        _add(entry, "id", item.uri)
        _add(entry, "title", item.title)
        _add(entry, "updated", _instant(item.as_of))
        ET.SubElement(entry, "category", {"term": item.kind})
        if page := _page(item, bars):
            of_page = {"rel": "alternate", "type": "application/json", "href": page}
            ET.SubElement(entry, "link", of_page)
        _add(entry, "content", item.text, type="text")
    ET.indent(feed, " ")
    text = ET.tostring(feed, encoding="unicode")
    return f'<?xml version="1.0" encoding="utf-8"?>\n{text}\n'.encode()


def _add(parent: ET.Element, name: str, text: str, **attributes: str) -> None:
    ET.SubElement(parent, name, attributes).text = plain(text)


def _title(*, draft: bool) -> str:
    return f"DRAFT: {_TITLE}" if draft else _TITLE


def _instant(day: date) -> str:
    """Midnight at the start of a vintage's day: no clock is asked."""
    return f"{day}T00:00:00Z"


def _page(item: Item, bars: Collection[str]) -> str | None:
    return f"bars/{item.bar}.json" if item.bar in bars else None
