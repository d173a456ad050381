"""Results that machines share: published runs, their history, latest.json, drafts.

What is recorded here and in the store is kept the same in this order: a run's files,
its manifest, its record, and latest.json last, swapped only if nobody wrote it since
the history was read. So every record that is there leads to a whole run, and two who
publish at once both find their records counted.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Final

from trends.outputs.checks import OutputError
from trends.outputs.disk import in_making, locked, remove, replace_file, write_file
from trends.outputs.history import LatestRun, load, read_history
from trends.outputs.runs import (
    MANIFEST,
    Manifest,
    content_sha256,
    read_manifest,
    require_intact,
    verify_run,
)
from trends.store import Store, StoreError

LATEST: Final = "latest.json"

_HISTORY: Final = "history"
_CLAIMS: Final = "claims"
_SWAPS: Final = 50


def pull(results: Path, store: Store | None) -> None:
    """Fetch every record, run and pointer of the store that is not here.

    Raises:
        StoreError: the store does not answer.
    """
    if store is not None:
        with locked(results):
            pull_locked(results, store)


def pull_locked(results: Path, store: Store) -> None:
    """The same; the caller holds the lock.

    Here too a record comes after its run, so that one that is there leads to it,
    wherever this is killed; and after what takes it back, for then no run is fetched.
    """
    new = _new_records(results, store)
    for path, record in new["withdrawals"].items():
        replace_file(path, record)
    history = read_history(results)
    for path, record in new["publications"].items():
        publication = load(path, results, content=record)
        if history.withdrawal_of(publication) is None:
            _fetch(publication.path, store)
        replace_file(path, record)
    for publication in read_history(results).valid:
        _fetch(publication.path, store)
    latest = results / LATEST
    pointer = store.read(latest)
    if pointer is not None and (not latest.is_file() or latest.read_bytes() != pointer):
        replace_file(latest, pointer)


def _new_records(results: Path, store: Store) -> dict[str, dict[Path, bytes]]:
    """Records of the store that are not here, by kind."""
    new: dict[str, dict[Path, bytes]] = {"withdrawals": {}, "publications": {}}
    for path in store.files(results / _HISTORY):
        if path.parent.name in new and not path.is_file():
            record = store.read(path)
            if record is not None:
                new[path.parent.name][path] = record
    return new


def fetch_run(run: Path, *, results: Path, store: Store | None) -> bool:
    """Whether a run, published or draft, is here, if need be after fetching it.

    Raises:
        StoreError: the store does not answer.
    """
    if store is not None and not (run / MANIFEST).is_file():
        with locked(results):
            _fetch(run, store)
    return (run / MANIFEST).is_file()


def put_run(
    run: Path, store: Store, *, progress: Callable[[str], None] = lambda _: None
) -> None:
    """Put a run into the store, its manifest last, unless it is there.

    Where another machine put the same run there, its clock counts for this one too.

    Args:
        run: its folder.
        store: what machines share.
        progress: told, line by line, how many files are there.

    Raises:
        OutputError: the run is damaged, or another one of its name is there.
        StoreError: the store does not answer.
    """
    manifest = (run / MANIFEST).read_bytes()
    shared = store.read(run / MANIFEST)
    if shared is None:
        require_intact(run)
        files = sorted(set(filter(Path.is_file, run.rglob("*"))) - {run / MANIFEST})
        store.upload(files, progress=progress)
        if store.create(run / MANIFEST, manifest):
            return
        shared = store.read(run / MANIFEST)
    if shared is not None and shared != manifest:
        _adopt(shared, run, store)


def _adopt(manifest: bytes, run: Path, store: Store) -> None:
    """Take the manifest of the store where only its clock is another."""
    ours, theirs = read_manifest(run), Manifest.model_validate_json(manifest)
    if content_sha256(ours) != content_sha256(theirs):
        raise OutputError(
            f"{run} is not the run of its name in the store {store.url}: move the "
            "folder that is wrong away and run again"
        )
    replace_file(run / MANIFEST, manifest)


def claim_number(number: int, results: Path, store: Store | None) -> int:
    """The first number from this one on that nobody else gave a record.

    A number whose claimer died stays unused.
    """
    if store is None:
        return number
    while not store.create(results / _HISTORY / _CLAIMS / f"{number:06d}", b"\n"):
        number += 1
    return number


def push_locked(
    results: Path, store: Store, refresh: Callable[[], LatestRun | None]
) -> LatestRun | None:
    """Put into the store what is recorded here only, and make latest.json agree.

    Args:
        results: folder of all results, whose lock the caller holds.
        store: what machines share.
        refresh: writes this machine's latest.json by the history and returns what it
            leads to.

    Raises:
        StoreError: the store does not answer; what had been put is whole.
    """
    for publication in read_history(results).publications:
        if publication.path.is_dir():
            put_run(publication.path, store)
    shared = set(store.files(results / _HISTORY))
    for record in sorted((results / _HISTORY).glob("*/[!.]*.json")):
        if record not in shared:
            store.write(record, record.read_bytes())
    latest = results / LATEST
    for _ in range(_SWAPS):
        seen = store.stamp(latest)
        shared_latest = None if seen is None else store.read(latest)
        pull_locked(results, store)
        newest = refresh()
        if newest is None:
            store.remove(latest)
            return None
        content = latest.read_bytes()
        if content == shared_latest or store.swap(latest, content, seen=seen):
            return newest
    raise StoreError(
        f"{LATEST} in the store {store.url} was written by others {_SWAPS} times while "
        "this run was being published. The run is on record; publish it again"
    )


def _fetch(run: Path, store: Store) -> None:
    """Fetch a run that is not here and is whole in the store."""
    if run.exists() or store.read(run / MANIFEST) is None:
        return
    with in_making(run) as staging:
        store.download(
            run,
            lambda path, content: write_file(staging / path.relative_to(run), content),
        )
    if problems := verify_run(run):
        remove(run)
        raise StoreError(
            f"{run.name} in the store {store.url} is damaged: {'; '.join(problems)}. "
            "Delete its folder there; a machine that has it puts it back, or publish "
            "it again"
        )
