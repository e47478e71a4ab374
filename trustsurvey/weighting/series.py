"""Weighting a series of waves: each to the margins by itself, or all of them together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Literal, get_args

import pandas as pd

from trustsurvey.comparison.pooling import pool
from trustsurvey.errors import SurveyError
from trustsurvey.model import Margin, Margins, Wave
from trustsurvey.weighting.weigh import rake


def weigh_series(
    waves: Sequence[Wave],
    margins: Margins,
    how: Literal["each", "together"] = "each",
    *,
    equal_waves: bool = False,
    **choices: Any,
) -> Wave:
    """The pooled wave of a series, weighted to population margins.

    Parameters
    ----------
    how : "each": every wave meets the margins by itself and counts as much as any other. "together":
        the pooled file meets them, so that a small group need not be in every wave; a single wave may
        then be off the margins, and its total is what its answers make it. The waves' base weights
        have equal totals to begin with (see ``pooling.pool``).
    equal_waves : with "together", the waves keep equal totals: a further margin "wave".
    choices : as for :func:`trustsurvey.weighting.weigh.rake`.

    Estimates of a single wave are a domain of the result, ``by=["wave"]``: its variance then knows
    how it was weighted. To weight and save the waves one by one, ``rake`` each.
    SurveyError as for ``rake``; ``series.how``.
    """
    if how not in get_args(Literal["each", "together"]):
        raise SurveyError("series.how", f"Waves cannot be weighted '{how}'", expected="each or together")
    waves = [wave for wave in waves if len(wave)]
    if how == "each":
        return pool([rake(wave, margins, **choices) for wave in waves])
    pooled = pool([replace(wave, weighting=None) for wave in waves])
    if equal_waves and len(waves) > 1:
        total = sum(float(t) for t in margins.margins[0].targets) if len(margins) else 1.0
        shares = pd.Series(total / len(waves), index=pd.Index([wave.name for wave in waves], dtype=object))
        margins = replace(margins, margins=(*margins.margins, Margin("wave", shares)))
    weighted = rake(pooled, margins, **choices)
    assert weighted.weighting is not None
    settings = dict(weighted.weighting.settings) | {"series": [wave.name for wave in waves]}
    return replace(weighted, weighting=replace(weighted.weighting, settings=settings))
