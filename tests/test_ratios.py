"""Ratios of totals and population variances.

Golden, R survey 4.5: ``svyratio(~api.stu, ~enroll, design)`` and ``svyvar(~api00, design)`` on apisrs, apistrat and
apiclus1; below also in domains of raked designs. Tolerance 1e-8 relative (same formulas, other order of sums).
"""

from __future__ import annotations

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
    reweighted,
    row_of,
)
from derivatives import numeric_se
from hypothesis import given, settings, strategies as st

from trustsurvey.estimation.means import estimate
from trustsurvey.estimation.ratios import population_variance, ratio
from trustsurvey.model import ESTIMATE_COLUMNS, Wave
from trustsurvey.weighting.weigh import rake

SEEDS = st.integers(0, 2**32 - 1)


def random_wave(seed: int, n: int = 45) -> Wave:
    rng = np.random.default_rng(seed)
    x = rng.uniform(1, 20, n)
    y = np.where(rng.random(n) < 0.15, np.nan, x * rng.uniform(0.3, 0.9, n))
    people = {"g": np.where(rng.random(n) < 0.1, None, rng.choice(["a", "b"], n))}
    return make_wave({"y": y, "x": np.where(rng.random(n) < 0.1, np.nan, x)}, people, **random_design(rng, n))


@settings(max_examples=5)
@given(SEEDS)
def test_every_number_of_a_ratio(seed: int) -> None:
    wave = random_wave(seed)
    table = ratio(wave, [("y", "x")], ["g"]).table
    assert tuple(table.columns) == ESTIMATE_COLUMNS
    assert set(table["measure"]) == {"y/x"}
    assert set(table["stat"]) == {"ratio"}
    se = numeric_se(lambda w: ratio(w, [("y", "x")], ["g"]).table["est"], wave)
    np.testing.assert_allclose(table["se"], se, rtol=1e-6)
    both = np.isfinite(wave.scores["y"]) & np.isfinite(wave.scores["x"])
    for row in table.itertuples():
        inside = (both & ((wave.people["g"] == row.level) | (row.level == ""))).to_numpy()
        w, y, x = wave.weights[inside], wave.scores["y"][inside], wave.scores["x"][inside]
        assert row.n == inside.sum()
        assert row.est == pytest.approx((w * y).sum() / (w * x).sum(), rel=1e-12)


@settings(max_examples=5)
@given(SEEDS)
def test_every_number_of_a_variance(seed: int) -> None:
    """n counts residents, so it stays where the derivative moves a weight; the divisor n - 1 goes along."""
    wave = random_wave(seed)
    table = population_variance(wave, ["y"], ["g"]).table
    se = numeric_se(lambda w: population_variance(w, ["y"], ["g"]).table["est"], wave)
    np.testing.assert_allclose(table["se"], se, rtol=1e-5)
    y, w = wave.scores["y"].to_numpy(), wave.weights
    inside = np.isfinite(y)
    mean = np.average(y[inside], weights=w[inside])
    spread = np.average((y[inside] - mean) ** 2, weights=w[inside]) * inside.sum() / (inside.sum() - 1)
    assert table["est"][0] == pytest.approx(spread, rel=1e-12)


def test_a_ratio_to_one_for_everyone_is_the_mean() -> None:
    wave = random_wave(3)
    ones = pd.DataFrame({"y": wave.scores["y"], "one": 1.0})
    ours, means = ratio(wave, [("y", "one")], ["g"], numbers=ones).table, estimate(wave, ["y"], ["g"]).table
    for column in ("est", "se", "lci", "uci", "n", "df"):
        np.testing.assert_allclose(ours[column], means[column], rtol=1e-12)


@settings(max_examples=10)
@given(SEEDS, st.floats(0.01, 1000))
def test_the_scale_of_the_weights_does_not_matter(seed: int, factor: float) -> None:
    wave = random_wave(seed)
    for verb in (lambda w: ratio(w, [("y", "x")], ["g"]), lambda w: population_variance(w, ["y"], ["g"])):
        one, other = verb(wave).table, verb(reweighted(wave, factor)).table
        np.testing.assert_allclose(one[["est", "se", "lci"]], other[["est", "se", "lci"]], rtol=1e-8)


def test_unit_weights_give_the_plain_variance() -> None:
    y = np.array([3.0, 5.0, 10.0, 2.0])
    row = row_of(population_variance(make_wave({"y": y})), by="")
    assert row["est"] == pytest.approx(y.var(ddof=1))


# --- edges ----------------------------------------------------------------------------------------


def test_a_denominator_of_nothing_gives_no_ratio() -> None:
    wave = make_wave({"y": [1.0, 2.0, 3.0, 4.0], "x": [0.0, 0.0, 1.0, 3.0]}, {"g": list("aabb")})
    table = ratio(wave, [("y", "x")], ["g"]).table
    assert np.isnan(row_of(table, level="a")[["est", "se", "lci"]].astype(float)).all()
    assert row_of(table, level="b")["est"] == pytest.approx(7 / 4)


def test_few_or_no_residents() -> None:
    people = {"g": pd.Categorical(list("abbb"), categories=["a", "b", "nobody"])}
    wave = make_wave({"y": [1.0, 2.0, 2.0, 2.0], "x": [2.0, 4.0, 4.0, 4.0]}, people)
    ratios, spreads = ratio(wave, [("y", "x")], ["g"]).table, population_variance(wave, ["y"], ["g"]).table
    assert row_of(ratios, level="a")["est"] == 0.5
    assert np.isnan(row_of(ratios, level="a")["se"])
    assert np.isnan(row_of(spreads, level="a")[["est", "se"]].astype(float)).all()
    assert (row_of(spreads, level="b")["est"], row_of(spreads, level="b")["se"]) == (0, 0)
    assert row_of(ratios, level="b")["se"] == 0
    for table in (ratios, spreads):
        assert row_of(table, level="nobody")["n"] == 0
        assert np.isnan(row_of(table, level="nobody")[["est", "se"]].astype(float)).all()


def test_what_there_is_no_ratio_of_is_named() -> None:
    wave = make_wave({"y": [1.0, 2.0]}, name="spring")
    with refusal("estimate.measure", "spring", "'z'"):
        ratio(wave, [("y", "z")])
    with refusal("estimate.measure", "'z'"):
        ratio(wave, [("y", "z")], numbers=pd.DataFrame({"y": [1.0, 2.0]}))
    with refusal("ratio.nothing"):
        ratio(wave, [])


# --- R --------------------------------------------------------------------------------------------


@pytest.mark.golden
@pytest.mark.parametrize("name", ["apisrs", "apistrat", "apiclus1"])
def test_ratios_and_variances_agree_with_r(golden: Path, name: str) -> None:
    expected = r_results(golden)["design_" + name.removeprefix("api")]
    wave = api_wave(golden, name)
    row, found = row_of(ratio(wave, [("api.stu", "enroll")]), by=""), expected["ratio_apistu_enroll"]
    assert row["measure"] == found["name"]
    assert_close(
        row[["est", "se", "lci", "uci", "df"]].astype(float), [found[k] for k in ("est", "se", "lo", "hi", "df")]
    )
    row = row_of(population_variance(wave, ["api00"]), by="")
    assert_close(row[["est", "se"]].astype(float), [expected["var_api00"][k] for k in ("est", "se")])


@pytest.mark.golden
def test_raked_designs_agree_with_r(golden: Path) -> None:
    """Domains of calibrated designs keep the residents outside as zeros.

    R survey 4.5: d <- calibrate(strat, ~stype + sch.wide + comp.imp, c(6194, 755, 1018, 5122, 4482), calfun =
    "raking", epsilon = 1e-13); s <- subset(d, comp.imp == "Yes"); svyratio(~api.stu, ~enroll, d or s);
    svyvar(~api00, s). The same with clus1 and ~stype + sch.wide.
    """
    strat = margins_of(stype=R_STYPE, **{"sch.wide": R_SCHWIDE, "comp.imp": {"No": 1712.0, "Yes": 4482.0}})
    clus1 = margins_of(stype=R_STYPE, **{"sch.wide": R_SCHWIDE})
    expected = {
        "apistrat": (strat, [0.837561375307048, 0.0077776200429823], [0.851162565944639, 0.00738733417453673, 113],
                     [14291.1760392869, 1455.96537766405]),
        "apiclus1": (clus1, [0.848231571735981, 0.0072325255099543], [0.85119816543138, 0.00965137636392579, 13],
                     [12065.5425449699, 1532.19784941778]),
    }  # fmt: skip
    for name, (margins, everyone, improved, spread) in expected.items():
        wave = rake(api_wave(golden, name), margins)
        table = ratio(wave, [("api.stu", "enroll")], ["comp.imp"]).table
        assert_close(row_of(table, by="")[["est", "se"]].astype(float), everyone)
        assert_close(row_of(table, level="Yes")[["est", "se", "df"]].astype(float), improved)
        row = row_of(population_variance(wave, ["api00"], ["comp.imp"]), level="Yes")
        assert_close(row[["est", "se"]].astype(float), spread)
