"""Shares of residents who mention a theme: what they equal where all is known, and that their intervals hold."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings, strategies as st

from trustsurvey.errors import SurveyError
from trustsurvey.estimation.means import estimate
from trustsurvey.instruments import default_instrument
from trustsurvey.model import Design, Wave
from trustsurvey.text.change import mention_change
from trustsurvey.text.prevalence import Coded, audits_needed, prevalence

AREAS = ("east", "north", "south")


def wave_of(weights: np.ndarray, areas: np.ndarray, name: str = "w", fpc: float | None = None) -> Wave:
    n = len(weights)
    people = pd.DataFrame({"respondent": [f"{name} {k}" for k in range(n)], "source_row": np.arange(n),
                           "area": pd.Categorical.from_codes(areas, AREAS)})  # fmt: skip
    design = Design(weights, np.zeros(n, int), np.arange(n), None if fpc is None else np.full(n, fpc))
    empty = pd.DataFrame(index=range(n))
    return Wave(name, default_instrument(), people, empty, empty, design, areas=("area",))


def draw(seed: int, n: int = 900, audit: int = 300, shift: float = 0.0) -> tuple[Wave, Coded]:
    """Residents of unequal weight in three areas, two codes, a machine that errs, an audit by area."""
    rng = np.random.default_rng(seed)
    areas, x = rng.integers(0, 3, n), rng.normal(size=(n, 2))
    odds = np.array([-1.5, -2.5]) + np.array([1.5, 2.0]) * x + 0.5 * areas[:, None] + shift
    truth = (rng.random((n, 2)) < 1 / (1 + np.exp(-odds))).astype(float)
    predicted = 1 / (1 + np.exp(0.7 - 0.7 * odds))
    chance, decided = np.zeros(n), np.full((n, 2), np.nan)
    for area in range(3):
        rows = np.flatnonzero(areas == area)
        drawn = rng.choice(rows, audit // 3, replace=False)
        chance[rows], decided[drawn] = len(drawn) / len(rows), truth[drawn]
    return wave_of(rng.gamma(4, 1, n), areas), Coded(("a", "b"), predicted, decided, chance, areas)


def everyone_audited(coded: Coded, truth: np.ndarray) -> Coded:
    return Coded(coded.codes, coded.predicted, truth, np.ones(len(truth)), coded.strata)


def test_with_every_answer_audited_the_share_is_that_of_estimate_whatever_the_machine_says() -> None:
    wave, coded = draw(1)
    truth = (np.random.default_rng(2).random((900, 2)) < [0.3, 0.6]).astype(float)
    found = prevalence(wave, everyone_audited(coded, truth), ["area"]).estimates.table
    plain = estimate(wave, pd.DataFrame(truth, columns=["a", "b"]), ["area"], stat="share").table
    for column in ("est", "se", "lci", "uci", "n", "df", "n_eff"):
        np.testing.assert_allclose(found[column], plain[column], rtol=1e-10, err_msg=column)


def test_without_a_machine_the_share_is_the_hand_coded_one() -> None:
    wave, coded = draw(3)
    hand = prevalence(wave, coded, ["area"], how="hand").estimates.table
    audited = np.isfinite(coded.truth[:, 0])
    weight = np.where(audited, wave.weights / np.where(audited, coded.chance, 1), 0)
    rows = wave.people["area"].to_numpy() == "north"
    share = (weight * np.nan_to_num(coded.truth[:, 1]) * rows).sum() / (weight * rows).sum()
    row = hand[(hand["measure"] == "b") & (hand["level"] == "north")].iloc[0]
    assert row["est"] == pytest.approx(share, rel=1e-12)
    machine = prevalence(wave, coded.only_people(), ["area"]).estimates.table
    np.testing.assert_allclose(machine["est"], hand["est"], rtol=1e-12)
    np.testing.assert_allclose(machine["se"], hand["se"], rtol=1e-12)


def test_the_estimate_is_the_formula_by_hand() -> None:
    wave, coded = draw(4)
    w, audited = wave.weights, coded.audited
    s, y = coded.predicted[:, 0], np.nan_to_num(coded.truth[:, 0])
    v = np.where(audited, w / np.where(audited, coded.chance, 1), 0)
    by_hand = (w * s).sum() / w.sum() + (v * (y - s)).sum() / v.sum()
    row = prevalence(wave, coded).estimates.table.iloc[0]
    assert row["est"] == pytest.approx(by_hand, rel=1e-12)


def test_few_audited_answers_leave_the_hand_coded_share() -> None:
    wave, coded = draw(5, audit=120)  # 40 an area
    found, hand = (prevalence(wave, coded, ["area"], how=how) for how in ("supervised", "hand"))
    assert list(found.audit["how"]) == ["supervised", "hand", "hand", "hand"] * 2
    assert list(found.audit["audited"]) == [120, 40, 40, 40] * 2
    np.testing.assert_allclose(found.estimates.table["est"][1:4], hand.estimates.table["est"][1:4])
    assert found.estimates.table["est"][0] != pytest.approx(hand.estimates.table["est"][0], rel=1e-6)


def test_where_no_audited_answer_mentions_it_the_range_begins_at_nothing() -> None:
    wave, coded = draw(6)
    nobody = np.where(np.isfinite(coded.truth), 0.0, np.nan)
    silent = Coded(coded.codes, coded.predicted * 0.02, nobody, coded.chance, coded.strata)
    table = prevalence(wave, silent, ["area"]).estimates.table
    assert (table["lci"] == 0).all()
    assert (table["uci"] > 0.01).all()
    assert table["df"].gt(50).all()


def test_answers_that_nobody_audited_have_no_share() -> None:
    wave, coded = draw(7)
    north = wave.people["area"].to_numpy() == "north"
    blank = np.where(north[:, None], np.nan, coded.truth)
    table = prevalence(wave, Coded(coded.codes, coded.predicted, blank, coded.chance, coded.strata), ["area"])
    row = table.estimates.table.query("level == 'north'")
    assert row[["est", "se", "lci", "uci"]].isna().all(axis=None)
    assert row["n"].gt(200).all()


def test_residents_who_wrote_nothing_do_not_count() -> None:
    wave, coded = draw(8)
    silent = np.zeros(900, bool)
    silent[np.flatnonzero(~coded.audited)[:200]] = True
    part = Coded(coded.codes, np.where(silent[:, None], np.nan, coded.predicted), coded.truth, coded.chance,
                 np.where(silent, -1, coded.strata))  # fmt: skip
    table = prevalence(wave, part).estimates.table
    assert list(table["n"]) == [700, 700]


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 10_000), st.floats(0.1, 50))
def test_neither_the_order_nor_the_scale_of_weights_matters(seed: int, scale: float) -> None:
    wave, coded = draw(seed, n=300, audit=150)
    order = np.random.default_rng(seed).permutation(300)
    other = wave_of(wave.weights[order] * scale, wave.people["area"].cat.codes.to_numpy()[order])
    mixed = Coded(coded.codes, coded.predicted[order], coded.truth[order], coded.chance[order], coded.strata[order])
    one, two = (prevalence(w, c, ["area"]).estimates.table for w, c in ((wave, coded), (other, mixed)))
    for column in ("est", "se", "lci", "uci"):
        np.testing.assert_allclose(one[column], two[column], rtol=1e-8, atol=1e-12)


def test_intervals_hold_where_counting_what_the_machine_found_does_not() -> None:
    """150 surveys from one population: Monte Carlo error 1.5 points overall, .8 by area."""
    rng = np.random.default_rng(11)
    size = 6_000
    areas, x = rng.integers(0, 3, size), rng.normal(size=(size, 2))
    odds = np.array([-1.2, -2.0]) + np.array([1.5, 1.0]) * x + 0.5 * areas[:, None]
    truth = (rng.random((size, 2)) < 1 / (1 + np.exp(-odds))).astype(float)
    predicted = 1 / (1 + np.exp(0.8 - 0.8 * odds + 0.5 * (areas[:, None] == 1)))
    reach = rng.gamma(4, 1, size)
    real = np.array([[truth[areas == a, c].mean() for a in range(3)] for c in range(2)])
    real = np.column_stack([truth.mean(axis=0), real]).ravel()
    held: dict[str, list[np.ndarray]] = {"supervised": [], "naive": []}
    width: dict[str, list[np.ndarray]] = {"supervised": [], "hand": []}
    for _ in range(150):
        rows = rng.choice(size, 900, p=reach / reach.sum())
        decided, chance = np.full((900, 2), np.nan), np.zeros(900)
        for area in range(3):
            here = np.flatnonzero(areas[rows] == area)
            drawn = rng.choice(here, 100, replace=False)
            decided[drawn], chance[here] = truth[rows][drawn], 100 / len(here)
        coded = Coded(("a", "b"), predicted[rows], decided, chance, areas[rows])
        wave = wave_of(1 / reach[rows], areas[rows])
        for how in ("supervised", "hand", "naive"):
            table = prevalence(wave, coded, ["area"], how=how).estimates.table  # type: ignore[arg-type]
            if how in held:
                held[how].append(table["lci"].le(real).to_numpy() & table["uci"].ge(real).to_numpy())
            if how in width:
                width[how].append((table["uci"] - table["lci"]).to_numpy())
    assert 0.92 <= np.mean(held["supervised"]) <= 0.975
    assert np.mean(held["naive"]) < 0.6
    assert np.mean(width["supervised"]) < 0.97 * np.mean(width["hand"])


def test_as_many_audits_as_are_asked_for_give_the_width() -> None:
    wave, coded = draw(12)
    found = prevalence(wave, coded)
    table = found.estimates.table
    wide = float(1.97 * table["se"].iloc[0])
    assert audits_needed(found, wide * 1.2)[0] == 300
    more = audits_needed(found, wide * 0.9)[0]
    assert 310 < more < 900
    # Drawn again with as many, the half-width is about the one asked for.
    rng = np.random.default_rng(0)
    halves = []
    for seed in rng.integers(0, 9999, 8):
        other = prevalence(*draw(int(seed), audit=int(more) // 3 * 3)).estimates.table.iloc[0]
        halves.append(1.97 * other["se"])
    assert np.mean(halves) == pytest.approx(wide * 0.9, rel=0.12)
    assert audits_needed(found, wide * 0.05)[0] == np.inf


def test_change_between_waves_is_tested_with_both_variances() -> None:
    (old, was), (new, now) = draw(20), draw(21, shift=0.9)
    before, after = (prevalence(w, c, ["area"]).estimates for w, c in ((old, was), (new, now)))
    table = mention_change(old, new, was, now, before, after, ["area"])
    first = table.iloc[0]
    one, two = before.table.iloc[0], after.table.iloc[0]
    assert first["diff"] == pytest.approx(two["est"] - one["est"], rel=1e-12)
    assert first["se"] == pytest.approx(np.hypot(one["se"], two["se"]), rel=1e-10)
    assert first["verdict"] == "up"
    assert (table["lci"] < table["diff"]).all()
    hidden = before.table.assign(suppressed=np.where(before.table["level"] == "north", "too few", ""))
    told = mention_change(old, new, was, now, type(before)(hidden, {}), after, ["area"]).query("level == 'north'")
    assert set(told["verdict"]) == {"withheld"}
    assert told["diff"].isna().all()


def test_no_change_is_found_one_time_in_twenty() -> None:
    found = []
    for seed in range(60):
        (old, was), (new, now) = draw(2 * seed + 100, n=500), draw(2 * seed + 101, n=500)
        before, after = (prevalence(w, c).estimates for w, c in ((old, was), (new, now)))
        found.append((mention_change(old, new, was, now, before, after)["p"] < 0.05).to_numpy())
    assert np.mean(found) < 0.11  # 6 of 120 are expected; more than 13 come once in 1,000


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"chance": np.zeros(900)}, "prevalence.chance"),
        ({"strata": np.zeros(3, int)}, "prevalence.shape"),
        ({"codes": ("a",)}, "prevalence.shape"),
    ],
)
def test_a_coding_that_contradicts_itself_is_refused(change: dict[str, object], code: str) -> None:
    _, coded = draw(1)
    fields = {name: getattr(coded, name) for name in ("codes", "predicted", "truth", "chance", "strata")}
    with pytest.raises(SurveyError) as refused:
        Coded(**(fields | change))  # type: ignore[arg-type]
    assert refused.value.code == code


def test_an_answer_audited_for_one_code_alone_is_refused() -> None:
    _, coded = draw(1)
    truth = coded.truth.copy()
    truth[np.flatnonzero(coded.audited)[0], 1] = np.nan
    with pytest.raises(SurveyError) as refused:
        Coded(coded.codes, coded.predicted, truth, coded.chance, coded.strata)
    assert refused.value.code == "prevalence.partly"
