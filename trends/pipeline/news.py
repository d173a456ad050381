"""What a published run has that the publication before it had not."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Final

from trends.outputs import (
    read_history,
    read_quality,
    read_table,
    standing_alarms,
)
from trends.pipeline.publish import PublishedRun
from trends.tables import CROSSING_SUMMARY, QUARANTINE
from trends.words.notice import Notice, news_of_tests, publication_notice

_SUMMARY: Final = {
    "sources silent": "sources_silent",
    "sources stopped": "sources_stopped",
    "series left out": "series_left_out",
    "publishers' files not in use": "files_not_in_use",
}
"""Entries of quality.json's summary, each with its reason, that are news once."""


def notice_of(run: PublishedRun, *, results: Path, line: str) -> Notice | None:
    """The message about a run; None of a draft, and where nothing is new.

    The same again says the same again: who has told it already does not ask.

    Args:
        run: what was published.
        results: folder of all results.
        line: the run in a line.
    """
    if not run.published:
        return None
    before = _before(run, results)
    return publication_notice(
        run_id=run.run_id,
        as_of=run.as_of.isoformat(),
        line=line,
        news={
            **news_of_tests(_headlines(before), _headlines(run.path)),
            "rows newly in quarantine": _quarantined(before, run.path),
            **{
                what: _new_entries(_summary(before), _summary(run.path), key)
                for what, key in _SUMMARY.items()
            },
            "tripwires": _alarms(before, run.path),
        },
    )


def _before(run: PublishedRun, results: Path) -> Path | None:
    """The newest other publication of the run's day or before."""
    found = [
        one.path
        for one in read_history(results).standing
        if one.as_of <= run.as_of and one.run_id != run.run_id
    ]
    return found[-1] if found else None


def _headlines(run: Path | None) -> list[dict[str, Any]]:
    if run is None:
        return []
    return read_table(run, CROSSING_SUMMARY).filter("is_headline").to_dicts()


def _quarantined(before: Path | None, run: Path) -> list[str]:
    """Rejected rows that were not rejected before, wherever in their file they stand."""
    new = read_table(run, QUARANTINE)
    if before is not None:
        known = read_table(before, QUARANTINE)
        same = ["source_id", "source_file", "expectation", "row_json"]
        new = new.join(known.select(same), on=same, how="anti", nulls_equal=True)
    new = new.sort("source_file", "source_row", "expectation")
    return [
        f"{row['source_file']}:{row['source_row']}: {row['reason']}"
        for row in new.iter_rows(named=True)
    ]


def _summary(run: Path | None) -> Mapping[str, Any]:
    return {} if run is None else read_quality(run).get("summary", {})


def _new_entries(
    before: Mapping[str, Any], after: Mapping[str, Any], key: str
) -> list[str]:
    known = before.get(key, {})
    entries = after.get(key, {})
    return [f"{name}: {entries[name]}" for name in sorted(entries) if name not in known]


def _alarms(before: Path | None, run: Path) -> list[str]:
    known = set() if before is None else _benchmarks(standing_alarms(before))
    return [
        f"{alarm['benchmark_id']}: {alarm['label']}"
        for alarm in standing_alarms(run)
        if alarm["benchmark_id"] not in known
    ]


def _benchmarks(alarms: Iterable[Mapping[str, Any]]) -> set[str]:
    return {str(alarm["benchmark_id"]) for alarm in alarms}
