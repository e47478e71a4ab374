"""Sentences about areas and groups: who differs, who is low, who is not being heard."""

from __future__ import annotations

from collections.abc import Hashable, Mapping as MappingType
from typing import Any

import numpy as np
import pandas as pd

from trustsurvey.analysis import Picture
from trustsurvey.present.words import change_words, count, percent, places, signed, whole

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
    if likely.empty:
        return f"None of the {places(title)} can be said to be among the lowest fifth."
    named = ", ".join(f"{row['area']} ({probably(row['probability'])})" for row in likely.to_dict("records"))
    fifth = f"({int(lowest['k'].iloc[0])} of {len(lowest)})"
    return f"Probably among the lowest fifth {fifth}, by a model that allows for chance: {named}."


def probably(probability: float) -> str:
    """A probability by a model, which is never certain."""
    return "over 99 %" if probability > 0.99 else "under 1 %" if probability < 0.01 else percent(probability)


def lowest_table(lowest: pd.DataFrame) -> pd.DataFrame:
    """The numbers behind the sentence about the lowest fifth, in the order of the areas."""
    k = int(lowest["k"].iloc[0])
    return pd.DataFrame(
        {
            "": lowest["area"].astype(str),
            f"How probably one of the {k} lowest": lowest["probability"].map(probably),
            "From": lowest["flag"].map(lambda flag: "the model alone" if flag else "its answers and the model"),
        }
    )


def gap_words(row: MappingType[Hashable, Any]) -> str:
    """'Higher than everyone together by 7 points, likely between 3 and 11.' from a row of ``against_everyone``."""
    way = "Higher" if row["verdict"] == "up" else "Lower"
    low, high = sorted((abs(row["lci"]), abs(row["uci"])))
    points = whole(abs(row["diff"]))
    size = "by less than 1 point" if points == "0" else f"by {points} point{'' if points == '1' else 's'}"
    reach = f"between {whole(low)} and {whole(high)}"
    if whole(low) == "0":
        reach = "by less than 1" if whole(high) == "0" else f"by up to {whole(high)}"
    return f"{way} than everyone together {size}, likely {reach}."


def differing(against: pd.DataFrame) -> pd.DataFrame:
    """The rows of ``against_everyone`` that detectably differ, the clearest first."""
    return against[against["verdict"].isin(["up", "down"])].sort_values("p_adj")


def gaps_words(against: pd.DataFrame) -> list[Line]:
    """Each group that differs from everyone, the clearest first, from ``against_everyone``."""
    if not against["verdict"].isin(["up", "down", "none"]).any():
        return [("", "There are too few answers to compare any of these with everyone together.")]
    rows = differing(against)
    if rows.empty:
        return [("", "None detectably differs from everyone together.")]
    return _listed([(str(row["level"]), gap_words(row)) for row in rows.to_dict("records")])


def _listed(lines: list[Line]) -> list[Line]:
    more = len(lines) - LISTED
    return [*lines[:LISTED], ("", f"And {more} more; see the numbers.")] if more > 0 else lines


def with_gaps(table: pd.DataFrame, against: pd.DataFrame) -> pd.DataFrame:
    """The numbers behind a chart of areas or groups, with how each differs from everyone."""
    told = {str(row["level"]): _against(row) for row in against.to_dict("records")}
    return table.assign(**{"Against everyone": [told.get(name, "") for name in table[""]]})


def _against(row: MappingType[Hashable, Any]) -> str:
    if row["verdict"] == "guarded":
        return "not compared, to protect a small group"
    if row["verdict"] not in ("up", "down", "none"):
        return ""
    size = f"{signed(row['diff'])}, likely {signed(row['lci'])} to {signed(row['uci'])}"
    return size if row["verdict"] != "none" else f"no detectable difference ({size})"


def changes_words(change: pd.DataFrame, since: str, what: str) -> list[Line]:
    """The changes of areas or groups (``what``) since a wave, the clearest first.

    ``change`` has the rows of ``compare.Change`` with the names to be told as ``level``.
    """
    tested = change["verdict"].isin(["up", "down", "none"])
    moved = change[change["verdict"].isin(["up", "down"])].sort_values("p_adj")
    if not tested.any():
        if (change["verdict"] == "break").any():
            return [("", f"Not comparable with {since}: some questions were asked in other words.")]
        return [("", f"There are too few answers to compare any of the {what} with {since}.")]
    if moved.empty:
        which = "" if tested.all() else " that can be compared"
        return [("", f"No detectable change in any of the {what}{which} since {since}.")]
    return _listed([(str(row["level"]), change_words(row, since)) for row in moved.to_dict("records")])


def group_changes(picture: Picture) -> pd.DataFrame | None:
    """The changes of all groups of a picture, named as "age 18-29"; None where there is nothing to compare."""
    if picture.change is None or not picture.wave.groups:
        return None
    rows = picture.change.table
    rows = rows[(rows["measure"] == picture.measure) & rows["by"].isin(picture.wave.groups)]
    return rows.assign(level=rows["by"].str.replace("_", " ") + " " + rows["level"].astype(str))


def typical_words(change: pd.DataFrame, what: str) -> str:
    """What change would have been seen in half of the areas or groups that were compared."""
    known = change.loc[np.isfinite(change["detectable"].astype(float)), "detectable"]
    if known.empty:
        return ""
    size = max(int(np.ceil(known.astype(float).median())), 1)
    points = f"{size:,} point{'' if size == 1 else 's'}"
    return f"In half of the {what} a change of {points} or more would probably have been seen."


def share_words(share: float) -> str:
    """A share of people that is neither none nor all of them: '24 %', 'under 1 %', 'over 99 %'."""
    return "under 1 %" if share < 0.005 else "over 99 %" if share >= 0.995 else percent(share)


def heard_words(heard: pd.DataFrame) -> str:
    """Who answered least for how many they are: 'Least heard: age 18-29 (9 % of answers, 24 % of residents).'"""
    rows = heard[heard["ratio"].notna()]
    few = rows[rows["ratio"] < UNHEARD].sort_values("ratio").head(NAMED)
    if rows.empty:
        return "There is no population to hold the answers against."
    if few.empty:
        which = "that can be shown " if heard["hidden"].any() else ""
        return f"No group {which}answered much less than its share of residents."
    named = "; ".join(
        f"{str(row['variable']).replace('_', ' ')} {row['category']} ({share_words(row['base'])} of answers, "
        f"{share_words(row['population'])} of residents)"
        for row in few.to_dict("records")
    )
    return (
        f"Least heard for how many they are: {named}. Weights make up for that as far as those who answered are like "
        "the others."
    )


def needed_words(heard: pd.DataFrame) -> str:
    """How many more interviews the groups need whose answers are worth too few to say anything."""
    rows = heard[heard["more_30"] > 0].sort_values("more_30", ascending=False).head(NAMED)
    if rows.empty:
        return ""
    named = "; ".join(
        f"{str(row['variable']).replace('_', ' ')} {row['category']}, about {count(row['more_30'])} more"
        for row in rows.to_dict("records")
    )
    return f"Interviews needed before a score can be told: {named}."


def heard_table(heard: pd.DataFrame) -> pd.DataFrame:
    """The numbers behind the picture of who answered."""

    def told(values: pd.Series, say: Any) -> list[str]:
        return [say(v) if np.isfinite(v) else "" for v in values.astype(float)]

    # Where one category alone is shown, it is all of what is shown: that says nothing.
    base, population = (heard[name].where(heard[name] < 1) for name in ("base", "population"))
    return pd.DataFrame(
        {
            "": heard["variable"].str.replace("_", " "),
            "Group": heard["category"],
            "Answers": [
                "not shown" if hidden else count(n) for n, hidden in zip(heard["n"], heard["hidden"], strict=True)
            ],
            "Of answers": told(base, share_words),
            "Of residents": told(population, share_words),
            "Answers a 1,000 residents": told(heard["per_1000"], lambda v: f"{v:.1f}"),
            "Worth": told(heard["worth"], count),
            "More interviews until worth 50": told(heard["more_50"], count),
        }
    )
