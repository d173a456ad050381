"""The registered model that a published spelling names, where a rule gives just one."""

from collections import defaultdict
from collections.abc import Iterator
from datetime import timedelta
from typing import Final, NamedTuple

from trends.chronology import registered_release
from trends.names.spelling import Key, Reading, Stamp, key_of, shorter
from trends.names.vendors import without_vendor
from trends.registry import Registry

STAMP_BEFORE_RELEASE: Final = timedelta(days=31)
"""How long before its release the day in a model's name may lie: it is that of a
snapshot. 23 days at most among the registered names."""

STAMP_AFTER_RELEASE: Final = timedelta(days=2)
"""How long after it, as clocks and announcements differ; a later day is that of another
checkpoint (o1-2024-12-17, twelve days after o1)."""

_OF_THE_MOMENT: Final = {"latest", "new", "old", "prev", "previous"}
"""Words that mean another model next month."""


class Match(NamedTuple):
    """A registered model, at which setting, and the rules that lead to it."""

    model: str
    setting: str | None
    rules: tuple[str, ...]


class Spellings:
    """What the registry knows of how models are spelled, read for its rules.

    Systems and records take no part: a leaderboard's "Qwen 2.5" may be an agent there.
    """

    def __init__(self, registry: Registry) -> None:
        """Index every registered name and published spelling of a model."""
        self._models = {
            model_id: model
            for model_id, model in registry.models.items()
            if model.kind == "model"
        }
        self._developers = {
            model.developer for model in self._models.values() if model.developer
        }
        self._whole = defaultdict[Key, set[tuple[str, str | None]]](set)
        self._dated = defaultdict[Key, set[tuple[str, Stamp]]](set)
        for model_id, model in self._models.items():
            self._add(model.name, model_id, None)
        for spelling, alias in registry.aliases.items():
            if alias.model in self._models:
                self._add(spelling, alias.model, alias.setting)

    def matches(self, name: str) -> list[Match]:
        """Every model that some reading of ``name`` gives, each once.

        A rule has found the model only where there is exactly one.
        """
        found: dict[tuple[str, str | None], Match] = {}
        for base, developer in without_vendor(name, self._developers):
            rules = () if base == name else ("vendor",)
            for match in self._read(Reading(base, rules=rules)):
                made_by = self._models[match.model].developer
                if developer is None or made_by == developer:
                    found.setdefault((match.model, match.setting), match)
        return list(found.values())

    def _add(self, spelling: str, model_id: str, setting: str | None) -> None:
        key = key_of(spelling)
        if _OF_THE_MOMENT & set(key):
            return
        self._whole[key].add((model_id, setting))
        for reading in shorter(Reading(spelling)):
            if reading.stamp is not None and setting is None:
                self._dated[key_of(reading.base)].add((model_id, reading.stamp))

    def _read(self, reading: Reading) -> Iterator[Match]:
        """Matches of a reading and of shorter ones.

        What names a model as it stands is not cut, unless the publisher cut it itself:
        gpt-5.1-codex-max is a model, gpt-5.1-codex_max may be two.
        """
        hits = list(self._look_up(reading))
        yield from hits
        for one in shorter(reading):
            if not hits or one.is_apart:
                yield from self._read(one)

    def _look_up(self, reading: Reading) -> Iterator[Match]:
        key = key_of(reading.base)
        for model_id, own in sorted(self._whole.get(key, ()), key=str):
            if self._fits(key, model_id, reading.stamp):
                yield _match(model_id, own, reading)
        for model_id, stamp in sorted(self._dated.get(key, ()), key=str):
            if reading.stamp is not None and self._same(reading.stamp, model_id, stamp):
                yield _match(model_id, None, reading)

    def _same(self, stamp: Stamp, model_id: str, own: Stamp) -> bool:
        """Whether a stamp is the model's own in other words, or its month."""
        release = registered_release(self._models[model_id])
        is_month = stamp.day is None and release is not None
        return stamp.agrees(own) or (
            is_month and all(stamp.is_of(day) for day in release or ())
        )

    def _fits(self, key: Key, model_id: str, stamp: Stamp | None) -> bool:
        """Whether the day in the name can be that of the model's own snapshot.

        The very day or month of its release; or a day shortly before, where no model
        of that name is told from another by its day.
        """
        if stamp is None:
            return True
        release = registered_release(self._models[model_id])
        if release is None:
            return False
        first, last = release
        if stamp.is_of(first) and stamp.is_of(last):
            return True
        has_siblings = any(other != model_id for other, _ in self._dated.get(key, ()))
        has_siblings |= len({one for one, _ in self._whole.get(key, ())}) > 1
        if stamp.on is None or has_siblings:
            return False
        return first - STAMP_BEFORE_RELEASE <= stamp.on <= last + STAMP_AFTER_RELEASE


def _match(model_id: str, own: str | None, reading: Reading) -> Match:
    settings = ([own] if own else []) + [one for one in reading.settings if one != own]
    rules = tuple(dict.fromkeys(reading.rules)) or ("separators and case",)
    return Match(model_id, ", ".join(settings) or None, rules)
