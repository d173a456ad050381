"""Text that a reader can trust to be what it looks like.

Names, notes and labels are printed in terminals, tables and spreadsheets. Characters
that nobody sees, markup and formulas make them read, or do, something else there.
"""

import re
import unicodedata
from collections.abc import Iterable
from difflib import get_close_matches
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

_LOOKALIKES: Final = {
    **dict.fromkeys("\u201c\u201d\u201e\u201f\u00ab\u00bb\u2033\u02ba", '"'),
    **dict.fromkeys("\u2018\u2019\u201a\u201b\u2032\u00b4\u02b9\u02bc", "'"),
    **dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2015\u2212\u00ad", "-"),
    **dict.fromkeys("\u2044\u2215", "/"),
    **dict.fromkeys("\u2236\ua789", ":"),
    "\u00d7": "x",
    "\u066a": "%",
    "\u066b": ".",
    "\u066c": ",",
    "\u037e": ";",
    "\u2026": "...",
    "\u2024": ".",
}
"""Signs that pass for an ASCII one: typed by a word processor, read by no program."""

_LETTERS: Final = dict(
    zip(
        "\u0410\u0412\u0415\u0405\u0406\u0408\u041a\u041c\u041d\u041e\u0420\u0421\u0422\u0423"
        "\u0425\u0430\u0435\u043e\u0440\u0441\u0443\u0445\u0455\u0456\u0458\u04bb\u0501\u051b\u051d"
        "\u0391\u0392\u0395\u0396\u0397\u0399\u039a\u039c\u039d\u039f\u03a1\u03a4\u03a5\u03a7"
        "\u03bf\u03bd\u03c1\u0131",
        "ABESIJKMHOPCTYXaeopcyxsijhdqwABEZHIKMNOPTYXovpi",
        strict=True,
    )
)
"""Cyrillic and Greek letters that pass for a Latin one, among such or alone."""

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
    others = text.translate(dict.fromkeys(map(ord, allowed))) if allowed else text
    if others.isascii() and others.isprintable():
        return None
    for position, character in enumerate(text, start=1):
        harm = None if character in allowed else _harm(character)
        if harm is not None:
            name = unicodedata.name(character, "")
            named = f"U+{ord(character):04X}{name and ' '}{name}"
            return f"character {position} is {named}, {harm}"
    return None


def name_lookalike(text: str) -> str | None:
    """The first character that passes for an ASCII one, named, and what to write.

    Signs of a word processor, digits and letters of another width or script. A letter
    of another script is one only in a word that could be Latin: tau is tau.
    """
    if text.isascii():
        return None
    for word in re.finditer(r"\w+|\W", text):
        letters = [one for one in word[0] if one.isalpha()]
        could_be_latin = all(one.isascii() or one in _LETTERS for one in letters)
        for position, character in enumerate(word[0], start=word.start() + 1):
            meant = _meant(character)
            if meant is None and could_be_latin:
                meant = _LETTERS.get(character)
            if meant is not None:
                name = unicodedata.name(character, "")
                said = f"character {position} is U+{ord(character):04X} {name}"
                return f"{said}: write {meant}"
    return None


def _meant(character: str) -> str | None:
    """The ASCII character that one passes for in any word."""
    if character.isascii():
        return None
    if character in _LOOKALIKES:
        return _LOOKALIKES[character]
    if (digit := unicodedata.decimal(character, None)) is not None:
        return str(digit)
    if unicodedata.decomposition(character).startswith(
        ("<wide>", "<narrow>", "<font>")
    ):
        plain = unicodedata.normalize("NFKC", character)
        return plain if plain.isascii() else None
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


def nearest(text: str, known: Iterable[str], *, most: int = 1) -> list[str]:
    """The known texts that one is most like, the likest first; none if it is like none.

    No more of it is compared than is quoted: the time grows with the square of it.
    """
    return get_close_matches(text[:MAX_QUOTED], list(known), n=most)


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
