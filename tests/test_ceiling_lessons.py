"""What other families teach of judgements of ceilings."""

import json
from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np
import pytest
from scipy.special import logsumexp
from scipy.stats import beta

from tests.ceiling_histories import judged, rising, simulated, told
from tests.figures import positive, scores, series
from tests.small_world import small_world, trends
from trends.backtest.ceilings import (
    FADES,
    POWERS,
    PRECISIONS,
    CeilingLessons,
    PastCeiling,
    Resampled,
    by_pair_and_fade,
    learn_ceilings,
    past_ceilings,
)
from trends.fits.ceiling_evidence import evidence_of
from trends.fits.ceilings import BEFORE, Before, cell_logs, weigh


def _families(
    n: int, *, precision: float, seed: int, planted: float | None = None
) -> list[PastCeiling]:
    """Four scores known and four to come, of ceilings about their judgement.

    With ``planted`` the judgement is that, whatever the truth.
    """
    generator = np.random.default_rng(seed)
    found: list[PastCeiling] = []
    while len(found) < n:
        mean = generator.uniform(0.5, 0.9)
        ceiling, both = simulated(generator, mean, precision)
        if ceiling is None or both is None:
            continue
        past = replace(
            both, years=both.years[:4], scores=both.scores[:4], errors=both.errors[:4]
        )
        said = by_pair_and_fade(
            planted or mean,
            *(cell_logs(one, both.lowest) for one in (past, both)),
            lowest=both.lowest,
            record=0.0,
        )
        name = f"family_{len(found)}"
        found.append(PastCeiling(name, name, date(2024, 1, 1), past.scores[-1], *said))
    return found


def test_the_precision_of_judgements_is_found_again() -> None:
    """120 families whose evidence is all that it claims to be, under two precisions."""
    for precision in (4.0, 25.0):
        found = learn_ceilings(_families(120, precision=precision, seed=3), seed=1)
        lesson = found.of_all
        assert lesson.precision.holds(precision), precision
        assert lesson.power.holds(1.0), precision
        assert lesson.n_families == lesson.n_forecasts == 120


def test_wrong_judgements_foretell_worse_and_are_trusted_less() -> None:
    right = _families(60, precision=25.0, seed=4)
    wrong = _families(60, precision=25.0, seed=4, planted=0.3)
    lost = np.mean([a.scores - b.scores for a, b in zip(right, wrong, strict=True)], 0)
    sure = PRECISIONS.index(25.0)
    assert np.all(lost[sure] > 0.05)
    trusted = learn_ceilings(wrong, seed=1).of_all.best.precision
    assert trusted < learn_ceilings(right, seed=1).of_all.best.precision


def test_a_family_counts_once_and_one_left_out_is_told() -> None:
    past = _families(12, precision=8.0, seed=6)
    alone = learn_ceilings(past, seed=1).of_all
    twice = [*past, *(replace(past[0], series_id=f"view_{i}") for i in range(5))]
    again = learn_ceilings(twice, seed=1).of_all
    assert again.gains == pytest.approx(alone.gains)
    assert (again.n_families, again.n_forecasts) == (12, 17)
    used = PRECISIONS.index(BEFORE.precision), POWERS.index(BEFORE.power)
    none = used[0], POWERS.index(0.0)
    gains = sorted(one.scores[used] - one.scores[none] for one in past)
    assert alone.gain.middle == pytest.approx(np.mean(gains))
    assert alone.least_gain == pytest.approx(np.mean(gains[:-1]))
    lowest, highest = alone.left_out
    pairs = []
    for one in past:
        left = learn_ceilings([other for other in past if other is not one], seed=1)
        pairs.append(left.of_all.best)
    assert lowest.precision == min(pair.precision for pair in pairs)
    assert highest.power == max(pair.power for pair in pairs)


def test_past_days_know_nothing_of_what_came_after_their_year() -> None:
    of = series(entry=judged(0.85))
    points = rising(0.1, 0.15, 0.22, 0.3, 0.36, 0.42, 0.5, 0.6, 0.66)
    found = {one.origin: one for one in past_ceilings(of, scores(points))}
    # the fourth score came on 2023-12-27, the last on 2025-08-18
    assert list(found) == [
        date(2024, 1, 1), date(2024, 7, 1), date(2025, 1, 1), date(2025, 7, 1),
    ]  # fmt: skip
    assert found[date(2024, 1, 1)].record == 0.3
    # new scores have the error that was known on the day, so that it is one density
    past = evidence_of(of, scores(points[:4]))
    later = evidence_of(of, scores(points[:7]))
    errors = (*past.errors, *later.errors[4:])
    both = replace(past, years=later.years, scores=later.scores, errors=errors)
    logs = (cell_logs(one, past.lowest) for one in (past, both))
    assert found[date(2024, 1, 1)].scores == pytest.approx(
        by_pair_and_fade(0.85, *logs, lowest=past.lowest, record=0.3)[0]
    )
    cut = [one for one in points if one[0] < date(2025, 1, 1)]
    earlier = {one.origin: one for one in past_ceilings(of, scores(cut))}
    first = date(2024, 1, 1)
    assert np.array_equal(found[first].scores, earlier[first].scores)
    assert not np.array_equal(
        found[date(2024, 7, 1)].scores, earlier[date(2024, 7, 1)].scores
    )
    assert past_ceilings(series(entry=judged(1.0)), scores(points)) == []
    assert past_ceilings(series(entry=positive()), scores(points)) == []


def test_what_was_foretold_is_the_density_of_the_new_scores_given_the_old() -> None:
    """By integrating over ceilings directly, without cells."""
    past = told([0.0, 0.4, 0.9], [0.2, 0.3, 0.36], lowest=0.3)
    both = told([0.0, 0.4, 0.9, 1.3], [0.2, 0.3, 0.36, 0.45], lowest=0.3)
    logs = [cell_logs(one, 0.3) for one in (past, both)]
    pairs, fades = by_pair_and_fade(0.8, *logs, lowest=0.3, record=0.85)
    ceilings = 0.3 + 0.7 * (np.arange(4000) + 0.5) / 4000
    one, two = (of.log_likelihood(ceilings) for of in (past, both))

    def expected(precision: float, power: float) -> float:
        prior = beta.logpdf(ceilings, precision * 0.8, precision * 0.2)
        weights = prior + power * one
        return float(logsumexp(weights + two - one) - logsumexp(weights))

    left = 0.15 / BEFORE.fade
    for i, precision in ((0, PRECISIONS[0]), (-1, PRECISIONS[-1])):
        for j, power in ((0, 0.0), (-1, POWERS[-1] * left)):
            assert pairs[i, j] == pytest.approx(expected(precision, power), abs=0.01)
    for fade, said in zip(FADES, fades, strict=True):
        power = BEFORE.power * (min(1.0, 0.15 / fade) if fade else 1.0)
        assert said == pytest.approx(expected(BEFORE.precision, power), abs=0.01)


def test_near_the_top_a_plateau_says_less_and_at_it_nothing() -> None:
    before = Before(6.0, 0.8, fade=0.4)
    said = [before.power_at(one) for one in (0.1, 0.6, 0.8, 0.9, 1.0, 1.01)]
    assert said == pytest.approx([0.8, 0.8, 0.4, 0.2, 0.0, 0.0])
    assert Before(6.0, 0.8).power_at(0.99) == 0.8
    years, values = [0.0, 0.2, 0.4, 0.6, 0.8, 1.0], [0.5, 0.7, 0.8, 0.81, 0.812, 0.814]
    plateau = told(years, values, lowest=0.78)
    moved = []
    for fade in (0.0, 0.3, 0.9):
        edges, prior, after = weigh(0.9, plateau, Before(6.0, 0.7, fade))
        low, known = (
            np.interp(0.85, edges[1:], np.cumsum(of) / of.sum())
            for of in (after, prior)
        )
        moved.append(low - known)
    assert moved[0] > moved[1] > moved[2] > 0.0


def test_the_verdict_says_when_forecasts_use_what_families_speak_against() -> None:
    within = Resampled(6.0, 4.0, 12.0)
    few = learn_ceilings(_families(5, precision=8.0, seed=6), seed=1)
    assert few.verdict.startswith("Too few families to tell, 5 where 10 can")
    lesson = replace(few.of_all, n_families=10)
    right = replace(
        lesson,
        precision=within,
        power=Resampled(0.7, 0.3, 1.0),
        fade=Resampled(0.3, 0.1, 0.5),
    )
    fine = CeilingLessons({"all": right})
    assert fine.verdict.endswith("which these families do not speak against.")
    for name, other in (("precision", 30.0), ("power", 0.5), ("fade", 0.9)):
        off = replace(right, **{name: Resampled(*[other] * 3)})  # type: ignore[arg-type]
        assert "WHICH IS OUTSIDE" in CeilingLessons({"all": off}).verdict


def test_a_power_below_the_best_is_meant_and_the_verdict_says_so() -> None:
    lesson = learn_ceilings(_families(12, precision=8.0, seed=6), seed=1).of_all
    used = Resampled(BEFORE.precision, 3.0, 12.0)
    right = replace(lesson, precision=used, fade=Resampled(0.3, 0.1, 0.5))
    above = CeilingLessons({"all": replace(right, power=Resampled(1.3, 1.0, 1.6))})
    assert "WHICH IS OUTSIDE" not in above.verdict
    assert above.verdict.endswith("(docs/coverage.md).")


def test_the_command_prints_tables_and_json(tmp_path: Path) -> None:
    workspace = small_world(tmp_path)
    done = trends(workspace, "ceilings", "--json")
    assert done.returncode == 0, done.stderr
    said = json.loads(done.stdout)
    assert next(iter(said)) == "verdict"
    every = said["by_height"]["all"]
    assert every["n_families"] == 1
    assert np.array(every["gains"]).shape == (len(PRECISIONS), len(POWERS))
    assert said["used"] == vars(BEFORE)
    text = trends(workspace, "ceilings", COLUMNS="80").stdout
    assert " ".join(text.split()).startswith(said["verdict"])
    assert said["verdict"].startswith("Too few families to tell, 1 where 10 can")
    assert max(map(len, text.splitlines())) <= 80
    registry = workspace.registry / "benchmarks.yaml"
    certain = "{values: [1.0], weights: [1.0]"
    doubted = "{values: [0.9, 0.97], weights: [0.5, 0.5]"
    registry.write_text(registry.read_text().replace(doubted, certain))
    nothing = trends(workspace, "ceilings")
    assert nothing.returncode == 6, nothing.stdout
    assert "ceiling is in doubt" in nothing.stderr
