"""Numbers as people read them."""

import pytest

from trends.words import percent


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
