"""Answers to scores: POMP, indices that need enough of their parts, percent positive."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from builders import make_wave, refusal
from hypothesis import given, settings, strategies as st

from trustsurvey.estimation.means import estimate
from trustsurvey.instruments import default_instrument, parse_instrument
from trustsurvey.model import REASONS, Instrument, Item, Scale, Wave
from trustsurvey.scales.scoring import dont_know, positive, score, score_item

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


@settings(max_examples=20)
@given(SEEDS, st.sampled_from([0.0, 0.3]))
def test_the_percent_positive_of_an_index_by_hand(seed: int, gaps: float) -> None:
    wave = answered(random_answers(seed, 25, gaps))
    items, shown = positive(wave), positive(wave, ["pj", "trust", "pj5r"])
    assert list(shown.columns) == ["pj", "trust", "pj5r"]
    np.testing.assert_array_equal(shown["pj5r"], items["pj5r"])
    dimensions = {}
    for key in ("pj", "dj", "ef", "en", "ta"):
        index = wave.instrument.index(key)
        parts = items[list(index.parts)]
        dimensions[key] = parts.mean(axis=1).where(parts.notna().sum(axis=1) >= index.at_least)
    np.testing.assert_allclose(shown["pj"], dimensions["pj"], rtol=1e-12)
    made = pd.DataFrame(dimensions)
    np.testing.assert_allclose(shown["trust"], made.mean(axis=1).where(made.notna().sum(axis=1) >= 4), rtol=1e-12)


def test_the_percent_positive_of_an_index_is_the_mean_of_its_items_where_all_answered() -> None:
    answers = random_answers(11, 60, 0.0)
    wave = score(answered(answers))
    table = estimate(wave, positive(wave, ["dj", "dj1", "dj2", "dj3r", "dj4r"]), stat="share").table
    assert table["est"][0] == pytest.approx(table["est"][1:].mean(), rel=1e-12)
    assert (table["se"] > 0).all()


def test_the_percent_positive_of_what_was_not_asked_is_refused() -> None:
    wave = answered(random_answers(1)[["pj1", "pj2", "pj3", "pj4"]])
    assert positive(wave, ["pj"])["pj"].notna().any()
    with refusal("score.measure", "'dj'", "'pj1'"):
        positive(wave, ["pj", "dj"])


def test_do_not_know_is_a_share_of_those_who_said_something() -> None:
    wave = answered(pd.DataFrame({"pj1": [4.0, np.nan, np.nan, np.nan]}))
    codes = [REASONS.index(reason) for reason in ("answered", "don't know", "blank", "refused")]
    wave = replace(wave, missing=pd.DataFrame({"pj1": codes}))
    np.testing.assert_array_equal(dont_know(wave)["pj1"], [0.0, 1.0, np.nan, np.nan])
