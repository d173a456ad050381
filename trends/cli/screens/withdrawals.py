"""Published runs that were taken back, in words."""

from collections.abc import Iterator

from trends.ledger import LedgerError, read_entries
from trends.outputs import Withdrawal, compared_with, read_history, read_latest
from trends.workspace import Workspace


def withdrawn_lines(workspace: Workspace) -> list[str]:
    """One line a run that was taken back and not published again.

    Raises:
        OutputError: a record cannot be read.
    """
    return [f"Withdrawn: {one}" for one in read_history(workspace.results).withdrawn]


def aftermath_lines(workspace: Workspace, withdrawal: Withdrawal) -> Iterator[str]:
    """What a withdrawal did, what it left as it was, and what to do about that.

    Raises:
        OutputError: the run that is the latest now is damaged.
    """
    yield f"{withdrawal}; its folder stays"
    latest = read_latest(workspace.results)
    if latest is None:
        yield "nothing else is published: there is no latest run now"
    else:
        yield f"the latest run is {latest.run_id} as of {latest.as_of}"
    yield from _in_the_ledger(workspace, withdrawal)
    for later in compared_with(workspace.results, withdrawal.run_id):
        yield (
            f"run {later.run_id} says what moved since the one withdrawn: `trends run "
            f"--as-of {later.as_of}` compares that vintage with what is published now"
        )


def _in_the_ledger(workspace: Workspace, withdrawal: Withdrawal) -> Iterator[str]:
    try:
        entries = read_entries(workspace.ledger, "live")
    except LedgerError as error:
        yield f"whether the ledger holds its forecast cannot be told: {error}"
        return
    for entry in entries:
        if entry.run_id == withdrawal.run_id:
            yield (
                f"its forecast of record stays in the ledger (live/{entry.file_name}) "
                "and is scored: what was said is never taken back, and no other run "
                f"can become the forecast of record of {entry.as_of}"
            )
