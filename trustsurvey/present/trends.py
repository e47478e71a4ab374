"""Charts of a course: a score over waves, areas side by side, what focus groups added one after another."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from trustsurvey.language import _
from trustsurvey.present import theme
from trustsurvey.present.plot import plot, upright
from trustsurvey.present.theme import safe
from trustsurvey.present.words import likely, whole


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
