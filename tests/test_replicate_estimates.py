"""Estimates with replicate variances: R survey's, and those of linearisation in the limit.

Golden: blocks ``cal_rake_rep`` (apiclus1, JK1, raked) and ``jkn_strat`` of R survey 4.5. Frozen numbers with their
R code are of R 4.2.2, survey 4.1.1; dclus1 and dstrat are the designs of the golden blocks. All to 1e-8 relative.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

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
)
from hypothesis import given, settings, strategies as st

from trustsurvey.estimation.means import estimate
from trustsurvey.model import Wave
from trustsurvey.replication.estimates import estimate_replicates, replicate_values
from trustsurvey.replication.recalibration import recalibrated
from trustsurvey.replication.replicates import Replicates, bring_replicates, replicate
from trustsurvey.weighting.weigh import calibrate, rake

SEEDS = st.integers(0, 2**32 - 1)


def figures(wave: Wave, made: Replicates, column: str, measures: list[str], by: Any = (), **how: Any) -> np.ndarray:
    table = estimate_replicates(wave, made, measures, by, everyone=not by, **how).table
    return table[column].to_numpy(dtype=float)


def sample(seed: int, n: int = 90) -> Wave:
    rng = np.random.default_rng(seed)
    people = {"area": rng.choice(["n", "s", "w"], n), "sex": rng.choice(["f", "m"], n)}
    y = rng.normal(50, 15, n)
    y[rng.random(n) < 0.1] = np.nan
    return make_wave({"y": y, "x": rng.uniform(1, 3, n), "b": rng.integers(0, 2, n)}, people, **random_design(rng, n))


# --- against arithmetic written out ---------------------------------------------------------------


@settings(max_examples=12)
@given(SEEDS, st.sampled_from(["mean", "total", "ratio", "quantile"]))
def test_every_replicate_is_the_estimate_under_its_weights(seed: int, stat: str) -> None:
    wave = sample(seed)
    made = replicate(wave, count=9, seed=2)
    how = {"denominator": "x"} if stat == "ratio" else {"p": 0.3} if stat == "quantile" else {}
    measures = ["y", "x"] if stat == "ratio" else ["y", "b"]
    found = replicate_values(wave, made, measures, ["area", ("area", "sex")], stat=stat, **how)  # type: ignore[arg-type]
    levels = [np.ones(90, bool)] + [(wave.people["area"] == a).to_numpy() for a in "nsw"]
    levels += [((wave.people["area"] == a) & (wave.people["sex"] == s)).to_numpy() for a in "nsw" for s in "fm"]
    assert wave.scores is not None
    names = ["y"] if stat == "ratio" else measures
    for j, name in enumerate(names):
        y = wave.scores[name].to_numpy()
        for k, inside in enumerate(levels):
            some = inside & np.isfinite(y)
            for r, w in [(-1, made.full), (4, made.weights[:, 4])]:
                wy, total = w[some] @ y[some], w[some].sum()
                expected = {"mean": wy / total if total else np.nan, "total": wy}
                if stat == "ratio":
                    expected["ratio"] = wy / (w[some] @ wave.scores["x"].to_numpy()[some]) if total else np.nan
                if stat == "quantile":
                    order = np.argsort(y[some])
                    reached = np.cumsum(w[some][order]) >= 0.3 * total * (1 - 1e-12)
                    expected["quantile"] = y[some][order][np.argmax(reached)] if total else np.nan
                got = found.est[j * 10 + k] if r < 0 else found.values[j * 10 + k, r]
                assert got == pytest.approx(expected[stat], rel=1e-9, nan_ok=True)


@settings(max_examples=8)
@given(SEEDS)
def test_estimates_and_n_are_those_of_linearisation(seed: int) -> None:
    wave = sample(seed)
    made = replicate(wave, "jackknife")
    for stat in ("mean", "total"):
        mine = estimate_replicates(wave, made, ["y", "b"], ["area"], stat=stat).table  # type: ignore[arg-type]
        other = estimate(wave, ["y", "b"], ["area"], stat=stat).table  # type: ignore[arg-type]
        for column in ("est", "n", "df"):
            np.testing.assert_allclose(mine[column].astype(float), other[column].astype(float))
        assert mine[["measure", "by", "level"]].equals(other[["measure", "by", "level"]])
        if stat == "total":  # a jackknife of a total is the linearised variance
            np.testing.assert_allclose(mine["se"], other["se"], rtol=1e-9)


@pytest.mark.parametrize("method", ["bootstrap", "jackknife"])
def test_replicates_and_linearisation_agree_in_the_limit(method: str) -> None:
    """Raked means, shares and ratios of 1,500 people in areas of 300 and more; 3,000 bootstrap replicates.

    Monte Carlo error of a standard error with 3,000 replicates: 1.3 %, plus terms of order 1 / n.
    """
    rng = np.random.default_rng(11)
    n = 1500
    people = {"area": rng.choice(list("nsw"), n), "sex": rng.choice(["f", "m"], n)}
    y = rng.normal(50, 15, n) + 10 * (people["sex"] == "f")
    wave = make_wave({"y": y, "b": y > 55, "x": rng.uniform(1, 3, n)}, people, weights=rng.uniform(0.5, 2, n))
    raked = rake(wave, margins_of(sex={"f": 60, "m": 40}, area={"n": 30, "s": 30, "w": 40}))
    made = replicate(raked, method, count=3000, seed=5)  # type: ignore[arg-type]
    for stat, measure in (("mean", "y"), ("share", "b")):
        mine = figures(raked, made, "se", [measure], ["area"], stat=stat)
        np.testing.assert_allclose(mine, estimate(raked, [measure], ["area"], stat=stat, everyone=False).table["se"],  # type: ignore[arg-type]
                                   rtol=0.06)  # fmt: skip


def test_a_share_that_was_calibrated_has_no_error() -> None:
    wave = sample(2, 300)
    raked = rake(wave, margins_of(sex={"f": 520, "m": 480}))
    women = pd.DataFrame({"f": (wave.people["sex"] == "f").astype(float)})
    row = estimate_replicates(raked, replicate(raked, count=30), women, stat="share").table.iloc[0]
    assert row["se"] == 0
    assert row["lci"] == row["uci"] == row["est"] == pytest.approx(0.52)


def test_edges_nobody_one_resident_and_no_spread() -> None:
    y = np.r_[np.arange(8.0), np.nan, 4.0]
    people = {"area": pd.Categorical(["a"] * 8 + ["b", "c"], categories=["a", "b", "c", "d"])}
    wave = make_wave({"y": y, "same": np.full(10, 3.0)}, people)
    made = replicate(wave, "jackknife")
    for stat in ("mean", "quantile"):
        table = estimate_replicates(wave, made, ["y"], ["area"], stat=stat).table.set_index("level")  # type: ignore[arg-type]
        assert table.loc[["b", "c", "d"], "se"].isna().all()
        assert table.loc[["b", "d"], "est"].isna().all()
        assert table.loc["c", "est"] == 4
        assert table.loc[["b", "d"], "n"].tolist() == [0, 0]
    assert figures(wave, made, "se", ["same"]) == [0]


def test_there_are_no_more_degrees_of_freedom_than_replicates_less_one() -> None:
    wave = make_wave({"y": np.arange(40.0)}, {"area": ["a"] * 30 + ["b"] * 10})
    table = estimate_replicates(wave, replicate(wave, count=15), ["y"], ["area"]).table
    assert table["df"].tolist() == [14, 14, 9]


def test_what_is_refused() -> None:
    wave = sample(3)
    made = replicate(wave, count=5)
    with refusal("replicates.rows", "w1"):
        estimate_replicates(sample(4), made, ["y"])
    with refusal("estimate.stat", "'mode'"):
        estimate_replicates(wave, made, ["y"], stat="mode")  # type: ignore[arg-type]
    with refusal("estimate.share"):
        estimate_replicates(wave, made, ["y"], stat="share")
    with refusal("ratio.nothing"):
        estimate_replicates(wave, made, ["y"], stat="ratio")
    with refusal("quantile.p"):
        estimate_replicates(wave, made, ["y"], stat="quantile", p=1.0)


# --- R survey -------------------------------------------------------------------------------------


def compare(wave: Wave, made: Replicates, block: dict[str, Any]) -> None:
    for name, measure, stat, by in (
        ("mean_api00", "api00", "mean", ()),
        ("total_enroll", "enroll", "total", ()),
        ("by_stype", "api00", "mean", ["stype"]),
        ("by_schwide", "api00", "mean", ["sch.wide"]),
        ("by_comp.imp", "api00", "mean", ["comp.imp"]),
    ):
        if name not in block:
            continue
        expected = block[name]
        table = estimate_replicates(wave, made, [measure], by, stat=stat, everyone=not by).table  # type: ignore[arg-type]
        assert_close(table["est"], np.atleast_1d(expected["est"]))
        assert_close(table["se"], np.atleast_1d(expected["se"]))
        if "df" in expected:
            assert_close(table[["lci", "uci", "df"]].iloc[0], [expected["lo"], expected["hi"], expected["df"]])


@pytest.mark.golden
def test_the_golden_blocks(golden: Path) -> None:
    blocks = r_results(golden)
    raked = rake(api_wave(golden, "apiclus1"), margins_of(**{"stype": R_STYPE, "sch.wide": R_SCHWIDE}))
    compare(raked, replicate(raked, "JK1"), blocks["cal_rake_rep"])
    strat = api_wave(golden, "apistrat")
    made = replicate(strat, "JKn")
    assert len(made) == blocks["jkn_strat"]["R"]
    compare(strat, made, blocks["jkn_strat"])


@pytest.mark.golden
@pytest.mark.parametrize(
    ("mse", "raked_se", "greg_se"),
    [
        (
            False,
            [118524.1262499911, 9.343215601356743, 14.56906689273598, 11.80350744799987, 0.007873209115391576],
            [115197.1282639453, 1.535013483484293],
        ),
        (
            True,
            [118524.4737598927, 9.343215710254686, 14.56908107004228, 11.80350754009772, 0.007873221984388444],
            [115197.3632020139, 1.535024449635085],
        ),
    ],
)
def test_stratified_jackknife_calibrated_agrees_with_r(
    golden: Path, mse: bool, raked_se: list[float], greg_se: list[float]
) -> None:
    """r <- as.svrepdesign(dstrat, type="JKn", mse=mse); ps <- c(6194, sch.wideYes=5122, comp.impYes=4482, 755, 1018)
    calibrate(r, ~sch.wide+comp.imp+stype, ps, calfun="raking", epsilon=1e-13, maxit=200): total(enroll),
    mean(api00), by awards, ratio api.stu / enroll; calibrate(r, ~sch.wide+comp.imp+stype+api99, c(ps, 3914069))"""
    margins = margins_of(**{"sch.wide": R_SCHWIDE, "comp.imp": {"No": 1712.0, "Yes": 4482.0}, "stype": R_STYPE})
    wave = api_wave(golden, "apistrat")
    raked = rake(wave, margins)
    made = replicate(raked, "JKn", mse=mse)
    found = [
        figures(raked, made, "se", ["enroll"], stat="total"),
        figures(raked, made, "se", ["api00"]),
        figures(raked, made, "se", ["api00"], ["awards"]),
        figures(raked, made, "se", ["api.stu", "enroll"], stat="ratio", denominator="enroll"),
    ]
    assert_close(np.concatenate(found), raked_se)
    greg = calibrate(wave, margins, totals={"api99": 3914069.0})
    made = replicate(greg, "JKn", mse=mse)
    total, mean = figures(greg, made, "se", ["enroll"], stat="total"), figures(greg, made, "se", ["api00"])
    assert_close(np.r_[total, mean], greg_se)


@pytest.mark.golden
def test_jackknife_ratios_and_quantiles_agree_with_r(golden: Path) -> None:
    """r <- as.svrepdesign(dclus1, type="JK1", mse=TRUE); svyratio(~api.stu, ~enroll, r);
    svyquantile(~api00, r, c(.25, .5), interval.type="quantile")"""
    wave = api_wave(golden, "apiclus1")
    made = replicate(wave, "JK1", mse=True)
    assert_close(figures(wave, made, "se", ["api.stu", "enroll"], stat="ratio", denominator="enroll"),
                 [0.009519363481564491])  # fmt: skip
    assert_close(figures(wave, made, "se", ["api00"], ["stype"]), [25.38012254031002, 46.35957763822148,
                                                                 33.68769204220734])  # fmt: skip
    for p, expected in ((0.25, [552.0, 48.11920835011006]), (0.5, [652.0, 43.56938720639955])):
        row = estimate_replicates(wave, made, ["api00"], stat="quantile", p=p).table.iloc[0]
        assert_close([row["est"], row["se"]], expected)
        assert row["stat"] == f"q{p:g}"


#: set.seed(7); r <- as.svrepdesign(svydesign(id=~dnum, weights=~pw, data=apiclus1), type="subbootstrap",
#: replicates=8): how often each PSU was drawn, in order of appearance.
DRAWN = """2 0 3 0 0 0 0 0  1 1 2 2 0 0 0 0  2 0 1 1 2 1 1 2  0 1 0 2 1 0 0 1  0 1 1 0 2 1 0 1  1 0 0 1 2 2 0 0
2 1 0 0 0 1 0 2  0 3 2 2 3 1 1 3  1 0 1 2 1 0 1 0  0 1 0 0 0 1 4 0  0 1 1 0 1 3 1 1  0 1 0 1 0 0 0 1
2 2 0 1 0 1 2 1  0 1 2 1 1 1 3 1  3 1 1 1 1 2 1 1"""


@pytest.mark.golden
def test_bootstrap_weights_from_r_give_its_standard_errors(golden: Path) -> None:
    """SE(svytotal(~enroll, r)), svymean(~api00, r), by sch.wide, quantiles; then the same after
    calibrate(r, ~sch.wide, c(6194, sch.wideYes=5122), calfun="raking", epsilon=1e-13, maxit=200)"""
    wave = api_wave(golden, "apiclus1")
    factors = np.array(DRAWN.split(), dtype=float).reshape(15, 8).T * 15 / 14
    made = bring_replicates(
        wave, factors.T[wave.design.psus], "bootstrap", reason="as.svrepdesign in R", combined=False
    )
    assert made.df == 7
    found = [figures(wave, made, "se", ["enroll"], stat="total"), figures(wave, made, "se", ["api00"]),
             figures(wave, made, "se", ["api00"], ["sch.wide"])]  # fmt: skip
    assert_close(np.concatenate(found), [778215.4313543321, 14.22754032527027, 27.41624352901761, 14.10255711815995])
    for p, se in ((0.25, 38.60329371587723), (0.5, 22.02595871109491)):
        assert_close(figures(wave, made, "se", ["api00"], stat="quantile", p=p), [se])
    raked = rake(wave, margins_of(**{"sch.wide": R_SCHWIDE}))
    weights, kept = recalibrated(raked, raked.design, factors)
    assert kept.all()
    again = bring_replicates(raked, weights, "bootstrap", reason="calibrate in R")
    assert_close(np.r_[figures(raked, again, "se", ["enroll"], stat="total"), figures(raked, again, "se", ["api00"])],
                 [229794.7301380204, 14.2742833094892])  # fmt: skip


@pytest.mark.golden
def test_lonely_units_agree_with_r(golden: Path) -> None:
    """The first 60, 1 and 30 schools of types E, H and M; as.svrepdesign(svydesign(id=~1, strata=~stype,
    weights=~pw), type="JKn") under options(survey.lonely.psu=)"""
    table = pd.read_csv(golden / "apistrat.csv")
    some = pd.concat([table[table["stype"] == s].head(k) for s, k in (("E", 60), ("H", 1), ("M", 30))])
    wave = make_wave({m: some[m] for m in ("enroll", "api00")}, n=91, weights=some["pw"], strata=some["stype"])
    for lonely, total, mean in (
        ("remove", 72188.74634570380, 14.20551818072468),
        ("adjust", 648440.4622691716, 14.22531061794079),
        ("average", 72588.68705902358, 14.28421971471543),
    ):
        made = replicate(wave, "JKn", lonely=lonely)  # type: ignore[arg-type]
        assert_close(np.r_[figures(wave, made, "se", ["enroll"], stat="total"), figures(wave, made, "se", ["api00"])],
                     [total, mean])  # fmt: skip


@pytest.mark.golden
def test_balanced_replicates_agree_with_r(golden: Path) -> None:
    """Totals under BRR and Fay, which no choice of Hadamard matrix changes: the first 40 schools of each type, in
    pairs; SE(svytotal(~enroll, as.svrepdesign(svydesign(id=~1, strata=~pair, weights=~pw), type="BRR")))"""
    table = pd.read_csv(golden / "apistrat.csv")
    some = pd.concat([table[table["stype"] == s].head(40) for s in "EHM"])
    pairs = np.repeat(np.arange(60), 2)
    wave = make_wave({"enroll": some["enroll"]}, n=120, weights=some["pw"], strata=pairs)
    for method in ("BRR", "Fay"):
        made = replicate(wave, method)  # type: ignore[arg-type]
        assert_close(figures(wave, made, "se", ["enroll"], stat="total"), [96099.59569803794])
        assert made.df == 60
