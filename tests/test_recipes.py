"""docs/recipes.md: what analysts copy runs on a published run, and says something."""

import re
import subprocess
import sys

from tests.conftest import CHECKOUT
from trends.pipeline import PublishedRun
from trends.workspace import Workspace

RECIPES = CHECKOUT / "docs/recipes.md"

SAYS = {
    "The headline table, in polars": "METR time horizon (50% success)",
    "The open bars most likely to be crossed by the end of 2027": "p_by_end_2027",
    "Dates that compare, in pandas": "headlines have no median date",
    "How a whole ladder moves the date, in DuckDB": "pct95",
    "The scores behind a date": "scicode",
    "When would automated R&D come, by these bars?": "median_label",
}
"""What a recipe prints, among other things; each has one."""


def recipes() -> dict[str, str]:
    """The Python below each heading; what stands above all headings goes before it."""
    opening, *sections = RECIPES.read_text(encoding="utf-8").split("\n## ")
    blocks = re.compile(r"```python\n(.*?)```", re.DOTALL)
    found = {
        section.split("\n", 1)[0]: "\n".join(blocks.findall(section))
        for section in sections
    }
    return {"": "\n".join(blocks.findall(opening))} | {
        title: code for title, code in found.items() if code
    }


def test_every_recipe_runs_after_those_above_it_and_prints_what_it_is_for(
    shipped_run: PublishedRun, shipped_workspace: Workspace
) -> None:
    found = recipes()
    assert set(found) == {"", *SAYS}
    script = "\n".join(
        f"print('== {number}')\n{code}" for number, code in enumerate(found.values())
    )
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", script],
        cwd=shipped_workspace.root,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    printed = re.split(r"== \d+\n", done.stdout)[2:]
    for (title, words), text in zip(SAYS.items(), printed, strict=True):
        assert words in text, f"{title}: {text}"


def test_r_is_shown_with_columns_that_a_run_has(shipped_run: PublishedRun) -> None:
    [block] = re.findall(r"```r\n(.*?)```", RECIPES.read_text(), re.DOTALL)
    [columns] = re.findall(r"select\((.*?)\)", block)
    header = (shipped_run.path / "headline.csv").read_text().split("\n", 1)[0]
    assert set(columns.split(", ")) <= set(header.split(","))
