"""Importance that adds to R2: against R relaimpo, by all orders written out, and its bootstrap."""

from __future__ import annotations

from itertools import permutations

import numpy as np
import pytest
from builders import make_wave, random_design
from hypothesis import given, settings, strategies as st
from scales import reference

from trustsurvey.estimation.variance import VarianceModel
from trustsurvey.scales.importance import ALL_SUBSETS, replicated_importance, sample_orders, shapley


def covariance(seed: int, p: int, n: int = 60) -> np.ndarray:
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(n, p + 1)) @ rng.normal(size=(p + 1, p + 1))
    return np.cov(x.T)


def r2(cov: np.ndarray, columns: list[int]) -> float:
    if not columns:
        return 0.0
    right = cov[columns, -1]
    return float(right @ np.linalg.solve(cov[np.ix_(columns, columns)], right) / cov[-1, -1])


def over_all_orders(cov: np.ndarray, block: np.ndarray) -> np.ndarray:
    """The definition: each predictor's addition to R2, averaged over all orders."""
    b = int(block.max()) + 1
    total, orders = np.zeros(b), list(permutations(range(b)))
    for order in orders:
        before: list[int] = []
        for k in order:
            after = before + np.flatnonzero(block == k).tolist()
            total[k] += r2(cov, after) - r2(cov, before)
            before = after
    return total / len(orders)


@settings(max_examples=25)
@given(st.integers(0, 2**32 - 1), st.sampled_from([[0], [0, 1], [0, 1, 2, 3], [0, 0, 1], [0, 1, 1, 2, 0], [2, 0, 1]]))
def test_importance_is_the_mean_addition_over_all_orders_and_adds_to_r2(seed: int, blocks: list[int]) -> None:
    block = np.array(blocks)
    cov = covariance(seed, len(block))
    found = shapley(cov[None], block)[0]
    np.testing.assert_allclose(found, over_all_orders(cov, block), atol=1e-9)
    assert found.sum() == pytest.approx(r2(cov, list(range(len(block)))), abs=1e-10)
    assert (found >= -1e-10).all()
    every = np.array(list(permutations(range(block.max() + 1))))
    np.testing.assert_allclose(shapley(cov[None], block, every)[0], found, atol=1e-9)


def test_importance_is_that_of_relaimpo() -> None:
    """calc.relimp(q1 ~ q2 + q3 + q4 + q5 + group, data = transform(x, group = factor(group)), type = "lmg"),

    calc.relimp(lm(q1 ~ q2 + q4 + k, data = x), type = "lmg"), and with weights = w, lm(q1 ~ q2 + q3 + q4 + q5).
    """
    x = reference()
    group = (x["group"] == "b").to_numpy(float)
    data = np.column_stack([x[["q2", "q3", "q4", "q5"]], group, x["q1"]])
    expected = [0.111472186488, 0.0657219162211, 0.0976067278144, 0.0140911593055, 0.00448411950057]
    np.testing.assert_allclose(shapley(np.cov(data.T)[None], np.arange(5))[0], expected, rtol=1e-10)
    kind = (x["k"].to_numpy()[:, None] == np.array(["l", "m"])).astype(float)
    data = np.column_stack([x[["q2", "q4"]], kind, x["q1"]])
    expected = [0.136038234367, 0.125152788136, 0.00167639281637]
    np.testing.assert_allclose(shapley(np.cov(data.T)[None], np.array([0, 1, 2, 2]))[0], expected, rtol=1e-10)
    cov = np.cov(x[["q2", "q3", "q4", "q5", "q1"]].T, aweights=x["w"])
    expected = [0.114597745762, 0.0620021409246, 0.101586802289, 0.0113624051252]
    np.testing.assert_allclose(shapley(cov[None], np.arange(4))[0], expected, rtol=1e-10)


def test_many_matrices_at_once_give_what_each_gives_alone() -> None:
    covs = np.array([covariance(seed, 4) for seed in range(7)])
    together = shapley(covs, np.arange(4))
    np.testing.assert_allclose(together, [shapley(c[None], np.arange(4))[0] for c in covs], rtol=1e-12)


def test_units_do_not_matter_and_a_copy_shares_with_what_it_copies() -> None:
    cov = covariance(3, 3)
    units = np.array([0.001, 1000.0, 3.0, 50.0])
    np.testing.assert_allclose(
        shapley((cov * np.outer(units, units))[None], np.arange(3)), shapley(cov[None], np.arange(3))
    )
    twice = cov[np.ix_([0, 0, 1, 2, 3], [0, 0, 1, 2, 3])]
    found = shapley(twice[None], np.arange(4))[0]
    assert found[0] == pytest.approx(found[1])
    assert found.sum() == pytest.approx(shapley(cov[None], np.arange(3)).sum())


def test_sampled_orders_add_to_r2_and_come_near_all_of_them() -> None:
    cov, p = covariance(4, 9), 9
    orders = sample_orders(p, 2000, 1)
    assert orders.shape == (4000, p)
    assert (np.sort(orders, axis=1) == np.arange(p)).all()
    np.testing.assert_array_equal(orders[1], orders[0][::-1])
    exact, sampled = shapley(cov[None], np.arange(p))[0], shapley(cov[None], np.arange(p), orders)[0]
    assert sampled.sum() == pytest.approx(exact.sum(), rel=1e-10)
    np.testing.assert_allclose(sampled, exact, atol=0.01)
    assert np.abs(sampled - exact).max() > 1e-9
    np.testing.assert_array_equal(sample_orders(p, 5, 1), sample_orders(p, 5, 1))
    assert (sample_orders(p, 5, 1) != sample_orders(p, 5, 2)).any()


def test_twelve_predictors_are_taken_through_all_subsets() -> None:
    cov = covariance(5, ALL_SUBSETS, 200)
    found = shapley(cov[None], np.arange(ALL_SUBSETS))[0]
    assert found.sum() == pytest.approx(r2(cov, list(range(ALL_SUBSETS))), rel=1e-9)
    near = shapley(cov[None], np.arange(ALL_SUBSETS), sample_orders(ALL_SUBSETS, 2000, 3))[0]
    np.testing.assert_allclose(near, found, atol=0.02)


# --- replicates -----------------------------------------------------------------------------------


def test_a_replicate_is_the_importance_under_resampled_units() -> None:
    """Each replicate written out: units drawn by the same generator, weights times n / (n - 1) times counted."""
    rng = np.random.default_rng(6)
    design = random_design(rng, 90, fpc=False)
    x = rng.normal(size=(90, 3))
    model = VarianceModel.of(make_wave({"y": x[:, 2]}, **design))
    rows = np.flatnonzero(np.arange(90) % 7)  # some residents did not answer
    centred = x[rows] - np.average(x[rows], axis=0, weights=model.weights[rows])
    found = replicated_importance(model, rows, centred, np.arange(2), None, 5, seed=9)
    again = np.random.default_rng(9)
    psus = model.design.psus
    strata = np.array([model.design.strata[psus == p][0] for p in range(model.n_psu)])
    factor = np.ones((5, model.n_psu))
    for h in range(3):
        n = int((strata == h).sum())
        picked = [np.bincount(units, minlength=n) for units in again.integers(n, size=(5, n - 1))]
        factor[:, strata == h] = n / (n - 1) * np.array(picked)
    for r in range(5):
        w = model.weights[rows] * factor[r, psus[rows]]
        cov = np.cov(x[rows].T, aweights=w)
        np.testing.assert_allclose(found[r], shapley(cov[None], np.arange(2))[0], rtol=1e-8)


def test_replicates_spread_as_the_design_says() -> None:
    """Variance of a correlation squared in a simple sample: 4 r^2 (1 - r^2)^2 / n."""
    rng = np.random.default_rng(7)
    n, r = 3000, 0.5
    x = rng.normal(size=n)
    data = np.column_stack([x, r * x + np.sqrt(1 - r**2) * rng.normal(size=n)])
    model = VarianceModel.of(make_wave({"y": data[:, 1]}))
    drawn = replicated_importance(model, np.arange(n), data - data.mean(axis=0), np.array([0]), None, 400, 1)[:, 0]
    assert drawn.std() == pytest.approx(2 * r * (1 - r**2) / np.sqrt(n), rel=0.12)
    census = VarianceModel.of(make_wave({"y": data[:, 1]}, fpc=n))
    same = replicated_importance(census, np.arange(n), data - data.mean(axis=0), np.array([0]), None, 3, 1)[:, 0]
    np.testing.assert_allclose(same, np.corrcoef(data.T)[0, 1] ** 2)


def test_a_predictor_that_is_gone_from_a_replicate_leaves_it_undefined() -> None:
    rng = np.random.default_rng(8)
    x = np.column_stack([np.r_[1.0, np.zeros(39)], rng.normal(size=40)])
    model = VarianceModel.of(make_wave({"y": x[:, 1]}))
    drawn = replicated_importance(model, np.arange(40), x - x.mean(axis=0), np.array([0]), None, 200, 2)
    share = np.isnan(drawn).mean()
    assert 0.2 < share < 0.55  # (1 - 1/40)^39 = .37
