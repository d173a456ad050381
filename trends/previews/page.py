"""A moved bar as a page that loads nothing, and as files below data/results."""

from pathlib import Path
from typing import Final

from trends.outputs.disk import locked, remove, write_folder
from trends.pipeline.fingerprints import fingerprint
from trends.previews.one_bar import WhatIf
from trends.previews.tried import (
    what_if_json,
    what_if_line,
    what_if_markdown,
    what_if_rows,
    what_if_title,
)
from trends.previews.words import listings, paragraphs, value_words
from trends.templates import templates
from trends.words import CAVEAT, when_words
from trends.workspace import Workspace

PAGE: Final = "preview.html"

LAST: Final = "preview.json"
"""Put into a store after the others: a folder without it is not whole."""


def write_preview(tried: WhatIf, workspace: Workspace) -> str:
    """Keep a preview; the name of its folder below data/results/previews.

    The name is made of the content: the same preview is written once. The folder is
    there whole or not at all, and one that was damaged is written again. Where
    machines share a store, it goes there too.
    """
    files = {
        PAGE: page(tried),
        "preview.md": what_if_markdown(tried),
        LAST: f"{what_if_json(tried)}\n",
    }
    name = fingerprint(files)[:12]
    root = workspace.results / "previews"
    contents = {file: text.encode() for file, text in files.items()}
    with locked(root):
        if not _holds(root / name, contents):
            remove(root / name)
            write_folder(root / name, contents)
    if workspace.store is not None:
        workspace.store.write_folder(root / name, contents, last=LAST)
    return name


def fetch_preview(name: str, workspace: Workspace) -> None:
    """Bring a preview that another machine made, if it is not here and there is one.

    Args:
        name: of its folder.
        workspace: the checkout.

    Raises:
        StoreError: the store does not answer.
    """
    folder, store = workspace.results / "previews" / name, workspace.store
    if store is None or (folder / LAST).is_file():
        return
    found = {path.name: store.read(path) for path in store.files(folder)}
    contents = {file: content for file, content in found.items() if content is not None}
    if LAST in contents:
        with locked(folder.parent):
            remove(folder)
            write_folder(folder, contents)


def page(tried: WhatIf) -> str:
    """The preview as one HTML file: no scripts, nothing from outside."""
    return (
        templates(__package__)
        .get_template("preview.html.jinja")
        .render(
            title=what_if_title(tried),
            answer=what_if_line(tried),
            threshold_id=tried.threshold_id,
            trend=tried.trend,
            as_of=tried.preview.as_of,
            doubts=tried.doubts,
            rows=what_if_rows(tried),
            moved=tried.moved,
            ladder=[(row, value_words(row), when_words(row)) for row in tried.ladder],
            paragraphs=paragraphs(tried.preview),
            listings=listings(tried.preview),
            caveat=CAVEAT,
        )
    )


def _holds(folder: Path, contents: dict[str, bytes]) -> bool:
    try:
        return all(
            (folder / name).read_bytes() == content
            for name, content in contents.items()
        )
    except OSError:
        return False
