"""Words and tables for people, made once: a terminal, a README and a report share them.

Pure functions of rows and frames; what is printed or written is their callers' affair.
"""

from trends.words.answer import (
    NOT_IN_RUN,
    answer_sentences,
    brief_statement,
    cited_statements,
    default_scenario,
)
from trends.words.brief import (
    BEYOND_SUITE,
    if_ever_line,
    indented_names,
    later_view,
    legend,
    marks,
    short_if_ever,
    short_interval,
    short_median,
    short_name,
    without_test,
)
from trends.words.contest import contest_lines, contest_words
from trends.words.headline import (
    CAVEAT,
    escape_markdown,
    headline_markdown,
    markdown_table,
    stands_apart,
)
from trends.words.headline_rows import headline_rows
from trends.words.labels import (
    DRAFT_MARK,
    HELD,
    WITHHELD,
    as_draft,
    falls_short,
    shown_percent,
    with_labels,
)
from trends.words.notes import (
    alarm_lines,
    influence_lines,
    lines_about,
    refresh_lines,
    rejected_row,
)
from trends.words.numbers import number_of, percent, score_words
from trends.words.odds import probability_by
from trends.words.pace import (
    MEAN_PACE,
    against_mean,
    pace_line,
    pace_now,
    pace_sentence,
    pace_words,
    times_mean,
)
from trends.words.review import (
    Move,
    approved_sentence,
    moves_markdown,
    moves_sentence,
    rejected_sentence,
)
from trends.words.run_line import answer_line, moved_line
from trends.words.scenarios import (
    OTHER_EVENTS,
    SCENARIO_CAVEAT,
    THREE,
    belief_lines,
    dependence_words,
    distinct,
    implied_gap_words,
    our_words,
    statement_words,
)
from trends.words.standing import CUT_ON, no_record_line, stood_sentence
from trends.words.verdicts import KINDS, backtest_verdict, record_verdict
from trends.words.views import (
    DOMAIN_TITLES,
    VIEW,
    counted,
    in_order,
    ordered_headlines,
    other_views,
)

__all__ = [
    "BEYOND_SUITE",
    "CAVEAT",
    "CUT_ON",
    "DOMAIN_TITLES",
    "DRAFT_MARK",
    "HELD",
    "KINDS",
    "MEAN_PACE",
    "NOT_IN_RUN",
    "OTHER_EVENTS",
    "SCENARIO_CAVEAT",
    "THREE",
    "VIEW",
    "WITHHELD",
    "Move",
    "against_mean",
    "alarm_lines",
    "answer_line",
    "answer_sentences",
    "approved_sentence",
    "as_draft",
    "backtest_verdict",
    "belief_lines",
    "brief_statement",
    "cited_statements",
    "contest_lines",
    "contest_words",
    "counted",
    "default_scenario",
    "dependence_words",
    "distinct",
    "escape_markdown",
    "falls_short",
    "headline_markdown",
    "headline_rows",
    "if_ever_line",
    "implied_gap_words",
    "in_order",
    "indented_names",
    "influence_lines",
    "later_view",
    "legend",
    "lines_about",
    "markdown_table",
    "marks",
    "moved_line",
    "moves_markdown",
    "moves_sentence",
    "no_record_line",
    "number_of",
    "ordered_headlines",
    "other_views",
    "our_words",
    "pace_line",
    "pace_now",
    "pace_sentence",
    "pace_words",
    "percent",
    "probability_by",
    "record_verdict",
    "refresh_lines",
    "rejected_row",
    "rejected_sentence",
    "score_words",
    "short_if_ever",
    "short_interval",
    "short_median",
    "short_name",
    "shown_percent",
    "stands_apart",
    "statement_words",
    "stood_sentence",
    "times_mean",
    "with_labels",
    "without_test",
]
