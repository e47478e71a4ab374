"""What was understood of a transcript, and who took part in a focus group, in sentences and tables."""

from __future__ import annotations

from datetime import date

import pandas as pd

from trustsurvey.focus_groups.conversation import PEOPLE, Conversation, clock
from trustsurvey.focus_groups.who import Speaker
from trustsurvey.language import N_, _, ngettext
from trustsurvey.model import SpeakerRole, Transcript
from trustsurvey.present.words import count
from trustsurvey.transcripts.layouts import LAYOUTS
from trustsurvey.wording import capital, day, in_words

ROLE_TITLES: dict[SpeakerRole, str] = {
    "participant": N_("Took part"), "moderator": N_("Moderator"), "officer": N_("Police officer"),
    "interpreter": N_("Interpreter"), "observer": N_("Observer"),
}  # fmt: skip


def understood_words(transcript: Transcript) -> str:
    """What kind of transcript it is, how many turns of how many speakers, and from when to when."""
    title = next((layout.title for layout in LAYOUTS if layout.key == transcript.layout), transcript.layout)
    turns, people = len(transcript.turns), len(transcript.speakers)
    told = _("Read as: {layout}.").format(layout=_(title)) + " "
    if people:
        told += _("{turns} of {speakers}.").format(
            turns=capital(turns_words(turns)),
            speakers=ngettext("{n} speaker", "{n} speakers", people).format(n=in_words(people)),
        )
    else:
        told += _("{turns}; the file does not say who speaks.").format(turns=capital(turns_words(turns)))
    times = [turn.start for turn in transcript.turns if turn.start is not None]
    if not times:
        return f"{told} {_('It has no times.')}"
    ends = [turn.end for turn in transcript.turns if turn.end is not None]
    when = _("From {start} to {end}.").format(start=clock(min(times)), end=clock(max([*times, *ends])))
    return f"{told} {when}"


def turns_words(turns: int) -> str:
    """So many turns, within a sentence: 'one turn', 'six turns'."""
    if not turns:
        return _("no turns")
    return ngettext("{n} turn", "{n} turns", turns).format(n=in_words(turns))


def _participants_words(people: int) -> str:
    if not people:
        return _("no participants")
    return ngettext("{n} participant", "{n} participants", people).format(n=in_words(people))


def speaker_table(transcript: Transcript, people: tuple[Speaker, ...], same: dict[str, str]) -> pd.DataFrame:
    """Everybody whom the file names, to be checked: In the file, Turns, The same person as, Role."""
    return pd.DataFrame(
        {
            _("In the file"): [person.name for person in people],
            _("Turns"): [sum(transcript.speakers.get(name, 0) for name in person.names) for person in people],
            _("The same person as"): [same.get(person.name, "") for person in people],
            _("Role"): [_(ROLE_TITLES[person.role]) for person in people],
        }
    )


def kept_words(group: Conversation) -> str:
    """What was kept of a transcript."""
    parts = int((group.people["role"] == "participant").sum())
    told = _("{group} is kept: {turns}, {participants}. Everybody has a pseudonym now, also where others name them.")
    return told.format(
        group=group.name,
        turns=turns_words(len(group.turns)),
        participants=_participants_words(parts),
    )


def people_table(group: Conversation) -> pd.DataFrame:
    """Who was there, under pseudonyms, with what is known of them and how many turns they have."""
    turns = group.turns["speaker"].value_counts()
    roles = group.people["role"].map({role: _(title) for role, title in ROLE_TITLES.items()})
    table = pd.DataFrame({_("Pseudonym"): group.people["speaker"], _("Role"): roles})
    for name in group.people.columns:
        if name not in PEOPLE:
            table[str(name).capitalize()] = group.people[name].fillna("")
    return table.assign(**{_("Turns"): group.people["speaker"].map(turns).fillna(0).astype(int)})


def held_words(held: date | None) -> str:
    """When a group was held."""
    return _("held on {day}").format(day=day(held)) if held else _("no date told")


def read_words(read: int, of: int) -> str:
    """How far the reading of a group went; themes are counted from what people read alone."""
    if not of:
        return _("There is no turn of a participant to read.")
    if read == of:
        return _("All {n} turns of participants were read.").format(n=count(of))
    told = _("{read} of {n} turns of participants were read. Themes are counted from these alone.")
    return told.format(read=count(read), n=count(of))
