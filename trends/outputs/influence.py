"""Headlines that lean on one other family of benchmarks, as a run says it."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Final

LARGE_DAYS: Final = 60
"""Moves of a median up to here are not worth a line."""


def influence_lines(rows: Iterable[Mapping[str, object]]) -> Iterator[str]:
    """One line a CROSSING_SUMMARY row whose median leans on one other family."""
    for row in rows:
        family, days = row["pool_influence_family"], row["pool_influence_days"]
        if family is None:
            continue
        begins = f"Pool: {row['threshold_label']}: without {family}"
        if isinstance(days, int):
            if abs(days) > LARGE_DAYS:
                when = "later" if days > 0 else "earlier"
                yield f"{begins} the median is {abs(days)} days {when}"
        elif row["median_date"] is None:
            yield f"{begins} there is a median date"
        else:
            yield f"{begins} there is no median date"
