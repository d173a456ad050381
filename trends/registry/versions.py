"""What a threshold meant under each version, and whether a change says that it is one.

A version stands for a series, its bars and when they count as crossed: a forecast names
it, and readers compare forecasts by it. What an earlier state said is read from git, or,
where there is none, from fingerprints in ``versions.yaml``.
"""

import hashlib
import json
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Annotated, Any, Final, NamedTuple

from pydantic import Field, StringConstraints

from trends.git import Base, Checkout
from trends.registry.contents import Registry
from trends.registry.documents import Document
from trends.registry.headline import FILE as HEADLINE
from trends.registry.headline import KEY as HEADLINE_KEY
from trends.registry.models import Entry, Identifier, Threshold
from trends.registry.parsing import parse
from trends.registry.problems import Problem

RECORD: Final = "versions.yaml"
FOLDER: Final = "data/registry/thresholds"
HEADLINE_FILE: Final = f"data/registry/{HEADLINE}"
UNRECORDED: Final = "version_unrecorded"
"""Code of the warning about a version whose fingerprint is still to be written."""

_HEAD: Final = """\
# yaml-language-server: $schema=schemas/versions.schema.json
#
# What each threshold means under its version, as a fingerprint: without git, a change of
# series, bars or meaning shows by it. Written by `trends check --record`.
"""


class Recorded(Entry):
    """The version of a threshold, and the fingerprint of what it means."""

    version: Annotated[int, Field(ge=1)]
    fingerprint: Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{12}$")]


MEANT: Final = re.compile(
    r"series|crossing_rule|operationalisation|bars\[\d+\]\.(value|headline)|bars$"
    r"|headline_trend|projection_end"
)
"""Paths of what a version stands for: while one is wrong, none of it is compared."""

VERSIONS = dict[Identifier, Recorded]
Meaning = dict[str, Any]
"""Series, bars and words of a threshold, by the name of the field."""


class Earlier(NamedTuple):
    """What a threshold said before: its version and, where it is known, its meaning."""

    version: int
    fingerprint: str
    meaning: Meaning | None = None


class State(NamedTuple):
    """Thresholds of an earlier state: only those that are gone or read otherwise now."""

    name: str
    thresholds: dict[str, Earlier]


def meaning(said: Mapping[str, Any]) -> Meaning:
    """What a version of a threshold stands for; words about it are left out.

    Args:
        said: a threshold as YAML or JSON values, with its headline's trend. What else is
            left out has its default, so that old files can be compared with new ones.
    """
    series, rule = dict(said["series"]), dict(said.get("crossing_rule") or {})
    return {
        "series": {
            "benchmark": series["benchmark"],
            "harness": series.get("harness", "any"),
            "reporters": sorted(series.get("reporters") or []),
            "out_of_range": series.get("out_of_range", "excluded"),
        },
        "crossing_rule": {
            "counts_if": rule.get("counts_if", "point_estimate"),
            "date_used": rule.get("date_used", "release_date"),
        },
        "operationalisation": " ".join(str(said["operationalisation"]).split()),
        "bars": {str(bar["id"]): float(bar["value"]) for bar in said["bars"]},
        "headline": [str(bar["id"]) for bar in said["bars"] if bar.get("headline")],
        "headline_trend": str(said["headline_trend"]),
        "projection_end": str(said["projection_end"]),
    }


def fingerprint(of: Meaning) -> str:
    """Twelve digits that stand for a meaning."""
    text = json.dumps(of, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()[:12]


def at_base(checkout: Checkout, base: Base) -> State:
    """Thresholds that were published at ``base`` and are gone or changed since."""
    # a headline of another trend changes what every file without its own means
    moved = bool(checkout.changed(base, HEADLINE_FILE))
    files = checkout.files(base, FOLDER) if moved else checkout.changed(base, FOLDER)
    default = _default(checkout, base)
    thresholds = {}
    yamls = [one for one in files if one.endswith(".yaml")]
    for file, content in checkout.read(base, yamls).items():
        root = parse(content.decode("utf-8", "replace")).root
        try:
            if root["status"] != "draft":
                said = meaning({**default, **root})
                version = int(root["version"])
                earlier = Earlier(version, fingerprint(said), said)
                thresholds[Path(file).stem] = earlier
        except (KeyError, TypeError, ValueError):
            continue  # it was not well formed there either
    return State(base.name, thresholds)


def _default(checkout: Checkout, base: Base) -> dict[str, str]:
    """The headline of files that named none at ``base``."""
    read = checkout.read(base, [HEADLINE_FILE])
    for content in read.values():
        root = parse(content.decode("utf-8", "replace")).root
        if isinstance(root, dict) and "trend" in root:
            return {HEADLINE_KEY: str(root["trend"])}
    return {}


def broken_versions(
    registry: Registry,
    documents: Mapping[str, Document],
    states: Sequence[State],
    *,
    record: Mapping[str, Recorded] | None,
    files: Collection[str],
    unsure: Collection[str],
    today: date,
) -> Iterator[Problem]:
    """Changes of meaning without a raised version, and thresholds that vanish.

    Args:
        registry: the entries.
        documents: the files they came from, by name inside the registry folder.
        states: earlier states, from git.
        record: ``versions.yaml``, where there is one.
        files: names of the files of thresholds, without their endings: one that is
            there is not gone, whatever is wrong with it.
        unsure: names of thresholds in which something that counts is still wrong.
        today: day of the changelog line that a change needs.
    """
    recorded = State(
        f"data/registry/{RECORD}",
        {name: Earlier(one.version, one.fingerprint) for name, one in record.items()}
        if record
        else {},
    )
    for stem, threshold in registry.thresholds.items():
        document = documents[f"thresholds/{stem}.yaml"]
        was_published = any(stem in one.thresholds for one in (*states, recorded))
        if threshold.status == "draft" and was_published:
            message = "forecasts name it: write status: retired (got draft)"
            yield document.problem(("status",), message)
        if stem in unsure:
            continue
        now = meaning(threshold.model_dump(mode="json"))
        problems = [
            document.problem(("version",), said)
            for state in (*states, _merged(recorded, states))
            if (earlier := state.thresholds.get(stem))
            and (said := _unraised(threshold, now, earlier, state.name, today))
        ]
        yield from problems[:1]
        if record is not None and not problems and threshold.status != "draft":
            entry = Recorded(version=threshold.version, fingerprint=fingerprint(now))
            if record.get(stem) != entry:
                said = f"is not in {RECORD} as it is now: run `trends check --record`"
                yield document.problem(
                    ("version",), said, level="warning", code=UNRECORDED
                )
    here = {*files, *(one.id for one in registry.thresholds.values())}
    yield from _gone((*states, recorded), here)


def record_of(registry: Registry) -> str:
    """The text of ``versions.yaml``: a line a threshold that is no draft."""
    lines = [
        f"{stem}: {{version: {one.version}, fingerprint: "
        f'"{fingerprint(meaning(one.model_dump(mode="json")))}"}}\n'
        for stem, one in sorted(registry.thresholds.items())
        if one.status != "draft"
    ]
    return _HEAD + "".join(lines)


def _merged(recorded: State, states: Sequence[State]) -> State:
    """What was recorded of versions that others have seen.

    A version that is later than git's is of this work alone, and may still change.
    """
    thresholds = {
        name: one
        for name, one in recorded.thresholds.items()
        if all(
            one.version <= state.thresholds[name].version
            for state in states
            if name in state.thresholds
        )
    }
    return State(recorded.name, thresholds)


def _unraised(
    threshold: Threshold, now: Meaning, earlier: Earlier, where: str, today: date
) -> str | None:
    """Why the version is not the one that the threshold needs."""
    if fingerprint(now) == earlier.fingerprint:
        if threshold.version >= earlier.version:
            return None
        was = f"was {earlier.version} at {where}, and a version never falls"
        return f"{was}: write {earlier.version} (got {threshold.version})"
    if threshold.version > earlier.version:
        return None
    next_one = earlier.version + 1
    return (
        f"{_what_changed(earlier.meaning, now)} since {where}: write version: "
        f"{next_one}, and in changelog {{version: {next_one}, date: {today}, why: ...}} "
        f"(got {threshold.version})"
    )


def _what_changed(before: Meaning | None, now: Meaning) -> str:
    if before is None:
        return "series, bars or meaning changed"
    changed = [name for name in now if now[name] != before[name] and name != "bars"]
    old, new = before["bars"], now["bars"]
    for bar in sorted({*old, *new}):
        if bar not in new:
            changed.append(f"bar {bar} (is gone)")
        elif bar not in old:
            changed.append(f"bar {bar} (is new)")
        elif old[bar] != new[bar]:
            changed.append(f"bar {bar} ({old[bar]:.10g}, now {new[bar]:.10g})")
    return f"{', '.join(changed)} changed"


def _gone(states: Sequence[State], here: set[str]) -> Iterator[Problem]:
    """Thresholds that forecasts name and no file explains any more."""
    told = set(here)
    for state in states:
        for name in state.thresholds:
            if name in told:
                continue
            told.add(name)
            is_of_git = state.thresholds[name].meaning is not None
            file = f"{FOLDER}/{name}.yaml"
            how = f" (`git checkout {state.name} -- {file}`)" if is_of_git else ""
            message = (
                f"the file is gone, and forecasts name it: take it back{how} and write "
                "status: retired"
            )
            yield Document(file).problem((), message)
