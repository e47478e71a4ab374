"""A chart made at once: in a figure that is there already every change is checked against all that it holds."""

from __future__ import annotations

from typing import Any

import plotly.graph_objects as go

from trustsurvey.present.theme import MUTED
from trustsurvey.wording import separators

#: On a page Streamlit puts the colour of strong words here, for light and for dark; its grey for charts is too pale.
WRITING = "#000037"


def plot(traces: list[dict[str, Any]], layout: dict[str, Any]) -> go.Figure:
    """A figure of traces in a layout, its writing as strong as the words of a page, its numbers as in the language."""
    layout = layout | {
        "font": {"color": WRITING},
        "separators": "".join(separators()),
        "annotations": [_written(note, "font") for note in layout.get("annotations", ())],
    }
    for name, axis in layout.items():
        if name.startswith(("xaxis", "yaxis")):
            layout[name] = _written(axis, "tickfont") | {"title": _written(axis.get("title", {}), "font")}
    return go.Figure(traces, layout)


def _written(part: dict[str, Any], font: str) -> dict[str, Any]:
    return part | {font: part.get(font, {}) | {"color": WRITING}}


def upright(at: float, dash: str) -> dict[str, Any]:
    """A line over the whole height of a chart."""
    return {
        "type": "line", "x0": at, "x1": at, "xref": "x", "y0": 0, "y1": 1, "yref": "y domain",
        "line": {"color": MUTED, "dash": dash, "width": 1},
    }  # fmt: skip
