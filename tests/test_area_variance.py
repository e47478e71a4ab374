"""Smoothed sampling variances and shares on the arcsine scale."""

from __future__ import annotations

import numpy as np
import pytest
from builders import refusal
from hypothesis import given, settings, strategies as st

from trustsurvey.areas.variances import arcsine, effective_n, share_of, smoothed_variance


def surveys(seed: int, m: int, spread: float) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Unit variances, numbers and standard errors of areas whose unit variances differ by ``spread``."""
    rng = np.random.default_rng(seed)
    n = rng.integers(5, 60, m).astype(float)
    unit = 400 * np.exp(spread * rng.normal(size=m))
    return unit, n, np.sqrt(unit * rng.chisquare(n - 1) / (n - 1) / n)


def test_where_areas_do_not_differ_variances_are_pooled() -> None:
    n = np.array([10.0, 20, 30, 40])
    unit = np.array([390.0, 410, 400, 400])
    found = smoothed_variance(np.sqrt(unit / n), n, n - 1)
    pooled = (n - 1) @ unit / (n - 1).sum()
    np.testing.assert_allclose(found, pooled / n)


def test_credibility_by_hand() -> None:
    n, df = np.array([11.0, 21, 31, 41, 1]), np.array([10.0, 20, 30, 40, 0])
    unit = np.array([900.0, 100, 400, 250, np.nan])
    pooled = sum(d * u for d, u in zip(df[:4], unit[:4], strict=True)) / 100
    spread = sum(d * (u / pooled - 1) ** 2 for d, u in zip(df[:4], unit[:4], strict=True))
    # E spread = 2 (k - 1) (1 + tau2) + tau2 (sum d - sum d^2 / sum d)
    tau2 = (spread - 2 * 3) / (100 - 3000 / 100 + 2 * 3)
    expected = [
        pooled + tau2 / (tau2 + 2 * (1 + tau2) / d) * (u - pooled) for d, u in zip(df[:4], unit[:4], strict=True)
    ]
    assert 0.1 < tau2 < 1
    np.testing.assert_allclose(smoothed_variance(np.sqrt(unit / n), n, df), np.array([*expected, pooled]) / n)


def test_where_areas_differ_much_each_keeps_its_own() -> None:
    _, n, se = surveys(1, 200, 1.5)
    n, se = n * 1000, se / np.sqrt(1000)
    np.testing.assert_allclose(smoothed_variance(se, n, n - 1), se**2, rtol=0.01)


@pytest.mark.parametrize("spread", [0.0, 0.3, 0.6])
def test_smoothing_is_as_near_to_the_truth_as_the_better_of_pooling_and_leaving(spread: float) -> None:
    """Squared error of unit variances, 40 surveys of 60 areas: as good as either, better where both are wrong."""
    off = np.zeros(3)
    for seed in range(40):
        unit, n, se = surveys(seed, 60, spread)
        pooled = (n - 1) @ (n * se**2) / (n - 1).sum() / n
        for k, found in enumerate((smoothed_variance(se, n, n - 1), se**2, pooled)):
            off[k] += ((found * n / 400 - unit / 400) ** 2).mean() / 40
    assert off[0] <= off[1:].min() * (0.9 if spread == 0.3 else 1.0) + 0.001


def test_areas_without_variance_get_one() -> None:
    n = np.array([12.0, 15, 1, 40, 30])
    se = np.array([3.0, 0.0, np.nan, 2.0, np.nan])
    found = smoothed_variance(se, n, np.array([11.0, 14, 0, 39, 0]))
    assert (found > 0).all()
    known = 11 + 14 + 39
    pooled = (11 * 12 * 9 + 39 * 40 * 4) / known
    assert found[2] == pytest.approx(pooled)
    assert found[4] == pytest.approx(pooled / 30)
    assert found[1] <= pooled / 15


def test_no_variance_anywhere_is_refused() -> None:
    n, df = np.array([10.0, 20]), np.array([9.0, 19])
    for se in (np.zeros(2), np.full(2, np.nan)):
        with refusal("model.flat"):
            smoothed_variance(se, n, df)
        with refusal("model.flat"):
            effective_n(np.array([0.0, 1.0]), se, n, df)


@settings(max_examples=50)
@given(st.integers(0, 10_000), st.floats(0.01, 100))
def test_smoothing_follows_the_unit(seed: int, unit: float) -> None:
    _, n, se = surveys(seed, 12, 0.5)
    np.testing.assert_allclose(smoothed_variance(unit * se, n, n - 1), unit**2 * smoothed_variance(se, n, n - 1))


def test_one_design_effect_for_all_shares() -> None:
    n = np.array([10.0, 20, 30])
    p = np.array([0.2, 0.5, 1.0])
    se = np.sqrt(1.7 * p * (1 - p) / (n - 1))
    np.testing.assert_allclose(effective_n(p, se, n, n - 1), n / 1.7)


@settings(max_examples=100)
@given(st.floats(0, 1), st.floats(1, 1e6))
def test_shares_go_to_the_arcsine_scale_and_back(p: float, n: float) -> None:
    z, psi = arcsine(np.array([p]), np.array([n]))
    assert 0 < z[0] < np.pi / 2
    assert psi[0] == pytest.approx(1 / (4 * n + 1))
    assert share_of(z, np.zeros(1))[0] == pytest.approx((n * p + 0.25) / (n + 0.5), abs=1e-12)
    other, _ = arcsine(np.array([1 - p]), np.array([n]))
    assert z[0] + other[0] == pytest.approx(np.pi / 2)


def test_the_mean_of_a_transformed_share_is_nearly_right_and_its_variance_known() -> None:
    rng = np.random.default_rng(2)
    for p in (0.1, 0.3, 0.5, 0.9):
        n = np.full(200_000, 40.0)
        z, psi = arcsine(rng.binomial(40, p, 200_000) / 40, n)
        assert z.mean() == pytest.approx(np.arcsin(np.sqrt(p)), abs=0.002)
        assert z.var() == pytest.approx(psi[0], rel=0.12)


def test_a_share_comes_back_as_its_expected_value() -> None:
    z = np.random.default_rng(3).normal(0.4, 0.25, 400_000)
    assert share_of(np.array([0.4]), np.array([0.25**2]))[0] == pytest.approx((np.sin(z) ** 2).mean(), abs=5e-4)
