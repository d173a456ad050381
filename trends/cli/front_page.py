"""What README and method page show of the latest run and of the registry.

Run as a program it writes them: ``python -m trends.cli.front_page``.
"""

import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from trends.cli.method_page import METHOD, track_tables
from trends.cli.screens.headlines import as_markdown, latest_run, table_rows
from trends.outputs import read_table
from trends.registry import Registry, load_registry
from trends.report.charts import outlook, to_svg
from trends.tables import AUTOMATION, COMMON_PACE, REFERENCE_FORECASTS
from trends.words import answer_sentences, default_scenario, pace_sentence
from trends.workspace import Workspace

README: Final = "README.md"
PICTURE: Final = "docs/pictures/answer.svg"


def front_page(run: Path, readme: str) -> dict[str, bytes]:
    """README and its picture as they should be, by name.

    Args:
        run: folder of a run.
        readme: the README as it is; what stands between its marks is replaced.

    Raises:
        ValueError: the README lacks a mark, or the run has no answer.
    """
    tables = {
        table.name: read_table(run, table)
        for table in (AUTOMATION, REFERENCE_FORECASTS, COMMON_PACE)
    }
    automation = tables[AUTOMATION.name]
    answer = answer_sentences(automation, tables[REFERENCE_FORECASTS.name])
    if pace := pace_sentence(tables[COMMON_PACE.name]):
        answer.append(pace)
    default = default_scenario(automation).row(0, named=True)
    picture = outlook(tables)
    if picture is None:
        raise ValueError(f"scenario {default['scenario_id']} is not estimated")
    pieces = {
        "answer": f"As of {default['as_of']}: " + "\n\n".join(answer),
        "picture": f"![{picture.title}. The sentences above say the numbers.]({PICTURE})",
        "table": as_markdown(table_rows(run, by=None, headlines_only=True)),
    }
    for name, piece in pieces.items():
        readme = _between(readme, name, piece)
    return {README: readme.encode(), PICTURE: to_svg(picture)}


def method_page(registry: Registry, page: str) -> dict[str, bytes]:
    """The method page as it should be, by name.

    Args:
        registry: whose backtest and contest it shows.
        page: as it is; what stands between its marks is replaced.

    Raises:
        ValueError: it lacks a mark, or the registry lacks lessons or contest.
    """
    return {METHOD: _between(page, "track", track_tables(registry)).encode()}


def _between(text: str, name: str, piece: str) -> str:
    """The text with other words between ``<!-- name -->`` and ``<!-- /name -->``."""
    start, end = f"<!-- {name} -->\n", f"\n<!-- /{name} -->"
    marked = re.compile(f"{re.escape(start)}.*?{re.escape(end)}", re.DOTALL)
    if len(marked.findall(text)) != 1:
        raise ValueError(f"the page has not one pair of marks <!-- {name} -->")
    return marked.sub(lambda _: f"{start}{piece}{end}", text)


def main() -> None:
    """Write what is out of date, and say what it was."""
    workspace = Workspace.find()
    today = datetime.now(UTC).date()
    run = latest_run(workspace, today=today, say=print)
    readme, method = (
        (workspace.root / name).read_text(encoding="utf-8") for name in (README, METHOD)
    )
    shown = front_page(run, readme) | method_page(
        load_registry(workspace.registry), method
    )
    for name, content in shown.items():
        path = workspace.root / name
        if not path.exists() or path.read_bytes() != content:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
            print(f"written: {name}")


if __name__ == "__main__":
    main()
