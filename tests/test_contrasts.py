"""Linear combinations of estimates and their covariances.

Golden, R survey 4.5: ``vcov(svymean(~api00 + api99 + meals + ell, d))``, ``svyby(~api00, ~stype, d, svymean, covmat =
TRUE)`` and ``svycontrast(., c(E = 1, H = -1))`` with ``df = degf(d)``; ``panel_change_clus1``. Tolerance 1e-8 relative.
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
    row_of,
)
from derivatives import numeric_se
from hypothesis import given, settings, strategies as st

from trustsurvey.estimation.contrasts import jointly
from trustsurvey.estimation.intervals import t_quantile
from trustsurvey.estimation.means import estimate
from trustsurvey.model import ESTIMATE_COLUMNS, Wave
from trustsurvey.weighting.weigh import rake

SEEDS = st.integers(0, 2**32 - 1)


def random_wave(seed: int, n: int = 45) -> Wave:
    rng = np.random.default_rng(seed)
    people = {"g": np.where(rng.random(n) < 0.1, None, rng.choice(list("abc"), n))}
    y = np.where(rng.random(n) < 0.15, np.nan, rng.uniform(0, 100, n))
    return make_wave({"y": y, "z": rng.uniform(0, 100, n)}, people, **random_design(rng, n))


@settings(max_examples=4)
@given(SEEDS)
def test_a_combination_has_the_variance_of_its_derivatives(seed: int) -> None:
    wave = random_wave(seed)
    parts = {"mixed": {"a": 2.0, "b": -0.5, "c": -1.5}, "gap": {"b": 1, "a": -1}}

    def combined(w: Wave) -> pd.Series:
        return jointly(w, ["y"], ["g"]).contrast(parts).table["est"]

    joint = jointly(wave, ["y"], ["g"])
    table = joint.contrast(parts).table
    np.testing.assert_allclose(table["se"], numeric_se(combined, wave), rtol=1e-6)
    coefficients = np.array([[0, 2.0, -0.5, -1.5], [0, -1, 1, 0]])
    np.testing.assert_allclose(table["est"], coefficients @ joint.estimates.table["est"].to_numpy(), rtol=1e-12)
    through = np.sqrt(np.diag(coefficients @ joint.covariance() @ coefficients.T))
    np.testing.assert_allclose(table["se"], through, rtol=1e-9)


def test_the_estimates_are_those_of_estimate() -> None:
    wave = random_wave(4)
    for stat in ("mean", "total"):
        joint, table = jointly(wave, ["y", "z"], ["g"], stat=stat), estimate(wave, ["y", "z"], ["g"], stat=stat).table
        pd.testing.assert_frame_equal(joint.estimates.table, table)
        np.testing.assert_allclose(np.sqrt(np.diag(joint.covariance())), table["se"], rtol=1e-9)


def test_a_combination_of_one_is_the_estimate_and_of_nothing_is_refused() -> None:
    wave = random_wave(5)
    joint = jointly(wave, ["y"], ["g"])
    row = joint.contrast({"only b": {"b": 1}}, df="domains").table.iloc[0]
    b = row_of(joint.estimates, level="b")
    assert (row["measure"], row["stat"], row["by"]) == ("only b", "contrast", "")
    for column in ("est", "se", "lci", "uci", "n", "df"):
        assert row[column] == pytest.approx(b[column], rel=1e-12)
    assert tuple(joint.contrast({"x": {"a": 1}}).table.columns) == ESTIMATE_COLUMNS
    with refusal("contrast.empty", "'none'"):
        joint.contrast({"none": {"a": 0, "b": 0}})


def test_rows_are_named_by_level_measure_or_all_three() -> None:
    joint = jointly(random_wave(6), ["y", "z"], ["g"])
    assert joint.at("y") == 0
    assert joint.at(("z", "g", "b")) == 6
    with refusal("contrast.row", "'b' names 2"):
        joint.at("b")
    with refusal("contrast.row", "'nobody' names 0"):
        joint.at("nobody")


def test_degrees_of_freedom_of_the_design_or_of_those_who_take_part() -> None:
    wave = make_wave({"y": np.arange(12.0)}, {"g": list("aabbbcccccdd")}, psus=[0, 1, 1, 2, 2, 3, 3, 4, 5, 6, 7, 8])
    joint = jointly(wave, ["y"], ["g"])
    gap = {"gap": {"a": 1, "b": -1}}
    design, domains = joint.contrast(gap).table.iloc[0], joint.contrast(gap, df="domains").table.iloc[0]
    assert (design["df"], domains["df"]) == (8, 2), "a and b live in PSUs 0 to 2"
    assert design["n"] == domains["n"] == 5
    assert domains["uci"] - domains["est"] == pytest.approx(t_quantile(np.array([2]))[0] * domains["se"])
    assert domains["se"] == design["se"]


def test_an_unknown_estimate_makes_only_its_own_combinations_unknown() -> None:
    people = {"g": pd.Categorical(list("aabbc"), categories=["a", "b", "c", "nobody"])}
    joint = jointly(make_wave({"y": [1.0, 2.0, 5.0, 9.0, 3.0]}, people), ["y"], ["g"])
    table = joint.contrast({"known": {"a": 1, "b": -1}, "one": {"a": 1, "c": -1}, "none": {"a": 1, "nobody": -1}}).table
    assert table["est"].tolist()[:2] == [-5.5, -1.5]
    assert np.isnan(table["est"][2])
    assert np.isfinite(table["se"][0])
    assert np.isnan(table["se"][1:]).all(), "one resident has no standard error, and nor has a difference from them"


# --- R --------------------------------------------------------------------------------------------


@pytest.mark.golden
@pytest.mark.parametrize("name", ["apisrs", "apistrat", "apiclus1"])
def test_covariances_and_contrasts_agree_with_r(golden: Path, name: str) -> None:
    expected = r_results(golden)["design_" + name.removeprefix("api")]
    wave = api_wave(golden, name)
    several = jointly(wave, expected["mean_multi"]["name"])
    assert_close(several.covariance(), expected["vcov_multi"])
    groups = jointly(wave, ["api00"], ["stype"], everyone=False)
    # Between simple samples of different groups the covariance is 0 but for rounding.
    np.testing.assert_allclose(groups.covariance(), expected["by_stype_cov"], rtol=1e-8, atol=1e-9)
    row, found = groups.contrast({"gap": {"E": 1, "H": -1}}).table.iloc[0], expected["contrast_E_minus_H"]
    assert_close(
        row[["est", "se", "lci", "uci", "df"]].astype(float), [found[k] for k in ("est", "se", "lo", "hi", "df")]
    )


@pytest.mark.golden
def test_change_within_a_panel_agrees_with_r(golden: Path) -> None:
    found = r_results(golden)["panel_change_clus1"]["with_cov"]
    row = jointly(api_wave(golden, "apiclus1"), ["api00", "api99"]).contrast({"gain": {"api00": 1, "api99": -1}}).table
    assert_close(row.loc[0, ["est", "se"]].astype(float), [found["est"], found["se"]])


@pytest.mark.golden
def test_raked_designs_agree_with_r(golden: Path) -> None:
    """R survey 4.5: f <- svyby(~api00, ~comp.imp, d, svymean, covmat = TRUE); vcov(f); svycontrast(f, c(-1, 1)) with
    d <- calibrate(clus1, ~stype + sch.wide, c(6194, 755, 1018, 5122), calfun = "raking", epsilon = 1e-13)."""
    wave = rake(api_wave(golden, "apiclus1"), margins_of(stype=R_STYPE, **{"sch.wide": R_SCHWIDE}))
    joint = jointly(wave, ["api00"], ["comp.imp"], everyone=False)
    expected = [[782.044659047217, 520.59272999853], [520.59272999853, 544.999069980468]]
    assert_close(joint.covariance(), expected)
    row = joint.contrast({"gap": {"Yes": 1, "No": -1}}).table.iloc[0]
    assert_close(row[["est", "se"]].astype(float), [16.0085118532401, 16.9073436420576])
    assert row["method"] == "Taylor, calibration residuals"
