"""The focus groups of a study: loaded, read, and one participant's words taken out of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pandas as pd

from trustsurvey.errors import SurveyError, some
from trustsurvey.focus_groups.conversation import Conversation
from trustsurvey.focus_groups.heard import Heard
from trustsurvey.instruments import default_instrument
from trustsurvey.model import Codebook, Coding, Design, Wave
from trustsurvey.store import Body, Store
from trustsurvey.text.readings import Readings
from trustsurvey.voices.answers import OpenAnswers
from trustsurvey.voices.study import versions_of

#: The question that turns answer, so to say.
TURN = "turn"


def body_of(group: Conversation) -> Body:
    """The body of texts that a focus group is."""
    return Body(group.name, "collection")


def conversations(store: Store, slug: str) -> list[Conversation]:
    """All focus groups of a study, in the order in which they were held; those without a date last."""
    found = []
    for record in store.collections.listed(slug):
        if record.kind == "transcript":
            group = Conversation.of(record, store.collections.load(slug, record.name))
            changed = store.voices.corrected(slug, body_of(group))
            turns = group.turns.copy()
            for column, part in (("text", 0), ("replaced", 1)):
                turns[column] = [
                    changed[key][part] if key in changed else value
                    for key, value in zip(turns["key"], turns[column], strict=True)
                ]
            found.append(replace(group, turns=turns))
    return sorted(found, key=lambda group: (group.held is None, group.held or 0))


def readings_of(store: Store, slug: str, group: Conversation, codebook: Codebook) -> Readings:
    """What people read in the turns of a focus group."""
    codings = store.voices.codings(slug, body_of(group))
    return Readings.of(codebook, tuple(group.turns["key"]), codings, versions_of(store, slug))


def heard_of(groups: Sequence[Conversation], readings: Sequence[Readings], codes: Sequence[str] = ()) -> Heard:
    """The groups with the themes that people read in their turns.

    ``codes``: those asked for; all of the codebook by default. A code counts with those below it. What nobody read
    mentions nothing.
    """
    if not groups:
        raise SurveyError("groups.none", "There is no focus group", hint="Add a transcript first.")
    keys = readings[0].codebook.keys
    kept = list(codes) or list(keys)
    frames = [group.turns.assign(group=group.name) for group in groups]
    present = [group.people[["speaker", "role"]].assign(group=group.name) for group in groups]
    labels = np.vstack([np.nan_to_num(one.labels())[:, [keys.index(code) for code in kept]] for one in readings])
    return Heard(pd.concat(frames, ignore_index=True), tuple(kept), labels > 0, pd.concat(present, ignore_index=True))


def read_of(group: Conversation, readings: Readings) -> tuple[int, int]:
    """How many of the participants' turns somebody read, and how many there are."""
    mine = (group.turns["role"] == "participant").to_numpy()
    read = set(readings.counts())
    return sum(key in read for key in group.turns["key"][mine]), int(mine.sum())


def as_answers(group: Conversation, codebook: Codebook, codings: Sequence[Coding], versions: object) -> OpenAnswers:
    """The turns of participants and officers as texts to read, in the order spoken."""
    turns = group.turns[group.turns["role"].isin(("participant", "officer"))].reset_index(drop=True)
    n = len(turns)
    people = pd.DataFrame({"respondent": turns["key"], "source_row": turns["line"].to_numpy()})
    comments = turns[["key", "text", "replaced"]].assign(row=np.arange(n), item=TURN)
    nothing = pd.DataFrame(index=range(n))
    wave = Wave(group.name, default_instrument(), people, nothing, nothing, Design.simple(n), comments=comments)
    return OpenAnswers.of(wave, TURN, codebook, codings, versions)  # type: ignore[arg-type]


def before(group: Conversation, key: str, most: int = 2) -> pd.DataFrame:
    """The turns just before one, for whoever reads it: what it answers."""
    at = int(np.flatnonzero((group.turns["key"] == key).to_numpy())[0])
    return group.turns.iloc[max(0, at - most) : at]


def withdraw(store: Store, slug: str, group: Conversation, speaker: str, reason: str) -> Conversation:
    """Take a participant's words out of everything: turns, what was read in them, and what was kept as said.

    Others' turns stay, in which the pseudonym may stand. SurveyError ``groups.nobody`` for a stranger.
    """
    if speaker not in set(group.people["speaker"]):
        raise SurveyError("groups.nobody", f"Nobody is called '{speaker}'", where=group.name,
                          expected=some(group.people["speaker"], 20))  # fmt: skip
    gone = group.turns["speaker"] == speaker
    left = replace(
        group, turns=group.turns[~gone].reset_index(drop=True), withdrawn=(*group.withdrawn, speaker),
        people=group.people[group.people["speaker"] != speaker].reset_index(drop=True),
    )  # fmt: skip
    store.collections.change(slug, group.name, left.about, reason, list(group.turns["key"][gone]))
    return left


def note(store: Store, slug: str, group: Conversation, memo: str) -> None:
    """Keep a memo on a group: a summary, what the moderator saw, what to ask next."""
    store.collections.change(slug, group.name, replace(group, memo=memo.strip()).about, "memo")
