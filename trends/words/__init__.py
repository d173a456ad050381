"""Words and tables for people, made once: a terminal, a README and a report share them.

Pure functions of rows and frames; what is printed or written is their callers' affair.
"""

from trends.words.answer import answer_sentences, default_scenario
from trends.words.headline import (
    CAVEAT,
    DOMAIN_TITLES,
    SUPERSEDED,
    escape_markdown,
    headline_markdown,
    markdown_table,
    median_words,
    stands_apart,
)
from trends.words.notes import (
    alarm_lines,
    influence_lines,
    lines_about,
    refresh_lines,
    rejected_row,
)
from trends.words.numbers import percent, score_words
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
from trends.words.shortfall import HELD, shortfall

__all__ = [
    "CAVEAT",
    "DOMAIN_TITLES",
    "HELD",
    "OTHER_EVENTS",
    "SCENARIO_CAVEAT",
    "SUPERSEDED",
    "THREE",
    "alarm_lines",
    "answer_sentences",
    "belief_lines",
    "default_scenario",
    "dependence_words",
    "distinct",
    "escape_markdown",
    "headline_markdown",
    "implied_gap_words",
    "influence_lines",
    "lines_about",
    "markdown_table",
    "median_words",
    "our_words",
    "percent",
    "refresh_lines",
    "rejected_row",
    "score_words",
    "shortfall",
    "stands_apart",
    "statement_words",
]
