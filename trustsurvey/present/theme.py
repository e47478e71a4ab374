"""Colours and marks, the same in every chart: one hue for level, grey for what is hidden."""

from __future__ import annotations

import html

#: Light is low, dark is high; lightness alone carries it, for print and for colour-blind readers.
LEVEL = ("#dfe9f2", "#b9d0e3", "#8bb1d0", "#5b8fb9", "#32699a", "#174a76")
INK = "#24506f"
MUTED = "#8a949c"
HIDDEN = "#d4d7da"
HATCH = "#9aa1a6"
CHANGE_DOWN, CHANGE_NONE, CHANGE_UP = "#9a5b21", "#9aa1a6", "#2d6e6a"
BAND = "rgba(36, 80, 111, 0.16)"
GRID = "rgba(128, 140, 150, 0.25)"


def safe(text: object, limit: int = 60) -> str:
    """A label as plain text: charts would turn markup and links in it into the real thing."""
    plain = str(text)
    return html.escape(plain if len(plain) <= limit else plain[: limit - 1] + "\u2026", quote=False)
