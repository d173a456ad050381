"""The rule under which words stand in the place of a date, and whom it hits."""

import shutil
from datetime import date
from pathlib import Path

import pytest
from pydantic import ValidationError

from tests.suite_rows import WORKSPACE
from trends.registry import Registry, RegistryError, load_registry
from trends.registry.models import TrendFamily
from trends.registry.weights import DateInterval
from trends.registry.withholding import Withholding

RULE = Withholding(
    schema_version=1,
    owner="@org/forecasting",
    reason="Invented.",
    held_under=0.5,
    min_dates=20,
    min_origins=12,
    min_families=3,
)


def past(**cells: object) -> DateInterval:
    """A kind of interval that held 31% of what it says it holds 80% of."""
    known = {
        "scale": "unbounded",
        "trend": TrendFamily.DRIFT,
        "nominal": 0.8,
        "coverage": 0.31,
        "came_before": 0.4,
        "n_forecasts": 90,
        "n_crossed": 20,
        "n_families": 3,
        "n_origins": 12,
        "sigma_factor": 1.4,
    }
    return DateInterval.model_validate(known | cells)


def test_the_words_say_what_was_promised_and_what_was_held() -> None:
    assert RULE.words(past()) == (
        "withheld: intervals of this kind held 31% of 80 in the backtest"
    )
    assert RULE.words(past(family="one", n_families=1)) == (
        "withheld: intervals of this benchmark held 31% of 80 in the backtest"
    )
    assert RULE.words(past(coverage=None, came_before=0.55)) == (
        "withheld: intervals of this kind held at most 45% of 80 in the backtest"
    )


@pytest.mark.parametrize(
    "cells",
    [
        {"coverage": 0.5},
        {"coverage": None, "came_before": 0.5},
        {"coverage": None, "came_before": None},
        {"n_crossed": 19},
        {"n_origins": 11},
        {"n_origins": None},
        {"n_families": 2},
    ],
    ids=str,
)
def test_what_held_enough_or_is_not_known_well_is_not_withheld(
    cells: dict[str, object],
) -> None:
    assert RULE.words(past(**cells)) is None


def test_a_kind_without_a_past_is_not_withheld() -> None:
    assert RULE.words(None) is None


def test_a_share_in_percent_is_refused() -> None:
    with pytest.raises(ValidationError):
        Withholding.model_validate(RULE.model_dump() | {"held_under": 50})


@pytest.fixture(scope="module")
def registry() -> Registry:
    return load_registry(WORKSPACE.registry)


def test_the_registry_states_the_rule_and_what_was_measured(registry: Registry) -> None:
    assert registry.withholding is not None
    assert registry.weights is not None
    measured = registry.weights.published_width
    assert measured is not None
    assert measured.first_origin < measured.last_origin < date(2026, 11, 26)
    for one in measured.date_intervals:
        is_drift = one.trend is TrendFamily.DRIFT
        factor = registry.weights.sigma_factor(one.scale) if is_drift else 1.0
        assert one.sigma_factor == factor


def test_a_familys_own_past_counts_before_that_of_its_kind(registry: Registry) -> None:
    weights = registry.weights
    assert weights is not None

    own = weights.date_interval("unbounded", TrendFamily.DRIFT, "metr_time_horizon")
    of_kind = weights.date_interval("unbounded", TrendFamily.DRIFT, "of_nobody")
    assert own is not None
    assert of_kind is not None
    assert (own.family, of_kind.family) == ("metr_time_horizon", None)
    assert own.n_crossed < of_kind.n_crossed


def test_the_rule_hits_nobody_today(registry: Registry) -> None:
    """Said of the rule in the changelog; where it begins to hit, say whom there."""
    rule, weights = registry.withholding, registry.weights
    assert rule is not None
    assert weights is not None
    assert weights.published_width is not None
    rows = [*weights.date_intervals, *weights.published_width.date_intervals]
    assert [one for one in rows if rule.words(one) is not None] == []


def test_a_rule_that_cannot_be_read_stops_the_registry(tmp_path: Path) -> None:
    folder = tmp_path / "data" / "registry"
    shutil.copytree(WORKSPACE.registry, folder)
    path = folder / "withholding.yaml"
    path.write_text(path.read_text().replace("held_under: 0.5", "held_under: 50"))

    with pytest.raises(RegistryError, match=r"withholding.yaml:\d+:13: held_under"):
        load_registry(folder)
