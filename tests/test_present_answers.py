"""Pictures of an analyst's answers: every dot with its line, hidden rows named, nothing drawn of nothing."""

from __future__ import annotations

import numpy as np
import pandas as pd

from trustsurvey.present import answers


def test_slopes_and_gaps_stand_beside_zero() -> None:
    table = pd.DataFrame({"level": ["", "East", "Mill"], "slope": [-2.5, 0.4, np.nan], "lci": [-3.4, -1.0, np.nan],
                          "uci": [-1.5, 1.8, np.nan]})  # fmt: skip
    figure = answers.slopes(table)
    dots = figure.data[0]
    assert dict(zip(dots.y, dots.x, strict=True)) == {"everyone": -2.5, "East": 0.4}
    assert [figure.layout.yaxis.categoryarray[note.y] for note in figure.layout.annotations] == ["Mill"]
    assert figure.layout.shapes[0].x0 == 0
    low, high = figure.layout.xaxis.range
    assert low < -3.4
    assert high > 1.8


def test_gaps_leave_the_reference_out_and_name_the_adjusted() -> None:
    table = pd.DataFrame({"kind": ["raw", "raw", "adjusted", "adjusted"], "level": list("abab"), "reference": "a",
                          "gap": [np.nan, 5.0, np.nan, 4.0], "lci": 1.0, "uci": 9.0})  # fmt: skip
    assert sorted(answers.gaps(table).data[0].y) == ["b, adjusted", "b, raw"]
    assert list(answers.gaps(table.head(2)).data[0].y) == ["b"]


def test_what_is_shared_is_drawn_in_percent() -> None:
    table = pd.DataFrame({"predictor": ["pj", "sa"], "share": [0.53, 0.47], "share_lci": [0.48, 0.43],
                          "share_uci": [0.57, 0.52]})  # fmt: skip
    figure = answers.importance(table)
    assert tuple(figure.layout.xaxis.range) == (0, 100)
    np.testing.assert_allclose(sorted(figure.data[0].x), [47, 53])


def test_reliability_without_an_interval_is_no_dot() -> None:
    table = pd.DataFrame({"measure": ["pj", "sa"], "alpha": [0.8, 0.7], "alpha_lci": [0.7, np.nan],
                          "alpha_uci": [0.9, np.nan]})  # fmt: skip
    figure = answers.reliabilities(table)
    assert figure is not None
    assert list(figure.data[0].y) == ["pj"]
    assert answers.reliabilities(table.head(0)) is None


def test_who_is_missing_is_drawn_for_all_variables_that_have_a_population() -> None:
    table = pd.DataFrame({"variable": ["age", "age", "sex"], "category": ["young", "old", "f"],
                          "base": [0.2, 0.8, np.nan], "population": [0.4, 0.6, np.nan]})  # fmt: skip
    figure = answers.heard(table)
    assert figure is not None
    assert {name for trace in figure.data for name in trace.y} == {"age: young", "age: old"}
    assert answers.heard(table.tail(1)) is None


def test_coefficients_stand_beside_zero_and_odds_ratios_beside_one() -> None:
    table = pd.DataFrame({"term": ["(intercept)", "pj", "sex=m"], "est": [20.0, 0.7, np.nan],
                          "lci": [15.0, 0.6, np.nan], "uci": [25.0, 0.8, np.nan]})  # fmt: skip
    figure = answers.coefficients(table)
    assert figure is not None
    assert dict(zip(figure.data[0].y, figure.data[0].x, strict=True)) == {"pj": 0.7}
    assert figure.layout.shapes[0].x0 == 0
    odds = answers.coefficients(table.assign(odds_ratio=[np.nan, 2.0, np.nan], or_lci=1.5, or_uci=3.0))
    assert odds is not None
    assert (odds.data[0].x[0], odds.layout.shapes[0].x0, odds.layout.xaxis.type) == (2.0, 1, "log")
    assert answers.coefficients(table.head(1)) is None
