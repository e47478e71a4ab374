"""Who is who in a transcript: spellings of one name, roles, and what a small table tells of each person.

Everything here is a proposal that a person looks at. Roles are guessed from the name that the file gives ("Moderator",
"Interviewer", "Sergeant Pell") and, where no name tells, from who asks most: whoever ends the largest share
of turns with a question mark, and at least a third of them, is proposed as the moderator.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

import pandas as pd
from rapidfuzz import fuzz

from trustsurvey.errors import SurveyError, some
from trustsurvey.focus_groups.heard import ROLES
from trustsurvey.model import SpeakerRole, Transcript
from trustsurvey.wording import fold

#: How alike two spellings of a name are (0 to 100, twice the letters in common over all), and such as sound the same.
ALIKE, SOUNDING = 80, 65
#: A speaker who asks in so large a share of turns is proposed as the moderator.
ASKS = 1 / 3
WORDS: dict[SpeakerRole, str] = {
    "moderator": r"moderator|mod|facilitator|interviewer|interview|host|chair|chairperson|int|moderatora|entrevistador",
    "officer": r"officer|sergeant|sgt|constable|pc|deputy|chief|detective|lieutenant|lt|captain|commander|inspector",
    "interpreter": r"interpreter|translator|int[ée]rprete|traductora?",
    "observer": r"observer|note ?taker|scribe|recorder",
}
_ROLE = {role: re.compile(rf"(?i)(?:^|[^\w])(?:{words})(?:$|[^\w]|\d)") for role, words in WORDS.items()}
#: Headings of the table of participants.
NAMES = ("speaker", "participant", "name", "person", "who")
ALSO = ("also", "alias", "other spelling", "other spellings", "also known as")
PSEUDONYMS: dict[SpeakerRole, str] = {
    "participant": "P", "moderator": "Moderator ", "officer": "Officer ", "interpreter": "Interpreter ",
    "observer": "Observer ",
}  # fmt: skip


@dataclass(frozen=True)
class Speaker:
    """One person as the file names them: ``name``, other ``spellings`` of it, role, and what is known of them."""

    name: str
    spellings: tuple[str, ...] = ()
    role: SpeakerRole = "participant"
    attributes: tuple[tuple[str, str], ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        """All that the file calls this person."""
        return (self.name, *self.spellings)


def proposed(transcript: Transcript) -> tuple[Speaker, ...]:
    """Everybody who speaks, in the order first heard, with a guess of the role; nothing is merged yet."""
    told = {name: role_of(name) for name in transcript.speakers}
    if "moderator" not in told.values() and len(told) > 1:
        asks = {name: _asks(transcript, name) for name in told if told[name] == "participant"}
        most = max(asks, key=asks.__getitem__, default=None)
        if most is not None and asks[most] >= ASKS:
            told[most] = "moderator"
    return tuple(Speaker(name, role=role) for name, role in told.items())


def role_of(name: str) -> SpeakerRole:
    """The role that a name tells, "participant" where it tells none."""
    return next((role for role, words in _ROLE.items() if words.search(name)), "participant")


def merges(transcript: Transcript) -> dict[str, str]:
    """Names that may be spellings of another one: name -> the name that is heard more often.

    Two are alike where one is the beginning of the other ("Mike", "Mike R."), or where they differ in few letters, in
    more if those are vowels ("Aisha", "Ayesha"). Names with different numbers, "Speaker 1" and "Speaker 2", are not.
    """
    heard = transcript.speakers
    ranked = sorted(heard, key=lambda name: (-heard[name], name))
    found: dict[str, str] = {}
    for at, name in enumerate(ranked):
        other = next((o for o in ranked[:at] if o not in found and alike(name, o)), None)
        if other is not None:
            found[name] = other
    return found


def alike(one: str, other: str) -> bool:
    """Whether two names may be spellings of one."""
    a, b = fold(one), fold(other)
    if re.findall(r"\d+", a) != re.findall(r"\d+", b):
        return False
    first, second = a.replace(".", " ").split(), b.replace(".", " ").split()
    if not first or not second:
        return False
    if a == b or _begins(first, second) or _begins(second, first):
        return True
    return len(first) == len(second) and all(map(_spelled, first, second))


def merged(people: Sequence[Speaker], same: dict[str, str]) -> tuple[Speaker, ...]:
    """The people with those made one that ``same`` names: name -> the person it is another spelling of."""
    heads = {person.name: person for person in people if person.name not in same}
    for name, head in same.items():
        final = _head(head, same)
        if final not in heads:
            raise SurveyError("who.merge", f"'{name}' is said to be '{head}', who is not in the transcript",
                              expected=some(heads, 12))  # fmt: skip
        spelled = next((person.spellings for person in people if person.name == name), ())
        heads[final] = replace(heads[final], spellings=(*heads[final].spellings, name, *spelled))
    return tuple(heads.values())


def with_table(people: Sequence[Speaker], table: pd.DataFrame, group: str = "") -> tuple[Speaker, ...]:
    """The people with role and attributes from a table, and those who were there and said nothing.

    One row a person: a column called one of :data:`NAMES`, perhaps one of :data:`ALSO` (other spellings, divided by
    semicolons) and "role"; every other column is an attribute. A second column of :data:`NAMES` ("name" beside
    "speaker") tells what the person is called too, and is never kept; a name of two people is no spelling of either.
    ``group``: only rows that say so in a column "group".
    SurveyError ``who.table`` without a column of names, ``who.role`` for a role that there is none of.
    """
    columns = {fold(str(column)): str(column) for column in table.columns}
    named = next((columns[name] for name in NAMES if name in columns), None)
    if named is None:
        raise SurveyError("who.table", "No column of the table says who is who", got=some(table.columns, 8),
                          expected=some(NAMES), hint="Call the column with the names 'speaker'.")  # fmt: skip
    if group and "group" in columns:
        table = table[table[columns["group"]].map(lambda value: fold(str(value)) == fold(group))]
    other = next((columns[name] for name in ALSO if name in columns), None)
    called = [columns[name] for name in NAMES if name in columns and columns[name] != named]
    shared = {name for column in called for name, n in Counter(map(fold, table[column].fillna("").astype(str))).items()
              if n > 1}  # fmt: skip
    told = {columns[name] for name in ("role", "group") if name in columns} | {named, other, *called}
    attributes = [str(column) for column in table.columns if str(column) not in told]
    known = {fold(name): person for person in people for name in person.names}
    made = {person.name: person for person in people}
    for number, row in enumerate(table.fillna("").to_dict("records"), start=2):
        cells = {str(key): str(value).strip() for key, value in row.items()}
        names = [cells[named], *(cells[other].split(";") if other else [])]
        names += [cells[column] for column in called if fold(cells[column]) not in shared]
        names = [name.strip() for name in names if name.strip()]
        if not names:
            continue
        found = list(dict.fromkeys(known[fold(name)].name for name in names if fold(name) in known))
        found = [name for name in found if name in made]
        person = made.get(found[0]) if found else None
        role = fold(cells.get(columns.get("role", ""), "")) or (person.role if person else role_of(names[0]))
        if role not in ROLES:
            raise SurveyError("who.role", "The role is not known", where=f"row {number}", got=f"'{role}'",
                              expected=some(ROLES))  # fmt: skip
        spellings = [name for one in found for name in made.pop(one).names]
        head = person.name if person else names[0]
        every = dict.fromkeys([*spellings, *names])
        every.pop(head, None)
        made[head] = Speaker(head, tuple(every), role, tuple((name, cells[name]) for name in attributes))
    place = {name: at for at, person in enumerate(people) for name in person.names}
    return tuple(sorted(made.values(), key=lambda person: min(place.get(name, len(place)) for name in person.names)))


def pseudonyms(people: Sequence[Speaker]) -> dict[str, str]:
    """A pseudonym for each person by name: "P1", "P2", "Moderator", "Officer 1"; the only one of a role has no number.

    In the order given, which is that in which they are first heard.
    """
    counts = {role: sum(person.role == role for person in people) for role in ROLES}
    seen, made = dict.fromkeys(ROLES, 0), {}
    for person in people:
        seen[person.role] += 1
        alone = person.role != "participant" and counts[person.role] == 1
        made[person.name] = (
            PSEUDONYMS[person.role].strip() if alone else f"{PSEUDONYMS[person.role]}{seen[person.role]}"
        )
    return made


def _spelled(one: str, other: str) -> bool:
    """Whether two words may be spellings of one; short ones have to be the same."""
    if one == other:
        return True
    if min(len(one), len(other)) < 4 or one[0] != other[0]:
        return False
    sound = max(len(one), len(other)) > 4 and _consonants(one) == _consonants(other)
    return fuzz.ratio(one, other) >= (SOUNDING if sound else ALIKE)


def _consonants(name: str) -> str:
    """What of a name is left when it is spelled otherwise: consonants, double ones once."""
    bare = re.sub(r"[aeiouyh]", "", name.replace("ph", "f").replace("ck", "k"))
    return re.sub(r"(.)\1+", r"\1", bare)


def _begins(short: list[str], long: list[str]) -> bool:
    """Whether the words of a name begin a longer one, its last an initial perhaps: "mike r" and "mike reyes"."""
    return (
        len(short) <= len(long)
        and short[:-1] == long[: len(short) - 1]
        and (
            short[-1] == long[len(short) - 1]
            or (len(short) > 1 and len(short[-1]) == 1 and long[len(short) - 1].startswith(short[-1]))
        )
    )


def _head(name: str, same: dict[str, str]) -> str:
    seen = {name}
    while name in same and same[name] not in seen:
        name = same[name]
        seen.add(name)
    return name


def _asks(transcript: Transcript, name: str) -> float:
    said = [turn.text.rstrip() for turn in transcript.turns if turn.speaker == name]
    return sum(text.endswith("?") for text in said) / len(said) if len(said) > 2 else 0.0
