"""Sentences about results, for officers and commanders; they never say more than the numbers do."""

from __future__ import annotations

import math
from collections.abc import Hashable, Mapping as MappingType
from datetime import date
from typing import Any

import pandas as pd

from trustsurvey.analysis import LevelView, Picture
from trustsurvey.model import RULES, Wave

TOO_FEW = f"too few answers to say; at least {RULES.answers} needed"
MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October",
    "November", "December",
)  # fmt: skip


def whole(value: float) -> str:
    """A score without decimals: 54.5 is '55', halves going up as people expect."""
    return f"{math.floor(value + 0.5):,}"


def signed(value: float) -> str:
    """A difference with its sign, rounded as :func:`whole` rounds its size; empty where there is none."""
    if not math.isfinite(value):
        return ""
    size = whole(abs(value))
    return "0" if size == "0" else f"{'+' if value > 0 else '-'}{size}"


def percent(share: float) -> str:
    """A share as a whole percentage."""
    return f"{whole(100 * share)} %"


def count(n: float) -> str:
    """A number of people with thousands separated."""
    return f"{round(n):,}"


def likely(est: float, lci: float, uci: float) -> str:
    """A score with its interval: '54, likely between 52 and 56'."""
    return f"{whole(est)}, {span(lci, uci)}"


def span(lci: float, uci: float) -> str:
    """The interval of a score, which ends where the scale does: 'likely between 52 and 56'."""
    return f"likely between {whole(max(lci, 0.0))} and {whole(min(uci, 100.0))}"


def period(start: date | None, end: date | None) -> str:
    """Dates as people say them: 'April to June 2026'; empty where they are not known."""
    if start is None or end is None:
        return ""
    first, last = MONTHS[start.month - 1], MONTHS[end.month - 1]
    if start.year != end.year:
        return f"{first} {start.year} to {last} {end.year}"
    return f"{first} {end.year}" if first == last else f"{first} to {last} {end.year}"


def day(of: date) -> str:
    """A day as people say it: '8 December 2025'."""
    return f"{of.day} {MONTHS[of.month - 1]} {of.year}"


def places(title: str) -> str:
    """The title of an area level within a sentence: 'Districts' becomes 'districts', 'ZIP codes' stays."""
    return " ".join(word if word.isupper() else word.lower() for word in title.split())


def answers_worth(n: float, n_eff: float) -> str:
    """'1,512 answers, worth 980 after weighting'; without the second part where nothing is lost."""
    worth = min(n, n_eff)
    if worth >= 0.97 * n:
        return f"{count(n)} answers."
    return f"{count(n)} answers, worth about {count(worth)} after weighting."


def change_words(row: MappingType[Hashable, Any], since: str) -> str:
    """What a row of ``compare.Change`` says, as a sentence about the time since a wave."""
    verdict = row["verdict"]
    if verdict == "withheld":
        return "Too few answers to compare."
    if verdict == "guarded":
        return "Not compared, to protect a small group."
    if verdict == "break":
        return f"Not comparable with {since}: some questions were not asked in the same way."
    if verdict == "none":
        return f"No detectable change since {since}."
    size = abs(row["diff"])
    low, high = sorted((abs(row["lci"]), abs(row["uci"])))
    way = "higher" if verdict == "up" else "lower"
    reach = f"by up to {max(whole(high), '1')}" if whole(low) == "0" else f"between {whole(low)} and {whole(high)}"
    return f"{_points(size, way)} than in {since}, likely {reach}."


def _points(size: float, way: str) -> str:
    number = whole(size)
    if number == "0":
        return f"Slightly {way}, by less than 1 point,"
    return f"{way.capitalize()} by {number} point{'' if number == '1' else 's'}"


def detectable_words(row: MappingType[Hashable, Any]) -> str:
    """What change the survey would have seen; empty where one was seen, or nothing compared."""
    size = row["detectable"]
    if row["verdict"] != "none" or not math.isfinite(size):
        return ""
    number = math.ceil(size)
    return f"We would probably have seen a change of {number} point{'' if number == 1 else 's'} or more."


def against_words(view: LevelView) -> str:
    """How many areas differ from everyone: 'In 5 of 40 neighbourhoods the score differs ...'."""
    different = int(view.against["verdict"].isin(["up", "down"]).sum())
    tested = different + int((view.against["verdict"] == "none").sum())
    title = places(view.level.title)
    if not view.shown:
        return f"None of the {view.areas} {title} has enough answers to say."
    which = " that can be compared" if tested < view.shown else " with enough answers"
    among = f"{tested} {title}" + ("" if tested == view.areas else which)
    if not different:
        return f"In none of the {among} does the score detectably differ from that of everyone together."
    return f"In {different} of {among} the score differs from that of everyone together."


def basis_words(view: LevelView) -> str:
    """From which waves an area level is shown, and why."""
    title = places(view.level.title)
    if view.pooled:
        return (
            f"One wave gives too few answers in most {title}, so the last {len(view.waves)} waves "
            f"({view.waves[0]} to {view.waves[-1]}) are taken together here."
        )
    return f"From the wave {view.waves[0]}."


def thin_level_words(view: LevelView, others: list[LevelView]) -> str:
    """Why a level is mostly hidden and which level to look at instead; empty where most is shown."""
    hidden = view.areas - view.shown
    if hidden * 2 <= view.areas:
        return ""
    title = places(view.level.title)
    told = (
        f"{hidden} of {view.areas} {title} are hidden: their answers are fewer than {RULES.answers}, or worth fewer "
        "than that after weighting. That is too few to say anything fair about a place, and with very few one could "
        "guess who said what."
    )
    better = max(others, key=lambda other: other.shown / max(other.areas, 1), default=None)
    if better is not None and better.shown * 2 > better.areas:
        told += f" Choose \u201c{better.level.title}\u201d to see results that rest on enough answers."
    return told


def standing_words(wave: Wave) -> str:
    """What the sample and the weights allow to be said, in a sentence or two."""
    weighted = wave.raked or bool(wave.weights.size and wave.weights.max() > wave.weights.min())
    if wave.raked and wave.weighting is not None:
        names = [variable.replace("_", " ") for variable in wave.weighting.margins.variables]
        listed = names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
        told = f"Answers are weighted so that {listed} match{'es' if len(names) == 1 else ''} the population."
    elif weighted:
        told = "Answers carry the weights that came with the file."
    else:
        told = "Answers are not weighted: the numbers speak for those who answered, not for all residents."
    if not wave.probability:
        told += (
            " People chose to take part, so the ranges hold only as far as the weights make up for who did not."
            if weighted
            else " People chose to take part, and the ranges do not allow for who did not."
        )
    return told


def score_words(row: MappingType[Hashable, Any]) -> dict[str, str]:
    """What a protected mean says: number, range, answers; a dash for a number that is not shown."""
    if row["suppressed"]:
        return {"number": "\u2013", "range": TOO_FEW, "answers": ""}
    return {
        "number": whole(row["est"]),
        "range": span(row["lci"], row["uci"]),
        "answers": answers_worth(row["n"], row["n_eff"])
        if math.isfinite(row["n"])
        else f"At least {count(row['at_least'])} answers; how many is not shown, to protect a small group.",
    }


def headline_words(picture: Picture, measure: str) -> dict[str, str]:
    """The sentences at the top of the page: number, range, answers, change, detectable."""
    row = picture.estimates.rows(measure=measure, by="", stat="mean").iloc[0]
    if row["suppressed"]:
        return {**score_words(row), "change": "", "detectable": ""}
    told = {
        **score_words(row),
        "change": f"Not asked in {picture.previous}."
        if picture.previous
        else "This is the first wave, so there is nothing to compare with yet.",
        "detectable": "",
    }
    if picture.change is not None:
        rows = picture.change.table
        rows = rows[(rows["measure"] == measure) & (rows["by"] == "")]
        if len(rows):
            told["change"] = change_words(rows.iloc[0], picture.previous)
            told["detectable"] = detectable_words(rows.iloc[0])
    return told


VERDICTS = {
    "up": "higher",
    "down": "lower",
    "none": "no detectable change",
    "break": "not asked in the same way",
    "withheld": "too few answers",
    "guarded": "not shown, to protect a small group",
}


def change_table(rows: pd.DataFrame, since: str) -> pd.DataFrame:
    """The numbers behind sentences about change."""
    told = rows["verdict"].map(VERDICTS)
    return pd.DataFrame(
        {
            "": rows["level"],
            since: rows["before"].map(_or_blank),
            "Now": rows["after"].map(_or_blank),
            "Difference": rows["diff"].map(signed),
            "Likely from": rows["lci"].map(signed),
            "to": rows["uci"].map(signed),
            "Visible from": rows["detectable"].map(lambda v: f"{math.ceil(v)}" if math.isfinite(v) else ""),
            "In words": told,
        }
    )


def question_table(picture: Picture) -> pd.DataFrame:
    """Every question of a wave: mean score, percent positive and percent don't know, with ranges."""
    table = picture.questions.table.set_index(["measure", "stat"])
    rows = []
    for name in picture.wave.items:
        row: dict[str, str] = {"Question": picture.wave.wording.get(name, picture.wave.instrument.item(name).text)}
        for stat, label in (
            ("mean", "Mean score"),
            ("positive", "Positive answers"),
            ("don't know", "Don't know"),
        ):
            cell = table.loc[(name, stat)]
            show = whole if stat == "mean" else percent
            row[label] = (
                f"{show(cell['est'])} ({show(cell['lci'])} to {show(cell['uci'])})"
                if cell["suppressed"] == ""
                else "too few answers"
            )
        rows.append(row)
    return pd.DataFrame(rows)


def _or_blank(value: float) -> str:
    return whole(value) if math.isfinite(value) else ""
