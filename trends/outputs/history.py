"""What was published and what was taken back, in the order in which it was recorded.

Each publication is one small file in history/publications/, each withdrawal one in
history/withdrawals/. They are never changed, and share one count, which is taken
under the lock: their order is that of recording, whatever the clocks said.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from functools import cached_property
from pathlib import Path
from typing import Final, TypeVar

from pydantic import TypeAdapter, ValidationError

from trends.outputs.checks import OutputError
from trends.outputs.disk import replace_file
from trends.outputs.runs import run_folder


@dataclass(frozen=True)
class LatestRun:
    """A published run; on disk its ``path`` is relative to the results folder.

    Attributes:
        as_of: information cut-off.
        run_id: hash of everything the run used.
        path: its folder.
        contract_version: of its tables.
        manifest_sha256: of its manifest, which has those of all its files.
        published_at: when, by the clock of the machine that published it.
        number: place in the order of recording; 0 in a record from before there was
            a count, and in latest.json.
        content_sha256: of what the manifest says without its clock times; None where
            ``number`` is 0.
    """

    as_of: date
    run_id: str
    path: Path
    contract_version: str
    manifest_sha256: str
    published_at: datetime
    number: int = 0
    content_sha256: str | None = None

    def is_called(self, vintage: str) -> bool:
        """Whether a user means this run, by its as_of or its run id."""
        return vintage in (self.as_of.isoformat(), self.run_id)

    def ahead_of(self, today: date) -> str | None:
        """That the run is of a day still to come, and what to do; else None."""
        if self.as_of <= today:
            return None
        return (
            f"run {self.run_id} is as of {self.as_of}, and today is {today} (UTC): a "
            f'clock was wrong. `trends unpublish {self.run_id} --why "..."` takes it '
            "back"
        )


@dataclass(frozen=True)
class Withdrawal:
    """A published run that was taken back: when, and why."""

    as_of: date
    run_id: str
    withdrawn_at: datetime
    why: str
    number: int

    def takes_back(self, publication: LatestRun) -> bool:
        """Whether the publication was recorded before, of the same run."""
        same = (publication.as_of, publication.run_id) == (self.as_of, self.run_id)
        return same and publication.number < self.number

    def __str__(self) -> str:
        """In words."""
        return (
            f"run {self.run_id} of {self.as_of} was withdrawn on "
            f"{self.withdrawn_at:%Y-%m-%d} because: {self.why}"
        )


@dataclass(frozen=True)
class History:
    """Everything that was recorded, oldest vintage first, within one as recorded."""

    publications: list[LatestRun]
    withdrawals: list[Withdrawal] = field(default_factory=list)

    @cached_property
    def valid(self) -> list[LatestRun]:
        """Publications that were not taken back since."""
        return [p for p in self.publications if self.withdrawal_of(p) is None]

    @cached_property
    def standing(self) -> list[LatestRun]:
        """Valid publications whose run is still there."""
        return [p for p in self.valid if p.path.is_dir()]

    @cached_property
    def withdrawn(self) -> list[Withdrawal]:
        """Withdrawals of runs that were not published again since."""
        back = {(p.as_of, p.run_id) for p in self.valid}
        last = {(w.as_of, w.run_id): w for w in self.withdrawals}
        return [w for run, w in last.items() if run not in back]

    @property
    def next_number(self) -> int:
        """The number of the next record."""
        published = [p.number for p in self.publications]
        return 1 + max([*published, *(w.number for w in self.withdrawals)], default=0)

    def withdrawal_of(self, publication: LatestRun) -> Withdrawal | None:
        """What took the publication back, if anything did."""
        found = [w for w in self.withdrawals if w.takes_back(publication)]
        return found[0] if found else None


_Record = TypeVar("_Record")
_PUBLICATION: Final = TypeAdapter(LatestRun)
_WITHDRAWAL: Final = TypeAdapter(Withdrawal)


def read_history(results: Path) -> History:
    """Every record.

    Raises:
        OutputError: a record cannot be read, or says what cannot be.
    """
    publications = [load(p, results) for p in _records(results, "publications")]
    withdrawals = [_load(_WITHDRAWAL, p) for p in _records(results, "withdrawals")]
    return History(
        sorted(
            publications, key=lambda p: (p.as_of, p.number, p.published_at, p.run_id)
        ),
        sorted(withdrawals, key=lambda w: w.number),
    )


def record_publication(publication: LatestRun, results: Path) -> None:
    """Write the record of a publication; the caller holds the lock."""
    path = _history(results) / "publications" / _file_name(publication)
    replace_file(path, dump(publication, results, in_full=True))


def record_withdrawal(withdrawal: Withdrawal, results: Path) -> None:
    """Write the record of a withdrawal; the caller holds the lock."""
    path = _history(results) / "withdrawals" / _file_name(withdrawal)
    replace_file(path, _WITHDRAWAL.dump_json(withdrawal, indent=2) + b"\n")


def dump(publication: LatestRun, results: Path, *, in_full: bool) -> bytes:
    """A publication as JSON; not in full, as readers of latest.json know it."""
    on_disk = replace(publication, path=publication.path.relative_to(results))
    of_records = None if in_full else {"number", "content_sha256"}
    return _PUBLICATION.dump_json(on_disk, indent=2, exclude=of_records) + b"\n"


def load(path: Path, results: Path, *, content: bytes | None = None) -> LatestRun:
    """A publication that ``dump`` wrote.

    Args:
        path: its file.
        results: folder of all results.
        content: of the file, where it is not there yet.

    Raises:
        OutputError: the file cannot be read, or leads elsewhere than to its run.
    """
    publication = _load(_PUBLICATION, path, content)
    home = run_folder(results, as_of=publication.as_of, run_id=publication.run_id)
    if results / publication.path != home:
        raise OutputError(
            f"{path} leads to {publication.path}, where run {publication.run_id} of "
            f"{publication.as_of} cannot be. {_remedy(path)}"
        )
    return replace(publication, path=home)


def _load(
    adapter: TypeAdapter[_Record], path: Path, content: bytes | None = None
) -> _Record:
    try:
        return adapter.validate_json(path.read_bytes() if content is None else content)
    except ValidationError as error:
        reason = error.errors()[0]["msg"]
    except OSError as error:
        reason = str(error.strerror)
    raise OutputError(f"{path} is no record: {reason}. {_remedy(path)}")


def _remedy(path: Path) -> str:
    again = "unpublish" if path.parent.name == "withdrawals" else "publish"
    return f"Restore it; or delete it and {again} the run again"


def _history(results: Path) -> Path:
    return results / "history"


def _records(results: Path, kind: str) -> Iterable[Path]:
    return sorted((_history(results) / kind).glob("[!.]*.json"))


def _file_name(record: LatestRun | Withdrawal) -> str:
    return f"{record.number:06d}_{record.as_of}_{record.run_id}.json"
