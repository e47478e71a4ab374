"""Trimming weights after they were made, the excess spread over the others: the margins then move."""

from __future__ import annotations

from typing import Any, Literal

import numpy as np

from trustsurvey.errors import SurveyError
from trustsurvey.model import Floats, Wave
from trustsurvey.weighting.targets import Targets
from trustsurvey.weighting.weigh import fixed, weighted

#: Rounds of the strict rule, each of which fixes at least one more weight at a bound.
MOST_ROUNDS = 10_000


def trim(
    wave: Wave,
    lower: float | None = None,
    upper: float | None = None,
    *,
    unit: Literal["mean", "weight"] = "mean",
    strict: bool = False,
) -> Wave:
    """Cut a wave's weights off at bounds and spread what was cut off evenly over the others.

    R's ``trimWeights`` (Lumley, survey): those outside are set to the bound, and the difference is
    added in equal parts to all others, which keeps the sum but lets the margins move; some may then
    be outside themselves, unless ``strict`` repeats the step until none is. The variance keeps the
    calibration from before. ``rake(bounds=...)`` keeps margins *and* bounds instead.

    ``lower`` and ``upper`` are multiples of the mean weight, or weights where ``unit`` is "weight".
    settings["trimmed"] holds the bounds as weights, the share of residents at a bound, the share of
    all weight that was moved and the largest relative misfit of a margin that came of it.

    SurveyError ``trim.bounds`` where bounds contradict each other or no weights with this sum lie
    between them, ``trim.everybody`` where all are outside, ``trim.twice`` on weights that were trimmed before.
    """
    before = wave.weights
    told = {} if wave.weighting is None else dict(wave.weighting.settings)
    if told.get("trimmed"):
        raise SurveyError("trim.twice", "These weights were trimmed before", where=wave.name,
                          hint="Weight the wave again, and trim once.")  # fmt: skip
    scale = float(before.mean()) if unit == "mean" else 1.0
    low = -np.inf if lower is None else lower * scale
    high = np.inf if upper is None else upper * scale
    if not (low <= before.mean() <= high and low < high):
        raise SurveyError(
            "trim.bounds", "No weights with the same sum lie within these bounds", where=wave.name,
            got=f"{'none' if lower is None else f'{lower:g}'} and {'none' if upper is None else f'{upper:g}'}",
            expected=f"one below and one above the mean weight, {before.mean() / scale:g}",
        )  # fmt: skip
    after = trimmed(before, low, high, strict)
    if not (after > 0).all():
        raise SurveyError("trim.nothing", "Trimming would leave a resident no weight", where=wave.name,
                          hint="Give a lower bound above 0.")  # fmt: skip
    about: dict[str, Any] = {
        "lower": None if lower is None else float(low),
        "upper": None if upper is None else float(high),
        "strict": strict,
        "share": float(((before < low) | (before > high)).mean()),
        "moved": float(np.abs(after - before).sum() / 2 / before.sum()),
    }
    if wave.weighting is None or not (len(wave.weighting.margins) or told.get("totals")):
        return fixed(wave, after, {"method": "none", "start": "base", **told, "trimmed": about})
    targets = Targets.saved(wave, wave.weighting.margins, told)
    problem = targets.general()
    apart = np.abs(problem.totals - problem.columns.sums(after)) / problem.size
    if targets.totals:
        told["totals"] = targets.totals_told(after)
    settings = told | {"trimmed": about | {"misfit": float(apart.max())}}
    return weighted(wave, targets, after, settings, after / before)


def trimmed(weights: Floats, low: float, high: float, strict: bool) -> Floats:
    """Weights (n,) cut off at ``low`` and ``high``, the excess spread over those that never were outside.

    As R survey does from 4.2 on; 4.1 gave weights that had been cut a part of the excess again.
    """
    free = np.ones(len(weights), dtype=bool)
    for _ in range(MOST_ROUNDS):
        outside = (weights < low) | (weights > high)
        if not outside.any():
            break
        free &= ~outside
        if not free.any():
            raise SurveyError("trim.everybody", "Every weight lies outside the bounds; none is left to take the excess",
                              hint="Widen the bounds, or rake within bounds.")  # fmt: skip
        cut = np.clip(weights, low, high)
        cut[free] += (weights - cut).sum() / free.sum()
        weights = cut
        if not strict:
            break
    return weights
