"""The quick steps of raking against the careful solver, on tables that are full, sparse or too large."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st
from test_calibration import SEEDS, misfit, problem

from trustsurvey.model import Margin
from trustsurvey.weighting import crossing
from trustsurvey.weighting.calibration import Problem, calibrate_raking
from trustsurvey.weighting.crossing import ROUNDING, TOLERANCE, Crossing


def parts(cells: Problem) -> tuple[tuple[np.ndarray, np.ndarray], tuple[np.ndarray, np.ndarray]]:
    """Totals and zeros, of the outer margin and of the others."""
    own, others = cells._sides
    return (cells.totals[own], cells.totals[others]), (np.zeros(len(own)), np.zeros(len(others)))


@settings(max_examples=40)
@given(SEEDS, st.lists(st.integers(1, 8), min_size=1, max_size=5), st.booleans())
def test_the_table_gives_the_weights_of_the_careful_solver(seed: int, sizes: list[int], dense: bool) -> None:
    codes, margins, base, _ = problem(np.random.default_rng(seed), 150, sizes, spread=0.4)
    cells = Problem.build(codes, margins, base)
    others = [sizes[j] for j in cells._others]
    table = Crossing(cells._outer_code, cells.inner, cells.inner_codes, others, sizes[cells.outer], dense)
    found = table.solve(cells.base, *parts(cells))
    assert found is not None
    assert found[2] <= ROUNDING
    careful = Problem.build(codes, margins, base)
    careful.__dict__["_crossing"] = None
    b, apart, _ = careful.solve()
    assert apart <= TOLERANCE
    quick = np.empty(len(b))
    for columns, factors in zip(cells._sides, found[:2], strict=True):
        quick[columns] = factors
    np.testing.assert_allclose(cells.ratio(quick), careful.ratio(b), rtol=1e-9)


def test_margins_that_say_the_same_are_met_all_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    """Districts within regions: the equations have no single answer, the weights have."""
    codes, margins, base, _ = problem(np.random.default_rng(2), 300, [9, 4])
    region = codes[0] // 3
    codes.append(region)
    margins.append(Margin("region", margins[0].targets.groupby(np.arange(9) // 3).sum()))
    weights = calibrate_raking(codes, margins, base).weights
    assert misfit(weights, codes, margins) <= 2 * TOLERANCE
    monkeypatch.setattr(crossing, "MOST_DUMMIES", 0)
    np.testing.assert_allclose(calibrate_raking(codes, margins, base).weights, weights, rtol=1e-9)


def test_far_margins_are_left_to_the_careful_solver() -> None:
    """Targets a thousand times apart from the sample: whatever the table says, the weights meet them."""
    codes, margins, base, _ = problem(np.random.default_rng(7), 200, [3, 4, 2], spread=4.0)
    cells = Problem.build(codes, margins, base)
    found = cells._crossing.solve(cells.base, *parts(cells))  # type: ignore[union-attr]
    assert found is None or found[2] <= ROUNDING
    assert misfit(calibrate_raking(codes, margins, base).weights, codes, margins) <= 2 * TOLERANCE


def test_a_category_without_people_is_not_for_the_table() -> None:
    cells = Problem.build(*problem(np.random.default_rng(9), 60, [3, 2])[:3])
    empty = np.where(cells.cell_codes[:, cells.outer] == 0, 0.0, cells.base)
    assert cells._crossing.solve(empty, *parts(cells)) is None  # type: ignore[union-attr]


def test_too_many_combinations_do_without_the_table() -> None:
    assert Crossing.fits(1_000, [20, 30])
    assert not Crossing.fits(100_000, [20, 30])
