"""A regression of a score, or of a positive answer, on scores, numbers and groups."""

from __future__ import annotations

from collections.abc import Mapping as MappingType, Sequence

import numpy as np
import pandas as pd

from trustsurvey.disclosure.cells import nesting_of
from trustsurvey.errors import SurveyError, some
from trustsurvey.estimation.predictors import INTERCEPT
from trustsurvey.estimation.regression import Family, Regression, regress
from trustsurvey.language import _
from trustsurvey.model import RULES, Study, Wave
from trustsurvey.scales.drivers import ASSOCIATION, CAUTIONS
from trustsurvey.scales.scoring import positive
from trustsurvey.weighting.weigh import kish
from trustsurvey.wording import figure
from trustsurvey.workbench.few import complete, gathered, number_left_out, secret_words, together_words, with_few
from trustsurvey.workbench.finding import Finding, grouped, having

#: Columns that hold what a coefficient or a test says.
SAYS = ["est", "se", "lci", "uci", "t", "df", "p", "odds_ratio", "or_lci", "or_uci", "f", "ddf"]


def regression(
    waves: Sequence[Wave],
    at: int,
    study: Study,
    outcome: str,
    predictors: Sequence[str],
    family: Family = "linear",
    reference: MappingType[str, str] | None = None,
) -> Finding:
    """Survey-weighted coefficients with design-based errors, and a Wald test of each predictor.

    ``family`` "linear": of the mean score; "logistic": of a positive answer to a question, with odds ratios.
    Groups whose numbers are hidden count together. Coefficients of a grouping with a category of few complete answers
    are left out, and the constant with them: they would tell of a few people.

    SurveyError ``regress.*``, ``estimate.*``.
    """
    wave = having(waves[at], outcome)
    assert wave.scores is not None
    predictors = list(dict.fromkeys(predictors))
    groups = [name for name in predictors if name not in wave.scores and name not in wave.numbers]
    if groups:
        grouped(wave, *groups)
    if not predictors or outcome in predictors:
        raise SurveyError(
            "regress.predictors", f"'{outcome}' needs something else to go with", where=wave.name,
            got=some(predictors) or "nothing", expected="other scores, or groups",
        )  # fmt: skip
    wave = gathered(wave, outcome, groups, nesting_of(study.levels))
    whole = complete(wave, outcome, predictors)
    # Before it is tried: why a regression of a few people fails would tell how many they are, or what they answered.
    if whole.sum() < RULES.answers or kish(wave.weights[whole])[1] < RULES.answers:
        raise SurveyError(
            "regress.few", "There are too few complete answers for a regression", where=wave.name,
            expected=f"answers worth {RULES.answers} at least",
        )  # fmt: skip
    secret = with_few(wave, outcome, predictors, groups)
    fit = _fit(wave, outcome, predictors, family, reference, secret)
    table, tests = _coefficients(fit), _tests(fit)
    for part in (table, tests):
        hidden = part["predictor"].isin(secret) | (part["predictor"].eq(INTERCEPT) & bool(secret))
        part.loc[hidden, [name for name in SAYS if name in part]] = np.nan
    return Finding(table, (*_sentences(wave, fit, secret), *together_words(wave, groups)), tests)


def _fit(
    wave: Wave, outcome: str, predictors: list[str], family: Family, reference: MappingType[str, str] | None,
    secret: list[str],
) -> Regression:  # fmt: skip
    name, numbers = outcome, None
    if family == "logistic":
        if outcome not in wave.items:
            raise SurveyError(
                "regress.items", "A logistic regression is of a positive answer to a question", where=wave.name,
                got=f"'{outcome}'", expected=some(wave.items, 40),
            )  # fmt: skip
        name = f"positive answer to {outcome}"
        numbers = positive(wave, [outcome]).set_axis([name], axis=1)
    try:
        return regress(wave, name, predictors, family=family, reference=reference, numbers=numbers)
    except SurveyError as refused:
        if secret and refused.code == "regress.separation":
            # The terms that are named there would tell what a few people answered.
            raise SurveyError(
                "regress.separation", "The predictors tell the outcome of some residents without error",
                where=wave.name, hint=f"Leave {some(secret)} out, some of whose categories are small.",
            ) from None  # fmt: skip
        raise


def _coefficients(fit: Regression) -> pd.DataFrame:
    owner = {INTERCEPT: INTERCEPT} | {c: p.name for p in fit.coding.predictors for c in p.columns}
    table = fit.table()
    table.insert(0, "predictor", [owner[name] for name in table["term"]])
    if fit.family == "logistic":
        table = table.assign(**{f: np.exp(table[c]) for f, c in
                                (("odds_ratio", "est"), ("or_lci", "lci"), ("or_uci", "uci"))})  # fmt: skip
        table.loc[table["predictor"] == INTERCEPT, ["odds_ratio", "or_lci", "or_uci"]] = np.nan
    return table


def _tests(fit: Regression) -> pd.DataFrame:
    rows = []
    for predictor in fit.coding.predictors:
        try:
            test = fit.test(predictor.name)
            rows.append({"predictor": predictor.name, "f": test.f, "df": test.df, "ddf": test.ddf, "p": test.p})
        except SurveyError:  # nothing is left of it to test, or too much for so few sampling units
            rows.append({"predictor": predictor.name, "f": np.nan, "df": np.nan, "ddf": np.nan, "p": np.nan})
    return pd.DataFrame(rows)


def _sentences(wave: Wave, fit: Regression, secret: list[str]) -> list[str]:
    what = (
        _("Log odds and odds ratios of {outcome}, {n} complete answers.")
        if fit.family == "logistic"
        else _("Points of {outcome}, {n} complete answers.")
    )
    told = [what.format(outcome=fit.outcome, n=figure(fit.n))]
    if fit.left_out:
        missing = _("{n} residents with a missing answer are left out.")
        told.append(missing.format(n=number_left_out(fit.left_out)))
    against = [f"{p.name} '{p.levels[0]}'" for p in fit.coding.predictors if p.levels and p.name not in secret]
    if against:
        told.append(_("Categories are held against {names}.").format(names=", ".join(against)))
    dropped = [name for name in fit.dropped if name.split("=")[0] not in secret]
    if dropped:
        told.append(_("Left out, since others tell them already: {names}.").format(names=some(dropped, 8)))
    if secret:
        told.append(secret_words(secret))
    items = set(wave.instrument.items_of(fit.outcome.removeprefix("positive answer to ")))
    shared = [p.name for p in fit.coding.predictors if wave.scores is not None and p.name in wave.scores
              and items & set(wave.instrument.items_of(p.name))]  # fmt: skip
    if shared:
        why = _("{names} and the outcome rest on the same questions and go together for that reason.")
        told.append(why.format(names=some(shared, 8)))
    return [*told, _(CAUTIONS[ASSOCIATION])]
