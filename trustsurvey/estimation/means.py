"""Means, shares and totals for any domains, with design-based uncertainty -> Estimates."""

from __future__ import annotations

from collections.abc import Mapping as MappingType, Sequence
from typing import Any, Literal, TypeAlias, get_args

import numpy as np
import pandas as pd
from scipy import sparse

from trustsurvey.errors import SurveyError, some
from trustsurvey.estimation.intervals import LEVEL, ShareInterval, share_interval, t_quantile
from trustsurvey.estimation.linearise import Domains, Linear, linear_mean, linear_total
from trustsurvey.estimation.variance import Df, VarianceModel
from trustsurvey.model import ESTIMATE_COLUMNS, Estimates, Lonely, Wave

Stat = Literal["mean", "share", "total"]
#: The simple random sample that a design effect compares with: drawn with or without replacement.
Deff = Literal["replace", "without"]
#: A part of the wave: levels by variable, or a mask over the residents.
Within: TypeAlias = MappingType[str, Any] | np.ndarray | pd.Series | None
#: Memberships (residents x groupings x measures) that are taken together.
MOST_ENTRIES = 4_000_000


def estimate(
    wave: Wave,
    measures: Sequence[str] | pd.DataFrame | None = None,
    by: Sequence[str | tuple[str, ...]] = (),
    *,
    stat: Stat = "mean",
    interval: ShareInterval | None = None,
    deff: Deff = "replace",
    everyone: bool = True,
    lonely: Lonely | None = None,
    df: Df = "design",
) -> Estimates:
    """Estimate measures for everyone and for each category of every grouping.

    Parameters
    ----------
    measures : names of scores (see ``score``), or a frame of numbers with one row a resident;
        all indices of the instrument by default. Shares want 0/1 numbers.
    by : columns of ``wave.people``; a tuple crosses several.
    lonely : treatment of strata with one sampling unit, instead of the design's own.
    stat : "mean" (t interval), "share" or "total" (t interval).
    interval : for shares, the name of a method of :func:`~trustsurvey.estimation.intervals.share_interval`;
        "wilson" unless named.
    deff : whether the simple random sample of ``deff`` is drawn with replacement ("replace"), or
        "without", from a population as large as the sum of the weights (NaN where that is not
        above n; only for weights that add to the population).
    df : degrees of freedom of the intervals: "design", the PSUs less the strata that the domain has, or
        "satterthwaite", what unequal weights leave of them.

    Returns
    -------
    Estimates with one row a measure and domain. ``se`` is NaN where fewer than two residents
    answered, or no degree of freedom is left. ``n_eff`` is n over the ``deff`` with replacement.
    """
    if stat not in get_args(Stat):
        raise SurveyError("estimate.stat", f"There is no statistic '{stat}'", expected=", ".join(get_args(Stat)))
    if deff not in get_args(Deff):
        raise SurveyError("estimate.deff", f"There is no design effect '{deff}'", expected=", ".join(get_args(Deff)))
    if df not in get_args(Df):
        raise SurveyError("estimate.df", f"There are no degrees of freedom '{df}'", expected=", ".join(get_args(Df)))
    if interval is not None and stat != "share":
        raise SurveyError(
            "estimate.interval", f"The interval '{interval}' is for shares", got=f"stat = '{stat}'",
            expected="stat = 'share'", hint="Means and totals have t intervals.",
        )  # fmt: skip
    numbers = numbers_of(wave, measures)
    values = numbers.to_numpy(float)
    with np.errstate(invalid="ignore"):
        outside = ((values < 0) | (values > 1)).any(axis=0)
    if stat == "share" and outside.any():
        raise SurveyError(
            "estimate.share", f"A share was asked of {some(numbers.columns[outside])}, which is not between 0 and 1",
            where=wave.name, expected="1 for those who have it, 0 for the others",
        )  # fmt: skip
    domains = domains_of(wave, numbers, by, everyone)
    model = VarianceModel.of(wave, lonely)
    linearise = linear_total if stat == "total" else linear_mean
    # Measures go together as far as their memberships fit into memory at ease.
    block = max(1, MOST_ENTRIES // max(1, len(wave) * len(domains.codes)))
    parts = []
    for first in range(0, numbers.shape[1], block):
        linear = linearise(values[:, first : first + block], model.weights, domains)
        names = list(numbers.columns[first : first + block])
        parts.append(rows_of(wave, names, stat, domains, linear, model, interval or "wilson", deff, df))
    about = about_wave(wave) | ({"share_interval": interval or "wilson"} if stat == "share" else {})
    about |= {"df": df} if df != "design" else {}
    return Estimates(pd.concat(parts, ignore_index=True), about)


def numbers_of(wave: Wave, measures: Sequence[str] | pd.DataFrame | None) -> pd.DataFrame:
    """Measures as numbers, one row a resident; all indices of the instrument unless named.

    SurveyError ``estimate.rows``, ``estimate.unscored``, ``estimate.measure`` or ``estimate.infinite``.
    """
    numbers = _chosen(wave, measures)
    values = numbers.to_numpy(float)
    if len(odd := [str(c) for c, column in zip(numbers.columns, values.T, strict=True) if np.isinf(column).any()]):
        raise SurveyError("estimate.infinite", f"The measure {some(odd)} has an infinite value", where=wave.name)
    return numbers


def domains_of(
    wave: Wave, numbers: pd.DataFrame, by: Sequence[str | tuple[str, ...]] = (), everyone: bool = True
) -> Domains:
    """The domains to estimate in; SurveyError ``estimate.nothing`` where there is no measure or no domain."""
    domains = Domains.of(wave, by, everyone)
    if not numbers.shape[1] or not len(domains):
        raise SurveyError(
            "estimate.nothing", "There is nothing to estimate", where=wave.name,
            got="no measure" if not numbers.shape[1] else "no grouping",
            expected="a measure, and everyone or a grouping",
        )  # fmt: skip
    return domains


def members(wave: Wave, within: Within) -> np.ndarray:
    """A mask (n,) over the residents: levels by variable of ``wave.people``, or a mask that is handed on.

    SurveyError ``estimate.within`` for an unknown variable or level, or a mask of another length.
    """
    if within is None:
        return np.ones(len(wave), dtype=bool)
    if isinstance(within, np.ndarray | pd.Series):
        mask = np.asarray(within)
        if mask.shape != (len(wave),) or mask.dtype != bool:
            raise SurveyError(
                "estimate.within", "The part of the wave is not a yes or no for each resident", where=wave.name,
                got=f"{mask.dtype} of shape {mask.shape}", expected=f"true or false, {len(wave):,} of them",
            )  # fmt: skip
        return mask
    mask = np.ones(len(wave), dtype=bool)
    for variable, level in within.items():
        column = wave.people[variable] if variable in wave.people.columns else None
        here = np.zeros(len(wave), dtype=bool) if column is None else column.eq(level).fillna(False).to_numpy(bool)
        if not here.any():
            known = wave.people.columns if column is None else column.dropna().unique()
            raise SurveyError(
                "estimate.within", f"Nobody has {variable} = '{level}'", where=wave.name, expected=some(known, 8)
            )
        mask &= here
    return mask


def _chosen(wave: Wave, measures: Sequence[str] | pd.DataFrame | None) -> pd.DataFrame:
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


def rows_of(
    wave: Wave,
    names: Sequence[str],
    stat: str,
    domains: Domains,
    linear: Linear,
    model: VarianceModel,
    interval: ShareInterval = "wilson",
    deff_against: Deff = "replace",
    freedom: Df = "design",
) -> pd.DataFrame:
    """The rows of ``Estimates`` for linearised measures in domains; shares have a share's interval, others t."""
    counted = membership(linear.values)
    df = model.domain_df(counted, freedom)
    variance = model.variance(linear.values)
    alone = (linear.n < 2) | ~(df > 0)
    se = np.where(alone, np.nan, np.sqrt(variance))
    with np.errstate(invalid="ignore", divide="ignore"):
        deff = se**2 / (linear.s2 / linear.n)
        n_eff = np.where(np.isfinite(deff) & (deff > 0), linear.n / deff, linear.kish)
    n_eff = np.where(linear.n > 0, n_eff, 0.0)
    if deff_against == "without":
        total = counted.T @ model.weights
        with np.errstate(invalid="ignore", divide="ignore"):
            deff = np.where(total > linear.n, deff * total / (total - linear.n), np.nan)
    if stat == "share":
        lci, uci = share_interval(interval, linear.est, se**2, linear.n, linear.kish, df)
    else:
        reach = t_quantile(df) * se
        lci, uci = linear.est - reach, linear.est + reach
    table = pd.DataFrame(
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
            "method": method_of(model),
            "suppressed": "",
        }
    )
    return table[list(ESTIMATE_COLUMNS)]


def method_of(model: VarianceModel, name: str = "Taylor") -> str:
    """What ``Estimates`` says of how a variance was made."""
    return name if model.constraints is None else f"{name}, calibration residuals"


def membership(values: sparse.csr_array) -> sparse.csr_array:
    """(n, k) with 1 where a resident counts for an estimate."""
    return sparse.csr_array((np.ones(values.nnz), values.indices, values.indptr), shape=values.shape)


def about_wave(wave: Wave) -> dict[str, object]:
    """How the numbers of a wave were made, for captions and the method sheet."""
    weighting = wave.weighting
    return {
        "waves": wave.pooled_from or (wave.name,),
        "weighted": str(weighting.settings.get("method")) if weighting is not None and wave.raked else "none",
        "base_weights": bool(np.ptp(wave.design.weights) > 0) if len(wave) else False,
        "margins": () if weighting is None else weighting.margins.variables,
        "probability": wave.probability,
        "strata": len(wave.design.stratum_psus) if len(wave) else 0,
        "clusters": wave.design.n_psu < len(wave),
        "fpc": wave.design.fpc is not None,
        "interval": LEVEL,
    }
