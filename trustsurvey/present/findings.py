"""Sentences about areas and groups: who differs, who is low, who is not being heard."""

from __future__ import annotations

from collections.abc import Hashable, Mapping as MappingType
from typing import Any

import numpy as np
import pandas as pd

from trustsurvey.analysis import Picture
from trustsurvey.language import _, ngettext
from trustsurvey.present.words import change_words, count, group_words, percent, places, reach, rounded, signed, whole
from trustsurvey.wording import figure

#: An area is named as probably among the lowest from this probability on.
PROBABLE = 0.5
#: A category is named as too little heard under this share of what it should be.
UNHEARD = 0.8
#: At most so many are named in a sentence, and so many changes and gaps in a list.
NAMED, LISTED = 3, 5
#: Whom a sentence is about, "" where it is about all, and the sentence.
Line = tuple[str, str]


def lowest_words(lowest: pd.DataFrame, title: str) -> str:
    """'Probably among the lowest fifth (2 of 8): Docks (92 %).' from probabilities by area."""
    likely = lowest[lowest["probability"] >= PROBABLE].sort_values("probability", ascending=False)
    if likely.empty and (lowest["k"] == 1).any():
        return _("None of the {title} can be said to be the lowest.").format(title=places(title))
    if likely.empty:
        return _("None of the {title} can be said to be among the lowest fifth.").format(title=places(title))
    named = ", ".join(f"{row['area']} ({probably(row['probability'])})" for row in likely.to_dict("records"))
    return _("Probably among the lowest fifth ({k} of {n}), by a model that allows for chance: {named}.").format(
        k=int(lowest["k"].iloc[0]), n=len(lowest), named=named
    )


def probably(probability: float) -> str:
    """A probability by a model, which is never certain."""
    return _("over 99 %") if probability > 0.99 else _("under 1 %") if probability < 0.01 else percent(probability)


def lowest_table(lowest: pd.DataFrame) -> pd.DataFrame:
    """The numbers behind the sentence about the lowest fifth, in the order of the areas."""
    k = int(lowest["k"].iloc[0])
    head = _("How probably one of the {k} lowest").format(k=k) if k > 1 else _("How probably the lowest")
    return pd.DataFrame(
        {
            "": lowest["area"].astype(str),
            head: lowest["probability"].map(probably),
            _("From"): lowest["flag"].map(
                lambda flag: _("the model alone") if flag else _("its answers and the model")
            ),
        }
    )


def gap_words(row: MappingType[Hashable, Any]) -> str:
    """'Higher than everyone together by 7 points, likely between 3 and 11.' from a row of ``against_everyone``."""
    up = row["verdict"] == "up"
    low, high = sorted((abs(row["lci"]), abs(row["uci"])))
    points = whole(abs(row["diff"]))
    if points == "0":
        told = (
            _("Higher than everyone together by less than 1 point, {likely}.")
            if up
            else _("Lower than everyone together by less than 1 point, {likely}.")
        )
    elif up:
        told = ngettext(
            "Higher than everyone together by {points} point, {likely}.",
            "Higher than everyone together by {points} points, {likely}.",
            rounded(abs(row["diff"])),
        )
    else:
        told = ngettext(
            "Lower than everyone together by {points} point, {likely}.",
            "Lower than everyone together by {points} points, {likely}.",
            rounded(abs(row["diff"])),
        )
    likely = _("likely by less than 1") if whole(high) == "0" else reach(low, high)
    return told.format(points=points, likely=likely)


def against_words(row: MappingType[Hashable, Any]) -> str:
    """Whether an area or a group differs from everyone together, from its row of ``against_everyone``.

    Empty where that cannot be said.
    """
    if row["verdict"] not in ("up", "down", "none", "guarded"):
        return ""
    if row["verdict"] == "guarded":
        return _("Not compared with everyone together, to protect a small group.")
    everyone = _("Everyone together is at {before}.").format(before=whole(row["before"]))
    if row["verdict"] == "none":
        return f"{_('No detectable difference from everyone together.')} {everyone}"
    return f"{gap_words(row)} {everyone}"


def differing(against: pd.DataFrame) -> pd.DataFrame:
    """The rows of ``against_everyone`` that detectably differ, the clearest first."""
    return against[against["verdict"].isin(["up", "down"])].sort_values("p_adj")


def gaps_words(against: pd.DataFrame) -> list[Line]:
    """Each group that differs from everyone, the clearest first, from ``against_everyone``."""
    if not against["verdict"].isin(["up", "down", "none"]).any():
        return [("", _("There are too few answers to compare any of these with everyone together."))]
    rows = differing(against)
    if rows.empty:
        return [("", _("None detectably differs from everyone together."))]
    return _listed([(str(row["level"]), gap_words(row)) for row in rows.to_dict("records")])


def _listed(lines: list[Line]) -> list[Line]:
    more = len(lines) - LISTED
    return [*lines[:LISTED], ("", _("And {more} more; see the numbers.").format(more=more))] if more > 0 else lines


def with_gaps(table: pd.DataFrame, against: pd.DataFrame) -> pd.DataFrame:
    """The numbers behind a chart of areas or groups, with how each differs from everyone."""
    told = {str(row["level"]): _against(row) for row in against.to_dict("records")}
    return table.assign(**{_("Against everyone"): [told.get(name, "") for name in table[""]]})


def _against(row: MappingType[Hashable, Any]) -> str:
    if row["verdict"] == "guarded":
        return _("not compared, to protect a small group")
    if row["verdict"] not in ("up", "down", "none"):
        return ""
    size = _("{diff}, likely {lci} to {uci}").format(
        diff=signed(row["diff"]), lci=signed(row["lci"]), uci=signed(row["uci"])
    )
    return size if row["verdict"] != "none" else _("no detectable difference ({size})").format(size=size)


def changes_words(change: pd.DataFrame, since: str, what: str) -> list[Line]:
    """The changes of areas or groups (``what``) since a wave, the clearest first.

    ``change`` has the rows of ``compare.Change`` with the names to be told as ``level``.
    """
    tested = change["verdict"].isin(["up", "down", "none"])
    moved = change[change["verdict"].isin(["up", "down"])].sort_values("p_adj")
    if len(moved):
        return _listed([(str(row["level"]), change_words(row, since)) for row in moved.to_dict("records")])
    if tested.all():
        told = _("No detectable change in any of the {what} since {since}.")
    elif tested.any():
        told = _("No detectable change in any of the {what} that can be compared since {since}.")
    elif (change["verdict"] == "break").any():
        told = _("Not comparable with {since}: some questions were asked in other words.")
    else:
        told = _("There are too few answers to compare any of the {what} with {since}.")
    return [("", told.format(what=what, since=since))]


def group_changes(picture: Picture) -> pd.DataFrame | None:
    """The changes of all groups of a picture, named as "age 18-29"; None where there is nothing to compare."""
    if picture.change is None or not picture.wave.groups:
        return None
    rows = picture.change.table
    rows = rows[(rows["measure"] == picture.measure) & rows["by"].isin(picture.wave.groups)]
    return rows.assign(
        level=[group_words(str(by), str(level)) for by, level in zip(rows["by"], rows["level"], strict=True)]
    )


def many_words(change: pd.DataFrame) -> str:
    """Why a difference whose range leaves out 0 is no detectable change; empty where there is none such."""
    if not ((change["verdict"] == "none") & ((change["lci"] > 0) | (change["uci"] < 0))).any():
        return ""
    return _(
        "Where many are compared, some differ by chance: a change is told only where it is clearer than its own range "
        "shows."
    )


def typical_words(change: pd.DataFrame, what: str) -> str:
    """What change would have been seen in half of the areas or groups that were compared."""
    known = change.loc[np.isfinite(change["detectable"].astype(float)), "detectable"]
    if known.empty:
        return ""
    size = max(int(np.ceil(known.astype(float).median())), 1)
    return ngettext(
        "In half of the {what} a change of {size} point or more would probably have been seen.",
        "In half of the {what} a change of {size} points or more would probably have been seen.",
        size,
    ).format(what=what, size=figure(size))


def share_words(share: float) -> str:
    """A share of people that is neither none nor all of them: '24 %', 'under 1 %', 'over 99 %'."""
    return _("under 1 %") if share < 0.005 else _("over 99 %") if share >= 0.995 else percent(share)


def heard_words(heard: pd.DataFrame) -> str:
    """Who answered least for how many they are: 'Least heard: age 18-29 (9 % of answers, 24 % of residents).'"""
    rows = heard[heard["ratio"].notna()]
    few = rows[rows["ratio"] < UNHEARD].sort_values("ratio").head(NAMED)
    if rows.empty:
        return _("There is no population to hold the answers against.")
    if few.empty and heard["hidden"].any():
        return _("No group that can be shown answered much less than its share of residents.")
    if few.empty:
        return _("No group answered much less than its share of residents.")
    named = "; ".join(
        _("{variable} {category} ({base} of answers, {population} of residents)").format(
            variable=str(row["variable"]).replace("_", " "),
            category=row["category"],
            base=share_words(row["base"]),
            population=share_words(row["population"]),
        )
        for row in few.to_dict("records")
    )
    return _(
        "Least heard for how many they are: {named}. Weights make up for that as far as those who answered are like "
        "the others."
    ).format(named=named)


def needed_words(heard: pd.DataFrame) -> str:
    """How many more interviews the groups need whose answers are worth too few to say anything."""
    rows = heard[heard["more_30"] > 0].sort_values("more_30", ascending=False).head(NAMED)
    if rows.empty:
        return ""
    named = "; ".join(
        _("{variable} {category}, about {more} more").format(
            variable=str(row["variable"]).replace("_", " "), category=row["category"], more=count(row["more_30"])
        )
        for row in rows.to_dict("records")
    )
    return _("Interviews needed before a score can be told: {named}.").format(named=named)


def heard_table(heard: pd.DataFrame) -> pd.DataFrame:
    """The numbers behind the picture of who answered."""

    def told(values: pd.Series, say: Any) -> list[str]:
        return [say(v) if np.isfinite(v) else "" for v in values.astype(float)]

    # Where one category alone is shown, it is all of what is shown: that says nothing.
    base, population = (heard[name].where(heard[name] < 1) for name in ("base", "population"))
    return pd.DataFrame(
        {
            "": heard["variable"].str.replace("_", " "),
            _("Group"): heard["category"],
            _("Answers"): [
                _("not shown") if hidden else count(n) for n, hidden in zip(heard["n"], heard["hidden"], strict=True)
            ],
            _("Of answers"): told(base, share_words),
            _("Of residents"): told(population, share_words),
            _("Answers a 1,000 residents"): told(heard["per_1000"], lambda v: figure(v, ".1f")),
            _("Worth"): told(heard["worth"], count),
            _("More interviews until worth 50"): told(heard["more_50"], count),
        }
    )
