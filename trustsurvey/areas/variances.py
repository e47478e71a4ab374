"""Sampling variances fit for a model that takes them as known: smoothed over areas, none of them zero."""

from __future__ import annotations

import numpy as np

from trustsurvey.errors import SurveyError
from trustsurvey.model import Floats


def smoothed_variance(se: Floats, n: Floats, df: Floats) -> Floats:
    """Sampling variances (m,) of means, each area's own taken as far as its degrees of freedom carry.

    The unit variance n se^2 (element variance times design effect) of an area is drawn towards the pooled one,
    by the credibility it has: tau2 / (tau2 + 2 (1 + tau2) / df), where tau2 is how far the true unit
    variances differ (squared coefficient of variation, by moments). Areas without a standard error,
    or with one of zero, so get a variance above zero. The idea is Buhlmann's (1967), used for variances
    by Smyth (2004); in simulation it beats raw variances, one pooled unit variance, and a regression
    of log variance on log n (``benchmarks/coverage_small_area.py``).

    SurveyError ``model.flat`` where no area has a variance.
    """
    known = _known(se, n, df)
    d, unit = np.where(known, df, 0.0), np.where(known, n * se**2, 0.0)
    pooled = d @ unit / max(d.sum(), 1.0)
    if not pooled > 0:
        raise _flat()
    ratio = unit / pooled
    free = 2.0 * (known.sum() - 1)
    apart = (d * (ratio - 1) ** 2).sum() - free
    tau2 = max(0.0, apart / (d.sum() - (d @ d) / d.sum() + free)) if free else 0.0
    trusted = d * tau2 / (d * tau2 + 2 * (1 + tau2))
    return pooled * (1 + trusted * (ratio - 1)) / n


def effective_n(p: Floats, se: Floats, n: Floats, df: Floats) -> Floats:
    """Effective numbers (m,) behind shares: n over one design effect pooled over areas.

    deff = sum(df n se^2) / sum(df n p (1 - p) / (n - 1)): a ratio of sums, so that shares of 0 and
    1 take part. SurveyError ``model.flat`` where no share has a variance.
    """
    known = _known(se, n, df)
    d = np.where(known, df, 0.0)
    with np.errstate(invalid="ignore", divide="ignore"):
        simple = np.where(known, p * (1 - p) / (n - 1), 0.0)
    top, bottom = float((d * np.where(known, n * se**2, 0.0)).sum()), float(d @ np.where(known, n * simple, 0.0))
    if not (top > 0 and bottom > 0):
        raise _flat()
    return n * bottom / top


def arcsine(p: Floats, n: Floats) -> tuple[Floats, Floats]:
    """Shares on the arcsine square root scale, and their variances there: 1 / (4 n + 1).

    A quarter is added to either count: then the leading bias of the transformed share is nothing
    (Anscombe 1948 adds 3/8, which evens the variance instead and biases the mean of small shares).
    """
    return np.arcsin(np.sqrt((n * p + 0.25) / (n + 0.5))), 1 / (4 * n + 1)


def share_of(mean: Floats, variance: Floats) -> Floats:
    """The expected share where its arcsine is normal: E sin^2 = (1 - exp(-2 v) cos(2 m)) / 2, exactly."""
    return (1 - np.exp(-2 * variance) * np.cos(2 * mean)) / 2


def _known(se: Floats, n: Floats, df: Floats) -> np.ndarray:
    return np.isfinite(se) & (np.nan_to_num(df) >= 1) & (np.nan_to_num(n) > 1)


def _flat() -> SurveyError:
    return SurveyError(
        "model.flat", "No area has a sampling variance to start from",
        expected="areas in which answers differ", hint="Model another measure, or areas with more answers.",
    )  # fmt: skip
