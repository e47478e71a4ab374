"""Tests of independence and of means.

Golden, R survey 4.5: ``svychisq(~sch.wide + stype, d, statistic = s)`` for F, Chisq, Wald and adjWald,
``svyttest(api00 ~ sch.wide, d)`` and ``svyttest(I(api00 - api99) ~ 0, d)`` on apisrs, apistrat and apiclus1; below
also on parts of raked designs, with an empty cell and with missing answers. Tolerance 1e-8 relative.
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
    dense_covariance,
    make_wave,
    margins_of,
    r_results,
    random_design,
    refusal,
    reweighted,
    row_of,
)
from hypothesis import given, settings, strategies as st
from scipy import stats

from trustsurvey.estimation.association import Independence, difference_test, independence, mean_test
from trustsurvey.estimation.contrasts import jointly
from trustsurvey.estimation.means import estimate
from trustsurvey.model import Wave
from trustsurvey.weighting.weigh import rake

SEEDS = st.integers(0, 2**32 - 1)
STATISTICS = ["F", "Chisq", "Wald", "adjWald"]


def random_wave(seed: int, n: int = 120, **more: object) -> Wave:
    rng = np.random.default_rng(seed)
    people = {"r": rng.choice(["x", "y"], n), "c": rng.choice(["1", "2", "3"], n, p=[0.5, 0.3, 0.2])}
    return make_wave({"y": rng.uniform(0, 100, n)}, people, **(random_design(rng, n) | more))


def figures(test: Independence) -> list[float]:
    return [test.statistic, *test.df, test.p]


# --- independence ---------------------------------------------------------------------------------


@settings(max_examples=15)
@given(SEEDS)
def test_a_plain_sample_has_pearsons_statistic_and_no_design_effect_to_speak_of(seed: int) -> None:
    """Unit weights: X2 is Pearson's; with replacement V is n / (n - 1) times the multinomial one under independence."""
    rng = np.random.default_rng(seed)
    people = {"r": rng.choice(["x", "y"], 2000), "c": rng.choice(["1", "2", "3"], 2000)}
    test = independence(make_wave({"y": np.zeros(2000)}, people), "r", "c", statistic="Chisq")
    plain = stats.chi2_contingency(pd.crosstab(people["r"], people["c"]), correction=False)
    assert test.x2 == pytest.approx(plain.statistic, rel=1e-10)
    assert test.df == (2,)
    assert test.deff == pytest.approx(1, abs=0.05)
    assert test.shares.to_numpy() == pytest.approx(pd.crosstab(people["r"], people["c"]).to_numpy() / 2000)


@settings(max_examples=15)
@given(SEEDS)
def test_rao_scott_by_dense_arithmetic(seed: int) -> None:
    """Generalised design effects by the dual formula: of the tested log-linear contrasts, P^-1 V P^-1 in projection."""
    wave = random_wave(seed)
    codes = [wave.people["r"].map({"x": 0, "y": 1}).to_numpy(), wave.people["c"].astype(int).to_numpy() - 1]
    cells = np.eye(6)[codes[0] * 3 + codes[1]]
    w, n = wave.weights, len(wave)
    share = w @ cells / w.sum()
    v = dense_covariance((cells - share) / w.sum(), wave.design, w)
    # Interaction contrasts that are orthogonal to the margins under the weighted table.
    main = np.column_stack([np.ones(6), np.repeat([0, 1], 3), *(np.tile(np.eye(3)[k], 2) for k in (1, 2))])
    inter = np.column_stack([np.repeat([0, 1], 3) * np.tile(np.eye(3)[k], 2) for k in (1, 2)])
    c = inter - main @ np.linalg.lstsq(main, inter, rcond=None)[0]
    p = np.diag(1 / share)
    effects = np.linalg.eigvals(np.linalg.inv(c.T @ p @ c / n) @ (c.T @ p @ v @ p @ c)).real
    test = independence(wave, "r", "c")
    assert test.deff == pytest.approx(effects.mean(), rel=1e-8)
    d0 = effects.sum() ** 2 / (effects**2).sum()
    nu = len(set(wave.design.psus)) - 3
    assert test.df == pytest.approx((d0, d0 * nu), rel=1e-8)
    assert test.statistic == pytest.approx(test.x2 / effects.sum(), rel=1e-8)
    assert test.p == pytest.approx(stats.f.sf(test.statistic, d0, d0 * nu), rel=1e-8)
    first = independence(wave, "r", "c", statistic="Chisq")
    assert first.p == pytest.approx(stats.chi2.sf(test.x2 / effects.mean(), 2), rel=1e-8)


@settings(max_examples=15)
@given(SEEDS, st.sampled_from(STATISTICS), st.floats(0.01, 100))
def test_neither_the_order_of_the_variables_nor_the_scale_of_the_weights_matter(
    seed: int, statistic: str, factor: float
) -> None:
    wave = random_wave(seed)
    test = independence(wave, "r", "c", statistic=statistic)
    for other in (
        independence(wave, "c", "r", statistic=statistic),
        independence(reweighted(wave, factor), "r", "c", statistic=statistic),
    ):
        assert figures(other) == pytest.approx(figures(test), rel=1e-7)
        assert other.x2 == pytest.approx(test.x2, rel=1e-9)


def test_clusters_of_like_answers_weaken_the_evidence() -> None:
    """Every resident eight times over, as a PSU: the statistic per PSU stays, X2 grows eightfold."""
    rng = np.random.default_rng(2)
    r, c = rng.choice(list("xy"), 60), rng.choice(list("12"), 60)
    once = independence(make_wave({"y": np.zeros(60)}, {"r": r, "c": c}), "r", "c")
    people = {"r": np.repeat(r, 8), "c": np.repeat(c, 8)}
    often = independence(make_wave({"y": np.zeros(480)}, people, psus=np.repeat(np.arange(60), 8)), "r", "c")
    assert often.x2 == pytest.approx(8 * once.x2)
    assert often.deff == pytest.approx(8 * once.deff)
    assert figures(often) == pytest.approx(figures(once))


def test_near_identity_is_found_and_identity_has_no_variance() -> None:
    people = {"r": list("xxxyyy") * 10, "c": list("111222") * 9 + list("112122")}
    test = independence(make_wave({"y": np.zeros(60)}, people), "r", "c")
    assert test.p < 1e-6
    assert test.shares.to_numpy() == pytest.approx(np.array([[29, 1], [1, 29]]) / 60)
    same = {"r": list("xxxyyy") * 10, "c": list("111222") * 10}
    with refusal("association.certain"):
        independence(make_wave({"y": np.zeros(60)}, same), "r", "c")


def test_missing_answers_and_levels_nobody_has_are_left_out() -> None:
    wave = random_wave(3)
    people = wave.people.astype(object)
    people.loc[:9, "r"] = None
    people.loc[5:14, "c"] = None
    people["c"] = pd.Categorical(people["c"], categories=["0", "1", "2", "3"])
    test = independence(replace(wave, people=people), "r", "c")
    assert (test.n, test.left_out) == (105, 15)
    assert list(test.shares.columns) == ["1", "2", "3"]
    assert list(test.shares.index) == ["x", "y"]
    assert (test.shares.index.name, test.shares.columns.name) == ("r", "c")
    assert test.shares.to_numpy().sum() == pytest.approx(1)


def test_what_cannot_be_tested_is_said() -> None:
    wave = make_wave({"y": np.zeros(6)}, {"r": list("xxxxyy"), "c": list("121212"), "one": ["z"] * 6}, name="spring")
    with refusal("association.levels", "spring", "'one'"):
        independence(wave, "r", "one")
    with refusal("association.levels", "'r'"):
        independence(wave, "r", "c", within={"r": "x"})
    with refusal("association.statistic", "'lincom'"):
        independence(wave, "r", "c", statistic="lincom")
    with refusal("estimate.by", "'q'"):
        independence(wave, "q", "c")
    with refusal("association.df"):
        one_psu = make_wave({"y": np.zeros(6)}, wave.people, psus=[0] * 6)
        independence(one_psu, "r", "c", lonely="remove")
    nine = {"r": list("abcabcabc") * 2, "c": list("111222333") * 2}
    many = make_wave({"y": np.zeros(18)}, nine, psus=np.arange(18) % 3)
    with refusal("association.df", "2 degrees", "at least 4"):
        independence(many, "r", "c", statistic="adjWald")
    with refusal("association.singular"):
        independence(many, "r", "c", statistic="Wald")
    census = make_wave({"y": np.zeros(6)}, wave.people, fpc=6)
    with refusal("association.singular"):
        independence(census, "r", "c", statistic="Wald")
    with refusal("association.certain"):
        independence(census, "r", "c")


def test_a_table_of_a_diagonal_has_too_many_empty_cells() -> None:
    people = {"r": list("abcd") * 6, "c": list("abcd") * 6}
    with refusal("association.empty", "12 of 16"):
        independence(make_wave({"y": np.zeros(24)}, people), "r", "c")


# --- means ----------------------------------------------------------------------------------------


@settings(max_examples=15)
@given(SEEDS)
def test_a_difference_is_a_contrast_with_a_degree_of_freedom_less(seed: int) -> None:
    wave = random_wave(seed)
    test = difference_test(wave, "y", "c", ("3", "1"))
    row = jointly(wave, ["y"], ["c"]).contrast({"d": {"1": 1, "3": -1}}, df="domains").table.iloc[0]
    assert (test.est, test.se, test.df, test.n) == pytest.approx((row["est"], row["se"], row["df"] - 1, row["n"]))
    assert test.t == pytest.approx(test.est / test.se)
    assert test.p == pytest.approx(2 * stats.t.sf(abs(test.t), test.df))
    reach = stats.t.ppf(0.975, test.df) * test.se
    assert (test.lci, test.uci) == pytest.approx((test.est - reach, test.est + reach))
    back = difference_test(wave, "y", "c", ("1", "3"))
    assert (back.est, back.p) == pytest.approx((-test.est, test.p))


def test_a_difference_of_plain_samples_is_nearly_welchs() -> None:
    rng = np.random.default_rng(4)
    y, g = rng.normal(size=400), np.repeat(["a", "b"], [300, 100])
    test = difference_test(make_wave({"y": y}, {"g": g}), "y", "g")
    welch = stats.ttest_ind(y[300:], y[:300], equal_var=False)
    assert test.t == pytest.approx(welch.statistic, rel=0.01)
    assert (test.est, test.df, test.n, test.left_out) == (pytest.approx(y[300:].mean() - y[:300].mean()), 398, 400, 0)


def test_one_mean_against_a_number() -> None:
    wave = random_wave(5)
    row = row_of(estimate(wave, ["y"], ["r"]), level="x")
    test = mean_test(wave, "y", 50.0, within={"r": "x"})
    assert (test.est, test.se, test.df) == pytest.approx((row["est"] - 50, row["se"], row["df"] - 1))
    assert mean_test(wave, wave.scores["y"] - 50, within={"r": "x"}).p == pytest.approx(test.p)
    y = wave.scores["y"].where(np.arange(120) > 9)
    gone = mean_test(wave, y)
    assert (gone.n, gone.left_out) == (110, 10)


def test_tests_at_the_edge() -> None:
    wave = make_wave({"y": [1.0, 2.0, 3.0, 4.0, np.nan]}, {"g": list("aabbc")})
    assert difference_test(wave, "y", "g").est == 2, "the third group has no answers"
    with refusal("association.levels", "'a', 'c'"):
        difference_test(wave, "y", "g", ("a", "c"))
    with refusal("association.levels", "'a', 'b', 'd'"):
        difference_test(make_wave({"y": np.arange(6.0)}, {"g": list("aabbdd")}), "y", "g")
    with refusal("association.levels"):
        difference_test(wave, "y", "g", ("a", "a"))
    with refusal("estimate.measure", "'z'"):
        mean_test(wave, "z")
    same = mean_test(make_wave({"y": [5.0] * 6}), "y", 4.0)
    assert (same.est, same.se, same.p) == (1, 0, 0)
    assert np.isnan(mean_test(make_wave({"y": [5.0] * 6}), "y", 5.0).p), "neither a mean nor an error to speak of"
    assert np.isnan(mean_test(make_wave({"y": [5.0, 6.0]}), "y").p), "two residents leave no degree of freedom"


# --- R --------------------------------------------------------------------------------------------


@pytest.mark.golden
@pytest.mark.parametrize("name", ["apisrs", "apistrat", "apiclus1"])
def test_tests_agree_with_r(golden: Path, name: str) -> None:
    expected, wave = r_results(golden)["design_" + name.removeprefix("api")], api_wave(golden, name)
    for statistic in STATISTICS:
        found = expected[f"chisq_schwide_stype_{statistic}"]
        test = independence(wave, "sch.wide", "stype", statistic=statistic)
        assert_close(figures(test), np.concatenate([np.ravel(found[k]) for k in ("statistic", "df", "p")]))
    keys = ("statistic", "df", "p", "estimate")
    two = difference_test(wave, "api00", "sch.wide")
    assert_close([two.t, two.df, two.p, two.est], [expected["ttest_schwide"][k] for k in keys])
    one = mean_test(wave, wave.scores["api00"] - wave.scores["api99"])
    assert_close([one.t, one.df, one.p, one.est], [expected["ttest_one"][k] for k in keys])


@pytest.mark.golden
def test_parts_of_raked_designs_agree_with_r(golden: Path) -> None:
    """R survey 4.5: d <- calibrate(clus1, ~stype + sch.wide, c(6194, 755, 1018, 5122), calfun = "raking", epsilon =
    1e-13); s <- subset(d, comp.imp == "Yes"); svychisq(~awards + stype, d or s, statistic = ...);
    svyttest(api00 ~ awards, s); svyttest(I(api00 - api99) ~ 0, s): estimate, t, df, p, limits."""
    wave = rake(api_wave(golden, "apiclus1"), margins_of(stype=R_STYPE, **{"sch.wide": R_SCHWIDE}))
    part = {"comp.imp": "Yes"}
    everyone = {
        "F": [5.15403197831861, 1.73377383793043, 24.272833731026, 0.0168691746356917],
        "Wald": [7.97871674049224, 2, 14, 0.00486815081435],
        "adjWald": [7.40880840188565, 2, 13, 0.00712118565161018],
    }
    for statistic, expected in everyone.items():
        assert_close(figures(independence(wave, "awards", "stype", statistic=statistic)), expected)
    improved = independence(wave, "awards", "stype", within=part)
    assert_close(figures(improved), [4.0156807259458, 1.14358740510931, 14.866636266421, 0.0593358934491869])
    improved = independence(wave, "awards", "stype", statistic="Wald", within=part)
    assert_close(figures(improved), [0.516763244963972, 2, 13, 0.60820147360462])
    two = difference_test(wave, "api00", "awards", within=part)
    assert_close(
        [two.est, two.t, two.df, two.p, two.lci, two.uci],
        [152.259024984615, 6.61472642378767, 12, 2.48408417366693e-05, 102.10669882399, 202.411351145239],
    )
    one = mean_test(wave, wave.scores["api00"] - wave.scores["api99"], within=part)
    assert_close(
        [one.est, one.t, one.df, one.p, one.lci, one.uci],
        [47.2683848770224, 12.5012128863517, 12, 3.06132361893443e-08, 39.0300671758541, 55.5067025781907],
    )


@pytest.mark.golden
def test_empty_cells_and_missing_answers_agree_with_r(golden: Path) -> None:
    """R survey 4.5: z <- apistrat; z$sch.wide[z$stype == "H"] <- "Yes"; svychisq(~sch.wide + stype, svydesign(id = ~1,
    weights = ~pw, data = z)). Then z <- apistrat; z$sch.wide[seq(1, 200, 7)] <- NA; svychisq(~sch.wide + awards,
    svydesign(id = ~1, strata = ~stype, weights = ~pw, data = z)): R counts the unanswered in nu (197), and in
    its X2 (scaled to 200 instead of 171), which its p-values do not feel."""
    wave = api_wave(golden, "apistrat")
    people = wave.people.astype(object)
    people.loc[people["stype"] == "H", "sch.wide"] = "Yes"
    plain = make_wave({"y": np.zeros(200)}, people, weights=wave.design.weights)
    expected = {
        "F": [8.37601725485857, 1.82280955046921, 362.739100543373, 0.000442760524576538],
        "Chisq": [15.2624904662677, 2, 0.000230325448699037],
        "Wald": [12.7537225477249, 2, 199, 6.14358279303625e-06],
        "adjWald": [12.6896334896961, 2, 198, 6.52545127161981e-06],
    }
    for statistic, figure in expected.items():
        test = independence(plain, "sch.wide", "stype", statistic=statistic)
        assert_close(figures(test), figure)
        assert (test.shares.to_numpy() == 0).sum() == 1
    people = wave.people.astype(object)
    people.loc[::7, "sch.wide"] = None
    missing = make_wave({"y": np.zeros(200)}, people, weights=wave.design.weights, strata=wave.design.strata)
    for statistic, figure in {
        "F": [61.6292040916375, 1, 197, 2.60055458741883e-13],
        "Wald": [49.4185743279802, 1, 197, 3.31002170189388e-11],
        "adjWald": [49.4185743279802, 1, 197, 3.31002170189388e-11],
    }.items():
        assert_close(figures(independence(missing, "sch.wide", "awards", statistic=statistic)), figure)
    test = independence(missing, "sch.wide", "awards", statistic="Chisq")
    assert_close([test.statistic * 200 / 171, test.p], [70.8640561778974, 4.14623154524698e-15])
