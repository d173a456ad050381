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
from typing import Final, NamedTuple, cast

import polars as pl

from trends.characters import escape_unseen
from trends.chronology import Fault
from trends.corrections import Origin, RawRow, correct
from trends.observations.entrants import Entrant, ImpossibleDayError, entrant_of
from trends.observations.known import Known
from trends.published_scores import PublishedScore, UnusableRowError, parse
from trends.registry import Registry
from trends.registry.models import Alias, Benchmark, Source
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
    benchmarks = Known(
        registry.benchmarks, "benchmark_is_registered", "add it to benchmarks.yaml"
    )
    spellings = Known(
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
    benchmarks: Known[Benchmark],
    spellings: Known[Alias],
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
    entrant = entrant_of(
        row.origin,
        score,
        benchmark,
        registry=registry,
        spellings=spellings,
        doubts=doubts,
    )
    source = registry.sources.get(row.origin.source_id)
    return (
        _observation(row, score, benchmark, entrant, source),
        _scored(row.origin.benchmark_id, score, benchmark, entrant),
    )


def _scored(
    benchmark_id: str, score: PublishedScore, benchmark: Benchmark, entrant: Entrant
) -> Scored:
    """What says of which entry a row is a revision."""
    return Scored(
        entry=(
            benchmark_id,
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


def _observation(
    row: RawRow,
    score: PublishedScore,
    benchmark: Benchmark,
    entrant: Entrant,
    source: Source | None,
) -> dict[str, object]:
    """One OBSERVATIONS row, in stored units, without what its entry adds."""
    per_stored = benchmark.published_per_stored
    stored_score = float(score.score / per_stored)
    return {
        **row.origin._asdict(),
        **entrant.dates._asdict(),
        "observation_id": _observation_id(row),
        "model_id": entrant.model_id,
        "model_name": entrant.name,
        "model_name_published": score.model_name_published,
        "entrant_kind": entrant.kind,
        "developer": entrant.developer or score.developer,
        "setting": entrant.setting,
        "harness": score.harness,
        "release_date_published": score.release_date,
        "retrieved_at": _retrieved_at(score, source),
        "score": stored_score,
        "standard_error": _divide(score.standard_error, per_stored),
        "ci_low": _divide(score.ci_low, per_stored),
        "ci_high": _divide(score.ci_high, per_stored),
        "score_unit": benchmark.unit.value,
        "reporter": score.reporter.value,
        "source_url": score.source_url,
        "note": score.note,
        "correction_ids": ";".join(row.correction_ids) or None,
        "fit_exclusion": _fit_exclusion(entrant, score, stored_score, benchmark),
        "scoring_rule": score.scoring_rule,
    }


def _refuse_early_copy(score: PublishedScore) -> None:
    """A copy shows nothing that was reported after it was taken."""
    copy, reported = score.retrieved_on, score.reported_on
    if copy is not None and reported is not None and copy < reported:
        raise UnusableRowError(
            "copy_is_not_before_its_report",
            f"retrieved on {copy}, before it was reported on {reported}: one of the "
            "two days is wrong, and the revision would stand in the wrong vintages",
        )


def _fit_exclusion(
    entrant: Entrant, score: PublishedScore, stored_score: float, benchmark: Benchmark
) -> str | None:
    if entrant.dates.release_latest is None:
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
