"""The report of a run as text in which its dates are no elements."""

import re
from pathlib import Path

from trends.report import REPORT


def report_text(run: Path) -> str:
    """HTML of the page in a run's folder, each date as it is said."""
    return without_elements_of_dates((run / REPORT).read_text())


def without_elements_of_dates(html: str) -> str:
    """HTML of any page, each date as it is said."""
    return re.sub("</?time>", "", html)
