"""Rules between registry files: one broken example each, with what is then said.

Each case changes one thing in ``small_registry``, which has no problems.
"""

import re
import shutil
from pathlib import Path

import pytest

from trends.registry import check, load_registry

SMALL = Path(__file__).parent / "small_registry"
QUIZ = "thresholds/quiz.yaml"
WORK = "thresholds/work.yaml"
RUN = "thresholds/run.yaml"
SCENARIOS = "scenarios.yaml"
REFERENCES = "reference_forecasts.yaml"
CLAIMS = "essay_claims.yaml"

RESOLUTION = """\
  compared_with: both
state_of_it:
  forecaster: Somebody
  date_made: "2026-10-01"
  event: Automated R&D
  operationalisation: All of it.
  kind: resolution
  source: https://example.org/
  retrieved_as: primary
  state: met
  not_compared_because: a state
  resolves: somebody"""

SECOND_DEFAULT = """\
  default_because: There is no other.
other:
  title: Other
  statement: It is a test.
  every_headline_bar: true
  no_gap_because: It is a test.
  default_because: There is another.
"""

Case = tuple[str, str, str, list[str]]
"""File, what stands there, what to write instead, and the problems in order."""

BROKEN: dict[str, Case] = {
    "the id of a threshold is its file's name": (
        QUIZ,
        "id: quiz\n",
        "id: quizz\n",
        [
            f"{QUIZ}:2:5: id: the id is the file's name: write quiz, or rename the file (got 'quizz')"
        ],
    ),
    "a threshold names a benchmark": (
        QUIZ,
        "benchmark: coding_quiz",
        "benchmark: coding_quizz",
        [
            (
                f"{QUIZ}:7:21: series.benchmark: unknown benchmark (got 'coding_quizz'); "
                "did you mean 'coding_quiz'?"
            )
        ],
    ),
    "a calibration benchmark has no threshold": (
        "benchmarks.yaml",
        "title: Coding quiz\n",
        "title: Coding quiz\n  role: calibration\n",
        [
            (
                f"{QUIZ}:7:21: series.benchmark: is carried for calibration and has no "
                "threshold: give it role: forecast in benchmarks.yaml, or take another "
                "benchmark (got 'coding_quiz')"
            )
        ],
    ),
    "reporters are among the benchmark's": (
        QUIZ,
        "benchmark: coding_quiz",
        "benchmark: coding_quiz, reporters: [developer, independent]",
        [
            (
                f"{QUIZ}:7:57: series.reporters[1]: coding_quiz has no scores from this "
                "reporter (got 'independent')"
            )
        ],
    ),
    "only what has an end can be passed": (
        QUIZ,
        "benchmark: coding_quiz",
        "benchmark: coding_quiz, out_of_range: censored",
        [
            (
                f"{QUIZ}:7:48: series.out_of_range: coding_quiz has no "
                "measurable_range.high to be beyond (got 'censored')"
            )
        ],
    ),
    "a period was measured before it was read": (
        "benchmarks.yaml",
        "  title: Speedrun\n",
        "  title: Speedrun\n  measured_by: period\n  measured_through: 2026-07-31\n",
        [
            (
                "benchmarks.yaml:49:21: speedrun.measured_through: should not be after "
                "observed_through, 2026-07-17 (got 2026-07-31)"
            )
        ],
    ),
    "trends are among the benchmark's": (
        QUIZ,
        "trends: [drift, logistic]",
        "trends: [drift, exponential]",
        [
            (
                f"{QUIZ}:13:17: trends[1]: coding_quiz is fitted by drift, logistic only "
                "(got 'exponential')"
            )
        ],
    ),
    "a projection ends after the figures": (
        QUIZ,
        "projection_end: 2050-12-31",
        "projection_end: 2026-10-31",
        [
            (
                f"{QUIZ}:15:17: projection_end: should be after 2026-10-31, the last day "
                "on which coding_quiz is observed (got 2026-10-31)"
            )
        ],
    ),
    "bars rise": (
        QUIZ,
        "value: 0.8",
        "value: 0.5",
        [
            (
                f"{QUIZ}:12:23: bars[1].value: bars go from easy to hard, so this one "
                "should be higher than 0.5 of bar 'half' (got 0.5)"
            )
        ],
    ),
    "bars fall where lower is better": (
        RUN,
        "value: 1, label: One minute",
        "value: 2.5, label: One",
        [
            (
                f"{RUN}:12:22: bars[1].value: bars go from easy to hard, so this one "
                "should be lower than 2 of bar 'two' (got 2.5)"
            )
        ],
    ),
    "a bar of 80 is a percentage": (
        QUIZ,
        "value: 0.8",
        "value: 80",
        [
            (
                f"{QUIZ}:12:23: bars[1].value: looks like a percentage, write 0.80 "
                "(got 80)"
            )
        ],
    ),
    "a bar of 101 is no percentage": (
        QUIZ,
        "value: 0.8",
        "value: 101",
        [
            f"{QUIZ}:12:23: bars[1].value: a fraction is at most 1: write 0.80 for 80% (got 101)"
        ],
    ),
    "a bar stands above guessing": (
        QUIZ,
        "value: 0.5",
        "value: 0.25",
        [
            (
                f"{QUIZ}:11:23: bars[0].value: should be above the floor 0.25, the score "
                "of guessing (got 0.25)"
            )
        ],
    ),
    "an unbounded bar is positive": (
        WORK,
        "value: 480",
        "value: 0",
        [f"{WORK}:11:22: bars[0].value: should be above 0 minutes (got 0)"],
    ),
    "an alias names a model": (
        "model_aliases.yaml",
        "model: alpha_1",
        "model: alpha1",
        [
            (
                'model_aliases.yaml:1:26: "Alpha 1.0 (max)".model: unknown model '
                "(got 'alpha1'); did you mean 'alpha_1'?"
            )
        ],
    ),
    "components are models": (
        "models.yaml",
        "components: [alpha_1, beta_2]",
        "components: [alpha_1, beta_3]",
        [
            (
                "models.yaml:4:64: alpha_and_beta.components[1]: unknown model "
                "(got 'beta_3'); did you mean 'beta_2'?"
            )
        ],
    ),
    "two models have two names": (
        "models.yaml",
        "name: Beta 2,",
        "name: Alpha 1,",
        [
            (
                "models.yaml:2:16: beta_2.name: model 'alpha_1' already has this name "
                "(got 'Alpha 1')"
            )
        ],
    ),
    "a correction names a benchmark": (
        "corrections.yaml",
        "benchmark: coding_quiz",
        "benchmark: coding_qiz",
        [
            (
                "corrections.yaml:2:14: [0].benchmark: unknown benchmark "
                "(got 'coding_qiz'); did you mean 'coding_quiz'?"
            )
        ],
    ),
    "a correction names columns": (
        "corrections.yaml",
        "expect: {release_date:",
        "expect: {realease_date:",
        [
            (
                "corrections.yaml:4:12: [0].expect.realease_date: unknown column "
                "(got 'realease_date'); did you mean 'release_date'?"
            )
        ],
    ),
    "two corrections have two ids": (
        "corrections.yaml",
        "- id: alpha_date\n",
        (
            "- {id: alpha_date, benchmark: speedrun, match: {}, expect: {}, set: {note: n},"
            " reason: r, source: s}\n- id: alpha_date\n"
        ),
        [
            (
                "corrections.yaml:2:7: [1].id: another correction has this id "
                "(got 'alpha_date')"
            )
        ],
    ),
    "a benchmark is superseded by one that exists": (
        "benchmarks.yaml",
        "family_id: speedrun",
        "family_id: speedrun\n  superseded_by: work_lenght",
        [
            (
                "benchmarks.yaml:56:18: speedrun.superseded_by: unknown benchmark "
                "(got 'work_lenght'); did you mean 'work_length'?"
            )
        ],
    ),
    "a superseded benchmark says by which": (
        "benchmarks.yaml",
        (
            "family_id: speedrun\n  observed_through: 2026-07-17\n"
            "  observed_through_basis: last record\n  harness_rule: single\n"
            "  reporters: [benchmark_authors]\n  trends: [drift, exponential]\n"
            "  status: active"
        ),
        (
            "family_id: speedrun\n  observed_through: 2026-07-17\n"
            "  observed_through_basis: last record\n  harness_rule: single\n"
            "  reporters: [benchmark_authors]\n  trends: [drift, exponential]\n"
            "  status: superseded"
        ),
        [
            (
                "benchmarks.yaml:61:11: speedrun.status: a superseded benchmark names the "
                "one that took its place: add superseded_by"
            )
        ],
    ),
    "who was superseded is not active": (
        "benchmarks.yaml",
        "family_id: speedrun",
        "family_id: speedrun\n  superseded_by: work_length",
        [
            (
                "benchmarks.yaml:62:11: speedrun.status: superseded_by goes with status: "
                "superseded, without which it says nothing (got 'active')"
            )
        ],
    ),
    "nothing supersedes itself": (
        "benchmarks.yaml",
        "  status: active\n  source: work_site\n  publisher_url: https://example.org/run",
        (
            "  status: superseded\n  superseded_by: speedrun\n  source: work_site\n"
            "  publisher_url: https://example.org/run"
        ),
        [
            (
                "benchmarks.yaml:62:18: speedrun.superseded_by: nothing takes its own "
                "place: speedrun -> speedrun"
            )
        ],
    ),
    "the one that took the place says so too": (
        "benchmarks.yaml",
        "  status: active\n  source: work_site\n  publisher_url: https://example.org/run",
        (
            "  status: superseded\n  superseded_by: work_length\n  source: work_site\n"
            "  publisher_url: https://example.org/run"
        ),
        [
            (
                "benchmarks.yaml:62:18: speedrun.superseded_by: work_length does not say "
                "so: add speedrun to its supersedes"
            )
        ],
    ),
    "a closed benchmark says since when": (
        "benchmarks.yaml",
        "  status: active\n  source: work_site\n  publisher_url: https://example.org/run",
        "  status: closed\n  source: work_site\n  publisher_url: https://example.org/run",
        [
            (
                "benchmarks.yaml:61:11: speedrun.status: a closed benchmark names the "
                "last day on which a score was added: add closed_on and closed_because"
            )
        ],
    ),
    "nobody adds scores for a reason": (
        "benchmarks.yaml",
        "family_id: speedrun",
        "family_id: speedrun\n  closed_on: 2026-06-01",
        [
            (
                "benchmarks.yaml:56:14: speedrun.closed_on: closed_on and closed_because "
                "go together: since when nobody adds scores, and how that is known"
            )
        ],
    ),
    "nothing supersedes what does not know it": (
        "benchmarks.yaml",
        "family_id: speedrun",
        "family_id: speedrun\n  supersedes: [work_length, work_lenght]",
        [
            (
                "benchmarks.yaml:56:16: speedrun.supersedes[0]: work_length does not say "
                "so: write status: superseded and superseded_by: speedrun there"
            ),
            (
                "benchmarks.yaml:56:29: speedrun.supersedes[1]: unknown benchmark (got "
                "'work_lenght'); did you mean 'work_length'?"
            ),
        ],
    ),
    "a view names a benchmark that exists": (
        "benchmarks.yaml",
        "family_id: speedrun",
        "family_id: speedrun\n  view_of: work_lenght",
        [
            (
                "benchmarks.yaml:56:12: speedrun.view_of: unknown benchmark (got "
                "'work_lenght'); did you mean 'work_length'?"
            )
        ],
    ),
    "no benchmark is a view of itself": (
        "benchmarks.yaml",
        "family_id: speedrun",
        "family_id: speedrun\n  view_of: speedrun",
        [
            (
                "benchmarks.yaml:56:12: speedrun.view_of: a benchmark is no view of "
                "itself: delete it"
            )
        ],
    ),
    "views of one test have what belongs to its items": (
        "benchmarks.yaml",
        "family_id: speedrun",
        (
            "family_id: speedrun\n  view_of: work_length\n  measured_by: period\n"
            "  measured_through: 2026-01-31"
        ),
        [
            (
                f"benchmarks.yaml:56:12: speedrun.view_of: work_length has another "
                f"{name}, and it is that of the items"
            )
            for name in ("direction", "domain", "family_id", "measured_by")
        ],
    ),
    "files of a source have ids of their own, and benchmarks of that source": (
        "sources.yaml",
        "  url: https://example.org/quiz\n",
        (
            "  url: https://example.org/quiz\n"
            "  files:\n"
            "    - id: board\n"
            "      address: https://example.org/board.csv\n"
            "      reader: table\n"
            "      benchmarks: [coding_quiz, speedrun, coding_quiz]\n"
            "    - id: board\n"
            "      address: https://example.org/old.csv\n"
            "      reader: table\n"
            "      benchmarks: [coding_quiz]\n"
            "      hosts: [files.example.org]\n"
            "      options: {harness: board 1.0}\n"
        ),
        [
            (
                "sources.yaml:12:33: quiz_site.files[0].benchmarks[1]: quiz_site has no "
                "such benchmark (got 'speedrun')"
            ),
            (
                "sources.yaml:12:43: quiz_site.files[0].benchmarks[2]: this benchmark "
                "stands here twice (got 'coding_quiz')"
            ),
            (
                "sources.yaml:13:11: quiz_site.files[1].id: another file of this source "
                "has this id (got 'board')"
            ),
        ],
    ),
    "a source lists benchmarks that exist": (
        "sources.yaml",
        "[work_length, speedrun]",
        "[work_length, speedrun, speed_run]",
        [
            (
                "sources.yaml:11:39: work_site.benchmarks[2]: unknown benchmark "
                "(got 'speed_run'); did you mean 'speedrun'?"
            )
        ],
    ),
    "a benchmark names a source, which lists it": (
        "benchmarks.yaml",
        "source: quiz_site",
        "source: quiz_sight",
        [
            (
                "benchmarks.yaml:20:11: coding_quiz.source: unknown source "
                "(got 'quiz_sight'); did you mean 'quiz_site'?"
            ),
        ],
    ),
    "a benchmark belongs to the source that lists it": (
        "benchmarks.yaml",
        "source: quiz_site",
        "source: work_site",
        [
            (
                "benchmarks.yaml:20:11: coding_quiz.source: source 'work_site' must list "
                "this benchmark once, not 0 times, in sources.yaml"
            ),
            (
                "sources.yaml:4:16: quiz_site.benchmarks[0]: coding_quiz belongs to source "
                "'work_site' in benchmarks.yaml; list it there or change its source "
                "(got 'quiz_site')"
            ),
        ],
    ),
    "a source lists each of its benchmarks": (
        "sources.yaml",
        "[work_length, speedrun]",
        "[work_length]",
        [
            (
                "benchmarks.yaml:62:11: speedrun.source: source 'work_site' must list this "
                "benchmark once, not 0 times, in sources.yaml"
            )
        ],
    ),
    "a source lists a benchmark once": (
        "sources.yaml",
        "[work_length, speedrun]",
        "[speedrun, work_length, speedrun]",
        [
            (
                "benchmarks.yaml:62:11: speedrun.source: source 'work_site' must list this "
                "benchmark once, not 2 times, in sources.yaml"
            )
        ],
    ),
    "a gate names a threshold": (
        SCENARIOS,
        "threshold: quiz,",
        "threshold: quizz,",
        [
            (
                f"{SCENARIOS}:6:27: both.dimensions.coding.gates[0].threshold: unknown "
                "threshold (got 'quizz'); did you mean 'quiz'?"
            )
        ],
    ),
    "a scenario is the default": (
        SCENARIOS,
        "  default_because: There is no other.\n",
        "",
        [
            (
                f"{SCENARIOS}:1:1: scenarios: one needs default_because, and is shown "
                "where none is named"
            )
        ],
    ),
    "one scenario is the default": (
        SCENARIOS,
        "  default_because: There is no other.\n",
        SECOND_DEFAULT,
        [
            (
                f"{SCENARIOS}:16:20: other.default_because: both is the default already; "
                "one scenario has default_because"
            )
        ],
    ),
    "only a statement that names a day is cited": (
        REFERENCES,
        "  kind: probability_by_date\n",
        "  kind: bet\n  brief: {who: Somebody, what: automated R&D}\n",
        [
            (
                f"{REFERENCES}:7:3: somebody.brief: brief goes with reads_as and one of these "
                "kinds: probability_by_date, median_date, company_goal_date"
            )
        ],
    ),
    "a gate names a bar of its threshold": (
        SCENARIOS,
        "bar: most",
        "bar: mots",
        [
            (
                f"{SCENARIOS}:6:38: both.dimensions.coding.gates[0].bar: unknown bar of "
                "quiz (got 'mots'); did you mean 'most'?"
            )
        ],
    ),
    "a gate names a trend of its threshold": (
        SCENARIOS,
        "trend: exponential",
        "trend: logistic",
        [
            (
                f"{SCENARIOS}:8:50: both.dimensions.long_horizon_agent.gates[0].trend: "
                "unknown trend of work (got 'logistic')"
            )
        ],
    ),
    "a gate is about its dimension": (
        SCENARIOS,
        "    coding:",
        "    paper_replication:",
        [
            (
                f"{SCENARIOS}:6:27: both.dimensions.paper_replication.gates[0].threshold: "
                "quiz is about coding, not paper_replication"
            )
        ],
    ),
    "a retired threshold is no gate": (
        QUIZ,
        "status: active",
        "status: retired",
        [
            (
                f"{SCENARIOS}:6:27: both.dimensions.coding.gates[0].threshold: is retired, "
                "so no run has its dates (got 'quiz')"
            )
        ],
    ),
    "a reference forecast is compared with a scenario": (
        REFERENCES,
        "compared_with: both",
        "compared_with: bothh",
        [
            (
                f"{REFERENCES}:10:18: somebody.compared_with: unknown scenario "
                "(got 'bothh'); did you mean 'both'?"
            )
        ],
    ),
    "a belief has two probabilities": (
        REFERENCES,
        "  compared_with: both",
        "  belief: mine\n  compared_with: both",
        [
            (
                f"{REFERENCES}:10:11: somebody.belief: a curve through a belief needs two "
                "probabilities, not 1"
            )
        ],
    ),
    "a resolution is of a statement": (
        REFERENCES,
        "  compared_with: both",
        RESOLUTION.replace("resolves: somebody", "resolves: somebodyy"),
        [
            (
                f"{REFERENCES}:21:13: state_of_it.resolves: unknown statement "
                "(got 'somebodyy'); did you mean 'somebody'?"
            )
        ],
    ),
    "a resolution is not of a resolution": (
        REFERENCES,
        "  compared_with: both",
        RESOLUTION.replace("resolves: somebody", "resolves: state_of_it"),
        [
            (
                f"{REFERENCES}:21:13: state_of_it.resolves: is itself the state of a "
                "statement: name the statement (got 'state_of_it')"
            )
        ],
    ),
    "a resolution is not older than its statement": (
        REFERENCES,
        "  compared_with: both",
        RESOLUTION.replace("2026-10-01", "2026-03"),
        [
            (
                f"{REFERENCES}:13:14: state_of_it.date_made: is of 2026-03, before "
                "somebody was said on 2026-04-02"
            )
        ],
    ),
    "one place says how a statement came out": (
        REFERENCES,
        "  compared_with: both",
        RESOLUTION.replace(
            "  compared_with: both",
            "  compared_with: both\n  outcome: {happened: true, note: Seen.}",
        ),
        [
            (
                f"{REFERENCES}:22:13: state_of_it.resolves: somebody has an outcome of "
                "its own: one place says how a statement came out"
            )
        ],
    ),
    "a primary figure is of a benchmark": (
        CLAIMS,
        "benchmark: coding_quiz",
        "benchmark: coding_quizz",
        [
            (
                f"{CLAIMS}:8:24: quiz_score.primary.benchmark: unknown benchmark "
                "(got 'coding_quizz'); did you mean 'coding_quiz'?"
            )
        ],
    ),
    "a primary figure is of a model": (
        CLAIMS,
        "model: alpha_1",
        "model: alpha_2",
        [
            (
                f"{CLAIMS}:8:44: quiz_score.primary.model: unknown model "
                "(got 'alpha_2'); did you mean 'alpha_1'?"
            )
        ],
    ),
    "a bar above the best ceiling warns": (
        QUIZ,
        "value: 0.8",
        "value: 0.975",
        [
            (
                f"{QUIZ}:12:23: bars[1].value: warning: is not below the best ceiling "
                "judged, 0.97 (got 0.975) [bar_above_ceiling]"
            )
        ],
    ),
    "a benchmark was public before its figures end": (
        "benchmarks.yaml",
        "first_public_on: 2024-01-10",
        "first_public_on: 2026-07-18",
        [
            (
                "benchmarks.yaml:53:20: speedrun.first_public_on: is after 2026-07-17, the "
                "last day on which speedrun is observed (got 2026-07-18)"
            )
        ],
    ),
    "items are no younger than their benchmark": (
        "benchmarks.yaml",
        "first_public_on: 2024-01-10",
        "first_public_on: 2024-01-10\n  items_public_on: 2024-01-11",
        [
            (
                "benchmarks.yaml:54:20: speedrun.items_public_on: should not be after "
                "first_public_on, 2024-01-10 (got 2024-01-11)"
            )
        ],
    ),
    "a benchmark without its first day warns": (
        "benchmarks.yaml",
        "  first_public_on: 2024-01-10\n",
        "",
        [
            (
                "benchmarks.yaml:46:1: speedrun: warning: name first_public_on and "
                "first_public_source, the day on which it became public and where that "
                "is stated: without them no report is too early "
                "[first_day_unknown]"
            )
        ],
    ),
    "no day is before the first language model": (
        "benchmarks.yaml",
        "first_public_on: 2024-01-10",
        "first_public_on: 1970-01-01",
        [
            (
                "benchmarks.yaml:53:20: speedrun.first_public_on: should be greater than "
                "or equal to 2016-01-01 (got '1970-01-01')"
            )
        ],
    ),
    "an interval of release has a first day before its last": (
        "models.yaml",
        "release_date: 2025-03-04}",
        "earliest: 2025-03-31, latest: 2025-03-01}",
        [
            (
                "models.yaml:1:74: alpha_1.latest: should not be before earliest, "
                "2025-03-31 (got 2025-03-01)"
            )
        ],
    ),
    "an interval of release is a year at most": (
        "models.yaml",
        "release_date: 2025-03-04}",
        "earliest: 2025-03-01, latest: 2026-03-31}",
        [
            (
                "models.yaml:1:74: alpha_1.latest: is 395 days after earliest, more than "
                "366: that dates nothing (got 2026-03-31)"
            )
        ],
    ),
    "a release lies in its interval": (
        "models.yaml",
        "release_date: 2025-03-04}",
        "release_date: 2024-03-04, earliest: 2025-03-01, latest: 2025-03-31}",
        [
            (
                "models.yaml:1:58: alpha_1.release_date: should lie between earliest and "
                "latest (got 2024-03-04)"
            )
        ],
    ),
    "a bar above the measurable range warns": (
        WORK,
        "value: 480",
        "value: 2400",
        [
            (
                f"{WORK}:11:22: bars[0].value: warning: is above 960 minutes, the most the "
                "suite measures: cannot be observed on this suite (got 2400) "
                "[bar_above_measurable]"
            )
        ],
    ),
}


def edited(tmp_path: Path, name: str, old: str, new: str) -> Path:
    """The small registry with one change."""
    folder = Path(shutil.copytree(SMALL, tmp_path / "data" / "registry"))
    text = (folder / name).read_text(encoding="utf-8")
    assert text.count(old) == 1, f"{old!r} stands {text.count(old)} times in {name}"
    (folder / name).write_text(text.replace(old, new), encoding="utf-8")
    return folder


@pytest.mark.parametrize("rule", BROKEN)
def test_a_broken_rule_is_named_at_its_place(tmp_path: Path, rule: str) -> None:
    name, old, new, expected = BROKEN[rule]
    folder = edited(tmp_path, name, old, new)
    assert [str(one) for one in check(folder)] == [
        f"data/registry/{line}" for line in expected
    ]


def test_a_registry_with_warnings_loads(tmp_path: Path) -> None:
    folder = edited(tmp_path, WORK, "value: 480", "value: 2400")
    assert [problem.level for problem in check(folder)] == ["warning"]
    assert load_registry(folder).thresholds["work"].bars[0].value == 2400


def test_two_benchmarks_may_not_supersede_each_other(tmp_path: Path) -> None:
    """Each is named, and the way round; one that leads into the circle is not."""
    folder = Path(shutil.copytree(SMALL, tmp_path / "data" / "registry"))
    path = folder / "benchmarks.yaml"
    ids = {
        "coding_quiz": "speedrun",
        "speedrun": "work_length",
        "work_length": "speedrun",
    }
    entries = [
        entry.replace(
            "status: active", f"status: superseded\n  superseded_by: {ids[name]}"
        )
        for entry in re.split(r"(?m)^(?=\w)", path.read_text(encoding="utf-8"))
        if (name := entry.split(":")[0]) in ids
    ]
    path.write_text("".join(entries), encoding="utf-8")
    said = [problem.message for problem in check(folder)]
    assert said == [
        "speedrun does not say so: add coding_quiz to its supersedes",
        "nothing takes its own place: work_length -> speedrun -> work_length",
        "nothing takes its own place: speedrun -> work_length -> speedrun",
    ]


def test_two_harnesses_may_not_share_a_series_id(tmp_path: Path) -> None:
    rule = "{benchmark: coding_quiz}"
    folder = edited(tmp_path, QUIZ, rule, "{benchmark: coding_quiz, harness: A-B}")
    text = (folder / QUIZ).read_text(encoding="utf-8")
    twin = text.replace("id: quiz\n", "id: quiz_twin\n").replace("A-B", "a b")
    (folder / "thresholds" / "quiz_twin.yaml").write_text(twin, encoding="utf-8")
    assert [str(one) for one in check(folder)] == [
        (
            "data/registry/thresholds/quiz_twin.yaml:7:43: series.harness: shares series "
            "id 'coding_quiz__a_b' with harness 'A-B' (got 'a b')"
        )
    ]
