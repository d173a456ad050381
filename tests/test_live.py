"""Figures refreshed from publishers' own files: taken, revised, held back, looked at."""

import csv
import io
import json
import os
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import polars as pl
import pytest

from tests.http_server import Request, Told, file_with_etag, serving
from tests.small_world import CHECKOUT, small_world, trends
from trends.pipeline import (
    ForecastRequest,
    IngestResult,
    Refresh,
    RequestError,
    forecast,
    ingest,
    ingest_source,
    plan_forecast,
    refresh,
)
from trends.pipeline.plan import Plan
from trends.pipeline.refresh import COPIES_VARIABLE, LOOPBACK_VARIABLE
from trends.registry import load_registry
from trends.workspace import HOME_VARIABLE, Workspace

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
DAY = timedelta(days=1)
FILE = """\
  files:
    - id: board
      address: {address}
      reader: table
      benchmarks: [{benchmark}]
      options:
        reporter: {reporter}
        source_url: https://example.org/x
        harness: h
        columns:
          model_name_published: model
          developer: lab
          release_date: released
          reported_on: reported
          score: score
"""
Rows = list[dict[str, str]]


@pytest.fixture
def server() -> Iterator[Told]:
    with serving() as told:
        yield told


@pytest.fixture
def world(tmp_path: Path, server: Told, monkeypatch: pytest.MonkeyPatch) -> Workspace:
    """The small world, whose quiz and speedrun can be refreshed from the server."""
    monkeypatch.setenv(LOOPBACK_VARIABLE, "1")
    monkeypatch.delenv(COPIES_VARIABLE, raising=False)
    workspace = small_world(tmp_path)
    path = workspace.registry / "sources.yaml"
    quiz, work = path.read_text().split("work_site:")
    of_quiz = FILE.format(
        address=f"{server.base}/quiz.csv",
        benchmark="coding_quiz",
        reporter="leaderboard",
    )
    of_work = FILE.format(
        address=f"{server.base}/speedrun.csv",
        benchmark="speedrun",
        reporter="benchmark_authors",
    )
    path.write_text(f"{quiz}{of_quiz}work_site:{work}{of_work}")
    with (workspace.registry / "models.yaml").open("a") as file:
        file.write("m_24: {name: M 24, developer: Alpha, release_date: 2026-11-10}\n")
    for benchmark, name in (("coding_quiz", "quiz"), ("speedrun", "speedrun")):
        _publish(server, name, _shipped(workspace, benchmark))
    return workspace


def _shipped(workspace: Workspace, benchmark: str) -> Rows:
    """The shipped rows as their publisher would print them."""
    with (workspace.observations / f"{benchmark}.csv").open() as file:
        return [
            {
                "model": row["model_name_published"],
                "lab": row["developer"],
                "released": row["release_date"],
                "reported": row["reported_on"],
                "score": row["score"],
            }
            for row in csv.DictReader(file)
        ]


NEW = {
    "model": "M 24",
    "lab": "Alpha",
    "released": "2026-11-10",
    "reported": "2026-11-12",
    "score": "84.00",
}


def _csv(rows: Rows) -> bytes:
    text = io.StringIO()
    writer = csv.DictWriter(text, list(rows[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode()


def _publish(server: Told, name: str, rows: Rows) -> None:
    server.answer(f"/{name}.csv", file_with_etag(_csv(rows)))


def _ask(
    workspace: Workspace, now: datetime = NOON, *sources: str
) -> tuple[Refresh, IngestResult]:
    asked = refresh(workspace, sources=sources, now=now)
    return asked, ingest(workspace)


def _of(result: IngestResult, name: str) -> pl.DataFrame:
    table = pl.read_parquet(result.path / "observations.parquet")
    return table.filter(pl.col("model_name") == name)


def _quiz_until(workspace: Workspace, as_of: date) -> date:
    """Until when a record of the quiz could have been seen, by a forecast."""
    request = ForecastRequest(as_of=as_of, publish=False, draws=200)
    folder = plan_forecast(request, workspace=workspace, today=date(2027, 1, 1))
    return Plan(folder).registry.benchmarks["coding_quiz"].observed_through


def test_a_plain_ingest_asks_nobody(world: Workspace, server: Told) -> None:
    ingest(world)
    assert server.asked == []
    assert not world.snapshots.exists()


def test_a_live_ingest_adds_what_is_new(world: Workspace, server: Told) -> None:
    before = ingest(world)
    _publish(server, "quiz", [*_shipped(world, "coding_quiz"), NEW])

    asked, result = _ask(world)

    assert asked.changed == ["quiz_site/board", "work_site/board"]
    assert (result.refused, result.stopped) == ({}, {})
    assert result.rows == before.rows + 1
    [row] = _of(result, "M 24").to_dicts()
    assert row["score"] == pytest.approx(0.84)
    assert re.fullmatch(r"snapshots/2026-11-20-[0-9a-f]{12}\.csv", row["source_file"])
    assert row["source_row"] == 27
    assert result.observations_changed


def test_snapshots_are_read_again_without_asking(
    world: Workspace, server: Told
) -> None:
    _publish(server, "quiz", [*_shipped(world, "coding_quiz"), NEW])
    _, live = _ask(world)
    n_asked = len(server.asked)
    (world.work / "latest_ingest.json").unlink()

    again = ingest(world)

    assert again.path == live.path
    assert len(server.asked) == n_asked


def test_a_look_without_news_moves_the_day_up_to_which_nothing_is_known(
    world: Workspace, server: Told
) -> None:
    ingest(world)
    assert _quiz_until(world, date(2026, 12, 1)) == date(2026, 10, 31)
    _ask(world)
    assert _quiz_until(world, date(2026, 12, 1)) == date(2026, 11, 20)

    asked, result = _ask(world, NOON + 6 * DAY)

    assert asked.unchanged == ["quiz_site/board", "work_site/board"]
    assert server.asked_for("/quiz.csv")[-1]["If-None-Match"]
    assert result.observations_changed
    assert _quiz_until(world, date(2026, 12, 1)) == date(2026, 11, 26)
    # a vintage knows only the looks before it
    assert _quiz_until(world, date(2026, 11, 25)) == date(2026, 11, 20)
    assert _quiz_until(world, date(2026, 11, 19)) == date(2026, 10, 31)


def test_a_run_says_up_to_which_day_publishers_were_read(
    world: Workspace, server: Told
) -> None:
    _ask(world)
    server.answer("/speedrun.csv", lambda request: request.say(200, b"model,points\n"))
    _ask(world, NOON + DAY)
    request = ForecastRequest(as_of=date(2026, 12, 1), publish=False, draws=200)

    run = forecast(request, world, published_at=datetime(2027, 1, 1, tzinfo=UTC))

    fits = pl.read_parquet(run.path / "trend_fits.parquet")
    through = dict(fits.select("series_id", "observed_through").unique().rows())
    assert through["coding_quiz"] == date(2026, 11, 21)
    assert through["speedrun"] == date(2026, 11, 20)
    said = (run.path / "README.md").read_text().replace("\\", "")
    assert "Read at its publisher up to 2026-11-21" in said
    assert "nothing newer is there: coding_quiz." in said
    assert "Not refreshed: work_site/board: " in said
    quality = json.loads((run.path / "quality.json").read_text())["summary"]
    assert quality["seen_at_publishers_through"] == {
        "coding_quiz": "2026-11-21",
        "speedrun": "2026-11-20",
    }
    assert list(quality["files_not_in_use"]) == ["work_site/board"]


def test_a_second_look_on_the_same_day_is_no_news(world: Workspace) -> None:
    _ask(world)
    asked, result = _ask(world, NOON + timedelta(hours=5))
    assert asked.changed == []
    assert not result.observations_changed


def test_a_benchmark_that_no_file_feeds_is_not_looked_at(world: Workspace) -> None:
    _ask(world)
    ingested = json.loads((ingest(world).path / "ingest.json").read_text())
    looks = ingested["sources"]["work_site"]["looks"]
    assert looks == {"speedrun": [["2026-11-20", "2026-11-20"]]}


def test_a_closed_board_is_not_observed_beyond_its_end(world: Workspace) -> None:
    path = world.registry / "benchmarks.yaml"
    text = path.read_text()
    closing = (
        "  observed_through: 2026-10-31\n  closed_on: 2026-11-05\n"
        "  closed_because: its authors say so\n"
    )
    path.write_text(text.replace("  observed_through: 2026-10-31\n", closing))
    _ask(world)
    request = ForecastRequest(as_of=date(2026, 12, 1), publish=False, draws=200)
    folder = plan_forecast(request, workspace=world, today=date(2027, 1, 1))
    quiz = next(one for one in Plan(folder).series if one.series_id == "coding_quiz")
    assert quiz.observed_through(date(2026, 12, 1)) == date(2026, 11, 5)


def test_a_changed_score_is_a_revision_from_that_day_on(
    world: Workspace, server: Told
) -> None:
    rows = _shipped(world, "coding_quiz")
    _ask(world)
    rows[20]["score"] = "75.50"
    _publish(server, "quiz", rows)

    _, result = _ask(world, NOON + DAY)

    scores = _of(result, "M 20").filter(pl.col("benchmark_id") == "coding_quiz")
    assert sorted(scores["score"].to_list()) == pytest.approx([0.72, 0.755])
    report = json.loads((result.path / "ingest.json").read_text())
    file = report["sources"]["quiz_site"]["files"]["board"]
    assert (file["revised"], file["added"], file["missing"]) == (1, 0, 0)


def _lose(rows: Rows) -> Rows:
    return rows[:19]


def _rename_column(rows: Rows) -> Rows:
    return [
        {("points" if name == "score" else name): cell for name, cell in row.items()}
        for row in rows
    ]


def _rename_models(rows: Rows) -> Rows:
    return [row | {"model": f"{row['model']} (new)"} for row in rows]


def _spoil(rows: Rows) -> Rows:
    return [
        row | {"score": "n/a?"} if i % 3 == 0 else row for i, row in enumerate(rows)
    ]


def _rescore(rows: Rows) -> Rows:
    """Three scores of more than two dozen, some up and some down."""
    changes = {3: 4.25, 9: -3.5, 15: 6}
    return [
        row | {"score": f"{float(row['score']) + changes.get(i, 0):.2f}"}
        for i, row in enumerate(rows)
    ]


@pytest.mark.parametrize(
    ("edit", "words"),
    [
        (
            _rescore,
            r"coding_quiz: 3 of 25 scores in both copies moved: the board was rescored: open a new series .*: M 15 \| - \| 60.00 \| 66.00; M 3 ",
        ),
        (
            _lose,
            r"7 of the 26 rows of coding_quiz that the content before had are gone: 'M 19', .*\. Was the board cut",
        ),
        (_rename_column, "score"),
        (_rename_models, "26 of the 26 rows of coding_quiz that"),
        (_spoil, "rows are rejected, more than a slip"),
    ],
)
def test_a_content_that_cannot_be_right_is_held_back(
    world: Workspace, server: Told, edit: Callable[[Rows], Rows], words: str
) -> None:
    """What stood before it stays in use, and no look counts."""
    rows = [*_shipped(world, "coding_quiz"), NEW]
    _publish(server, "quiz", rows)
    _, good = _ask(world)
    _publish(server, "quiz", edit(_shipped(world, "coding_quiz")))

    asked, result = _ask(world, NOON + DAY)

    assert asked.changed == ["quiz_site/board"]
    assert result.stopped == {}
    assert list(result.refused) == ["quiz_site/board"]
    assert re.search(words, result.refused["quiz_site/board"])
    assert _of(result, "M 24").height == 1
    assert result.rows == good.rows
    assert _quiz_until(world, date(2026, 12, 1)) == date(2026, 11, 20)

    _publish(server, "quiz", rows)
    _, mended = _ask(world, NOON + 2 * DAY)
    assert mended.refused == {}
    assert _quiz_until(world, date(2026, 12, 1)) == date(2026, 11, 22)


def test_a_content_that_somebody_looked_at_is_used(
    world: Workspace, server: Told
) -> None:
    _ask(world)
    _publish(server, "quiz", _shipped(world, "coding_quiz")[:19])
    _, result = _ask(world, NOON + DAY)
    found = re.search(r"add sha256: ([0-9a-f]{12})", result.refused["quiz_site/board"])
    assert found is not None
    path = world.registry / "sources.yaml"
    reviewed = f"reviewed: [{{sha256: {found[1]}, reason: Old models were taken off.}}]"
    path.write_text(
        path.read_text().replace(
            "      benchmarks: [coding_quiz]\n",
            f"      benchmarks: [coding_quiz]\n      {reviewed}\n",
        )
    )

    result = ingest(world)

    assert result.refused == {}
    assert _of(result, "M 22").height == 3  # nothing that was published is lost
    assert _quiz_until(world, date(2026, 12, 1)) == date(2026, 11, 21)


def test_models_that_nobody_added_yet_wait_and_hold_nothing_back(
    world: Workspace, server: Told
) -> None:
    unknown = [NEW | {"model": f"Newcomer {i}", "score": f"8{i}.00"} for i in range(8)]
    _publish(server, "quiz", [*_shipped(world, "coding_quiz"), NEW, *unknown])

    _, result = _ask(world)

    assert (result.refused, result.stopped) == ({}, {})
    assert _of(result, "M 24").height == 1
    quarantine = pl.read_parquet(result.path / "quarantine.parquet")
    assert quarantine["expectation"].to_list() == ["model_is_registered"] * 8


def test_a_publisher_that_does_not_answer_stops_no_other(
    world: Workspace, server: Told
) -> None:
    server.answer("/quiz.csv", lambda request: request.say(404))
    asked, result = _ask(world)
    assert asked.changed == ["work_site/board"]
    words = asked.unreachable["quiz_site/board"]
    assert words.startswith(f"{server.base}/quiz.csv answers 404: it is not there")
    assert not asked.is_in_vain
    assert (result.stopped, result.refused) == ({}, {})


def test_one_source_can_be_asked(world: Workspace, server: Told) -> None:
    asked, _ = _ask(world, NOON, "work_site")
    assert asked.changed == ["work_site/board"]
    assert server.asked_for("/quiz.csv") == []


@pytest.mark.parametrize("name", ["nobody", "work_sites"])
def test_a_source_that_cannot_be_asked_is_named(world: Workspace, name: str) -> None:
    with pytest.raises(RequestError, match=rf"{name}.*quiz_site, work_site"):
        refresh(world, sources=[name], now=NOON)


def test_copies_are_read_and_say_nothing_about_the_publisher_today(
    world: Workspace, server: Told, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    copies = tmp_path / "copies"
    for source, benchmark in (("quiz_site", "coding_quiz"), ("work_site", "speedrun")):
        (copies / source).mkdir(parents=True)
        rows = _shipped(world, benchmark)
        extra = [NEW] if benchmark == "coding_quiz" else []
        (copies / source / "board.csv").write_bytes(_csv([*rows, *extra]))
    monkeypatch.setenv(COPIES_VARIABLE, str(copies))

    _, result = _ask(world)

    assert server.asked == []
    assert _of(result, "M 24").height == 1
    # its newest row, M 24, was reported on 12 November
    assert _quiz_until(world, date(2026, 12, 1)) == date(2026, 11, 12)
    assert _quiz_until(world, date(2026, 11, 19)) == date(2026, 10, 31)


def test_a_file_that_is_made_by_hand_is_read_from_copies_only(
    world: Workspace, server: Told, tmp_path: Path
) -> None:
    path = world.registry / "sources.yaml"
    quiz, work = path.read_text().split("work_site:")
    by_hand = quiz.replace("reader: table", "by_hand: true\n      reader: table")
    path.write_text(f"{by_hand}work_site:{work}")

    asked, _ = _ask(world)
    assert asked.changed == ["work_site/board"]
    assert server.asked_for("/quiz.csv") == []
    with pytest.raises(RequestError, match=r"quiz_site.*these have: work_site"):
        refresh(world, sources=["quiz_site"], now=NOON)

    copy = tmp_path / "copies" / "quiz_site" / "board.csv"
    copy.parent.mkdir(parents=True)
    copy.write_bytes(_csv([*_shipped(world, "coding_quiz"), NEW]))
    refresh(world, sources=["quiz_site"], now=NOON, copies=str(tmp_path / "copies"))
    assert _of(ingest(world), "M 24").height == 1


def test_a_damaged_snapshot_is_named_and_the_rest_goes_on(
    world: Workspace, server: Told
) -> None:
    _publish(server, "quiz", [*_shipped(world, "coding_quiz"), NEW])
    _ask(world)
    [bytes_of] = (world.snapshots / "quiz_site" / "board").glob("*.csv")
    bytes_of.write_bytes(b"model,score\nM 99,99\n")

    result = ingest(world)

    assert "is not as it came" in result.refused["quiz_site/board"]
    assert _of(result, "M 24").is_empty()

    _, mended = _ask(world, NOON + DAY)
    assert mended.refused == {}
    assert _of(mended, "M 24").height == 1


def test_a_file_of_the_shipped_figures_that_is_gone_stops_its_source(
    world: Workspace,
) -> None:
    _ask(world)
    (world.observations / "coding_quiz.csv").unlink()
    assert "no such file" in ingest(world).stopped["quiz_site"]


PUBLISHED = CHECKOUT.parent / "shared" / "published"


@pytest.mark.skipif(not PUBLISHED.is_dir(), reason="needs ../shared/published")
@pytest.mark.parametrize(
    ("name", "published"),
    [
        ("metr/horizons", "metr/benchmark_results_1_1.yaml"),
        ("aider/polyglot", "aider/polyglot_leaderboard.yml"),
        ("modded_nanogpt/readme", "modded_nanogpt/world_record_history_track1.md"),
    ],
)
def test_a_real_file_is_asked_for_twice_and_moves_only_the_day(
    workspace: Workspace,
    server: Told,
    monkeypatch: pytest.MonkeyPatch,
    name: str,
    published: str,
) -> None:
    """What is shipped is what these files show: nothing is added, nothing revised."""
    monkeypatch.setenv(LOOPBACK_VARIABLE, "1")
    source, file = name.split("/")
    body = (PUBLISHED / published).read_bytes()
    suffix = Path(published).suffix
    address = server.answer(f"/file{suffix}", file_with_etag(body, "text/plain"))
    [entry] = [
        one
        for one in load_registry(workspace.registry).sources[source].files
        if one.id == file
    ]
    path = workspace.registry / "sources.yaml"
    path.write_text(path.read_text().replace(entry.address, address))

    assert refresh(workspace, sources=[source], now=NOON).changed == [
        f"{source}/{file}"
    ]
    again = refresh(workspace, sources=[source], now=NOON + 2 * DAY)
    assert again.unchanged == [name]
    part = ingest_source(source, workspace=workspace)

    report = json.loads((part / "report.json").read_text())
    assert report["refused"] == {}
    assert report["files"][file]["added"] == 0
    assert report["files"][file]["revised"] == 0
    for benchmark in entry.benchmarks:
        days = [through for _, through in report["looks"][benchmark]]
        assert max(days) == "2026-11-22"


def test_the_command_asks_says_what_came_and_ends_by_what_was_left(
    world: Workspace, server: Told
) -> None:
    _publish(server, "quiz", [*_shipped(world, "coding_quiz"), NEW])
    first = trends(world, "ingest", "--live")
    assert first.returncode == 0, first.stderr
    assert "quiz_site/board: new content, " in first.stderr
    assert "quiz_site: board: 26 rows of snapshots/" in first.stderr

    server.answer("/speedrun.csv", lambda request: request.say(403))
    second = trends(world, "ingest", "--live", "--json")
    assert second.returncode == 7
    assert "quiz_site/board: as it was" in second.stderr
    assert "not refreshed: work_site/board: " in second.stderr
    assert "answers 403" in json.loads(second.stdout)["unreachable"]["work_site/board"]

    third = trends(world, "ingest", "--live", "work_site")
    assert third.returncode == 5

    wrong = trends(world, "ingest", "work_site")
    assert wrong.returncode == 2


def test_an_interrupted_look_leaves_the_last_good_state(
    world: Workspace, server: Told
) -> None:
    _publish(server, "quiz", [*_shipped(world, "coding_quiz"), NEW])
    _, good = _ask(world)
    asked, waiting = threading.Event(), threading.Event()

    def hang(request: Request) -> None:
        request.begin(200, length=10_000, Content_Type="text/csv")
        request.wfile.write(b"model,lab")
        request.wfile.flush()
        asked.set()
        waiting.wait(20)

    server.answer("/speedrun.csv", hang)
    command = [sys.executable, "-m", "trends", "ingest", "--live"]
    env = os.environ | {HOME_VARIABLE: str(world.root), "PYTHONPATH": str(CHECKOUT)}
    process = subprocess.Popen(command, env=env, stderr=subprocess.PIPE, text=True)
    try:
        assert asked.wait(60)
        time.sleep(0.1)
        process.send_signal(signal.SIGINT)
        _, said = process.communicate(timeout=30)
    finally:
        process.kill()
        waiting.set()
    assert process.returncode == 130, said
    assert "interrupted" in said
    assert ingest(world).rows == good.rows
    assert not list(world.snapshots.rglob(".unfinished*"))
