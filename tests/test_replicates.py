"""Replicates of a wave, or brought from elsewhere: their variance and what is refused."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from builders import make_wave, margins_of, refusal, reordered, reweighted
from hypothesis import given, settings, strategies as st

from trustsurvey.model import Margins, Wave
from trustsurvey.replication.replicates import Replicates, bring_replicates, rank, replicate
from trustsurvey.weighting.weigh import calibrate, rake

SEEDS = st.integers(0, 2**32 - 1)
NUMBERS = st.floats(-100, 100)


def replicates_of(weights: np.ndarray, mse: bool = False, rscales: list[float] | None = None) -> Replicates:
    full = weights.mean(axis=1)
    return Replicates(full, weights, 0.5, np.array(rscales or [1.0] * weights.shape[1]), mse, 3, "test")


def sample(seed: int, n: int = 120) -> tuple[Wave, Margins]:
    rng = np.random.default_rng(seed)
    people = pd.DataFrame({"sex": rng.choice(["f", "m"], n), "age": rng.choice(["a", "b", "c"], n)})
    known = rng.uniform(0.6, 1.6, n) * 10
    tables = {c: pd.Series(known).groupby(people[c]).sum().to_dict() for c in people}
    return make_wave({"y": rng.normal(50, 15, n)}, people, weights=rng.uniform(0.5, 2.0, n)), margins_of(**tables)


# --- variance -------------------------------------------------------------------------------------


def test_variance_by_hand_with_both_centres() -> None:
    values, estimate = np.array([[1.0, 2.0, 6.0]]), np.array([2.0])
    some = replicates_of(np.ones((4, 3)), rscales=[1.0, 2.0, 0.5])
    assert some.variance(values, estimate)[0] == pytest.approx(0.5 * (4 + 2 * 1 + 0.5 * 9))
    about = replace(some, mse=True)
    assert about.variance(values, estimate)[0] == pytest.approx(0.5 * (1 + 0 + 0.5 * 16))


def test_replicates_without_a_value_or_a_scale_do_not_count() -> None:
    some = replicates_of(np.ones((4, 4)), rscales=[1.0, 1.0, 1.0, 0.0])
    assert some.variance(np.array([[1.0, np.nan, 3.0, 99.0]]), np.array([2.0]))[0] == pytest.approx(0.5 * 2)
    assert np.isnan(some.variance(np.array([[1.0, np.nan, np.nan, 99.0]]), np.array([2.0]))[0])


def test_what_all_replicates_agree_on_has_no_variance() -> None:
    values = 7.0 + 1e-14 * np.arange(5)[None, :]
    assert replicates_of(np.ones((2, 5))).variance(values, np.array([7.0]))[0] == 0


@settings(max_examples=20)
@given(st.lists(st.tuples(NUMBERS, NUMBERS), min_size=3, max_size=8), st.booleans())
def test_the_covariance_has_the_variances_on_its_diagonal(rows: list[tuple[float, float]], mse: bool) -> None:
    values = np.array(rows).T
    some = replicates_of(np.ones((2, len(rows))), mse)
    estimate = values[:, 0]
    np.testing.assert_allclose(
        np.diag(some.covariance(values, estimate)), some.variance(values, estimate), rtol=1e-9, atol=1e-12
    )
    difference = some.covariance(values, estimate) @ [1, -1] @ [1, -1]
    np.testing.assert_allclose(difference, some.variance(values[:1] - values[1:], estimate[:1] - estimate[1:]),
                               rtol=1e-6, atol=1e-9)  # fmt: skip


def test_any_statistic_can_be_replicated() -> None:
    wave, _ = sample(1)
    made = replicate(wave, "jackknife")
    y = wave.scores["y"].to_numpy()  # type: ignore[index]
    estimate, covariance = made.apply(lambda w: [w @ y / w.sum(), w.sum()])
    values = np.stack([made.weights.T @ y / made.weights.sum(axis=0), made.weights.sum(axis=0)])
    np.testing.assert_allclose(estimate, [wave.weights @ y / wave.weights.sum(), wave.weights.sum()])
    np.testing.assert_allclose(covariance, made.covariance(values, estimate))


# --- made from a wave -----------------------------------------------------------------------------


@settings(max_examples=8)
@given(SEEDS, st.sampled_from(["bootstrap", "jackknife"]), st.floats(1e-3, 1e3))
def test_neither_row_order_nor_the_scale_of_base_weights_matters(seed: int, method: str, factor: float) -> None:
    wave, margins = sample(seed, 80)
    made = replicate(rake(wave, margins), method, count=10, seed=3)  # type: ignore[arg-type]
    order = np.random.default_rng(seed).permutation(80)
    mixed = replicate(rake(reordered(wave, order), margins), method, count=10, seed=3)  # type: ignore[arg-type]
    np.testing.assert_allclose(mixed.weights, made.weights[order], rtol=1e-9, atol=1e-9)
    scaled = replicate(rake(reweighted(wave, factor), margins), method, count=10, seed=3)  # type: ignore[arg-type]
    np.testing.assert_allclose(scaled.weights, made.weights, rtol=1e-8, atol=1e-9)


@settings(max_examples=8)
@given(SEEDS)
def test_every_replicate_meets_the_margins(seed: int) -> None:
    wave, margins = sample(seed)
    for weighted in (rake(wave, margins), calibrate(wave, margins)):
        made = replicate(weighted, count=12, seed=seed % 1000, failed="drop")
        for margin in margins:
            for category, target in margin.targets.items():
                inside = (wave.people[margin.variable] == category).to_numpy()
                np.testing.assert_allclose(made.weights[inside].sum(axis=0), target, rtol=1e-11)


def test_settings_say_how_they_were_made() -> None:
    wave, margins = sample(2)
    made = replicate(rake(wave, margins), count=20, seed=9)
    assert (made.method, len(made), made.df) == ("bootstrap", 20, 19)
    assert made.settings == {"seed": 9, "recalibrated": True, "dropped": 0, "note": ""}
    assert replicate(wave, "jackknife").settings["recalibrated"] is False
    assert made.scale == pytest.approx(1 / 19)
    np.testing.assert_allclose(made.multipliers * made.full[:, None], made.weights)


def test_replicates_that_cannot_be_calibrated_are_refused_or_dropped() -> None:
    rng = np.random.default_rng(1)
    wave = make_wave({"y": rng.normal(size=40)}, {"sex": ["f"] * 2 + ["m"] * 38})
    raked = rake(wave, margins_of(sex={"f": 500, "m": 500}))
    with refusal("replicates.failed", "w1", "of 40 replicates", "collapse"):
        replicate(raked, count=40)
    made = replicate(raked, count=40, failed="drop")
    assert made.settings["dropped"] == 40 - len(made) > 0
    assert made.scale == pytest.approx(1 / (len(made) - 1))
    np.testing.assert_allclose(made.weights[:2].sum(axis=0), 500)


def test_what_cannot_be_made() -> None:
    wave, _ = sample(3)
    with refusal("replicates.empty"):
        replicate(make_wave(n=0))
    with refusal("replicates.method", "'magic'", "bootstrap"):
        replicate(wave, "magic")  # type: ignore[arg-type]
    large = make_wave(n=20_000)
    with refusal("replicates.size", "20,000", "fewer replicates"):
        replicate(large, "jackknife")


# --- from elsewhere -------------------------------------------------------------------------------


def test_replicate_weights_from_elsewhere() -> None:
    wave, _ = sample(4)
    mine = replicate(wave, count=15, seed=1)
    brought = bring_replicates(wave, mine.weights, "bootstrap", reason="made in R")
    assert (brought.scale, brought.df) == (mine.scale, 14)
    values = brought.weights.sum(axis=0)[None, :]
    np.testing.assert_allclose(brought.variance(values, wave.weights.sum(keepdims=True)),
                               mine.variance(values, wave.weights.sum(keepdims=True)))  # fmt: skip
    factors = bring_replicates(wave, mine.multipliers, "bootstrap", reason="made in R", combined=False)
    np.testing.assert_allclose(factors.weights, mine.weights)
    assert factors.settings["reason"] == "made in R"


@pytest.mark.parametrize(
    ("kind", "more", "scale"),
    [
        ("BRR", {}, 1 / 8),
        ("Fay", {"rho": 0.5}, 1 / 2),
        ("bootstrap", {}, 1 / 7),
        ("JK1", {}, 7 / 8),
        ("JKn", {"rscales": np.full(8, 0.9)}, 1.0),
        ("successive-difference", {}, 1 / 2),
        ("JK2", {}, 1.0),
        ("other", {"scale": 0.3}, 0.3),
    ],
)
def test_scales_are_those_of_svrepdesign(kind: str, more: dict[str, object], scale: float) -> None:
    wave = make_wave(n=10)
    weights = np.random.default_rng(1).uniform(0, 2, (10, 8))
    made = bring_replicates(wave, weights, kind, reason="R", **more)  # type: ignore[arg-type]
    assert made.scale == pytest.approx(scale)
    assert made.df == 7


def test_what_is_refused_from_elsewhere() -> None:
    wave = make_wave(n=4, name="spring")
    weights = np.ones((4, 3))
    with refusal("replicates.reason"):
        bring_replicates(wave, weights, "BRR", reason=" ")
    with refusal("replicates.rows", "3 x 3", "4 rows"):
        bring_replicates(wave, weights[:3], "BRR", reason="R")
    with refusal("replicates.number"):
        bring_replicates(wave, weights * np.nan, "BRR", reason="R")
    with refusal("replicates.rho"):
        bring_replicates(wave, weights, "Fay", reason="R")
    for kind in ("JKn", "other", "magic"):
        with refusal("replicates.scale", f"'{kind}'"):
            bring_replicates(wave, weights, kind, reason="R")  # type: ignore[arg-type]
    with refusal("replicates.count"):
        bring_replicates(wave, weights[:, :1], "BRR", reason="R")


def test_rank_leaves_out_what_repeats() -> None:
    weights = np.random.default_rng(1).uniform(0, 1, (9, 4))
    assert rank(weights) == 4
    assert rank(np.column_stack([weights, weights[:, 0] + weights[:, 1], np.zeros(9)])) == 4
    assert rank(weights[:3]) == 3
