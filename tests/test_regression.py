"""Weighted linear and logistic regression.

Golden, R survey 4.5, on apisrs, apistrat and apiclus1: ``svyglm(api00 ~ ell + meals + mobility, d)``,
``svyglm(I(sch.wide == "Yes") ~ ell + meals, d, family = quasibinomial())`` and ``regTermTest(svyglm(api00 ~ ell + meals
+ stype, d), ~stype)``; below also parts of raked designs. Tolerance 1e-8 relative. R's glm stops where the deviance
moves by less than 1e-8 and takes the information of the step before, which leaves its standard errors 1e-8 (apisrs)
to 2e-6 from convergence: ours stop at the same place.
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
    random_design,
    refusal,
    reordered,
    reweighted,
    row_of,
)
from derivatives import numeric_se
from hypothesis import given, settings, strategies as st
from scipy import stats

from trustsurvey.estimation.association import difference_test
from trustsurvey.estimation.means import estimate
from trustsurvey.estimation.regression import Family, Regression, regress
from trustsurvey.model import Wave
from trustsurvey.weighting.weigh import rake

SEEDS = st.integers(0, 2**32 - 1)
FAMILIES: list[Family] = ["linear", "logistic"]


def random_wave(seed: int, n: int = 90) -> Wave:
    rng = np.random.default_rng(seed)
    x = rng.normal(size=n)
    g = rng.choice(["a", "b", "c"], n)
    hit = (rng.random(n) < 1 / (1 + np.exp(-0.5 * x - (g == "b") * 0.7))).astype(float)
    y = 50 + 5 * x + 8 * (g == "c") + rng.normal(0, 10, n)
    people = {"g": np.where(rng.random(n) < 0.05, None, g), "sex": rng.choice(["f", "m"], n)}
    measures = {"y": np.where(rng.random(n) < 0.1, np.nan, y), "hit": hit, "x": x}
    return make_wave(measures, people, **random_design(rng, n))


def fitted(wave: Wave, family: Family, predictors: tuple[str, ...] = ("x", "g"), **more: object) -> Regression:
    return regress(wave, "y" if family == "linear" else "hit", predictors, family=family, **more)


@pytest.mark.parametrize("family", FAMILIES)
@settings(max_examples=3)
@given(SEEDS)
def test_standard_errors_are_those_of_derivatives(family: Family, seed: int) -> None:
    """Logistic to 1e-3 only: the stopping rule leaves steps between nearby fits."""
    wave = random_wave(seed, 50)
    fit = fitted(wave, family)
    se = numeric_se(lambda w: fitted(w, family).coefficients, wave, 1e-5 if family == "linear" else 1e-2)
    np.testing.assert_allclose(np.sqrt(np.diag(fit.covariance)), se, rtol=1e-6 if family == "linear" else 1e-3)


@settings(max_examples=10)
@given(SEEDS)
def test_the_fit_solves_the_weighted_equations(seed: int) -> None:
    wave = random_wave(seed)
    for family in FAMILIES:
        fit = fitted(wave, family)
        y = wave.scores[fit.outcome].to_numpy()[fit.rows]
        assert np.isfinite(y).all()
        eta = fit.matrix @ fit.coefficients
        mu = eta if family == "linear" else 1 / (1 + np.exp(-eta))
        w = wave.weights[fit.rows]
        assert np.abs(fit.matrix.T @ (w * (y - mu))).max() < 1e-3 * w.sum()
        assert fit.names == ("(intercept)", "x", "g=b", "g=c")
        people = wave.people["g"].iloc[fit.rows]
        np.testing.assert_array_equal(fit.matrix[:, 2:], np.column_stack([people == "b", people == "c"]))


@pytest.mark.parametrize("family", FAMILIES)
@settings(max_examples=8)
@given(SEEDS, st.floats(0.01, 100))
def test_neither_order_of_rows_nor_scale_of_weights_matter(family: Family, seed: int, factor: float) -> None:
    wave = random_wave(seed)
    order = np.random.default_rng(seed).permutation(len(wave))
    one = fitted(wave, family).table()
    for other in (reordered(wave, order), reweighted(wave, factor)):
        pd.testing.assert_frame_equal(one, fitted(other, family).table(), rtol=1e-6)


def test_an_intercept_alone_is_the_mean() -> None:
    wave = random_wave(1)
    row, fit = row_of(estimate(wave, ["y"]), by=""), regress(wave, "y", [])
    line = fit.table().iloc[0]
    for column in ("est", "se", "lci", "uci", "df"):
        assert line[column] == pytest.approx(row[column], rel=1e-9)
    share = row_of(estimate(wave, ["hit"], stat="share", interval="logit"), by="")
    at = regress(wave, "hit", [], family="logistic").predict(pd.DataFrame(index=[0])).iloc[0]
    for column in ("est", "se", "lci", "uci"):
        assert at[column] == pytest.approx(share[column], rel=1e-6)


def test_two_groups_are_a_t_test() -> None:
    wave = random_wave(2)
    line = row_of(regress(wave, "y", ["sex"]).table(), term="sex=m")
    test = difference_test(wave, "y", "sex")
    ours = line[["est", "se", "lci", "uci", "t", "df", "p"]].astype(float).tolist()
    assert ours == pytest.approx([test.est, test.se, test.lci, test.uci, test.t, test.df, test.p])


@pytest.mark.parametrize("family", FAMILIES)
def test_the_reference_moves_the_coefficients_and_nothing_else(family: Family) -> None:
    wave = random_wave(3)
    first, other = fitted(wave, family), fitted(wave, family, reference={"g": "c"})
    assert other.names == ("(intercept)", "x", "g=a", "g=b")
    assert other.coefficients[2] == pytest.approx(-first.coefficients[3], rel=1e-6)
    people = pd.DataFrame({"x": [0.0, 1.0, -1.0], "g": ["a", "b", "c"]})
    np.testing.assert_allclose(first.predict(people), other.predict(people), rtol=1e-5)
    assert first.test("g").f == pytest.approx(other.test("g").f, rel=1e-5)
    assert first.test("g", method="working").p == pytest.approx(other.test("g", method="working").p, rel=1e-5)


def test_a_single_coefficient_is_tested_the_same_either_way() -> None:
    fit = fitted(random_wave(4), "linear")
    line = row_of(fit.table(), term="x")
    for method in ("wald", "working"):
        test = fit.test("x", method=method)
        assert (test.f, test.df, test.ddf, test.p) == pytest.approx((line["t"] ** 2, 1, fit.df, line["p"]))
    both = fit.test("x", "g")
    b, v = fit.coefficients[1:], fit.covariance[1:, 1:]
    f = b @ np.linalg.inv(v) @ b / 3
    assert (both.f, both.p) == pytest.approx((f, stats.f.sf(f, 3, fit.df)))


def test_predictions_of_the_rows_are_the_fitted_values() -> None:
    wave = random_wave(5)
    for family in FAMILIES:
        fit = fitted(wave, family)
        people = pd.DataFrame({"x": wave.scores["x"], "g": wave.people["g"]}).iloc[fit.rows]
        found = fit.predict(people)
        eta = fit.matrix @ fit.coefficients
        mean = eta if family == "linear" else 1 / (1 + np.exp(-eta))
        np.testing.assert_allclose(found["est"], mean, rtol=1e-12)
        assert found.index.equals(people.index)
        assert (found["lci"] < found["est"]).all()
        assert (found["est"] < found["uci"]).all()
        if family == "logistic":
            assert found.to_numpy().min() > 0
            assert found["uci"].max() < 1
            slope = mean * (1 - mean)
            spread = np.sqrt(np.einsum("ij,jk,ik->i", fit.matrix, fit.covariance, fit.matrix))
            np.testing.assert_allclose(found["se"], slope * spread, rtol=1e-9)


def test_a_part_of_the_wave_keeps_the_whole_design() -> None:
    """The mean of a domain, as an intercept: its standard error is that of the domain, not of a smaller file."""
    wave = random_wave(6)
    row = row_of(estimate(wave, ["y"], ["sex"]), level="f")
    line = regress(wave, "y", [], within={"sex": "f"}).table().iloc[0]
    assert line[["est", "se", "df"]].tolist() == pytest.approx(row[["est", "se", "df"]].tolist())


# --- predictors -----------------------------------------------------------------------------------


def test_variables_come_from_numbers_people_and_scores() -> None:
    wave = random_wave(7)
    people = wave.people.assign(age=np.arange(90.0), night=np.arange(90) % 2 == 0, x=["clash"] * 45 + ["of names"] * 45)
    wave = replace(wave, people=people)
    extra = pd.DataFrame({"z": np.arange(90.0) % 7})
    fit = regress(wave, "y", ["age", "night", ("sex", "night"), "z", "hit", "x"], numbers=extra)
    assert fit.names == (
        "(intercept)", "age", "night=True", "sex x night=f x True", "sex x night=m x False", "z", "hit", "x=of names",
    )  # fmt: skip
    assert fit.dropped == ("sex x night=m x True",), "night and its cells tell it"
    numbers = pd.DataFrame({"x": wave.scores["x"]})
    assert regress(wave, "y", ["x"], numbers=numbers).names == ("(intercept)", "x")


def test_missing_answers_are_left_out_and_counted() -> None:
    wave = random_wave(8)
    fit = fitted(wave, "linear")
    gone = wave.scores["y"].isna() | wave.people["g"].isna()
    assert 0 < gone.sum() == fit.left_out
    assert fit.n == 90 - gone.sum()
    assert fit.rows.tolist() == np.flatnonzero(~gone).tolist()
    part = fitted(wave, "linear", within={"sex": "f"})
    female = wave.people["sex"] == "f"
    assert (part.n, part.left_out) == ((female & ~gone).sum(), (female & gone).sum())


def test_combinations_of_others_are_dropped_and_named() -> None:
    wave = random_wave(9)
    extra = pd.DataFrame({"twice": 2 * wave.scores["x"] + 1, "one": 1.0, "x": wave.scores["x"]})
    people = wave.people.assign(same="here")
    fit = regress(replace(wave, people=people), "y", ["x", "one", "twice", "same", "g"], numbers=extra)
    assert set(fit.dropped) == {"one", "twice", "same"}
    plain = fitted(wave, "linear")
    np.testing.assert_allclose(fit.coefficients, plain.coefficients, rtol=1e-9)
    np.testing.assert_allclose(fit.covariance, plain.covariance, rtol=1e-8)
    assert fit.test("g").f == pytest.approx(plain.test("g").f)
    with refusal("regress.term", "'twice'"):
        fit.test("twice")
    at = fit.predict(pd.DataFrame({"x": [1.0], "one": 1.0, "twice": 3.0, "same": "here", "g": "b"}))
    assert at["est"][0] == pytest.approx(plain.predict(pd.DataFrame({"x": [1.0], "g": "b"}))["est"][0])


def test_levels_that_nobody_left_has_are_no_columns() -> None:
    people = {"g": pd.Categorical(list("aabbccd") * 6, categories=["nobody", "d", "c", "b", "a"])}
    y = np.where(np.tile(list("aabbccd"), 6) == "d", np.nan, np.arange(42.0))
    fit = regress(make_wave({"y": y}, people), "y", ["g"])
    assert fit.names == ("(intercept)", "g=b", "g=a")
    with refusal("regress.reference", "'d'", "'c'"):
        regress(make_wave({"y": y}, people), "y", ["g"], reference={"g": "d"})


# --- refusals -------------------------------------------------------------------------------------


@pytest.mark.parametrize("quasi", [False, True])
def test_separation_is_named_and_not_a_large_number(quasi: bool) -> None:
    """All of level b have it: no finite coefficient fits. R gives about 17 with a standard error of some hundreds."""
    rng = np.random.default_rng(1)
    g = np.repeat(["a", "b"], 40)
    hit = np.where(g == "b", 1.0, rng.random(80) < 0.5 if quasi else 0.0)
    wave = make_wave({"hit": hit, "x": rng.normal(size=80)}, {"g": g}, name="spring")
    with refusal("regress.separation", "spring", "'g=b'"):
        regress(wave, "hit", ["x", "g"], family="logistic")


def test_a_number_that_separates_is_named() -> None:
    x = np.arange(60.0)
    wave = make_wave({"hit": (x > 29.5).astype(float), "x": x})
    with refusal("regress.separation", "'x'"):
        regress(wave, "hit", ["x"], family="logistic")


@pytest.mark.parametrize("rare", [3, 2000])
def test_rare_outcomes_that_can_be_fitted_are(rare: int) -> None:
    rng = np.random.default_rng(rare)
    n = 4000
    x = rng.normal(size=n)
    hit = np.zeros(n)
    hit[rng.choice(n, rare, replace=False)] = 1
    fit = regress(make_wave({"hit": hit, "x": x}), "hit", ["x"], family="logistic")
    assert abs(fit.coefficients[1]) < 5 * np.sqrt(fit.covariance[1, 1])


def test_what_cannot_be_regressed_is_said() -> None:
    wave = random_wave(10)
    for code, words, work in (
        ("regress.variable", "'income'", lambda: regress(wave, "y", ["income"])),
        ("regress.variable", "'trust'", lambda: regress(wave, "trust", ["x"])),
        ("regress.outcome", "'g'", lambda: regress(wave, "g", ["x"])),
        ("regress.outcome", "between 0 and 1", lambda: regress(wave, "y", ["x"], family="logistic")),
        ("regress.family", "'probit'", lambda: regress(wave, "y", ["x"], family="probit")),
        ("regress.term", "'sex'", lambda: regress(wave, "y", ["g"], reference={"sex": "f"})),
        ("regress.term", "'x'", lambda: regress(wave, "y", ["x"], reference={"x": "1"})),
        ("regress.term", "'sex'", lambda: fitted(wave, "linear").test("sex")),
        ("regress.term", "model", lambda: fitted(wave, "linear").test()),
        ("regress.level", "'z'", lambda: fitted(wave, "linear").predict(pd.DataFrame({"x": [0.0], "g": ["z"]}))),
        ("regress.variable", "'g'", lambda: fitted(wave, "linear").predict(pd.DataFrame({"x": [0.0]}))),
        ("estimate.by", "'q'", lambda: regress(wave, "y", [("g", "q")])),
        ("estimate.rows", "3", lambda: regress(wave, "y", ["z"], numbers=pd.DataFrame({"z": [1.0, 2.0, 3.0]}))),
        ("regress.infinite", "'z'", lambda: regress(wave, "y", ["z"], numbers=pd.DataFrame({"z": [np.inf] * 90}))),
        ("regress.empty", "Nobody", lambda: regress(wave, "z", ["x"], numbers=pd.DataFrame({"z": [np.nan] * 90}))),
    ):
        with refusal(code, words):
            work()
    same = make_wave({"hit": np.ones(20), "x": np.arange(20.0)})
    with refusal("regress.constant"):
        regress(same, "hit", ["x"], family="logistic")


def test_more_predictors_than_sampling_units_are_refused() -> None:
    rng = np.random.default_rng(1)
    wave = make_wave({f"x{k}": rng.normal(size=60) for k in range(8)}, psus=np.arange(60) % 6, name="spring")
    assert regress(wave, "x0", [f"x{k}" for k in range(1, 5)]).df == 1
    with refusal("regress.df", "spring", "0 degrees"):
        regress(wave, "x0", [f"x{k}" for k in range(1, 6)])
    with refusal("regress.singular", "working"):
        lone = make_wave({"y": [0.0, 2.0, 1.0, 3.0, 5.0, 6.0]}, {"g": list("aabbcd")})
        regress(lone, "y", ["g"], reference={"g": "c"}).test("g")
    exact = make_wave({"y": np.arange(6.0), "x": np.arange(6.0)})
    line = row_of(regress(exact, "y", ["x"]).table(), term="x")
    assert (line["est"], line["se"]) == pytest.approx((1, 0), abs=1e-12)


# --- R --------------------------------------------------------------------------------------------


@pytest.mark.golden
@pytest.mark.parametrize("name", ["apisrs", "apistrat", "apiclus1"])
def test_regressions_agree_with_r(golden: Path, name: str) -> None:
    expected, wave = r_results(golden)["design_" + name.removeprefix("api")], api_wave(golden, name)
    for fit, found in (
        (regress(wave, "api00", ["ell", "meals", "mobility"]), expected["glm_gauss"]),
        (regress(wave, "sch.wide=Yes", ["ell", "meals"], family="logistic"), expected["glm_logit"]),
    ):
        table = fit.table()
        assert fit.names[1:] == tuple(found["name"][1:])
        assert_close(table["est"], found["coef"])
        assert_close(table["se"], found["se"])
        assert fit.df == found["df.resid"]
        if "vcov" in found:
            assert_close(fit.covariance, found["vcov"])
    test, found = regress(wave, "api00", ["ell", "meals", "stype"]).test("stype"), expected["regTermTest_stype"]
    assert_close([test.f, test.df, test.ddf, test.p], [found[k] for k in ("F", "df", "ddf", "p")])


@pytest.mark.golden
def test_raked_designs_agree_with_r(golden: Path) -> None:
    """R survey 4.5: d <- calibrate(strat, ~stype + sch.wide + comp.imp, c(6194, 755, 1018, 5122, 4482), calfun =
    "raking", epsilon = 1e-13); g <- svyglm(api00 ~ ell + meals + stype + awards, d); l <- svyglm(I(comp.imp == "Yes") ~
    ell + api99 + stype, subset(d, meals > 20), family = quasibinomial()); regTermTest(., ~stype)$Ftest, and method =
    "WorkingWald", lrt.approximation = "satterthwaite")$p; predict(l, data.frame(ell = c(5, 20), api99 = c(600, 750),
    stype = c("H", "E")), type = "response")."""
    margins = margins_of(stype=R_STYPE, **{"sch.wide": R_SCHWIDE, "comp.imp": {"No": 1712.0, "Yes": 4482.0}})
    wave = rake(api_wave(golden, "apistrat"), margins)
    fit = regress(wave, "api00", ["ell", "meals", "stype", "awards"])
    table = fit.table()
    assert_close(
        table["est"],
        [844.502860339437, -0.545463099561644, -3.40894296343946, -113.454728039439, -52.4072793543039,
         24.7165700824849],
    )  # fmt: skip
    assert_close(
        table["se"],
        [12.080437528097358, 0.33121159406462664, 0.24137675027678784, 10.879519213140258, 9.96818074549288,
         9.779324480282966],
    )  # fmt: skip
    working = fit.test("stype", method="working")
    assert_close([fit.test("stype").f, working.p, fit.df], [56.0625951951191, 9.67695423591073e-20, 192])
    fit = regress(wave, "comp.imp=Yes", ["ell", "api99", "stype"], family="logistic", within=wave.scores["meals"] > 20)
    table = fit.table()
    assert_close(
        table["est"],
        [3.29428415221211, -0.0126797389445113, -0.00219227970124604, -2.37381991801045, -1.62159640234398],
    )
    assert_close(
        table["se"],
        [1.8187051875267057, 0.010978249843822147, 0.0026445353052662597, 0.5192342078877277, 0.4259395653602128],
    )
    working = fit.test("stype", method="working")
    assert_close([fit.test("stype").f, working.p, fit.df], [12.5894093411678, 4.15690375162815e-06, 143])
    at = fit.predict(pd.DataFrame({"ell": [5, 20], "api99": [600, 750], "stype": ["H", "E"]}))
    assert_close(
        [*at["est"], *at["se"]], [0.387388647124996, 0.801624659495523, 0.0972935126679097, 0.0617173661669035]
    )


@pytest.mark.golden
def test_collinear_columns_are_dropped_as_r_drops_them(golden: Path) -> None:
    """R survey 4.5: apistrat$dup <- 2 * ell + meals; coef(svyglm(api00 ~ ell + meals + dup + stype, strat))."""
    wave = api_wave(golden, "apistrat")
    extra = pd.DataFrame({"dup": wave.scores["ell"] * 2 + wave.scores["meals"]})
    fit = regress(wave, "api00", ["ell", "meals", "dup", "stype"], numbers=extra)
    assert fit.dropped == ("dup",)
    assert_close(
        fit.coefficients, [865.99120420474, -0.56279562729499, -3.42693687723662, -128.294282217617, -60.4594177815063]
    )
