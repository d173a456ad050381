"""What must hold on disk whatever broke, read without the project's own code."""

import contextlib
import csv
import fcntl
import hashlib
import json
import threading
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, Final

NEVER_SHRINK: Final = ("results/runs", "results/history", "ledger", "snapshots")
"""Folders of data/ whose files stay as they were written."""

MESSAGES: Final = {0, 2, 3, 4, 5, 6, 7, 8, 9}
"""Exit codes of the project that are not a fault of its own."""

Tree = dict[str, str]
Rows = Mapping[str, int]


def sha256(path: Path) -> str:
    """Of a file."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def tree(folder: Path) -> Tree:
    """SHA-256 of every file below a folder that is no lock and not unfinished."""
    return {
        path.relative_to(folder).as_posix(): sha256(path)
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.name != ".lock" and ".unfinished-" not in str(path)
    }


def broken_run(run: Path) -> Iterator[str]:
    """What is wrong with the files of a run that can be seen."""
    try:
        manifest = json.loads((run / "manifest.json").read_bytes())
    except (OSError, ValueError) as error:
        yield f"{run}: half a run is visible: {error}"
        return
    for name, entry in manifest["files"].items():
        path = run / name
        if not path.is_file() or sha256(path) != entry["sha256"]:
            yield f"{path}: is not what the manifest says"


def broken_latest(results: Path) -> Iterator[str]:
    """What is wrong with latest.json and with the run that it leads to."""
    try:
        content = (results / "latest.json").read_bytes()
    except FileNotFoundError:
        return
    try:
        latest = json.loads(content)
        run = results / latest["path"]
        if sha256(run / "manifest.json") != latest["manifest_sha256"]:
            yield "latest.json leads to another manifest than it says"
    except (OSError, ValueError, KeyError) as error:
        yield f"latest.json is not whole: {error!r}: {content!r}"
        return
    yield from broken_run(run)


class Watcher:
    """Somebody who reads latest.json all the time, as a web server would."""

    def __init__(self, results: Path) -> None:
        """Watch a folder of results."""
        self._results = results
        self._seen: set[bytes] = set()
        self._was_there = False
        self._ends = threading.Event()
        self.reading = threading.Lock()  # held by who puts other disks below results
        self.problems: list[str] = []
        self.n_looks = 0
        self.may_vanish = False
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._thread.start()

    def forget(self) -> None:
        """The machine that was watched is lost, and latest.json with it."""
        self._was_there = False

    def stop(self) -> None:
        """Look no longer."""
        self._ends.set()
        self._thread.join()

    def _watch(self) -> None:
        while not self._ends.wait(0.01):
            with self.reading:
                self._look()

    def _look(self) -> None:
        self.n_looks += 1
        try:
            content = (self._results / "latest.json").read_bytes()
        except FileNotFoundError:
            if self._was_there and not self.may_vanish:
                self.problems.append("latest.json was gone for a moment")
            self._was_there = False
            return
        self._was_there = True
        if content not in self._seen:
            self._seen.add(content)
            self.problems += [f"seen meanwhile: {one}" for one in self._whole(content)]

    def _whole(self, content: bytes) -> Iterator[str]:
        """The run that this content leads to, which may be followed by another."""
        try:
            latest = json.loads(content)
            run = self._results / latest["path"]
            if sha256(run / "manifest.json") != latest["manifest_sha256"]:
                yield "latest.json leads to another manifest than it says"
        except (OSError, ValueError, KeyError) as error:
            yield f"latest.json is not whole: {error!r}: {content!r}"
            return
        yield from broken_run(run)


def broken_now(root: Path, figures: Iterable[Rows] = ()) -> Iterator[str]:
    """What must hold after every attempt, whatever came of it.

    Args:
        root: the world.
        figures: of ``rows_of``, as they stood while something was wrong with them.
    """
    results = root / "data" / "results"
    for run in sorted([*results.glob("runs/*/[!.]*"), *results.glob("drafts/[!.]*")]):
        yield from broken_run(run)
    yield from broken_records(results)
    yield from _lost_rows(root, [rows_of(root), *figures])
    yield from _held_locks(root)


def broken_records(results: Path) -> Iterator[str]:
    """What is wrong with latest.json, with a record, or with the run that it names."""
    yield from broken_latest(results)
    standing = _standing(results)
    for record in _records(results, "publications"):
        manifest = results / record["path"] / "manifest.json"
        if not manifest.exists():
            if record in standing:
                yield f"{manifest}: is gone"
        elif sha256(manifest) != record["manifest_sha256"]:
            yield f"{manifest}: is not what was recorded as published"


def broken_after_recovery(root: Path, *, shared: bool = False) -> Iterator[str]:
    """What must hold once the same command was run again without a fault.

    Args:
        root: the world.
        shared: whether machines share a store, which leaves a number unused where its
            claimer died.
    """
    data = root / "data"
    for leftover in data.rglob("*"):
        if leftover.name.startswith((".unfinished-", ".part-")):
            yield f"{leftover}: is left over"
    results = data / "results"
    records = [r for k in ("publications", "withdrawals") for r in _records(results, k)]
    numbers = sorted(one["number"] for one in records)
    is_right = len(set(numbers)) == len(numbers)
    if not is_right or (numbers != list(range(1, len(numbers) + 1)) and not shared):
        yield f"records are numbered {numbers}"
    newest = max(
        _standing(results), key=lambda one: (one["as_of"], one["number"]), default=None
    )
    pointer = results / "latest.json"
    latest = json.loads(pointer.read_bytes()) if pointer.exists() else None
    if (newest or {}).get("run_id") != (latest or {}).get("run_id"):
        yield f"latest.json leads to {latest}, the newest on record is {newest}"


def shrunk(before: Mapping[str, Tree], root: Path) -> Iterator[str]:
    """Files of record that are gone or were changed since ``before``."""
    for folder, files in before.items():
        now = tree(root / "data" / folder)
        for name, content in files.items():
            if now.get(name) != content:
                yield f"data/{folder}/{name}: was changed or is gone"


def of_record(root: Path) -> dict[str, Tree]:
    """Files of record as they are now."""
    return {folder: tree(root / "data" / folder) for folder in NEVER_SHRINK}


def unclear(answer: Mapping[str, Any]) -> Iterator[str]:
    """What is wrong with how a command ended."""
    code, said = answer["code"], answer["err"].strip()
    if answer["hung"]:
        yield f"it hung: {said[-300:]}"
    elif code < 0:
        if not answer["fired"]:
            yield f"it died of signal {-code}"
    elif "Traceback" in said or "Traceback" in answer["out"]:
        yield f"a traceback instead of a sentence (code {code}): {said[-1500:]}"
    elif code not in MESSAGES:
        yield f"exit code {code} is none of the project's: {said[-300:]}"
    elif code and code not in {7, 8} and not _is_sentence(said):
        yield f"exit code {code} without a sentence that says why: {said[-300:]!r}"


def different(
    wanted: Path,
    found: Path,
    *,
    folders: Iterable[str],
    strict: bool,
    numbered: bool = True,
) -> Iterator[str]:
    """How the recovered results differ from those of a world without faults.

    Args:
        wanted: data/ of the world without faults.
        found: data/ of the other one.
        folders: which folders of data/ are compared.
        strict: byte by byte, and no file more. Otherwise other runs may stand beside
            (of a source that failed), and the hours at which runs were made differ.
        numbered: whether records have the same numbers; where machines share a store
            they have the same order.
    """
    for folder in folders:
        left, right = (
            _comparable(data / folder, strict=strict, numbered=numbered)
            for data in (wanted, found)
        )
        for name in sorted(set(left) | set(right)):
            if name not in right:
                yield f"{folder}/{name}: is missing after recovery"
            elif name not in left:
                if strict:
                    yield f"{folder}/{name}: is there only after a fault"
            elif left[name] != right[name]:
                yield f"{folder}/{name}: differs after recovery"


def _comparable(folder: Path, *, strict: bool, numbered: bool) -> Tree:
    found = {}
    for name, content in tree(folder).items():
        path = folder / name
        if name.startswith("history/") and not (strict and numbered):
            # counts on where other runs were published too; checked apart
            if strict and path.suffix == ".json":
                kept = f"{path.parent.name}/{path.name.partition('_')[2]}"
                found[kept] = _without(path, "number")
        elif strict:
            found[name] = content
        elif path.name == "manifest.json":
            found[name] = _without(path, "run")
        elif path.name == "latest.json":
            found[name] = _without(path, "manifest_sha256", "published_at")
        else:
            found[name] = content
    return found


def _without(path: Path, *names: str) -> str:
    """A JSON file that lacks some fields."""
    said = json.loads(path.read_bytes())
    return json.dumps({k: v for k, v in said.items() if k not in names}, sort_keys=True)


def _records(results: Path, kind: str) -> list[dict[str, Any]]:
    folder = results / "history" / kind
    return [json.loads(path.read_bytes()) for path in folder.glob("[!.]*.json")]


def _standing(results: Path) -> list[dict[str, Any]]:
    """Publications that were not taken back since."""
    withdrawals = _records(results, "withdrawals")
    return [
        one
        for one in _records(results, "publications")
        if not any(
            (gone["as_of"], gone["run_id"]) == (one["as_of"], one["run_id"])
            and gone["number"] > one["number"]
            for gone in withdrawals
        )
    ]


def rows_of(root: Path) -> Rows:
    """Rows of the files of figures that hold any, by benchmark.

    One that was cut short between two rows is as sound as before, with fewer.
    """
    found = {}
    for path in (root / "data" / "observations").glob("*.csv"):
        with contextlib.suppress(OSError, UnicodeDecodeError, csv.Error):
            found[path.stem] = _n_rows(path)
    return found


def _lost_rows(root: Path, figures: Iterable[Rows]) -> Iterator[str]:
    """Accepted and quarantined rows of the latest ingest are those that were read."""
    data = root / "data"
    pointer = data / "work" / "latest_ingest.json"
    if not pointer.exists():
        return
    try:
        folder = root / json.loads(pointer.read_bytes())["path"]
        sources = json.loads((folder / "ingest.json").read_bytes())["sources"]
    except (OSError, ValueError, KeyError) as error:
        yield f"the latest ingest is not whole: {error!r}"
        return
    for source, names in _BENCHMARKS.items():
        report = sources.get(source, {"stopped": "it was not asked for"})
        if report["stopped"] is None:
            n_read = {
                sum(rows[one] for one in names)
                for rows in figures
                if set(names) <= set(rows)
            }
            n_known = report["rows"] + report["quarantined"]
            if n_known not in n_read:
                yield f"{source}: {n_read} rows, {n_known} of them accounted for"


_BENCHMARKS: Final = {
    "quiz_site": ("coding_quiz",),
    "work_site": ("work_length", "speedrun"),
}


def _n_rows(path: Path) -> int:
    with path.open(newline="") as file:
        return sum(1 for row in csv.reader(file) if row) - 1


def _held_locks(root: Path) -> Iterator[str]:
    for lock in (root / "data").glob("*/.lock"):
        with lock.open() as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                yield f"{lock}: is held although nobody runs"


def _is_sentence(said: str) -> bool:
    """Whether some line names what was wrong, in words."""
    return any(
        len(line.split()) >= 4 and line.lower().startswith(("error", "interrupted"))
        for line in said.splitlines()
    ) or ("Usage:" in said or "Invalid value" in said)
