"""Why headlines moved since an earlier day or a forecast of record.

Between two published vintages ``trends.pipeline.why`` has the exact split by cause.
"""

from dataclasses import dataclass
from datetime import timedelta
from typing import Final

import polars as pl

from trends.changes import InputsError, load_inputs
from trends.changes.attribution import published_tables
from trends.changes.causes import Earlier
from trends.changes.said import RowKey
from trends.changes.windows import WINDOW_DAYS, changes_table
from trends.ledger import Entry, read_entries
from trends.outputs import (
    LatestRun,
    read_as_written,
    read_manifest,
)
from trends.pipeline.errors import RequestError
from trends.pipeline.latest import published_run
from trends.pipeline.moved import days_before, since_entry
from trends.tables import CHANGES
from trends.words.moves import list_lines, move_lines
from trends.workspace import Workspace

PREVIOUS: Final = "previous_vintage"

_NO_INPUTS: Final = (
    "A forecast of record keeps no inputs. What came since is told from its day, and "
    "from the last day that it says it had observed of each benchmark; the rest is the "
    "difference between what it said and what this code and registry say on the "
    "figures up to then."
)


@dataclass(frozen=True)
class Moved:
    """CHANGES rows that answer a question.

    Attributes:
        rows: the rows, in order.
        window: whose they are.
        recorded_in: file of the forecast of record that is compared with, if one is.
        is_list: whether they are of all headlines.
    """

    rows: pl.DataFrame
    window: str
    recorded_in: str | None = None
    is_list: bool = False

    def as_json(self) -> dict[str, object]:
        """For programs: the rows as the table ``changes`` has them."""
        return {
            "window": self.window,
            "recorded_in": self.recorded_in,
            "rows": self.rows.to_dicts(),
        }

    def lines(self, *, everything: bool = False) -> list[str]:
        """For people: one row in full, or a list of the largest moves."""
        if self.is_list:
            return list_lines(self.rows, self.window, everything=everything)
        lines = move_lines(self.rows.to_dicts())
        return [*lines, _NO_INPUTS] if self.recorded_in else lines


def latest_run(workspace: Workspace, after: str | None) -> LatestRun:
    """The run that a user means, by default the latest.

    Raises:
        RequestError: nothing is published.
        OutputError: no such run is published.
    """
    ledger = ", and the ledger has earlier vintages to compare it with"
    return published_run(workspace, after, instead=ledger)


def window_of(days: int | None) -> str:
    """The window of so many days; that since the previous vintage for None.

    Raises:
        RequestError: there is no such window.
    """
    for window, length in WINDOW_DAYS.items():
        if days == length:
            return window
    if days is not None:
        known = ", ".join(str(one) for one in WINDOW_DAYS.values())
        raise RequestError(f"--days {days}: there are {known}")
    return PREVIOUS


def list_moves(run: LatestRun, window: str) -> Moved:
    """What moved every headline, as the run published it.

    Raises:
        RequestError: an older version published it, without the table.
        OutputError: the run is damaged.
    """
    if f"{CHANGES.name}.parquet" not in read_manifest(run.path).files:
        raise RequestError(
            f"run {run.run_id} of {run.as_of} was published by an older version, "
            "without the table of what moved: `trends run` publishes a newer one"
        )
    changes = read_as_written(run.path, CHANGES)
    rows = changes.filter(pl.col("window") == window)
    return Moved(rows, window, is_list=True)


def since_days(run: LatestRun, key: RowKey, window: str) -> Moved:
    """What moved one row since some days ago, with this code on the figures of then.

    A headline's is what the run published of it; other rows are split here.

    Raises:
        RequestError: the run cannot be made again.
        OutputError: it is damaged.
    """
    days = WINDOW_DAYS[window]
    published = list_moves(run, window).rows.filter(_is_row(key))
    if not published.is_empty():
        return Moved(published, window)
    try:
        new = load_inputs(run.path)
    except InputsError as error:
        raise RequestError(f"the change cannot be split: {error}") from error
    replay = bool(read_manifest(run.path).provenance.get("replay"))
    earlier = days_before(
        new,
        window,
        new.as_of - timedelta(days=days),
        registry=new.registry,
        replay=replay,
    )
    return Moved(_explain(run, key, earlier), window)


def since_record(run: LatestRun, key: RowKey, entry: Entry) -> Moved:
    """What moved one row since a forecast of record.

    Raises:
        RequestError: the run cannot be made again.
        OutputError: it is damaged.
    """
    try:
        new = load_inputs(run.path)
    except InputsError as error:
        raise RequestError(f"the change cannot be split: {error}") from error
    provenance = read_manifest(run.path).provenance
    earlier = since_entry(entry, new, provenance=provenance, window=PREVIOUS)
    rows = _explain(run, key, earlier)
    return Moved(rows, PREVIOUS, f"data/ledger/{entry.kind}/{entry.file_name}")


def newest_record(workspace: Workspace, run: LatestRun) -> Entry | None:
    """The newest forecast of record of a day before that of a run.

    Of one day the live one.

    Raises:
        LedgerError: the ledger is not intact.
    """
    return max(
        (entry for entry in _records(workspace) if entry.as_of < run.as_of),
        key=lambda one: (one.as_of, one.kind == "live"),
        default=None,
    )


def find_record(workspace: Workspace, vintage: str) -> Entry | None:
    """The forecast of record that a user means, by its as_of or run id.

    Raises:
        LedgerError: the ledger is not intact.
    """
    for entry in _records(workspace):
        if vintage in (entry.as_of.isoformat(), entry.run_id):
            return entry
    return None


def _records(workspace: Workspace) -> list[Entry]:
    """Forecasts of record, live ones first."""
    return [
        *read_entries(workspace.ledger, "live"),
        *read_entries(workspace.ledger, "replayed"),
    ]


def _explain(run: LatestRun, key: RowKey, earlier: Earlier) -> pl.DataFrame:
    return changes_table(
        load_inputs(run.path),
        published_tables(run.path),
        [earlier],
        run_id=run.run_id,
        asked=_is_row(key),
    )


def _is_row(key: RowKey) -> pl.Expr:
    threshold_id, bar_id, trend = key
    return (
        (pl.col("threshold_id") == threshold_id)
        & (pl.col("bar_id") == bar_id)
        & (pl.col("trend") == trend)
    )
