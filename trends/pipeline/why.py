"""Why one date moved between two published vintages, in words and parts."""

from dataclasses import dataclass
from typing import Final

import polars as pl

from trends.changes import Inputs, InputsError, load_inputs
from trends.changes.attribution import (
    Split,
    published_tables,
    rerun,
    split_changes,
)
from trends.changes.coalitions import Difference
from trends.changes.families import FamilySplit, split_by_family
from trends.changes.family_words import family_json, family_lines, moved
from trends.changes.said import RowKey
from trends.outputs import (
    LatestRun,
    NotPublishedError,
    find_published,
    previous_vintage,
)
from trends.pipeline import RequestError
from trends.pipeline.latest import published_run
from trends.pipeline.why_since import (
    Moved,
    find_record,
    latest_run,
    list_moves,
    newest_record,
    since_days,
    since_record,
    window_of,
)
from trends.revisions import standing
from trends.words.moves import part_lines, scale_words
from trends.workspace import Workspace

CAUSE_TITLES: Final = {
    "new_scores": "new scores",
    "revised_scores": "revised scores",
    "watched_longer": "series watched for longer",
    "threshold": "threshold edited",
    "roster": "roster of benchmarks edited",
    "weights": "weights",
    "code": "code",
}


@dataclass(frozen=True)
class Explanation:
    """The split of one row's change, and the two runs that it lies between.

    Attributes:
        split: the parts.
        old: the earlier published run.
        new: the later one.
        counts: new, revised or withdrawn scores of the row's own benchmark.
        by_family: the same change by whose figures changed; None where some re-run
            of it estimates nothing.
    """

    split: Split
    old: LatestRun
    new: LatestRun
    counts: dict[str, int]
    by_family: FamilySplit | None

    def as_json(self) -> dict[str, object]:
        """For programs; numbers in ``unit``."""
        split = self.split
        threshold_id, bar_id, trend = split.key
        return {
            "threshold_id": threshold_id,
            "bar_id": bar_id,
            "trend": trend,
            "from": {"as_of": self.old.as_of, "run_id": self.old.run_id},
            "to": {"as_of": self.new.as_of, "run_id": self.new.run_id},
            "before": split.before,
            "after": split.after,
            "unit": split.unit,
            "by_date": split.by_date,
            "total": float(split.total.value),
            "parts": {cause: float(part.value) for cause, part in split.parts.items()},
            "never": {
                "total": float(split.total.never),
                "parts": {
                    cause: float(part.never) for cause, part in split.parts.items()
                },
            },
            "main_cause": split.main_cause,
            "scores_of_this_benchmark": self.counts,
            "by_family": family_json(self.by_family),
        }

    def lines(self) -> list[str]:
        """For people."""
        split = self.split
        threshold_id, bar_id, trend = split.key
        parts = [
            moved(part, f"{CAUSE_TITLES[cause]}{self._evidence(cause)}")
            for cause, part in split.parts.items()
        ]
        return [
            f"{threshold_id}, bar {bar_id}, trend {trend}",
            f"from {self.old.as_of} (run {self.old.run_id}): {split.before}",
            f"to   {self.new.as_of} (run {self.new.run_id}): {split.after}",
            scale_words(split.unit, split.by_date),
            *part_lines([*parts, moved(split.total, "in all")], split.unit),
            *family_lines(self.by_family),
        ]

    def _evidence(self, cause: str) -> str:
        if cause not in self.counts:
            return ""
        n = self.counts[cause]
        return f" ({n} on this benchmark, the rest through the pool)"


def ask(
    workspace: Workspace,
    threshold_id: str | None,
    *,
    bar_id: str | None = None,
    trend: str | None = None,
    before: str | None = None,
    after: str | None = None,
    days: int | None = None,
) -> Explanation | Moved:
    """Why one row moved, or what moved all headlines.

    Two published vintages are split by cause exactly. Where there is but one, as in a
    fresh clone, it is compared with the newest forecast of record.

    Args:
        workspace: the checkout.
        threshold_id: the threshold; None for all headlines.
        bar_id: its bar, by default the headline.
        trend: curve family, by default that of the headline.
        before: as_of or run id of the earlier vintage, published or in the ledger.
        after: as_of or run id of the later one, by default the latest.
        days: compare with so many days before instead: 7, 30 or 90.

    Raises:
        RequestError: nothing is published, or the request makes no sense.
        OutputError: a run is damaged or not published.
        LedgerError: the ledger is not intact.
    """
    if days is not None and before is not None:
        raise RequestError("--from and --days are two ways to say since when: give one")
    window = window_of(days)
    new = latest_run(workspace, after)
    if threshold_id is None:
        if before or bar_id or trend:
            raise RequestError(
                "--from, --bar and --trend are about one threshold: name it, or leave "
                "them out for what moved all headlines"
            )
        return list_moves(new, window)
    summary = published_tables(new.path).summary
    key = _find_row(summary, threshold_id, bar_id, trend)
    if days is not None:
        return since_days(new, key, window)
    old = _published_before(workspace, before, new)
    if old is not None:
        return explain(
            workspace,
            threshold_id,
            bar_id=bar_id,
            trend=trend,
            before=old.run_id,
            after=new.run_id,
        )
    entry = find_record(workspace, before) if before else newest_record(workspace, new)
    if entry is None:
        raise RequestError(
            f"{new.as_of} is the first vintage, and the ledger has no earlier forecast: "
            f"nothing moved to it. `trends why {threshold_id} --days 90` compares it "
            "with what the figures of then say"
        )
    return since_record(new, key, entry)


def _published_before(
    workspace: Workspace, before: str | None, new: LatestRun
) -> LatestRun | None:
    """The earlier published run; None where only the ledger may have the vintage."""
    if before is None:
        return previous_vintage(workspace.results, before=new.as_of)
    try:
        return find_published(workspace.results, before)
    except NotPublishedError:
        if find_record(workspace, before) is None:
            raise
        return None


def explain(
    workspace: Workspace,
    threshold_id: str,
    *,
    bar_id: str | None,
    trend: str | None,
    before: str | None,
    after: str | None,
) -> Explanation:
    """Split the change of one row.

    Args:
        workspace: the checkout.
        threshold_id: the threshold.
        bar_id: its bar, by default the headline.
        trend: curve family, by default that of the headline.
        before: as_of or run id of the earlier vintage, by default the one published
            before ``after``.
        after: as_of or run id of the later one, by default the latest.

    Raises:
        RequestError: there are no two vintages, no such row in both, or nothing is
            estimated for it.
        OutputError: a run is damaged or not published.
    """
    old, new = _vintages(workspace, before, after)
    tables = published_tables(old.path), published_tables(new.path)
    key = _find_row(tables[1].summary, threshold_id, bar_id, trend)
    if tables[0].summary.filter(pl.col("threshold_id") == threshold_id).is_empty():
        raise RequestError(
            f"{threshold_id} is new in {new.as_of}: the vintage {old.as_of} (run "
            f"{old.run_id}) has no such threshold, so that nothing moved"
        )
    _find_row(tables[0].summary, *key)
    try:
        inputs = load_inputs(old.path), load_inputs(new.path)
    except InputsError as error:
        raise RequestError(f"the change cannot be split: {error}") from error
    difference = Difference.between(*inputs)
    known = {
        frozenset(some): rerun(difference.combine(some), [key])
        for some in ((), difference.causes())
    }
    split = split_changes(
        difference, before=tables[0], after=tables[1], rows=[key], known=known
    )[0]
    if split is None:
        raise RequestError(
            f"{threshold_id}: some mix of old and new inputs gives no estimate, so the "
            "change has no parts; crossing_summary's status_reason says why"
        )
    counts = _counts(difference, inputs[1], threshold_id)
    by_family = split_by_family(
        difference, before=tables[0], after=tables[1], row=key, known=known
    )
    return Explanation(split, old, new, counts, by_family)


def _vintages(
    workspace: Workspace, before: str | None, after: str | None
) -> tuple[LatestRun, LatestRun]:
    results = workspace.results
    new = published_run(workspace, after)
    old = (
        find_published(results, before)
        if before
        else previous_vintage(results, before=new.as_of)
    )
    if old is None:
        raise RequestError(
            f"{new.as_of} is the first vintage: nothing moved to it. `trends run "
            "--as-of DATE` with an earlier date publishes one to compare with"
        )
    return old, new


def _find_row(
    summary: pl.DataFrame, threshold_id: str, bar_id: str | None, trend: str | None
) -> RowKey:
    """The one row asked for; the headline where bar or trend are not said."""
    ours = summary.filter(pl.col("threshold_id") == threshold_id)
    if ours.is_empty():
        known = ", ".join(summary["threshold_id"].unique().sort())
        raise RequestError(f"no threshold {threshold_id!r} in the run; known: {known}")
    headline = ours.filter("is_headline").row(0, named=True)
    key = (threshold_id, bar_id or headline["bar_id"], trend or headline["trend"])
    rows = ours.select("threshold_id", "bar_id", "trend").rows()
    if key not in rows:
        known = ", ".join(f"{bar} {family}" for _, bar, family in rows)
        raise RequestError(f"{threshold_id} has no {key[1]} {key[2]}; it has: {known}")
    return key


def _counts(difference: Difference, new: Inputs, threshold_id: str) -> dict[str, int]:
    benchmark = new.registry.thresholds[threshold_id].series.benchmark
    ours = pl.col("benchmark_id") == benchmark
    scores = difference.scores
    revised = max(scores.before.filter(ours).height, scores.after.filter(ours).height)
    return {
        "new_scores": standing(scores.added).filter(ours).height,
        "revised_scores": revised,
    }
