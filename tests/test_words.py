"""Numbers as people read them."""

import pytest

from trends.words import number_of, percent, score_words


@pytest.mark.parametrize(
    ("probability", "words"),
    [
        (0.344, "34%"),
        (0.0, "0%"),
        (1e-9, "<1%"),
        (0.0049, "<1%"),
        (0.006, "1%"),
        (0.994, "99%"),
        (0.996, ">99%"),
        (1.0, "100%"),
        (None, ""),
    ],
)
def test_only_what_is_certain_reads_as_nothing_or_all(
    probability: float | None, words: str
) -> None:
    assert percent(probability) == words


@pytest.mark.parametrize(
    ("score", "unit", "words"),
    [
        (0.7963, "fraction", "79.6%"),
        (1.0, "fraction", "100.0%"),
        (137.52, "minutes", "137.5 minutes"),
        (0.052_34, "minutes", "0.05234 minutes"),
        (10_937.4, "usd", "10937 USD"),
        (449.5, "x_speedup", "449.5x"),
        (1.61, "x_2025_mean", "1.61 times the mean of 2025"),
        (3.1, "ratio", "3.1"),
    ],
)
def test_a_score_has_its_unit_and_no_power_of_ten(
    score: float, unit: str, words: str
) -> None:
    assert score_words(score, unit) == words


def test_one_of_a_thing_is_no_plural() -> None:
    assert [number_of(n, "record") for n in (0, 1, 2)] == [
        "0 records",
        "1 record",
        "2 records",
    ]
    assert number_of(1, "family", "families") == "1 family"
    assert number_of(3, "family", "families") == "3 families"
