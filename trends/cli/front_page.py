"""What the project's README shows of the latest run: answer, picture and table.

Run as a program it writes them: ``python -m trends.cli.front_page``.
"""

import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from trends.cli.screens.headlines import as_markdown, latest_run, table_rows
from trends.outputs import read_table
from trends.report.charts import outlook, to_svg
from trends.tables import AUTOMATION, COMMON_PACE, REFERENCE_FORECASTS
from trends.words import answer_sentences, default_scenario, pace_sentence
from trends.workspace import Workspace

README: Final = "README.md"
PICTURE: Final = "docs/pictures/answer.svg"


def front_page(run: Path, readme: str) -> dict[str, bytes]:
    """Files of the checkout as they should be, by name.

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


def _between(text: str, name: str, piece: str) -> str:
    """The text with other words between ``<!-- name -->`` and ``<!-- /name -->``."""
    start, end = f"<!-- {name} -->\n", f"\n<!-- /{name} -->"
    marked = re.compile(f"{re.escape(start)}.*?{re.escape(end)}", re.DOTALL)
    if len(marked.findall(text)) != 1:
        raise ValueError(f"README.md has not one pair of marks <!-- {name} -->")
    return marked.sub(lambda _: f"{start}{piece}{end}", text)


def main() -> None:
    """Write what is out of date, and say what it was."""
    workspace = Workspace.find()
    today = datetime.now(UTC).date()
    run = latest_run(workspace, today=today, say=print)
    readme = (workspace.root / README).read_text(encoding="utf-8")
    for name, content in front_page(run, readme).items():
        path = workspace.root / name
        if not path.exists() or path.read_bytes() != content:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
            print(f"written: {name}")


if __name__ == "__main__":
    main()
