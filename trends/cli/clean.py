"""Room on the disk: drafts, previews and work files that nothing needs any more."""

from typing import Annotated

import typer

from trends import defaults
from trends.cli.shared import now, say


def clean(
    *,
    keep: Annotated[
        int,
        typer.Option(min=0, metavar="N", help="Keep the N newest of each kind."),
    ] = defaults.KEEP,
    yes: Annotated[
        bool, typer.Option("--yes", help="Remove them; without it they are only named.")
    ] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Only name them, as without --yes.")
    ] = False,
) -> None:
    """Name old drafts, previews and work files; with --yes remove them."""
    from trends.pipeline import retention
    from trends.workspace import Workspace

    if yes and dry_run:
        raise typer.BadParameter("--yes removes and --dry-run does not: choose one")
    workspace = Workspace.find()
    work = retention.clean if yes else retention.removable
    found = work(workspace, keep=keep, now=now())
    for one in found:
        path = one.path.relative_to(workspace.root)
        print(f"{_size(one.n_bytes):>10}  {path}  ({one.kind})")
    total = _size(sum(one.n_bytes for one in found))
    if not found:
        say(f"nothing to remove: no more than the {keep} newest of each kind are kept")
    elif yes:
        say(f"removed {len(found)}, {total}")
    else:
        say(f"would remove {len(found)}, {total}; with --yes it does")


def _size(n_bytes: int) -> str:
    """Bytes in a unit that a person can compare."""
    if n_bytes < 1_000_000:
        return f"{n_bytes / 1000:.0f} kB"
    return f"{n_bytes / 1_000_000:.1f} MB"
