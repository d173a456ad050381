"""The record as a table for people: means of scores, and how many are not due yet."""

from dataclasses import dataclass

import polars as pl

from trends.ledger.scores import ScoreTables
from trends.scoring import MeanDifference, mean_difference

Row = dict[str, object]

_GROUP = ("kind", "cut_on")
_SEED = 1


@dataclass(frozen=True)
class Record:
    """Means by kind of forecast and by the date on which its series are cut.

    Attributes:
        probabilities: one row a lead time: n due and not due, the first day of what is
            not, share crossed, mean probability, Brier, Brier of "nothing will cross", their mean difference
            with its interval over families, log score.
        dates: integrated Brier over the window so far, headline bars.
        coverage: share of due intervals that held the date, headline bars.
    """

    probabilities: list[Row]
    dates: list[Row]
    coverage: list[Row]


def summarise(scores: ScoreTables) -> Record:
    """Average the scores; live and replayed forecasts never share a row."""
    return Record(
        probabilities=[
            dict(zip((*_GROUP, "lead_months"), key, strict=True)) | _odds_row(key, rows)
            for key, rows in scores.probabilities.group_by(
                *_GROUP, "lead_months", maintain_order=True
            )
        ],
        dates=[
            dict(zip(_GROUP, key, strict=True)) | _dates_row(key, rows)
            for key, rows in scores.dates.group_by(*_GROUP, maintain_order=True)
        ],
        coverage=[
            dict(zip((*_GROUP, "level"), key, strict=True)) | _coverage_row(rows)
            for key, rows in scores.coverage.group_by(
                *_GROUP, "level", maintain_order=True
            )
        ],
    )


def _odds_row(key: tuple[object, ...], rows: pl.DataFrame) -> Row:
    due = rows.filter("is_due")
    counts: Row = {
        "n_due": due.height,
        "n_not_due": rows.height - due.height,
        "next_by_date": rows.filter(~pl.col("is_due"))["by_date"].min(),
    }
    if due.is_empty():
        return counts
    # the Brier score of "nothing will cross" is 1 where it did
    no_change = due["crossed"].cast(pl.Float64)
    return (
        counts
        | {
            "share_crossed": no_change.mean(),
            "mean_p_crossed": due["p_crossed"].mean(),
            "brier": due["brier"].mean(),
            "brier_no_change": no_change.mean(),
            "log_score_nats": due["log_score_nats"].mean(),
        }
        | _difference(f"brier {key}", due["brier"] - no_change, due["family_id"])
    )


def _dates_row(key: tuple[object, ...], rows: pl.DataFrame) -> Row:
    better = rows["integrated_brier"] - rows["integrated_brier_no_change"]
    return {
        "n_due": rows.height,
        "mean_window_days": rows["window_days"].mean(),
        "integrated_brier": rows["integrated_brier"].mean(),
        "integrated_brier_no_change": rows["integrated_brier_no_change"].mean(),
    } | _difference(f"integrated brier {key}", better, rows["family_id"])


def _coverage_row(rows: pl.DataFrame) -> Row:
    due = rows.filter("is_due")
    return {
        "n_due": due.height,
        "n_not_due": rows.height - due.height,
        "coverage": due["covered"].cast(pl.Float64).mean(),
    }


def _difference(key: str, differences: pl.Series, families: pl.Series) -> Row:
    found: MeanDifference = mean_difference(
        differences.to_numpy(), families.to_list(), key=key, seed=_SEED
    )
    return {
        "minus_no_change": found.mean,
        "minus_no_change_lo95": found.low,
        "minus_no_change_hi95": found.high,
        "n_families": found.n_families,
    }
