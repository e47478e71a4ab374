"""Maps: one hue, hidden areas grey and hatched, nothing fetched from anywhere."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pandas as pd
import plotly.graph_objects as go
import pytest
import shapely
from conftest import ROOT
from hypothesis import given, strategies as st

from trustsurvey.present import maps, theme
from trustsurvey.readers.boundaries import read_boundaries

SQUARES = {"Docks": (0, 0), "Mill": (1, 0), "St. John's": (0, 1), "Hill": (1, 1)}


def square(x: float, y: float) -> list[list[list[float]]]:
    return [[[x, y], [x + 1, y], [x + 1, y + 1], [x, y + 1], [x, y]]]


def geojson(names: dict[str, tuple[float, float]] = SQUARES) -> str:
    features = [
        {"type": "Feature", "properties": {"name": name}, "geometry": {"type": "Polygon", "coordinates": square(*at)}}
        for name, at in names.items()
    ]
    return json.dumps({"type": "FeatureCollection", "features": features})


def rows(**est: float) -> pd.DataFrame:
    """Estimates by area; NaN for one that is withheld."""
    values = np.array(list(est.values()), dtype=float)
    names = [name.replace("_", " ") for name in est]
    hidden = np.where(np.isnan(values), "too few answers", "")
    return pd.DataFrame({"level": names, "est": values, "lci": values - 3, "uci": values + 3, "suppressed": hidden})


def layers(figure: go.Figure) -> tuple[go.Choroplethmap | None, go.Scattermap | None, go.Choroplethmap | None]:
    """The grey areas, the hatching and the coloured areas."""
    areas = [trace for trace in figure.data if isinstance(trace, go.Choroplethmap)]
    hatch = next((trace for trace in figure.data if isinstance(trace, go.Scattermap) and trace.mode == "lines"), None)
    grey = next((trace for trace in areas if not trace.showscale and trace.showscale is not None), None)
    return grey, hatch, next((trace for trace in areas if trace is not grey), None)


def test_shown_areas_are_coloured_and_the_rest_is_grey() -> None:
    grey, hatch, coloured = layers(maps.level_map(geojson(), rows(Docks=40.0, Mill=60.0, Hill=np.nan)))
    assert coloured is not None
    assert grey is not None
    assert list(coloured.locations) == ["Docks", "Mill"]
    assert list(coloured.z) == [40, 60]
    assert sorted(grey.locations) == ["Hill", "St. John's"]  # withheld, and without any row
    assert hatch is not None
    assert {colour for _, colour in grey.colorscale} == {theme.HIDDEN}


def test_a_hidden_area_gives_away_nothing_but_that_it_is_hidden() -> None:
    table = rows(Docks=40.0, Mill=np.nan)
    table.loc[1, ["lci", "uci"]] = [10.0, 20.0]  # should the gate have forgotten one
    figure = maps.level_map(geojson(), table)
    grey, _, _ = layers(figure)
    assert grey is not None
    assert "Mill: too few answers" in grey.text
    assert "10" not in "".join(grey.text)


def test_hatching_lies_within_the_hidden_areas_only() -> None:
    _, hatch, _ = layers(maps.level_map(geojson(), rows(Docks=40.0, Mill=60.0, Hill=50.0)))
    assert hatch is not None
    known = [(x, y) for x, y in zip(hatch.lon, hatch.lat, strict=True) if x is not None]
    assert len(known) > 10
    hidden = shapely.box(0, 1, 1, 2).buffer(1e-9)
    assert all(hidden.contains(shapely.Point(x, y)) for x, y in known)
    assert hatch.hoverinfo == "skip"


def test_without_hidden_areas_there_is_no_hatching() -> None:
    table = rows(Docks=40.0, Mill=60.0, Hill=50.0).assign(level=["Docks", "Mill", "Hill"])
    whole = pd.concat([table, rows(x=55.0).assign(level="St. John's")])
    grey, hatch, _ = layers(maps.level_map(geojson(), whole))
    assert grey is None
    assert hatch is None


def test_a_map_of_hidden_areas_alone() -> None:
    grey, hatch, coloured = layers(maps.level_map(geojson(), rows(Docks=np.nan)))
    assert (coloured, len(grey.locations)) == (None, 4)  # type: ignore[union-attr]
    assert hatch is not None


def test_names_are_matched_as_people_write_them() -> None:
    table = rows(x=40.0).assign(level="st. john\u2019s ")
    _, _, coloured = layers(maps.level_map(geojson(), table))
    assert coloured is not None
    assert list(coloured.locations) == ["St. John's"]


def test_each_area_has_a_dot_that_says_what_it_is() -> None:
    figure = maps.level_map(geojson(), rows(Docks=40.4, Mill=np.nan))
    (dots,) = [trace for trace in figure.data if isinstance(trace, go.Scattermap) and trace.mode == "markers"]
    assert list(dots.customdata) == list(SQUARES)
    assert list(dots.text)[:2] == ["Docks: 40, likely between 37 and 43", "Mill: too few answers"]
    for x, y, (west, south) in zip(dots.lon, dots.lat, SQUARES.values(), strict=True):
        assert west < x < west + 1
        assert south < y < south + 1


def test_an_area_without_a_shape_is_left_out() -> None:
    _, _, coloured = layers(maps.level_map(geojson(), rows(Docks=40.0, Nowhere=90.0)))
    assert coloured is not None
    assert list(coloured.locations) == ["Docks"]


def test_every_area_says_its_score_with_its_range() -> None:
    _, _, coloured = layers(maps.level_map(geojson(), rows(Docks=40.4)))
    assert coloured is not None
    assert list(coloured.text) == ["Docks: 40, likely between 37 and 43"]


def test_names_are_never_markup() -> None:
    evil = "<b>x</b><a href='http://example.org'>y</a>"
    names = {evil: (0.0, 0.0), "Mill": (1.0, 0.0)}
    for est in (40.0, np.nan):
        figure = maps.level_map(geojson(names), rows(x=est).assign(level=evil))
        for trace in figure.data:
            for text in trace.text or []:
                assert "<" not in text


def test_nothing_is_fetched() -> None:
    figure = maps.level_map(geojson(), rows(Docks=40.0))
    assert figure.layout.map.style == {"version": 8, "sources": {}, "layers": []}  # the page shows through
    assert "http" not in figure.to_json().replace("https://plotly.com", "")


# --- colours -------------------------------------------------------------------------------------------------


@given(st.lists(st.floats(0, 100), max_size=8))
def test_colours_run_between_tens_around_all_scores(values: list[float]) -> None:
    low, high = maps.colour_range(np.array([*values, np.nan]))
    assert 0 <= low < high <= 100
    assert low % 10 == high % 10 == 0
    assert high - low >= 20
    assert all(low <= value <= high for value in values)


def test_colours_without_scores() -> None:
    assert maps.colour_range(np.array([np.nan])) == (0.0, 100.0)
    assert maps.colour_range(np.array([])) == (0.0, 100.0)


def test_one_hue_from_light_to_dark() -> None:
    _, _, coloured = layers(maps.level_map(geojson(), rows(Docks=40.0, Mill=60.0)))
    assert coloured is not None
    assert [colour for _, colour in coloured.colorscale] == list(theme.LEVEL)
    assert (coloured.zmin, coloured.zmax) == (40, 60)


# --- where it looks -------------------------------------------------------------------------------------------


@given(
    st.floats(-170, 170),
    st.floats(-70, 70),
    st.floats(0.001, 20),
    st.floats(0.001, 10),
    st.sampled_from([300, 420, 800]),
)
def test_the_whole_of_the_map_is_in_sight(west: float, south: float, width: float, along: float, height: int) -> None:
    """At the zoom chosen the bounds take no more than the figure has (512 pixels round the world at zoom 0)."""
    zoom = maps._zoom(west, south, west + width, south + along, height)

    def mercator(lat: float) -> float:
        return float(np.log(np.tan(np.pi / 4 + np.radians(lat) / 2)) / (2 * np.pi))

    pixels = 512 * 2**zoom
    if zoom > 0:
        assert pixels * width / 360 <= maps.WIDTH
        assert pixels * (mercator(south + along) - mercator(south)) <= height


def test_a_single_point_has_a_zoom() -> None:
    assert np.isfinite(maps._zoom(0, 0, 0, 0, 420))


@pytest.mark.parametrize("level", ["districts", "neighbourhoods"])
def test_the_sample_map_draws(level: str) -> None:
    text = (ROOT / "sample_data" / f"{level}.geojson").read_text(encoding="utf-8")
    shapes = read_boundaries(text, "name", level)
    table: Any = pd.DataFrame({"level": shapes.names[:-1]}).assign(est=50.0, lci=45.0, uci=55.0, suppressed="")
    grey, hatch, coloured = layers(maps.level_map(shapes.geojson, table))
    assert coloured is not None
    assert len(coloured.locations) == len(shapes.names) - 1
    assert list(grey.locations) == [shapes.names[-1]]  # type: ignore[union-attr]
    assert hatch is not None
