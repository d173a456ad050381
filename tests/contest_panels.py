"""A small panel of invented benchmarks, and files of it."""

import csv
from collections.abc import Sequence
from pathlib import Path

from trends.contest import Panel
from trends.pipeline.contest_panels import read_panel

Line = tuple[str, str, str, object]

TEN_ROWS: list[Line] = [
    ("Quiz", "Ada 1", "2024-01-05", 0.30),  # 1st of all: a point
    ("Quiz", "Bell 1", "2024-02-05", 0.20),  # 2nd: a point
    ("Quiz", "Curie 1", "2024-03-05", 0.10),  # 3rd: a point
    ("Quiz", "Dirac 1", "2024-04-05", 0.05),  # 4th: none
    ("Quiz", "Euler 1", "2024-05-05", 0.20),  # as good as the 2nd, so 3rd: a point
    ("Quiz", "Fermi 1", "2024-06-05", 0.20),  # three of .20 now, so 4th: none
    ("Quiz", "Gauss 1_high", "2024-07-05", 0.50),  # 1st: a point
    ("Quiz", "Gauss 1_low", "2024-07-05", 0.40),  # the same model on one day: none
    ("Quiz", "Hertz 1", "2025-02-05", 0.45),  # 2nd: a point, after the cut
    ("Quiz", "Ising 1", "2025-03-20", 0.60),  # 1st: a point, after the cut
]


def write(folder: Path, rows: Sequence[Line], **more: str) -> Path:
    """A long table with these rows; the same further cells in each."""
    file = folder / "panel.csv"
    with file.open("w", newline="") as text:
        writer = csv.writer(text)
        writer.writerow(["benchmark", "model", "release_date", "score", *more])
        writer.writerows([*row, *more.values()] for row in rows)
    return file


def panel_of(folder: Path, rows: Sequence[Line], **more: str) -> Panel:
    return read_panel(write(folder, rows, **more), None).panel
