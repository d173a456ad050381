"""The edited registry and figures beside those that they are compared with."""

from typing import Final

from trends.git import Base, Checkout, UnknownRefError
from trends.outputs.disk import locked, write_folder
from trends.pipeline import RequestError
from trends.pipeline.ingested import Ingest
from trends.previews.changes import Preview, compare
from trends.previews.laws import laws_of
from trends.previews.shelf import MADE_FOR_IT, Shelf
from trends.previews.sides import Settings, Side
from trends.registry import Registry, RegistryError, load_registry
from trends.workspace import Workspace

_FOLDERS: Final = ("data/registry", "data/observations", "expectations")
"""What decides the numbers, besides the code and what publishers have sent."""


def diff(shelf: Shelf, *, ref: str | None) -> Preview:
    """What the working tree says otherwise than its base.

    Args:
        shelf: the checkout, with the edit, and what is at hand.
        ref: branch, tag or commit to compare with; by default where the work parted
            from the main branch, else the last release, else the latest published run.

    Raises:
        RegistryError: the edited registry is not valid.
        RequestError: there is nothing to compare with.
    """
    edited = load_registry(shelf.workspace.registry)
    found = _base_in_git(shelf.workspace, ref)
    figures = shelf.figures(shelf.workspace)
    if found is None:
        return _against_run(shelf, edited, figures)
    return _against_commit(shelf, edited, figures, *found)


def _against_commit(
    shelf: Shelf, edited: Registry, figures: Ingest, checkout: Checkout, base: Base
) -> Preview:
    words = f"{base.name} ({base.commit[:7]})"
    theirs = _checked_out(checkout, base, shelf)
    try:
        registry = load_registry(theirs.registry)
    except RegistryError as error:
        raise RequestError(
            f"the registry of {words} is not valid under the rules of today, so that "
            f"nothing can be compared with it; name another --base: {error.problems[0]}"
        ) from error
    old_figures = shelf.figures(theirs)

    def side_of(settings: Settings) -> Side:
        return Side.of(registry, old_figures, settings)

    at_hand, rests_on = shelf.laws(side_of, old_figures)
    settings = at_hand.side.settings
    before = laws_of(side_of(settings), at_hand)
    after = laws_of(Side.of(edited, figures, settings), at_hand)
    return compare(before, after, base=words, rests_on=rests_on)


def _against_run(shelf: Shelf, edited: Registry, figures: Ingest) -> Preview:
    """The latest published run in place of a commit."""
    run = shelf.run
    if run is None:
        raise RequestError(
            "nothing to compare with: this is no git checkout with a main branch or a "
            "release, and nothing is published. Name a commit with --base, or publish "
            "a run before the edit (`trends run`)"
        )
    before, rests_on = run.laws(figures), f"fits of run {run.run_id}"
    if before is None:
        before, rests_on = shelf.laws_made_once(run.side()), MADE_FOR_IT
    after = laws_of(Side.of(edited, figures, run.settings), before)
    words = f"run {run.run_id} as of {run.settings.as_of}"
    return compare(before, after, base=words, rests_on=rests_on)


def _base_in_git(workspace: Workspace, ref: str | None) -> tuple[Checkout, Base] | None:
    checkout = Checkout.find(workspace.root)
    if checkout is None:
        if ref is not None:
            raise RequestError(f"--base {ref}: {workspace.root} is no git checkout")
        return None
    try:
        base = checkout.base(ref) if ref else checkout.main() or checkout.last_release()
    except UnknownRefError as error:
        raise RequestError(f"--base: {error}") from error
    return None if base is None else (checkout, base)


def _checked_out(checkout: Checkout, base: Base, shelf: Shelf) -> Workspace:
    """The base's registry and figures in a folder of their own; a commit stays."""
    folder = shelf.folder / "bases" / base.commit[:12]
    snapshots = folder / "data" / "snapshots"
    with locked(shelf.folder):
        if not folder.exists():
            write_folder(folder, _contents(checkout, base))
        if not snapshots.is_symlink():
            snapshots.symlink_to(shelf.workspace.snapshots)
    return Workspace(folder)


def _contents(checkout: Checkout, base: Base) -> dict[str, bytes]:
    """All that decides the numbers at the base, or nothing: what is kept must be whole.

    Raises:
        RequestError: there is none, or git did not give all of it.
    """
    words = f"{base.name} ({base.commit[:7]})"
    names = checkout.files(base, *_FOLDERS)
    if not names:
        raise RequestError(f"{words} has no {_FOLDERS[0]}: name another --base")
    contents = checkout.read(base, names)
    if missing := sorted({*names} - contents.keys()):
        raise RequestError(
            f"git did not read {len(missing)} of {len(names)} files of {words}, "
            f"{missing[0]} first: run again, `git fetch` them where the clone is "
            "partial, or name another --base"
        )
    return contents
