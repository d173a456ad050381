"""Forecasts of earlier vintages: what a run's history and track record rest on.

Only vintages of an earlier as_of count, so that publishing a run, or recording it,
changes nothing that it was made from.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Self

import polars as pl

from trends.ledger import Entry, read_entries, recorded_files
from trends.ledger.history import history_tables, rows_of_entries, rows_of_run
from trends.outputs import (
    read_as_written,
    read_history,
    read_manifest,
    require_manifest,
    scan_as_written,
)
from trends.pipeline.errors import PartError
from trends.pipeline.fingerprints import fingerprint
from trends.tables import CROSSING_CDF, CROSSING_SUMMARY, Table
from trends.workspace import Workspace


@dataclass(frozen=True)
class Past:
    """What a run knows of earlier vintages, fixed before it starts.

    Attributes:
        entries: forecasts of record by kind/name, each with its SHA-256.
        runs: the run that counts for each published vintage, oldest first: as_of, run
            id, folder and SHA-256 of its manifest.
    """

    entries: tuple[tuple[str, str], ...] = ()
    runs: tuple[tuple[str, str, str, str], ...] = ()

    @classmethod
    def find(cls, workspace: Workspace, *, before: date) -> Self:
        """What was recorded and published of vintages earlier than ``before``.

        Raises:
            LedgerError: the ledger is not intact.
            OutputError: a record of a publication cannot be read.
        """
        standing = read_history(workspace.results).standing
        last = {one.as_of: one for one in standing if one.as_of < before}
        return cls(
            entries=tuple(recorded_files(workspace.ledger, before=before).items()),
            runs=tuple(
                (str(day), run.run_id, str(run.path), run.manifest_sha256)
                for day, run in last.items()
            ),
        )

    @classmethod
    def load(cls, content: object, root: Path) -> Self:
        """What ``dump`` made, with the runs below this machine's ``root``."""
        if not isinstance(content, dict):
            raise TypeError(f"expected an object, found {content!r}")
        return cls(
            entries=tuple((name, sha256) for name, sha256 in content["entries"]),
            runs=tuple((a, b, str(root / c), d) for a, b, c, d in content["runs"]),
        )

    def dump(self, root: Path) -> dict[str, object]:
        """For the plan of a run, which may go on where ``root`` is another folder."""
        runs = [
            (a, b, Path(c).relative_to(root).as_posix(), d) for a, b, c, d in self.runs
        ]
        return {"entries": self.entries, "runs": runs}

    @property
    def sha256(self) -> str:
        """Hash of the forecasts, wherever they lie and whenever they were published."""
        return fingerprint(self.entries, [run[:2] for run in self.runs])

    def read_entries(self, ledger: Path) -> list[Entry]:
        """The forecasts of record, live ones first.

        Raises:
            LedgerError: the ledger is not intact.
            PartError: one of them is gone.
        """
        if not self.entries:
            return []
        found = {
            f"{kind}/{entry.file_name}": entry
            for kind in ("live", "replayed")
            for entry in read_entries(ledger, kind)
        }
        if gone := [name for name, _ in self.entries if name not in found]:
            raise PartError(
                f"{gone[0]} of the ledger is gone since the run was planned: start it "
                "again"
            )
        return [found[name] for name, _ in self.entries]

    def read_runs(self) -> Iterator["PastRun"]:
        """The published runs, one after another.

        Raises:
            OutputError: one was changed since it was published.
        """
        for _, _, folder, sha256 in self.runs:
            yield _read_run(Path(folder), manifest_sha256=sha256)


@dataclass(frozen=True)
class PastRun:
    """Tables of a published run, its CDF under the headlines' trends, and its code."""

    summary: pl.DataFrame
    cdf: pl.DataFrame
    code_sha256: str | None


def history_of(
    past: Past,
    entries: Sequence[Entry],
    *,
    summary: pl.DataFrame,
    cdf: pl.DataFrame,
    code_sha256: str,
    as_of: date,
) -> dict[Table, pl.DataFrame]:
    """HISTORY and HISTORY_BARS rows of a run.

    Args:
        past: what it knows of earlier vintages.
        entries: the forecasts of record among them.
        summary: its own CROSSING_SUMMARY rows.
        cdf: its own CROSSING_CDF rows.
        code_sha256: hash of its code.
        as_of: its information cut-off.
    """
    ours = rows_of_run(
        summary, cdf, kind="this_run", code_sha256=code_sha256, now=as_of
    )
    published = [
        rows_of_run(
            run.summary,
            run.cdf,
            kind="published",
            code_sha256=run.code_sha256,
            now=as_of,
        )
        for run in past.read_runs()
    ]
    return history_tables([ours, rows_of_entries(entries, now=as_of), *published])


def _read_run(run: Path, *, manifest_sha256: str) -> PastRun:
    require_manifest(run, manifest_sha256)
    code = read_manifest(run).provenance.get("code")
    summary = read_as_written(run, CROSSING_SUMMARY)
    trends = summary.lazy().filter("is_headline").select("threshold_id", "trend")
    cdf = scan_as_written(run, CROSSING_CDF).join(
        trends, on=["threshold_id", "trend"], how="semi"
    )
    return PastRun(
        summary=summary,
        cdf=cdf.collect(engine="streaming"),
        code_sha256=code if isinstance(code, str) else None,
    )
