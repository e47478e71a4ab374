"""The map of Riverton: eight districts and forty neighbourhoods on the two banks of a river."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np
import pandas as pd
import shapely
from scipy.optimize import linear_sum_assignment
from shapely import MultiPoint, Polygon
from shapely.geometry import mapping
from shapely.geometry.polygon import orient

#: Start of every stream of random numbers. Streams are told apart by a second number, so that one
#: part can be made, or changed, without moving the others.
SEED = 2026
CITY_STREAM = 1

#: The middle of the map: open sea, far from any land.
LONGITUDE, LATITUDE = -30.0, 45.0
KM_PER_DEGREE = 111.32
#: Half the width and half the height of the city and the width of its river, in kilometres.
REACH_X, REACH_Y, RIVER = 8.6, 6.2, 0.22
DECIMALS = 5


@dataclass(frozen=True)
class District:
    """A district and what sets its residents apart from the rest of the city.

    ``trust``: points of standing trust above the city. ``answers``: how readily residents answer
    the survey, as a factor. ``fall``: points of trust lost in 2025 Q3. ``youth`` and ``minority``
    tilt the age and ethnicity of its people (log scale). ``adults``: average of a neighbourhood.
    """

    name: str
    bank: str
    neighbourhoods: tuple[str, ...]
    adults: int
    trust: float
    answers: float
    youth: float
    minority: float
    fall: float = 4.2


#: Districts from west to east on each bank. Where trust is low, fewer residents answer: this is
#: what biases unweighted results, and it works through the district, not through trust itself.
DISTRICTS = (
    District(
        "Westmoor", "north", ("Larkfield", "Foxholt", "Long Meadow", "Windmill Rise", "West Common"),
        3000, 5.2, 1.40, -0.30, -0.45,
    ),
    District(
        "Uplands", "north", ("Beacon Hill", "Upper Heath", "Orchard Park", "Stonecroft", "Quarry Wood"),
        2900, 6.0, 1.50, -0.35, -0.55,
    ),
    District(
        "Weavers", "north", ("Weavers Row", "Loomgate", "Dyers Yard", "Fullers Bank"),
        3900, 0.8, 1.05, 0.00, 0.00,
    ),
    District(
        "Old Town", "north",
        ("Bridgefoot", "Castle Mound", "Minster Gate", "Market Cross", "Lantern Street", "Corn Exchange"),
        4350, -1.6, 0.95, 0.45, 0.10,
    ),
    District(
        "Northside", "north", ("Northgate", "Railway Row", "Gasworks", "Kiln Fields", "Tanners End"),
        5700, -5.2, 0.66, 0.20, 0.70, 9.0,
    ),
    District(
        "South Meadows", "south",
        ("Willow Bank", "Ferry Lane", "Lower Meadow", "Brickfields", "Gardeners Cross", "Watermill"),
        3850, 1.6, 1.05, -0.05, -0.05,
    ),
    District(
        "Harbour", "south", ("Ropewalk", "Docks", "Saltworks", "Custom House", "Shipwrights"),
        5400, -4.6, 0.68, 0.15, 0.55, 9.0,
    ),
    District(
        "Eastcliff", "south", ("Chalk Pits", "Eastern Sands", "Lighthouse Point", "Gull Cliff"),
        3550, 2.6, 1.20, -0.15, -0.15,
    ),
)  # fmt: skip


def areas() -> pd.DataFrame:
    """Every neighbourhood with its district, in the order of :data:`DISTRICTS`."""
    rows = [(name, district.name) for district in DISTRICTS for name in district.neighbourhoods]
    return pd.DataFrame(rows, columns=["neighbourhood", "district"])


def boundaries() -> dict[str, Polygon]:
    """Polygons of the neighbourhoods in degrees; neighbours share their edges point by point."""
    rng = np.random.default_rng([SEED, CITY_STREAM])
    cells: dict[str, Polygon] = {}
    for bank, land in _banks(rng).items():
        districts = [district for district in DISTRICTS if district.bank == bank]
        sizes = [len(district.neighbourhoods) for district in districts]
        polygons = _cells(land, sum(sizes), rng)
        centres = np.array([cell.centroid.coords[0] for cell in polygons])
        for district, members in zip(districts, _group(centres, sizes), strict=True):
            # Names run from west to east, as the districts do.
            members = members[np.argsort(centres[members, 0])]
            cells |= {n: polygons[i] for n, i in zip(district.neighbourhoods, members, strict=True)}
    rough = _roughen(list(cells.values()), rng)
    return {name: _degrees(cell) for name, cell in zip(cells, rough, strict=True)}


def district_boundaries(neighbourhoods: dict[str, Polygon]) -> dict[str, Polygon]:
    """Each district is the union of its neighbourhoods."""
    return {
        district.name: shapely.coverage_union_all([neighbourhoods[name] for name in district.neighbourhoods])
        for district in DISTRICTS
    }


def write_geojson(path: Path, shapes: dict[str, Polygon], properties: pd.DataFrame) -> None:
    """Write shapes as GeoJSON, one feature a line; ``properties`` has one row a shape, in order."""
    features = []
    for shape, row in zip(shapes.values(), properties.to_dict("records"), strict=True):
        # Normalised, so that a ring begins at the same point whichever library version drew it.
        geometry = mapping(orient(shapely.normalize(shape)))
        feature = {"type": "Feature", "properties": row, "geometry": geometry}
        features.append(json.dumps(feature, separators=(",", ":")))
    body = ",\n".join(features)
    path.write_text(f'{{"type":"FeatureCollection","features":[\n{body}\n]}}\n', encoding="utf-8", newline="\n")


def _banks(rng: np.random.Generator) -> dict[str, Polygon]:
    """Land north and south of the river, in kilometres from the middle of the city."""
    angle = np.linspace(0, 2 * np.pi, 240, endpoint=False)
    reach = np.ones_like(angle)
    for waves in range(2, 40):
        reach += rng.normal(0, 0.1 / waves) * np.cos(waves * angle + rng.uniform(0, 2 * np.pi))
    city = Polygon(np.column_stack([REACH_X * reach * np.cos(angle), REACH_Y * reach * np.sin(angle)]))
    x = np.linspace(-14, 14, 90)
    y = -1.3 + 0.8 * np.sin(x / 2.9) + 0.25 * np.sin(x / 1.1 + 1)
    shore = np.column_stack([x, y + RIVER / 2]), np.column_stack([x, y - RIVER / 2])
    river = Polygon(np.vstack([shore[0], shore[1][::-1]]))
    south, north = sorted(city.difference(river).geoms, key=lambda land: land.centroid.y)
    return {"north": north, "south": south}


def _cells(land: Polygon, count: int, rng: np.random.Generator) -> list[Polygon]:
    """Voronoi cells of jittered points, smaller towards the middle of the city."""
    west, south, east, north = land.bounds
    points = np.empty((0, 2))
    while len(points) < count:
        point = rng.uniform((west, south), (east, north))
        if land.contains(shapely.Point(point)):
            points = np.vstack([points, point])
    for _ in range(3):
        points = np.array([cell.centroid.coords[0] for cell in _voronoi(points, land)])
    distance = np.hypot(points[:, 0] / REACH_X, points[:, 1] / REACH_Y)[:, None]
    points = points * np.clip(distance, 0.05, 1) ** 0.25 + rng.normal(0, 0.12, points.shape)
    return _voronoi(points, land)


def _voronoi(points: np.ndarray, land: Polygon) -> list[Polygon]:
    cells = shapely.voronoi_polygons(MultiPoint(points), extend_to=land).geoms
    ordered = [next(c for c in cells if c.contains(shapely.Point(point))) for point in points]
    return [_largest(cell.intersection(land)) for cell in ordered]


def _largest(shape: shapely.Geometry) -> Polygon:
    """A cell that the river bends through may fall apart; its largest part stays."""
    return max(getattr(shape, "geoms", [shape]), key=lambda part: part.area)


def _group(centres: np.ndarray, sizes: list[int]) -> list[np.ndarray]:
    """Members of compact groups of the stated sizes, from west to east: k-means with fixed sizes."""
    order = np.argsort(centres[:, 0])
    means = np.array([centres[part].mean(axis=0) for part in np.split(order, np.cumsum(sizes)[:-1])])
    slots = np.repeat(np.arange(len(sizes)), sizes)
    for _ in range(20):
        cost = ((centres[:, None, :] - means[slots][None, :, :]) ** 2).sum(axis=2)
        cell, slot = linear_sum_assignment(cost)
        groups = [cell[slots[slot] == group] for group in range(len(sizes))]
        means = np.array([centres[group].mean(axis=0) for group in groups])
    return groups


def _roughen(cells: list[Polygon], rng: np.random.Generator) -> list[Polygon]:
    """Bend the straight edges between two cells, the same way in both."""
    rings = [np.round(np.array(cell.exterior.coords), 7) for cell in cells]
    edges = [[_edge(a, b) for a, b in pairwise(ring)] for ring in rings]
    shared = Counter(edge for ring in edges for edge in ring)
    # Sorted, so that the random numbers do not hang on the order in which cells were built.
    bent = {edge: _bend(np.array(edge[0]), np.array(edge[1]), rng) for edge in sorted(shared) if shared[edge] == 2}
    rough = []
    for ring, keys in zip(rings, edges, strict=True):
        points: list[np.ndarray] = []
        for start, key in zip(ring[:-1], keys, strict=True):
            line = bent.get(key, [start])
            backwards = key in bent and not np.array_equal(line[0], start)
            points += line[:0:-1] if backwards else line[: max(1, len(line) - 1)]
        rough.append(Polygon(points))
    return rough


def _edge(a: Iterable[float], b: Iterable[float]) -> tuple[tuple[float, ...], ...]:
    return tuple(sorted((tuple(map(float, a)), tuple(map(float, b)))))


def _bend(a: np.ndarray, b: np.ndarray, rng: np.random.Generator) -> list[np.ndarray]:
    """Points from a to b with every middle pushed aside, until the steps are short."""
    length = float(np.hypot(*(b - a)))
    if length < 0.35:
        return [a, b]
    across = np.array([a[1] - b[1], b[0] - a[0]])
    middle = (a + b) / 2 + across * rng.normal(0, 0.07)
    return _bend(a, middle, rng)[:-1] + _bend(middle, b, rng)


def _degrees(cell: Polygon) -> Polygon:
    """Kilometres to longitude and latitude, rounded to about a metre."""
    points = np.array(cell.exterior.coords)
    longitude = LONGITUDE + points[:, 0] / (KM_PER_DEGREE * np.cos(np.radians(LATITUDE)))
    latitude = LATITUDE + points[:, 1] / KM_PER_DEGREE
    return Polygon(np.round(np.column_stack([longitude, latitude]), DECIMALS))
