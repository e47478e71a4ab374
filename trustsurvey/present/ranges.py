"""A dot and a line on an axis of its own: totals, ratios, coefficients, odds ratios."""

from __future__ import annotations

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from trustsurvey import wording
from trustsurvey.language import _
from trustsurvey.present import charts
from trustsurvey.present.plot import plot


def ranges(
    rows: pd.DataFrame,
    label: str = "level",
    reference: float | None = None,
    log: bool = False,
    places: int | None = None,
) -> go.Figure:
    """One row an estimate, as ``charts.dots``, on an axis that reaches from the least to the most of their ranges.

    ``rows`` has ``label``, est, lci, uci, suppressed. ``reference``: a value that is always in view, such as 0 for a
    difference or 1 for a ratio of odds, which is drawn on a logarithmic axis (``log``). ``places``: decimals of the
    numbers; where none are named, as many as :func:`figures` gives.
    """

    def told(value: float) -> str:
        return figures(value) if places is None else wording.figure(value, f",.{places}f")

    shown = rows[rows["suppressed"] == ""].iloc[::-1]
    ends = np.append(shown[["lci", "uci", "est"]].to_numpy(float), np.nan if reference is None else reference)
    ends = ends[np.isfinite(ends) & ((ends > 0) | (not log))]
    ends = np.log10(ends) if log else ends
    low, high = (float(ends.min()), float(ends.max())) if len(ends) else (0.0, 1.0)
    # Room for the number behind each range, or before it.
    room = 0.05 * (high - low) or 0.5
    (points, numbers), layout = charts.dots_parts(rows, label, reference, near=0.0 if log else 3 * room)
    points["hovertext"] = [
        _("{est}, likely between {low} and {high}").format(est=told(est), low=told(low), high=told(high))
        for est, low, high in shown[["est", "lci", "uci"]].itertuples(index=False)
    ]
    before = [position == "middle left" for position in numbers["textposition"]]
    numbers["text"] = [
        f"{told(value)} " if first else f" {told(value)}" for value, first in zip(shown["est"], before, strict=True)
    ]
    left = 3 * room if any(before) else room
    layout["xaxis"] |= {
        "range": [low - left, high + 3 * room], "type": "log" if log else "linear", "dtick": None, "nticks": 6,
        "exponentformat": "none", "separatethousands": True,
    }  # fmt: skip
    layout["annotations"] = [note | {"x": low} for note in layout["annotations"]]
    return plot([points, numbers], layout)


def figures(value: float) -> str:
    """A number of any size: every digit of a number of people, three figures of a small one.

    >>> figures(15194.6), figures(62.04), figures(-0.0371)
    ('15,195', '62.0', '-0.0371')
    """
    return wording.figure(value, ",.0f") if abs(value) >= 1000 else wording.figure(value, "#.3g").rstrip(".,")
