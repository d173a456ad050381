"""The gate: what suites mean, and each trap of Great Expectations."""

import json
import re
import subprocess
import sys
from datetime import date
from pathlib import Path

import polars as pl
import pytest

from trends.registry import Registry
from trends.tables import Column, Table
from trends.validation import SuiteError, Validated, ValidationError, too_many, validate
from trends.validation.gate import settled

SCORES = Table(
    "scores",
    "A small table with an address on every row.",
    ("source_file", "source_row"),
    (
        Column("source_id", "string", "", nullable=False),
        Column("benchmark_id", "string", "", nullable=False),
        Column("source_file", "string", "", nullable=False),
        Column("source_row", "integer", "", nullable=False),
        Column("score", "number", ""),
        Column("low", "number", ""),
        Column("day", "date", ""),
    ),
)
NOTHING_KNOWN = Registry({}, {}, {}, [], {}, {})

COUNTED = """
- id: has_rows
  type: expect_table_row_count_to_be_between
  kwargs: {min_value: 1}
  severity: critical
  reason: Empty tables pass the rest.
"""
AT_MOST_1 = """
- id: at_most_1
  type: expect_column_values_to_be_between
  kwargs: {column: score, max_value: 1}
  severity: critical
  reason: It is a share.
  found: "score {score} on {day}"
"""


def frame(*scores: float | None) -> pl.DataFrame:
    return SCORES.frame(
        [
            {
                "source_id": "shipped",
                "benchmark_id": "test",
                "source_file": "test.csv",
                "source_row": line,
                "score": score,
                "low": 0.25,
                "day": date(2025, 1, line),
            }
            for line, score in enumerate(scores, start=2)
        ]
    )


def check(
    rows: pl.DataFrame,
    folder: Path,
    *expectations: str,
    on_critical: str = "quarantine_row",
) -> Validated:
    """Validate against a suite of these expectations and a row count."""
    write_suite(folder, COUNTED, *expectations, on_critical=on_critical)
    return validate(rows, table=SCORES, suites=folder, registry=NOTHING_KNOWN)


def write_suite(
    folder: Path, *expectations: str, on_critical: str = "quarantine_row"
) -> None:
    head = f"table: scores\non_critical: {on_critical}\nexpectations:\n"
    (folder / "scores.yaml").write_text(head + "".join(expectations))


def test_a_failing_row_is_taken_out_and_the_others_keep_their_order(
    tmp_path: Path,
) -> None:
    rows = frame(0.9, 1.3, 0.2)[[2, 1, 0]]

    result = check(rows, tmp_path, AT_MOST_1)

    assert result.accepted.equals(rows[[0, 2]])
    found = result.quarantine.row(0, named=True)
    assert found["table"] == "scores"
    assert found["expectation"] == "at_most_1"
    assert found["reason"] == "score 1.3 on 2025-01-03. It is a share."
    assert (found["source_file"], found["source_row"]) == ("test.csv", 3)
    assert json.loads(found["row_json"])["score"] == 1.3
    assert json.loads(found["row_json"])["day"] == "2025-01-03"


def test_a_row_that_breaks_two_expectations_is_one_quarantined_row(
    tmp_path: Path,
) -> None:
    in_january = AT_MOST_1.replace("id: at_most_1", "id: also").replace(
        "It is a share.", "Twice."
    )

    result = check(frame(0.9, 1.3), tmp_path, AT_MOST_1, in_january)

    assert result.quarantine.height == 1
    assert result.quarantine["expectation"].to_list() == ["at_most_1"]
    assert result.quarantine["reason"][0].endswith(
        "It is a share. score 1.3 on 2025-01-03. Twice."
    )


def test_a_warning_stands_in_the_report_only(tmp_path: Path) -> None:
    warning = AT_MOST_1.replace("critical", "warning")

    result = check(frame(0.9, 1.3, None), tmp_path, warning)

    assert result.accepted.height == 3
    assert result.quarantine.is_empty()
    assert result.report == {
        "table": "scores",
        "n_rows": 3,
        "n_quarantined": 0,
        "expectations": [
            {
                "expectation": "numbers_are_finite",
                "type": "polars_is_finite",
                "severity": "critical",
                "reason": result.report["expectations"][0]["reason"],  # type: ignore[index]
                "n_checked": 3,
                "n_failed": 0,
                "found": [],
            },
            {
                "expectation": "has_rows",
                "type": "expect_table_row_count_to_be_between",
                "severity": "critical",
                "reason": "Empty tables pass the rest.",
                "n_checked": 3,
                "n_failed": 0,
                "found": [],
            },
            {
                "expectation": "at_most_1",
                "type": "expect_column_values_to_be_between",
                "severity": "warning",
                "reason": "It is a share.",
                "n_checked": 2,
                "n_failed": 1,
                "found": ["score 1.3 on 2025-01-03"],
            },
        ],
    }


def test_the_report_is_json_and_the_same_every_time(tmp_path: Path) -> None:
    first = check(frame(0.9, 1.3), tmp_path, AT_MOST_1).report
    second = check(frame(0.9, 1.3), tmp_path, AT_MOST_1).report

    assert json.dumps(first) == json.dumps(second)


def test_in_a_suite_that_stops_a_failing_row_stops_the_table(tmp_path: Path) -> None:
    with pytest.raises(
        ValidationError, match=r"at_most_1: score 1\.3 .* \(1 of 2\)\. It is a share"
    ):
        check(frame(0.9, 1.3), tmp_path, AT_MOST_1, on_critical="stop")


def test_in_a_suite_that_stops_a_warning_does_not_stop(tmp_path: Path) -> None:
    warning = AT_MOST_1.replace("critical", "warning")

    result = check(frame(0.9, 1.3), tmp_path, warning, on_critical="stop")

    assert result.accepted.height == 2


def test_other_columns_than_the_tables_stop_it(tmp_path: Path) -> None:
    other = frame(0.9).with_columns(pl.col("score").cast(pl.String)).drop("low")

    with pytest.raises(ValidationError, match="no column low; score is String, not"):
        check(other, tmp_path, AT_MOST_1)


@pytest.mark.parametrize(
    ("quarantined", "total", "verdict"),
    [(3, 4, False), (4, 10, True), (5, 100, False), (6, 100, True), (4, 80, False)],
)
def test_more_than_three_rows_and_more_than_five_percent_are_too_many(
    quarantined: int, total: int, verdict: bool
) -> None:
    assert too_many(quarantined, total) is verdict


# Traps of Great Expectations 1.24


def test_trap_a_misspelt_expectation_would_be_dropped_silently(tmp_path: Path) -> None:
    misspelt = AT_MOST_1.replace(
        "expect_column_values_to_be", "expect_column_values_be"
    )

    with pytest.raises(
        SuiteError, match="at_most_1: no expectation type expect_column_values_be_betw"
    ):
        check(frame(0.9), tmp_path, misspelt)


def test_great_expectations_writes_a_configuration_once() -> None:
    """It would do so for each key it looks up, which is a third of all checks."""
    kind = settled("expect_column_values_to_be_between")
    once, plain = (one(column="score", max_value=1.0) for one in kind.__mro__[:2])
    assert once.configuration is once.configuration
    assert plain.configuration is not plain.configuration
    assert once.configuration.kwargs == plain.configuration.kwargs
    assert once.dict() == plain.dict()


def test_trap_a_misspelt_argument_is_refused(tmp_path: Path) -> None:
    misspelt = AT_MOST_1.replace("max_value", "max_vlaue")

    with pytest.raises(SuiteError, match="max_vlaue"):
        check(frame(0.9), tmp_path, misspelt)


@pytest.mark.parametrize("value", [float("nan"), float("inf"), -float("inf")])
def test_trap_nan_passes_between_so_it_is_rejected_before(
    tmp_path: Path, value: float
) -> None:
    result = check(frame(0.9, value, 1.3, 0.8), tmp_path, AT_MOST_1)

    assert result.accepted["score"].to_list() == [0.9, 0.8]
    by_line = dict(result.quarantine.select("source_row", "expectation").iter_rows())
    assert by_line == {3: "numbers_are_finite", 4: "at_most_1"}
    assert result.quarantine["reason"][0].startswith(f"score is {value}. NaN passes")
    assert result.report["expectations"][2]["n_checked"] == 3  # type: ignore[index]
    assert json.loads(result.quarantine["row_json"][0])["score"] == str(value)


def test_trap_an_empty_table_passes_every_row_so_rows_are_counted(
    tmp_path: Path,
) -> None:
    with pytest.raises(ValidationError, match="has_rows: found 0, expected"):
        check(frame(), tmp_path, AT_MOST_1)


def test_trap_a_suite_without_a_row_count_is_refused(tmp_path: Path) -> None:
    write_suite(tmp_path, AT_MOST_1)

    with pytest.raises(SuiteError, match="row_count_to_be_between is missing"):
        validate(frame(), table=SCORES, suites=tmp_path, registry=NOTHING_KNOWN)


def test_trap_positional_indices_name_the_right_rows_behind_gaps(
    tmp_path: Path,
) -> None:
    scores = [0.1, 1.1, None, float("nan"), 0.2, 1.2, None, 0.3]

    result = check(frame(*scores), tmp_path, AT_MOST_1)

    assert result.quarantine["source_row"].to_list() == [3, 5, 7]
    assert result.accepted["source_row"].to_list() == [2, 4, 6, 8, 9]


def test_trap_more_failures_than_great_expectations_lists_by_default(
    tmp_path: Path,
) -> None:
    result = check(frame(*[1.5] * 25, 0.5), tmp_path, AT_MOST_1)

    assert result.quarantine.height == 25
    assert result.accepted.height == 1


@pytest.mark.parametrize(
    "broken",
    [
        AT_MOST_1.replace("column: score", "column: scroe"),
        AT_MOST_1.replace(
            "column: score, max_value: 1", "column: day, max_value: '2025-06-01'"
        ),
    ],
    ids=["no such column", "a day compared with a timestamp"],
)
def test_trap_an_expectation_that_raised_is_no_verdict(
    tmp_path: Path, broken: str
) -> None:
    with pytest.raises(SuiteError, match="at_most_1: could not be evaluated: "):
        check(frame(0.9), tmp_path, broken)


def test_trap_a_pair_with_a_missing_cell_is_ignored_when_told_so(
    tmp_path: Path,
) -> None:
    pair = """
- id: above_low
  type: expect_column_pair_values_a_to_be_greater_than_b
  kwargs: {column_A: score, column_B: low, ignore_row_if: either_value_is_missing}
  severity: critical
  reason: Order.
  found: "score {score} at or below {low}"
"""
    result = check(frame(0.2, None, 0.25, 0.3), tmp_path, pair)

    assert result.quarantine["source_row"].to_list() == [2, 4]


def test_an_aggregate_that_fails_speaks_of_the_table(tmp_path: Path) -> None:
    mean = """
- id: mean_is_low
  type: expect_column_mean_to_be_between
  kwargs: {column: score, max_value: 0.5}
  severity: critical
  reason: Hard test.
"""
    with pytest.raises(ValidationError, match=r"mean_is_low: found 0\.75, expected"):
        check(frame(0.6, 0.9), tmp_path, mean)


# Suites that cannot be run as written


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (("severity: critical", "severity: fatal"), "severity"),
        (("  reason: It is a share.\n", ""), "reason"),
        (("  found:", "  fuond:"), "found is missing|fuond"),
        (("id: at_most_1", "id: has_rows"), "ids must differ"),
        (("{score} on", "{scroe} on"), "at_most_1: found quotes no column {'scroe'}"),
        (("kwargs: {column", "kwargs: {column, {"), "{ is never closed"),
    ],
)
def test_a_suite_that_is_not_one_is_refused(
    tmp_path: Path, change: tuple[str, str], message: str
) -> None:
    with pytest.raises(SuiteError, match=message):
        check(frame(0.3), tmp_path, AT_MOST_1.replace(*change))


def test_a_table_without_a_suite_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SuiteError, match=r"scores\.yaml: no suite for table scores"):
        validate(frame(), table=SCORES, suites=tmp_path, registry=NOTHING_KNOWN)


def test_a_suite_of_another_table_is_refused(tmp_path: Path) -> None:
    write_suite(tmp_path, COUNTED)
    text = (tmp_path / "scores.yaml").read_text().replace("table: scores", "table: x")
    (tmp_path / "scores.yaml").write_text(text)

    with pytest.raises(SuiteError, match=r"scores\.yaml speaks of table 'x'"):
        validate(frame(), table=SCORES, suites=tmp_path, registry=NOTHING_KNOWN)


def test_the_gate_writes_no_file_prints_nothing_and_opens_no_connection(
    tmp_path: Path,
) -> None:
    """In a fresh process, with home and working directory empty and watched."""
    home, here, suites = (tmp_path / name for name in ("home", "here", "suites"))
    for folder in (home, here, suites):
        folder.mkdir()
    write_suite(suites, COUNTED, AT_MOST_1.replace(" on {day}", ""))
    program = f"""
import socket, sys
def refuse(*_): raise SystemExit("a connection was opened")
socket.socket.connect = refuse
from pathlib import Path
from trends.registry import Registry
from trends.tables import Column, Table
from trends.validation import validate
table = Table("scores", "", ("score",), (Column("score", "number", ""),))
validate(table.frame([{{"score": 0.5}}]), table=table, suites=Path({str(suites)!r}),
         registry=Registry({{}}, {{}}, {{}}, [], {{}}, {{}}))
"""
    done = subprocess.run(
        [sys.executable, "-c", program],
        cwd=here,
        env={"HOME": str(home), "PYTHONPATH": str(Path(__file__).parent.parent)},
        capture_output=True,
        text=True,
        check=False,
    )

    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert not [*home.rglob("*"), *here.rglob("*")]


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("{score}", "{score.__class__}", "quotes cells as {column}, not {score.__"),
        ("{score}", "{score[0]}", "quotes cells as {column}, not {score[0]}"),
        ("{score}", "{score!r}", "quotes cells as {column}, not {score}"),
        ("{score}", "{score:>9999999}", "quotes cells as {column}, not {score}"),
        ("{score}", "{}", "quotes cells as {column}, not {}"),
        ("{score}", "{0}", "quotes cells as {column}, not {0}"),
        ("{score}", "{score", "unexpected '{' in field name"),
        ("It is a share.", '"it\\u202e"', "U+202E RIGHT-TO-LEFT OVERRIDE"),
        ("It is a share.", "!!python/name:os.system x", "tags (tag:yaml.org"),
        ("{column: score, max_value: 1}", "[" * 5000, "nested more than 20 deep"),
        ("max_value: 1", "max_value: 1_0", "write a number in plain decimal digits"),
        ("critical", "kritical", "did you mean 'critical'?"),
    ],
)
def test_a_suite_that_cannot_be_read_is_said_by_file_and_line(
    tmp_path: Path, old: str, new: str, said: str
) -> None:
    assert AT_MOST_1.count(old) == 1
    with pytest.raises(SuiteError) as caught:
        check(frame(0.9), tmp_path, AT_MOST_1.replace(old, new))
    assert said in str(caught.value)
    assert re.match(r"[\w-]+/scores\.yaml:\d+:\d+: ", str(caught.value))


def test_a_suite_that_is_a_folder_is_said_to_be_one(tmp_path: Path) -> None:
    (tmp_path / "scores.yaml").mkdir()
    with pytest.raises(SuiteError, match="cannot be read: Is a directory"):
        validate(frame(), table=SCORES, suites=tmp_path, registry=NOTHING_KNOWN)
