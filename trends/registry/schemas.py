"""JSON Schemas of the registry files, so that editors help while one types.

Run ``python -m trends.registry.schemas`` after a change of ``trends.registry.models``.
"""

import json
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter

from trends.registry.load import SHAPES
from trends.workspace import Workspace

_DIALECT = "https://json-schema.org/draft/2020-12/schema"


def schema_files() -> dict[str, str]:
    """Text of every schema by file name."""
    return {f"{kind}.schema.json": _schema(shape) for kind, shape in SHAPES.items()}


def write_schemas(folder: Path) -> None:
    """Write every schema into ``folder``, which is ``data/registry/schemas``."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in schema_files().items():
        (folder / name).write_text(text, encoding="utf-8")


def _schema(shape: Any) -> str:
    schema = TypeAdapter(shape).json_schema()
    if "patternProperties" in schema:
        schema["additionalProperties"] = False
    return json.dumps({"$schema": _DIALECT, **schema}, indent=2) + "\n"


if __name__ == "__main__":
    write_schemas(Workspace.find().registry / "schemas")
