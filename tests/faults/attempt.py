"""One step of a schedule, attempted while something breaks, and at last without."""

import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.faults import invariants as hold
from tests.faults.machines import Machines
from tests.faults.orders import Answers, job, tasks
from tests.faults.schedule import RUN, STAGES, Fault, Step, noon
from tests.faults.shared import FAILURES, broken_store, failing, is_brief
from tests.faults.world import copy_world, read_only, small_disk


@dataclass(frozen=True)
class Reference:
    """The same scenario without faults.

    Attributes:
        world: what it left.
        codes: exit code of each step.
        n_steps: looks at and changes of files of each step.
        n_changes: changes alone.
        n_bytes: by how much data/ grew in each step, 64 KiB at least.
        n_requests: what each step asked the store that machines share.
    """

    world: Path
    codes: list[int]
    n_steps: list[int]
    n_changes: list[int]
    n_bytes: list[int]
    n_requests: list[int]


@dataclass
class Attempt:
    """One step of a schedule, attempted with faults and at last without."""

    machines: Machines
    step: Step
    number: int
    root: Path
    reference: Reference
    watcher: hold.Watcher
    is_shared: bool
    problems: list[str] = field(default_factory=list)
    figures: list[hold.Rows] = field(default_factory=list)

    def meet(self, fault: Fault) -> str:
        """Run the step while something breaks; how it ended."""
        before = self._of_record()
        with ExitStack() as after:
            run = self._prepared(fault, after)
            answers = run()
            self.figures.append(hold.rows_of(self.root))
        codes = " ".join(str(one["code"]) for one in answers)
        met = f"{fault.kind} -> {codes}"
        self._check(met, before, answers)
        if is_brief(fault):
            self._check_end(met, answers)
        if fault.kind == "machine lost":
            self._lose_disk()
        return met

    def recover(self) -> None:
        """Run it again without a fault."""
        before = self._of_record()
        answers = self.machines.run_step(self.step, self.root)
        self._check("recovery", before, answers)
        self._check_end("recovery", answers)
        self.problems += hold.broken_after_recovery(self.root, shared=self.is_shared)
        if self.is_shared:
            self.problems += hold.broken_after_recovery(self.copy, shared=True)

    @property
    def copy(self) -> Path:
        """Where the store is copied to."""
        return self.root / "store"

    def _of_record(self) -> dict[Path, dict[str, hold.Tree]]:
        """Files of record of this world, and of the store."""
        worlds = [self.root]
        if self.is_shared:
            worlds.append(self.machines.store.take(self.root.name, self.copy))
        return {world: hold.of_record(world) for world in worlds}

    def _check(
        self, met: str, before: dict[Path, dict[str, hold.Tree]], answers: Answers
    ) -> None:
        found = [*hold.broken_now(self.root, self.figures)]
        if self.is_shared:
            found += broken_store(self.machines.store.take(self.root.name, self.copy))
        if self._other.exists():
            found += hold.broken_now(self._other)
        for world, files in before.items():
            found += hold.shrunk(files, world)
        found += [one for answer in answers for one in hold.unclear(answer)]
        self.problems += [f"{' '.join(self.step.words)}: {met}: {one}" for one in found]

    def _check_end(self, met: str, answers: Answers) -> None:
        """A step that met no fault, or none to speak of, ends as without faults."""
        allowed = {self.reference.codes[self.number]}
        if self.step.words[0] == "unpublish":
            allowed.add(2)  # it was taken back before the fault
        if answers[-1]["code"] not in allowed:
            code, said = answers[-1]["code"], answers[-1]["err"][-600:]
            self.problems.append(f"{met} ended with {code}, not {allowed}: {said}")

    def _lose_disk(self) -> None:
        """What this machine wrote is gone; what it shared is not."""
        with self.watcher.reading:
            for name in ("results", "work"):
                shutil.rmtree(self.root / "data" / name, ignore_errors=True)
            self.watcher.forget()

    def _prepared(self, fault: Fault, after: ExitStack) -> Callable[[], Answers]:
        """The step with the fault in it; ``after`` takes away what was set up."""
        if fault.kind == "clock":
            return self._at_wrong_time(fault)
        if fault.kind in ("twice", "killed beside", "beside"):
            return self._two_at_once(fault)
        return self._with(self._broken(fault, after), fault)

    def _broken(self, fault: Fault, after: ExitStack) -> dict[str, Any] | None:
        """Break what lies around the step; what the worker is to break within it."""
        kind = fault.kind
        if kind in ("full disk", "read-only"):
            return self._broken_disk(fault, after)
        if kind == "source":
            self._damage_figures(fault, after)
            return None
        if kind in ("source edited", "registry edited"):
            return self._edit(fault, after)
        if kind in FAILURES:
            proxy = self.machines.store.proxy
            proxy.begin(*failing(fault, self.reference.n_requests[self.number]))
            after.callback(proxy.begin, range(0))
            return None
        breaks: dict[str, dict[str, Any]] = {
            "kill": {"kind": "kill"},
            "machine lost": {"kind": "kill"},
            "no space": {
                "kind": "errno",
                "errno": fault.pick("ENOSPC", "EDQUOT", "EIO"),
            },
            "file limit": {"kind": "limit", "bytes": int(8192 * 64**fault.size)},
        }
        return breaks[kind]

    def _broken_disk(self, fault: Fault, after: ExitStack) -> dict[str, Any] | None:
        is_full = fault.kind == "full disk"
        if not self.machines.mounts:
            return {"kind": "errno", "errno": "ENOSPC" if is_full else "EROFS"}
        folder = self.root / "data" / fault.pick("results", "work")
        room = int(fault.size * self.reference.n_bytes[self.number])
        disk = small_disk(folder, room=room) if is_full else read_only(folder)
        after.enter_context(self._unseen(disk))
        return None

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
            return lambda: list(
                tasks(self.machines.run, self.step, self.root, fault, task)
            )
        one = job(self.step.words, self.step.day, self.root, fault=fault)
        return lambda: self.machines.run(one)

    def _at_wrong_time(self, fault: Fault) -> Callable[[], Answers]:
        days_off = fault.pick(-400, -1, 1, 40, 4000)
        if self.step.words[0] == STAGES:
            return self._with(None, fault)
        one = job(self.step.words, self.step.day, self.root)
        one["now"] = noon(self.step.day, days_off=days_off)
        return lambda: self.machines.run(one)

    def _two_at_once(self, fault: Fault) -> Callable[[], Answers]:
        words = self.step.words
        if words[0] == STAGES:
            words = (*RUN, words[1])
        one = job(words, self.step.day, self.root)
        other = job(words, self.step.day, self._another_machine())
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
        return lambda: self.machines.run(one, other)

    @property
    def _other(self) -> Path:
        return self.root / "other"

    def _another_machine(self) -> Path:
        """Where a second command runs: on this machine, unless several share a store."""
        if not self.is_shared:
            return self.root
        if not self._other.exists():
            copy_world(self.machines.home / "empty", self._other)
            self.machines.share(self._other, self.root.name)
        return self._other

    def _damage_figures(self, fault: Fault, after: ExitStack) -> None:
        """A source fails."""
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
