"""Questions about groups: how far apart they are, and whether a score means the same in all of them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from trustsurvey.disclosure.cells import nesting_of
from trustsurvey.disclosure.gate import protect
from trustsurvey.estimation.gaps import gaps
from trustsurvey.estimation.means import estimate
from trustsurvey.model import Study, Wave
from trustsurvey.scales.invariance import invariance, invariance_over_waves
from trustsurvey.workbench.few import levels_shown, number_left_out, within_levels
from trustsurvey.workbench.finding import Finding, grouped, has, having


def group_gaps(
    waves: Sequence[Wave], at: int, study: Study, measure: str, by: str, adjust: Sequence[str] = ()
) -> Finding:
    """Differences between groups, raw and adjusted, after asking whether the score means the same in them."""
    wave = having(waves[at], measure)
    grouped(wave, by, *adjust)
    shown = protect(estimate(wave, [measure], [by]), wave, nesting=nesting_of(study.levels))
    # Degrees of freedom tell how many answered: nobody counts in them whose number is not shown.
    known = levels_shown(shown, by)
    told_of = len(known) > 1
    within = within_levels(wave, by, known) if told_of else None
    found = gaps(wave, measure, by, list(adjust), shown=shown, within=within)
    table = found.table if told_of else found.table.assign(se=np.nan, lci=np.nan, uci=np.nan, df=np.nan, p=np.nan)
    told = [f"Gaps are differences from '{found.reference}'. An adjusted gap is no causal effect."]
    for name, test in (("raw", found.raw), ("adjusted", found.adjusted)):
        if test is not None and told_of:
            told.append(
                f"Any {name} gap at all: F = {test.f:.2f} on {test.df:g} and {test.ddf:g} df, p = {test.p:.4f}."
            )
    if found.left_out:
        number = number_left_out(found.left_out)
        told.append(f"{number} residents with a missing answer are left out of the adjustment.")
    if len(wave.instrument.items_of(measure)) > 1:
        same = invariance(wave, measure, by)
        told.append(f"Does the score mean the same in these groups? {same.verdict.capitalize()}. {same.reason}")
    return Finding(table, tuple(told))


def same_meaning(waves: Sequence[Wave], at: int, measure: str, by: str = "") -> Finding:
    """Whether a score measures the same in all groups of ``by``, or in all waves where that is empty."""
    wave = having(waves[at], measure)
    if by:
        grouped(wave, by)
        found = invariance(wave, measure, by)
    else:
        used = [wave for wave in waves[: at + 1] if has(wave, measure)]
        found = invariance_over_waves(used, measure)
    return Finding(found.steps, (f"{found.verdict.capitalize()}. {found.reason}",), found.dif)
