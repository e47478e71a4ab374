"""Who is missing: shares against margins, worth of answers, interviews to go, and what stays hidden."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from builders import make_wave, margins_of, refusal, row_of
from hypothesis import example, given, settings, strategies as st

from trustsurvey.comparison.planning import plan
from trustsurvey.comparison.representation import NUMBERS, imbalance, representation
from trustsurvey.disclosure.cells import hidden_cells
from trustsurvey.disclosure.crossed import protect_margins
from trustsurvey.disclosure.gate import protect
from trustsurvey.estimation.means import estimate
from trustsurvey.model import Wave
from trustsurvey.weighting.weigh import kish, rake

MARGINS = margins_of(age={"young": 4000, "middle": 4000, "old": 2000}, sex={"f": 5200, "m": 4800})


def town(seed: int = 1, counts: tuple[int, int, int] = (60, 200, 140), base: bool = False) -> Wave:
    """The young answered half as often as they should have."""
    rng = np.random.default_rng(seed)
    age = np.repeat(["young", "middle", "old"], counts)
    n = len(age)
    people = {"age": pd.Categorical(age), "sex": pd.Categorical(rng.choice(["f", "m"], n))}
    weights = rng.uniform(1, 3, n) if base else None
    return make_wave({"y": rng.normal(50, 20, n)}, people, weights=weights)


def test_shares_ratios_and_response() -> None:
    table = representation(town(), MARGINS, hidden=())
    assert table["variable"].tolist() == ["age"] * 3 + ["sex"] * 2
    young = row_of(table, category="young")
    assert (young["n"], young["sample"], young["population"], young["residents"]) == (60, 0.15, 0.4, 4000)
    assert (young["ratio"], young["per_1000"]) == pytest.approx((0.375, 15))
    assert young["n_eff"] == pytest.approx(60)  # nobody weighs more than another
    assert row_of(table, category="old")["ratio"] == pytest.approx(1.75)
    for _, part in table.groupby("variable"):
        assert part[["sample", "base", "population"]].sum().tolist() == pytest.approx([1, 1, 1])
    assert not table["hidden"].any()


def test_the_ratio_is_at_the_base_weights() -> None:
    """A group that was drawn twice as often by design is not one that answered twice as often."""
    wave = town()
    weights = np.where(wave.people["age"] == "old", 1.0, 2.0)
    wave = replace(wave, design=replace(wave.design, weights=weights))
    old = row_of(representation(wave, MARGINS, hidden=()), category="old")
    assert old["sample"] == pytest.approx(0.35)
    assert old["base"] == pytest.approx(140 / 660)
    assert old["ratio"] == pytest.approx(140 / 660 / 0.2)


def test_worth_is_kish_within_the_group_and_the_designs_where_known() -> None:
    wave = rake(town(base=True), MARGINS)
    made = protect(estimate(wave, ["y"], ["age"]), wave)
    table = representation(wave, hidden=(), estimates=made, measure="y", width=2.0)
    for level in ("young", "middle", "old"):
        row, est = row_of(table, category=level), row_of(made, level=level)
        inside = (wave.people["age"] == level).to_numpy()
        assert row["n_eff"] == pytest.approx(kish(wave.weights[inside])[1])
        assert (row["deff"], row["worth"]) == pytest.approx((est["deff"], est["n_eff"]))
        assert row["more_width"] == row_of(plan(made, "y", "age", width=2.0), level=level)["more_width"]
    f = row_of(table, category="f")
    assert np.isnan(f["deff"])
    assert f["worth"] == f["n_eff"]
    assert np.isnan(f["more_width"])


def test_how_many_more_interviews() -> None:
    wave = town(counts=(12, 25, 200))
    weights = np.ones(237)
    weights[:12:2] = 3.0  # the twelve are worth 12 * 4 / 5
    wave = replace(wave, design=replace(wave.design, weights=weights))
    table = representation(wave, MARGINS, hidden=())
    young, middle, old = (row_of(table, category=c) for c in ("young", "middle", "old"))
    assert young["worth"] == pytest.approx(9.6)
    assert (young["more_30"], young["more_50"]) == (38 - 12, 63 - 12)
    assert (middle["more_30"], middle["more_50"]) == (5, 25)
    assert (old["more_30"], old["more_50"]) == (0, 0)


def test_shares_instead_of_counts_have_no_residents() -> None:
    for whole in (1.0, 100.0):
        shares = margins_of(age={"young": 0.4 * whole, "middle": 0.4 * whole, "old": 0.2 * whole})
        for table in (
            representation(town(), shares, hidden=()),
            representation(rake(town(), shares), hidden=()),
        ):
            assert table[["residents", "per_1000"]].isna().all(axis=None)
            assert row_of(table, category="young")["ratio"] == pytest.approx(0.375)


def test_crossed_margins_spellings_and_groupings_without_a_margin() -> None:
    wave = town()
    crossed = margins_of(**{"age x sex": {f"{a} x {s}": 1000.0 for a in ("Young", "middle", "old") for s in "fm"}})
    table = representation(wave, crossed, hidden=(), by=["sex"])
    assert table["variable"].tolist() == ["age x sex"] * 6 + ["sex"] * 2
    row = row_of(table, category="young x f")
    n = int(((wave.people["age"] == "young") & (wave.people["sex"] == "f")).sum())
    assert (row["n"], row["sample"]) == pytest.approx((n, n / 400))
    assert row["ratio"] == pytest.approx(n / 400 * 6)
    sex = table[table["variable"] == "sex"]
    assert sex[["population", "ratio", "residents", "per_1000"]].isna().all(axis=None)
    assert sex["n"].sum() == 400
    assert sex["sample"].sum() == pytest.approx(1)


def test_no_answer_a_category_nobody_is_in_and_one_without_a_target() -> None:
    wave = town()
    age = wave.people["age"].astype(object)
    age[:20], age[380:] = None, "unborn"
    wave = replace(wave, people=wave.people.assign(age=age.astype("category")))
    margins = margins_of(age={"young": 4000, "middle": 4000, "old": 2000, "oldest": 500})
    table = representation(wave, margins, hidden=())
    assert table["category"].tolist() == ["young", "middle", "old", "oldest", "unborn"]
    oldest = row_of(table, category="oldest")
    assert oldest["hidden"]
    assert oldest["residents"] == 500
    assert row_of(table, category="unborn")["hidden"]  # that nobody is the oldest does not follow from the others
    assert row_of(table, category="young")["sample"] == pytest.approx(40 / 360)
    table = representation(wave, margins_of(age={"young": 4000, "middle": 4000, "old": 2000}), hidden=())
    unborn = row_of(table, category="unborn")
    assert unborn["n"] == 20
    assert np.isnan(unborn["ratio"])
    whole = replace(wave, people=wave.people.assign(age=age.where(age != "unborn", "old").astype("category")))
    kept = rake(whole, margins_of(age={"young": 4000, "middle": 4000, "old": 2000}), missing="keep")
    assert "(no answer)" not in set(representation(kept, hidden=())["category"])


# --- disclosure -----------------------------------------------------------------------------------


def test_hidden_categories_have_no_numbers_and_move_no_others() -> None:
    wave = town(counts=(60, 200, 140))
    table = representation(wave, MARGINS, hidden={("age", "young"), ("age", "middle")})
    for level in ("young", "middle"):
        row = row_of(table, category=level)
        assert row["hidden"]
        assert row[NUMBERS].isna().all()
        assert row["residents"] == 4000  # what the census says is no secret
    old = row_of(table, category="old")
    assert (old["n"], old["sample"], old["population"], old["ratio"]) == (140, 1, 1, 1)
    other = representation(town(counts=(100, 160, 140)), MARGINS, hidden={("age", "young"), ("age", "middle")})
    pd.testing.assert_series_equal(row_of(other, category="old"), old)


@example([9, 50, 40], 0)
@given(st.lists(st.integers(0, 60), min_size=2, max_size=6), st.integers(0, 63))
@settings(max_examples=100)
def test_a_small_number_cannot_be_worked_out_from_the_others(counts: list[int], mask: int) -> None:
    """What is shown, and the size of the sample, leave every small number open from 0 to 9."""
    names = [f"c{k}" for k in range(len(counts))]
    if not sum(counts):
        return
    wave = make_wave({"y": np.zeros(sum(counts))}, {"g": pd.Categorical(np.repeat(names, counts), categories=names)})
    given = {("g", name) for k, name in enumerate(names) if mask >> k & 1}
    table = representation(wave, margins_of(g=dict.fromkeys(names, 100.0)), hidden=given)
    shown = table["n"].notna().to_numpy()
    n = np.array(counts)
    assert (n[shown] >= 10).all()
    assert not any(("g", name) in given for name, s in zip(names, shown, strict=True) if s)
    small = (n > 0) & (n < 10)
    if small.any() and n.sum() >= 10 and (n > 0).sum() > 1:
        left = n[~shown].sum()
        assert (~shown & (n > 0)).sum() > 1
        assert left >= 9


def test_masks_of_the_gate_are_taken_as_they_are() -> None:
    wave = rake(town(counts=(6, 254, 140)), MARGINS)
    wave = replace(wave, groups=("age", "sex"))
    report = protect_margins(wave.weighting.report, wave)
    secret = {
        (v, c) for v, c, n in zip(report["variable"], report["category"], report["n"], strict=True) if np.isnan(n)
    }
    assert secret
    for mask in (secret, hidden_cells(wave)):
        table = representation(wave, MARGINS, hidden=mask)
        assert {(v, c) for v, c in zip(table["variable"], table["category"], strict=True)
                if row_of(table, variable=v, category=c)["hidden"]} >= secret  # fmt: skip


def test_without_a_population_or_a_grouping_there_is_nothing_to_say() -> None:
    with refusal("representation.margins"):
        representation(town(), hidden=())
    with refusal("margins.variable", "'ward'"):
        representation(town(), margins_of(ward={"a": 1.0}), hidden=())


# --- imbalance ------------------------------------------------------------------------------------


def test_imbalance_by_hand() -> None:
    table = representation(town(), MARGINS, hidden=())
    found = imbalance(table, 400.0)
    s, p = np.array([0.15, 0.5, 0.35]), np.array([0.4, 0.4, 0.2])
    cv2 = (p * (s / p - 1) ** 2).sum() - (s * (1 - s) / p).sum() / 400
    assert row_of(found, variable="age")["cv"] == pytest.approx(np.sqrt(cv2))
    assert found["categories"].tolist() == [3, 2]
    perfect = margins_of(age={"young": 60, "middle": 200, "old": 140})
    assert imbalance(representation(town(), perfect, hidden=()), 400.0)["cv"].tolist() == [0.0]
    gone = representation(town(), MARGINS, hidden={("age", "young"), ("age", "middle")})
    assert imbalance(gone, 400.0)["variable"].tolist() == ["sex"]


def test_imbalance_does_not_take_chance_for_unevenness() -> None:
    """1,000 samples of 300 that answered with chances 1, 1.5, 2: the mean of cv^2 is the true one.

    Chance alone adds 0.0075 to the uncorrected one, seven times the error of this mean.
    """
    rng = np.random.default_rng(8)
    p, rho = np.array([0.5, 0.3, 0.2]), np.array([1.0, 1.5, 2.0])
    s = rng.multinomial(300, p * rho / (p @ rho), 1000) / 300
    shares = {"base": s.ravel(), "population": np.tile(p, 1000), "ratio": (s / p).ravel()}
    square = imbalance(pd.DataFrame({"variable": np.repeat(np.arange(1000), 3), **shares}), 300.0)["cv"] ** 2
    error = np.std(square) / np.sqrt(1000)
    assert np.mean(square) == pytest.approx(((rho / (p @ rho) - 1) ** 2) @ p, abs=3 * error)
    assert 3 * error < 0.0075 / 2
