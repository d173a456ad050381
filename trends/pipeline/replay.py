"""Filling the ledger with what today's code would have said at past dates."""

from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import partial
from multiprocessing import get_context
from pathlib import Path

from trends.dates import month_ends
from trends.ledger import (
    append_entry,
    entry_from_run,
    finish_recordings,
    read_entries,
)
from trends.pipeline import ForecastRequest, RequestError, forecast, ingest
from trends.pipeline.bounds import refuse_numbers, refuse_unseen_days
from trends.pipeline.ingest import latest_ingest
from trends.workspace import Workspace


@dataclass(frozen=True)
class Replay:
    """What to replay.

    Attributes:
        as_ofs: past vintages.
        seed: seed of the draws.
        draws: parameter draws of each line fit.
    """

    as_ofs: Sequence[date]
    seed: int
    draws: int


def past_month_ends(first: date, last: date, *, today: date) -> list[date]:
    """Month ends from ``first`` to ``last``.

    Raises:
        RequestError: there are none, or they are not past.
    """
    days = [day for day in month_ends(first, last) if day >= first]
    if not days:
        raise RequestError(f"no month ends from {first} to {last}")
    if days[-1] >= today:
        raise RequestError(
            f"{days[-1]} is not past on {today}: only the past can be replayed"
        )
    return days


def replay(
    what: Replay,
    workspace: Workspace,
    *,
    made_on: date,
    workers: int,
    progress: Callable[[str], None] = lambda _: None,
) -> list[Path]:
    """Run the whole pipeline at each past vintage and record it as replayed.

    A vintage that is recorded already is left as it is. The same figures, registry,
    code and seed give the same forecasts to the bit, in any number of processes and
    whatever has been published.

    Args:
        what: the vintages, seed and draws.
        workspace: the checkout; it is ingested first.
        made_on: today.
        workers: processes.
        progress: told, line by line, what was done.

    Returns:
        The entries' files, oldest vintage first.

    Raises:
        LedgerError: the ledger is not intact.
    """
    for name in finish_recordings(workspace.ledger):
        progress(f"{name}: its recording was interrupted, and is finished now")
    recorded = {entry.as_of for entry in read_entries(workspace.ledger, "replayed")}
    wanted = sorted(set(what.as_ofs) - recorded)
    for day in sorted(recorded.intersection(what.as_ofs)):
        progress(f"{day}: recorded already")
    if not wanted:
        return []
    refuse_numbers(draws=what.draws, seed=what.seed)
    ingest(workspace, progress=progress)
    refuse_unseen_days(latest_ingest(workspace), first=wanted[0])
    files = []
    run = partial(_run, root=workspace.root, seed=what.seed, draws=what.draws)
    with ProcessPoolExecutor(workers, mp_context=get_context("spawn")) as pool:
        for day, path in zip(wanted, pool.map(run, wanted), strict=True):
            entry = entry_from_run(path, kind="replayed", made_on=made_on)
            files.append(append_entry(workspace.ledger, entry))
            progress(f"{day}: {sum(one.is_open for one in entry.forecasts)} open bars")
    return files


def _run(as_of: date, *, root: Path, seed: int, draws: int) -> Path:
    """A draft of one vintage, in a process of its own."""
    request = ForecastRequest(
        as_of=as_of,
        publish=False,
        compare=False,
        replay=True,
        seed=seed,
        draws=draws,
        reason="replayed for the ledger",
    )
    # the only clock time of a draft, so that it is the same whenever it is made
    midnight = datetime(as_of.year, as_of.month, as_of.day, tzinfo=UTC)
    return forecast(request, Workspace(root), published_at=midnight).path
