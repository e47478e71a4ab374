"""Boundary files: areas by name, shapes made sound, and every unusable file refused."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import shapely
from builders import outcome, refusal
from hypothesis import given, settings, strategies as st
from shapely.geometry import shape

from trustsurvey.errors import SurveyError
from trustsurvey.readers import boundaries
from trustsurvey.readers.boundaries import Boundaries, name_keys, read_boundaries


def square(west: float, south: float = 0.0, side: float = 1.0) -> dict[str, Any]:
    corners = [[west, south], [west + side, south], [west + side, south + side], [west, south + side], [west, south]]
    return {"type": "Polygon", "coordinates": [corners]}


def geojson(*features: tuple[Any, Any]) -> str:
    """A collection of features given by properties and geometry."""
    return json.dumps(
        {
            "type": "FeatureCollection",
            "features": [{"type": "Feature", "properties": p, "geometry": g} for p, g in features],
        }
    )


def areas(text: str) -> dict[str, shapely.Geometry]:
    return {f["properties"]["name"]: shape(f["geometry"]) for f in json.loads(text)["features"]}


TWO = geojson(
    ({"OBJECTID": 7, "District": "North", "Ward_Name": "N", "city": "X"}, square(0)),
    ({"OBJECTID": 8, "District": "South", "Ward_Name": "S", "city": "X"}, square(1)),
)


# --- names ----------------------------------------------------------------------------------------


def test_properties_that_tell_areas_apart_are_offered_names_first() -> None:
    assert name_keys(TWO) == ["Ward_Name", "OBJECTID", "District"]


def test_the_likeliest_name_is_taken_and_another_on_request() -> None:
    assert read_boundaries(TWO).names == ("N", "S")
    chosen = read_boundaries(TWO, "District")
    assert (chosen.names, chosen.key) == (("North", "South"), "District")


def test_only_the_name_is_kept_of_the_properties() -> None:
    text = read_boundaries(TWO, "District").geojson
    assert set(areas(text)) == {"North", "South"}
    assert "OBJECTID" not in text
    assert "city" not in text


@pytest.mark.parametrize(
    ("value", "expected"), [(1, "1"), (1.0, "1"), (1.5, "1.5"), (" Docks ", "Docks"), (True, "True"), ("07", "07")]
)
def test_numbers_are_names_as_people_write_them(value: object, expected: str) -> None:
    assert read_boundaries(geojson(({"n": value}, square(0)))).names == (expected,)


def test_an_unknown_property_is_refused_with_those_there_are() -> None:
    with refusal("boundaries.key", "'Borough'", "'Ward_Name'", "areas.geojson"):
        read_boundaries(TWO, "Borough", "areas.geojson")


def test_areas_of_one_name_are_refused() -> None:
    with refusal("boundaries.names", "'X'", "'District'"):
        read_boundaries(TWO, "city")


def test_areas_without_a_name_are_refused() -> None:
    text = geojson(({"n": "a"}, square(0)), ({"n": None}, square(1)), ({}, square(2)))
    with refusal("boundaries.names", "2 areas without a name"):
        read_boundaries(text, "n")


@pytest.mark.parametrize("properties", [None, {}, [], ["name"], "name", 5])
def test_areas_without_properties_are_refused(properties: object) -> None:
    with refusal("boundaries.key", "no names"):
        read_boundaries(geojson((properties, square(0))))


# --- shapes ---------------------------------------------------------------------------------------


def test_shapes_that_cross_themselves_are_mended() -> None:
    bow = {"type": "Polygon", "coordinates": [[[0, 0], [1, 1], [1, 0], [0, 1], [0, 0]]]}
    (area,) = areas(read_boundaries(geojson(({"n": "a"}, bow))).geojson).values()
    assert area.is_valid
    assert area.area == pytest.approx(0.5)


def test_corners_are_rounded_to_about_a_metre() -> None:
    text = read_boundaries(geojson(({"n": "a"}, square(0.123456789)))).geojson
    assert "0.12346" in text
    assert "0.123456" not in text


def test_an_area_smaller_than_the_rounding_is_left_as_it_is() -> None:
    (area,) = areas(read_boundaries(geojson(({"n": "a"}, square(0, side=1e-7)))).geojson).values()
    assert area.area > 0


def test_detailed_outlines_are_thinned_and_neighbours_still_touch(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(boundaries, "CORNERS", 300)
    border = [[1 + 0.00001 * (k % 2), k / 500] for k in range(501)]
    west = {"type": "Polygon", "coordinates": [[[0, 0], *border, [0, 1], [0, 0]]]}
    east = {"type": "Polygon", "coordinates": [[[2, 0], [2, 1], *border[::-1], [2, 0]]]}
    text = read_boundaries(geojson(({"n": "west"}, west), ({"n": "east"}, east))).geojson
    found = areas(text)
    assert len(text) < 2_000
    assert found["west"].area == pytest.approx(1, abs=1e-3)
    assert found["west"].intersection(found["east"]).area < 1e-9
    assert found["west"].union(found["east"]).geom_type == "Polygon"


@pytest.mark.parametrize(
    "geometry",
    [
        None,
        "x",
        [1],
        {"type": 5, "coordinates": []},
        {"type": "Polygon"},
        {"type": "Polygon", "coordinates": "abc"},
        {"type": "Polygon", "coordinates": [[[0, 0], [1, 1]]]},
        {"type": "Polygon", "coordinates": []},
        {"type": "Point", "coordinates": [1, 2]},
        {"type": "LineString", "coordinates": [[0, 0], [1, 1]]},
        {"type": "GeometryCollection", "geometries": []},
    ],
)
def test_what_is_no_outline_is_refused(geometry: object) -> None:
    with refusal("boundaries.shape", "'Docks'", "areas.geojson"):
        read_boundaries(geojson(({"n": "Docks"}, geometry)), source="areas.geojson")


def test_metres_are_not_degrees() -> None:
    with refusal("boundaries.coordinates", "'Docks'", "EPSG:4326"):
        read_boundaries(geojson(({"n": "Docks"}, square(530_000))))


# --- no boundary file at all ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "boundaries.json"),
        ("name,lat\n", "boundaries.json"),
        ("[" * 100_000, "boundaries.json"),
        ("[1]", "boundaries.features"),
        ("{}", "boundaries.features"),
        ('{"features": []}', "boundaries.features"),
        ('{"features": [1]}', "boundaries.features"),
        ('{"type": "Topology", "objects": {}}', "boundaries.features"),
    ],
)
def test_what_is_no_boundary_file_is_refused(text: str, code: str) -> None:
    with refusal(code):
        read_boundaries(text)


def test_a_file_that_is_too_large_is_refused_unread(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(boundaries, "LARGEST", 10)
    with refusal("boundaries.large", "50 MB"):
        read_boundaries(TWO)


JSON = st.recursive(
    st.none() | st.booleans() | st.floats(-200, 200) | st.sampled_from(["Polygon", "n", "a"]),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.sampled_from(["type", "coordinates", "n", "geometries"]), inner, max_size=3)
    ),
    max_leaves=20,
)


@settings(max_examples=60)
@given(properties=JSON, geometry=JSON)
def test_any_feature_gives_areas_or_a_refusal(properties: object, geometry: object) -> None:
    result = outcome(lambda: read_boundaries(geojson((properties, geometry), ({"n": "sound"}, square(0)))))
    assert isinstance(result, Boundaries | SurveyError)


@pytest.mark.realdata
def test_real_boundary_files_are_read(real_data: Path) -> None:
    london = read_boundaries((real_data / "london" / "london_boroughs.geojson").read_text(encoding="utf-8"))
    assert len(london.names) == 33
    assert "Hackney" in london.names
    philadelphia = (real_data / "philadelphia" / "police_districts.geojson").read_text(encoding="utf-8")
    districts = read_boundaries(philadelphia, "DIST_NUM")
    assert set(districts.names) >= {"1", "22", "39"}
    assert len(districts.geojson) < len(philadelphia)
