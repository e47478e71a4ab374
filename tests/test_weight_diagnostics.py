"""Who carries most, and which categories are raised."""

from __future__ import annotations

import numpy as np
import pytest
from builders import make_wave, margins_of, refusal

from trustsurvey.weighting.diagnostics import category_weights, diagnostics, kish, largest_weights
from trustsurvey.weighting.weigh import rake

PEOPLE = {"respondent": list("pqrstu"), "sex": list("ffmmmm"), "age": list("ababab"), "other": list("xxxxyy")}
MARGINS = margins_of(
    **{"sex": {"f": 600, "m": 400}, "sex x age": {"f x a": 200, "f x b": 400, "m x a": 200, "m x b": 200}}
)


def test_the_largest_weights_come_first_with_their_categories() -> None:
    raked = rake(make_wave({"y": np.arange(6.0)}, PEOPLE, weights=[1, 1, 1, 3, 1, 1]), MARGINS)
    table = largest_weights(raked, 3)
    assert table["respondent"].tolist() == ["q", "p", "s"]
    assert list(table.columns) == ["respondent", "weight", "relative", "base", "share", "sex", "age"]
    np.testing.assert_allclose(table["weight"], [400, 200, 150])
    np.testing.assert_allclose(table["relative"], np.array([40, 20, 15]) * 6 / 100)
    np.testing.assert_allclose(table["base"], np.array([1, 1, 3]) * 6 / 8)
    np.testing.assert_allclose(table["share"], [0.4, 0.2, 0.15])
    assert table["age"].tolist() == ["b", "a", "b"]


def test_rows_stand_in_for_pseudonyms_and_columns_can_be_named() -> None:
    wave = make_wave({"y": np.arange(3.0)}, {"sex": list("fmm")}, weights=[1, 5, 2])
    table = largest_weights(wave, 10, ["sex"])
    assert table["respondent"].tolist() == [1, 2, 0]
    assert table["sex"].tolist() == ["m", "m", "f"]
    with refusal("weights.variable", "'age'"):
        largest_weights(wave, 1, ["age"])


def test_mean_weight_by_category() -> None:
    raked = rake(make_wave({"y": np.arange(6.0)}, PEOPLE), MARGINS)
    table = category_weights(raked).set_index(["variable", "category"])
    assert table.loc[("sex", "f"), "n"] == 2
    assert table.loc[("sex", "f"), "mean"] == pytest.approx(60 / 2 / (100 / 6))
    assert table.loc[("sex", "f"), "highest"] == pytest.approx(40 / (100 / 6))
    assert table.loc[("sex", "f"), "deff"] == pytest.approx(kish(np.array([20.0, 40.0]))[0])
    assert set(table.index.get_level_values(0)) == {"sex", "age"}
    by_hand = (table["n"] * table["mean"]).groupby(level=0).sum()
    np.testing.assert_allclose(by_hand, 6)


def test_an_unweighted_wave_without_margins_and_blanks() -> None:
    wave = make_wave({"y": np.arange(3.0)}, {"sex": ["f", None, "f"]})
    assert category_weights(wave).empty
    table = category_weights(wave, ["sex"])
    assert table["n"].tolist() == [2]
    assert table["mean"].tolist() == [1]
    assert diagnostics(wave)["deff"] == pytest.approx(1)
