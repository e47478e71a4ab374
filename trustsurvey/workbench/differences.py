"""Tests: whether a grouping and answers, or two groupings, are independent; whether means differ."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import combinations

import numpy as np
import pandas as pd

from trustsurvey.comparison.multiplicity import Adjustment, adjusted
from trustsurvey.disclosure.cells import nesting_of
from trustsurvey.disclosure.gate import protect
from trustsurvey.errors import SurveyError, some
from trustsurvey.estimation.association import Independence, Statistic, difference_test, independence, mean_test
from trustsurvey.estimation.means import estimate
from trustsurvey.estimation.regression import regress
from trustsurvey.language import _
from trustsurvey.model import RULES, Estimates, Study, Wave
from trustsurvey.tabulate import Request, tabulate
from trustsurvey.wording import figure
from trustsurvey.workbench.few import levels_shown, number_left_out, within_levels
from trustsurvey.workbench.finding import Finding, grouped, having, on_df, p_words
from trustsurvey.workbench.waves import HOLDS

#: How small p is told to be where its digits would tell of a few people.
BOUNDS = (0.001, 0.01, 0.05)


def answers_by_group(
    waves: Sequence[Wave], at: int, study: Study, item: str, by: str, statistic: Statistic = "F"
) -> Finding:
    """Whether the answers to a question are the same in all groups (Rao & Scott), beside the share of each answer.

    Groups whose number is hidden do not take part. SurveyError ``test.*``, ``association.*``, ``estimate.*``.
    """
    wave = having(waves[at], item)
    grouped(wave, by)
    if item not in wave.items:
        raise SurveyError(
            "test.items", "Answers are those of a single question", where=wave.name, got=f"'{item}'",
            expected=some(wave.items, 40), hint="The mean of a score can be tested instead.",
        )  # fmt: skip
    shown = protect(estimate(wave, [item], [by]), wave, nesting=nesting_of(study.levels))
    known = _levels(wave, shown, by)
    column = f"answer to {item}"
    given = pd.Categorical(wave.answers[item])
    asked = replace(wave, people=wave.people.assign(**{column: given}))
    found = independence(asked, by, column, statistic=statistic, within=within_levels(wave, by, known))
    shares = tabulate(waves, at, study, Request((item,), ((by,),), "answers")).table
    answers = _("the answers to {item}").format(item=item)
    told = [_independent(found, by, answers), *_left_out(wave, by, known, found.left_out)]
    return Finding(_row(found, f"{by}, {column}"), tuple(told), _beside(shares))


def two_groupings(
    waves: Sequence[Wave], at: int, study: Study, by: str, other: str, statistic: Statistic = "F"
) -> Finding:
    """Whether two groupings are independent among residents (Rao & Scott): a crossed table in one number.

    For those who may see single answers. Levels whose number is hidden do not take part; where fewer than ten
    people are in a combination of the others, only a bound is told of p.
    """
    wave, nesting = waves[at], nesting_of(study.levels)
    grouped(wave, by, other)
    everyone = pd.DataFrame({"people": np.ones(len(wave))}, index=wave.people.index)
    shown = protect(estimate(wave, everyone, [by, other], stat="total"), wave, nesting=nesting)
    levels = {name: _levels(wave, shown, name) for name in (by, other)}
    inside = within_levels(wave, by, levels[by]) & within_levels(wave, other, levels[other])
    found = independence(wave, by, other, statistic=statistic, within=inside)
    table = _row(found, f"{by}, {other}")
    told = [_independent(found, by, other)]
    for name in (by, other):
        told += _left_out(wave, name, levels[name], 0)
    cells = pd.crosstab(wave.people[by][inside], wave.people[other][inside]).to_numpy()
    # Where levels of both are hidden, the number of those who are left tells how many are in a hidden level of each.
    overlap = all(len(levels[name]) < wave.people[name].nunique() for name in (by, other))
    if (cells < RULES.people).any() or overlap:
        bound = next((value for value in BOUNDS if found.p < value), None)
        least = _("{one} and {other}: p is below {bound}.") if bound else _("{one} and {other}: p is {bound} or more.")
        told[0] = least.format(one=by, other=other, bound=figure(bound or BOUNDS[-1], "g"))
        told.append(_("Some combinations have too few people: no more than that is told of the test."))
        table[["statistic", "df", "ddf", "deff", "n"]] = np.nan
        table["p"] = bound if bound is not None else 1.0
        table = table.rename(columns={"p": "p_at_most"})
    return Finding(table, tuple(told))


def _row(found: Independence, of: str) -> pd.DataFrame:
    df = (*found.df, np.nan)
    return pd.DataFrame(
        [{"of": of, "test": found.method, "distribution": found.distribution, "statistic": found.statistic,
          "df": df[0], "ddf": df[1], "p": found.p, "deff": found.deff, "n": float(found.n)}]
    )  # fmt: skip


def _independent(found: Independence, one: str, other: str) -> str:
    name = "F" if found.distribution == "F" else "X2"
    told = (
        _("{one} and {other} go together: {name} = {statistic} {df}, {p}.")
        if found.p <= BOUNDS[-1]
        else _("{one} and {other} show no detectable relation: {name} = {statistic} {df}, {p}.")
    )
    return told.format(
        one=one, other=other, name=name, statistic=figure(found.statistic, ".2f"), df=on_df(*found.df),
        p=p_words(found.p),
    )  # fmt: skip


def _beside(shown: pd.DataFrame) -> pd.DataFrame:
    """The columns of estimates that are looked at beside a test."""
    return shown[["measure", "stat", "by", "level", "est", "lci", "uci", "n", "n_eff", "suppressed"]]


def _levels(wave: Wave, shown: Estimates, by: str) -> list[str]:
    known = levels_shown(shown, by)
    if len(known) < 2:
        raise SurveyError(
            "test.few", f"Too few groups of '{by}' have a number that may be shown", where=wave.name,
            expected="two or more", hint="Take a grouping with larger groups.",
        )  # fmt: skip
    return known


def _left_out(wave: Wave, by: str, known: list[str], missing: int) -> list[str]:
    hidden = [str(level) for level in wave.people[by].cat.categories if str(level) not in known]
    told = []
    if hidden:
        why = _("Left out of {by}, to protect a small group: {groups}.")
        told.append(why.format(by=by, groups=some(hidden, 12)))
    if missing:
        told.append(_("{n} residents without an answer are left out.").format(n=number_left_out(missing)))
    return told


def means_by_group(
    waves: Sequence[Wave],
    at: int,
    study: Study,
    measure: str,
    by: str,
    pairs: bool = False,
    adjust: Adjustment = "holm",
) -> Finding:
    """Whether the mean of a score is the same in all groups (Wald F), and which two differ (t), beside the means.

    Two groups are always held against one another, more of them where ``pairs``; their p-values are then adjusted.
    Groups whose number is hidden do not take part.
    """
    wave = having(waves[at], measure)
    grouped(wave, by)
    shown = protect(estimate(wave, [measure], [by]), wave, nesting=nesting_of(study.levels))
    known = _levels(wave, shown, by)
    within = within_levels(wave, by, known)
    fit = regress(wave, measure, [by], within=within)
    test = fit.test(by)
    rows = [{"of": f"all of {by}", "test": "Wald F", "statistic": test.f, "df": test.df, "ddf": test.ddf, "p": test.p,
             "n": float(fit.n)}]  # fmt: skip
    open_rows = shown.rows(by=by, suppressed="")
    told_of = [str(level) for level in open_rows.loc[open_rows["n"].notna(), "level"]]
    if pairs or len(told_of) == 2:
        for one, other in combinations(told_of, 2):
            found = difference_test(wave, measure, by, (other, one), within=within)
            rows.append({"of": f"{one} less {other}", "test": "t", "est": found.est, "se": found.se, "lci": found.lci,
                         "uci": found.uci, "statistic": found.t, "df": float(found.df), "p": found.p,
                         "n": float(found.n)})  # fmt: skip
    order = ["of", "test", "est", "se", "lci", "uci", "statistic", "df", "ddf", "p", "p_adj", "n"]
    table = pd.DataFrame(rows).reindex(columns=order)
    each = table["test"] == "t"
    table.loc[each, "p_adj"] = adjusted(table.loc[each, "p"].to_numpy(float), adjust)
    verdict = (
        _("Mean {measure} by {by} differs between groups: F = {f} {df}, {p}.")
        if test.p <= BOUNDS[-1]
        else _("Mean {measure} by {by} does not detectably differ between groups: F = {f} {df}, {p}.")
    )
    told = [
        verdict.format(measure=measure, by=by, f=figure(test.f, ".2f"), df=on_df(test.df, test.ddf), p=p_words(test.p))
    ]
    told += [_(HOLDS[adjust])] if each.sum() > 1 else []
    left_out = int(within.sum()) - fit.n
    return Finding(table, (*told, *_left_out(wave, by, known, left_out)), _beside(shown.table))


def mean_against(waves: Sequence[Wave], at: int, study: Study, measure: str, null: float) -> Finding:
    """Whether the mean of a score is a number that was named beforehand: a t test."""
    wave = having(waves[at], measure)
    shown = protect(estimate(wave, [measure]), wave, nesting=nesting_of(study.levels))
    if shown.table["suppressed"].iloc[0]:
        raise SurveyError("test.few", "There are too few answers to test", where=wave.name)
    found = mean_test(wave, measure, null)
    table = pd.DataFrame(
        [{"of": f"{measure} less {null:g}", "test": "t", "est": found.est, "se": found.se, "lci": found.lci,
          "uci": found.uci, "statistic": found.t, "df": float(found.df), "p": found.p, "n": float(found.n)}]
    )  # fmt: skip
    apart = (
        _("Mean {measure} differs from {null}: t = {t} {df}, {p}.")
        if found.p <= BOUNDS[-1]
        else _("Mean {measure} does not detectably differ from {null}: t = {t} {df}, {p}.")
    )
    told = apart.format(
        measure=measure, null=figure(null, "g"), t=figure(found.t, ".2f"), df=on_df(found.df), p=p_words(found.p)
    )
    return Finding(table, (told,), _beside(shown.table))
