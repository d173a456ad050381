"""Every known way to be wrong with these statistics has a test that fails on it.

``TRAPS`` maps each trap to its tests, here or elsewhere; a test holds the map to what
exists. Traps of statsmodels are those of version 0.15, shown here where that is cheap.
"""

import ast
import warnings
from datetime import date, timedelta
from pathlib import Path
from typing import Final

import numpy as np
import polars as pl
import pytest
import statsmodels.api as sm
from statsmodels.othermod.betareg import BetaModel
from statsmodels.tools.sm_exceptions import PerfectSeparationWarning, ValueWarning

from tests.conftest import CHECKOUT
from tests.figures import benchmark, scores, series
from trends.crossings.answers import Estimated
from trends.crossings.distribution import CrossingDistribution
from trends.crossings.first_passage import first_passage_cdf
from trends.dates import DAYS_PER_YEAR
from trends.fits.lines import fit_straight_lines
from trends.fits.links import Floats
from trends.fits.regression import fit_line
from trends.outputs import read_table
from trends.pipeline import PublishedRun
from trends.registry.models import TrendFamily
from trends.tables import CROSSING_QUANTILES, CROSSING_SUMMARY
from trends.words import CAVEAT

HERE: Final = "test_statistical_traps"
BARS: Final = "test_crossings"
LINES: Final = "test_line_crossing"
ONLY_WLS: Final = f"{HERE}::test_of_statsmodels_only_weighted_least_squares_is_used"

TRAPS: Final[dict[str, tuple[str, ...]]] = {
    # statsmodels
    'fit(scale="X2") on two-column Binomial': (
        f"{HERE}::test_trap_the_scale_of_a_two_column_binomial_is_too_small",
        ONLY_WLS,
    ),
    "weights= ignored by GLM, QuantReg, OLS and BetaModel": (
        f"{HERE}::test_trap_weights_of_the_wrong_class_are_ignored",
        f"{HERE}::test_weights_are_heard",
        "test_regression::test_the_line_is_that_of_statsmodels_with_the_same_weights",
    ),
    "each proportion taken for one trial": (
        f"{HERE}::test_trap_a_proportion_is_taken_for_one_trial",
        f"{HERE}::test_more_items_make_a_surer_fit",
    ),
    "GLM's HC0, HC1 and HC3 are one": (
        f"{HERE}::test_trap_robust_errors_of_a_glm_are_all_hc0",
        ONLY_WLS,
    ),
    "BetaModel rejects 0 and 1 and fails on ordinal dates": (
        f"{HERE}::test_trap_a_beta_regression_rejects_0_and_1",
        f"{HERE}::test_scores_of_0_and_1_are_fitted_and_time_is_centred",
        ONLY_WLS,
    ),
    "QuantReg's standard error is NaN for few points": (
        "test_kernels::test_resampling_gives_the_error_that_quantreg_cannot",
        ONLY_WLS,
    ),
    "WLS.get_prediction assumes weight 1": (
        f"{HERE}::test_trap_a_prediction_takes_every_new_weight_for_1",
        ONLY_WLS,
    ),
    "perfect separation reports converged=True": (
        f"{HERE}::test_trap_perfect_separation_says_that_it_converged",
        f"{HERE}::test_a_leap_from_nothing_to_everything_has_a_finite_vague_slope",
    ),
    "weighted_interval_score of scoringrules is wrong on numpy": (
        "test_scoring::test_weighted_interval_score_of_a_met_median_is_the_formula_s",
    ),
    # ways to be embarrassed
    "a point date": (
        "test_crossing_laws::test_a_quantile_beyond_the_mass_is_never_or_late_but_no_date",
        "test_readers::test_a_row_without_dates_says_why_and_keeps_its_masses",
        f"{HERE}::test_every_published_date_comes_with_its_distribution",
    ),
    '"never" silently dropped': (
        f"{LINES}::test_draws_with_no_growth_are_kept_as_never",
        "test_families::test_lines_that_do_not_grow_are_asked_too",
        "test_families::test_draws_that_fixed_no_line_or_are_past_the_bar_are_published",
        "test_crossing_laws::test_masses_sum_to_one_whatever_the_distribution_reaches",
        "test_first_passage::test_never_is_the_average_over_falling_drifts",
        "test_pipeline::test_masses_sum_to_one_or_are_unknown",
    ),
    "a confidence band sold as a prediction interval": (
        f"{HERE}::test_the_date_of_a_first_record_is_wide_though_its_drift_be_known",
        f"{HERE}::test_a_row_says_whether_a_line_or_a_record_reaches_the_bar",
        "test_first_passage::test_simulated_walks_cross_as_often_as_the_law_says",
    ),
    "a slope of records taken for a slope of releases": (
        (
            "test_quantile::"
            "test_records_rise_too_steeply_and_the_quantile_of_all_releases_does_not"
        ),
    ),
    "sampling error as the whole error": (
        "test_regression::test_simulated_lines_are_recovered_and_covered",
        f"{HERE}::test_scatter_between_releases_widens_what_items_alone_would_say",
    ),
    "bootstrapping a fixed record set": (
        "test_redraws::test_records_are_selected_again_in_every_draw",
        "test_kernel_draws::test_records_are_selected_again_in_every_draw",
        "test_kernel_draws::test_every_layer_draws_what_numpy_draws",
    ),
    "windowing before selecting records": (
        "test_kernel_draws::test_the_window_comes_after_the_records",
        "test_lines::test_metrs_recipe_applies_the_window_after_selecting_records",
    ),
    "a ceiling ignored": (
        "test_lines::test_a_logistic_is_fitted_under_each_possible_ceiling",
        f"{BARS}::test_a_bar_above_half_the_ceilings_is_never_crossed_in_their_share",
        "test_data::test_every_bounded_series_has_an_uncertain_ceiling_that_may_be_1",
    ),
    "silence of a suite whose best scores are out of its range": (
        (
            "test_censoring::"
            "test_a_value_out_of_range_is_left_out_or_a_bound_as_the_view_says"
        ),
        "test_suites::test_a_range_that_the_registry_does_not_know_to_be_passed_is_found_out",
    ),
    "a ceiling treated as a hard cap": (
        "test_ceilings::test_a_ceiling_just_below_the_best_score_may_be_noise_and_stays",
        "test_ceilings::test_where_the_record_rules_out_every_ceiling_what_is_left_is_one",
        "test_ceilings::test_no_bar_stands_on_an_atom",
    ),
    "a date that an epsilon sets": (
        "test_ceilings::test_no_bar_stands_on_an_atom",
        "test_ceilings_shown::test_no_clip_decides_where_a_headline_stands",
    ),
    '"never" read off the prior': (
        "test_ceilings::test_a_plateau_speaks_for_a_ceiling_and_a_steady_rise_against_it",
        "test_ceilings_shown::test_never_is_no_sum_of_prior_weights",
    ),
    "a break announced at the date searched for": (
        "test_breaks::test_records_without_a_break_are_rarely_called_broken",
        "test_breaks::test_a_break_is_reported_and_no_window_follows_from_it",
    ),
    "mixing harnesses, versions and subsets": (
        "test_frontier::test_series_are_never_mixed",
        "test_frontier::test_a_view_keeps_one_harness_and_its_reporters",
        "test_data::test_views_and_versions_of_one_benchmark_share_a_family",
        "test_registry_rules::test_two_harnesses_may_not_share_a_series_id",
    ),
    "mixing units": (
        "test_drift::test_each_scale_has_a_variance_of_its_own",
        "test_observations::test_percent_become_the_fraction_that_is_written_so",
        "test_suites::test_a_score_of_130_percent_is_quarantined_in_words",
        "test_drift::test_logits_and_logarithms_are_never_pooled",
    ),
    "the past seen with figures of today": (
        "test_frontier::test_as_of_cuts_on_the_day_the_score_became_known",
        "test_pipeline::test_a_past_as_of_sees_only_what_was_known",
        "test_data::test_series_whose_figures_came_late_and_all_at_once_are_marked",
    ),
    '"crosses our bar" taken for "R&D is automated"': (
        f"{HERE}::test_every_place_that_shows_dates_says_what_they_are_not",
        (
            "test_thresholds::"
            "test_no_threshold_claims_automation_and_each_says_what_a_crossing_is_not"
        ),
        "test_cli::test_show_prints_a_table_for_people",
        "test_cli::test_show_scenario_prints_ours_beside_theirs",
        "test_translation_gap::test_without_a_gap_a_row_is_labelled_benchmark_implied",
        (
            "test_statement_outcomes::"
            "test_bars_that_are_crossed_do_not_resolve_a_forecast_of_another_event"
        ),
    ),
    "benchmark probabilities multiplied as if independent": (
        (
            "test_automation::"
            "test_benchmarks_are_not_multiplied_as_if_independent_once_rho_is_fitted"
        ),
    ),
    "the latest of several medians": (
        "test_automation::test_the_median_is_later_than_the_maximum_of_the_medians",
    ),
    "a seed-dependent digit printed as a result": (
        f"{HERE}::test_words_are_no_finer_than_the_draws_can_tell",
        (
            "test_crossing_laws::"
            "test_a_date_whose_monte_carlo_error_is_unknown_is_named_by_its_decade"
        ),
        f"{LINES}::test_whether_a_line_is_past_a_bar_is_no_matter_of_the_seed",
        "test_redraws::test_a_stream_is_the_same_in_every_process",
        f"{HERE}::test_published_words_are_no_finer_than_the_draws_can_tell",
        f"{BARS}::test_the_seed_moves_draws_but_not_exact_laws",
        f"{LINES}::test_monte_carlo_error_is_the_spread_of_repeated_runs",
    ),
    "a backtest on revised data at release dates called out of sample": (
        "test_backtest::test_trap_a_backtest_on_revised_data_called_out_of_sample",
        "test_backtest::test_what_is_reported_after_the_origin_changes_nothing_at_it",
        "test_backtest::test_fits_of_a_past_vintage_end_at_its_origin",
        (
            "test_backtest::"
            "test_a_family_has_no_say_in_the_weights_that_it_is_scored_with"
        ),
    ),
    "a confidence band of a line sold as an interval for a score": (
        "test_levels::test_a_line_without_parameter_error_is_a_normal_above_the_record",
    ),
}


@pytest.mark.parametrize("trap", TRAPS)
def test_the_tests_of_a_trap_are_there(trap: str) -> None:
    for reference in TRAPS[trap]:
        file, name = reference.split("::")
        tree = ast.parse((CHECKOUT / "tests" / f"{file}.py").read_text())
        names = {n.name for n in tree.body if isinstance(n, ast.FunctionDef)}
        assert name in names, reference


# --- statsmodels

X: Final = np.linspace(-1, 1, 12)
DESIGN: Final = sm.add_constant(X)
N_ITEMS: Final = 200
PASSED: Final = np.array([48, 90, 62, 101, 88, 139, 104, 120, 160, 138, 151, 178])
SHARE: Final = PASSED / N_ITEMS
BINOMIAL: Final = sm.families.Binomial()


def test_of_statsmodels_only_weighted_least_squares_is_used() -> None:
    """And only with its scale fixed; peers of the benchmark may use what they like."""
    traps = {"GLM", "OLS", "QuantReg", "BetaModel", "get_prediction", "X2", "HC3"}
    traps |= {"HC0", "HC1", "scoringrules"}
    importers = set()
    for path in sorted((CHECKOUT / "trends").rglob("*.py")):
        if path.parent.name == "bench":
            continue
        words = _words(path)
        assert not words & traps, path
        if any(word.startswith("statsmodels.") for word in words):
            importers.add(path.name)
    # the second only has it imported before the first asks for it
    assert importers == {"regression.py", "warm.py"}
    assert "fixed scale" in _words(CHECKOUT / "trends/fits/regression.py")


def _words(path: Path) -> set[str]:
    """Names, attributes, imports and string constants of one module."""
    words: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Name):
            words.add(node.id)
        elif isinstance(node, ast.Attribute):
            words.add(node.attr)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            words.add(node.value)
        elif isinstance(node, ast.ImportFrom):
            words |= {node.module or "", *(alias.name for alias in node.names)}
        elif isinstance(node, ast.Import):
            words |= {alias.name for alias in node.names}
    return words


def test_trap_the_scale_of_a_two_column_binomial_is_too_small() -> None:
    counts = np.column_stack([PASSED, N_ITEMS - PASSED])
    trapped = sm.GLM(counts, DESIGN, family=BINOMIAL).fit(scale="X2")
    trials = np.full(12, float(N_ITEMS))
    right = sm.GLM(SHARE, DESIGN, family=BINOMIAL, var_weights=trials).fit(scale="X2")
    assert trapped.params == pytest.approx(right.params)
    assert right.bse / trapped.bse == pytest.approx(np.sqrt(N_ITEMS), rel=0.01)


@pytest.mark.parametrize("regression", [sm.OLS, sm.QuantReg, sm.GLM])
def test_trap_weights_of_the_wrong_class_are_ignored(regression: type) -> None:
    """The warning that says so is an error in this test suite."""
    weights = np.arange(12) + 1.0
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ValueWarning)
        weighted = regression(SHARE, DESIGN, weights=weights).fit()
    assert weighted.params == pytest.approx(regression(SHARE, DESIGN).fit().params)
    with pytest.raises(ValueWarning):
        regression(SHARE, DESIGN, weights=weights)


def test_weights_are_heard() -> None:
    """The last point is 2 above a line of slope 1, and 10,000 times vaguer."""
    y = X + 2 * (X == 1)
    known = np.where(X == 1, 1e4, 1.0)
    assert fit_line(X, y, known).slope == pytest.approx(1.0, abs=1e-3)
    assert fit_line(X, y, np.ones(12)).slope > 1.3


def test_trap_a_proportion_is_taken_for_one_trial() -> None:
    errors = sm.GLM(SHARE, DESIGN, family=BINOMIAL).fit().bse
    trials = np.full(12, float(N_ITEMS))
    right = sm.GLM(SHARE, DESIGN, family=BINOMIAL, var_weights=trials).fit().bse
    assert errors / right == pytest.approx(np.sqrt(N_ITEMS))


def _logistic(levels: Floats, n_items: int = N_ITEMS) -> dict[str, object]:
    first = date(2024, 1, 1)
    points = [(first + timedelta(days=90 * k), float(s)) for k, s in enumerate(levels)]
    entry = series(entry=benchmark(n_items=n_items))
    rows = scores(points)
    return fit_straight_lines(entry, TrendFamily.LOGISTIC, rows, rows)[0]


def _number(row: dict[str, object], column: str) -> float:
    return float(str(row[column]))


def test_more_items_make_a_surer_fit() -> None:
    """Scores near a line, so that items are all the error: 4 times the items, half."""
    on_line = 1 / (1 + np.exp(-1.5 * X[2:10]))
    few, many = _logistic(on_line, 200), _logistic(on_line, 800)
    assert few["tau2"] == many["tau2"] == 0.0
    ratio = _number(few, "slope_per_year_se") / _number(many, "slope_per_year_se")
    assert ratio == pytest.approx(2.0, rel=0.01)


def test_trap_robust_errors_of_a_glm_are_all_hc0() -> None:
    hc0, hc3 = (
        sm.GLM(SHARE, DESIGN, family=BINOMIAL).fit(cov_type=kind).bse
        for kind in ("HC0", "HC3")
    )
    assert np.array_equal(hc0, hc3)


def test_trap_a_beta_regression_rejects_0_and_1() -> None:
    with pytest.raises(AssertionError):
        BetaModel(np.append(SHARE[1:], 1.0), DESIGN)


def test_scores_of_0_and_1_are_fitted_and_time_is_centred() -> None:
    """Level and slope are nearly uncorrelated where time is counted from the middle."""
    row = _logistic(np.array([0.0, 0.2, 0.35, 0.6, 0.8, 1.0]))
    assert row["fit_status"] == "fitted"
    assert np.isfinite(_number(row, "slope_per_year_se"))
    correlation = _number(row, "intercept_slope_cov") / (
        _number(row, "intercept_se") * _number(row, "slope_per_year_se")
    )
    assert abs(correlation) < 0.2


def test_trap_a_prediction_takes_every_new_weight_for_1() -> None:
    weights = np.arange(12) + 1.0
    fit = sm.WLS(SHARE, DESIGN, weights=weights).fit()
    trapped = fit.get_prediction(DESIGN).conf_int(obs=True)
    right = fit.get_prediction(DESIGN, weights=weights).conf_int(obs=True)
    assert np.ptp(trapped[-1]) > 2 * np.ptp(right[-1])


def test_trap_perfect_separation_says_that_it_converged() -> None:
    with pytest.warns(PerfectSeparationWarning):
        fit = sm.GLM((X > 0) * 1.0, DESIGN, family=BINOMIAL).fit()
    assert fit.converged
    # how many times is rounding: 700 alone, over 1,000 after other tests
    assert fit.bse[1] > 100 * abs(fit.params[1])


def test_a_leap_from_nothing_to_everything_has_a_finite_vague_slope() -> None:
    """Half a count keeps 0 and 1 at +-ln(401) for 200 items, 450 days apart."""
    row = _logistic(np.array([0.0, 0.0, 0.0, 1.0, 1.0, 1.0]))
    steepest = 2 * np.log(401) / (90 / DAYS_PER_YEAR)
    assert 0 < _number(row, "slope_per_year") < steepest
    assert _number(row, "tau2") > 1
    assert np.isfinite(_number(row, "slope_per_year_se"))


# --- ways to be embarrassed


def test_every_published_date_comes_with_its_distribution(
    shipped_run: PublishedRun,
) -> None:
    """A date stands beside its interval in words and the mass that never crosses."""
    dated = read_table(shipped_run.path, CROSSING_SUMMARY).filter(
        pl.col("crossing_status") == "expected"
    )
    assert dated.height > 60
    for column in ("p_never", "p_crossed_by_projection_end", "interval80_label"):
        assert dated.get_column(column).null_count() == 0
    never_counts = dated.filter(pl.col("p_never") > 0.1)
    assert never_counts.height > 0
    assert never_counts.get_column("interval80_label").str.contains("never|after").all()


def test_the_date_of_a_first_record_is_wide_though_its_drift_be_known() -> None:
    """A bar 2 away, drift exactly 1 a year, variance 0.5 a year: 2 years, give or take.

    The time to reach it has mean 2 and variance 2 * 0.5 / 1^3 = 1 (inverse Gaussian).
    """
    years = np.linspace(0, 40, 40001)
    cdf = first_passage_cdf(
        years, distance=2.0, drift=1.0, drift_variance=0.0, variance_per_year=0.5
    )
    mass, middle = np.diff(cdf), (years[1:] + years[:-1]) / 2
    mean = float(np.sum(mass * middle))
    assert mean == pytest.approx(2.0, rel=1e-3)
    assert np.sum(mass * np.square(middle - mean)) == pytest.approx(1.0, rel=1e-2)


def test_a_row_says_whether_a_line_or_a_record_reaches_the_bar(
    shipped_run: PublishedRun,
) -> None:
    summary = read_table(shipped_run.path, CROSSING_SUMMARY).filter(
        pl.col("crossing_status") != "already_crossed"
    )
    rows = summary.select("trend", "estimand").unique().rows()
    assert {trend for trend, _ in rows} >= {"records", "drift", "logistic"}
    for trend, estimand in rows:
        of_records = trend in {"records", "drift", "ensemble"}
        assert estimand == ("first_record" if of_records else "trend_line"), trend


def test_scatter_between_releases_widens_what_items_alone_would_say() -> None:
    """Logits 1 apart on either side of a line; 200 items leave 0.15 of that."""
    zigzag = 1 / (1 + np.exp(-(0.5 * X + np.where(np.arange(12) % 2, 0.5, -0.5))))
    row = _logistic(zigzag)
    logits_variance = 1 / (N_ITEMS * zigzag * (1 - zigzag))
    years = 90 * np.arange(12) / DAYS_PER_YEAR
    weights = 1 / logits_variance
    centre = np.sum(weights * years) / np.sum(weights)
    items_alone = 1 / np.sqrt(np.sum(weights * np.square(years - centre)))
    assert _number(row, "slope_per_year_se") > 3 * items_alone


def test_every_place_that_shows_dates_says_what_they_are_not(
    shipped_run: PublishedRun,
) -> None:
    sentence = "A benchmark that crosses a bar is not automated R&D"
    assert sentence in (shipped_run.path / "README.md").read_text()
    assert sentence in (CHECKOUT / "README.md").read_text()
    assert "None of these rows says that AI R&D is automated" in CAVEAT


@pytest.mark.parametrize(
    ("n_years", "words"),
    [
        (2.9, "2028-06"),  # sqrt(1/4 / 4000) * 2.9 years = 8 days around the median
        (41, "2047"),  # 118 days
        (410, "2230s"),  # 1,184 days
    ],
)
def test_words_are_no_finer_than_the_draws_can_tell(n_years: float, words: str) -> None:
    """4,000 draws spread evenly over so many years from the start of 2027 on."""
    last = round(n_years * DAYS_PER_YEAR)
    days = np.linspace(1, last, 4000).round()
    law = CrossingDistribution.counted(date(2027, 1, 1), days, n_days=last)
    assert Estimated(law, "").label_at(0.5) == words


def test_published_words_are_no_finer_than_the_draws_can_tell(
    shipped_run: PublishedRun,
) -> None:
    rows = read_table(shipped_run.path, CROSSING_QUANTILES).filter(
        pl.col("crossing_date").is_not_null(),
        pl.col("crossing_status") != "already_crossed",
    )
    error = pl.col("mc_error_days")
    months = rows.filter(pl.col("crossing_label").str.contains(r"^\d{4}-\d\d$"))
    years = rows.filter(pl.col("crossing_label").str.contains(r"^\d{4}$"))
    decades = rows.filter(pl.col("crossing_label").str.contains(r"^\d{3}0s$"))
    assert months.height + years.height + decades.height == rows.height
    assert months.select((error <= 15.3).all()).item()
    assert years.select((error <= 183).all()).item()
    assert 0 < years.height < months.height
