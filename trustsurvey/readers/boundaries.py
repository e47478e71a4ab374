"""Boundary files: the areas of a map, by name."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

import shapely
from shapely.geometry import mapping, shape

from trustsurvey.errors import SurveyError, some

LARGEST = 50 << 20
#: More corners than this are thinned out; a commander's map shows no more.
CORNERS = 20_000


@dataclass(frozen=True)
class Boundaries:
    """Area names in file order, and a GeoJSON text whose features carry only ``name``."""

    names: tuple[str, ...]
    geojson: str
    key: str


def name_keys(text: str, source: str = "boundaries") -> list[str]:
    """The properties of a GeoJSON file that tell its areas apart, the likeliest name first."""
    features = _features(text, source)
    keys = list(dict.fromkeys(key for feature in features for key in _properties(feature)))
    telling = [key for key in keys if len({_property(f, key) for f in features} - {""}) == len(features)]
    return sorted(telling, key=lambda key: ("name" not in key.casefold(), keys.index(key)))


def read_boundaries(text: str, key: str = "", source: str = "boundaries") -> Boundaries:
    """Read areas from GeoJSON in longitude and latitude; ``key`` is the property with their names.

    Without ``key`` the likeliest property is taken. Shapes are made valid, rounded to five decimals
    (about a metre) and, in a very detailed file, thinned together so that neighbours still touch.
    """
    features = _features(text, source)
    keys = name_keys(text, source)
    chosen = key or (keys[0] if keys else "")
    if not chosen or chosen not in {k for f in features for k in _properties(f)}:
        raise SurveyError(
            "boundaries.key", f"The areas have no property '{chosen}'" if chosen else "The areas have no names",
            where=source, expected=some(keys, 8) or "a property that names each area once",
        )  # fmt: skip
    names = [_property(feature, chosen) for feature in features]
    twice = sorted({name for name in names if names.count(name) > 1})
    if "" in names or twice:
        raise SurveyError(
            "boundaries.names", f"The property '{chosen}' does not name each area once", where=source,
            got=f"{names.count('')} areas without a name" if "" in names else some(twice),
            expected=some(keys, 8) or "a property that names each area once",
        )  # fmt: skip
    shapes = [_shape(feature, name, source) for feature, name in zip(features, names, strict=True)]
    shapes = _thinned(shapes)
    collection = {
        "type": "FeatureCollection",
        "features": [
            {"type": "Feature", "properties": {"name": name}, "geometry": mapping(area)}
            for name, area in zip(names, shapes, strict=True)
        ],
    }
    return Boundaries(tuple(names), json.dumps(collection, ensure_ascii=False, separators=(",", ":")), chosen)


def _features(text: str, source: str) -> list[dict[str, Any]]:
    if len(text) > LARGEST:
        raise SurveyError("boundaries.large", "The boundary file is too large", where=source, expected="up to 50 MB")
    try:
        whole = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise SurveyError(
            "boundaries.json", "The boundary file is not GeoJSON", where=source,
            hint="Save the areas from the mapping program as GeoJSON.",
        ) from error  # fmt: skip
    features = whole.get("features") if isinstance(whole, dict) else None
    if not isinstance(features, list) or not features or not all(isinstance(f, dict) for f in features):
        raise SurveyError(
            "boundaries.features", "The boundary file has no areas", where=source,
            expected="a GeoJSON FeatureCollection with one feature an area",
        )  # fmt: skip
    return features


def _properties(feature: dict[str, Any]) -> dict[str, Any]:
    found = feature.get("properties")
    return found if isinstance(found, dict) else {}


def _property(feature: dict[str, Any], key: str) -> str:
    value = _properties(feature).get(key)
    if value is None:
        return ""
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value).strip()


def _shape(feature: dict[str, Any], name: str, source: str) -> shapely.Geometry:
    try:
        area = shapely.make_valid(shape(feature["geometry"]))
    except (KeyError, TypeError, ValueError, AttributeError, shapely.errors.ShapelyError) as error:
        raise SurveyError("boundaries.shape", f"The area '{name}' has no readable outline", where=source) from error
    if area.is_empty or area.area == 0:
        raise SurveyError(
            "boundaries.shape", f"The outline of '{name}' encloses nothing", where=source, got=str(area.geom_type),
            expected="a polygon",
        )  # fmt: skip
    west, south, east, north = area.bounds
    if not (-180 <= west <= east <= 180 and -90 <= south <= north <= 90):
        raise SurveyError(
            "boundaries.coordinates", f"The outline of '{name}' is not in longitude and latitude", where=source,
            expected="degrees (WGS 84, EPSG:4326)", hint="Save the file in this coordinate system.",
        )  # fmt: skip
    return area


def _thinned(shapes: list[shapely.Geometry]) -> list[shapely.Geometry]:
    corners = int(shapely.get_num_coordinates(shapes).sum())
    if corners > CORNERS:
        west, south, east, north = shapely.total_bounds(shapes)
        shapes = list(shapely.coverage_simplify(shapes, max(east - west, north - south) / 2_000))
    rounded = shapely.set_precision(shapes, 1e-5)
    return [area if new.is_empty else new for area, new in zip(shapes, rounded, strict=True)]
