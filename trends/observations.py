"""Raw rows of any source to OBSERVATIONS: corrections, ids, units and dates.

A row that cannot be read or resolved is never guessed at and never dropped: it goes
to QUARANTINE with what is wrong and what to do.
"""

import hashlib
import json
import re
from collections.abc import Mapping
from datetime import UTC, date, datetime, time
from decimal import Decimal
from difflib import get_close_matches
from types import MappingProxyType
from typing import Annotated, Final, Generic, NamedTuple, TypeVar

import polars as pl
from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    ValidatorFunctionWrapHandler,
    WrapValidator,
    field_validator,
)
from pydantic import ValidationError as UnreadableCells

from trends.characters import MAX_QUOTED, escape_unseen, name_unseen, quote
from trends.chronology import Fault, RowDays, find_fault, registered_release
from trends.registry import Registry
from trends.registry.models import (
    Alias,
    Benchmark,
    Correction,
    Entry,
    Model,
    Reporter,
    Source,
    Text,
    Url,
)
from trends.tables import OBSERVATIONS, QUARANTINE, RAW_SCORES
from trends.uncertainty import drop_unusable_errors

Cells = dict[str, str | None]
"""One row as published: column to text, empty cells null."""

_PROVENANCE: Final = ("source_id", "benchmark_id", "source_file", "source_row")
_PUBLISHED: Final = tuple(
    column.name for column in RAW_SCORES.columns if column.name not in _PROVENANCE
)
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

_REVIEW: Final = "review the correction or delete it"
_ISO_DAY: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_PLAIN_DECIMAL: Final = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)", re.ASCII)
_LONGEST_NUMBER: Final = 24
_BARE_ADDRESS: Final = re.compile(r"[\w-]+(\.[\w-]+)+(/\S*)?")


class CorrectionError(ValueError):
    """Corrections no longer fit the figures that they correct.

    Attributes:
        stale: why, by the id of the correction.
    """

    def __init__(self, stale: Mapping[str, str]) -> None:
        """Print one line a correction."""
        super().__init__(
            "\n".join(f"corrections.yaml: {one}: {why}" for one, why in stale.items())
        )
        self.stale = dict(stale)


class UnusableRowError(ValueError):
    """One row cannot become an observation."""

    def __init__(self, expectation: str, reason: str) -> None:
        """Say which expectation the row broke, and how."""
        super().__init__(reason)
        self.expectation = expectation
        self.reason = reason


class ImpossibleDayError(UnusableRowError):
    """The days of one row cannot be: one of its cells or its model's date is wrong."""

    def __init__(self, model_id: str, fault: Fault) -> None:
        """Say what is wrong, and with which model."""
        super().__init__(fault.expectation, fault.reason)
        self.model_id = model_id
        self.fault = fault


class Origin(NamedTuple):
    """Where a row was read."""

    source_id: str
    benchmark_id: str
    source_file: str
    source_row: int


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


class RawRow(NamedTuple):
    """One raw row: where it stands, as published, corrected, and by which entries."""

    origin: Origin
    published: Cells
    corrected: Cells
    correction_ids: tuple[str, ...]


def _parse_day(value: object) -> object:
    # Pydantic alone would read 20250101 as seconds since 1970.
    if isinstance(value, str) and not _ISO_DAY.fullmatch(value):
        raise ValueError("write the day as YYYY-MM-DD")
    return value


def _require_plain_decimal(
    value: object, read: ValidatorFunctionWrapHandler
) -> Decimal:
    """The number, unless Python alone would take the cell for one.

    Decimal reads 6_2 as 62, digits of any script, and exponents that no float holds.
    """
    number: Decimal = read(value)
    if isinstance(value, str):
        if len(value) > _LONGEST_NUMBER:
            raise ValueError(f"a number has at most {_LONGEST_NUMBER} characters")
        if not _PLAIN_DECIMAL.fullmatch(value):
            raise ValueError("write it as a plain decimal, such as 62.5")
    return number


def _complete_address(value: object) -> object:
    if isinstance(value, str) and _BARE_ADDRESS.fullmatch(value):
        return f"https://{value}"
    return value


Day = Annotated[date, BeforeValidator(_parse_day)]
Number = Annotated[Decimal, WrapValidator(_require_plain_decimal)]
Address = Annotated[Url, BeforeValidator(_complete_address)]


class PublishedScore(BaseModel):
    """One row after corrections, typed; numbers are still in the published unit.

    Numbers are decimal, as they are printed: 77.6% as a binary float divided by 100
    is below 0.776 and would miss a bar of exactly that height.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    model_name_published: Text
    developer: Text | None
    release_date: Day | None
    score: Number
    standard_error: Number | None
    ci_low: Number | None
    ci_high: Number | None
    harness: Text | None
    reported_on: Day | None
    reporter: Reporter
    source_url: Address
    note: Text | None

    @field_validator("*", mode="before")
    @classmethod
    def _shows_all_that_it_holds(cls, cell: object) -> object:
        if isinstance(cell, str) and (unseen := name_unseen(cell)):
            raise ValueError(f"{unseen}: delete it")
        return cell


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
        every_spelling(registry),
        "model_is_registered",
        "add the spelling to model_aliases.yaml, or a new model to models.yaml",
    )
    accepted: list[dict[str, object]] = []
    rejected: list[dict[str, object]] = []
    wrong_days: list[WrongDay] = []
    for row in correct(raw, registry.corrections):
        try:
            accepted.append(_observe(row, registry, benchmarks, spellings, doubts))
        except UnusableRowError as error:
            rejected.append(_quarantine(row, error))
            if isinstance(error, ImpossibleDayError):
                wrong_days.append(WrongDay(row.origin, error.model_id, error.fault))
    return Observations(
        OBSERVATIONS.conform(
            drop_unusable_errors(OBSERVATIONS.frame(accepted), registry)
        ),
        QUARANTINE.conform(QUARANTINE.frame(rejected)),
        tuple(wrong_days),
    )


def every_spelling(registry: Registry) -> dict[str, Alias]:
    """Registered names and published spellings: which model each names."""
    names = {
        model.name: Alias(model=model_id) for model_id, model in registry.models.items()
    }
    return names | registry.aliases


def correct(raw: pl.DataFrame, corrections: list[Correction]) -> list[RawRow]:
    """The rows with the corrections of their benchmarks.

    Raises:
        CorrectionError: a correction is stale.
    """
    rows = []
    benchmarks = set()
    for cells in raw.iter_rows(named=True):
        origin = Origin(*(cells.pop(name) for name in _PROVENANCE))
        published = {name: _text_or_none(cells[name]) for name in _PUBLISHED}
        rows.append(RawRow(origin, published, published, ()))
        benchmarks.add(origin.benchmark_id)
    stale = {}
    for correction in corrections:
        if correction.benchmark in benchmarks:
            rows = [_apply(correction, row) for row in rows]
            if why := _why_stale(correction, rows):
                stale[correction.id] = why
    if stale:
        raise CorrectionError(stale)
    return rows


def correct_cells(
    benchmark_id: str, published: Cells, corrections: list[Correction]
) -> Cells:
    """A row as published, with every correction that names it."""
    row = RawRow(Origin("", benchmark_id, "", 0), published, published, ())
    for correction in corrections:
        row = _apply(correction, row)
    return row.corrected


def _text_or_none(cell: str | None) -> str | None:
    return (cell or "").strip(" ") or None


def _apply(correction: Correction, row: RawRow) -> RawRow:
    if not _matches(correction, row):
        return row
    return row._replace(
        corrected=row.corrected | correction.set,
        correction_ids=(*row.correction_ids, correction.id),
    )


def _matches(correction: Correction, row: RawRow) -> bool:
    """Whether the row, as published, is one that the correction names."""
    return row.origin.benchmark_id == correction.benchmark and _shows(
        row, correction.match
    )


def _shows(row: RawRow, cells: dict[str, str]) -> bool:
    return all(
        row.published.get(name) == (text or None) for name, text in cells.items()
    )


def _why_stale(correction: Correction, rows: list[RawRow]) -> str:
    """The expiry guard: what no longer holds of a correction, in words."""
    matched = [row for row in rows if correction.id in row.correction_ids]
    if not matched:
        absent = f"no row of {correction.benchmark} has {correction.match}"
        return f"{absent}; the source has changed, so {_REVIEW}"
    return "; ".join(
        f"{row.origin.source_file}:{row.origin.source_row} now shows "
        f"{ {name: row.published[name] for name in correction.expect} }, not "
        f"{correction.expect}; applying it would overwrite a newer figure, "
        f"so {_REVIEW}"
        for row in matched
        if not _shows(row, correction.expect)
    )


def _observe(
    row: RawRow,
    registry: Registry,
    benchmarks: "_Known[Benchmark]",
    spellings: "_Known[Alias]",
    doubts: Mapping[str, str],
) -> dict[str, object]:
    """One OBSERVATIONS row.

    Raises:
        UnusableRowError: the row cannot be read, its benchmark or model is not
            registered, or its days cannot be.
    """
    benchmark = benchmarks.find(row.origin.benchmark_id)
    score = _parse(row.corrected)
    alias = spellings.find(score.model_name_published)
    model = registry.models[alias.model]
    if fault := _wrong_days(row.origin, score, model, benchmark):
        raise ImpossibleDayError(alias.model, fault)
    if reason := doubts.get(alias.model):
        raise ImpossibleDayError(alias.model, Fault("release_date_is_agreed", reason))
    dates = _date(score, model, benchmark)
    per_unit = 100 if benchmark.published_unit == "percent" else 1
    stored_score = float(score.score / per_unit)
    return {
        **row.origin._asdict(),
        **dates._asdict(),
        "observation_id": _observation_id(row),
        "model_id": alias.model,
        "model_name": model.name,
        "model_name_published": score.model_name_published,
        "entrant_kind": model.kind,
        "developer": model.developer or score.developer,
        "setting": alias.setting,
        "harness": score.harness,
        "release_date_published": score.release_date,
        "retrieved_at": _retrieved_at(registry.sources.get(row.origin.source_id)),
        "score": stored_score,
        "standard_error": _divide(score.standard_error, per_unit),
        "ci_low": _divide(score.ci_low, per_unit),
        "ci_high": _divide(score.ci_high, per_unit),
        "score_unit": benchmark.unit.value,
        "reporter": score.reporter.value,
        "source_url": score.source_url,
        "note": score.note,
        "correction_ids": ";".join(row.correction_ids) or None,
        "fit_exclusion": _fit_exclusion(dates, stored_score, benchmark),
    }


def _parse(cells: Cells) -> PublishedScore:
    try:
        return PublishedScore.model_validate(cells)
    except UnreadableCells as error:
        problems = [
            f"{problem['loc'][0]} is "
            + ("empty" if problem["input"] is None else quote(problem["input"]))
            + f": {problem['msg'].removeprefix('Value error, ')}"
            for problem in error.errors()
        ]
        raise UnusableRowError("row_is_parseable", "; ".join(problems)) from error


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

    def find(self, name: str) -> EntryT:
        """The entry of that name.

        Raises:
            UnusableRowError: it is not in the registry.
        """
        if name in self._entries:
            return self._entries[name]
        if name not in self._nearest and len(self._nearest) < MAX_NAMES_GUESSED:
            short = name[:MAX_QUOTED]
            self._nearest[name] = get_close_matches(short, self._entries, n=1)
        near = self._nearest.get(name)
        meant = f"did you mean {near[0]!r}? If not, " if near else ""
        raise UnusableRowError(
            self._expectation,
            f"{quote(name)} is not in the registry: {meant}{self._remedy}",
        )


def _wrong_days(
    origin: Origin, score: PublishedScore, model: Model, benchmark: Benchmark
) -> Fault | None:
    days = RowDays(
        place=f"{origin.source_file}:{origin.source_row}",
        model_name=model.name,
        release=registered_release(model),
        stated=score.release_date,
        reported_on=score.reported_on,
    )
    return find_fault(days, origin.benchmark_id, benchmark)


class Dates(NamedTuple):
    """When the model became public and when the score did, kept apart."""

    release_date: date | None
    release_date_basis: str
    release_earliest: date | None
    release_latest: date | None
    reported_on: date | None
    known_on: date | None
    known_on_basis: str


def _date(score: PublishedScore, model: Model, benchmark: Benchmark) -> Dates:
    """Date one row.

    The registry's release date wins over the row's, so that one model has one date
    in every file. A row is known from its ``reported_on``; where there is none, from
    the last day on which its model can have become public. In a benchmark whose rows
    all carry one late ``reported_on`` (``final_vintage``) it is the other way round.
    """
    released_by = model.release_date or model.latest
    known = [("reported_on", score.reported_on), ("release_date", released_by)]
    if benchmark.final_vintage:
        known.reverse()
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


def _fit_exclusion(dates: Dates, score: float, benchmark: Benchmark) -> str | None:
    if dates.release_latest is None:
        return "no_date"
    limit = benchmark.measurable_range
    if limit and limit.beyond == "exclude" and score > limit.high:
        return "out_of_range"
    return None


def _divide(value: Decimal | None, divisor: int) -> float | None:
    return None if value is None else float(value / divisor)


def _retrieved_at(source: Source | None) -> datetime | None:
    if source is None or source.retrieved_on is None:
        return None
    return datetime.combine(source.retrieved_on, time(), tzinfo=UTC)


def _observation_id(row: RawRow) -> str:
    """Benchmark and 12 hex digits of a hash of the cells that tell rows apart.

    Made of the cells before corrections: correcting a row does not rename it.
    """
    cells = json.dumps([row.published[name] for name in _IDENTIFYING])
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
