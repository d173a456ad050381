"""Mutations of a registry file: slips, merges gone wrong, and malice.

Each takes the text of a sound file and a generator, and gives bytes.
"""

import random
import re
from collections.abc import Callable
from typing import Final

Mutation = Callable[[str, random.Random], bytes]

VALUES: Final = (
    *("", "~", "null", "[]", "{}", "yes", "-1", "0", "1e308", "1e999", "-.inf", ".nan"),
    *(
        "9" * 5000,
        "1_0",
        "0x1A",
        "0o17",
        "007",
        "1:30",
        "\uff11\uff12",
        "0." + "0" * 400 + "1",
    ),
    *("0001-01-01", "9999-12-31", "2026-02-30", "2026-1-1", "!!int abc", "!!float x"),
    *("!!binary '####'", "!!python/name:os.system x", "!!set {a, b}", "!foo x", "*no"),
    *("&a [*a]", "{<<: {a: 1}}", "[" * 900 + "]" * 900, "[" * 5000, "{a: " * 3000),
    *(
        '"\\u202ex"',
        '"\\0"',
        '"\\x1b[2J"',
        '"\\ud800"',
        '"a\\nb"',
        '"\\u200b"',
        "a\ufeff",
    ),
    *(
        "'=cmd()'",
        '"[/red]"',
        "'<b>x</b>'",
        "../../x",
        "x" * 3000,
        "\u2028",
        "😀",
        "a: b",
    ),
    *(
        "'{score.__class__}'",
        "http://u:p@a.org/",
        "javascript:alert(1)",
        "| \n  a\n  b",
    ),
)
LINES: Final = (
    *("? [a, b]\n: 1", "? {a: b}\n: 1", "1: x", "null: x", "<<: {a: 1}", "- x", "x"),
    *("---", "...", "%YAML 1.1", "}", "]", "\t", "  : x", "x: &a 1\ny: &a 2", "#", "'"),
    *('"\\u202e": 1', "\u2066# hidden", "\x00", "\x1b", "? " * 2000, "- " * 2000),
)


def _value(text: str, rng: random.Random) -> bytes:
    """Another value after one of the colons."""
    places = [m.span(1) for m in re.finditer(r": +([^\s{\[][^\n,}\]]*)", text)]
    for _ in range(rng.choice((1, 1, 2))):
        begin, end = rng.choice(places)
        if end <= len(text):
            text = text[:begin] + rng.choice(VALUES) + text[end:]
    return text.encode("utf-8", "surrogatepass")


def _number(text: str, rng: random.Random) -> bytes:
    places = [m.span() for m in re.finditer(r"(?<=[ \[])\d[\d.-]*", text)]
    begin, end = rng.choice(places or [(0, 0)])
    factor = rng.choice((-1, 100, 0.01, 1e12))
    digits = text[begin:end]
    number = float(digits) if re.fullmatch(r"\d+(\.\d+)?", digits) else 7.0
    put = rng.choice((f"{number * factor:g}", f'"{digits}"', digits * 2, f"-{digits}"))
    return (text[:begin] + put + text[end:]).encode()


def _line_put(text: str, rng: random.Random) -> bytes:
    lines = text.splitlines()
    put = " " * rng.choice((0, 0, 2, 4)) + rng.choice(LINES)
    lines.insert(rng.randrange(len(lines) + 1), put)
    return "\n".join(lines).encode("utf-8", "surrogatepass")


def _lines(text: str, rng: random.Random) -> bytes:
    lines = text.splitlines(keepends=True)
    i, j = sorted(rng.randrange(len(lines)) for _ in range(2))
    match rng.randrange(5):
        case 0:
            del lines[i]
        case 1:
            lines.insert(j, lines[i])
        case 2:
            lines[i], lines[j] = lines[j], lines[i]
        case 3:
            lines[i] = rng.choice((" ", "  ", "\t")) + lines[i]
        case _:
            lines = lines[:i]
    return "".join(lines).encode()


def _key(text: str, rng: random.Random) -> bytes:
    places = [m.span(1) for m in re.finditer(r"(?m)^ *([\w]+):", text)]
    begin, end = rng.choice(places or [(0, 0)])
    key = text[begin:end]
    other = (key.upper(), key[::-1], f"{key}x", "", "1", "null", f"!!str {key}")
    return (text[:begin] + rng.choice(other) + text[end:]).encode()


def _bits(text: str, rng: random.Random) -> bytes:
    damaged = bytearray(text.encode())
    for _ in range(rng.choice((1, 2, 8))):
        damaged[rng.randrange(len(damaged))] ^= 1 << rng.randrange(8)
    return bytes(damaged)


def _signs(text: str, rng: random.Random) -> bytes:
    for _ in range(rng.choice((1, 2, 5))):
        at = rng.randrange(len(text))
        text = text[:at] + rng.choice("{}[]:,&*!|>'\"%@`#?-\\\t\n\r") + text[at + 1 :]
    return text.encode()


def _whole(text: str, rng: random.Random) -> bytes:
    bomb = "b0: &b0 [x, x, x, x, x, x, x, x, x]\n" + "".join(
        f"b{n}: &b{n} [{', '.join([f'*b{n - 1}'] * 9)}]\n" for n in range(1, 9)
    )
    other = (
        *("", "\n", "{}", "[]", "x", "# only a remark\n", "--- \n--- \n", bomb),
        *(f"{text}---\n{text}", text + text, f"%YAML 1.1\n---\n{text}", "[" * 100_000),
        *(text.replace("\n", "\r\n"), text.replace("\n", "\r"), f"\ufeff{text}"),
        *("x: 1\n" * 100_000, "".join(f"k{n}: 1\n" for n in range(5000))),
    )
    raw = (text.encode("utf-16"), text.encode("utf-32"), rng.randbytes(2000), b"\x00")
    return rng.choice((*(one.encode() for one in other), *raw))


MUTATIONS: Final[tuple[Mutation, ...]] = (
    *(_value, _value, _value, _number, _line_put, _lines, _key, _bits, _signs, _whole),
)


def mutate(text: str, number: int) -> tuple[str, bytes]:
    """The case of that number: the mutation's name, and the file."""
    mutation = MUTATIONS[number % len(MUTATIONS)]
    return mutation.__name__.strip("_"), mutation(text, random.Random(number))
