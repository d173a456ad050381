"""weights.yaml: written, read back, checked, and used by forecasts."""

import resource
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from tests.conftest import CHECKOUT
from trends.crossings.row_words import past_words
from trends.pipeline import BacktestRun, RequestError, write_coverage, write_weights
from trends.pipeline.parts import once
from trends.registry import Problem, RegistryError, Weights, check, load_registry
from trends.registry.models import TrendFamily
from trends.registry.weights import (
    DateInterval,
    LeadDependence,
    LevelBand,
    PublishedWidth,
    dump_weights,
)
from trends.workspace import Workspace


def _content(**changes: object) -> dict[str, Any]:
    def weights(scale: str, curve: str) -> list[dict[str, object]]:
        given = {"drift": 0.55, curve: 0.4, "quantile": 0.05}
        evidence = {"n_forecasts": 40, "n_families": 7}
        return [
            {"scale": scale, "trend": trend, "weight": weight, "stacked": 0.3}
            | evidence
            for trend, weight in given.items()
        ]

    entry: dict[str, Any] = {
        "schema_version": 1,
        "backtest_id": "0123456789ab",
        "inputs_sha256": "aa",
        "code_sha256": "bb",
        "first_origin": date(2024, 10, 1),
        "last_origin": date(2026, 6, 1),
        "ensemble": weights("bounded", "logistic")
        + weights("unbounded", "exponential"),
        "level_bands": [],
        "date_intervals": [
            {
                "scale": "bounded",
                "trend": "drift",
                "nominal": 0.8,
                "coverage": None,
                "came_before": 0.04,
                "n_forecasts": 695,
                "n_crossed": 158,
                "n_families": 15,
            }
        ],
        "drift_spread": [],
        "dependence": [
            {
                "lead_months": 6,
                "rho": 0.1,
                "low": 0.0,
                "high": 0.3,
                "n_origins": 18,
                "n_families": 20,
                "equally_likely": [0.02, 0.1, 0.25],
            }
        ],
    }
    return entry | changes


def _problems(workspace: Workspace) -> list[Problem]:
    found = check(workspace.registry)
    return [one for one in found if one.file.endswith("weights.yaml")]


def test_what_is_written_is_read_back(workspace: Workspace) -> None:
    weights = Weights.model_validate(_content())
    (workspace.registry / "weights.yaml").write_text(dump_weights(weights))
    assert load_registry(workspace.registry).weights == weights


def test_weights_that_cannot_be_written_leave_the_old_ones(
    workspace: Workspace,
) -> None:
    """As on a full disk, half way through the file."""
    weights = Weights.model_validate(_content())
    made = once(
        workspace.backtests / "made",
        lambda: {"weights.json": weights.model_dump(mode="json")},
        root=workspace.results,
    )
    run, path = BacktestRun("made", made), workspace.registry / "weights.yaml"
    before, files = path.read_bytes(), set(workspace.registry.iterdir())
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100, hard))
    try:
        with pytest.raises(OSError, match="File too large"):
            write_weights(run, workspace)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert path.read_bytes() == before
    assert set(workspace.registry.iterdir()) == files
    assert write_weights(run, workspace) == path
    assert path.read_text() == dump_weights(weights)


@pytest.mark.parametrize(("drift", "is_refused"), [(1.4, False), (1.0, True)])
def test_coverage_is_written_if_the_drift_was_as_wide_as_it_is_published(
    workspace: Workspace, drift: float, *, is_refused: bool
) -> None:
    """Records have no factor, so that theirs agrees with any weights."""
    spread = {"scale": "bounded", "factor": 1.4, "best": 1.5, "low": 1.2, "high": 1.6}
    spread |= {"n_forecasts": 40, "n_families": 7}
    weights = Weights.model_validate(_content(drift_spread=[spread]))
    path = workspace.registry / "weights.yaml"
    path.write_text(dump_weights(weights))
    [row] = _content()["date_intervals"]
    measured: dict[str, object] = {
        "backtest_id": "ba9876543210",
        "first_origin": "2024-10-01",
        "last_origin": "2026-06-01",
        "date_intervals": [
            row | {"trend": "records"},
            row | {"sigma_factor": drift},
        ],
    }
    made = once(
        workspace.backtests / "made",
        lambda: {"published_width.json": measured},
        root=workspace.results,
    )
    run = BacktestRun("made", made)
    if is_refused:
        with pytest.raises(RequestError, match="under other weights"):
            write_coverage(run, workspace)
        assert path.read_text() == dump_weights(weights)
        return
    assert write_coverage(run, workspace) == path
    written = load_registry(workspace.registry).weights
    wide = PublishedWidth.model_validate(measured)
    assert written == weights.model_copy(update={"published_width": wide})


def test_the_shipped_weights_are_read_and_name_their_backtest() -> None:
    weights = load_registry(Workspace(CHECKOUT).registry).weights
    assert weights is not None
    assert weights.dependence[0].lead_months == 3
    for scale in ("bounded", "unbounded"):
        given = [one.weight for one in weights.ensemble if one.scale == scale]
        assert min(given) >= 0.05
        assert sum(given) == pytest.approx(1.0)


def test_a_registry_without_weights_is_a_registry(workspace: Workspace) -> None:
    (workspace.registry / "weights.yaml").unlink()
    assert load_registry(workspace.registry).weights is None


def test_weights_are_part_of_what_a_run_depends_on(workspace: Workspace) -> None:
    before = load_registry(workspace.registry).content_sha256
    weights = Weights.model_validate(_content())
    (workspace.registry / "weights.yaml").write_text(dump_weights(weights))
    assert load_registry(workspace.registry).content_sha256 != before


@pytest.mark.parametrize(
    ("family", "weight", "words"),
    [
        (2, 0.04, "greater than or equal to"),
        (1, 0.5, "sum to 1.1"),
        (0, 0.6, "sum to 1.05"),
    ],
)
def test_weights_under_the_floor_or_off_the_sum_are_refused(
    family: int, weight: float, words: str
) -> None:
    content = _content()
    content["ensemble"][family]["weight"] = weight
    with pytest.raises(ValidationError, match=words):
        Weights.model_validate(content)


def test_an_ensemble_that_lacks_a_family_is_refused() -> None:
    content = _content()
    with pytest.raises(ValidationError, match="each once"):
        Weights.model_validate(content | {"ensemble": content["ensemble"][1:]})


def test_a_misspelt_file_names_its_place(workspace: Workspace) -> None:
    path = workspace.registry / "weights.yaml"
    path.write_text(path.read_text().replace("trend: drift", "trend: drfit", 1))
    assert _problems(workspace)
    with pytest.raises(RegistryError, match=r"weights\.yaml"):
        load_registry(workspace.registry)


@pytest.mark.parametrize(
    ("coverage", "before", "words"),
    [
        (0.65, 0.2, "held 65% of past dates, short of what they say"),
        (0.83, 0.1, "held 83% of past dates (9 dates that came in 4 families)"),
        (None, 0.04, "held at most 96% of past dates: no bar was watched"),
        (None, 0.69, "held at most 31% of past dates, short of what they say"),
        (None, None, "no bar was watched as far as into its 80% intervals"),
    ],
)
def test_a_row_says_how_such_intervals_did(
    coverage: float | None, before: float | None, words: str
) -> None:
    past = DateInterval(
        scale="bounded",
        trend=TrendFamily.DRIFT,
        nominal=0.8,
        coverage=coverage,
        came_before=before,
        n_forecasts=30,
        n_crossed=9,
        n_families=4,
    )
    assert words in past_words(past)


@pytest.mark.parametrize(
    ("left_out", "usable"), [(0.84, 0.7), (0.94, None), (0.7, None), (None, None)]
)
def test_a_rescaled_band_is_used_where_it_held_of_families_left_out(
    left_out: float | None, usable: float | None
) -> None:
    band = LevelBand(
        scale="bounded",
        trend=TrendFamily.DRIFT,
        nominal=0.8,
        central_level=0.7,
        coverage=0.9,
        coverage_left_out=left_out,
        n_forecasts=30,
        n_families=6,
    )
    assert band.usable_level == usable


@pytest.mark.parametrize(
    ("likely", "words"), [([0.3, 0.1], "do not rise"), ([0.1], "as many")]
)
def test_values_of_rho_rise_and_are_as_many_at_every_lead_time(
    likely: list[float], words: str
) -> None:
    lead = _content()["dependence"][0] | {"equally_likely": [0.1, 0.2]}
    other = lead | {"lead_months": 12, "equally_likely": likely}
    with pytest.raises(ValidationError, match=words):
        Weights.model_validate(_content(dependence=[lead, other]))


def test_dependence_has_the_keys_that_scenarios_read() -> None:
    assert list(LeadDependence.model_fields)[:4] == [
        "lead_months",
        "rho",
        "low",
        "high",
    ]


def test_no_path_of_a_machine_is_in_the_file() -> None:
    text = (CHECKOUT / "data" / "registry" / "weights.yaml").read_text()
    assert str(Path.home()) not in text
