"""Trust of those who mention a theme, beside that of those who do not. What goes together, not what causes what."""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy import sparse, stats

from trustsurvey.comparison.multiplicity import Adjustment, adjusted
from trustsurvey.estimation.intervals import t_quantile
from trustsurvey.estimation.linearise import Domains, linear_mean
from trustsurvey.estimation.means import numbers_of
from trustsurvey.estimation.variance import VarianceModel
from trustsurvey.model import RULES, Floats, Wave
from trustsurvey.text.prevalence import Coded, second_phase

TOO_FEW_PEOPLE, TOO_FEW_READ = "too few people", "too few read"
COLUMNS = [
    "code", "measure", "mean", "mean_lci", "mean_uci", "others", "others_lci", "others_uci",
    "gap", "se", "lci", "uci", "df", "p", "p_adj", "n", "suppressed",
]  # fmt: skip


def linked(
    wave: Wave,
    coded: Coded,
    measure: str,
    *,
    hand: bool = False,
    enough: int = RULES.answers,
    adjust: Adjustment = "bh",
) -> pd.DataFrame:
    """Weighted means of a score among those who mention each code and those who answered without it.

    Machine and audit together as for shares: with t the score, s the probability of the code, y what a person
    decided and R/rho the audit's expansion, ``sum w t s + sum w R/rho t (y - s)`` over the same without t,
    the corrections as means over the audit. ``hand`` leaves the machine out: the audited answers alone. With
    every answer audited these are the means that ``estimate`` gives in the domains of the code.

    Returns
    -------
    One row a code: code, measure, mean (of those who mention it), others, each with its 95 % limits, gap
    (mean - others) with se, lci, uci, df (Satterthwaite), p and p_adj (over the codes), n (audited answers
    that mention it and have the score), suppressed. Where fewer than ``enough`` audited answers mention it, or do not,
    nothing is told ("too few read"); under ten not even the number ("too few people").
    Two-phase variance (Sarndal, Swensson & Wretman 1992, 9.7) of the linearised ratios.
    """
    model, everyone = VarianceModel.of(wave), Domains.of(wave, ())
    t = numbers_of(wave, [measure]).to_numpy(float)[:, 0]
    scored = np.isfinite(t) & np.isfinite(coded.predicted).all(axis=1)
    read = coded.audited & scored
    expand = np.where(read, 1 / np.where(read, coded.chance, 1.0), 0.0)
    rows = []
    for j, code in enumerate(coded.codes):
        s = np.where(scored, coded.predicted[:, j], np.nan)
        y = np.where(read, coded.truth[:, j], np.nan)
        sides = (y == 1, y == 0)
        fewest = min(int(side.sum()) for side in sides)
        if fewest < enough:
            hidden = fewest < RULES.people
            rows.append({"code": code, "n": np.nan if hidden else float(sides[0].sum()),
                         "suppressed": TOO_FEW_PEOPLE if hidden else TOO_FEW_READ})  # fmt: skip
            continue
        weights = np.where(scored, model.weights, 0.0)
        means, machine, people = [], [], []
        for seen, decided in ((0 * s, y), (0 * s, 1 - y)) if hand else ((s, y), (1 - s, 1 - y)):
            share, total = (_corrected(value, seen, decided, weights, expand) for value in (np.ones(len(t)), t))
            means.append(total / share)
            machine.append((t - means[-1]) * seen / share)
            people.append((t - means[-1]) * (decided - seen) / share)
        z, correction = (np.column_stack([*part, part[0] - part[1]]) for part in (machine, people))
        first = linear_mean(z, model.weights, everyone).values
        second = linear_mean(correction, model.weights * expand, everyone).values
        second = sparse.csr_array(sparse.diags_array(expand) @ second)
        drawn, independent = second_phase(coded, model, second)
        whole = sparse.csr_array(first + second)
        whole.eliminate_zeros()
        variance = np.maximum(model.variance(whole) + drawn - independent, 0.0)
        df = model.domain_df(sparse.csr_array(np.column_stack(sides).astype(float)))
        with np.errstate(divide="ignore", invalid="ignore"):
            both = variance[:2].sum() ** 2 / (variance[:2] ** 2 / df).sum()
        told = _told(np.array([*means, means[0] - means[1]]), np.sqrt(variance), np.array([*df, both]))
        rows.append({"code": code, "n": float(sides[0].sum()), "suppressed": ""} | told)
    table = pd.DataFrame(rows).assign(measure=measure).reindex(columns=COLUMNS)
    return table.assign(p_adj=adjusted(table["p"].to_numpy(float), adjust))


def _corrected(value: Floats, seen: Floats, decided: Floats, weights: Floats, expand: Floats) -> float:
    """The mean of value times the code: the machine's over all answers, and the correction's over the audit."""
    audit = weights * expand
    machine = (weights * np.nan_to_num(value * seen)).sum() / weights.sum()
    return float(machine + (audit * np.nan_to_num(value * (decided - seen))).sum() / audit.sum())


def _told(est: Floats, se: Floats, df: Floats) -> dict[str, float]:
    reach = t_quantile(df) * se
    told: dict[str, float] = {}
    for k, name in enumerate(("mean", "others", "gap")):
        limits = ("lci", "uci") if name == "gap" else (f"{name}_lci", f"{name}_uci")
        told |= {name: est[k], limits[0]: est[k] - reach[k], limits[1]: est[k] + reach[k]}
    with np.errstate(divide="ignore", invalid="ignore"):
        p = 2 * stats.t.sf(np.abs(est[2]) / se[2], df[2])
    return told | {"se": float(se[2]), "df": float(df[2]), "p": float(p)}
