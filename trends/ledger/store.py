"""Ledger files: added one by one, never changed, and checked before every use.

Beside the entries of each kind lies ``index.json`` with their SHA-256 in the order of
recording, each line chained to the one before. A changed, deleted or inserted file
does not fit it, nor does an edited line fit the next. Dropping the last entries
together with their lines is seen only against an older copy: the ledger is committed,
and ``trends ledger check`` prints the head of each chain.
"""

from pathlib import Path
from typing import Final, get_args

from pydantic import BaseModel, ConfigDict, ValidationError

from trends.ledger.entries import Entry, Kind
from trends.outputs.disk import replace_file
from trends.outputs.runs import sha256

INDEX: Final = "index.json"
KINDS: Final[tuple[Kind, ...]] = get_args(Kind)

_REMEDY: Final = (
    "A forecast of record is never edited: restore the ledger from version control"
)


class LedgerError(ValueError):
    """The ledger is not what was recorded, or something may not be recorded."""


class _Line(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    file: str
    sha256: str
    chain: str


class _Index(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    entries: list[_Line] = []


def check_ledger(ledger: Path) -> list[str]:
    """Everything wrong with the ledger, one line each; empty if it is intact."""
    return [problem for kind in KINDS for problem in _check_kind(ledger, kind)]


def read_entries(ledger: Path, kind: Kind) -> list[Entry]:
    """Entries of one kind, oldest vintage first.

    Raises:
        LedgerError: any file of the ledger was changed, deleted or inserted.
    """
    require_intact(ledger)
    folder = ledger / kind
    entries = [
        Entry.model_validate_json((folder / line.file).read_bytes())
        for line in _read_index(folder).entries
    ]
    return sorted(entries, key=lambda entry: entry.as_of)


def append_entry(ledger: Path, entry: Entry) -> Path:
    """Freeze an entry: its file first, then its line in the index.

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
    for known in read_entries(ledger, entry.kind):
        if known.as_of == entry.as_of:
            if known.run_id == entry.run_id:
                return ledger / entry.kind / known.file_name
            raise LedgerError(
                f"the {entry.kind} forecast of {entry.as_of} is already that of run "
                f"{known.run_id}; run {entry.run_id} cannot replace it, or a record "
                "could be chosen after the fact"
            )
    folder = ledger / entry.kind
    content = entry.to_bytes()
    index = _read_index(folder)
    line = _next_line(index.entries, entry.file_name, sha256(content))
    replace_file(folder / entry.file_name, content)
    updated = _Index(entries=[*index.entries, line])
    replace_file(folder / INDEX, updated.model_dump_json(indent=1).encode() + b"\n")
    return folder / entry.file_name


def head(ledger: Path, kind: Kind) -> str | None:
    """Last link of the chain, which speaks for all entries; None if there are none."""
    lines = _read_index(ledger / kind).entries
    return lines[-1].chain if lines else None


def require_intact(ledger: Path) -> None:
    """Raise LedgerError naming every file that is not as it was recorded."""
    if problems := check_ledger(ledger):
        raise LedgerError(f"{'; '.join(problems)}. {_REMEDY}")


def _check_kind(ledger: Path, kind: Kind) -> list[str]:
    folder = ledger / kind
    try:
        lines = _read_index(folder).entries
    except ValidationError as error:
        return [f"{kind}/{INDEX} cannot be read: {error.errors()[0]['msg']}"]
    problems = [
        problem
        for line in lines
        if (problem := _compare(folder / line.file, line, kind)) is not None
    ]
    expected: list[_Line] = []
    for line in lines:
        expected.append(_next_line(expected, line.file, line.sha256))
        if line != expected[-1]:
            problems.append(f"{kind}/{INDEX} was edited at or before {line.file}")
            break
    listed = {line.file for line in lines}
    problems += [
        f"{kind}/{path.name} was inserted: {INDEX} does not list it (if a recording "
        "was interrupted, delete it and record again)"
        for path in sorted(folder.glob("*.json"))
        if path.name not in {INDEX, *listed}
    ]
    return problems


def _compare(path: Path, line: _Line, kind: Kind) -> str | None:
    name = f"{kind}/{line.file}"
    if not path.is_file():
        return f"{name} was deleted"
    content = path.read_bytes()
    if sha256(content) != line.sha256:
        return f"{name} was changed: sha256 {sha256(content)}, recorded {line.sha256}"
    entry = Entry.model_validate_json(content)
    if entry.kind != kind:
        return f"{name} says that it is {entry.kind}: the kinds are never mixed"
    if entry.file_name != line.file:
        return f"{name} holds the forecasts of {entry.file_name}"
    return None


def _read_index(folder: Path) -> _Index:
    path = folder / INDEX
    return _Index.model_validate_json(path.read_bytes()) if path.is_file() else _Index()


def _next_line(lines: list[_Line], file: str, content_sha256: str) -> _Line:
    before = lines[-1].chain if lines else ""
    chain = sha256(f"{before}|{file}|{content_sha256}".encode())
    return _Line(file=file, sha256=content_sha256, chain=chain)
