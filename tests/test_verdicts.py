"""How past forecasts did, in one sentence that claims no more than came due."""

from datetime import date
from typing import Any

import pytest
from rich.cells import cell_len

from tests.conftest import CHECKOUT
from trends.cli.screens.scorecard import print_scorecard
from trends.registry import load_registry
from trends.tables import BACKTEST_SCORES
from trends.words import backtest_verdict, record_verdict

Row = dict[str, Any]


def odds(lead: int, *, due: int, not_due: int, **cells: object) -> Row:
    """A row of Record.probabilities."""
    return {
        "kind": "live",
        "cut_on": "reported_on",
        "lead_months": lead,
        "n_due": due,
        "n_not_due": not_due,
        "next_by_date": date(2027, lead, 22),
        **cells,
    }


def test_an_empty_ledger_is_one_sentence() -> None:
    assert record_verdict("live", []) == (
        "No live forecasts (recorded when they were made) are in the ledger yet."
    )


def test_of_what_is_not_due_the_first_day_is_named() -> None:
    rows = [odds(6, due=0, not_due=7), odds(3, due=0, not_due=5)]
    assert record_verdict("live", rows) == (
        "Of 12 probabilities of live forecasts (recorded when they were made) none is "
        "due yet; the first are about 2027-03-22."
    )


def test_what_came_due_is_averaged_over_all_that_did() -> None:
    due = odds(
        3,
        due=30,
        not_due=10,
        mean_p_crossed=0.2,
        share_crossed=0.1,
        brier=0.05,
        brier_no_change=0.1,
        minus_no_change_lo95=-0.09,
        minus_no_change_hi95=-0.01,
    )
    late = due | {
        "lead_months": 6,
        "n_due": 10,
        "mean_p_crossed": 0.6,
        "share_crossed": 0.5,
        "brier": 0.25,
        "brier_no_change": 0.5,
        "minus_no_change_lo95": None,
        "minus_no_change_hi95": None,
    }
    # said (30 * 0.2 + 10 * 0.6) / 40, came (30 * 0.1 + 10 * 0.5) / 40,
    # Brier (30 * 0.05 + 10 * 0.25) / 40 against (30 * 0.1 + 10 * 0.5) / 40
    assert record_verdict("live", [due, late, odds(9, due=0, not_due=5)]) == (
        "Of 65 probabilities of live forecasts (recorded when they were made) 40 came "
        "due: on average they said 30%, and 20% came; their Brier score is 10.0 in "
        "1/100, 10.0 less than that of no change, more than chance explains in 1 of 2 "
        "groups below."
    )


def score(**cells: object) -> Row:
    return {
        "target": "level",
        "cut_on": "reported_on",
        "scale": "bounded",
        "moved_by": "models",
        "metric": "crps_score",
        "lead_months": 3,
        "forecaster": "records",
        "compared_with": "no_change",
        "n_forecasts": 40,
        "n_series": 12,
        "n_families": 7,
        "n_origins": 9,
        "n_effective_origins": 4.5,
        "mean_score": 0.055,
        "family_mean_score": 0.055,
        "mean_score_compared": 0.08,
        "difference": -0.025,
        "difference_low": -0.038,
        "difference_high": -0.012,
        "interval_over": "families",
        "backtest_id": "0123456789ab",
        **cells,
    }


def held(share: float, **cells: object) -> Row:
    own = {"metric": "covered80", "compared_with": None, "family_mean_score": share}
    return score(**{**own, **cells})


def test_the_backtest_is_judged_at_its_first_lead_time_out_of_sample() -> None:
    rows = [
        score(),
        held(0.88),
        score(lead_months=6, difference=0.01),
        score(cut_on="release_date", difference=-0.5),
        held(0.2, scale="unbounded"),
        score(forecaster="drift", difference=-0.7),
        held(0.3, forecaster="drift"),
    ]
    assert backtest_verdict(BACKTEST_SCORES.frame(rows)) == (
        "3 months ahead, out of sample, the error of records on bounded scores (CRPS) "
        "is 5.5 points, 2.5 less than that of no change (95% interval -3.8 to -1.2; 7 "
        "families); its 80% intervals held 88%."
    )


def test_an_unbounded_interval_and_a_loss_are_said() -> None:
    row = score(difference=0.02, difference_low=None, difference_high=None)
    said = backtest_verdict(BACKTEST_SCORES.frame([row]))
    assert "2.0 more than that of no change (its interval is unbounded; " in said
    assert backtest_verdict(BACKTEST_SCORES.frame([])).startswith("Nothing came due")


@pytest.mark.parametrize("width", [60, 80, 120])
def test_a_scorecard_fits_the_screen(
    width: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("COLUMNS", str(width))
    monkeypatch.setenv("NO_COLOR", "1")
    rows = [
        score(),
        score(forecaster="ensemble", interval_over="origins"),
        *(
            held(0.8, metric=metric)
            for metric in ("covered50", "covered80", "covered90", "pit")
        ),
    ]
    weights = load_registry(CHECKOUT / "data" / "registry").weights
    assert weights is not None
    print_scorecard(BACKTEST_SCORES.frame(rows), weights)
    said = capsys.readouterr().out.splitlines()
    assert said[0].startswith("3 months ahead, out of sample, the error of records")
    assert [line for line in said if cell_len(line) > width] == []
    assert any("-2.50 [-3.80, -1.20]" in line for line in said)
