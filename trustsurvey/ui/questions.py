"""The analyst's questions as forms: what is asked, its table, its picture and its command line."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, get_args

import pandas as pd
import plotly.graph_objects as go
import streamlit as st

from trustsurvey import workbench
from trustsurvey.estimation.intervals import ShareInterval
from trustsurvey.model import Lonely, Margins, Study, Wave
from trustsurvey.present import charts, pairs
from trustsurvey.tabulate import Request, Statistic, Variance, tabulate
from trustsurvey.workbench import Finding, command

STATISTICS = {
    "mean": "mean score",
    "positive": "share of positive answers",
    "dont-know": "share of don't know",
    "median": "median score",
}
VARIANCES = {"taylor": "linearised", "jackknife": "jackknife, weighted anew", "bootstrap": "bootstrap, weighted anew"}


@dataclass(frozen=True, eq=False)
class Asked:
    """A question as put: how to answer it, how to say it on the command line, and how to draw it."""

    answer: Callable[[], Finding]
    command: str
    draw: Callable[[Finding], go.Figure | None] = lambda found: None


@dataclass(frozen=True, eq=False)
class Bench:
    """What questions are asked of: the waves up to the chosen one, the study, what may be chosen."""

    waves: list[Wave]
    study: Study
    margins: Margins | None
    crossing: bool

    @property
    def wave(self) -> Wave:
        """The wave that is asked about."""
        return self.waves[-1]

    @property
    def at(self) -> int:
        """Its place."""
        return len(self.waves) - 1

    @property
    def groupings(self) -> list[str]:
        """Area levels and groups."""
        return [*self.wave.areas, *self.wave.groups]

    @property
    def indices(self) -> list[str]:
        """Indices that the wave has, the headline first."""
        assert self.wave.scores is not None
        keys = [index.key for index in self.wave.instrument.indices if index.key in self.wave.scores]
        return sorted(keys, key=lambda key: key != self.wave.instrument.headline)

    def title(self, measure: str) -> str:
        """An index by its title, a question by its key and words."""
        titles = {index.key: index.title for index in self.wave.instrument.indices}
        return titles.get(measure) or f"{measure}: {self.wave.instrument.item(measure).text}"

    def choose(self, label: str = "Of what", key: str = "measure") -> str:
        """One measure, from indices and questions."""
        return st.selectbox(label, [*self.indices, *self.wave.items], format_func=self.title, key=key)


def table(bench: Bench) -> Asked:
    """Estimates of any measures for any groupings."""
    left, right = st.columns(2)
    with left:
        measures = st.multiselect(
            "Of what", [*bench.indices, *bench.wave.items], bench.indices[:1], format_func=bench.title
        )
        stat: Statistic = st.selectbox("What is told of it", get_args(Statistic), format_func=lambda k: STATISTICS[k])
        variance: Variance = st.selectbox(
            "How its error is found", get_args(Variance), format_func=lambda k: VARIANCES[k]
        )
    with right:
        by = st.multiselect("For whom", bench.groupings, bench.groupings[:1])
        crossed = st.checkbox("Cross them", disabled=not bench.crossing or len(by) < 2)
        pooled = st.checkbox("The rolling year that ends with this wave", disabled=crossed)
        interval: ShareInterval = st.selectbox(
            "Interval of shares", get_args(ShareInterval), disabled=stat not in ("positive", "dont-know")
        )
        lonely: Lonely | None = st.selectbox("Strata with one sampling unit", [None, *get_args(Lonely)],
                                             format_func=lambda k: k or "as the file was imported")  # fmt: skip
    shape = (tuple(by),) if crossed and len(by) > 1 else tuple((name,) for name in by)
    request = Request(tuple(measures), shape, stat, variance, interval, lonely, pooled and not crossed)
    return Asked(
        lambda: Finding(tabulate(bench.waves, bench.at, bench.study, request).table),
        request.command(bench.study.slug, bench.wave.name),
        _dots,
    )


def _dots(found: Finding) -> go.Figure | None:
    rows = found.table
    if len(rows) > 120 or not len(rows):
        return None
    share = bool(rows["stat"].eq("share").all())
    many = rows["measure"].nunique() > 1
    names = rows["level"].where(rows["level"] != "", "everyone")
    rows = rows.assign(level=rows["measure"] + ", " + names if many else names)
    if share:
        rows = rows.assign(**{name: 100 * rows[name] for name in ("est", "lci", "uci")})
    return charts.dots(rows)


def _trend(bench: Bench) -> Asked:
    measure, by = bench.choose(), st.multiselect("For whom", bench.groupings)
    return Asked(
        lambda: workbench.trends(bench.waves, bench.at, bench.study, [measure], by),
        _say(bench, "trend", measure=measure, by=tuple(by)),
    )


def _gaps(bench: Bench) -> Asked:
    measure = bench.choose()
    by = st.selectbox("Between the groups of", bench.groupings) or ""
    adjust = st.multiselect("Adjusted for", [name for name in bench.groupings if name != by])
    return Asked(
        lambda: workbench.group_gaps(bench.waves, bench.at, bench.study, measure, by, adjust),
        _say(bench, "gaps", measure=measure, by=by, adjust=tuple(adjust)),
    )


def _meaning(bench: Bench) -> Asked:
    measure = st.selectbox("Of what", bench.indices, format_func=bench.title)
    by = st.selectbox("Compared between", ["", *bench.groupings], format_func=lambda name: name or "waves")
    return Asked(
        lambda: workbench.same_meaning(bench.waves, bench.at, measure, by),
        _say(bench, "invariance", measure=measure, by=by),
    )


def _scales(bench: Bench) -> Asked:
    return Asked(lambda: workbench.scales(bench.waves, bench.at), _say(bench, "scales"))


def _drivers(bench: Bench) -> Asked:
    outcome = bench.choose("What it goes with")
    parts = set(bench.wave.instrument.items_of(outcome))
    free = [k for k in (*bench.indices, *bench.wave.items) if not parts & set(bench.wave.instrument.items_of(k))]
    chosen = st.multiselect("Experiences and groups", [*free, *bench.groupings], free[:2],
                            format_func=lambda k: k if k in bench.groupings else bench.title(k))  # fmt: skip
    return Asked(
        lambda: workbench.goes_with(bench.waves, bench.at, bench.study, outcome, chosen),
        _say(bench, "drivers", measure=outcome, **{"with": tuple(chosen)}),
    )


def _areas(bench: Bench) -> Asked:
    measure, level = bench.choose(), st.selectbox("Areas", list(reversed(bench.wave.areas))) or ""

    def draw(found: Finding) -> go.Figure:
        return pairs.modelled(found.table)

    return Asked(
        lambda: workbench.small_areas(bench.waves, bench.at, bench.study, level, measure, population=bench.margins),
        _say(bench, "areas", measure=measure, by=level),
        draw,
    )


def _plan(bench: Bench) -> Asked:
    measure, by = bench.choose(), st.selectbox("For", ["", *bench.groupings], format_func=lambda k: k or "everyone")
    left, right = st.columns(2)
    change = left.number_input("Change to be found, in points", 0.5, 50.0, 5.0, 0.5)
    width = right.number_input("Range to be reached, points either side", 0.5, 50.0, 3.0, 0.5)
    return Asked(
        lambda: workbench.planned(bench.waves, bench.at, bench.study, measure, by, change=change, width=width),
        _say(bench, "plan", measure=measure, by=by, change=f"{change:g}", width=f"{width:g}"),
    )


def _missing(bench: Bench) -> Asked:
    return Asked(
        lambda: workbench.who_is_missing(bench.waves, bench.at, bench.study, bench.margins), _say(bench, "missing")
    )


def _say(bench: Bench, question: str, **options: Any) -> str:
    return command(question, bench.study.slug, bench.wave.name, **options)


#: The questions by what the page calls them.
QUESTIONS: Mapping[str, Callable[[Bench], Asked]] = {
    "A table of scores or shares": table,
    "The trend over waves": _trend,
    "Gaps between groups": _gaps,
    "Does a score mean the same in all groups or waves?": _meaning,
    "How well questions hang together": _scales,
    "What goes with a score": _drivers,
    "Small areas, modelled": _areas,
    "What can be detected, and how many interviews are needed": _plan,
    "Who is missing": _missing,
}


def rounded(frame: pd.DataFrame) -> pd.DataFrame:
    """A table for the eye: empty columns out, numbers as they are."""
    return frame.dropna(axis=1, how="all") if len(frame) else frame
