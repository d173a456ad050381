"""Mutated files of publishers by the thousand: no traceback, no hang, no row lost.

    pytest tests/test_fuzz_readers.py --fuzz 2000

reads 2,000 mutated files a reader; without the option 60. A case that fails is made
small by hypothesis, which prints it.
"""

import csv
import importlib
import io
import json
import shutil
import sqlite3
import zipfile
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings

from tests import board_files, light_gate, publisher_files
from tests.mutated_boards import mutated
from tests.small_world import small_world
from tests.watched import watched
from trends.characters import name_unseen
from trends.pipeline import IngestResult, ingest, refresh
from trends.published_scores import UnusableRowError, parse
from trends.registry import SourceFile
from trends.sources import SourceError
from trends.sources.readers import READERS, formats_of
from trends.sources.reading import Reading, ReadRequest
from trends.tables import RAW_SCORES


def _asked(file: SourceFile) -> ReadRequest:
    return ReadRequest("publisher", file, "board")


SEEDS: dict[str, tuple[bytes, ReadRequest]] = (
    {
        "metr": (publisher_files.METR_1_1.encode(), _asked(publisher_files.METR)),
        "aider": (publisher_files.AIDER_RUNS.encode(), _asked(publisher_files.AIDER)),
        "swe_bench": (
            publisher_files.leaderboards(
                {
                    "Verified": [
                        publisher_files.submission(),
                        publisher_files.submission(site=None, checked="soon", tags=[]),
                    ],
                    "bash-only": [
                        publisher_files.submission(name="mini", date="2025-1")
                    ],
                    "Lite": [publisher_files.submission()],
                }
            ).encode(),
            _asked(publisher_files.SWE_BENCH),
        ),
        "epoch_hub": (
            publisher_files.archive(publisher_files.HUB_MEMBERS),
            _asked(publisher_files.HUB),
        ),
        "epoch_index": (
            publisher_files.INDEX_CSV.encode(),
            _asked(publisher_files.INDEX),
        ),
    }
    | {
        kind: (content, board_files.request(kind))
        for kind, content in board_files.FILES.items()
    }
    | {
        "mle_bench_older": (
            board_files.MLE_BENCH_OLDER.encode(),
            board_files.request("mle_bench"),
        ),
    }
)
"""A sound file of each reader, and what its reader is asked."""

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
ORIGIN = {"source_id", "benchmark_id", "source_file", "source_row"}


UNCOUNTED = {"mle_bench", "modded_nanogpt", "metr", "aider", "epoch_hub"}
"""Of a damaged file in Markdown, YAML or zip, part may be something else."""


def test_every_reader_is_tried() -> None:
    assert {request.file.reader for _, request in SEEDS.values()} == set(READERS)


@pytest.mark.parametrize("kind", SEEDS)
def test_a_sound_file_is_counted_as_its_reader_does(kind: str) -> None:
    content, request = SEEDS[kind]
    reading = READERS[request.file.reader].read(content, request)
    assert _count(reading) == COUNTS[request.file.reader](content, request)


@pytest.mark.parametrize("kind", SEEDS)
def test_a_mutated_file_is_read_to_the_last_row_or_refused_in_words(
    kind: str, pytestconfig: pytest.Config
) -> None:
    sound, request = SEEDS[kind]

    @settings(
        max_examples=pytestconfig.getoption("--fuzz"),
        deadline=None,  # CPU time is watched instead: this machine is shared
        derandomize=True,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(content=mutated(sound))
    def survives(content: bytes) -> None:
        with watched():
            formats_of(content)
            try:
                reading = READERS[request.file.reader].read(content, request)
            except SourceError as error:
                _assert_readable(str(error))
                return
        _assert_consistent(reading, request)
        counted = _try_to_count(content, request)
        assert counted in {None, _count(reading)}

    survives()


def _assert_readable(message: str) -> None:
    assert message.startswith("board") or "sources.yaml" in message, message
    assert len(message) < 3000, message
    assert name_unseen(message) is None, ascii(message)


def _assert_consistent(reading: Reading, request: ReadRequest) -> None:
    """Each row stands once, is of a benchmark of the file, and can be weighed."""
    rows = reading.rows
    assert dict(rows.schema) == dict(RAW_SCORES.schema)
    assert rows.height > 0
    places = rows.select("source_file", "source_row").rows()
    assert len(places) == len(set(places))
    assert min(row for _, row in places) > 0
    assert set(rows["benchmark_id"]) <= set(request.file.benchmarks)
    for one in reading.dropped:
        _assert_shown(one.reason)
        _assert_shown(one.cells)
    for row in rows.to_dicts():
        try:
            parse({name: cell for name, cell in row.items() if name not in ORIGIN})
        except UnusableRowError as error:
            _assert_shown(error.reason)


def _assert_shown(text: str) -> None:
    assert text
    assert name_unseen(text) is None, ascii(text)


def _count(reading: Reading) -> int:
    return reading.rows.height + len(reading.dropped)


# A whole ingest

LIVE = """\
  files:
    - id: board
      address: https://example.org/board.csv
      reader: table
      benchmarks: [coding_quiz]
      options:
        reporter: leaderboard
        source_url: https://example.org/x
        harness: h
        columns: {model_name_published: model, developer: lab, release_date: released,
          reported_on: reported, score: score}
"""


def test_a_mutated_file_of_one_publisher_leaves_all_others_as_they_were(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, pytestconfig: pytest.Config
) -> None:
    """Its own shipped figures stay as well, whatever becomes of the file."""
    gate = importlib.import_module("trends.validation.gate")
    monkeypatch.setattr(gate, "evaluate", light_gate.evaluate)
    world = small_world(tmp_path)
    sources = world.registry / "sources.yaml"
    sources.write_text(sources.read_text().replace("work_site:", f"{LIVE}work_site:"))
    copy = tmp_path / "copies" / "quiz_site" / "board.csv"
    copy.parent.mkdir(parents=True)
    with (world.observations / "coding_quiz.csv").open() as file:
        lines = [
            f"{row['model_name_published']},{row['developer']},{row['release_date']},"
            f"{row['reported_on']},{row['score']}\n"
            for row in csv.DictReader(file)
        ]
    sound = "".join(["model,lab,released,reported,score\n", *lines]).encode()
    before = _scores(ingest(world))

    @settings(
        max_examples=max(4, pytestconfig.getoption("--fuzz") // 15),
        deadline=None,
        derandomize=True,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(content=mutated(sound))
    def survives(content: bytes) -> None:
        shutil.rmtree(world.snapshots, ignore_errors=True)
        copy.write_bytes(content)
        with watched(60):
            refresh(world, now=NOON, copies=str(tmp_path / "copies"))
            result = ingest(world)
        assert result.stopped == {}
        after = _scores(result)
        assert after["speedrun"] == before["speedrun"]
        assert after["work_length"] == before["work_length"]
        assert after["coding_quiz"] >= before["coding_quiz"]  # revised ones stay

    survives()


def _scores(result: IngestResult) -> dict[str, Counter[tuple[object, ...]]]:
    table = pl.read_parquet(result.path / "observations.parquet")
    return {
        benchmark_id: Counter(rows.select("model_id", "score", "release_date").rows())
        for (benchmark_id,), rows in table.partition_by(
            "benchmark_id", as_dict=True
        ).items()
    }


# Rows of a file, counted here without the readers


def _try_to_count(content: bytes, request: ReadRequest) -> int | None:
    """None where a file is read that cannot be counted so simply."""
    if request.file.reader in UNCOUNTED:
        return None
    try:
        return COUNTS[request.file.reader](content, request)
    except (ValueError, LookupError, TypeError, AttributeError, csv.Error):
        return None


def _csv_rows(content: bytes, request: ReadRequest) -> int:
    text = io.StringIO(content.decode("utf-8-sig"), newline="")
    delimiter = request.file.options.get("delimiter", ",")
    return sum(1 for cells in csv.reader(text, delimiter=delimiter) if cells) - 1


def _json(content: bytes) -> Any:
    return json.loads(content.decode("utf-8-sig"), parse_int=str, parse_float=str)


def _table_rows(content: bytes, request: ReadRequest) -> int:
    if "rows" in request.file.options:
        return len(_json(content)["data"]["rows"])
    return _csv_rows(content, request)


def _domains(content: bytes, _: ReadRequest) -> int:
    value = _json(content)
    return sum(
        len(one["results"]) for one in (value if isinstance(value, list) else [value])
    )


def _submissions(content: bytes, _: ReadRequest) -> int:
    return sum(len(board["results"]) for board in _json(content)["leaderboards"])


def _listed_runs(content: bytes, _: ReadRequest) -> int:
    return content.decode().count("- dirname:")


def _horizons(content: bytes, _: ReadRequest) -> int:
    return content.decode().count("_horizon_length:")


def _rows_of_members(content: bytes, request: ReadRequest) -> int:
    """Of members that are carried; each other member is one."""
    members = request.file.options["members"]
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return sum(
            _csv_rows(archive.read(name), request) if name in members else 1
            for name in archive.namelist()
        )


def _hub_rows(content: bytes, _: ReadRequest) -> int:
    return len(_json(content)["rows"])


def _results(content: bytes, _: ReadRequest) -> int:
    value = _json(content)
    records = value if isinstance(value, list) else [value]
    return sum(len(record["evaluation_results"]) for record in records)


def _runs(content: bytes, _: ReadRequest) -> int:
    database = sqlite3.connect(":memory:")
    try:
        database.deserialize(content)
        [(n,)] = database.execute("SELECT count(*) FROM parsed_results NOT INDEXED")
    except sqlite3.Error as error:
        raise ValueError from error
    finally:
        database.close()
    return int(n)


def _lines_with_pipes(content: bytes, _: ReadRequest) -> int:
    """Rows of tables: lines with pipes but for the two that begin each table."""
    lines = content.decode("utf-8-sig").split("\n")
    n_tables = sum("-" in line and set(line.strip()) <= set("|-: ") for line in lines)
    return sum("|" in line for line in lines) - 2 * n_tables


COUNTS: dict[str, Callable[[bytes, ReadRequest], int]] = {
    "metr": _horizons,
    "aider": _listed_runs,
    "swe_bench": _submissions,
    "epoch_hub": _rows_of_members,
    "epoch_index": _csv_rows,
    "mle_bench": _lines_with_pipes,
    "modded_nanogpt": _lines_with_pipes,
    "posttrainbench": _csv_rows,
    "table": _table_rows,
    "tau2_bench": _domains,
    "terminal_bench": _hub_rows,
    "every_eval_ever": _results,
    "hal": _runs,
}
