"""Groups written for tests: turns as short lines, and drawn ones for laws."""

from __future__ import annotations

from collections.abc import Sequence

import builders  # noqa: F401  sets the same examples on every run
import numpy as np
import pandas as pd
from hypothesis import strategies as st

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


@st.composite
def drawn(draw: st.DrawFn, most: int = 40, codes: str = "abc") -> Heard:
    """Up to four groups of people of any role, with any themes; turns of groups may lie between each other."""
    speakers = st.sampled_from(["M", "P1", "P2", "P3", "O1", "I", "W", ""])
    letters = st.sets(st.sampled_from(codes)).map(lambda chosen: "".join(sorted(chosen)))
    texts = st.sampled_from(["", "Exactly.", "I agree, but not at night", "They come late", "[person 1] came at 10:30"])
    line = st.tuples(st.sampled_from("ABCD"), speakers, texts, letters)
    return heard(draw(st.lists(line, min_size=1, max_size=most)), codes, A="P1 P2 P9", E="P1")
