"""Load the registry folder: read every file, check every rule, then trust it."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any, Final, NamedTuple, TypeVar

from trends.registry.contents import Registry
from trends.registry.contests import Contests
from trends.registry.days import days_to_come
from trends.registry.documents import NOTHING, Document, Reading, read
from trends.registry.faults import Location
from trends.registry.headline import FILE as HEADLINE
from trends.registry.headline import KEY as HEADLINE_KEY
from trends.registry.headline import Headline
from trends.registry.held_out import HeldOut
from trends.registry.models import (
    Alias,
    Benchmark,
    Cell,
    Correction,
    Identifier,
    Model,
    Source,
    Threshold,
)
from trends.registry.problems import Problem, found
from trends.registry.rules import broken_rules
from trends.registry.scenarios import (
    EssayClaim,
    LabourRatio,
    ReferenceForecast,
    Scenario,
)
from trends.registry.versions import (
    MEANT,
    RECORD,
    VERSIONS,
    Recorded,
    State,
    broken_versions,
    record_of,
)
from trends.registry.weights import Weights
from trends.registry.withholding import Withholding

Content = TypeVar("Content")

BENCHMARKS: Final = dict[Identifier, Benchmark]
MODELS: Final = dict[Identifier, Model]
MODEL_ALIASES: Final = dict[Cell, Alias]
CORRECTIONS: Final = list[Correction]
SOURCES: Final = dict[Identifier, Source]
SCENARIOS: Final = dict[Identifier, Scenario]
REFERENCE_FORECASTS: Final = dict[Identifier, ReferenceForecast]
ESSAY_CLAIMS: Final = dict[Identifier, EssayClaim]
LABOUR_RATIOS: Final = dict[Identifier, LabourRatio]

SHAPES: Final[dict[str, Any]] = {
    "benchmarks": BENCHMARKS,
    "models": MODELS,
    "model_aliases": MODEL_ALIASES,
    "corrections": CORRECTIONS,
    "sources": SOURCES,
    "scenarios": SCENARIOS,
    "reference_forecasts": REFERENCE_FORECASTS,
    "essay_claims": ESSAY_CLAIMS,
    "labour_ratios": LABOUR_RATIOS,
    "weights": Weights,
    "versions": VERSIONS,
    "withholding": Withholding,
    "held_out": HeldOut,
    "headline": Headline,
    "contest": Contests,
    "threshold": Threshold,
}
"""What each kind of file holds. All but ``threshold`` are the names of files."""

PARTS: Final = {
    "benchmarks": "benchmarks",
    "models": "models",
    "model_aliases": "aliases",
    "corrections": "corrections",
    "sources": "sources",
    "scenarios": "scenarios",
    "reference_forecasts": "reference_forecasts",
    "essay_claims": "essay_claims",
    "labour_ratios": "labour_ratios",
    "weights": "weights",
    "withholding": "withholding",
    "contest": "contests",
}
"""Central files, and which part of the registry each is.

``headline`` acts through the thresholds, each of which is read as if it said the same;
``versions`` and ``held_out`` decide no forecast and are only checked here.
"""

NOT_NEEDED: Final = frozenset(
    {"weights", "versions", "withholding", "held_out", "headline", "contest"}
)
"""Central files that need not be there.

Without weights every family of the ensemble has the same, without a rule nothing is
withheld, and without a headline each threshold names its own trend.
"""

_HELD_OUT: Final = "held_out.yaml"


class RegistryError(ValueError):
    """The registry cannot be used; ``problems`` says where and why, all of it."""

    def __init__(self, problems: list[Problem]) -> None:
        """Print one line a problem."""
        super().__init__("\n".join(str(problem) for problem in problems))
        self.problems = tuple(problems)


def load_registry(folder: Path) -> Registry:
    """Read and check ``data/registry``.

    Raises:
        RegistryError: some file breaks a rule. Warnings do not raise.
    """
    loaded = _load(folder)
    errors = [one for one in loaded.problems if one.level == "error"]
    if loaded.registry is None or errors:
        raise RegistryError(errors)
    return loaded.registry


def load_held_out(folder: Path) -> HeldOut | None:
    """The benchmarks that nothing may use; None where none is kept apart.

    Raises:
        RegistryError: the file breaks a rule.
    """
    return _alone(folder, _HELD_OUT, HeldOut)


def load_headline(folder: Path) -> Headline | None:
    """The trend of headlines that name none; None where each names its own.

    Raises:
        RegistryError: the file breaks a rule.
    """
    return _alone(folder, HEADLINE, Headline)


def _alone(folder: Path, name: str, shape: type[Content]) -> Content | None:
    """A file that there need not be, without the others."""
    if not (folder / name).exists():
        return None
    reading = _read(folder, name, shape)
    if reading.content is None:
        raise RegistryError(list(reading.problems))
    return reading.content


def check(folder: Path) -> list[Problem]:
    """Every error and warning of the registry, by file and line.

    Rules between files wait until the central files are well formed. A malformed
    threshold file is reported by itself and does not hide what is wrong elsewhere.
    """
    return sorted(_load(folder).problems)


def check_days(folder: Path, *, today: date) -> list[Problem]:
    """Days of what was seen that are still to come, by file and line."""
    loaded = _load(folder)
    if loaded.registry is None:
        return []
    return sorted(days_to_come(loaded.registry, loaded.documents, today=today))


def check_versions(
    folder: Path, earlier: Sequence[State], *, today: date
) -> list[Problem]:
    """Changes of meaning without a raised version, and thresholds that are gone.

    Args:
        folder: ``data/registry``.
        earlier: what thresholds said before, from git.
        today: day of the changelog line that a change needs.
    """
    loaded = _load(folder)
    if loaded.registry is None:
        return []
    return sorted(
        broken_versions(
            loaded.registry,
            loaded.documents,
            earlier,
            record=loaded.record,
            files={
                _first_name(path)
                for path in _kept_by_people(folder, "thresholds/**/*")
                if path.is_file()
            },
            unsure={
                Path(one.file).stem
                for one in loaded.problems
                if one.level == "error" and MEANT.match(one.path)
            },
            today=today,
        )
    )


def write_record(folder: Path) -> bool:
    """Bring ``versions.yaml`` up to date; whether that changed it."""
    path, text = folder / RECORD, record_of(load_registry(folder))
    if path.exists() and path.read_text(encoding="utf-8") == text:
        return False
    path.write_text(text, encoding="utf-8")
    return True


def problem_in(folder: Path, name: str, at: Location, message: str) -> Problem:
    """A problem with one node of a file, as what is outside it shows.

    Args:
        folder: the registry.
        name: of the file in it.
        at: the node.
        message: what is wrong.
    """
    kind = "threshold" if name.startswith("thresholds/") else Path(name).stem
    return _read(folder, name, SHAPES[kind]).document.problem(at, message)


class _Loaded(NamedTuple):
    """The entries, if they could be read, with their files and what is wrong."""

    registry: Registry | None
    problems: list[Problem]
    documents: dict[str, Document]
    record: dict[str, Recorded] | None


def _load(folder: Path) -> _Loaded:
    central = {
        kind: _read(folder, f"{kind}.yaml", shape)
        for kind, shape in SHAPES.items()
        if kind != "threshold"
        and (kind not in NOT_NEEDED or (folder / f"{kind}.yaml").exists())
    }
    thresholds = {
        path.stem: _read_threshold(
            folder, f"thresholds/{path.name}", central.get("headline")
        )
        for path in sorted(_kept_by_people(folder, "thresholds/*.yaml"))
    }
    readings: dict[str, Reading[Any]] = {
        **{f"{kind}.yaml": one for kind, one in central.items()},
        **{f"thresholds/{stem}.yaml": one for stem, one in thresholds.items()},
    }
    documents = {name: reading.document for name, reading in readings.items()}
    problems = [problem for one in readings.values() for problem in one.problems]
    problems += _unread_files(folder)
    content: dict[str, Any] = {kind: one.content for kind, one in central.items()}
    decides = content.keys() & {*PARTS, "headline"}
    if any(content[kind] is None for kind in decides):
        return _Loaded(None, problems, documents, None)
    parts: dict[str, Any] = {part: content.get(kind) for kind, part in PARTS.items()}
    registry = Registry(
        thresholds={
            stem: reading.content
            for stem, reading in thresholds.items()
            if reading.content is not None
        },
        **parts,
    )
    problems += broken_rules(registry, documents)
    return _Loaded(registry, problems, documents, content.get("versions"))


def _read(
    folder: Path,
    name: str,
    shape: type[Content],
    defaults: Mapping[str, object] = NOTHING,
) -> Reading[Content]:
    file = _shown(folder, name)
    return read(folder / name, shape, file=file, defaults=defaults)


def _read_threshold(
    folder: Path, name: str, headline: Reading[Headline] | None
) -> Reading[Threshold]:
    """A threshold, with the headline of all where it names none of its own."""
    default = None if headline is None else headline.content
    reading = _read(folder, name, Threshold, default.default if default else NOTHING)
    root = reading.document.root if reading.problems else None
    if headline is None or root is None or HEADLINE_KEY in root:
        return reading
    # what is missing may stand in headline.yaml, whose own problems are told
    others = [one for one in reading.problems if one.path != HEADLINE_KEY]
    if default is not None and len(others) < len(reading.problems):
        message = (
            f"has not {default.trend}, which {HEADLINE} takes for every headline that "
            f"names no other: add it, or write `{HEADLINE_KEY}: {root['trends'][0]}`"
        )
        others.append(reading.document.problem(("trends",), message))
    return replace(reading, problems=tuple(others))


def _shown(folder: Path, name: str) -> str:
    """A file's name from the project's root, two folders above the registry."""
    return f"{_from_root(folder)}/{name}"


@cache
def _from_root(folder: Path) -> str:
    """The folder's name; asked once a file, of which there may be thousands."""
    here = folder.resolve()
    return here.relative_to(here.parents[1]).as_posix()


def _kept_by_people(folder: Path, *patterns: str) -> list[Path]:
    """Its files, but for those that editors and systems keep for themselves."""
    return [
        path
        for pattern in patterns
        for path in folder.glob(pattern)
        if not path.name.startswith(".") and path.name[-1] != "~"
    ]


def _first_name(path: Path) -> str:
    """The name of a file without any of its endings."""
    return path.name.partition(".")[0]


def _unread_files(folder: Path) -> Iterator[Problem]:
    """Files that nothing reads: a slip of the name would drop them silently."""
    central = [f"{kind}.yaml" for kind in SHAPES if kind != "threshold"]
    for path in sorted(_kept_by_people(folder, "*.y*ml", "thresholds/**/*")):
        name = path.relative_to(folder).as_posix()
        is_read = name in central or name == f"thresholds/{path.stem}.yaml"
        if path.is_file() and not is_read:
            wanted = [f"thresholds/{_first_name(path)}.yaml", *central]
            message = found("nothing reads a file of this name", name, wanted)
            yield Document(_shown(folder, name)).problem((), message)
