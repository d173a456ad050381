"""What machines share: any of them finishes what another began, with the same bytes."""

import json
import os
import shutil
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from threading import Barrier, Lock
from time import sleep
from typing import get_args

import pytest

from tests.s3_server import KEYS, How, Proxy, proxy_of, s3_server
from tests.small_world import small_world, trends
from trends.outputs import (
    NotPublishedError,
    find_published,
    point_latest,
    read_history,
    read_latest,
    unpublish,
)
from trends.outputs import pull as pull_results
from trends.pipeline import (
    ForecastRequest,
    PublishedRun,
    cross_bars,
    fit_shard,
    fit_shards,
    forecast,
    ingest,
    ingest_source,
    join_sources,
    plan_forecast,
    publish,
    select_records,
    source_ids,
)
from trends.pipeline.parts import state_of
from trends.snapshots import FileOrigin, held_of, keep, pull, push
from trends.sources.answers import Fetched, Validators
from trends.store import VARIABLE, Store, StoreError, _file_system, store_of
from trends.workspace import Workspace

AS_OF = date(2026, 1, 31)
NOON = datetime(2026, 2, 1, 12, tzinfo=UTC)
REQUEST = ForecastRequest(as_of=AS_OF, draws=200)


@pytest.fixture(scope="session")
def s3() -> Iterator[str]:
    """Address of an S3 server on this machine, with a bucket ``shared``."""
    with s3_server() as url:
        yield url


@pytest.fixture(params=["folder", "s3"])
def url(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> str:
    """Address of an empty store, which the environment names."""
    forget_connections()
    if request.param == "folder":
        found = str(tmp_path / "store")
    else:
        endpoint = request.getfixturevalue("s3")
        for name, value in (KEYS | {"AWS_ENDPOINT_URL": endpoint}).items():
            monkeypatch.setenv(name, value)
        found = f"s3://shared/{tmp_path.name}"
    monkeypatch.setenv(VARIABLE, found)
    return found


@pytest.fixture(scope="module")
def alone(tmp_path_factory: pytest.TempPathFactory) -> PublishedRun:
    """The run of one machine without a store."""
    before = os.environ.pop(VARIABLE, None)
    try:
        world = small_world(tmp_path_factory.mktemp("alone") / "w")
        ingest(world)
        return forecast(REQUEST, world, published_at=NOON)
    finally:
        if before is not None:
            os.environ[VARIABLE] = before


def forget_connections() -> None:
    """The next test's store is at another address."""
    _file_system.cache_clear()


def machine(root: Path) -> Workspace:
    """Another machine: the same checkout, and an empty disk."""
    return small_world(root)


def files_of(folder: Path) -> dict[str, bytes]:
    paths = sorted(path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in paths}


def test_files_are_written_swapped_listed_and_removed(url: str, tmp_path: Path) -> None:
    store = Store(url, tmp_path / "data", attempts=1)
    latest = tmp_path / "data" / "results" / "latest.json"
    assert store.read(latest) is None
    assert store.stamp(latest) is None
    assert store.files(latest.parent) == []
    assert store.create(latest, b"1")
    assert not store.create(latest, b"2")
    seen = store.stamp(latest)
    assert store.swap(latest, b"3", seen=seen)
    assert not store.swap(latest, b"4", seen=seen)
    assert store.read(latest) == b"3"
    run = latest.parent / "runs" / "x"
    store.write_folder(run, {"m": b"1", "internal/q": b"2"}, last="m")
    assert store.files(latest.parent) == [latest, run / "internal" / "q", run / "m"]
    assert store.files(tmp_path / "data") == store.files(latest.parent)
    store.remove(latest)
    store.remove(latest)
    assert not store.swap(latest, b"5", seen=seen)


def test_of_many_who_swap_at_once_one_does(url: str, tmp_path: Path) -> None:
    store = Store(url, tmp_path / "data")
    counter = tmp_path / "data" / "counter"

    def add(_: int) -> None:
        while True:
            seen = store.stamp(counter)
            n = int(store.read(counter) or b"0") if seen else 0
            if store.swap(counter, str(n + 1).encode(), seen=seen):
                return

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(add, range(12)))
    assert store.read(counter) == b"12"


def test_every_stage_on_another_machine_gives_the_same_bytes(
    url: str, tmp_path: Path, alone: PublishedRun
) -> None:
    """Each stage has an empty disk, and the plan's machine is gone."""
    made = 0

    def another() -> Workspace:
        nonlocal made
        made += 1
        return machine(tmp_path / f"m{made}")

    for source_id in source_ids(first := another()):
        ingest_source(source_id, workspace=another())
    join_sources(source_ids(first), workspace=another())
    planner = another()
    planned = plan_forecast(REQUEST, workspace=planner, today=NOON.date())
    name = planned.relative_to(planner.root)
    shutil.rmtree(planner.root)
    select_records(another().root / name)
    for shard in fit_shards(another().root / name):
        fit_shard(another().root / name, shard)
    cross_bars(another().root / name)
    run = publish(another().root / name, published_at=NOON)
    assert run.run_id == alone.run_id
    assert files_of(run.path) == files_of(alone.path)
    reader = another()
    assert read_latest(reader.results) is None
    pull_results(reader.results, reader.store)
    latest = read_latest(reader.results)
    assert latest is not None
    assert files_of(latest.path) == files_of(alone.path)


def test_a_machine_that_was_on_its_own_goes_on_with_others(
    url: str, tmp_path: Path, alone: PublishedRun, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What it has made is put into the store, a forecast in the middle too."""
    monkeypatch.delenv(VARIABLE)
    first = machine(tmp_path / "first")
    ingest(first)
    forecast(REQUEST, first, published_at=NOON)
    monkeypatch.setenv(VARIABLE, url)
    ingest(first)
    run = forecast(REQUEST, first, published_at=NOON)
    assert run.run_id == alone.run_id
    planned = plan_forecast(REQUEST, workspace=first, today=NOON.date())
    second = machine(tmp_path / "second")
    shutil.rmtree(second.root / "data" / "observations")
    run = publish(second.root / planned.relative_to(first.root), published_at=NOON)
    assert files_of(run.path) == files_of(alone.path)


def test_a_part_that_is_damaged_or_half_put_counts_as_absent(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(VARIABLE, str(tmp_path / "store"))
    first, second, third = (machine(tmp_path / f"m{n}") for n in range(3))
    path = ingest(first).path
    shared = tmp_path / "store" / path.relative_to(first.root / "data")
    whole = (shared / "observations.parquet").read_bytes()
    (shared / "observations.parquet").write_bytes(whole[:-4])
    assert files_of(ingest(second).path) == files_of(path)
    assert (shared / "observations.parquet").read_bytes() == whole
    (shared / "part.json").unlink()
    assert files_of(ingest(third).path) == files_of(path)
    assert (shared / "part.json").is_file()


def unpublished(run: PublishedRun, root: Path, *, as_of: date) -> Path:
    """The files of a run on a machine that has published nothing, of another day."""
    manifest = json.loads((run.path / "manifest.json").read_text())
    copy = root / "data" / "results" / "runs" / as_of.isoformat() / run.run_id
    shutil.copytree(run.path, copy)
    manifest["as_of"] = as_of.isoformat()
    (copy / "manifest.json").write_text(json.dumps(manifest))
    return copy


def test_two_who_publish_at_once_are_both_on_record(
    url: str, tmp_path: Path, alone: PublishedRun
) -> None:
    days = [date(2026, 1, 30), AS_OF]
    runs = [unpublished(alone, tmp_path / f"m{day}", as_of=day) for day in days]

    def point(run: Path) -> None:
        space = Workspace.around(run)
        point_latest(run, results=space.results, published_at=NOON, store=space.store)

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(point, runs))
    reader = Workspace(tmp_path / "reader")
    pull_results(reader.results, reader.store)
    history = read_history(reader.results)
    assert [one.as_of for one in history.standing] == days
    assert len({one.number for one in history.publications}) == 2
    latest = read_latest(reader.results, say=pytest.fail)
    assert latest is not None
    assert latest.as_of == AS_OF


def test_the_same_run_published_by_two_is_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """They differ in their clock only; that of the first counts."""
    monkeypatch.setenv(VARIABLE, str(tmp_path / "store"))
    worlds = [machine(tmp_path / f"m{n}") for n in range(2)]
    planned = []
    for world in worlds:
        ingest(world)
        planned.append(plan_forecast(REQUEST, workspace=world, today=NOON.date()))
    monkeypatch.delenv(VARIABLE)
    publish(planned[1], published_at=NOON.replace(hour=13))
    monkeypatch.setenv(VARIABLE, str(tmp_path / "store"))
    runs = [publish(one, published_at=NOON) for one in planned]
    assert files_of(runs[0].path) == files_of(runs[1].path)
    for world in worlds:
        assert read_latest(world.results) is not None


def test_what_one_takes_back_is_back_for_all(url: str, tmp_path: Path) -> None:
    first, second = (machine(tmp_path / f"m{n}") for n in range(2))
    ingest(first)
    run = forecast(REQUEST, first, published_at=NOON)
    pull_results(second.results, second.store)
    unpublish(
        second.results, run.run_id, why="wrong", withdrawn_at=NOON, store=second.store
    )
    pull_results(first.results, first.store)
    assert read_latest(first.results) is None
    assert not read_history(first.results).standing
    again = publish(
        plan_forecast(REQUEST, workspace=first, today=NOON.date()), published_at=NOON
    )
    assert again.latest is not None
    pull_results(second.results, second.store)
    assert find_published(second.results, run.run_id).run_id == run.run_id


def test_what_was_taken_back_on_one_disk_only_is_back_for_all_by_the_same_command(
    url: str, tmp_path: Path
) -> None:
    """As where the machine died, or the disk was full, before the store was told."""
    first, second = (machine(tmp_path / f"m{n}") for n in range(2))
    ingest(first)
    run = forecast(REQUEST, first, published_at=NOON)
    pull_results(second.results, second.store)
    unpublish(second.results, run.run_id, why="wrong", withdrawn_at=NOON)
    with pytest.raises(NotPublishedError, match="withdrawn"):
        unpublish(
            second.results,
            run.run_id,
            why="wrong",
            withdrawn_at=NOON,
            store=second.store,
        )
    assert first.store is not None
    assert first.store.read(first.results / "latest.json") is None
    pull_results(first.results, first.store)
    assert read_latest(first.results) is None


def test_looks_of_two_machines_at_one_file_are_both_kept(
    url: str, tmp_path: Path
) -> None:
    origin = FileOrigin("board", "scores", "https://example.org/s.csv", "CC-BY-4.0")
    sent = Fetched(b"a,b\n", origin.url, "text/csv", Validators(), is_publishers=True)
    roots = [tmp_path / name / "data" / "snapshots" for name in ("one", "two")]
    stores = [store_of(root.parent) for root in roots]
    for day, root in enumerate(roots, start=1):
        keep(sent, origin, root, now=NOON.replace(day=day))
    for root, store in zip(roots, stores, strict=True):
        push(root / "board", store)
    for root, store in zip(roots, stores, strict=True):
        pull(root, store, root=root)
        (held,) = held_of(origin, root).snapshots
        assert [look.at.day for look in held.sidecar.looks] == [1, 2]
        assert held.content() == b"a,b\n"
    before = state_of(root, "board/scores/*")
    pull(root, store, root=root)
    assert state_of(root, "board/scores/*") == before


@pytest.fixture
def proxy(s3: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Proxy]:
    forget_connections()
    with proxy_of(s3) as server:
        for name, value in (KEYS | {"AWS_ENDPOINT_URL": server.url}).items():
            monkeypatch.setenv(name, value)
        yield server
    forget_connections()


@pytest.mark.parametrize("how", get_args(How))
def test_a_store_that_stumbles_is_asked_again_and_nobody_notices(
    proxy: Proxy, tmp_path: Path, how: How
) -> None:
    store = Store(f"s3://shared/{tmp_path.name}", tmp_path, pause_s=0.01)
    proxy.begin(range(1, 4), how)
    store.write(tmp_path / "a", b"1")
    assert proxy.n_asked == 4
    assert store.read(tmp_path / "a") == b"1"


def test_a_store_that_says_no_at_any_request_leaves_nothing_half_published(
    proxy: Proxy, tmp_path: Path, alone: PublishedRun
) -> None:
    """503 from each request of a publication on; then it is published after all."""
    world = Workspace(tmp_path / "w")
    run = world.results / alone.path.relative_to(alone.path.parents[2])
    shutil.copytree(alone.path, run)

    def publish_into(name: str) -> Store:
        """Nothing is published yet, and the store is empty."""
        shutil.rmtree(world.results / "history", ignore_errors=True)
        (world.results / "latest.json").unlink(missing_ok=True)
        address = f"s3://shared/{tmp_path.name}-{name}"
        return Store(address, world.results.parent, attempts=2, pause_s=0.001)

    def point(store: Store) -> None:
        point_latest(run, results=world.results, published_at=NOON, store=store)

    proxy.begin(range(0))
    point(publish_into("all"))
    n_requests = proxy.n_asked
    assert n_requests > 40
    for number in (2, n_requests // 2, n_requests - 4, n_requests):
        store = publish_into(str(number))
        proxy.begin(range(number, 10**6))
        with pytest.raises(StoreError, match="Service") as caught:
            point(store)
        assert "run the same again" in str(caught.value)
        proxy.begin(range(0))
        reader = tmp_path / f"reader-{number}" / "results"
        pull_results(reader, replace(store, data=reader.parent))
        found = read_latest(reader, say=lambda _: None)
        assert found is None or files_of(found.path) == files_of(run)
        point(store)
        pull_results(reader, replace(store, data=reader.parent))
        found = read_latest(reader, say=pytest.fail)
        assert found is not None
        assert files_of(found.path) == files_of(run)


def test_many_files_go_and_come_side_by_side(proxy: Proxy, tmp_path: Path) -> None:
    """No request is answered before three others have come."""
    store = Store(f"s3://shared/{tmp_path.name}", tmp_path / "here", pause_s=0.01)
    files = {store.data / f"{n:02d}": str(n).encode() for n in range(32)}
    store.data.mkdir()
    for path, content in files.items():
        path.write_bytes(content)
    company = Barrier(4, timeout=30)

    def wait_for_others(_verb: str, _path: str) -> None:
        company.wait()

    proxy.changed = wait_for_others
    store.upload(list(files))
    assert not company.broken
    found: dict[Path, bytes] = {}
    store.download(store.data, found.__setitem__)
    assert found == files


def test_large_files_come_one_by_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two of them at once would be in memory together."""
    monkeypatch.setattr("trends.store._SMALL", 4)
    store = Store(str(tmp_path / "store"), tmp_path)
    files = {tmp_path / f"{n:02d}": b"large" if n % 2 else b"s" for n in range(48)}
    for path, content in files.items():
        store.write(path, content)
    found: dict[Path, bytes] = {}
    alone = Lock()

    def take(path: Path, content: bytes) -> None:
        if content == b"large":
            assert alone.acquire(blocking=False)
            sleep(0.01)
            alone.release()
        found[path] = content

    store.download(tmp_path, take)
    assert found == files


def test_how_many_files_are_put_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("trends.store._TOLD_EVERY", 10)
    store = Store(str(tmp_path / "store"), tmp_path)
    paths = [tmp_path / str(n) for n in range(25)]
    for path in paths:
        path.write_bytes(b"1")
    told: list[str] = []
    store.upload(paths, progress=told.append)
    assert told == [f"store: {n} of 25 files are there" for n in (10, 20)]


def test_the_command_line_says_that_the_store_does_not_answer(tmp_path: Path) -> None:
    world = small_world(tmp_path / "w")
    closed = {"AWS_ENDPOINT_URL": "http://127.0.0.1:9", VARIABLE: "s3://shared/x"}
    done = trends(world, "ingest", **KEYS, **closed)
    assert done.returncode == 9, done.stderr
    assert "cannot list snapshots" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("address", "words"),
    [
        ("shared/x", "is no address"),
        ("s3://user:secret@host/x", "password in it"),
    ],
)
def test_an_address_that_makes_no_sense_is_refused(
    address: str, words: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(VARIABLE, address)
    with pytest.raises(StoreError, match=words) as caught:
        store_of(tmp_path)
    assert "secret" not in str(caught.value)


def test_without_a_store_there_is_only_the_disk(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(VARIABLE, " ")
    assert Workspace(tmp_path).store is None
