"""What each stage did, in sentences: for the log of its task, and for the run's note."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path

from trends.outputs import read_table
from trends.pipeline.ingest import IngestResult, SourceRows
from trends.pipeline.parts import read_frame
from trends.pipeline.plan import Plan
from trends.pipeline.publish import PublishedRun
from trends.pipeline.quality import warning_line
from trends.pipeline.shards import read_left_out
from trends.tables import (
    AUTOMATION,
    CROSSING_SUMMARY,
    FRONTIER,
    SERIES_SCORES,
    TREND_FITS,
)
from trends.words import answer_line, counted, moved_line


def ingest_lines(result: IngestResult) -> Iterator[str]:
    """What was accepted, rejected and changed, a source at a time."""
    for source_id, rows in result.sources.items():
        if source_id in result.stopped:
            yield f"{source_id}: stopped: {result.stopped[source_id]}"
        else:
            yield (
                f"{source_id}: {rows.accepted} accepted, {rows.quarantined} in "
                f"quarantine, {_changed(rows)}"
            )
    for file, why in result.refused.items():
        yield f"not refreshed: {file}: {why}"
    for line in result.withheld:
        yield f"left out: rows of a model in doubt: {line}"
    yield warning_line(result.warnings, read_more=result.path / "ingest.json")
    yield ingest_line(result)


def ingest_line(result: IngestResult) -> str:
    """The ingest in a line: how many rows, and which sources changed."""
    n_read = len(result.sources) - len(result.stopped)
    line = (
        f"{result.rows} rows of {n_read} sources accepted, {result.quarantined} in "
        "quarantine."
    )
    if result.stopped:
        line += f" Stopped: {', '.join(result.stopped)}."
    if result.refused:
        line += f" Not refreshed: {', '.join(result.refused)}."
    changed = [
        f"{source_id} ({_changed(rows)})"
        for source_id, rows in result.sources.items()
        if rows.new or rows.gone
    ]
    if result.registry_changed:
        line += " The registry changed."
    if changed:  # last: a note is cut where it is long
        line += f" Changed: {'; '.join(changed)}."
    elif not result.observations_changed:
        line += " No row changed."
    return line


def _changed(rows: SourceRows) -> str:
    """A row that changed is one that came and one that went."""
    counts = {"new or changed": rows.new, "gone or changed": rows.gone}
    said = [f"{count} {word}" for word, count in counts.items() if count]
    return ", ".join(said) or "none changed"


def plan_lines(folder: Path) -> Iterator[str]:
    """What will be forecast, from what."""
    plan = Plan(folder)
    facts = plan.facts
    yield (
        f"Run {plan.run_id}, {'to be published' if plan.publish else 'a draft'}, as of "
        f"{plan.as_of}: {len(plan.series)} series, {facts['draws']} draws, seed "
        f"{facts['seed']}."
    )
    ingest = plan.ingest
    yield (
        f"From the ingest of {len(ingest.sources) - len(plan.stopped)} sources: "
        f"{ingest.observations.height} observations, {ingest.quarantine.height} rows in "
        "quarantine."
    )
    for source, why in plan.stopped.items():
        yield f"Left out: source {source}: {why}"
    yield from trend_lines(plan)


def trend_lines(plan: Plan) -> Iterator[str]:
    """Which thresholds are left out because they lack the trends asked for."""
    if plan.without_trend:
        yield (
            "Left out, for they name none of the trends asked for: thresholds "
            f"{', '.join(plan.without_trend)}."
        )


def records_lines(folder: Path) -> Iterator[str]:
    """How many records there are, and which series are left out."""
    scores, frontier = (read_frame(folder, one) for one in (SERIES_SCORES, FRONTIER))
    yield (
        f"{frontier.height} records among {scores.height} scores of "
        f"{scores['series_id'].n_unique()} series."
    )
    yield from left_out_lines(read_left_out(folder))


def fits_lines(folder: Path) -> Iterator[str]:
    """How many trends one shard has fitted, and which of its series are left out."""
    fits = read_frame(folder, TREND_FITS)
    n_fitted = fits.filter(fits["fit_status"] == "fitted").height
    yield f"{n_fitted} of {fits.height} trends fitted."
    yield from left_out_lines(read_left_out(folder))


def crossed_lines(folder: Path) -> Iterator[str]:
    """How many dates one shard has found, and which of its series are left out."""
    yield f"{read_frame(folder, CROSSING_SUMMARY).height} dates found."
    yield from left_out_lines(read_left_out(folder))


def dates_lines(folder: Path) -> Iterator[str]:
    """How many dates there are, and which series are left out."""
    summary = read_frame(folder, CROSSING_SUMMARY)
    headlines = summary.filter("is_headline")
    counts = headlines["crossing_status"].value_counts(sort=True)
    words = ", ".join(
        f"{count} {str(status).replace('_', ' ')}" for status, count in counts.rows()
    )
    named = counted(headlines.iter_rows(named=True))
    yield f"{summary.height} dates, {named} among them: {words}."
    yield from left_out_lines(read_left_out(folder))


def left_out_lines(left_out: Mapping[str, str]) -> Iterator[str]:
    """A line for each series that is left out."""
    for series, why in left_out.items():
        yield f"Left out: series {series}: {why}"


def published_lines(run: PublishedRun) -> Iterator[str]:
    """What was checked, what was left out, where the run is, and what moved."""
    tables = json.loads((run.path / "quality.json").read_bytes())["tables"]
    n_expectations = sum(len(one["expectations"]) for one in tables.values())
    warnings = warning_line(run.warnings, read_more=run.path / "quality.json")
    yield (
        f"Checked {len(tables)} tables against {n_expectations} expectations: {warnings}."
    )
    for source, why in run.stopped.items():
        yield f"Left out: source {source}: {why}"
    yield from left_out_lines(run.left_out)
    for source, since in run.silent.items():
        yield f"Silent: source {source}: {since}"
    yield from run.waiting
    for alarm in run.tripwires:
        yield f"Tripwire: {alarm['benchmark_id']}: {alarm['label']}"
    what = "Published run" if run.published else "Wrote draft"
    yield f"{what} {run.run_id} as of {run.as_of}: {run.path}"
    if run.unseen is not None:
        yield run.unseen
    yield moved_line(run.headline)


def run_line(run: PublishedRun) -> str:
    """The run in a line, for whoever reads a list of runs."""
    what = "Published" if run.published else "Draft"
    automation = answer_line(read_table(run.path, AUTOMATION))
    line = f"{what} as of {run.as_of}. {automation} {moved_line(run.headline)}"
    return " ".join(f"{line} Run {run.run_id}.".split())
