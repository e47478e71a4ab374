"""What weights did and what they cost, in sentences, tables and pictures. No single resident shows in any of them."""

from __future__ import annotations

import math
from collections.abc import Mapping as MappingType
from typing import Any

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from trustsurvey.language import _, ngettext
from trustsurvey.model import RULES, Floats
from trustsurvey.present import theme
from trustsurvey.present.charts import framed, named
from trustsurvey.present.findings import NAMED, share_words
from trustsurvey.present.plot import plot
from trustsurvey.present.theme import safe
from trustsurvey.present.words import count, percent
from trustsurvey.wording import figure

#: Above this a category's answers are said to count for much more than the average one; below its inverse, for less.
MUCH = 1.25
STEPS = 20


def cost_words(figures: MappingType[str, float]) -> str:
    """What unequal weights cost, from ``weighting.diagnostics``: Kish's design effect and effective n in words."""
    n, deff = figures["n"], figures["deff"]
    if deff < 1.02:
        return ngettext(
            "All answers count nearly the same, so weighting cost next to nothing: {n} answer.",
            "All answers count nearly the same, so weighting cost next to nothing: {n} answers.",
            round(n),
        ).format(n=count(n))
    told = ngettext(
        "Some answers count more than others, and that has a price: {n} answer tells about as much as {worth} that "
        "all count the same. Ranges are about {wider} wider for it.",
        "Some answers count more than others, and that has a price: {n} answers tell about as much as {worth} that "
        "all count the same. Ranges are about {wider} wider for it.",
        round(n),
    ).format(n=count(n), worth=count(figures["n_eff"]), wider=percent(math.sqrt(deff) - 1))
    if deff <= 2:
        return told
    lost = _(
        "That is more than half of the answers lost: some groups answered far too little. More interviews there "
        "would help more than weights."
    )
    return f"{told} {lost}"


def limits_words(settings: MappingType[str, Any], figures: MappingType[str, float], mean: float) -> str:
    """Whether weights were held within limits or cut off at them, how many were, and what of it the margins felt.

    ``settings`` of the weighting, ``mean`` of its weights.
    """
    if cut := settings.get("trimmed"):
        moved, misfit = cut["moved"], cut.get("misfit", 0.0)
        told = _(
            "Weights were cut off {where}: {beyond} were beyond, and {moved} of all weight was spread over the others."
        ).format(
            where=_between(cut["lower"], cut["upper"], mean),
            beyond=_share_of(cut["share"], figures["n"]),
            moved=share_words(moved) if moved else _("nothing"),
        )
        if misfit <= 1e-6:
            return told
        missed = _("The population is now missed, by at most {share} of a group.").format(share=share_words(misfit))
        return f"{told} {missed}"
    if bounds := settings.get("bounds"):
        told = (
            _(
                "Each answer counts between {low} and {high} its weight in the file: {share} are at one of these "
                "limits. The population is matched all the same."
            )
            if settings.get("bounds_on") == "base"
            else _(
                "Each answer counts between {low} and {high} the average: {share} are at one of these limits. The "
                "population is matched all the same."
            )
        )
        share = _share_of(figures["at_bounds"], figures["n"])
        return told.format(low=_times(bounds[0]), high=_times(bounds[1]), share=share)
    return _("No limit was set on how much one answer may count, and none was cut off.")


def _between(lower: float | None, upper: float | None, mean: float) -> str:
    low = "" if lower is None else _times(lower / mean)
    high = "" if upper is None else _times(upper / mean)
    if low and high:
        return _("below {low} and above {high} the average").format(low=low, high=high)
    return (_("below {times} the average") if low else _("above {times} the average")).format(times=low or high)


def _times(ratio: float) -> str:
    return times(ratio, ".2g" if ratio < 10 else ",.0f")


def times(ratio: float, spec: str) -> str:
    """So many times something, as ``format`` writes the number."""
    return _("{ratio} times").format(ratio=figure(ratio, spec))


def _share_of(share: float, n: float) -> str:
    """A share of the answers; no number of them under ten."""
    people = round(share * n)
    if not people:
        return _("none")
    if people < RULES.people:
        return _("fewer than {n} answers").format(n=RULES.people)
    return _("{share} of answers").format(share=share_words(share))


def merged_words(merged: MappingType[str, MappingType[str, list[str]]]) -> str:
    """How many categories were taken together for having few answers, and which; empty if none were."""
    told = [f"{_plain(variable)}: {', '.join(parts)}" for variable, into in merged.items() for parts in into.values()]
    if not told:
        return ""
    return _("{parts} categories with few answers were taken together into {whole}: {told}.").format(
        parts=sum(len(names) for into in merged.values() for names in into.values()),
        whole=sum(len(into) for into in merged.values()),
        told="; ".join(told),
    )


def carriers(report: pd.DataFrame) -> pd.Series:
    """How much one answer of each category counts, in multiples of the average answer.

    ``report`` is a margin report past the gate: the multiples are worked out from what it shows alone, among the
    categories of a variable that it shows, and are NaN for the others.
    """
    shown = report[["n", "before", "after"]].notna().all(axis=1)
    part = report[shown].groupby("variable", sort=False)
    ratio = (report["after"] / part["after"].transform("sum")) / (report["n"] / part["n"].transform("sum"))
    return ratio.where(shown & (report["variable"].map(part.size()) > 1))


def carriers_words(report: pd.DataFrame) -> str:
    """Whose answers count most: 'age 18-29 (2.6 times the average)', from a margin report past the gate."""
    rows = report.assign(times=carriers(report))
    most = rows[rows["times"] >= MUCH].sort_values("times", ascending=False).head(NAMED)
    least = rows[rows["times"] <= 1 / MUCH].sort_values("times").head(NAMED)
    if most.empty and least.empty:
        return _("No group's answers count much more or less than the average.")
    told = [
        sentence.format(named="; ".join(_named(row) for row in those.to_dict("records")))
        for sentence, those in (
            (_("Answers count most from: {named}."), most),
            (_("Answers count least from: {named}."), least),
        )
        if len(those)
    ]
    return " ".join(told)


def _named(row: MappingType[Any, Any]) -> str:
    return _("{variable} {category} ({times} times the average)").format(
        variable=_plain(row["variable"]), category=row["category"], times=figure(row["times"], ".1f")
    )


def _plain(variable: object) -> str:
    return str(variable).replace("_", " ")


def margin_table(report: pd.DataFrame) -> pd.DataFrame:
    """The margin report with percentages; small numbers are hidden already."""
    few = _("too few people")
    return pd.DataFrame(
        {
            "": report["variable"].map(_plain),
            _("Category"): report["category"],
            _("Answers"): [count(n) if pd.notna(n) else few for n in report["n"]],
            _("Before weighting"): [percent(v) if pd.notna(v) else few for v in report["before"]],
            _("Population"): [percent(v) if pd.notna(v) else few for v in report["target"]],
            _("After weighting"): [percent(v) if pd.notna(v) else few for v in report["after"]],
            _("One answer counts"): [times(v, ".1f") if pd.notna(v) else "" for v in carriers(report)],
        }
    )


def margins(report: pd.DataFrame) -> go.Figure:
    """Shares before and after weighting beside the population, one row a category."""
    rows = report.iloc[::-1]
    names = [
        safe(f"{_plain(variable)}: {category}")
        for variable, category in zip(rows["variable"], rows["category"], strict=True)
    ]
    traces = []
    for column, label, marker in (
        ("target", _("population"), {"symbol": "line-ns", "size": 14, "line": {"width": 2, "color": theme.MUTED}}),
        ("before", _("before weighting"), {"symbol": "circle-open", "size": 9, "color": theme.INK}),
        ("after", _("after weighting"), {"symbol": "circle", "size": 8, "color": theme.INK}),
    ):
        traces.append(
            {
                "type": "scatter", "x": 100 * rows[column], "y": names, "mode": "markers", "marker": marker,
                "name": label,
                "hovertext": [percent(v) if np.isfinite(v) else _("too few people") for v in rows[column]],
                "hovertemplate": "%{y}, " + label + ": %{hovertext}<extra></extra>",
            }
        )  # fmt: skip
    known = 100 * rows[["before", "target", "after"]].to_numpy(float)
    top = float(known[np.isfinite(known)].max(initial=1.0))
    layout = named(framed(names, len(rows)))
    layout["xaxis"] |= {"range": [0, min(100, 1.08 * top)], "ticksuffix": " %", "dtick": 10 if top < 60 else 20}
    return plot(traces, layout)


def steps(relative: Floats) -> pd.DataFrame:
    """Equal parts of the residents in the order of their weights: columns upto (share of residents), mean, share.

    ``relative``: weights as multiples of their mean. There are twenty parts, or as many as leave ten residents
    in each (one, of all, where they are fewer), so that none singles anybody out. ``share`` is of all weight.
    """
    parts = np.array_split(np.sort(relative), max(1, min(STEPS, len(relative) // RULES.people)))
    return pd.DataFrame(
        {
            "upto": np.cumsum([len(part) for part in parts]) / len(relative),
            "mean": [part.mean() for part in parts],
            "share": [part.sum() / relative.sum() for part in parts],
        }
    )


def spread_words(spread: pd.DataFrame) -> str:
    """How uneven the weights are, from :func:`steps`."""
    if len(spread) == 1:
        return _("There are too few answers to show how the weights are spread.")
    told = (
        _(
            "How much one answer counts, for residents in order of their weights; 1 is the average. The last twentieth "
            "counts {times} times the average and carries {share} of all weight."
        )
        if len(spread) == STEPS
        else _(
            "How much one answer counts, for residents in order of their weights; 1 is the average. The last of {n} "
            "equal parts counts {times} times the average and carries {share} of all weight."
        )
    )
    last = spread.iloc[-1]
    return told.format(n=len(spread), times=figure(last["mean"], ".1f"), share=percent(last["share"]))


def spread_table(spread: pd.DataFrame) -> pd.DataFrame:
    """The numbers behind the picture of the weights."""
    starts = [0.0, *spread["upto"][:-1]]
    return pd.DataFrame(
        {
            _("Residents"): [
                _("{first} to {last} %").format(first=f"{100 * a:.0f}", last=f"{100 * b:.0f}")
                for a, b in zip(starts, spread["upto"], strict=True)
            ],
            _("One answer counts"): [times(v, ".2f") for v in spread["mean"]],
            _("Share of all weight"): [_("{number} %").format(number=figure(100 * v, ".1f")) for v in spread["share"]],
        }
    )


def spread_chart(spread: pd.DataFrame) -> go.Figure:
    """The weights in order: a bar for each part of :func:`steps`, from zero, with a line at the average."""
    labels = [f"{100 * v:.0f} %" for v in spread["upto"]]
    every = max(1, round(len(labels) / 5))
    average = {"type": "line", "x0": 0, "x1": 1, "xref": "x domain", "y0": 1, "y1": 1, "yref": "y"}
    return plot(
        [
            {
                "type": "bar", "x": labels, "y": spread["mean"], "marker": {"color": theme.INK},
                "hovertemplate": _("up to %{x} of residents: %{y:.2f} times the average") + "<extra></extra>",
            }
        ],
        {
            "height": 260,
            "shapes": [average | {"line": {"color": theme.MUTED, "dash": "dot", "width": 1}}],
            "margin": {"l": 8, "r": 12, "t": 8, "b": 48},
            "bargap": 0.15,
            "dragmode": False,
            "xaxis": {
                "type": "category", "fixedrange": True, "tickangle": 0,
                "tickvals": list(range(len(labels) - 1, -1, -every)),
                "title": {"text": _("residents, from the lightest weight to the heaviest")},
            },
            "yaxis": {
                "title": {"text": _("times the average")}, "gridcolor": theme.GRID, "fixedrange": True,
                "rangemode": "tozero",
            },
        },
    )  # fmt: skip
