"""Intervals: t quantiles, and the intervals for shares that one can ask for by name."""

from __future__ import annotations

from typing import Literal, get_args

import numpy as np
from scipy import stats

from trustsurvey.errors import SurveyError
from trustsurvey.model import Floats

LEVEL = 0.95

ShareInterval = Literal["wilson", "logit", "xlogit", "arcsine", "beta", "mean"]


def t_quantile(df: np.ndarray, level: float = LEVEL) -> Floats:
    """The two-sided t quantile; NaN where there are no degrees of freedom."""
    df = np.asarray(df, dtype=float)
    return np.where(df > 0, stats.t.ppf((1 + level) / 2, np.maximum(df, 1)), np.nan)


def share_interval(
    method: ShareInterval,
    p: Floats,
    variance: Floats,
    n: np.ndarray,
    kish: Floats,
    df: np.ndarray,
    level: float = LEVEL,
) -> tuple[Floats, Floats]:
    """Lower and upper limits (k,) of shares p with design-based variances, by a named method.

    ``n`` are residents, ``kish`` the effective n of their weights, ``df`` degrees of freedom.

    - ``wilson`` (Wilson 1927; Dean & Pagano 2015): see :func:`wilson`; the default of ``estimate``.
    - ``logit``, ``xlogit``: t interval on the log odds, turned back; not defined (NaN) where p is 0 or 1.
    - ``arcsine``: t interval on asin(sqrt(p)), within 0 and pi/2, turned back.
    - ``beta`` (Korn & Graubard 1998): Clopper-Pearson with effective n ``p(1-p)/V`` times
      ``(t_{n-1} / t_df)^2``; conservative.
    - ``mean``: symmetric, p +- t SE, not cut off at 0 and 1.

    Where p is 0 or 1 the variance tells nothing: ``wilson``, ``arcsine`` and ``beta`` then take Kish's
    effective n. A share whose variance is 0 elsewhere is known (a raked margin, a census), and its
    limits are the share itself. NaN without degrees of freedom.
    SurveyError ``interval.method`` for an unknown name.
    """
    if method not in get_args(ShareInterval):
        raise SurveyError(
            "interval.method",
            f"There is no interval '{method}' for shares",
            expected=", ".join(get_args(ShareInterval)),
        )
    if method == "wilson":
        return wilson(p, variance, kish, df, level)
    t = t_quantile(df, level)
    inner = (p > 0) & (p < 1)
    with np.errstate(invalid="ignore", divide="ignore"):
        size = np.where(inner, p * (1 - p) / variance, kish)
        if method == "mean":
            reach = t * np.sqrt(variance)
            low, high = p - reach, p + reach
        elif method == "arcsine":
            angle, reach = np.arcsin(np.sqrt(p)), t / (2 * np.sqrt(size))
            # The sine turns back beyond these angles: limits would come out on the wrong side of p.
            low = np.sin(np.maximum(angle - reach, 0.0)) ** 2
            high = np.sin(np.minimum(angle + reach, np.pi / 2)) ** 2
        elif method == "beta":
            low, high = _clopper_pearson(p, size * (t_quantile(np.asarray(n) - 1, level) / t) ** 2, level)
        else:
            odds, reach = np.log(p / (1 - p)), t / np.sqrt(size * p * (1 - p))
            odds = np.where(inner, odds, np.nan)
            low, high = 1 / (1 + np.exp(reach - odds)), 1 / (1 + np.exp(-reach - odds))
    known = (variance == 0) & inner & (df > 0)
    return np.where(known, p, low), np.where(known, p, high)


def _clopper_pearson(p: Floats, n: Floats, level: float) -> tuple[Floats, Floats]:
    """Exact binomial limits (Clopper & Pearson 1934) for p n successes in n, which need not be whole."""
    tail = (1 - level) / 2
    low, high = stats.beta.ppf(tail, n * p, n * (1 - p) + 1), stats.beta.ppf(1 - tail, n * p + 1, n * (1 - p))
    return np.where((p == 0) & (n > 0), 0.0, low), np.where((p == 1) & (n > 0), 1.0, high)


def wilson(p: Floats, variance: Floats, kish: Floats, df: np.ndarray, level: float = LEVEL) -> tuple[Floats, Floats]:
    """Wilson (1927) interval for shares with effective n p(1-p)/V, Kish's where p is 0 or 1.

    The normal quantile is replaced by t on the design's degrees of freedom (Dean & Pagano 2015).
    """
    with np.errstate(invalid="ignore", divide="ignore"):
        n = np.where((p <= 0) | (p >= 1), kish, p * (1 - p) / variance)
        t2 = t_quantile(df, level) ** 2
        middle = (p + t2 / (2 * n)) / (1 + t2 / n)
        reach = np.sqrt(t2 / n * (p * (1 - p) + t2 / (4 * n))) / (1 + t2 / n)
    # A share that is known, such as one the weights were raked to, has no interval around it.
    known = (variance == 0) & (p > 0) & (p < 1)
    middle, reach = np.where(known, p, middle), np.where(known, 0.0, reach)
    return np.maximum(middle - reach, 0.0), np.minimum(middle + reach, 1.0)
