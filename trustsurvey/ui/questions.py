"""The analyst's questions as forms: what is asked, its table, its picture and its command line."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import get_args

import plotly.graph_objects as go
import streamlit as st

from trustsurvey import workbench
from trustsurvey.comparison.multiplicity import Adjustment
from trustsurvey.language import N_, _
from trustsurvey.present import answers, pairs
from trustsurvey.present.ranges import ranges
from trustsurvey.ui.bench import Asked, Bench
from trustsurvey.ui.inference_form import differences, regression
from trustsurvey.ui.table_form import table
from trustsurvey.workbench import Finding

ADJUSTMENTS: dict[Adjustment, str] = {
    "bh": N_("the share of false alarms (Benjamini-Hochberg)"),
    "holm": N_("the chance of any false alarm (Holm)"),
}


def _changes(bench: Bench) -> Asked:
    measure, by = bench.choose(), st.multiselect(_("For whom"), bench.groupings, bench.groupings[:1])
    adjust: Adjustment = st.selectbox(
        _("Several tests at once hold down"), get_args(Adjustment), format_func=lambda k: _(ADJUSTMENTS[k])
    )
    said = {} if adjust == "bh" else {"adjust_for": adjust}
    return Asked(
        lambda: workbench.changes(bench.waves, bench.at, bench.study, [measure], by, adjust),
        bench.say("estimate", measure=measure, by=tuple(by), changes=True, **said),
        _differences,
        N_("Dots are changes, lines their 95 % intervals; the dotted line is no change."),
    )


def _differences(found: Finding) -> go.Figure | None:
    rows = found.table
    told = rows["verdict"].isin(["up", "down", "none"])
    names = rows["level"].where(rows["level"] != "", _("everyone"))
    return ranges(rows.assign(level=names, est=rows["diff"], suppressed=(~told).map({True: "hidden", False: ""})),
                  reference=0.0, places=1)  # fmt: skip


def _trend(bench: Bench) -> Asked:
    measure, by = bench.choose(), st.multiselect(_("For whom"), bench.groupings)
    return Asked(
        lambda: workbench.trends(bench.waves, bench.at, bench.study, [measure], by),
        bench.say("trend", measure=measure, by=tuple(by)),
        lambda found: answers.slopes(found.table),
        N_("Dots are slopes, lines their 95 % intervals; the dotted line is no trend."),
    )


def _gaps(bench: Bench) -> Asked:
    measure = bench.choose()
    by = st.selectbox(_("Between the groups of"), bench.groupings) or ""
    adjust = st.multiselect(_("Adjusted for"), [name for name in bench.groupings if name != by])
    return Asked(
        lambda: workbench.group_gaps(bench.waves, bench.at, bench.study, measure, by, adjust),
        bench.say("gaps", measure=measure, by=by, adjust=tuple(adjust)),
        lambda found: answers.gaps(found.table),
        N_("Dots are gaps, lines their 95 % intervals; the dotted line is no gap."),
    )


def _meaning(bench: Bench) -> Asked:
    measure = st.selectbox(_("Of what"), bench.indices, format_func=bench.title)
    by = st.selectbox(_("Compared between"), ["", *bench.groupings], format_func=lambda name: name or _("waves"))
    return Asked(
        lambda: workbench.same_meaning(bench.waves, bench.at, measure, by),
        bench.say("invariance", measure=measure, by=by),
    )


def _scales(bench: Bench) -> Asked:
    return Asked(
        lambda: workbench.scales(bench.waves, bench.at),
        bench.say("scales"),
        lambda found: answers.reliabilities(found.table),
        N_("Dots are alphas, lines their 95 % intervals; the dotted line is at .70."),
    )


def _drivers(bench: Bench) -> Asked:
    outcome = bench.choose(_("What it goes with"))
    parts = set(bench.wave.instrument.items_of(outcome))
    free = [k for k in (*bench.indices, *bench.wave.items) if not parts & set(bench.wave.instrument.items_of(k))]
    chosen = st.multiselect(_("Experiences and groups"), [*free, *bench.groupings], free[:2],
                            format_func=lambda k: k if k in bench.groupings else bench.title(k))  # fmt: skip
    return Asked(
        lambda: workbench.goes_with(bench.waves, bench.at, bench.study, outcome, chosen),
        bench.say("drivers", measure=outcome, **{"with": tuple(chosen)}),
        lambda found: answers.importance(found.table),
        N_("Dots are shares of all that is explained, in percent, lines their 95 % intervals."),
    )


def _areas(bench: Bench) -> Asked:
    measure, level = bench.choose(), st.selectbox(_("Areas"), list(reversed(bench.wave.areas))) or ""
    return Asked(
        lambda: workbench.small_areas(bench.waves, bench.at, bench.study, level, measure, population=bench.margins),
        bench.say("areas", measure=measure, by=level),
        lambda found: pairs.modelled(found.table),
        N_(
            "Open circles are modelled values with their 95 % intervals, small dots the values from an area's answers "
            "alone."
        ),
    )


def _plan(bench: Bench) -> Asked:
    measure, by = (
        bench.choose(),
        st.selectbox(_("For"), ["", *bench.groupings], format_func=lambda k: k or _("everyone")),
    )
    left, right = st.columns(2)
    change = left.number_input(_("Change to be found, in points"), 0.5, 50.0, 5.0, 0.5)
    width = right.number_input(_("Range to be reached, points either side"), 0.5, 50.0, 3.0, 0.5)
    return Asked(
        lambda: workbench.planned(bench.waves, bench.at, bench.study, measure, by, change=change, width=width),
        bench.say("plan", measure=measure, by=by, change=f"{change:g}", width=f"{width:g}"),
    )


def _missing(bench: Bench) -> Asked:
    return Asked(
        lambda: workbench.who_is_missing(bench.waves, bench.at, bench.study, bench.margins),
        bench.say("missing"),
        lambda found: answers.heard(found.table),
        N_("Circles are the share of those who answered, upright strokes the share of residents."),
    )


#: The questions by what the page calls them.
QUESTIONS: Mapping[str, Callable[[Bench], Asked]] = {
    N_("A table of scores or shares"): table,
    N_("What changed since the wave before"): _changes,
    N_("The trend over waves"): _trend,
    N_("Gaps between groups"): _gaps,
    N_("Tests: do answers, means or groups differ?"): differences,
    N_("Does a score mean the same in all groups or waves?"): _meaning,
    N_("How well questions hang together"): _scales,
    N_("What goes with a score"): _drivers,
    N_("A regression"): regression,
    N_("Small areas, modelled"): _areas,
    N_("What can be detected, and how many interviews are needed"): _plan,
    N_("Who is missing"): _missing,
}
