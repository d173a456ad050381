"""The peer's models: what they are fitted to, what follows from draws, what is kept."""

import csv
from datetime import date
from pathlib import Path

import numpy as np
import pytest
from scipy import stats
from scipy.special import expit

from trends.contest import Known, peer_models
from trends.contest.forecasters import Asked
from trends.contest.peers import (
    Kind,
    PeerModel,
    Sampled,
    Settings,
    Training,
    predictive,
)
from trends.fits.links import Floats
from trends.pipeline.contest_panels import read_panel
from trends.pipeline.contest_peers import Posteriors
from trends.workspace import Workspace

CUT = date(2025, 1, 1)

ROWS = [
    ("Quiz", "Ada 1", "2024-01-05", 0.30, 0.1),
    ("Quiz", "Bell 1", "2024-02-05", 0.20, 0.1),
    ("Quiz", "Curie 1", "2024-03-05", 0.15, 0.1),
    ("Quiz", "Euler 1", "2024-05-05", 0.20, 0.1),
    ("Quiz", "Gauss 1", "2024-07-05", 0.50, 0.1),
    ("Test", "Ada 1", "2024-01-01", 0.1, 0.0),
    ("Test", "Bell 1", "2024-02-01", 0.3, 0.0),
    ("Test", "Curie 1", "2024-03-01", 0.2, 0.0),
    ("Test", "Euler 1", "2024-05-01", 0.6, 0.0),
    ("Test", "Gauss 1", "2024-06-01", 0.4, 0.0),
    ("Test", "Hertz 1", "2025-06-01", 0.9, 0.0),
    ("Few", "Ada 1", "2024-01-05", 0.30, 0.0),
]


@pytest.fixture
def known(tmp_path: Path) -> Known:
    return panel_at(tmp_path)


def panel_at(folder: Path) -> Known:
    file = folder / "panel.csv"
    with file.open("w", newline="") as text:
        writer = csv.writer(text)
        writer.writerow(["benchmark", "model", "release_date", "score", "floor"])
        writer.writerows(ROWS)
    return read_panel(file, None).panel.before(CUT)


def same(n: int, **values: float) -> dict[str, Floats]:
    return {name: np.full(n, value) for name, value in values.items()}


def test_the_models_are_fitted_to_the_points_that_one_counts_by_hand(
    known: Known,
) -> None:
    training = Training.of(known)
    assert training.benchmark_ids == ("Quiz", "Test")
    assert training.floors.tolist() == [0.1, 0.0]
    assert training.days.tolist() == [0, 31, 60, 121, 182, 0, 31, 60, 121, 152]
    assert training.days_mid.tolist() == [91.0, 76.0]
    assert training.index.tolist() == [0] * 5 + [1] * 5
    assert training.scores.tolist() == [
        0.3,
        0.2,
        0.15,
        0.2,
        0.5,
        0.1,
        0.3,
        0.2,
        0.6,
        0.4,
    ]


def test_the_predictive_has_the_moments_of_the_model() -> None:
    draws = same(40_000, L=0.9, tau=100.0, k=0.01, xi_base=0.1, a=3.0, s=-2.0)
    normal = predictive("logistic_normal", draws, floor=0.1, days=150, key="x")
    mu = 0.1 + 0.8 * expit(0.5)
    xi = 0.01 + 0.1 * np.sqrt((mu - 0.1) * (0.9 - mu)) / 0.4
    assert normal.mean() == pytest.approx(mu, abs=4 * xi / 200)
    assert normal.std() == pytest.approx(xi, rel=0.02)
    skew = predictive("harvey_skew", draws, floor=0.1, days=150, key="x")
    mu = 0.1 + 0.8 * (1 + 2 * np.exp(-0.5)) ** -0.5
    xi = 0.01 + 0.1 * np.sqrt((mu - 0.1) * (0.9 - mu)) / 0.4
    law = stats.skewnorm(-2.0, loc=mu, scale=xi)
    assert stats.kstest(skew, law.cdf).pvalue > 0.001
    assert np.all(np.diff(skew) >= 0)


def test_harvey_with_a_of_two_and_no_skew_is_the_logistic() -> None:
    draws = same(50, L=0.95, tau=-30.0, k=0.004, xi_base=0.2, a=2.0, s=0.0)
    one, other = (
        predictive(kind, draws, floor=0.0, days=400, key="x")
        for kind in ("harvey_skew", "logistic_normal")
    )
    np.testing.assert_allclose(one, other, rtol=1e-12)


def drawn(kind: Kind, training: Training) -> Sampled:
    n = len(training.benchmark_ids)
    generator = np.random.default_rng(1)
    return Sampled(
        {
            "L": generator.uniform(0.8, 1.0, (60, n)),
            "tau": generator.normal(300.0, 50.0, (60, n)),
            "k": generator.uniform(0.002, 0.006, (60, n)),
            "xi_base": generator.uniform(0.05, 0.15, (60, n)),
            "a": generator.uniform(2.0, 3.0, (60, n)),
            "s": generator.uniform(-3.0, 0.0, (60, n)),
        },
        1.0,
    )


def test_a_record_is_the_higher_of_the_standing_one_and_a_top3_score(
    known: Known,
) -> None:
    day = date(2025, 6, 1)
    asked = [
        Asked(target, name, day)
        for target in ("record", "top3")
        for name in ("Quiz", "Test", "Few")
    ]
    for kind in ("harvey_skew", "logistic_normal"):
        model = PeerModel(kind, drawn)
        laws = model.forecast(known, asked)
        assert {one.benchmark_id for one in laws} == {"Quiz", "Test"}
        for name in ("Quiz", "Test"):
            top3, record = (
                laws[Asked(target, name, day)] for target in ("top3", "record")
            )
            assert record.tolist() == np.maximum(top3, known.records[name]).tolist()
            assert len(top3) == 60
        assert model.name == f"peer_{kind}"


def test_the_density_is_that_of_the_paper(known: Known) -> None:
    """Priors and likelihood at one point, against scipy's own densities."""
    log_density = pytest.importorskip("numpyro.infer.util").log_density
    training = Training.of(known)
    at = {
        "L_mu": 0.8,
        "L_sigma": 0.05,
        "L_raw": np.array([0.7, 0.9]),
        "tau_z": np.array([0.3, -0.2]),
        "k_mu": 0.006,
        "k_sigma": 0.003,
        "k": np.array([0.004, 0.007]),
        "a_raw_mu": 1.4,
        "a_raw_sigma": 0.3,
        "a_raw": np.array([1.2, 1.8]),
        "xi_base_mu": 0.1,
        "xi_base_sigma": 0.04,
        "xi_base": np.array([0.08, 0.15]),
        "s_mu": -3.0,
        "s_sigma": 0.8,
        "s": np.array([-2.5, -3.5]),
    }

    def gamma(x: object, mean: float, sd: float) -> float:
        shape, scale = (mean / sd) ** 2, sd**2 / mean
        return float(np.sum(stats.gamma.logpdf(x, shape, scale=scale)))

    def beta(x: object, mean: float, sd: float) -> float:
        total = mean * (1 - mean) / sd**2 - 1
        return float(np.sum(stats.beta.logpdf(x, mean * total, (1 - mean) * total)))

    shared = (
        beta(at["L_mu"], 0.84, 0.08)
        + stats.halfnorm.logpdf(0.05, scale=0.08)
        + beta(at["L_raw"], 0.8, 0.05)
        + stats.gumbel_r.logpdf(at["tau_z"]).sum()
        + gamma(at["k_mu"], 0.005, 0.002)
        + stats.halfnorm.logpdf(0.003, scale=0.005)
        + gamma(at["k"], 0.006, 0.003)
        + gamma(at["xi_base_mu"], 0.11, 0.02)
        + stats.halfnorm.logpdf(0.04, scale=0.05)
        + gamma(at["xi_base"], 0.1, 0.04)
    )
    harvey = (
        gamma(at["a_raw_mu"], 1.5, 0.5)
        + stats.halfnorm.logpdf(0.3, scale=0.5)
        + gamma(at["a_raw"], 1.4, 0.3)
        + stats.norm.logpdf(-3.0, -3.5, 0.5)
        + stats.halfnorm.logpdf(0.8, scale=1.0)
        + stats.truncnorm.logpdf(at["s"], -np.inf, 3.75, loc=-3.0, scale=0.8).sum()
    )
    of = training.index
    ceiling = 0.75 + 0.25 * np.asarray(at["L_raw"])
    tau = training.days_mid + 730 * np.asarray(at["tau_z"])
    z = np.asarray(at["k"])[of] * (training.days - tau[of])
    a = 1 + np.asarray(at["a_raw"])[of]
    shares = {
        "harvey_skew": (1 - (1 - a) * np.exp(-z)) ** (1 / (1 - a)),
        "logistic_normal": expit(z),
    }
    for kind, share in shares.items():
        low, high = training.floors[of], ceiling[of]
        mu = low + (high - low) * share
        xi = 0.01 + np.asarray(at["xi_base"])[of] * np.sqrt(
            (mu - low) * (high - mu)
        ) * (2 / (high - low))
        skew = np.asarray(at["s"])[of] if kind == "harvey_skew" else np.zeros(len(of))
        likelihood = stats.skewnorm.logpdf(
            training.scores, skew, loc=mu, scale=xi
        ).sum()
        prior = shared + (harvey if kind == "harvey_skew" else 0.0)
        found, _ = log_density(peer_models._model, (kind, training), {}, at)
        assert float(found) == pytest.approx(float(prior + likelihood), rel=2e-4)


@pytest.mark.slow
def test_draws_are_kept_and_need_no_sampler_then(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("numpyro")
    panel_at(tmp_path)
    panel = read_panel(tmp_path / "panel.csv", None).panel
    settings = Settings(n_warmup=40, n_draws=30)
    first = Posteriors(Workspace(tmp_path), settings)
    training = Training.of(panel.before(CUT))
    made = {
        kind: first.draw(kind, training) for kind in ("harvey_skew", "logistic_normal")
    }
    assert made["harvey_skew"].draws["k"].shape == (60, 2)
    assert first.seconds == {}
    monkeypatch.setattr(peer_models, "has_sampler", lambda: False)
    second = Posteriors(Workspace(tmp_path), settings)
    models = second.forecasters(panel, [CUT])
    assert [one.name for one in models] == ["peer_harvey_skew", "peer_logistic_normal"]
    kept = second.draw("harvey_skew", training)
    assert second.seconds["peer_harvey_skew"] > 0
    for name, values in made["harvey_skew"].draws.items():
        np.testing.assert_array_equal(kept.draws[name], values)
    other = Posteriors(Workspace(tmp_path), Settings(n_warmup=41))
    assert other.forecasters(panel, [CUT]) == []


def test_without_sampler_or_kept_draws_the_peer_is_left_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    panel_at(tmp_path)
    panel = read_panel(tmp_path / "panel.csv", None).panel
    monkeypatch.setattr(peer_models, "has_sampler", lambda: False)
    assert Posteriors(Workspace(tmp_path)).forecasters(panel, [CUT]) == []
