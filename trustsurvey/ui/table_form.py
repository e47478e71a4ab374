"""The analyst's table: measures for any groups, by any statistic and way of finding its error."""

from __future__ import annotations

from typing import Any, get_args

import plotly.graph_objects as go
import streamlit as st

from trustsurvey.estimation.intervals import ShareInterval
from trustsurvey.language import N_, _
from trustsurvey.model import Lonely
from trustsurvey.present import charts
from trustsurvey.present.ranges import ranges
from trustsurvey.tabulate import PEOPLE, Request, Statistic, Variance, sentences, tabulate
from trustsurvey.ui.bench import Asked, Bench
from trustsurvey.workbench import Finding

STATISTICS: dict[Statistic, str] = {
    "mean": N_("mean score"),
    "positive": N_("share of positive answers"),
    "answers": N_("share of each answer"),
    "dont-know": N_("share of don't know"),
    "median": N_("median score"),
    "number": N_("number of people with a positive answer"),
    "total": N_("total"),
    "ratio": N_("ratio to another measure"),
}
SHARES = ("positive", "answers", "dont-know")
VARIANCES: dict[Variance, str] = {
    "taylor": N_("linearised"),
    "jackknife": N_("jackknife, weighted anew"),
    "bootstrap": N_("bootstrap, weighted anew"),
    "jk1": N_("jackknife of one stratum (JK1), weighted anew"),
    "jkn": N_("jackknife of several strata (JKn), weighted anew"),
    "brr": N_("balanced replicates (BRR), weighted anew"),
    "fay": N_("balanced replicates (Fay), weighted anew"),
}
#: More dots than this are no picture any more.
MOST_DOTS = 120


def table(bench: Bench) -> Asked:
    """Estimates of any measures for any groupings."""
    left, right = st.columns(2)
    with left:
        stat: Statistic = st.selectbox(_("What is told"), get_args(Statistic), format_func=lambda k: _(STATISTICS[k]))
        known = measures_for(bench, stat)
        measures = st.multiselect(_("Of what"), known, known[:1], format_func=bench.title, key=f"measures {stat}")
        over = ""
        if stat == "ratio":
            others = [name for name in [*known, PEOPLE] if name not in measures]
            over = st.selectbox(_("To"), others, format_func=bench.title) or ""
        variance: Variance = st.selectbox(
            _("How its error is found"), get_args(Variance), format_func=lambda k: _(VARIANCES[k])
        )
        drawn = _replicates(variance)
    with right:
        by = st.multiselect(_("For whom"), bench.groupings, bench.groupings[:1])
        crossed = st.checkbox(_("Cross them"), disabled=not bench.crossing or len(by) < 2)
        pooled = st.checkbox(_("The rolling year that ends with this wave"), disabled=crossed)
        intervals: tuple[ShareInterval, ...] = get_args(ShareInterval)
        interval = st.selectbox(_("Interval of shares"), intervals) if stat in SHARES else intervals[0]
        lonely: Lonely | None = st.selectbox(_("Strata with one sampling unit"), [None, *get_args(Lonely)],
                                             format_func=lambda k: k or _("as the file was imported"))  # fmt: skip
    shape = (tuple(by),) if crossed and len(by) > 1 else tuple((name,) for name in by)
    request = Request(tuple(measures), shape, stat, variance, interval, lonely, pooled and not crossed, over, **drawn)

    def answer() -> Finding:
        made = tabulate(bench.waves, bench.at, bench.study, request)
        return Finding(made.table, sentences(made))

    return Asked(answer, request.command(bench.study.slug, bench.wave.name), dots)


def measures_for(bench: Bench, stat: Statistic) -> list[str]:
    """What a statistic can be told of, the usual choice first."""
    items = list(bench.wave.items)
    if stat in ("answers", "dont-know"):
        return items
    if stat == "number":
        return [PEOPLE, *items]
    numbers = [] if stat == "positive" else list(bench.wave.numbers)
    return [*bench.indices, *items, *numbers, *([PEOPLE] if stat in ("total", "ratio") else [])]


def _replicates(variance: Variance) -> dict[str, Any]:
    """The further choices of a kind of replicates."""
    chosen: dict[str, Any] = {}
    if variance == "bootstrap":
        count, seed = st.columns(2)
        chosen = {"count": int(count.number_input(_("Replicates"), 20, 5000, 500, 100)),
                  "seed": int(seed.number_input(_("Seed"), 0, 10**6, 1))}  # fmt: skip
    if variance == "fay":
        chosen["rho"] = float(st.number_input(_("Rho"), 0.0, 0.95, 0.3, 0.05))
    if variance in ("brr", "fay"):
        chosen["large"] = st.selectbox(
            _("Strata with more than two units"), ["split", "merge"],
            format_func=lambda k: _("taken two by two") if k == "split" else _("taken in two halves"),
        )  # fmt: skip
    return chosen


def dots(found: Finding) -> go.Figure | None:
    """Estimates as dots with their ranges: scores and shares on 0 to 100, all else on an axis of its own."""
    rows = found.table
    if len(rows) > MOST_DOTS or not len(rows):
        return None
    many = rows["measure"].nunique() > 1
    names = rows["level"].where(rows["level"] != "", _("everyone"))
    rows = rows.assign(level=rows["measure"] + ", " + names if many else names)
    if rows["stat"].eq("share").all():
        return charts.dots(rows.assign(**{name: 100 * rows[name] for name in ("est", "lci", "uci")}))
    if rows["stat"].isin(["total", "ratio"]).any() or rows["est"].max() > 100 or rows["est"].min() < 0:
        return ranges(rows)
    return charts.dots(rows)
