"""The ledger's files: frozen, checked, and written by one recorder at a time."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import AS_OF, CHECKOUT
from tests.ledger_entries import MADE, make_entry
from trends.dates import add_months
from trends.ledger import (
    LedgerError,
    append_entry,
    check_ledger,
    finish_recordings,
    head,
    read_entries,
    unfinished_recordings,
)


def _filled(tmp_path: Path) -> Path:
    ledger = tmp_path / "ledger"
    for month in (1, 2, 3):
        day = add_months(MADE, month)
        append_entry(ledger, make_entry(as_of=day, run_id=f"{month:012d}"))
    append_entry(ledger, make_entry(kind="replayed"))
    return ledger


def test_an_intact_ledger_reads_back_in_order_of_vintage(tmp_path: Path) -> None:
    ledger = _filled(tmp_path)
    assert check_ledger(ledger) == []
    as_ofs = [entry.as_of for entry in read_entries(ledger, "live")]
    assert as_ofs == [add_months(MADE, month) for month in (1, 2, 3)]
    assert len(read_entries(ledger, "replayed")) == 1


def test_a_missing_ledger_is_an_empty_one(tmp_path: Path) -> None:
    assert check_ledger(tmp_path / "none") == []
    assert read_entries(tmp_path / "none", "live") == []
    assert head(tmp_path / "none", "live") is None


def _change(live: Path) -> None:
    file = min(live.glob("[0-9]*"))
    file.write_text(file.read_text().replace("0.3", "0.9", 1))


def _delete(live: Path) -> None:
    max(live.glob("[0-9]*")).unlink()


def _insert(live: Path) -> None:
    extra = make_entry(as_of=add_months(MADE, 9))
    (live / extra.file_name).write_bytes(extra.to_bytes())


def _swap_kind(live: Path) -> None:
    replayed = next((live.parent / "replayed").glob("[0-9]*"))
    min(live.glob("[0-9]*")).write_bytes(replayed.read_bytes())


def _drop_from_index(live: Path) -> None:
    """A middle entry taken out together with its line."""
    index = json.loads((live / "index.json").read_text())
    dropped = index["entries"].pop(1)
    (live / dropped["file"]).unlink()
    (live / "index.json").write_text(json.dumps(index))


def _rehash(live: Path) -> None:
    """A file is changed and its own line made to fit."""
    _change(live)
    index = json.loads((live / "index.json").read_text())
    line = index["entries"][0]
    line["sha256"] = sha256((live / line["file"]).read_bytes()).hexdigest()
    (live / "index.json").write_text(json.dumps(index))


@pytest.mark.parametrize(
    ("tamper", "said"),
    [
        (_change, r"2025-02-28_000000000001\.json was changed"),
        (_delete, r"2025-04-30_000000000003\.json was deleted"),
        (_insert, r"2025-10-31_0123456789ab\.json was inserted"),
        (_swap_kind, r"2025-02-28_000000000001\.json was changed"),
        (_drop_from_index, r"edited at or before 2025-04-30_000000000003\.json"),
        (_rehash, r"edited at or before 2025-02-28_000000000001\.json"),
        (lambda live: (live / "index.json").unlink(), "was inserted"),
        (lambda live: (live / "index.json").write_text("{"), "cannot be read"),
    ],
    ids=["change", "delete", "insert", "swap", "drop", "rehash", "no_index", "torn"],
)
def test_a_ledger_that_was_tampered_with_is_refused(
    tmp_path: Path, tamper: Callable[[Path], None], said: str
) -> None:
    """By reading, by recording, by doctor; and the file is named."""
    ledger = _filled(tmp_path / "data")
    tamper(ledger / "live")
    with pytest.raises(LedgerError, match=said):
        read_entries(ledger, "live")
    with pytest.raises(LedgerError, match=said):
        append_entry(ledger, make_entry(kind="replayed", as_of=AS_OF))


def test_an_entry_of_the_other_kind_is_refused_even_if_its_hash_fits(
    tmp_path: Path,
) -> None:
    ledger = tmp_path / "ledger"
    append_entry(ledger, make_entry(kind="replayed"))
    (ledger / "replayed").rename(ledger / "live")
    with pytest.raises(LedgerError, match="kinds are never mixed"):
        read_entries(ledger, "live")


def test_recording_twice_changes_nothing_and_never_replaces(tmp_path: Path) -> None:
    ledger = tmp_path / "ledger"
    file = append_entry(ledger, make_entry())
    before = file.read_bytes(), head(ledger, "live")
    assert append_entry(ledger, make_entry(made_on=AS_OF)) == file
    with pytest.raises(LedgerError, match="already that of run 0123456789ab"):
        append_entry(ledger, make_entry(run_id="ffffffffffff"))
    assert (file.read_bytes(), head(ledger, "live")) == before


def _recorders(what: str, folder: Path) -> Any:
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-m", "tests.ledger_recorders", what, folder],
        cwd=CHECKOUT,
        capture_output=True,
        text=True,
        check=True,
    )
    return json.loads(done.stdout)


def test_a_recorder_killed_at_any_step_leaves_all_or_nothing(tmp_path: Path) -> None:
    """Readable at once, not written by reading, and the same to record into."""
    n_steps = _recorders("kill", tmp_path)
    assert n_steps > 20
    second = make_entry(as_of=add_months(MADE, 1), run_id="000000000001")
    kept = set()
    for step in range(1, n_steps + 1):
        ledger = tmp_path / str(step)
        before = sorted(ledger.rglob("*"))
        n = len(read_entries(ledger, "live"))
        unfinished = unfinished_recordings(ledger)
        assert sorted(ledger.rglob("*")) == before
        kept.add((n, len(unfinished)))
        append_entry(ledger, second)
        assert len(read_entries(ledger, "live")) == n + 1
        assert {path.name for path in ledger.rglob("*") if path.is_file()} == {
            ".lock",
            "index.json",
            *(entry.file_name for entry in read_entries(ledger, "live")),
        }
    assert kept == {(1, 0), (2, 1), (2, 0)}


def test_two_recorders_at_once_lose_nothing(tmp_path: Path) -> None:
    """Of two vintages both are kept; of two runs of one vintage one is refused."""
    for day, codes, said, problems in _recorders("together", tmp_path):
        assert (codes, problems) == ([0, 0], [])
        assert said == ["recorded", "recorded" if day == 2 else "refused"]
    for folder in tmp_path.iterdir():
        assert len(read_entries(folder, "live")) == int(folder.name.split("-")[1])


def test_a_reader_meets_no_half_made_recording(tmp_path: Path) -> None:
    checks, problems = _recorders("read", tmp_path)
    assert checks > 5
    assert problems == []


def _interrupted(tmp_path: Path) -> tuple[Path, Path]:
    """A ledger whose last entry is in the index but not yet in its place."""
    ledger = _filled(tmp_path)
    last = max((ledger / "live").glob("[0-9]*"))
    return ledger, last.rename(last.with_name(f".recording-{last.name}-00ff00ff"))


def test_an_interrupted_recording_is_read_and_then_finished(tmp_path: Path) -> None:
    ledger, staged = _interrupted(tmp_path)
    assert len(read_entries(ledger, "live")) == 3
    name = "live/2025-04-30_000000000003.json"
    assert unfinished_recordings(ledger) == [name]
    assert finish_recordings(ledger) == [name]
    assert (ledger / name).exists()
    assert not staged.exists()
    assert finish_recordings(ledger) == unfinished_recordings(ledger) == []


def test_a_staged_file_that_is_not_what_was_recorded_is_a_deletion(
    tmp_path: Path,
) -> None:
    ledger, staged = _interrupted(tmp_path)
    staged.write_text(staged.read_text().replace("0.3", "0.9", 1))
    with pytest.raises(LedgerError, match=r"000000000003\.json was deleted"):
        append_entry(ledger, make_entry(as_of=AS_OF))


def test_a_staged_file_in_no_index_never_counts(tmp_path: Path) -> None:
    ledger = _filled(tmp_path)
    extra = make_entry(as_of=AS_OF)
    staged = ledger / "live" / f".recording-{extra.file_name}-00ff00ff"
    staged.write_bytes(extra.to_bytes())
    assert len(read_entries(ledger, "live")) == 3
    assert finish_recordings(ledger) == []
    assert not staged.exists()
    assert len(read_entries(ledger, "live")) == 3


def test_a_recording_that_fails_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As on a full disk: the index cannot be written."""
    ledger = _filled(tmp_path)
    before = {path: path.read_bytes() for path in ledger.rglob("*.json")}
    rename = os.replace

    def full(source: Path, target: Path) -> None:
        if Path(target).name == "index.json":
            raise OSError(28, "No space left on device", str(target))
        rename(source, target)

    monkeypatch.setattr(os, "replace", full)
    with pytest.raises(OSError, match="No space left"):
        append_entry(ledger, make_entry(as_of=AS_OF))
    found = {path for path in ledger.rglob("*") if path.is_file()}
    assert found == {*before, ledger / ".lock"}
    assert {path: path.read_bytes() for path in before} == before


@pytest.mark.parametrize(
    "line",
    [
        {"file": "../../x.json", "sha256": "0", "chain": "0"},
        {"file": "", "sha256": "0", "chain": "0"},
        {"file": "**", "sha256": "0", "chain": "0"},
    ],
)
def test_an_index_that_names_no_entry_cannot_be_read(
    tmp_path: Path, line: dict[str, str]
) -> None:
    ledger = _filled(tmp_path)
    (ledger / "live" / "index.json").write_text(json.dumps({"entries": [line]}))
    assert "live/index.json cannot be read" in check_ledger(ledger)[0]


def test_a_file_that_fits_its_hash_and_is_no_entry_is_named(tmp_path: Path) -> None:
    ledger = tmp_path / "ledger"
    name, content = "2025-01-31_0123456789ab.json", b"{}"
    digest = sha256(content).hexdigest()
    chain = sha256(f"|{name}|{digest}".encode()).hexdigest()
    (ledger / "live").mkdir(parents=True)
    (ledger / "live" / name).write_bytes(content)
    lines = [{"file": name, "sha256": digest, "chain": chain}]
    (ledger / "live" / "index.json").write_text(json.dumps({"entries": lines}))
    assert f"live/{name} is no entry of the ledger" in check_ledger(ledger)[0]
