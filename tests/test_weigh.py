"""Raked waves: margins met, what is kept with them, and what is refused.

Golden: blocks ``cal_ps_lin`` and ``cal_cal_raking_lin`` of R survey 4.5 (``postStratify``;
``calibrate(calfun = "raking")``), sums, ranges and Kish design effects of the weights, to 1e-8
relative: both programs iterate to full precision, R to 1e-7 to 1e-12 of the margins.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from builders import (
    R_SCHWIDE,
    R_STYPE,
    api_wave,
    assert_close,
    make_wave,
    margins_of,
    r_results,
    refusal,
    reordered,
    reweighted,
    with_design,
)
from hypothesis import given, settings, strategies as st

from trustsurvey.errors import SurveyError
from trustsurvey.model import Design, Margins, Wave, Weighting
from trustsurvey.population import NO_ANSWER
from trustsurvey.weigh import diagnostics, kish, rake, restore

SEEDS = st.integers(0, 2**32 - 1)


def sample(seed: int, n: int = 80, equal: bool = False) -> tuple[Wave, Margins, pd.DataFrame]:
    """A wave with three variables and margins that some positive weights meet."""
    rng = np.random.default_rng(seed)
    people = pd.DataFrame(
        {
            "sex": rng.permutation(np.r_[["f", "m"], rng.choice(["f", "m"], n - 2)]),
            "age": rng.permutation(np.r_[["a", "b", "c"], rng.choice(["a", "b", "c"], n - 3)]),
            "area": rng.permutation(np.r_[["n", "s"], rng.choice(["n", "s"], n - 2)]),
        }
    )
    known = rng.uniform(0.3, 3.0, n)
    tables = {c: pd.Series(known).groupby(people[c]).sum().to_dict() for c in people}
    weights = None if equal else rng.uniform(0.5, 4.0, n)
    wave = make_wave({"y": rng.normal(50, 15, n)}, people, weights=weights)
    return wave, margins_of(**tables), people


def weighting_of(wave: Wave) -> Weighting:
    assert wave.weighting is not None
    return wave.weighting


# --- properties -----------------------------------------------------------------------------------


@settings(max_examples=25)
@given(SEEDS, st.integers(10, 300))
def test_weighted_sums_are_the_population(seed: int, n: int) -> None:
    wave, margins, people = sample(seed, n)
    raked = rake(wave, margins)
    for margin in margins:
        for category, target in margin.targets.items():
            reached = raked.weights[(people[margin.variable] == category).to_numpy()].sum()
            assert reached == pytest.approx(target, rel=5e-12)
    assert weighting_of(raked).settings["misfit"] <= 1e-12
    constraints = weighting_of(raked).constraints
    targets = np.concatenate([m.targets.to_numpy() for m in weighting_of(raked).margins])
    np.testing.assert_allclose(constraints.T @ raked.weights, targets, rtol=5e-12)


@settings(max_examples=15)
@given(SEEDS)
def test_raking_raked_weights_changes_nothing(seed: int) -> None:
    wave, margins, _ = sample(seed)
    once = rake(wave, margins)
    again = rake(with_design(once, replace(once.design, weights=once.weights)), margins)
    np.testing.assert_allclose(again.weights, once.weights, rtol=1e-10)


@settings(max_examples=15)
@given(SEEDS, st.floats(1e-4, 1e4))
def test_neither_row_order_nor_the_scale_of_base_weights_matters(seed: int, factor: float) -> None:
    wave, margins, _ = sample(seed)
    raked = rake(wave, margins)
    order = np.random.default_rng(seed).permutation(len(wave))
    np.testing.assert_allclose(rake(reordered(wave, order), margins).weights, raked.weights[order], rtol=1e-9)
    np.testing.assert_allclose(rake(reweighted(wave, factor), margins).weights, raked.weights, rtol=1e-9)
    other = replace(margins, margins=margins.margins[::-1])
    total = margins.margins[0].targets.sum() / margins.margins[-1].targets.sum()
    np.testing.assert_allclose(rake(wave, other).weights * total, raked.weights, rtol=1e-9)


@settings(max_examples=20)
@given(SEEDS, st.sampled_from([1.0, 100.0]))
def test_shares_give_weights_with_mean_one(seed: int, whole: float) -> None:
    wave, margins, _ = sample(seed)
    shares = replace(margins, margins=tuple(replace(m, targets=m.share() * whole) for m in margins))
    raked = rake(wave, shares)
    assert raked.weights.mean() == pytest.approx(1, rel=1e-11)
    np.testing.assert_allclose(
        raked.weights * margins.margins[0].targets.sum() / len(wave), rake(wave, margins).weights, rtol=1e-9
    )


def test_percentages_that_were_rounded_still_give_weights_with_mean_one() -> None:
    """Nine published percentages, each rounded to one decimal, add to 99.8: no population of 99.8 people."""
    levels = list("abcdefghi")
    wave = make_wave({"y": np.arange(45.0)}, {"ward": levels * 5})
    ward = dict.fromkeys(levels, 11.1) | {"a": 11.0}
    assert sum(ward.values()) == pytest.approx(99.8)
    assert rake(wave, margins_of(ward=ward)).weights.mean() == pytest.approx(1, rel=1e-11)


def test_numbers_of_people_give_weights_that_add_to_them() -> None:
    wave, margins, _ = sample(5)
    assert rake(wave, margins).weights.sum() == pytest.approx(margins.margins[0].targets.sum(), rel=1e-12)


def test_start_from_one_forgets_the_base_weights() -> None:
    wave, margins, _ = sample(6)
    flat = with_design(wave, replace(wave.design, weights=np.ones(len(wave))))
    from_one = rake(wave, margins, start="one")
    np.testing.assert_allclose(from_one.weights, rake(flat, margins).weights, rtol=1e-12)
    assert np.ptp(rake(wave, margins).weights / from_one.weights) > 0.1
    assert set(weighting_of(from_one).base) == {1.0}
    assert weighting_of(from_one).settings["start"] == "one"


def test_the_wave_that_was_given_is_left_alone() -> None:
    wave, margins, _ = sample(7)
    before = wave.design.weights.copy()
    raked = rake(wave, margins)
    assert wave.weighting is None
    np.testing.assert_array_equal(wave.design.weights, before)
    np.testing.assert_array_equal(raked.design.weights, before)
    np.testing.assert_array_equal(weighting_of(raked).base, before)
    assert raked.scores is wave.scores


@settings(max_examples=15)
@given(SEEDS)
def test_bounds_that_bind_nowhere_change_nothing(seed: int) -> None:
    wave, margins, _ = sample(seed, 120, equal=True)
    free = rake(wave, margins)
    relative = free.weights / free.weights.mean()
    low, high = relative.min() * 0.9, max(1.05, relative.max() * 1.1)
    within = rake(wave, margins, bounds=(low, high))
    np.testing.assert_allclose(within.weights, free.weights, rtol=1e-9)
    assert weighting_of(within).settings["at_bounds"] == 0
    assert weighting_of(within).settings["bounds"] == (low, high)


def test_a_binding_bound_moves_the_excess_within_the_margin() -> None:
    wave = make_wave({"y": np.arange(6.0)}, {"sex": list("ffmmmm")}, weights=[1, 9, 1, 1, 1, 1])
    raked = rake(wave, margins_of(sex={"f": 40, "m": 60}), bounds=(0.5, 1.5))
    np.testing.assert_allclose(raked.weights / raked.weights.mean(), [0.9, 1.5, 0.9, 0.9, 0.9, 0.9], rtol=1e-11)
    assert diagnostics(raked)["at_bounds"] == pytest.approx(1 / 6)


# --- what is kept ---------------------------------------------------------------------------------


def test_no_answer_is_refused_or_kept_at_its_share() -> None:
    sex = ["f"] * 30 + ["m"] * 50 + [None] * 20
    wave = make_wave({"y": np.arange(100.0)}, {"sex": sex}, weights=np.r_[np.ones(80), np.full(20, 2.0)])
    margins = margins_of(sex={"f": 600, "m": 400})
    with refusal("margins.missing", "'sex'", "20 residents", "w1"):
        rake(wave, margins)
    raked = rake(wave, margins, missing="keep")
    share = 40 / 120
    assert raked.weights.sum() == pytest.approx(1000, rel=1e-12)
    assert raked.weights[:30].sum() == pytest.approx(600 * (1 - share), rel=1e-12)
    assert raked.weights[80:].sum() == pytest.approx(1000 * share, rel=1e-12)
    report = weighting_of(raked).report.set_index("category")
    assert report.loc[NO_ANSWER, "n"] == 20
    assert report.loc[NO_ANSWER, "before"] == pytest.approx(report.loc[NO_ANSWER, "after"], rel=1e-12)


def test_the_report_shows_each_category_before_and_after() -> None:
    wave = make_wave({"y": np.arange(4.0)}, {"sex": list("ffmm"), "age": list("abab")}, weights=[1, 1, 2, 4])
    raked = rake(wave, margins_of(sex={"f": 60, "m": 40}, age={"a": 50, "b": 50}))
    report = weighting_of(raked).report
    assert list(report.columns) == ["variable", "category", "n", "before", "target", "after"]
    assert report["variable"].tolist() == ["sex", "sex", "age", "age"]
    assert report["n"].tolist() == [2, 2, 2, 2]
    np.testing.assert_allclose(report["before"], [2 / 8, 6 / 8, 3 / 8, 5 / 8])
    np.testing.assert_allclose(report["target"], [0.6, 0.4, 0.5, 0.5])
    np.testing.assert_allclose(report["after"], report["target"], rtol=1e-11)


def test_constraints_are_category_dummies_in_the_order_of_the_margins() -> None:
    wave = make_wave({"y": np.arange(3.0)}, {"sex": list("fmm"), "age": list("aab")})
    raked = rake(wave, margins_of(age={"b": 1, "a": 2}, sex={"f": 1.2, "m": 1.8}))
    dense = weighting_of(raked).constraints.toarray()
    np.testing.assert_array_equal(dense, [[0, 1, 1, 0], [0, 1, 0, 1], [1, 0, 0, 1]])


# --- diagnostics ----------------------------------------------------------------------------------


def test_kish_by_hand() -> None:
    deff, effective = kish(np.array([1.0, 2.0, 3.0]))
    assert effective == pytest.approx(36 / 14)
    assert deff == pytest.approx(3 * 14 / 36)


@settings(max_examples=30)
@given(st.lists(st.floats(0.01, 100), min_size=1, max_size=300))
def test_diagnostics_of_any_weights(weights: list[float]) -> None:
    found = diagnostics(make_wave(n=len(weights), weights=weights))
    assert found["n"] == len(weights)
    assert 1 - 1e-12 <= found["deff"] <= len(weights) * (1 + 1e-12)
    assert found["n_eff"] * found["deff"] == pytest.approx(len(weights))
    assert found["lowest"] <= 1 + 1e-12
    assert found["highest"] >= 1 - 1e-12
    assert found["at_bounds"] == 0
    largest = sorted(weights)[-max(1, len(weights) // 100) :]
    assert found["top_share"] == pytest.approx(sum(largest) / sum(weights))


def test_another_design_drops_the_weights_made_under_the_old_one() -> None:
    wave, margins, _ = sample(8)
    raked = rake(wave, margins)
    other = with_design(raked, Design.simple(len(wave)))
    assert other.weighting is None
    np.testing.assert_array_equal(other.weights, np.ones(len(wave)))


# --- weights from the store -----------------------------------------------------------------------


@settings(max_examples=10)
@given(SEEDS, st.booleans())
def test_saved_weights_come_back_with_all_that_belongs_to_them(seed: int, from_one: bool) -> None:
    wave, margins, people = sample(seed)
    wave = replace(wave, people=people.mask(np.random.default_rng(seed).random(people.shape) < 0.05))
    raked = rake(wave, margins, start="one" if from_one else "base", missing="keep")
    saved = weighting_of(raked)
    again = weighting_of(restore(wave, saved.weights, saved.margins, saved.settings))
    np.testing.assert_array_equal(again.weights, saved.weights)
    np.testing.assert_array_equal(again.base, saved.base)
    np.testing.assert_array_equal(again.constraints.toarray(), saved.constraints.toarray())
    pd.testing.assert_frame_equal(again.report, saved.report)


def test_saved_weights_that_no_longer_fit_the_wave_are_refused() -> None:
    wave, margins, people = sample(3)
    saved = weighting_of(rake(wave, margins))
    with refusal("weights.rows", "w1", "79", "80"):
        restore(wave, saved.weights[1:], saved.margins, saved.settings)
    for changed in (people.drop(columns="age"), people.assign(age=[None, *people["age"][1:]])):
        with pytest.raises(SurveyError, match="age"):
            restore(replace(wave, people=changed), saved.weights, saved.margins, saved.settings)


# --- refusals -------------------------------------------------------------------------------------


@pytest.mark.parametrize("weights", [[1, 0, 1, 1], [1, -2, 1, 1], [1, np.nan, 1, 1]])
def test_a_base_weight_that_is_no_positive_number(weights: list[float]) -> None:
    with refusal("design.weights", "above 0"):
        make_wave({"y": np.arange(4.0)}, {"sex": list("ffmm")}, weights=weights)


def test_inconsistent_totals_are_refused_or_rescaled_on_request() -> None:
    wave = make_wave({"y": np.arange(4.0)}, {"sex": list("ffmm"), "age": list("abab")})
    margins = margins_of(sex={"f": 600, "m": 400}, age={"a": 100, "b": 900})
    margins = replace(margins, margins=(margins.margins[0], margins_of(age={"a": 1, "b": 3}).margins[0]))
    with refusal("margins.totals", "sex 1,000", "age 4", "shares"):
        rake(wave, margins)
    raked = rake(wave, margins, rescale=True)
    np.testing.assert_allclose(raked.weights, [150, 450, 100, 300], rtol=1e-11)
    assert weighting_of(raked).settings["rescale"] is True


def test_categories_are_named_where_margins_and_wave_differ() -> None:
    wave = make_wave({"y": np.arange(4.0)}, {"sex": list("ffmm")}, name="spring", groups=["sex"])
    with refusal("margins.variable", "spring", "'income'", "'sex'"):
        rake(wave, margins_of(income={"low": 1}))
    with refusal("margins.extra-level", "spring", "'sex'", "'m'"):
        rake(wave, margins_of(sex={"f": 1}))
    with refusal("margins.absent-level", "spring", "'sex'", "'x'"):
        rake(wave, margins_of(sex={"f": 1, "m": 1, "x": 1}))


def test_margins_that_no_weights_meet_name_the_wave_and_the_categories() -> None:
    wave = make_wave({"y": np.arange(5.0)}, {"age": list("yyooo"), "sex": list("fffmm")}, name="spring")
    with refusal("rake.infeasible", "spring", "cannot go", "'"):
        rake(wave, margins_of(age={"y": 600, "o": 400}, sex={"f": 400, "m": 600}))
    with refusal("rake.boundary", "spring", "age o and sex f"):
        rake(wave, margins_of(age={"y": 400, "o": 600}, sex={"f": 400, "m": 600}))
    with refusal("rake.infeasible", "spring", "between 0.9 and 1.1 times the mean", "sex 'f'", "widen"):
        rake(wave, margins_of(sex={"f": 30, "m": 70}), bounds=(0.9, 1.1))


def test_a_wave_without_answers_and_margins_without_variables() -> None:
    empty = make_wave(n=0, name="spring")
    with refusal("rake.empty", "spring"):
        rake(empty, margins_of(sex={"f": 1}))
    with refusal("margins.empty"):
        rake(make_wave(n=3), Margins(()))


def test_a_single_respondent_can_be_weighted() -> None:
    wave = make_wave({"y": [3.0]}, {"sex": ["f"]})
    np.testing.assert_allclose(rake(wave, margins_of(sex={"f": 500})).weights, [500.0])


# --- R survey -------------------------------------------------------------------------------------


@pytest.mark.golden
@pytest.mark.parametrize(
    ("block", "tables"),
    [
        ("cal_ps_lin", {"stype": R_STYPE}),
        ("cal_cal_raking_lin", {"stype": R_STYPE, "sch.wide": R_SCHWIDE}),
    ],
)
def test_weights_agree_with_r(golden: Path, block: str, tables: dict[str, dict[str, float]]) -> None:
    expected = r_results(golden)[block]
    weights = rake(api_wave(golden, "apiclus1"), margins_of(**tables)).weights
    found = [weights.sum(), weights.min(), weights.max(), kish(weights)[0]]
    assert_close(found, [expected[k] for k in ("sumw", "minw", "maxw", "kish_deff")])
