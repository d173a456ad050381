"""``trends read SOURCE FILE``: each row of a file is read or dropped, by name."""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from tests.publisher_files import AIDER_RUNS, METR_1_1
from trends.cli import app
from trends.sources.reading import MAX_BYTES
from trends.sources.shipped_figures import COLUMNS
from trends.workspace import HOME_VARIABLE

SMALL = Path(__file__).parent / "small_registry"
FILES = """\
  files:
    - id: board
      address: https://example.org/work.csv
      reader: epoch_index
      benchmarks: [work_length, speedrun]
      options:
        source_url: https://example.org/work
        series:
          Work: {benchmark: work_length, reporter: independent}
    - id: horizons
      address: https://example.org/horizons.yaml
      reader: metr
      benchmarks: [work_length, speedrun]
      options:
        suite: "1.1"
        p50_horizon_length: work_length
        p80_horizon_length: speedrun
        reporter: benchmark_authors
        source_url: https://example.org/work
"""
BOARD = """\
model_id,performance,benchmark,model_version,date,source
m1,0.5,Work,Alpha 1,2025-03-04,
m2,0.25,Work,Alfa 1,2025-03-04,
m2,0.3,Work,Alfa 1,2025-03-04,
m3,nan,Work,Beta 2,2026-01-20,
m4,0.5,Work,Zeta <b>9</b>,2026-01-20,
m5,0.5,Other,Beta 2,2026-01-20,
m6,,Work,Beta 2,2026-01-20,
m7,0.1,Other,Beta 2,2026-01-20,
"""


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A checkout with the small registry, one source of which names files."""
    shutil.copytree(SMALL, tmp_path / "data" / "registry")
    sources = tmp_path / "data" / "registry" / "sources.yaml"
    text = sources.read_text(encoding="utf-8").rstrip("\n") + "\n"
    sources.write_text(text + FILES, encoding="utf-8")
    monkeypatch.setenv(HOME_VARIABLE, str(tmp_path))
    monkeypatch.chdir(tmp_path)
    return tmp_path


def read(source: str, name: str, *words: str) -> Result:
    return CliRunner().invoke(app, ["read", source, name, *words])


def read_json(source: str, name: str) -> dict[str, Any]:
    result = read(source, name, "--json")
    assert result.exit_code == 0, result.stderr
    found: dict[str, Any] = json.loads(result.stdout)
    return found


def test_read_and_dropped_rows_are_the_rows_of_the_file(home: Path) -> None:
    (home / "work.csv").write_text(BOARD, encoding="utf-8")
    found = read_json("work_site", "work.csv")

    assert (found["source"], found["file"]) == ("work_site", "work.csv")
    assert found["format"] == "epoch_index"
    assert (found["rows"], found["read"], found["dropped"]) == (8, 5, 3)
    assert found["dropped_by_reason"] == {
        "its benchmark is not named in sources.yaml": 2,
        "has no score": 1,
    }
    assert [one["row"] for one in found["dropped_rows"]] == [7, 8, 9]
    assert found["benchmarks"][0]["benchmark_id"] == "work_length"
    assert found["benchmarks"][0]["n_rows"] == 5


def test_unknown_names_come_with_the_nearest_known_one(home: Path) -> None:
    (home / "work.csv").write_text(BOARD, encoding="utf-8")

    assert read_json("work_site", "work.csv")["unknown_names"] == [
        {"name": "Alfa 1", "rows": [3, 4], "nearest": "Alpha 1"}
    ]


def test_rows_that_a_run_would_reject_are_named_with_the_cell(home: Path) -> None:
    (home / "work.csv").write_text(BOARD, encoding="utf-8")
    rejected = read_json("work_site", "work.csv")["rejected_rows"]

    assert [one["row"] for one in rejected] == [5, 6]
    assert "score is 'nan'" in rejected[0]["reason"]
    assert "markup" in rejected[1]["reason"]


def test_people_read_the_same_in_words(home: Path) -> None:
    (home / "work.csv").write_text(BOARD, encoding="utf-8")
    said = read("work_site", "work.csv").stdout.splitlines()

    assert said[0] == "work.csv: format epoch_index, 8 rows"
    assert "     5 read" in said
    assert "     3 dropped" in said
    assert "       2 its benchmark is not named in sources.yaml" in said
    assert "         'Alfa 1' (rows 3, 4): nearest: 'Alpha 1'" in said
    assert any(line.startswith("         row 5: score is 'nan'") for line in said)


def test_the_format_is_found_from_the_content_whatever_the_name(home: Path) -> None:
    (home / "download").write_text(METR_1_1, encoding="utf-8")
    found = read_json("work_site", "download")

    assert (found["format"], found["read"]) == ("metr", 4)
    assert found["benchmarks"][0]["first_release"] == "2019-02-14"


def test_a_file_of_shipped_figures_is_a_format_too(home: Path) -> None:
    row = "Alpha 1,,2025-03-04,64,,,,,2025-04-01,leaderboard,https://example.org/,"
    (home / "speedrun.csv").write_text(
        f"{','.join(COLUMNS)}\n{row}\n", encoding="utf-8"
    )
    found = read_json("work_site", "speedrun.csv")

    assert (found["format"], found["read"]) == ("shipped_figures", 1)
    assert found["benchmarks"][0]["last_report"] == "2025-04-01"


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "work.csv is empty"),
        (b" \n", "work.csv"),
        (
            AIDER_RUNS.encode(),
            "looks like aider, and files of work_site are epoch_index",
        ),
        (b"\x00\x01\x02", "has no format known"),
        (BOARD.replace("Alpha", "Alph\xe4").encode("latin-1"), "work.csv:2: byte 0xe4"),
        (BOARD.replace("date,", "day,", 1).encode(), "work.csv:1: no column 'date'"),
        (BOARD.split("\n", maxsplit=1)[0].encode(), "none of its 0 rows gives a score"),
        (METR_1_1.replace("v1.1", "v9").encode(), "open a new series"),
        (b"a" * (MAX_BYTES + 1), "has more than 33,554,432 bytes"),
    ],
)
def test_a_file_that_cannot_be_trusted_is_refused(
    home: Path, content: bytes, said: str
) -> None:
    (home / "work.csv").write_bytes(content)
    result = read("work_site", "work.csv")

    assert result.exit_code == 4
    assert result.stdout == ""
    assert said in result.stderr


def test_a_source_or_file_that_is_not_there_is_a_slip_of_usage(home: Path) -> None:
    assert read("work_site", "work.csv").exit_code == 2
    assert read("work_site", str(home)).exit_code == 2
    (home / "work.csv").write_text(BOARD, encoding="utf-8")
    result = read("work_sight", "work.csv")

    assert result.exit_code == 2
    assert "did you mean 'work_site'?" in result.stderr
    assert CliRunner().invoke(app, ["read", "work_site"]).exit_code == 2


def test_a_file_of_another_source_is_told_whose_it_is(home: Path) -> None:
    (home / "download").write_text(METR_1_1, encoding="utf-8")
    result = read("quiz_site", "download")

    assert result.exit_code == 4
    assert result.stderr.endswith("Such files are of work_site\n")
