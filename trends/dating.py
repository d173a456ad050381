"""Sources that date the same model, held against each other.

The registry gives each model one date, which stands in every file. It is one digit
away from moving every series that has the model; the figures state the same date in
over a thousand cells, and so do many published names.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final, NamedTuple

import polars as pl

from trends.chronology import (
    RowDays,
    dates_agree,
    days_apart,
    registered_release,
    release_fault,
)
from trends.corrections import CorrectionError, RawRow, correct
from trends.dates import iso_day
from trends.registry import Model, Problem, Registry
from trends.registry.load import problem_in

_STAMP: Final = re.compile(r"(?<!\d)(20\d{2})([-_.]?)(\d{2})\2(\d{2})(?!\d)")
_STAMP_CLOSE: Final = 31
"""Days by which the day in a name may miss the release: it is that of a snapshot.

23 days at most among the published names.
"""

_NAMES: Final = "names"
_COMPONENTS: Final = "components"
_REPORTS: Final = "days of report"
_SHOWN: Final = 4


class Statement(NamedTuple):
    """One source's word on the day a model was released.

    Attributes:
        voice: who says it; a publisher counts once, whatever it repeats.
        words: where, and which day.
        agrees: whether it is close to the registry's.
    """

    voice: str
    words: str
    agrees: bool


@dataclass(frozen=True)
class Doubts:
    """Models whose registered date is contradicted, each with what contradicts it.

    Attributes:
        refuted: by two sources or more, and by more than support it; it is wrong.
        undecided: by one, and supported by none; nobody can tell which is right.
    """

    refuted: Mapping[str, str]
    undecided: Mapping[str, str]

    def problems(self, registry_folder: Path) -> list[Problem]:
        """Both, each at the date in models.yaml."""
        return [
            problem_in(registry_folder, "models.yaml", (model_id, "release_date"), why)
            for model_id, why in {**self.refuted, **self.undecided}.items()
        ]


def weigh_dates(figures: Iterable[pl.DataFrame], registry: Registry) -> Doubts:
    """Hold the registered dates against what rows, names and components say.

    Where as many sources support the registry, rows that contradict it are wrong one by
    one, which ``trends.chronology`` tells. Days that cannot be anyway have no say.

    Args:
        figures: RAW_SCORES rows, all rows of each benchmark in one frame.
        registry: models, benchmarks, aliases and corrections.
    """
    statements = defaultdict[str, list[Statement]](list)
    for model_id, one in [
        *_by_rows(figures, registry),
        *_by_names(registry),
        *_by_components(registry),
    ]:
        statements[model_id].append(one)
    refuted: dict[str, str] = {}
    undecided: dict[str, str] = {}
    for model_id, said in statements.items():
        supporting = {one.voice for one in said if one.agrees}
        against = {one.voice for one in said if not one.agrees} - supporting
        if len(against) > max(1, len(supporting)):
            refuted[model_id] = _why(registry.models[model_id], said)
        elif against and not supporting:
            undecided[model_id] = _why(registry.models[model_id], said)
    return Doubts(refuted, undecided)


def _by_rows(
    figures: Iterable[pl.DataFrame], registry: Registry
) -> Iterator[tuple[str, Statement]]:
    for frame in figures:
        try:
            rows = correct(frame, registry.corrections)
        except CorrectionError:
            continue
        for row in rows:
            alias = registry.spellings.get(row.corrected["model_name_published"] or "")
            if alias is not None:
                yield from _by_row(row, alias.model, registry)


def _by_row(
    row: RawRow, model_id: str, registry: Registry
) -> Iterator[tuple[str, Statement]]:
    benchmark_id = row.origin.benchmark_id
    benchmark = registry.benchmarks[benchmark_id]
    model = registry.models[model_id]
    release = registered_release(model)
    stated = iso_day(row.corrected["release_date"])
    if release is None or stated is None:
        return
    if not benchmark.releases_from <= stated <= benchmark.observed_through:
        return
    place = f"{row.origin.source_file}:{row.origin.source_row}"
    agrees = dates_agree(stated, release)
    words = f"{stated} in {place}"
    yield model_id, Statement(row.origin.source_id, words, agrees)
    # the score was reported when it can have been by the row's date only
    reported = iso_day(row.corrected["reported_on"])
    by_registry = RowDays(place, model.name, release, stated, reported)
    by_row = by_registry._replace(release=(stated, stated))
    if (
        not agrees
        and release_fault(by_registry, benchmark_id, benchmark)
        and not release_fault(by_row, benchmark_id, benchmark)
    ):
        yield model_id, Statement(_REPORTS, words, agrees=False)


def _by_names(registry: Registry) -> Iterator[tuple[str, Statement]]:
    """Days in the names of single models: gpt-5-2025-08-07."""
    for spelling, alias in registry.spellings.items():
        model = registry.models[alias.model]
        release = registered_release(model)
        stamp = _STAMP.search(spelling)
        if release is None or stamp is None or model.kind != "model":
            continue
        year, _, month, day = stamp.groups()
        if named := iso_day(f"{year}-{month}-{day}"):
            words = f"{named} in the name {spelling!r}"
            agrees = dates_agree(named, release)
            # one that is near, and no more, is neither for nor against
            if agrees or days_apart(named, release) > _STAMP_CLOSE:
                yield alias.model, Statement(_NAMES, words, agrees)


def _by_components(registry: Registry) -> Iterator[tuple[str, Statement]]:
    """A system is dated by its latest component."""
    for model_id, model in registry.models.items():
        days = [registry.models[one].release_date for one in model.components]
        known = [day for day in days if day is not None]
        release = registered_release(model)
        if release is None or not days or len(known) < len(days):
            continue
        agrees = dates_agree(max(known), release)
        words = f"{max(known)} by its latest component"
        yield model_id, Statement(_COMPONENTS, words, agrees)


def _why(model: Model, said: list[Statement]) -> str:
    contradicting = list(dict.fromkeys(one.words for one in said if not one.agrees))
    more = len(contradicting) - _SHOWN
    release = registered_release(model) or ()
    dated = " to ".join(str(day) for day in dict.fromkeys(release))
    return (
        f"models.yaml dates {model.name} {dated}, but it is dated "
        f"{'; '.join(contradicting[:_SHOWN])}{f' and {more} more' if more > 0 else ''}: "
        "correct the date in models.yaml, or what contradicts it in corrections.yaml"
    )
