"""What a row says in words beside its dates."""

from datetime import date

from trends.crossings.answers import Answer
from trends.registry.series import Series
from trends.registry.weights import DateInterval
from trends.words import BEYOND_SUITE, number_of, with_never


def median_words(
    answer: Answer, series: Series, bar_value: float, *, as_of: date
) -> str:
    """The median of a bar in words, and where no score can show it."""
    label = answer.median_label(as_of)
    if answer.distribution is not None and is_beyond_suite(series, bar_value):
        return f"{label} ({BEYOND_SUITE})"
    return label


def when_in_words(
    answer: Answer, series: Series, bar_value: float, *, as_of: date
) -> str:
    """When a bar is crossed, if ever, and how likely never is."""
    label = median_words(answer.if_ever, series, bar_value, as_of=as_of)
    law = answer.distribution
    return label if law is None else with_never(label, law.p_never)


def is_beyond_suite(series: Series, bar_value: float) -> bool:
    """Whether no score on its suite can show that a bar is reached."""
    measurable = series.benchmark.measurable_range
    return measurable is not None and measurable.is_above(bar_value)


def past_words(past: DateInterval) -> str:
    """How 80% intervals of the date did in the backtest, and where they fell short."""
    families = number_of(past.n_families, "family", "families")
    whose = f"in {families}" if past.family is None else "of its own"
    of = f"{past.n_crossed} dates that came {whose}"
    if past.at_most is None:
        return f"no bar was watched as far as into its 80% intervals ({of})"
    if past.coverage is None:
        short = ", short of what they say" if past.at_most < past.nominal else ""
        return (
            f"its 80% intervals held at most {past.at_most:.0%} of past dates{short}: no bar "
            f"was watched to the end of one ({of})"
        )
    short = ", short of what they say" if past.coverage < past.nominal else ""
    return f"its 80% intervals held {past.coverage:.0%} of past dates{short} ({of})"
