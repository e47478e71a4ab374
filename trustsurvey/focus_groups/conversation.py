"""A focus group as it is kept: pseudonyms for people, turns with names taken out, and where each stands in the file."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import Any

import pandas as pd

from trustsurvey.language import N_, _
from trustsurvey.model import Counted
from trustsurvey.store import CollectionRecord
from trustsurvey.wording import figure

#: Columns of the turns, and those of people that are no attributes.
TURNS = ("key", "speaker", "role", "text", "replaced", "start", "end", "line")
PEOPLE = ("speaker", "role")
#: Where a turn stands in its file.
PLACES: dict[Counted, str] = {
    "line": N_("line {n}"), "paragraph": N_("paragraph {n}"), "row": N_("row {n}"), "segment": N_("segment {n}"),
}  # fmt: skip


@dataclass(frozen=True, eq=False)
class Conversation:
    """One focus group.

    ``turns``: a row a turn, columns :data:`TURNS`: key, speaker (pseudonym, "" where nobody knows), role, text
    (redacted), replaced (JSON), start, end (seconds, NaN), line (place in the file, in ``counted``). ``people``: a row
    for everybody who was there, speaker, role and the attributes that were told of them, as text.
    """

    name: str
    turns: pd.DataFrame
    people: pd.DataFrame
    held: date | None = None
    layout: str = ""
    counted: Counted = "line"
    clock: bool = False
    memo: str = ""
    withdrawn: tuple[str, ...] = field(default=())

    @property
    def attributes(self) -> tuple[str, ...]:
        """What is known of people besides their role."""
        return tuple(str(name) for name in self.people.columns if name not in PEOPLE)

    @property
    def about(self) -> dict[str, Any]:
        """All but the turns as plain values, for the store."""
        return {
            "held": self.held.isoformat() if self.held else "",
            "layout": self.layout,
            "counted": self.counted,
            "clock": self.clock,
            "memo": self.memo,
            "withdrawn": list(self.withdrawn),
            "people": self.people.to_dict("records"),
            "attributes": list(self.attributes),
        }

    @classmethod
    def of(cls, record: CollectionRecord, turns: pd.DataFrame) -> Conversation:
        """A stored one."""
        about = record.about
        people = pd.DataFrame(about["people"], columns=[*PEOPLE, *about["attributes"]]).astype(object)
        held = date.fromisoformat(about["held"]) if about["held"] else None
        return cls(record.name, turns, people, held, about["layout"], about["counted"], about["clock"],
                   about["memo"], tuple(about["withdrawn"]))  # fmt: skip

    def place(self, row: int) -> str:
        """Where a turn stands, for a quote: its time where there is one, and its line, row or paragraph in the file."""
        turn = self.turns.iloc[row]
        told = _(PLACES[self.counted]).format(n=figure(int(turn["line"])))
        return f"{clock(float(turn['start']))}, {told}" if pd.notna(turn["start"]) else told


def clock(seconds: float) -> str:
    """Seconds as "1:02:09" or "2:09"."""
    whole = int(seconds)
    minutes, rest = divmod(whole, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"
