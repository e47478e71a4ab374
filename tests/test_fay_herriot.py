"""The Fay-Herriot model: REML against R sae and against dense arithmetic, the posterior against plain integration.

Golden: milk of R sae 1.3, ``mseFH(yi ~ as.factor(MajorArea), SD^2, method = "REML", PRECISION = 1e-12)``; at sae's
own tolerance of 1e-4 its fourth step stops with refvar 0.0185502223, 6e-6 off.
"""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from builders import assert_close, refusal
from hypothesis import given, settings, strategies as st
from scipy import optimize, stats

from trustsurvey.areas.fay_herriot import FayHerriot, fay_herriot, posterior


def dense_loglik(y: np.ndarray, X: np.ndarray, psi: np.ndarray, sigma2: float) -> float:
    """Restricted log-likelihood from m x m matrices."""
    V = np.diag(psi + sigma2)
    W = np.linalg.inv(V)
    XWX = X.T @ W @ X
    P = W - W @ X @ np.linalg.inv(XWX) @ X.T @ W
    return -0.5 * (np.linalg.slogdet(V)[1] + np.linalg.slogdet(XWX)[1] - np.linalg.slogdet(X.T @ X)[1] + y @ P @ y)


def areas(seed: int, m: int = 25, p: int = 2, signal: float = 1.0) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Estimates, covariates with a constant, and sampling variances that differ by a factor of ten."""
    rng = np.random.default_rng(seed)
    psi = rng.uniform(2.0, 20.0, m)
    X = np.column_stack((np.ones(m), rng.normal(size=(m, p - 1))))
    y = X @ np.arange(60, 60 + p) + rng.normal(size=m) * np.sqrt(8 * signal) + rng.normal(size=m) * np.sqrt(psi)
    return y, X, psi


@pytest.mark.golden
def test_milk_agrees_with_r(golden: Path) -> None:
    milk = pd.read_csv(golden / "milk.csv")
    expected = json.loads((golden / "r_sae_1.3_milk.json").read_text(encoding="utf-8"))["REML"]
    X = np.column_stack([np.ones(len(milk)), *(milk["MajorArea"] == k for k in (2, 3, 4))])
    fit = fay_herriot(milk["yi"], X, milk["SD"] ** 2)
    assert_close(fit.eblup, expected["eblup"])
    assert_close(fit.mse, expected["mse"])
    assert_close(fit.sigma2, expected["refvar"])
    assert_close(fit.beta, expected["beta"])
    assert_close(fit.se_beta, expected["se_beta"])
    assert_close(fit.loglik, expected["loglike"])


# R 4.2.2, sae 1.3: y, v as below; mseFH(y ~ 1, v, method = "REML", PRECISION = 1e-13)
BOUNDARY_Y = [50.1, 52.3, 49.0, 51.2, 50.6, 48.9, 51.7, 50.3]
BOUNDARY_V = [4, 9, 2.5, 6, 3, 5, 8, 4.5]
BOUNDARY_MSE = [
    2.641801903108083, 1.481353841217520, 3.895085809949892, 1.945533065973745, 3.338070740242421, 2.224040600827481,
    1.597398647406576, 2.409712290729971,
]  # fmt: skip


def test_no_more_difference_than_chance_is_said_and_agrees_with_r() -> None:
    fit = fay_herriot(BOUNDARY_Y, np.ones((8, 1)), BOUNDARY_V)
    assert fit.sigma2 == 0.0
    assert fit.boundary
    assert_close(fit.eblup, [50.1878648233487] * 8, rtol=1e-14)
    assert_close(fit.mse, BOUNDARY_MSE, rtol=1e-13)
    assert_close(fit.se_beta, [0.7436365992237534], rtol=1e-13)
    assert_close(fit.loglik, -14.59793036645189, rtol=1e-13)


# R 4.2.2, sae 1.3: mseFH(y ~ pov + pop, v, method = "REML", PRECISION = 1e-12)
UNITS = {
    "y": [66.2, 43.5, 55.9, 64.3, 50.1, 47.8, 63.0, 61.4, 44.7, 66.5, 46.0, 52.3],
    "v": [1.5, 8, 3, 5, 16, 4, 2, 7, 11, 2.5, 6, 20],
    "pov": [0.12, 0.31, 0.22, 0.05, 0.40, 0.28, 0.10, 0.19, 0.33, 0.09, 0.45, 0.21],
    "pop": [120500, 43000, 88000, 250000, 31000, 64000, 178000, 95500, 51200, 210300, 28700, 77100],
}
UNITS_EBLUP = [
    65.71610427227381, 45.98465880284199, 55.84201907291775, 65.17753220974642, 47.17111057384526, 48.78348519651333,
    63.07709234310563, 59.97075342214686, 46.68109641872817, 66.19199907309955, 44.73781011408347, 54.54234427054408,
]  # fmt: skip
UNITS_MSE = [
    1.486894508062353, 6.171226030312719, 2.766234665946979, 4.802443420163478, 10.069579008043963, 3.553131674527261,
    1.921439928968297, 5.607196229493375, 7.549419754690912, 2.421387954702301, 5.745404300642869, 10.505235270017623,
]  # fmt: skip


def test_covariates_in_very_different_units_agree_with_r() -> None:
    X = np.column_stack((np.ones(12), UNITS["pov"], UNITS["pop"]))
    fit = fay_herriot(UNITS["y"], X, UNITS["v"])
    assert_close(fit.sigma2, 12.794848211902465)
    assert_close(fit.eblup, UNITS_EBLUP)
    assert_close(fit.mse, UNITS_MSE)
    assert_close(fit.beta, [66.33226259021481, -54.94816057349932, 1.535302373263486e-05])
    assert_close(fit.se_beta, [9.657662211218097, 24.16999480891704, 4.154940354187401e-05])


def test_the_climb_ends_where_fisher_scoring_goes_round() -> None:
    """R sae 1.3 gives these up after 100 steps ("The fitting method does not converge")."""
    y = [61.2, 48.5, 55.9, 70.3, 44.1, 52.8, 66.0, 58.4, 49.7, 63.5, 41.0, 57.3]
    v = [0.5, 40, 3, 12, 150, 6, 1, 25, 80, 2, 9, 300]
    X = np.column_stack((np.ones(12), UNITS["pov"], np.array(UNITS["pop"]) / 1e5))
    fit = fay_herriot(y, X, v)
    found = optimize.minimize_scalar(
        lambda s: -dense_loglik(np.array(y), X, np.array(v, dtype=float), s), bounds=(0, 50), method="bounded",
        options={"xatol": 1e-9},
    )  # fmt: skip
    # The likelihood is flat at its top: a search by its values alone cannot place it better than this.
    assert fit.sigma2 == pytest.approx(found.x, rel=1e-5)


@settings(max_examples=60)
@given(
    st.integers(0, 10_000), st.integers(8, 40), st.integers(1, 3), st.sampled_from([0.0, 0.05, 0.3, 1, 10, 1000]),
)  # fmt: skip
def test_no_other_variance_is_likelier(seed: int, m: int, p: int, signal: float) -> None:
    y, X, psi = areas(seed, m, p, signal)
    fit = fay_herriot(y, X, psi)
    best = dense_loglik(y, X, psi, fit.sigma2)
    tried = np.append(0.0, np.geomspace(1e-4, 1e6, 400))
    assert best >= max(dense_loglik(y, X, psi, s) for s in tried) - 1e-9
    if not fit.boundary:
        near = fit.sigma2 * np.array([1 - 1e-5, 1 + 1e-5])
        assert best >= max(dense_loglik(y, X, psi, s) for s in near) - 1e-12


# Drawn at random, kept because the likelihood has a lower maximum near 0.01 and a higher one near 13.3.
TWO_Y = [-2.27, 5.4, -0.62, 5.35, 0.13, -0.05, -0.35, 19.59, -2.67, 6.13, 0.99, 0.02, 1.15, -2.61, 3.82, 3.59]
TWO_V = [
    10.466, 6.579, 3.502, 6.798, 0.009, 0.013, 0.251, 14.128, 1.045, 66.983, 1.54, 0.78, 67.889, 1.055, 24.274, 4.491,
]  # fmt: skip


def test_the_higher_of_two_maxima_is_taken() -> None:
    X = np.ones((16, 1))
    tried = np.geomspace(1e-5, 1e4, 1000)
    values = np.array([dense_loglik(np.array(TWO_Y), X, np.array(TWO_V), s) for s in tried])
    peaks = np.flatnonzero((values[1:-1] > values[:-2]) & (values[1:-1] > values[2:])) + 1
    assert len(peaks) == 2
    best = tried[peaks[values[peaks].argmax()]]
    assert fay_herriot(TWO_Y, X, TWO_V).sigma2 == pytest.approx(best, rel=0.03)


def test_a_variance_just_above_nothing_is_not_taken_for_nothing() -> None:
    """Estimates are drawn apart until sigma2 leaves 0: it does so without a jump."""
    y, v = np.array(BOUNDARY_Y), np.array(BOUNDARY_V, dtype=float)
    low, high = 1.0, 10.0
    for _ in range(50):
        middle = (low + high) / 2
        low, high = (middle, high) if fay_herriot(middle * y, np.ones((8, 1)), v).boundary else (low, middle)
    assert 0 < fay_herriot(high * y, np.ones((8, 1)), v).sigma2 < 1e-6


def test_parts_of_the_prediction_by_hand() -> None:
    y, X, psi = areas(3)
    fit = fay_herriot(y, X, psi)
    V = np.diag(fit.sigma2 + psi)
    W = np.linalg.inv(V)
    Q = np.linalg.inv(X.T @ W @ X)
    beta = Q @ X.T @ W @ y
    assert_close(fit.beta, beta)
    assert_close(fit.cov_beta, Q)
    B = psi / (fit.sigma2 + psi)
    assert_close(fit.eblup, (1 - B) * y + B * (X @ beta))
    g3 = B**2 / (fit.sigma2 + psi) * 2 / (np.diag(W) ** 2).sum()
    assert_close(fit.mse, fit.sigma2 * B + B**2 * np.diag(X @ Q @ X.T) + 2 * g3)
    P = W - W @ X @ Q @ X.T @ W
    assert_close(fit.se_sigma2, np.sqrt(2 / np.trace(P @ P)))


@settings(max_examples=30)
@given(st.integers(0, 10_000), st.floats(1e-3, 1e3), st.floats(-1e3, 1e3))
def test_neither_order_nor_unit_nor_origin_matter(seed: int, unit: float, origin: float) -> None:
    y, X, psi = areas(seed)
    fit = fay_herriot(y, X, psi)
    order = np.random.default_rng(seed).permutation(len(y))
    again = fay_herriot(unit * y[order] + origin, X[order], unit**2 * psi[order])
    np.testing.assert_allclose(again.sigma2, unit**2 * fit.sigma2, rtol=1e-7, atol=1e-12)
    np.testing.assert_allclose(again.eblup, unit * fit.eblup[order] + origin, rtol=1e-8)
    np.testing.assert_allclose(again.mse, unit**2 * fit.mse[order], rtol=1e-7)
    other = fay_herriot(y, np.column_stack((X[:, 0], 5e4 + 100 * X[:, 1])), psi)
    np.testing.assert_allclose(other.eblup, fit.eblup, rtol=1e-8)


def test_an_area_without_an_estimate_takes_nothing_and_gets_the_synthetic_value() -> None:
    y, X, psi = areas(5)
    fit = fay_herriot(y, X, psi)
    more = fay_herriot(np.r_[y, np.nan, 3.0], np.vstack((X, [1, 2.0], [1, -1.0])), np.r_[psi, 5.0, np.inf])
    for name in ("eblup", "mse", "gamma", "synthetic"):
        assert_close(getattr(more, name)[:-2], getattr(fit, name))
    x = np.array([[1, 2.0], [1, -1.0]])
    assert_close(more.eblup[-2:], x @ fit.beta)
    assert_close(more.mse[-2:], fit.sigma2 + np.diag(x @ fit.cov_beta @ x.T))
    assert (more.gamma[-2:] == 0).all()
    mean, sd = posterior(fit).moments()
    mean_more, sd_more = posterior(more).moments()
    assert_close(mean_more[:-2], mean)
    assert_close(sd_more[:-2], sd)
    assert (sd_more[-2:] > sd.max()).all()


def test_what_cannot_be_modelled_is_refused() -> None:
    y, X, psi = areas(6, m=12)
    with refusal("model.rows"):
        fay_herriot(y[:-1], X, psi)
    with refusal("model.variance", "above 0"):
        fay_herriot(y, X, np.r_[0.0, psi[1:]])
    with refusal("model.covariates"):
        fay_herriot(y, np.where(X[0, 1] == X, np.nan, X), psi)
    with refusal("model.few", "6", "7 or more"):
        fay_herriot(np.where(np.arange(12) < 6, y, np.nan), X, psi)
    with refusal("model.collinear", "Covariate 3"):
        fay_herriot(y, np.column_stack((X, 3 - 2 * X[:, 1])), psi)


# --- the posterior ---------------------------------------------------------------------------------


def integrated(fit: FayHerriot) -> tuple[np.ndarray, np.ndarray]:
    """Posterior mean and covariance of the areas by a fine sum over sigma2, from dense matrices."""
    y, X, psi = fit.y, fit.X, fit.psi
    s = np.geomspace(1e-6, 1e5, 6000)
    log = np.array([dense_loglik(y, X, psi, v) for v in s]) + np.log(s)
    weight = np.exp(log - log.max())
    weight /= weight.sum()
    means, covs = [], []
    for v in s:
        W = np.diag(1 / (psi + v))
        Q = np.linalg.inv(X.T @ W @ X)
        B = np.diag(psi / (psi + v))
        means.append(y - B @ (y - X @ Q @ X.T @ W @ y))
        covs.append(v * B + B @ X @ Q @ X.T @ B)
    mean = weight @ np.array(means)
    apart = np.array(means) - mean
    return mean, np.einsum("g,gij->ij", weight, covs) + np.einsum("g,gi,gj->ij", weight, apart, apart)


@pytest.mark.parametrize("signal", [0.0, 0.3, 3.0])
def test_the_posterior_is_what_plain_integration_gives(signal: float) -> None:
    y, X, psi = areas(11, m=14, signal=signal)
    fit = fay_herriot(y, X, psi)
    mixture = posterior(fit)
    mean, cov = integrated(fit)
    found, sd = mixture.moments()
    np.testing.assert_allclose(found, mean, rtol=1e-5)
    np.testing.assert_allclose(sd, np.sqrt(np.diag(cov)), rtol=1e-4)
    assert mixture.weight.sum() == pytest.approx(1)
    draws = mixture.draw(40_000, 1)
    np.testing.assert_allclose(draws.mean(axis=0), mean, atol=0.02)
    np.testing.assert_allclose(np.cov(draws.T), cov, atol=0.04 * np.diag(cov).max())


@pytest.mark.parametrize(
    ("m", "signal"), [(8, 0.0), (12, 0.5), (77, 0.0), (77, 1.0), (924, 1.0), (924, 100.0), (20_000, 1.0)]
)
def test_the_quadrature_is_fine_enough(m: int, signal: float) -> None:
    fit = fay_herriot(*areas(12, m=m, signal=signal))
    coarse, fine = posterior(fit), posterior(fit, 200)
    sd = fine.moments()[1]
    pairs = zip((*coarse.moments(), coarse.quantile(0.025)), (*fine.moments(), fine.quantile(0.025)), strict=True)
    for one, other in pairs:
        assert np.abs((one - other) / sd).max() < 1e-6


def test_quantiles_turn_the_distribution_round() -> None:
    fit = fay_herriot(*areas(13, m=9, signal=0.2))
    mixture = posterior(fit)
    for level in (0.001, 0.025, 0.5, 0.975):
        q = mixture.quantile(level)
        below = mixture.weight @ stats.norm.cdf((q - mixture.mean) / mixture.sd)
        np.testing.assert_allclose(below, level, rtol=1e-9)


def test_with_many_alike_areas_the_posterior_is_the_predictor() -> None:
    fit = fay_herriot(*areas(14, m=2000, signal=2.0))
    mean, sd = posterior(fit).moments()
    np.testing.assert_allclose(mean, fit.eblup, atol=0.02)
    np.testing.assert_allclose(sd, np.sqrt(fit.mse), rtol=0.01)


def test_draws_repeat_with_their_seed_and_mirror_one_another() -> None:
    mixture = posterior(fay_herriot(*areas(15)))
    np.testing.assert_array_equal(mixture.draw(101, 7), mixture.draw(101, 7))
    assert mixture.draw(101, 7).shape == (101, 25)
    assert (mixture.draw(100, 7) != mixture.draw(100, 8)).any()
