"""What readers share: text, numbers, CSV, JSON and YAML, and rows that give nothing."""

import json
from typing import get_args

import pytest

from trends.registry import Entry, SourceFile
from trends.sources import SourceError
from trends.sources.csv_text import records
from trends.sources.json_text import Numeral, lines_of, parse_json
from trends.sources.readers import OPTIONS, READERS
from trends.sources.reading import (
    MAX_BYTES,
    MAX_ROWS,
    ReadRequest,
    Rows,
    decode,
    one_line,
    options,
    percent,
    plain,
    require_benchmarks,
)
from trends.sources.yaml_text import parse_yaml
from trends.tables import RAW_SCORES


def request(**of_file: object) -> ReadRequest:
    entry = {
        "id": "board",
        "address": "https://example.org/board.csv",
        "reader": "table",
        "benchmarks": ["quiz", "exam"],
    }
    file = SourceFile.model_validate(entry | of_file)
    return ReadRequest("publisher", file, "board.csv")


@pytest.mark.parametrize(
    ("fraction", "expected"),
    [
        ("0.563", "56.3"),
        ("0.5630000000000001", "56.3"),
        ("0.30991735537190085", "30.991736"),
        ("1", "100"),
        ("0.0", "0"),
        ("-0.0", "0"),
        ("5e-05", "0.005"),
        ("1E2", "10000"),
        (".5", "50"),
        (" 0.25 ", "25"),
    ],
)
def test_a_fraction_becomes_percent_without_the_noise_of_binary_numbers(
    fraction: str, expected: str
) -> None:
    assert percent(fraction) == expected


@pytest.mark.parametrize(
    "text", ["nan", "inf", "-Infinity", "1e999", "6_2", "٣", "ERR", "", "0x1", "1,5"]
)
def test_what_is_no_finite_number_stays_as_it_is_for_the_gate(text: str) -> None:
    assert percent(text) == text
    assert plain(text) == text


def test_an_exponent_is_written_out_and_nothing_else_changes() -> None:
    assert plain("5e-05") == "0.00005"
    assert plain("64.0") == "64.0"


def test_lines_of_a_cell_become_one() -> None:
    assert one_line(" two\r\n lines\tand more ") == "two lines and more"


def test_a_byte_that_is_not_utf8_is_named_by_its_line() -> None:
    with pytest.raises(SourceError, match=r"board\.csv:3: byte 0xe9 is not UTF-8") as e:
        decode(b"one\ntwo\ncaf\xe9\n", "board.csv")

    assert (e.value.file, e.value.line) == ("board.csv", 3)


def test_a_byte_order_mark_is_tolerated_once() -> None:
    assert decode("\ufeffname\n".encode(), "a") == "name\n"


@pytest.mark.parametrize("content", [b"", b"\xef\xbb\xbf", b" \n\t\n"])
def test_a_file_without_text_is_an_error(content: bytes) -> None:
    with pytest.raises(SourceError, match="is empty"):
        decode(content, "board.csv")


def test_a_file_without_end_is_refused_before_it_is_read() -> None:
    with pytest.raises(SourceError, match="33,554,433 bytes, and 33,554,432 are the"):
        decode(bytes(MAX_BYTES + 1), "board.csv")


def test_rows_and_dropped_rows_are_all_rows() -> None:
    rows = Rows(request())
    rows.score(2, "quiz", {"m": "A"}, model_name_published="A", score="1.5")
    rows.score(3, "exam", {"m": "A"}, model_name_published="A", score="1.5", note="")
    rows.drop(4, "of no use", {"m": "B\u202e"})
    reading = rows.reading()

    assert reading.rows.schema == RAW_SCORES.schema
    assert reading.rows["benchmark_id"].to_list() == ["quiz", "exam"]
    assert reading.rows["source_row"].to_list() == [2, 3]
    assert reading.rows["note"].to_list() == [None, None]
    [dropped] = reading.dropped
    assert dropped == (4, "of no use", r'{"m": "B\u202e"}')
    assert rows.count == 3


def test_a_row_that_repeats_another_costs_itself_only() -> None:
    rows = Rows(request())
    for line in (2, 3):
        rows.score(line, "quiz", {}, model_name_published="A", score="1.5")
    rows.score(4, "quiz", {}, model_name_published="A", score="1.50")
    reading = rows.reading()

    assert reading.rows["source_row"].to_list() == [2, 4]
    assert reading.dropped[0].reason == "repeats row 2 word for word"


def test_half_a_character_costs_its_row() -> None:
    rows = Rows(request())
    rows.score(2, "quiz", {}, model_name_published="A", score="1.5")
    rows.score(3, "quiz", {"n": "\ud83d"}, model_name_published="\ud83d", score="1.5")

    assert "one half of a character" in rows.reading().dropped[0].reason


def test_one_row_without_a_field_costs_the_row_and_many_cost_the_file() -> None:
    def reading(n_faulty: int) -> Rows:
        rows = Rows(request())
        for line in range(2, 62):
            if line < 2 + n_faulty:
                rows.fault(line, "has no field 'score'", {})
            else:
                rows.score(line, "quiz", {}, model_name_published="A", score=str(line))
        return rows

    assert len(reading(3).reading().dropped) == 3
    with pytest.raises(
        SourceError, match=r"board\.csv:2: has no field 'score'; so do 3"
    ):
        reading(4).reading()


def test_a_file_that_gives_no_score_is_an_error() -> None:
    rows = Rows(request())
    rows.drop(7, "is not finished", {})
    with pytest.raises(SourceError, match=r"none of its 1 rows .* row 7: is not fin"):
        rows.reading()
    with pytest.raises(SourceError, match="none of its 0 rows gives a score"):
        Rows(request()).reading()


def test_rows_have_an_end() -> None:
    rows = Rows(request())
    for line in range(MAX_ROWS):
        rows.drop(line, "unmapped", {})
    with pytest.raises(SourceError, match="more than 20,000 rows"):
        rows.drop(MAX_ROWS, "unmapped", {})


class _Options(Entry):
    harness: str


def test_options_are_checked_against_what_the_reader_takes() -> None:
    assert options(request(options={"harness": "own"}), _Options).harness == "own"
    with pytest.raises(SourceError, match=r"file 'board' of publisher: harnes: Extra"):
        options(request(options={"harness": "own", "harnes": "x"}), _Options)
    with pytest.raises(SourceError, match=r"name \['test'\], not among its benchmarks"):
        require_benchmarks(request(), {"quiz", "test"})


def test_csv_records_know_their_line_and_whether_they_fit() -> None:
    content = '\ufeffname,score\r\nA,"1\r\n2"\r\n\r\nB\r\nC,3,4\r\n'.encode()
    found = list(records(content, "board.csv", required=["score"]))

    assert [(one.line, one.cells.get("name")) for one in found] == [
        (2, "A"),
        (5, "B"),
        (6, "C"),
    ]
    assert found[0].cells["score"] == "1\r\n2"
    assert [one.wrong for one in found] == [
        None,
        "has 1 cells, where the header has 2",
        "has 3 cells, where the header has 2",
    ]


def test_a_csv_column_that_is_gone_is_named_with_what_may_have_become_of_it() -> None:
    with pytest.raises(SourceError, match="no column 'score', is it now 'scores'"):
        list(records(b"name,scores\nA,1\n", "board.csv", required=["score"]))
    with pytest.raises(SourceError, match="column 'score' stands twice"):
        list(records(b"score,score\nA,1\n", "board.csv", required=["score"]))
    with pytest.raises(SourceError, match=r"board\.csv:2: not CSV from this line"):
        list(records(b'name,score\nA,"1\n', "board.csv", required=["score"]))


def test_json_numbers_stay_the_text_that_was_published() -> None:
    value = parse_json(b'{"rows": [{"s": 70.60},\n{"s": NaN, "n": 10000000000}]}', "f")

    assert [one["s"] for one in value["rows"]] == ["70.60", "NaN"]
    assert isinstance(value["rows"][1]["n"], Numeral)
    assert lines_of(value["rows"]) == [2, 3]
    assert lines_of(parse_json(b"[{},{},\n\n\n\n{}]", "f")) == [2, 3, 5]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b'{"a":\n{"b": 1, "b": 2}}', "f:2: key 'b' stands twice"),
        (b'{"a": [1,\n2', "f:2: not JSON from here on"),
        (b"[" * 5000, "is nested 5000 deep, and 50 is the most"),
        (b'{"a": 1} {', "not JSON from here on"),
        (b"[\xff]", "not UTF-8"),
    ],
)
def test_json_that_cannot_be_trusted_is_refused(content: bytes, said: str) -> None:
    with pytest.raises(SourceError) as caught:
        parse_json(content, "f")

    assert said in str(caught.value)


def test_brackets_inside_json_strings_are_no_nesting() -> None:
    text = "[" * 500 + '"\\'
    assert parse_json(json.dumps([text]).encode(), "f") == [text]


def test_yaml_values_stay_text_and_know_their_lines() -> None:
    value = parse_yaml(b"day: 2025-01-02\nrate: 64.0\nhash: 8e64502\nnone: ~\n", "f")

    assert value == {
        "day": "2025-01-02",
        "rate": "64.0",
        "hash": "8e64502",
        "none": None,
    }
    assert value["rate"].line == 2
    assert value.key_lines["none"] == 4


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a: 1\nb: 2\na: 3\n", "f:3: key 'a' stands twice, first on line 1"),
        ("a: &x [1]\nb: *x\n", "f:1: anchors (&x) are not read"),
        ("b: *x\n", "f:1: aliases (*x) are not read"),
        ("a: !!python/object/apply:os.system [ls]\n", "f:1: tags ("),
        ("%YAML 1.1\n---\na: 1\n", "directives"),
        ("a: 1\n---\na: 2\n", "f:2: a second document begins"),
        ("[" * 500, "nested more than 20 deep"),
        ("? [a]\n: 1\n", "a key is one text"),
        ("a: [1,\n", "not YAML from here on"),
        ('a: "\\UFFFFFFFF"', "not YAML"),
        ("a: 1\x00", "not YAML"),
    ],
)
def test_yaml_that_could_do_or_hide_something_is_refused(text: str, said: str) -> None:
    with pytest.raises(SourceError) as caught:
        parse_yaml(text.encode(), "f")

    assert said in str(caught.value)


def test_every_reader_that_sources_yaml_may_name_is_there_with_its_options() -> None:
    names = set(get_args(SourceFile.model_fields["reader"].annotation))

    assert set(READERS) == names
    assert set(OPTIONS) == names
