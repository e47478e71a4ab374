"""Dots and ranges on an axis of their own: every number is in view, what is hidden is named."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from test_present_charts import hide, rows

from trustsurvey.present.ranges import figures, ranges


def of(est: list[float], half: float) -> pd.DataFrame:
    names = [f"a{k}" for k in range(len(est))]
    return rows(names).assign(est=est, lci=np.array(est) - half, uci=np.array(est) + half)


@pytest.mark.parametrize(("est", "half"), [([15_000.0, 42_000.0], 900.0), ([-0.03, 0.05], 0.02), ([1.0], 0.0)])
def test_the_axis_reaches_around_every_range(est: list[float], half: float) -> None:
    figure = ranges(of(est, half))
    low, high = figure.layout.xaxis.range
    assert low < min(est) - half <= max(est) + half < high
    assert figure.layout.xaxis.dtick is None


def test_a_reference_is_always_in_view() -> None:
    figure = ranges(of([40.0], 5.0), reference=0.0)
    assert figure.layout.xaxis.range[0] < 0
    assert len(figure.layout.shapes) == 1


def test_odds_ratios_are_drawn_on_a_logarithmic_axis() -> None:
    table = rows(["a", "b"]).assign(est=[0.5, 4.0], lci=[0.2, 2.0], uci=[1.25, 8.0])
    figure = ranges(table, reference=1.0, log=True)
    assert figure.layout.xaxis.type == "log"
    low, high = figure.layout.xaxis.range
    assert low < np.log10(0.2) < np.log10(8) < high


def test_what_is_hidden_is_named_and_has_no_number() -> None:
    figure = ranges(hide(of([12_345.0, 23_456.0], 100.0), "a0"))
    told = str(figure.to_dict())
    assert "23,456" in told
    assert "12,345" not in told
    assert "too few answers" in told


def test_a_chart_of_nothing_has_an_axis() -> None:
    low, high = ranges(hide(of([1.0], 1.0), "a0")).layout.xaxis.range
    assert low < high


@pytest.mark.parametrize(
    ("value", "text"),
    [(15194.6, "15,195"), (999.0, "999"), (62.04, "62.0"), (0.0, "0.00"), (-0.0371, "-0.0371"), (1.0, "1.00")],
)
def test_figures_of_any_size(value: float, text: str) -> None:
    assert figures(value) == text


def test_a_number_stands_before_its_range_only_where_the_line_would_go_through_it() -> None:
    rows = pd.DataFrame({"level": list("abc"), "est": [-5.0, -9.0, 3.0], "lci": [-9.0, -12.0, 1.0],
                         "uci": [-0.5, -7.0, 5.0], "suppressed": ""})  # fmt: skip
    figure = ranges(rows, reference=0.0, places=1)
    numbers = figure.data[1]
    assert dict(zip(numbers.y, numbers.textposition, strict=True)) == {
        "a": "middle left", "b": "middle right", "c": "middle right",
    }  # fmt: skip
    assert list(numbers.text) == [" 3.0", " -9.0", "-5.0 "]
    low, high = figure.layout.xaxis.range
    assert low < -12 - 2
    assert high > 5 + 2
