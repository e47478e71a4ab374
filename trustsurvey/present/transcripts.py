"""What was understood of a transcript, and who took part in a focus group, in sentences and tables."""

from __future__ import annotations

from datetime import date

import pandas as pd

from trustsurvey.focus_groups.conversation import PEOPLE, Conversation, clock
from trustsurvey.focus_groups.who import Speaker
from trustsurvey.model import SpeakerRole, Transcript
from trustsurvey.present.words import count
from trustsurvey.transcripts.layouts import LAYOUTS
from trustsurvey.wording import capital, number

ROLE_TITLES: dict[SpeakerRole, str] = {
    "participant": "Took part", "moderator": "Moderator", "officer": "Police officer", "interpreter": "Interpreter",
    "observer": "Observer",
}  # fmt: skip


def understood_words(transcript: Transcript) -> str:
    """What kind of transcript it is, how many turns of how many speakers, and from when to when."""
    title = next((layout.title for layout in LAYOUTS if layout.key == transcript.layout), transcript.layout)
    turns, people = len(transcript.turns), len(transcript.speakers)
    told = f"Read as: {title}. {capital(number(turns, 'turn'))}"
    told += f" of {number(people, 'speaker')}." if people else "; the file does not say who speaks."
    times = [turn.start for turn in transcript.turns if turn.start is not None]
    if not times:
        return f"{told} It has no times."
    ends = [turn.end for turn in transcript.turns if turn.end is not None]
    return f"{told} From {clock(min(times))} to {clock(max([*times, *ends]))}."


def speaker_table(transcript: Transcript, people: tuple[Speaker, ...], same: dict[str, str]) -> pd.DataFrame:
    """Everybody whom the file names, to be checked: In the file, Turns, The same person as, Role."""
    return pd.DataFrame(
        {
            "In the file": [person.name for person in people],
            "Turns": [sum(transcript.speakers.get(name, 0) for name in person.names) for person in people],
            "The same person as": [same.get(person.name, "") for person in people],
            "Role": [ROLE_TITLES[person.role] for person in people],
        }
    )


def kept_words(group: Conversation) -> str:
    """What was kept of a transcript."""
    parts = (group.people["role"] == "participant").sum()
    told = f"{group.name} is kept: {number(len(group.turns), 'turn')}, {number(int(parts), 'participant')}."
    return f"{told} Everybody has a pseudonym now, also where others name them."


def people_table(group: Conversation) -> pd.DataFrame:
    """Who was there, under pseudonyms, with what is known of them and how many turns they have."""
    turns = group.turns["speaker"].value_counts()
    table = pd.DataFrame({"Pseudonym": group.people["speaker"], "Role": group.people["role"].map(ROLE_TITLES)})
    for name in group.people.columns:
        if name not in PEOPLE:
            table[str(name).capitalize()] = group.people[name].fillna("")
    return table.assign(Turns=group.people["speaker"].map(turns).fillna(0).astype(int))


def held_words(held: date | None) -> str:
    """When a group was held."""
    return f"held on {held.day} {held:%B %Y}" if held else "no date told"


def read_words(read: int, of: int) -> str:
    """How far the reading of a group went; themes are counted from what people read alone."""
    if not of:
        return "There is no turn of a participant to read."
    if read == of:
        return f"All {count(of)} turns of participants were read."
    return f"{count(read)} of {count(of)} turns of participants were read. Themes are counted from these alone."
