"""Mutations of a file of figures: what exports, editors and transfers do, and malice.

Each takes the bytes of a sound file and a generator, and gives bytes.
"""

import csv
import io
import random
import re
from collections.abc import Callable, Sequence
from typing import Final

Mutation = Callable[[bytes, random.Random], bytes]

NUMBERS: Final = (
    *("1e308", "1e309", "1E+1000000", "1E+999999999", "1E-1000000", "1e-400", "1e-300"),
    *("9" * 5000, "0" * 400 + "42", "NaN", "sNaN", "inf", "-Infinity", "-0", "0x1A"),
    *(
        "1_0",
        "4_2.5",
        "\uff11\uff12",
        "\u0663\u0663",
        "Ⅻ",
        "½",
        "1,234.5",
        " 12 ",
        "12%",
        "+5",
        ".5",
        "5.",
    ),
    *("--5", "0.5.5", "12\u00a0", "12\x00", "-1", "101", "100.0000000001", "null"),
    *("99.99999999999999999999999", "0", "-", "1e2", "7e1_0", "17/12/2024"),
)
DAYS: Final = (
    *("0001-01-01", "1900-01-01", "1970-01-01", "1999-12-31", "2015-06-01"),
    *("2262-04-12", "9999-12-31", "10000-01-01", "2026-02-30", "2026-13-01"),
    *("20260101", "2026-1-1", "01/02/2026", "2026-01-01T00:00:00", "-2026-01-01"),
    *(
        "\uff12\uff10\uff12\uff16-\uff10\uff11-\uff10\uff11",
        "\u0662\u0660\u0662\u0666-\u0660\u0661-\u0660\u0661",
        "2026\u201101\u201101",
        " 2026-01-01",
        "today",
        "1735689600",
    ),
)
TEXTS: Final = (
    *("a\x00b", "\x1b[2Jx", "\t", "\x7f", "\x85", "\u00ad", "a\u200bb", "\ufeffx"),
    *("\u202eevil\u202c", "\u2066x\u2069", "\u2028", "\u3164", "\ufe0f", "\ue000"),
    *("\ufffd", "e\u0301", "\u0421PT-4", "智谱", "😀" * 50, "x" * 2001, "x" * 131_073),
    *("=cmd|' /C calc'!A0", "@SUM(1)", "+1+1", "-2+3", "<script>alert(1)</script>"),
    *("[/red]", "{score.__class__}", "{{7*7}}", "${x}", "%s%n", "../../etc/passwd"),
    *("'; DROP TABLE x;--", "\\", "`rm`", "|", "any", "nan", "\n", "\r", "\r\n"),
)
ADDRESSES: Final = (
    *("javascript:alert(1)", "data:text/html,x", "file:///etc/passwd", "ftp://a.org"),
    *("http://u:p@a.org/", "https://a.org/<b>", 'https://a.org/"onclick=', "x.y", ".."),
    *("https://\u0435xample.com/", "http://127.0.0.1/", "https://a.org/" + "a" * 5000),
    *("https://", "https://a.org/x y", "https://a.org/\u202e", "https://a.org/%00"),
)
NUMERIC: Final = ("score", "standard_error", "ci_low", "ci_high")
DATED: Final = ("release_date", "reported_on")
WORDED: Final = ("model_name_published", "developer", "harness", "reporter", "note")


def rows_of(content: bytes) -> list[list[str]]:
    """Header and rows of a sound file."""
    return list(csv.reader(io.StringIO(content.decode(), newline="")))


def write(rows: Sequence[Sequence[str]], *, delimiter: str = ",") -> bytes:
    """Rows as a file."""
    text = io.StringIO(newline="")
    csv.writer(text, delimiter=delimiter, lineterminator="\n").writerows(rows)
    return text.getvalue().encode("utf-8", "surrogatepass")


def _cells(columns: Sequence[str], values: Sequence[str], name: str) -> Mutation:
    """A mutation that puts some of these values into some of these columns."""

    def put(content: bytes, rng: random.Random) -> bytes:
        head, *rows = rows_of(content)
        for _ in range(rng.choice((1, 1, 2, 4))):
            cells = rng.choice(rows)
            at = head.index(rng.choice(columns))
            value = rng.choice(values)
            cells[at] = rng.choice((value, value, cells[at] + value, value + cells[at]))
        return write([head, *rows])

    put.__name__ = name
    return put


def _bits(content: bytes, rng: random.Random) -> bytes:
    damaged = bytearray(content)
    for _ in range(rng.choice((1, 2, 8, 20))):
        damaged[rng.randrange(len(damaged))] ^= 1 << rng.randrange(8)
    return bytes(damaged)


def _bytes(content: bytes, rng: random.Random) -> bytes:
    damaged = bytearray(content)
    for _ in range(rng.choice((1, 2, 5))):
        put = rng.choice(b"\",\n\r\x00;\t'\\-0. \xff\xc3=")
        damaged[rng.randrange(len(damaged))] = put
    return bytes(damaged)


def _cut(content: bytes, rng: random.Random) -> bytes:
    a, b = sorted(rng.randrange(len(content)) for _ in range(2))
    few = content[:a] + content[a + rng.choice((1, 10, 100)) :]
    return rng.choice((content[:a], content[a:], content[:a] + content[b:], few))


def _cut_at_a_line_end(content: bytes, rng: random.Random) -> bytes:
    lines = content.splitlines(keepends=True)
    at = rng.randrange(1, len(lines))
    gone = rng.choice((lines[:at], [*lines[:at], *lines[at + 1 :]], lines[at:]))
    return b"".join(gone)


def _encoding(content: bytes, rng: random.Random) -> bytes:
    text = content.decode()
    how = rng.choice(("utf-16", "utf-32", "utf-7", "cp037", "bom", "two boms", "twice"))
    if "bom" in how:
        return b"\xef\xbb\xbf" * (1 + (how == "two boms")) + content
    if how == "twice":
        spoilt = text.replace("e", "é", 3).encode()
        return spoilt.decode("latin-1").encode()
    return text.encode(how)


def _delimiter(content: bytes, rng: random.Random) -> bytes:
    return write(rows_of(content), delimiter=rng.choice(";\t|: "))


def _line_ends(content: bytes, rng: random.Random) -> bytes:
    ends = (b"\r", b"\r\n", b"\n\n", b"\x0b", b"\n\r", b"\x00\n", b"\n \n", b",\n")
    end = rng.choice((*ends, "\u2028".encode(), "\x85".encode()))
    return content.replace(b"\n", end, rng.choice((-1, 1, 3)))


def _quotes(content: bytes, rng: random.Random) -> bytes:
    damaged = bytearray(content)
    for _ in range(rng.choice((1, 2, 2, 4))):
        damaged.insert(rng.randrange(len(damaged)), ord('"'))
    return bytes(damaged)


def _quoted_stretch(content: bytes, rng: random.Random) -> bytes:
    """Quotes where a cell begins and where another ends, perhaps lines later."""
    text = content.decode()
    begin = rng.choice([m.end() for m in re.finditer(r"[,\n]", text[:-1])])
    ends = [m.start() for m in re.finditer(r"[,\n]", text) if m.start() > begin]
    end = rng.choice(ends[: rng.choice((3, 14, 40))])
    return f'{text[:begin]}"{text[begin:end]}"{text[end:]}'.encode()


def _header(content: bytes, rng: random.Random) -> bytes:
    head, *rows = rows_of(content)
    i, j = rng.randrange(len(head)), rng.randrange(len(head))
    match rng.randrange(6):
        case 0:
            head[i] = rng.choice((head[i].upper(), f" {head[i]}", head[j], "", "\x00"))
        case 1:
            head[i], head[j] = head[j], head[i]
        case 2:
            head, rows = head[1:], [row[1:] for row in rows]
        case 3:
            head, rows = [*head, "extra"], [[*row, "x"] for row in rows]
        case 4:
            rows.insert(rng.randrange(len(rows)), list(head))
        case _:
            head, rows = rows[0], rows[1:]
    return write([head, *rows])


def _rows(content: bytes, rng: random.Random) -> bytes:
    head, *rows = rows_of(content)
    one = list(rng.choice(rows))
    match rng.randrange(7):
        case 0:
            rng.shuffle(rows)
        case 1:
            rows += rng.choices(rows, k=3)
        case 2:
            shift = rng.randrange(1, len(head))
            rows[rng.randrange(len(rows))] = [*one[shift:], *one[:shift]]
        case 3:
            rows.insert(0, ["# remark"])
        case 4:
            rows.insert(rng.randrange(len(rows)), [""] * len(head))
        case 5:
            rows.append([f"{one[0]} ", *one[1:]])
        case _:
            rows.remove(rng.choice(rows))
    return write([head, *rows])


def _units(content: bytes, rng: random.Random) -> bytes:
    head, *rows = rows_of(content)
    at, factor = head.index("score"), rng.choice((100, 0.01, 60, 1 / 60, -1))
    share = rng.choice((0.05, 1))
    for row in rows:
        if row[at] and rng.random() < share:
            row[at] = f"{float(row[at]) * factor:.6g}"
    return write([head, *rows])


def _something_else(content: bytes, rng: random.Random) -> bytes:
    page = b"<html><body>404 Not Found</body></html>"
    header = content[: content.index(b"\n") + 1]
    other = (
        b"",
        b"\n",
        b"\x00" * 1000,
        rng.randbytes(2000),
        b"PK\x03\x04",
        page,
        b"{}",
    )
    return rng.choice((*other, header, content * 2, content + b"\x1a", b"\n" * 20_000))


MUTATIONS: Final[tuple[Mutation, ...]] = (
    _cells(NUMERIC, NUMBERS, "numbers"),
    _cells(("score",), NUMBERS, "scores"),
    _cells(DATED, DAYS, "days"),
    _cells(("reported_on",), DAYS, "days of report"),
    _cells(WORDED, TEXTS, "words"),
    _cells(("source_url",), ADDRESSES, "addresses"),
    _cells((*NUMERIC, *DATED, *WORDED), (*NUMBERS, *DAYS, *TEXTS), "any cell"),
    *(_bits, _bytes, _cut, _cut_at_a_line_end, _encoding, _delimiter, _line_ends),
    *(_quotes, _quoted_stretch, _header, _rows, _units, _something_else),
)


def mutate(content: bytes, number: int) -> tuple[str, bytes]:
    """The case of that number: the mutation's name, and the file."""
    mutation = MUTATIONS[number % len(MUTATIONS)]
    mutated = mutation(content, random.Random(number))
    return mutation.__name__.strip("_"), mutated
