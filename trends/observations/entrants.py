"""What a row is about, a model or a period, and the days that belong to it."""

from collections.abc import Mapping
from datetime import date
from typing import NamedTuple

from trends.characters import quote
from trends.chronology import Fault, RowDays, find_fault, registered_release
from trends.corrections import Origin
from trends.observations.known import Known
from trends.periods import period_id, require_period
from trends.published_scores import PublishedScore, UnusableRowError
from trends.registry import Registry
from trends.registry.models import Alias, Benchmark, Model


class ImpossibleDayError(UnusableRowError):
    """The days of one row cannot be: one of its cells or its model's date is wrong."""

    def __init__(self, model_id: str, fault: Fault) -> None:
        """Say what is wrong, and with which model."""
        super().__init__(fault.expectation, fault.reason)
        self.model_id = model_id
        self.fault = fault


class Dates(NamedTuple):
    """When the model became public and when the score did, kept apart."""

    release_date: date | None
    release_date_basis: str
    release_earliest: date | None
    release_latest: date | None
    reported_on: date | None
    known_on: date | None
    known_on_basis: str


class Entrant(NamedTuple):
    """What a row is about: a registered model, or the period that was measured."""

    model_id: str
    name: str
    kind: str
    developer: str | None
    setting: str | None
    dates: Dates


def entrant_of(
    origin: Origin,
    score: PublishedScore,
    benchmark: Benchmark,
    *,
    registry: Registry,
    spellings: Known[Alias],
    doubts: Mapping[str, str],
) -> Entrant:
    """What a row is about.

    Args:
        origin: of the row.
        score: what it says.
        benchmark: that it is of.
        registry: models.
        spellings: which model each published name is of.
        doubts: models whose date nobody can rely on, by id, each with the reason.

    Raises:
        UnusableRowError: its model is not registered, or its days cannot be.
    """
    if benchmark.measured_by == "period":
        return _period(origin, score, benchmark, spellings)
    alias = spellings.find(score.model_name_published)
    entrant = _model(origin, score, benchmark, alias, registry)
    if reason := doubts.get(alias.model):
        raise ImpossibleDayError(alias.model, Fault("release_date_is_agreed", reason))
    return entrant


def _model(
    origin: Origin,
    score: PublishedScore,
    benchmark: Benchmark,
    alias: Alias,
    registry: Registry,
) -> Entrant:
    """The model of a row, if its days can be."""
    model = registry.models[alias.model]
    if fault := _wrong_days(
        origin, score, registered_release(model), model.name, benchmark
    ):
        raise ImpossibleDayError(alias.model, fault)
    return Entrant(
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
    spellings: Known[Alias],
) -> Entrant:
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
    return Entrant(
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
