"""YAML that hides what a file says, or that a parser chokes on, is refused in words."""

import time
from pathlib import Path

import pytest

from trends.registry import load_registry
from trends.registry.documents import read
from trends.registry.models import Entry
from trends.registry.parsing import MAX_BYTES, MAX_DEPTH, parse
from trends.registry.syntax import Fault


def _bomb(width: int, depth: int) -> str:
    """Each list repeats the one before it ``width`` times."""
    words = ", ".join(["x"] * width)
    lines = [f"b0: &b0 [{words}]"]
    for n in range(1, depth):
        lines.append(f"b{n}: &b{n} [{', '.join([f'*b{n - 1}'] * width)}]")
    return "\n".join(lines) + "\n"


@pytest.mark.parametrize(
    ("text", "line", "column", "said"),
    [
        ("a: 1\nb: " + "[" * 5000 + "]" * 5000, 2, 23, "nested more than 20 deep"),
        ("a: " + "{x: " * 5000, 1, 80, "nested more than 20 deep"),
        ("- " * 3000 + "x", 1, 41, "nested more than 20 deep"),
        ("? " * 3000 + "x", 1, 41, "nested more than 20 deep"),
        (_bomb(9, 9), 6, 35, "aliases make the file too large"),
        (f"a: &a {'x' * 9000}\nb: [{'*a, ' * 200}]", 2, 357, "aliases make the file"),
        ("a: &a [*a]", 1, 8, "*a stands inside what it repeats"),
        ("a: &a {k: *a}", 1, 11, "*a stands inside what it repeats"),
        ("a: &n 1\nb: &n 2", 2, 4, "&n names two places"),
        ("a: *n", 1, 4, "*n repeats nothing: put the value in quotes"),
        ("a: {<<: {b: 1}}", 1, 5, "merge keys (<<) are not read"),
        ("a: !!int abc", 1, 4, "tags (tag:yaml.org,2002:int) are not read"),
        ("a: !!binary '####'", 1, 4, "tags (tag:yaml.org,2002:binary) are not read"),
        ("a: !!python/name:os.system x", 1, 4, "tags (tag:yaml.org,2002:python/name"),
        ("a: !!set {b, c}", 1, 4, "tags (tag:yaml.org,2002:set) are not read"),
        ("a: !foo b", 1, 4, "tags (!foo) are not read"),
        ("!foo\na: b", 1, 1, "tags (!foo) are not read"),
        ("%YAML 1.1\n---\na: yes", 2, 1, "directives (%YAML, %TAG) are not read"),
        ("%YAML 9.9\n---\na: b", 1, 1, "is not YAML: found incompatible YAML"),
        ("a: 1\n---\na: 2", 2, 1, "a second document begins: a file holds one"),
        ("? [a, b]\n: 1", 1, 3, "a key is a text, not a list or mapping"),
        ("? {a: b}\n: 1", 1, 3, "a key is a text, not a list or mapping"),
        ("a: " + "9" * 5000, 1, 4, "write a number in plain decimal digits"),
        ("a: 1_0", 1, 4, "write a number in plain decimal digits"),
        ("a: 0x1A", 1, 4, "write a number in plain decimal digits"),
        ("a: 0o17", 1, 4, "write a number in plain decimal digits"),
        ("a: 007", 1, 4, "write a number in plain decimal digits"),
        ("a: 1e999", 1, 4, "write a number in plain decimal digits"),
        ("a: 0." + "0" * 400 + "1", 1, 4, "write a number in plain decimal digits"),
        ('a: "b\\u202ec"', 1, 4, "character 2 is U+202E RIGHT-TO-LEFT OVERRIDE"),
        ('a: "b\\0c"', 1, 4, "character 2 is U+0000, a control character"),
        ('a: "b\\x1b[2J"', 1, 4, "character 2 is U+001B, a control character"),
        ('a: "b\\nc"', 1, 4, "character 2 is U+000A, a control character"),
        ("a: |\n  b\n  c\n", 1, 4, "character 2 is U+000A, a control character"),
        ('"b\\u200b": 1', 1, 1, "character 2 is U+200B ZERO WIDTH SPACE"),
        ('a: "\\ud800"', 1, 4, "character 1 is U+D800, one half of a character"),
        ("a: b\u200bc", 1, 5, "is U+200B ZERO WIDTH SPACE, which nobody sees"),
        ("a: b\nc: 1 # \u2066hidden\u2069", 2, 8, "is U+2066 LEFT-TO-RIGHT ISOLATE"),
        ("a: b\x07", 1, 5, "is U+0007, a control character"),
        ("a: >\n  b\x07 c\n", 2, 4, "is U+0007, a control character"),
        ("", 1, 1, "the file is empty"),
    ],
)
def test_what_no_entry_needs_is_refused_at_its_place(
    text: str, line: int, column: int, said: str
) -> None:
    begun = time.process_time()
    root, fault, _ = parse(text)

    assert root is None
    assert fault is not None
    assert said in fault.said
    assert fault[:2] == (line, column)
    assert len(fault.said) < 400
    assert time.process_time() - begun < 5


def test_a_text_or_an_entry_may_be_repeated_by_an_alias() -> None:
    root, fault, _ = parse("a: &a {b: [1, 2.5, -.5], c: &c words}\nd: *a\ne: *c\n")

    assert fault is None
    assert root["d"] == {"b": [1, 2.5, -0.5], "c": "words"}
    assert root["e"] == "words"


def test_folded_lines_are_one_line() -> None:
    text = "a: >-\n  one\n  two\nb: >\n  three\n  four\nc: five\n  six\n"
    root, fault, _ = parse(text)

    assert fault is None
    assert dict(root) == {"a": "one two", "b": "three four\n", "c": "five six"}


@pytest.mark.parametrize("number", ["0", "-1", "1.50", "1e-9", "6.02E+23", ".5", "+3."])
def test_plain_numbers_are_read(number: str) -> None:
    root, fault, _ = parse(f"a: {number}")

    assert fault is None
    assert root["a"] == float(number)


def test_entries_may_nest_as_deep_as_they_do() -> None:
    n = MAX_DEPTH - 1
    assert parse("a: " + "[" * n + "]" * n).fault is None
    assert parse("a: [" + "[" * n + "]" * n + "]").fault is not None


def _said(path: Path) -> str:
    reading = read(path, dict[str, Entry], file=path.name)
    assert reading.content is None
    [problem] = reading.problems
    return str(problem)


def test_a_file_that_cannot_be_read_is_said_to_be_so(tmp_path: Path) -> None:
    path = tmp_path / "x.yaml"
    path.mkdir()
    assert _said(path) == "x.yaml:1:1: x: cannot be read: Is a directory"
    path.rmdir()
    path.symlink_to("/nowhere")
    assert _said(path) == "x.yaml:1:1: x: the file is missing"
    path.unlink()
    path.symlink_to(path)
    assert "x: cannot be read: Too many levels of symbolic links" in _said(path)


def test_a_file_without_end_is_not_parsed(tmp_path: Path) -> None:
    path = tmp_path / "x.yaml"
    path.write_text("a: 1\n" * (MAX_BYTES // 5 + 1))
    assert "and 16,000,000 are the most" in _said(path)


def test_of_many_problems_a_hundred_are_told(tmp_path: Path) -> None:
    path = tmp_path / "x.yaml"
    path.write_text("a:\n" + "".join(f"  b{n}: 1\n" for n in range(3000)))
    reading = read(path, dict[str, Entry], file="x.yaml")
    assert len(reading.problems) == 101
    assert reading.problems[-1].message == "and 2,900 problems more"


def test_a_byte_order_mark_and_windows_line_ends_are_tolerated(tmp_path: Path) -> None:
    path = tmp_path / "x.yaml"
    path.write_bytes(b"\xef\xbb\xbfa: {}\r\nb: {}\r\n")
    reading = read(path, dict[str, Entry], file="x.yaml")
    assert list(reading.content or ()) == ["a", "b"]


def test_the_shipped_registry_is_plain() -> None:
    load_registry(Path(__file__).parent.parent / "data" / "registry")


def test_a_fault_is_counted_from_one() -> None:
    assert parse("a: !x 1").fault == Fault(
        1, 4, "tags (!x) are not read: write the value without it"
    )
