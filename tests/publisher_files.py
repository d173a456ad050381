"""Files as publishers write them, small, with invented models, and what reads them."""

import io
import json
import zipfile
from collections.abc import Mapping
from typing import Any

import polars as pl

from trends.registry import SourceFile
from trends.sources.readers import read_file
from trends.sources.reading import Reading


def entry(reader: str, benchmarks: list[str], **options: Any) -> SourceFile:
    """What sources.yaml says of a file."""
    return SourceFile.model_validate(
        {
            "id": "board",
            "address": "https://example.org/board",
            "reader": reader,
            "benchmarks": benchmarks,
            "options": options,
        }
    )


def read(content: bytes | str, file: SourceFile, name: str = "board.txt") -> Reading:
    """The reading of a file that its publisher has at the address."""
    encoded = content.encode() if isinstance(content, str) else content
    return read_file(encoded, "publisher", file, name=name)


def cells(reading: Reading, *columns: str) -> list[tuple[Any, ...]]:
    """The columns of the rows that give a score."""
    return reading.rows.select(pl.col(columns)).rows()


METR = entry(
    "metr",
    ["long_p50", "long_p80"],
    suite="1.1",
    p50_horizon_length="long_p50",
    p80_horizon_length="long_p80",
    harness="METR",
    reporter="benchmark_authors",
    source_url="https://example.org/horizons",
)

METR_1_1 = """\
benchmark_name: METR-Horizon-v1.1
doubling_time_in_days:
  from_2023_on:
    point_estimate: 128.744
long_tasks_version: 0123abc
results:
  tern_2_inspect:
    benchmark_name: METR-Horizon-v1.1
    metrics:
      average_score:
        estimate: 0.401502
      is_sota: true
      p50_horizon_length:
        ci_high: 22.384214
        ci_low: 5.489734
        estimate: 11.3950
      p80_horizon_length:
        ci_high: 4.573519
        ci_low: 0.57927
        estimate: 1.671757
    release_date: 2024-06-20
    scaffolds:
    - mtb/start_metr_task,metr_agents/react
  tern_1:
    benchmark_name: METR-Horizon-v1.0
    metrics:
      average_score:
        estimate: 0.1
      is_sota: true
      p50_horizon_length:
        ci_high: 0.2
        ci_low: 5.0e-05
        estimate: 0.1
      p80_horizon_length:
        ci_high: 0.02
        ci_low: 0.001
        estimate: 0.01
      usage:
        usd: 196.56511410714285
    release_date: 2019-02-14
    scaffolds:
    - null
swaa_version: 4567def
"""

AIDER = entry(
    "aider",
    ["polyglot"],
    reporter="benchmark_authors",
    source_url="https://example.org/aider",
)

AIDER_RUNS = """\
- dirname: 2025-02-25-20-23-07--tern
  test_cases: 225
  model: Tern 2 exp-02-05 (high)
  edit_format: whole
  commit_hash: 8e64502
  pass_rate_1: 20.4
  pass_rate_2: 35.0
  percent_cases_well_formed: 100.0
  command: aider --model tern/tern-2
  date: 2025-02-25
  versions: 0.75
  seconds_per_case: 34.8
  total_cost: 0.0000

- dirname: 2025-03-01-18-41-18--polyglot-gull
  test_cases: 225
  model: gull-4o-mini-2024-07-18
  edit_format: diff
  pass_rate_1: 0.9
  pass_rate_2: 3.6
  date: 2025-03-01
  versions: 0.75.2.dev
  total_cost: 0.3236
  editor_model: null
"""

SWE_BENCH = entry(
    "swe_bench",
    ["issues", "issues_mini_agent"],
    boards={"Verified": "issues", "bash-only": "issues_mini_agent"},
    reporter="leaderboard",
    source_url="https://example.org/swe",
)


def submission(**changes: Any) -> dict[str, Any]:
    """One entry of a board, as both generations of the file have it."""
    return {
        "name": "Nest + Tern 2",
        "folder": "20250928_nest_tern",
        "resolved": 70.60,
        "date": "2025-09-28",
        "site": "https://example.org/nest",
        "checked": True,
        "tags": ["Model: tern-2", "Org: Nest", "System: Attempts - 1"],
        "warning": None,
        "os_model": False,
        "cost": None,
    } | changes


def leaderboards(boards: Mapping[str, list[Any]]) -> str:
    """The file of the SWE-bench leaderboards."""
    return json.dumps(
        {
            "leaderboards": [
                {"name": name, "results": results} for name, results in boards.items()
            ]
        },
        indent=2,
    )


HUB = entry(
    "epoch_hub",
    ["issues_epoch", "office"],
    members={
        "issues.csv": {
            "benchmark": "issues_epoch",
            "score": {"column": "mean_score", "unit": "fraction"},
            "standard_error": {"column": "stderr", "unit": "fraction"},
            "reported_on": "Started at",
            "address": "Log viewer",
            "harness": "Hub agent",
            "reporter": "independent",
            "source_url": "https://example.org/hub",
        },
        "office_external.csv": {
            "benchmark": "office",
            "model": "Name",
            "score": {"column": "Average (%)", "unit": "published"},
            "reporter": "leaderboard",
            "source_url": "https://example.org/office",
        },
    },
)

ISSUES_CSV = """\
\ufeffModel version,mean_score,Release date,Organization,Notes,stderr,Log viewer,Started at
tern-2_high,0.5630000000000001,2025-06-05,Nest,"Two
lines",0.0192,https://example.org/log/1,2026-03-06T11:07:43.396Z
tern-2_high,0.25,2025-06-05,Nest,,0.02,https://example.org/log/0,2026-03-05T23:59:00.000Z
,0.4,2025-06-05,Nest,,,,2026-03-06T11:07:43.396Z
gull-1_unknown,,2025-06-05,Gull,,,,2026-03-06T11:07:43.396Z
gull-1_max,1,2025-07-01,Gull,,,,2026-03-07T00:00:00.000Z
"""

OFFICE_CSV = """\
Model version,Name,Average (%),Release date,Organization
tern-2_high,Tern 2 (High),41.9,2025-06-05,Nest
gull-1_max,Gull 1,5e-2,2025-07-01,Gull
"""


def archive(members: Mapping[str, str | bytes]) -> bytes:
    """A zip archive."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as made:
        for name, content in members.items():
            made.writestr(name, content)
    return packed.getvalue()


HUB_MEMBERS: Mapping[str, str] = {
    "README.md": "## Licensing\n",
    "issues.csv": ISSUES_CSV,
    "secret_test.csv": 'not even CSV: \x00 "\n',
    "office_external.csv": OFFICE_CSV,
}

INDEX = entry(
    "epoch_index",
    ["quiz", "office"],
    source_url="https://example.org/index",
    series={
        "Quiz": {"benchmark": "quiz", "reporter": "independent", "harness": "Hub"},
        "Office work": {
            "benchmark": "office",
            "reporter": "developer",
            "source_url": "https://example.org/office",
        },
    },
)

INDEX_CSV = """\
model_id,benchmark_id,performance,benchmark,optimized,model_version,date,source
m1,b1,0.605,Quiz,False,tern-2,2025-06-05,Hub evaluations
m1,b2,0.7599999999999999,Office work,True,tern-2,2025-06-05,
m2,b3,0.1,Secret test,False,gull-1,2025-07-01,
m2,b1,0.1,Quiz,False,,2025-07-01,
m3,b1,,Quiz,False,owl-1,2025-07-01,
"""
