"""Questions about a wave among the others: what changed, trend, planning, who is missing."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from trustsurvey.comparison.compare import change
from trustsurvey.comparison.multiplicity import Adjustment
from trustsurvey.comparison.planning import plan
from trustsurvey.comparison.representation import imbalance, representation
from trustsurvey.comparison.trend import trend
from trustsurvey.disclosure.cells import nesting_of
from trustsurvey.disclosure.crossed import hidden_in_margins
from trustsurvey.disclosure.gate import protect
from trustsurvey.errors import SurveyError, some
from trustsurvey.estimation.means import estimate
from trustsurvey.language import N_, _
from trustsurvey.model import Estimates, Margins, Study, Wave
from trustsurvey.weighting.weigh import kish
from trustsurvey.workbench.finding import Finding, grouped, has, having

#: What an adjustment for several tests holds down.
HOLDS = {
    "bh": N_("p_adj holds down the share of false alarms among the alarms of one grouping (Benjamini-Hochberg)."),
    "holm": N_("p_adj holds down the chance of any false alarm among the tests of one grouping (Holm)."),
}


def changes(
    waves: Sequence[Wave], at: int, study: Study, measures: Sequence[str], by: Sequence[str], adjust: Adjustment = "bh"
) -> Finding:
    """The change of mean scores since the wave before, for everyone and by each grouping of one variable.

    SurveyError ``estimate.first`` where there is nothing to compare with; ``estimate.measure`` and ``estimate.by``
    for what the two waves do not share.
    """
    new = waves[at]
    if at == 0:
        raise SurveyError(
            "estimate.first", "The wave is the first, so there is nothing to compare with", where=new.name
        )
    old, nesting = waves[at - 1], nesting_of(study.levels)
    for name in measures:
        if not has(old, name):
            shared = [known for known in having(new, name).scores if has(old, known)]  # type: ignore[union-attr]
            raise SurveyError(
                "estimate.measure", f"The change since {old.name} has no measure '{name}'", where=new.name,
                expected=some(shared, 12),
            )  # fmt: skip
    if by:
        grouped(new, *by)
        grouped(old, *by)
    before, after = (protect(estimate(wave, measures, by), wave, nesting=nesting) for wave in (old, new))
    found = change(old, new, before, after, adjust=adjust)
    return Finding(found.table, (f"{_('Change since {wave}.').format(wave=old.name)} {_(HOLDS[adjust])}",))


def trends(waves: Sequence[Wave], at: int, study: Study, measures: Sequence[str], by: Sequence[str]) -> Finding:
    """The slope of measures over all waves up to this one, since the wording last changed."""
    nesting = nesting_of(study.levels)
    used = [wave for wave in waves[: at + 1] if all(has(wave, name) for name in measures)]
    known = list(dict.fromkeys(name for wave in used for name in (*wave.areas, *wave.groups)))
    strange = [name for name in by if name not in known]
    if used and strange:
        raise SurveyError("estimate.by", f"No wave has '{strange[0]}'", expected=some(known, 12))
    tables = [
        protect(estimate(wave, measures, [b for b in by if b in wave.people]), wave, nesting=nesting).table
        for wave in used
    ]
    if not tables:
        raise SurveyError("trend.waves", f"No wave has {some(measures)}", expected="three waves or more")
    found = trend(used, Estimates(pd.concat(tables, ignore_index=True)))
    told = (
        _("Slopes are points a year, with their 95 % intervals; p_adj allows for the number of areas.")
        if found.unit == "year"
        else _("Slopes are points a wave, with their 95 % intervals; p_adj allows for the number of areas."),
        _("Sampling error is all that an interval holds: a curve around the line is no part of it."),
    )
    return Finding(found.table, told, found.lines)


def planned(
    waves: Sequence[Wave],
    at: int,
    study: Study,
    measure: str,
    by: str = "",
    *,
    change: float | None = None,
    width: float | None = None,
) -> Finding:
    """What the survey can detect for each area or group now, and how many interviews a goal would take."""
    wave = having(waves[at], measure)
    if by:
        grouped(wave, by)
    shown = protect(estimate(wave, [measure], [by] if by else []), wave, nesting=nesting_of(study.levels))
    table = plan(shown, measure, by, change=change, width=width)
    told = _(
        "Detectable: the smallest true change that would be found four times in five, if the next wave is like this."
    )
    return Finding(table, (told,))


def who_is_missing(waves: Sequence[Wave], at: int, study: Study, margins: Margins | None, measure: str = "") -> Finding:
    """Those who answered against the population, and what each group's answers are worth."""
    wave = waves[at]
    nesting = nesting_of(study.levels)
    measure = measure or wave.instrument.headline
    groups = [*wave.areas, *wave.groups]
    shown = protect(estimate(wave, [measure], groups), wave, nesting=nesting) if has(wave, measure) else None
    hidden = hidden_in_margins(wave, margins, nesting)
    table = representation(wave, margins, hidden=hidden, by=wave.groups, estimates=shown, measure=measure)
    uneven = imbalance(table, kish(wave.design.weights)[1])
    return Finding(table, (), uneven)
