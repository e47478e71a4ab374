"""Who is missing: those who answered against the population, and what each group's answers are worth.

An overall R-indicator is left out: it needs the people who were asked and did not answer, or at least
how many were asked (Schouten, Cobben & Bethlehem 2009). What margins alone can say is
:func:`imbalance`, one variable at a time.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

import numpy as np
import pandas as pd

from trustsurvey.comparison.planning import plan
from trustsurvey.disclosure.suppression import hide
from trustsurvey.disclosure.system import Sum
from trustsurvey.errors import SurveyError
from trustsurvey.model import RULES, Estimates, Floats, Margin, Margins, Wave
from trustsurvey.weighting.categories import Levels
from trustsurvey.weighting.population import NO_ANSWER
from trustsurvey.wording import fold

#: Effective numbers of answers to reach: enough to be shown, enough to be shown without a caution.
GOALS = (RULES.answers, RULES.caution)

NUMBERS = [
    "n", "sample", "base", "population", "ratio", "per_1000", "n_eff", "deff", "worth",
    *(f"more_{goal}" for goal in GOALS), "more_width",
]  # fmt: skip


def representation(
    wave: Wave,
    margins: Margins | None = None,
    *,
    hidden: Collection[tuple[str, str]],
    by: Sequence[str] = (),
    estimates: Estimates | None = None,
    measure: str = "",
    width: float | None = None,
) -> pd.DataFrame:
    """Sample against population for every category of the margins, and of the groupings ``by``.

    Parameters
    ----------
    margins : the population as it was given, of which several variables may be crossed ("age x sex");
        those that the wave was weighted to by default.
    hidden : the (variable, category) pairs whose numbers the disclosure gate hides (for instance
        ``disclosure.crossed.hidden_in_margins``). Small categories are hidden in any case, and with them
        enough of their variable that its other numbers and the size of the sample do not tell theirs; sums over
        other variables are the gate's business.
    by : groupings without a margin: what their answers are worth, beside no population.
    estimates, measure : protected estimates, from which the design effect of a measure comes where
        they have the category; Kish's, from the weights alone, stands in elsewhere.
    width : half-width of the interval of the measure to reach, in its units.

    Returns
    -------
    One row a category: variable, category, n; sample (unweighted share) and base (share at the base
    weights), population (share), ratio (base / population: 0.5 is half of what there should be), residents
    (where margins are numbers of people), per_1000 (answers a 1,000 residents), n_eff (Kish within the
    group, final weights), deff (of the measure), worth (n / deff, or n_eff without one), more_30,
    more_50 (interviews until they are worth 30, 50; at today's worth of an interview) and more_width,
    hidden. Shares are among the shown categories of a variable, for the sample and
    the population alike, so that they tell nothing of the hidden ones and add to 1.

    SurveyError ``representation.margins`` where there is neither a margin nor a grouping.
    """
    given = margins if margins is not None else wave.weighting.margins if wave.weighting is not None else Margins(())
    tables = [_variable(wave, margin, hidden) for margin in given]
    tables += [
        _variable(wave, Margin(name, pd.Series(dtype=float)), hidden) for name in by if name not in given.variables
    ]
    if not tables:
        raise SurveyError(
            "representation.margins", "There is no population to hold the answers against", where=wave.name,
            expected="margins, or a grouping", hint="Give the margins that the wave can be weighted to.",
        )  # fmt: skip
    table = pd.concat(tables, ignore_index=True)
    table = _with_design(table, estimates, measure, width)
    for goal in GOALS:
        with np.errstate(invalid="ignore", divide="ignore"):
            table[f"more_{goal}"] = np.maximum(np.ceil(goal * table["n"] / table["worth"] - 1e-9) - table["n"], 0.0)
    table.loc[table["hidden"], NUMBERS] = np.nan
    return table[["variable", "category", *NUMBERS[:5], "residents", *NUMBERS[5:], "hidden"]]


def _variable(wave: Wave, margin: Margin, hidden: Collection[tuple[str, str]]) -> pd.DataFrame:
    """The rows of one variable: its categories in the order of the margin, then those without a target."""
    levels = Levels.of(wave, margin.variable)
    targets = margin.targets[(margin.targets > 0) & (margin.targets.index != NO_ANSWER)]
    written = {fold(str(label)): str(label) for label in levels.labels}
    names = [written.get(fold(str(category)), str(category)) for category in targets.index]
    counted = dict(zip(map(str, levels.labels), levels.counts().tolist(), strict=True))
    names += [label for label, n in counted.items() if label not in names and (n or not len(targets))]
    place = {name: k for k, name in enumerate(names)}
    code = np.array([*(place.get(str(label), -1) for label in levels.labels), -1])[levels.codes]
    inside, size = code >= 0, len(names)

    def sums(values: Floats) -> Floats:
        return np.bincount(code[inside], values[inside], size).astype(float)

    n, base = sums(np.ones(len(wave))), sums(wave.design.weights)
    total, squares = sums(wave.weights), sums(wave.weights**2)
    residents = np.concatenate([targets.to_numpy(float), np.full(size - len(targets), np.nan)])
    secret = _hidden(n, len(wave), np.array([(margin.variable, name) in hidden for name in names], dtype=bool))
    seen = ~secret & (np.isfinite(residents) if len(targets) else True)
    with np.errstate(invalid="ignore", divide="ignore"):
        sample, at_base, population = (np.where(seen, v, np.nan) / v[seen].sum() for v in (n, base, residents))
        numbers = _are_people(margin, len(wave))
        return pd.DataFrame(
            {
                "variable": margin.variable,
                "category": names,
                "n": n,
                "sample": sample,
                "base": at_base,
                "population": population,
                "ratio": at_base / population,
                "residents": residents if numbers else np.nan,
                "per_1000": 1000 * n / residents if numbers else np.nan,
                "n_eff": total**2 / squares,
                "hidden": secret,
            }
        )


def _hidden(n: Floats, everyone: int, also: np.ndarray) -> np.ndarray:
    """The mask of what is hidden in any case, and of what the size of the sample would tell beside the others."""
    numbers = np.append(n, everyone).astype(np.int64)
    whole = len(n)
    sums = [Sum(whole, np.arange(whole), rest=everyone > n.sum())]
    told = np.arange(len(numbers)) == whole
    return hide(numbers, sums, RULES.people, RULES.answers, also=np.append(also, False), told=told).hidden[:whole]


def _are_people(margin: Margin, n: int) -> bool:
    """Whether the margin counts residents: shares add to 1 or 100, and to n once a wave was weighted to them."""
    total = float(margin.targets.sum())
    return total > 0 and not any(abs(total / whole - 1) < 0.005 for whole in (1.0, 100.0, float(max(n, 1))))


def _with_design(table: pd.DataFrame, estimates: Estimates | None, measure: str, width: float | None) -> pd.DataFrame:
    table = table.assign(deff=np.nan, more_width=np.nan)
    if estimates is not None:
        rows = estimates.rows(measure=measure).drop_duplicates(["by", "level"]).set_index(["by", "level"])
        where = pd.MultiIndex.from_frame(table[["variable", "category"]])
        table["deff"] = rows["deff"].reindex(where).to_numpy(float)
        if width is not None and len(rows):
            stat = str(rows["stat"].iloc[0])
            known = [name for name in table["variable"].unique() if name in set(rows.index.get_level_values("by"))]
            plans = [plan(estimates, measure, name, width=width, stat=stat) for name in known]
            if plans:
                more = pd.concat(plans).set_index(["by", "level"])["more_width"]
                table["more_width"] = more.reindex(where).to_numpy(float)
    return table.assign(worth=(table["n"] / table["deff"]).where(table["deff"] > 0, table["n_eff"]))


def imbalance(table: pd.DataFrame, n_eff: float) -> pd.DataFrame:
    """How unevenly the categories of each margin answered: the coefficient of variation of response.

    ``cv^2 = sum s^2 / P - 1 - sum s (1 - s) / (n_eff P)`` with s and P the shares of sample (at the base
    weights) and population; the last term takes away what chance alone would give (Shlomo, Skinner &
    Schouten 2012), and below 0 it is 0. Before weighting, the mean of an answer is off by at most cv
    times its standard deviation on account of this variable (Schouten et al. 2009, eq. 9). That is no
    bound on what the margins do not hold, and no R-indicator: how many were asked is not known.

    ``table`` is that of :func:`representation`, ``n_eff`` Kish's of the base weights, of the wave.
    Returns variable, categories (how many count), cv; variables without two shown categories are left out.
    """
    rows = []
    for variable, part in table[table["ratio"].notna()].groupby("variable", sort=False):
        s, p = part["base"].to_numpy(float), part["population"].to_numpy(float)
        if len(part) > 1:
            square = (s**2 / p).sum() - 1 - (s * (1 - s) / p).sum() / n_eff
            rows.append({"variable": variable, "categories": len(part), "cv": float(np.sqrt(max(square, 0.0)))})
    return pd.DataFrame(rows, columns=["variable", "categories", "cv"])
