"""Ratios of totals, and variances in the population, for any domains."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pandas as pd
from scipy import sparse

from trustsurvey.errors import SurveyError
from trustsurvey.estimation.linearise import Domains, Linear, linear_mean, linear_total
from trustsurvey.estimation.means import about_wave, domains_of, numbers_of, rows_of
from trustsurvey.estimation.variance import VarianceModel
from trustsurvey.model import Estimates, Floats, Lonely, Wave


def ratio(
    wave: Wave,
    pairs: Sequence[tuple[str, str]],
    by: Sequence[str | tuple[str, ...]] = (),
    *,
    numbers: pd.DataFrame | None = None,
    everyone: bool = True,
    lonely: Lonely | None = None,
) -> Estimates:
    """Ratios of two totals, for everyone and each category of every grouping; stat "ratio", t interval.

    Parameters
    ----------
    pairs : (numerator, denominator), names of scores or of columns of ``numbers`` (one row a resident).
        Residents with both count. The measure is called "numerator/denominator".

    Linearised values ``(y - R x) / X`` (Cochran 1977, 6; combined ratio estimator; R ``svyratio``). A domain
    whose denominator comes to 0 has no ratio (NaN). SurveyError ``estimate.*`` as for ``estimate``,
    ``ratio.nothing`` without a pair.
    """
    if not len(pairs):
        raise SurveyError("ratio.nothing", "There is no ratio to estimate", where=wave.name)
    chosen = numbers_of(wave, list(dict.fromkeys(n for p in pairs for n in p)) if numbers is None else numbers)
    absent = [name for pair in pairs for name in pair if name not in chosen.columns]
    if absent:
        raise SurveyError("estimate.measure", f"There are no numbers '{absent[0]}'", where=wave.name)
    y, x = (chosen[[pair[k] for pair in pairs]].to_numpy(float) for k in (0, 1))
    domains, model = domains_of(wave, chosen, by, everyone), VarianceModel.of(wave, lonely)
    linear = linear_ratio(y, x, model.weights, domains)
    names = [f"{numerator}/{denominator}" for numerator, denominator in pairs]
    return Estimates(rows_of(wave, names, "ratio", domains, linear, model), about_wave(wave))


def population_variance(
    wave: Wave,
    measures: Sequence[str] | pd.DataFrame | None = None,
    by: Sequence[str | tuple[str, ...]] = (),
    *,
    everyone: bool = True,
    lonely: Lonely | None = None,
) -> Estimates:
    """Variances of measures between residents, for everyone and each category; stat "variance", t interval.

    The weighted mean of ``(y - mean)^2 n / (n - 1)``, linearised as that mean (its derivative by the mean
    is nil; R ``svyvar``). NaN for fewer than two residents.
    """
    numbers = numbers_of(wave, measures)
    domains, model = domains_of(wave, numbers, by, everyone), VarianceModel.of(wave, lonely)
    linear = linear_variance(numbers.to_numpy(float), model.weights, domains)
    return Estimates(rows_of(wave, list(numbers.columns), "variance", domains, linear, model), about_wave(wave))


def linear_ratio(y: Floats, x: Floats, weights: Floats, domains: Domains) -> Linear:
    """Ratios of totals of y to x (n, ratios) in every domain: z = (y - R x) / total of x."""
    both = np.isfinite(y) & np.isfinite(x)
    above, below = (linear_total(np.where(both, part, np.nan), weights, domains) for part in (y, x))
    total = np.where(below.est == 0, np.nan, below.est)
    estimate = above.est / total
    column = below.values.indices
    # Both matrices have an entry for the same memberships, in the same order.
    entries = (above.values.data - estimate[column] * below.values.data) / total[column]
    return replace(below, est=estimate, values=_like(below.values, entries))


def linear_variance(y: Floats, weights: Floats, domains: Domains) -> Linear:
    """Element variances (divisor n - 1) of y (n, measures) in every domain: z = ((y - mean)^2 n/(n-1) - S2) / W."""
    mean = linear_mean(y, weights, domains)
    size = linear_total(np.where(np.isfinite(y), 1.0, np.nan), weights, domains).est
    column = mean.values.indices
    safe, more = np.where(size > 0, size, np.nan), mean.n / np.maximum(mean.n - 1, 1)
    squares = (mean.values.data * safe[column]) ** 2 * more[column]
    entries = (squares - mean.s2[column]) / safe[column]
    entries = np.where(mean.n[column] > 1, entries, 0.0)
    unknown = np.full(len(mean.n), np.nan)
    return replace(mean, est=mean.s2, values=_like(mean.values, entries), s2=unknown)


def _like(values: sparse.csr_array, entries: Floats) -> sparse.csr_array:
    return sparse.csr_array((entries, values.indices, values.indptr), shape=values.shape)
