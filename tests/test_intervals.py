"""Intervals for shares: each by its definition, at its edges, and against R.

Golden, R survey 4.5: ``svyciprop(~I(sch.wide == "Yes"), design, method = m)`` for every m but "likelihood", and
``svyciprop(~I(awards == "Yes"), subset(design, stype == "H"), method = m, df = degf(subset))``.
Tolerance 1e-8 relative: R's "logit" goes through an iterated regression and stops at about 5e-10.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from builders import api_wave, assert_close, r_results, refusal, row_of
from hypothesis import given, settings, strategies as st
from scipy import stats

from trustsurvey.estimation.intervals import share_interval, t_quantile, wilson
from trustsurvey.estimation.means import estimate

METHODS = ("wilson", "logit", "xlogit", "arcsine", "beta", "mean")
#: R's names where they differ.
OURS = {"asin": "arcsine"}
P, SIZE, DF = st.floats(1e-3, 1 - 1e-3), st.floats(2, 1e5), st.integers(1, 500)


def limits(
    method: str, p: float, variance: float, n: int = 50, kish: float = 40.0, df: int = 30, level: float = 0.95
) -> tuple[float, float]:
    low, high = share_interval(
        method, np.array([p]), np.array([variance]), np.array([n]), np.array([kish]), np.array([df]), level
    )
    return float(low[0]), float(high[0])


# --- Wilson ---------------------------------------------------------------------------------------


@settings(max_examples=100)
@given(st.floats(1e-3, 1 - 1e-3), st.floats(2, 1e5), st.integers(1, 500))
def test_wilson_limits_are_where_the_score_test_is_just_significant(p: float, n: float, df: int) -> None:
    """|p - limit| = t sqrt(limit (1 - limit) / n) at both limits: Wilson's definition, not his formula."""
    variance = p * (1 - p) / n
    low, high = (x[0] for x in wilson(np.array([p]), np.array([variance]), np.array([99.0]), np.array([df])))
    t = t_quantile(np.array([df]))[0]
    assert 0 <= low <= p + 1e-12
    assert p - 1e-12 <= high <= 1
    for limit in (low, high):
        assert abs(p - limit) == pytest.approx(t * np.sqrt(limit * (1 - limit) / n), rel=1e-6, abs=1e-9)


@pytest.mark.parametrize("p", [0.0, 1.0])
def test_wilson_of_a_share_of_none_or_all_uses_the_weights(p: float) -> None:
    """For p = 0 the upper limit is t2 / (n + t2) with Kish's n; t(.975, 9) from R's qt."""
    low, high = (x[0] for x in wilson(np.array([p]), np.array([0.0]), np.array([20.0]), np.array([9])))
    t2 = 2.262157162798205**2
    far = t2 / (20 + t2)
    assert (low, high) == pytest.approx((0.0, far) if p == 0 else (1 - far, 1.0), abs=1e-10)


def test_wilson_without_degrees_of_freedom_or_answers_is_unknown() -> None:
    p, v = np.array([0.5, np.nan]), np.array([np.nan, np.nan])
    for side in wilson(p, v, np.array([1.0, 0.0]), np.array([0, 0])):
        assert np.isnan(side).all()


def test_the_level_widens_the_interval() -> None:
    p, v, kish, df = np.array([0.3]), np.array([0.01]), np.array([20.0]), np.array([19])
    assert wilson(p, v, kish, df, 0.9)[0] > wilson(p, v, kish, df, 0.95)[0] > wilson(p, v, kish, df, 0.99)[0]


# --- the other methods, by what defines them ------------------------------------------------------


@settings(max_examples=60)
@given(P, SIZE, DF)
def test_logit_limits_lie_a_t_interval_away_in_log_odds(p: float, n: float, df: int) -> None:
    """The delta method: SE of log(p / (1 - p)) is SE / (p (1 - p))."""
    se = np.sqrt(p * (1 - p) / n)
    reach = t_quantile(np.array([df]))[0] * se / (p * (1 - p))
    for method in ("logit", "xlogit"):
        for limit, sign in zip(limits(method, p, se**2, df=df), (-1, 1), strict=True):
            if 1e-9 < limit < 1 - 1e-9:
                assert np.log(limit / (1 - limit)) - np.log(p / (1 - p)) == pytest.approx(sign * reach, rel=1e-6)


@settings(max_examples=60)
@given(P, SIZE, DF)
def test_arcsine_limits_never_pass_the_share(p: float, n: float, df: int) -> None:
    """sin^2 turns back below 0: at p = .001 and n = 2 a formula without bounds puts the lower limit above p."""
    low, high = limits("arcsine", p, p * (1 - p) / n, df=df)
    assert 0 <= low <= p <= high <= 1
    reach = t_quantile(np.array([df]))[0] / (2 * np.sqrt(n))
    if low > 0:
        assert np.arcsin(np.sqrt(p)) - np.arcsin(np.sqrt(low)) == pytest.approx(reach, rel=1e-5)


@settings(max_examples=60)
@given(st.integers(2, 400), st.data())
def test_beta_limits_of_a_simple_sample_are_the_exact_binomial_ones(n: int, data: st.DataObject) -> None:
    """Each tail of the binomial at a limit holds 2.5 %; with all df and V = p (1 - p) / n nothing is adjusted."""
    hits = data.draw(st.integers(0, n))
    p = hits / n
    low, high = limits("beta", p, p * (1 - p) / n, n=n, kish=float(n), df=n - 1)
    if hits:
        assert stats.binom.sf(hits - 1, n, low) == pytest.approx(0.025, rel=1e-6)
    else:
        assert low == 0
    if hits < n:
        assert stats.binom.cdf(hits, n, high) == pytest.approx(0.025, rel=1e-6)
    else:
        assert high == 1


def test_beta_shrinks_the_effective_n_for_the_degrees_of_freedom() -> None:
    p, n, df = 0.2, 100, 7
    ratio = stats.t.ppf(0.975, n - 1) / stats.t.ppf(0.975, df)
    assert ratio < 1
    effective = 60 * ratio**2
    expected = (
        stats.beta.ppf(0.025, effective * p, effective * (1 - p) + 1),
        stats.beta.ppf(0.975, effective * p + 1, effective * (1 - p)),
    )
    assert limits("beta", p, p * (1 - p) / 60, n=n, df=df) == pytest.approx(expected, rel=1e-12)


def test_mean_is_symmetric_and_not_cut_off() -> None:
    low, high = limits("mean", 0.05, 0.01)
    assert low < 0
    assert high - 0.05 == pytest.approx(0.05 - low)


# --- edges ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("p", [0.0, 1.0])
@pytest.mark.parametrize("method", METHODS)
def test_none_or_all(method: str, p: float) -> None:
    low, high = limits(method, p, 0.0)
    if method in ("logit", "xlogit"):
        assert np.isnan([low, high]).all()
    elif method == "mean":
        assert (low, high) == (p, p)
    else:
        far = high if p == 0 else 1 - low
        assert (low if p == 0 else high) == p
        assert 0.02 < far < 0.2, "forty answers without one leave room for some percent"
        more = limits(method, p, 0.0, kish=400.0)
        assert more[1] - more[0] < high - low


@pytest.mark.parametrize("method", METHODS)
def test_a_known_share_has_no_width_and_no_df_no_interval(method: str) -> None:
    assert limits(method, 0.3, 0.0) == (0.3, 0.3)
    assert np.isnan(limits(method, 0.3, 0.01, df=0)).all()
    assert np.isnan(limits(method, np.nan, np.nan)).all()


@pytest.mark.parametrize("method", METHODS)
def test_all_methods_agree_in_large_samples_and_mirror(method: str) -> None:
    low, high = limits(method, 0.3, 0.21 / 1e6, n=10**6, df=10**6)
    assert (low, high) == pytest.approx(limits("mean", 0.3, 0.21 / 1e6, df=10**6), abs=5e-6)
    narrow, wide = limits(method, 0.2, 0.002), limits(method, 0.2, 0.002, level=0.99)
    assert wide[0] < narrow[0] < 0.2 < narrow[1] < wide[1]
    mirrored = limits(method, 0.8, 0.002)
    assert (1 - mirrored[1], 1 - mirrored[0]) == pytest.approx(narrow, rel=1e-9)


def test_an_unknown_method_is_named() -> None:
    with refusal("interval.method", "'score'", "wilson"):
        limits("score", 0.5, 0.01)


# --- R --------------------------------------------------------------------------------------------


@pytest.mark.golden
@pytest.mark.parametrize("name", ["apisrs", "apistrat", "apiclus1"])
@pytest.mark.parametrize("method", ["wilson", "logit", "xlogit", "asin", "beta", "mean"])
def test_intervals_agree_with_r(golden: Path, name: str, method: str) -> None:
    expected = r_results(golden)["design_" + name.removeprefix("api")]
    wave, interval = api_wave(golden, name), OURS.get(method, method)
    row = row_of(estimate(wave, ["sch.wide=Yes"], stat="share", interval=interval), by="")
    found = expected["ciprop_schwideYes"][method]
    assert_close([row["est"], row["lci"], row["uci"]], [found[k] for k in ("est", "lo", "hi")])
    if method in expected["ciprop_awards_in_H"]:
        found = expected["ciprop_awards_in_H"][method]
        row = row_of(estimate(wave, ["awards=Yes"], ["stype"], stat="share", interval=interval), level="H")
        assert_close([row["est"], row["lci"], row["uci"], row["df"]], [found[k] for k in ("est", "lo", "hi", "df")])
