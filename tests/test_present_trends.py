"""Charts of a course: ranges beside every point, gaps and breaks where they are, one scale for what stands together."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, strategies as st
from test_present_charts import hide, points, rows, texts

from trustsurvey.present import trends


def test_a_trend_has_a_band_and_its_ranges() -> None:
    figure = trends.trend(rows(["Q1", "Q2", "Q3"]), ["Q1", "Q2", "Q3"])
    band, line = figure.data
    assert list(band.y) == [44, 54, 64, 56, 46, 36]
    assert list(line.error_y.array) == [4, 4, 4]
    assert list(line.y) == [40, 50, 60]


def test_a_trend_stops_where_the_wording_changed() -> None:
    waves = ["Q1", "Q2", "Q3", "Q4"]
    figure = trends.trend(rows(waves), waves, ("Q3",))
    lines = points(figure)
    assert [list(line.x) for line in lines] == [["Q1", "Q2"], ["Q3", "Q4"]]
    assert "not asked in the same way from here" in texts(figure)
    assert [shape.x0 for shape in figure.layout.shapes] == [1.5]


@pytest.mark.parametrize("breaks", [("Q1",), ("none such",), ()])
def test_a_break_at_the_first_wave_or_nowhere_is_none(breaks: tuple[str, ...]) -> None:
    figure = trends.trend(rows(["Q1", "Q2"]), ["Q1", "Q2"], breaks)
    assert not figure.layout.shapes
    assert [list(line.x) for line in points(figure) if len(line.x)] == [["Q1", "Q2"]]


def test_a_withheld_wave_leaves_a_gap() -> None:
    figure = trends.trend(hide(rows(["Q1", "Q2", "Q3"]), "Q2"), ["Q1", "Q2", "Q3"])
    band, line = figure.data
    assert np.isnan(line.y[1])
    assert line.hovertext[1] == "too few answers"
    assert line.text[1] == ""
    assert "Q2" not in band.x
    assert not line.connectgaps


def test_waves_the_rows_lack_are_gaps_too() -> None:
    figure = trends.trend(rows(["Q1", "Q3"]), ["Q1", "Q2", "Q3"])
    assert list(figure.layout.xaxis.categoryarray) == ["Q1", "Q2", "Q3"]


@given(st.lists(st.floats(0, 100), min_size=1, max_size=6), st.floats(0, 30))
def test_the_zoom_of_a_trend_holds_every_range(values: list[float], half: float) -> None:
    est = np.array(values)
    table = pd.DataFrame({"lci": np.maximum(est - half, 0), "uci": np.minimum(est + half, 100)})
    low, high = trends.trend_range(table)
    assert 0 <= low <= table["lci"].min()
    assert table["uci"].max() <= high <= 100
    assert high - low >= 40
    assert low % 10 == high % 10 == 0


def test_the_zoom_without_numbers_is_the_whole_scale() -> None:
    assert trends.trend_range(hide(rows(["a"]), "a")) == (0.0, 100.0)


def test_small_trends_share_their_axes() -> None:
    waves = ["Q1", "Q2", "Q3"]
    table = pd.concat([rows(waves, level=area) for area in ("East", "West", "North", "South", "Docks")])
    table = table.assign(wave=waves * 5)
    table.loc[(table["level"] == "West") & (table["wave"] == "Q2"), ["est", "lci", "uci"]] = np.nan
    figure = trends.trend_grid(table, waves, ("Q3",))
    assert [note.text for note in figure.layout.annotations] == ["East", "West", "North", "South", "Docks"]
    ranges = {tuple(axis.range) for axis in figure.select_yaxes()}
    assert ranges == {trends.trend_range(table)}
    assert len(points(figure)) == 10  # two parts an area, for the break
    assert not any(np.isnan(np.asarray(line.y, dtype=float)).any() for line in points(figure))
    # The waves are named under the last chart of each column.
    assert [axis.showticklabels for axis in figure.select_xaxes()] == [False, False, False, True, True]
