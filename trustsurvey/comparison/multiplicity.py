"""Many tests at once: p-values adjusted so that an arrow on a map still means something."""

from __future__ import annotations

from typing import Literal, get_args

import numpy as np
from scipy import stats

from trustsurvey.errors import SurveyError
from trustsurvey.model import Floats

Adjustment = Literal["bh", "holm"]


def benjamini_hochberg(p: Floats) -> Floats:
    """Adjusted p-values (k,) that hold the false discovery rate (Benjamini & Hochberg 1995); NaN stays NaN.

    Valid for independent and for positively dependent tests (Benjamini & Yekutieli 2001).
    """
    p = np.asarray(p, dtype=float)
    known = np.isfinite(p)
    result = np.full(len(p), np.nan)
    if known.any():
        result[known] = stats.false_discovery_control(p[known], method="bh")
    return result


def holm(p: Floats) -> Floats:
    """Adjusted p-values (k,) that hold the chance of any false alarm (Holm 1979); NaN stays NaN.

    Valid under any dependence: the k-th smallest of m values becomes ``(m - k + 1) p``, no less
    than the ones before it and no more than 1.
    """
    p = np.asarray(p, dtype=float)
    known = np.flatnonzero(np.isfinite(p))
    result = np.full(len(p), np.nan)
    order = known[np.argsort(p[known], kind="stable")]
    stepped = np.maximum.accumulate(p[order] * np.arange(len(order), 0, -1))
    result[order] = np.minimum(stepped, 1.0)
    return result


def adjusted(p: Floats, method: Adjustment = "bh") -> Floats:
    """P-values (k,) of one family adjusted by "bh" or "holm", those that are NaN left out of the count.

    SurveyError ``compare.adjust`` for any other method.
    """
    if method not in get_args(Adjustment):
        raise SurveyError(
            "compare.adjust", f"There is no adjustment '{method}'", expected=", ".join(get_args(Adjustment)),
            hint="bh holds the share of false alarms among the alarms, holm the chance of any.",
        )  # fmt: skip
    return holm(p) if method == "holm" else benjamini_hochberg(p)
