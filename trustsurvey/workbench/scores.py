"""Questions about scores: how their questions hang together, and what goes with them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from trustsurvey.disclosure.cells import nesting_of
from trustsurvey.errors import SurveyError
from trustsurvey.language import N_, _
from trustsurvey.model import RULES, Study, Wave
from trustsurvey.scales.drivers import CAUTIONS, drivers
from trustsurvey.scales.reliability import reliability
from trustsurvey.wording import figure
from trustsurvey.workbench.few import gathered, secret_words, together_words, with_few
from trustsurvey.workbench.finding import Finding, grouped, having

#: A score is held beside another where more than this share of those who have that one have it too.
MOST = 0.8
#: What is doubted of a question by ``reliability``.
CHECKS = {"is it reverse-worded?": N_("is it reverse-worded?"), "loosely tied": N_("loosely tied")}


def scales(waves: Sequence[Wave], at: int, measures: Sequence[str] | None = None) -> Finding:
    """How well the questions of each score hang together, in one wave."""
    found = reliability(waves[at], list(measures) if measures else None)
    told = _(
        "The lesser of alpha and omega decides: .70 publish, .60 to .69 flag, below that show single questions only."
    )
    checked = found.items[found.items["check"] != ""] if len(found.items) else found.items
    doubts = tuple(
        _("{item} in {measure}: {check}").format(
            item=row["item"], measure=row["measure"], check=_(CHECKS[row["check"]])
        )
        for row in checked.to_dict("records")
    )
    scores = found.scores
    if len(scores):
        few = scores["n"] < RULES.people
        scores = scores.assign(n=scores["n"].astype(float).mask(few), n_eff=scores["n_eff"].mask(few))
    return Finding(scores, (told, *doubts), found.items)


def companions(wave: Wave, outcome: str) -> list[str]:
    """Scores that are held beside an outcome unless others are asked for.

    They share no question with it or with one another, and most of those who have it have them.
    """
    wave = having(wave, outcome)
    assert wave.scores is not None
    instrument, has = wave.instrument, wave.scores[outcome].notna()
    used, found = set(instrument.items_of(outcome)), []
    for index in instrument.indices:
        items = set(instrument.items_of(index.key))
        if index.key in wave.scores and not items & used and wave.scores.loc[has, index.key].notna().mean() > MOST:
            used |= items
            found.append(index.key)
    return found


def goes_with(waves: Sequence[Wave], at: int, study: Study, outcome: str, predictors: Sequence[str]) -> Finding:
    """Which experiences go with a score, and how much of its variation each of them shares.

    Groups whose numbers are hidden count together. The coefficients of a grouping with a category of few complete
    answers are left out, and the constant with them: they would tell the mean of those few.
    """
    wave = having(waves[at], outcome)
    assert wave.scores is not None
    groups = [name for name in dict.fromkeys(predictors) if name not in wave.scores]
    if groups:
        grouped(wave, *groups)
    heard = gathered(wave, outcome, groups, nesting_of(study.levels))
    found = drivers(heard, outcome, list(predictors))
    if found.suppressed:
        raise SurveyError("drivers.few", "There are too few answers to say", where=waves[at].name)
    r2, low, high = (figure(value, ".2f") for value in (found.r2, found.r2_lci, found.r2_uci))
    told = [
        _("R2 = {r2} ({low} to {high}), {n} complete answers.").format(r2=r2, low=low, high=high, n=figure(found.n))
    ]
    told += [_(CAUTIONS[code]) for code in found.cautions]
    told += together_words(heard, groups)
    table, coefficients = found.table.copy(), found.coefficients.copy()
    if secret := with_few(heard, outcome, predictors, groups):
        told.append(secret_words(secret))
        table.loc[table["predictor"].isin(secret), ["f", "df", "ddf", "p"]] = np.nan
        out = coefficients["predictor"].isin(secret) | (coefficients["term"] == "(intercept)")
        coefficients.loc[out, ["coef", "se", "lci", "uci", "df", "p", "beta"]] = np.nan
    return Finding(table, tuple(told), coefficients)
