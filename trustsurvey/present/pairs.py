"""Charts that hold one number against another: modelled beside direct, those who answered beside the population."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from trustsurvey.language import _
from trustsurvey.present import theme
from trustsurvey.present.charts import framed, named
from trustsurvey.present.findings import share_words
from trustsurvey.present.plot import plot
from trustsurvey.present.theme import safe
from trustsurvey.present.words import likely


def modelled(rows: pd.DataFrame) -> go.Figure:
    """Modelled values with their ranges as open marks, the direct ones as small full ones, in the order given.

    ``rows``: area, direct, modelled, lci, uci; shares are drawn as percents.
    """
    rows = rows.iloc[::-1]
    scale = 100.0 if (rows.get("stat", pd.Series("mean", rows.index)) == "share").all() else 1.0
    names = [safe(name) for name in rows["area"]]
    direct, est, lci, uci = (scale * rows[name].to_numpy(float) for name in ("direct", "modelled", "lci", "uci"))
    known = np.isfinite(direct)
    traces = [
        {
            "type": "scatter", "x": est, "y": names, "mode": "markers", "name": _("modelled"),
            "marker": {"color": theme.INK, "size": 9, "symbol": "circle-open", "line": {"width": 2}},
            "error_x": {
                "type": "data", "symmetric": False, "array": uci - est, "arrayminus": est - lci,
                "color": theme.INK, "thickness": 1.5, "width": 0,
            },
            "hovertext": [f"{_('modelled')} {likely(*v)}" for v in zip(est, lci, uci, strict=True)],
            "hovertemplate": "%{y}: %{hovertext}<extra></extra>",
        },
        {
            "type": "scatter", "x": direct[known], "y": [name for name, ok in zip(names, known, strict=True) if ok],
            "mode": "markers", "name": _("from the area's answers alone"),
            "marker": {"color": theme.CHANGE_DOWN, "size": 5},
            "hovertemplate": "%{y}: %{x:.0f} (" + _("from the area's answers alone") + ")<extra></extra>",
        },
    ]  # fmt: skip
    return plot(traces, named(framed(names, len(rows))))


def represented(rows: pd.DataFrame) -> go.Figure:
    """Share of those who answered (open) and of the population (a tick) for each category that has both.

    ``rows``: category, base, population, on 0 to 1.
    """
    # Of a category that is the only one shown, 100 % would be told of everything that is shown.
    rows = rows[rows["population"] < 1].iloc[::-1]
    names = [safe(name) for name in rows["category"]]
    sample, population = 100 * rows["base"].to_numpy(float), 100 * rows["population"].to_numpy(float)
    traces: list[dict[str, Any]] = [
        {
            "type": "scatter", "x": [a, b], "y": [name, name], "mode": "lines",
            "line": {"color": theme.MUTED, "width": 2}, "hoverinfo": "skip", "showlegend": False,
        }
        for name, a, b in zip(names, sample, population, strict=True)
    ]  # fmt: skip
    for label, told, values, marker in (
        (
            _("those who answered"),
            _("{share} of those who answered"),
            sample,
            {"color": theme.INK, "size": 9, "symbol": "circle-open", "line": {"width": 2}},
        ),
        (
            _("population"),
            _("{share} of population"),
            population,
            {"size": 13, "symbol": "line-ns", "line": {"width": 3, "color": theme.MUTED}},
        ),
    ):
        traces.append(
            {
                "type": "scatter", "x": values, "y": names, "mode": "markers", "name": label, "marker": marker,
                "hovertext": [told.format(share=share_words(v / 100)) for v in values],
                "hovertemplate": "%{y}: %{hovertext}<extra></extra>",
            }
        )  # fmt: skip
    top = max(20.0, 10 * np.ceil(np.nanmax([*sample, *population, 1.0]) / 10))
    layout = named(framed(names, len(rows)))
    layout["xaxis"] |= {"range": [0, top], "dtick": 5 if top <= 20 else 10 if top <= 60 else 25, "ticksuffix": " %"}
    return plot(traces, layout)
