"""Questions about groups: how far apart they are, and whether a score means the same in all of them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from trustsurvey.disclosure.cells import nesting_of, without_hidden
from trustsurvey.disclosure.gate import protect
from trustsurvey.errors import SurveyError
from trustsurvey.estimation.gaps import gaps
from trustsurvey.estimation.means import estimate
from trustsurvey.language import N_, _
from trustsurvey.model import Study, Wave
from trustsurvey.scales.invariance import Invariance, invariance, invariance_over_waves
from trustsurvey.wording import figure
from trustsurvey.workbench.few import gathered, number_left_out, together_words
from trustsurvey.workbench.finding import Finding, grouped, has, having, on_df, p_words

#: What ``invariance`` finds, in a sentence.
VERDICTS = {
    "comparable": N_("Comparable."), "compare with care": N_("Compare with care."), "not shown": N_("Not shown."),
    "too few answers": N_("Too few answers."),
}  # fmt: skip


def group_gaps(
    waves: Sequence[Wave], at: int, study: Study, measure: str, by: str, adjust: Sequence[str] = ()
) -> Finding:
    """Differences between groups, raw and adjusted, after asking whether the score means the same in them."""
    wave, nesting = having(waves[at], measure), nesting_of(study.levels)
    grouped(wave, by, *adjust)
    shown = protect(estimate(wave, [measure], [by]), wave, nesting=nesting)
    heard = gathered(without_hidden(wave, measure, [by], nesting), measure, adjust, nesting)
    if heard.people[by].nunique() < 2 <= wave.people[by].nunique():
        raise SurveyError(
            "gaps.few", f"No two groups of '{by}' have numbers of answers that may be shown", where=wave.name,
            hint="Ask for another grouping.",
        )  # fmt: skip
    found = gaps(heard, measure, by, list(adjust), shown=shown)
    told = [
        _("Gaps are differences from '{reference}'. An adjusted gap is no causal effect.").format(
            reference=found.reference
        )
    ]
    for any_gap, test in (
        (_("Any raw gap at all: F = {f} {df}, {p}."), found.raw),
        (_("Any adjusted gap at all: F = {f} {df}, {p}."), found.adjusted),
    ):
        if test is not None:
            told.append(any_gap.format(f=figure(test.f, ".2f"), df=on_df(test.df, test.ddf), p=p_words(test.p)))
    if found.left_out:
        told.append(
            _("{n} residents with a missing answer are left out of the adjustment.").format(
                n=number_left_out(found.left_out)
            )
        )
    told += together_words(heard, adjust)
    if len(wave.instrument.items_of(measure)) > 1:
        told.append(f"{_('Does the score mean the same in these groups?')} {_verdict(invariance(wave, measure, by))}")
    return Finding(found.table, tuple(told))


def same_meaning(waves: Sequence[Wave], at: int, measure: str, by: str = "") -> Finding:
    """Whether a score measures the same in all groups of ``by``, or in all waves where that is empty.

    Groups too small to show are too small to take part. Where there are such, what would tell how many those are who
    do take part is left out.
    """
    wave = having(waves[at], measure)
    if not by:
        over = invariance_over_waves([wave for wave in waves[: at + 1] if has(wave, measure)], measure)
        return Finding(over.steps, (_verdict(over),), over.dif)
    grouped(wave, by)
    found = invariance(wave, measure, by)
    steps, dif, told = found.steps, found.dif, [_verdict(found)]
    if len(dif) and not found.groups["used"].all():
        told.append(_("Test statistics are not shown: the size of the groups too small to compare would follow."))
        dif = dif.assign(f=np.nan, ddf=np.nan)
        steps = steps.assign(**dict.fromkeys(("chi2", "p", "d_chi2", "d_p"), np.nan)) if len(steps) else steps
    return Finding(steps, tuple(told), dif)


def _verdict(found: Invariance) -> str:
    return f"{_(VERDICTS[found.verdict])} {found.reason}"
