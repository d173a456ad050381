"""Fixtures that cost seconds and are shared: one real run on the shipped figures."""

import shutil
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from trends.pipeline import ForecastRequest, PublishedRun, forecast, ingest
from trends.workspace import Workspace

CHECKOUT = Path(__file__).parent.parent
AS_OF = date(2026, 11, 26)
PUBLISHED_AT = datetime(2026, 11, 26, 12, tzinfo=UTC)


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


@pytest.fixture(scope="session")
def shipped_workspace(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """A copy of the checkout in which the shipped figures are ingested."""
    workspace = copy_checkout(tmp_path_factory.mktemp("shipped"))
    result = ingest(workspace)
    assert result.stopped == {}
    return workspace


@pytest.fixture(scope="session")
def shipped_run(shipped_workspace: Workspace) -> PublishedRun:
    """The published run on the shipped figures."""
    return forecast(
        ForecastRequest(as_of=AS_OF), shipped_workspace, published_at=PUBLISHED_AT
    )


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    """A copy of the checkout that a test may break."""
    return copy_checkout(tmp_path)
