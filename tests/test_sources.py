"""Reading the shipped figures: what is tolerated, what is refused and in which words."""

import csv
from pathlib import Path

import pytest

from trends.registry import Source
from trends.sources import SourceError
from trends.sources.shipped_figures import COLUMNS, fetch, read
from trends.tables import RAW_SCORES

HEADER = ",".join(COLUMNS)
ROW = "Model A,Lab,2025-01-02,64.0,,,,agent,2025-02-03,leaderboard,https://a.org/,"


def content(*lines: str) -> bytes:
    return ("\n".join(lines) + "\n").encode()


def source(*benchmarks: str) -> Source:
    return Source(
        title="Figures",
        reader="shipped_figures",
        benchmarks=list(benchmarks),
        licence="CC BY 4.0",
        citation="Publisher 2026",
        url="https://a.org/",
    )


def test_cells_stay_the_text_that_was_published() -> None:
    row = ' Model "A" ,,2025-01-02,64.0,,,,"agent, v2",,leaderboard,https://a.org/,≈'
    raw = read("shipped", "coding_test.csv", content(HEADER, row.replace('"A"', "'A'")))

    assert raw.schema == RAW_SCORES.schema
    found = raw.row(0, named=True)
    assert found["source_id"] == "shipped"
    assert found["benchmark_id"] == "coding_test"
    assert (found["source_file"], found["source_row"]) == ("coding_test.csv", 2)
    assert found["model_name_published"] == " Model 'A' "
    assert found["score"] == "64.0"
    assert found["harness"] == "agent, v2"
    assert found["note"] == "≈"
    assert found["developer"] is None


@pytest.mark.parametrize(
    "last", [("scoring_rule",), ("retrieved_on",), ("scoring_rule", "retrieved_on")]
)
def test_a_file_may_end_with_the_rule_of_scoring_and_the_day_of_the_copy(
    last: tuple[str, ...],
) -> None:
    cells = {"scoring_rule": "strict", "retrieved_on": "2026-01-30"}
    header = ",".join([HEADER, *last])
    row = ",".join([ROW, *(cells[name] for name in last)])

    found = read("shipped", "coding_test.csv", content(header, row)).row(0, named=True)

    for name, cell in cells.items():
        assert found[name] == (cell if name in last else None)
    with pytest.raises(SourceError, match=f"line 2 has 12 cells, not {12 + len(last)}"):
        read("shipped", "coding_test.csv", content(header, ROW))


def test_a_row_is_named_by_the_line_on_which_it_starts() -> None:
    raw = read("shipped", "coding_test.csv", content(HEADER, ROW, "", "", ROW + "two"))

    assert raw["source_row"].to_list() == [2, 5]
    assert raw["note"].to_list() == [None, "two"]


@pytest.mark.parametrize("column", ["developer", "harness", "note"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_a_row_swallowed_by_a_quotation_mark_stops_its_file(
    column: str, end: str
) -> None:
    """The mark opens in line 3 and closes in line 4: two rows read as one of 12 cells.

    Rows of another length would be ragged; these are not, and nothing else is wrong.
    """
    at = COLUMNS.index(column)
    cells = ROW.split(",")
    two = f'"{cells[at]}{end}{",".join(cells[: at + 1])}"'
    row = ",".join([*cells[:at], two, *cells[at + 1 :]])

    with pytest.raises(SourceError, match="goes on in the next line") as caught:
        read("shipped", "coding_test.csv", content(HEADER, ROW, row, ROW))

    assert f"coding_test.csv:3: {column} goes on" in str(caught.value)
    assert "Close its quotation mark" in str(caught.value)
    assert (caught.value.file, caught.value.line) == ("coding_test.csv", 3)


def test_a_cell_longer_than_csv_allows_is_refused_in_words() -> None:
    csv.field_size_limit(10_000_000)  # as a library in the same process may
    with pytest.raises(SourceError, match=r"coding_test\.csv:2: not CSV .*field limit"):
        read("shipped", "coding_test.csv", content(HEADER, ROW + "x" * 140_000))


def test_a_file_that_cannot_be_opened_is_refused_in_words(tmp_path: Path) -> None:
    (tmp_path / "a_test.csv").mkdir()

    with pytest.raises(SourceError, match=r"a_test\.csv: no such file"):
        fetch(source("a_test"), tmp_path)


@pytest.mark.parametrize(
    "encoded",
    [
        b"\xef\xbb\xbf" + content(HEADER, ROW),
        content(HEADER, ROW).replace(b"\n", b"\r\n"),
    ],
    ids=["byte order mark", "Windows line ends"],
)
def test_what_a_spreadsheet_adds_is_tolerated(encoded: bytes) -> None:
    plain = read("shipped", "coding_test.csv", content(HEADER, ROW))

    assert read("shipped", "coding_test.csv", encoded).equals(plain)


@pytest.mark.parametrize(
    ("broken", "message"),
    [
        (b"", r"coding_test\.csv:1: .*Found nothing; expected model_name_published,"),
        (content(HEADER), "has a header and no rows: its series would vanish"),
        (
            content(HEADER, ROW, ROW).replace(b"Model A", b"Mod\xe8le", 1),
            r"coding_test\.csv:2: byte 0xe8 is not UTF-8",
        ),
        (
            content(HEADER.replace("score", "scroe"), ROW),
            "unknown column 'scroe', did you mean 'score'",
        ),
        (content(HEADER.replace(",note", ""), ROW), "'note' is missing"),
        (content(HEADER.replace("note", "score"), ROW), "'score' stands twice"),
        (
            content(HEADER.replace("ci_low,ci_high", "ci_high,ci_low"), ROW),
            "the columns stand in another order",
        ),
        (
            content(HEADER + ",retrieved_on,scoring_rule", ROW + ",,"),
            "the columns stand in another order",
        ),
        (
            content(HEADER + ",scoring_rules", ROW + ","),
            "unknown column 'scoring_rules', did you mean 'scoring_rule'",
        ),
        (
            content(HEADER, ROW, "Model B,64.0", ROW + ",more"),
            "line 3 has 2 cells, line 4 has 13 cells, not 12",
        ),
        (
            content(HEADER, ROW, '"Model B,Lab', ROW),
            r"coding_test\.csv:3: not CSV from this line on",
        ),
    ],
    ids=[
        "empty",
        "header only",
        "Latin-1",
        "misspelt",
        "missing",
        "twice",
        "order",
        "last columns in another order",
        "last column misspelt",
        "ragged",
        "open quote",
    ],
)
def test_a_file_of_another_structure_is_refused(broken: bytes, message: str) -> None:
    with pytest.raises(SourceError, match=message):
        read("shipped", "coding_test.csv", broken)


def test_every_file_of_a_source_is_fetched_in_its_order(tmp_path: Path) -> None:
    (tmp_path / "b_test.csv").write_bytes(b"1")
    (tmp_path / "a_test.csv").write_bytes(b"2")
    (tmp_path / "of_another_source.csv").write_bytes(b"3")

    files = fetch(source("b_test", "a_test"), tmp_path)

    assert list(files.items()) == [("b_test.csv", b"1"), ("a_test.csv", b"2")]


def test_a_missing_file_stops_its_source(tmp_path: Path) -> None:
    (tmp_path / "a_test.csv").write_bytes(b"1")

    with pytest.raises(SourceError, match=r"b_test\.csv: no such file"):
        fetch(source("a_test", "b_test"), tmp_path)


def test_an_empty_file_stops_its_source(tmp_path: Path) -> None:
    (tmp_path / "a_test.csv").touch()

    with pytest.raises(SourceError, match=r"a_test\.csv is empty: its series would"):
        fetch(source("a_test"), tmp_path)


def test_a_file_without_end_is_refused_before_its_rows_are_weighed() -> None:
    rows = [ROW] * 5001
    with pytest.raises(SourceError, match="5,001 rows, and 5,000 are the most"):
        read("shipped", "coding_test.csv", content(HEADER, *rows))
    assert read("shipped", "coding_test.csv", content(HEADER, *rows[1:])).height == 5000
