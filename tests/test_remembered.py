"""What was read once is not parsed again, and says the same."""

from pathlib import Path
from typing import Any

import pytest

from trends.registry import documents, load_registry, parsing, remembered
from trends.registry.documents import read
from trends.registry.load import BENCHMARKS
from trends.workspace import HOME_VARIABLE

SMALL = Path(__file__).parent / "small_registry"


@pytest.fixture
def kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where texts are kept; nothing is known of earlier ones."""
    monkeypatch.setenv(HOME_VARIABLE, str(tmp_path / "home"))
    documents._parse.cache_clear()
    remembered._forget_the_oldest.cache_clear()
    return tmp_path / "home" / "data" / "work" / "read"


def as_another_process(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Forget what this process parsed; texts that are parsed from now on."""
    parsed: list[str] = []

    def parse(text: str) -> Any:
        parsed.append(text)
        return parsing.parse(text)

    monkeypatch.setattr(documents, "_parse", parse)
    return parsed


def small_benchmarks(folder: Path, text: str | None = None) -> Path:
    path = folder / "benchmarks.yaml"
    path.write_text(text or (SMALL / "benchmarks.yaml").read_text())
    return path


def test_a_sound_registry_is_parsed_once_for_all_processes(
    kept: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = load_registry(SMALL)
    parsed = as_another_process(monkeypatch)
    again = load_registry(SMALL)
    assert again == first
    assert again.content_sha256 == first.content_sha256
    assert parsed == []


def test_a_text_with_a_fault_is_parsed_each_time_and_told_by_its_place(
    kept: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = (SMALL / "benchmarks.yaml").read_text()
    key = next(line for line in text.splitlines() if "domain:" in line)
    path = small_benchmarks(tmp_path, text.replace(key, f"{key}\n{key}", 1))
    first = read(path, BENCHMARKS, file="benchmarks.yaml")
    assert "duplicate key" in first.problems[0].message
    assert not kept.exists()
    parsed = as_another_process(monkeypatch)
    assert read(path, BENCHMARKS, file="benchmarks.yaml").problems == first.problems
    assert parsed


def test_a_misfit_in_a_text_that_is_remembered_still_has_its_place(
    kept: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The YAML is sound, so it is kept; what it says does not fit."""
    text = (SMALL / "benchmarks.yaml").read_text().replace("unit:", "units:", 1)
    path = small_benchmarks(tmp_path, text)
    first = read(path, BENCHMARKS, file="benchmarks.yaml")
    line = text[: text.index("units:")].count("\n") + 1
    assert line in {problem.line for problem in first.problems}
    as_another_process(monkeypatch)
    assert read(path, BENCHMARKS, file="benchmarks.yaml").problems == first.problems


def test_what_was_changed_behind_our_back_is_not_believed(
    kept: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = small_benchmarks(tmp_path)
    first = read(path, BENCHMARKS, file="benchmarks.yaml")
    (file,) = kept.iterdir()
    said = file.read_text()
    for forged in (said.replace("0.", "1.", 1), said[:-9], "", "\ud83d"):
        file.write_bytes(forged.encode("utf-16", "surrogatepass") or b"")
        parsed = as_another_process(monkeypatch)
        again = read(path, BENCHMARKS, file="benchmarks.yaml")
        assert again.content == first.content
        assert len(parsed) == 1
    file.write_text(said.replace("0.", "1.", 1))
    assert remembered.recall(path.read_text()) is None


def test_a_folder_that_refuses_costs_time_only(kept: Path, tmp_path: Path) -> None:
    kept.parent.mkdir(parents=True)
    kept.write_text("a file where the folder should be")
    found = read(small_benchmarks(tmp_path), BENCHMARKS, file="benchmarks.yaml")
    assert found.content
    assert not found.problems


def test_the_longest_unused_texts_are_forgotten(
    kept: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(remembered, "MOST", 3)
    for number in range(5):
        remembered.keep(f"text {number}", str(number))
    assert len(list(kept.iterdir())) == 5
    remembered._forget_the_oldest.cache_clear()  # as in another process
    remembered.keep("text 5", "5")
    assert len(list(kept.iterdir())) == 4
    assert remembered.recall("text 5") == "5"
    assert remembered.recall("text 4") == "4"
    assert remembered.recall("text 0") is None
