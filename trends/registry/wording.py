"""What Pydantic finds in an entry, in plain words that say what to write instead."""

import re
from collections.abc import Callable
from datetime import date
from typing import Final

from pydantic_core import ErrorDetails

from trends.registry.problems import found

_NUMBER: Final = r"[+-]?(\d+(\.\d*)?|\.\d+)"
_LETTERS_FOR_DIGITS: Final = str.maketrans("OoIl", "0011")
_YES: Final = frozenset({"yes", "y", "on", "true"})
_NO: Final = frozenset({"no", "n", "off", "false"})


def say(detail: ErrorDetails) -> str:
    """What is wrong with a value, and what to write."""
    kind, got = detail["type"], detail["input"]
    for words, kinds in _WORDS:
        if kind.startswith(tuple(kinds.split()) or "") and (said := words(detail)):
            return found(said, got)
    if kind in ("enum", "literal_error"):
        choices = re.findall(r"'([^']*)'", detail["ctx"]["expected"])
        return found(_said(detail), got, choices)
    return found(_said(detail), got)


def as_id(text: str) -> str | None:
    """The nearest permitted id, if the text has letters or digits for one."""
    return re.sub(r"[^a-z0-9]+", "_", text.lower()).strip("_") or None


def _said(detail: ErrorDetails) -> str:
    """Pydantic's sentence without its subject, which the path already names."""
    said = re.sub(r"^(Input|String|List|Value) ", "", detail["msg"])
    return said.replace("an object", "a mapping").replace("array", "list")


def _nothing(detail: ErrorDetails) -> str | None:
    return "has no value: write one" if detail["input"] is None else None


def _no_words(detail: ErrorDetails) -> str | None:
    return None if detail["input"] else "is empty: write what it is"


def _no_items(detail: ErrorDetails) -> str | None:
    return None if detail["input"] else "is empty: write at least one"


def _number(detail: ErrorDetails) -> str | None:
    """A number with signs, quotes or words about it."""
    got = detail["input"]
    kind = "a whole number" if detail["type"].startswith("int") else "a number"
    meant = _meant_number(got.strip()) if isinstance(got, str) else None
    return meant or f"should be {kind}"


def _meant_number(text: str) -> str | None:
    """Which number somebody meant, and what to leave out of it."""
    if share := re.fullmatch(rf"({_NUMBER}) ?(%|percent|per cent)", text):
        fraction = float(share[1]) / 100
        return f"a share is written as a fraction, not percent: write {fraction:.10g}"
    if re.fullmatch(_NUMBER, text):
        return f"is text in quotes: write {text}, without them"
    if re.fullmatch(r"[+-]?[1-9]\d{0,2}([,' _]\d{3})+", text):
        return f"write {re.sub('[^0-9+-]', '', text)}, without signs between the digits"
    if re.fullmatch(r"[+-]?\d+,\d+", text):
        return f"write {text.replace(',', '.')}, with a point"
    if re.fullmatch(_NUMBER, digits := text.translate(_LETTERS_FOR_DIGITS)):
        return f"has a letter among its digits: write {digits}"
    number = re.fullmatch(rf"[$]?\s*({_NUMBER})(\s*[A-Za-z]+\b\.?)*", text)
    return f"write the number only: {number[1]}" if number else None


def _whole(detail: ErrorDetails) -> str | None:
    got = detail["input"]
    if isinstance(got, float) and got.is_integer():
        return f"is a whole number: write {got:.0f}"
    return None


def _switch(detail: ErrorDetails) -> str | None:
    word = str(detail["input"]).lower()
    if word in _YES | _NO:
        return f"write {'true' if word in _YES else 'false'}, without quotes"
    return "should be true or false"


def _day(detail: ErrorDetails) -> str | None:
    """A day that no ISO date states; one that could be two days is not guessed."""
    got = detail["input"]
    if re.fullmatch(r"\d+[-/. ]\d+[-/. ]\d+", str(got).strip()):
        try:
            numbers = [int(one) for one in re.findall(r"\d+", str(got))]
            year, month, day = numbers if numbers[0] > 31 else numbers[::-1]
            meant = date(year, month, day)
        except (ValueError, OverflowError):
            return "there is no such day: write YYYY-MM-DD"
        is_plain = numbers[0] > 12 or numbers[0] == numbers[1]
        if is_plain and meant.isoformat() != got:
            return f"write {meant}, year first"
    return "is no day: write YYYY-MM-DD, such as 2050-12-31"


def _text(detail: ErrorDetails) -> str | None:
    got = detail["input"]
    if isinstance(got, bool | int | float):
        printed = str(got).lower() if isinstance(got, bool) else f"{got}"
        return f'is not text: put it in quotes, "{printed}"'
    return None


def _pattern(detail: ErrorDetails) -> str | None:
    pattern = detail["ctx"]["pattern"]
    if pattern == r"^[a-z0-9]+(_[a-z0-9]+)*$":
        nearest = as_id(str(detail["input"]))
        write = f"write {nearest}" if nearest else "write one such as work_month"
        return f"an id has small letters, digits and single underscores: {write}"
    if pattern.startswith("^@"):
        return 'names who is asked, as "@organisation/team" in quotes'
    return None


def _list(detail: ErrorDetails) -> str | None:
    got = detail["input"]
    if isinstance(got, str | int | float):
        return f"should be a list: write [{got}]"
    return "should be a list: begin each item with '- '"


def _mapping(detail: ErrorDetails) -> str | None:
    is_one = isinstance(detail["input"], dict)
    return None if is_one else "should be keys with values, as in {key: value}"


def _bound(detail: ErrorDetails) -> str | None:
    got = detail["input"]
    most = detail["ctx"].get("le", detail["ctx"].get("lt"))
    if most == 1 and isinstance(got, int | float) and looks_like_percent(got):
        return f"looks like a percentage, write {got / 100:.10g}"
    return None


def looks_like_percent(value: float) -> bool:
    """Whether a number above 1 stands for a share in percent; 1.2 is a slip."""
    return 2 <= value <= 100


_WORDS: Final[tuple[tuple[Callable[[ErrorDetails], str | None], str], ...]] = (
    (_nothing, ""),
    (_no_words, "string_too_short"),
    (_no_items, "too_short"),
    (_whole, "int_"),
    (_number, "float_ int_"),
    (_switch, "bool_"),
    (_day, "date"),
    (_text, "string_type"),
    (_pattern, "string_pattern"),
    (_list, "list_type"),
    (_mapping, "model_type model_attributes_type dict_type"),
    (_bound, "less_than"),
)
"""What finds the words, and how the kinds of error begin that it knows."""


def unknown_key(key: str, known: list[str]) -> str:
    """What to write for a key that no entry of this kind has."""
    parts = re.fullmatch(r"(\w+)\s*([:=])\s*(.*)", key)
    if parts is not None and parts[1] in known:
        put = "put a space after the" if parts[2] == ":" else "write = as a"
        return found(f"{put} colon: {parts[1]}: {parts[3]}", key)
    return found("unknown key", key, known)
