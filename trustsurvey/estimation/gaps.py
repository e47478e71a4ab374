"""Gaps between groups: raw, and adjusted for other variables."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import sparse, stats

from trustsurvey.errors import SurveyError
from trustsurvey.estimation.intervals import t_quantile
from trustsurvey.estimation.means import Within
from trustsurvey.estimation.regression import Family, Regression, TermTest, link_mean, regress
from trustsurvey.model import Estimates, Floats, Lonely, Wave


@dataclass(frozen=True, eq=False)
class Gaps:
    """Differences of a mean between the groups of a variable and a reference group.

    ``table``, one row a kind ("raw", "adjusted") and group, the reference among them (its gap is NaN): kind,
    by, level, reference, n, mean, gap, se, lci, uci (of the gap), df, p, suppressed.
    ``raw`` and ``adjusted``: F tests that there is no gap at all, to be looked at before any single one; None
    where figures are withheld, groups of one make the test impossible or, adjusted, there is nothing to
    adjust for. ``left_out``: residents with the measure and the group whom a missing answer keeps out of
    the adjustment. ``dropped``: columns that others tell already.
    """

    table: pd.DataFrame
    measure: str
    by: str
    reference: str
    adjusted_for: tuple[str, ...]
    raw: TermTest | None
    adjusted: TermTest | None
    left_out: int
    dropped: tuple[str, ...]


def gaps(
    wave: Wave,
    measure: str,
    by: str,
    adjust: Sequence[str | tuple[str, ...]] = (),
    *,
    reference: str | None = None,
    family: Family = "linear",
    shown: Estimates | None = None,
    numbers: pd.DataFrame | None = None,
    within: Within = None,
    lonely: Lonely | None = None,
) -> Gaps:
    """How far each group's mean is from that of the reference group, raw and adjusted.

    Parameters
    ----------
    measure : a score or a column of ``numbers``; ``by``: a column of ``wave.people``; ``adjust``: predictors.
    reference : the group that the others are compared with; the first one unless named.
    family : of the adjustment; "logistic" for 0/1 measures (gaps are then differences of shares).
    shown : protected estimates of the measure by these groups: what is withheld there is withheld here.
        Without them nothing is: for analysts only.

    The raw gap is the difference of the weighted means. The adjusted one is that of the predictive margins
    (Graubard & Korn 1999): the mean outcome that the regression expects if everybody in it belonged to the
    group and kept their other characteristics. For a linear regression that is the coefficient of the group
    (R ``svyglm``). Variances come from the linearised values of the whole, the population that is averaged
    over included. df: as for the regression. An adjusted gap is no causal effect.

    SurveyError ``gaps.*`` or ``regress.*``.
    """
    if by in adjust:
        raise SurveyError("gaps.itself", f"A gap by '{by}' cannot be adjusted for '{by}'", where=wave.name)
    named = {} if reference is None else {by: reference}
    raw = regress(wave, measure, [by], reference=named, numbers=numbers, within=within, lonely=lonely)
    levels = raw.coding.predictor(by).levels
    if len(levels) < 2:
        raise SurveyError(
            "gaps.groups", f"'{by}' has no two groups with answers", where=wave.name,
            got=", ".join(levels) or "a number", expected="categories",
        )  # fmt: skip
    tables, adjusted = [_rows(raw, by, "raw")], None
    if len(adjust):
        # The same reference as the raw gaps, should missing answers take the first group away.
        fit = regress(
            wave, measure, [*adjust, by], family=family, reference={by: levels[0]}, numbers=numbers, within=within,
            lonely=lonely,
        )  # fmt: skip
        told = [column for column in fit.dropped if column in fit.coding.predictor(by).columns or column == by]
        if told:
            raise SurveyError(
                "gaps.collinear", f"What is adjusted for tells already who is in '{told[0]}'", where=wave.name,
                got=", ".join(map(str, adjust)), hint="Adjust for less.",
            )  # fmt: skip
        tables.append(_rows(fit, by, "adjusted"))
        adjusted = fit
    table, hidden = _withheld(pd.concat(tables, ignore_index=True), measure, by, levels[0], shown)
    return Gaps(
        table=table,
        measure=measure,
        by=by,
        reference=levels[0],
        adjusted_for=tuple(" x ".join(a) if isinstance(a, tuple) else a for a in adjust),
        raw=None if hidden else _any_gap(raw, by),
        adjusted=None if hidden or adjusted is None else _any_gap(adjusted, by),
        left_out=0 if adjusted is None else raw.n - adjusted.n,
        dropped=() if adjusted is None else adjusted.dropped,
    )


def _any_gap(fit: Regression, by: str) -> TermTest | None:
    try:
        return fit.test(by)
    except SurveyError as refused:
        if refused.code != "regress.singular":
            raise
        return None


def _rows(fit: Regression, by: str, kind: str) -> pd.DataFrame:
    """Predictive margins of each level and their distance from the first one."""
    levels = fit.coding.predictor(by).levels
    own = fit.coding.columns_of(by)
    at = np.array([int(np.flatnonzero(fit.kept == column)[0]) for column in own])
    weights = fit.model.weights[fit.rows]
    share = weights / weights.sum()
    x = fit.matrix.copy()
    x[:, at] = 0.0
    base = x @ fit.coefficients
    mean, gap, se = (np.full(len(levels), np.nan) for _ in range(3))
    first: tuple[Floats, Floats] | None = None
    everybody = share @ x
    # One group after the other: nothing of size residents x groups.
    for k in range(len(levels)):
        step = fit.coefficients[at[k - 1]] if k else 0.0
        mu, slope = link_mean(fit.family, base + step)
        gradient = everybody.copy() if fit.family == "linear" else (share * slope) @ x
        if k:
            gradient[at[k - 1]] = share @ slope
        mean[k] = share @ mu
        if first is None:
            first = mu, gradient
            continue
        gap[k] = mean[k] - mean[0]
        values = fit.linearised(gradient - first[1])
        values[fit.rows] += (mu - first[0] - gap[k]) / weights.sum()
        column = sparse.csr_array((values[fit.rows], (fit.rows, np.zeros_like(fit.rows))), shape=(len(values), 1))
        se[k] = np.sqrt(fit.model.variance(column)[0])
    n = fit.matrix[:, at].sum(axis=0)
    n = np.concatenate([[len(fit.rows) - n.sum()], n])
    # One resident tells a mean but nothing of its error.
    se[(n < 2) | (n[0] < 2)] = np.nan
    reach = t_quantile(np.array(fit.df)) * se
    with np.errstate(invalid="ignore", divide="ignore"):
        p = 2 * stats.t.sf(np.abs(gap) / se, fit.df)
    return pd.DataFrame(
        {
            "kind": kind,
            "by": by,
            "level": levels,
            "reference": levels[0],
            "n": n,
            "mean": mean,
            "gap": gap,
            "se": se,
            "lci": gap - reach,
            "uci": gap + reach,
            "df": float(fit.df),
            "p": p,
            "suppressed": "",
        }
    )


def _withheld(
    table: pd.DataFrame, measure: str, by: str, reference: str, shown: Estimates | None
) -> tuple[pd.DataFrame, bool]:
    """The table without what the protected estimates withhold or guard, and whether that is anything."""
    if shown is None:
        return table, False
    rows = shown.rows(measure=measure, by=by)
    reasons = rows["suppressed"].where((rows["suppressed"] != "") | rows["n"].notna(), "guarded")
    told = dict(zip(rows["level"], reasons, strict=True))
    reason = table["level"].map(lambda level: told.get(level, "not among the estimates"))
    anchor = reason[table["level"] == reference].iloc[0]
    # Without the reference's mean a gap and a group's mean would tell it.
    reason = reason.mask((reason == "") & (anchor != ""), f"the reference: {anchor}")
    numbers = ["n", "mean", "gap", "se", "lci", "uci", "df", "p"]
    table = table.assign(suppressed=reason)
    table.loc[reason != "", numbers] = np.nan
    # With the raw ones these would tell how many in a group left something out.
    table.loc[table["kind"] == "adjusted", "n"] = np.nan
    return table, bool((reason != "").any())
