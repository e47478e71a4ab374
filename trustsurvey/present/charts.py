"""Charts of results: a dot and a line for an estimate and its range, everywhere the same."""

from __future__ import annotations

import html
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
