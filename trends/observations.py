"""Raw rows of any source to OBSERVATIONS: corrections, ids, units and dates.

A row that cannot be read or resolved is never guessed at and never dropped: it goes
to QUARANTINE with what is wrong and what to do.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, time
from decimal import Decimal
from types import MappingProxyType
from typing import Final, Generic, NamedTuple, TypeVar, cast

import polars as pl

from trends.characters import escape_unseen, nearest, quote
from trends.chronology import Fault, RowDays, find_fault, registered_release
from trends.corrections import Origin, RawRow, correct
from trends.periods import period_id, require_period
from trends.published_scores import PublishedScore, UnusableRowError, parse
from trends.registry import Registry
from trends.registry.models import (
    Alias,
    Benchmark,
    Entry,
    Model,
    Source,
)
from trends.revisions import (
    FIRST_COPY,
    Scored,
    entries_of,
    entry_id,
    stand_until_revised,
)
from trends.tables import OBSERVATIONS, QUARANTINE
from trends.uncertainty import drop_unusable_errors

_IDENTIFYING: Final = (
    "model_name_published",
    "harness",
    "reported_on",
    "score",
    "reporter",
    "source_url",
)
EntryT = TypeVar("EntryT", bound=Entry)

MAX_NAMES_GUESSED: Final = 100
"""Unknown names of one source for which the nearest known name is looked for."""


class ImpossibleDayError(UnusableRowError):
    """The days of one row cannot be: one of its cells or its model's date is wrong."""

    def __init__(self, model_id: str, fault: Fault) -> None:
        """Say what is wrong, and with which model."""
        super().__init__(fault.expectation, fault.reason)
        self.model_id = model_id
        self.fault = fault


class WrongDay(NamedTuple):
    """A row that was rejected for its days."""

    origin: Origin
    model_id: str
    fault: Fault


class Observations(NamedTuple):
    """What became of the raw rows; ``wrong_days`` are in ``quarantine`` too."""

    observations: pl.DataFrame
    quarantine: pl.DataFrame
    wrong_days: tuple[WrongDay, ...] = ()

    @property
    def n_slips(self) -> int:
        """Causes behind the quarantine: one wrong date of a model is one, in any row."""
        models = [one.model_id for one in self.wrong_days if one.fault.cell is None]
        return self.quarantine.height - len(models) + len(set(models))


def build_observations(
    raw: pl.DataFrame,
    registry: Registry,
    *,
    doubts: Mapping[str, str] = MappingProxyType({}),
) -> Observations:
    """Turn raw rows into observations of registered models, in stored units.

    Args:
        raw: RAW_SCORES rows; all rows of every benchmark that occurs in them.
        registry: aliases, models, benchmarks, sources and corrections.
        doubts: models whose date nobody can rely on, by id, each with the reason.

    Returns:
        OBSERVATIONS rows (``is_record`` empty) and QUARANTINE rows.

    Raises:
        CorrectionError: a correction matches no row, or the published value it
            corrects has changed.
    """
    benchmarks = _Known(
        registry.benchmarks, "benchmark_is_registered", "add it to benchmarks.yaml"
    )
    spellings = _Known(
        registry.spellings,
        "model_is_registered",
        "add the spelling to model_aliases.yaml, or a new model to models.yaml",
    )
    accepted: list[dict[str, object]] = []
    scored: list[Scored] = []
    rejected: list[dict[str, object]] = []
    wrong_days: list[WrongDay] = []
    for row in correct(raw, registry.corrections):
        try:
            found, one = _observe(row, registry, benchmarks, spellings, doubts)
            accepted.append(found)
            scored.append(one)
        except UnusableRowError as error:
            rejected.append(_quarantine(row, error))
            if isinstance(error, ImpossibleDayError):
                wrong_days.append(WrongDay(row.origin, error.model_id, error.fault))
    _number_revisions(accepted, scored)
    frame = stand_until_revised(OBSERVATIONS.frame(accepted))
    return Observations(
        OBSERVATIONS.conform(drop_unusable_errors(frame, registry)),
        QUARANTINE.conform(QUARANTINE.frame(rejected)),
        tuple(wrong_days),
    )


def _number_revisions(
    accepted: Sequence[dict[str, object]], scored: Sequence[Scored]
) -> None:
    """Give each row its entry, and each later revision the day of its copy.

    The first revision is known like any row, each later one from the copy that shows
    it. One that goes back to a former score is named by its copy too.
    """
    for entry in entries_of(scored):
        known: date | None = None
        ids: set[object] = set()
        for place in entry.places:
            row, one = accepted[place], scored[place]
            row["entry_id"] = entry_id(one, entry.number)
            if place != entry.places[0]:
                known = max(known or one.copy, one.copy)
                row |= {"known_on": known, "known_on_basis": "retrieved_on"}
            if row["observation_id"] in ids:
                row["observation_id"] = f"{row['observation_id']}@{one.copy}"
            ids.add(row["observation_id"])
            known = cast("date | None", row["known_on"])


def _observe(
    row: RawRow,
    registry: Registry,
    benchmarks: "_Known[Benchmark]",
    spellings: "_Known[Alias]",
    doubts: Mapping[str, str],
) -> tuple[dict[str, object], Scored]:
    """One OBSERVATIONS row, and what says which entry it is of.

    Raises:
        UnusableRowError: the row cannot be read, its benchmark or model is not
            registered, or its days cannot be.
    """
    benchmark = benchmarks.find(row.origin.benchmark_id)
    score = parse(row.corrected)
    _refuse_early_copy(score)
    if benchmark.measured_by == "period":
        entrant = _period(row.origin, score, benchmark, spellings)
    else:
        alias = spellings.find(score.model_name_published)
        entrant = _model(row.origin, score, benchmark, alias, registry)
        if reason := doubts.get(alias.model):
            fault = Fault("release_date_is_agreed", reason)
            raise ImpossibleDayError(alias.model, fault)
    dates = entrant.dates
    per_stored = benchmark.published_per_stored
    stored_score = float(score.score / per_stored)
    scored = Scored(
        entry=(
            row.origin.benchmark_id,
            entrant.model_id,
            entrant.setting,
            score.harness,
            score.scoring_rule or benchmark.scoring_rule,
            score.reporter.value,
        ),
        score=score.score,
        name=score.model_name_published,
        reported_on=score.reported_on,
        source_url=score.source_url,
        copy=score.retrieved_on or FIRST_COPY,
    )
    observation: dict[str, object] = {
        **row.origin._asdict(),
        **dates._asdict(),
        "observation_id": _observation_id(row),
        "model_id": entrant.model_id,
        "model_name": entrant.name,
        "model_name_published": score.model_name_published,
        "entrant_kind": entrant.kind,
        "developer": entrant.developer or score.developer,
        "setting": entrant.setting,
        "harness": score.harness,
        "release_date_published": score.release_date,
        "retrieved_at": _retrieved_at(
            score, registry.sources.get(row.origin.source_id)
        ),
        "score": stored_score,
        "standard_error": _divide(score.standard_error, per_stored),
        "ci_low": _divide(score.ci_low, per_stored),
        "ci_high": _divide(score.ci_high, per_stored),
        "score_unit": benchmark.unit.value,
        "reporter": score.reporter.value,
        "source_url": score.source_url,
        "note": score.note,
        "correction_ids": ";".join(row.correction_ids) or None,
        "fit_exclusion": _fit_exclusion(dates, score, stored_score, benchmark),
        "scoring_rule": score.scoring_rule,
    }
    return observation, scored


def _refuse_early_copy(score: PublishedScore) -> None:
    """A copy shows nothing that was reported after it was taken."""
    copy, reported = score.retrieved_on, score.reported_on
    if copy is not None and reported is not None and copy < reported:
        raise UnusableRowError(
            "copy_is_not_before_its_report",
            f"retrieved on {copy}, before it was reported on {reported}: one of the "
            "two days is wrong, and the revision would stand in the wrong vintages",
        )


class Dates(NamedTuple):
    """When the model became public and when the score did, kept apart."""

    release_date: date | None
    release_date_basis: str
    release_earliest: date | None
    release_latest: date | None
    reported_on: date | None
    known_on: date | None
    known_on_basis: str


class _Entrant(NamedTuple):
    """What a row is about: a registered model, or the period that was measured."""

    model_id: str
    name: str
    kind: str
    developer: str | None
    setting: str | None
    dates: Dates


def _model(
    origin: Origin,
    score: PublishedScore,
    benchmark: Benchmark,
    alias: Alias,
    registry: Registry,
) -> _Entrant:
    """The model of a row, if its days can be."""
    model = registry.models[alias.model]
    if fault := _wrong_days(
        origin, score, registered_release(model), model.name, benchmark
    ):
        raise ImpossibleDayError(alias.model, fault)
    return _Entrant(
        alias.model,
        model.name,
        model.kind,
        model.developer,
        alias.setting,
        _date(score, model, benchmark),
    )


def _period(
    origin: Origin,
    score: PublishedScore,
    benchmark: Benchmark,
    spellings: "_Known[Alias]",
) -> _Entrant:
    """The period of a row; nothing of a release is asked of it."""
    name = score.model_name_published
    if name in spellings:
        raise UnusableRowError(
            "period_is_named",
            f"{quote(name)} is an AI model, and {origin.benchmark_id} is measured by "
            "period: name the company and the month or week",
        )
    day, reported_on = require_period(
        score, f"{origin.source_file}:{origin.source_row}"
    )
    undated = score.model_copy(update={"release_date": None})
    if fault := _wrong_days(origin, undated, None, name, benchmark):
        raise UnusableRowError(fault.expectation, fault.reason)
    return _Entrant(
        period_id(name),
        name,
        "period",
        None,
        None,
        Dates(
            release_date=day,
            release_date_basis="period",
            release_earliest=day,
            release_latest=day,
            reported_on=reported_on,
            known_on=reported_on,
            known_on_basis="reported_on",
        ),
    )


class _Known(Generic[EntryT]):
    """Registered names, and why a row that uses another one cannot be used.

    The nearest name is looked for once a name and for the first names only: it costs
    milliseconds, and of a file full of unknown names the first few tell enough.
    """

    def __init__(
        self, entries: Mapping[str, EntryT], expectation: str, remedy: str
    ) -> None:
        self._entries = entries
        self._expectation = expectation
        self._remedy = remedy
        self._nearest: dict[str, list[str]] = {}

    def __contains__(self, name: str) -> bool:
        return name in self._entries

    def find(self, name: str) -> EntryT:
        """The entry of that name.

        Raises:
            UnusableRowError: it is not in the registry.
        """
        if name in self._entries:
            return self._entries[name]
        if name not in self._nearest and len(self._nearest) < MAX_NAMES_GUESSED:
            self._nearest[name] = nearest(name, self._entries)
        near = self._nearest.get(name)
        meant = f"did you mean {near[0]!r}? If not, " if near else ""
        raise UnusableRowError(
            self._expectation,
            f"{quote(name)} is not in the registry: {meant}{self._remedy}",
        )


def _wrong_days(
    origin: Origin,
    score: PublishedScore,
    release: tuple[date, date] | None,
    name: str,
    benchmark: Benchmark,
) -> Fault | None:
    days = RowDays(
        place=f"{origin.source_file}:{origin.source_row}",
        model_name=name,
        release=release,
        stated=score.release_date,
        reported_on=score.reported_on,
    )
    return find_fault(days, origin.benchmark_id, benchmark)


def _date(score: PublishedScore, model: Model, benchmark: Benchmark) -> Dates:
    """Date one row.

    The registry's release date wins over the row's, so that one model has one date
    in every file. A row is known from its ``reported_on``; where there is none, from
    the day of the copy that it was read in, else the last day on which its model can
    have become public. In a benchmark whose rows all carry one late ``reported_on``
    (``final_vintage``) that day comes first.
    """
    released_by = model.release_date or model.latest
    known = [
        ("reported_on", score.reported_on),
        ("retrieved_on", score.retrieved_on),
        ("release_date", released_by),
    ]
    if benchmark.final_vintage:
        known.insert(0, known.pop())
    known_on_basis, known_on = next(
        ((basis, day) for basis, day in known if day), ("unknown", None)
    )
    return Dates(
        release_date=model.release_date,
        release_date_basis=_release_date_basis(model),
        release_earliest=model.release_date or model.earliest,
        release_latest=released_by or score.reported_on,
        reported_on=score.reported_on,
        known_on=known_on,
        known_on_basis=known_on_basis,
    )


def _release_date_basis(model: Model) -> str:
    if model.release_date:
        return "models_registry"
    return "interval" if model.earliest or model.latest else "unknown"


def _fit_exclusion(
    dates: Dates, score: PublishedScore, stored_score: float, benchmark: Benchmark
) -> str | None:
    if dates.release_latest is None:
        return "no_date"
    if score.scoring_rule not in {None, benchmark.scoring_rule}:
        return "scoring_rule"
    if benchmark.unit.may_be_a_loss and stored_score <= 0:
        return "no_logarithm"
    limit = benchmark.measurable_range
    if limit and limit.beyond == "exclude" and limit.is_above(stored_score):
        return "out_of_range"
    return "below_range" if limit and limit.is_below(stored_score) else None


def _divide(value: Decimal | None, divisor: int) -> float | None:
    return None if value is None else float(value / divisor)


def _retrieved_at(score: PublishedScore, source: Source | None) -> datetime | None:
    day = score.retrieved_on or (source and source.retrieved_on)
    return datetime.combine(day, time(), tzinfo=UTC) if day else None


def _observation_id(row: RawRow) -> str:
    """Benchmark and 12 hex digits of a hash of the cells that tell rows apart.

    Made of the cells before corrections: correcting a row does not rename it. The rule
    of scoring is one of them where it is stated; the day of the copy is not.
    """
    rule = row.published["scoring_rule"]
    told = [row.published[name] for name in _IDENTIFYING]
    cells = json.dumps([*told, rule] if rule else told)
    digest = hashlib.sha256(cells.encode()).hexdigest()
    return f"{row.origin.benchmark_id}:{digest[:12]}"


def _quarantine(row: RawRow, error: UnusableRowError) -> dict[str, object]:
    return {
        **row.origin._asdict(),
        "table": OBSERVATIONS.name,
        "expectation": error.expectation,
        "reason": error.reason,
        "row_json": escape_unseen(json.dumps(row.published, ensure_ascii=False)),
    }
