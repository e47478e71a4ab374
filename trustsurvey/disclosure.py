"""The gate before anything is shown: who could be recognised, and what is too thin to say.

Two rules, not one. *Confidentiality*: with fewer than ten people neither the estimate nor their
number is shown, and enough of the neighbouring numbers are hidden with them that nobody can work
the hidden one out from a total. *Reliability*: with fewer than thirty answers, or answers worth
fewer than thirty, the estimate is withheld as saying too little.
"""

from __future__ import annotations

from collections.abc import Mapping as MappingType
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from trustsurvey.model import AreaLevel, Estimates

CONFIDENTIAL = "too few people"
UNRELIABLE = "too few answers"


@dataclass(frozen=True)
class Rules:
    """Thresholds; only ever made stricter than these."""

    people: int = 10
    answers: int = 30
    caution: int = 50
    half_width_score: float = 6.0
    half_width_share: float = 0.10


RULES = Rules()
#: Where the levels of one grouping lie within those of another: by -> (parent by, level -> parent).
Nesting = MappingType[str, tuple[str, MappingType[str, str]]]


def nesting_of(levels: tuple[AreaLevel, ...]) -> Nesting:
    """How the area levels of a study lie within one another."""
    return {level.key: (level.parent, dict(level.areas)) for level in levels if level.parent and level.areas}


def protect(estimates: Estimates, nesting: Nesting | None = None, rules: Rules = RULES) -> Estimates:
    """Hide and withhold what the rules ask for; ``suppressed`` says why, numbers become NaN.

    Where the reason is :data:`CONFIDENTIAL`, the number of people goes too. Adds the column
    ``caution``: shown, but with under 50 answers or a wide interval.
    """
    table = estimates.table.copy()
    table[["n", "df"]] = table[["n", "df"]].astype(float)
    hidden = pd.Series(False, index=table.index)
    for _, rows in table.groupby(["wave", "measure", "stat"], sort=False):
        hidden[rows.index] = _hidden(rows, nesting or {}, rules)
    thin = (table["n"] < rules.answers) | (table["n_eff"].fillna(0) < rules.answers) | table["se"].isna()
    table.loc[thin, "suppressed"] = UNRELIABLE
    table.loc[hidden, "suppressed"] = CONFIDENTIAL
    half = (table["uci"] - table["lci"]) / 2
    wide = half > np.where(table["stat"] == "share", rules.half_width_share, rules.half_width_score)
    weak = (table["n"] < rules.caution) | (table["n_eff"] < rules.caution) | wide
    table["caution"] = (table["suppressed"] == "") & weak & (table["stat"] != "total")
    withheld = table["suppressed"] != ""
    table.loc[withheld, ["est", "se", "lci", "uci", "n_eff", "deff", "df"]] = np.nan
    table.loc[hidden, "n"] = np.nan
    return replace(estimates, table=table)


def protect_margins(report: pd.DataFrame, rules: Rules = RULES) -> pd.DataFrame:
    """A margin report (see ``weigh.margin_report``) without the numbers of small categories.

    The share before weighting would give the number away, so it goes with it.
    """
    report = report.copy()
    report[["n", "before"]] = report[["n", "before"]].astype(float)
    for _, rows in report.groupby("variable", sort=False):
        n = rows["n"].to_numpy()
        hidden = _widened((n > 0) & (n < rules.people), n, rules)
        report.loc[rows.index[hidden], ["n", "before"]] = np.nan
    return report


def _widened(hidden: np.ndarray, n: np.ndarray, rules: Rules) -> np.ndarray:
    """Hide the next smallest numbers of one family until its total tells none of the hidden ones."""
    hidden = hidden.copy()
    while hidden.any() and _derivable(n, hidden, rules):
        candidates = np.flatnonzero(~hidden & (n > 0))
        if not len(candidates):
            break
        hidden[candidates[np.argmin(n[candidates])]] = True
    return hidden


def _hidden(rows: pd.DataFrame, nesting: Nesting, rules: Rules) -> np.ndarray:
    """Mask of the rows of one measure that confidentiality hides."""
    n = rows["n"].to_numpy()
    hidden = (n > 0) & (n < rules.people)
    families = _families(rows, nesting)
    changed = True
    while changed:
        changed = False
        for family in families:
            wider = _widened(hidden[family], n[family], rules)
            changed |= bool((wider != hidden[family]).any())
            hidden[family] = wider
    return hidden


def _derivable(n: np.ndarray, hidden: np.ndarray, rules: Rules) -> bool:
    """Whether the total of the family narrows a hidden number below the span 0 to 9.

    Only the sum of the hidden numbers is known from outside, so each may be anything from 0 to it.
    """
    return bool(hidden.sum() < 2 or n[hidden].sum() < rules.people - 1)


def _families(rows: pd.DataFrame, nesting: Nesting) -> list[np.ndarray]:
    """Positions of the rows that add to a number which may be shown."""
    by, level = rows["by"].to_numpy(), rows["level"].to_numpy()
    families = []
    for grouping in dict.fromkeys(by):
        positions = np.flatnonzero(by == grouping)
        if grouping == "":
            continue
        families.append(positions)
        if " x " in grouping:
            first = np.array([str(name).split(" x ")[0] for name in level[positions]])
            last = np.array([str(name).split(" x ", 1)[1] for name in level[positions]])
            families += [positions[part == value] for part in (first, last) for value in np.unique(part)]
        elif grouping in nesting and nesting[grouping][0] in by:
            parents = np.array([nesting[grouping][1].get(str(name), "") for name in level[positions]])
            families += [positions[parents == parent] for parent in np.unique(parents)]
    return families
