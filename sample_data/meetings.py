"""Focus groups in Riverton: written by hand in focus_groups/scripts, timed here, rendered by layouts.py.

A script has a heading in YAML and a line a turn: ``Name [codes]: what was said``. A code ends in "+" where it is
praised, "-" where it is blamed, "!" where a change is asked for; "*" begins what no code of the codebook covers.
``(pause 90)`` stands for as many seconds in which nobody speaks.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property, lru_cache
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import yaml

from sample_data.city import SEED
from sample_data.layouts import LAYOUTS

MEETINGS_STREAM = 3
FOLDER = Path(__file__).with_name("focus_groups")
SCRIPTS = FOLDER / "scripts"
#: The groups in the order in which they met.
GROUPS = ("northside", "harbour", "young", "uplands", "traders", "contact")

LINE = re.compile(r"(?P<who>[^:\[\]()]+?)(?: \[(?P<codes>[^\]]*)\])?: (?P<say>\S.*)")
PAUSE = re.compile(r"\(pause (\d+)\)")
STANCES = {"+": "positive", "-": "negative", "!": "suggestion"}
ATTRIBUTES = ("district", "neighbourhood", "age", "sex", "ethnicity", "contact")

#: Words a second of somebody who has no pace of their own, and how much it varies from turn to turn.
PACE, VARIES = 1.9, 0.12
#: Seconds before a turn: of a word or two thrown in, of an answer to the moderator, of any other turn.
THROWN_IN, ANSWERING, FOLLOWING = 0.5, 3.0, 1.6
FEW = 4


@dataclass(frozen=True)
class Person:
    """Somebody in the room. ``also``: other spellings of the name in the transcript."""

    name: str
    role: str
    also: tuple[str, ...]
    pace: float
    attributes: dict[str, str]


@dataclass(frozen=True)
class Said:
    """A turn of a script: who as the transcript spells it, what, and what a person reads in it.

    ``codes`` are pairs of code and stance ("" for none), ``beyond`` what no code covers, ``after`` the seconds of
    a pause before it.
    """

    who: str
    text: str
    codes: tuple[tuple[str, str], ...] = ()
    beyond: tuple[str, ...] = ()
    after: float = 0.0


@dataclass(frozen=True)
class Meeting:
    """One focus group: heading, people and turns of its script."""

    group: str
    title: str
    held: datetime
    place: str
    layout: str
    file: str
    people: dict[str, Person]
    turns: tuple[Said, ...]

    @cached_property
    def names(self) -> dict[str, Person]:
        """Everybody by each spelling of their name."""
        return {name: person for person in self.people.values() for name in (person.name, *person.also)}

    @cached_property
    def times(self) -> list[tuple[float, float]]:
        """Beginning and end of each turn, in seconds from the beginning of the recording."""
        rng = np.random.default_rng([SEED, MEETINGS_STREAM, GROUPS.index(self.group)])
        now, spans, before = 2.0, [], ""
        for turn in self.turns:
            person, words = self.names[turn.who], len(turn.text.split())
            usual = THROWN_IN if words <= FEW else ANSWERING if before == "moderator" else FOLLOWING
            start = now + turn.after + 0.1 + float(rng.exponential(usual))
            end = start + 0.3 + words / (person.pace * float(np.exp(rng.normal(0, VARIES))))
            spans.append((round(start, 2), round(end, 2)))
            now, before = end, person.role
        return spans

    @cached_property
    def labels(self) -> dict[str, str]:
        """The label of each spelling in the file: itself, or a number where the transcriber knew no names."""
        if not LAYOUTS[self.layout].numbered:
            return {name: name for name in self.names}
        heard = list(dict.fromkeys(self.names[turn.who].name for turn in self.turns))
        return {name: f"SPEAKER_{heard.index(person.name):02d}" for name, person in self.names.items()}

    def rendered(self) -> str:
        """The transcript as the tool writes it."""
        turns = [(self.labels[t.who], t.text, *span) for t, span in zip(self.turns, self.times, strict=True)]
        return LAYOUTS[self.layout].render(turns, self.held)


@lru_cache
def meeting(group: str) -> Meeting:
    """The script of a group, read and checked; ``ValueError`` for a line that is none."""
    heading, _, body = (SCRIPTS / f"{group}.txt").read_text(encoding="utf-8").partition("\n---\n")
    about = yaml.safe_load(heading)
    people = {name: _person(name, about.get("pace", PACE), entry) for name, entry in about["people"].items()}
    found = Meeting(
        about["group"], about["title"], datetime.fromisoformat(str(about["held"])), about["place"], about["layout"],
        about["file"], people, tuple(_turns(body, group)),
    )  # fmt: skip
    if unknown := {turn.who for turn in found.turns} - set(found.names):
        raise ValueError(f"{group}: nobody is called {sorted(unknown)}")
    if twice := [b.text for a, b in pairwise(found.turns) if found.names[a.who] == found.names[b.who]]:
        raise ValueError(f"{group}: one person twice in a row: {twice}")
    return found


def meetings() -> Iterator[Meeting]:
    """All groups, in the order in which they met."""
    return map(meeting, GROUPS)


def participants() -> pd.DataFrame:
    """Everybody in the six rooms: the label in the file, other spellings, name, role and attributes."""
    rows = [
        {
            "group": held.group,
            "speaker": held.labels[person.name],
            "also": ";".join(name for name in person.also if held.labels[name] == name),
            "name": person.name,
            "role": person.role,
        }
        | {key: person.attributes.get(key, "") for key in ATTRIBUTES}
        for held in meetings()
        for person in held.people.values()
    ]
    return pd.DataFrame(rows)


def readings() -> pd.DataFrame:
    """What a person reads in each turn of a resident; ``turn`` counts all turns of the group from 1."""
    rows = [
        {
            "group": held.group,
            "turn": position,
            "speaker": held.labels[turn.who],
            "codes": ";".join(code for code, _ in turn.codes),
            "stances": ";".join(stance for _, stance in turn.codes),
            "beyond": ";".join(turn.beyond),
        }
        for held in meetings()
        for position, turn in enumerate(held.turns, 1)
        if held.names[turn.who].role == "participant"
    ]
    return pd.DataFrame(rows)


def groups() -> pd.DataFrame:
    """When and where each group met, its file, layout and length."""
    rows = [
        {
            "group": held.group,
            "title": held.title,
            "held": held.held.isoformat(" ", "minutes"),
            "place": held.place,
            "file": held.file,
            "layout": held.layout,
            "turns": len(held.turns),
            "minutes": round(held.times[-1][1] / 60),
        }
        for held in meetings()
    ]
    return pd.DataFrame(rows)


def write(folder: Path) -> None:
    """Write the six transcripts, groups.csv, participants.csv and readings_groups.csv."""
    folder.mkdir(parents=True, exist_ok=True)
    for held in meetings():
        (folder / held.file).write_text(held.rendered(), encoding="utf-8", newline="\n")
    for name, table in (("groups", groups()), ("participants", participants()), ("readings_groups", readings())):
        table.to_csv(folder / f"{name}.csv", index=False, lineterminator="\n")


def _person(name: str, pace: float, entry: dict[str, Any]) -> Person:
    attributes = {key: str(entry[key]) for key in ATTRIBUTES if key in entry}
    own = float(entry.get("pace", pace))
    return Person(name, entry.get("role", "participant"), tuple(entry.get("also", ())), own, attributes)


def _turns(body: str, group: str) -> Iterator[Said]:
    """The turns of a script; a pause is kept with the turn that ends it."""
    after = 0.0
    for line in filter(None, map(str.strip, body.splitlines())):
        if pause := PAUSE.fullmatch(line):
            after += float(pause[1])
            continue
        turn = LINE.fullmatch(line)
        if not turn:
            raise ValueError(f"{group}: no turn: {line[:60]}")
        marks = (turn["codes"] or "").split()
        codes = tuple((mark.rstrip("+-!"), STANCES.get(mark[-1], "")) for mark in marks if mark[0] != "*")
        beyond = tuple(mark[1:] for mark in marks if mark[0] == "*")
        yield Said(turn["who"], turn["say"], codes, beyond, after)
        after = 0.0
