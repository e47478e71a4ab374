"""Charts of one number against another: what they draw, hide and say."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import plotly.graph_objects as go
import pytest
from hypothesis import given, strategies as st
from test_workbench import tiles

from trustsurvey import workbench
from trustsurvey.present import pairs


def areas(**changes: Any) -> pd.DataFrame:
    usual: dict[str, Any] = {
        "area": ["Docks", "Mill", "Park"], "direct": [np.nan, 40.0, 61.0], "modelled": [45.0, 42.0, 60.0],
        "lci": [35.0, 38.0, 55.0], "uci": [55.0, 46.0, 65.0], "stat": "mean",
    }  # fmt: skip
    return pd.DataFrame(usual | changes)


def shares(**changes: Any) -> pd.DataFrame:
    usual: dict[str, Any] = {
        "category": ["young", "middle", "old"], "base": [0.2, 0.3, 0.5], "population": [0.4, 0.3, 0.3],
    }  # fmt: skip
    return pd.DataFrame(usual | changes)


def trace(figure: go.Figure, name: str) -> Any:
    (found,) = [one for one in figure.data if one.name == name]
    return found


# --- modelled ---------------------------------------------------------------------------------------------


def test_modelled_values_are_open_marks_with_their_ranges() -> None:
    drawn = trace(pairs.modelled(areas()), "modelled")
    assert drawn.marker.symbol == "circle-open"
    assert dict(zip(drawn.y, drawn.x, strict=True)) == {"Docks": 45.0, "Mill": 42.0, "Park": 60.0}
    place = list(drawn.y).index("Docks")
    assert (drawn.error_x.array[place], drawn.error_x.arrayminus[place]) == (10.0, 10.0)
    assert drawn.hovertext[place] == "modelled 45, likely between 35 and 55"


def test_areas_stand_in_the_order_given_for_nobody_is_ranked() -> None:
    figure = pairs.modelled(areas())
    assert list(figure.layout.yaxis.categoryarray) == ["Park", "Mill", "Docks"]
    assert figure.layout.yaxis.range[1] > figure.layout.yaxis.range[0]


def test_a_hidden_direct_value_is_not_drawn() -> None:
    drawn = trace(pairs.modelled(areas()), "from the area's answers alone")
    assert list(drawn.y) == ["Park", "Mill"]
    assert np.isfinite(drawn.x).all()


def test_shares_are_drawn_as_percents() -> None:
    rows = areas(direct=[np.nan, 0.4, 0.6], modelled=[0.45, 0.42, 0.6], lci=[0.3] * 3, uci=[0.7] * 3, stat="share")
    figure = pairs.modelled(rows)
    assert max(trace(figure, "modelled").x) == pytest.approx(60)
    assert tuple(figure.layout.xaxis.range) == (0, 100)


def test_a_statistic_that_is_not_named_is_a_score() -> None:
    assert max(trace(pairs.modelled(areas().drop(columns="stat")), "modelled").x) == 60.0


@pytest.mark.parametrize("rows", [areas().head(0), areas().head(1)])
def test_nothing_and_one_area_are_drawn(rows: pd.DataFrame) -> None:
    assert len(trace(pairs.modelled(rows), "modelled").x) == len(rows)


def test_names_are_text_and_no_markup() -> None:
    figure = pairs.modelled(areas(area=["<b>Docks</b>", "Mill & Sons", "Park"]))
    assert not any("<b>" in name for name in trace(figure, "modelled").y)


def test_a_model_of_a_wave_is_drawn() -> None:
    wave, study = tiles()
    found = workbench.small_areas([wave], 0, study, "ward", "trust")
    figure = pairs.modelled(found.table)
    assert len(trace(figure, "modelled").x) == 8
    assert "Area 0" not in trace(figure, "from the area's answers alone").y


# --- those who answered beside the population ------------------------------------------------------------------


def test_each_category_has_a_circle_a_tick_and_a_line_between() -> None:
    figure = pairs.represented(shares())
    sample, population = trace(figure, "those who answered"), trace(figure, "population")
    assert dict(zip(sample.y, sample.x, strict=True)) == {"young": 20.0, "middle": 30.0, "old": 50.0}
    assert dict(zip(population.y, population.x, strict=True)) == {"young": 40.0, "middle": 30.0, "old": 30.0}
    lines = [one for one in figure.data if one.mode == "lines"]
    assert [(one.y[0], tuple(one.x)) for one in lines] == [("old", (50, 30)), ("middle", (30, 30)), ("young", (20, 40))]
    assert sample.hovertext[-1] == "20 % of those who answered"
    assert figure.layout.showlegend


def test_a_hidden_category_is_not_drawn() -> None:
    figure = pairs.represented(shares(base=[np.nan, 0.4, 0.6], population=[np.nan, 0.5, 0.5]))
    assert set(trace(figure, "population").y) == {"middle", "old"}


def test_a_category_alone_is_not_drawn_as_everyone() -> None:
    figure = pairs.represented(shares(base=[np.nan, 1.0, np.nan], population=[np.nan, 1.0, np.nan]))
    assert len(trace(figure, "population").x) == 0


def test_without_a_population_there_is_nothing_to_draw() -> None:
    for rows in (shares(population=np.nan), shares().head(0)):
        figure = pairs.represented(rows)
        assert len(trace(figure, "those who answered").x) == 0
        assert tuple(figure.layout.xaxis.range) == (0, 20)


@given(st.lists(st.floats(0.001, 0.999), min_size=2, max_size=8))
def test_the_axis_holds_all_and_no_share_is_none_or_all(sizes: list[float]) -> None:
    total = sum(sizes)
    rows = pd.DataFrame(
        {"category": [f"g{k}" for k in range(len(sizes))], "base": [s / total for s in sizes],
         "population": 1 / len(sizes)}
    )  # fmt: skip
    figure = pairs.represented(rows)
    drawn = trace(figure, "those who answered")
    assert figure.layout.xaxis.range[1] >= max(drawn.x)
    assert not any(text.startswith(("0 %", "100 %")) for text in drawn.hovertext)
