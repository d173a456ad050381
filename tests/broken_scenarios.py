"""Rules that a scenario, a statement or a claim breaks: one example each.

A case is a file, what stands there, what to write instead, and the problems in order.
"""

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


BROKEN: dict[str, tuple[str, str, str, list[str]]] = {
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
}
