"""Text that a reader can trust to be what it looks like.

Names, notes and labels are printed in terminals, tables and spreadsheets. Characters
that nobody sees, markup and formulas make them read, or do, something else there.
"""

import re
import unicodedata
from typing import Final

MAX_LENGTH: Final = 2000
"""Characters of one text; the longest published so far has about 1,000."""

MAX_QUOTED: Final = 80
"""Characters of a text that a message quotes."""

_KINDS: Final = {
    "Cc": "a control character",
    "Cf": "which nobody sees",
    "Cn": "which Unicode does not define",
    "Co": "which Unicode does not define",
    "Cs": "one half of a character",
    "Zl": "which breaks the line",
    "Zp": "which breaks the line",
    "Zs": "which only looks like a space",
}
"""What is wrong with a character, by Unicode category."""

_UNSEEN: Final = re.compile(
    "[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u2800\u3164\ufe00-\ufe0f\uffa0"
    "\U000e0100-\U000e01ef]"
)
"""Letters and marks that have no shape: the rest of Default_Ignorable_Code_Point
(https://www.unicode.org/reports/tr44/), and the empty braille pattern."""

_MARKUP: Final = re.compile(r"<[A-Za-z/!?]")
_FORMULA: Final = re.compile(r"[=@]|[+-](?![\d.,%\s]*\Z)")


def name_unseen(text: str, *, allowed: str = "") -> str | None:
    """The first character of ``text`` that is not what it looks like, named.

    Control, formatting (bidirectional, zero-width) and undefined characters, line
    breaks, spaces other than the ASCII one, and the mark of garbled text.

    Args:
        text: any text.
        allowed: characters that are right here all the same, such as a line break.

    Returns:
        Code point, name and harm in words, or None if there is no such character.
    """
    if text.isascii() and text.isprintable():
        return None
    for position, character in enumerate(text, start=1):
        harm = None if character in allowed else _harm(character)
        if harm is not None:
            name = unicodedata.name(character, "")
            named = f"U+{ord(character):04X}{name and ' '}{name}"
            return f"character {position} is {named}, {harm}"
    return None


def why_unfit(text: str) -> str | None:
    """Why a text may not be printed as it is, in words; None if it may."""
    if len(text) > MAX_LENGTH:
        return f"has {len(text):,} characters, and {MAX_LENGTH:,} are the most"
    if unseen := name_unseen(text):
        return f"{unseen}: delete it"
    if _MARKUP.search(text):
        return "has markup, which a web page would run: write the words only"
    if _FORMULA.match(text):
        return f"begins with {text[0]!r}, which a spreadsheet runs as a formula"
    return None


def quote(value: object) -> str:
    """``repr`` for a message: what is unseen is escaped, what is long is cut."""
    if isinstance(value, str) and len(value) > MAX_QUOTED:
        start = escape_unseen(repr(value[:MAX_QUOTED]))
        return f"{start}... ({len(value):,} characters)"
    printed = escape_unseen(repr(value))
    if isinstance(value, str) or len(printed) <= 2 * MAX_QUOTED:
        return printed
    return f"{printed[: 2 * MAX_QUOTED]}..."


def escape_unseen(text: str) -> str:
    r"""Text with every character that nobody sees as ``\uXXXX``.

    JSON stays the same JSON, because such characters stand in its strings only.
    """
    if name_unseen(text) is None:
        return text
    return "".join(one if _harm(one) is None else _json_escape(one) for one in text)


def _harm(character: str) -> str | None:
    if character == " ":
        return None
    if character == "\ufffd":
        return "the mark of garbled text"
    if _UNSEEN.match(character):
        return "which nobody sees"
    return _KINDS.get(unicodedata.category(character))


def _json_escape(character: str) -> str:
    units = character.encode("utf-16-be", "surrogatepass").hex()
    return "".join(f"\\u{units[i : i + 4]}" for i in range(0, len(units), 4))
