"""Quantiles and their Woodruff intervals.

Golden, R survey 4.5: ``svyquantile(~api00, design, c(.1, .25, .5, .75, .9))`` (qrule "math", interval "mean") on
apisrs, apistrat and apiclus1; below also other rules, intervals and domains of raked designs. Tolerance 1e-8 relative.
In apisrs the .1 and .9 quantiles hang on how sums of equal weights round (482 and 827, not 479 and 818): ``same=0``.
"""

from __future__ import annotations

from fractions import Fraction
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
    reordered,
    reweighted,
    row_of,
)
from hypothesis import given, settings, strategies as st

from trustsurvey.estimation.intervals import share_interval, t_quantile
from trustsurvey.estimation.means import estimate
from trustsurvey.estimation.quantiles import quantile
from trustsurvey.model import ESTIMATE_COLUMNS, Wave
from trustsurvey.weighting.weigh import rake

SEEDS = st.integers(0, 2**32 - 1)
P = st.floats(0.02, 0.98)
TABLE = ["est", "lci", "uci", "se"]
EXACT = 1e-10


def random_wave(seed: int, n: int = 80) -> Wave:
    rng = np.random.default_rng(seed)
    people = {
        "sex": np.where(rng.random(n) < 0.1, None, rng.choice(["f", "m"], n)),
        "area": pd.Categorical(rng.choice(["n", "s", "e"], n), categories=["n", "e", "s", "nowhere"]),
    }
    y = np.where(rng.random(n) < 0.15, np.nan, rng.integers(0, 21, n) * 5.0)
    return make_wave({"y": y}, people, **random_design(rng, n))


def smallest_with(y: np.ndarray, w: np.ndarray, p: Fraction, school: bool = False) -> float:
    """The smallest value with a share of at least p at or below it, in exact fractions."""
    total, sofar = sum(map(Fraction, w)), Fraction(0)
    order = np.argsort(y, kind="stable")
    for k, i in enumerate(order):
        sofar += Fraction(w[i])
        if sofar >= p * total:
            if school and sofar == p * total and k + 1 < len(y):
                return (y[i] + y[order[k + 1]]) / 2
            return y[i]
    raise AssertionError


@settings(max_examples=25)
@given(SEEDS, st.sampled_from([Fraction(k, d) for d in (4, 10) for k in range(1, d)]), st.booleans())
def test_quantiles_by_exact_arithmetic(seed: int, p: Fraction, school: bool) -> None:
    """Whole weights, so that shares of exactly p happen."""
    rng = np.random.default_rng(seed)
    n = 40
    y, w, g = rng.integers(0, 30, n).astype(float), rng.integers(1, 4, n).astype(float), rng.choice(list("ab"), n)
    wave = make_wave({"y": y}, {"g": g}, weights=w)
    table = quantile(wave, ["y"], ["g"], p=[float(p)], rule="school" if school else "math", same=EXACT).table
    for row in table.itertuples():
        inside = (g == row.level) | (row.level == "")
        assert row.est == smallest_with(y[inside], w[inside], p, school)


@settings(max_examples=20)
@given(SEEDS, P)
def test_limits_are_woodruffs(seed: int, p: float) -> None:
    """The share at or below the quantile gets a t interval; its limits are read off the distribution again."""
    wave = random_wave(seed)
    table = quantile(wave, ["y"], ["area", ("sex", "area")], p=[p], same=EXACT).table
    assert tuple(table.columns) == ESTIMATE_COLUMNS
    assert set(table["stat"]) == {f"q{p:g}"}
    y, w = wave.scores["y"].to_numpy(), wave.weights
    for row in table.itertuples():
        inside = np.isfinite(y)
        for variable, value in zip(row.by.split(" x "), row.level.split(" x "), strict=True):
            if variable:
                inside &= (wave.people[variable] == value).to_numpy()
        assert row.n == inside.sum()
        if row.n < 2 or row.df < 1:
            assert np.isnan([row.se, row.lci, row.uci]).all()
            continue
        assert row.est == smallest_with(y[inside], w[inside], Fraction(p))
        under = inside & (y <= row.est)
        share = w[under].sum() / w[inside].sum()
        z = np.where(inside, under - share, 0.0) / w[inside].sum()
        variance = dense_covariance(z, wave.design, w)[0, 0]
        reach = t_quantile(np.array([row.df]))[0] * np.sqrt(variance)
        for limit, at in ((row.lci, share - reach), (row.uci, share + reach)):
            if 0 <= at <= 1:
                assert limit == smallest_with(y[inside], w[inside], Fraction(at) - Fraction(1, 10**9))
            elif not -1e-9 < at < 1 + 1e-9:
                assert np.isnan(limit)
        if 0 < share < 1:
            assert row.deff == pytest.approx(variance / (share * (1 - share) / row.n), rel=1e-8)
            assert row.n_eff == pytest.approx(row.n / row.deff, rel=1e-9)


@settings(max_examples=10)
@given(SEEDS, P, st.sampled_from(["math", "school", "hf7"]), st.floats(0.01, 1000))
def test_neither_order_of_rows_nor_scale_of_weights_matter(seed: int, p: float, rule: str, factor: float) -> None:
    wave = random_wave(seed)
    order = np.random.default_rng(seed).permutation(len(wave))
    tables = [
        quantile(w, ["y"], ["area"], p=[p], rule=rule, same=EXACT).table
        for w in (wave, reordered(wave, order), reweighted(wave, factor))
    ]
    for other in tables[1:]:
        np.testing.assert_allclose(tables[0][["est", "lci", "uci"]], other[["est", "lci", "uci"]], rtol=1e-9)


@settings(max_examples=15)
@given(SEEDS, P)
def test_interpolated_quantiles_of_equal_weights_are_numpys(seed: int, p: float) -> None:
    y = np.random.default_rng(seed).normal(50, 10, 23)
    row = row_of(quantile(make_wave({"y": y}), p=[p], rule="hf7"), by="")
    assert row["est"] == pytest.approx(np.quantile(y, p), rel=1e-12)


def test_domains_do_not_feel_each_other() -> None:
    """The same residents alone and beside a domain of weights a billion times as large."""
    rng = np.random.default_rng(1)
    y, w = rng.integers(0, 100, 60).astype(float), np.repeat([0.1, 1e8], 30)
    wave = make_wave({"y": y}, {"g": np.repeat(["a", "b"], 30)}, weights=w)
    alone = make_wave({"y": y[:30]}, weights=w[:30])
    p = [0.1, 0.3, 0.5, 0.7, 0.9]
    together = quantile(wave, ["y"], ["g"], p=p).table
    ours = together[together["level"] == "a"]["est"].tolist()
    assert ours == quantile(alone, ["y"], p=p).table["est"].tolist()


# --- edges ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("rule", ["math", "school", "hf7"])
def test_a_quantile_below_the_first_answer_is_the_first_answer(rule: str) -> None:
    """R's "school" gives the middle of the first two here, though nothing like a share of p lies below either."""
    row = row_of(quantile(make_wave({"y": [10.0, 20.0, 30.0, 40.0]}), p=[0.05], rule=rule), by="")
    assert row["est"] == (10 if rule != "hf7" else pytest.approx(11.5))


@pytest.mark.parametrize("rule", ["math", "school", "hf7"])
def test_few_or_no_residents(rule: str) -> None:
    people = {"g": pd.Categorical(list("abbcccc"), categories=["nobody", "a", "b", "c", "last"])}
    wave = make_wave({"y": [7.0, 1.0, 2.0, 5.0, 5.0, 5.0, np.nan]}, people)
    table = quantile(wave, ["y"], ["g"], rule=rule).table
    assert row_of(table, level="a")["est"] == 7
    assert np.isnan(row_of(table, level="a")[["se", "lci", "uci"]].astype(float)).all()
    for level in ("nobody", "last"):
        row = row_of(table, level=level)
        assert (row["n"], row["n_eff"]) == (0, 0)
        assert np.isnan(row[TABLE].astype(float)).all()
    assert row_of(table, level="c")[["est", "n"]].tolist() == [5, 3]
    assert row_of(table, level="b")["est"] == {"math": 1, "school": 1.5, "hf7": 1.5}[rule]


def test_nobody_has_answered() -> None:
    table = quantile(make_wave({"y": [np.nan] * 3}), ["y"]).table
    assert table["n"].tolist() == [0]
    assert table[TABLE].isna().all(axis=None)


def test_a_limit_beyond_all_answers_is_unknown_and_other_intervals_have_one() -> None:
    y = np.arange(10.0)
    high = row_of(quantile(make_wave({"y": y}), p=[0.9]), by="")
    assert np.isnan([high["uci"], high["se"]]).all()
    assert high["lci"] < high["est"]
    logit = row_of(quantile(make_wave({"y": y}), p=[0.9], interval="logit"), by="")
    assert (logit["est"], logit["uci"]) == (high["est"], 9)


def test_the_interval_is_that_of_the_share() -> None:
    wave = random_wave(5)
    at = row_of(quantile(wave, ["y"], p=[0.4], interval="beta"), by="")
    under = pd.DataFrame({"u": (wave.scores["y"] <= at["est"]).where(wave.scores["y"].notna()).astype(float)})
    share = row_of(estimate(wave, under), by="")
    low, high = share_interval(
        "beta", *(np.array([share[k]]) for k in ("est",)), np.array([share["se"] ** 2]), np.array([share["n"]]),
        np.array([np.nan]), np.array([share["df"]]),
    )  # fmt: skip
    y, w = wave.scores["y"].dropna().to_numpy(), wave.weights[wave.scores["y"].notna()]
    assert at["lci"] == smallest_with(y, w, Fraction(float(low[0])))
    assert at["uci"] == smallest_with(y, w, Fraction(float(high[0])))


def test_what_is_no_quantile_is_refused() -> None:
    wave = make_wave({"y": [1.0, 2.0, 3.0]})
    for p in ([], [0.0], [0.5, 1.2], [50]):
        with refusal("quantile.p"):
            quantile(wave, p=p)
    with refusal("quantile.rule", "'hf5'"):
        quantile(wave, rule="hf5")
    with refusal("interval.method", "'score'"):
        quantile(wave, interval="score")


# --- R --------------------------------------------------------------------------------------------


@pytest.mark.golden
@pytest.mark.parametrize("name", ["apisrs", "apistrat", "apiclus1"])
def test_quantiles_agree_with_r(golden: Path, name: str) -> None:
    expected = r_results(golden)["design_" + name.removeprefix("api")]["quantile_api00"]
    table = quantile(api_wave(golden, name), ["api00"], p=expected["p"]).table
    assert_close(table[TABLE], expected["table"])


@pytest.mark.golden
def test_raked_designs_agree_with_r(golden: Path) -> None:
    """R survey 4.5: d <- calibrate(strat, ~stype + sch.wide + comp.imp, c(6194, 755, 1018, 5122, 4482), calfun =
    "raking", epsilon = 1e-13); svyquantile(~api00, d, c(.1, .25, .5, .75, .9)); ... qrule = "hf7", interval.type =
    "xlogit"; svyquantile(~api00, subset(d, comp.imp == "Yes"), c(.25, .5, .75))."""
    margins = margins_of(stype=R_STYPE, **{"sch.wide": R_SCHWIDE, "comp.imp": {"No": 1712.0, "Yes": 4482.0}})
    wave, p = rake(api_wave(golden, "apistrat"), margins), [0.1, 0.25, 0.5, 0.75, 0.9]
    assert_close(
        quantile(wave, ["api00"], p=p).table[TABLE],
        [
            [503, 477, 522, 11.4092790474477],
            [565, 535, 597, 15.7194511320391],
            [667, 638, 685, 11.9163581162232],
            [756, 726, 778, 13.1840557881618],
            [840, 806, 867, 15.4659115976514],
        ],
    )
    assert_close(
        quantile(wave, ["api00"], p=p, rule="hf7", interval="xlogit").table[TABLE],
        [
            [503.093073263809, 490.357155821091, 527.15091281692, 9.32867201709761],
            [564.941335504675, 534.813483549823, 597.334254536648, 15.8514871655615],
            [667.274251922876, 635.739301793537, 680.976562519691, 11.4694340214852],
            [754.725747735884, 723.201785352512, 775.081016876041, 13.1534362048688],
            [836.758062782161, 783.50292281758, 861.973944103732, 19.8955061998204],
        ],
    )
    table = quantile(wave, ["api00"], ["comp.imp"], p=[0.25, 0.5, 0.75]).table
    assert_close(
        table[table["level"] == "Yes"][TABLE],
        [[588, 542, 617, 18.9281101146588], [669, 638, 713, 18.9281101146588], [765, 740, 819, 19.9376093207739]],
    )
    assert set(table["method"]) == {"Woodruff, calibration residuals"}
