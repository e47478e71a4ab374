"""Charts of results: a dot and a line for an estimate and its range, everywhere the same."""

from __future__ import annotations

import html
from itertools import pairwise
from textwrap import wrap

import numpy as np
import pandas as pd
import plotly.graph_objects as go
from plotly.subplots import make_subplots

from trustsurvey.language import _
from trustsurvey.present import theme
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
    rows = rows.iloc[::-1]
    names = [safe(name) for name in rows[label]]
    shown = (rows["suppressed"] == "").to_numpy()
    est, lci, uci = (rows[name].to_numpy(float) for name in ("est", "lci", "uci"))
    figure = go.Figure()
    if reference is not None and np.isfinite(reference):
        figure.add_vline(x=reference, line={"color": theme.MUTED, "dash": "dot", "width": 1})
    figure.add_trace(
        go.Scatter(
            x=est[shown],
            y=[name for name, ok in zip(names, shown, strict=True) if ok],
            mode="markers",
            cliponaxis=False,
            marker={"color": theme.INK, "size": 8},
            error_x={
                "type": "data",
                "symmetric": False,
                "array": (uci - est)[shown],
                "arrayminus": (est - lci)[shown],
                "color": theme.INK,
                "thickness": 2,
                "width": 0,
            },
            hovertext=[likely(*v) for v in zip(est[shown], lci[shown], uci[shown], strict=True)],
            hovertemplate="%{y}: %{hovertext}<extra></extra>",
        )
    )
    # The number itself is written, so that the chart can be read on paper.
    crossed = np.zeros(len(rows), bool) if reference is None else (uci < reference) & (reference < uci + near)
    figure.add_trace(
        go.Scatter(
            x=np.where(crossed, lci, uci)[shown],
            y=[name for name, ok in zip(names, shown, strict=True) if ok],
            mode="text",
            text=[
                f"{whole(v)} " if left else f" {whole(v)}" for v, left in zip(est[shown], crossed[shown], strict=True)
            ],
            textposition=np.where(crossed, "middle left", "middle right")[shown],
            textfont={"size": 12},
            cliponaxis=False,
            hoverinfo="skip",
        )
    )
    places = list(dict.fromkeys(names))
    for name, why in zip(names, rows["suppressed"], strict=True):
        if why:
            told = _("too few read") if why == "too few read" else _("too few answers")
            figure.add_annotation(
                x=1, y=places.index(name), text=told, showarrow=False, xanchor="left",
                font={"size": 11},
            )  # fmt: skip
    return framed(figure, names, len(rows), top)


def framed(figure: go.Figure, names: list[str], rows: int, top: float = 100.0) -> go.Figure:
    """The figure on axes of 0 to ``top`` with one line a name, the first name at the bottom."""
    # A tick is named: the number 1 would be the category "1". Of a note beside it the opposite holds: "1" is a number.
    places = list(dict.fromkeys(names))
    lines = [_wrapped(name) for name in places]
    row_height = ROW_HEIGHT if not any("<br>" in line for line in lines) else round(1.35 * ROW_HEIGHT)
    figure.update_layout(
        height=60 + row_height * max(rows, 1),
        margin={"l": 8, "r": 12, "t": 8, "b": 32},
        showlegend=False,
        xaxis={
            "range": [0, top],
            "gridcolor": theme.GRID,
            "zeroline": False,
            "fixedrange": True,
            "dtick": 25 if top > 50 else 10,
        },
        yaxis={
            "type": "category",
            "categoryorder": "array",
            "categoryarray": names,
            "fixedrange": True,
            "automargin": True,
            "tickvals": places,
            "ticktext": lines,
            "range": [-0.6, max(rows, 1) - 0.4],
        },
        dragmode=False,
    )
    return figure


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
    figure = go.Figure()
    for first, last in pairwise(starts):
        part = slice(first, last)
        x = names[part]
        known = np.isfinite(est[part])
        figure.add_trace(_band([n for n, ok in zip(x, known, strict=True) if ok], lci[part][known], uci[part][known]))
        figure.add_trace(
            go.Scatter(
                x=x,
                y=est[part],
                mode="lines+markers+text",
                text=[whole(v) if np.isfinite(v) else "" for v in est[part]],
                textposition="top right",
                textfont={"size": 12},
                line={"color": theme.INK, "width": 1.5},
                marker={"size": 8, "color": theme.INK},
                error_y={
                    "type": "data", "symmetric": False, "array": (uci - est)[part],
                    "arrayminus": (est - lci)[part], "color": theme.INK, "thickness": 1.5, "width": 0,
                },
                hovertext=[likely(*v) if np.isfinite(v[0]) else _("too few answers")
                           for v in zip(est[part], lci[part], uci[part], strict=True)],
                hovertemplate="%{x}: %{hovertext}<extra></extra>",
            )
        )  # fmt: skip
    for position, wave in enumerate(waves):
        if wave in breaks and position:
            figure.add_vline(x=position - 0.5, line={"color": theme.MUTED, "dash": "dash", "width": 1})
            figure.add_annotation(
                x=position - 0.5, y=1, yref="paper", yanchor="bottom", showarrow=False,
                text=_("not asked in the same way from here"), font={"size": 11},
            )  # fmt: skip
    figure.update_layout(
        height=280,
        margin={"l": 8, "r": 12, "t": 24, "b": 32},
        showlegend=False,
        yaxis={"range": [low, high], "gridcolor": theme.GRID, "zeroline": False, "fixedrange": True, "dtick": 10},
        xaxis={
            "fixedrange": True, "type": "category", "categoryorder": "array", "categoryarray": names,
            "range": [-0.5, len(names) - 0.5],
        },
        dragmode=False,
    )  # fmt: skip
    return figure


def trend_grid(rows: pd.DataFrame, waves: list[str], breaks: tuple[str, ...] = (), columns: int = 2) -> go.Figure:
    """One small trend an area, all on the same axes; drawn on the :func:`trend_range` of all rows."""
    areas = list(dict.fromkeys(rows["level"]))
    lines = -(-len(areas) // columns)
    low, high = trend_range(rows)
    names = [safe(wave) for wave in waves]
    plan = make_subplots(
        rows=lines, cols=columns, shared_xaxes=True, shared_yaxes=True, vertical_spacing=0.28 / max(lines, 1),
        horizontal_spacing=0.12, subplot_titles=[safe(area, 30) for area in areas],
    ).layout.to_plotly_json()  # fmt: skip
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
            line = go.Scatter(
                x=spans, y=est[first:last][known], mode="lines+markers",
                line={"color": theme.INK, "width": 1.5}, marker={"size": 5, "color": theme.INK},
                hovertext=told, hovertemplate=f"{safe(area)}, %{{x}}: %{{hovertext}}<extra></extra>",
            )  # fmt: skip
            traces += [band.update(xaxis=f"x{at}", yaxis=f"y{at}"), line.update(xaxis=f"x{at}", yaxis=f"y{at}")]
    # Axes are changed in the plan: in a figure each change is checked against all that is there.
    upright = {"range": [low, high], "gridcolor": theme.GRID, "zeroline": False, "fixedrange": True, "dtick": 20}
    # The first wave and the last: more would run into each other on a telephone.
    along = {
        "type": "category", "categoryorder": "array", "categoryarray": names, "fixedrange": True, "tickangle": 0,
        "tickvals": list(dict.fromkeys([*names[:1], *names[-1:]])), "range": [-0.5, len(names) - 0.5],
    }  # fmt: skip
    for number in range(lines * columns):
        at = str(number + 1) if number else ""
        below = max(0, len(areas) - columns) <= number < len(areas)
        plan[f"yaxis{at}"] |= upright
        plan[f"xaxis{at}"] |= {**along, "showticklabels": below}
    for title in plan.get("annotations", ()):
        title["font"]["size"] = 12
    plan |= {
        "height": 60 + 130 * lines, "margin": {"l": 8, "r": 12, "t": 28, "b": 32}, "showlegend": False,
        "dragmode": False,
    }  # fmt: skip
    return go.Figure(traces, plan)


def _band(x: list[str], low: np.ndarray, high: np.ndarray) -> go.Scatter:
    return go.Scatter(
        x=[*x, *reversed(x)],
        y=[*high, *low[::-1]],
        fill="toself",
        fillcolor=theme.BAND,
        line={"width": 0},
        mode="lines",
        hoverinfo="skip",
    )


def accumulation(rows: pd.DataFrame) -> go.Figure:
    """Themes known after one focus group, two and so on: as they were held, and in any order with its range.

    ``rows``: groups, seen, expected, lci, uci.
    """
    x = [str(n) for n in rows["groups"]]
    figure = go.Figure(_band(x, rows["lci"].to_numpy(float), rows["uci"].to_numpy(float)))
    for column, name, colour, dash, place in (
        ("expected", _("in any order"), theme.MUTED, "dot", "bottom left"),
        ("seen", _("as they were held"), theme.INK, "solid", "top left"),
    ):
        figure.add_trace(
            go.Scatter(
                x=x, y=rows[column].to_numpy(float), mode="lines+markers+text",
                line={"color": colour, "width": 1.5, "dash": dash}, marker={"color": colour, "size": 7},
                text=[*[""] * (len(x) - 1), name], textposition=place,
                hovertemplate=_("%{y:.0f} themes, {name}").replace("{name}", name) + "<extra></extra>",
            )
        )  # fmt: skip
    figure.update_layout(
        height=280, margin={"l": 8, "r": 12, "t": 8, "b": 32}, showlegend=False, dragmode=False,
        xaxis={"type": "category", "fixedrange": True, "title": _("groups")},
        yaxis={"rangemode": "tozero", "fixedrange": True, "gridcolor": theme.GRID, "title": _("themes")},
    )  # fmt: skip
    return figure


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
