"""The gate before anything is shown: who could be recognised, and what is too thin to say.

Two rules, not one. *Confidentiality*: with fewer than ten people neither the estimate nor their
number is shown, and enough of the neighbouring numbers are hidden with them that nobody can work
the hidden one out from sums. *Reliability*: with fewer than thirty answers, or answers worth
fewer than thirty, the estimate is withheld as saying too little.
"""

from __future__ import annotations

from collections.abc import Mapping as MappingType, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from trustsurvey.model import AreaLevel, Estimates
from trustsurvey.population import NO_ANSWER
from trustsurvey.suppression import Sum, hidden_numbers

CONFIDENTIAL = "too few people"
UNRELIABLE = "too few answers"


@dataclass(frozen=True)
class Rules:
    """Thresholds. ``ValueError`` for any that is laxer than the defaults."""

    people: int = 10
    answers: int = 30
    caution: int = 50
    half_width_score: float = 6.0
    half_width_share: float = 0.10

    def __post_init__(self) -> None:
        least = (self.people >= 10, self.answers >= 30, self.caution >= 50)
        most = (self.half_width_score <= 6.0, self.half_width_share <= 0.10)
        if not all(least + most):
            raise ValueError("disclosure rules can be made stricter, never laxer")


RULES = Rules()
#: Where the levels of one grouping lie within those of another: by -> (parent by, level -> parent).
Nesting = MappingType[str, tuple[str, MappingType[str, str]]]


def nesting_of(levels: tuple[AreaLevel, ...]) -> Nesting:
    """How the area levels of a study lie within one another."""
    return {level.key: (level.parent, dict(level.areas)) for level in levels if level.parent and level.areas}


def protect(estimates: Estimates, nesting: Nesting | None = None, rules: Rules = RULES) -> Estimates:
    """Hide and withhold what the rules ask for; ``suppressed`` says why, numbers become NaN.

    Fewer than ten people (or none): estimate and number are hidden, :data:`CONFIDENTIAL`. A mean whose
    number alone must be hidden for the sake of a small neighbour stays, ``guarded``: rounded to whole
    points, so that nothing can be worked back from it, and without its number, standard error
    and degrees of freedom; other statistics, from which the number follows, are hidden with it.
    ``caution``: shown, but with under 50 answers or a wide interval. What has been through the gate
    passes unchanged.
    """
    table = estimates.table.copy()
    if "caution" in table:
        return estimates
    table[["n", "df"]] = table[["n", "df"]].astype(float)
    few = (table["n"] < rules.people).to_numpy()
    hidden = few.copy()
    for positions in table.groupby(["wave", "measure", "stat"], sort=False).indices.values():
        if (few & (table["n"] > 0).to_numpy())[positions].any():
            rows = table.iloc[positions]
            n = rows["n"].to_numpy(int)
            hidden[positions] = hidden_numbers(n, _sums(rows, n, nesting or {}), rules.people)
    thin = (table["n"] < rules.answers) | (table["n_eff"].fillna(0) < rules.answers) | table["se"].isna()
    guarded = hidden & ~few & ~thin.to_numpy() & (table["stat"] == "mean").to_numpy()
    table.loc[thin, "suppressed"] = UNRELIABLE
    table.loc[hidden & ~guarded, "suppressed"] = CONFIDENTIAL
    half = (table["uci"] - table["lci"]) / 2
    wide = half > np.where(table["stat"] == "mean", rules.half_width_score, rules.half_width_share)
    weak = (table["n"] < rules.caution) | (table["n_eff"] < rules.caution) | wide
    table["caution"] = (table["suppressed"] == "") & weak & (table["stat"] != "total")
    table["guarded"] = guarded
    table.loc[guarded, ["est", "lci", "uci"]] = table.loc[guarded, ["est", "lci", "uci"]].round()
    withheld = table["suppressed"] != ""
    table.loc[withheld, ["est", "lci", "uci"]] = np.nan
    table.loc[withheld | guarded, ["se", "n_eff", "deff", "df"]] = np.nan
    table.loc[hidden, "n"] = np.nan
    return replace(estimates, table=table)


def protect_margins(report: pd.DataFrame, rules: Rules = RULES) -> pd.DataFrame:
    """A margin report (see ``weigh.margin_report``) without the numbers of small categories.

    The share before weighting would give the number away, so it goes with it. The row of those
    without an answer, whose target is their share of the sample, is left out, and the shares of
    the others are of those who answered.
    """
    answered = report[report["category"] != NO_ANSWER].reset_index(drop=True)
    answered["n"] = answered["n"].astype(float)
    for variable, rows in answered.groupby("variable", sort=False):
        for column in ("before", "target", "after"):
            answered.loc[rows.index, column] = rows[column] / rows[column].sum()
        everyone = int(report.loc[report["variable"] == variable, "n"].sum())
        n = np.append(rows["n"].to_numpy(int), everyone)
        whole = Sum(len(rows), np.arange(len(rows)), rest=everyone > n[:-1].sum())
        hidden = hidden_numbers(n, [whole], rules.people)[:-1]
        answered.loc[rows.index[hidden], ["n", "before"]] = np.nan
    return answered


def _sums(rows: pd.DataFrame, n: np.ndarray, nesting: Nesting) -> list[Sum]:
    """How the numbers of one measure add up: cells to their sides, areas to theirs, all to everyone."""
    labels: dict[tuple[str, ...], dict[tuple[str, ...], int]] = {}
    for position, (by, level) in enumerate(zip(rows["by"], rows["level"], strict=True)):
        variables = tuple(by.split(" x ")) if by else ()
        parts = tuple(str(level).split(" x ")) if len(variables) > 1 else (str(level),) if by else ()
        labels.setdefault(variables, {})[parts] = position
    within = {
        (fine, coarse): project
        for fine in labels
        for coarse in labels
        if fine != coarse and (project := _projection(fine, coarse, nesting)) is not None
    }
    sums = []
    for (fine, coarse), project in within.items():
        if any((fine, middle) in within and (middle, coarse) in within for middle in labels):
            continue  # follows from the sums on the way
        parts_of: dict[int, list[int]] = {}
        for parts, position in labels[fine].items():
            whole = labels[coarse].get(tuple(of.get(parts[k], "") if of else parts[k] for k, of in project))
            if whole is not None and len(parts) == len(fine):
                parts_of.setdefault(whole, []).append(position)
        sums += [Sum(w, np.array(p), rest=bool(n[w] > n[p].sum())) for w, p in parts_of.items()]
    return sums


def _projection(
    fine: Sequence[str], coarse: Sequence[str], nesting: Nesting
) -> list[tuple[int, MappingType[str, str] | None]] | None:
    """For each variable of a coarser grouping, where the finer one holds it; None if it does not."""
    result: list[tuple[int, MappingType[str, str] | None]] = []
    for variable in coarse:
        inner = next((k for k, v in enumerate(fine) if v in nesting and nesting[v][0] == variable), None)
        if variable in fine:
            result.append((fine.index(variable), None))
        elif inner is not None:
            result.append((inner, nesting[fine[inner]][1]))
        else:
            return None
    return result
