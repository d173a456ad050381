"""What must hold of the series that are carried for calibration only.

They are read with the csv module and a YAML parser, as in ``test_data.py``.
"""

import csv
import hashlib
import io
import re
import zipfile
from collections import defaultdict
from datetime import date
from decimal import Decimal
from itertools import combinations

import pytest

from tests.test_data import (
    BENCHMARKS,
    FORECAST,
    HEADER,
    MODELS,
    SHARED,
    Row,
    model_id,
    published_rows,
)

PANEL = {key: one for key, one in BENCHMARKS.items() if one.role == "calibration"}
BOARDS = {
    "arc_agi_2",
    "forecastbench_baseline",
    "frontiermath_tier_4_v2",
    "frontiermath_tiers_1_3_v2",
}
"""Carried from dated copies of their boards, with the day of the copy on each row."""

EPOCH_NAMES = {
    "anli": "ANLI",
    "arc_agi_1": "ARC-AGI",
    "arc_challenge": "ARC AI2",
    "balrog": "Balrog",
    "bbh": "BBH",
    "cad_eval": "CadEval",
    "chess_puzzles": "Chess Puzzles",
    "cl_bench": "CL-bench",
    "cl_bench_life": "CL-bench Life",
    "critpt": "CritPt",
    "cursor_bench": "CursorBench",
    "deepresearch_bench": "DeepResearch Bench",
    "ebr_bench": "EBR-bench",
    "exploit_bench": "ExploitBench",
    "fiction_live_bench": "Fiction.LiveBench",
    "frontier_code": "FrontierCode",
    "frontiermath_tier_4_v1": "FrontierMath-Tier-4-2025-07-01-Private",
    "frontiermath_tiers_1_3_v1": "FrontierMath-2025-02-28-Private",
    "geo_bench": "GeoBench",
    "gpqa_diamond": "GPQA diamond",
    "gsm8k": "GSM8K",
    "hellaswag": "HellaSwag",
    "hle": "HLE",
    "lambada": "LAMBADA",
    "lech_mazur_writing": "Lech Mazur Writing",
    "math_level_5": "MATH level 5",
    "mmlu": "MMLU",
    "mystery_game_puzzles": "Mystery Game Puzzles",
    "openbookqa": "OpenBookQA",
    "otis_mock_aime": "OTIS Mock AIME 2024-2025",
    "piqa": "PIQA",
    "proof_bench": "ProofBench",
    "science_qa": "ScienceQA",
    "simple_bench": "SimpleBench",
    "simpleqa_verified": "SimpleQA Verified",
    "surface_evolver_bench": "Surface Evolver Bench",
    "triviaqa": "TriviaQA",
    "vpct": "VPCT",
    "winogrande": "Winogrande",
}

HELD_OUT = {
    "043c1d1af10b4b9bf5c248c2fed01a39bd0b50a0f907ca156ac45b282938ee9f",
    "3f3a44e7f6ef79c9912015b7e5114126e38509e9b35232296e40c7c3a78c2044",
    "6405105aca80ac8a9abfc4e1ffae541d0cb0e83459851d95d7f735a407c8e870",
    "6c6a0665904b9a6fde3a0c08e1d0763746681ef44df7b642376262dae5ffdb71",
    "737d3ffa0f807894bbc7d429672c03f3b499c5308456c671a461469e6724c07a",
    "7d6fa3f6044d86066927820333cf8e35eb1eef9a125f4cf9fc560c8a38fb9464",
    "8aacade59f3852c91174095b6ba53bfff9329b771ae7a939ac6d756282e749aa",
    "8bcaca6998006997ae3b81efc016d15b643f89c82574d21fc50f4f2fd922012f",
    "b95ee4efc49878ebc6e8f93c29d7f692742dad7330574634428c8d6355794d88",
}
"""SHA-256 of the names, lower case and without separators, of benchmarks that stay
unseen, so that whoever judges this project can use them."""


def test_the_panel_is_1977_rows_of_43_series_in_38_families() -> None:
    assert set(PANEL) == {*EPOCH_NAMES, *BOARDS}
    assert len(PANEL) == 43
    assert sum(len(published_rows(benchmark_id)) for benchmark_id in PANEL) == 1977
    assert len({one.family_id for one in PANEL.values()}) == 38


def test_views_and_editions_of_one_test_have_one_vote_between_them() -> None:
    families: dict[str, set[str]] = defaultdict(set)
    for key, benchmark in PANEL.items():
        families[benchmark.family_id].add(key)
    assert {key: sorted(one) for key, one in families.items() if len(one) > 1} == {
        "arc_agi": ["arc_agi_1", "arc_agi_2"],
        "cl_bench": ["cl_bench", "cl_bench_life"],
        "frontiermath": [
            "frontiermath_tier_4_v1",
            "frontiermath_tier_4_v2",
            "frontiermath_tiers_1_3_v1",
            "frontiermath_tiers_1_3_v2",
        ],
    }
    assert not set(families) & {one.family_id for one in FORECAST.values()}


def test_rows_that_came_all_at_once_are_known_from_the_release() -> None:
    for benchmark_id, benchmark in PANEL.items():
        assert benchmark.final_vintage, benchmark_id
        dated = {row["reported_on"] != "" for row in published_rows(benchmark_id)}
        assert dated == {benchmark_id in BOARDS}


def test_a_series_of_reports_ends_with_its_last_record_or_later() -> None:
    """Later rows are of small models: no record, and no silence either."""
    closed = {key: one for key, one in PANEL.items() if one.status == "closed"}
    assert len(closed) == 12
    for benchmark_id, benchmark in closed.items():
        dated = sorted(
            (day, float(row["score"]))
            for row in published_rows(benchmark_id)
            if (day := _released(row)) is not None
        )
        best = max(score for _, score in dated)
        record_on = next(day for day, score in dated if score == best)
        assert benchmark.closed_on is not None
        assert benchmark.closed_on >= record_on, benchmark_id


def _released(row: Row) -> date | None:
    """Last day on which its model can have become public."""
    model = MODELS[str(model_id(row))]
    return model.release_date or model.latest


def test_a_rescaled_score_has_its_floor_at_0_and_counts_no_items() -> None:
    rescaled = {
        key
        for key, one in PANEL.items()
        if one.note and one.note.startswith("Share of the way from chance to all")
    }
    assert len(rescaled) == 15
    for benchmark_id in rescaled - {"otis_mock_aime"}:
        assert PANEL[benchmark_id].floor == 0
        assert not PANEL[benchmark_id].items_are_bernoulli, benchmark_id


def test_every_ceiling_says_what_was_found_and_where_or_that_it_was_sought() -> None:
    """A judgement made for want of a search does not stay one."""
    standard = [0.9, 0.95, 1.0]
    for benchmark_id, benchmark in PANEL.items():
        assert benchmark.ceiling is not None, benchmark_id
        reason = benchmark.ceiling.reason
        for said in ("not taken from an audit", "was not read", "not looked for"):
            assert said not in reason, benchmark_id
        if benchmark.ceiling.values == standard:
            assert re.search(
                r"arXiv \d{4}\.\d{5}|https?://|searched on \d{4}", reason
            ), benchmark_id


def test_no_benchmark_that_is_held_out_is_carried() -> None:
    assert len(HELD_OUT) == 9
    for benchmark_id, benchmark in BENCHMARKS.items():
        for text in (benchmark_id.replace("_", " "), benchmark.title, benchmark.note):
            words = "".join(c if c.isalnum() else " " for c in (text or "").lower())
            assert not _hashes(words.split()) & HELD_OUT, benchmark_id


def _hashes(words: list[str]) -> set[str]:
    """Of every run of up to three words, written as one."""
    runs = [
        "".join(words[start:end])
        for start, end in combinations(range(len(words) + 1), 2)
        if end - start <= 3
    ]
    return {hashlib.sha256(one.encode()).hexdigest() for one in runs}


def _epoch_rows() -> dict[str, dict[str, str]]:
    """Published share by benchmark name and model version."""
    path = SHARED / "published" / "epoch" / "eci_benchmarks.csv"
    if not path.exists():
        pytest.skip("the publisher's file is not part of the project")
    rows: dict[str, dict[str, str]] = defaultdict(dict)
    for row in csv.DictReader(io.StringIO(path.read_text(encoding="utf-8-sig"))):
        rows[row["benchmark"]][row["model_version"].strip()] = row["performance"]
    return rows


def test_every_score_of_epochs_file_is_the_published_one_and_none_is_missing() -> None:
    """In percent, to the millionth: what is finer is noise of binary arithmetic."""
    published = _epoch_rows()
    for benchmark_id, name in EPOCH_NAMES.items():
        carried = {
            row["model_name_published"]: Decimal(row["score"])
            for row in published_rows(benchmark_id)
        }
        assert carried == {
            version: round(100 * Decimal(share), 6)
            for version, share in published[name].items()
        }, benchmark_id


@pytest.mark.parametrize(
    ("benchmark_id", "file", "column", "chance"),
    [
        ("anli", "adversarial_nli_external", "Score", 1 / 3),
        ("gpqa_diamond", "gpqa_diamond", "mean_score", 1 / 4),
        ("hle", "hle_external", "Accuracy", 0.048),
        ("mmlu", "mmlu_external", "EM", 1 / 4),
        ("piqa", "piqa_external", "Score", 1 / 2),
        ("simple_bench", "simplebench_external", "Score (AVG@5)", 1 / 6),
        ("vpct", "vpct_external", "Correct", 1 / 3),
        ("lambada", "lambada_external", "Score", 0.0),
        ("math_level_5", "math_level_5", "mean_score", 0.0),
    ],
)
def test_the_chance_level_is_the_one_with_which_scores_were_rescaled(
    benchmark_id: str, file: str, column: str, chance: float
) -> None:
    """Most scores agree with the plain shares of an older copy, where it has one."""
    path = SHARED / "published" / "epoch" / "benchmark_data.zip"
    if not path.exists():
        pytest.skip("the publisher's file is not part of the project")
    plain: dict[str, list[float]] = defaultdict(list)
    with zipfile.ZipFile(path) as archive:
        text = archive.read(f"{file}.csv").decode("utf-8-sig")
    for row in csv.DictReader(io.StringIO(text)):
        if row[column]:
            plain[row["Model version"]].append(float(row[column]))
    percent = 100 if max(max(one) for one in plain.values()) > 1.5 else 1
    agree = [
        float(row["score"]) / 100
        == pytest.approx(max(0.0, (share / percent - chance) / (1 - chance)), abs=1e-3)
        for row in published_rows(benchmark_id)
        if len(shares := set(plain[row["model_name_published"]])) == 1
        for share in shares
    ]
    assert len(agree) > 5
    assert sum(agree) >= 0.8 * len(agree)
    assert ("Share of the way" in (PANEL[benchmark_id].note or "")) == (chance > 0)


@pytest.mark.parametrize("benchmark_id", sorted(BOARDS))
def test_cells_of_a_board_are_those_handed_over(benchmark_id: str) -> None:
    """But for a release day that models.yaml knows better, which goes to the note."""
    path = SHARED / "figures_2026_11" / "observations" / f"{benchmark_id}.csv"
    if not path.exists():
        pytest.skip("the figures as handed over are not part of the project")
    with path.open(encoding="utf-8", newline="") as file:
        handed_over = {row.pop("model"): row for row in csv.DictReader(file)}
    for row in published_rows(benchmark_id):
        given = handed_over[row["model_name_published"]]
        assert {k: row[k] for k in _KEPT} == {k: given[k] for k in _KEPT}
        assert _dated(row) == given["release_date"]


_KEPT = HEADER[HEADER.index("score") : HEADER.index("note")]


def _dated(row: Row) -> str:
    """The release day that the source prints, in its cell or in the note."""
    _, _, rest = row["note"].partition("dated ")
    return rest.partition(" ")[0] if rest else row["release_date"]


def test_no_file_of_the_panel_has_a_published_name_twice() -> None:
    for benchmark_id in PANEL:
        names = [row["model_name_published"] for row in published_rows(benchmark_id)]
        assert len(set(names)) == len(names), benchmark_id
