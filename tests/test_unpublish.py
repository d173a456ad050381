"""Runs taken back, days still to come, and the order of what was recorded."""

import json
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from tests.output_runs import AS_OF, NOON, amend, write
from tests.small_world import small_world, trends
from trends.outputs import (
    LatestRun,
    NotPublishedError,
    OutputError,
    find_published,
    point_latest,
    previous_vintage,
    read_history,
    read_latest,
    unpublish,
)
from trends.pipeline import ForecastRequest, RequestError, forecast, ingest, publish
from trends.pipeline.replay import past_month_ends
from trends.workspace import Workspace

EARLY, LATE = date(2026, 10, 1), date(2026, 11, 1)


def put_out(results: Path, as_of: date, run_id: str, at: datetime = NOON) -> LatestRun:
    run = write(results, as_of=as_of, run_id=run_id)
    return point_latest(run, results=results, published_at=at)


def latest_id(results: Path) -> str | None:
    """Read as the README tells readers to: with nothing of this project."""
    pointer = results / "latest.json"
    return json.loads(pointer.read_text())["run_id"] if pointer.exists() else None


# The order within a vintage


@pytest.mark.parametrize("days_behind", [0, 1, 400])
def test_a_correction_from_a_clock_that_is_behind_becomes_the_latest(
    tmp_path: Path, days_behind: int
) -> None:
    put_out(tmp_path, AS_OF, "bbb")
    latest = put_out(tmp_path, AS_OF, "aaa", NOON - timedelta(days=days_behind))
    assert (latest.run_id, latest_id(tmp_path)) == ("aaa", "aaa")
    assert find_published(tmp_path, AS_OF.isoformat()).run_id == "aaa"


def test_records_from_before_there_was_a_count_come_first_by_their_clocks(
    tmp_path: Path,
) -> None:
    """Whatever their clocks say against those that are counted."""
    for run_id, hours in (("ccc", 2), ("bbb", 1)):
        put_out(tmp_path, AS_OF, run_id, NOON + timedelta(hours=hours))
    for path in (tmp_path / "history" / "publications").iterdir():
        record = json.loads(path.read_text())
        del record["number"], record["content_sha256"]
        path.write_text(json.dumps(record))
    assert [p.run_id for p in read_history(tmp_path).standing] == ["bbb", "ccc"]
    put_out(tmp_path, AS_OF, "aaa", NOON - timedelta(days=9))
    order = [p.run_id for p in read_history(tmp_path).standing]
    assert order == ["bbb", "ccc", "aaa"]
    assert latest_id(tmp_path) == "aaa"


def test_publishing_says_which_run_readers_are_led_to(tmp_path: Path) -> None:
    assert put_out(tmp_path, LATE, "new").run_id == "new"
    assert put_out(tmp_path, EARLY, "old").run_id == "new"


# Taking back


def test_a_run_that_is_taken_back_no_longer_counts(tmp_path: Path) -> None:
    put_out(tmp_path, EARLY, "early")
    put_out(tmp_path, LATE, "late")
    files = {p: p.read_bytes() for p in tmp_path.glob("runs/**/*.*")}
    withdrawal = unpublish(
        tmp_path, "late", why=" a slip of\nten years ", withdrawn_at=NOON
    )
    assert withdrawal.why == "a slip of ten years"
    assert latest_id(tmp_path) == "early"
    before = previous_vintage(tmp_path, before=date(2026, 12, 1))
    assert before is not None
    assert before.run_id == "early"
    for name in ("late", LATE.isoformat()):
        with pytest.raises(NotPublishedError, match=r"withdrawn on .*ten years"):
            find_published(tmp_path, name)
    assert {p: p.read_bytes() for p in tmp_path.glob("runs/**/*.*")} == files
    (record,) = (tmp_path / "history" / "withdrawals").iterdir()
    logged = json.loads(record.read_text())
    assert logged["why"] == "a slip of ten years"
    assert logged["withdrawn_at"] == "2026-11-22T12:00:00Z"


def test_the_run_before_it_in_its_vintage_stands_again(tmp_path: Path) -> None:
    put_out(tmp_path, LATE, "first")
    put_out(tmp_path, LATE, "second")
    unpublish(tmp_path, LATE.isoformat(), why="wrong", withdrawn_at=NOON)
    assert latest_id(tmp_path) == "first"
    assert find_published(tmp_path, LATE.isoformat()).run_id == "first"


def test_nothing_is_the_latest_once_the_only_run_is_taken_back(tmp_path: Path) -> None:
    put_out(tmp_path, LATE, "only")
    unpublish(tmp_path, "only", why="wrong", withdrawn_at=NOON)
    assert latest_id(tmp_path) is None
    assert read_latest(tmp_path) is None
    with pytest.raises(NotPublishedError, match="withdrawn"):
        unpublish(tmp_path, "only", why="again", withdrawn_at=NOON)


def test_what_was_taken_back_can_be_published_and_taken_back_again(
    tmp_path: Path,
) -> None:
    for n_records in (1, 2):
        put_out(tmp_path, LATE, "only", NOON - timedelta(days=n_records))
        assert latest_id(tmp_path) == "only"
        assert read_history(tmp_path).withdrawn == []
        unpublish(tmp_path, "only", why="wrong", withdrawn_at=NOON)
        assert latest_id(tmp_path) is None
        assert len(read_history(tmp_path).withdrawals) == n_records
        assert len(read_history(tmp_path).withdrawn) == 1


def test_a_run_whose_folder_is_gone_can_be_taken_back(tmp_path: Path) -> None:
    put_out(tmp_path, EARLY, "early")
    gone = put_out(tmp_path, LATE, "late").path
    gone.rename(tmp_path / "elsewhere")
    with pytest.raises(OutputError, match="is gone"):
        read_latest(tmp_path)
    unpublish(tmp_path, "late", why="deleted", withdrawn_at=NOON)
    assert latest_id(tmp_path) == "early"


@pytest.mark.parametrize("why", ["", "  \n", "\u202enosaer on", "a\x07b"])
def test_a_reason_that_says_nothing_is_refused(tmp_path: Path, why: str) -> None:
    put_out(tmp_path, LATE, "only")
    with pytest.raises(OutputError, match="no reason"):
        unpublish(tmp_path, "only", why=why, withdrawn_at=NOON)
    assert latest_id(tmp_path) == "only"


# What is there is what was published


def test_a_forged_run_is_not_published_again_as_if_it_were_the_old_one(
    tmp_path: Path,
) -> None:
    """Not even where its manifest was forged with it."""
    run = put_out(tmp_path, LATE, "only").path
    amend(run, "crossing_summary.csv", b"forged")
    with pytest.raises(OutputError, match="not what was published"):
        point_latest(run, results=tmp_path, published_at=NOON)
    unpublish(tmp_path, "only", why="forged", withdrawn_at=NOON)
    point_latest(run, results=tmp_path, published_at=NOON)  # now somebody's decision


def test_a_run_that_was_made_again_may_have_another_clock(tmp_path: Path) -> None:
    run = put_out(tmp_path, LATE, "only").path
    manifest = json.loads((run / "manifest.json").read_text())
    manifest["run"]["finished_at"] = "2026-12-24T00:00:00Z"
    (run / "manifest.json").write_text(json.dumps(manifest))
    point_latest(run, results=tmp_path, published_at=NOON)
    latest = read_latest(tmp_path)
    assert latest is not None
    assert latest.path == run


# latest.json


@pytest.mark.parametrize("content", [b"", b"{", b"[1]", b"\xff\xfe", b"{}", None])
def test_a_latest_that_is_damaged_counts_as_absent(
    tmp_path: Path, content: bytes | None
) -> None:
    put_out(tmp_path, EARLY, "early")
    run = put_out(tmp_path, LATE, "late").path
    pointer = tmp_path / "latest.json"
    as_written = pointer.read_bytes()
    pointer.unlink()
    if content is not None:
        pointer.write_bytes(content)
    said: list[str] = []
    latest = read_latest(tmp_path, say=said.append)
    assert latest is not None
    assert latest.run_id == "late"
    assert len(said) == 1
    assert "latest.json is" in said[0]
    point_latest(run, results=tmp_path, published_at=NOON)
    assert pointer.read_bytes() == as_written
    assert read_latest(tmp_path, say=said.append) is not None
    assert len(said) == 1


def test_a_latest_that_leads_to_no_published_run_does_not_count(
    tmp_path: Path,
) -> None:
    """A run withdrawn in the moment before a kill, or a hand-written pointer."""
    put_out(tmp_path, EARLY, "early")
    put_out(tmp_path, LATE, "late")
    pointer = (tmp_path / "latest.json").read_bytes()
    unpublish(tmp_path, "late", why="wrong", withdrawn_at=NOON)
    (tmp_path / "latest.json").write_bytes(pointer)
    said: list[str] = []
    latest = read_latest(tmp_path, say=said.append)
    assert latest is not None
    assert latest.run_id == "early"
    assert "not on record" in said[0]


def test_a_latest_that_was_put_back_does_not_hide_the_newest(tmp_path: Path) -> None:
    put_out(tmp_path, EARLY, "early")
    behind = (tmp_path / "latest.json").read_bytes()
    put_out(tmp_path, LATE, "late")
    (tmp_path / "latest.json").write_bytes(behind)
    said: list[str] = []
    latest = read_latest(tmp_path, say=said.append)
    assert latest is not None
    assert latest.run_id == "late"
    assert "latest.json is behind what is on record" in said[0]


def test_a_record_that_leads_elsewhere_is_refused(tmp_path: Path) -> None:
    put_out(tmp_path, LATE, "only")
    (record,) = (tmp_path / "history" / "publications").iterdir()
    record.write_text(record.read_text().replace("runs/2026-11-01/only", "../only"))
    with pytest.raises(OutputError, match="cannot be"):
        read_latest(tmp_path)
    record.write_bytes(b"")
    with pytest.raises(OutputError, match=r"only\.json is no record"):
        read_latest(tmp_path)


# Days still to come, and whole runs


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    workspace = small_world(tmp_path_factory.mktemp("world") / "checkout")
    ingest(workspace)
    return workspace


@pytest.mark.parametrize("draft", [False, True])
@pytest.mark.parametrize("days", [1, 26_000])
def test_a_day_after_today_is_refused_to_publish_and_to_draft(
    world: Workspace, draft: bool, days: int
) -> None:
    request = ForecastRequest(
        as_of=NOON.date() + timedelta(days=days), publish=not draft
    )
    with pytest.raises(RequestError, match=r"after today, 2026-11-22 \(UTC\)"):
        forecast(request, world, published_at=NOON)
    assert not (world.work / "forecasts").exists()


def test_today_is_the_day_by_utc(world: Workspace) -> None:
    """Half past eleven in the evening of the 21st in New York is the 22nd."""
    late = datetime.fromisoformat("2026-11-21T23:30:00-05:00")
    with pytest.raises(RequestError, match="2026-11-22"):
        forecast(ForecastRequest(as_of=date(2026, 11, 23)), world, published_at=late)


def test_no_day_after_today_is_replayed() -> None:
    with pytest.raises(RequestError, match="only the past"):
        past_month_ends(date(2026, 1, 1), date(2099, 1, 31), today=AS_OF)


def test_the_command_refuses_a_day_ahead_before_it_reads_anything(
    tmp_path: Path,
) -> None:
    for words in (["run"], ["run", "--draft"]):
        done = trends(Workspace(tmp_path), *words, "--as-of", "2099-01-01")
        assert done.returncode == 2
        assert "as_of 2099-01-01 is after today" in done.stderr
    assert list(tmp_path.iterdir()) == []


def test_a_day_ahead_that_was_published_is_named_and_can_be_taken_back(
    tmp_path: Path,
) -> None:
    """As older versions did, or a machine whose clock is years ahead."""
    world = small_world(tmp_path)
    ingest(world)
    ahead = forecast(
        ForecastRequest(as_of=date(2099, 1, 1), draws=100),
        world,
        published_at=datetime(2099, 1, 1, tzinfo=UTC),
    )
    words = ("run", "--as-of", "2025-12-31", "--draws", "100")
    done = trends(world, *words)
    assert done.returncode == 8
    assert f"the latest is still run {ahead.run_id} as of 2099-01-01" in done.stderr
    ours = done.stdout.split("files: ")[1].split("/")[-1].strip()

    shown = trends(world, "show", "--json")
    assert shown.returncode == 0
    assert "a clock was wrong" in shown.stderr
    doctor = trends(world, "doctor").stdout
    assert f"BAD  run {ahead.run_id} as of 2099-01-01" in doctor

    taken = trends(world, "unpublish", "2099-01-01", "--why", "the clock was wrong")
    assert taken.returncode == 0
    assert f"the latest run is {ours} as of 2025-12-31" in taken.stdout
    again = trends(world, *words)
    assert again.returncode == 0, again.stderr
    shown = trends(world, "show")
    assert "2099-01-01" in shown.stdout
    assert "because: the clock was wrong" in shown.stdout
    assert shown.stderr == ""
    for refused in (
        ["ledger", "record", "--vintage", ahead.run_id],
        ["why", "quiz", "--to", ahead.run_id],
    ):
        done = trends(world, *refused)
        assert done.returncode == 2
        assert "because: the clock was wrong" in done.stderr
    assert f"ok   withdrawn: run {ahead.run_id}" in trends(world, "doctor").stdout


def test_unpublish_says_what_the_ledger_keeps_and_what_was_compared(
    tmp_path: Path,
) -> None:
    world = small_world(tmp_path)
    today = datetime.now(UTC).date()  # noqa: TID251  the command knows it too
    for day in (today - timedelta(days=1), today):
        done = trends(world, "run", "--as-of", day.isoformat(), "--draws", "100")
        assert done.returncode == 0, done.stderr
        if day != today:
            assert trends(world, "ledger", "record").returncode == 0
    first, second = (p.run_id for p in read_history(world.results).standing)
    done = trends(world, "unpublish", first, "--why", "wrong unit")
    assert done.returncode == 0, done.stderr
    assert "stays in the ledger" in done.stdout
    assert f"run {second} says what moved since the one withdrawn" in done.stdout
    assert trends(world, "ledger", "check").returncode == 0
    again = trends(world, "run", "--as-of", today.isoformat(), "--draws", "100")
    assert again.returncode == 0
    latest = read_latest(world.results)
    assert latest is not None
    assert latest.run_id != second


def test_a_run_that_is_already_the_latest_is_published_once(
    world: Workspace,
) -> None:
    request = ForecastRequest(as_of=date(2025, 12, 31), draws=100)
    first = forecast(request, world, published_at=NOON)
    again = forecast(request, world, published_at=NOON + timedelta(days=1))
    assert first.unseen is None
    assert again.unseen is None
    assert len(read_history(world.results).publications) == 1
    folder = next((world.work / "forecasts").iterdir())
    assert publish(folder, published_at=NOON).run_id == first.run_id
