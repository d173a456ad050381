"""What to enter for the unknown names of one file: aliases, new models, questions."""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import Final, NamedTuple

from trends.characters import nearest, quote, why_unfit
from trends.chronology import days_apart, registered_release
from trends.names.matching import Match, Spellings
from trends.names.spelling import Reading, key_of, shorter
from trends.names.vendors import as_registered
from trends.registry import Registry
from trends.registry.additions import by_words
from trends.registry.models import Alias, Model

MAX_NEAREST: Final = 3
"""Registered names shown beside one that nobody knows."""

_SAME_RELEASE: Final = timedelta(days=31)
"""Models nearer than this, one name of which holds the other, may be one model."""

_NO_RULE: Final = "no rule gives a model"
_NO_ID: Final = f"{_NO_RULE}, and no id can be made of its letters: choose one"

_OTHER_MODELS: Final = {
    "air", "codex", "flash", "large", "lite", "medium", "micro", "mini", "nano", "plus",
    "pro", "small", "turbo", "ultra",
}  # fmt: skip
"""Words with which a vendor names another model of the same day."""


class NamedRow(NamedTuple):
    """What one row of a file says of its model; empty where it says nothing.

    ``no_day`` is what stands in the place of a release date and cannot be one.
    """

    line: int
    name: str
    developer: str | None = None
    release_date: date | None = None
    no_day: str | None = None


class NewModel(NamedTuple):
    """A model that no spelling of the registry can be, with what the file says of it."""

    id: str
    entry: Model


class Decision(NamedTuple):
    """A name that a person has to decide on.

    Attributes:
        name: as published.
        lines: lines of the file that have it.
        why: what keeps the rules from deciding.
        candidates: registered models that it may be, by id.
        nearest: registered names that look like it.
        new: the entry if it is a model of its own, with what the file says of it.
    """

    name: str
    lines: tuple[int, ...]
    why: str
    candidates: tuple[str, ...] = ()
    nearest: tuple[str, ...] = ()
    new: NewModel | None = None


@dataclass
class Proposals:
    """All unknown names of a file, each in one of three places.

    Attributes:
        n_rows: rows of the file.
        n_names: different names in them.
        lines: lines of the file that have each name.
        source: where a new model's date was read, in words.
        aliases: names that a rule gives one model, registered or new.
        new_models: models to add, from what the file says; to be reviewed.
        decisions: names for a person.
    """

    n_rows: int
    n_names: int
    lines: dict[str, tuple[int, ...]]
    source: str
    aliases: dict[str, Match] = field(default_factory=dict)
    new_models: list[NewModel] = field(default_factory=list)
    decisions: list[Decision] = field(default_factory=list)

    @property
    def n_unknown(self) -> int:
        """Names that the registry does not have."""
        own = sum(one.entry.name in self.lines for one in self.new_models)
        return len(self.aliases) + own + len(self.decisions)


def propose(rows: Sequence[NamedRow], registry: Registry, *, source: str) -> Proposals:
    """Find a place for every name of ``rows`` that the registry does not have.

    Args:
        rows: the file's rows.
        registry: models and aliases.
        source: where a new model's date was read, in words.
    """
    of_name = defaultdict[str, list[NamedRow]](list)
    for row in rows:
        of_name[row.name].append(row)
    known = {model.name for model in registry.models.values()} | set(registry.aliases)
    lines = {name: tuple(row.line for row in said) for name, said in of_name.items()}
    found = Proposals(len(rows), len(of_name), lines, source)
    unknown = {name: said for name, said in of_name.items() if name not in known}
    left = dict(_unmatched(unknown, registry, found))
    extended = registry
    for base, names in _one_model_each(left):
        said = {name: left[name] for name in names}
        if new := _place(base, said, extended, found):
            found.new_models.append(new)
            models = extended.models | {new.id: new.entry}
            extended = replace(extended, models=models)
    # spellings of models that are new themselves
    _rematch(unknown, extended, found)
    found.new_models.sort(key=lambda one: by_words(one.id))
    found.aliases = dict(sorted(found.aliases.items(), key=lambda one: order(one[0])))
    found.decisions.sort(key=lambda one: order(one.name))
    return found


def order(spelling: str) -> tuple[str, str]:
    """How spellings are sorted: without regard to case."""
    return spelling.lower(), spelling


def _unmatched(
    unknown: dict[str, list[NamedRow]], registry: Registry, found: Proposals
) -> Iterator[tuple[str, list[NamedRow]]]:
    """Names to which no rule gives a model; the others are entered in ``found``."""
    spellings = Spellings(registry)
    for name, rows in unknown.items():
        if why := why_unfit(name):
            found.decisions.append(Decision(name, found.lines[name], why))
            continue
        matches = spellings.matches(name)
        if len(matches) == 1:
            found.aliases[name] = matches[0]
        elif matches:
            found.decisions.append(_several(name, matches, found))
        else:
            yield name, rows


def _several(name: str, matches: list[Match], found: Proposals) -> Decision:
    said = " or ".join(
        one.model + (f" at {one.setting}" if one.setting else "") for one in matches
    )
    models = tuple(dict.fromkeys(one.model for one in matches))
    return Decision(name, found.lines[name], f"may be {said}", models)


def _one_model_each(
    left: Iterable[str],
) -> list[tuple[str, list[str]]]:
    """Names that differ by separators, case or setting only, under the shortest."""
    groups = defaultdict[tuple[str, ...], list[tuple[str, str]]](list)
    for name in left:
        base = _without_settings(Reading(name)).base
        groups[key_of(base)].append((base, name))
    made = []
    for members in groups.values():
        bases = [base for base, _ in members]
        # as printed, where it is printed without a setting
        own = [base for base, name in members if base == name]
        made.append(((own or bases)[0], [name for _, name in members]))
    return sorted(made, key=lambda one: (len(key_of(one[0])), order(one[0])))


def _without_settings(reading: Reading) -> Reading:
    for one in shorter(reading):
        if one.stamp is None:
            return _without_settings(one)
    return reading


def _place(
    base: str, said: Mapping[str, list[NamedRow]], registry: Registry, found: Proposals
) -> NewModel | None:
    """The model that names spell as a new one; or the question if it is, in ``found``.

    Neither where a rule gives a model that is itself new.
    """
    if len(Spellings(registry).matches(base)) == 1:
        return None
    rows = [row for of_name in said.values() for row in of_name]
    new = _new_model(base, rows, found.source)
    why = _what_is_missing(rows)
    if why is None:
        why = _why_in_doubt(new, registry) if new else _NO_ID
    if why is None:
        return new
    near = nearest(base, registry.spellings, most=MAX_NEAREST)
    relatives = _relatives(base, new, registry)
    if new is not None and new.id in registry.models:
        # an entry under that id would take the other's place
        relatives, new = tuple(dict.fromkeys((new.id, *relatives))), None
    found.decisions += [
        Decision(name, found.lines[name], why, relatives, tuple(near), new)
        for name in said
    ]
    return None


def _new_model(base: str, said: list[NamedRow], source: str) -> NewModel | None:
    """The entry of a new model, as far as the file says; None where it says two things.

    Nor is there one where no id can be made of the name.
    """
    developers = {as_registered(row.developer) for row in said if row.developer}
    days = {row.release_date for row in said if row.release_date}
    if len(developers) > 1 or len(days) > 1:
        return None
    day = next(iter(days), None)
    model_id = re.sub(r"[^a-z0-9]+", "_", base.lower()).strip("_")
    entry = Model(
        name=base,
        developer=next(iter(developers), None),
        release_date=day,
        source=source if day else None,
    )
    return NewModel(model_id, entry) if model_id else None


def _what_is_missing(said: list[NamedRow]) -> str | None:
    """Why the file does not make a model of it; None where it says enough."""
    developers = sorted({as_registered(row.developer) for row in said if row.developer})
    days = sorted({str(row.release_date) for row in said if row.release_date})
    no_days = {row.no_day for row in said if row.no_day}
    problems = [
        f"the file gives {len(given)} {what}s ({', '.join(given)})"
        if given
        else f"the file gives no {what}"
        for what, given in (("developer", developers), ("release date", days))
        if len(given) != 1 and not (what == "release date" and no_days)
    ]
    if no_days:
        problems.append(
            f"its release date {quote(min(no_days))} is no past day, written as 2026-10-01"
        )
    return f"{_NO_RULE}, and {' and '.join(problems)}" if problems else None


def _why_in_doubt(new: NewModel, registry: Registry) -> str | None:
    """Why the name may be another spelling of a model that is registered."""
    if new.id in registry.models:
        return f"the id {new.id} is another model's"
    if relatives := _relatives(new.entry.name, new, registry):
        names = ", ".join(registry.models[one].name for one in relatives)
        return f"may be another name of {names}"
    return None


def _relatives(name: str, new: NewModel | None, registry: Registry) -> tuple[str, ...]:
    """Models of about the same day, the words of one name of which hold the other's."""
    words = set(key_of(name))
    found = {
        alias.model: None
        for spelling, alias in registry.spellings.items()
        if (model := registry.models[alias.model]).kind == "model"
        and _may_be_one(words, set(key_of(spelling)))
        and _released_together(new, model)
    }
    return tuple(found)[:MAX_NEAREST]


def _may_be_one(words: set[str], others: set[str]) -> bool:
    is_inside = words <= others or others <= words
    has_version = any(word.isdigit() for word in words & others)
    return is_inside and has_version and not (words ^ others) & _OTHER_MODELS


def _released_together(new: NewModel | None, model: Model) -> bool:
    release = registered_release(model)
    if new is None or new.entry.release_date is None or release is None:
        return True
    return days_apart(new.entry.release_date, release) <= _SAME_RELEASE.days


def _rematch(
    unknown: dict[str, list[NamedRow]], extended: Registry, found: Proposals
) -> None:
    spellings = Spellings(extended)
    names = {one.entry.name for one in found.new_models}
    settled = {*names, *found.aliases, *(one.name for one in found.decisions)}
    for name in unknown:
        if name not in settled:
            matches = spellings.matches(name)
            if len(matches) == 1:
                found.aliases[name] = matches[0]
            else:
                found.decisions.append(_several(name, matches, found))


def alias_entries(found: Proposals) -> dict[str, Alias]:
    """The entries of model_aliases.yaml to add."""
    return {
        name: Alias(model=match.model, setting=match.setting)
        for name, match in found.aliases.items()
    }
