"""Charts of results: a dot and a line for an estimate and its range, everywhere the same."""

from __future__ import annotations

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from trustsurvey.present import theme
from trustsurvey.present.theme import safe
from trustsurvey.present.words import likely, percent, whole

ROW_HEIGHT = 26


def dots(rows: pd.DataFrame, label: str = "level", reference: float | None = None) -> go.Figure:
    """One row an area, group or measure: dot and 95 % range on 0 to 100, hidden rows named as such.

    ``rows`` has ``label``, est, lci, uci, suppressed, in the order to show, first on top.
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
    for name, ok in zip(names, shown, strict=True):
        if not ok:
            figure.add_annotation(
                x=1, y=name, text="too few answers", showarrow=False, xanchor="left",
                font={"color": theme.MUTED, "size": 11},
            )  # fmt: skip
    return _framed(figure, names, len(rows))


def _framed(figure: go.Figure, names: list[str], rows: int) -> go.Figure:
    figure.update_layout(
        height=60 + ROW_HEIGHT * max(rows, 1),
        margin={"l": 8, "r": 12, "t": 8, "b": 32},
        showlegend=False,
        xaxis={
            "range": [0, 100],
            "gridcolor": theme.GRID,
            "zeroline": False,
            "fixedrange": True,
            "dtick": 25,
        },
        yaxis={
            "categoryorder": "array",
            "categoryarray": names,
            "fixedrange": True,
            "automargin": True,
            "range": [-0.6, max(rows, 1) - 0.4],
        },
        dragmode=False,
    )
    return figure


def trend(rows: pd.DataFrame, waves: list[str], breaks: tuple[str, ...] = ()) -> go.Figure:
    """A measure over waves: dots with ranges in a band, a thin line that stops where a series breaks."""
    rows = rows.set_index("wave").reindex(waves)
    est, lci, uci = (rows[name].to_numpy(float) for name in ("est", "lci", "uci"))
    names = [safe(wave) for wave in waves]
    starts = [0, *(waves.index(wave) for wave in breaks if wave in waves), len(waves)]
    figure = go.Figure()
    for first, last in zip(starts, starts[1:], strict=False):
        part = slice(first, last)
        x = names[part]
        known = np.isfinite(est[part])
        figure.add_trace(
            _band([n for n, ok in zip(x, known, strict=True) if ok], lci[part][known], uci[part][known])
        )
        figure.add_trace(
            go.Scatter(
                x=x,
                y=est[part],
                mode="lines+markers",
                line={"color": theme.INK, "width": 1.5},
                marker={"size": 8, "color": theme.INK},
                error_y={
                    "type": "data", "symmetric": False, "array": (uci - est)[part],
                    "arrayminus": (est - lci)[part], "color": theme.INK, "thickness": 1.5, "width": 0,
                },
                hovertext=[likely(*v) if np.isfinite(v[0]) else "too few answers"
                           for v in zip(est[part], lci[part], uci[part], strict=True)],
                hovertemplate="%{x}: %{hovertext}<extra></extra>",
            )
        )  # fmt: skip
    for position, wave in enumerate(waves):
        if wave in breaks and position:
            figure.add_vline(x=position - 0.5, line={"color": theme.MUTED, "dash": "dash", "width": 1})
            figure.add_annotation(
                x=position - 0.5, y=1, yref="paper", yanchor="bottom", showarrow=False,
                text="asked in other words from here", font={"size": 11, "color": theme.MUTED},
            )  # fmt: skip
    figure.update_layout(
        height=280,
        margin={"l": 8, "r": 12, "t": 24, "b": 32},
        showlegend=False,
        yaxis={"range": [0, 100], "gridcolor": theme.GRID, "zeroline": False, "fixedrange": True, "dtick": 25},
        xaxis={
            "fixedrange": True, "type": "category", "categoryorder": "array", "categoryarray": names,
            "range": [-0.5, len(names) - 0.5],
        },
        dragmode=False,
    )  # fmt: skip
    return figure


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


def margins(report: pd.DataFrame) -> go.Figure:
    """Shares before and after weighting beside the population, one row a category."""
    rows = report.iloc[::-1]
    names = [
        safe(f"{variable}: {category}")
        for variable, category in zip(rows["variable"], rows["category"], strict=True)
    ]
    figure = go.Figure()
    for column, label, marker in (
        (
            "target",
            "population",
            {"symbol": "line-ns-open", "size": 14, "color": theme.MUTED, "line": {"width": 2}},
        ),
        ("before", "before weighting", {"symbol": "circle-open", "size": 9, "color": theme.INK}),
        ("after", "after weighting", {"symbol": "circle", "size": 8, "color": theme.INK}),
    ):
        figure.add_trace(
            go.Scatter(
                x=100 * rows[column], y=names, mode="markers", marker=marker, name=label,
                hovertext=[percent(v) if np.isfinite(v) else "too few people" for v in rows[column]],
                hovertemplate="%{y}, " + label + ": %{hovertext}<extra></extra>",
            )
        )  # fmt: skip
    top = float(np.nanmax(100 * rows[["before", "target", "after"]].to_numpy(float)))
    _framed(figure, names, len(rows))
    figure.update_layout(
        showlegend=True,
        legend={"orientation": "h", "y": 1.02, "yanchor": "bottom", "x": 0},
        margin={"t": 40},
        height=100 + ROW_HEIGHT * len(rows),
        xaxis={"range": [0, min(100, 1.08 * top)], "ticksuffix": " %", "dtick": None, "nticks": 8},
    )
    return figure


def weights(relative: np.ndarray) -> go.Figure:
    """How many residents carry which weight, as multiples of the mean weight."""
    heights, edges = np.histogram(relative, bins=40)
    # Bars with under ten people would single them out: the tail is joined into one bar.
    while len(heights) > 1 and heights[-1] < 10:
        heights, edges = np.append(heights[:-2], heights[-2:].sum()), np.append(edges[:-2], edges[-1])
    while len(heights) > 1 and heights[0] < 10:
        heights, edges = np.append(heights[:2].sum(), heights[2:]), np.append(edges[:1], edges[2:])
    shown = np.where(heights >= 10, heights, 0)
    figure = go.Figure(
        go.Bar(
            x=(edges[:-1] + edges[1:]) / 2,
            y=shown,
            width=np.diff(edges),
            marker={"color": theme.INK, "line": {"width": 1, "color": "white"}},
            hovertemplate="weight about %{x:.1f} times the mean: %{y:,} people<extra></extra>",
        )
    )
    figure.update_layout(
        height=240,
        margin={"l": 8, "r": 12, "t": 8, "b": 40},
        xaxis={
            "title": {"text": "weight, as a multiple of the mean"},
            "fixedrange": True,
            "rangemode": "tozero",
        },
        yaxis={"title": {"text": "residents"}, "gridcolor": theme.GRID, "fixedrange": True},
        bargap=0,
        dragmode=False,
    )
    return figure


def table(rows: pd.DataFrame, label: str = "level") -> pd.DataFrame:
    """The numbers behind a chart of estimates, in words for its column heads."""
    hidden = rows["suppressed"] != ""
    return pd.DataFrame(
        {
            "": [str(name) for name in rows[label]],
            "Score": rows["est"].map(lambda v: whole(v) if np.isfinite(v) else "too few answers"),
            "Likely from": rows["lci"].map(lambda v: whole(v) if np.isfinite(v) else ""),
            "to": rows["uci"].map(lambda v: whole(v) if np.isfinite(v) else ""),
            "Answers": rows["n"].where(~hidden).map(lambda v: f"{v:,.0f}" if np.isfinite(v) else ""),
            "Worth": rows["n_eff"].map(lambda v: f"{v:,.0f}" if np.isfinite(v) else ""),
        }
    )
