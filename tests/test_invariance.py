"""Measurement invariance: what is comparable is called so, and the item in the way is named."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from builders import refusal
from scales import ITEMS, one_factor_answers, reference_wave, scale_wave
from test_reliability import consistent_answers
from test_scoring import answered

from trustsurvey.model import Wave
from trustsurvey.scales.invariance import ENOUGH, invariance, invariance_over_waves

LOADINGS = (0.8, 0.75, 0.7, 0.8, 0.65)


def grouped(
    seed: int,
    n: int = 1200,
    *,
    gap: float = 0.4,
    shift: float = 0.0,
    slope: float = 1.0,
    groups: int = 2,
    **design: object,
) -> Wave:
    """Answers of groups a, b, ... whose trust differs by ``gap``; in b the first item has another mean or slope."""
    rng = np.random.default_rng(seed)
    group = np.arange(n) % groups
    answers = one_factor_answers(rng, n, LOADINGS, gap * group)
    if slope != 1:  # the first item hardly follows the factor there
        answers["q1"] = np.where(group == 1, answers["q1"] * 0 + rng.normal(size=n) * 0.8 + slope, answers["q1"])
    answers["q1"] += shift * (group == 1)
    return scale_wave(answers, {"group": np.array(list("abcdef"))[group]}, low=-10, high=10, **design)


def test_what_works_alike_is_comparable_however_large_the_gap() -> None:
    for seed, gap, groups in ((1, 0.0, 2), (2, 0.4, 3), (3, 1.0, 2)):
        told = invariance(grouped(seed, 1800, gap=gap, groups=groups), "all", "group")
        assert told.verdict == "comparable", told.reason
        assert told.items == ()
        assert told.steps["step"].tolist() == ["configural", "metric", "scalar"]
        assert told.steps["holds"].all()
        assert told.steps["df"].tolist() == [5 * groups, 5 * groups + 4 * (groups - 1), 5 * groups + 8 * (groups - 1)]
        assert not told.dif["notable"].any()
        assert len(told.bias) == 0


def test_an_item_with_another_intercept_is_named_with_the_points_it_adds() -> None:
    told = invariance(grouped(4, shift=0.6), "all", "group")
    assert told.verdict == "compare with care"
    assert told.items == ("q1",)
    assert "'q1'" in told.reason
    assert told.steps.set_index("step")["holds"].to_dict() == {
        "configural": True, "metric": True, "scalar": False, "partial": True
    }  # fmt: skip
    assert told.steps["freed"].iloc[-1] == "q1"
    steps = told.steps.set_index("step")
    for name in ("cfi", "rmsea"):  # against the metric step, chi2 against the scalar
        assert steps.loc["partial", f"d_{name}"] == steps.loc["partial", name] - steps.loc["metric", name]
    assert steps.loc["partial", "d_chi2"] == steps.loc["partial", "chi2"] - steps.loc["scalar", "chi2"] < 0
    assert steps.loc["partial", "d_df"] == -2
    # 0.6 of the item's 20 units are 3 points of 100, a fifth of which reach the score.
    assert told.bias[["group", "item"]].to_numpy().tolist() == [["b", "q1"]]
    assert told.bias["points"][0] == pytest.approx(3 / 5, rel=0.2)
    flagged = told.dif[told.dif["notable"]]
    assert flagged[["item", "test"]].to_numpy().tolist() == [["q1", "uniform"]]
    assert flagged["effect"].iloc[0] == pytest.approx(0.5, abs=0.12)


def test_an_item_that_does_not_belong_in_one_group_is_named_by_loading_and_slope() -> None:
    told = invariance(grouped(5, slope=0.4), "all", "group")
    assert told.verdict == "compare with care"
    assert told.items == ("q1",)
    assert not told.steps.set_index("step")["holds"]["metric"]
    assert told.dif.set_index(["item", "test"]).loc[("q1", "non-uniform"), "notable"]


def test_where_most_items_moved_no_gap_is_shown() -> None:
    rng = np.random.default_rng(6)
    group = np.arange(1600) % 2
    answers = one_factor_answers(rng, 1600, (0.7, 0.7, 0.7, 0.7, 0.7))
    for j, by in enumerate((0.9, -0.9, 0.5, -0.5, 0.0)):
        answers[f"q{j + 1}"] += by * group
    told = invariance(scale_wave(answers, {"group": group.astype(str)}, low=-10, high=10), "all", "group")
    assert told.verdict == "not shown"
    assert not told.steps["holds"].iloc[-1]
    assert told.steps["step"].iloc[-1] == "partial"


@pytest.mark.parametrize(("rule", "lenient"), [("LEAST_CFI", 0.0), ("MOST_SRMR", 9.0)])
def test_items_without_a_common_factor_are_not_shown(
    rule: str, lenient: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Either figure is enough."""
    monkeypatch.setattr(f"trustsurvey.scales.invariance.{rule}", lenient)
    rng = np.random.default_rng(7)
    pairs = rng.normal(size=(900, 3))
    x = pd.DataFrame({f"q{j}": pairs[:, j // 2] + 0.3 * rng.normal(size=900) for j in range(6)})
    told = invariance(scale_wave(x, {"group": (np.arange(900) % 2).astype(str)}, low=-10, high=10), "all", "group")
    assert told.verdict == "not shown"
    assert told.steps["step"].tolist() == ["configural"]
    assert "One factor" in told.reason


def test_groups_too_small_take_no_part() -> None:
    wave = grouped(8, 3 * ENOUGH, groups=3)
    people = wave.people.assign(group=np.where(np.arange(len(wave)) < 20, "tiny", wave.people["group"]))
    told = invariance(replace(wave, people=people), "all", "group")
    assert told.groups.set_index("level")["used"].to_dict() == {"a": False, "b": False, "c": False, "tiny": False}
    assert told.verdict == "too few answers"
    told = invariance(scale_wave(wave.answers, {"group": np.repeat(["a", "b", "c"], [140, 140, 20])}, low=-10, high=10),
                      "all", "group")  # fmt: skip
    assert told.groups["used"].tolist() == [True, True, False]
    assert told.groups["n"].tolist() == [140, 140, 20]
    assert told.verdict == "comparable"
    assert told.steps["df"].iloc[0] == 10
    heavy = np.tile(np.r_[np.full(4, 500.0), np.ones(146)], 2)
    told = invariance(scale_wave(wave.answers, {"group": np.repeat(["a", "b"], 150)}, low=-10, high=10, weights=heavy),
                      "all", "group")  # fmt: skip
    assert told.verdict == "too few answers"


def test_what_cannot_be_checked_is_not_shown() -> None:
    wave = grouped(9)
    two = scale_wave(wave.answers[["q1", "q2"]], {"group": wave.people["group"]}, low=-10, high=10)
    assert invariance(two, "all", "group").verdict == "not shown"
    flat = scale_wave(wave.answers.assign(q1=0.0), {"group": wave.people["group"]}, low=-10, high=10)
    told = invariance(flat, "all", "group")
    assert told.verdict == "not shown"
    assert "do not vary" in told.reason
    assert told.dif.set_index("item").loc["q1", "p"].isna().all()
    with refusal("invariance.by", "'colour'"):
        invariance(wave, "all", "colour")
    with refusal("reliability.measure", "'none'"):
        invariance(wave, "none", "group")


def test_weights_scale_and_row_order_do_not_matter() -> None:
    rng = np.random.default_rng(10)
    weights, order = rng.uniform(0.5, 2, 1200), rng.permutation(1200)
    wave = grouped(11, shift=0.5, weights=weights)
    other = scale_wave(
        wave.answers.iloc[order], {"group": wave.people["group"].to_numpy()[order]}, low=-10, high=10,
        weights=7 * weights[order],
    )  # fmt: skip
    first, second = invariance(wave, "all", "group"), invariance(other, "all", "group")
    assert first.verdict == second.verdict == "compare with care"
    numbers = ["chi2", "df", "cfi", "srmr"]
    np.testing.assert_allclose(first.steps[numbers], second.steps[numbers], rtol=1e-6, atol=1e-8)
    np.testing.assert_allclose(first.dif[["effect", "f", "ddf"]], second.dif[["effect", "f", "ddf"]], rtol=1e-6)


def test_chance_alone_does_not_fail_a_step_in_small_groups() -> None:
    """Sixty samples of two times 130 that work alike: CFI and RMSEA alone would fail a third of them."""
    verdicts = [invariance(grouped(seed, 260, gap=0.3), "all", "group").verdict for seed in range(100, 160)]
    assert np.mean([v == "comparable" for v in verdicts]) >= 0.8


# --- over waves -----------------------------------------------------------------------------------


def two_waves(shift: float = 0.0) -> tuple[Wave, Wave]:
    """September before March, which their names do not say."""
    wave = grouped(12, 1400, gap=0.3, shift=shift)
    parts = [scale_wave(wave.answers[(wave.people["group"] == g).to_numpy()], low=-10, high=10) for g in "ab"]
    return replace(parts[0], name="Sep"), replace(parts[1], name="Mar")


def test_waves_are_compared_in_their_order() -> None:
    told = invariance_over_waves(two_waves(), "all")
    assert told.verdict == "comparable"
    assert told.by == "wave"
    assert told.groups["level"].tolist() == ["Sep", "Mar"]
    told = invariance_over_waves(two_waves(0.6), "all")
    assert told.items == ("q1",)
    assert told.bias["group"].tolist() == ["Mar"]
    assert told.bias["points"][0] > 0


def test_an_item_asked_in_other_words_breaks_the_series() -> None:
    first, second = two_waves()
    reworded = replace(second, wording={**second.wording, "q3": "Would you say it is q3?"})
    told = invariance_over_waves([first, reworded], "all")
    assert told.verdict == "not shown"
    assert told.items == ("q3",)
    assert set(told.dif["item"]) == {"q1", "q2", "q4", "q5"}
    dropped = scale_wave(second.answers[["q1", "q2", "q3", "q4"]], low=-10, high=10)
    dropped = replace(dropped, name="Mar", instrument=second.instrument, scores=None)
    told = invariance_over_waves([first, dropped], "all")
    assert told.verdict == "not shown"
    assert told.items == ("q5",)


def test_one_wave_has_nothing_to_be_compared_with() -> None:
    assert invariance_over_waves(two_waves()[:1], "all").verdict == "too few answers"


def test_an_index_of_dimensions_is_compared_by_its_dimensions() -> None:
    wave = answered(consistent_answers(13, 700))
    wave = replace(wave, people=pd.DataFrame({"sex": np.tile(["f", "m"], 350)}))
    told = invariance(wave, "trust", "sex")
    assert told.verdict == "comparable"
    assert set(told.dif["item"]) == {"pj", "dj", "ef", "en", "ta"}


def test_the_reference_answers_name_the_item_that_was_moved() -> None:
    told = invariance(reference_wave(weighted=True), "all", "group")
    assert told.verdict == "compare with care"
    assert told.steps["freed"].iloc[-1].startswith("q3")
    assert told.bias.set_index("item").loc["q3", "points"] == pytest.approx(100 * 0.9 / 4 / len(ITEMS), rel=0.2)
