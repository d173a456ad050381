"""The two best published models of the GPAI Policy Lab, written again in numpyro.

Scores among the best three are a sigmoid of time with noise that is widest half way:

    y ~ SkewNormal(mu, xi, s)    mu = l + (L - l) S(k (t - tau))
    xi = 0.01 + xi_b 2 sqrt((mu - l)(L - mu)) / (L - l)

S is logistic with s = 0, or Harvey's [1 - (1 - a) exp(-z)]^(1/(1 - a)) with a skew
s <= 0. L is a Beta on [0.75, 1], k, a - 1 and xi_b are Gammas, each benchmark's drawn
around a mean and spread that all share; tau is a Gumbel around the middle of the known
points. Priors are the peer's, in days and shares of 1. Of human baselines and known
ceilings, which the peer's own data have, a panel says nothing.
"""

from importlib import import_module
from importlib.util import find_spec
from typing import Any, Final

import numpy as np

from trends.contest.peers import Kind, Sampled, Settings, Training

LOWEST_CEILING: Final = 0.75
TAU_SCALE_DAYS: Final = 730.0
LEAST_NOISE: Final = 0.01

_TINY: Final = 1e-10


def has_sampler() -> bool:
    """Whether numpyro is installed."""
    return find_spec("numpyro") is not None


def sample_posterior(kind: Kind, training: Training, settings: Settings) -> Sampled:
    """Draw from the posterior by the no-U-turn sampler.

    In double precision: where the Beta of the ceilings is narrow a chain in single
    precision stands still.

    Args:
        kind: which of the two.
        training: top-3 points before the cut.
        settings: chains, draws and seed.
    """
    infer, jax = import_module("numpyro.infer"), import_module("jax")
    import_module("numpyro").enable_x64()
    diagnostics = import_module("numpyro.diagnostics")
    kernel = infer.NUTS(
        _model,
        target_accept_prob=settings.target_accept,
        max_tree_depth=settings.max_tree_depth,
        init_strategy=infer.init_to_median,
    )
    sampler = infer.MCMC(
        kernel,
        num_warmup=settings.n_warmup,
        num_samples=settings.n_draws,
        num_chains=settings.n_chains,
        chain_method="sequential",
        progress_bar=False,
    )
    sampler.run(jax.random.PRNGKey(settings.seed), kind, training)
    of_harvey = ("a", "s") if kind == "harvey_skew" else ()
    draws = {
        name: np.asarray(values, dtype=np.float64)
        for name, values in sampler.get_samples(group_by_chain=True).items()
        if name in {"L", "tau", "k", "xi_base", *of_harvey}
    }
    r_hats = [np.median(diagnostics.split_gelman_rubin(one)) for one in draws.values()]
    return Sampled(
        draws={
            name: one.reshape(-1, one.shape[-1]) for name, one in sorted(draws.items())
        },
        r_hat=float(max(r_hats)),
    )


def _model(kind: Kind, training: Training) -> None:
    """Priors and likelihood, as the peer has them."""
    numpyro, dist = import_module("numpyro"), import_module("numpyro.distributions")
    jnp = import_module("jax.numpy")
    n = len(training.benchmark_ids)
    floor, days_mid, days, scores = (
        jnp.asarray(one, dtype=float)
        for one in (
            training.floors,
            training.days_mid,
            training.days,
            training.scores,
        )
    )
    of = jnp.asarray(training.index, dtype=int)
    ceiling = LOWEST_CEILING + (1 - LOWEST_CEILING) * _shared_beta(n)
    numpyro.deterministic("L", ceiling)
    with numpyro.plate("benchmarks", n):
        tau_z = numpyro.sample("tau_z", dist.Gumbel(0.0, 1.0))
    tau = numpyro.deterministic("tau", days_mid + TAU_SCALE_DAYS * tau_z)
    k = _shared_gamma("k", n, mean=(0.005, 0.002), spread=0.005)
    z = k[of] * (days - tau[of])
    if kind == "harvey_skew":
        a = 1 + _shared_gamma("a_raw", n, mean=(1.5, 0.5), spread=0.5)
        numpyro.deterministic("a", a)
        base = jnp.maximum(1 - (1 - a[of]) * jnp.exp(-z), _TINY)
        share = jnp.exp(jnp.log(base) / (1 - a[of]))
    else:
        share = import_module("jax").nn.sigmoid(z)
    low, high = floor[of], ceiling[of]
    mu = low + (high - low) * share
    noise = _shared_gamma("xi_base", n, mean=(0.11, 0.02), spread=0.05)
    half_way = jnp.sqrt(jnp.maximum((mu - low) * (high - mu), _TINY))
    xi = LEAST_NOISE + noise[of] * half_way * 2 / (high - low)
    seen = (scores - mu) / xi
    log_density = dist.Normal(0.0, 1.0).log_prob(seen) - jnp.log(xi)
    if kind == "harvey_skew":
        special = import_module("jax.scipy.special")
        s = _shared_skew(n)
        log_density += jnp.log(2.0) + special.log_ndtr(s[of] * seen)
    numpyro.factor("y", log_density.sum())


def _shared_beta(n: int) -> Any:
    """Ceilings on [0, 1], a Beta with a mean that benchmarks share."""
    numpyro, dist = import_module("numpyro"), import_module("numpyro.distributions")
    jnp = import_module("jax.numpy")
    wide = 1 - LOWEST_CEILING
    mean, sd = (0.96 - LOWEST_CEILING) / wide, 0.02 / wide
    mu = numpyro.sample("L_mu", dist.Beta(*_beta_shape(mean, sd)))
    spread = numpyro.sample("L_sigma", dist.HalfNormal(sd))
    spread = jnp.minimum(spread, jnp.sqrt(mu * (1 - mu)) - 1e-4)
    with numpyro.plate("benchmarks_L", n):
        return numpyro.sample("L_raw", dist.Beta(*_beta_shape(mu, spread)))


def _shared_gamma(
    name: str, n: int, *, mean: tuple[float, float], spread: float
) -> Any:
    """A Gamma each, around a mean and with a spread that benchmarks share."""
    numpyro, dist = import_module("numpyro"), import_module("numpyro.distributions")
    mu = numpyro.sample(f"{name}_mu", dist.Gamma(*_gamma_shape(*mean)))
    sigma = numpyro.sample(f"{name}_sigma", dist.HalfNormal(spread))
    with numpyro.plate(f"benchmarks_{name}", n):
        return numpyro.sample(name, dist.Gamma(*_gamma_shape(mu, sigma)))


def _shared_skew(n: int) -> Any:
    numpyro, dist = import_module("numpyro"), import_module("numpyro.distributions")
    mu = numpyro.sample("s_mu", dist.Normal(-3.5, 0.5))
    sigma = numpyro.sample("s_sigma", dist.HalfNormal(1.0))
    with numpyro.plate("benchmarks_s", n):
        return numpyro.sample("s", dist.TruncatedNormal(mu, sigma, high=0.0))


def _gamma_shape(mean: Any, sd: Any) -> tuple[Any, Any]:
    """Concentration and rate of a Gamma by its mean and standard deviation."""
    return (mean / sd) ** 2, mean / sd**2


def _beta_shape(mean: Any, sd: Any) -> tuple[Any, Any]:
    """Both concentrations of a Beta by its mean and standard deviation."""
    total = mean * (1 - mean) / sd**2 - 1
    return mean * total, (1 - mean) * total
