"""Snapshots: what came stays as it came, and each look at it is noted."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from trends.snapshots import (
    DamagedError,
    FileOrigin,
    Snapshot,
    confirm,
    damages,
    held_of,
    keep,
)
from trends.sources.answers import Fetched, Validators

ORIGIN = FileOrigin("metr", "horizons", "https://metr.org/assets/a.yaml", "none stated")
MORNING = datetime(2026, 11, 20, 8, tzinfo=UTC)
DAY = timedelta(days=1)


def _sent(content: bytes, *, is_publishers: bool = True) -> Fetched:
    return Fetched(
        content,
        "https://metr.org/assets/b.yaml",
        "text/yaml",
        Validators('"a1"', "Thu, 19 Nov 2026 10:00:00 GMT"),
        is_publishers,
    )


def _keep(folder: Path, content: bytes, now: datetime) -> Snapshot:
    return keep(_sent(content), ORIGIN, folder, now=now)


def _looks(snapshot: Snapshot) -> list[datetime]:
    return [look.at for look in snapshot.sidecar.looks]


def test_what_came_is_kept_with_where_and_when_it_came_from(tmp_path: Path) -> None:
    kept = _keep(tmp_path, b"a: 1\n", MORNING)

    [held] = held_of(ORIGIN, tmp_path).snapshots
    assert held == kept
    assert held.content() == b"a: 1\n"
    assert held.path == tmp_path / "metr" / "horizons" / f"{held.sha256}.yaml"
    [turn] = held_of(ORIGIN, tmp_path).turns
    assert turn.name == f"snapshots/2026-11-20-{held.sha256[:12]}.yaml"
    sidecar = held.sidecar.model_dump()
    assert sidecar["url"] == "https://metr.org/assets/a.yaml"
    assert sidecar["address"] == "https://metr.org/assets/b.yaml"
    assert sidecar["retrieved_at"] == MORNING
    assert sidecar["licence"] == "none stated"
    assert (sidecar["etag"], sidecar["n_bytes"]) == ('"a1"', 5)


def test_the_same_content_leaves_one_snapshot_and_one_look_a_day(
    tmp_path: Path,
) -> None:
    for hours in (0, 3, 23):
        kept = _keep(tmp_path, b"a: 1\n", MORNING + timedelta(hours=hours))
    kept = confirm(kept, ORIGIN, tmp_path, now=MORNING + 2 * DAY)
    kept = confirm(kept, ORIGIN, tmp_path, now=MORNING + 2 * DAY)

    assert len(held_of(ORIGIN, tmp_path).snapshots) == 1
    assert kept.sidecar.retrieved_at == MORNING
    assert _looks(kept) == [MORNING, MORNING + timedelta(hours=23), MORNING + 2 * DAY]
    assert kept.days_seen == [
        date(2026, 11, 20),
        date(2026, 11, 21),
        date(2026, 11, 22),
    ]


def test_bytes_are_written_once(tmp_path: Path) -> None:
    kept = _keep(tmp_path, b"a: 1\n", MORNING)
    written = kept.path.stat()
    _keep(tmp_path, b"a: 1\n", MORNING + DAY)
    assert kept.path.stat().st_ino == written.st_ino


def test_content_that_comes_back_is_current_again(tmp_path: Path) -> None:
    for hours, content in enumerate([b"a: 1\n", b"a: 2\n", b"a: 1\n", b"a: 1\n"]):
        _keep(tmp_path, content, MORNING + timedelta(hours=hours))

    held = held_of(ORIGIN, tmp_path)
    assert [one.content() for one in held.snapshots] == [b"a: 1\n", b"a: 2\n"]
    assert held.current is not None
    assert held.current.content() == b"a: 1\n"
    assert _looks(held.current) == [MORNING, MORNING + timedelta(hours=2)]


def test_turns_are_days_on_which_the_content_changed(tmp_path: Path) -> None:
    """Noon of the 21st shows b and then a again: nothing changed that day."""
    a, b = b"a: 1\n", b"a: 2\n"
    for days, content in [(0, a), (1, b), (1.1, a), (2, a), (3, b), (4, b), (5, a)]:
        _keep(tmp_path, content, MORNING + days * DAY)

    turns = held_of(ORIGIN, tmp_path).turns

    assert [(turn.day.day, turn.snapshot.content()) for turn in turns] == [
        (20, a),
        (23, b),
        (25, a),
    ]
    assert len({turn.name for turn in turns}) == 3


def test_a_look_at_a_copy_is_no_look_at_the_publisher(tmp_path: Path) -> None:
    kept = keep(_sent(b"a", is_publishers=False), ORIGIN, tmp_path, now=MORNING)
    assert kept.days_seen == []
    kept = keep(_sent(b"a"), ORIGIN, tmp_path, now=MORNING)
    assert kept.days_seen == [date(2026, 11, 20)]


def test_a_published_json_file_is_not_taken_for_a_sidecar(tmp_path: Path) -> None:
    origin = ORIGIN._replace(url="https://example.org/board.json?raw=1")
    kept = keep(_sent(b"{}"), origin, tmp_path, now=MORNING)
    assert kept.path.name == f"{kept.sha256}.json"
    assert held_of(origin, tmp_path).snapshots == (kept,)


@pytest.mark.parametrize(
    ("url", "suffix"),
    [
        ("https://a.org/a.CSV", ".csv"),
        ("https://a.org/a", ".data"),
        ("https://a.org/a.with%2Fslash", ".data"),
        ("https://a.org/a.verylongsuffix", ".data"),
    ],
)
def test_the_suffix_is_an_ordinary_one(tmp_path: Path, url: str, suffix: str) -> None:
    origin = ORIGIN._replace(url=url)
    assert keep(_sent(b"a"), origin, tmp_path, now=MORNING).path.suffix == suffix


def _edit(snapshot: Snapshot) -> None:
    snapshot.path.write_bytes(b"a: 9\n")


def _delete(snapshot: Snapshot) -> None:
    snapshot.path.unlink()


def _cut_sidecar(snapshot: Snapshot) -> None:
    sidecar = snapshot.folder / f"{snapshot.sha256}.snapshot.json"
    sidecar.write_bytes(sidecar.read_bytes()[:-20])


def _move_sidecar(snapshot: Snapshot) -> None:
    sidecar = snapshot.folder / f"{snapshot.sha256}.snapshot.json"
    sidecar.rename(snapshot.folder / f"{'0' * 64}.snapshot.json")


@pytest.mark.parametrize("damage", [_edit, _delete, _cut_sidecar, _move_sidecar])
def test_a_damaged_snapshot_is_named_and_counts_for_nothing(
    tmp_path: Path, damage: object
) -> None:
    older = _keep(tmp_path, b"a: 1\n", MORNING)
    kept = _keep(tmp_path, b"a: 2\n", MORNING + DAY)
    assert damages(tmp_path) == (2, [])

    damage(kept)  # type: ignore[operator]

    held = held_of(ORIGIN, tmp_path)
    assert held.current == older
    assert len(held.damaged) == 1
    assert "fetch it again with --live" in held.damaged[0]
    assert damages(tmp_path) == (2, list(held.damaged))


def test_bytes_that_were_edited_are_not_given_out(tmp_path: Path) -> None:
    kept = _keep(tmp_path, b"a: 1\n", MORNING)
    _edit(kept)
    with pytest.raises(DamagedError, match="is not as it came"):
        kept.content()


def test_a_damaged_snapshot_is_mended_by_the_same_content(tmp_path: Path) -> None:
    kept = _keep(tmp_path, b"a: 1\n", MORNING)
    _edit(kept)
    again = _keep(tmp_path, b"a: 1\n", MORNING + DAY)
    assert held_of(ORIGIN, tmp_path) == ((again,), ())
    assert again.content() == b"a: 1\n"


def test_bytes_without_a_sidecar_count_for_nothing(tmp_path: Path) -> None:
    """As a process leaves them that was killed between the two."""
    kept = _keep(tmp_path, b"a: 1\n", MORNING)
    (kept.folder / f"{kept.sha256}.snapshot.json").unlink()
    assert held_of(ORIGIN, tmp_path) == ((), ())
    again = _keep(tmp_path, b"a: 1\n", MORNING + DAY)
    assert held_of(ORIGIN, tmp_path).snapshots == (again,)
