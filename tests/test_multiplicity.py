"""Adjusted p-values: R's ``p.adjust`` and the definitions written out.

Golden: R 4.2.2, ``p <- c(.01, NA, .02, .03, .04, .04, .9, .0005, 1, 0, NaN)``, ``p.adjust(p, "BH")``
and ``p.adjust(p, "holm")``; a p-value that is missing does not count as a test there.
"""

from __future__ import annotations

import numpy as np
import pytest
from builders import assert_close, refusal
from hypothesis import given, settings, strategies as st

from trustsurvey.comparison.multiplicity import adjusted, benjamini_hochberg, holm

nan = float("nan")
P = np.array([0.01, nan, 0.02, 0.03, 0.04, 0.04, 0.9, 0.0005, 1.0, 0.0, nan])
BH = [0.03, nan, 0.045, 0.36 / 7, 0.36 / 7, 0.36 / 7, 1.0, 0.00225, 1.0, 0.0, nan]
HOLM = [0.07, nan, 0.12, 0.15, 0.16, 0.16, 1.0, 0.004, 1.0, 0.0, nan]

P_VALUES = st.lists(st.one_of(st.floats(0, 1), st.just(nan)), max_size=30)


@pytest.mark.parametrize(("method", "expected"), [("bh", BH), ("holm", HOLM)])
def test_like_p_adjust(method: str, expected: list[float]) -> None:
    found = adjusted(P, method)
    known = np.isfinite(P)
    assert np.isnan(found[~known]).all()
    assert_close(found[known], np.array(expected)[known])


def stepped_up(p: np.ndarray) -> np.ndarray:
    """For each p the smallest m p_(k) / k among the ordered values at or above it."""
    ordered, m = sorted(p), len(p)
    return np.array([min(min(1.0, m * q / (k + 1)) for k, q in enumerate(ordered) if q >= value) for value in p])


def stepped_down(p: np.ndarray) -> np.ndarray:
    """For each p the largest (m - k + 1) p_(k) among the ordered values at or below it."""
    ordered, m = sorted(p), len(p)
    return np.array([max(min(1.0, (m - k) * q) for k, q in enumerate(ordered) if q <= value) for value in p])


@settings(max_examples=100)
@given(P_VALUES)
def test_both_by_their_definitions(values: list[float]) -> None:
    p = np.array(values, dtype=float)
    known = np.isfinite(p)
    for found, expected in ((benjamini_hochberg(p), stepped_up), (holm(p), stepped_down)):
        assert np.isnan(found[~known]).all()
        np.testing.assert_allclose(found[known], expected(p[known]), rtol=1e-12)
        assert (found[known] >= p[known] - 1e-15).all()
        assert (found[known] <= 1).all()
        order = np.argsort(p[known])
        assert (np.diff(found[known][order]) >= -1e-15).all()
    # Holding the chance of any false alarm is never easier than holding their share.
    assert (holm(p)[known] >= benjamini_hochberg(p)[known] - 1e-15).all()


@settings(max_examples=50)
@given(P_VALUES, st.randoms(use_true_random=False), st.sampled_from(["bh", "holm"]))
def test_the_order_of_the_tests_is_of_no_account(values: list[float], random: object, method: str) -> None:
    order = list(range(len(values)))
    random.shuffle(order)  # type: ignore[attr-defined]
    p = np.array(values, dtype=float)
    np.testing.assert_allclose(adjusted(p[order], method), adjusted(p, method)[order], rtol=1e-12)


@pytest.mark.parametrize("method", ["bh", "holm"])
def test_one_test_and_none(method: str) -> None:
    assert adjusted(np.array([0.03]), method).tolist() == [0.03]
    assert adjusted(np.array([]), method).shape == (0,)
    assert np.isnan(adjusted(np.array([nan, nan]), method)).all()


def test_another_adjustment_is_refused_by_name() -> None:
    with refusal("compare.adjust", "'bonferroni'", "bh, holm"):
        adjusted(P, "bonferroni")  # type: ignore[arg-type]
