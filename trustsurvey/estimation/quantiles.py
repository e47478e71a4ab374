"""Medians and other quantiles for any domains, with Woodruff intervals."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
import pandas as pd
from scipy import sparse

from trustsurvey.errors import SurveyError
from trustsurvey.estimation.intervals import ShareInterval, share_interval, t_quantile
from trustsurvey.estimation.linearise import Domains
from trustsurvey.estimation.means import about_wave, domains_of, method_of, numbers_of
from trustsurvey.estimation.variance import VarianceModel
from trustsurvey.model import ESTIMATE_COLUMNS, Estimates, Floats, Ints, Lonely, Wave

Rule = Literal["math", "school", "hf7"]


def quantile(
    wave: Wave,
    measures: Sequence[str] | pd.DataFrame | None = None,
    by: Sequence[str | tuple[str, ...]] = (),
    *,
    p: Sequence[float] = (0.5,),
    rule: Rule = "math",
    interval: ShareInterval = "mean",
    same: float = 0.0,
    everyone: bool = True,
    lonely: Lonely | None = None,
) -> Estimates:
    """Quantiles of measures for everyone and for each category of every grouping.

    Parameters
    ----------
    p : shares of the population at or below the quantile, between 0 and 1; stat is "q0.5" for the median.
    rule : "math", the smallest value with a share of at least p at or below it; "school", the middle of
        it and the next one where the share is p exactly; "hf7", interpolated (Hyndman & Fan 1996, 7).
    same : shares of the weight nearer to p than this count as p. With 0 the sums are taken at face value, as
        R does: where a tenth of equal weights lies below a value, rounding decides whether it is the .1
        quantile or the next one is. With 1e-10 it does not, and results do not hang on the scale of the weights.
    interval : how the share at or below the quantile gets its interval; any method of
        :func:`~trustsurvey.estimation.intervals.share_interval`.

    Returns
    -------
    Estimates with one row a measure, quantile and domain. The limits are Woodruff's (1952): the quantiles
    at the limits of the share's interval, NaN where these leave [0, 1]; ``se`` is their distance over
    twice the t quantile. ``deff`` and ``n_eff`` are those of the share. R: ``svyquantile``.

    SurveyError ``quantile.p``, ``quantile.rule``, ``interval.method`` or as for ``estimate``.
    """
    if not len(p) or not all(0 < one < 1 for one in p):
        raise SurveyError("quantile.p", "A quantile lies between 0 and 1", got=", ".join(map(str, p)), expected="0.5")
    if rule not in get_args(Rule):
        raise SurveyError("quantile.rule", f"There is no rule '{rule}'", expected=", ".join(get_args(Rule)))
    numbers = numbers_of(wave, measures)
    domains, model = domains_of(wave, numbers, by, everyone), VarianceModel.of(wave, lonely)
    parts = []
    for name in numbers.columns:
        ordered = _Ordered.of(numbers[name].to_numpy(float), model.weights, domains, rule, same)
        df = model.domain_df(ordered.matrix(np.ones(len(ordered.row))))
        parts += [_rows(wave, name, domains, model, ordered, df, one, interval) for one in p]
    return Estimates(pd.concat(parts, ignore_index=True), about_wave(wave))


@dataclass(frozen=True)
class _Ordered:
    """One measure in all domains: memberships by domain (column) and, within it, from low to high.

    ``start`` (k + 1,) is where each domain begins, ``cumulated`` its weight up to and with each entry.
    """

    shape: tuple[int, int]
    row: Ints
    column: Ints
    value: Floats
    weight: Floats
    start: Ints
    cumulated: Floats
    rule: Rule
    same: float

    @classmethod
    def of(cls, y: Floats, weights: Floats, domains: Domains, rule: Rule, same: float) -> _Ordered:
        row, column = domains.entries(np.isfinite(y))
        order = np.lexsort((y[row], column))
        row, column = row[order], column[order]
        start = np.searchsorted(column, np.arange(len(domains) + 1))
        # Summed with more digits than kept, so that the sums of one domain do not feel the others.
        sums = np.concatenate([[0.0], np.cumsum(weights[row], dtype=np.longdouble)])
        cumulated = (sums[1:] - sums[start[column]]).astype(float)
        return cls((len(y), len(domains)), row, column, y[row], weights[row], start, cumulated, rule, same)

    @property
    def n(self) -> Ints:
        return np.diff(self.start)

    def matrix(self, entries: Floats) -> sparse.csr_array:
        return sparse.csr_array((entries, (self.row, self.column)), shape=self.shape)

    def by_column(self, entries: np.ndarray) -> Floats:
        return np.bincount(self.column, entries, minlength=self.shape[1]).astype(float)

    def quantile(self, p: Floats) -> Floats:
        """The quantile of each domain at its own p (k,); NaN where p is outside [0, 1] or nobody is."""
        result = np.full(len(p), np.nan)
        known = (p >= 0) & (p <= 1) & (self.n > 0)
        if not known.any():
            return result
        first, last = self.start[:-1], np.maximum(self.start[1:] - 1, 0)
        if self.rule == "hf7":
            # An entry's place is the weight before it, from 0 to the weight before the last one.
            before = self.cumulated - self.weight
            place = p * before[last]
            reached = self.by_column(before <= place[self.column]).astype(np.int64)
            at = np.clip(first + reached - 1, 0, last)
            part = np.clip((place - before[at]) / self.weight[at], 0, 1)
            low, high = self.value[at], self.value[np.minimum(at + 1, last)]
            return np.where(known, low + part * (high - low), np.nan)
        total = self.cumulated[last]
        reached = self.by_column(self.cumulated <= ((p + self.same) * total)[self.column]).astype(np.int64)
        at = np.clip(first + np.maximum(reached, 1) - 1, 0, last)
        low, high = self.value[at], self.value[np.minimum(at + 1, last)]
        enough = p - self.cumulated[at] / total <= self.same
        if self.rule == "school":
            low = np.where(reached > 0, (low + high) / 2, low)
        return np.where(known, np.where(enough, low, high), np.nan)


def _rows(
    wave: Wave,
    name: str,
    domains: Domains,
    model: VarianceModel,
    ordered: _Ordered,
    df: np.ndarray,
    p: float,
    interval: ShareInterval,
) -> pd.DataFrame:
    k = len(domains)
    estimate = ordered.quantile(np.full(k, p))
    under = (ordered.value <= estimate[ordered.column]).astype(float)
    n = ordered.n
    with np.errstate(invalid="ignore", divide="ignore"):
        whole = ordered.by_column(ordered.weight)
        share = ordered.by_column(ordered.weight * under) / whole
        kish = whole**2 / ordered.by_column(ordered.weight**2)
        variance = model.variance(ordered.matrix((under - share[ordered.column]) / whole[ordered.column]))
        alone = (n < 2) | (df < 1)
        variance = np.where(alone, np.nan, variance)
        low, high = share_interval(interval, share, variance, n, kish, df)
        lci, uci = ordered.quantile(low), ordered.quantile(high)
        spread = share * (1 - share) / n
        deff = np.where(spread > 0, variance / spread, np.nan)
        n_eff = np.where(deff > 0, n / deff, np.where(n > 0, kish, 0.0))
    table = pd.DataFrame(
        {
            "wave": wave.name,
            "measure": name,
            "stat": f"q{p:g}",
            "by": domains.by,
            "level": domains.level,
            "est": estimate,
            "se": (uci - lci) / (2 * t_quantile(df)),
            "lci": lci,
            "uci": uci,
            "n": n,
            "n_eff": n_eff,
            "deff": deff,
            "df": df,
            "method": method_of(model, "Woodruff"),
            "suppressed": "",
        }
    )
    return table[list(ESTIMATE_COLUMNS)]
