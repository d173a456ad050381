"""Records of very many families: without one of them a small step from all."""

import numpy as np
import pytest

from tests.figures import benchmark, series
from trends.fits import record_votes
from trends.fits.learned import chances, parameters_of
from trends.fits.links import Floats
from trends.fits.pace import Points
from trends.fits.panels import MANY_FAMILIES
from trends.fits.record_law import RecordLaw
from trends.fits.record_votes import RecordVotes, learn_from_each
from trends.fits.seen import Seen
from trends.fits.waiting import Stands

N: int = MANY_FAMILIES + 40


def _seen(generator: np.random.Generator, number: int) -> Seen:
    """A family of its own pace, scatter and rate of records, watched for 1 to 4 years."""
    name, until = f"f{number:03}", float(generator.uniform(1, 4))
    years = np.sort(generator.uniform(0, until, generator.integers(4, 30)))
    years[0] = 0.0
    slope, scatter = generator.normal(1.3, 0.5), generator.uniform(0.05, 0.5)
    levels = slope * years + generator.normal(0, scatter, len(years))
    set_at = np.cumsum(generator.exponential(generator.gamma(2, 0.2), 30))
    return Seen(
        series=series(name, benchmark(family_id=name)),
        scale="gompertz",
        points=Points.among(years, levels),
        stands=Stands.of(np.append(0.0, set_at[set_at < until]), until),
        record=float(levels.max()),
        until=until,
    )


def _learned(votes: RecordVotes, one: Seen) -> Floats:
    found: Floats = parameters_of([votes.learn(one)], one)[0]
    return found


@pytest.fixture(scope="module")
def seen() -> list[Seen]:
    generator = np.random.default_rng(8)
    return [_seen(generator, number) for number in range(N)]


def test_a_step_from_all_is_what_is_learned_without_the_family(
    seen: list[Seen], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Slopes are pooled anew; of the rest the error is in logarithms."""
    some = seen[:40]
    stepped = [_learned(RecordVotes(seen), one) for one in some]
    monkeypatch.setattr(record_votes, "MANY_FAMILIES", 10 * N)
    exact = [_learned(RecordVotes(seen), one) for one in some]
    wrong = np.abs(np.array(stepped) - np.array(exact)).mean(axis=0)
    assert wrong[:2].tolist() == [0, 0]
    assert wrong[2] < 0.01  # scatter
    assert wrong[3] < 0.05  # wander, of which leaving one out changes twice as much
    assert (wrong[4:] < 1e-4).all()  # waits


def test_what_all_say_is_worked_out_once(
    seen: list[Seen], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Twice as many series ask no more of what takes long."""
    asked: list[str] = []

    def counted(name: str) -> None:
        real = getattr(record_votes, name)

        def ask(*rows: object) -> object:
            asked.append(name)
            return real(*rows)

        monkeypatch.setattr(record_votes, name, ask)

    counted("fit_waiting")
    counted("learn_hypers")
    counted("HyperCrowd")
    votes = RecordVotes(seen)
    stranger = _seen(np.random.default_rng(9), N)
    for one in [stranger, *seen]:
        votes.learn(one)
    assert sorted(asked) == ["HyperCrowd", "fit_waiting", "learn_hypers"]


def test_of_very_many_families_those_that_stand_apart_are_tried(
    seen: list[Seen],
) -> None:
    """One that climbs ten times as fast is among them; they are at most as many."""
    generator = np.random.default_rng(2)
    wild = _seen(generator, N)
    wild = Seen(
        series=wild.series,
        scale=wild.scale,
        points=Points(wild.points.years, 13.0 * wild.points.years),
        stands=wild.stands,
        record=wild.record,
        until=wild.until,
    )
    nearly = RecordVotes([*seen, wild]).nearly_without(seen[0])
    assert wild.family_id in nearly.family_ids
    assert len(nearly.family_ids) <= MANY_FAMILIES


def test_a_vote_exchanged_is_a_step_from_all(
    seen: list[Seen], monkeypatch: pytest.MonkeyPatch
) -> None:
    """As without a family; and the vote in its place is learned from."""
    generator = np.random.default_rng(5)
    other = _seen(generator, N + 1)
    out = {"f000", "f001"}

    def learned() -> np.ndarray:
        votes = RecordVotes(seen).exchanged(out, [other], bounded=True)
        return np.array([_learned(votes, one) for one in seen[2:32]])

    before = np.array([_learned(RecordVotes(seen), one) for one in seen[2:32]])
    stepped = learned()
    monkeypatch.setattr(record_votes, "MANY_FAMILIES", 10 * N)
    exact = learned()
    wrong, moved = (np.abs(one - exact).mean(axis=0) for one in (stepped, before))
    assert wrong[:2] == pytest.approx([0, 0], abs=1e-12)
    assert wrong[2] < 0.01
    assert wrong[3] < 0.05
    assert wrong[2] < moved[2]
    assert (wrong[4:] < moved[4:] / 30).all()  # waits


def test_several_pools_are_learned_as_each_alone(seen: list[Seen]) -> None:
    """Of a few families, some of them exchanged; and one asked twice."""
    generator = np.random.default_rng(7)
    few, other = seen[:12], _seen(generator, N + 2)

    def pools() -> list[RecordVotes]:
        votes = RecordVotes(few)
        return [
            votes,
            votes.exchanged({"f003"}, [other], bounded=True),
            votes.exchanged({"f004", "f005"}, [], bounded=True),
        ]

    together = parameters_of(
        learn_from_each([*pools(), votes := RecordVotes(few)], few[0]), few[0]
    )
    alone = [_learned(RecordVotes(one.votes), few[0]) for one in pools()]
    assert together[:3] == pytest.approx(np.array(alone), rel=1e-9)
    assert together[3] == pytest.approx(together[0], rel=1e-12)
    assert (np.abs(together[1:3] - together[0]) > 1e-3).any(axis=1).all()
    assert _learned(votes, few[0]) == pytest.approx(together[3], rel=1e-12)


def test_a_chance_is_that_of_the_law_with_what_is_learned(seen: list[Seen]) -> None:
    one, votes = seen[0], RecordVotes(seen[:12])
    learned = [votes.learn(one), votes.learn(one, without="f007")]
    level, years = one.record + 0.4, 0.8
    found = chances(one, parameters_of(learned, one), level, years)
    for chance, other in zip(found, learned, strict=True):
        hyper = one.hyper(other.likely, other.prior)
        law = RecordLaw(
            one.record,
            one.trend(hyper, other.prior),
            hyper,
            other.waiting.given(one.stands),
        )
        (expected,) = law.exceedance(np.array([level]), np.array([years]))
        assert chance == pytest.approx(expected[0], rel=1e-9)
    assert found[0] != found[1]
