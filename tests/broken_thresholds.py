"""Rules that a threshold breaks: one example each, with what is then said.

A case is a file, what stands there, what to write instead, and the problems in order.
"""

QUIZ = "thresholds/quiz.yaml"
WORK = "thresholds/work.yaml"
RUN = "thresholds/run.yaml"
SCENARIOS = "scenarios.yaml"

BROKEN: dict[str, tuple[str, str, str, list[str]]] = {
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
