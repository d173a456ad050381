"""What publishers' own files showed since the figures were shipped, as a run says it."""

from collections.abc import Mapping
from datetime import date
from itertools import groupby


def refresh_lines(
    seen_through: Mapping[str, date], refused: Mapping[str, str]
) -> list[str]:
    """Until when publishers' files were seen, and those that are not in use.

    Args:
        seen_through: by benchmark, the last day on which its publisher's own file
            showed what is carried, as far as the vintage can know.
        refused: files whose content is not in use, each with the reason.
    """
    by_day = sorted((day, name) for name, day in seen_through.items())
    lines = [
        f"Read at its publisher up to {day}, and nothing newer is there: "
        f"{', '.join(name for _, name in group)}."
        for day, group in groupby(by_day, key=lambda pair: pair[0])
    ]
    return lines + [f"Not refreshed: {file}: {why}" for file, why in refused.items()]
