"""How a vintage is cited, after the Citation File Format 1.2.0."""

import json
from datetime import date


def citation_cff(*, as_of: date, run_id: str, contract_version: str) -> bytes:
    """CITATION.cff of one vintage: a data set of its own."""
    facts = {
        "cff-version": "1.2.0",
        "message": "If you use these forecasts, please cite the vintage and the run.",
        "type": "dataset",
        "title": f"benchmark-trends, vintage {as_of}, run {run_id}",
        "version": f"{as_of}, run {run_id}, output contract {contract_version}",
        "date-released": str(as_of),
        "license": "Apache-2.0",
    }
    # JSON strings are YAML
    lines = [f"{name}: {json.dumps(value)}\n" for name, value in facts.items()]
    return f'{"".join(lines)}authors:\n  - name: "The benchmark-trends team"\n'.encode()
