"""Margins and totals lined up with the rows of a wave, when made and when taken from the store."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest
from builders import make_wave, margins_of, refusal

from trustsurvey.model import Margins, Wave
from trustsurvey.weighting.categories import EVERYONE
from trustsurvey.weighting.targets import Targets, everyone


def wave_of() -> Wave:
    people = {"sex": list("ffmmm"), "age": ["a", "b", "a", "b", "c"], "born": [1950.0, 1960, 1970, 1990, np.nan]}
    return make_wave({"y": np.arange(5.0)}, people, weights=[1, 2, 1, 2, 1])


def targets_of(wave: Wave, **how: object) -> Targets:
    margins = margins_of(sex={"f": 400, "m": 600}, age={"a": 500, "b": 300, "c": 200})
    return Targets.of(wave, margins, wave.design.weights, missing="keep", **how)  # type: ignore[arg-type]


def test_the_constraints_are_dummies_and_centred_numbers() -> None:
    targets = targets_of(wave_of(), totals={"y": 1900.0})
    x = targets.constraints().toarray()
    np.testing.assert_array_equal(x[:, :5], [[1, 0, 1, 0, 0], [1, 0, 0, 1, 0], [0, 1, 1, 0, 0], [0, 1, 0, 1, 0],
                                             [0, 1, 0, 0, 1]])  # fmt: skip
    # y less its mean in the population, over its spread around that at the base weights.
    apart = np.arange(5.0) - 1.9
    np.testing.assert_allclose(x[:, 5], apart / np.sqrt(np.array([1, 2, 1, 2, 1]) @ apart**2 / 7))
    assert targets.names == ["sex 'f'", "sex 'm'", "age 'a'", "age 'b'", "age 'c'", "the total of y"]


def test_numbers_far_from_zero_are_met_to_the_last_digits() -> None:
    people = {"sex": ["f", "m"] * 40, "born": 1e9 + np.arange(80.0)}
    wave = make_wave(n=80, people=people)
    targets = Targets.of(wave, margins_of(sex={"f": 500, "m": 500}), np.ones(80), missing="refuse",
                         means={"born": 1e9 + 30}, distance="linear")  # fmt: skip
    weights = targets.solve().weights
    assert weights @ (people["born"] - 1e9) / 1000 == pytest.approx(30, rel=1e-6)  # type: ignore[operator]


def test_a_missing_number_takes_the_weighted_mean() -> None:
    targets = targets_of(wave_of(), means={"born": 1966.5})
    assert targets.numbers[4, 0] == pytest.approx((1950 + 2 * 1960 + 1970 + 2 * 1990) / 6)
    assert targets.totals == {"born": 1966.5 * 1000}
    with refusal("totals.missing"):
        Targets.of(wave_of(), margins_of(sex={"f": 1, "m": 1}), np.ones(5), missing="refuse", means={"born": 1.0})


def test_without_margins_numbers_are_left_where_they_are() -> None:
    targets = Targets.of(wave_of(), Margins(()), np.ones(5), missing="refuse", totals={"y": 20.0}, distance="linear")
    assert targets.constraints().shape == (5, 1)
    assert targets.solve().weights @ np.arange(5.0) == pytest.approx(20)


def test_the_size_of_the_population_is_a_margin_of_its_own() -> None:
    margins = everyone(1000)
    assert margins.variables == (EVERYONE,)
    targets = Targets.of(wave_of(), margins, np.ones(5), missing="refuse")
    np.testing.assert_allclose(targets.solve().weights, 200)


@pytest.mark.parametrize("how", [{}, {"totals": {"y": 1900.0}}, {"means": {"born": 1966.5}}, {"at_least": 2}])
def test_what_was_saved_comes_back(how: dict[str, object]) -> None:
    wave = wave_of()
    made = targets_of(wave, distance="linear", bounds=(0.1, 900.0), bounds_on="base", **how)
    weights = made.solve().weights
    settings = json.loads(
        json.dumps(
            {"method": "linear calibration", "start": "base", "missing": "keep", "bounds": (0.1, 900.0),
             "bounds_on": "base", "merged": made.merged, "totals": made.totals_told(weights)}
        )
    )  # fmt: skip
    again = Targets.saved(wave, made.margins, settings)
    np.testing.assert_array_equal(again.constraints().toarray(), made.constraints().toarray())
    np.testing.assert_array_equal(again.solve().weights, weights)
    assert bool(made.merged) == ("at_least" in how)


def test_saved_targets_that_no_longer_fit_are_refused() -> None:
    wave = wave_of()
    made = targets_of(wave, totals={"y": 1900.0})
    settings = {"start": "base", "missing": "refuse", "totals": {"gone": {"total": 5.0}}}
    with refusal("weights.fit", "'gone'"):
        Targets.saved(wave, made.margins, settings)
    other = make_wave(n=5, people=pd.DataFrame({"sex": list("ffmmx"), "age": list("ababc")}))
    with refusal("weights.fit", "'sex'"):
        Targets.saved(other, made.margins, {"start": "one"})
