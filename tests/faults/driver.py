"""Plays schedules of faults, and says which promise was broken."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from tests.faults import invariants as hold
from tests.faults.attempt import Attempt, Reference
from tests.faults.machines import Machines
from tests.faults.orders import edit_figures
from tests.faults.schedule import Scenario, Schedule, draw
from tests.faults.shared import StoreWatcher


@dataclass
class Outcome:
    """What came of a schedule.

    Attributes:
        schedule: what was to be met.
        world: where it was played.
        met: the faults that were met, each with how the command ended.
        n_looks: how often latest.json was looked at meanwhile.
        problems: the promises that were broken.
    """

    schedule: Schedule
    world: Path
    met: list[str] = field(default_factory=list)
    n_looks: int = 0
    problems: list[str] = field(default_factory=list)

    @property
    def n_met(self) -> int:
        """How many faults were met."""
        return len(self.met)

    def __str__(self) -> str:
        """In a line."""
        return f"{self.schedule.scenario.name}: {', '.join(self.met)}"


class Driver(Machines):
    """Plays schedules, beside what their scenarios give without faults."""

    def __init__(self) -> None:
        """No scenario was played yet."""
        super().__init__()
        self._references: dict[str, Reference] = {}

    def play(self, seed: int) -> Outcome:
        """One schedule: each step meets its faults, then is run again without."""
        schedule = draw(seed)
        scenario = schedule.scenario
        reference = self._reference(scenario)
        root = self.world(scenario, f"seed-{seed}")
        outcome = Outcome(schedule, root)
        watcher = hold.Watcher(root / "data" / "results")
        watcher.may_vanish = scenario.takes_back
        in_store = StoreWatcher(self.store, root.name, root / "seen")
        in_store.may_vanish = scenario.takes_back
        try:
            for i, step in enumerate(scenario.steps):
                edit_figures(root, step)
                attempt = Attempt(
                    self, step, i, root, reference, watcher, is_shared=scenario.shared
                )
                for fault in schedule.faults[i]:
                    outcome.met.append(attempt.meet(fault))
                attempt.recover()
                outcome.problems += attempt.problems
        finally:
            watcher.stop()
            in_store.stop()
        outcome.n_looks = watcher.n_looks
        outcome.problems += [*watcher.problems, *in_store.problems]
        outcome.problems += _different(schedule, reference.world, root)
        self.store.clear(root.name)
        return outcome

    def _reference(self, scenario: Scenario) -> Reference:
        if scenario.name not in self._references:
            self._references[scenario.name] = self._without_faults(scenario)
        return self._references[scenario.name]

    def _without_faults(self, scenario: Scenario) -> Reference:
        root = self.world(scenario, f"without-faults-{len(self._references)}")
        found = Reference(root, [], [], [], [], [])
        for step in scenario.steps:
            edit_figures(root, step)
            before = _size(root)
            self.store.proxy.begin(range(0))
            answers = self.run_step(step, root)
            found.codes.append(answers[-1]["code"])
            found.n_steps.append(max(one["steps"] for one in answers))
            found.n_changes.append(max(one["changes"] for one in answers))
            found.n_bytes.append(max(_size(root) - before, 1 << 16))
            found.n_requests.append(self.store.proxy.n_asked)
            if problems := [*hold.broken_now(root), *hold.broken_after_recovery(root)]:
                raise RuntimeError(f"{scenario.name} without faults: {problems}")
        self.store.take(root.name, root / "store")
        return found


def _different(schedule: Schedule, wanted: Path, found: Path) -> Iterator[str]:
    """How a world came out otherwise than without faults, on its disk and in the store."""
    is_shared, strict = schedule.scenario.shared, schedule.strict
    folders = ["results"]
    if strict and "machine lost" not in schedule.kinds:
        folders += ["work/sources", "work/ingests"]
    yield from hold.different(
        wanted / "data",
        found / "data",
        folders=folders,
        strict=strict,
        numbered=not is_shared,
    )
    if is_shared:
        for problem in hold.different(
            wanted / "store" / "data",
            found / "store" / "data",
            folders=["results"],
            strict=strict,
            numbered=False,
        ):
            yield f"in the store: {problem}"


def _size(root: Path) -> int:
    return sum(p.stat().st_size for p in (root / "data").rglob("*") if p.is_file())
