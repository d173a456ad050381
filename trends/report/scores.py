"""The scores of a benchmark: each with its source, and what they lack."""

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any, Final

from trends.report.grids import Cell, Grid, day, grid, score_anchor, web
from trends.words import score_words

Row = dict[str, Any]

EXCLUSIONS: Final = {
    "no_date": "has no release date",
    "out_of_range": "is above what the suite measures (a lower bound where a threshold "
    "says so)",
    "below_range": "is below what the suite measures",
    "baseline": "is a baseline, not a model",
    "scoring_rule": "was scored under another rule",
    "no_logarithm": "has no logarithm",
}


def scores(title: str, rows: Sequence[Row]) -> Grid:
    """Every score of a benchmark, each leading to its source.

    Args:
        title: of the benchmark.
        rows: OBSERVATIONS rows.
    """
    return grid(
        f"Scores of {title}, newest release first; each leads to its source",
        ("Model", "Released", "Score", "Reporter", "Set-up", "Source row", "Remarks"),
        (
            (
                Cell(row["model_name"], ident=score_anchor(row["observation_id"])),
                _released(row),
                _score(row),
                row["reporter"].replace("_", " "),
                "; ".join(filter(None, [row["setting"], row["harness"]])),
                Cell(
                    f"{row['source_file']}:{row['source_row']}", web(row["source_url"])
                ),
                "; ".join(_remarks(row)),
            )
            for row in rows
        ),
        numeric=(2,),
        text=(6,),
    )


def _released(row: Row) -> str:
    if isinstance(row["release_date"], date):
        return day(row["release_date"])
    if isinstance(row["release_latest"], date):
        return f"by {day(row['release_latest'])}"
    return "not known"


def _score(row: Row) -> str:
    words = score_words(row["score"], row["score_unit"])
    if row["ci_low"] is not None and row["ci_high"] is not None:
        low, high = (
            score_words(row[end], row["score_unit"]) for end in ("ci_low", "ci_high")
        )
        return f"{words} ({low} to {high})"
    if row["standard_error"] is not None:
        return f"{words} ± {score_words(row['standard_error'], row['score_unit'])}"
    return words


def _remarks(row: Row) -> Iterator[str]:
    if row["is_record"]:
        yield "record"
    if row["revised_on"] is not None:
        yield f"replaced on {row['revised_on']}"
    if row["fit_exclusion"] is not None:
        yield f"in no fit: {EXCLUSIONS[row['fit_exclusion']]}"
    if row["contradicted_by"] is not None:
        yield "a later measurement of the same model is worse"
    if row["correction_ids"] is not None:
        yield "corrected"
    if row["note"] is not None:
        yield row["note"]


def ages(headline: Row, rows: Sequence[Row]) -> Iterator[str]:
    """How old the figures are, a sentence each.

    Args:
        headline: CROSSING_SUMMARY row of the benchmark.
        rows: OBSERVATIONS rows.
    """
    as_of, seen = headline["as_of"], headline["observed_through"]
    if seen is not None:
        yield (
            f"The figures reach to {seen}, {(as_of - seen).days} days before the vintage."
        )
    reported = [row["reported_on"] for row in rows if row["reported_on"] is not None]
    released = [row["release_date"] for row in rows if row["release_date"] is not None]
    if released:
        yield f"The newest release among them is of {max(released)}."
    if reported:
        yield f"The newest score was reported on {max(reported)}."


def gaps(rows: Sequence[Row]) -> Iterator[str]:
    """What OBSERVATIONS rows lack, counted, a sentence each."""
    n = len(rows)
    for lacking, what in (
        (sum(row["release_date"] is None for row in rows), "have no release date"),
        (sum(row["reported_on"] is None for row in rows), "do not say when reported"),
        (
            sum(
                row["standard_error"] is None and row["ci_low"] is None for row in rows
            ),
            "come without an error",
        ),
        (sum(row["developer"] is None for row in rows), "name no developer"),
    ):
        if lacking:
            yield f"{lacking} of {n} scores {what}."
    own = Counter(row["reporter"] for row in rows)["developer"]
    if own:
        yield f"{own} of {n} scores are reported by the model's own developer."
    for why, count in sorted(
        Counter(row["fit_exclusion"] for row in rows if row["fit_exclusion"]).items()
    ):
        yield f"In no fit: {count}, each of which {EXCLUSIONS[why]}."
