"""Charts as small inline SVG for paper: the marks of :mod:`charts` and :mod:`maps`, without a script.

Every drawing takes protected rows as the charts of the pages do, is legible in black and white, and says to a screen
reader its sentence and the numbers in it. Names are escaped.
"""

from __future__ import annotations

import html
import math
from collections.abc import Callable, Hashable, Iterable, Mapping as MappingType, Sequence
from itertools import groupby, pairwise
from textwrap import wrap
from typing import Any

import numpy as np
import pandas as pd
import shapely

from trustsurvey.language import N_, _
from trustsurvey.model import Floats
from trustsurvey.present import theme
from trustsurvey.present.findings import share_words
from trustsurvey.present.maps import colour_range, map_areas
from trustsurvey.present.trends import trend_range
from trustsurvey.present.words import likely, whole
from trustsurvey.voices.mentions import TOO_FEW_READ
from trustsurvey.wording import fold

#: Narrow, so that letters can still be read where a telephone shows the whole width.
WIDTH = 540
#: Where names end and the axis begins and ends, in a chart of rows; letters of a line of a name.
LEFT, RIGHT, LETTERS = 160, 496, 21
ROW = 25
TOO_FEW = N_("too few answers")
TEXT, FAINT, LINE = "#1f2a30", "#56616a", "#c9ced2"
#: The tallest a map is, and how many letters of paths it may take.
MAP_HEIGHT, MAP_LETTERS = 430, 120_000


def dots(rows: pd.DataFrame, label: str, alt: str, reference: float | None = None, top: float = 100.0) -> str:
    """One row an area, group or theme: dot, range and number on 0 to ``top``; as ``charts.dots`` draws them."""
    scale = (RIGHT - LEFT) / top
    body, y = [], 14.0
    for row in rows.to_dict("records"):
        lines = _lines(row[label])
        height = ROW + 15 * (len(lines) - 1)
        middle = y + height / 2
        body.append(_name(lines, middle))
        if row["suppressed"]:
            body.append(_text(LEFT + 6, middle + 5, _said(row), fill=FAINT, style="italic"))
        else:
            at, low, high = (LEFT + scale * min(max(float(row[k]), 0.0), top) for k in ("est", "lci", "uci"))
            body.append(_line(low, middle, high, middle, theme.INK, 2.5))
            body.append(f'<circle cx="{at:.1f}" cy="{middle:.1f}" r="4.5" fill="{theme.INK}"/>')
            told, where, anchor = whole(float(row["est"])), high + 7, "start"
            # Where the line of everyone would go through the number, it stands before its range.
            if reference is not None and high - 4 < LEFT + scale * reference < high + 32:
                where, anchor = low - 7, "end"
            body.append(_text(where, middle + 5, told, anchor))
        y += height
    axis = [_tick(LEFT + scale * v, 10, y, f"{v:.0f}") for v in np.arange(0, top + 1, 25 if top > 50 else 10)]
    if reference is not None and math.isfinite(reference):
        x = LEFT + scale * reference
        axis.append(_line(x, 6, x, y, FAINT, 1.5, dash="2 3"))
    said = (f"{row[label]}: {_said(row)}." for row in rows.to_dict("records"))
    return _drawing("".join([*axis, *body]), y + 20, alt, said)


def represented(rows: pd.DataFrame, alt: str) -> str:
    """Share of answers (circle) and of residents (upright stroke) of each category; as ``pairs.represented``.

    ``rows``: category, base, population on 0 to 1. Hidden categories, and one that is all that is shown, stay out.
    """
    rows = rows[(rows["population"] < 1) & rows["base"].notna()]
    most = float(np.nanmax([*rows["base"], *rows["population"], 0.01])) if len(rows) else 0.01
    top = max(20.0, 10 * math.ceil(10 * most))
    scale = (RIGHT - LEFT) / top
    body, y = [], 14.0
    for row in rows.to_dict("records"):
        a, b = (LEFT + scale * 100 * float(row[k]) for k in ("base", "population"))
        lines = _lines(row["category"])
        height = ROW + 15 * (len(lines) - 1)
        middle = y + height / 2
        body += [
            _name(lines, middle),
            _line(a, middle, b, middle, LINE, 2),
            _line(b, middle - 8, b, middle + 8, TEXT, 3),
            f'<circle cx="{a:.1f}" cy="{middle:.1f}" r="5" fill="#ffffff" stroke="{theme.INK}" stroke-width="2"/>',
            _text(max(a, b) + 10, middle + 5, share_words(float(row["base"]))),
        ]
        y += height
    step = 5 if top <= 20 else 10 if top <= 60 else 25
    axis = [_tick(LEFT + scale * v, 10, y, f"{v:.0f} %") for v in np.arange(0, top + 1, step)]
    said = (
        _("{category}: {base} of answers, {population} of residents.").format(
            category=row["category"], base=share_words(row["base"]), population=share_words(row["population"])
        )
        for row in rows.to_dict("records")
    )
    return _drawing("".join([*axis, *body]), y + 20, alt, said)


def trend(rows: pd.DataFrame, waves: Sequence[str], breaks: Sequence[str], alt: str) -> str:
    """A score over waves: dots and ranges in a band, a line that stops at gaps and breaks; as ``trends.trend``."""
    low, high = trend_range(rows)
    height, bottom, first, last = 250, 218, 40, WIDTH - 36
    values = rows.set_index("wave").reindex(waves)[["est", "lci", "uci"]].to_numpy(float)
    xs = np.linspace(first + 24, last - 24, len(waves)) if len(waves) > 1 else np.array([(first + last) / 2])

    def up(value: float) -> float:
        return bottom - (bottom - 24) * (min(max(value, low), high) - low) / (high - low)

    body = []
    for value in np.arange(low, high + 1, 10):
        body += [
            _line(first, up(value), last, up(value), LINE, 1),
            _text(first - 6, up(value) + 5, whole(value), "end"),
        ]
    starts = [0, *(k for k, wave in enumerate(waves) if wave in breaks and k), len(waves)]
    for start, end in pairwise(starts):
        known = [k for k in range(start, end) if np.isfinite(values[k]).all()]
        for _gap, run in groupby(enumerate(known), lambda pair: pair[1] - pair[0]):
            body.append(_run([k for _at, k in run], xs, values, up))
    for k in starts[1:-1]:
        x = (xs[k - 1] + xs[k]) / 2
        body += [_line(x, 20, x, bottom, FAINT, 1, dash="5 4"),
                 _text(x, 14, _("not asked in the same way from here"), "middle", fill=FAINT, size=12)]  # fmt: skip
    longest = max(len(str(wave)) for wave in waves)
    every = math.ceil(len(waves) * (6.5 * min(longest, 24) + 6) / (last - first))
    for k, wave in enumerate(waves):
        if (len(waves) - 1 - k) % every == 0:
            body.append(_text(xs[k], bottom + 18, theme.safe(wave, 24), "middle", size=12, escaped=True))
    told = zip(waves, values, strict=True)
    said = (f"{wave}: {likely(*row) if np.isfinite(row).all() else _(TOO_FEW)}." for wave, row in told)
    return _drawing("".join(body), height, alt, said)


def _run(at: list[int], xs: Floats, values: Floats, up: Callable[[float], float]) -> str:
    """Waves that follow one another: band, line, ranges, dots and numbers."""
    est, lci, uci = (values[at, k] for k in range(3))
    parts = []
    if len(at) > 1:
        around = [*zip(xs[at], map(up, uci), strict=True), *zip(xs[at][::-1], map(up, lci[::-1]), strict=True)]
        parts.append(f'<polygon points="{_points(around)}" fill="{theme.INK}" fill-opacity="0.18"/>')
        line = _points(list(zip(xs[at], map(up, est), strict=True)))
        parts.append(f'<polyline points="{line}" fill="none" stroke="{theme.INK}" stroke-width="1.5"/>')
    for x, value, low, high in zip(xs[at], est, lci, uci, strict=True):
        parts += [
            _line(x, up(low), x, up(high), theme.INK, 2),
            f'<circle cx="{x:.1f}" cy="{up(value):.1f}" r="4" fill="{theme.INK}"/>',
            _text(x + 7, up(value) - 6, whole(value)),
        ]
    return "".join(parts)


def level_map(geojson: str, rows: pd.DataFrame, alt: str) -> str:
    """Areas in one hue with their scores written in them, hidden ones grey and hatched; as ``maps.level_map``."""
    shapes = map_areas(geojson)
    by_name = {fold(str(row["level"])): row for row in rows.to_dict("records")}
    low, high = colour_range(rows["est"].to_numpy(float))
    drawn, height = _fitted(list(shapes.values()))
    areas, labels, said = [], [], []
    for name, (path, middle, room) in zip(shapes, drawn, strict=True):
        row = by_name.get(fold(name))
        if row is None or row["suppressed"]:
            fill, told = "url(#hidden)", _(TOO_FEW)
        else:
            est = float(row["est"])
            step = round((len(theme.LEVEL) - 1) * (est - low) / (high - low))
            fill, told = theme.LEVEL[step], _said(row)
            if room:
                colour = "#ffffff" if step > 2 else TEXT
                labels.append(_text(middle[0], middle[1] + 5, whole(est), "middle", fill=colour))
        said.append(f"{name}: {told}.")
        title = f"<title>{theme.safe(name)}: {told}</title>"
        areas.append(f'<path d="{path}" fill="{fill}" stroke="{FAINT}" stroke-width="0.7">{title}</path>')
    return _drawing(_HATCH + "".join([*areas, *labels, _legend(height, low, high)]), height + 34, alt, said)


_HATCH = (
    '<defs><pattern id="hidden" width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">'
    f'<rect width="6" height="6" fill="{theme.HIDDEN}"/><rect width="1.5" height="6" fill="{FAINT}"/></pattern></defs>'
)


def _legend(y: float, low: float, high: float) -> str:
    """The hue from low to high, and what hatching means."""
    parts = [_text(8, y + 25, f"{low:.0f}")]
    for k, colour in enumerate(theme.LEVEL):
        parts.append(f'<rect x="{34 + 24 * k}" y="{y + 13:.1f}" width="24" height="14" fill="{colour}"/>')
    end = 34 + 24 * len(theme.LEVEL)
    parts.append(_text(end + 6, y + 25, _("{high}, darker is higher").format(high=whole(high))))
    parts.append(f'<rect x="{end + 160}" y="{y + 13:.1f}" width="24" height="14" fill="url(#hidden)"/>')
    return "".join([*parts, _text(end + 190, y + 25, _(TOO_FEW))])


Drawn = tuple[str, tuple[float, float], bool]


def _fitted(shapes: list[shapely.Geometry]) -> tuple[list[Drawn], float]:
    """Paths in Mercator that fit the page: path, a point inside, whether a number has room there; and their height.

    Corners closer than half a unit go; more go where all paths together would be too long for a page.
    """

    def mercator(points: Floats) -> Floats:
        lat = np.radians(np.clip(points[:, 1], -85, 85))
        return np.column_stack([np.radians(points[:, 0]), np.log(np.tan(np.pi / 4 + lat / 2))])

    flat = [shapely.transform(shape, mercator) for shape in shapes]
    west, south, east, north = shapely.total_bounds(flat)
    unit = min((WIDTH - 4) / max(east - west, 1e-12), MAP_HEIGHT / max(north - south, 1e-12))
    left = (WIDTH - unit * (east - west)) / 2

    def onto(points: Floats) -> Floats:
        return np.column_stack([left + unit * (points[:, 0] - west), 2 + unit * (north - points[:, 1])])

    page = [shapely.transform(shape, onto) for shape in flat]
    tolerance = 0.5
    paths = [_path(shape) for shape in shapely.simplify(page, tolerance)]
    while sum(map(len, paths)) > MAP_LETTERS and tolerance < WIDTH:
        tolerance *= 2
        paths = [_path(shape) for shape in shapely.simplify(page, tolerance)]
    drawn = []
    for shape, path in zip(page, paths, strict=True):
        inside = shapely.point_on_surface(shape)
        room = not shape.is_empty and shape.contains(
            shapely.box(inside.x - 9, inside.y - 7, inside.x + 9, inside.y + 7)
        )
        drawn.append((path, (inside.x, inside.y) if room else (0.0, 0.0), room))
    return drawn, float(unit * (north - south)) + 4


def _path(shape: shapely.Geometry) -> str:
    rings = []
    for part in shapely.get_parts(shape):
        if part.geom_type == "Polygon" and not part.is_empty:
            for ring in (part.exterior, *part.interiors):
                rings.append("M" + _points(shapely.get_coordinates(ring)[:-1], " ") + "Z")
    return "".join(rings)


# --- marks --------------------------------------------------------------------------------------------------


def _said(row: MappingType[Hashable, Any]) -> str:
    """An estimate in words: '54, likely between 52 and 56'."""
    if row["suppressed"]:
        return _("too few read") if row["suppressed"] == TOO_FEW_READ else _(TOO_FEW)
    return likely(float(row["est"]), float(row["lci"]), float(row["uci"]))


def _drawing(body: str, height: float, alt: str, said: Iterable[str]) -> str:
    """The whole picture; a screen reader says ``alt`` and what is ``said`` of each row."""
    alt = " ".join([alt, *said])
    return (
        f'<svg viewBox="0 0 {WIDTH} {height:.0f}" width="{WIDTH}" height="{height:.0f}" role="img" '
        f'aria-label="{html.escape(alt)}" font-family="Helvetica, Arial, sans-serif" font-size="14">{body}</svg>'
    )


def _text(
    x: float, y: float, text: str, anchor: str = "start", *, fill: str = TEXT, size: int = 14, style: str = "",
    escaped: bool = False,
) -> str:  # fmt: skip
    plain = text if escaped else html.escape(text)
    slant = f' font-style="{style}"' if style else ""
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" font-size="{size}" fill="{fill}"{slant}>{plain}</text>'
    )


def _line(x1: float, y1: float, x2: float, y2: float, colour: str, width: float, dash: str = "") -> str:
    broken = f' stroke-dasharray="{dash}"' if dash else ""
    return (
        f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" stroke="{colour}" '
        f'stroke-width="{width}"{broken}/>'
    )


def _tick(x: float, top: float, bottom: float, told: str) -> str:
    return _line(x, top, x, bottom, LINE, 1) + _text(x, bottom + 16, told, "middle", fill=FAINT, size=12)


def _points(points: Sequence[Sequence[float]] | Floats, between: str = " ") -> str:
    return between.join(f"{x:.1f},{y:.1f}" for x, y in points)


def _lines(name: object, most: int = 2) -> list[str]:
    """A name on lines of :data:`LETTERS` letters, at most so many."""
    lines = wrap(" ".join(str(name).split()), LETTERS) or [""]
    return lines if len(lines) <= most else [*lines[: most - 1], lines[most - 1][: LETTERS - 1] + "\u2026"]


def _name(lines: list[str], middle: float) -> str:
    top = middle + 5 - 7.5 * (len(lines) - 1)
    return "".join(_text(LEFT - 10, top + 15 * k, line, "end") for k, line in enumerate(lines))
