"""Colours and marks, the same in every chart: one hue for level, grey for what is hidden.

Lines and marks are of a middle lightness, so that they stand out on a light and on a dark page alike.
"""

from __future__ import annotations

import html

#: Light is low, dark is high; lightness alone carries it, for print and for colour-blind readers.
LEVEL = ("#dfe9f2", "#b9d0e3", "#8bb1d0", "#5b8fb9", "#32699a", "#174a76")
INK = "#3f7ca6"
MUTED = "#7a848c"
HIDDEN = "#d4d7da"
HATCH = "#9aa1a6"
DOT = "rgba(20, 25, 29, 0.65)"
CHANGE_DOWN, CHANGE_NONE, CHANGE_UP = "#b06a2c", "#9aa1a6", "#3d8580"
BAND = "rgba(63, 124, 166, 0.22)"
GRID = "rgba(128, 140, 150, 0.25)"


def safe(text: object, limit: int = 60) -> str:
    """A label as plain text: charts would turn markup and links in it into the real thing."""
    plain = str(text)
    shown = html.escape(plain if len(plain) <= limit else plain[: limit - 1] + "\u2026", quote=False)
    return shown.replace("$", "&#36;")  # two of them would be a formula where one can be set
