"""Trimming after weighting: R's ``trimWeights``, and what it keeps.

Golden: block ``trim`` (apiclus1 raked on stype and sch.wide, lower 20, upper 45) and, frozen below, results of
R 4.2.2, survey 4.1.1, to 1e-8 relative.
"""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from builders import R_SCHWIDE, R_STYPE, api_wave, assert_close, make_wave, margins_of, outcome, r_results, refusal
from hypothesis import given, settings, strategies as st

from trustsurvey.errors import SurveyError
from trustsurvey.estimation.means import estimate
from trustsurvey.model import Wave
from trustsurvey.weighting.trimming import trim, trimmed
from trustsurvey.weighting.weigh import calibrate, rake, restore

WEIGHTS = st.lists(st.floats(0.1, 50), min_size=2, max_size=60)


def told(wave: Wave) -> dict[str, Any]:
    assert wave.weighting is not None
    return dict(wave.weighting.settings["trimmed"])


@settings(max_examples=60)
@given(WEIGHTS, st.floats(0.05, 0.9), st.floats(1.1, 4.0), st.booleans())
def test_the_sum_is_kept_and_strict_bounds_hold(weights: list[float], low: float, high: float, strict: bool) -> None:
    wave = make_wave(n=len(weights), weights=weights)
    after = outcome(lambda: trim(wave, low, high, strict=strict).weights)
    if isinstance(after, SurveyError):
        assert after.code in ("trim.everybody", "trim.nothing")
        return
    mean = float(np.mean(weights))
    assert after.sum() == pytest.approx(sum(weights), rel=1e-9)
    if strict:
        assert after.min() >= low * mean * (1 - 1e-9)
        assert after.max() <= high * mean * (1 + 1e-9)


def test_the_excess_is_spread_in_equal_parts_by_hand() -> None:
    np.testing.assert_allclose(trimmed(np.array([1.0, 2.0, 3.0, 10.0]), 0, 6, False), [7 / 3, 10 / 3, 13 / 3, 6])
    # A second step: 5 + 4/3 goes above 6 itself.
    once = trimmed(np.array([1.0, 2.0, 5.0, 10.0]), 0, 6, False)
    np.testing.assert_allclose(once, [7 / 3, 10 / 3, 19 / 3, 6])
    twice = trimmed(np.array([1.0, 2.0, 5.0, 10.0]), 0, 6, True)
    np.testing.assert_allclose(twice, [2.5, 3.5, 6, 6])
    # The one that was raised to 2 stays there when the second step takes from the others.
    np.testing.assert_allclose(trimmed(np.array([1.0, 2.5, 5.8, 10.0]), 2, 6, True), [2, 5.3, 6, 6])


def test_settings_say_what_was_done() -> None:
    wave = make_wave({"y": np.arange(6.0)}, {"sex": list("ffmmmm")}, weights=[1, 9, 1, 1, 1, 1])
    raked = rake(wave, margins_of(sex={"f": 400, "m": 600}))
    cut = trim(raked, upper=1.5)
    found = told(cut)
    assert found["upper"] == pytest.approx(1.5 * 1000 / 6)
    assert found["lower"] is None
    assert found["share"] == pytest.approx(1 / 6)
    assert found["moved"] == pytest.approx((36 - 25) / 100)
    # 11 of f's 36 are spread over five others, one of whom is f.
    assert found["misfit"] == pytest.approx(11 * 4 / 5 / 40)
    assert cut.weighting is not None
    assert cut.weighting.report["after"].sum() == pytest.approx(1)
    assert cut.weighting.report["after"].iloc[0] == pytest.approx(0.4 - 0.088)


def test_bounds_that_bind_nowhere_change_nothing() -> None:
    wave = make_wave({"y": np.arange(6.0)}, {"sex": list("ffmmmm")}, weights=[1, 2, 1, 1, 3, 1])
    raked = rake(wave, margins_of(sex={"f": 40, "m": 60}))
    np.testing.assert_array_equal(trim(raked, 0.01, 50).weights, raked.weights)
    assert_close(estimate(trim(raked, 0.01, 50), ["y"]).table["se"], estimate(raked, ["y"]).table["se"])


def test_what_is_refused() -> None:
    wave = make_wave({"y": np.arange(4.0)}, weights=[1, 1, 1, 5], name="spring")
    for bounds in ((1.2, 3), (0.2, 0.9), (2.0, 0.5)):
        with refusal("trim.bounds", "spring", f"{bounds[0]:g} and {bounds[1]:g}"):
            trim(wave, *bounds)
    with refusal("trim.twice", "spring"):
        trim(trim(wave, upper=2), upper=1.5)
    with refusal("trim.everybody"):
        trim(make_wave(n=2, weights=[1, 9]), 0.9, 1.1)
    # 1 and 1 go up to 3; what they gain is taken from the others, of whom one has little.
    with refusal("trim.nothing", "spring", "lower bound"):
        trim(make_wave(n=5, weights=[0.5, 0.5, 0.5, 3.1, 10], name="spring"), lower=2.9, unit="weight")


def test_trimmed_weights_come_back_with_their_variance() -> None:
    rng = np.random.default_rng(4)
    people = {"sex": rng.choice(["f", "m"], 60), "age": rng.choice(["a", "b", "c"], 60)}
    wave = make_wave({"y": rng.normal(size=60)}, people, weights=rng.lognormal(0, 0.6, 60))
    weighted = calibrate(wave, margins_of(sex={"f": 500, "m": 500}, age={"a": 300, "b": 300, "c": 400}),
                         means={"y": 0.1})  # fmt: skip
    cut = trim(weighted, 0.3, 2)
    assert cut.weighting is not None
    saved = json.loads(json.dumps(dict(cut.weighting.settings)))
    again = restore(replace(cut, weighting=None), cut.weights, cut.weighting.margins, saved)
    assert_close(estimate(again, ["y"]).table["se"], estimate(cut, ["y"]).table["se"])
    assert saved["totals"]["y"]["after"] == pytest.approx(cut.weights @ cut.scores["y"])  # type: ignore[index]


# --- R --------------------------------------------------------------------------------------------


@pytest.mark.golden
@pytest.mark.parametrize("strict", [False, True])
def test_the_golden_block(golden: Path, strict: bool) -> None:
    expected = r_results(golden)["trim"]
    expected = expected | expected["strict"] if strict else expected
    raked = rake(api_wave(golden, "apiclus1"), margins_of(**{"stype": R_STYPE, "sch.wide": R_SCHWIDE}))
    cut = trim(raked, 20, 45, unit="weight", strict=strict)
    assert_close([cut.weights.min(), cut.weights.max(), cut.weights.sum()], [expected[k] for k in ("minw", "maxw",
                                                                                                  "sumw")])  # fmt: skip
    row = estimate(cut, ["api00"]).table.iloc[0]
    assert_close([row["est"], row["se"]], [expected["mean_api00"]["est"], expected["mean_api00"]["se"]])


@pytest.mark.golden
@pytest.mark.parametrize(
    ("strict", "expected"),
    [
        (False, [25.0, 41.84747813368907, 3502621.144214039, 325545.5886335089, 4.019732594535261]),
        (True, [25.0, 40.0, 3500227.190902249, 325868.9697666200, 4.028276010973756]),
    ],
)
def test_trimmed_regression_weights_agree_with_r(golden: Path, strict: bool, expected: list[float]) -> None:
    """g <- calibrate(dclus1, ~stype+api99, c(6194, 755, 1018, 3914069)); trimWeights(g, lower=25, upper=40, strict=)

    Strict: survey 4.5, which leaves weights that were cut once where they are.
    """
    weighted = calibrate(api_wave(golden, "apiclus1"), margins_of(stype=R_STYPE), totals={"api99": 3914069})
    cut = trim(weighted, 25, 40, unit="weight", strict=strict)
    total, mean = (estimate(cut, [m], stat=s).table.iloc[0] for m, s in (("enroll", "total"), ("api00", "mean")))
    assert_close([cut.weights.min(), cut.weights.max(), total["est"], total["se"], mean["se"]], expected)


@pytest.mark.golden
def test_trimmed_design_weights_agree_with_r(golden: Path) -> None:
    """trimWeights(dstrat, upper=40)"""
    cut = trim(api_wave(golden, "apistrat"), upper=40, unit="weight")
    total = estimate(cut, ["enroll"], stat="total").table.iloc[0]
    assert_close(
        [cut.weights.min(), total["est"], total["se"]], [19.30999946594238, 3964957.482030869, 128991.4899469175]
    )
