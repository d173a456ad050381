"""The answer as one small table: a row a headline, complete without any other file."""

from typing import Final

from trends.tables.columns import (
    Table,
    count,
    date_or_null,
    probability,
    text,
    text_or_null,
)
from trends.tables.shared import AS_OF, BAR, RUN_ID, THRESHOLD

HEADLINE_YEARS: Final = (2027, 2028, 2030)
"""Years by whose end ``headline`` states a probability."""

HEADLINE: Final = Table(
    "headline",
    "When each headline bar is crossed, as the table of the README has it: the file to "
    "open first.",
    ("rank",),
    (
        AS_OF,
        text(
            "section",
            "Heading of the table under which the row stands: part of AI R&D, or "
            "Superseded series.",
        ),
        text("bar", "Benchmark and bar in words."),
        text(
            "median",
            "Median date of the crossing in words, with all that a reader must know of "
            "it: contested, not seen, DRAFT, or the reason why there is none.",
        ),
        text(
            "interval80",
            "80% interval in words; held n% where such intervals held fewer past dates.",
        ),
        probability(
            "p_by_now",
            "Probability of a crossing by as_of; empty, as all that follow, where "
            "nothing is estimated or the headline is withheld.",
        ),
        *(
            probability(f"p_by_end_{year}", f"Probability by {year}-12-31.")
            for year in HEADLINE_YEARS
        ),
        probability("p_never", "Probability that it is never crossed."),
        date_or_null(
            "median_date",
            "Median as a date; empty where median has words instead. Averaging it "
            "leaves out the late and the never.",
        ),
        text_or_null(
            "note", "Standing record, end of the figures, and whose choice the bar is."
        ),
        count("rank", "Place in the table; rows are ordered by it."),
        THRESHOLD,
        BAR,
        RUN_ID,
        text_or_null(
            "view_of",
            "Benchmark whose row this one stands below, as another view of the same "
            "test; empty in rows that lead or stand alone.",
        ),
        text_or_null(
            "if_ever",
            "Median in words given that the bar is ever crossed; p_never says how likely it "
            "is not. With all that median says beside a date; empty in older runs only.",
        ),
        date_or_null(
            "median_if_ever",
            "The same as a date; empty where it has words instead.",
        ),
    ),
)
