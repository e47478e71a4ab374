"""Answers to scores: POMP, indices that need enough of their parts, reliability."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from builders import make_wave
from hypothesis import given, settings, strategies as st

from trustsurvey.instruments import default_instrument, parse_instrument
from trustsurvey.model import REASONS, Instrument, Item, Scale, Wave
from trustsurvey.scoring import alpha, dont_know, item_rest, positive, score, score_item

SEEDS = st.integers(0, 2**32 - 1)


def answered(answers: pd.DataFrame, instrument: Instrument | None = None, weights: object = None) -> Wave:
    """An unscored wave with these answers."""
    wave = make_wave(n=len(answers), weights=weights)
    return replace(
        wave,
        instrument=instrument or default_instrument(),
        answers=answers,
        missing=answers.isna().astype("int8"),
        people=pd.DataFrame(index=answers.index),
        scores=None,
    )


def random_answers(seed: int, n: int = 40, gaps: float = 0.2) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    columns = {}
    for item in default_instrument().rated:
        values = rng.integers(int(item.scale.low), int(item.scale.high) + 1, n).astype(float)
        columns[item.id] = np.where(rng.random(n) < gaps, np.nan, values)
    return pd.DataFrame(columns)


# --- items ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("low", "high", "answer", "expected"),
    [(1, 5, 1, 0), (1, 5, 2, 25), (1, 5, 5, 100), (0, 10, 3, 30), (1, 4, 2, 100 / 3), (-2, 2, 0, 50)],
)
def test_percent_of_maximum_possible(low: float, high: float, answer: float, expected: float) -> None:
    plain = Item("q", "?", Scale("s", low, high))
    assert score_item(plain, np.array([answer]))[0] == pytest.approx(expected)
    reverse = replace(plain, reverse=True)
    assert score_item(reverse, np.array([answer]))[0] == pytest.approx(100 - expected)


@settings(max_examples=60)
@given(st.floats(-50, 50), st.floats(0.5, 100), st.lists(st.floats(0, 1), min_size=1, max_size=20), st.booleans())
def test_scores_lie_between_0_and_100_and_reversing_mirrors_them(
    low: float, width: float, shares: list[float], reverse: bool
) -> None:
    item = Item("q", "?", Scale("s", low, low + width), reverse=reverse)
    answers = np.array([*(min(low + s * width, low + width) for s in shares), np.nan])
    scores = score_item(item, answers)
    mirrored = score_item(replace(item, reverse=not reverse), answers)
    assert np.isnan(scores[-1])
    assert np.isnan(mirrored[-1])
    assert (scores[:-1] >= -1e-9).all()
    assert (scores[:-1] <= 100 + 1e-9).all()
    np.testing.assert_allclose(mirrored[:-1], 100 - scores[:-1], atol=1e-9)
    order = np.argsort(answers[:-1])
    assert (np.diff(scores[:-1][order]) * (-1 if reverse else 1) >= -1e-9).all()


# --- indices --------------------------------------------------------------------------------------


@settings(max_examples=20)
@given(SEEDS, st.sampled_from([0.0, 0.2, 0.6]))
def test_indices_by_hand(seed: int, gaps: float) -> None:
    answers = random_answers(seed, 25, gaps)
    wave = score(answered(answers))
    assert wave.scores is not None
    instrument = default_instrument()
    pomp = {
        item.id: (lambda x, r: 100 - x if r else x)(
            100 * (answers[item.id] - item.scale.low) / (item.scale.high - item.scale.low), item.reverse
        )
        for item in instrument.rated
    }
    for person in range(25):
        made: dict[str, float] = {key: float(values[person]) for key, values in pomp.items()}
        for key in (
            "pj",
            "dj",
            "ef",
            "en",
            "ta",
            "le",
            "sa",
            "co",
            "ct",
            "trust",
            "trust_short",
            "respect_listen",
        ):
            index = instrument.index(key)
            parts = [made[part] for part in index.parts if not np.isnan(made[part])]
            made[key] = sum(parts) / len(parts) if len(parts) >= index.at_least else np.nan
        for key, value in made.items():
            assert wave.scores[key][person] == pytest.approx(value, nan_ok=True), key
    found = wave.scores.to_numpy()
    assert np.nanmin(found) >= 0
    assert np.nanmax(found) <= 100


@pytest.mark.parametrize(("answered_dimensions", "known"), [(5, True), (4, True), (3, False)])
def test_the_trust_index_needs_four_of_its_five_dimensions(answered_dimensions: int, known: bool) -> None:
    kept = ["pj", "dj", "ef", "en", "ta"][:answered_dimensions]
    answers = pd.DataFrame({item.id: [5.0 if item.id[:2] in kept else np.nan] for item in default_instrument().rated})
    scores = score(answered(answers)).scores
    assert scores is not None
    assert np.isfinite(scores["trust"][0]) == known


def test_a_dimension_needs_two_thirds_of_its_items() -> None:
    rows = [[1.0, 1, 1, 1, np.nan], [1, 1, 1, np.nan, np.nan]]
    scores = score(answered(pd.DataFrame(rows, columns=["pj1", "pj2", "pj3", "pj4", "pj5r"]))).scores
    assert scores is not None
    assert scores["pj"][0] == 0
    assert np.isnan(scores["pj"][1])


def test_indices_that_were_not_asked_for_are_left_out() -> None:
    """One dimension asked: no trust index, and no other dimension; the short form has 2 of 8 parts."""
    scores = score(answered(random_answers(1)[["pj1", "pj2", "pj3", "pj4"]])).scores
    assert scores is not None
    assert list(scores.columns) == ["pj1", "pj2", "pj3", "pj4", "pj", "respect_listen"]


def test_an_index_may_be_stated_before_its_parts() -> None:
    instrument = parse_instrument(
        "items: {a: {text: A, scale: yesno}, b: {text: B, scale: yesno}}\n"
        "indices: {top: {parts: [one, two]}, one: {parts: [a]}, two: {parts: [b], at_least: 1}}"
    )
    scores = score(answered(pd.DataFrame({"a": [1.0, 0.0], "b": [0.0, 0.0]}), instrument)).scores
    assert scores is not None
    assert scores["top"].tolist() == [50.0, 0.0]


def test_scoring_keeps_the_index_of_the_people() -> None:
    answers = random_answers(2).set_axis(np.arange(40) * 3 + 1)
    scored = score(answered(answers))
    assert scored.scores is not None
    assert scored.scores.index.equals(scored.people.index)
    np.testing.assert_array_equal(scored.scores["tr1"], 10 * answers["tr1"])


# --- positive, don't know -------------------------------------------------------------------------


@settings(max_examples=20)
@given(SEEDS)
def test_positive_is_the_top_two_boxes_after_reversal(seed: int) -> None:
    answers = random_answers(seed)
    shown = positive(answered(answers))
    for item in default_instrument().rated:
        top_two = sorted({float(code) for code in range(int(item.scale.low), int(item.scale.high) + 1)})[-2:]
        bottom_two = sorted({float(c) for c in range(int(item.scale.low), int(item.scale.high) + 1)})[:2]
        boxes = bottom_two if item.reverse else top_two
        expected = [np.nan if np.isnan(a) else float(a in boxes) for a in answers[item.id]]
        np.testing.assert_array_equal(shown[item.id], expected)


def test_do_not_know_is_a_share_of_those_who_said_something() -> None:
    wave = answered(pd.DataFrame({"pj1": [4.0, np.nan, np.nan, np.nan]}))
    codes = [REASONS.index(reason) for reason in ("answered", "don't know", "blank", "refused")]
    wave = replace(wave, missing=pd.DataFrame({"pj1": codes}))
    np.testing.assert_array_equal(dont_know(wave)["pj1"], [0.0, 1.0, np.nan, np.nan])


# --- reliability ----------------------------------------------------------------------------------


def weighted_cov(frame: pd.DataFrame, w: np.ndarray) -> np.ndarray:
    x = frame.to_numpy()
    centred = x - (w[:, None] * x).sum(axis=0) / w.sum()
    return (w[:, None] * centred).T @ centred / w.sum()


def consistent_answers(seed: int, n: int = 150) -> pd.DataFrame:
    """Answers to all items that share a common factor; reverse items run against it."""
    rng = np.random.default_rng(seed)
    trust = rng.normal(0, 1, n)
    answers = {}
    for item in default_instrument().rated:
        z = (-trust if item.reverse else trust) + rng.normal(0, 0.8, n)
        low, high = item.scale.low, item.scale.high
        answers[item.id] = np.clip(np.round((low + high) / 2 + z), low, high)
    frame = pd.DataFrame(answers)
    return frame.mask(rng.random(frame.shape) < 0.02)


def test_alpha_by_hand_with_weights_and_complete_answers_only() -> None:
    answers = consistent_answers(3)
    weights = np.random.default_rng(4).uniform(0.3, 3, len(answers))
    wave = score(answered(answers, weights=weights))
    assert wave.scores is not None
    items = ["pj1", "pj2", "pj3", "pj4", "pj5r"]
    complete = wave.scores[items].dropna()
    covariance = weighted_cov(complete, weights[complete.index])
    expected = 5 / 4 * (1 - np.trace(covariance) / covariance.sum())
    assert alpha(wave, "pj") == pytest.approx(expected, rel=1e-12)
    assert 0.5 < expected < 1
    assert alpha(answered(answers, weights=weights), "pj") == pytest.approx(expected)


def test_alpha_of_two_items_is_spearman_brown() -> None:
    answers = consistent_answers(5)
    r = answers[["pj1", "pj2"]].dropna().corr().to_numpy()[0, 1]
    assert alpha(answered(answers), "respect_listen") == pytest.approx(2 * r / (1 + r), rel=1e-12)


def test_reliability_is_not_defined_for_one_item_or_where_nothing_varies() -> None:
    answers = consistent_answers(6)
    assert np.isnan(alpha(answered(answers), "tr1"))
    assert item_rest(answered(answers), "tr1") == {}
    flat = answers.assign(**dict.fromkeys(["pj1", "pj2", "pj3", "pj4", "pj5r"], 3.0))
    assert np.isnan(alpha(answered(flat), "pj"))
    assert np.isnan(alpha(answered(flat), "respect_listen"))
    assert np.isnan(list(item_rest(answered(flat), "pj").values())).all()
    assert np.isnan(alpha(answered(answers.iloc[:2]), "pj"))


def test_item_rest_correlations_by_hand() -> None:
    answers = consistent_answers(7)
    weights = np.random.default_rng(8).uniform(0.3, 3, len(answers))
    wave = score(answered(answers, weights=weights))
    assert wave.scores is not None
    items = ["dj1", "dj2", "dj3r", "dj4r"]
    complete = wave.scores[items].dropna()
    found = item_rest(wave, "dj")
    assert list(found) == items
    for item in items:
        rest = complete[[other for other in items if other != item]].mean(axis=1)
        c = weighted_cov(pd.DataFrame({"a": complete[item], "b": rest}), weights[complete.index])
        assert found[item] == pytest.approx(c[0, 1] / np.sqrt(c[0, 0] * c[1, 1]), rel=1e-10)
        assert found[item] > 0.3


def test_an_item_left_unreversed_shows_in_its_item_rest_correlation() -> None:
    answers = consistent_answers(9)
    answers["pj5r"] = 6 - answers["pj5r"]  # the file was reversed already; reversing again spoils it
    assert item_rest(answered(answers), "pj")["pj5r"] < 0.2
    assert alpha(answered(answers), "pj") < alpha(answered(consistent_answers(9)), "pj")
