"""What the forms of this project ask, and the refusal of what they do not.

Airflow checks a value against the parameter's schema before it makes a run, by form
and by API alike. What a schema cannot say (a day after today, two answers that do not
go together) is refused by the first task, and so is a key that no form has.

Whatever has no section stands open in Airflow's form; ADVANCED starts folded away.
Read at every parse: no YAML is parsed and nothing heavy is imported.
"""

import re
from collections.abc import Iterable
from datetime import date
from typing import Any, Final

from airflow.sdk import Param, get_current_context

from trends import defaults
from trends.workspace import Workspace

ADVANCED: Final = "Advanced"
"""The one section of every form."""

TRENDS: Final = (
    "records",
    "drift",
    "logistic",
    "logistic3",
    "exponential",
    "quantile",
    "ensemble",
)
"""As in the tables, which take too long to import for a file that is parsed often."""

_ENTRY: Final = re.compile(
    r"""^["']?([a-z0-9]+(?:_[a-z0-9]+)*)["']?\s*:""", re.MULTILINE
)
"""A key that starts its line, as ids do in the registry's files."""


_RETIRED: Final = re.compile(
    r"""^["']?status["']?\s*:\s*["']?retired\b""", re.MULTILINE
)
"""What the file of a threshold says that no run forecasts any more."""


def known_thresholds() -> list[str]:
    """Ids of all thresholds that can be forecast: the names of their files."""
    folder = Workspace.find().registry / "thresholds"
    return sorted(
        file.stem
        for file in folder.glob("*.yaml")
        if not _RETIRED.search(file.read_text(encoding="utf-8", errors="replace"))
    )


def known_sources() -> list[str]:
    """Ids of all sources, in the order of their file."""
    file = Workspace.find().registry / "sources.yaml"
    return _ENTRY.findall(file.read_text(encoding="utf-8")) if file.exists() else []


def as_of_param(*, empty: str) -> Param:
    """The day that a forecast is made for; ``empty`` says which where none is given."""
    return Param(
        None,
        title="As of",
        description="Use only what was public on this day; UTC, not after today. "
        f"Empty: {empty}. Airflow's own Logical Date and Data Interval decide nothing "
        "here: leave them as they are (a Logical Date to come is refused).",
        type=["null", "string"],
        format="date",
    )


def one_of(known: Iterable[str], **words: Any) -> Param:
    """A picker of one id, which must be chosen."""
    return Param(type="string", **_choices("enum", known), **words)


def one_or_none_of(known: Iterable[str], *, none: str, **words: Any) -> Param:
    """A picker of one id; None is shown as ``none``."""
    return Param(
        None,
        type=["null", "string"],
        enum=[None, *known],
        values_display={"null": none},
        section=ADVANCED,
        **words,
    )


def some_of(known: Iterable[str], **words: Any) -> Param:
    """A picker of any number of ids; None is no choice."""
    known = list(known)
    return Param(
        None,
        type=["null", "array"],
        items={"type": "string", **_choices("enum", known)},
        uniqueItems=True,
        **_choices("examples", known),  # with them the form is a picker
        section=ADVANCED,
        **words,
    )


def draw_params(*, draws: int) -> dict[str, Param]:
    """How many random draws and from which seed."""
    return {
        "draws": Param(
            draws,
            title="Draws",
            description="Parameter draws of each line fit; fewer is faster and coarser.",
            type="integer",
            minimum=defaults.MIN_DRAWS,
            maximum=defaults.MAX_DRAWS,
            section=ADVANCED,
        ),
        "seed": Param(
            defaults.SEED,
            title="Seed",
            description="The same seed and inputs give the same bytes.",
            type="integer",
            minimum=0,
            maximum=defaults.MAX_SEED,
            section=ADVANCED,
        ),
    }


def answers() -> dict[str, Any]:
    """What the run was asked, in the types that the stages take.

    Numbers without a fraction are ints (JSON takes 4000.0 for an integer), and lists
    are sorted tuples, so that the order of clicks makes no other run.

    Raises:
        RequestError: the run's conf has a key that the DAG does not declare.
    """
    reject_unknown_conf()
    context = get_current_context()
    return {name: _plain(value) for name, value in context["params"].items()}


def day_of_run() -> date:
    """UTC day on which the current run was due; a retry after midnight keeps it."""
    return get_current_context()["dag_run"].run_after.date()


def reject_unknown_conf() -> None:
    """Refuse a run configured with a key that the DAG does not declare.

    Airflow accepts such keys as new parameters that nobody reads: a misspelt
    ``as_off`` would quietly forecast from today.
    """
    context = get_current_context()
    declared = list(context["dag"].params)
    if unknown := sorted(set(context["dag_run"].conf or {}) - set(declared)):
        from trends.pipeline import RequestError

        raise RequestError(
            f"unknown parameter {', '.join(unknown)} in the run's conf; "
            f"this DAG knows {', '.join(declared) or 'none'}. Nothing was run: "
            "correct the conf and trigger again."
        )


def _choices(keyword: str, known: Iterable[str]) -> dict[str, Any]:
    """Nothing where nothing is known: an empty list of choices refuses everything."""
    found = list(known)
    return {keyword: found} if found else {}


def _plain(value: Any) -> Any:
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return tuple(sorted(value)) if isinstance(value, list) else value
