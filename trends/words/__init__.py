"""Words and tables for people, made once: a terminal, a README and a report share them.

Pure functions of rows and frames; what is printed or written is their callers' affair.
"""

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
from trends.words.shortfall import HELD, shortfall

__all__ = [
    "CAVEAT",
    "DOMAIN_TITLES",
    "HELD",
    "SUPERSEDED",
    "alarm_lines",
    "escape_markdown",
    "headline_markdown",
    "influence_lines",
    "lines_about",
    "markdown_table",
    "median_words",
    "percent",
    "refresh_lines",
    "rejected_row",
    "score_words",
    "shortfall",
    "stands_apart",
]
