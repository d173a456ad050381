"""The small world as a git checkout whose registry is edited on a branch."""

import subprocess
from datetime import UTC, date, datetime
from pathlib import Path

import polars as pl

from tests.small_world import small_world
from trends.pipeline import ForecastRequest, PublishedRun, forecast, ingest
from trends.previews import Preview, Shelf, diff
from trends.tables import AUTOMATION, CROSSING_SUMMARY
from trends.words import DRAFT_MARK
from trends.workspace import Workspace

TODAY = date(2026, 11, 26)
_AUTHOR = ("-c", "user.name=A Contributor", "-c", "user.email=a@example.org")

BARS = ("threshold_id", "bar_id", "trend")
SCENARIOS = ("scenario_id", "dependence", "gap")

# who made a row, where it stands, and what compares it with other vintages or families
_BESIDE = (
    "sort_rank",
    "threshold_version",
    "run_id",
    "change_days",
    "change_cause",
    "pool_influence_days",
    "pool_influence_family",
    "pool_influence_if_ever_days",
    "pool_influence_if_ever_family",
    "pool_influence_p_never",
)

Rows = dict[tuple[str, str, str], dict[str, object]]


def git(root: Path, *words: str) -> str:
    """Run git in a repository, as an invented author."""
    done = subprocess.run(
        ["git", "-C", str(root), *_AUTHOR, *words],
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout.strip()


def repository(root: Path) -> Workspace:
    """The small world on its main branch, and a branch to edit it on."""
    workspace = small_world(root)
    (root / ".gitignore").write_text("data/work/\ndata/results/\n")
    git(root, "init", "-q", "-b", "main")
    git(root, "add", "-A")
    git(root, "commit", "-q", "-m", "the registry as it was")
    git(root, "checkout", "-q", "-b", "edit")
    return workspace


def edit(workspace: Workspace, name: str, old: str, new: str) -> None:
    """Put ``new`` in the place of the one ``old`` of a file below data/."""
    path = workspace.root / "data" / name
    text = path.read_text()
    assert text.count(old) == 1, f"{name} has {text.count(old)} of {old!r}"
    path.write_text(text.replace(old, new))


def undo(workspace: Workspace) -> None:
    """The files as they were committed."""
    git(workspace.root, "checkout", "-q", "--", ".")
    git(workspace.root, "clean", "-fdq")


def preview(workspace: Workspace, *, ref: str | None = None) -> Preview:
    """What the edit does, as of ``TODAY``."""
    return diff(Shelf(workspace, TODAY, lambda _: None), ref=ref)


def run(workspace: Workspace, *, publish: bool = False) -> PublishedRun:
    """What `trends run` makes of the registry as it stands."""
    ingest(workspace)
    noon = datetime(TODAY.year, TODAY.month, TODAY.day, 12, tzinfo=UTC)
    return forecast(
        ForecastRequest(as_of=TODAY, publish=publish), workspace, published_at=noon
    )


def rows_of(path: Path) -> tuple[Rows, Rows]:
    """Rows of bars and of scenarios that a run published, as a preview has them."""
    return (
        _rows(pl.read_parquet(path / f"{CROSSING_SUMMARY.name}.parquet"), BARS),
        _rows(pl.read_parquet(path / f"{AUTOMATION.name}.parquet"), SCENARIOS),
    )


def without_stamps(row: dict[str, object]) -> dict[str, object]:
    """A row without what a preview does not say."""
    return {name: value for name, value in row.items() if name not in _BESIDE}


def _rows(table: pl.DataFrame, key: tuple[str, str, str]) -> Rows:
    plain = table.with_columns(
        pl.col("^(median|if_ever)_label$").str.strip_suffix(DRAFT_MARK)
    )
    return {
        (row[key[0]], row[key[1]], row[key[2]]): without_stamps(row)
        for row in plain.iter_rows(named=True)
    }
