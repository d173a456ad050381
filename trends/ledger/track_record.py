"""How past forecasts did, in long form: TRACK_RECORD rows."""

from collections.abc import Iterator
from datetime import date
from typing import Final

import polars as pl

from trends.ledger.scores import ScoreTables
from trends.ledger.table import summarise
from trends.scoring import mean_difference
from trends.tables import CONTRACT_VERSION, TRACK_RECORD
from trends.words import percent

N_BINS: Final = 10
"""Calibration bins, of equal width."""

_SEED: Final = 1

Row = dict[str, object]


def track_record(scores: ScoreTables, *, as_of: date, run_id: str) -> pl.DataFrame:
    """TRACK_RECORD rows: what ``summarise`` says, coverage by level, calibration bins.

    Args:
        scores: of the entries of earlier vintages.
        as_of: of the run that publishes the table.
        run_id: of that run.
    """
    record = summarise(scores)
    rows = [
        *(_odds(row, scores) for row in record.probabilities),
        *(_date(row, scores) for row in record.dates),
        *(_interval(row, scores) for row in record.coverage),
        *_bins(scores.probabilities),
    ]
    stamps: Row = {
        "as_of": as_of,
        "run_id": run_id,
        "contract_version": CONTRACT_VERSION,
    }
    return TRACK_RECORD.conform(TRACK_RECORD.frame([row | stamps for row in rows]))


_SCORES: Final = (
    "minus_no_change",
    "minus_no_change_lo95",
    "minus_no_change_hi95",
)


def _odds(row: Row, scores: ScoreTables) -> Row:
    ours = _due(scores.probabilities, row, "lead_months")
    lead = row["lead_months"]
    return (
        _key(row, "crossed_by")
        | {"lead_months": lead}
        | {name: row.get(name) for name in (*_SCORES, "brier", "brier_no_change")}
        | {
            "log_score_nats": row.get("log_score_nats"),
            "said": row.get("mean_p_crossed"),
        }
        | _came(ours, "crossed", f"crossed by {_name(row)} {lead}")
        | {
            "label": _words(
                f"a bar is crossed {lead} months ahead",
                row["n_due"],
                row["n_not_due"],
                row.get("mean_p_crossed"),
                row.get("share_crossed"),
            )
        }
    )


def _date(row: Row, scores: ScoreTables) -> Row:
    ours = scores.dates.filter(_same(row))
    return (
        _key(row, "date")
        | {name: row[name] for name in (*_SCORES, "mean_window_days")}
        | {
            "n_not_due": 0,
            "n_vintages": ours["as_of"].n_unique(),
            "n_families": ours["family_id"].n_unique(),
            "brier": row["integrated_brier"],
            "brier_no_change": row["integrated_brier_no_change"],
            "label": f"dates of headline bars over the {row['mean_window_days']:.0f} "
            f"days watched on average: {row['n_due']} forecasts",
        }
    )


def _interval(row: Row, scores: ScoreTables) -> Row:
    ours = _due(scores.coverage, row, "level")
    return (
        _key(row, "interval")
        | {"level": row["level"], "said": row["level"]}
        | _came(ours, "covered", f"covered {_name(row)} {row['level']}")
        | {
            "label": _words(
                "central intervals hold the date",
                row["n_due"],
                row["n_not_due"],
                row["level"],
                row["coverage"],
            )
        }
    )


def _bins(probabilities: pl.DataFrame) -> Iterator[Row]:
    """Calibration bins with something due, by lead time and of all leads."""
    binned = probabilities.with_columns(
        bin=(pl.col("p_crossed") * N_BINS).floor().clip(0, N_BINS - 1).cast(pl.Int64)
    )
    of_all = binned.with_columns(lead_months=pl.lit(None, pl.Int64))
    for key, rows in pl.concat([binned, of_all]).group_by(
        "kind", "cut_on", "lead_months", "bin", maintain_order=True
    ):
        kind, cut_on, lead, number = key
        low, high = int(str(number)) / N_BINS, (int(str(number)) + 1) / N_BINS
        due = rows.filter("is_due")
        if due.is_empty():
            continue
        came = _came(due, "crossed", f"calibration {key}")
        said = due["p_crossed"].mean()
        ahead = "3 to 24 months" if lead is None else f"{lead} months"
        yield {
            "kind": kind,
            "cut_on": cut_on,
            "measure": "calibration_bin",
            "lead_months": lead,
            "bin_low": low,
            "bin_high": high,
            "n_due": due.height,
            "n_not_due": rows.height - due.height,
            "said": said,
            **came,
            "label": _words(
                f"a bar is crossed {ahead} ahead, said {low:.0%} to {high:.0%}",
                due.height,
                rows.height - due.height,
                said,
                came["came"],
            ),
        }


def _came(due: pl.DataFrame, what: str, key: str) -> Row:
    """The share that came, its interval over families, and what it rests on."""
    counts: Row = {
        "n_vintages": due["as_of"].n_unique(),
        "n_families": due["family_id"].n_unique(),
        "came": None,
    }
    if due.is_empty():
        return counts
    found = mean_difference(
        due[what].cast(pl.Float64).to_numpy(),
        due["family_id"].to_list(),
        key=key,
        seed=_SEED,
    )
    return counts | {
        "came": found.mean,
        "came_lo95": None if found.low is None else max(0.0, found.low),
        "came_hi95": None if found.high is None else min(1.0, found.high),
    }


def _words(
    what: str, n_due: object, n_not_due: object, said: object, came: object
) -> str:
    if not n_due:
        return f"{what}: none of {n_not_due} is due yet"
    return f"{what}: said {percent(said)}, came {percent(came)} of {n_due}"


def _key(row: Row, measure: str) -> Row:
    counts = {name: row[name] for name in ("n_due", "n_not_due") if name in row}
    return {"kind": row["kind"], "cut_on": row["cut_on"], "measure": measure} | counts


def _name(row: Row) -> str:
    return f"{row['kind']} {row['cut_on']}"


def _same(row: Row, *also: str) -> pl.Expr:
    return pl.all_horizontal(
        pl.col(name) == row[name] for name in ("kind", "cut_on", *also)
    )


def _due(scores: pl.DataFrame, row: Row, at: str) -> pl.DataFrame:
    return scores.filter(_same(row, at) & pl.col("is_due"))
