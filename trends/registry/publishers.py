"""The table of publishers in data/README.md, from the registry.

Run ``python -m trends.registry.publishers`` after a change of ``sources.yaml`` or of a
count of rows.
"""

import re
from typing import Final

from trends.registry.contents import Registry
from trends.registry.load import load_registry
from trends.workspace import Workspace

_BETWEEN: Final = re.compile(
    r"(?<=<!-- publishers -->\n).*?(?=\n<!-- /publishers -->)", re.DOTALL
)


def publishers_table(registry: Registry) -> str:
    """How much is carried, and a row a publisher: its series, rows and licence.

    Args:
        registry: every benchmark of it counts its rows (``n_rows``).
    """
    rows = {key: one.n_rows or 0 for key, one in registry.benchmarks.items()}
    n_rows, n_publishers = sum(rows.values()), len(registry.sources)
    lines = [
        f"{len(rows)} series, {n_rows:,} rows, {n_publishers} publishers.",
        "",
        "| publisher | series | rows | citation | licence of its files | address |",
        "|---|---|---|---|---|---|",
    ]
    for source_id, source in registry.sources.items():
        restricted = "; **files restricted**" if source.reuse_restricted else ""
        cells = (
            f"{source.title} (`{source_id}`)",
            ", ".join(f"`{one}`" for one in source.benchmarks),
            str(sum(rows[one] for one in source.benchmarks)),
            source.citation,
            f"{source.licence}{restricted}",
            f"<{source.url}>",
        )
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


def with_publishers(readme: str, registry: Registry) -> str:
    """The text of data/README.md with the table as it should be."""
    table = publishers_table(registry)
    return _BETWEEN.sub(lambda _: table, readme)


if __name__ == "__main__":
    workspace = Workspace.find()
    path = workspace.registry.parent / "README.md"
    registry = load_registry(workspace.registry)
    path.write_text(with_publishers(path.read_text("utf-8"), registry), "utf-8")
