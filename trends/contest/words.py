"""What a contest found, in words."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from trends.contest.summary import PEERS, POOLED
from trends.words.numbers import points, signed_points

Row = Mapping[str, Any]

PEER_PRINTED: Final[Row] = {
    "model": "Harvey skew",
    "crps": 0.0562,
    "rmse": 0.1084,
    "held80": 0.731,
    "of": "top-3 scores as the peer prints them, on its own benchmarks; the data differ, "
    "so that they cannot be set against a row above",
}
"""What the GPAI Policy Lab prints of its best model (benchmark-forecasting)."""

TITLES: Final = {
    "record": "The record on the first of each month",
    "top3": "Scores among the best three, each on its day",
}

NAMES: Final = {
    "no_change": "no change",
    "drift": "drift as shipped",
    "headline": "headline",
    "logistic": "logistic",
    "quantile": "quantile",
    "ensemble": "ensemble",
    "peer_harvey_skew": "peer: Harvey skew",
    "peer_logistic_normal": "peer: logistic normal",
}


def name_of(forecaster: str) -> str:
    """A forecaster in words; one that was entered since goes by its own name."""
    return NAMES.get(forecaster, forecaster.replace("_", " "))


def difference(row: Row | None, stem: str = "difference") -> str:
    """A difference with its interval: "-.0036 [-.0065, -.0010]"."""
    if row is None or row.get(stem) is None:
        return ""
    text = signed_points(row[stem])
    low, high = row[f"{stem}_low"], row[f"{stem}_high"]
    return (
        text if low is None else f"{text} [{signed_points(low)}, {signed_points(high)}]"
    )


def verdict(tables: Mapping[str, Sequence[Row]], headline_trend: str) -> str:
    """One sentence: where the headline stands on both targets of 2025-26.

    Args:
        tables: from ``summarise``.
        headline_trend: the trend that headlines use.
    """
    parts = [
        said
        for target, what in (("record", "records"), ("top3", "top-3 scores"))
        if (said := _standing(tables, target, what))
    ]
    if not parts:
        return "No case of 2025-26 is answered, so that there is no verdict."
    return f"The headline ({headline_trend}) scores {'; on '.join(parts)}."


def _standing(tables: Mapping[str, Sequence[Row]], target: str, what: str) -> str:
    ours = {
        row["forecaster"]: row
        for row in tables["results"]
        if row["target"] == target and row["cut"] == POOLED
    }
    if "headline" not in ours:
        return ""
    own = ours["headline"]
    whole = max(row["n"] for row in ours.values())
    best = min(
        (row for row in ours.values() if row["n"] == whole),
        key=lambda row: (row["crps"], row["forecaster"]),
    )
    clauses = [_against(tables, target, "drift", ours)]
    clauses += [_against(tables, target, peer, ours) for peer in PEERS if peer in ours]
    ahead = (
        "it is the best of those that answer every case"
        if best["crps"] == own["crps"]
        else f"best is {name_of(best['forecaster'])} with {points(best['crps'])}"
    )
    where = "on records " if what == "records" else f"{what} "
    return f"{where}{points(own['crps'])} (CRPS), {', '.join(clauses)}, and {ahead}"


def _against(
    tables: Mapping[str, Sequence[Row]],
    target: str,
    other: str,
    ours: Mapping[str, Row],
) -> str:
    """The headline beside another: ahead, behind, or not to be told apart."""
    named = name_of(other).replace("peer: ", "the peer's ")
    row = next(
        (
            one
            for one in tables["differences"]
            if (one["target"], one["cut"], one["forecaster"], one["compared_with"])
            == (target, POOLED, "headline", other)
        ),
        None,
    )
    if row is None:
        return f"not compared with {named}"
    if ours["headline"]["crps"] == ours[other]["crps"]:
        return f"the same as {named}"
    low, high = row["difference_low"], row["difference_high"]
    if low is not None and high < 0:
        return f"ahead of {named}"
    if low is not None and low > 0:
        return f"behind {named}"
    return f"not to be told from {named}"
