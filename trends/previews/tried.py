"""One moved bar in words: for a terminal, for a log, as Markdown and for programs."""

from collections.abc import Iterator
from typing import Any

from trends.previews.one_bar import Rung, WhatIf
from trends.previews.words import (
    as_text,
    dump,
    facts,
    markdown_lines,
    paragraphs,
    safe,
    value_words,
)
from trends.words import percent, shown_percent, when_words


def what_if_text(tried: WhatIf) -> str:
    """The bar, its ladder and the scenarios it gates, for a terminal."""
    lines = [f"Warning: the bar {one}" for one in tried.doubts]
    lines += [as_text(tried.preview), "", f"Ladder of {tried.threshold_id} then:"]
    for row in tried.ladder:
        mark = "*" if row["bar_id"] == tried.moved else " "
        lines.append(
            f" {mark} {row['bar_id']:12}{value_words(row):>14}  {when_words(row)}; "
            f"{row['interval80_label']}"
        )
    return "\n".join(lines)


def what_if_markdown(tried: WhatIf) -> str:
    """The bar before and after as a table, then all that moves."""
    lines = [f"### {safe(what_if_title(tried))}", ""]
    lines += [f"Warning: the bar {safe(one)}\n" for one in tried.doubts]
    lines += ["|  | Before | After |", "| --- | --- | --- |"]
    lines += [
        f"| {' | '.join(safe(cell) for cell in row)} |" for row in what_if_rows(tried)
    ]
    return "\n".join([*lines, *markdown_lines(tried.preview, lines)]) + "\n"


def what_if_title(tried: WhatIf) -> str:
    """Which bar of what was moved from where to where."""
    before, after = (value_words(rung.row) for rung in (tried.before, tried.after))
    return f"{tried.after.row['short_title']}: bar from {before} to {after}"


def what_if_line(tried: WhatIf) -> str:
    """What becomes of the bar's date, in a sentence."""
    before, after = (when_words(rung.row) for rung in (tried.before, tried.after))
    return (
        f"Median if ever, in the trend {tried.trend}: {before} before, {after} after."
    )


def what_if_lines(tried: WhatIf) -> Iterator[str]:
    """The bar before and after, and what moves with it: for the log of a task."""
    yield f"{what_if_title(tried)}."
    yield from (f"Warning: the bar {one}" for one in tried.doubts)
    for name, before, after in what_if_rows(tried):
        yield f"{name}: {before or 'not told'} before, {after or 'not told'} after."
    yield from paragraphs(tried.preview)


def what_if_rows(tried: WhatIf) -> list[tuple[str, str, str]]:
    """What is said of the bar, before and after."""
    sides = [_rung_words(rung) for rung in (tried.before, tried.after)]
    names = dict.fromkeys(name for side in sides for name in side)
    before, after = sides
    return [(name, before.get(name, ""), after.get(name, "")) for name in names]


def _rung_words(rung: Rung) -> dict[str, str]:
    row = rung.row
    hidden = row["withheld"] is not None
    return {
        "Bar": f"{row['bar_id']} at {value_words(row)}",
        "Median if ever": str(row["if_ever_label"]),
        "80% interval": str(row["interval80_label"]),
        "Crossed by now": shown_percent(row, "p_crossed_by_as_of"),
        **{
            f"Crossed by the end of {year}": "" if hidden else percent(p)
            for year, p in rung.by_year_ends.items()
        },
        "Never": shown_percent(row, "p_never"),
    }


def what_if_json(tried: WhatIf) -> str:
    """For programs: the bar on both sides in full, its ladder, and all that differs."""
    return dump(
        facts(tried.preview)
        | {
            "threshold_id": tried.threshold_id,
            "trend": tried.trend,
            "before": _rung(tried.before),
            "after": _rung(tried.after),
            "ladder": tried.ladder,
            "doubts": tried.doubts,
        }
    )


def _rung(rung: Rung) -> dict[str, Any]:
    hidden = rung.row["withheld"] is not None
    years = {year: None if hidden else p for year, p in rung.by_year_ends.items()}
    return {**rung.row, "p_by_year_end": years}
