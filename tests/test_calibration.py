"""The raking core against plain iterative fitting, a general optimiser, and impossible targets."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from builders import refusal
from hypothesis import example, given, settings, strategies as st
from scipy import optimize

from trustsurvey.errors import SurveyError
from trustsurvey.model import Margin
from trustsurvey.weighting.calibration import TOLERANCE, Problem, Raked, calibrate_raking

SEEDS = st.integers(0, 2**32 - 1)


def margin(name: str, targets: object) -> Margin:
    series = pd.Series(targets, dtype=float)
    series.index = series.index.astype(str)
    return Margin(name, series)


def problem(
    rng: np.random.Generator, n: int, sizes: list[int], spread: float = 0.7, unequal: bool = True
) -> tuple[list[np.ndarray], list[Margin], np.ndarray, np.ndarray]:
    """Codes, margins, base weights, and positive weights that meet the margins (so they can be met)."""
    codes = []
    for size in sizes:
        code = np.r_[np.arange(size), rng.choice(size, n - size, p=rng.dirichlet(np.full(size, 2.0)))]
        codes.append(rng.permutation(code).astype(np.int64))
    known = np.exp(rng.normal(0, spread, n))
    base = np.exp(rng.normal(0, 0.6, n)) if unequal else np.ones(n)
    margins = [
        margin(f"v{j}", np.bincount(code, known, minlength=size))
        for j, (code, size) in enumerate(zip(codes, sizes, strict=True))
    ]
    return codes, margins, base, known


def misfit(weights: np.ndarray, codes: list[np.ndarray], margins: list[Margin]) -> float:
    """Largest relative difference between a weighted margin and its target, summed one by one."""
    return max(
        abs(weights[code == k].sum() / target - 1)
        for code, m in zip(codes, margins, strict=True)
        for k, target in enumerate(m.targets)
    )


def fitted_by_turns(codes: list[np.ndarray], margins: list[Margin], base: np.ndarray) -> np.ndarray:
    """Deming and Stephan's own algorithm: scale to one margin after another until nothing moves."""
    w = base.copy()
    for _ in range(20_000):
        before = w.copy()
        for code, m in zip(codes, margins, strict=True):
            w *= (m.targets.to_numpy() / np.bincount(code, w, minlength=len(m.targets)))[code]
        if np.max(np.abs(w / before - 1)) < 1e-14:
            return w
    raise AssertionError("the reference did not settle")


# --- without bounds -------------------------------------------------------------------------------


def test_one_margin_is_poststratification() -> None:
    base = np.array([1.0, 3.0, 2.0, 2.0])
    codes = [np.array([0, 0, 1, 1])]
    raked = calibrate_raking(codes, [margin("sex", {"f": 8, "m": 1})], base)
    np.testing.assert_allclose(raked.weights, [2, 6, 0.5, 0.5], rtol=1e-13)
    assert isinstance(raked, Raked)
    assert raked.at_bounds == 0


@pytest.mark.parametrize("seed", range(6))
def test_agrees_with_iterative_proportional_fitting(seed: int) -> None:
    rng = np.random.default_rng(seed)
    codes, margins, base, _ = problem(rng, 60 + 20 * seed, [2, 3, 4, 5][: 2 + seed % 3])
    raked = calibrate_raking(codes, margins, base)
    np.testing.assert_allclose(raked.weights, fitted_by_turns(codes, margins, base), rtol=1e-9)


@settings(max_examples=60)
@given(SEEDS, st.lists(st.integers(2, 8), min_size=1, max_size=5), st.integers(20, 400))
def test_margins_are_met_to_the_stated_tolerance(seed: int, sizes: list[int], n: int) -> None:
    codes, margins, base, _ = problem(np.random.default_rng(seed), n, sizes)
    raked = calibrate_raking(codes, margins, base)
    assert raked.misfit <= TOLERANCE
    assert misfit(raked.weights, codes, margins) <= 2 * TOLERANCE
    assert np.all(raked.weights > 0)


@settings(max_examples=30)
@given(SEEDS, st.lists(st.integers(2, 5), min_size=2, max_size=4))
def test_weights_are_the_base_times_one_factor_a_category(seed: int, sizes: list[int]) -> None:
    """log(w / d) is a sum of one number per margin: what makes it raking and not another calibration."""
    codes, margins, base, _ = problem(np.random.default_rng(seed), 120, sizes)
    ratio = np.log(calibrate_raking(codes, margins, base).weights / base)
    dummies = np.column_stack([code == k for code, size in zip(codes, sizes, strict=True) for k in range(size)])
    fitted = dummies @ np.linalg.lstsq(dummies.astype(float), ratio, rcond=None)[0]
    np.testing.assert_allclose(ratio, fitted, atol=1e-9)


@pytest.mark.parametrize(
    ("sizes", "n"), [([6, 7], 200), ([120] * 3, 700), ([12] * 18, 400)], ids=["few", "a million", "2 ** 64"]
)
def test_margins_are_met_however_many_cells_they_cross_to(sizes: list[int], n: int) -> None:
    codes, margins, base, _ = problem(np.random.default_rng(8), n, sizes, spread=0.1)
    raked = calibrate_raking(codes, margins, base)
    assert misfit(raked.weights, codes, margins) <= 1e-11


@pytest.mark.parametrize("bad", [0.0, -1.0, np.nan, np.inf])
def test_base_weights_must_be_positive_numbers(bad: float) -> None:
    with refusal("rake.base", "spring", "above 0"):
        calibrate_raking([np.array([0, 1])], [margin("sex", {"f": 1, "m": 1})], np.array([1.0, bad]), where="spring")


@settings(max_examples=20)
@given(SEEDS, st.lists(st.integers(2, 6), min_size=1, max_size=4), st.booleans())
def test_tables_of_the_cells_are_those_of_the_dummies(seed: int, sizes: list[int], bounded: bool) -> None:
    """Sums, curvature and slope against the dense matrix of dummies, whichever margin is the outer one."""
    rng = np.random.default_rng(seed)
    codes, margins, base, _ = problem(rng, 60, sizes)
    cells = Problem.build(codes, margins, base, (0.5, 3.0) if bounded else None, "base")
    x = np.zeros((len(cells.base), sum(sizes)))
    for offset, column in zip(cells.offsets, cells.cell_codes.T, strict=True):
        x[np.arange(len(x)), offset + column] = 1
    w, b = rng.uniform(0, 2, len(x)), rng.normal(0, 0.5, sum(sizes))
    np.testing.assert_allclose(cells.sums(w), x.T @ w, atol=1e-12)
    np.testing.assert_allclose(cells.hessian(w), x.T @ (w[:, None] * x), atol=1e-12)
    ratio = np.exp(x @ b)
    np.testing.assert_allclose(cells.ratio(b), np.clip(ratio, 0.5, 3.0) if bounded else ratio, rtol=1e-12)
    step = 1e-6 * rng.normal(size=len(b))
    slope = (cells.dual(b + step) - cells.dual(b - step)) / 2
    assert slope == pytest.approx(step @ (cells.totals - cells.sums(cells.weights(b))), rel=1e-4, abs=1e-8)


def test_another_base_on_the_same_cells_is_the_problem_of_that_base() -> None:
    codes, margins, base, _ = problem(np.random.default_rng(3), 200, [3, 4, 2], spread=0.2)
    cells = Problem.build(codes, margins, base)
    start = cells.solve()[0]
    other = np.random.default_rng(4).uniform(0.5, 1.5, 200) * base
    moved = cells.on(np.bincount(cells.cell_of, other, len(cells.base)))
    expected = calibrate_raking(codes, margins, other).weights
    for first in (None, start):
        b, misfit, _ = moved.solve(first)
        assert misfit <= TOLERANCE
        np.testing.assert_allclose(other * moved.ratio(b)[moved.cell_of], expected, rtol=1e-10)


# --- no weights exist -----------------------------------------------------------------------------


def test_what_cannot_be_met_is_named_with_the_number_that_can() -> None:
    """Nobody is a man under 30, so the young (600) can never outnumber the women (400)."""
    age = np.array([0, 0, 1, 1, 1])
    sex = np.array([0, 0, 0, 1, 1])
    margins = [margin("age", {"under 30": 600, "30 up": 400}), margin("sex", {"f": 400, "m": 600})]
    with refusal("rake.infeasible", "spring", "cannot go", "Merge") as told:
        calibrate_raking([age, sex], margins, np.ones(5), where="spring")
    said = told.got
    assert any(
        claim in said
        for claim in (
            "age 'under 30' should come to 600 but cannot go above 400",
            "sex 'f' should come to 400 but cannot go below 600",
        )
    ), said


@settings(max_examples=25)
@given(SEEDS)
def test_impossible_margins_are_always_refused_as_such(seed: int) -> None:
    """All who are 0 in the first margin are 0 in the second one, whose target is the smaller."""
    rng = np.random.default_rng(seed)
    n = int(rng.integers(20, 200))
    first = np.r_[0, 1, rng.integers(0, 2, n - 2)]
    second = np.where(first == 0, 0, np.r_[0, 1, rng.integers(0, 2, n - 2)])
    more, less = rng.uniform(51, 80), rng.uniform(20, 49)
    margins = [margin("one", {"a": more, "b": 100 - more}), margin("two", {"c": less, "d": 100 - less})]
    with refusal("rake.infeasible", " '", "should come to", "cannot go"):
        calibrate_raking([first, second], margins, rng.uniform(0.5, 2, n))


def test_margins_that_leave_somebody_no_weight() -> None:
    """The young are all women and must weigh as much as all women: older women would weigh nothing."""
    age = np.array([0, 0, 1, 1, 1])
    sex = np.array([0, 0, 0, 1, 1])
    margins = [margin("age", {"young": 400, "old": 600}), margin("sex", {"f": 400, "m": 600})]
    with refusal("rake.boundary", "spring", "age old and sex f", "no weight"):
        calibrate_raking([age, sex], margins, np.ones(5), where="spring")


def test_margins_close_to_the_boundary_can_still_be_met() -> None:
    age = np.array([0, 0, 1, 1, 1])
    sex = np.array([0, 0, 0, 1, 1])
    margins = [margin("age", {"young": 399.9, "old": 600.1}), margin("sex", {"f": 400, "m": 600})]
    raked = calibrate_raking([age, sex], margins, np.ones(5))
    np.testing.assert_allclose(raked.weights, [199.95, 199.95, 0.1, 300, 300], rtol=1e-9)


# --- within bounds --------------------------------------------------------------------------------


def nearest_within(
    codes: list[np.ndarray], margins: list[Margin], base: np.ndarray, low: float, high: float
) -> np.ndarray:
    """Minimise the raking distance sum w log(w/d) - w + d over weights in the bounds, by SLSQP."""
    n = len(base)
    rows = [(code == k).astype(float) for code, m in zip(codes, margins, strict=True) for k in range(len(m.targets))]
    targets = np.concatenate([m.targets.to_numpy() for m in margins])
    redundant = set(np.cumsum([len(m.targets) for m in margins])[1:] - 1)  # one row a further margin
    keep = [k for k in range(len(rows)) if k not in redundant]
    a, t = np.array(rows)[keep], targets[keep]
    found = optimize.minimize(
        lambda w: (w * np.log(w / base) - w + base).sum(),
        np.full(n, targets[: len(margins[0].targets)].sum() / n),
        jac=lambda w: np.log(w / base),
        bounds=[(low, high)] * n,
        constraints={"type": "eq", "fun": lambda w: a @ w - t, "jac": lambda w: a},
        method="SLSQP",
        options={"ftol": 1e-14, "maxiter": 500},
    )
    assert np.abs(a @ found.x - t).max() < 1e-8
    return found.x


@pytest.mark.parametrize("unequal", [False, True], ids=["equal base", "unequal base"])
@pytest.mark.parametrize("seed", range(4))
def test_bounded_weights_are_the_nearest_ones(seed: int, unequal: bool) -> None:
    rng = np.random.default_rng(100 + seed)
    codes, margins, base, known = problem(rng, 24, [2, 3], spread=0.5, unequal=unequal)
    base = base / base.mean() * known.mean()
    low, high = 0.9 * known.min() / known.mean(), 1.1 * known.max() / known.mean()
    raked = calibrate_raking(codes, margins, base, (low, high))
    reference = nearest_within(codes, margins, base, low * known.mean(), high * known.mean())
    np.testing.assert_allclose(raked.weights, reference, rtol=1e-4)


@settings(max_examples=60)
@given(SEEDS, st.lists(st.integers(2, 6), min_size=1, max_size=3), st.booleans())
@example(4, [3, 3, 2], True)
def test_margins_that_can_be_met_within_bounds_are_met(seed: int, sizes: list[int], unequal: bool) -> None:
    """The margins come from weights that lie well inside the bounds, so refusing them is wrong."""
    rng = np.random.default_rng(seed)
    codes, margins, base, known = problem(rng, 40, sizes, spread=0.5, unequal=unequal)
    known = known / known.mean()
    low, high = 0.9 * known.min(), 1.1 * known.max()
    raked = calibrate_raking(codes, margins, base, (low, high))
    assert misfit(raked.weights, codes, margins) <= 2 * TOLERANCE
    relative = raked.weights / raked.weights.mean()
    assert relative.min() >= low * (1 - 1e-9)
    assert relative.max() <= high * (1 + 1e-9)


def test_a_category_that_first_meets_its_bound_is_not_given_up() -> None:
    """No weight is at a bound in the solution: one person weighs 1.534, the others 1 : 2 : 1."""
    margins = [margin("area", {"b": 2.466, "c": 1.534})]
    raked = calibrate_raking([np.array([0, 1, 0, 0])], margins, np.array([1.0, 1, 2, 1]), (0.3, 2.0))
    np.testing.assert_allclose(raked.weights, [0.6165, 1.534, 1.233, 0.6165], rtol=1e-9)
    assert raked.at_bounds == 0


def test_who_is_held_at_a_bound_is_counted() -> None:
    codes = [np.array([0, 0, 1, 1, 1, 1])]
    base = np.array([1.0, 9.0, 1.0, 1.0, 1.0, 1.0])
    raked = calibrate_raking(codes, [margin("sex", {"f": 2.4, "m": 3.6})], base, (0.5, 1.5))
    np.testing.assert_allclose(raked.weights, [0.9, 1.5, 0.9, 0.9, 0.9, 0.9], rtol=1e-12)
    assert raked.at_bounds == pytest.approx(1 / 6)


def test_bounds_too_narrow_for_the_margins() -> None:
    """A fifth of the sample is f; with weights up to 1.5 times the mean they come to 30 of 100 at most."""
    codes = [np.array([0, 0, *[1] * 8])]
    margins = [margin("sex", {"f": 50, "m": 50})]
    with refusal("rake.infeasible", "sex 'f' should come to 50 but cannot go above 30", "0.5 and 1.5 times"):
        calibrate_raking(codes, margins, np.ones(10), (0.5, 1.5))


@pytest.mark.parametrize("bounds", [(1.5, 3.0), (0.2, 0.8), (-1.0, 2.0), (0.5, float("inf"))])
def test_bounds_that_leave_out_the_mean_are_named(bounds: tuple[float, float]) -> None:
    with refusal("rake.bounds", f"{bounds[0]:g} and {bounds[1]:g}", "one below and one above 1"):
        calibrate_raking([np.array([0, 0, 1, 1])], [margin("sex", {"f": 50, "m": 50})], np.ones(4), bounds)


@pytest.mark.parametrize("bounds", [(2.0, 0.5), (float("nan"), 3.0)])
def test_bounds_that_are_no_interval_are_blamed_themselves(bounds: tuple[float, float]) -> None:
    """The margins are met by the sample as it is, so it is not they that leave anybody without weight."""
    with pytest.raises(SurveyError, match="bounds") as caught:
        calibrate_raking([np.array([0, 0, 1, 1])], [margin("sex", {"f": 50, "m": 50})], np.ones(4), bounds)
    assert caught.value.code != "rake.boundary"
