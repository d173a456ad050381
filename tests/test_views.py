"""Views of one test: which lead, and which ids they share."""

import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from tests.conftest import CHECKOUT
from trends.registry import Registry, RegistryError, load_registry
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


def test_a_view_names_the_one_that_leads_and_no_other_view(tmp_path: Path) -> None:
    folder = tmp_path / "registry"
    shutil.copytree(CHECKOUT / "data" / "registry", folder)
    file = folder / "benchmarks.yaml"
    text = file.read_text()
    one, *_, other = VIEWS
    file.write_text(text.replace(f"view_of: {LEADING}", f"view_of: {other}", 1))
    with pytest.raises(RegistryError) as refused:
        load_registry(folder)
    assert (
        f"{one}.view_of: {other} is a view itself: name the one that leads "
        f"(got '{LEADING}')"
    ) in str(refused.value)
