"""Ledger files: added one by one, never changed, and checked before every use.

Beside the entries of each kind lies ``index.json`` with their SHA-256 in the order of
recording, each line chained to the one before. A changed, deleted or inserted file
does not fit it, nor does an edited line fit the next. Dropping the last entries
together with their lines is seen only against an older copy: the ledger is committed,
and ``trends ledger check`` prints the head of each chain.

One writer at a time adds an entry in three steps: its file under a staging name, its
line in the index, and the rename to its own name. The index decides. A writer killed
before the line has recorded nothing; one killed after it has recorded everything, and
its staged file, which has the hash of the line, is read in the place of the entry until
the next writer renames it. Nobody else's file gets in by this way.
"""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Final, get_args

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from trends.ledger.entries import Entry, Kind
from trends.outputs.disk import locked, put_in_place, replace_file, stage_file
from trends.outputs.runs import sha256

INDEX: Final = "index.json"
KINDS: Final[tuple[Kind, ...]] = get_args(Kind)

_STAGED: Final = ".recording-"

_REMEDY: Final = (
    "A forecast of record is never edited: restore the ledger from version control"
)


class LedgerError(ValueError):
    """The ledger is not what was recorded, or something may not be recorded."""


class _Line(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    file: str = Field(pattern=r"^\d{4}-\d\d-\d\d_\w+\.json$")
    sha256: str
    chain: str


class _Index(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    entries: list[_Line] = []


@dataclass(frozen=True)
class _Chapter:
    """What one folder of the ledger holds, and everything wrong with it."""

    entries: list[Entry]
    problems: list[str]


def check_ledger(ledger: Path) -> list[str]:
    """Everything wrong with the ledger, one line each; empty if it is intact.

    A recording that was cut short is nothing wrong: it counts or not, as its index
    says. Nothing is written.
    """
    return [
        problem for kind in KINDS for problem in _read_chapter(ledger, kind).problems
    ]


def read_entries(ledger: Path, kind: Kind) -> list[Entry]:
    """Entries of one kind, oldest vintage first.

    Raises:
        LedgerError: any file of the ledger was changed, deleted or inserted.
    """
    chapters = {one: _read_chapter(ledger, one) for one in KINDS}
    problems = [line for chapter in chapters.values() for line in chapter.problems]
    if problems:
        raise LedgerError(f"{'; '.join(problems)}. {_REMEDY}")
    return sorted(chapters[kind].entries, key=lambda entry: entry.as_of)


def recorded_files(ledger: Path, *, before: date) -> dict[str, str]:
    """SHA-256 of each entry of an earlier vintage, by kind/name, live ones first.

    Raises:
        LedgerError: an index cannot be read.
    """
    try:
        return {
            f"{kind}/{line.file}": line.sha256
            for kind in KINDS
            for line in sorted(_read_index(ledger / kind).entries, key=_file_of)
            if line.file < before.isoformat()
        }
    except ValidationError as error:
        raise LedgerError("; ".join(check_ledger(ledger)) + f". {_REMEDY}") from error


def recorded_as(ledger: Path, entry: Entry) -> Path | None:
    """The file that holds the entry's vintage already; None if it may be recorded.

    Raises:
        LedgerError: the ledger is not intact, or holds the forecasts of another run
            for the same vintage.
    """
    for known in read_entries(ledger, entry.kind):
        if known.as_of == entry.as_of:
            if known.run_id == entry.run_id:
                return ledger / entry.kind / known.file_name
            raise LedgerError(
                f"the {entry.kind} forecast of {entry.as_of} is already that of run "
                f"{known.run_id}; run {entry.run_id} cannot replace it, or a record "
                "could be chosen after the fact"
            )
    return None


def append_entry(ledger: Path, entry: Entry) -> Path:
    """Freeze an entry, or, if interrupted, leave the ledger as it was.

    Recording the same forecasts of the same run again changes nothing.

    Args:
        ledger: the ledger's folder.
        entry: the entry.

    Returns:
        The entry's file.

    Raises:
        LedgerError: the ledger is not intact, or holds other forecasts of this kind
            for the same vintage.
    """
    with _sole_writer(ledger):
        if (recorded := recorded_as(ledger, entry)) is not None:
            return recorded
        path = ledger / entry.kind / entry.file_name
        staged = stage_file(path, entry.to_bytes(), prefix=_STAGED)
        lines = [*_read_index(path.parent).entries, _next_line_of(ledger, entry)]
        content = _Index(entries=lines).model_dump_json(indent=1).encode() + b"\n"
        replace_file(path.parent / INDEX, content)
        put_in_place(staged, path)
    return path


def finish_recordings(ledger: Path) -> list[str]:
    """Finish or take away what killed recorders left behind.

    Returns:
        The entries, by kind and name, that were recorded but for their names.
    """
    if not any(_staged(ledger / kind) for kind in KINDS):
        return []
    with _sole_writer(ledger) as finished:
        return finished


def unfinished_recordings(ledger: Path) -> list[str]:
    """Entries, by kind and name, that still lie under their staging names."""
    return [
        f"{kind}/{line.file}"
        for kind in KINDS
        for line in _read_index(ledger / kind).entries
        if _find_staged(ledger / kind, line) is not None
    ]


def head(ledger: Path, kind: Kind) -> str | None:
    """Last link of the chain, which speaks for all entries; None if there are none."""
    lines = _read_index(ledger / kind).entries
    return lines[-1].chain if lines else None


def head_after(ledger: Path, entry: Entry) -> str:
    """What the head will be once the entry is recorded."""
    return _next_line_of(ledger, entry).chain


@contextmanager
def _sole_writer(ledger: Path) -> Iterator[list[str]]:
    """The only right to write, in a ledger without anything unfinished.

    Yields:
        The entries whose recording was finished.
    """
    with locked(ledger):
        finished = [name for kind in KINDS for name in _settle(ledger, kind)]
        try:
            yield finished
        finally:
            for kind in KINDS:
                _settle(ledger, kind)


def _settle(ledger: Path, kind: Kind) -> list[str]:
    """Name what the index lists, and remove what it does not."""
    folder = ledger / kind
    try:
        lines = _read_index(folder).entries
    except ValidationError:
        return []  # nothing says what is ours; the check tells of it
    finished = []
    for line in lines:
        if (staged := _find_staged(folder, line)) is not None:
            put_in_place(staged, folder / line.file)
            finished.append(f"{kind}/{line.file}")
    for leftover in _staged(folder):
        leftover.unlink()
    return finished


def _read_chapter(ledger: Path, kind: Kind) -> _Chapter:
    folder = ledger / kind
    # before the index, so that what another process records now is not a stranger
    present = sorted(path.name for path in folder.glob("[!.]*.json"))
    try:
        lines = _read_index(folder).entries
    except ValidationError as error:
        reason = f"{kind}/{INDEX} cannot be read: {error.errors()[0]['msg']}"
        return _Chapter([], [reason])
    entries, problems = [], []
    expected: list[_Line] = []
    for line in lines:
        try:
            entries.append(_read_entry(folder, line, kind))
        except LedgerError as error:
            problems.append(str(error))
        expected.append(_next_line(expected, line.file, line.sha256))
    edited = [
        line.file for line, good in zip(lines, expected, strict=True) if line != good
    ]
    if edited:
        problems.append(f"{kind}/{INDEX} was edited at or before {edited[0]}")
    listed = {INDEX, *(line.file for line in lines)}
    problems += [
        f"{kind}/{name} was inserted: {INDEX} does not list it"
        for name in present
        if name not in listed
    ]
    return _Chapter(entries, problems)


def _read_entry(folder: Path, line: _Line, kind: Kind) -> Entry:
    """The entry of one line, wherever its recorder left it."""
    name = f"{kind}/{line.file}"
    content = _read_content(folder, line)
    if content is None:
        raise LedgerError(f"{name} was deleted")
    if sha256(content) != line.sha256:
        raise LedgerError(
            f"{name} was changed: sha256 {sha256(content)}, recorded {line.sha256}"
        )
    try:
        entry = Entry.model_validate_json(content)
    except ValidationError as error:
        reason = error.errors()[0]["msg"]
        raise LedgerError(f"{name} is no entry of the ledger: {reason}") from error
    if entry.kind != kind:
        raise LedgerError(
            f"{name} says that it is {entry.kind}: the kinds are never mixed"
        )
    if entry.file_name != line.file:
        raise LedgerError(f"{name} holds the forecasts of {entry.file_name}")
    return entry


def _read_content(folder: Path, line: _Line) -> bytes | None:
    """The entry's bytes under its own name, or else its staged ones, if they fit."""
    own = folder / line.file
    # at last its name again, which a recorder may have given it meanwhile
    for path in (own, *_staged(folder, line.file), own):
        with suppress(FileNotFoundError, IsADirectoryError, NotADirectoryError):
            content = path.read_bytes()
            if path == own or sha256(content) == line.sha256:
                return content
    return None


def _find_staged(folder: Path, line: _Line) -> Path | None:
    """The staged file of an entry that is in the index but not yet in its place."""
    if (folder / line.file).exists():
        return None
    for staged in _staged(folder, line.file):
        with suppress(FileNotFoundError):
            if sha256(staged.read_bytes()) == line.sha256:
                return staged
    return None


def _staged(folder: Path, file: str = "") -> list[Path]:
    prefix = f"{_STAGED}{file}"
    return [path for path in folder.glob(f"{_STAGED}*") if path.name.startswith(prefix)]


def _file_of(line: _Line) -> str:
    return line.file


def _next_line_of(ledger: Path, entry: Entry) -> _Line:
    lines = _read_index(ledger / entry.kind).entries
    return _next_line(lines, entry.file_name, sha256(entry.to_bytes()))


def _read_index(folder: Path) -> _Index:
    path = folder / INDEX
    return _Index.model_validate_json(path.read_bytes()) if path.is_file() else _Index()


def _next_line(lines: list[_Line], file: str, content_sha256: str) -> _Line:
    before = lines[-1].chain if lines else ""
    chain = sha256(f"{before}|{file}|{content_sha256}".encode())
    return _Line(file=file, sha256=content_sha256, chain=chain)
