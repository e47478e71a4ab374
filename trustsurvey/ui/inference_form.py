"""Tests and regressions as forms."""

from __future__ import annotations

from typing import get_args

import plotly.graph_objects as go
import streamlit as st

from trustsurvey import workbench
from trustsurvey.estimation.regression import Family
from trustsurvey.language import N_, _
from trustsurvey.present import answers
from trustsurvey.ui.bench import Asked, Bench
from trustsurvey.ui.table_form import dots
from trustsurvey.workbench import Finding

KINDS = {
    "answers": N_("the answers to a question, between groups"),
    "means": N_("the mean of a score, between groups"),
    "null": N_("the mean of a score, from a number"),
    "groups": N_("two groupings, of one another"),
}
FAMILIES: dict[Family, str] = {
    "linear": N_("the mean of a score (linear)"),
    "logistic": N_("a positive answer to a question (logistic)"),
}


def differences(bench: Bench) -> Asked:
    """Tests of independence and of means."""
    offered = [kind for kind in KINDS if kind != "groups" or bench.crossing]
    kind = st.selectbox(_("What may differ"), offered, format_func=lambda k: _(KINDS[k]))
    waves, at, study = bench.waves, bench.at, bench.study
    if kind == "null":
        measure, null = bench.choose(), float(st.number_input(_("The number"), 0.0, 100.0, 50.0, 1.0))
        return Asked(
            lambda: workbench.mean_against(waves, at, study, measure, null),
            bench.say("test", measure=measure, null=f"{null:g}"),
        )
    by = st.selectbox(_("Between the groups of"), bench.groupings) or ""
    if kind == "groups":
        other = st.selectbox(_("And"), [name for name in bench.groupings if name != by]) or ""
        return Asked(lambda: workbench.two_groupings(waves, at, study, by, other), bench.say("test", by=(by, other)))
    if kind == "answers":
        item = st.selectbox(_("Answers to"), list(bench.wave.items), format_func=bench.title)
        return Asked(
            lambda: workbench.answers_by_group(waves, at, study, item, by),
            bench.say("test", by=by, answers=item),
            _beside,
            N_("Dots are the share of each answer in percent, lines their 95 % intervals."),
        )
    measure, pairs = bench.choose(), st.checkbox(_("Hold every two groups against one another"))
    return Asked(
        lambda: workbench.means_by_group(waves, at, study, measure, by, pairs),
        bench.say("test", by=by, measure=measure, pairs=pairs),
        _beside,
        N_("Dots are the mean of each group, lines their 95 % intervals."),
    )


def _beside(found: Finding) -> go.Figure | None:
    """The estimates beside a test."""
    return None if found.more is None else dots(Finding(found.more))


def regression(bench: Bench) -> Asked:
    """Linear and logistic regression."""
    family: Family = st.selectbox(_("Of"), get_args(Family), format_func=lambda k: _(FAMILIES[k]))
    logistic = family == "logistic"
    choices = list(bench.wave.items) if logistic else [*bench.indices, *bench.wave.items]
    outcome = st.selectbox(_("Which"), choices, format_func=bench.title, key=f"outcome {family}")
    parts = set(bench.wave.instrument.items_of(outcome))
    free = [k for k in (*bench.indices, *bench.wave.items) if not parts & set(bench.wave.instrument.items_of(k))]
    chosen = st.multiselect(
        _("On scores, numbers and groups"),
        [*free, *bench.wave.numbers, *bench.groupings],
        [*free[:1], *bench.groupings[:1]],
        format_func=lambda k: k if k in bench.groupings else bench.title(k),
    )
    said = {"family": family} if logistic else {}
    shows = (
        N_("Dots are odds ratios, lines their 95 % intervals; the dotted line is at 1: equal odds.")
        if logistic
        else N_("Dots are coefficients, lines their 95 % intervals; the dotted line is at 0: no difference.")
    )
    return Asked(
        lambda: workbench.regression(bench.waves, bench.at, bench.study, outcome, chosen, family),
        bench.say("regress", measure=outcome, **{"with": tuple(chosen)}, **said),
        lambda found: answers.coefficients(found.table),
        shows,
    )
