"""The one-factor model in groups: against lavaan, and what must hold of any maximum."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st
from scales import ITEMS, reference

from trustsurvey.scales.factor import LEAST_UNIQUE, FactorFit, fit_factor
from trustsurvey.scales.invariance import pattern_of

K = len(ITEMS)


def moments_by_group() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    parts = [part[list(ITEMS)].to_numpy() for _, part in reference().groupby("group")]
    return (
        np.array([np.cov(x.T, bias=True) for x in parts]),
        np.array([x.mean(axis=0) for x in parts]),
        np.array([float(len(x)) for x in parts]),
    )


def fitted(equal_loadings: bool, equal_intercepts: bool, freed: tuple[int, ...] = ()) -> FactorFit:
    return fit_factor(*moments_by_group(), *pattern_of(2, K, equal_loadings, equal_intercepts, freed))


@pytest.mark.parametrize(
    ("equal", "chi2", "df", "p", "cfi", "rmsea", "srmr"),
    [
        ((False, False), 18.1486490087, 18, 0.445901137155, 0.999751763447, 0.00524667459155, 0.0231404),
        ((True, False), 20.9200727371, 23, 0.585968681986, 1.0, 0.0, 0.0298801),
        ((True, True), 140.679906248, 28, 0.0, 0.811830084067, 0.115820009296, 0.0950240),
        ((True, True, (2,)), 29.9730507015, 26, 0.2687290365, 0.993365200226, 0.0225691265794, 0.0355466),
    ],
    ids=["configural", "metric", "scalar", "partial"],
)
def test_the_steps_are_those_of_lavaan(
    equal: tuple, chi2: float, df: int, p: float, cfi: float, rmsea: float, srmr: float
) -> None:
    """fit <- function(...) cfa(m, x, group = "group", std.lv = TRUE, ...); fitMeasures(fit(...)), with

    nothing, group.equal = "loadings", group.equal = c("loadings", "intercepts"), and the last with
    group.partial = c("f=~q3", "q3~1").
    """
    fit = fitted(*equal)
    assert fit.converged
    assert fit.chi2 == pytest.approx(chi2, rel=1e-9)
    assert fit.df == df
    assert fit.p == pytest.approx(p, rel=1e-7, abs=1e-12)
    assert fit.cfi == pytest.approx(cfi, rel=1e-9)
    assert fit.rmsea == pytest.approx(rmsea, rel=1e-7)
    assert fit.srmr == pytest.approx(srmr, rel=2e-5)  # in R at the point where it stops


def test_the_estimates_are_those_of_lavaan() -> None:
    """parameterEstimates(fit(group.equal = c("loadings", "intercepts"), group.partial = c("f=~q3", "q3~1")))."""
    fit = fitted(True, True, (2,))
    np.testing.assert_allclose(fit.loadings[0], [0.746, 0.653, 0.522, 0.721, 0.386, 0.578], atol=6e-4)
    np.testing.assert_allclose(fit.loadings[1], [0.746, 0.653, 0.423, 0.721, 0.386, 0.578], atol=6e-4)
    np.testing.assert_allclose(fit.intercepts[1], [2.049, 2.085, 2.954, 2.070, 2.103, 2.020], atol=6e-4)
    np.testing.assert_allclose(fit.variances, [1, 0.921], atol=6e-4)
    np.testing.assert_allclose(fit.means, [0, 0.400], atol=6e-4)


def test_the_gradient_is_that_of_the_discrepancy_and_vanishes_where_the_model_is_free() -> None:
    from trustsurvey.scales.factor import _discrepancy

    covs, means, n = moments_by_group()
    rng = np.random.default_rng(1)
    full = np.concatenate([np.r_[rng.uniform(0.4, 1, K), rng.normal(size=K), rng.uniform(0.3, 1, K), 0.3, 1.2]] * 2)
    _, gradient, _ = _discrepancy(full, covs, means, n / n.sum())
    steps = 1e-6 * np.eye(len(full))
    numeric = [
        (_discrepancy(full + s, covs, means, n / n.sum())[0] - _discrepancy(full - s, covs, means, n / n.sum())[0])
        / 2e-6
        for s in steps
    ]
    np.testing.assert_allclose(gradient, numeric, rtol=1e-5, atol=1e-6)
    pattern, _ = pattern_of(2, K, True, True)
    assert np.abs(pattern.T @ fitted(True, True).gradient).max() < 1e-8


def test_the_information_is_the_hessian_where_the_model_holds_exactly() -> None:
    from trustsurvey.scales.factor import _discrepancy

    full = np.r_[0.7, 0.6, 0.8, 0.1, 0.2, 0.3, 0.5, 0.6, 0.4, 0.2, 1.1]
    load, phi = full[:3], full[-1]
    cov, mean = phi * np.outer(load, load) + np.diag(full[6:9]), full[3:6] + 0.2 * load
    _, gradient, information = _discrepancy(full, cov[None], mean[None], np.ones(1))
    assert np.abs(gradient).max() < 1e-12
    columns = []
    for step in 1e-5 * np.eye(11):
        up = _discrepancy(full + step, cov[None], mean[None], np.ones(1))[1]
        down = _discrepancy(full - step, cov[None], mean[None], np.ones(1))[1]
        columns.append((up - down) / 2e-5)
    np.testing.assert_allclose(information, np.column_stack(columns), atol=1e-6)


@settings(max_examples=25)
@given(st.integers(0, 2**32 - 1), st.integers(3, 7), st.floats(0.01, 1000))
def test_a_covariance_that_has_one_factor_is_given_back_whatever_the_units(seed: int, k: int, unit: float) -> None:
    rng = np.random.default_rng(seed)
    load, unique = rng.uniform(0.4, 1.2, k) * unit, rng.uniform(0.2, 1, k) * unit**2
    cov = np.outer(load, load) + np.diag(unique)
    fit = fit_factor(cov[None], np.zeros((1, k)), np.array([500.0]), *pattern_of(1, k, False, False), with_means=False)
    np.testing.assert_allclose(fit.loadings[0], load, rtol=1e-5)
    np.testing.assert_allclose(fit.uniquenesses[0], unique, rtol=1e-4)
    assert fit.chi2 == pytest.approx(0, abs=1e-7)
    assert not fit.heywood.any()
    if k > 3:
        assert fit.cfi == pytest.approx(1)
    else:
        assert fit.df == 0
        assert np.isnan([fit.cfi, fit.rmsea, fit.srmr, fit.p]).all()


def test_a_negative_loading_stays_negative_and_a_heywood_case_stops_at_the_bound() -> None:
    load = np.array([0.8, -0.7, 0.6, 0.9])
    cov = np.outer(load, load) + np.diag(1 - load**2)
    free = pattern_of(1, 4, False, False)
    fit = fit_factor(cov[None], np.zeros((1, 4)), np.array([100.0]), *free)
    np.testing.assert_allclose(fit.loadings[0], load, atol=1e-6)
    cov = np.array([[1, 0.8, 0.8], [0.8, 1, 0.5], [0.8, 0.5, 1]])
    fit = fit_factor(cov[None], np.zeros((1, 3)), np.array([100.0]), *pattern_of(1, 3, False, False))
    assert fit.heywood.tolist() == [[True, False, False]]
    assert fit.uniquenesses[0, 0] == pytest.approx(LEAST_UNIQUE)
    assert fit.converged


def test_unrelated_items_have_loadings_near_nothing() -> None:
    x = np.random.default_rng(5).normal(size=(5000, 5))
    fit = fit_factor(
        np.cov(x.T, bias=True)[None], x.mean(axis=0)[None], np.array([5000.0]), *pattern_of(1, 5, False, False)
    )
    assert fit.chi2 < 25
    assert (np.sort(np.abs(fit.loadings[0]))[:4] < 0.2).all()
