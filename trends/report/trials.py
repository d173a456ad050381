"""How forecasts did where it was tried: records that stood, high bars, the contest."""

from collections.abc import Iterator, Mapping
from typing import Any, Final, NamedTuple

import polars as pl

from trends.report.grids import Grid, chance, grid
from trends.tables import CONTEST, HIGH_BARS, RECORDS_STOOD
from trends.words import CUT_ON, contest_words
from trends.words.numbers import percent, points, signed_points

Row = dict[str, Any]
Tables = Mapping[str, pl.DataFrame]

SCALES: Final = {"bounded": "shares of 0 to 100%", "unbounded": "without bound"}


class Played(NamedTuple):
    """A contest on one panel.

    Attributes:
        sentence: who was ahead.
        results: a row a forecaster.
    """

    sentence: str
    results: Grid


def stood(tables: Tables) -> Grid | None:
    """Records that stood in the backtest against what was said; None where not known.

    Args:
        tables: published tables by name.
    """
    found = tables.get(RECORDS_STOOD.name, RECORDS_STOOD.frame([]))
    if found.is_empty():
        return None
    rows = found.sort("scale", "cut_on", "lead_months", descending=[False, True, False])
    return grid(
        "Records to which no new one came, in the backtest; each family counts once",
        (
            "Scores",
            "Known on",
            "Within",
            "Said",
            "Stood",
            "Said less stood (95%)",
            "Forecasts",
            "Families",
        ),
        (
            (
                SCALES[row["scale"]],
                CUT_ON[row["cut_on"]],
                f"{row['lead_months']} months",
                chance(row["said"]),
                chance(row["stood"]),
                _apart(row, "stood"),
                str(row["n_forecasts"]),
                str(row["n_families"]),
            )
            for row in rows.iter_rows(named=True)
        ),
        numeric=range(2, 8),
    )


def high_bars(tables: Tables) -> Grid | None:
    """Bars of 90% and 95%, reached against said; None where not known.

    Args:
        tables: published tables by name.
    """
    found = tables.get(HIGH_BARS.name, HIGH_BARS.frame([]))
    if found.is_empty():
        return None
    return grid(
        "Frontiers at or above 90% and 95% in the backtest, by what was said of each",
        (
            "Within",
            "Said between",
            "Said",
            "Reached",
            "Said less reached (95%)",
            "Forecasts",
            "Families",
        ),
        (
            (
                f"{row['lead_months']} months",
                f"{100 * row['said_from']:.0f} and {percent(row['said_to'])}",
                chance(row["said"]),
                chance(row["reached"]),
                _apart(row, "reached"),
                str(row["n_forecasts"]),
                f"{row['n_families_reached']} of {row['n_families']}",
            )
            for row in found.sort("lead_months", "said_from").iter_rows(named=True)
        ),
        numeric=range(1, 7),
    )


def contests(tables: Tables) -> list[Played]:
    """What came of the last contest on each panel; none where none was played.

    Args:
        tables: published tables by name.
    """
    found = tables.get(CONTEST.name, CONTEST.frame([]))
    return [
        _played(found.filter(pl.col("panel") == panel))
        for panel in found["panel"].unique().sort()
    ]


def _played(rows: pl.DataFrame) -> Played:
    ours = rows["headline_trend"][0]
    # the headline's trend enters under its own name too
    shown = rows.filter(pl.col("forecaster") != ours)
    most = max(shown["n_cases"].to_list())
    # those that answer fewer cases come last: theirs may be the easier ones
    best_first = shown.sort(pl.col("n_cases") * 2 < most, "crps", "forecaster")
    names = dict(best_first.select("forecaster", "label").iter_rows())
    by_key = {(one["forecaster"], one["target"]): one for one in shown.to_dicts()}
    results = grid(
        f"CRPS on {rows['panel'][0]}, and how far above ours (90% over families)",
        (
            "Forecaster",
            "Records",
            "above ours",
            "80% held",
            "Top 3",
            "above ours",
            "80% held",
        ),
        (
            (
                f"{label} ({ours})" if name == "headline" else label,
                *_scores(by_key.get((name, "record"))),
                *_scores(by_key.get((name, "top3"))),
            )
            for name, label in names.items()
        ),
        numeric=range(1, 7),
    )
    return Played(contest_words(rows), results)


def _scores(row: Row | None) -> Iterator[str]:
    if row is None:
        yield from ("-", "-", "-")
        return
    yield points(row["crps"])
    low, high = row["less_headline_lo90"], row["less_headline_hi90"]
    if row["less_headline"] is None:
        yield "-"
    else:
        ends = (
            "" if low is None else f" ({signed_points(low)} to {signed_points(high)})"
        )
        yield f"{signed_points(row['less_headline'])}{ends}"
    yield chance(row["held80"])


def _apart(row: Row, came: str) -> str:
    low, high = row[f"said_less_{came}_lo95"], row[f"said_less_{came}_hi95"]
    apart = f"{100 * (row['said'] - row[came]):+.0f}"
    ends = "" if low is None else f" ({100 * low:+.0f} to {100 * high:+.0f})"
    return f"{apart}{ends}"
