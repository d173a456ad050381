"""How fast all frontiers moved together."""

from typing import Final

from trends.tables.columns import Table, count, date_given, number
from trends.tables.shared import AS_OF, CONTRACT, RUN_ID

COMMON_PACE: Final = Table(
    "common_pace",
    "How fast the records of all benchmarks rose together in each month, against the "
    "mean of the months listed: 1 is the mean, 2 twice as fast.",
    ("month",),
    (
        AS_OF,
        date_given("month", "Last day of the month."),
        number("pace", "Median of what the common pace may have been.", "ratio"),
        number("pace_lo80", "Lower end of its 80% interval.", "ratio"),
        number("pace_hi80", "Upper end of its 80% interval.", "ratio"),
        count(
            "n_families",
            "Benchmark families watched through the month; months with under 8 are "
            "not listed.",
        ),
        RUN_ID,
        CONTRACT,
    ),
)
