"""What keywords and scores are worth: learnt from all codes together, fair, and turned into the best decision."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st
from scipy.special import expit, logit
from sklearn.linear_model import LogisticRegression

from trustsurvey.model import Floats
from trustsurvey.text.evidence import OWN, OWN_SLOPE, best_f1, f1, lines, other_codes, weigh


def invented(n: int, k: int, seed: int) -> tuple[Floats, Floats, Floats, Floats]:
    """Scores, hits, labels and their true probabilities: hits and scores tell as much for every code."""
    base, rng = np.random.default_rng(7).normal(-2, 0.7, k), np.random.default_rng(seed)
    hits, scores = (rng.random((n, k)) < 0.2).astype(float), rng.normal(size=(n, k))
    true = expit(base + 2 * hits + scores)
    return scores, hits, (rng.random((n, k)) < true).astype(float), true


def test_probabilities_are_those_that_answers_were_drawn_with() -> None:
    scores, hits, labels, _ = invented(2_000, 6, 1)
    found = weigh(scores, hits, np.ones(6, dtype=bool), labels)
    fresh_scores, fresh_hits, fresh, _ = invented(20_000, 6, 5)
    said = found.probabilities(fresh_scores, fresh_hits)
    np.testing.assert_allclose(said.mean(axis=0), fresh.mean(axis=0), atol=0.015)
    for low in np.arange(0.0, 0.8, 0.1):
        inside = (said >= low) & (said < low + 0.1)
        assert fresh[inside].mean() == pytest.approx(said[inside].mean(), abs=0.03)


def test_a_code_that_was_never_found_takes_over_what_keywords_are_worth_elsewhere() -> None:
    scores, hits, labels, _ = invented(300, 8, 2)
    labels[:, 7] = 0
    scored = np.arange(8) < 7
    together = weigh(scores * scored, hits, scored, labels)
    assert together.table[7, 1] > 1.0
    assert together.table[7, 2] == together.table[7, 5] == 0  # it has no scores


def test_a_code_of_its_own_kind_is_followed_once_enough_was_read() -> None:
    scores, hits, labels, _ = invented(3_000, 6, 3)
    labels[:, 0] = (np.random.default_rng(0).random(3_000) < 0.15).astype(float)  # its words say nothing
    found = weigh(scores, hits, np.ones(6, dtype=bool), labels)
    assert abs(found.table[0, 2]) < 0.25 < 0.7 < found.table[1:, 2].min()


@pytest.mark.parametrize(("n", "value", "share"), [(9, 0, 0.05), (9, 1, 0.95), (0, 0, 0.5)])
def test_where_nothing_varies_the_share_is_all_there_is(n: int, value: int, share: float) -> None:
    found = weigh(np.zeros((n, 2)), np.zeros((n, 2)), np.zeros(2, dtype=bool), np.full((n, 2), float(value)))
    np.testing.assert_allclose(found.probabilities(np.ones((1, 2)), np.ones((1, 2))), share)


def test_it_is_the_regression_with_a_column_for_each_code() -> None:
    scores, hits, labels, _ = invented(150, 4, 6)
    scored = np.array([True, True, False, True])
    scores = scores * scored
    found = weigh(scores, hits, scored, labels)
    rare, o = logit((labels.sum(axis=0) + 0.5) / 151), other_codes(hits)
    told, eye = np.tile(scored, (150, 1)).astype(float), np.tile(np.eye(4), (150, 1))
    parts = [told * 0 + rare, told, o, hits, hits * rare, hits * told, hits * o, scores, scores * o]
    flat = [part.reshape(-1, 1) for part in parts]
    wide = [OWN * eye, OWN * eye * hits.reshape(-1, 1), OWN_SLOPE * eye * scores.reshape(-1, 1)]
    design = np.hstack([*flat, *wide])
    plain = LogisticRegression(C=1.0, tol=1e-10, max_iter=10_000).fit(design, labels.ravel())
    expected = plain.predict_proba(design)[:, 1].reshape(labels.shape)
    np.testing.assert_allclose(found.probabilities(scores, hits), expected, atol=1e-5)


def test_other_codes_are_counted_without_the_code_itself() -> None:
    np.testing.assert_allclose(np.expm1(other_codes(np.array([[1.0, 1, 0], [0, 0, 0]]))), [[1, 1, 2], [0, 0, 0]])


@settings(max_examples=60, deadline=None)
@given(st.lists(st.floats(0.001, 0.999), min_size=1, max_size=40))
def test_half_of_the_best_f1_is_the_line_that_reaches_it(chances: list[float]) -> None:
    p = np.array(chances)
    best = best_f1(p)
    tried = [2 * p[p >= line].sum() / (p.sum() + (p >= line).sum()) for line in p]
    assert best == pytest.approx(max(tried))
    assert 2 * p[p >= best / 2 - 1e-12].sum() / (p.sum() + (p >= best / 2 - 1e-12).sum()) == pytest.approx(best)
    assert lines(p[:, None]) == pytest.approx(best / 2)


def test_a_rare_code_is_decided_by_everyones_line() -> None:
    rng = np.random.default_rng(4)
    sure = np.column_stack([np.where(rng.random(500) < 0.3, 0.95, 0.02), np.full(500, 0.0001)])
    common, rare = lines(sure)
    assert common == pytest.approx(best_f1(sure[:, 0]) / 2, abs=0.02)
    assert rare == pytest.approx(best_f1(sure.ravel()) / 2, abs=0.02)


def test_f1_of_decisions() -> None:
    assert f1(np.array([1, 1, 0, 0]), np.array([1, 0, 1, 0])) == 0.5
    assert np.isnan(f1(np.zeros(3), np.zeros(3)))
