"""Plays schedules of faults, and says which promise was broken."""

import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

from tests.faults import invariants as hold
from tests.faults.schedule import (
    PUBLISHED_STEP,
    RUN,
    STAGES,
    Fault,
    Scenario,
    Schedule,
    Step,
    draw,
    noon,
)
from tests.faults.world import (
    Worker,
    can_mount,
    copy_world,
    make_world,
    place,
    read_only,
    small_disk,
)

Answers = list[dict[str, Any]]


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


@dataclass(frozen=True)
class Reference:
    """The same scenario without faults.

    Attributes:
        world: what it left.
        codes: exit code of each step.
        n_steps: looks at and changes of files of each step.
        n_changes: changes alone.
        n_bytes: by how much data/ grew in each step, 64 KiB at least.
    """

    world: Path
    codes: list[int]
    n_steps: list[int]
    n_changes: list[int]
    n_bytes: list[int]


class Driver:
    """A warm process, base worlds, and what every scenario gives without faults."""

    def __enter__(self) -> Self:
        """Start the process and make the worlds that schedules begin from."""
        self.keeps = False
        self.home = place()
        self.mounts = can_mount()
        self._references: dict[str, Reference] = {}
        make_world(self.home / "empty")
        self.worker = Worker(self.home / "worker", world=self.home / "empty")
        copy_world(self.home / "empty", self.home / "published")
        [done] = self.run_step(PUBLISHED_STEP, self.home / "published")
        if done["code"]:
            raise RuntimeError(f"the world cannot be made: {done['err']}")
        return self

    def __exit__(self, *_: object) -> None:
        """End the process; remove the worlds, unless one is to be looked at."""
        self.worker.stop()
        if not self.keeps:
            shutil.rmtree(self.home)

    def play(self, seed: int) -> Outcome:
        """One schedule: each step meets its faults, then is run again without."""
        schedule = draw(seed)
        reference = self._reference(schedule.scenario)
        root = self.home / f"seed-{seed}"
        copy_world(self._begin(schedule.scenario), root)
        outcome = Outcome(schedule, root)
        watcher = hold.Watcher(root / "data" / "results")
        watcher.may_vanish = schedule.scenario.name == "taken back"
        try:
            for i, step in enumerate(schedule.scenario.steps):
                _edit_figures(root, step)
                attempt = Attempt(self, step, i, root, reference, watcher)
                for fault in schedule.faults[i]:
                    outcome.met.append(attempt.meet(fault))
                attempt.recover()
                outcome.problems += attempt.problems
        finally:
            watcher.stop()
        outcome.n_looks = watcher.n_looks
        outcome.problems += watcher.problems
        outcome.problems += hold.different(
            reference.world / "data", root / "data", strict=schedule.strict
        )
        return outcome

    def run(self, *jobs: dict[str, Any]) -> Answers:
        """Run jobs at once."""
        return self.worker.run(*jobs)

    def _reference(self, scenario: Scenario) -> Reference:
        if scenario.name not in self._references:
            self._references[scenario.name] = self._without_faults(scenario)
        return self._references[scenario.name]

    def _without_faults(self, scenario: Scenario) -> Reference:
        root = self.home / f"without faults, {scenario.name}"
        copy_world(self._begin(scenario), root)
        codes, n_steps, n_changes, n_bytes = [], [], [], []
        for step in scenario.steps:
            _edit_figures(root, step)
            before = _size(root)
            answers = self.run_step(step, root)
            codes.append(answers[-1]["code"])
            n_steps.append(max(one["steps"] for one in answers))
            n_changes.append(max(one["changes"] for one in answers))
            n_bytes.append(max(_size(root) - before, 1 << 16))
            if problems := [*hold.broken_now(root), *hold.broken_after_recovery(root)]:
                raise RuntimeError(f"{scenario.name} without faults: {problems}")
        return Reference(root, codes, n_steps, n_changes, n_bytes)

    def _begin(self, scenario: Scenario) -> Path:
        return self.home / ("published" if scenario.published else "empty")

    def run_step(self, step: Step, root: Path) -> Answers:
        """A step without a fault."""
        if step.words[0] == STAGES:
            return list(tasks(self, step, root, None))
        return self.run(job(step.words, step.day, root))


def job(words: tuple[str, ...], day: str, root: Path, **more: Any) -> dict[str, Any]:
    """An order to the worker: a command at noon of a day."""
    return {"words": words, "root": str(root), "now": noon(day)} | more


def tasks(
    driver: Driver,
    step: Step,
    root: Path,
    fault: dict[str, Any] | None,
    broken: int = 0,
) -> Iterator[dict[str, Any]]:
    """A forecast as tasks, each in a process of its own; the fault meets one of them.

    Fits run side by side. After a task that failed none follows.
    """
    day = step.words[1]
    folder, shards = "", [""]
    names = ("ingest", "plan", "records", "fit", "cross", "publish")
    for i, name in enumerate(names):
        words: list[tuple[str, ...]] = [("stage", name, folder)]
        if name == "ingest":
            words = [("ingest",)]
        elif name == "plan":
            words = [("stage", name, day)]
        elif name == "fit":
            words = [("stage", name, folder, shard) for shard in shards]
        jobs = [job(one, step.day, root) for one in words]
        if fault is not None and i == broken:
            jobs[-1]["fault"] = fault
        answers = driver.run(*jobs)
        yield from answers
        if any(one["code"] not in (0, 7) for one in answers):
            return
        if name == "plan":
            folder = answers[0]["out"].strip()
        elif name == "records":
            shards = answers[0]["out"].split()


@dataclass
class Attempt:
    """One step of a schedule, attempted with faults and at last without."""

    driver: Driver
    step: Step
    number: int
    root: Path
    reference: Reference
    watcher: hold.Watcher
    problems: list[str] = field(default_factory=list)

    def meet(self, fault: Fault) -> str:
        """Run the step while something breaks; how it ended."""
        before = hold.of_record(self.root)
        with ExitStack() as after:
            run = self._prepared(fault, after)
            answers = run()
        codes = " ".join(str(one["code"]) for one in answers)
        met = f"{fault.kind} -> {codes}"
        self._check(met, before, answers)
        return met

    def recover(self) -> None:
        """Run it again without a fault."""
        before = hold.of_record(self.root)
        answers = self.driver.run_step(self.step, self.root)
        self._check("recovery", before, answers)
        allowed = {self.reference.codes[self.number]}
        if self.step.words[0] == "unpublish":
            allowed.add(2)  # it was taken back before the fault
        if answers[-1]["code"] not in allowed:
            code, said = answers[-1]["code"], answers[-1]["err"][-600:]
            self.problems.append(f"recovery ended with {code}, not {allowed}: {said}")
        self.problems += hold.broken_after_recovery(self.root)

    def _check(self, met: str, before: dict[str, hold.Tree], answers: Answers) -> None:
        found = [
            *hold.shrunk(before, self.root),
            *hold.broken_now(self.root),
            *(one for answer in answers for one in hold.unclear(answer)),
        ]
        self.problems += [f"{' '.join(self.step.words)}: {met}: {one}" for one in found]

    def _prepared(self, fault: Fault, after: ExitStack) -> Callable[[], Answers]:
        """The step with the fault in it; ``after`` takes away what was set up."""
        kind = fault.kind
        if not self.driver.mounts and kind in ("full disk", "read-only"):
            number = "ENOSPC" if kind == "full disk" else "EROFS"
            return self._with({"kind": "errno", "errno": number}, fault)
        if kind in ("full disk", "read-only"):
            folder = self.root / "data" / fault.pick("results", "work")
            room = int(fault.size * self.reference.n_bytes[self.number])
            disk = (
                read_only(folder)
                if kind == "read-only"
                else small_disk(folder, room=room)
            )
            after.enter_context(self._unseen(disk))
            return self._with(None, fault)
        if kind == "source":
            self._damage_figures(fault, after)
            return self._with(None, fault)
        if kind in ("source edited", "registry edited"):
            return self._with(self._edit(fault, after), fault)
        if kind in ("clock", "twice", "killed beside", "beside"):
            is_alone = kind == "clock"
            return self._at_wrong_time(fault) if is_alone else self._two_at_once(fault)
        breaks: dict[str, dict[str, Any]] = {
            "kill": {"kind": "kill"},
            "no space": {
                "kind": "errno",
                "errno": fault.pick("ENOSPC", "EDQUOT", "EIO"),
            },
            "file limit": {"kind": "limit", "bytes": int(8192 * 64**fault.size)},
        }
        return self._with(breaks[kind], fault)

    def _with(
        self, fault: dict[str, Any] | None, drawn: Fault
    ) -> Callable[[], Answers]:
        if fault is not None:
            # what is half done lies between two changes, and most steps are looks
            of = drawn.pick("changes", "changes", "steps")
            counts = self.reference
            n = (counts.n_changes if of == "changes" else counts.n_steps)[self.number]
            fault = {"at": 1 + int(drawn.at * n), "of": of} | fault
        if self.step.words[0] == STAGES:
            task = drawn.number % 6
            return lambda: list(tasks(self.driver, self.step, self.root, fault, task))
        one = job(self.step.words, self.step.day, self.root, fault=fault)
        return lambda: self.driver.run(one)

    def _at_wrong_time(self, fault: Fault) -> Callable[[], Answers]:
        days_off = fault.pick(-400, -1, 1, 40, 4000)
        if self.step.words[0] == STAGES:
            return self._with(None, fault)
        one = job(self.step.words, self.step.day, self.root)
        one["now"] = noon(self.step.day, days_off=days_off)
        return lambda: self.driver.run(one)

    def _two_at_once(self, fault: Fault) -> Callable[[], Answers]:
        words = self.step.words
        if words[0] == STAGES:
            words = (*RUN, words[1])
        one, other = (job(words, self.step.day, self.root) for _ in range(2))
        if fault.kind == "killed beside":
            n_steps = max(self.reference.n_steps)
            one["fault"] = {"kind": "kill", "at": 1 + int(fault.at * n_steps)}
        if fault.kind == "beside":
            other["words"] = fault.pick(
                ("ingest",),
                ("doctor",),
                (*RUN, "2025-11-30", "--draft"),
                ("show", "--all"),
                ("clean", "--keep", "0", "--yes"),
            )
        return lambda: self.driver.run(one, other)

    def _damage_figures(self, fault: Fault, after: ExitStack) -> None:
        path = self._figures(fault)
        sound = path.read_bytes()
        after.callback(path.write_bytes, sound)
        damaged = _damaged(sound, fault)
        if damaged is None:
            path.unlink()
        else:
            path.write_bytes(damaged)

    def _edit(self, fault: Fault, after: ExitStack) -> dict[str, Any]:
        """An edit in the middle of the step."""
        if fault.kind == "source edited":
            path = self._figures(fault)
            content = path.read_text()[: int(fault.size * path.stat().st_size)]
        else:
            registry = self.root / "data" / "registry"
            name = fault.pick("models.yaml", "benchmarks.yaml", "thresholds/work.yaml")
            path = registry / name
            text = path.read_text()
            content = f"{text}# edited\n"
            if fault.size > 0.5:  # half of it is written
                content = text[: int((2 * fault.size - 1) * len(text))]
        after.callback(path.write_bytes, path.read_bytes())
        return {"kind": "edit", "path": str(path), "content": content}

    def _figures(self, fault: Fault) -> Path:
        files = sorted((self.root / "data" / "observations").glob("*.csv"))
        return files[fault.number % len(files)]

    @contextmanager
    def _unseen(self, disk: Any) -> Iterator[None]:
        """Another disk put below the results while nobody looks."""
        with ExitStack() as stack:
            with self.watcher.reading:
                stack.enter_context(disk)
            try:
                yield
            finally:
                with self.watcher.reading:
                    stack.close()


def _damaged(sound: bytes, fault: Fault) -> bytes | None:
    """Figures as a failing source leaves them; None where the file is gone."""
    half = sound[: int(fault.size * len(sound))]
    return {
        "gone": None,
        "empty": b"",
        "half": half,
        "garbled": bytes(byte ^ 0xA5 for byte in sound[:4000]),
        "a page of an error": b"<html><body>503 Service Unavailable</body></html>\n",
    }[fault.pick("gone", "empty", "half", "garbled", "a page of an error")]


def _edit_figures(root: Path, step: Step) -> None:
    """A publisher revises a score."""
    if step.edit is None:
        return
    path = root / "data" / "observations" / "coding_quiz.csv"
    was, now = ",33.00,", ",33.50,"
    text = path.read_text()
    assert was in text or now in text
    path.write_text(text.replace(was, now))


def _size(root: Path) -> int:
    return sum(p.stat().st_size for p in (root / "data").rglob("*") if p.is_file())
