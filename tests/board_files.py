"""Small files as publishers write them, by hand, with models that do not exist."""

import json
import sqlite3
from typing import Any, Final

from trends.registry import SourceFile
from trends.sources.reading import ReadRequest

ORIGIN: Final = {"reporter": "leaderboard", "source_url": "https://example.org/board"}

MLE_BENCH_OLDER: Final = """\
# A benchmark

## Leaderboard

| Agent | LLM(s) used | Low == Lite (%) | All (%) | Running Time (hours) | Date | \
Known Leakage[^1] | Source Code Available |
|-------|-------------|-----|-----|-----|-----|-----|-----|
| [Tinker](https://example.org/a_(b)) | Ensemble (Otter-2, Heron-1) | 90.9 ± 0.00 | \
77.78 ± 0.44 | 24 | 2026-02-03 | [✓](https://example.org/1) | X |
|[Plumber](https://example.org)<br>(Ponds Ltd)|Otter-2[^4]|80.30 ± 1.52[^3]|\
61.33 ±  0.77[^3]|24|2026-01-05| - |✓|
| [CANAL](https://example.org) [LOCK+](https://example.org/x.pdf) | heron-1 | 1.5 | \
3.33 ± 0.38 | 12 | 2024-10-08 | - | ✓ |

[^1]: Some are leaked.
"""

MLE_BENCH: Final = """\
| Agent | LLM(s) used | All (%) | Running Time (hours) | Date | Source Code Available |
|:------|-------------|-----|:---:|-----|-----|
| [Plumber](https://example.org)<BR/>(Ponds Ltd) | Otter-2 | 61.33 ± 0.77 | 24 | \
2026-01-05 | ✓ |
| Digger | **Heron-1** | 35.5 | 12 | 2024-10-08 | ✓ |
| Digger | Heron-1 | 35.5 | 12 |
| Digger | Heron-0 | | 12 | 2024-10-08 | ✓ |

### Additional Leaderboard Submissions

| Agent | LLM(s) used | All (%) | Running Time (hours) | Date | Notes |
|-------|-------------|-----|-----|-----|-----|
| Tinker | Otter-2 | 77.78 ± 0.44 | 24 | 2026-02-03 | [Peeked](https://example.org) |
"""

MODDED_NANOGPT: Final = """\
## World record history

| # | Record time | Description | Date | Log | Contributors |
| - | - | - | - | - | - |
1 | 1.5 hours | [baseline](https://example.org/1) | 05/28/24 | [log](a/main.log) | @ann
2 | 45 minutes | Faster | 06/06/24 | none | @ann, @bob
2 | 46.5 minutes | 2nd record with new timing | 02/01/25 | - | not a new record
3 | 1 minute | a \\| b | 12/31/25 | - | @bob
4 | soon | Faster | 01/01/26 | - | @bob

## Speedrun track 2

| # | Record time | Description | Date | Log | Contributors |
| - | - | - | - | - | - |
1 | 5.8 hours | baseline | 10/16/24 | - | @ann
"""

POSTTRAINBENCH: Final = """\
agent,avg,std,n
Otter-2 (Max),0.41655705,0.0082,3
"Heron-1, low",0.07,0.02,2
Heron-1,ERR,ERR,0
Newt-0,0.5,ERR,3
Newt-1,0.25,0.01,1
"""

TAU2_BENCH: Final = """\
{
  "model_name": "Otter 2",
  "model_organization": "Ponds",
  "submission_date": "2026-02-26",
  "submission_type": "standard",
  "results": {
    "retail": {"pass_1": 81.58, "pass_2": 70.1, "pass_4": 60.25, "cost": null},
    "airline": {"pass_1": 63.8},
    "telecom": null
  },
  "reasoning_effort": "high",
  "methodology": {"tau2_bench_version": "1.0.1", "user_simulator": "Heron-1",
    "verification": {"modified_prompts": false, "omitted_questions": false}},
  "model_release": {"release_date": "2026-01-31", "announcement_url": null}
}
"""

TERMINAL_BENCH: Final = """\
{"leaderboard": {"package": "boards/terminal", "name": "2-0", "columns": []},
 "rows": [
  {"id": "a", "rank": 1, "status": "display",
   "metadata": {"agent_display": {"label": "Digger", "url": "https://example.org"},
     "agent_org": "Ponds", "model_display": {"label": "Otter 2", "url": null},
     "model_org": "Lake", "reasoning_effort": "max", "date": "2026-02-26"},
   "metrics": {"accuracy": 74.6, "accuracy_stderr": 1.25,
     "accuracy_ci95_half_width": 2.5}},
  {"id": "b", "rank": 2, "status": "display",
   "metadata": {"agent_display": "Digger", "model_display": "Heron 1"},
   "metrics": {"accuracy": 3e1, "accuracy_ci95_half_width": null}},
  {"id": "c", "rank": null, "status": "hide",
   "metadata": {"agent_display": "Digger", "model_display": "Newt"},
   "metrics": {"accuracy": 99.9}},
  {"id": "d", "rank": 3, "status": "display", "metadata": {}, "metrics": {}}],
 "pagination": {"total": 4, "page": 1, "page_size": 50, "total_pages": 1}}
"""

EVERY_EVAL_EVER: Final = """\
{
  "schema_version": "0.2.1",
  "evaluation_id": "quiz/lake/otter-2/1764290503",
  "evaluation_timestamp": "2025-11-28T00:41:43Z",
  "retrieved_timestamp": "1764290503",
  "source_metadata": {"source_type": "documentation",
    "source_organization_name": "Ponds", "evaluator_relationship": "third_party"},
  "eval_library": {"name": "unknown", "version": "unknown"},
  "model_info": {"name": "Otter 2", "id": "lake/otter-2", "developer": "Lake",
    "additional_details": {"agent_name": "Digger"}},
  "evaluation_results": [
    {"evaluation_name": "Quiz",
     "source_data": {"dataset_name": "quiz", "source_type": "url",
       "url": ["https://example.org/quiz"]},
     "metric_config": {"lower_is_better": false, "score_type": "continuous",
       "min_score": 0.0, "max_score": 1.0},
     "score_details": {"score": 0.07, "uncertainty": {
       "standard_error": {"value": 0.0125},
       "confidence_interval": {"lower": 0.05, "upper": 0.09,
         "confidence_level": 0.95}}}},
    {"evaluation_name": "Quiz in Frisian",
     "metric_config": {"lower_is_better": false},
     "score_details": {"score": 0.5}},
    {"evaluation_name": "Exam",
     "metric_config": {"lower_is_better": true, "max_score": 100},
     "score_details": {"score": 41}}
  ]
}
"""

BOARD_CSV: Final = """\
\ufeffSystem;Model;Track;Resolved;Released;Effort
Digger;Otter 2;main;"41,2 ± 0,5";31/01/2026;high
Digger;Otter 2;main;41.2 ± 0.5;31/01/2026;high
Digger;Heron 1;main;7%;01/02/2026;
Digger;Heron 1;side;9;01/02/2026;
Digger;Newt;main;N/A;01/02/2026;
"""

BOARD_JSON: Final = """\
{"updated": "2026-03-01", "data": {"rows": [
  {"name": "Otter 2", "test": "Quiz", "metrics": {"acc.mean": 0.412, "se": 0.005},
   "when": "2026-01-31T10:00:00Z", "open": true},
  {"name": "Heron 1", "test": "Exam", "metrics": {"acc.mean": 7e-2, "se": null},
   "when": "2026-02-01", "open": false},
  {"name": "Newt", "test": "Oral", "metrics": {"acc.mean": 0.5, "se": null},
   "when": null, "open": true},
  {"name": "Newt", "test": "Quiz", "metrics": {"acc.mean": null, "se": null},
   "when": null, "open": true}]}}
"""


def hal() -> bytes:
    """A SQLite file with two runs of one agent, and one of a benchmark not carried."""
    runs = [
        ("Digger (Otter 2)", "2025-08-19", "r1", "['a', 'b']", "['c']", 2 / 3, "exam"),
        ("Digger (Otter 2)", "2025-09-11", "r2", "['a']", "['b', 'c']", 1 / 3, "exam"),
        ("Digger (Heron 1)", "2025-09-12", "r3", None, "no list", 0.0, "exam"),
        ("Digger (Newt)", "2025-09-12", "r4", "[]", "[]", None, "exam"),
        ("Digger (Newt)", "2025-09-12", "r5", "[]", "[]", 0.5, "oral"),
    ]
    with sqlite3.connect(":memory:") as database:
        database.execute(
            "CREATE TABLE parsed_results (benchmark_name TEXT, agent_name TEXT, "
            "date TEXT, run_id TEXT, successful_tasks TEXT, failed_tasks TEXT, "
            "accuracy REAL, model_name TEXT)"
        )
        database.executemany(
            "INSERT INTO parsed_results VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            [
                (test, agent, day, run, solved, failed, accuracy, agent[8:-1])
                for agent, day, run, solved, failed, accuracy, test in runs
            ],
        )
    content = database.serialize()
    database.close()
    return content


OPTIONS: Final[dict[str, dict[str, Any]]] = {
    "mle_bench": {},
    "modded_nanogpt": {
        "harness": "8 GPUs",
        "starts": {"exam": "2024-05-28", "quiz": "2025-02-01"},
    },
    "posttrainbench": {"harnesses": {"Lake CLI": ["Otter-2 (Max)"]}},
    "hal": {"benchmarks": {"exam": {"benchmark": "exam"}}},
    "tau2_bench": {
        "domains": {
            "retail": {
                "benchmark": "quiz",
                "model": "{model_name}[ ({reasoning_effort})]",
                "harness": "[{submission_type} ]user {user_simulator}[ {nothing}]",
            },
            "telecom": {"benchmark": "exam"},
        }
    },
    "terminal_bench": {"boards": {"boards/terminal/2-0": "quiz"}},
    "every_eval_ever": {
        "evaluations": {
            "Quiz": {"benchmark": "quiz", "fractions": True},
            "Exam": {"benchmark": "exam"},
        }
    },
    "table_csv": {
        "delimiter": ";",
        "columns": {
            "model_name_published": "{Model}[ ({Effort})]",
            "harness": "System",
            "score": "Resolved",
            "release_date": "Released",
        },
        "constants": {"developer": "Lake"},
        "where": {"Track": ["main"]},
        "plus_minus": True,
        "dates": "%d/%m/%Y",
    },
    "table_json": {
        "rows": "data.rows",
        "columns": {
            "model_name_published": "name",
            "score": "metrics.acc.mean",
            "standard_error": "metrics.se",
            "reported_on": "when",
        },
        "benchmark": {"column": "test", "names": {"Quiz": "quiz", "Exam": "exam"}},
        "factor": 100,
    },
}
"""Options that fit the files here; all rows have the cells of ``ORIGIN``."""

FILES: Final[dict[str, bytes]] = {
    "mle_bench": MLE_BENCH.encode(),
    "modded_nanogpt": MODDED_NANOGPT.encode(),
    "posttrainbench": POSTTRAINBENCH.encode(),
    "hal": hal(),
    "tau2_bench": TAU2_BENCH.encode(),
    "terminal_bench": TERMINAL_BENCH.encode(),
    "every_eval_ever": EVERY_EVAL_EVER.encode(),
    "table_csv": BOARD_CSV.encode(),
    "table_json": BOARD_JSON.encode(),
}


OF_ONE: Final = {"mle_bench", "posttrainbench", "table_csv"}
"""Files that feed one benchmark."""


def request(kind: str, **options: object) -> ReadRequest:
    """What a reader is asked of the file of that kind; options may be changed."""
    file = SourceFile.model_validate(
        {
            "id": "board",
            "address": "https://example.org/board",
            "reader": kind.partition("_csv")[0].partition("_json")[0],
            "benchmarks": ["quiz"] if kind in OF_ONE else ["quiz", "exam"],
            "options": ORIGIN | OPTIONS[kind] | options,
        }
    )
    return ReadRequest("publisher", file, "board")


def changed(content: bytes, *path: str | int, to: object) -> bytes:
    """A JSON file with another value at a path."""
    value = holder = json.loads(content)
    for step in path[:-1]:
        holder = holder[step]
    holder[path[-1]] = to
    return json.dumps(value).encode()
