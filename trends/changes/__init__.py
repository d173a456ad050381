"""What moved since the previous published vintage, and why.

A date, or the probability of never, moves because scores were added or revised, because a series was watched for
longer, because a threshold, the roster of benchmarks or the weights changed, or because
the code did. The move is split among these exactly, by re-running the forecast with some
inputs old and some new. ``trends.changes.attribution`` imports the statistics: import it
where a split is made.
"""

from trends.changes.inputs import REGISTRY_FILE, Inputs, InputsError, load_inputs
from trends.changes.since_before import compare_with_previous

__all__ = [
    "REGISTRY_FILE",
    "Inputs",
    "InputsError",
    "compare_with_previous",
    "load_inputs",
]
