"""A later copy of a board: what is confirmed, revised, new and gone; when it stops.

The three states of APEX-Agents are written here as they were published in May and in
September 2026 and after the judging was changed, a few rows each; whole copies are
compared where they lie beside the checkout.
"""

import csv
from datetime import date
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from tests.raw_rows import benchmark, raw, registry
from trends.frontier import known_as_of
from trends.observations import build_observations
from trends.registry import Alias, Model, Registry, load_registry
from trends.revisions import standing
from trends.sources.shipped_figures import read
from trends.tables import RAW_SCORES
from trends.vintages import Merged, RescoredError, merge

CHECKOUT = Path(__file__).parent.parent
SHARED = CHECKOUT.parent / "shared"
DAY = date(2025, 9, 2)

Row = dict[str, str | None]


def row(model: str, score: str, **cells: str | None) -> Row:
    plain: Row = dict.fromkeys(
        ("standard_error", "ci_low", "ci_high", "release_date", "reported_on")
    )
    return {"model_name_published": model, "score": score} | plain | cells


def known(names: int = 60, *, harness_rule: str = "any") -> Registry:
    """A registry in which "M 7" and "m-7-high" are model 7, the latter at high effort."""
    base = registry(coding_test=benchmark(harness_rule=harness_rule))
    models = {
        f"m_{i}": Model(name=f"M {i}", release_date=date(2025, 1, 2))
        for i in range(names)
    }
    spellings = {
        f"m-{i}-high": Alias(model=f"m_{i}", setting="high") for i in range(names)
    }
    return Registry(
        benchmarks=base.benchmarks,
        models=base.models | models,
        aliases=base.aliases
        | spellings
        | {f"m-{i}": Alias(model=f"m_{i}") for i in range(names)},
        corrections=[],
        sources=base.sources,
        thresholds={},
    )


def merged(earlier: list[Row], later: list[Row], **rule: str) -> Merged:
    return merge(raw(*earlier), raw(*later), known(**rule), retrieved_on=DAY)  # type: ignore[arg-type]


def scores(frame: pl.DataFrame) -> list[str]:
    return frame["score"].to_list()


def board(*cells: float | str) -> list[Row]:
    return [row(f"M {i}", str(cell)) for i, cell in enumerate(cells)]


def test_the_same_scores_are_confirmed_and_nothing_is_added() -> None:
    found = merged(board(41, 52.5), board(41, 52.5))

    assert found.rows.equals(raw(*board(41, 52.5)))
    assert found.revisions.is_empty()
    assert found.added.is_empty()
    assert found.missing.is_empty()


def test_a_changed_score_is_a_revision_with_the_day_of_its_copy() -> None:
    found = merged(board(41, 52.5), board(44, 52.5))

    assert scores(found.rows) == ["41", "52.5", "44"]
    assert found.revisions["retrieved_on"].to_list() == ["2025-09-02"]
    assert [(one.model, one.before, one.after) for one in found.moved] == [
        ("M 0", "41", "44")
    ]
    built = build_observations(found.rows, known()).observations
    assert sorted(standing(built)["score"]) == [0.44, 0.525]


def test_a_new_row_is_added_and_a_missing_one_is_kept_and_told() -> None:
    found = merged(board(41, 52.5), [row("M 1", "52.5"), row("M 2", "60")])

    assert scores(found.rows) == ["41", "52.5", "60"]
    assert found.added["retrieved_on"].to_list() == ["2025-09-02"]
    assert found.missing["model_name_published"].to_list() == ["M 0"]


def test_a_renamed_model_is_matched_by_its_id_and_setting() -> None:
    found = merged([row("m-3-high", "41")], [row("m-3-high", "41"), row("M 3", "38")])

    assert scores(found.added) == ["38"]
    assert merged([row("m-3", "41")], [row("M 3", "41")]).added.is_empty()


def test_a_setting_that_one_copy_leaves_out_is_that_of_the_other() -> None:
    [revision] = merged(
        [row("m-3-high", "41")], [row("M 3", "43")]
    ).revisions.to_dicts()

    assert (revision["model_name_published"], revision["score"]) == ("m-3-high", "43")


def test_with_two_settings_the_one_that_is_left_out_is_not_guessed() -> None:
    two = [row("m-3-high", "41"), row("M 3", "39", harness="other")]

    found = merged([*two, row("M 3", "30")], [row("M 3", "43", harness=None)])

    assert scores(found.added) == ["43"]
    assert found.missing.height == 3


@pytest.mark.parametrize(("rule", "n_added"), [("single", 0), ("any", 1)])
def test_a_harness_of_another_name_is_another_only_where_there_are_several(
    rule: str, n_added: int
) -> None:
    later = [row("M 1", "52.5", harness="agent, version 1.1")]

    found = merged([row("M 1", "52.5")], later, harness_rule=rule)

    assert found.added.height == n_added


@pytest.mark.parametrize(
    ("before", "after", "moves"),
    [
        ("56.3", "56.30", False),
        ("56.3", "56.34", False),
        ("56.3", "56.25", False),
        ("56.3", "56.300000000000004", False),
        ("56.34", "56.3", False),
        ("56.3", "56.36", True),
        ("56.3", "56.4", True),
        ("56", "57", True),
    ],
)
def test_a_score_printed_with_more_decimals_is_the_same(
    before: str, after: str, *, moves: bool
) -> None:
    assert bool(merged(board(before), board(after)).moved) is moves


def test_a_copy_that_drops_a_zero_at_the_end_still_means_one_decimal() -> None:
    """20 beside 41.5 and 52.5 is 20.0: 20.4 is another score."""
    found = merged(board("20", "41.5", "52.5"), board("20.4", "41.5", "52.5"))

    assert [one.before for one in found.moved] == ["20"]


@pytest.mark.parametrize(
    ("carried", "changes", "stops"),
    [
        (10, [1, 1], False),  # two are revisions, whatever their share
        (2, [1, 1], False),
        (10, [1, -1, 1], True),  # three of ten
        (30, [1, -1, 1], True),  # a tenth
        (31, [1, -1, 1], False),  # less, both ways
        (31, [1, 2, 3], True),  # less, all one way
        (31, [-1, -2, -3], True),
        (50, [1, -2, 3, -4], False),
        (0, [], False),
    ],
)
def test_the_board_was_rescored(
    carried: int, changes: list[float], *, stops: bool
) -> None:
    before = [30 + i / 2 for i in range(carried)]
    changed = zip(before, changes, strict=False)
    after = [score + change for score, change in changed]
    later = board(*after, *before[len(after) :])
    if not stops:
        assert merged(board(*before), later).revisions.height == len(changes)
        return

    with pytest.raises(RescoredError) as caught:
        merged(board(*before), later)

    words = str(caught.value)
    assert "the board was rescored: open a new series" in words
    assert f"{len(changes)} of {carried} scores in both copies moved" in words
    assert "M 1 | - | 30.5 | " in words
    one_way = len({change > 0 for change in changes}) == 1
    assert ("moved, all " in words) is one_way
    assert len(caught.value.moved) == len(changes)
    assert "\n" not in words


def test_rows_that_only_one_copy_has_are_no_evidence_of_new_scoring() -> None:
    later = [row(f"M {i}", str(80 + i)) for i in range(20, 40)]

    assert merged(board(*range(30, 50)), later).added.height == 20


def test_each_board_of_a_source_is_counted_for_itself() -> None:
    base = known()
    boards = {"coding_test": benchmark(), "other_test": benchmark()}
    both = Registry(
        benchmarks=boards,
        models=base.models,
        aliases=base.aliases,
        corrections=[],
        sources=base.sources,
        thresholds={},
    )
    still = board(*range(30, 60))
    earlier = pl.concat([raw(*still), raw(*board(1, 2, 3, 4), benchmark="other_test")])
    later = pl.concat([raw(*still), raw(*board(2, 3, 4, 4), benchmark="other_test")])

    with pytest.raises(RescoredError, match=r"^other_test: 3 of 4 scores"):
        merge(earlier, later, both, retrieved_on=DAY)


def test_a_second_copy_of_one_day_takes_the_place_of_the_first() -> None:
    first = merged(board(41, 52.5), board(44, 52.5)).rows

    second = merge(first, raw(*board(45, 52.5)), known(), retrieved_on=DAY)

    assert scores(second.rows) == ["41", "52.5", "45"]


def test_an_older_copy_revises_nothing() -> None:
    newer = merged(board(41, 52.5), board(44, 52.5)).rows
    older = merge(newer, raw(*board(41, 52.5)), known(), retrieved_on=date(2025, 8, 1))

    assert older.rows.equals(newer)


def test_a_row_that_stands_twice_in_a_copy_is_a_copy_at_the_gate() -> None:
    later = [*board(41, 52.5), row("m-1", "52.5")]

    found = merged(board(41, 52.5), later)

    assert found.added.is_empty()
    built = build_observations(found.rows, known()).observations
    same = ["model_id", "harness", "score", "reported_on", "retrieved_at"]
    assert built.group_by(same).len()["len"].sort().to_list() == [1, 2]


def test_a_score_that_cannot_be_read_is_left_to_the_gate() -> None:
    found = merged(board(41, 52.5), [row("M 0", "ERR"), row("M 1", "52.5")])

    assert scores(found.added) == ["ERR"]
    assert found.missing["model_name_published"].to_list() == ["M 0"]


def test_few_corrections_and_new_decimals_raise_no_alarm() -> None:
    """200 boards of 40 scores, each corrected with a chance of one in a hundred."""
    rng = np.random.default_rng(20261126)
    alarms = 0
    for _ in range(200):
        exact = rng.uniform(5, 90, 40)
        wrong = rng.random(40) < 0.01
        after = exact + np.where(wrong, rng.normal(0, 5, 40), 0)
        later = board(*(f"{score:.3f}" for score in after))
        try:
            merged(board(*(f"{score:.1f}" for score in exact)), later)
        except RescoredError:
            alarms += 1
    assert alarms <= 4  # 1.6 expected: three or more of forty, about one in 130


def test_new_judging_is_noticed_even_where_half_the_scores_stay() -> None:
    rng = np.random.default_rng(7)
    for _ in range(50):
        exact = rng.uniform(5, 60, 20).round(1)
        moved = rng.permutation(20) < 10
        after = exact + np.where(moved, rng.uniform(1, 20, 20).round(1), 0)
        with pytest.raises(RescoredError):
            merged(board(*exact), board(*after.round(1)))


# The states of published boards

MAY = {
    "Gemini 3 Pro (High)": "18.4",
    "Opus 4.5 (High)": "18.4",
    "Opus 4.6 (Max)": "31.7",
    "GLM 4.7": "3.1",
    "GPT 5.2 (High)": "23.0",
    "Kimi K2.5": "14.4",
    "Opus 4.7 (Max)": "33.9",
}
SEPTEMBER = {
    "gemini-3-pro": "31.5",
    "claude-opus-4-5": "20.7",
    "claude-opus-4-6_max": "32.1",
    "glm-4.7": "8.7",
    "gpt-5.2_high": "23.0",
    "kimi-k2.5": "14.4",
    "claude-opus-4-7_max": "33.9",
    "claude-opus-5_max": "43.5",
}
"""A few rows of APEX-Agents as printed in May 2026, and in a copy of September."""


def apex(rows: dict[str, str], **cells: str | None) -> pl.DataFrame:
    published = [row(name, score, **cells) for name, score in rows.items()]
    return raw(*published, benchmark="apex_agents")


def test_apex_agents_was_rescored_in_place_by_september_2026() -> None:
    shipped = load_registry(CHECKOUT / "data" / "registry")

    with pytest.raises(RescoredError) as caught:
        merge(apex(MAY), apex(SEPTEMBER), shipped, retrieved_on=date(2026, 9, 2))

    assert "4 of 7 scores in both copies moved, all up" in str(caught.value)
    assert (caught.value.moved[0].before, caught.value.moved[0].after) == (
        "18.4",
        "31.5",
    )


def published(path: Path, benchmark_id: str) -> pl.DataFrame:
    """RAW_SCORES rows of a CSV of figures, of whichever board it is taken for."""
    if not path.is_file():
        pytest.skip(f"{path.name} is not beside this checkout")
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    names = {"model": "model_name_published"}
    origin = {
        "source_id": "board",
        "benchmark_id": benchmark_id,
        "source_file": path.name,
    }
    return RAW_SCORES.frame(
        [
            {names.get(key, key): cell or None for key, cell in one.items()}
            | origin
            | {"source_row": line}
            for line, one in enumerate(rows, start=2)
        ]
    )


NEW = SHARED / "figures_2026_11" / "observations"
OLD = SHARED / "figures" / "observations"


@pytest.mark.parametrize(
    ("benchmark_id", "before", "after", "way"),
    [
        (
            "apex_agents",
            OLD / "apex_agents.csv",
            NEW / "apex_agents_old_scoring_vintage_2026_09.csv",
            "all up",
        ),
        (
            "apex_agents",
            NEW / "apex_agents_old_scoring_vintage_2026_09.csv",
            NEW / "apex_agents_1_1.csv",
            "moved: ",  # one of them down
        ),
        (
            "posttrainbench_1_0",
            OLD / "posttrainbench_1_0.csv",
            OLD / "posttrainbench_1_2.csv",
            "",
        ),
        (
            "posttrainbench_1_2",
            NEW / "posttrainbench_1_1.csv",
            OLD / "posttrainbench_1_2.csv",
            "",
        ),
    ],
)
def test_boards_that_were_scored_anew_are_noticed(
    benchmark_id: str, before: Path, after: Path, way: str
) -> None:
    shipped = load_registry(CHECKOUT / "data" / "registry")
    earlier, later = (published(path, benchmark_id) for path in (before, after))

    with pytest.raises(RescoredError, match="open a new series") as caught:
        merge(earlier, later, shipped, retrieved_on=date(2026, 10, 1))

    assert way in str(caught.value)


def test_of_posttrainbench_1_1_too_few_rows_are_left_to_tell_it_from_1_0() -> None:
    """Two rows in both: no alarm, but most of the board is gone, which stops it too."""
    shipped = load_registry(CHECKOUT / "data" / "registry")
    before = published(OLD / "posttrainbench_1_0.csv", "posttrainbench_1_0")
    after = published(NEW / "posttrainbench_1_1.csv", "posttrainbench_1_0")

    found = merge(before, after, shipped, retrieved_on=date(2026, 10, 1))

    assert len(found.moved) <= 2
    assert found.missing.height > 0.8 * before.height


def test_the_copy_of_september_is_carried_whole_as_revisions_and_additions() -> None:
    shipped = load_registry(CHECKOUT / "data" / "registry")
    path = CHECKOUT / "data" / "observations" / "apex_agents.csv"
    carried = read("mercor", path.name, path.read_bytes())
    copy = published(NEW / "apex_agents_old_scoring_vintage_2026_09.csv", "apex_agents")

    found = merge(carried, copy, shipped, retrieved_on=date(2026, 9, 8))

    assert found.rows.equals(carried)
    assert found.missing.is_empty()


def test_of_apex_agents_in_may_2026_the_scores_of_may_stand() -> None:
    shipped = load_registry(CHECKOUT / "data" / "registry")
    path = CHECKOUT / "data" / "observations" / "apex_agents.csv"
    rows = read("mercor", path.name, path.read_bytes())

    built = build_observations(rows, shipped).observations

    model = pl.col("model_id") == "gemini_3_pro"
    scores_on = [
        standing(known_as_of(built, day)).filter(model)["score"].to_list()
        for day in (date(2026, 5, 14), date(2026, 9, 1), date(2026, 9, 2))
    ]
    assert scores_on == [[0.184], [0.184], [0.315]]
