"""python -m trends.bars > docs/schemas/bar.schema.json."""

import sys

from trends.bars.schema import bar_schema

sys.stdout.write(bar_schema())
