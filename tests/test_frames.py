"""Any table as a wave, and the example of docs/methods.md.

Frozen: R 4.2.2, survey 4.5, the R code of that example (intervals: ``confint(df = degf(s))``), 1e-8 relative.
"""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pandas as pd
import pytest
from builders import assert_close, refusal
from conftest import ROOT

import trustsurvey as ts
from trustsurvey.frames import design_from_frame, wave_from_frame

MEAN = [27.919354838709676, 1.634517439927623, 23.381206893262199, 32.457502784157157]
TABLE = pd.DataFrame(
    {"y": [1.0, 2, None, 4, 5, 7], "yes": [True, False, True, True, False, True], "st": list("aaabbb"),
     "unit": [1, 2, 2, 1, 2, 3], "N": [20, 20, 20, 30, 30, 30], "sex": list("fmfmfm")}
)  # fmt: skip


@pytest.fixture(scope="module")
def example() -> dict[str, Any]:
    """What the example of the method document leaves behind."""
    text = (ROOT / "docs" / "methods.md").read_text(encoding="utf-8")
    (code,) = re.findall(r"## Against your own R.*?```python\n(.*?)```", text, re.DOTALL)
    space: dict[str, Any] = {}
    exec(compile(code, "methods.md", "exec"), space)
    return space


def test_means_by_domain_agree_with_r(example: dict[str, Any]) -> None:
    table = example["means"].table
    assert_close(table.loc[0, ["est", "se", "lci", "uci"]], MEAN)
    assert table["level"].tolist() == ["", "let", "own"]
    assert_close(table["est"][1:], [23.375, 32.766666666666666])
    assert_close(table["se"][1:], [2.738675406774178, 2.626908679002551])


def test_ratio_median_regression_and_raked_total_agree_with_r(example: dict[str, Any]) -> None:
    ratio, median, total = (example[name].table.iloc[0] for name in ("ratio", "median", "total"))
    assert_close(ratio[["est", "se"]], [0.328556806550665326, 0.009152763612805342])
    assert_close(median[["est", "lci", "uci"]], [28, 27, 35])
    assert_close(total[["est", "se"]], [5520.25, 200.4139106293714])
    fit = example["fit"].table()
    assert_close(fit["est"], [-2.1421738085635620, 3.3412314118705893, -1.2135835664373595])
    assert_close(fit["se"], [2.6312861162043064, 0.2859366929254325, 1.2579802509269422])


def test_sampled_shares_give_population_and_weights(example: dict[str, Any]) -> None:
    """svydesign(~block, strata = ~region, fpc = ~I(3 / blocks), nest = TRUE)"""
    table = example["table"].assign(share=lambda t: 3 / t["blocks"])
    wave = wave_from_frame(table, strata="region", psu="block", fpc="share", nest=True)
    row = ts.estimate(wave, ["income"], stat="total").table.iloc[0]
    assert_close([row["est"], row["se"], wave.weights.sum()], [3866.666666666667, 250.2088016925952, 140])


def test_columns_are_used_as_they_are() -> None:
    wave = wave_from_frame(TABLE, indices={"both": ["y", "yes"]}, groups=["sex"], name="spring")
    assert wave.scores is not None
    assert wave.scores["yes"].tolist() == [1, 0, 1, 1, 0, 1]
    assert wave.scores["both"].tolist()[:2] == [1, 1]
    assert wave.scores["both"].isna().tolist() == TABLE["y"].isna().tolist()
    assert wave.groups == ("sex",)
    assert wave.instrument.headline == "both"
    again = ts.score(wave).scores
    assert again is not None
    pd.testing.assert_frame_equal(again[wave.scores.columns], wave.scores)
    np.testing.assert_array_equal(wave.design.weights, 1)
    assert (wave.design.n_psu, wave.design.fpc) == (6, None)


def test_units_of_two_strata_may_go_by_one_name() -> None:
    with refusal("frame.nest", "'unit' lies in two strata of 'st'", "nest=True"):
        wave_from_frame(TABLE, strata="st", psu="unit")
    design = wave_from_frame(TABLE, strata="st", psu="unit", nest=True).design
    assert design.psus.tolist() == [0, 1, 1, 2, 3, 4]
    assert design.psu_ids is not None
    assert design.psu_ids.tolist() == [("a", 1), ("a", 2), ("a", 2), ("b", 1), ("b", 2), ("b", 3)]
    apart = TABLE.assign(unit=list("pqqrst"))
    assert design_from_frame(apart, strata="st", psu="unit").psus.tolist() == [0, 1, 1, 2, 3, 4]


def test_weights_are_told_by_the_population() -> None:
    assert_close(wave_from_frame(TABLE, strata="st", fpc="N").weights, [20 / 3] * 3 + [10] * 3)
    assert_close(wave_from_frame(TABLE, strata="st", psu="unit", nest=True, fpc="N").weights, [10] * 6)


def test_the_same_people_in_two_tables() -> None:
    """svycontrast(svymean(~y1 + y2, svydesign(~1, data = both)), c(-1, 1)): the SE of the mean difference."""
    first = pd.DataFrame({"y": [3.0, 5, 8, 2, 7, 6], "who": list("abcdef")})
    second = first.assign(y=[4.0, 5, 9, 4, 6, 8]).sample(frac=1, random_state=1)
    waves = [wave_from_frame(t, ids="who", name=n) for t, n in ((first, "one"), (second, "two"))]
    made = [ts.estimate(wave, ["y"]) for wave in waves]
    row = ts.change(*waves, *made).table.iloc[0]
    d = np.array([1.0, 0, 1, 2, -1, 2])
    assert (row["diff"], row["verdict"]) == (pytest.approx(d.mean()), "none")
    assert row["se"] == pytest.approx(d.std(ddof=1) / 6**0.5)


def test_the_gate_takes_it() -> None:
    table = pd.concat([TABLE] * 20, ignore_index=True).assign(sex=["f"] * 115 + ["m"] * 5)
    wave = wave_from_frame(table, groups=["sex"])
    shown = ts.protect(ts.estimate(wave, ["y"], by=["sex"]), wave).table
    assert shown["suppressed"].iloc[2] != ""
    assert np.isnan(shown["est"].iloc[2])


@pytest.mark.parametrize(
    ("change", "columns", "code", "words"),
    [
        ({}, {"weights": "v"}, "frame.column", ["no column 'v'", "expected", "yes"]),
        ({}, {"indices": {"y": ["yes"]}}, "frame.twice", ["'y'"]),
        ({}, {"indices": {"z": ["sex"]}}, "frame.number", ["'sex'"]),
        ({}, {"weights": "y"}, "frame.design", ["spring, row 3", "'y'", "1 rows"]),
        ({}, {"weights": "sex"}, "frame.design", ["'sex'", "no numbers"]),
        ({"st": [None, *"aabbb"]}, {"strata": "st"}, "frame.design", ["spring, row 1", "'st'"]),
        ({"N": [0.5, 3, 3, 3, 3, 3]}, {"fpc": "N"}, "frame.fpc", ["'N'"]),
        ({"N": [0, 3, 3, 3, 3, 3]}, {"fpc": "N"}, "frame.fpc", ["'N'"]),
        ({"N": [20, 30, 30, 30, 30, 30]}, {"fpc": "N"}, "design.fpc", ["differs within a stratum"]),
    ],
)
def test_what_is_refused(change: dict[str, Any], columns: dict[str, Any], code: str, words: list[str]) -> None:
    with refusal(code, *words):
        wave_from_frame(TABLE.assign(**change), name="spring", **columns)
