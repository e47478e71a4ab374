"""Sentences about areas and groups: who differs, who is low, who is not being heard."""

from __future__ import annotations

from collections.abc import Hashable, Mapping as MappingType
from typing import Any

import numpy as np
import pandas as pd

from trustsurvey.present.words import count, percent, places, whole

#: An area is named as probably among the lowest from this probability on.
PROBABLE = 0.5
#: A category is named as too little heard under this share of what it should be.
UNHEARD = 0.8
#: At most so many are named in a sentence.
NAMED = 3


def lowest_words(lowest: pd.DataFrame, title: str) -> str:
    """'Probably among the lowest fifth: Docks (92 %).' from probabilities by area."""
    likely = lowest[lowest["probability"] >= PROBABLE].sort_values("probability", ascending=False)
    if likely.empty:
        return f"None of the {places(title)} can be said to be among the lowest fifth."
    # A model is never as certain as 100 %.
    named = ", ".join(
        f"{row['area']} ({'over 99 %' if row['probability'] > 0.99 else percent(row['probability'])})"
        for row in likely.to_dict("records")
    )
    return f"Probably among the lowest fifth, by a model that allows for chance: {named}."


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


def typical_words(change: pd.DataFrame, title: str) -> str:
    """What change could have been seen in a typical area, for those without a detectable one."""
    known = change.loc[np.isfinite(change["detectable"].astype(float)), "detectable"]
    if known.empty:
        return ""
    size = max(int(np.ceil(known.astype(float).median())), 1)
    points = f"{size:,} point{'' if size == 1 else 's'}"
    return f"In a typical one of the {places(title)} a change of {points} or more would probably have been seen."


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
