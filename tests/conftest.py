"""Fixtures that cost seconds and are shared: one real run on the shipped figures."""

import fcntl
import gc
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from trends import defaults
from trends.pipeline import ForecastRequest, PublishedRun, forecast, ingest
from trends.workspace import Workspace

CHECKOUT = Path(__file__).parent.parent
AS_OF = date(2026, 11, 26)
PUBLISHED_AT = datetime(2026, 11, 26, 12, tzinfo=UTC)

gc.set_threshold(defaults.COLLECT_AFTER)  # as commands do


def pytest_collection_finish() -> None:
    """Thousands of collected tests are no garbage: never look through them again."""
    gc.freeze()


def copy_checkout(target: Path) -> Workspace:
    """A workspace with the checkout's figures, registry and suites, and no results."""
    for folder in ("data/registry", "data/observations", "expectations"):
        shutil.copytree(CHECKOUT / folder, target / folder)
    return Workspace(target)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--fuzz",
        type=int,
        default=60,
        metavar="N",
        help="mutated files of figures to read; of registry files half as many",
    )


@contextmanager
def computed_once(
    workspace: Workspace, name: str, factory: pytest.TempPathFactory
) -> Iterator[None]:
    """Let the first worker of several compute; the others begin with its data/work.

    Parts there are found by what they are made from, so the others make, write and
    publish the same, and only what takes long is not computed again.
    """
    if "PYTEST_XDIST_WORKER" not in os.environ:
        yield
        return
    kept = factory.getbasetemp().parent / name
    with kept.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if kept.exists():
            shutil.copytree(kept, workspace.work, dirs_exist_ok=True)
            yield
        else:
            yield
            shutil.copytree(workspace.work, kept)


@pytest.fixture(scope="session")
def shipped_workspace(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """A copy of the checkout in which the shipped figures are ingested."""
    workspace = copy_checkout(tmp_path_factory.mktemp("shipped"))
    with computed_once(workspace, "shipped_ingest", tmp_path_factory):
        result = ingest(workspace)
    assert result.stopped == {}
    return workspace


@pytest.fixture(scope="session")
def shipped_run(
    shipped_workspace: Workspace, tmp_path_factory: pytest.TempPathFactory
) -> PublishedRun:
    """The published run on the shipped figures."""
    with computed_once(shipped_workspace, "shipped_run", tmp_path_factory):
        return forecast(
            ForecastRequest(as_of=AS_OF), shipped_workspace, published_at=PUBLISHED_AT
        )


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    """A copy of the checkout that a test may break."""
    return copy_checkout(tmp_path)
