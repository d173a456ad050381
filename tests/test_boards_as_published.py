"""Files of leaderboards as their publishers put them out agree with shipped figures."""

import csv
from collections import Counter

import pytest

from tests.conftest import CHECKOUT
from trends.registry import load_registry
from trends.sources.readers import read_unnamed
from trends.sources.reading import Reading

PUBLISHED = CHECKOUT.parent / "shared" / "published"
pytestmark = pytest.mark.skipif(
    not PUBLISHED.is_dir(), reason="the publishers' files are not beside the checkout"
)


def read(source_id: str, pattern: str) -> Reading:
    [path] = PUBLISHED.glob(pattern)
    source = load_registry(CHECKOUT / "data" / "registry").sources[source_id]
    return read_unnamed(path.read_bytes(), source_id, source, name=path.name)[1]


def shipped(benchmark_id: str) -> list[dict[str, str]]:
    path = CHECKOUT / "data" / "observations" / f"{benchmark_id}.csv"
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def live(reading: Reading, benchmark_id: str) -> list[dict[str, str]]:
    rows = reading.rows.filter(benchmark_id=benchmark_id).to_dicts()
    return [{name: cell or "" for name, cell in row.items()} for row in rows]


def figures(rows: list[dict[str, str]]) -> Counter[tuple[object, ...]]:
    return Counter(
        (
            row["model_name_published"],
            row["harness"],
            row["reported_on"],
            row["reporter"],
            row["source_url"],
            float(row["score"]),
            float(row["standard_error"] or -1),
        )
        for row in rows
    )


def test_mle_bench_of_may_is_what_is_shipped() -> None:
    reading = read("mle_bench", "mle_bench/*507f92e1*.md")
    assert figures(live(reading, "mle_bench")) == figures(shipped("mle_bench"))
    assert [row.row for row in reading.dropped] == [36, 37]  # they saw the test set


def test_mle_bench_of_february_is_what_is_shipped_of_then() -> None:
    """Four entries were added later: one of them was submitted in January."""
    reading = read("mle_bench", "mle_bench/*783b15af*.md")
    of_then, today = figures(live(reading, "mle_bench")), figures(shipped("mle_bench"))
    assert not of_then - today
    assert sorted(str(figure[1]) for figure in today - of_then) == [
        "AIBuildAI",
        "CAIR MARS",
        "CAIR MARS+",
        "Famou-Agent 2.0",
    ]
    assert [row.row for row in reading.dropped] == [5, 6]  # leaked test labels


def test_every_record_of_modded_nanogpt_is_what_is_shipped() -> None:
    reading = read("modded_nanogpt", "modded_nanogpt/*.md")
    for series in ("nanogpt_speedrun_first_rules", "nanogpt_speedrun"):
        assert figures(live(reading, series)) == figures(shipped(series))
    assert reading.rows.height == 91
    assert reading.dropped == ()


def test_posttrainbench_is_what_is_shipped_to_the_digits_that_are_printed() -> None:
    """Shipped are the figures of the web page: percent with two digits.

    Their standard errors come from deviations with two digits, so that they differ by
    up to 0.005 percentage points over the root of the number of runs.
    """
    reading = read("posttrainbench", "posttrainbench/*.csv")
    published = live(reading, "posttrainbench_1_2")
    expected = {
        row["model_name_published"]: row for row in shipped("posttrainbench_1_2")
    }
    assert {row["model_name_published"] for row in published} == set(expected)
    for row in published:
        figure = expected[row["model_name_published"]]
        assert row["harness"] == figure["harness"]
        assert float(row["score"]) == pytest.approx(float(figure["score"]), abs=0.00501)
        assert float(row["standard_error"]) == pytest.approx(
            float(figure["standard_error"]), abs=0.0036
        )
    assert reading.dropped == ()


def test_each_run_of_hal_is_what_is_shipped_to_the_digits_that_are_printed() -> None:
    """Shipped are 9 figures more: of the paper, of the site before runs had dates, and
    of Claude Code, which HAL's authors announced elsewhere."""
    reading = read("hal", "hal/*.db")
    expected = {
        (row["model_name_published"], row["harness"], row["reported_on"]): row["score"]
        for row in shipped("core_bench_hard")
    }
    published = live(reading, "core_bench_hard")
    assert len(published) == 47
    for row in published:
        key = (row["model_name_published"], row["harness"], row["reported_on"])
        assert float(row["score"]) == pytest.approx(
            float(expected.pop(key)), abs=0.00501
        )
    assert Counter(harness for _, harness, _ in expected) == {
        "CORE-Agent": 6,
        "Claude Code": 3,
    }
    assert reading.dropped == ()
