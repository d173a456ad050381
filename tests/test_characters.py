"""Characters that nobody sees, and text that does something where it is printed."""

import json

import pytest

from trends.characters import escape_unseen, name_unseen, quote, why_unfit


@pytest.mark.parametrize(
    ("character", "named"),
    [
        ("\x00", "U+0000, a control character"),
        ("\t", "U+0009, a control character"),
        ("\n", "U+000A, a control character"),
        ("\x1b", "U+001B, a control character"),
        ("\x7f", "U+007F, a control character"),
        ("\x85", "U+0085, a control character"),
        ("\u00a0", "U+00A0 NO-BREAK SPACE, which only looks like a space"),
        ("\u00ad", "U+00AD SOFT HYPHEN, which nobody sees"),
        ("\u200b", "U+200B ZERO WIDTH SPACE, which nobody sees"),
        ("\u202e", "U+202E RIGHT-TO-LEFT OVERRIDE, which nobody sees"),
        ("\u2066", "U+2066 LEFT-TO-RIGHT ISOLATE, which nobody sees"),
        ("\u2028", "U+2028 LINE SEPARATOR, which breaks the line"),
        ("\u2029", "U+2029 PARAGRAPH SEPARATOR, which breaks the line"),
        ("\ufeff", "U+FEFF ZERO WIDTH NO-BREAK SPACE, which nobody sees"),
        ("\u3164", "U+3164 HANGUL FILLER, which nobody sees"),
        ("\ufe0f", "U+FE0F VARIATION SELECTOR-16, which nobody sees"),
        ("\U000e0041", "U+E0041 TAG LATIN CAPITAL LETTER A, which nobody sees"),
        ("\ue000", "U+E000, which Unicode does not define"),
        ("\U0010ffff", "U+10FFFF, which Unicode does not define"),
        ("\ud800", "U+D800, one half of a character"),
        ("\ufffd", "U+FFFD REPLACEMENT CHARACTER, the mark of garbled text"),
    ],
)
def test_a_character_that_is_not_what_it_looks_like_is_named(
    character: str, named: str
) -> None:
    assert name_unseen(f"GPT{character}5") == f"character 4 is {named}"


@pytest.mark.parametrize(
    "text", ["GPT-5 (high)", "±0.5 ≈ ½", "Gödel", "智谱", "😀", ""]
)
def test_what_can_be_seen_is_well(text: str) -> None:
    assert name_unseen(text) is None
    assert why_unfit(text) is None


def test_what_is_allowed_is_well() -> None:
    assert name_unseen("a\nb", allowed="\n") is None
    assert name_unseen("a\nb\tc", allowed="\n") == (
        "character 4 is U+0009, a control character"
    )


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("x" * 2001, "has 2,001 characters, and 2,000 are the most"),
        ("a\u200bb", "ZERO WIDTH SPACE, which nobody sees: delete it"),
        ("see <script>alert(1)</script>", "has markup"),
        ("</td>", "has markup"),
        ("=cmd|' /C calc'!A0", "begins with '='"),
        ("@SUM(1)", "begins with '@'"),
        ("+1+1", r"begins with '+'"),
        ("-2+3", "begins with '-'"),
    ],
)
def test_what_would_do_something_where_it_is_printed_is_unfit(
    text: str, why: str
) -> None:
    assert why in str(why_unfit(text))


@pytest.mark.parametrize("text", ["-1.5", "+3 %", "a < b and c > d", "n<5", "x" * 2000])
def test_signs_and_comparisons_are_text(text: str) -> None:
    assert why_unfit(text) is None


def test_a_message_quotes_no_more_than_can_be_read() -> None:
    assert quote("a\x1b") == r"'a\x1b'"
    assert quote("a\u3164b") == r"'a\u3164b'"
    assert quote("x" * 100) == f"'{'x' * 80}'... (100 characters)"
    assert quote(None) == "None"


@pytest.mark.parametrize("text", ["a\u202eb", "\U000e0041", "ü\x00\ufeff", "plain ü"])
def test_json_without_unseen_characters_is_the_same_json(text: str) -> None:
    safe = escape_unseen(json.dumps(text, ensure_ascii=False))
    assert json.loads(safe) == text
    assert name_unseen(safe) is None
    assert ("ü" in safe) == ("ü" in text)
