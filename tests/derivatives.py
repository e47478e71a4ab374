"""Standard errors from first principles: derivatives of an estimate by each resident's weight."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
from builders import dense_covariance

from trustsurvey.model import Wave


def numeric_se(estimate: Callable[[Wave], np.ndarray | list[float]], wave: Wave, step: float = 1e-5) -> np.ndarray:
    """The linearised SE of any estimate (k,) of an uncalibrated wave, without knowing its formula.

    A linearised value is the derivative by the resident's weight (Deville 1999), taken here as a central difference.
    """
    assert wave.weighting is None
    weights, values = wave.design.weights, []
    for i, w in enumerate(weights):
        sides = []
        for side in (1, -1):
            moved = weights.copy()
            moved[i] = w * (1 + side * step)
            sides.append(np.asarray(estimate(replace(wave, design=replace(wave.design, weights=moved))), dtype=float))
        values.append((sides[0] - sides[1]) / (2 * step * w))
    return np.sqrt(np.diag(dense_covariance(np.array(values), wave.design, weights)))
