"""A transcript becomes a focus group that can be kept: names become pseudonyms, in what people say as well."""

from __future__ import annotations

import re
from collections.abc import Mapping as MappingType, Sequence
from dataclasses import replace
from datetime import date

import numpy as np
import pandas as pd

from trustsurvey.errors import SurveyError
from trustsurvey.focus_groups.conversation import TURNS, Conversation
from trustsurvey.focus_groups.who import Speaker, pseudonyms, role_of
from trustsurvey.model import Study, Transcript
from trustsurvey.store import CollectionRecord
from trustsurvey.text.redact import Replacement, rebuilt, redact
from trustsurvey.text.redact.apply import Redacted
from trustsurvey.voices.elsewhere import Words
from trustsurvey.voices.hearing import keyed, places
from trustsurvey.voices.redaction import stored

#: Between two turns, while names are looked for in all that was said together: the same person has one label then.
BETWEEN = "\n\n"


def kept(
    transcript: Transcript, people: Sequence[Speaker], name: str, digest: str, study: Study, key: bytes,
    held: date | None = None,
) -> Words:  # fmt: skip
    """A focus group for the store: its record and its turns, redacted and under pseudonyms; nothing as it was spoken.

    ``people``: everybody, with all spellings that the file uses; a speaker who is nobody's spelling is refused
    (SurveyError ``who.stranger``). Names of those who took part become their pseudonyms wherever they stand,
    "[P3]"; other names and numbers go as in open answers, the same person under one label throughout.
    """
    known = {spelling: person for person in people for spelling in person.names}
    strangers = [speaker for speaker in transcript.speakers if speaker not in known]
    if strangers:
        raise SurveyError("who.stranger", f"Nobody is said to be '{strangers[0]}'", where=transcript.source,
                          hint="Say for every speaker who it is.")  # fmt: skip
    labels = pseudonyms(people)
    turns = transcript.turns
    rows = [
        (labels[known[turn.speaker].name], known[turn.speaker].role) if turn.speaker else ("", "participant")
        for turn in turns
    ]
    written = [turn.text for turn in turns]
    made = taken_out(written, {name: labels[person.name] for name, person in known.items()}, places(study))
    frame = pd.DataFrame(
        {
            "key": keyed(key, [f"{digest}\x1f{at}" for at in range(len(turns))], written),
            "speaker": [speaker for speaker, _ in rows],
            "role": [role for _, role in rows],
            "text": [one.text for one in made],
            "replaced": [stored(one.replacements) for one in made],
            "start": np.array([np.nan if turn.start is None else turn.start for turn in turns], dtype=float),
            "end": np.array([np.nan if turn.end is None else turn.end for turn in turns], dtype=float),
            "line": [turn.line for turn in turns],
        },
        columns=list(TURNS),
    )
    told = list(dict.fromkeys(name for person in people for name, _ in person.attributes))
    listed = [
        {"speaker": labels[person.name], "role": person.role} | dict.fromkeys(told, "") | dict(person.attributes)
        for person in people
    ]
    group = Conversation(name, frame, pd.DataFrame(listed, columns=["speaker", "role", *told]), held,
                         transcript.layout, transcript.counted, transcript.clock)  # fmt: skip
    nothing = pd.DataFrame({"key": pd.Series(dtype=str), "text": pd.Series(dtype=str)})
    return Words(CollectionRecord(name, "transcript", transcript.source, digest, group.about), frame, nothing)


def taken_out(texts: Sequence[str], labels: MappingType[str, str], keep: Sequence[str]) -> list[Redacted]:
    """Texts of one conversation with names taken out; ``labels``: the pseudonym of everybody who took part, by name."""
    whole = BETWEEN.join(texts)
    here = _mentioned(whole, labels)
    found = [r for r in redact(whole, keep).replacements if not any(r.start < b and a < r.end for a, b, _ in here)]
    found += [Replacement(start, end, "participant", f"[{label}]") for start, end, label in here]
    made, at = [], 0
    ordered = sorted(found, key=lambda one: one.start)
    for text in texts:
        end = at + len(text)
        mine = [replace(r, start=max(r.start, at) - at, end=min(r.end, end) - at) for r in ordered
                if r.start < end and at < r.end]  # fmt: skip
        made.append(rebuilt(text, mine))
        at = end + len(BETWEEN)
    return made


def _mentioned(text: str, labels: MappingType[str, str]) -> list[tuple[int, int, str]]:
    """Where those who took part are named: by all of a name, or by one of its words that is nobody else's."""
    forms: dict[str, set[str]] = {}
    for name, label in labels.items():
        words = re.findall(r"[^\W\d_]+(?:['\u2019-][^\W\d_]+)*", name)
        # "Speaker 1", "Moderator" are no names; "Sergeant Pell" is Pell.
        words = [word for word in words if role_of(word) == "participant" and word.casefold() not in NO_NAMES]
        for form in {" ".join(words), *words}:
            if len(form) > 1:
                forms.setdefault(form, set()).add(label)
    clear = {form: next(iter(of)) for form, of in forms.items() if len(of) == 1}
    if not clear:
        return []
    listed = "|".join(re.escape(form) for form in sorted(clear, key=len, reverse=True))
    # Names in capitals too, but not in small letters: "will" and "may" are words.
    pattern = re.compile(rf"(?<!\w)(?:{listed}|{listed.upper()})(?!\w)")
    upper = {form.upper(): label for form, label in clear.items()} | clear
    return [(m.start(), m.end(), upper[m.group()]) for m in pattern.finditer(text) if m.group() in upper]


#: What a file calls people whose names it does not know.
NO_NAMES = {
    "speaker", "participant", "person", "resident", "respondent", "unknown", "male", "female", "man", "woman", "voice",
    "mr", "mrs", "ms", "miss", "dr", "the", "and", "of", "guest", "user", "attendee",
}  # fmt: skip
