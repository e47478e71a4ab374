"""Replicate designs: what they keep, and that their variance of a total is the textbook one."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from builders import dense_covariance, make_wave, random_design, refusal
from hypothesis import given, settings, strategies as st

from trustsurvey.model import Design
from trustsurvey.replication.resampling import Factors, balanced, bootstrap, hadamard_matrix, jackknife

SEEDS = st.integers(0, 2**32 - 1)


def design_of(seed: int, *, clusters: bool = True, fpc: bool = True) -> Design:
    rng = np.random.default_rng(seed)
    return make_wave(n=90, **random_design(rng, 90, clusters=clusters, fpc=fpc)).design  # type: ignore[arg-type]


def variance_of_total(made: Factors, design: Design, y: np.ndarray) -> float:
    """scale * sum rscales (t_r - t)^2 for the total of y."""
    totals = made.factors[:, design.psus] @ (design.weights * y)
    centre = float(design.weights @ y)
    return made.scale * float(made.rscales @ (totals - centre) ** 2)


def pairs_design(strata: int, seed: int = 1) -> Design:
    rng = np.random.default_rng(seed)
    return make_wave(n=2 * strata, strata=np.repeat(np.arange(strata), 2), weights=rng.uniform(1, 3, 2 * strata)).design


@settings(max_examples=20)
@given(SEEDS, st.booleans(), st.booleans())
def test_a_jackknife_gives_the_linearised_variance_of_a_total(seed: int, clusters: bool, fpc: bool) -> None:
    design = design_of(seed, clusters=clusters, fpc=fpc)
    y = np.random.default_rng(seed).normal(3, 2, 90)
    made = jackknife(design)
    assert made.method == "JKn"
    expected = dense_covariance(y, design, design.weights)[0, 0]
    assert variance_of_total(made, design, y) == pytest.approx(expected, rel=1e-9)
    assert made.df == design.psus.max() + 1 - 3


def test_jk1_by_hand() -> None:
    made = jackknife(make_wave(n=4, fpc=16).design)
    assert made.method == "JK1"
    np.testing.assert_allclose(made.factors, (1 - np.eye(4)) * 4 / 3)
    assert made.scale == pytest.approx(0.75 * 3 / 4)
    with refusal("replicates.method", "2 strata"):
        jackknife(make_wave(n=4, strata=[0, 0, 1, 1]).design, "JK1")


@settings(max_examples=15)
@given(SEEDS, st.integers(2, 30))
def test_bootstrap_factors_are_a_resample_of_each_stratum(seed: int, count: int) -> None:
    design = design_of(seed, fpc=False)
    made = bootstrap(design, count, seed)
    n_h = np.bincount(design.strata[np.unique(design.psus, return_index=True)[1]])
    stratum = np.zeros(int(design.psus.max()) + 1, dtype=int)
    stratum[design.psus] = design.strata
    drawn = made.factors * ((n_h - 1) / n_h)[stratum]
    np.testing.assert_allclose(drawn, np.round(drawn), atol=1e-12)
    for h in range(3):
        np.testing.assert_allclose(drawn[:, stratum == h].sum(axis=1), n_h[h] - 1)
    np.testing.assert_array_equal(made.factors, bootstrap(design, count, seed).factors)
    assert not np.array_equal(made.factors, bootstrap(design, count, seed + 1).factors)


@pytest.mark.parametrize("fpc", [True, False])
def test_the_bootstrap_variance_of_a_total_tends_to_the_linearised_one(fpc: bool) -> None:
    """20,000 replicates: the variance has a relative Monte Carlo error of about 1 %."""
    design = design_of(3)
    y = np.random.default_rng(4).normal(3, 2, 90)
    expected = dense_covariance(y, design if fpc else replace(design, fpc=None), design.weights)[0, 0]
    made = bootstrap(design, 20_000, 5, fpc)
    assert variance_of_total(made, design, y) == pytest.approx(expected, rel=0.05)
    assert made.factors.min() >= 0
    assert bool(made.note) == (not fpc)


@pytest.mark.parametrize("rho", [0.0, 0.3])
@pytest.mark.parametrize("strata", [1, 3, 11, 14])
def test_balanced_replicates_give_the_linearised_variance_of_a_total(strata: int, rho: float) -> None:
    design = pairs_design(strata)
    y = np.random.default_rng(2).normal(3, 2, 2 * strata)
    made = balanced(design, rho)
    expected = dense_covariance(y, design, design.weights)[0, 0]
    assert variance_of_total(made, design, y) == pytest.approx(expected, rel=1e-9)
    np.testing.assert_allclose(made.factors.reshape(len(made.factors), strata, 2).sum(axis=2), 2)
    np.testing.assert_allclose(np.unique(made.factors), [rho, 2 - rho])
    assert made.df == strata


def test_large_strata_are_split_into_pairs_or_halved() -> None:
    design = make_wave(n=10, strata=[0] * 4 + [1] * 6).design
    split, halved = balanced(design), balanced(design, large="merge")
    assert split.df == 5
    assert halved.df == 2
    first = halved.factors[:, :4]
    assert np.all(first[:, 0] == first[:, 1])
    assert np.all(first[:, 0] + first[:, 2] == 2)
    odd = make_wave(n=5, strata=[0] * 3 + [1] * 2).design
    with refusal("replicates.pairs", "1 strata", "merge"):
        balanced(odd)
    assert balanced(odd, large="merge").df == 2


@pytest.mark.parametrize("made", [jackknife, lambda d: bootstrap(d, 5, 1), balanced])
def test_a_lonely_unit_is_refused_or_left_as_it_is(made: object) -> None:
    lonely = make_wave(n=5, strata=[0, 0, 1, 1, 2]).design
    with refusal("design.lonely", "1 strata", "remove"):
        made(lonely)  # type: ignore[operator]
    kept = made(replace(lonely, lonely="remove"))  # type: ignore[operator]
    np.testing.assert_array_equal(kept.factors[:, 4], 1)


def test_the_other_treatments_of_a_lonely_unit() -> None:
    lonely = make_wave(n=5, strata=[0, 0, 1, 1, 2]).design
    adjusted = jackknife(replace(lonely, lonely="adjust"))
    np.testing.assert_allclose(adjusted.factors[-1], [1.5, 1.5, 1.5, 1.5, 0])
    assert adjusted.rscales[-1] == pytest.approx(2 / 3)
    assert jackknife(replace(lonely, lonely="average")).scale == pytest.approx(5 / 4)
    with refusal("design.lonely"):
        bootstrap(replace(lonely, lonely="adjust"), 5, 1)


def test_a_stratum_sampled_in_full_has_no_variance() -> None:
    design = make_wave(n=5, strata=[0, 0, 0, 1, 1], fpc=[30, 30, 30, 2, 2]).design
    made = jackknife(design)
    np.testing.assert_array_equal(made.factors[:, 3:], 1)
    assert (len(made.factors), made.df) == (3, 2)
    np.testing.assert_array_equal(bootstrap(design, 8, 1).factors[:, 3:], 1)
    with refusal("replicates.none"):
        jackknife(make_wave(n=2, fpc=2).design)
    with refusal("design.fpc"):
        bootstrap(make_wave(n=3, fpc=2).design, 8, 1)


def test_what_balanced_and_bootstrap_refuse() -> None:
    with refusal("replicates.count", "1"):
        bootstrap(pairs_design(2), 1, 1)
    with refusal("replicates.rho", "1"):
        balanced(pairs_design(2), 1.0)
    with refusal("replicates.hadamard", "2 x 2", "4 rows"):
        balanced(pairs_design(3), hadamard=np.ones((2, 2)))
    with refusal("replicates.hadamard", "no Hadamard"):
        balanced(pairs_design(3), hadamard=np.ones((4, 4)))


@pytest.mark.parametrize("n", [2, 3, 5, 9, 12, 13, 17, 20, 21, 29, 33, 44, 45, 61, 68])
def test_hadamard_matrices(n: int) -> None:
    matrix = hadamard_matrix(n)
    assert n <= len(matrix) <= max(2 * n - 2, 2)
    np.testing.assert_array_equal(matrix @ matrix.T, len(matrix) * np.eye(len(matrix)))
    assert np.all(matrix[0] == 1)
