"""Means, shares, totals, ratios and quantiles for any domains, with variances from replicates -> Estimates."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
import pandas as pd
from scipy import sparse

from trustsurvey.errors import SurveyError, some
from trustsurvey.estimation.intervals import ShareInterval, share_interval, t_quantile
from trustsurvey.estimation.linearise import Domains, linear_mean, linear_total
from trustsurvey.estimation.means import about_wave, domains_of, membership, numbers_of
from trustsurvey.estimation.variance import VarianceModel
from trustsurvey.model import ESTIMATE_COLUMNS, Estimates, Floats, Ints, Wave
from trustsurvey.replication.replicates import Replicates

Stat = Literal["mean", "share", "total", "ratio", "quantile"]
#: Memberships by replicates that quantiles take together.
MOST_ENTRIES = 4_000_000


@dataclass(frozen=True, eq=False)
class Replicated:
    """Estimates (k,) with their values in the replicates (k, R), and whose they are.

    Columns are measures by domains, the domains of the first measure first, as in ``linearise``.
    ``counted`` (n, k) has a 1 where a resident counts; ``n``, ``kish`` and ``s2`` as in ``Linear``.
    """

    est: Floats
    values: Floats
    counted: sparse.csr_array
    n: Ints
    kish: Floats
    s2: Floats


def estimate_replicates(
    wave: Wave,
    replicates: Replicates,
    measures: Sequence[str] | pd.DataFrame | None = None,
    by: Sequence[str | tuple[str, ...]] = (),
    *,
    stat: Stat = "mean",
    denominator: str | None = None,
    p: float = 0.5,
    interval: ShareInterval = "wilson",
    everyone: bool = True,
) -> Estimates:
    """Estimate measures for everyone and for each category of every grouping, with replicate variances.

    Parameters
    ----------
    replicates : of this wave, see ``replicates.replicate``.
    measures, by, everyone, interval : as for ``estimation.estimate``.
    stat : "mean", "share" (with a share's interval), "total", "ratio" (of totals, to the measure named by
        ``denominator``, over residents with both) or "quantile" (the smallest value with a share of at
        least ``p`` at or below it). A jackknife does not serve quantiles (Wolter 2007, 4.2.4).

    Returns
    -------
    Estimates as from ``estimate``; ``df`` is that of the domain, but not above that of the replicates.
    ``se`` is NaN where fewer than two residents answered or no degree of freedom is left. R:
    ``svymean``, ``svytotal``, ``svyratio``, ``svyby`` of a replicate design, ``svyquantile`` with
    ``interval.type = "quantile"``.

    SurveyError ``replicates.rows`` for replicates of another wave, ``estimate.*`` as for ``estimate``.
    """
    numbers = numbers_of(wave, measures)
    found = replicate_values(wave, replicates, numbers, by, stat=stat, denominator=denominator, p=p, everyone=everyone)
    domains = domains_of(wave, numbers, by, everyone)
    names = [name for name in numbers.columns if name != denominator]
    df = np.minimum(VarianceModel.of(wave).domain_df(found.counted), replicates.df)
    alone = (found.n < 2) | (df < 1)
    se = np.where(alone, np.nan, np.sqrt(replicates.variance(found.values, found.est)))
    with np.errstate(invalid="ignore", divide="ignore"):
        deff = se**2 / (found.s2 / found.n)
        n_eff = np.where(np.isfinite(deff) & (deff > 0), found.n / deff, found.kish)
    if stat == "share":
        lci, uci = share_interval(interval, found.est, se**2, found.n, found.kish, df)
    else:
        reach = t_quantile(df) * se
        lci, uci = found.est - reach, found.est + reach
    table = pd.DataFrame(
        {
            "wave": wave.name,
            "measure": np.repeat(
                np.array([f"{n}/{denominator}" if stat == "ratio" else n for n in names], dtype=object), len(domains)
            ),
            "stat": f"q{p:g}" if stat == "quantile" else stat,
            "by": domains.by * len(names),
            "level": domains.level * len(names),
            "est": found.est,
            "se": se,
            "lci": lci,
            "uci": uci,
            "n": found.n,
            "n_eff": np.where(found.n > 0, n_eff, 0.0),
            "deff": deff,
            "df": df,
            "method": f"{len(replicates)} replicates, {replicates.method}",
            "suppressed": "",
        }
    )
    about = about_wave(wave) | {"replicates": len(replicates), "replicate_method": replicates.method}
    return Estimates(table[list(ESTIMATE_COLUMNS)], about | {"mse": replicates.mse, **replicates.settings})


def replicate_values(
    wave: Wave,
    replicates: Replicates,
    measures: Sequence[str] | pd.DataFrame | None = None,
    by: Sequence[str | tuple[str, ...]] = (),
    *,
    stat: Stat = "mean",
    denominator: str | None = None,
    p: float = 0.5,
    everyone: bool = True,
) -> Replicated:
    """What ``estimate_replicates`` rests on: take differences or ratios of rows, then ``replicates.variance``."""
    if len(replicates.full) != len(wave) or not np.array_equal(replicates.full, wave.weights):
        raise SurveyError("replicates.rows", "The replicates were made for other weights", where=wave.name,
                          hint="Make them anew after weighting.")  # fmt: skip
    if stat not in get_args(Stat):
        raise SurveyError("estimate.stat", f"There is no statistic '{stat}'", expected=", ".join(get_args(Stat)))
    numbers = numbers_of(wave, measures)
    domains = domains_of(wave, numbers, by, everyone)
    if stat == "ratio":
        if denominator is None or denominator not in numbers.columns or numbers.shape[1] < 2:
            raise SurveyError("ratio.nothing", "A ratio needs two measures", where=wave.name,
                              got=f"denominator '{denominator}'", expected=some(numbers.columns, 8))  # fmt: skip
        below = numbers[[denominator]].to_numpy(float)
        above = numbers.drop(columns=denominator).to_numpy(float)
        both = np.isfinite(above) & np.isfinite(below)
        return _quotient(replicates, np.where(both, above, np.nan), np.where(both, below, np.nan), domains)
    values = numbers.to_numpy(float)
    if stat == "share" and bool(((values < 0) | (values > 1)).any()):
        raise SurveyError("estimate.share", "A share was asked of a measure that is not between 0 and 1",
                          where=wave.name, expected="1 for those who have it, 0 for the others")  # fmt: skip
    if stat == "quantile":
        if not 0 < p < 1:
            raise SurveyError("quantile.p", "A quantile lies between 0 and 1", got=f"{p:g}", expected="0.5")
        return _quantiles(replicates, values, domains, p)
    if stat == "total":
        linear = linear_total(values, replicates.full, domains)
        return Replicated(linear.est, _by_replicate(linear.values, replicates.weights), membership(linear.values),
                          linear.n, linear.kish, linear.s2)  # fmt: skip
    return _quotient(replicates, values, None, domains)


def _quotient(replicates: Replicates, above: Floats, below: Floats | None, domains: Domains) -> Replicated:
    """Means (``below`` None) or ratios of totals: sums of residuals, over the total below, added to the estimate."""
    linear = linear_mean(above, replicates.full, domains)
    counted = membership(linear.values)
    sums = linear_total(above, replicates.full, domains)
    lower = counted if below is None else linear_total(below, replicates.full, domains).values
    whole = np.asarray(lower.T @ replicates.full)
    with np.errstate(invalid="ignore", divide="ignore"):
        est = sums.est / np.where(whole != 0, whole, np.nan)
        column = sums.values.indices
        apart = sparse.csr_array(
            (sums.values.data - np.nan_to_num(est)[column] * lower.data, column, sums.values.indptr), sums.values.shape
        )
        total = _by_replicate(lower, replicates.weights)
        values = est[:, None] + _by_replicate(apart, replicates.weights) / np.where(total != 0, total, np.nan)
    s2 = linear.s2 if below is None else np.full(len(est), np.nan)
    return Replicated(est, values, counted, linear.n, linear.kish, s2)


def _by_replicate(entries: sparse.csr_array, weights: Floats) -> Floats:
    """Sums (k, R) of (n, k) entries under weights (n, R)."""
    return sparse.csr_array(entries.T) @ weights


def _quantiles(replicates: Replicates, values: Floats, domains: Domains, p: float) -> Replicated:
    """Entries in order of domain and value: how many of a domain lie below the place says which value it is."""
    k, r = len(domains), len(replicates)
    linear = linear_mean(values, replicates.full, domains)
    est, found = np.full(len(linear.n), np.nan), np.full((len(linear.n), r), np.nan)
    weights = np.concatenate([replicates.full[:, None], replicates.weights], axis=1)
    for j in range(values.shape[1]):
        row, column = domains.entries(np.isfinite(values[:, j]))
        order = np.lexsort((values[row, j], column))
        row, column = row[order], column[order]
        value = values[row, j]
        start = np.searchsorted(column, np.arange(k + 1))
        block = max(1, MOST_ENTRIES // max(1, len(row)))
        filled = np.flatnonzero(np.diff(start) > 0)
        for first in range(0, r + 1, block):
            some_of = weights[:, first : first + block]
            sums = np.concatenate([np.zeros((1, some_of.shape[1])), np.cumsum(some_of[row], axis=0)])
            low, high = sums[start[:-1]], sums[start[1:]]
            # Sums that reach the place but for rounding reach it.
            place = low + p * (high - low) * (1 - 1e-12)
            short = sums[1:] < place[column]
            below = np.add.reduceat(short, start[filled], axis=0, dtype=np.int64)
            at = np.minimum(start[filled][:, None] + below, start[filled + 1][:, None] - 1)
            picked = np.full((k, some_of.shape[1]), np.nan)
            picked[filled] = np.where((high - low)[filled] > 0, value[at], np.nan)
            if first == 0:
                est[j * k : (j + 1) * k], picked = picked[:, 0], picked[:, 1:]
                found[j * k : (j + 1) * k, : picked.shape[1]] = picked
            else:
                found[j * k : (j + 1) * k, first - 1 : first - 1 + picked.shape[1]] = picked
    nothing = np.full(len(est), np.nan)
    return Replicated(est, found, membership(linear.values), linear.n, linear.kish, nothing)
