"""The contest: what it asks, how it scores, and that nothing later reaches a forecast."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from scipy.stats import norm

from tests.contest_panels import TEN_ROWS, Line, panel_of, write
from tests.small_world import small_world, trends
from trends.contest import CUTS, Known, OfRecords, Panel, Played, entrants, play
from trends.contest.cases import cases_at, lead_name
from trends.contest.forecasters import (
    DRIFT,
    NO_CHANGE,
    Asked,
    Forecaster,
    Laws,
    trend_records,
)
from trends.contest.scores import LEVELS
from trends.contest.step import distances_below, third_best, top3_law
from trends.contest.summary import summarise
from trends.contest.top3 import top3_points
from trends.contest.words import verdict
from trends.crossings import Vintage, forecast_scores
from trends.fits import fit_trends
from trends.fits.links import Floats, Link
from trends.pipeline.fingerprints import code_fingerprint
from trends.registry import load_registry
from trends.registry.models import TrendFamily

CUT = date(2025, 1, 1)


def invented(n_benchmarks: int = 8, n_models: int = 24) -> list[Line]:
    """Benchmarks that rise at paces of their own, a model a month from June 2023."""
    generator = np.random.default_rng(7)
    rows: list[Line] = []
    for k in range(n_benchmarks):
        level = generator.normal(-2.5, 0.4)
        for i in range(n_models + 2 * k):
            level += generator.normal(0.1 + 0.01 * k, 0.35)
            day = date(2023, 6, 1) + timedelta(days=30 * i + 3 * k)
            score = 1 / (1 + np.exp(-level))
            rows.append((f"Quiz {k}", f"Ada {i}", day.isoformat(), round(score, 4)))
    return rows


def played(
    panel: Panel, forecasters: Sequence[Forecaster], cuts: Sequence[date] = CUTS
) -> Played:
    return play(
        panel, forecasters, cuts=cuts, clock=lambda: 0.0, progress=lambda *_: None
    )


def test_ten_rows_have_the_top3_points_that_one_counts_by_hand(tmp_path: Path) -> None:
    points = panel_of(tmp_path, TEN_ROWS).top3
    assert points.select("day", "score", "record").rows() == [
        (date(2024, 1, 5), 0.30, 0.30),
        (date(2024, 2, 5), 0.20, 0.30),
        (date(2024, 3, 5), 0.10, 0.30),
        (date(2024, 5, 5), 0.20, 0.30),
        (date(2024, 7, 5), 0.50, 0.50),
        (date(2025, 2, 5), 0.45, 0.50),
        (date(2025, 3, 20), 0.60, 0.60),
    ]


def test_top3_is_an_expanding_rank_with_ties_at_their_highest() -> None:
    generator = np.random.default_rng(3)
    scores = pl.DataFrame(
        {
            "series_id": "quiz",
            "frontier_date": [date(2024, 1, 1) + timedelta(days=i) for i in range(60)],
            "score": generator.integers(1, 12, 60) / 20,
            "model_name": [
                f"ada {chr(97 + i // 26)}{chr(97 + i % 26)}" for i in range(60)
            ],
        }
    )
    values = scores["score"].to_list()
    by_rank = [
        (scores["frontier_date"][i], values[i])
        for i in range(60)
        if sum(one >= values[i] for one in values[: i + 1]) <= 3
    ]
    assert top3_points(scores).select("day", "score").rows() == by_rank


def test_cases_are_counted_by_hand(tmp_path: Path) -> None:
    panel = panel_of(tmp_path, TEN_ROWS, public_on="2024-06-01")
    cases = cases_at(panel, panel.before(CUT))
    assert [(one.asked.target, one.asked.day, one.observed) for one in cases] == [
        ("record", date(2025, 2, 1), 0.50),
        ("record", date(2025, 3, 1), 0.50),
        ("top3", date(2025, 2, 5), 0.45),
        ("top3", date(2025, 3, 20), 0.60),
    ]
    assert {one.standing for one in cases} == {0.50}
    assert [one.existed for one in cases] == [True] * 4
    before = panel.before(date(2024, 7, 5))
    assert cases_at(panel, before) == []  # four points before it, one too few


def test_a_benchmark_made_public_after_the_cut_was_filled_in_later(
    tmp_path: Path,
) -> None:
    panel = panel_of(tmp_path, TEN_ROWS, public_on="2025-01-01")
    assert {one.existed for one in cases_at(panel, panel.before(CUT))} == {False}


@pytest.mark.parametrize(
    ("day", "name"),
    [
        (date(2025, 1, 1), "0-3"),
        (date(2025, 4, 1), "0-3"),
        (date(2025, 4, 2), "3-6"),
        (date(2026, 1, 1), "6-12"),
        (date(2026, 10, 1), "12-21"),
        (date(2026, 10, 2), "over 21"),
    ],
)
def test_lead_times_end_with_their_last_day(day: date, name: str) -> None:
    assert lead_name(CUT, day) == name


def test_the_step_takes_distances_off_and_stops_at_the_third_best(
    tmp_path: Path,
) -> None:
    known = panel_of(tmp_path, TEN_ROWS).before(CUT)
    link = Link.of(known.series[0].benchmark, 1.0)
    odds = {0.30: 3 / 7, 0.20: 1 / 4, 0.10: 1 / 9}
    by_hand = [0.0, 0.0, *[np.log(odds[0.30] / odds[one]) for one in (0.2, 0.2, 0.1)]]
    np.testing.assert_allclose(distances_below(known), by_hand, rtol=1e-12, atol=1e-12)
    assert third_best(known, "Quiz") == 0.20
    law = top3_law(
        np.array([0.5, 0.8]), link, distances=np.log([1.0, 4.0]), at_least=0.35
    )
    # 0.5 has odds 1, a quarter of that is 0.2; 0.8 has odds 4, a quarter is 0.5
    np.testing.assert_allclose(law, [0.35, 0.5, 0.5, 0.8], rtol=1e-12)


class Saying:
    """A forecaster that says one law of everything."""

    def __init__(self, law: Floats, name: str = "saying") -> None:
        self.law, self.name = law, name

    def forecast(self, known: Known, asked: Sequence[Asked]) -> Laws:
        return dict.fromkeys(asked, self.law)


def test_crps_is_that_of_the_closed_form_and_of_all_pairs(tmp_path: Path) -> None:
    law = norm.ppf((np.arange(400) + 0.5) / 400, loc=0.5, scale=0.1)
    scores = played(panel_of(tmp_path, TEN_ROWS), [Saying(law)], [CUT]).scores
    seen = {"record": [0.5, 0.5], "top3": [0.45, 0.60]}
    for target, ours in seen.items():
        found = scores.filter(pl.col("target") == target)
        for observed, crps, square in zip(
            ours, found["crps"], found["square"], strict=True
        ):
            z = (observed - 0.5) / 0.1
            exact = 0.1 * (z * (2 * norm.cdf(z) - 1) + 2 * norm.pdf(z) - np.pi**-0.5)
            assert crps == pytest.approx(exact, rel=2e-3)
            pairs = np.abs(law[:, np.newaxis] - law).mean() / 2
            assert crps == pytest.approx(
                np.abs(law - observed).mean() - pairs, rel=1e-12
            )
            assert square == pytest.approx((observed - 0.5) ** 2, abs=1e-12)


def test_the_truth_holds_what_it_says(tmp_path: Path) -> None:
    generator = np.random.default_rng(11)
    n = 1500
    rows: list[Line] = []
    for k in range(n):
        rows += [
            (f"Quiz {k}", f"Ada {i}", f"2024-0{i}-05", 0.1 * i) for i in range(1, 6)
        ]
        rows.append(
            (f"Quiz {k}", "Ada 9", "2025-03-01", round(generator.uniform(0.6, 1), 9))
        )
    truth = 0.6 + 0.4 * (np.arange(500) + 0.5) / 500
    found = played(panel_of(tmp_path, rows), [Saying(truth, "truth")], [CUT])
    (top3,) = (
        one
        for one in summarise(found, seed=1)["results"]
        if one["target"] == "top3" and one["cut"] == CUT.isoformat()
    )
    assert top3["n"] == n
    for level in LEVELS:
        p = level / 100
        error = 4 * np.sqrt(p * (1 - p) / n)
        assert top3[f"held{level}"] == pytest.approx(p, abs=error)
        assert top3[f"claimed{level}"] == pytest.approx(p, abs=0.005)
    # of a uniform law on a range r the expected CRPS is r/6, the RMSE r/sqrt(12)
    assert top3["crps"] == pytest.approx(0.4 / 6, rel=0.05)
    assert top3["rmse"] == pytest.approx(0.4 / 12**0.5, rel=0.05)


def test_no_change_holds_the_records_that_stood(tmp_path: Path) -> None:
    found = played(panel_of(tmp_path, invented()), [NO_CHANGE])
    records = found.scores.filter(pl.col("target") == "record")
    assert records["held80"].to_list() == records["stood"].to_list()
    assert (records["p_stood"] == 1.0).all()
    assert 0 < records["stood"].mean() < 1  # type: ignore[operator]
    assert records.filter("stood")["crps"].sum() == 0


def laws_at(panel: Panel, cut: date) -> dict[tuple[str, Asked], bytes]:
    known = panel.before(cut)
    days = [cut + timedelta(days=one) for one in (31, 200, 500)]
    asked = [
        Asked(target, one.series_id, day)
        for target in ("record", "top3")
        for one in known.series
        for day in days
    ]
    return {
        (one.name, question): law.tobytes()
        for one in entrants(TrendFamily.QUANTILE)
        for question, law in one.forecast(panel.before(cut), asked).items()
    }


def test_what_comes_after_the_cut_moves_no_forecast_by_a_bit(tmp_path: Path) -> None:
    generator = np.random.default_rng(5)
    rows = invented()
    changed = [
        row
        if row[2] < CUT.isoformat()
        else (row[0], f"Zuse {i}", row[2], round(generator.uniform(), 4))
        for i, row in enumerate(rows)
        if row[2] < CUT.isoformat() or generator.uniform() < 0.7
    ]
    before = laws_at(panel_of(tmp_path, rows), CUT)
    assert {name for name, _ in before} >= {"drift", "logistic", "quantile", "ensemble"}
    assert changed != rows
    assert laws_at(panel_of(tmp_path, changed), CUT) == before
    # and what came before it does
    rows[3] = (*rows[3][:3], 0.9)
    assert laws_at(panel_of(tmp_path, rows), CUT) != before


def test_the_order_of_the_rows_moves_nothing(tmp_path: Path) -> None:
    rows = invented(6, 20)
    shuffled = [rows[i] for i in np.random.default_rng(2).permutation(len(rows))]
    one, other = (
        summarise(played(panel_of(tmp_path, its), entrants(TrendFamily.DRIFT)), seed=1)
        for its in (rows, shuffled)
    )
    assert json.dumps(one) == json.dumps(other)


BASELINE = {"record": 0.069920066, "top3": 0.076320771}


def test_the_baseline_is_the_drift_as_shipped(tmp_path: Path) -> None:
    """Whoever changes the drift enters a new forecaster: what was beaten must stand."""
    found = played(panel_of(tmp_path, invented()), [DRIFT])
    means = {
        target: rows["crps"].mean()
        for (target,), rows in found.scores.group_by("target")
    }
    assert means == pytest.approx(BASELINE, rel=1e-6)


def test_a_headline_says_what_a_forecast_of_that_day_says(tmp_path: Path) -> None:
    known = panel_of(tmp_path, invented()).before(CUT)
    for trend in (TrendFamily.DRIFT, TrendFamily.LOGISTIC):
        series = [
            replace(one, benchmark=one.benchmark.model_copy(update={"trends": [trend]}))
            for one in known.series
        ]
        fits = fit_trends(
            known.frontier,
            known.scores,
            series,
            wanted=[one.series_id for one in series],
            as_of=CUT,
            run_id="r",
            missing={},
        )
        vintage = Vintage(as_of=CUT, run_id="r", seed=1, n_draws=1000)
        said = forecast_scores(
            fits, known.scores, known.frontier, series, vintage=vintage
        ).filter(pl.col("lead_months") == 6, pl.col("trend") == trend.value)
        day = date(2025, 7, 1)
        ours = trend_records(trend)(known, {one.series_id: [day] for one in series})
        assert ours
        for name, laws in ours.items():
            published = said.filter(pl.col("series_id") == name)
            levels = published["quantile_level"].to_numpy()
            np.testing.assert_allclose(
                np.quantile(laws[day], levels, method="hazen"),
                published["score"],
                atol=0.01,
            )


def test_a_function_of_records_is_all_that_a_forecaster_needs(tmp_path: Path) -> None:
    def half_way(
        known: Known, days: Mapping[str, Sequence[date]]
    ) -> dict[str, dict[date, Floats]]:
        return {
            name: {day: np.array([(1 + known.records[name]) / 2]) for day in ours}
            for name, ours in days.items()
        }

    panel = panel_of(tmp_path, TEN_ROWS)
    found = played(panel, [NO_CHANGE, OfRecords("half_way", half_way)], [CUT])
    tables = summarise(found, seed=1)
    (row,) = (
        one
        for one in tables["differences"]
        if (one["target"], one["cut"]) == ("record", CUT.isoformat())
        and one["compared_with"] == "no_change"
    )
    # the record stood at .5 on both firsts of a month; half way is .75
    assert row["forecaster"] == "half_way"
    assert row["difference"] == pytest.approx(0.25, abs=1e-12)
    assert row["difference_low"] is None  # of one family


def test_differences_are_paired_and_resample_families() -> None:
    rows = [
        {
            "cut": CUT,
            "target": "record",
            "forecaster": name,
            "benchmark_id": f"q{k}",
            "family_id": f"f{k // 2}",
            "day": CUT,
            "case": k,
            "lead": "0-3",
            "existed": None,
            "crps": 0.1 * (k + 1) + shift,
            "square": 0.04,
            **{f"held{level}": True for level in LEVELS},
            **{f"claimed{level}": 0.9 for level in LEVELS},
            "p_stood": 0.3,
            "stood": k % 2 == 0,
        }
        for name, shift, ks in (
            ("no_change", 0.0, range(12)),
            ("drift", -0.02, range(12)),
            ("other", -0.05, range(6, 12)),
        )
        for k in ks
    ]
    found = Played(
        pl.DataFrame(rows, orient="row"),
        {"no_change": 0.0, "drift": 0.0, "other": 0.0},
        {CUT: 12},
    )
    tables = summarise(found, seed=1)
    by_pair = {
        (one["forecaster"], one["compared_with"]): one
        for one in tables["differences"]
        if one["cut"] == "2025-26"
    }
    # on cases 6 to 11 alone, though its mean there is above that of all
    assert by_pair["other", "drift"]["n"] == 6
    assert by_pair["other", "drift"]["n_families"] == 3
    assert by_pair["other", "drift"]["difference"] == pytest.approx(-0.03)
    assert by_pair["drift", "no_change"]["difference"] == pytest.approx(-0.02)
    said = [one for one in tables["stood"] if one["forecaster"] == "drift"]
    assert [one["said"] for one in said] == pytest.approx([0.3] * len(said))
    assert {one["stood"] for one in said} == {0.5}


def test_the_verdict_says_ahead_only_where_the_interval_does() -> None:
    def tables(low: float, high: float) -> dict[str, list[dict[str, object]]]:
        results = [
            {
                "target": "record",
                "cut": "2025-26",
                "forecaster": name,
                "n": 9,
                "crps": x,
            }
            for name, x in (("drift", 0.06), ("headline", 0.05))
        ]
        difference = {
            "target": "record",
            "cut": "2025-26",
            "forecaster": "headline",
            "compared_with": "drift",
            "difference": -0.01,
            "difference_low": low,
            "difference_high": high,
        }
        return {"results": results, "differences": [difference]}

    ahead = verdict(tables(-0.02, -0.001), "quantile")
    assert "(quantile)" in ahead
    assert "ahead of drift as shipped" in ahead
    assert "not to be told from drift" in verdict(tables(-0.02, 0.001), "quantile")
    assert "behind drift" in verdict(tables(0.001, 0.02), "quantile")
    assert "no verdict" in verdict({"results": [], "differences": []}, "quantile")


def test_the_command_prints_tables_and_json(tmp_path: Path) -> None:
    workspace = small_world(tmp_path / "world")
    file = write(tmp_path, invented(5, 26))
    done = trends(workspace, "contest", "--no-peers", "--panel", str(file), "--json")
    assert done.returncode == 0, done.stderr
    said = json.loads(done.stdout)
    assert next(iter(said)) == "results"
    rows = said["results"]
    assert {row["target"] for row in rows} == {"record", "top3"}
    assert {row["forecaster"] for row in rows} >= {"no_change", "drift", "headline"}
    assert "2025-26" in {row["cut"] for row in rows}
    for row in rows:
        assert 0 <= row["crps"] <= 1
        assert row["held50"] <= row["held80"] <= row["held90"]
    assert set(said["seconds"]) == {row["forecaster"] for row in rows}
    again = trends(
        workspace,
        *("contest", "--no-peers", "--panel", str(file), "--json", "--write-results"),
    )
    assert json.loads(again.stdout)["differences"] == said["differences"]
    kept = load_registry(workspace.registry).contests
    assert kept is not None
    (played,) = kept.contests
    assert (played.panel, played.verdict) == (file.name, said["verdict"])
    assert played.code_sha256 == code_fingerprint()
    pooled = [row for row in rows if row["cut"] == "2025-26"]
    assert [(one.target, one.forecaster, one.crps) for one in played.results] == [
        (row["target"], row["forecaster"], round(row["crps"], 5)) for row in pooled
    ]
    less = {
        (row["target"], row["forecaster"]): round(row["difference"], 5)
        for row in said["differences"]
        if (row["cut"], row["compared_with"]) == ("2025-26", "headline")
    }
    assert {("record", "drift"), ("top3", "no_change")} < set(less)
    for one in played.results:
        assert one.less_headline == less.get((one.target, one.forecaster))
    text = trends(
        workspace, "contest", "--no-peers", "--panel", str(file), COLUMNS="80"
    )
    assert text.returncode == 0
    assert "the data differ" in " ".join(text.stdout.split())
    assert max(map(len, text.stdout.splitlines())) <= 80
    with file.open("a") as more:
        more.write("Quiz 0,Ada 99,2025-01-01,200\n")
    partly = trends(workspace, "contest", "--no-peers", "--panel", str(file), "--json")
    assert partly.returncode == 7
    assert "panel.csv" in partly.stderr
    short = tmp_path / "short.csv"
    short.write_text("benchmark,model,score,release_date\nQuiz,Ada 1,.1,2024-01-01\n")
    refused = trends(workspace, "contest", "--panel", str(short))
    assert refused.returncode == 2
    assert "nothing to forecast" in refused.stderr


def test_the_command_plays_on_the_projects_own_benchmarks(tmp_path: Path) -> None:
    done = trends(small_world(tmp_path), "contest", "--no-peers", "--json")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["n_benchmarks"]["2025-01-01"] == 1
