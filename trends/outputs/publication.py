"""Which runs are published, and which of them is the latest.

``latest.json`` says the same as the newest publication on record: that of the newest
vintage, and within a vintage the one recorded last.
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

from trends.outputs.checks import OutputError
from trends.outputs.disk import locked, remove, replace_file
from trends.outputs.history import (
    History,
    LatestRun,
    Withdrawal,
    dump,
    load,
    read_history,
    record_publication,
    record_withdrawal,
)
from trends.outputs.runs import (
    MANIFEST,
    content_sha256,
    read_manifest,
    require_intact,
    run_folder,
    sha256,
    verify_run,
)
from trends.outputs.shared import claim_number, pull_locked, push_locked, put_run
from trends.store import Store


class NotPublishedError(OutputError):
    """No such vintage is published, or it was taken back."""


def point_latest(
    run: Path,
    *,
    results: Path,
    published_at: datetime,
    store: Store | None = None,
    progress: Callable[[str], None] = lambda _: None,
) -> LatestRun:
    """Publish a run; write latest.json last, and return the run that it leads to.

    Publishing an older vintage than the latest one records it, so that later
    vintages are compared with it, and leaves latest.json where it is: filling in the
    past does not take the present away from readers. Publishing a run again changes
    nothing, unless it was taken back or another run of its vintage was published
    since: then it is recorded anew. Where machines share a store, all of that holds
    for what stands there.

    Args:
        run: its folder.
        results: folder of all results.
        published_at: now.
        store: what machines share.
        progress: told, line by line, how many files are in the store.

    Raises:
        OutputError: the run is damaged, is a draft, or is not what was published
            under its id.
        StoreError: the store does not answer; its latest.json is as it was.
    """
    _require_zone(published_at)
    with locked(results):
        if store is not None:
            pull_locked(results, store)
        publication = _describe(run, results=results, published_at=published_at)
        if store is not None:
            put_run(publication.path, store, progress=progress)
            publication = _describe(run, results=results, published_at=published_at)
        history = read_history(results)
        _require_same_content(publication, history)
        known = [p for p in history.standing if p.as_of == publication.as_of]
        if not known or known[-1].manifest_sha256 != publication.manifest_sha256:
            number = claim_number(history.next_number, results, store)
            record_publication(replace(publication, number=number), results)
        return _refresh(results, store) or publication


def unpublish(
    results: Path,
    vintage: str,
    *,
    why: str,
    withdrawn_at: datetime,
    store: Store | None = None,
) -> Withdrawal:
    """Take a published run back: record when and why, and mend latest.json.

    Nothing is deleted. The run no longer counts as published, until it is published
    again.

    Args:
        results: folder of all results.
        vintage: run id, or an as_of, whose last published run is meant.
        why: the reason, for readers who had used the run.
        withdrawn_at: now.
        store: what machines share.

    Raises:
        NotPublishedError: no such run is published.
        OutputError: no reason is given, or one that cannot be read.
        StoreError: the store does not answer.
    """
    _require_zone(withdrawn_at)
    reason = " ".join(why.split())
    if not reason or not reason.isprintable():
        raise OutputError(f"{why!r} is no reason: say in words what was wrong")
    with locked(results):
        if store is not None:
            pull_locked(results, store)
        history = read_history(results)
        if history.publications:
            _refresh(results, store)  # one that was killed may have come no further
        found = _find(vintage, history.valid, history)
        withdrawal = Withdrawal(
            as_of=found.as_of,
            run_id=found.run_id,
            withdrawn_at=withdrawn_at.astimezone(UTC),
            why=reason,
            number=claim_number(history.next_number, results, store),
        )
        record_withdrawal(withdrawal, results)
        _refresh(results, store)
    return withdrawal


def read_latest(
    results: Path, *, say: Callable[[str], None] = lambda _: None
) -> LatestRun | None:
    """The latest run; None if nothing was ever published.

    That is the one latest.json leads to. Where that file is missing, damaged, not on
    record or behind it, it is the newest on record, and ``say`` is told.

    Raises:
        OutputError: that run is gone, or its manifest was changed.
    """
    history = read_history(results)
    pointed, problem = _read_pointer(results, history)
    if problem is None:
        return _unchanged(pointed) if pointed else None
    newest = history.standing[-1] if history.standing else None
    say(f"{results / 'latest.json'} {problem}; {_instead(newest)}")
    return _unchanged(newest) if newest else None


def previous_vintage(results: Path, *, before: date) -> LatestRun | None:
    """The newest published run with an ``as_of`` earlier than ``before``.

    Drafts and runs that were written but never published do not count, nor do runs
    that were taken back, or whose folder has been deleted since.

    Raises:
        OutputError: that run's manifest was changed after publication.
    """
    earlier = [p for p in read_history(results).standing if p.as_of < before]
    return _unchanged(earlier[-1]) if earlier else None


def standing_at(results: Path, *, day: date) -> LatestRun | None:
    """The newest published run as of ``day`` or before, that day's last; else None.

    Raises:
        OutputError: its manifest was changed after publication.
    """
    found = [p for p in read_history(results).standing if p.as_of <= day]
    return _unchanged(found[-1]) if found else None


def find_published(results: Path, vintage: str) -> LatestRun:
    """The last published run of a vintage, named by its as_of or its run id.

    Raises:
        NotPublishedError: none is published, or it was taken back.
        OutputError: its manifest was changed since.
    """
    history = read_history(results)
    return _unchanged(_find(vintage, history.standing, history))


def compared_with(results: Path, run_id: str) -> list[LatestRun]:
    """Published runs that say what moved since this one."""
    return [
        publication
        for publication in read_history(results).standing
        if not verify_published(publication)
        and read_manifest(publication.path).provenance.get("previous_vintage") == run_id
    ]


def verify_published(publication: LatestRun) -> list[str]:
    """What is wrong with a published run, one line each; empty if it is intact."""
    try:
        _unchanged(publication)
    except OutputError as error:
        return [str(error)]
    return verify_run(publication.path)


def _find(vintage: str, among: list[LatestRun], history: History) -> LatestRun:
    if found := [p for p in among if p.is_called(vintage)]:
        return found[-1]
    taken_back = [
        withdrawal
        for p in history.publications
        if p.is_called(vintage) and (withdrawal := history.withdrawal_of(p))
    ]
    if taken_back:
        raise NotPublishedError(f"{taken_back[-1]}; nothing stands in its place")
    known = ", ".join(str(day) for day in sorted({p.as_of for p in among}))
    raise NotPublishedError(
        f"no vintage {vintage!r} is published; there are: {known or 'none yet'}"
    )


def _refresh(results: Path, store: Store | None) -> LatestRun | None:
    """Make latest.json here, and in the store, lead to the newest run."""
    if store is None:
        return _refresh_latest(results)
    return push_locked(results, store, lambda: _refresh_latest(results))


def _refresh_latest(results: Path) -> LatestRun | None:
    """Make latest.json lead to the newest run; the caller holds the lock."""
    latest = results / "latest.json"
    standing = read_history(results).standing
    if not standing:
        remove(latest)
        return None
    newest = dump(standing[-1], results, in_full=False)
    if not latest.is_file() or latest.read_bytes() != newest:
        replace_file(latest, newest)
    return standing[-1]


def _read_pointer(
    results: Path, history: History
) -> tuple[LatestRun | None, str | None]:
    """What latest.json leads to, or why that does not count."""
    latest = results / "latest.json"
    if not latest.exists():
        return None, "is missing" if history.standing else None
    try:
        pointed = load(latest, results)
    except OutputError:
        return None, "is damaged"
    on_record = {publication.manifest_sha256 for publication in history.valid}
    # a copy of the results may come without records
    if history.publications and pointed.manifest_sha256 not in on_record:
        return None, "leads to a run that is not on record"
    newest = history.standing[-1].manifest_sha256 if history.standing else None
    if newest not in (None, pointed.manifest_sha256) and pointed.path.is_dir():
        return None, "is behind what is on record"
    return pointed, None


def _instead(newest: LatestRun | None) -> str:
    if newest is None:
        return "no other run is published"
    return (
        f"the newest run on record is {newest.run_id} of {newest.as_of}, and the next "
        "publication writes latest.json anew"
    )


def _describe(run: Path, *, results: Path, published_at: datetime) -> LatestRun:
    require_intact(run)
    manifest = read_manifest(run)
    home = run_folder(results, as_of=manifest.as_of, run_id=manifest.run_id)
    if run.resolve() != home.resolve():
        raise OutputError(f"{run} cannot be published: only a run at {home} can")
    return LatestRun(
        as_of=manifest.as_of,
        run_id=manifest.run_id,
        path=home,
        contract_version=manifest.contract_version,
        manifest_sha256=sha256((home / MANIFEST).read_bytes()),
        published_at=published_at.astimezone(UTC),
        content_sha256=content_sha256(manifest),
    )


def _require_same_content(publication: LatestRun, history: History) -> None:
    """Refuse a folder that is not what was published; only its clock may differ."""
    for known in history.valid:
        if (known.as_of, known.run_id) == (publication.as_of, publication.run_id) and (
            known.manifest_sha256 != publication.manifest_sha256
            and known.content_sha256 != publication.content_sha256
        ):
            raise OutputError(
                f"{publication.path} is not what was published as run "
                f"{known.run_id} on {known.published_at:%Y-%m-%d}. Restore it; or "
                f'`trends unpublish {known.run_id} --why "..."`, move the folder away '
                "and run again"
            )


def require_manifest(run: Path, wanted_sha256: str) -> None:
    """Raise OutputError unless the run's manifest is the one that was published."""
    manifest = run / MANIFEST
    if not manifest.is_file():
        raise OutputError(f"published run {run} is gone; publish another run")
    found = sha256(manifest.read_bytes())
    if found != wanted_sha256:
        raise OutputError(
            f"{manifest} has sha256 {found}, not {wanted_sha256} as when it was "
            f'published. Restore it; or `trends unpublish {run.name} --why "..."`, move '
            "the folder away and run again"
        )


def _unchanged(publication: LatestRun) -> LatestRun:
    require_manifest(publication.path, publication.manifest_sha256)
    return publication


def _require_zone(moment: datetime) -> None:
    if moment.tzinfo is None:
        raise OutputError(f"published_at {moment} does not say its time zone")
