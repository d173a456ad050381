"""What the web pages find among the results, here and in a store of many machines."""

from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from tests.small_world import small_world
from trends.airflow_plugin.pages import overview
from trends.airflow_plugin.shelves import Folder, find_folder, latest_or_none
from trends.pipeline import ForecastRequest, forecast, ingest
from trends.previews import Shelf, what_if
from trends.previews.page import write_preview
from trends.store import VARIABLE
from trends.workspace import Workspace


def test_a_link_out_of_a_folder_leads_nowhere(tmp_path: Path) -> None:
    results, secret = Workspace(tmp_path).results, tmp_path / "secret"
    secret.mkdir()
    (secret / "preview.json").write_text("{}")
    (secret / "key").write_text("k")
    own = results / "previews" / "own"
    own.mkdir(parents=True)
    (own / "preview.json").write_text("{}")
    (own / "key").symlink_to(secret / "key")
    (own / "same").symlink_to("preview.json")
    (own / ".hidden").write_text("")
    (results / "previews" / "theirs").symlink_to(secret)
    assert find_folder(Workspace(tmp_path), "previews", "theirs") is None
    found = find_folder(Workspace(tmp_path), "previews", "own")
    assert found == Folder(own)
    assert list(found.files()) == ["preview.json", "same"]
    assert found.file("key") is None


def test_what_another_machine_made_is_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(VARIABLE, str(tmp_path / "shared"))
    worker = small_world(tmp_path / "worker")
    ingest(worker)
    day = date(2026, 6, 30)
    noon = datetime(2026, 7, 1, 12, tzinfo=UTC)
    request = ForecastRequest(as_of=day, draws=200)
    published = forecast(request, worker, published_at=noon)
    tried = ForecastRequest(as_of=day, draws=201, publish=False)
    draft = forecast(tried, worker, published_at=noon)

    server = Workspace(tmp_path / "server")
    found = find_folder(server, "published", f"{day}/{published.run_id}")
    assert found is not None
    names = found.files()
    assert list(names) == list(Folder(published.path).files())
    for name, path in names.items():
        assert path.read_bytes() == (published.path / name).read_bytes()
    found = find_folder(server, "drafts", draft.run_id)
    assert found is not None
    assert found.file("report.html") is not None
    assert find_folder(server, "drafts", "0" * 12) is None
    shelf = Shelf(worker, day, lambda _: None)
    preview = write_preview(what_if(shelf, "quiz", "0.85"), worker)
    found = find_folder(server, "previews", preview)
    assert found is not None
    for name in ("preview.html", "preview.json", "preview.md"):
        written = worker.results / "previews" / preview / name
        assert (found.path / name).read_bytes() == written.read_bytes()
    latest = latest_or_none(server.results)
    assert latest is not None
    assert latest.run_id == published.run_id
    facts = overview(server.results)
    assert facts["latest"] == f"{day}/{published.run_id}"
