"""A map of areas in one hue, hidden areas grey and hatched, drawn without any outside service."""

from __future__ import annotations

import json
import math
from functools import lru_cache
from typing import Any

import numpy as np
import pandas as pd
import plotly.graph_objects as go
import shapely
from shapely.geometry import shape

from trustsurvey.language import _
from trustsurvey.present import theme
from trustsurvey.present.plot import plot
from trustsurvey.present.theme import safe
from trustsurvey.present.words import likely
from trustsurvey.wording import fold

HATCH_LINES = 60
#: Room for the scale of colours.
BELOW = 64
#: A map style with nothing in it: nothing is fetched, nothing drawn.
NOTHING: dict[str, Any] = {"version": 8, "sources": {}, "layers": []}
#: Pixels around a dot in which a pointer means it.
NEAR = 10
#: Pixels that the map may count on: those of a telephone.
WIDTH = 340


def level_map(geojson: str, rows: pd.DataFrame, height: int = 420) -> go.Figure:
    """Areas coloured by score; ``rows`` has level, est, lci, uci, suppressed.

    Areas without a row, or withheld, are grey with hatch lines. Nothing lies behind the areas: the page does.
    """
    collection, shapes = _read(geojson)
    names = list(shapes)
    spelled = {fold(name): name for name in names}
    by_name = {spelled[fold(str(row.level))]: row for row in rows.itertuples() if fold(str(row.level)) in spelled}
    shown = [name for name in names if name in by_name and not by_name[name].suppressed]
    hidden = [name for name in names if name not in set(shown)]
    low, high = colour_range(rows["est"].to_numpy(float))
    traces: list[dict[str, Any]] = []
    if hidden:
        traces.append(
            {
                "type": "choroplethmap", "geojson": collection, "featureidkey": "properties.name",
                "locations": hidden, "z": [0] * len(hidden),
                "colorscale": [[0, theme.HIDDEN], [1, theme.HIDDEN]], "showscale": False,
                "marker": {"line": {"color": "white", "width": 1}},
                "text": [_("{name}: too few answers").format(name=safe(name)) for name in hidden],
                "hovertemplate": "%{text}<extra></extra>",
            }
        )  # fmt: skip
        traces.append(_hatching([shapes[name] for name in hidden], shapely.total_bounds(list(shapes.values()))))
    if shown:
        values = [by_name[name] for name in shown]
        steps = len(theme.LEVEL) - 1
        traces.append(
            {
                "type": "choroplethmap",
                "geojson": collection,
                "featureidkey": "properties.name",
                "locations": shown,
                "z": [row.est for row in values],
                "zmin": low,
                "zmax": high,
                "colorscale": [[k / steps, colour] for k, colour in enumerate(theme.LEVEL)],
                "marker": {"line": {"color": "white", "width": 1}},
                "colorbar": {
                    "orientation": "h",
                    "x": 0.5,
                    "xanchor": "center",
                    "y": 0,
                    "yanchor": "top",
                    "len": 0.7,
                    "thickness": 10,
                    "title": {"text": _("score"), "side": "top"},
                    "outlinewidth": 0,
                    "nticks": 5,
                },
                "text": [f"{safe(row.level)}: {likely(row.est, row.lci, row.uci)}" for row in values],
                "hovertemplate": "%{text}<extra></extra>",
            }
        )
    traces.append(_centres(shapes, {name: by_name[name] for name in shown}))
    west, south, east, north = shapely.total_bounds(list(shapes.values()))
    layout = {
        "height": height,
        "hoverdistance": NEAR,
        "margin": {"l": 0, "r": 0, "t": 0, "b": BELOW},
        "showlegend": False,
        "map": {
            "style": NOTHING,
            "center": {"lon": (west + east) / 2, "lat": (south + north) / 2},
            "zoom": _zoom(west, south, east, north, height - BELOW),
        },
    }
    return plot(traces, layout)


def colour_range(values: np.ndarray) -> tuple[float, float]:
    """The tens between which the colours run, at least 20 points apart."""
    known = values[np.isfinite(values)]
    if not len(known):
        return 0.0, 100.0
    low, high = 10 * math.floor(known.min() / 10), 10 * math.ceil(known.max() / 10)
    while high - low < 20:
        low, high = max(0, low - 10), min(100, high + 10)
    return float(low), float(high)


def map_areas(geojson: str) -> dict[str, shapely.Geometry]:
    """The shapes of a stored boundary file by name, in longitude and latitude."""
    return _read(geojson)[1]


@lru_cache(maxsize=16)
def _read(geojson: str) -> tuple[dict[str, Any], dict[str, shapely.Geometry]]:
    collection = json.loads(geojson)
    return collection, {f["properties"]["name"]: shape(f["geometry"]) for f in collection["features"]}


def _centres(shapes: dict[str, shapely.Geometry], shown: dict[str, Any]) -> dict[str, Any]:
    """A dot in each area, to point at and to click.

    Areas themselves cannot be relied on for that: a map that is drawn a second time before it has loaded, as happens
    on a page that is still being laid out, no longer knows which area the pointer is in (plotly.js 3).
    """
    inside = [shapely.point_on_surface(shape) for shape in shapes.values()]
    told = []
    for name in shapes:
        row = shown.get(name)
        told.append(f"{safe(name)}: {_('too few answers') if row is None else likely(row.est, row.lci, row.uci)}")
    return {
        "type": "scattermap", "lon": [point.x for point in inside], "lat": [point.y for point in inside],
        "mode": "markers", "customdata": list(shapes), "marker": {"size": 8, "color": theme.DOT}, "text": told,
        "hovertemplate": "%{text}<extra></extra>",
    }  # fmt: skip


def _hatching(areas: list[shapely.Geometry], bounds: np.ndarray) -> dict[str, Any]:
    """Diagonal lines across the whole map, cut to the hidden areas."""
    west, south, east, north = bounds
    width, height = east - west, north - south
    offsets = np.linspace(-height, width, HATCH_LINES)
    lines = shapely.linestrings([[(west + o, south), (west + o + height, north)] for o in offsets])
    cut = shapely.intersection(shapely.multilinestrings(lines), shapely.union_all(areas))
    lon: list[float | None] = []
    lat: list[float | None] = []
    for part in shapely.get_parts(cut):
        coordinates = shapely.get_coordinates(part)
        lon += [*coordinates[:, 0], None]
        lat += [*coordinates[:, 1], None]
    return {
        "type": "scattermap", "lon": lon, "lat": lat, "mode": "lines", "line": {"color": theme.HATCH, "width": 1},
        "hoverinfo": "skip",
    }  # fmt: skip


def _zoom(west: float, south: float, east: float, north: float, height: int, width: int = WIDTH) -> float:
    """The zoom at which the bounds fit a figure of this size, on web Mercator tiles of 512 pixels."""

    def mercator(lat: float) -> float:
        return math.log(math.tan(math.pi / 4 + math.radians(min(max(lat, -85), 85)) / 2)) / (2 * math.pi)

    across = max((east - west) / 360, 1e-9)
    along = max(mercator(north) - mercator(south), 1e-9)
    return max(0.0, min(math.log2(width / 512 / across), math.log2(height / 512 / along)) - 0.15)
