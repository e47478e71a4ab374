"""Means, shares and totals for any domains, with design-based uncertainty -> Estimates."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd
from scipy import sparse, stats

from trustsurvey.errors import SurveyError, some
from trustsurvey.model import ESTIMATE_COLUMNS, Estimates, Floats, Ints, Wave
from trustsurvey.variance import Lonely, VarianceModel

Stat = Literal["mean", "share", "total"]
LEVEL = 0.95


@dataclass(frozen=True)
class Domains:
    """Groupings of the residents: for each grouping a code a resident (-1: in none) and its names.

    The columns of all groupings stand side by side; ``by`` and ``level`` name each column.
    """

    codes: tuple[Ints, ...]
    by: tuple[str, ...]
    level: tuple[str, ...]
    starts: tuple[int, ...]

    @classmethod
    def of(cls, wave: Wave, by: Sequence[str | tuple[str, ...]] = (), everyone: bool = True) -> Domains:
        """Everyone, then each grouping in turn; a tuple crosses variables ("a x b")."""
        codes: list[Ints] = []
        names: list[str] = []
        levels: list[str] = []
        starts: list[int] = []
        if everyone:
            codes.append(np.zeros(len(wave), dtype=np.int64))
            names.append("")
            levels.append("")
            starts.append(0)
        for grouping in by:
            variables = (grouping,) if isinstance(grouping, str) else tuple(grouping)
            code, labels = _crossed(wave, variables)
            starts.append(len(names))
            codes.append(code)
            names += [" x ".join(variables)] * len(labels)
            levels += labels
        return cls(tuple(codes), tuple(names), tuple(levels), tuple(starts))

    def __len__(self) -> int:
        return len(self.by)

    def entries(self, keep: np.ndarray) -> tuple[Ints, Ints]:
        """Row and column of every membership of the residents in ``keep`` (a mask)."""
        rows, columns = [], []
        for code, start in zip(self.codes, self.starts, strict=True):
            inside = np.flatnonzero(keep & (code >= 0))
            rows.append(inside)
            columns.append(code[inside] + start)
        return np.concatenate(rows), np.concatenate(columns)


def _crossed(wave: Wave, variables: tuple[str, ...]) -> tuple[Ints, list[str]]:
    absent = [variable for variable in variables if variable not in wave.people.columns]
    if absent:
        raise SurveyError(
            "estimate.by",
            f"The wave has no column {some(absent)} to group by",
            where=wave.name,
            expected=some([*wave.areas, *wave.groups], 8),
        )
    parts = [wave.people[variable].astype("category") for variable in variables]
    code = parts[0].cat.codes.to_numpy().astype(np.int64)
    labels = [str(c) for c in parts[0].cat.categories]
    for part in parts[1:]:
        size = len(part.cat.categories)
        other = part.cat.codes.to_numpy()
        code = np.where((code >= 0) & (other >= 0), code * size + other, -1)
        labels = [f"{left} x {right}" for left in labels for right in part.cat.categories]
    return code, labels


@dataclass(frozen=True)
class Linear:
    """One measure in all domains: estimates, their linearised values, and who counted.

    ``values`` (n, k) sums, weighted, to the estimate's error; ``n``, ``sum_w`` and ``s2`` (the
    weighted element variance, with n - 1) are by domain.
    """

    est: Floats
    values: sparse.csr_array
    n: Ints
    kish: Floats
    s2: Floats


def linear_mean(y: Floats, weights: Floats, domains: Domains) -> Linear:
    """Weighted means of y (n,), NaN left out, in every domain: z = (y - mean) / sum of weights."""
    n, total, mean, row, column, value, weight = _sums(y, weights, domains)
    k = len(domains)
    residual = value - mean[column]
    safe = np.where(total > 0, total, np.nan)
    spread = np.bincount(column, weight * residual**2, minlength=k) / safe
    s2 = np.where(n > 1, spread * n / np.maximum(n - 1, 1), np.nan)
    linear = sparse.csr_array((residual / safe[column], (row, column)), shape=(len(y), k))
    return Linear(mean, linear, n, _kish(weight, column, k), s2)


def linear_total(y: Floats, weights: Floats, domains: Domains) -> Linear:
    """Weighted totals of y (n,), NaN left out, in every domain: z = y."""
    n, total, mean, row, column, value, weight = _sums(y, weights, domains)
    k = len(domains)
    linear = sparse.csr_array((value, (row, column)), shape=(len(y), k))
    return Linear(np.nan_to_num(mean) * total, linear, n, _kish(weight, column, k), np.full(k, np.nan))


def _sums(
    y: Floats, weights: Floats, domains: Domains
) -> tuple[Ints, Floats, Floats, Ints, Ints, Floats, Floats]:
    row, column = domains.entries(np.isfinite(y))
    k = len(domains)
    value, weight = y[row], weights[row]
    n = np.bincount(column, minlength=k)
    total = np.bincount(column, weight, minlength=k)
    with np.errstate(invalid="ignore"):
        mean = np.bincount(column, weight * value, minlength=k) / np.where(total > 0, total, np.nan)
    return n, total, mean, row, column, value, weight


def _kish(weight: Floats, column: Ints, k: int) -> Floats:
    squares = np.bincount(column, weight**2, minlength=k)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.bincount(column, weight, minlength=k) ** 2 / squares


def estimate(
    wave: Wave,
    measures: Sequence[str] | pd.DataFrame | None = None,
    by: Sequence[str | tuple[str, ...]] = (),
    *,
    stat: Stat = "mean",
    everyone: bool = True,
    lonely: Lonely = "fail",
) -> Estimates:
    """Estimate measures for everyone and for each category of every grouping.

    Parameters
    ----------
    measures : names of scores (see ``score``), or a frame of numbers with one row a resident;
        all indices of the instrument by default. Shares want 0/1 numbers.
    by : columns of ``wave.people``; a tuple crosses several.
    stat : "mean" (t interval), "share" (Wilson interval with t and the effective n p(1-p)/V; Kish's
        where p is 0 or 1) or "total" (t interval).

    Returns
    -------
    Estimates with one row a measure and domain. ``se`` is NaN where fewer than two residents
    answered. ``deff`` compares with a simple random sample drawn with replacement, ``n_eff`` is
    n / deff. Degrees of freedom are the PSUs less the strata that the domain has.
    """
    numbers = _numbers(wave, measures)
    domains = Domains.of(wave, by, everyone)
    model = VarianceModel.of(wave, lonely)
    parts = []
    for name in numbers.columns:
        y = numbers[name].to_numpy(float)
        linear = (linear_total if stat == "total" else linear_mean)(y, model.weights, domains)
        parts.append(_rows(wave, str(name), stat, domains, linear, model))
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
    wave: Wave, name: str, stat: Stat, domains: Domains, linear: Linear, model: VarianceModel
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
            "measure": name,
            "stat": stat,
            "by": domains.by,
            "level": domains.level,
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


def wilson(
    p: Floats, variance: Floats, kish: Floats, df: np.ndarray, level: float = LEVEL
) -> tuple[Floats, Floats]:
    """Wilson (1927) interval for shares with effective n p(1-p)/V, Kish's where p is 0 or 1.

    The normal quantile is replaced by t on the design's degrees of freedom (Dean & Pagano 2015).
    """
    with np.errstate(invalid="ignore", divide="ignore"):
        n = np.where(variance > 0, p * (1 - p) / variance, kish)
        t2 = t_quantile(df, level) ** 2
        middle = (p + t2 / (2 * n)) / (1 + t2 / n)
        reach = np.sqrt(t2 / n * (p * (1 - p) + t2 / (4 * n))) / (1 + t2 / n)
    return np.maximum(middle - reach, 0.0), np.minimum(middle + reach, 1.0)


def about_wave(wave: Wave) -> dict[str, object]:
    """How the numbers of a wave were made, for captions and the method sheet."""
    weighting = wave.weighting
    return {
        "waves": wave.pooled_from or (wave.name,),
        "weighted": "none" if weighting is None else str(weighting.settings.get("method")),
        "base_weights": bool(np.ptp(wave.design.weights) > 0) if len(wave) else False,
        "margins": () if weighting is None else weighting.margins.variables,
        "probability": wave.probability,
        "strata": int(wave.design.strata.max()) + 1 if len(wave) else 0,
        "clusters": bool(len(wave) and wave.design.psus.max() + 1 < len(wave)),
        "fpc": wave.design.fpc is not None,
        "interval": LEVEL,
    }
