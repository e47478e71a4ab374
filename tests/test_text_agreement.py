"""Agreement of coders: published examples, nltk, and what is not defined."""

from __future__ import annotations

from itertools import pairwise as neighbours

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st
from nltk.metrics import binary_distance, masi_distance
from nltk.metrics.agreement import AnnotationTask

from trustsurvey.errors import SurveyError
from trustsurvey.text.agreement import alphas, kappa, krippendorff, masi, pairwise, verdict

X = float("nan")
#: Krippendorff (2011), "Computing Krippendorff's alpha-reliability", section C: four observers, missing data.
FOUR = np.array([
    [1, 2, 3, 3, 2, 1, 4, 1, 2, X, X, X],
    [1, 2, 3, 3, 2, 2, 4, 1, 2, 5, X, 3],
    [X, 3, 3, 3, 2, 3, 4, 2, 2, 5, 1, X],
    [1, 2, 3, 3, 2, 4, 4, 1, 2, 5, 1, X],
])  # fmt: skip


def test_alpha_of_krippendorffs_example_with_missing_readings() -> None:
    assert krippendorff(FOUR)["alpha"] == pytest.approx(0.743, abs=5e-4)


def test_alpha_of_krippendorffs_two_observers() -> None:
    """Section A, binary data (.095), and section B, five categories (.692)."""
    binary = np.array([[0, 1, 0, 0, 0, 0, 0, 0, 1, 0], [1, 1, 1, 0, 0, 1, 0, 0, 0, 0]], dtype=float)
    assert krippendorff(binary)["alpha"] == pytest.approx(0.095, abs=5e-4)
    letters = np.array([list(map(ord, "aabbdcccedda")), list(map(ord, "babbbccceddd"))], dtype=float)
    assert krippendorff(letters)["alpha"] == pytest.approx(0.692, abs=5e-4)


def test_kappa_of_cohens_example() -> None:
    """Cohen (1960): 200 patients, p_o = .70, p_e = .41, kappa = .492."""
    table = np.array([[88, 14, 18], [10, 40, 10], [2, 6, 12]])
    a, b = (np.repeat(side.ravel(), table.ravel()) for side in np.indices(table.shape))
    found = kappa(a, b)
    assert found["kappa"] == pytest.approx(0.492, abs=5e-4)
    # Its standard error by Fleiss, Cohen & Everitt (1969) is .053.
    assert found["uci"] - found["lci"] == pytest.approx(2 * 1.96 * 0.053, abs=0.03)


def readings(seed: int, coders: int = 3, n: int = 40, k: int = 4, missing: float = 0.3) -> np.ndarray:
    rng = np.random.default_rng(seed)
    truth = rng.random((n, k)) < 0.3
    labels = (truth ^ (rng.random((coders, n, k)) < 0.1)).astype(float)
    labels[rng.random((coders, n)) < missing] = np.nan
    return labels


def by_nltk(labels: np.ndarray, distance: object, of: object) -> AnnotationTask:
    rows = [(str(c), str(i), of(labels[c, i])) for c in range(len(labels)) for i in range(labels.shape[1])
            if np.isfinite(labels[c, i]).all()]  # fmt: skip
    return AnnotationTask(rows, distance=distance)


@pytest.mark.parametrize("seed", range(4))
def test_alpha_and_kappa_are_those_of_nltk(seed: int) -> None:
    labels, codes = readings(seed), ["a", "b", "c", "d"]
    table = alphas(labels, codes, draws=50).set_index("code")["alpha"]
    for j, code in enumerate(codes):
        told = by_nltk(labels, binary_distance, lambda row, j=j: row[j])
        assert table[code] == pytest.approx(told.alpha(), rel=1e-12)
    # nltk has no distance of two empty sets: a code that every text has gives it something to hold on to.
    filled = np.concatenate([labels, np.where(np.isfinite(labels[:, :, :1]), 1.0, np.nan)], axis=2)
    told = by_nltk(filled, masi_distance, lambda row: frozenset(np.flatnonzero(row)))
    assert alphas(filled, [*codes, "e"], draws=50).set_index("code")["alpha"][""] == pytest.approx(told.alpha())
    full = readings(seed, coders=2, missing=0)
    pairs = pairwise(full, ["p", "q"], codes, draws=50).set_index("code")["kappa"]
    for j, code in enumerate(codes):
        assert pairs[code] == pytest.approx(by_nltk(full, binary_distance, lambda row, j=j: row[j]).kappa())


def test_where_nothing_varies_agreement_is_not_defined_rather_than_perfect() -> None:
    labels = np.zeros((2, 30, 2))
    labels[:, :9, 1] = 1
    table = alphas(labels, ["never", "same"]).set_index("code")
    assert np.isnan(table.loc["never", ["alpha", "lci", "uci"]].to_numpy(float)).all()
    assert table.loc["never", "verdict"] == "not defined"
    assert table.loc["same", "alpha"] == 1
    pairs = pairwise(labels, ["p", "q"], ["never", "same"]).set_index("code")
    assert np.isnan(pairs.loc["never", "kappa"])
    assert pairs.loc["never", "percent"] == 100
    assert pairs.loc["never", "percent_lci"] < 95


def test_perfect_agreement_on_few_texts_is_not_certain() -> None:
    few, many = (alphas(np.tile(np.arange(n) % 2, (2, 1))[:, :, None].astype(float), ["a"]).iloc[1] for n in (12, 600))
    assert few["alpha"] == many["alpha"] == 1
    # 12 texts without a difference: up to 26.5 % may differ (Clopper-Pearson), chance lets 52.2 % differ.
    assert few["lci"] == pytest.approx(1 - (1 - 0.025 ** (1 / 12)) / (12 / 23), abs=1e-9)
    assert few["lci"] < 0.5 < 0.98 < many["lci"]


def test_nobody_read_the_same_text() -> None:
    labels = np.full((2, 4, 1), np.nan)
    labels[0, :2], labels[1, 2:] = 1, 0
    table = alphas(labels, ["a"])
    assert (table["texts"] == 0).all()
    assert (table["verdict"] == "not defined").all()
    assert pairwise(labels, ["p", "q"], ["a"]).empty
    assert alphas(np.full((0, 3, 1), np.nan), ["a"])["alpha"].isna().all()


def test_a_rare_code_has_no_interval_and_no_verdict() -> None:
    labels = np.zeros((2, 60, 2))
    labels[:, :4, 0] = labels[:, :5, 1] = 1
    table = alphas(labels, ["four", "five"]).set_index("code")
    assert (table.loc["four", "alpha"], table.loc["four", "verdict"]) == (1, "too few")
    assert np.isnan(table.loc["four", "lci"])
    assert (table.loc["five", "alpha"], table.loc["five", "verdict"]) == (1, "reliable")
    assert np.isfinite(table.loc["five", "lci"])
    common = pairwise(1 - labels, ["p", "q"], ["four", "five"]).set_index("code")
    assert np.isnan(common.loc["four", "lci"])
    assert np.isfinite(common.loc["five", "lci"])


def test_waves_apart() -> None:
    labels = readings(9, coders=2, n=60, missing=0)
    waves = ["one"] * 30 + ["two"] * 30
    table = alphas(labels, list("abcd"), waves, draws=50)
    assert list(dict.fromkeys(table["group"])) == ["", "one", "two"]
    alone = alphas(labels[:, 30:], list("abcd"), draws=50)
    np.testing.assert_allclose(table[table["group"] == "two"]["alpha"], alone["alpha"])
    assert set(pairwise(labels, ["p", "q"], list("abcd"), waves, draws=50)["group"]) == {"", "one", "two"}


def test_an_interval_holds_what_more_texts_would_show() -> None:
    """The alpha of 100 pairs of readings, 95 of 100 times about; drawn from texts whose alpha is known."""
    rng = np.random.default_rng(5)
    truth = (rng.random((20_000, 1)) < 0.3).astype(float)
    labels = np.abs(truth - (rng.random((2, 20_000, 1)) < 0.1))
    whole = krippendorff(labels[:, :, 0], draws=1)["alpha"]
    held = 0
    for draw in range(200):
        found = krippendorff(labels[:, draw * 100 : (draw + 1) * 100, 0], seed=draw, draws=300)
        held += found["lci"] <= whole <= found["uci"]
    assert 180 <= held <= 199


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(st.booleans(), st.booleans(), st.booleans()), min_size=2, max_size=6))
def test_masi_is_a_distance_that_falls_with_what_is_shared(rows: list[tuple[bool, ...]]) -> None:
    sets = np.array(rows)
    for a, b in neighbours(sets):
        assert masi(a, a) == 0
        assert 0 <= masi(a, b) == masi(b, a) <= 1
        if a.any() or b.any():
            told = masi_distance(set(np.flatnonzero(a)), set(np.flatnonzero(b)))
            assert masi(a, b) == pytest.approx(told)


def test_verdicts() -> None:
    assert [verdict(a) for a in (0.669, 0.67, 0.8, X)] == [
        "not reliable enough to show", "tentative", "reliable", "not defined"]  # fmt: skip


def test_readings_of_another_shape_are_refused() -> None:
    with pytest.raises(SurveyError, match="yes or no") as refused:
        alphas(np.full((2, 3, 1), 2.0), ["a"])
    assert refused.value.code == "agreement.labels"
    with pytest.raises(SurveyError, match="as many"):
        pairwise(np.zeros((2, 3, 1)), ["p"], ["a"])
    with pytest.raises(SurveyError, match="as many"):
        alphas(np.zeros((2, 3, 1)), ["a"], ["w"])
