"""Rules that an entry of a central file breaks: one example each, with what is said.

A case is a file, what stands there, what to write instead, and the problems in order.
"""

QUIZ = "thresholds/quiz.yaml"

BROKEN: dict[str, tuple[str, str, str, list[str]]] = {
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
}
