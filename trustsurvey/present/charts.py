"""Charts of results: a dot and a line for an estimate and its range, everywhere the same."""

from __future__ import annotations

import html
from itertools import pairwise
from textwrap import wrap
from typing import Any

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from trustsurvey.language import _
from trustsurvey.present import theme
from trustsurvey.present.plot import plot, upright
from trustsurvey.present.theme import safe
from trustsurvey.present.words import count, likely, whole, worth

ROW_HEIGHT = 26


def dots(
    rows: pd.DataFrame, label: str = "level", reference: float | None = None, near: float = 8.0, top: float = 100.0
) -> go.Figure:
    """One row an area, group, measure or theme: dot and 95 % range on 0 to ``top``, hidden rows named as such.

    ``rows`` has ``label``, est, lci, uci, suppressed, in the order to show, first on top. A number stands behind
    its range, or before it where the line at ``reference`` would go through it: that is, less than ``near`` behind.
    """
    return plot(*dots_parts(rows, label, reference, near, top))


def dots_parts(
    rows: pd.DataFrame, label: str, reference: float | None, near: float, top: float = 100.0
) -> tuple[list[dict[str, Any]], dict[str, Any]]:
    """Traces and layout of :func:`dots`: the dots with their ranges, and the numbers written beside them."""
    rows = rows.iloc[::-1]
    names = [safe(name) for name in rows[label]]
    shown = (rows["suppressed"] == "").to_numpy()
    est, lci, uci = (rows[name].to_numpy(float) for name in ("est", "lci", "uci"))
    known = [name for name, ok in zip(names, shown, strict=True) if ok]
    # The number itself is written, so that the chart can be read on paper.
    crossed = np.zeros(len(rows), bool) if reference is None else (uci < reference) & (reference < uci + near)
    traces = [
        {
            "type": "scatter",
            "x": est[shown],
            "y": known,
            "mode": "markers",
            "cliponaxis": False,
            "marker": {"color": theme.INK, "size": 8},
            "error_x": {
                "type": "data",
                "symmetric": False,
                "array": (uci - est)[shown],
                "arrayminus": (est - lci)[shown],
                "color": theme.INK,
                "thickness": 2,
                "width": 0,
            },
            "hovertext": [likely(*v) for v in zip(est[shown], lci[shown], uci[shown], strict=True)],
            "hovertemplate": "%{y}: %{hovertext}<extra></extra>",
        },
        {
            "type": "scatter",
            "x": np.where(crossed, lci, uci)[shown],
            "y": known,
            "mode": "text",
            "text": [
                f"{whole(v)} " if left else f" {whole(v)}" for v, left in zip(est[shown], crossed[shown], strict=True)
            ],
            "textposition": np.where(crossed, "middle left", "middle right")[shown],
            "textfont": {"size": 12},
            "cliponaxis": False,
            "hoverinfo": "skip",
        },
    ]
    # A note's place is a number: by its name "1" would be one as well.
    places = {name: place for place, name in enumerate(dict.fromkeys(names))}
    notes = [
        {
            "x": 1,
            "y": places[name],
            "text": _("too few read") if why == "too few read" else _("too few answers"),
            "showarrow": False,
            "xanchor": "left",
            "font": {"size": 11},
        }
        for name, why in zip(names, rows["suppressed"], strict=True)
        if why
    ]
    lines = [upright(reference, "dot")] if reference is not None and np.isfinite(reference) else []
    return traces, {**framed(names, len(rows), top), "shapes": lines, "annotations": notes}


def framed(names: list[str], rows: int, top: float = 100.0) -> dict[str, Any]:
    """A layout with axes of 0 to ``top`` and one line a name, the first name at the bottom."""
    # A tick is named: the number 1 would be the category "1".
    places = list(dict.fromkeys(names))
    lines = [_wrapped(name) for name in places]
    row_height = ROW_HEIGHT if not any("<br>" in line for line in lines) else round(1.35 * ROW_HEIGHT)
    return {
        "height": 60 + row_height * max(rows, 1),
        "margin": {"l": 8, "r": 12, "t": 8, "b": 32},
        "showlegend": False,
        "xaxis": {
            "range": [0, top],
            "gridcolor": theme.GRID,
            "zeroline": False,
            "fixedrange": True,
            "dtick": 25 if top > 50 else 10,
        },
        "yaxis": {
            "type": "category",
            "categoryorder": "array",
            "categoryarray": names,
            "fixedrange": True,
            "automargin": True,
            "tickvals": places,
            "ticktext": lines,
            "range": [-0.6, max(rows, 1) - 0.4],
        },
        "dragmode": False,
    }


def named(layout: dict[str, Any]) -> dict[str, Any]:
    """The layout with room above for what the marks are called."""
    return layout | {
        "showlegend": True,
        "legend": {"orientation": "h", "y": 1.0, "yanchor": "bottom", "x": 0, "xanchor": "left"},
        "margin": {"l": 8, "r": 12, "t": 36, "b": 32},
        "height": layout["height"] + 28,
    }


def _wrapped(name: str) -> str:
    """A name that is plain text already, on lines of some 25 letters."""
    return "<br>".join(map(safe, wrap(html.unescape(name), 25, break_long_words=False)))


def trend_range(rows: pd.DataFrame) -> tuple[float, float]:
    """The part of 0 to 100 that a trend is drawn on: tens around its ranges, at least 40 points."""
    low, high = rows["lci"].min(), rows["uci"].max()
    if not np.isfinite(low):
        return 0.0, 100.0
    low, high = 10 * np.floor(low / 10), 10 * np.ceil(high / 10)
    while high - low < 40:
        low, high = max(0.0, low - 10), min(100.0, high + 10)
    return float(low), float(high)


def trend(rows: pd.DataFrame, waves: list[str], breaks: tuple[str, ...] = ()) -> go.Figure:
    """A measure over waves: dots with ranges in a band, a thin line that stops where a series breaks.

    Drawn on :func:`trend_range`, which the sentence above the chart must name.
    """
    low, high = trend_range(rows)
    rows = rows.set_index("wave").reindex(waves)
    est, lci, uci = (rows[name].to_numpy(float) for name in ("est", "lci", "uci"))
    names = [safe(wave) for wave in waves]
    starts = [0, *(waves.index(wave) for wave in breaks if wave in waves), len(waves)]
    traces = []
    for first, last in pairwise(starts):
        part = slice(first, last)
        x = names[part]
        known = np.isfinite(est[part])
        traces.append(_band([n for n, ok in zip(x, known, strict=True) if ok], lci[part][known], uci[part][known]))
        traces.append(
            {
                "type": "scatter", "x": x, "y": est[part], "mode": "lines+markers+text",
                "text": [whole(v) if np.isfinite(v) else "" for v in est[part]],
                "textposition": "top right", "textfont": {"size": 12},
                "line": {"color": theme.INK, "width": 1.5}, "marker": {"size": 8, "color": theme.INK},
                "error_y": {
                    "type": "data", "symmetric": False, "array": (uci - est)[part],
                    "arrayminus": (est - lci)[part], "color": theme.INK, "thickness": 1.5, "width": 0,
                },
                "hovertext": [likely(*v) if np.isfinite(v[0]) else _("too few answers")
                              for v in zip(est[part], lci[part], uci[part], strict=True)],
                "hovertemplate": "%{x}: %{hovertext}<extra></extra>",
            }
        )  # fmt: skip
    broken = [position - 0.5 for position, wave in enumerate(waves) if wave in breaks and position]
    layout = {
        "height": 280,
        "margin": {"l": 8, "r": 12, "t": 24, "b": 32},
        "showlegend": False,
        "yaxis": {"range": [low, high], "gridcolor": theme.GRID, "zeroline": False, "fixedrange": True, "dtick": 10},
        "xaxis": {
            "fixedrange": True, "type": "category", "categoryorder": "array", "categoryarray": names,
            "range": [-0.5, len(names) - 0.5],
        },
        "dragmode": False,
        "shapes": [upright(at, "dash") for at in broken],
        "annotations": [
            {
                "x": at, "y": 1, "yref": "paper", "yanchor": "bottom", "showarrow": False,
                "text": _("not asked in the same way from here"), "font": {"size": 11},
            }
            for at in broken
        ],
    }  # fmt: skip
    return plot(traces, layout)


def trend_grid(rows: pd.DataFrame, waves: list[str], breaks: tuple[str, ...] = (), columns: int = 2) -> go.Figure:
    """One small trend an area, all on the same axes; drawn on the :func:`trend_range` of all rows."""
    areas = list(dict.fromkeys(rows["level"]))
    lines = -(-len(areas) // columns)
    low, high = trend_range(rows)
    names = [safe(wave) for wave in waves]
    starts = [0, *(waves.index(wave) for wave in breaks if wave in waves), len(waves)]
    traces = []
    for number, area in enumerate(areas):
        at = str(number + 1) if number else ""
        part = rows[rows["level"] == area].set_index("wave").reindex(waves)
        est, lci, uci = (part[name].to_numpy(float) for name in ("est", "lci", "uci"))
        for first, last in pairwise(starts):
            x, known = names[first:last], np.isfinite(est[first:last])
            spans = [name for name, ok in zip(x, known, strict=True) if ok]
            band = _band(spans, lci[first:last][known], uci[first:last][known])
            told = [likely(*v) for v in zip(est[first:last], lci[first:last], uci[first:last], strict=True)
                    if np.isfinite(v[0])]  # fmt: skip
            line = {
                "type": "scatter", "x": spans, "y": est[first:last][known], "mode": "lines+markers",
                "line": {"color": theme.INK, "width": 1.5}, "marker": {"size": 5, "color": theme.INK},
                "hovertext": told, "hovertemplate": f"{safe(area)}, %{{x}}: %{{hovertext}}<extra></extra>",
            }  # fmt: skip
            traces += [trace | {"xaxis": f"x{at}", "yaxis": f"y{at}"} for trace in (band, line)]
    up = {"range": [low, high], "gridcolor": theme.GRID, "zeroline": False, "fixedrange": True, "dtick": 20}
    # The first wave and the last: more would run into each other on a telephone.
    along = {
        "type": "category", "categoryorder": "array", "categoryarray": names, "fixedrange": True, "tickangle": 0,
        "tickvals": list(dict.fromkeys([*names[:1], *names[-1:]])), "range": [-0.5, len(names) - 0.5],
    }  # fmt: skip
    plan: dict[str, Any] = {
        "height": 60 + 130 * lines, "margin": {"l": 8, "r": 12, "t": 28, "b": 32}, "showlegend": False,
        "dragmode": False, "annotations": [],
    }  # fmt: skip
    tall, wide = (1 - 0.28 * (lines - 1) / max(lines, 1)) / max(lines, 1), (1 - 0.12 * (columns - 1)) / columns
    for number, area in enumerate(areas):
        at = str(number + 1) if number else ""
        down, across = divmod(number, columns)
        left, bottom = across * (wide + 0.12), (lines - 1 - down) * (tall + 0.28 / lines)
        ticks = {"showticklabels": number >= len(areas) - columns}
        plan[f"xaxis{at}"] = {**along, **ticks, "anchor": f"y{at}", "domain": [left, left + wide]}
        ticks = {"showticklabels": across == 0}
        plan[f"yaxis{at}"] = {**up, **ticks, "anchor": f"x{at}", "domain": [bottom, bottom + tall]}
        plan["annotations"].append(
            {
                "text": safe(area, 30), "showarrow": False, "font": {"size": 12}, "xref": "paper", "yref": "paper",
                "x": left + wide / 2, "xanchor": "center", "y": bottom + tall, "yanchor": "bottom",
            }
        )  # fmt: skip
    return plot(traces, plan)


def _band(x: list[str], low: np.ndarray, high: np.ndarray) -> dict[str, Any]:
    return {
        "type": "scatter",
        "x": [*x, *reversed(x)],
        "y": [*high, *low[::-1]],
        "fill": "toself",
        "fillcolor": theme.BAND,
        "line": {"width": 0},
        "mode": "lines",
        "hoverinfo": "skip",
    }


def accumulation(rows: pd.DataFrame) -> go.Figure:
    """Themes known after one focus group, two and so on: as they were held, and in any order with its range.

    ``rows``: groups, seen, expected, lci, uci.
    """
    x = [str(n) for n in rows["groups"]]
    traces = [_band(x, rows["lci"].to_numpy(float), rows["uci"].to_numpy(float))]
    for column, name, colour, dash, place in (
        ("expected", _("in any order"), theme.MUTED, "dot", "bottom left"),
        ("seen", _("as they were held"), theme.INK, "solid", "top left"),
    ):
        traces.append(
            {
                "type": "scatter", "x": x, "y": rows[column].to_numpy(float), "mode": "lines+markers+text",
                "line": {"color": colour, "width": 1.5, "dash": dash}, "marker": {"color": colour, "size": 7},
                "text": [*[""] * (len(x) - 1), name], "textposition": place,
                "hovertemplate": _("%{y:.0f} themes, {name}").replace("{name}", name) + "<extra></extra>",
            }
        )  # fmt: skip
    layout = {
        "height": 280, "margin": {"l": 8, "r": 12, "t": 8, "b": 32}, "showlegend": False, "dragmode": False,
        "xaxis": {"type": "category", "fixedrange": True, "title": {"text": _("groups")}},
        "yaxis": {
            "rangemode": "tozero", "fixedrange": True, "gridcolor": theme.GRID, "title": {"text": _("themes")},
        },
    }  # fmt: skip
    return plot(traces, layout)


def table(rows: pd.DataFrame, label: str = "level") -> pd.DataFrame:
    """The numbers behind a chart of estimates, in words for its column heads."""
    hidden = rows["suppressed"] != ""
    return pd.DataFrame(
        {
            "": [str(name) for name in rows[label]],
            _("Score"): rows["est"].map(lambda v: whole(v) if np.isfinite(v) else _("too few answers")),
            _("Likely from"): rows["lci"].map(lambda v: whole(v) if np.isfinite(v) else ""),
            _("to"): rows["uci"].map(lambda v: whole(v) if np.isfinite(v) else ""),
            _("Answers"): [
                "" if no else count(n) if np.isfinite(n) else _("{least} or more").format(least=count(least))
                for n, least, no in zip(rows["n"], rows["at_least"], hidden, strict=True)
            ],
            _("Worth"): [
                worth(n, n_eff) if np.isfinite(n_eff) else "" for n, n_eff in zip(rows["n"], rows["n_eff"], strict=True)
            ],
        }
    )
