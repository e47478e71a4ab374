"""Gaps between groups, raw and adjusted.

R survey 4.5 (numbers below): ``svyglm`` for gaps of scores; ``svypredmeans`` for the predictive margins of a logistic
regression. Its standard errors add the parts of the coefficients and of the population averaged over as if these
were independent; ours take the linearised values of the whole, and are held against numerical derivatives instead.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from builders import (
    api_wave,
    assert_close,
    make_wave,
    margins_of,
    random_design,
    refusal,
    reweighted,
    row_of,
)
from derivatives import numeric_se
from hypothesis import given, settings, strategies as st

from trustsurvey.disclosure.gate import protect
from trustsurvey.estimation.association import difference_test
from trustsurvey.estimation.gaps import gaps
from trustsurvey.estimation.means import estimate
from trustsurvey.estimation.regression import Family, regress
from trustsurvey.model import Wave
from trustsurvey.weighting.weigh import rake

SEEDS = st.integers(0, 2**32 - 1)
FIGURES = ["n", "mean", "gap", "se", "lci", "uci", "df", "p"]


def random_wave(seed: int, n: int = 90) -> Wave:
    """Group c is older, and the old trust more: the raw gap is larger than what the group itself makes."""
    rng = np.random.default_rng(seed)
    g = rng.choice(["a", "b", "c"], n)
    age = np.where(rng.random(n) < 0.3 + 0.4 * (g == "c"), "old", "young")
    y = 50 + 4 * (g == "c") + 15 * (age == "old") + rng.normal(0, 10, n)
    measures = {"y": np.where(rng.random(n) < 0.05, np.nan, y), "hit": (y + rng.normal(0, 20, n) > 58).astype(float)}
    people = {"g": g, "age": np.where(rng.random(n) < 0.05, None, age)}
    return make_wave(measures, people, **random_design(rng, n))


def rows(table: pd.DataFrame, kind: str) -> pd.DataFrame:
    return table[table["kind"] == kind].set_index("level")


@settings(max_examples=10)
@given(SEEDS)
def test_raw_gaps_are_differences_of_the_published_means(seed: int) -> None:
    wave = random_wave(seed)
    table, means = rows(gaps(wave, "y", "g").table, "raw"), estimate(wave, ["y"], ["g"]).table.set_index("level")
    assert table.index.tolist() == ["a", "b", "c"]
    np.testing.assert_allclose(table["mean"], means["est"][table.index], rtol=1e-9)
    np.testing.assert_allclose(table["n"], means["n"][table.index])
    for level in "bc":
        test = difference_test(wave, "y", "g", ("a", level))
        assert (table["gap"][level], table["se"][level]) == pytest.approx((test.est, test.se), rel=1e-8)
    assert np.isnan(table.loc["a", ["gap", "se", "p"]].astype(float)).all()


@settings(max_examples=10)
@given(SEEDS)
def test_adjusted_gaps_of_a_score_are_coefficients(seed: int) -> None:
    wave = random_wave(seed)
    result = gaps(wave, "y", "g", ["age"])
    table, fit = rows(result.table, "adjusted"), regress(wave, "y", ["age", "g"])
    lines = fit.table().set_index("term")
    for level in "bc":
        ours = table.loc[level, ["gap", "se", "lci", "uci", "df", "p"]].astype(float).tolist()
        theirs = lines.loc[f"g={level}", ["est", "se", "lci", "uci", "df", "p"]].astype(float).tolist()
        assert ours == pytest.approx(theirs, rel=1e-8)
    assert result.adjusted == fit.test("g")
    assert result.raw == regress(wave, "y", ["g"]).test("g")
    assert result.left_out == (wave.scores["y"].notna() & wave.people["age"].isna()).sum()
    assert table["n"].sum() == fit.n
    assert result.adjusted_for == ("age",)


@pytest.mark.parametrize("family", ["linear", "logistic"])
def test_standard_errors_are_those_of_derivatives(family: Family) -> None:
    """Margins move with the coefficients and with the population that is averaged over."""
    wave = random_wave(1, 45)

    def gap(w: Wave) -> pd.Series:
        return rows(gaps(w, "hit", "g", ["age"], family=family).table, "adjusted")["gap"][1:]

    se = rows(gaps(wave, "hit", "g", ["age"], family=family).table, "adjusted")["se"][1:]
    np.testing.assert_allclose(se, numeric_se(gap, wave, 1e-5 if family == "linear" else 1e-2), rtol=2e-3)


def test_adjusting_takes_away_what_age_makes() -> None:
    result = gaps(random_wave(1, 6000), "y", "g", ["age"])
    raw, adjusted = (rows(result.table, kind).loc["c"] for kind in ("raw", "adjusted"))
    assert raw["gap"] == pytest.approx(4 + 15 * 0.4, abs=2)
    assert adjusted["gap"] == pytest.approx(4, abs=1.5)
    assert adjusted["gap"] < raw["lci"]


def test_margins_are_what_the_regression_expects_of_everybody() -> None:
    wave = random_wave(2)
    fit = regress(wave, "hit", ["age", "g"], family="logistic")
    table = rows(gaps(wave, "hit", "g", ["age"], family="logistic").table, "adjusted")
    used = wave.people.iloc[fit.rows]
    for level in "abc":
        everybody = fit.predict(used.assign(g=level))["est"]
        assert table["mean"][level] == pytest.approx(np.average(everybody, weights=wave.weights[fit.rows]), rel=1e-12)
    np.testing.assert_allclose(table["gap"][1:], table["mean"][1:] - table["mean"]["a"])


@settings(max_examples=8)
@given(SEEDS, st.floats(0.01, 100))
def test_the_scale_of_the_weights_does_not_matter_and_references_mirror(seed: int, factor: float) -> None:
    wave = random_wave(seed)
    one, other = (gaps(w, "y", "g", ["age"]).table for w in (wave, reweighted(wave, factor)))
    np.testing.assert_allclose(one[FIGURES].astype(float), other[FIGURES].astype(float), rtol=1e-6)
    back = gaps(wave, "y", "g", ["age"], reference="c")
    assert back.reference == "c"
    for kind in ("raw", "adjusted"):
        there, here = rows(one, kind).loc["c"], rows(back.table, kind).loc["a"]
        assert (here["gap"], here["se"], here["mean"]) == pytest.approx(
            (-there["gap"], there["se"], rows(one, kind)["mean"]["a"]), rel=1e-8
        )


def test_raking_to_the_group_leaves_the_means_their_variance() -> None:
    wave = random_wave(3)
    raked = rake(wave, margins_of(g={"a": 30, "b": 30, "c": 30}))
    table = rows(gaps(raked, "y", "g").table, "raw")
    test = difference_test(raked, "y", "g", ("a", "b"))
    assert (table["gap"]["b"], table["se"]["b"]) == pytest.approx((test.est, test.se), rel=1e-8)


def test_a_part_of_the_wave() -> None:
    wave = random_wave(4)
    part = rows(gaps(wave, "y", "g", within={"age": "old"}).table, "raw")
    assert part["n"].sum() == ((wave.people["age"] == "old") & wave.scores["y"].notna()).sum()


# --- disclosure and edges -------------------------------------------------------------------------


def small_group(n_b: int) -> Wave:
    rng = np.random.default_rng(5)
    g = ["a"] * 150 + ["b"] * n_b + ["c"] * 200
    people = {"g": g, "age": rng.choice(["old", "young"], len(g))}
    return make_wave({"y": rng.uniform(0, 100, len(g))}, people)


@pytest.mark.parametrize("n_b", [5, 20])
def test_what_is_withheld_in_the_estimates_is_withheld_here(n_b: int) -> None:
    """Five are too few people (and a's number is hidden for their sake); twenty are too few answers."""
    wave = small_group(n_b)
    shown = protect(estimate(wave, ["y"], ["g"]))
    result = gaps(wave, "y", "g", ["age"], reference="c", shown=shown)
    visible = set(shown.rows(suppressed="").query("n == n")["level"]) - {""}
    for _, row in result.table.iterrows():
        if row["level"] in visible:
            assert row["suppressed"] == ""
            assert np.isfinite(row["mean"])
        else:
            assert row["suppressed"] != ""
            assert np.isnan(row[FIGURES].astype(float)).all()
    assert "b" not in visible
    assert (result.raw, result.adjusted) == (None, None)
    assert rows(result.table, "adjusted")["n"].isna().all()


def test_a_withheld_reference_withholds_every_gap_and_mean() -> None:
    wave = small_group(20)
    shown = protect(estimate(wave, ["y"], ["g"]))
    table = gaps(wave, "y", "g", reference="b", shown=shown).table
    assert table[FIGURES].isna().all(axis=None)
    assert table.set_index("level")["suppressed"]["a"].startswith("the reference: ")


def test_estimates_that_say_nothing_of_a_group_withhold_it() -> None:
    wave = small_group(60)
    shown = protect(estimate(wave, ["y"], ["age"]))
    assert gaps(wave, "y", "g", shown=shown).table[FIGURES].isna().all(axis=None)
    shown = protect(estimate(wave, ["y"], ["g"]))
    open_gaps = gaps(wave, "y", "g", shown=shown)
    assert (open_gaps.table["suppressed"] == "").all()
    assert open_gaps.raw is not None


def test_a_group_of_one_has_a_gap_without_an_error() -> None:
    wave = make_wave({"y": [1.0, 2.0, 4.0, 3.0, 8.0, 9.0]}, {"g": list("aaabbc")})
    result = gaps(wave, "y", "g")
    table = rows(result.table, "raw")
    assert table["gap"]["c"] == pytest.approx(9 - 7 / 3)
    assert np.isnan(table.loc["c", ["se", "lci", "p"]].astype(float)).all()
    assert np.isfinite(table["se"]["b"])
    lone = make_wave({"y": [0.0, 2.0, 1.0, 3.0, 5.0, 6.0]}, {"g": list("aabbcd")})
    alone = gaps(lone, "y", "g", reference="c")
    assert alone.raw is None
    assert rows(alone.table, "raw")["se"].isna().all()


def test_what_has_no_gap_is_said() -> None:
    wave = random_wave(6)
    with refusal("gaps.itself", "'g'"):
        gaps(wave, "y", "g", ["age", "g"])
    with refusal("gaps.groups", "'h'"):
        gaps(replace(wave, people=wave.people.assign(h="same")), "y", "h")
    with refusal("gaps.groups", "'h'", "number"):
        gaps(replace(wave, people=wave.people.assign(h=np.arange(90.0))), "y", "h")
    with refusal("gaps.collinear", "'g=b'", "twin"):
        gaps(replace(wave, people=wave.people.assign(twin=wave.people["g"])), "y", "g", ["twin"])
    with refusal("regress.reference", "'z'"):
        gaps(wave, "y", "g", reference="z")


# --- R --------------------------------------------------------------------------------------------


@pytest.mark.golden
def test_gaps_of_scores_agree_with_r(golden: Path) -> None:
    """R survey 4.5, apistrat: svyglm(api00 ~ awards, d) and svyglm(api00 ~ ell + meals + sch.wide + awards, d):
    awardsYes with confint; svypredmeans(svyglm(api00 ~ ell + meals + sch.wide, d), ~awards): means."""
    table = gaps(api_wave(golden, "apistrat"), "api00", "awards", ["ell", "meals", "sch.wide"]).table
    columns = ["gap", "se", "lci", "uci"]
    raw, adjusted = rows(table, "raw"), rows(table, "adjusted")
    assert_close(raw["mean"], [633.7349116594163, 633.7349116594163 + 44.6874939550245])
    assert_close(
        raw.loc["Yes", columns].astype(float),
        [44.6874939550245, 19.3989199333205, 6.43008429880165, 82.9449036112474],
    )
    assert_close(
        adjusted.loc["Yes", columns].astype(float),
        [10.929527133512194, 12.814481724981839, -14.34488108157522, 36.203935348599607],
    )
    assert_close(adjusted["mean"], [655.304094110704, 666.233621244216])


@pytest.mark.golden
def test_margins_of_shares_agree_with_r(golden: Path) -> None:
    """R survey 4.5, apiclus1: m <- svyglm(I(comp.imp == "Yes") ~ ell + api99, d, family = quasibinomial(), epsilon =
    1e-14); svypredmeans(m, ~stype)."""
    wave = api_wave(golden, "apiclus1")
    result = gaps(wave, "comp.imp=Yes", "stype", ["ell", "api99"], family="logistic")
    expected = {"E": 0.766588285182199, "H": 0.593746032570613, "M": 0.594613112247397}
    # Both stop where the deviance moves by less than 1e-8, R's update of the model at another step.
    np.testing.assert_allclose(rows(result.table, "adjusted")["mean"], list(expected.values()), rtol=1e-6)
    assert row_of(result.table, kind="adjusted", level="H")["gap"] == pytest.approx(
        expected["H"] - expected["E"], rel=1e-5
    )
