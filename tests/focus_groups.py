"""Groups written for tests: turns as short lines, and drawn ones for laws."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import builders  # noqa: F401  sets the same examples on every run
import numpy as np
import pandas as pd
from hypothesis import strategies as st

from trustsurvey.focus_groups.conversation import TURNS, Conversation
from trustsurvey.focus_groups.heard import Heard

#: What the first letter of a pseudonym stands for in these tests.
ROLE = {"M": "moderator", "P": "participant", "O": "officer", "I": "interpreter", "W": "observer", "": "participant"}


def heard(lines: Sequence[tuple[str, str, str] | tuple[str, str, str, str]], codes: str = "", **present: str) -> Heard:
    """Turns from (group, speaker, text) or (group, speaker, text, letters of the codes it mentions).

    ``codes``: a letter each. ``present``: by group, the pseudonyms of those who were there.
    """
    turns = pd.DataFrame([line[:3] for line in lines], columns=["group", "speaker", "text"], dtype=object)
    turns["role"] = [ROLE[speaker[:1]] for speaker in turns["speaker"]]
    turns["key"] = [f"t{k}" for k in range(len(turns))]
    turns["start"] = turns["end"] = np.nan
    mentions = np.array([[code in "".join(line[3:]) for code in codes] for line in lines], dtype=bool)
    there = [(group, name, ROLE[name[:1]]) for group, names in present.items() for name in names.split()]
    listed = pd.DataFrame(there, columns=["group", "speaker", "role"], dtype=object) if there else None
    return Heard(turns, tuple(codes), mentions.reshape(len(lines), len(codes)), listed)


def conversation(
    name: str, lines: Sequence[tuple[str, str] | tuple[str, str, float]], held: date | None = None, **told: str
) -> Conversation:
    """A focus group from (speaker, text) or (speaker, text, start in seconds); ``told``: an area by pseudonym."""
    rows = [
        (f"{name} {k}", who, ROLE[who[:1]], text, "[]", *(rest or (np.nan,)), np.nan, k)
        for k, (who, text, *rest) in enumerate(lines, start=1)
    ]
    people = [(who, ROLE[who[:1]], told.get(who, "")) for who in dict.fromkeys(line[0] for line in lines) if who]
    return Conversation(
        name, pd.DataFrame(rows, columns=list(TURNS)), pd.DataFrame(people, columns=["speaker", "role", "area"]), held
    )


@st.composite
def drawn(draw: st.DrawFn, most: int = 40, codes: str = "abc") -> Heard:
    """Up to four groups of people of any role, with any themes; turns of groups may lie between each other."""
    speakers = st.sampled_from(["M", "P1", "P2", "P3", "O1", "I", "W", ""])
    letters = st.sets(st.sampled_from(codes)).map(lambda chosen: "".join(sorted(chosen)))
    texts = st.sampled_from(["", "Exactly.", "I agree, but not at night", "They come late", "[person 1] came at 10:30"])
    line = st.tuples(st.sampled_from("ABCD"), speakers, texts, letters)
    return heard(draw(st.lists(line, min_size=1, max_size=most)), codes, A="P1 P2 P9", E="P1")
