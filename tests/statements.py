"""Invented statements of others, and answers of ours beside them."""

import csv
from datetime import date
from pathlib import Path

import numpy as np
import pytest

from trends.automation.cases import Case
from trends.automation.dependence import Rho
from trends.crossings.answers import Answer, Estimated
from trends.crossings.distribution import CrossingDistribution
from trends.registry import load_registry
from trends.registry.scenarios import ReferenceForecast, Scenario
from trends.tables import AUTOMATION
from trends.workspace import Workspace

CHECKOUT = Path(__file__).parent.parent
SHARED = CHECKOUT.parent / "shared"
REGISTRY = load_registry(Workspace(CHECKOUT).registry)
AS_OF = date(2026, 11, 22)
START = date(2026, 5, 1)
NOTHING_REPLAYED = AUTOMATION.frame([])

needs_shared = pytest.mark.skipif(
    not (SHARED / "figures").is_dir(), reason="the facts to carry over are not here"
)


def facts(name: str, folder: str = "figures") -> list[dict[str, str]]:
    with (SHARED / folder / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def answer(*, never: float = 0.0) -> Estimated:
    """Uniform over 1000 days from START, short of 1 by never; 4000 days long."""
    days = np.arange(4001)
    cdf = (1 - never) * np.clip(days / 1000, 0, 1)
    return Estimated(CrossingDistribution.exact(START, cdf, p_never=never), "made up")


def day(number: int) -> date:
    return date.fromordinal(START.toordinal() + number)


def case(of: Answer) -> Case:
    entry = Scenario.model_validate(
        {
            "title": "Test",
            "statement": "Test",
            "every_headline_bar": True,
            "no_gap_because": "made up",
        }
    )
    return Case("bars", entry, "independent", Rho(0.0), "none", of, (), day(4000))


def reference(**changes: object) -> ReferenceForecast:
    entry: dict[str, object] = {
        "forecaster": "Somebody",
        "date_made": "2026-05",
        "event": "Automated R&D",
        "operationalisation": "All of it.",
        "kind": "probability_by_date",
        "source": "https://example.org/",
        "retrieved_as": "primary",
        "reads_as": {"by": day(600), "probability": 0.25},
        "compared_with": "bars",
    }
    return ReferenceForecast.model_validate(entry | changes)
