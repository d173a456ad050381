"""Mutations of published files, drawn by hypothesis: damage, drift and malice."""

import io
import json
import re
import sqlite3
import warnings
import zipfile
import zlib
from collections.abc import Callable
from typing import Any, Final

from hypothesis import strategies as st

from tests.mutated_csv import ADDRESSES, DAYS, NUMBERS, TEXTS

Draw = st.DrawFn
Mutation = Callable[[Draw, bytes], bytes]

MARKUP: Final = (
    *(
        "[" * 3000,
        "[a](" * 1000,
        "**" * 2001,
        "`" * 999,
        "|",
        "\\|",
        "||||",
        "<br>" * 9,
    ),
    *("[^1]", "[]()", "![x](y)", "# ", "---|---", "±", "1 ± ", "± 1", "1 ± 2 ± 3"),
)
YAML: Final = (
    *("&a", "*a", "<<: *a", "!!python/object/apply:os.system [id]", "!!binary aGk="),
    *("!x", "%YAML 9.9", "---", "...", "? ", "- - - - -", "{a: b, a: c}", "|", ">-"),
    *("[" * 200, "{" * 200, "a: &x [*x]", "0x1f", "0o17", "1:30:00", "~", "yes"),
)
JSON: Final = (
    *("null", "true", "[]", "{}", "NaN", "-Infinity", "1e999", "1E-9999", "-0"),
    *("9" * 5000, '"\\ud800"', '"\\u0000"', '"\\u202e"', "[" * 3000, '{"a":' * 3000),
    *('{"a": 1, "a": 2}', '[{"a": [[[[[[]]]]]]}]', "//", "'x'", '"', "01", "+1", ".5"),
)
HOSTILE: Final = (*NUMBERS, *DAYS, *TEXTS, *ADDRESSES, *MARKUP, *YAML, *JSON)

_TOKEN: Final = re.compile(r'[^\s,;|:"{}\[\]]+|[,;|:"{}\[\]]')
_LINE: Final = re.compile(rb"[^\n]*\n?")


def _place(draw: Draw, content: bytes) -> int:
    return draw(st.integers(0, len(content)))


def _bits(draw: Draw, content: bytes) -> bytes:
    damaged = bytearray(content)
    for _ in range(draw(st.integers(1, 8))):
        at = draw(st.integers(0, max(0, len(damaged) - 1)))
        damaged[at : at + 1] = bytes([draw(st.integers(0, 255))])
    return bytes(damaged)


def _cut(draw: Draw, content: bytes) -> bytes:
    begin, end = sorted((_place(draw, content), _place(draw, content)))
    keep_middle = draw(st.booleans())
    return content[begin:end] if keep_middle else content[:begin] + content[end:]


def _inserted(draw: Draw, content: bytes) -> bytes:
    at = _place(draw, content)
    some = draw(
        st.binary(max_size=20) | st.sampled_from(HOSTILE).map(lambda x: x.encode())
    )
    return content[:at] + some + content[at:]


def _lines(draw: Draw, content: bytes) -> bytes:
    lines = _LINE.findall(content)
    at, other = (draw(st.integers(0, len(lines) - 1)) for _ in range(2))
    match draw(st.sampled_from(("double", "remove", "swap", "move", "many"))):
        case "double":
            lines.insert(other, lines[at])
        case "remove":
            del lines[at]
        case "swap":
            lines[at], lines[other] = lines[other], lines[at]
        case "move":
            lines.insert(other, lines.pop(at))
        case _:
            lines[at:at] = [lines[at]] * draw(st.sampled_from((2, 300, 30_000)))
    return b"".join(lines)


def _tokens(draw: Draw, content: bytes) -> bytes:
    """Words or marks of a text replaced by hostile ones."""
    text = content.decode(errors="replace")
    for _ in range(draw(st.integers(1, 3))):
        found = list(_TOKEN.finditer(text))
        if not found:
            break
        token = found[draw(st.integers(0, len(found) - 1))]
        other = draw(
            st.sampled_from(HOSTILE) | st.sampled_from(found).map(lambda m: m[0])
        )
        text = text[: token.start()] + other + text[token.end() :]
    return text.encode()


def _encoded(draw: Draw, content: bytes) -> bytes:
    text = content.decode(errors="replace")
    match draw(
        st.sampled_from(("utf-16", "utf-32", "mixed", "bom", "nul", "line ends"))
    ):
        case "mixed":
            at = _place(draw, content)
            return content[:at] + "é€ß".encode("cp1252") + content[at:]
        case "bom":
            return b"\xef\xbb\xbf" * draw(st.integers(1, 3)) + content
        case "nul":
            return content.replace(b"a", b"\x00")
        case "line ends":
            return content.replace(
                b"\n", draw(st.sampled_from((b"\r\n", b"\r", b"\x0b")))
            )
        case encoding:
            return text.encode(encoding)


def _else(draw: Draw, content: bytes) -> bytes:
    page = b"<!doctype html><html><body>404 Not Found</body></html>"
    others = (
        b"",
        b"\n",
        b"\x00" * 999,
        b"PK\x03\x04",
        b"\x1f\x8b\x08",
        page,
        b"{}",
        b"[]",
    )
    return draw(st.sampled_from((*others, content * 2, content + b"\x1a")))


def _json_value(draw: Draw, content: bytes) -> bytes:
    """A value or key of a JSON file replaced, removed or doubled."""
    try:
        value = json.loads(content)
    except (ValueError, RecursionError):
        return _tokens(draw, content)
    holder, key = draw(st.sampled_from(list(_places(value)) or [([None], 0)]))
    marker = "\ue000MARK\ue000"
    match draw(st.sampled_from(("value", "remove", "nest", "key"))):
        case "value":
            holder[key] = marker
        case "remove":
            del holder[key]
        case "nest":
            holder[key] = draw(st.sampled_from(([holder[key]], {"a": holder[key]})))
        case _:
            holder[key] = {"a": marker, **value} if isinstance(value, dict) else marker
    text = json.dumps(value)
    wanted = draw(st.sampled_from((*JSON, *(json.dumps(one) for one in HOSTILE))))
    return text.replace(json.dumps(marker), wanted).encode()


def _places(value: Any) -> list[tuple[Any, Any]]:
    keys = (
        list(value)
        if isinstance(value, dict)
        else range(len(value))
        if isinstance(value, list)
        else ()
    )
    here = [(value, key) for key in keys]
    return here + [place for key in keys for place in _places(value[key])]


TEXT: Final[tuple[Mutation, ...]] = (
    *(_bits, _cut, _inserted, _lines, _tokens, _tokens, _encoded, _else, _json_value),
)


def _cells_of_database(draw: Draw, content: bytes) -> bytes:
    cell = draw(
        st.sampled_from(HOSTILE)
        | st.sampled_from((None, float("inf"), -1e308, 2**62, b"\xff\xfe", b"\x00"))
        | st.sampled_from(("[" * 999, "['a', 1]", "[1.5]", "{'a'}", "['\\d']", "[x]"))
    )
    database = sqlite3.connect(":memory:", isolation_level=None)
    try:
        database.deserialize(content)
        table = "parsed_results"
        columns = [row[1] for row in database.execute(f"PRAGMA table_info({table})")]
        column = draw(st.sampled_from(columns))
        row = draw(st.integers(1, 5))
        text = cell.encode(errors="replace").decode() if isinstance(cell, str) else cell
        database.execute(
            f'UPDATE {table} SET "{column}" = ? WHERE rowid = ?',  # noqa: S608
            (text, row),
        )
        return database.serialize()
    finally:
        database.close()


def _pages(draw: Draw, content: bytes) -> bytes:
    """Whole pages of a database cleared, swapped or pointed elsewhere."""
    damaged = bytearray(content)
    at = draw(st.integers(0, len(content) // 512 - 1)) * 512
    size = draw(st.sampled_from((2, 4, 16, 100, 512, 4096)))
    some = draw(st.sampled_from((b"\x00", b"\xff", b"\x0d\x05\x02")))
    offset = draw(st.integers(0, 120))
    damaged[at + offset : at + offset + size] = (some * size)[:size]
    return bytes(damaged[: len(content)])


DATABASE: Final[tuple[Mutation, ...]] = (
    *(_bits, _cut, _inserted, _pages, _pages, _cells_of_database, _cells_of_database),
    _else,
)


def _members(draw: Draw, content: bytes) -> bytes:
    """A member of an archive mutated, renamed, doubled, or one that never ends."""
    packed = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old:
        members = [(info.filename, old.read(info)) for info in old.infolist()]
    at = draw(st.integers(0, len(members) - 1))
    name, inner = members[at]
    match draw(st.sampled_from(("text", "text", "text", "name", "bomb", "many"))):
        case "text":
            members[at] = (name, draw(st.sampled_from(TEXT))(draw, inner))
        case "name":
            others = (
                "../x.csv",
                "/etc/x",
                "a\\b",
                "x\u202e.csv",
                name.upper(),
                name + "/",
            )
            members[at] = (draw(st.sampled_from(others)), inner)
        case "bomb":
            members[at] = (name, inner + b"\n" * 40_000_000)
        case _:
            members += [(f"{n}.csv", b"") for n in range(1100)]
    with (
        warnings.catch_warnings(action="ignore"),  # of names that stand twice
        zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as new,
    ):
        for name, inner in members:
            new.writestr(name, inner)
    return packed.getvalue()


ARCHIVE: Final[tuple[Mutation, ...]] = (
    *(_bits, _bits, _cut, _inserted, _else, _members, _members, _members),
)


_DAMAGED: Final = (
    ValueError,
    OSError,
    EOFError,
    NotImplementedError,
    RuntimeError,
)


@st.composite
def mutated(draw: Draw, content: bytes) -> bytes:
    """The file with one to three mutations of those that fit its format."""
    for _ in range(draw(st.integers(1, 3))):
        if content.startswith(b"SQLite format 3\x00") and len(content) > 1024:
            mutations = DATABASE
        elif zipfile.is_zipfile(io.BytesIO(content)):
            mutations = ARCHIVE
        else:
            mutations = TEXT
        try:
            content = draw(st.sampled_from(mutations))(draw, content)
        except (sqlite3.Error, zipfile.BadZipFile, zlib.error, *_DAMAGED):
            break  # a mutation needs a sound file, and this one is damaged already
    return content
