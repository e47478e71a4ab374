"""Why no weights exist: the totals that are named, and the numbers that could be met."""

from __future__ import annotations

import numpy as np
import pytest
from builders import refusal
from scipy import sparse

from trustsurvey.weighting.infeasible import impossible

NAMES = ["sex 'f'", "sex 'm'"]
DUMMIES = sparse.csr_array(np.array([[1.0, 0], [1, 0], [0, 1]]))


def test_totals_that_can_be_met_are_not_blamed() -> None:
    assert impossible(DUMMIES, np.array([5.0, 7.0]), NAMES, None, None, "w1") is None
    assert impossible(DUMMIES, np.array([5.0, 7.0]), NAMES, np.full(3, 1.0), np.full(3, 9.0), "w1") is None


@pytest.mark.parametrize(
    ("totals", "low", "high", "said"),
    [
        ([5.0, 7.0], 0.0, 2.0, ("sex 'f' should come to 5 but cannot go above 4",
                                "sex 'm' should come to 7 but cannot go above 2")),
        ([5.0, 7.0], 3.0, 9.0, ("sex 'f' should come to 5 but cannot go below 6",)),
    ],
)  # fmt: skip
def test_the_number_that_can_be_met_is_told(
    totals: list[float], low: float, high: float, said: tuple[str, ...]
) -> None:
    found = impossible(DUMMIES, np.array(totals), NAMES, np.full(3, low), np.full(3, high), "w1", " within bounds")
    assert found is not None
    with refusal("rake.infeasible", "w1", "together within bounds", "widen", *said):
        raise found


def test_a_total_of_nothing_can_be_blamed_too() -> None:
    """A centred number has a total of 0; it is not divided by."""
    columns = sparse.csr_array(np.array([[1.0, 1.0], [1.0, 2.0]]))
    found = impossible(columns, np.array([4.0, 0.0]), ["size", "the total of a"], None, None, "w1")
    assert found is not None
    assert "should come to" in found.got
