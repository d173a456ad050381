"""What the suites found, counted: for the screen, and as the top of quality.json."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from trends.tables import OBSERVATIONS

Report = Mapping[str, Any]
"""What one suite checked and found, as ``trends.validation`` reports it."""


def count_warnings(reports: Iterable[Report]) -> dict[str, int]:
    """Rows or tables that broke an expectation which only warns, the most first."""
    found: Counter[str] = Counter()
    for report in reports:
        for one in report["expectations"]:
            if one["severity"] == "warning" and one["n_failed"]:
                found[one["expectation"]] += one["n_failed"]
    return dict(sorted(found.items(), key=lambda item: (-item[1], item[0])))


def warning_line(warnings: Mapping[str, int], *, read_more: object) -> str:
    """One line: how many warnings, of which expectations, and where the rows are."""
    if not warnings:
        return "no warnings"
    total = sum(warnings.values())
    each = "; ".join(f"{one}: {count}" for one, count in warnings.items())
    return f"{total} warning{'s' * (total != 1)} ({each}); see {read_more}"


def warnings_of(quality: Mapping[str, Any]) -> dict[str, int]:
    """``count_warnings`` of all that quality.json reports."""
    return _count_once(quality["sources"], quality["tables"])


def silent_in(quality: Mapping[str, Any]) -> dict[str, str]:
    """Sources that quality.json calls silent, each with since when."""
    return dict(quality["summary"]["sources_silent"])


def _count_once(
    sources: Mapping[str, Mapping[str, Any]], tables: Mapping[str, Report]
) -> dict[str, int]:
    """Observations count where they were read: a run's are some of the same rows."""
    others = [one for name, one in tables.items() if name != OBSERVATIONS.name]
    return count_warnings([*source_reports(sources), *others])


def source_reports(sources: Mapping[str, Mapping[str, Any]]) -> list[Report]:
    """What the suites reported of every source, by source and table."""
    return [report for one in sources.values() for report in one["checks"].values()]


def summarise(
    sources: Mapping[str, Mapping[str, Any]],
    tables: Mapping[str, Report],
    *,
    stopped: Mapping[str, str],
    left_out: Mapping[str, str],
    waiting: Sequence[str],
) -> dict[str, object]:
    """What a reader of quality.json wants to know first.

    Args:
        sources: what the ingest reported of each source.
        tables: what the suite of each table reported.
        stopped: sources left out, each with the reason.
        left_out: series left out, each with what was found and where.
        waiting: a line for each better score in quarantine.
    """
    warnings = _count_once(sources, tables)
    return {
        "rows_accepted": sum(one["rows"] for one in sources.values()),
        "rows_known_as_of": tables["observations"]["n_rows"],
        "rows_quarantined": tables["quarantine"]["n_rows"],
        "better_scores_in_quarantine": list(waiting),
        "sources_read": len(sources) - len(stopped),
        "sources_stopped": dict(stopped),
        "series_left_out": dict(left_out),
        "warnings": sum(warnings.values()),
        "warnings_by_expectation": warnings,
    }
