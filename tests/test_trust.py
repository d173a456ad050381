"""Files are read as they were written, or not at all: runs, parts and pointers."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from functools import partial
from pathlib import Path

import polars as pl
import pytest

from tests.output_runs import NOON
from tests.small_world import CHECKOUT, small_world, trends
from trends.outputs import OutputError, read_latest, read_table, verify_run
from trends.outputs.disk import locked
from trends.outputs.formats import file_names
from trends.pipeline import (
    BacktestRequest,
    ForecastRequest,
    PartError,
    RequestError,
    cross_bars,
    fit_shard,
    forecast,
    ingest,
    plan_forecast,
    publish,
    select_records,
)
from trends.pipeline.doctor import Finding, examine
from trends.pipeline.ingest import latest_ingest
from trends.pipeline.parts import once, read_frame, read_json, read_pointer
from trends.tables import CROSSING_SUMMARY, OBSERVATIONS, PUBLISHED
from trends.workspace import Workspace

REQUEST = ForecastRequest(as_of=date(2025, 3, 28), draws=100)
LATER = ForecastRequest(as_of=date(2025, 11, 28), draws=100)
Harm = Callable[[Path], None]


def halve(path: Path) -> None:
    scores = pl.read_parquet(path)
    scores.with_columns(pl.col("score") * 0.5).write_parquet(path)


def empty(path: Path) -> None:
    path.write_bytes(b"")


def cut_short(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-7])


@pytest.fixture(scope="module")
def honest(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """A world with one published run; tests copy it before they break anything."""
    world = small_world(tmp_path_factory.mktemp("honest") / "checkout")
    ingest(world)
    forecast(REQUEST, world, published_at=NOON)
    return world


@pytest.fixture
def world(honest: Workspace, tmp_path: Path) -> Workspace:
    """The same in a place of its own, results left out: they would be found again."""
    root = tmp_path / "checkout"
    skip = shutil.ignore_patterns("results", "forecasts")
    shutil.copytree(honest.root, root, ignore=skip)
    return Workspace(root)


def published(world: Workspace) -> Path:
    latest = read_latest(world.results)
    assert latest is not None
    return latest.path


def tables_of(run: Path) -> dict[str, bytes]:
    return {
        path.name: path.read_bytes()
        for path in run.iterdir()
        if path.suffix in {".csv", ".parquet"}
    }


# Parts


def test_a_part_that_is_there_is_not_made_again(tmp_path: Path) -> None:
    made: list[int] = []

    def make() -> dict[str, dict[str, object]]:
        made.append(1)
        return {"one.json": {"n": 1}}

    for _ in range(3):
        folder = once(tmp_path / "part", make, root=tmp_path)
    assert made == [1]
    assert read_json(folder / "one.json") == {"n": 1}


def become_a_file(part: Path) -> None:
    shutil.rmtree(part)
    part.write_text("a file")


def become_a_dead_link(part: Path) -> None:
    shutil.rmtree(part)
    part.symlink_to("nowhere")


def lose_every_file(part: Path) -> None:
    for path in part.iterdir():
        path.unlink()


HARM: dict[str, Harm] = {
    "file gone": lambda part: (part / "one.json").unlink(),
    "file changed": lambda part: cut_short(part / "one.json"),
    "manifest gone": lambda part: (part / "part.json").unlink(),
    "manifest empty": lambda part: empty(part / "part.json"),
    "manifest cut": lambda part: cut_short(part / "part.json"),
    "nothing left": lose_every_file,
    "a file": become_a_file,
    "a dead link": become_a_dead_link,
}


@pytest.mark.parametrize("kind", HARM)
def test_a_part_that_is_damaged_counts_as_absent_and_is_made_again(
    tmp_path: Path, kind: str
) -> None:
    def make() -> dict[str, dict[str, object]]:
        return {"one.json": {"n": 1}, "two.json": {}}

    part = once(tmp_path / "part", make, root=tmp_path)
    as_written = {path.name: path.read_bytes() for path in part.iterdir()}
    HARM[kind](part)
    if (part / "one.json").exists() and (part / "part.json").exists():
        with pytest.raises(PartError, match=r"Run the same command again"):
            read_json(part / "one.json")
    once(part, make, root=tmp_path)
    assert {path.name: path.read_bytes() for path in part.iterdir()} == as_written


def test_parts_and_runs_may_be_read_by_whoever_may_read_the_rest(
    honest: Workspace,
) -> None:
    """Folders have the mode that the umask leaves, as all others in a checkout."""
    umask = os.umask(0o022)
    os.umask(umask)
    folders = [p for p in (honest.root / "data").rglob("*") if p.is_dir()]
    assert len(folders) > 10
    assert {oct(p.stat().st_mode & 0o777) for p in folders} == {oct(0o777 & ~umask)}


PART_WRITER = """
import sys, time
from pathlib import Path
from trends.pipeline import parts

def stop(path, content):
    path.write_text("{")
    print("writing", flush=True)
    time.sleep(600)

parts.write_file = stop
work = Path(sys.argv[1])
parts.once(work / "forecasts" / "run" / "records", lambda: {"a.json": {}}, root=work)
"""


def test_what_a_killed_stage_left_is_removed_and_nothing_else_is(
    tmp_path: Path,
) -> None:
    """While it writes, others wait; once it is dead its leftovers are nobody's."""
    writer = subprocess.Popen(
        [sys.executable, "-c", PART_WRITER, str(tmp_path)],
        cwd=CHECKOUT,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert writer.stdout is not None
    assert writer.stdout.readline() == "writing\n"
    old, new = (tmp_path / "ingests" / f".part-{age}" for age in ("old", "new"))
    pointer = tmp_path / ".latest_ingest.json-abc"
    for path in (old, new, pointer):
        path.mkdir(parents=True)
    two_days_ago = time.time() - 2 * 86_400
    for path in (old, pointer):
        os.utime(path, (two_days_ago, two_days_ago))
    (stray,) = tmp_path.rglob(".unfinished-*")
    writer.send_signal(signal.SIGKILL)
    writer.communicate()
    assert stray.exists()
    once(tmp_path / "ingests" / "one", lambda: {"a.json": {}}, root=tmp_path)
    assert not stray.exists()
    # those of older versions, which took no lock, go by age
    assert [path.exists() for path in (old, new, pointer)] == [False, True, False]


def test_a_part_waits_for_the_lock(tmp_path: Path) -> None:
    command = [sys.executable, "-c", PART_WRITER, str(tmp_path)]
    with locked(tmp_path):
        writer = subprocess.Popen(
            command, cwd=CHECKOUT, stdout=subprocess.PIPE, text=True
        )
        time.sleep(3)
        assert list(tmp_path.rglob(".unfinished-*")) == []
    assert writer.stdout is not None
    assert writer.stdout.readline() == "writing\n"
    writer.kill()
    writer.communicate()


# Forged and damaged work


@pytest.mark.parametrize("harm", [halve, empty, cut_short, Path.unlink])
@pytest.mark.parametrize("where", ["ingests/*", "sources/quiz_site/*"])
def test_a_run_on_broken_work_is_the_honest_run(
    honest: Workspace, world: Workspace, where: str, harm: Harm
) -> None:
    (path,) = world.work.glob(f"{where}/observations.parquet")
    harm(path)
    ingest(world)
    again = forecast(REQUEST, world, published_at=NOON)
    assert tables_of(again.path) == tables_of(published(honest))
    assert again.run_id == published(honest).name


def test_figures_forged_with_their_hashes_are_not_what_names_the_run(
    honest: Workspace, world: Workspace
) -> None:
    """The forger wrote part.json too; the ingest is named by its figures."""
    folder = latest_ingest(world)
    forge(folder / "observations.parquet")
    said = "or of another version of this project: run `trends ingest` again"
    with pytest.raises(RequestError, match=said):
        forecast(REQUEST, world, published_at=NOON)
    ingest(world)
    again = forecast(REQUEST, world, published_at=NOON)
    assert tables_of(again.path) == tables_of(published(honest))


def forge(path: Path) -> None:
    """Halve the scores of a part's table, and put the new hash in its manifest."""
    halve(path)
    manifest = json.loads((path.parent / "part.json").read_text())
    digest = subprocess.run(
        ["sha256sum", path], capture_output=True, text=True, check=True
    )
    manifest["sha256"][path.name] = digest.stdout.split()[0]
    (path.parent / "part.json").write_text(json.dumps(manifest))


def test_figures_exchanged_under_a_planned_run_stop_it(world: Workspace) -> None:
    today = NOON.date()
    folder = plan_forecast(REQUEST, workspace=world, today=today)
    forge(latest_ingest(world) / "observations.parquet")
    with pytest.raises(PartError, match="other figures"):
        select_records(folder)


def test_a_plan_that_was_edited_is_refused(world: Workspace) -> None:
    folder = plan_forecast(REQUEST, workspace=world, today=NOON.date())
    plan = json.loads((folder / "plan.json").read_text())
    plan["facts"]["seed"] = 99
    (folder / "plan.json").write_text(json.dumps(plan))
    with pytest.raises(PartError, match="not as it was written"):
        select_records(folder)
    manifest = json.loads((folder / "part.json").read_text())
    digest = subprocess.run(
        ["sha256sum", folder / "plan.json"], capture_output=True, text=True, check=True
    )
    manifest["sha256"]["plan.json"] = digest.stdout.split()[0]
    (folder / "part.json").write_text(json.dumps(manifest))
    with pytest.raises(PartError, match="not what was planned"):
        select_records(folder)


def test_each_stage_makes_again_what_it_needs(
    honest: Workspace, world: Workspace
) -> None:
    """As in Airflow, where a task is tried again and those before it are not."""
    folder = plan_forecast(REQUEST, workspace=world, today=NOON.date())
    select_records(folder)
    for shard in (0, 1):
        fit_shard(folder, shard)
    empty(folder / "records" / "frontier.parquet")
    cut_short(folder / "fits-1" / "trend_fits.parquet")
    cross_bars(folder)
    shutil.rmtree(folder / "records")
    (folder / "tables" / "crossing_cdf.parquet").unlink()
    run = publish(folder, published_at=NOON)
    assert tables_of(run.path) == tables_of(published(honest))


@pytest.mark.parametrize("content", [b"", b"{", b"null", b'{"path": 7}', b"\xff"])
def test_a_pointer_that_is_damaged_counts_as_absent(
    world: Workspace, content: bytes
) -> None:
    pointer = world.work / "latest_ingest.json"
    as_written = pointer.read_bytes()
    pointer.write_bytes(content)
    with pytest.raises(RequestError, match="run `trends ingest` again"):
        latest_ingest(world)
    done = trends(world, "score")
    assert (done.returncode, "Traceback" in done.stderr) == (2, False)
    assert ingest(world).observations_changed
    assert pointer.read_bytes() == as_written
    assert read_pointer(pointer) is not None
    assert not ingest(world).observations_changed


def test_a_part_says_which_table_is_not_as_it_was(world: Workspace) -> None:
    folder = latest_ingest(world)
    cut_short(folder / "observations.parquet")
    with pytest.raises(PartError, match=r"observations\.parquet is not as it was"):
        read_frame(folder, OBSERVATIONS)


# Published runs


def moved_medians(path: Path) -> None:
    forged = pl.lit(date(2040, 1, 1)).alias("median_date")
    pl.read_parquet(path).with_columns(forged).write_parquet(path)


@pytest.fixture
def copied(honest: Workspace, tmp_path: Path) -> Workspace:
    shutil.copytree(honest.root, tmp_path / "checkout")
    return Workspace(tmp_path / "checkout")


@pytest.mark.parametrize(
    ("name", "commands"),
    [
        ("crossing_summary.parquet", ["show", "show --json --all"]),
        ("thresholds.parquet", ["show"]),
        ("crossing_cdf.parquet", ["show --by 2027-12-31"]),
        ("quarantine.csv", ["quarantine"]),
        ("automation.parquet", ["show --scenario list"]),
        ("manifest.json", ["show", "quarantine", "why quiz"]),
    ],
)
def test_a_reader_is_told_of_a_file_that_was_changed(
    copied: Workspace, name: str, commands: list[str]
) -> None:
    path = published(copied) / name
    content = path.read_bytes()
    other = b"8" if content[-9:-8] == b"9" else b"9"
    path.write_bytes(content[:-9] + other + content[-8:])
    for command in commands:
        done = trends(copied, *command.split())
        assert done.returncode == 9, command
        assert f"{name} has sha256" in done.stderr
        assert "Traceback" not in done.stderr
        assert done.stdout == ""


def test_no_table_of_a_run_is_read_without_its_hash(copied: Workspace) -> None:
    run = published(copied)
    for table in PUBLISHED:
        path = run / file_names(table)[-1]
        as_written = path.read_bytes()
        path.write_bytes(as_written + b" ")
        with pytest.raises(OutputError, match=f"damaged: {path.name} has sha256"):
            read_table(run, table)
        path.write_bytes(as_written)
        read_table(run, table)


def test_a_forged_vintage_is_not_compared_with(copied: Workspace) -> None:
    """Nor one whose manifest was forged too, between two tasks of one run."""
    run = published(copied)
    folder = plan_forecast(LATER, workspace=copied, today=NOON.date())
    path = run / "crossing_summary.parquet"
    as_written = path.read_bytes(), (run / "manifest.json").read_bytes()
    moved_medians(path)
    with pytest.raises(OutputError, match=r"crossing_summary\.parquet has sha256"):
        cross_bars(folder)
    path.write_bytes(as_written[0])
    (run / "manifest.json").write_bytes(as_written[1] + b" ")
    with pytest.raises(OutputError, match=r"manifest\.json has sha256"):
        cross_bars(folder)
    with pytest.raises(OutputError, match=r"manifest\.json has sha256"):
        forecast(LATER, copied, published_at=NOON)
    (run / "manifest.json").write_bytes(as_written[1])
    summary = read_table(publish(folder, published_at=NOON).path, CROSSING_SUMMARY)
    assert set(summary["change_cause"]) != {"first_vintage"}


def test_figures_of_an_older_vintage_are_not_forged_unseen(copied: Workspace) -> None:
    """What moved since is split by them; a damaged one is not one that is too old."""
    halve(published(copied) / "observations.parquet")
    with pytest.raises(OutputError, match=r"observations\.parquet has sha256"):
        forecast(LATER, copied, published_at=NOON)


# The backtest


def test_a_run_carries_a_backtest_only_when_asked_and_then_names_it(
    honest: Workspace, world: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One that happens to lie there changes nothing."""
    asked = replace(REQUEST, with_backtest=True)
    with pytest.raises(RequestError, match="run `trends backtest` first"):
        forecast(asked, world, published_at=NOON)
    done = trends(world, "backtest", "--from", "2024-10-01", "--draws", "100")
    assert done.returncode == 0, done.stderr
    again = forecast(REQUEST, world, published_at=NOON)
    assert again.run_id == published(honest).name
    assert tables_of(again.path) == tables_of(published(honest))
    assert "inputs: backtest" not in trends(world, "show").stdout

    # the figures are too few for the first origin that is the default
    default = partial(BacktestRequest, date(2024, 10, 1), 100)
    stage = sys.modules[BacktestRequest.__module__]
    monkeypatch.setattr(stage, "BacktestRequest", default)
    carrying = forecast(asked, world, published_at=NOON)
    (made,) = (path.name for path in world.results.glob("backtests/*"))
    assert carrying.run_id != again.run_id
    assert verify_run(carrying.path) == []
    assert set(tables_of(carrying.path)) - set(tables_of(again.path)) == {
        "backtest_scores.parquet",
        "backtest_forecasts.parquet",
    }
    assert f"backtest {made}, carried" in (carrying.path / "README.md").read_text()
    assert f"inputs: backtest {made}" in trends(world, "show").stdout
    cut_short(world.results / "backtests" / made / "backtest_scores.parquet")
    with pytest.raises(RequestError, match="or it is damaged"):
        forecast(asked, world, published_at=NOON)


# Doctor


def findings(world: Workspace) -> dict[str, Finding]:
    return {one.what: one for one in examine(world, now=NOON, today=NOON.date())}


def test_doctor_checks_every_published_run(copied: Workspace) -> None:
    (copied.root / "data" / "ledger").mkdir()
    forecast(LATER, copied, published_at=NOON)
    assert [one for one in findings(copied).values() if not one.ok] == []
    assert "2 of 2 published runs intact" in findings(copied)["results"].detail
    older = next(copied.results.glob("runs/2025-03-28/*"))
    empty(older / "trend_fits.csv")
    bad = [one for one in findings(copied).values() if not one.ok]
    assert [one.what for one in bad] == [f"run {older.name} as of 2025-03-28"]
    assert "trend_fits.csv has sha256" in bad[0].detail
    assert "1 of 2 published runs intact" in findings(copied)["results"].detail
    (copied.results / "latest.json").write_text("{")
    assert "is damaged" in findings(copied)["latest.json"].detail


def test_doctor_names_a_suite_that_cannot_be_read(world: Workspace) -> None:
    (world.expectations / "frontier.yaml").write_text("table: [")
    (world.expectations / "tripwires.yaml").unlink()
    finding = findings(world)["expectations"]
    assert not finding.ok
    assert "frontier.yaml" in finding.detail
    assert "tripwires.yaml" in finding.detail


def test_doctor_names_a_folder_that_cannot_be_written(
    world: Workspace,
) -> None:
    shutil.rmtree(world.work)
    world.work.write_text("a file, where a folder should be")
    assert findings(world)["writable"].ok is False
