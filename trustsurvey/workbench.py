"""What an analyst asks beyond a table: one function a question, its numbers past the disclosure gate.

Each takes the scored waves of a study in order of time and the place ``at`` of the one that is asked about,
and gives back a :class:`Finding`. The Analyst page and the command line both ask here.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from trustsurvey import tabulate
from trustsurvey.areas.checks import check_model
from trustsurvey.areas.covariates import AreaCovariates
from trustsurvey.areas.lowest import lowest_areas
from trustsurvey.areas.small_area import SmallAreas, model_areas
from trustsurvey.comparison.planning import plan
from trustsurvey.comparison.pooling import pool, rolling_year
from trustsurvey.comparison.representation import imbalance, representation
from trustsurvey.comparison.trend import trend
from trustsurvey.disclosure.cells import RULES, Nesting, nesting_of
from trustsurvey.disclosure.crossed import hidden_in_margins
from trustsurvey.disclosure.gate import protect
from trustsurvey.errors import SurveyError, some
from trustsurvey.estimation.gaps import gaps
from trustsurvey.estimation.means import estimate
from trustsurvey.model import Estimates, Margins, Study, Wave
from trustsurvey.scales.drivers import CAUTIONS, drivers
from trustsurvey.scales.invariance import invariance, invariance_over_waves
from trustsurvey.scales.reliability import reliability
from trustsurvey.weighting.weigh import kish


@dataclass(frozen=True, eq=False)
class Finding:
    """A table, and what has to be said beside it, a sentence each."""

    table: pd.DataFrame
    told: tuple[str, ...] = ()
    more: pd.DataFrame | None = None


def trends(waves: Sequence[Wave], at: int, study: Study, measures: Sequence[str], by: Sequence[str]) -> Finding:
    """The slope of measures over all waves up to this one, since the wording last changed."""
    nesting = nesting_of(study.levels)
    used = [wave for wave in waves[: at + 1] if all(_has(wave, name) for name in measures)]
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
        f"Slopes are points a {found.unit}, with their 95 % intervals; p_adj allows for the number of areas.",
        "Sampling error is all that an interval holds: a curve around the line is no part of it.",
    )
    return Finding(found.table, told, found.lines)


def group_gaps(
    waves: Sequence[Wave], at: int, study: Study, measure: str, by: str, adjust: Sequence[str] = ()
) -> Finding:
    """Differences between groups, raw and adjusted, after asking whether the score means the same in them."""
    wave = _having(waves[at], measure)
    _grouped(wave, by, *adjust)
    shown = protect(estimate(wave, [measure], [by]), wave, nesting=nesting_of(study.levels))
    # Degrees of freedom tell how many answered: nobody counts in them whose number is not shown.
    known = shown.table.loc[(shown.table["by"] == by) & shown.table["n"].notna(), "level"].astype(str)
    told_of = len(known) > 1
    within = wave.people[by].astype(str).isin(known).to_numpy() if told_of else None
    found = gaps(wave, measure, by, list(adjust), shown=shown, within=within)
    table = found.table if told_of else found.table.assign(se=np.nan, lci=np.nan, uci=np.nan, df=np.nan, p=np.nan)
    told = [f"Gaps are differences from '{found.reference}'. An adjusted gap is no causal effect."]
    for name, test in (("raw", found.raw), ("adjusted", found.adjusted)):
        if test is not None and told_of:
            told.append(
                f"Any {name} gap at all: F = {test.f:.2f} on {test.df:g} and {test.ddf:g} df, p = {test.p:.4f}."
            )
    if found.left_out:
        few = found.left_out < RULES.people
        number = f"Fewer than {RULES.people}" if few else f"{found.left_out:,}"
        told.append(f"{number} residents with a missing answer are left out of the adjustment.")
    if len(wave.instrument.items_of(measure)) > 1:
        same = invariance(wave, measure, by)
        told.append(f"Does the score mean the same in these groups? {same.verdict.capitalize()}. {same.reason}")
    return Finding(table, tuple(told))


def same_meaning(waves: Sequence[Wave], at: int, measure: str, by: str = "") -> Finding:
    """Whether a score measures the same in all groups of ``by``, or in all waves where that is empty."""
    wave = _having(waves[at], measure)
    if by:
        _grouped(wave, by)
        found = invariance(wave, measure, by)
    else:
        used = [wave for wave in waves[: at + 1] if _has(wave, measure)]
        found = invariance_over_waves(used, measure)
    return Finding(found.steps, (f"{found.verdict.capitalize()}. {found.reason}",), found.dif)


def scales(waves: Sequence[Wave], at: int, measures: Sequence[str] | None = None) -> Finding:
    """How well the questions of each score hang together, in one wave."""
    found = reliability(waves[at], list(measures) if measures else None)
    told = "The lesser of alpha and omega decides: .70 publish, .60 to .69 flag, below that show single questions only."
    checked = found.items[found.items["check"] != ""] if len(found.items) else found.items
    doubts = tuple(f"{row['item']} in {row['measure']}: {row['check']}" for row in checked.to_dict("records"))
    scores = found.scores
    if len(scores):
        scores = scores.assign(n=scores["n"].astype(float).where(scores["n"] >= RULES.people))
    return Finding(scores, (told, *doubts), found.items)


def goes_with(waves: Sequence[Wave], at: int, study: Study, outcome: str, predictors: Sequence[str]) -> Finding:
    """Which experiences go with a score, and how much of its variation each of them shares.

    The coefficients of a grouping with a category whose number is hidden are left out, and the constant with
    them: they would tell the mean of a few people.
    """
    wave = _having(waves[at], outcome)
    assert wave.scores is not None
    groups = [name for name in predictors if name not in wave.scores]
    for name in groups:
        _grouped(wave, name)
    found = drivers(wave, outcome, list(predictors))
    if found.suppressed:
        raise SurveyError("drivers.few", f"There are {found.suppressed} to say", where=waves[at].name)
    told = [f"R2 = {found.r2:.2f} ({found.r2_lci:.2f} to {found.r2_uci:.2f}), {found.n:,} complete answers."]
    told += [CAUTIONS[code] for code in found.cautions]
    table, coefficients = found.table.copy(), found.coefficients.copy()
    secret = _with_few(wave, nesting_of(study.levels), outcome, predictors, groups)
    if secret:
        named = some(secret, 8)
        told.append(f"Coefficients of {named} are not shown, to protect a small group.")
        table.loc[table["predictor"].isin(secret), ["f", "df", "ddf", "p"]] = np.nan
        out = coefficients["predictor"].isin(secret) | (coefficients["term"] == "(intercept)")
        coefficients.loc[out, ["coef", "se", "lci", "uci", "df", "p", "beta"]] = np.nan
    return Finding(table, tuple(told), coefficients)


def _with_few(
    wave: Wave, nesting: Nesting, outcome: str, predictors: Sequence[str], groups: Sequence[str]
) -> list[str]:
    """The groupings one of whose categories is hidden, or has a few complete answers alone."""
    assert wave.scores is not None
    if not groups:
        return []
    columns = [outcome, *(name for name in predictors if name in wave.scores)]
    complete = wave.scores[columns].notna().all(axis=1) & wave.people[list(groups)].notna().all(axis=1)
    shown = protect(estimate(wave, [outcome], list(groups)), wave, nesting=nesting).table
    secret = []
    for name in dict.fromkeys(groups):
        counts = wave.people.loc[complete, name].astype(str).value_counts()
        hidden = set(shown.loc[(shown["by"] == name) & shown["n"].isna(), "level"])
        if any(n > 0 and (n < RULES.people or level in hidden) for level, n in counts.items()):
            secret.append(name)
    return secret


def small_areas(
    waves: Sequence[Wave],
    at: int,
    study: Study,
    level: str,
    measure: str,
    *,
    year: bool | None = None,
    covariates: AreaCovariates | None = None,
    population: Margins | None = None,
) -> Finding:
    """Modelled values by area beside the direct ones, and how probably each is among the lowest fifth.

    ``year``: from the rolling year; by default where there is one. ``population`` gives the people by
    area, if one of its margins is the level's.
    """
    model = area_model(waves, at, study, level, measure, year=year, covariates=covariates, population=population)
    ranks = lowest_areas(model)[["area", "probability", "rank", "rank_lci", "rank_uci"]]
    checks = check_model(model)
    told = (
        "Modelled values draw areas with few answers towards the others (Fay-Herriot); they stand beside the direct "
        "ones, never in their place.",
        *(notice.text for notice in model.notices),
    )
    return Finding(model.table.merge(ranks, on="area"), told, checks.table)


def area_model(
    waves: Sequence[Wave],
    at: int,
    study: Study,
    level: str,
    measure: str,
    *,
    year: bool | None = None,
    covariates: AreaCovariates | None = None,
    population: Margins | None = None,
) -> SmallAreas:
    """The small-area model of a measure at an area level; see :func:`small_areas`."""
    span = rolling_year(waves, at) if year is None or year else ()
    if year and not span:
        raise SurveyError("table.year", "No rolling year ends with this wave", where=waves[at].name)
    span = tuple(k for k in span if level in waves[k].areas and _has(waves[k], measure))
    if year and len(span) < 3:
        raise SurveyError(
            "table.year", f"Fewer than three waves of the rolling year have '{measure}' by '{level}'",
            where=waves[at].name, hint="Ask for the wave alone.",
        )  # fmt: skip
    wave = _having(pool([waves[k] for k in span]) if len(span) > 2 else waves[at], measure)
    if not wave.areas:
        raise SurveyError(
            "estimate.by", "The wave has no areas", where=wave.name,
            hint="Mark a column as an area when the survey is imported.",
        )  # fmt: skip
    if level not in wave.areas:
        raise SurveyError(
            "estimate.by", f"The wave has no area level '{level}'", where=wave.name, expected=some(wave.areas, 8)
        )
    direct = estimate(wave, [measure], [level])
    shown = protect(direct, wave, history=waves[: at + 1], nesting=nesting_of(study.levels))
    people = next((m.targets for m in population or () if m.variable == level), None)
    names = next((known.names for known in study.levels if known.key == level), ())
    return model_areas(direct, shown, level, measure, covariates=covariates, population=people, areas=names)


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
    wave = _having(waves[at], measure)
    if by:
        _grouped(wave, by)
    shown = protect(estimate(wave, [measure], [by] if by else []), wave, nesting=nesting_of(study.levels))
    table = plan(shown, measure, by, change=change, width=width)
    told = "Detectable: the smallest true change that would be found four times in five, if the next wave is like this."
    return Finding(table, (told,))


def who_is_missing(waves: Sequence[Wave], at: int, study: Study, margins: Margins | None, measure: str = "") -> Finding:
    """Those who answered against the population, and what each group's answers are worth."""
    wave = waves[at]
    nesting = nesting_of(study.levels)
    measure = measure or wave.instrument.headline
    groups = [*wave.areas, *wave.groups]
    shown = protect(estimate(wave, [measure], groups), wave, nesting=nesting) if _has(wave, measure) else None
    hidden = hidden_in_margins(wave, margins, nesting)
    table = representation(wave, margins, hidden=hidden, by=wave.groups, estimates=shown, measure=measure)
    uneven = imbalance(table, kish(wave.design.weights)[1])
    return Finding(table, (), uneven)


def command(question: str, slug: str, wave: str, **options: object) -> str:
    """The command line that asks the same question.

    >>> command("gaps", "town", "Q1", measure="trust", by="age", adjust=("sex",))
    'trustsurvey gaps town --wave Q1 --measure trust --by age --adjust sex'
    """
    return tabulate.spoken("trustsurvey", question, slug, "--wave", wave, **options)


def _grouped(wave: Wave, *names: str) -> None:
    """Refuse what is no area level and no group: no other column of people is for tables."""
    known = [*wave.areas, *wave.groups]
    if not known:
        raise SurveyError(
            "estimate.by", "The wave has no areas and no groups", where=wave.name,
            hint="Mark a column as an area or a group when the survey is imported.",
        )  # fmt: skip
    strange = [name for name in names if name not in known]
    if strange:
        raise SurveyError(
            "estimate.by", f"The wave has no group '{strange[0]}'" if strange[0] else "No group is chosen",
            where=wave.name, expected=some(known, 12),
        )  # fmt: skip


def _has(wave: Wave, measure: str) -> bool:
    return wave.scores is not None and measure in wave.scores


def _having(wave: Wave, measure: str) -> Wave:
    if not _has(wave, measure):
        assert wave.scores is not None
        raise SurveyError(
            "estimate.measure", f"The wave has no measure '{measure}'", where=wave.name,
            expected=some(wave.scores.columns, 40),
        )  # fmt: skip
    return wave
