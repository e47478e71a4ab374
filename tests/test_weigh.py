"""Weighted waves: margins and totals met, what is kept with them, and what is refused.

Golden: blocks ``cal_*`` of R survey 4.5 (``postStratify``; ``calibrate``), estimates, standard errors, sums, ranges
and Kish design effects of the weights, to 1e-8 relative: both programs iterate to full precision, R to
1e-7 to 1e-12 of the margins. Frozen numbers with their R code are of R 4.2.2, survey 4.1.1.
"""

from __future__ import annotations

import json
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
    outcome,
    r_results,
    refusal,
    reordered,
    reweighted,
    with_design,
)
from hypothesis import given, settings, strategies as st

from trustsurvey.errors import SurveyError
from trustsurvey.estimation.means import estimate
from trustsurvey.model import Design, Margins, Wave, Weighting
from trustsurvey.weighting.population import NO_ANSWER
from trustsurvey.weighting.weigh import bring, calibrate, diagnostics, kish, post_stratify, rake, restore

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


# --- calibration ----------------------------------------------------------------------------------


@settings(max_examples=20)
@given(SEEDS, st.sampled_from(["linear", "raking"]))
def test_totals_and_means_are_met_with_the_margins(seed: int, how: str) -> None:
    wave, margins, people = sample(seed, 120)
    rng = np.random.default_rng(seed)
    wave = replace(wave, people=people.assign(born=rng.integers(1930, 2006, 120), rooms=rng.integers(1, 6, 120)))
    total = float(margins.margins[0].targets.sum())
    rooms = float(rng.uniform(0.97, 1.03) * total * wave.people["rooms"].mean())
    choices = {"totals": {"rooms": rooms}, "means": {"born": float(wave.people["born"].mean()) + rng.uniform(-1, 1)}}
    found = calibrate(wave, margins, **choices) if how == "linear" else rake(wave, margins, **choices)
    assert found.weights @ wave.people["rooms"] == pytest.approx(rooms, rel=1e-11)
    assert found.weights @ wave.people["born"] / total == pytest.approx(choices["means"]["born"], rel=1e-12)
    report = weighting_of(found).report
    np.testing.assert_allclose(report["after"], report["target"], rtol=1e-10)
    told = weighting_of(found).settings["totals"]
    assert told["rooms"]["total"] == rooms
    assert told["rooms"]["before"] == pytest.approx(wave.design.weights @ wave.people["rooms"])
    for measure in ("rooms", "born"):  # what the weights were set to has no variance
        assert estimate(found, wave.people[[measure]], stat="total").table["se"].iloc[0] == 0


@settings(max_examples=10)
@given(SEEDS, st.floats(1e-3, 1e3))
def test_calibration_knows_neither_row_order_nor_the_scale_of_base_weights(seed: int, factor: float) -> None:
    wave, margins, _ = sample(seed)
    choices = {"means": {"y": 49.0}}
    found = calibrate(wave, margins, **choices)
    order = np.random.default_rng(seed).permutation(len(wave))
    np.testing.assert_allclose(calibrate(reordered(wave, order), margins, **choices).weights, found.weights[order],
                               rtol=1e-8, atol=1e-8)  # fmt: skip
    np.testing.assert_allclose(calibrate(reweighted(wave, factor), margins, **choices).weights, found.weights,
                               rtol=1e-8, atol=1e-8)  # fmt: skip


def test_numbers_are_looked_for_among_people_then_answers_then_scores() -> None:
    wave, margins, people = sample(3)
    assert weighting_of(calibrate(wave, margins, means={"y_q": 50.0})).settings["totals"]["y_q"]["total"] > 0
    with refusal("totals.variable", "'sex'", "a column of categories"):
        calibrate(wave, margins, means={"sex": 1.0})
    with refusal("totals.variable", "'height'"):
        calibrate(wave, margins, means={"height": 1.0})
    assert people.shape[1] == 3


def test_residents_without_a_number_are_refused_or_kept_at_the_mean() -> None:
    y = np.r_[np.nan, np.arange(1.0, 8.0)]
    wave = make_wave({"y": y}, {"sex": list("ffffmmmm")}, weights=[3, 1, 1, 1, 1, 1, 1, 1])
    with refusal("totals.missing", "'y'", "A few residents"):
        calibrate(wave, margins_of(sex={"f": 500, "m": 500}), means={"y": 4.0})
    kept = calibrate(wave, margins_of(sex={"f": 500, "m": 500}), means={"y": 4.2}, missing="keep")
    filled = np.where(np.isnan(y), np.nanmean(y), y)
    assert kept.weights @ filled == pytest.approx(4200, rel=1e-12)


def test_totals_need_numbers_of_people_and_means_a_size() -> None:
    wave, margins, _ = sample(9)
    shares = replace(margins, margins=tuple(replace(m, targets=m.share()) for m in margins))
    with refusal("totals.shares", "'y'", "mean"):
        calibrate(wave, shares, totals={"y": 5000.0})
    found = calibrate(wave, shares, means={"y": 51.0})
    assert found.weights.mean() == pytest.approx(1)
    assert found.weights @ found.scores["y"] / 80 == pytest.approx(51, rel=1e-12)  # type: ignore[index]
    with refusal("totals.size", "'y'"):
        calibrate(wave, totals={"y": 5000.0}, means={"y": 51.0})
    with refusal("margins.empty"):
        calibrate(wave)
    sized = calibrate(wave, size=1000, means={"y": 51.0})
    assert sized.weights.sum() == pytest.approx(1000)
    assert sized.weights @ sized.scores["y"] == pytest.approx(51_000)  # type: ignore[index]


def test_negative_weights_are_counted_and_bounds_rule_them_out() -> None:
    y = np.r_[np.arange(20.0), 100.0]
    wave = make_wave({"y": y}, {"sex": ["f", "m"] * 10 + ["f"]})
    margins = margins_of(sex={"f": 110, "m": 100})
    free = calibrate(wave, margins, means={"y": 5.0})
    assert weighting_of(free).settings["negative"] == (free.weights < 0).sum() > 0
    bounded = calibrate(wave, margins, means={"y": 5.0}, bounds=(0.05, 60))
    assert bounded.weights.min() >= 0.05 * (1 - 1e-12)
    assert weighting_of(bounded).settings["negative"] == 0
    assert bounded.weights @ y / 210 == pytest.approx(5, rel=1e-11)


@settings(max_examples=12)
@given(SEEDS, st.sampled_from(["base", "mean"]))
def test_bounds_hold_of_what_they_are_of(seed: int, bounds_on: str) -> None:
    wave, margins, _ = sample(seed, 150)
    for work in (calibrate, rake):
        found = outcome(lambda work=work: work(wave, margins, bounds=(0.4, 2.2), bounds_on=bounds_on))
        if isinstance(found, SurveyError):
            assert found.code in ("rake.infeasible", "rake.not-found")
            continue
        unit = wave.design.weights if bounds_on == "base" else found.weights.mean()
        assert (found.weights / unit).min() >= 0.4 * (1 - 1e-9)
        assert (found.weights / unit).max() <= 2.2 * (1 + 1e-9)
        assert weighting_of(found).settings["misfit"] < 1e-10


# --- crossed and collapsed margins ----------------------------------------------------------------


def test_a_crossed_margin_is_met_in_every_cell() -> None:
    wave, _, people = sample(12, 200)
    cells = {f"{s} x {a}": 10.0 + k for k, (s, a) in enumerate((s, a) for s in "fm" for a in "abc")}
    margins = margins_of(**{"sex x age": cells, "area": {"n": 1, "s": 2}})
    found = rake(wave, margins, rescale=True)
    for cell, target in cells.items():
        sex, age = cell.split(" x ")
        assert found.weights[((people["sex"] == sex) & (people["age"] == age)).to_numpy()].sum() == pytest.approx(
            target
        )
    saved = weighting_of(found)
    again = weighting_of(restore(wave, saved.weights, saved.margins, json.loads(json.dumps(dict(saved.settings)))))
    np.testing.assert_array_equal(again.constraints.toarray(), saved.constraints.toarray())


def test_small_categories_are_merged_on_request_and_told() -> None:
    wave = make_wave({"y": np.arange(40.0)}, {"age": ["a"] * 20 + ["b"] * 3 + ["c"] * 17})
    margins = margins_of(age={"a": 500, "b": 200, "c": 300, "d": 100})
    with refusal("margins.absent-level", "'d'"):
        rake(wave, margins)
    found = rake(wave, margins, collapse=5, ordered=["age"])
    saved = weighting_of(found)
    assert saved.settings["merged"] == {"age": {"b + c + d": ["b", "c", "d"]}}
    assert saved.settings["collapse"] == 5
    assert saved.report["category"].tolist() == ["a", "b + c + d"]
    assert found.weights[20:].sum() == pytest.approx(600)
    again = weighting_of(restore(wave, saved.weights, saved.margins, json.loads(json.dumps(dict(saved.settings)))))
    pd.testing.assert_frame_equal(again.report, saved.report)
    unordered = weighting_of(rake(wave, margins, collapse=5)).settings["merged"]
    assert unordered == {"age": {"b + c + d": ["b", "c", "d"]}}


def test_post_stratification_takes_one_margin() -> None:
    wave, margins, _ = sample(2)
    with refusal("margins.one", "3"):
        post_stratify(wave, margins)
    one = post_stratify(wave, margins.margins[1])
    assert weighting_of(one).settings["method"] == "post-stratification"
    np.testing.assert_allclose(one.weights, calibrate(wave, Margins((margins.margins[1],))).weights, rtol=1e-11)


# --- weights from elsewhere -----------------------------------------------------------------------


def test_weights_from_elsewhere_are_fixed_with_their_reason() -> None:
    wave, _, _ = sample(5)
    given_weights = np.random.default_rng(1).uniform(1, 5, len(wave))
    found = bring(wave, given_weights, reason="made by the agency")
    np.testing.assert_array_equal(found.weights, given_weights)
    assert weighting_of(found).settings["reason"] == "made by the agency"
    assert not found.raked
    plain = with_design(wave, replace(wave.design, weights=given_weights))
    assert_close(estimate(found, ["y"]).table["se"], estimate(plain, ["y"]).table["se"])
    saved = weighting_of(found)
    again = restore(wave, saved.weights, saved.margins, json.loads(json.dumps(dict(saved.settings))))
    assert_close(estimate(again, ["y"]).table["se"], estimate(plain, ["y"]).table["se"])
    for reason in ("", "  "):
        with refusal("weights.reason"):
            bring(wave, given_weights, reason=reason)


def test_weights_from_elsewhere_keep_the_calibration_that_is_stated() -> None:
    wave, margins, _ = sample(5)
    raked = rake(wave, margins)
    brought = bring(wave, raked.weights, reason="raked in R", margins=margins)
    assert_close(estimate(brought, ["y"], ["sex"]).table["se"], estimate(raked, ["y"], ["sex"]).table["se"])
    with refusal("weights.margins", "off by"):
        bring(wave, raked.weights * np.linspace(0.9, 1.1, len(wave)), reason="raked in R", margins=margins)
    saved = weighting_of(brought)
    again = restore(wave, saved.weights, saved.margins, json.loads(json.dumps(dict(saved.settings))))
    assert_close(estimate(again, ["y"]).table["se"], estimate(raked, ["y"]).table["se"])


def test_weights_by_pseudonym_find_their_row() -> None:
    wave = make_wave({"y": np.arange(3.0)}, {"respondent": ["p", "q", "r"]})
    weights = pd.Series({"r": 3.0, "p": 1.0, "q": 2.0})
    np.testing.assert_array_equal(bring(wave, weights, reason="R").weights, [1, 2, 3])
    with refusal("weights.rows", "2 weights"):
        bring(wave, weights.drop("q"), reason="R")
    with refusal("weights.rows"):
        bring(wave, np.ones(4), reason="R")
    with refusal("weights.number", "above 0"):
        bring(wave, np.array([1.0, 0.0, 2.0]), reason="R")


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


@pytest.mark.golden
@pytest.mark.parametrize(
    ("block", "tables", "totals"),
    [
        ("cal_ps_lin", {"stype": R_STYPE}, {}),
        ("cal_cal_linear_lin", {"stype": R_STYPE, "sch.wide": R_SCHWIDE}, {}),
        ("cal_greg_stype_api99_lin", {"stype": R_STYPE}, {"api99": 3914069.0}),
    ],
)
def test_linear_calibration_agrees_with_r(
    golden: Path, block: str, tables: dict[str, dict[str, float]], totals: dict[str, float]
) -> None:
    expected = r_results(golden)[block]
    wave = api_wave(golden, "apiclus1")
    found = calibrate(wave, margins_of(**tables), totals=totals)
    figures = [found.weights.sum(), found.weights.min(), found.weights.max(), kish(found.weights)[0]]
    assert_close(figures, [expected[k] for k in ("sumw", "minw", "maxw", "kish_deff")])
    for name, measure, stat, by in (
        ("mean_api00", "api00", "mean", ()),
        ("total_enroll", "enroll", "total", ()),
        ("by_stype", "api00", "mean", ["stype"]),
        ("by_schwide", "api00", "mean", ["sch.wide"]),
        ("by_comp.imp", "api00", "mean", ["comp.imp"]),
    ):
        table = estimate(found, [measure], by, stat=stat, everyone=not by).table  # type: ignore[arg-type]
        assert_close(table["est"], np.atleast_1d(expected[name]["est"]))
        assert_close(table["se"], np.atleast_1d(expected[name]["se"]))


# In the calls of R below POP is c(`(Intercept)`=6194, stypeH=755, stypeM=1018, api99=3914069), pop the same with
# sch.wideYes=5122 for api99; dclus1 and dstrat are the designs of the golden blocks.
MARGIN = margins_of(stype=R_STYPE)
BOTH = margins_of(**{"stype": R_STYPE, "sch.wide": R_SCHWIDE})
API99 = {"api99": 3914069.0}


@pytest.mark.golden
@pytest.mark.parametrize(
    ("work", "expected"),
    [
        # calibrate(dclus1, ~stype+sch.wide, pop, calfun="linear", bounds=c(0.88,1.8), epsilon=1e-12, maxit=200)
        (
            lambda wave: calibrate(wave, BOTH, bounds=(0.88, 1.8)),
            [29.78535675048828, 60.92459335327148, 3654818.809505696, 402419.4410210274, 23.78534998657801],
        ),
        # calibrate(dclus1, ~stype+sch.wide, pop, calfun="raking", bounds=c(0.885,1.9), epsilon=1e-12, maxit=200)
        (
            lambda wave: rake(wave, BOTH, bounds=(0.885, 1.9), bounds_on="base"),
            [29.95459173202515, 64.30929298400878, 3647064.149522373, 399205.5382813052, 23.61662013656863],
        ),
        # calibrate(dclus1, ~stype+api99, POP, bounds=c(0.45,1.75), epsilon=1e-12, maxit=500)
        (
            lambda wave: calibrate(wave, MARGIN, totals=API99, bounds=(0.45, 1.75)),
            [15.23114833831787, 59.23224353790283, 3649005.882293792, 383759.3663873197, 3.442691810325453],
        ),
        # calibrate(dclus1, ~stype+api99, POP, calfun="raking", epsilon=1e-13, maxit=500)
        (
            lambda wave: rake(wave, MARGIN, totals=API99),
            [18.08212716255366, 67.51667634935347, 3616588.563268754, 387618.6303799404, 3.437753539834834],
        ),
        # calibrate(dclus1, ~api99-1, c(api99=3914069))
        (
            lambda wave: calibrate(wave, totals=API99),
            [34.65533545165680, 35.81801504274988, 3538586.114044167, 403302.6024322715, 24.29742163947319],
        ),
    ],
)
def test_other_calibrations_agree_with_r(golden: Path, work: object, expected: list[float]) -> None:
    found = work(api_wave(golden, "apiclus1"))  # type: ignore[operator]
    total, mean = (estimate(found, [m], stat=s).table.iloc[0] for m, s in (("enroll", "total"), ("api00", "mean")))
    assert_close([found.weights.min(), found.weights.max(), total["est"], total["se"], mean["se"]], expected)


@pytest.mark.golden
def test_crossed_post_stratification_agrees_with_r(golden: Path) -> None:
    """postStratify(dstrat, ~sch.wide+comp.imp, xtabs(~sch.wide+comp.imp, apipop))"""
    cells = {"No x No": 995, "No x Yes": 77, "Yes x No": 717, "Yes x Yes": 4405}
    found = post_stratify(api_wave(golden, "apistrat"), margins_of(**{"sch.wide x comp.imp": cells}))
    total, mean = (estimate(found, [m], stat=s).table.iloc[0] for m, s in (("enroll", "total"), ("api00", "mean")))
    assert_close(
        [found.weights.min(), found.weights.max(), total["est"], total["se"], mean["est"], mean["se"]],
        [
            9.247741025801144,
            49.20823844801068,
            3705495.472301533,
            129938.3224109047,
            662.7818774473261,
            9.414307035879972,
        ],
    )
