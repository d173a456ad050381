"""A preview as text for a terminal, Markdown for a pull request, JSON for programs."""

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Final, NamedTuple

from trends.previews.changes import Preview, Row, Shift
from trends.words import (
    escape_markdown,
    percent,
    score_words,
    shown_percent,
    when_words,
)
from trends.words.moves import never_moved_words

MARKER: Final = "<!-- trends diff -->"
"""First line of the Markdown, by which a comment is found again."""

MOST_CHARACTERS: Final = 45_000
"""Of the Markdown; a comment holds 65,536, and a workflow refuses 50,000."""

_CALLS: Final = re.compile(r"@|#(?=\d)|:(?=//)|www(?=\.)", re.IGNORECASE)
"""After these a space of no width goes: GitHub calls and links names after it has read
what stands for a character, so that no other way of writing them helps."""

_NAMED: Final = 8
_MOST_PARAGRAPHS: Final = 30


def as_text(preview: Preview) -> str:
    """For people at a terminal, 80 columns wide where ids allow."""
    lines = paragraphs(preview)
    for heading, shifts, words in (
        ("Bars, in the trend of their headline, worst first:", preview.bars, _of_bar),
        ("Scenarios, benchmarks independent:", preview.scenarios, _of_scenario),
    ):
        listed = [one for one in shifts if one.leads and one.is_visible]
        if listed:
            lines += ["", heading]
            lines += [line for one in listed for line in _lines(one, words(one))]
        lines += _not_listed(shifts)
    return "\n".join(lines)


def as_markdown(preview: Preview) -> str:
    """For a pull request: never longer than a comment may be."""
    lines = [MARKER, "### What this edit does to the dates"]
    return "\n".join([*lines, *markdown_lines(preview, lines)])


def markdown_lines(preview: Preview, above: Sequence[str]) -> list[str]:
    """Lines below a heading, as long as a comment has room for."""
    said = paragraphs(preview)
    lines = [f"\n{safe(one)}" for one in said[:_MOST_PARAGRAPHS]]
    if (more := len(said) - _MOST_PARAGRAPHS) > 0:
        lines.append(f"\nand {more} more changes of status")
    room = MOST_CHARACTERS - sum(len(line) + 1 for line in [*above, *lines])
    for one, share in zip(listings(preview), (0.7, 0.3), strict=True):
        lines += _table(one, int(share * room))
        lines += [f"\n{safe(line)}" for line in one.rest]
    return lines


class Listing(NamedTuple):
    """Bars or scenarios that move, in words.

    Attributes:
        of: what they are.
        lead: what the first figure of each is.
        cells: of each that is worth a line, worst first: what it is, before, after,
            and by how much it moves.
        rest: sentences on how many more differ.
    """

    of: str
    lead: str
    cells: list[list[str]]
    rest: list[str]


def paragraphs(preview: Preview) -> list[str]:
    """What the sides are, what was fitted, how much moves, and changes of status."""
    return [*_opening(preview), *_warnings(preview)]


def listings(preview: Preview) -> tuple[Listing, Listing]:
    """Bars in the trend of their headline, and scenarios of independent benchmarks."""
    bars, scenarios = (
        Listing(
            of,
            lead,
            [_cells(one, words(one)) for one in shifts if one.leads and one.is_visible],
            [*_not_listed(shifts)],
        )
        for of, lead, shifts, words in (
            ("Bar", "median if ever, never", preview.bars, _of_bar),
            ("Scenario", "median", preview.scenarios, _of_scenario),
        )
    )
    return bars, scenarios


def as_json(preview: Preview) -> str:
    """For programs: every row that differs, with both sides in full."""
    return dump(facts(preview))


def facts(preview: Preview) -> dict[str, Any]:
    """All that a preview says, of every row that differs with both sides."""
    return {
        "as_of": preview.as_of,
        "base": preview.base,
        "rests_on": preview.rests_on,
        "refitted": preview.refitted,
        "leaning": preview.leaning,
        "all_rest_on_a_change": preview.is_wider,
        "moved": preview.anything_moved,
        "n_bars": preview.n_bars,
        "n_scenarios": preview.n_scenarios,
        "bars": [
            _plain(one, ("threshold_id", "bar_id", "trend")) for one in preview.bars
        ],
        "scenarios": [
            _plain(one, ("scenario_id", "dependence", "gap"))
            for one in preview.scenarios
        ],
    }


def dump(facts: Mapping[str, Any]) -> str:
    """JSON text, the same for the same facts."""
    return json.dumps(facts, indent=1, sort_keys=True, default=str)


def _plain(one: Shift, names: Sequence[str]) -> dict[str, Any]:
    return {
        **dict(zip(names, one.key, strict=True)),
        "kind": one.kind,
        "days": one.days,
        "never": one.never,
        "probability": one.probability,
        "status_change": one.statuses,
        "why_gone": one.why_gone,
        "before": one.before,
        "after": one.after,
    }


def _opening(preview: Preview) -> Iterator[str]:
    yield f"Against {preview.base}, as of {preview.as_of}; {preview.rests_on}."
    yield _what_was_fitted(preview)
    moved = sum(one.kind != "reworded" for one in preview.bars)
    scenarios = sum(one.kind != "reworded" for one in preview.scenarios)
    if preview.anything_moved:
        yield (
            f"{moved} of {preview.n_bars} rows of bars (a row a bar and trend) and "
            f"{scenarios} of {preview.n_scenarios} rows of scenarios move."
        )
    else:
        yield (
            f"Nothing moves: {preview.n_bars} rows of bars and {preview.n_scenarios} "
            "rows of scenarios stay as they are."
        )


def _what_was_fitted(preview: Preview) -> str:
    parts = []
    if not preview.refitted and not preview.leaning:
        parts.append("Nothing was fitted again: the edit changes no score and no fit.")
    if preview.refitted:
        parts.append(f"Fitted again: {_names(preview.refitted)}.")
    if preview.leaning:
        parts.append(
            f"Moved with the pool that they lean on: {_names(preview.leaning)}."
        )
    if preview.is_wider:
        parts.append(
            "Weights or the rule of withholding changed: every row rests on them."
        )
    return " ".join(parts)


def _names(series: Sequence[str]) -> str:
    more = len(series) - _NAMED
    named = ", ".join(series[:_NAMED])
    return f"{named} and {more} more" if more > 0 else named


def _warnings(preview: Preview) -> Iterator[str]:
    for one in preview.status_changes:
        before, after = (words.replace("_", " ") for words in one.statuses or ())
        yield f"Warning: {one.name} changes status: {before} -> {after}"


def _not_listed(shifts: Sequence[Shift]) -> Iterator[str]:
    """How many rows differ that are not listed one by one."""
    moved = [one for one in shifts if one.kind != "reworded"]
    traces = [one for one in moved if one.leads and not one.is_visible]
    others = [one for one in moved if not one.leads]
    if traces:
        yield f"and {len(traces)} more, by less than a week and a percentage point."
    if others:
        far = max(abs(one.days or 0) for one in others)
        yield (
            f"and {len(others)} rows of other trends or dependences, at most {far} "
            "days (`trends diff --format json`)."
        )


class _Words(NamedTuple):
    """What is said of one shift: what it is, and each figure before and after."""

    title: str
    what: str
    before: dict[str, str]
    after: dict[str, str]


def _of_bar(one: Shift) -> _Words:
    headline = " (headline)" if one.row["is_headline"] else ""
    sides = [_figures(row, _bar_figures) for row in (one.before, one.after)]
    return _Words(f"{one.row['threshold_label']}{headline}", _what(one), *sides)


def _of_scenario(one: Shift) -> _Words:
    row = one.row
    sides = [_figures(row, _scenario_figures) for row in (one.before, one.after)]
    return _Words(str(row["scenario_title"]), f"gap {row['gap_label']}", *sides)


def _figures(row: Row | None, say: Callable[[Row], dict[str, str]]) -> dict[str, str]:
    return {} if row is None else say(row)


def _bar_figures(row: Row) -> dict[str, str]:
    return {
        "when": when_words(row),
        "80%": str(row["interval80_label"]),
        "by now": shown_percent(row, "p_crossed_by_as_of"),
        "by end": shown_percent(row, "p_crossed_by_projection_end"),
    }


def _scenario_figures(row: Row) -> dict[str, str]:
    return {
        "median": str(row["median_label"]),
        "80%": str(row["interval80_label"]),
        "by 2028": percent(row["p_by_end_2028"]),
        "by 2030": percent(row["p_by_end_2030"]),
    }


def _what(one: Shift) -> str:
    """The bar in words, and what was edited of it."""
    if one.why_gone is not None:
        return one.why_gone
    before, row = one.before, one.row
    if before is None:
        return value_words(row)
    edits = []
    if before["bar_id"] != row["bar_id"]:
        edits.append(f"was {before['bar_id']}")
    if before["bar_value"] != row["bar_value"]:
        edits.append(f"{value_words(before)} -> {value_words(row)}")
    if before["is_headline"] != row["is_headline"]:
        edits.append("now the headline" if row["is_headline"] else "no longer headline")
    if before["projection_end"] != row["projection_end"]:
        edits.append(f"projected to {row['projection_end']}")
    return "; ".join(edits) or value_words(row)


def value_words(row: Row) -> str:
    """Where the bar of a row stands."""
    return score_words(row["bar_value"], row["score_unit"])


def _shift_words(one: Shift) -> str:
    """How far it moves: in days; else in points of never, or by the projection's end."""
    if one.kind != "moved":
        return {"added": "new", "removed": "gone", "reworded": "words only"}[one.kind]
    if one.days:
        return f"{one.days:+d} days"
    if never := never_moved_words(one.never):
        return never
    points = 100 * (one.probability or 0.0)
    if abs(points) < 0.05:
        return "0 days" if one.days == 0 else "none"
    return f"{points:+.1f} points"


def _lines(one: Shift, words: _Words) -> Iterator[str]:
    """For a terminal: a line of what it is, and one for each figure that differs."""
    headline = " (headline)" if one.row.get("is_headline") else ""
    was = f"; was {_lead(words.before)}" if one.after is None else ""
    yield f"  {_shift_words(one):>11}  {one.name}{headline}: {words.what}{was}"
    for name, figure in words.after.items():
        old = words.before.get(name)
        if old != figure:
            yield f"{'':15}{name:9}{'' if old is None else f'{old} -> '}{figure}"


def _cells(one: Shift, words: _Words) -> list[str]:
    """For a table: title and what it is, both sides, and the shift."""
    sides = [
        f"{_lead(side)}; {side['80%']}" if side else ""
        for side in (words.before, words.after)
    ]
    return [f"{words.title}; {one.name}: {words.what}", *sides, _shift_words(one)]


def _lead(figures: Mapping[str, str]) -> str:
    """The figure that stands for all: when, or the median."""
    return next(iter(figures.values()))


def _table(listing: Listing, room: int) -> list[str]:
    """A table of as many rows as there is room for, and how many more there are."""
    cells = [[safe(cell) for cell in row] for row in listing.cells]
    if not cells:
        return []
    lines = [
        "",
        f"| {listing.of} | Before ({listing.lead}; 80%) | After | Shift |",
        "| --- | --- | --- | --- |",
    ]
    room -= sum(len(line) + 1 for line in lines) + 100
    for n, row in enumerate(cells):
        line = f"| {' | '.join(row)} |"
        room -= len(line) + 1
        if room < 0:
            more = len(cells) - n
            return [*lines, "", f"and {more} more, which `trends diff` prints."]
        lines.append(line)
    return lines


def safe(text: str) -> str:
    """Text that Markdown shows as it is, and that calls and links nothing."""
    return _CALLS.sub(r"\g<0>&#8203;", escape_markdown(text))
