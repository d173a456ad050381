"""A bar as a small picture to embed: SVG with nothing from outside, and no script."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from textwrap import wrap
from typing import Final

from trends.bars.markup import attribute, content
from trends.bars.models import Answer, BarPage, Said
from trends.words import percent

WIDTH: Final = 640
HEIGHT: Final = 264
_LEFT: Final = 24
_RIGHT: Final = WIDTH - 24
_AXIS: Final = 178
_MOST_YEARS: Final = 12
"""Years that an axis shows at most; what lies beyond ends in an arrow."""

_BIG: Final = 28
"""Letters that fit in the size of a short answer."""

_EVEN: Final = 0.5

_STYLE: Final = """\
.bg{fill:#fff;stroke:#c8ccd1}.ink{fill:#1b1f24}.soft{fill:#57606a}
.rule{stroke:#8c959f}.span{stroke:#0072b2}.mid{fill:#0072b2;stroke:#fff}
.old{stroke:#8c959f}
.done{fill:#b34700}.now{stroke:#57606a}
text{font-family:system-ui,-apple-system,'Segoe UI',Roboto,sans-serif}
@media (prefers-color-scheme:dark){.bg{fill:#0d1117;stroke:#3d444d}.ink{fill:#f0f6fc}
.soft{fill:#9ea7b1}.rule,.old{stroke:#6e7681}.span{stroke:#56b4e9}
.mid{fill:#56b4e9;stroke:#0d1117}
.done{fill:#f0883e}.now{stroke:#9ea7b1}}"""


def card(page: BarPage) -> bytes:
    """The picture of a bar: vintage, median if ever, interval and never.

    After a crossing it shows the day, and what was said before it was known.
    """
    name = page.id.replace(".", "-")
    size = f'width="{WIDTH}" height="{HEIGHT}" viewBox="0 0 {WIDTH} {HEIGHT}"'
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" {size} role="img"',
        f' aria-labelledby="t-{name} d-{name}">',
        f'<title id="t-{name}">{content(page.question)}</title>',
        f'<desc id="d-{name}">{content(describe(page))}</desc>',
        f"<style>{_STYLE}</style>",
        f'<rect class="bg" x="1" y="1" width="{WIDTH - 2}" height="{HEIGHT - 2}" rx="8"/>',
        *_words(page),
        *_time_line(page),
        "</svg>",
    ]
    return ("\n".join(parts) + "\n").encode()


def describe(page: BarPage) -> str:
    """The card in words, for those who do not see it."""
    answer = page.answer
    if page.crossing is not None:
        what = f"{page.crossing.label[0].upper()}{page.crossing.label[1:]}."
    else:
        what = (
            f"{_headline(answer)}. 80% interval {answer.interval80_label}. "
            f"{_odds(page)}."
        )
    return f"{what} {_footer(page)}. {page.caveat}"


def _words(page: BarPage) -> Iterator[str]:
    title = page.short_title or page.threshold_title
    bar = page.short_label or page.bar.label
    yield _text(_LEFT, 32, _cut(f"{title}: {bar}", 64), size=18, bold=True)
    yield from _lines(40, _answer_lines(page))
    caveat = page.caveat.partition(". ")[0] + "; it is not automated R&D."
    yield _text(_LEFT, HEIGHT - 30, _footer(page), size=11.5, kind="soft")
    yield _text(_LEFT, HEIGHT - 14, caveat, size=11.5, kind="soft")


def _answer_lines(page: BarPage) -> Iterator[tuple[str, float, str, bool]]:
    """Lines of the answer: text, size, kind, and whether it is bold."""
    label = _headline(page.answer)
    size = 28.0 if len(label) <= _BIG else 18.0
    for line in _wrapped(label, int(1.75 * (_RIGHT - _LEFT) / size)):
        yield line, size, "ink", True
    if page.crossing is None:
        yield f"80% interval: {page.answer.interval80_label}", 14, "ink", False
        yield _odds(page), 13, "soft", False
        return
    before = page.crossing.label.partition("; ")[2]
    said = f"said before: {before}" if page.crossing.said_before else before
    for line in _wrapped(said, 92):
        yield line, 13, "soft", False


def _headline(answer: Answer) -> str:
    """When and whether, the likelier first; that it is crossed; or why there is no date."""
    never, is_crossed = answer.p_never, answer.status == "already_crossed"
    if is_crossed or never is None or answer.median_if_ever is None:
        return answer.median_label
    parts = [f"if ever, {answer.if_ever_label}", f"never {percent(never)}"]
    words = "; ".join(parts if never < _EVEN else parts[::-1])
    return words[0].upper() + words[1:]


def _wrapped(text: str, width: int) -> list[str]:
    """At most two lines."""
    return wrap(text, width, max_lines=2, placeholder="...")


def _lines(top: float, lines: Iterator[tuple[str, float, str, bool]]) -> Iterator[str]:
    at = top
    for text, size, kind, bold in lines:
        at += size * 1.25 + 2
        yield _text(_LEFT, at, _cut(text, int(2 * WIDTH / size)), size, kind, bold=bold)


def _odds(page: BarPage) -> str:
    """Three probabilities on one line."""
    answer = page.answer
    if answer.p_never is None:
        return "no probability is shown"
    ends = [
        f"by the end of {year} {percent(p)}"
        for year, p in answer.p_by_year_end.items()
        if year in {"2027", "2030"} and p is not None
    ]
    return f"P: {', '.join([*ends, f'never {percent(answer.p_never)}'])}"


def _footer(page: BarPage) -> str:
    draft = "DRAFT, " if page.is_draft else ""
    return (
        f"{draft}vintage {page.as_of}, {page.figures.label}; benchmark-trends, run "
        f"{page.run_id}"
    )


@dataclass(frozen=True)
class _Axis:
    """Days to pixels, from the first of January of a year to that of another."""

    first: int
    last: int

    def x(self, day: date) -> float:
        start, end = date(self.first, 1, 1), date(self.last, 1, 1)
        share = (day - start).days / (end - start).days
        return round(_LEFT + min(1.0, max(0.0, share)) * (_RIGHT - _LEFT), 1)

    def ticks(self) -> Iterator[str]:
        step = -(-(self.last - self.first) // 8)
        for year in range(self.first, self.last + 1, step):
            x = self.x(date(year, 1, 1))
            yield _line(x, _AXIS, x, _AXIS + 6, "rule")
            anchor = "end" if year == self.last else "start" if x == _LEFT else "middle"
            yield _text(x, _AXIS + 20, str(year), size=11.5, kind="soft", anchor=anchor)


def _axis(days: list[date], *, is_open: bool) -> _Axis:
    """From the first to the last day, and some years on where there is a later one."""
    first, last = min(days).year, max(days).year + 1
    return _Axis(
        first, min(max(last + (3 if is_open else 0), first + 2), first + _MOST_YEARS)
    )


def _time_line(page: BarPage) -> Iterator[str]:
    answer = page.answer
    said = page.crossing.said_before if page.crossing is not None else None
    days = [answer.median_if_ever, answer.q10_date, answer.q90_date]
    if said is not None:
        days += [said.median_date, said.q10_date, said.q90_date]
    known = [day for day in days if day is not None]
    if not known:
        return
    axis = _axis([*known, page.as_of], is_open=len(known) < len(days))
    yield _line(_LEFT, _AXIS, _RIGHT, _AXIS, "rule")
    yield from axis.ticks()
    today = axis.x(page.as_of)
    yield (
        f'<line class="now" x1="{today}" y1="{_AXIS - 30}" x2="{today}" y2="{_AXIS}" '
        'stroke-dasharray="3 3"/>'
    )
    yield _text(today, _AXIS - 34, "as of", size=10.5, kind="soft", anchor="middle")
    if page.crossing is not None:
        yield from _said(axis, said)
        x = axis.x(page.crossing.date)
        yield f'<path class="done" d="M{x} {_AXIS - 26}l8 13l-8 13l-8 -13z"/>'
    elif answer.median_if_ever is not None or answer.q10_date is not None:
        yield from _span(axis, answer.q10_date, answer.q90_date, "span", 6)
        yield from _span(axis, answer.q25_date, answer.q75_date, "span", 12)
        if answer.median_if_ever is not None:
            x = axis.x(answer.median_if_ever)
            yield f'<circle class="mid" cx="{x}" cy="{_AXIS - 13}" r="8" stroke-width="3"/>'


def _said(axis: _Axis, said: Said | None) -> Iterator[str]:
    """What was said before a crossing, in grey."""
    if said is None:
        return
    yield from _span(axis, said.q10_date, said.q90_date, "old", 6)
    if said.median_date is not None:
        x = axis.x(said.median_date)
        yield _line(x, _AXIS - 22, x, _AXIS - 4, "old", width=3)


def _span(
    axis: _Axis, low: date | None, high: date | None, kind: str, width: float
) -> Iterator[str]:
    """An interval; one that does not end, or not on the axis, has an arrow."""
    if low is None:
        return
    y = _AXIS - 13
    left = axis.x(low)
    is_cut = high is None or high > date(axis.last, 1, 1)
    right = _RIGHT if high is None or is_cut else axis.x(high)
    yield _line(left, y, right, y, kind, width=width)
    if is_cut:
        yield (
            f'<path class="{kind}" fill="none" stroke-width="2.5" '
            f'd="M{_RIGHT - 6} {y - 8}l8 8l-8 8"/>'
        )


def _line(
    x1: float, y1: float, x2: float, y2: float, kind: str, *, width: float = 1
) -> str:
    return (
        f'<line class="{kind}" x1="{x1}" y1="{y1}" x2="{x2}" y2="{y2}" '
        f'stroke-width="{width}"/>'
    )


def _text(
    x: float,
    y: float,
    text: str,
    size: float = 14,
    kind: str = "ink",
    *,
    bold: bool = False,
    anchor: str = "start",
) -> str:
    weight = ' font-weight="600"' if bold else ""
    return (
        f'<text class={attribute(kind)} x="{x}" y="{round(y, 1)}" font-size="{size}"'
        f'{weight} text-anchor="{anchor}">{content(text)}</text>'
    )


def _cut(text: str, most: int) -> str:
    """The text, or its beginning and three dots; the whole stands in the desc."""
    return text if len(text) <= most else f"{text[: most - 3].rstrip()}..."
