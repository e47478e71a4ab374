"""Planning: textbook numbers, exact inversion, and agreement with what a change then shows.

The large-sample figures are those of R ``power.t.test(delta, sd, power=.8)``, which uses the noncentral
t; (t.975 + t.80) SE gives at most one interview more or less in the range below.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from builders import make_wave, refusal, row_of
from hypothesis import assume, given, settings, strategies as st
from scipy import stats

from trustsurvey.comparison.compare import change, detectable
from trustsurvey.comparison.planning import (
    Setting,
    detectable_change,
    detectable_next,
    half_width,
    interviews_for_change,
    interviews_for_half_width,
    plan,
    share_sd,
)
from trustsurvey.disclosure.gate import protect
from trustsurvey.estimation.means import estimate
from trustsurvey.model import Estimates, Wave

SETTINGS = st.builds(
    Setting,
    sd=st.floats(0.1, 40),
    deff=st.floats(0.5, 4),
    overlap=st.floats(0, 1),
    correlation=st.floats(-0.5, 0.95),
    per_psu=st.floats(1, 20),
    strata=st.integers(0, 5).map(float),
    alpha=st.sampled_from([0.01, 0.05, 0.1]),
    power=st.sampled_from([0.5, 0.8, 0.9]),
    tests=st.sampled_from([1, 8, 77]),
)


# --- the arithmetic -------------------------------------------------------------------------------


def test_two_samples_by_hand() -> None:
    n, df = 200, 398
    reach = stats.t.ppf(0.975, df) + stats.t.ppf(0.8, df)
    assert detectable_change(n, Setting(20.0)) == pytest.approx(reach * 20 * np.sqrt(2 / 200))
    assert detectable_change(n, Setting(20.0, deff=1.5)) == pytest.approx(reach * 20 * np.sqrt(3 / 200))
    strict = stats.t.ppf(1 - 0.025 / 77, df) + stats.t.ppf(0.8, df)
    assert detectable_change(n, Setting(20.0, tests=77)) == pytest.approx(strict * 20 * np.sqrt(2 / 200))
    paired = stats.t.ppf(0.975, 199) + stats.t.ppf(0.8, 199)
    panel = Setting(20.0, overlap=1.0, correlation=0.6)
    assert detectable_change(n, panel) == pytest.approx(paired * 20 * np.sqrt(0.8 / 200))
    clusters = stats.t.ppf(0.975, 36) + stats.t.ppf(0.8, 36)
    assert detectable_change(n, Setting(20.0, per_psu=10.0, strata=2.0)) == pytest.approx(clusters * 20 * np.sqrt(0.01))


@pytest.mark.parametrize(("d", "n"), [(5.0, 252), (10.0, 64), (4.0, 394)])
def test_beside_power_t_test(d: float, n: int) -> None:
    """R: ``ceiling(power.t.test(delta=d, sd=20, power=.8)$n)`` is 253 (252.13), 64 (63.77) and 394 (393.41)."""
    assert interviews_for_change(d, Setting(20.0)) == pytest.approx(n, abs=1)


def test_half_widths_by_hand() -> None:
    assert half_width(100, Setting(20.0)) == pytest.approx(stats.t.ppf(0.975, 99) * 2)
    t2 = stats.t.ppf(0.975, 99) ** 2
    reach = np.sqrt(t2 / 50 * (0.21 + t2 / 200)) / (1 + t2 / 50)
    assert half_width(100, Setting(1.0, deff=2.0), p=0.3) == pytest.approx(reach)
    assert half_width(100, Setting(1.0), p=0.0) == pytest.approx((t2 / 100) / (1 + t2 / 100) / 2)
    assert share_sd(0.3) == pytest.approx(np.sqrt(0.21))


@given(SETTINGS, st.floats(0.05, 30))
@settings(max_examples=100)
def test_the_number_found_detects_and_one_fewer_does_not(setting: Setting, d: float) -> None:
    n = float(interviews_for_change(d, setting))
    assert n == int(n)
    assert detectable_change(n, setting) <= d
    assert detectable_change(n - 1, setting) > d if n > 1 else True


@given(SETTINGS, st.floats(0.05, 10), st.none() | st.floats(0, 1))
@settings(max_examples=100)
def test_the_number_found_is_narrow_enough_and_one_fewer_is_not(setting: Setting, h: float, p: float | None) -> None:
    h = h if p is None else h / 25
    n = float(interviews_for_half_width(h, setting, p))
    assert half_width(n, setting, p) <= h
    assert half_width(n - 1, setting, p) > h if n > 1 else True


@given(SETTINGS, st.integers(30, 3000))
@settings(max_examples=60)
def test_what_n_detects_takes_n(setting: Setting, n: int) -> None:
    assume(setting.df(n) >= 2)
    d = float(detectable_change(n, setting))
    assume(d > 0)
    assert interviews_for_change(d * (1 + 1e-12), setting) == n


@given(SETTINGS, st.integers(50, 500))
@settings(max_examples=40)
def test_more_interviews_detect_less_and_more_tests_or_noise_detect_more(setting: Setting, n: int) -> None:
    assume(setting.df(n) >= 1)
    now = detectable_change(n, setting)
    assert detectable_change(n + 50, setting) <= now
    assert detectable_change(n, replace(setting, tests=setting.tests + 1)) >= now
    assert detectable_change(n, replace(setting, deff=setting.deff * 1.5)) >= now


def test_arrays_unknowns_and_the_impossible() -> None:
    setting = Setting(np.array([20.0, np.nan, 0.0]))
    found = interviews_for_change(5.0, setting)
    assert found[0] == interviews_for_change(5.0, Setting(20.0))
    assert np.isnan(found[1])
    assert found[2] == 2  # nothing varies, yet one answer has no degree of freedom
    assert interviews_for_change(np.array([5.0, 10.0]), Setting(20.0)).shape == (2,)
    assert np.isinf(detectable_change(1, Setting(20.0)))
    assert np.isinf(half_width(1, Setting(20.0)))
    assert np.isinf(interviews_for_change(1e-9, Setting(20.0)))
    for bad in (0.0, -1.0):
        with refusal("plan.target"):
            interviews_for_change(bad, Setting(20.0))
    for field, value in {
        "sd": -1.0,
        "deff": 0.0,
        "overlap": 1.2,
        "correlation": -2.0,
        "alpha": 0.0,
        "tests": 0,
    }.items():
        with refusal("plan.setting", f"'{field}'"):
            Setting(**{"sd": 1.0, field: value})


# --- by area --------------------------------------------------------------------------------------


def areas(seed: int, counts: dict[str, int], ids: bool = False, **more: object) -> Wave:
    rng = np.random.default_rng(seed)
    area = np.repeat(list(counts), list(counts.values()))
    n = len(area)
    people = {"area": pd.Categorical(area)}
    weights = np.exp(rng.normal(0, 0.5, n))
    labels = np.array([f"p{k}" for k in range(n)]) if ids else None
    return make_wave({"y": np.clip(rng.normal(50, 20, n), 0, 100)}, people, weights=weights, ids=labels, **more)


def test_an_identical_next_wave_has_just_the_detectable_change_foretold() -> None:
    wave = areas(1, {"n": 200, "s": 80, "e": 12})
    made = protect(estimate(wave, ["y"], ["area"]))
    told = detectable_next(wave, made)
    then = change(wave, replace(wave, name="w2"), made, made).table
    pd.testing.assert_series_equal(told["detectable"], then["detectable"], rtol=1e-9)
    assert np.isnan(row_of(told, level="e")["detectable"])
    row = row_of(told, level="s")
    assert row["detectable"] == pytest.approx(detectable(np.array(row["se"] * np.sqrt(2)), np.array(2 * row["df"])))
    assert 10 < row["df"] < 79  # the weights are unequal


def test_a_panel_is_foretold_from_overlap_and_correlation() -> None:
    rng = np.random.default_rng(2)
    z = rng.normal(size=(400, 2))
    z = (z - z.mean(axis=0)) @ np.linalg.inv(np.linalg.cholesky(np.cov(z.T)).T)
    second = 0.6 * z[:, 0] + 0.8 * z[:, 1]
    ids = np.arange(400).astype(str)
    old, new = make_wave({"y": 50 + 20 * z[:, 0]}, ids=ids), make_wave({"y": 50 + 20 * second}, ids=ids, name="w2")
    made = [protect(estimate(w, ["y"])) for w in (old, new)]
    then = change(old, new, *made).table["detectable"][0]
    assert detectable_next(old, made[0], overlap=1.0, correlation=0.6)["detectable"][0] == pytest.approx(then)


def test_the_plan_starts_from_the_waves_own_figures() -> None:
    wave = areas(3, {"n": 200, "s": 80, "e": 12, "w": 6})
    made = protect(estimate(wave, ["y"], ["area"]))
    table = plan(made, "y", "area", change=5.0, width=3.0, wave=wave)
    told = detectable_next(wave, made)
    for level in "ns":
        row, est = row_of(table, level=level), row_of(made, level=level)
        assert row["basis"] == "own"
        assert row["detectable"] == pytest.approx(row_of(told, level=level)["detectable"])
        assert row["half_width"] == pytest.approx((est["uci"] - est["lci"]) / 2)
        setting = Setting(row["sd"], row["deff"], per_psu=est["n"] / row_of(told, level=level)["df"], strata=0.0)
        assert row["needed"] == interviews_for_change(5.0, setting)
        assert detectable_change(row["needed"], setting) <= 5 < detectable_change(row["needed"] - 1, setting)
        assert row["needed_width"] == interviews_for_half_width(3.0, replace(setting, per_psu=est["n"] / est["df"]))
        assert row["more"] == row["needed"] - row["n"] > 0
    city = row_of(plan(made, "y", change=5.0, wave=wave), level="")
    # Without the wave the degrees of freedom are the design's, which promise a little more.
    assert (plan(made, "y", "area", change=5.0)["detectable"] < table["detectable"]).sum() == 2
    thin = row_of(table, level="e")
    assert (thin["basis"], thin["sd"], thin["deff"]) == ("everyone", city["sd"], city["deff"])
    assert thin["needed"] == pytest.approx(city["needed"], abs=1)
    # The number of the smallest area, and of the one hidden with it, is not given away by what is missing.
    assert np.isnan(row_of(table, level="w")[["n", "more", "more_width", "detectable"]].astype(float)).all()
    assert city["more"] == max(0.0, city["needed"] - 298)
    assert plan(made, "y", "area", change=50.0)["more"].dropna().eq(0).any()
    assert plan(made, "y", "area")["needed"].isna().all()
    assert (plan(made, "y", "area", change=5.0, tests=4, wave=wave)["needed"] > table["needed"]).all()


def test_a_plan_for_shares_reaches_for_the_interval_that_is_shown() -> None:
    wave = areas(4, {"n": 200, "s": 80})
    wave = replace(wave, scores=(wave.scores > 40).astype(float))
    made = protect(estimate(wave, ["y"], ["area"], stat="share"))
    table = plan(made, "y", "area", change=0.1, width=0.05, stat="share")
    for level in "ns":
        row, est = row_of(table, level=level), row_of(made, level=level)
        assert row["sd"] == pytest.approx(share_sd(est["est"]) * np.sqrt(est["n"] / (est["n"] - 1)))
        # The interval shown has n_eff = p(1-p)/V, which leaves out that last factor.
        assert row["half_width"] == pytest.approx((est["uci"] - est["lci"]) / 2, rel=0.01)


def test_estimates_that_do_not_fit_are_refused() -> None:
    wave = areas(5, {"n": 200, "s": 80})
    made = protect(estimate(wave, ["y"], ["area"]))
    with refusal("plan.rows", "'z'"):
        plan(made, "z", "area")
    with refusal("plan.rows", "'ward'"):
        plan(made, "y", "ward")
    twice = Estimates(pd.concat([made.table, made.table.assign(wave="w2")]))
    with refusal("plan.rows", "one wave"):
        plan(twice, "y", "area")
