"""What focus groups say, in tables and sentences: counted in people and groups, never as shares of residents."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from trustsurvey.focus_groups import matrix, sequences, talk
from trustsurvey.focus_groups.heard import Heard
from trustsurvey.language import N_, _, ngettext, pgettext
from trustsurvey.model import Codebook
from trustsurvey.present.words import count, part_words, percent
from trustsurvey.wording import capital, figure, in_words, listed

#: How much somebody was heard, by ``talk.talk_shares``.
HEARD = {"never": N_("never"), "hardly": N_("hardly"), "not known": N_("not known")}
#: What ``sequences.answered`` tells of a theme.
ANSWERED = {
    "too few to say": N_("too few to say"), "mostly agreed": N_("mostly agreed"),
    "mostly disputed": N_("mostly disputed"), "agreed and disputed": N_("agreed and disputed"),
}  # fmt: skip
#: How speakers who are nobody's pseudonym are headed.
OTHERS = {sequences.MODERATOR: N_("Moderator"), sequences.UNNAMED: N_("Unnamed")}
#: The code for "no comment".
NOTHING = "nothing"
NO_SAMPLE = N_(
    "Those who came are not drawn from the residents. What they say shows **what** people think and **why**; how many "
    "think so, only the survey tells."
)


def titles(codebook: Codebook) -> dict[str, str]:
    """The titles of all codes, those under another one after it."""
    return {
        code.key: f"{_(codebook.code(code.parent).title)} \u203a {_(code.title)}" if code.parent else _(code.title)
        for code in codebook.codes
    }


def short(codebook: Codebook) -> dict[str, str]:
    """The titles of all codes for a table, those under another one marked as such."""
    return {code.key: f"\u203a {_(code.title)}" if code.parent else _(code.title) for code in codebook.codes}


def alone(codebook: Codebook) -> list[str]:
    """Codes that are under no other, so that a theme is counted once; that somebody has nothing to say is none."""
    return [code.key for code in codebook.codes if not code.parent and code.key != NOTHING]


def theme_table(heard: Heard, codebook: Codebook) -> pd.DataFrame:
    """Theme by group: "5 of 8" people who took part raised it; in how many groups; those raised nowhere left out.

    The theme raised in most groups first, then by most people.
    """
    named, cells = short(codebook), matrix.by_group(heard)
    cells["told"] = [part_words(people, present) if people else (_("raised") if raised else "")
                     for people, present, raised in zip(cells["people"], cells["present"], cells["raised"],
                                                        strict=True)]  # fmt: skip
    wide = cells.pivot(index="code", columns="group", values="told")[list(heard.groups)]
    order = matrix.by_theme(heard).sort_values(["groups", "people"], ascending=False, kind="stable")
    order = order[order["groups"] > 0]
    table = wide.loc[order["code"]].reset_index(drop=True).rename_axis(columns=None)
    table.insert(0, _("Theme"), [named[code] for code in order["code"]])
    raised = zip(order["groups"], order["of_groups"], strict=True)
    table.insert(1, _("Groups"), [part_words(g, of) for g, of in raised])
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
    table.insert(0, _("Theme"), [named[code] for code in order])
    return table.rename_axis(columns=None)


def talk_words(heard: Heard, people: pd.DataFrame, group: str) -> list[str]:
    """How one group talked: who had most of the words, who was hardly heard, whether people spoke to each other.

    ``people``: of ``talk.talk_shares``.
    """
    row = talk.talk_by_group(heard, people=people).set_index("group").loc[group]
    told = []
    if row["moderator"] == row["moderator"] and row["moderator"] > 0:
        told.append(_("The moderator spoke {share} of the words.").format(share=percent(row["moderator"])))
    if np.isfinite(row["largest"]) and row["participants"] > 1:
        even = 1 / row["participants"]
        told.append(
            _("Of what participants said, {share} is one person's; an even share would be {even}.").format(
                share=percent(row["largest"]), even=percent(even)
            )
        )
    of = people[people["group"] == group]
    silent, quiet = (of.loc[of["heard"] == state, "speaker"].tolist() for state in ("never", "hardly"))
    if silent:
        told.append(
            ngettext(
                "{names} said nothing: ask them again, in another way.",
                "{names} said nothing: ask them again, in another way.",
                len(silent),
            ).format(names=listed(silent))
        )
    if quiet:
        told.append(
            ngettext(
                "{names} hardly spoke: ask them again, in another way.",
                "{names} hardly spoke: ask them again, in another way.",
                len(quiet),
            ).format(names=listed(quiet))
        )
    between = sequences.exchanges(heard).set_index("group").loc[group]
    if np.isfinite(between["share"]):
        told.append(
            _(
                "Of the times that one participant followed another, {share} went without a word of the moderator."
            ).format(share=percent(between["share"]))
        )
    return told


def talk_table(people: pd.DataFrame, group: str) -> pd.DataFrame:
    """Who spoke how much in one group, from ``talk.talk_shares``."""
    of = people[people["group"] == group]
    table = pd.DataFrame(
        {
            _("Who"): [speaker or _("Not named") for speaker in of["speaker"]],
            _("Turns"): of["turns"].to_numpy(),
            _("Words"): of["words"].to_numpy(),
            _("Of all words"): [percent(v) for v in of["share"]],
            _("Minutes"): [figure(v / 60, ".1f") if np.isfinite(v) else "" for v in of["seconds"]],
            _("Heard"): [_(HEARD[heard]) if heard else "" for heard in of["heard"]],
        }
    )
    return table.loc[:, [bool(table[name].astype(str).any()) for name in table]]


def answer_table(heard: Heard, group: str) -> pd.DataFrame:
    """Who follows whom in one group: rows before, columns after."""
    table = sequences.who_answers_whom(heard, group)
    table = table.map(lambda n: str(n) if n else "").rename_axis(index=_("Before"), columns=None)
    return table.rename(index=_headed, columns=_headed).reset_index()


def _headed(speaker: str) -> str:
    return _(OTHERS[speaker]) if speaker in OTHERS else capital(speaker)


def agreement_table(found: sequences.Answered, codebook: Codebook) -> pd.DataFrame:
    """Themes that were answered with agreement or disagreement."""
    named = titles(codebook)
    table = found.themes[found.themes[["agreed", "disputed", "mixed"]].sum(axis=1) > 0]
    return pd.DataFrame(
        {
            _("Theme"): [named[code] for code in table["code"]],
            _("Agreed"): table["agreed"].to_numpy(),
            _("Disputed"): table["disputed"].to_numpy(),
            _("Both"): table["mixed"].to_numpy(),
            _("People"): table["people"].to_numpy(),
            "": [_(ANSWERED[told]) for told in table["told"]],
        }
    )


def accumulation_table(rows: pd.DataFrame) -> pd.DataFrame:
    """Themes after each group; ``rows`` of ``saturation.accumulation``."""
    names = {"groups": _("Groups"), "group": _("Group"), "new": pgettext("themes", "New"), "seen": _("Seen")}
    return rows[list(names)].rename(columns=names)


def emergence_table(table: pd.DataFrame, codebook: Codebook) -> pd.DataFrame:
    """Where each theme came up first."""
    named = titles(codebook)
    told = table[table["rank"].notna()]
    return pd.DataFrame(
        {
            _("Theme"): [named[code] for code in told["code"]],
            _("First in"): told["group"].to_numpy(),
            _("Turn"): told["turn"].to_numpy(),
            pgettext("said by", "By"): [speaker or _("not named") for speaker in told["speaker"]],
        }
    )


def unquoted_words(groups: Sequence[str]) -> str:
    """Groups that raised a theme but cannot be quoted by the rules."""
    if not groups:
        return ""
    told = _("It was raised in {groups} as well; nothing said there may be quoted without telling who spoke.")
    return told.format(groups=listed(list(groups)))


def basis_words(groups: int, people: int) -> str:
    """How many groups and people all of it rests on."""
    told = ngettext("{n} group, {people} people who took part.", "{n} groups, {people} people who took part.", groups)
    return told.format(n=capital(in_words(groups)), people=count(people))
