"""The JSON Schema of ``bars/<threshold>.<bar>.json``."""

import json

from trends.bars.models import BarPage

_DIALECT = "https://json-schema.org/draft/2020-12/schema"


def bar_schema() -> str:
    """The schema as a file's text."""
    schema = BarPage.model_json_schema(by_alias=True, mode="serialization")
    return json.dumps({"$schema": _DIALECT, **schema}, indent=2) + "\n"
