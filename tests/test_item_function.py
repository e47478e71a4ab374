"""Items that work differently: the tests are those of R survey, the sizes those put in."""

from __future__ import annotations

import numpy as np
import pytest
from scales import ITEMS, one_factor_answers, reference_wave, scale_wave

from trustsurvey.scales.item_function import item_function


def test_the_tests_are_those_of_survey() -> None:
    """x$rest <- rowMeans(x[, q[-3]]), d as in scales.py;

    regTermTest(svyglm(q3 ~ rest + group, d), ~group); regTermTest(svyglm(q3 ~ rest * group, d), ~rest:group)
    """
    wave = reference_wave(weighted=True)
    codes = (wave.people["group"] == "b").to_numpy().astype(np.int64)
    table = item_function(wave, ITEMS, codes).set_index(["item", "test"])
    uniform, slope = table.loc[("q3", "uniform")], table.loc[("q3", "non-uniform")]
    assert uniform["f"] == pytest.approx(114.751579301, rel=1e-8)
    assert (uniform["df"], uniform["ddf"]) == (1, 34)
    assert uniform["p"] == pytest.approx(1.94601397689e-12, rel=1e-6)
    assert slope["f"] == pytest.approx(0.695086791839, rel=1e-8)
    assert slope["p"] == pytest.approx(0.410433866192, rel=1e-8)
    assert slope["ddf"] == 33
    # coef(...)["rest:groupb"] over two standard deviations of rest, in standard deviations of q3
    x, w = wave.answers[list(ITEMS)], wave.weights
    rest = x.drop(columns="q3").mean(axis=1)
    spread = [np.sqrt(np.average((v - np.average(v, weights=w)) ** 2, weights=w)) for v in (rest, x["q3"])]
    assert slope["effect"] == pytest.approx(0.0892002885609 * 2 * spread[0] / spread[1], rel=1e-8)


def test_uniform_effects_are_told_beyond_what_the_median_item_shows() -> None:
    """A gap in trust leaves a gap in every item at the same rest score, since that is not trust itself."""
    rng = np.random.default_rng(1)
    group = np.arange(4000) % 2
    answers = one_factor_answers(rng, 4000, [0.6, 0.6, 0.6, 0.6], 1.0 * group)
    table = item_function(scale_wave(answers, low=-10, high=10), tuple(answers), group.astype(np.int64))
    uniform = table[table["test"] == "uniform"]
    assert (uniform["p_adj"] < 0.05).all()
    assert (uniform["effect"] < 0.1).all()
    assert not table["notable"].any()


def test_those_in_no_group_take_no_part_and_three_groups_share_a_test() -> None:
    wave = reference_wave()
    codes = np.arange(600) % 4 - 1
    table = item_function(wave, ITEMS, codes)
    assert table["df"].eq(2).all()
    rest = scale_wave(wave.answers[codes >= 0])
    alone = item_function(rest, ITEMS, codes[codes >= 0])
    np.testing.assert_allclose(table["effect"], alone["effect"], rtol=1e-9)
    np.testing.assert_allclose(table["f"], alone["f"], rtol=0.01)  # the design of the whole wave: n / (n - 1)
    assert (table["r2"] >= 0).all()
    assert table["p_adj"].ge(table["p"] - 1e-15).all()


def test_an_item_that_does_not_vary_has_no_test() -> None:
    wave = scale_wave(reference_wave().answers.assign(q2=1.0))
    table = item_function(wave, ITEMS, np.arange(600) % 2)
    assert table.loc[table["item"] == "q2", ["effect", "p", "p_adj"]].isna().all(axis=None)
    assert table.loc[table["item"] != "q2", ["effect", "p", "p_adj"]].notna().all(axis=None)
    assert not table.loc[table["item"] == "q2", "notable"].any()
