"""The equations of calibration on residents: against a general optimiser, and what has no solution."""

from __future__ import annotations

import numpy as np
import pytest
from builders import refusal
from hypothesis import given, settings, strategies as st
from scipy import optimize

from trustsurvey.weighting.greg import Columns, General, calibrate_general, ratio_bounds

SEEDS = st.integers(0, 2**32 - 1)


def columns_of(rng: np.random.Generator, n: int, sizes: list[int], q: int) -> Columns:
    codes = [rng.permutation(np.r_[np.arange(size), rng.integers(0, size, n - size)]) for size in sizes]
    first = np.cumsum([0, *sizes])
    category = np.stack([code + f for code, f in zip(codes, first, strict=False)], axis=1)
    return Columns(category, rng.normal(0, 1, (n, q)), int(first[-1]))


def problem_of(
    rng: np.random.Generator, n: int = 60, q: int = 2, distance: str = "linear", spread: float = 0.4,
    low: float | None = None, high: float | None = None,
) -> tuple[General, np.ndarray]:  # fmt: skip
    """A problem that positive weights are known to solve: base weights times something in [1 - spread, 1 + spread]."""
    columns = columns_of(rng, n, [2, 3], q)
    base = rng.uniform(0.5, 3.0, n)
    known = base * rng.uniform(1 - spread, 1 + spread, n)
    totals = columns.sums(known)
    size = np.r_[totals[: columns.categories], np.full(q, known.sum())]
    bounds = (None, None) if low is None else (np.full(n, low), np.full(n, high))
    return General(columns, totals, base, size, distance, *bounds), known  # type: ignore[arg-type]


@settings(max_examples=20)
@given(SEEDS, st.integers(0, 3))
def test_columns_do_the_arithmetic_of_their_matrix(seed: int, q: int) -> None:
    rng = np.random.default_rng(seed)
    columns = columns_of(rng, 25, [2, 4, 3], q)
    x, w, b = columns.matrix().toarray(), rng.uniform(-1, 2, 25), rng.normal(size=9 + q)
    assert x.shape == (25, 9 + q)
    np.testing.assert_allclose(columns.linear(b), x @ b, atol=1e-12)
    np.testing.assert_allclose(columns.sums(w), x.T @ w, atol=1e-12)
    np.testing.assert_allclose(columns.gram(w), x.T @ (w[:, None] * x), atol=1e-12)


def test_the_matrix_has_as_many_entries_in_every_row_even_where_a_number_is_zero() -> None:
    columns = Columns(np.array([[0], [1]]), np.array([[0.0], [2.0]]), 2)
    assert np.diff(columns.matrix().indptr).tolist() == [2, 2]


@settings(max_examples=25)
@given(SEEDS, st.sampled_from(["linear", "raking"]), st.integers(0, 3))
def test_totals_are_met(seed: int, distance: str, q: int) -> None:
    problem, _ = problem_of(np.random.default_rng(seed), q=q, distance=distance)
    found = calibrate_general(problem, [], "w")
    reached = problem.columns.sums(found.weights)
    np.testing.assert_allclose(reached, problem.totals, atol=1e-11 * problem.totals[:2].sum())


@pytest.mark.parametrize("seed", range(4))
def test_linear_weights_are_those_of_the_regression_estimator(seed: int) -> None:
    """w'y = total(y) by d + (totals - totals by d)'B with B the d-weighted regression of y on x."""
    rng = np.random.default_rng(seed)
    problem, _ = problem_of(rng)
    x, d, y = problem.columns.matrix().toarray(), problem.base, rng.normal(5, 2, 60)
    slope = np.linalg.lstsq(np.sqrt(d)[:, None] * x, np.sqrt(d) * y, rcond=1e-12)[0]
    expected = d @ y + (problem.totals - x.T @ d) @ slope
    assert calibrate_general(problem, [], "w").weights @ y == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize("distance", ["linear", "raking"])
@pytest.mark.parametrize("seed", range(3))
def test_bounded_weights_are_the_nearest_ones(seed: int, distance: str) -> None:
    """Minimise the distance over weights in the bounds that meet the totals, by SLSQP."""
    rng = np.random.default_rng(50 + seed)
    problem, known = problem_of(rng, 24, 1, distance, 0.2, 0.75, 1.25)
    found = calibrate_general(problem, [], "w")
    d, x = problem.base, problem.columns.matrix().toarray()
    keep = [0, 1, 2, 3, 5]  # the last category of the second margin follows from the rest

    def cost(w: np.ndarray) -> float:
        return float(((w - d) ** 2 / d).sum() / 2 if distance == "linear" else (w * np.log(w / d) - w + d).sum())

    best = optimize.minimize(
        cost, known, bounds=list(zip(0.75 * d, 1.25 * d, strict=True)), method="SLSQP",
        constraints={"type": "eq", "fun": lambda w: x[:, keep].T @ w - problem.totals[keep]},
        options={"ftol": 1e-15, "maxiter": 2000},
    )  # fmt: skip
    assert np.all((found.weights >= 0.75 * d * (1 - 1e-12)) & (found.weights <= 1.25 * d * (1 + 1e-12)))
    assert cost(found.weights) <= cost(best.x) + 1e-9
    np.testing.assert_allclose(found.weights, best.x, rtol=1e-4)


def test_bounds_that_bind_are_counted() -> None:
    """One group has to grow by half: the two that may grow less stay at the bound."""
    columns = Columns(np.array([[0], [0], [1], [1]]), np.zeros((4, 0)), 2)
    low, high = np.full(4, 0.1), np.array([1.2, 9.0, 9.0, 9.0])
    problem = General(columns, np.array([3.0, 2.0]), np.ones(4), np.array([3.0, 2.0]), "linear", low, high)
    found = calibrate_general(problem, [], "w")
    np.testing.assert_allclose(found.weights, [1.2, 1.8, 1.0, 1.0], rtol=1e-12)
    assert found.at_bounds == 0.25


def test_ratio_bounds_are_of_the_base_weight_or_the_mean_weight() -> None:
    base = np.array([1.0, 4.0])
    low, high = ratio_bounds((0.5, 2.0), "base", base, 10.0)
    assert low is not None
    assert high is not None
    assert (low.tolist(), high.tolist()) == ([0.5, 0.5], [2.0, 2.0])
    low, high = ratio_bounds((0.5, 2.0), "mean", base, 10.0)
    np.testing.assert_allclose(np.array([low, high]) * base, [[2.5, 2.5], [10.0, 10.0]])
    assert ratio_bounds(None, "base", base, 1.0) == (None, None)


# --- no weights exist -----------------------------------------------------------------------------


def test_contradicting_totals_are_refused_and_named() -> None:
    """The same number twice with two totals."""
    rng = np.random.default_rng(1)
    number = rng.normal(size=20)
    columns = Columns(np.zeros((20, 1), dtype=np.int64), np.stack([number, number], axis=1), 1)
    problem = General(columns, np.array([20.0, 3.0, 9.0]), np.ones(20), np.full(3, 20.0), "linear")
    with refusal("calibrate.collinear", "spring", "the total of"):
        calibrate_general(problem, ["size", "the total of a", "the total of b"], "spring")


def test_a_total_beyond_what_positive_weights_give_is_named_with_the_number_that_can_be_met() -> None:
    """Weights that add to 4 over the numbers 1 to 4 cannot come to more than 16."""
    columns = Columns(np.zeros((4, 1), dtype=np.int64), np.arange(1.0, 5.0)[:, None], 1)
    problem = General(columns, np.array([4.0, 20.0]), np.ones(4), np.array([4.0, 20.0]), "raking")
    with refusal("rake.infeasible", "spring", "cannot go"):
        calibrate_general(problem, ["size", "the total of a"], "spring")
    on_the_edge = General(columns, np.array([4.0, 16.0]), np.ones(4), np.array([4.0, 16.0]), "raking")
    with refusal("rake.boundary", "no weight"):
        calibrate_general(on_the_edge, ["size", "the total of a"], "spring")


def test_bounds_too_narrow_for_the_totals() -> None:
    columns = Columns(np.array([[0], [0], [1], [1]]), np.zeros((4, 0)), 2)
    problem = General(columns, np.array([3.0, 1.0]), np.ones(4), np.array([3.0, 1.0]), "linear", np.full(4, 0.8),
                      np.full(4, 1.2))  # fmt: skip
    with refusal("rake.infeasible", "'f'", "cannot go above 2.4", "between 0.8 and 1.2"):
        calibrate_general(problem, ["sex 'f'", "sex 'm'"], "spring", " with weights between 0.8 and 1.2")
