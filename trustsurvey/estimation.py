"""Means, shares and totals for any domains, with design-based uncertainty -> Estimates."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, get_args

import numpy as np
import pandas as pd
from scipy import sparse, stats

from trustsurvey.errors import SurveyError, some
from trustsurvey.linearise import Domains, Linear, linear_mean, linear_total
from trustsurvey.model import ESTIMATE_COLUMNS, Estimates, Floats, Lonely, Wave
from trustsurvey.variance import VarianceModel

Stat = Literal["mean", "share", "total"]
LEVEL = 0.95
#: Memberships (residents x groupings x measures) that are taken together.
MOST_ENTRIES = 4_000_000


def estimate(
    wave: Wave,
    measures: Sequence[str] | pd.DataFrame | None = None,
    by: Sequence[str | tuple[str, ...]] = (),
    *,
    stat: Stat = "mean",
    everyone: bool = True,
    lonely: Lonely | None = None,
) -> Estimates:
    """Estimate measures for everyone and for each category of every grouping.

    Parameters
    ----------
    measures : names of scores (see ``score``), or a frame of numbers with one row a resident;
        all indices of the instrument by default. Shares want 0/1 numbers.
    by : columns of ``wave.people``; a tuple crosses several.
    lonely : treatment of strata with one sampling unit, instead of the design's own.
    stat : "mean" (t interval), "share" (Wilson interval with t and the effective n p(1-p)/V; Kish's
        where p is 0 or 1) or "total" (t interval).

    Returns
    -------
    Estimates with one row a measure and domain. ``se`` is NaN where fewer than two residents
    answered, or no degree of freedom is left. ``deff`` compares with a simple random sample drawn
    with replacement, ``n_eff`` is n / deff. Degrees of freedom are the PSUs less the strata that the domain has.
    """
    if stat not in get_args(Stat):
        raise SurveyError("estimate.stat", f"There is no statistic '{stat}'", expected=", ".join(get_args(Stat)))
    numbers = _numbers(wave, measures)
    values = numbers.to_numpy(float)
    if len(odd := [str(c) for c, column in zip(numbers.columns, values.T, strict=True) if np.isinf(column).any()]):
        raise SurveyError("estimate.infinite", f"The measure {some(odd)} has an infinite value", where=wave.name)
    with np.errstate(invalid="ignore"):
        outside = ((values < 0) | (values > 1)).any(axis=0)
    if stat == "share" and outside.any():
        raise SurveyError(
            "estimate.share", f"A share was asked of {some(numbers.columns[outside])}, which is not between 0 and 1",
            where=wave.name, expected="1 for those who have it, 0 for the others",
        )  # fmt: skip
    domains = Domains.of(wave, by, everyone)
    if not numbers.shape[1] or not len(domains):
        raise SurveyError(
            "estimate.nothing", "There is nothing to estimate", where=wave.name,
            got="no measure" if not numbers.shape[1] else "no grouping",
            expected="a measure, and everyone or a grouping",
        )  # fmt: skip
    model = VarianceModel.of(wave, lonely)
    linearise = linear_total if stat == "total" else linear_mean
    # Measures go together as far as their memberships fit into memory at ease.
    block = max(1, MOST_ENTRIES // max(1, len(wave) * len(domains.codes)))
    parts = []
    for first in range(0, numbers.shape[1], block):
        linear = linearise(values[:, first : first + block], model.weights, domains)
        names = list(numbers.columns[first : first + block])
        parts.append(_rows(wave, names, stat, domains, linear, model))
    table = pd.concat(parts, ignore_index=True)[list(ESTIMATE_COLUMNS)]
    return Estimates(table, about_wave(wave))


def _numbers(wave: Wave, measures: Sequence[str] | pd.DataFrame | None) -> pd.DataFrame:
    if isinstance(measures, pd.DataFrame):
        if len(measures) != len(wave):
            raise SurveyError(
                "estimate.rows",
                "The measures have another number of rows than the wave",
                got=f"{len(measures):,}",
                expected=f"{len(wave):,}",
            )
        return measures
    if wave.scores is None:
        raise SurveyError("estimate.unscored", "The wave has no scores", hint="Call score(wave) first.")
    chosen = list(measures) if measures is not None else [i.key for i in wave.instrument.indices]
    absent = [name for name in chosen if name not in wave.scores.columns]
    if absent and measures is not None:
        raise SurveyError(
            "estimate.measure",
            f"The wave has no score {some(absent)}",
            where=wave.name,
            expected=some(wave.scores.columns, 12),
        )
    return wave.scores[[name for name in chosen if name not in absent]]


def _rows(
    wave: Wave, names: list[str], stat: Stat, domains: Domains, linear: Linear, model: VarianceModel
) -> pd.DataFrame:
    ones = sparse.csr_array(
        (np.ones(linear.values.nnz), linear.values.indices, linear.values.indptr), shape=linear.values.shape
    )
    df = model.domain_df(ones)
    variance = model.variance(linear.values)
    alone = (linear.n < 2) | (df < 1)
    se = np.where(alone, np.nan, np.sqrt(variance))
    with np.errstate(invalid="ignore", divide="ignore"):
        deff = se**2 / (linear.s2 / linear.n)
        n_eff = np.where(np.isfinite(deff) & (deff > 0), linear.n / deff, linear.kish)
    n_eff = np.where(linear.n > 0, n_eff, 0.0)
    if stat == "share":
        lci, uci = wilson(linear.est, se**2, linear.kish, df)
    else:
        reach = t_quantile(df) * se
        lci, uci = linear.est - reach, linear.est + reach
    return pd.DataFrame(
        {
            "wave": wave.name,
            "measure": np.repeat(np.array(names, dtype=object), len(domains)),
            "stat": stat,
            "by": domains.by * len(names),
            "level": domains.level * len(names),
            "est": linear.est,
            "se": se,
            "lci": lci,
            "uci": uci,
            "n": linear.n,
            "n_eff": n_eff,
            "deff": deff,
            "df": df,
            "method": "Taylor" if model.constraints is None else "Taylor, calibration residuals",
            "suppressed": "",
        }
    )


def t_quantile(df: np.ndarray, level: float = LEVEL) -> Floats:
    """The two-sided t quantile; NaN where there are no degrees of freedom."""
    df = np.asarray(df, dtype=float)
    return np.where(df > 0, stats.t.ppf((1 + level) / 2, np.maximum(df, 1)), np.nan)


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


def about_wave(wave: Wave) -> dict[str, object]:
    """How the numbers of a wave were made, for captions and the method sheet."""
    weighting = wave.weighting
    return {
        "waves": wave.pooled_from or (wave.name,),
        "weighted": str(weighting.settings.get("method")) if weighting is not None and wave.raked else "none",
        "base_weights": bool(np.ptp(wave.design.weights) > 0) if len(wave) else False,
        "margins": () if weighting is None else weighting.margins.variables,
        "probability": wave.probability,
        "strata": int(wave.design.strata.max()) + 1 if len(wave) else 0,
        "clusters": bool(len(wave) and wave.design.psus.max() + 1 < len(wave)),
        "fpc": wave.design.fpc is not None,
        "interval": LEVEL,
    }
