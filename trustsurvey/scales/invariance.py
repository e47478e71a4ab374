"""May a gap or a change in a score be read as one in what it measures: invariance, and items that work differently."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from scipy import stats

from trustsurvey.comparison.pooling import pool
from trustsurvey.errors import SurveyError, some
from trustsurvey.estimation.linearise import Domains
from trustsurvey.language import _
from trustsurvey.model import Floats, Lonely, Wave
from trustsurvey.scales.factor import FactorFit, fit_factor
from trustsurvey.scales.item_function import ALPHA, item_function
from trustsurvey.scales.reliability import Moments, moments, parts_of
from trustsurvey.scales.scoring import score
from trustsurvey.wording import same_wording

#: A group of fewer answers, or answers worth fewer, has no covariance matrix to speak of.
ENOUGH = 100
#: Steps hold while the fit worsens by no more (Chen 2007), in samples over and up to 300 answers.
WORSE_CFI, WORSE_RMSEA = (0.010, 0.005), (0.015, 0.010)
LARGE = 300
#: One factor must describe the items at all before its parameters are compared.
LEAST_CFI, MOST_SRMR = 0.90, 0.08


@dataclass(frozen=True, eq=False)
class Invariance:
    """Whether a score means the same in every group (or wave), by the model and item by item.

    ``verdict``: "comparable"; "compare with care" (``items`` work differently, most do not); "not shown"
    (no basis for drawing the gap); "too few answers". ``reason`` says why in one sentence.
    ``steps``: step ("configural", "metric", "scalar", "partial"), chi2, df, p, cfi, rmsea, srmr, d_chi2, d_df,
    d_p, d_cfi, d_rmsea (each against the step before; of a partial step, d_chi2 against the scalar and d_cfi against
    the metric), holds, freed (items of a partial step).
    ``dif``: item, test ("uniform", "non-uniform"), effect (the widest gap between groups in SD, beyond
    what the median item shows: an imperfect rest score leaves a gap in every item), r2 (added), f, df,
    ddf, p, p_adj (Benjamini-Hochberg over all tests), notable.
    ``bias``: group, item, points: by how much a group's score is above (below) that of the
    first group on account of the item alone, in points of the whole score. ``groups``: level, n, n_eff, used.
    """

    measure: str
    by: str
    verdict: str
    items: tuple[str, ...]
    reason: str
    steps: pd.DataFrame
    dif: pd.DataFrame
    bias: pd.DataFrame
    groups: pd.DataFrame


def invariance(wave: Wave, measure: str, by: str, lonely: Lonely | None = None) -> Invariance:
    """Compare what a score measures across the categories of a column of ``wave.people``.

    Multi-group one-factor models (Joreskog 1971; Meredith 1993) of weighted moments, each group counting with its
    effective n: the same items (configural), equal loadings (metric), equal intercepts (scalar). A step
    holds while CFI falls by at most .010 and RMSEA rises by at most .015 (Chen 2007; .005 and .010
    up to 300 answers), or by no more than chance explains (chi2 difference, p > .05: in small
    groups both figures jump about). Where the scalar step fails, items are freed one at a time, the
    largest score statistic first, until it holds, as long as half of them stay equal (Byrne,
    Shavelson & Muthen 1989).
    Beside it each item is regressed on the rest score and the group (DIF), design-based.

    Groups under 100 complete answers, or answers worth fewer, take no part. The items of an index of
    indices are its parts.

    SurveyError ``invariance.by`` for an unknown column, ``reliability.measure`` for an unknown score.
    """
    wave = wave if wave.scores is not None else score(wave)
    if by not in wave.people.columns:
        raise SurveyError(
            "invariance.by", f"The wave has no column '{by}' to compare", where=wave.name,
            expected=some([*wave.areas, *wave.groups], 8),
        )  # fmt: skip
    return _compare(wave, measure, by, (), lonely)


def invariance_over_waves(waves: Sequence[Wave], measure: str, lonely: Lonely | None = None) -> Invariance:
    """Compare what a score measures across waves; see :func:`invariance`.

    A score with an item that was not asked in all waves in the same words on the same scale is "not
    shown"; the figures are then those of its other items. People who are in several waves are one
    sampling unit in the DIF tests; the model takes the waves as independent.
    """
    pooled = pool([wave if wave.scores is not None else score(wave) for wave in waves])
    names = [wave.name for wave in waves]
    where = pooled.people["wave"] if "wave" in pooled.people else np.repeat(pooled.name, len(pooled))
    pooled = replace(pooled, people=pooled.people.assign(wave=pd.Categorical(where, categories=names)))
    parts = {part: pooled.instrument.items_of(part) for part in parts_of(pooled, measure)}
    changed = tuple(
        part
        for part, items in parts.items()
        if any(not _same(waves[0], wave, item) for item in items for wave in waves)
    )
    return _compare(pooled, measure, "wave", changed, lonely)


def _same(a: Wave, b: Wave, item: str) -> bool:
    if item not in a.items or item not in b.items:
        return item not in a.items and item not in b.items
    one, other = a.instrument.item(item), b.instrument.item(item)
    ends = (one.scale.low, one.scale.high, one.reverse) == (other.scale.low, other.scale.high, other.reverse)
    ends = ends and a.asked_on.get(item) == b.asked_on.get(item)
    return ends and same_wording(a.wording.get(item, ""), b.wording.get(item, ""))


# --- the steps ------------------------------------------------------------------------------------


def _compare(wave: Wave, measure: str, by: str, changed: tuple[str, ...], lonely: Lonely | None) -> Invariance:
    domains = Domains.of(wave, [by], everyone=False)
    codes, levels = domains.codes[0], domains.level
    items = tuple(item for item in parts_of(wave, measure) if item not in changed)
    told = [moments(wave, items, codes == g, lonely) for g in range(len(levels))]
    enough = np.array([min(len(m.rows), m.n_eff) >= ENOUGH for m in told], dtype=bool)
    groups = pd.DataFrame(
        {"level": levels, "n": [len(m.rows) for m in told], "n_eff": [m.n_eff for m in told], "used": enough}
    )
    used = [m for m, keep in zip(told, enough, strict=True) if keep]

    def result(verdict: str, reason: str, in_the_way: tuple[str, ...] = (), **tables: pd.DataFrame) -> Invariance:
        empty = pd.DataFrame()
        found = {name: tables.get(name, empty) for name in ("steps", "dif", "bias")}
        return Invariance(measure, by, verdict, in_the_way, reason, groups=groups, **found)

    if len(used) < 2:
        return result(
            "too few answers", _("Fewer than two groups have {n} complete answers.").format(n=ENOUGH), changed
        )
    if len(items) < 3:
        return result(
            "not shown",
            _("There are fewer than three questions, asked in the same way, to compare; that leaves nothing to check."),
            changed,
        )
    in_play = np.where(np.isin(codes, np.flatnonzero(enough)), codes, -1)
    singular = [level for level, m, keep in zip(levels, told, enough, strict=True) if keep and not m.varies]
    if singular:
        reason = _("The items do not vary, or repeat each other, in {groups}.").format(groups=some(singular, 3))
        return result("not shown", reason, changed, dif=item_function(wave, items, in_play, lonely))
    steps, fits, freed = _steps(used, items)
    dif = item_function(wave, items, in_play, lonely, suspects=freed)
    bias = _bias(fits[-1], freed, items, [level for level, keep in zip(levels, enough, strict=True) if keep])
    odd = tuple(item for item in items if item in freed or item in set(dif.loc[dif["notable"], "item"]))
    verdict, reason = _verdict(steps, odd, changed)
    return result(verdict, reason, tuple(dict.fromkeys((*changed, *odd))), steps=steps, dif=dif, bias=bias)


def _verdict(steps: pd.DataFrame, odd: tuple[str, ...], changed: tuple[str, ...]) -> tuple[str, str]:
    if changed:
        return "not shown", _("Not asked in the same way throughout: {items}.").format(items=some(changed, 8))
    if not steps["holds"].iloc[0]:
        return "not shown", _("One factor does not describe the items well enough in every group.")
    if not steps["holds"].iloc[-1]:
        return "not shown", _("The items do not work alike in the groups, even with the worst of them set free.")
    if odd:
        return "compare with care", _("Works differently in some group: {items}.").format(items=some(odd, 8))
    return "comparable", _("The items work alike in all groups compared.")


def _steps(told: list[Moments], items: tuple[str, ...]) -> tuple[pd.DataFrame, list[FactorFit], tuple[str, ...]]:
    covs, means = np.array([m.cov for m in told]), np.array([m.mean for m in told])
    n = np.array([m.n_eff for m in told])
    size = 0 if n.sum() > LARGE else 1
    k, g = len(items), len(told)

    def fit(equal_loadings: bool, equal_intercepts: bool, freed: Sequence[int] = ()) -> FactorFit:
        return fit_factor(covs, means, n, *pattern_of(g, k, equal_loadings, equal_intercepts, freed))

    def holds(new: FactorFit, old: FactorFit) -> bool:
        by_chance = stats.chi2.sf(max(new.chi2 - old.chi2, 0.0), max(new.df - old.df, 1)) > ALPHA
        as_good = old.cfi - new.cfi <= WORSE_CFI[size] and new.rmsea - old.rmsea <= WORSE_RMSEA[size]
        return new.converged and (as_good or by_chance)

    configural = fit(False, False)
    # With three items one factor always fits; there is nothing to hold against it.
    described = configural.converged and (configural.df == 0 or configural.cfi >= LEAST_CFI)
    described &= configural.df == 0 or configural.srmr <= MOST_SRMR
    fits, rows = [configural], [_row("configural", configural, None, described)]
    if not described:
        return pd.DataFrame(rows), fits, ()
    metric = fit(True, False)
    kept = holds(metric, configural)
    fits, rows = [*fits, metric], [*rows, _row("metric", metric, configural, kept)]
    scalar = fit(True, True)
    # Each step is held against the one before, the partial one against the configural where loadings differ.
    before = metric if kept else configural
    kept = holds(scalar, before) and kept
    fits, rows = [*fits, scalar], [*rows, _row("scalar", scalar, metric, kept)]
    freed: list[int] = []
    while not kept and 2 * (len(freed) + 1) <= k and k - len(freed) - 1 >= 2:
        freed.append(_worst(fits[-1], g, k, freed))
        partial = fit(True, True, freed)
        kept = holds(partial, before)
        fits.append(partial)
        if kept or 2 * (len(freed) + 1) > k or k - len(freed) - 1 < 2:
            # It is nested in the scalar model, while what it is held against is the metric one.
            nested = _row("", partial, scalar, kept)
            rows.append(
                _row("partial", partial, before, kept)
                | {f"d_{name}": nested[f"d_{name}"] for name in ("chi2", "df", "p")}
            )
            rows[-1]["freed"] = ", ".join(items[j] for j in freed)
    return pd.DataFrame(rows), fits, tuple(items[j] for j in freed) if kept else ()


def _row(step: str, fit: FactorFit, before: FactorFit | None, holds: bool) -> dict[str, object]:
    names = ("chi2", "df", "p", "cfi", "rmsea", "srmr")
    row: dict[str, object] = {"step": step, **{name: getattr(fit, name) for name in names}}
    if before is None:
        more, d_df = np.nan, 0
    else:
        more, d_df = fit.chi2 - before.chi2, fit.df - before.df
    p = float(stats.chi2.sf(abs(more), abs(d_df))) if d_df else np.nan
    row |= {"d_chi2": more, "d_df": d_df, "d_p": p}
    row |= {
        f"d_{name}": np.nan if before is None else getattr(fit, name) - getattr(before, name)
        for name in ("cfi", "rmsea")
    }
    return row | {"holds": bool(holds), "freed": ""}


def pattern_of(
    g: int, k: int, equal_loadings: bool, equal_intercepts: bool, freed: Sequence[int] = ()
) -> tuple[Floats, Floats]:
    """Pattern and fixed values (see :func:`~trustsurvey.scales.factor.fit_factor`) of one step.

    The first group's factor has variance 1 and mean 0; those of the others are free as soon as equal
    loadings (intercepts) give them a scale. Items in ``freed`` keep loadings and intercepts of their own.
    """
    p = 3 * k + 2
    columns: dict[tuple[str, int, int], list[int]] = {}
    fixed = np.zeros(g * p)
    for group in range(g):
        for j in range(k):
            own = group if j in freed else 0
            columns.setdefault(("load", own if equal_loadings else group, j), []).append(group * p + j)
            columns.setdefault(("intercept", own if equal_intercepts else group, j), []).append(group * p + k + j)
            columns[("unique", group, j)] = [group * p + 2 * k + j]
        if group and equal_intercepts:
            columns[("mean", group, 0)] = [group * p + 3 * k]
        if group and equal_loadings:
            columns[("variance", group, 0)] = [group * p + 3 * k + 1]
        else:
            fixed[group * p + 3 * k + 1] = 1.0
    pattern = np.zeros((g * p, len(columns)))
    for column, places in enumerate(columns.values()):
        pattern[places, column] = 1.0
    return pattern, fixed


def _worst(fit: FactorFit, g: int, k: int, freed: Sequence[int]) -> int:
    """The item with the largest score statistic for freeing its loadings and intercepts (Sorbom 1989)."""
    statistics = np.full(k, -np.inf)
    for j in set(range(k)) - set(freed):
        pattern, _start = pattern_of(g, k, True, True, [*freed, j])
        slope, curve = pattern.T @ fit.gradient, pattern.T @ fit.information @ pattern
        statistics[j] = slope @ np.linalg.lstsq(curve, slope, rcond=1e-10)[0]
    return int(np.argmax(statistics))


def _bias(fit: FactorFit, freed: tuple[str, ...], items: tuple[str, ...], levels: Sequence[str]) -> pd.DataFrame:
    """Points of the score that the freed items add to a group's difference from the first, at equal factor means."""
    rows = []
    for group, level in enumerate(levels[1:], start=1):
        for item in freed:
            j = items.index(item)
            at = fit.intercepts[group, j] - fit.intercepts[0, j]
            at += (fit.loadings[group, j] - fit.loadings[0, j]) * fit.means[group]
            rows.append({"group": level, "item": item, "points": at / len(items)})
    return pd.DataFrame(rows, columns=["group", "item", "points"])
