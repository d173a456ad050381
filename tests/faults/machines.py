"""What schedules are played on: a warm process, worlds to begin from, and a store."""

import shutil
from contextlib import ExitStack
from pathlib import Path
from typing import Any, Self

from tests.faults.orders import Answers, job, tasks
from tests.faults.schedule import PUBLISHED_STEP, STAGES, Scenario, Step
from tests.faults.shared import SharedStore
from tests.faults.world import Worker, can_mount, copy_world, make_world, place


class Machines:
    """Machines whose disks are folders; some of them share a store."""

    def __init__(self) -> None:
        """Nothing is there yet."""
        self.keeps = False
        self._environments: dict[str, dict[str, str]] = {}
        self._stack = ExitStack()

    def __enter__(self) -> Self:
        """Start the process and make the worlds that schedules begin from."""
        self.home = place()
        self.mounts = can_mount()
        self.store = self._stack.enter_context(SharedStore())
        make_world(self.home / "empty")
        self.worker = Worker(self.home / "worker", world=self.home / "empty")
        copy_world(self.home / "empty", self.home / "published")
        self._publish(self.home / "published")
        return self

    def __exit__(self, *_: object) -> None:
        """End the process; remove the worlds, unless one is to be looked at."""
        self.worker.stop()
        self._stack.close()
        if not self.keeps:
            shutil.rmtree(self.home)

    def run(self, *jobs: dict[str, Any]) -> Answers:
        """Run jobs at once, each in the environment of its world."""
        for one in jobs:
            one["environment"] = self._environments.get(one["root"], {})
        return self.worker.run(*jobs)

    def run_step(self, step: Step, root: Path) -> Answers:
        """A step without a fault."""
        if step.words[0] == STAGES:
            return list(tasks(self.run, step, root, None))
        return self.run(job(step.words, step.day, root))

    def world(self, scenario: Scenario, name: str) -> Path:
        """A new world as the scenario finds it."""
        root, base = self.home / name, "empty"
        if scenario.published:
            base = "shared" if scenario.shared else "published"
        if base == "shared" and not (self.home / base).exists():
            copy_world(self.home / "empty", self.home / base)
            self.share(self.home / base, base)
            self._publish(self.home / base)
        copy_world(self.home / base, root)
        if scenario.shared:
            self.store.copy(base, name)
            self.share(root, name)
        return root

    def share(self, root: Path, name: str) -> None:
        """Make a world one of the machines that share a prefix of the store."""
        self._environments[str(root)] = self.store.environment(name)

    def _publish(self, root: Path) -> None:
        [done] = self.run_step(PUBLISHED_STEP, root)
        if done["code"]:
            raise RuntimeError(f"the world cannot be made: {done['err']}")
