"""Files saved while they are read: what was made of half of one is never kept.

An editor empties a file before it writes it, and a reader may come in between. What is
read lies under a name made of the files; kept there, it would be believed for good.
"""

import re
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from tests.small_world import small_world
from trends.pipeline import check_figures, checks, ingest, source_part
from trends.pipeline.errors import EditedError
from trends.pipeline.ingest import read_sources
from trends.previews import Shelf, shelf
from trends.snapshots import FileOrigin, held_of, keep, push
from trends.sources.answers import Fetched, Validators
from trends.store import VARIABLE
from trends.validation import validate
from trends.workspace import Workspace

FIGURES = "data/observations/speedrun.csv"
MODELS = "data/registry/models.yaml"
SUITE = "expectations/observations.yaml"

Function = Callable[..., Any]


@pytest.fixture
def world(tmp_path: Path) -> Workspace:
    return small_world(tmp_path)


def cut_short(text: str) -> str:
    return text.split("\n", 1)[0]


def goes_on(text: str) -> str:
    return f"{text}# more to come\n"


def saved_before(
    step: Function, path: Path, edit: Callable[[str], str], *, whole_again: bool = True
) -> Function:
    """A step that begins as a file is saved; it is whole again by its end, or is not."""
    whole = path.read_text()

    def run(*args: Any, **kwargs: Any) -> Any:
        path.write_text(edit(whole))
        try:
            return step(*args, **kwargs)
        finally:
            if whole_again:
                path.write_text(whole)

    return run


@pytest.mark.parametrize("whole_again", [True, False])
@pytest.mark.parametrize(
    ("name", "edit"), [(FIGURES, cut_short), (MODELS, goes_on), (SUITE, goes_on)]
)
def test_of_files_that_are_being_saved_no_source_is_kept(
    world: Workspace,
    monkeypatch: pytest.MonkeyPatch,
    name: str,
    edit: Callable[[str], str],
    *,
    whole_again: bool,
) -> None:
    path = world.root / name
    whole = path.read_text()
    with monkeypatch.context() as patch:
        step = saved_before(
            source_part._read_source, path, edit, whole_again=whole_again
        )
        patch.setattr(source_part, "_read_source", step)
        with pytest.raises(EditedError, match=f"being read: {re.escape(path.name)}"):
            ingest(world)
    path.write_text(whole)
    result = ingest(world)
    assert result.stopped == {}
    assert result.rows == 73


def test_what_another_suite_said_is_not_kept(
    world: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        suite = world.root / SUITE
        patch.setattr(checks, "validate", saved_before(validate, suite, goes_on))
        with pytest.raises(EditedError, match=r"being read: observations\.yaml\. Half"):
            check_figures(world)
    assert check_figures(world) == []


def test_a_preview_keeps_no_figures_that_were_edited_since_it_began(
    world: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    previews = Shelf(world, date(2026, 1, 31), progress=lambda _: None)
    with monkeypatch.context() as patch:
        step = saved_before(read_sources, world.root / FIGURES, goes_on)
        patch.setattr(shelf, "read_sources", step)
        with pytest.raises(EditedError, match=r"being read: speedrun\.csv\. Half"):
            previews.figures(world)
    assert previews.figures(world).stopped == {}


def test_a_preview_takes_what_another_machine_kept_for_no_edit(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(VARIABLE, str(tmp_path / "shared"))
    one, two = (small_world(tmp_path / name) for name in ("one", "two"))
    origin = FileOrigin("quiz_site", "scores", "https://example.org/s.csv", "CC-BY-4.0")
    sent = Fetched(b"a,b\n", origin.url, "text/csv", Validators(), is_publishers=True)
    kept = keep(sent, origin, one.snapshots, now=datetime(2026, 1, 30, tzinfo=UTC))
    push(one.snapshots / origin.source_id, one.store)
    previews = Shelf(two, date(2026, 1, 31), progress=lambda _: None)
    assert previews.figures(two).stopped == {}
    [fetched] = held_of(origin, two.snapshots).snapshots
    assert fetched.sha256 == kept.sha256


def test_the_lock_of_an_editor_is_no_file_of_ours(world: Workspace) -> None:
    """Emacs lays a link to nowhere beside a file with changes to be saved."""
    for name in (FIGURES, SUITE):
        path = world.root / name
        path.with_name(f".#{path.name}").symlink_to("somebody@somewhere.1:1")
    assert ingest(world).rows == 73
