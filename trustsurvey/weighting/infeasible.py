"""Why no weights exist: the targets that stand in the way, named."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy import optimize, sparse

from trustsurvey.errors import SurveyError, some
from trustsurvey.model import Floats, Margin
from trustsurvey.weighting.population import figure

if TYPE_CHECKING:
    from trustsurvey.weighting.calibration import Problem


def explain(
    problem: Problem,
    factors: Floats,
    margins: list[Margin],
    bounds: tuple[float, float] | None,
    where: str,
    bounds_on: str,
    steps: int,
) -> SurveyError:
    """Say why no weights exist: least relative change of targets that would make them possible."""
    names = [f"{m.variable} '{category}'" for m in margins for category in m.targets.index]
    c, m = problem.cell_codes.shape
    columns = (problem.cell_codes + problem.offsets).ravel()
    x = sparse.csr_array((np.ones(c * m), columns, np.arange(0, c * m + 1, m)), shape=(c, len(names)))
    low = None if problem.low is None else problem.low * problem.base
    high = None if problem.high is None else problem.high * problem.base
    limit = "" if bounds is None else f" with weights between {bounds[0]:g} and {bounds[1]:g} times the {bounds_on}"
    found = impossible(x, problem.totals, names, low, high, where, limit)
    if found is not None:
        return found
    if bounds is not None:
        return SurveyError(
            "rake.not-found", "No weights were found that meet these margins within the bounds", where=where,
            got=f"a misfit of {problem.misfit(problem.weights(factors)):.1e} after {steps} steps",
            hint="Widen the bounds a little.",
        )  # fmt: skip
    return boundary(problem, factors, margins, where)


def impossible(
    x: sparse.csr_array,
    totals: Floats,
    names: list[str],
    low: Floats | None,
    high: Floats | None,
    where: str,
    limit: str = "",
) -> SurveyError | None:
    """The refusal of totals (p,) that no weights (c,) between low and high can give x (c, p), if that is so.

    A linear programme finds the least change of the totals, relative to their size, that would make
    them possible; what it changes is named.
    """
    c, p = x.shape
    slack = sparse.identity(p, format="csr")
    size = np.maximum(np.abs(totals), 1e-9 * np.abs(totals).max(initial=1.0))
    equalities = sparse.hstack([x.T, slack, -slack]).tocsr()
    cost = np.concatenate([np.zeros(c), 1 / size, 1 / size])
    lowest = np.zeros(c) if low is None else low
    highest = np.full(c, np.inf) if high is None else high
    limits = np.column_stack([np.r_[lowest, np.zeros(2 * p)], np.r_[highest, np.full(2 * p, np.inf)]])
    found = optimize.linprog(cost, A_eq=equalities, b_eq=totals, bounds=limits, method="highs")
    moved = found.x[c : c + p] - found.x[c + p :] if found.success else np.zeros(p)
    blamed = np.flatnonzero(np.abs(moved) > 1e-7 * size)
    if not len(blamed):
        return None
    reasons = [
        f"{names[k]} should come to {figure(totals[k])} but cannot go "
        f"{'above' if moved[k] > 0 else 'below'} {figure(totals[k] - moved[k])}"
        for k in blamed[np.argsort(-np.abs(moved[blamed] / size[blamed]))][:3]
    ]
    return SurveyError(
        "rake.infeasible",
        f"No weights can meet these margins together{limit}",
        where=where,
        got="; ".join(reasons),
        hint="Merge the category with another, correct the margin, or widen the bounds."
        if limit
        else "Merge the category with another, or correct the margin.",
    )


def boundary(problem: Problem, factors: Floats, margins: list[Margin], where: str) -> SurveyError:
    """Name the residents to whom the margins leave no weight."""
    groups = [
        " and ".join(
            f"{margin.variable} {margin.targets.index[code]}"
            for margin, code in zip(margins, problem.cell_codes[cell], strict=True)
        )
        for cell in np.argsort(problem.ratio(factors))[:2]
    ]
    return SurveyError(
        "rake.boundary",
        "These margins can only be met by giving some residents no weight at all",
        where=where,
        got=some(groups, 2),
        hint="Merge small categories of these margins, or leave one margin out.",
    )
