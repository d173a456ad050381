"""Views of one test: which lead, and which ids they share."""

from dataclasses import replace

import pytest

from tests.conftest import CHECKOUT
from trends.registry import Registry, load_registry
from trends.registry.models import SeriesRule
from trends.registry.series import select_series

LEADING = "swe_bench_verified_developer_reported"
VIEWS = [
    "swe_bench_verified",
    "swe_bench_verified_mini_agent",
    "swe_bench_verified_epoch",
]


@pytest.fixture(scope="module")
def registry() -> Registry:
    return load_registry(CHECKOUT / "data" / "registry")


@pytest.mark.parametrize("benchmark_id", [LEADING, *VIEWS])
def test_views_of_one_test_share_its_id(benchmark_id: str, registry: Registry) -> None:
    series = select_series(SeriesRule(benchmark=benchmark_id), registry)
    assert series.test_id == LEADING
    assert (series.lead is None) == (benchmark_id == LEADING)


def test_a_view_without_its_lead_speaks_for_itself(registry: Registry) -> None:
    """An older roster mixed with newer entries may lack it."""
    (view, *_) = VIEWS
    fewer = {key: one for key, one in registry.benchmarks.items() if key != LEADING}
    mixed = replace(registry, benchmarks=fewer)
    series = select_series(SeriesRule(benchmark=view), mixed)
    assert series.test_id == view
    assert series.lead is None
