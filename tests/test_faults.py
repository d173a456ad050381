"""A few schedules of faults, all of whose promises must be kept; and one broken promise.

``make faults SEEDS=500`` plays as many as one likes: see ``tests/faults``.
"""

import multiprocessing
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.faults import invariants as hold
from tests.faults.beside import TOGETHER, check, play_beside, together
from tests.faults.driver import Driver
from tests.faults.orders import job
from tests.faults.schedule import KINDS, RUN, SCENARIOS, SHARED_KINDS, draw
from tests.faults.shared import broken_store
from tests.faults.world import copy_world, read_only, small_disk
from tests.s3_server import How

SEEDS = (30, 2, 95)
"""What was cleaned; killed, on a full disk. What was taken back, and tasks, where
machines share a store that says 503, and one is lost with its disk."""

SEEDS_BESIDE = (16, 25)
"""Revised figures, on a disk that is read-only or full; and tasks, of which one is killed.
Played by two processes."""


@pytest.fixture(scope="module")
def driver() -> Iterator[Driver]:
    with Driver() as one:
        yield one


@pytest.mark.parametrize("seed", SEEDS)
def test_every_promise_is_kept(driver: Driver, seed: int) -> None:
    outcome = driver.play(seed)
    assert outcome.met
    assert outcome.n_looks
    assert outcome.problems == [], f"{outcome}; make faults FIRST={seed} SEEDS=1"


def test_schedules_are_drawn_by_their_seed_and_hold_every_fault() -> None:
    assert draw(17) == draw(17)
    assert draw(17) != draw(18)
    drawn = [draw(seed) for seed in range(200)]
    assert set.union(*(one.kinds for one in drawn)) == {*KINDS, *SHARED_KINDS}
    assert {one.scenario for one in drawn} == set(SCENARIOS)


def test_seeds_of_one_scenario_are_played_by_few_processes() -> None:
    tasks = together(range(1, 101))
    assert sorted(seed for task in tasks for seed in task) == [*range(1, 101)]
    assert all(len({draw(seed).scenario for seed in task}) == 1 for task in tasks)
    assert max(len(task) for task in tasks) == TOGETHER


def test_every_promise_is_kept_and_two_processes_play_each_schedule_once() -> None:
    played = list(play_beside(SEEDS_BESIDE, processes=2, keep=False))
    assert sorted(seed for seed, _ in played) == [*SEEDS_BESIDE]
    for seed, outcome in played:
        assert outcome.schedule == draw(seed)
        assert outcome.met
        assert outcome.n_looks
        assert outcome.problems == [], f"{outcome}; make faults FIRST={seed} SEEDS=1"
        assert not outcome.world.exists()


def test_a_process_that_fails_is_not_waited_for() -> None:
    worker = multiprocessing.get_context("spawn").Process(target=sys.exit, args=(3,))
    worker.start()
    worker.join()
    with pytest.raises(RuntimeError, match="ended with 3"):
        check([worker])


HASTY = """
import sys

publish = sys.modules["trends.pipeline.publish"]

def write_run(*args, real=publish.write_run, **kwargs):
    results = kwargs["results"]
    pointer = results / "latest.json"
    if not kwargs["draft"] and pointer.exists():
        said = pointer.read_text()
        pointer.write_text(said[: len(said) // 2])
    return real(*args, **kwargs)

publish.write_run = write_run
"""


def test_a_product_that_breaks_its_word_is_found(
    driver: Driver, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Here one that writes latest.json before the files it leads to, and in place."""
    real = driver.run
    monkeypatch.setattr(
        driver, "run", lambda *jobs: real(*({**one, "breaks": HASTY} for one in jobs))
    )
    problems = driver.play(46).problems
    assert any("latest.json" in one for one in problems), problems


def test_ten_runs_at_once_make_one_run(driver: Driver, tmp_path: Path) -> None:
    root = tmp_path / "world"
    copy_world(driver.home / "published", root)
    watcher = hold.Watcher(root / "data" / "results")
    words = (*RUN, "2026-02-28")
    answers = driver.run(*(job(words, "2026-02-28", root) for _ in range(10)))
    watcher.stop()
    assert [one["code"] for one in answers] == [0] * 10
    assert watcher.problems == []
    assert [*hold.broken_now(root), *hold.broken_after_recovery(root)] == []
    assert len(list(root.glob("data/results/runs/2026-02-28/*"))) == 1
    assert len(list(root.glob("data/results/history/publications/*.json"))) == 2


@pytest.mark.parametrize("folder", ["results", "work"])
def test_a_full_disk_and_a_read_only_folder_are_said_in_a_sentence(
    driver: Driver, tmp_path: Path, folder: str
) -> None:
    if not driver.mounts:
        pytest.skip("this user may not mount a small disk")
    root = tmp_path / "world"
    copy_world(driver.home / "published", root)
    before = hold.of_record(root)
    one = job((*RUN, "2026-02-28"), "2026-02-28", root)
    said = {}
    for name, disk in (
        ("full", small_disk(root / "data" / folder, room=16_384)),
        ("read-only", read_only(root / "data" / folder)),
    ):
        with disk:
            [answer] = driver.run(one)
            assert list(hold.broken_now(root)) == []
        assert answer["code"] == 9
        assert list(hold.unclear(answer)) == []
        assert list(hold.shrunk(before, root)) == []
        said[name] = answer["err"]
    assert "No space left on device (make room and run it again)" in said["full"]
    assert "Read-only file system" in said["read-only"]
    [answer] = driver.run(one)
    assert answer["code"] == 0
    assert [*hold.broken_now(root), *hold.broken_after_recovery(root)] == []


@pytest.mark.parametrize("how", ["says 503", "drops the answer"])
def test_a_store_that_is_gone_is_said_in_a_sentence(driver: Driver, how: How) -> None:
    """In the middle of a publication, and for longer than anybody waits."""
    [shared] = [one for one in SCENARIOS if one.name == "shared, two"]
    root = driver.world(shared, f"gone, {how}")
    before = hold.of_record(driver.store.take(root.name, root / "store"))
    one = job((*RUN, "2026-02-28"), "2026-02-28", root)
    driver.store.proxy.begin(range(100, 10**6), how)
    [answer] = driver.run(one)
    driver.store.proxy.begin(range(0))
    left = driver.store.take(root.name, root / "store")
    assert answer["code"] == 9
    assert "run the same again when it answers" in " ".join(answer["err"].split())
    assert [*hold.broken_now(root), *broken_store(left), *hold.unclear(answer)] == []
    assert list(hold.shrunk(before, left)) == []
    [answer] = driver.run(one)
    assert answer["code"] == 0, answer["err"]
    left = driver.store.take(root.name, root / "store")
    assert [*hold.broken_after_recovery(left, shared=True), *broken_store(left)] == []


@pytest.mark.parametrize(
    ("name", "was", "words"),
    [
        ("data/registry/thresholds/work.yaml", "title: ", "the registry"),
        ("expectations/frontier.yaml", "reason: ", "expectations/"),
    ],
)
def test_what_is_edited_between_two_stages_is_said(
    driver: Driver, tmp_path: Path, name: str, was: str, words: str
) -> None:
    root = tmp_path / "world"
    day = "2026-02-28"
    copy_world(driver.home / "published", root)
    [planned] = driver.run(job(("stage", "plan", day), day, root))
    path = root / name
    sound = path.read_text()
    path.write_text(sound.replace(was, f"{was}A new "))
    records = job(("stage", "records", planned["out"].strip()), day, root)

    [edited] = driver.run(records)

    assert edited["code"] == 2
    assert f"{words} was edited while the run was under way" in " ".join(
        edited["err"].split()
    )
    path.write_text(sound)
    [again] = driver.run(records)
    assert again["code"] == 0, again["err"]


def test_taking_back_can_be_killed_anywhere(driver: Driver, tmp_path: Path) -> None:
    """The same command again says that it is done, and latest.json leads nowhere."""
    day, words = "2026-02-28", ("unpublish", "2026-01-31", "--why", "a wrong figure")
    codes = set()
    for step in range(8, 20):
        root = tmp_path / str(step)
        copy_world(driver.home / "published", root)
        kill = {"kind": "kill", "at": step}
        driver.run(job(words, day, root, fault=kill))
        assert list(hold.broken_now(root)) == []
        [again] = driver.run(job(words, day, root))
        codes.add(again["code"])
        assert [*hold.unclear(again), *hold.broken_after_recovery(root)] == [], step
        assert not (root / "data" / "results" / "latest.json").exists()
    assert codes == {0, 2}, "some were killed before the record, some after"
