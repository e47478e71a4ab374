"""What focus groups say, in tables and sentences: counted in people and groups, never as shares of residents."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from trustsurvey.focus_groups import matrix, sequences, talk
from trustsurvey.focus_groups.heard import Heard
from trustsurvey.model import Codebook
from trustsurvey.present.words import percent
from trustsurvey.wording import capital, number

#: The code for "no comment".
NOTHING = "nothing"
NO_SAMPLE = (
    "Those who came are not drawn from the residents. What they say shows **what** people think and **why**; how many "
    "think so, only the survey tells."
)


def titles(codebook: Codebook) -> dict[str, str]:
    """The titles of all codes, those under another one after it."""
    return {
        code.key: f"{codebook.code(code.parent).title} \u203a {code.title}" if code.parent else code.title
        for code in codebook.codes
    }


def short(codebook: Codebook) -> dict[str, str]:
    """The titles of all codes for a table, those under another one marked as such."""
    return {code.key: f"\u203a {code.title}" if code.parent else code.title for code in codebook.codes}


def alone(codebook: Codebook) -> list[str]:
    """Codes that are under no other, so that a theme is counted once; that somebody has nothing to say is none."""
    return [code.key for code in codebook.codes if not code.parent and code.key != NOTHING]


def theme_table(heard: Heard, codebook: Codebook) -> pd.DataFrame:
    """Theme by group: "5 of 8" people who took part raised it; in how many groups; those raised nowhere left out.

    The theme raised in most groups first, then by most people.
    """
    named, cells = short(codebook), matrix.by_group(heard)
    cells["told"] = [f"{people} of {present}" if people else ("raised" if raised else "")
                     for people, present, raised in zip(cells["people"], cells["present"], cells["raised"],
                                                        strict=True)]  # fmt: skip
    wide = cells.pivot(index="code", columns="group", values="told")[list(heard.groups)]
    order = matrix.by_theme(heard).sort_values(["groups", "people"], ascending=False, kind="stable")
    order = order[order["groups"] > 0]
    table = wide.loc[order["code"]].reset_index(drop=True).rename_axis(columns=None)
    table.insert(0, "Theme", [named[code] for code in order["code"]])
    raised = zip(order["groups"], order["of_groups"], strict=True)
    table.insert(1, "Groups", [f"{g} of {of}" for g, of in raised])
    return table


def person_table(heard: Heard, codebook: Codebook, group: str) -> pd.DataFrame:
    """Theme by participant of one group: how many turns of each mention it, themes that nobody raised left out."""
    named, cells = short(codebook), matrix.by_participant(heard)
    cells = cells[cells["group"] == group]
    wide = cells.pivot(index="code", columns="speaker", values="turns")
    wide = wide.loc[[code for code in heard.codes if code in wide.index and wide.loc[code].sum()]]
    people = [p for p in heard.people.loc[heard.people["group"] == group, "speaker"] if p in wide.columns]
    order = wide[people].gt(0).sum(axis=1).sort_values(ascending=False, kind="stable").index
    table = wide.loc[order, people].map(lambda n: str(n) if n else "").reset_index(drop=True)
    table.insert(0, "Theme", [named[code] for code in order])
    return table.rename_axis(columns=None)


def talk_words(heard: Heard, people: pd.DataFrame, group: str) -> list[str]:
    """How one group talked: who had most of the words, who was hardly heard, whether people spoke to each other.

    ``people``: of ``talk.talk_shares``.
    """
    row = talk.talk_by_group(heard, people=people).set_index("group").loc[group]
    told = []
    if row["moderator"] == row["moderator"] and row["moderator"] > 0:
        told.append(f"The moderator spoke {percent(row['moderator'])} of the words.")
    if np.isfinite(row["largest"]) and row["participants"] > 1:
        even = 1 / row["participants"]
        told.append(f"Of what participants said, {percent(row['largest'])} is one person's; an even share would be "
                    f"{percent(even)}.")  # fmt: skip
    of = people[people["group"] == group]
    for state, words in (("never", "said nothing"), ("hardly", "hardly spoke")):
        names = of.loc[of["heard"] == state, "speaker"].tolist()
        if names:
            told.append(f"{_and(names)} {words}: ask them again, in another way.")
    between = sequences.exchanges(heard).set_index("group").loc[group]
    if np.isfinite(between["share"]):
        told.append(f"Of the times that one participant followed another, {percent(between['share'])} went without a "
                    "word of the moderator.")  # fmt: skip
    return told


def talk_table(people: pd.DataFrame, group: str) -> pd.DataFrame:
    """Who spoke how much in one group, from ``talk.talk_shares``."""
    of = people[people["group"] == group]
    table = pd.DataFrame(
        {
            "Who": [speaker or "Not named" for speaker in of["speaker"]],
            "Turns": of["turns"].to_numpy(),
            "Words": of["words"].to_numpy(),
            "Of all words": [percent(v) for v in of["share"]],
            "Minutes": [f"{v / 60:.1f}" if np.isfinite(v) else "" for v in of["seconds"]],
            "Heard": of["heard"].to_numpy(),
        }
    )
    return table.loc[:, [bool(table[name].astype(str).any()) for name in table]]


def answer_table(heard: Heard, group: str) -> pd.DataFrame:
    """Who follows whom in one group: rows before, columns after."""
    table = sequences.who_answers_whom(heard, group)
    table = table.map(lambda n: str(n) if n else "").rename_axis(index="Before", columns=None)
    return table.rename(index=capital, columns=capital).reset_index()


def agreement_table(found: sequences.Answered, codebook: Codebook) -> pd.DataFrame:
    """Themes that were answered with agreement or disagreement."""
    named = titles(codebook)
    table = found.themes[found.themes[["agreed", "disputed", "mixed"]].sum(axis=1) > 0]
    return pd.DataFrame(
        {
            "Theme": [named[code] for code in table["code"]],
            "Agreed": table["agreed"].to_numpy(),
            "Disputed": table["disputed"].to_numpy(),
            "Both": table["mixed"].to_numpy(),
            "People": table["people"].to_numpy(),
            "": table["told"].to_numpy(),
        }
    )


def emergence_table(table: pd.DataFrame, codebook: Codebook) -> pd.DataFrame:
    """Where each theme came up first."""
    named = titles(codebook)
    told = table[table["rank"].notna()]
    return pd.DataFrame(
        {
            "Theme": [named[code] for code in told["code"]],
            "First in": told["group"].to_numpy(),
            "Turn": told["turn"].to_numpy(),
            "By": [speaker or "not named" for speaker in told["speaker"]],
        }
    )


def unquoted_words(groups: Sequence[str]) -> str:
    """Groups that raised a theme but cannot be quoted by the rules."""
    if not groups:
        return ""
    return f"It was raised in {_and(list(groups))} as well; nothing said there may be quoted without telling who spoke."


def basis_words(groups: int, people: int) -> str:
    """How many groups and people all of it rests on."""
    return f"{capital(number(groups, 'group'))}, {people:,} people who took part."


def _and(names: list[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
