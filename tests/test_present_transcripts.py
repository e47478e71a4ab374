"""What was understood of a transcript, in sentences and tables."""

from __future__ import annotations

from datetime import date

import numpy as np
import pandas as pd
from test_focus_groups_who import spoken

from trustsurvey.focus_groups.conversation import Conversation
from trustsurvey.focus_groups.who import merges, proposed
from trustsurvey.model import Transcript, Turn
from trustsurvey.present.transcripts import (
    held_words,
    kept_words,
    people_table,
    read_words,
    speaker_table,
    understood_words,
)


def test_what_was_understood() -> None:
    timed = Transcript("a.srt", "srt", (Turn("Hm.", "Kim", 3.0, 65.0, 1), Turn("No.", "Lee", 70.0, None, 2)))
    assert understood_words(timed) == (
        "Read as: SubRip (Otter, Whisper and others). Two turns of two speakers. From 0:03 to 1:10."
    )
    nobody = Transcript("a.txt", "unnamed", (Turn("Hm.", line=1),))
    assert understood_words(nobody) == (
        "Read as: Text without speakers. One turn; the file does not say who speaks. It has no times."
    )


def test_who_is_who_is_proposed() -> None:
    talk = spoken("Aisha: a", "Aisha: b", "Ayesha: c", "Moderator: d")
    table = speaker_table(talk, proposed(talk), merges(talk)).set_index("In the file")
    assert table.loc["Ayesha", "The same person as"] == "Aisha"
    assert table["Turns"].to_dict() == {"Aisha": 2, "Ayesha": 1, "Moderator": 1}
    assert table.loc["Moderator", "Role"] == "Moderator"


def test_people_and_how_far_reading_went() -> None:
    turns = pd.DataFrame({"key": ["1", "2"], "speaker": ["P1", "P1"], "role": "participant", "text": "x",
                          "replaced": "[]", "start": np.nan, "end": np.nan, "line": [1, 2]})  # fmt: skip
    people = pd.DataFrame({"speaker": ["P1", "P2"], "role": ["participant"] * 2, "age": ["30", ""]})
    group = Conversation("Group", turns, people)
    assert kept_words(group).startswith("Group is kept: two turns, two participants.")
    assert people_table(group)[["Pseudonym", "Age", "Turns"]].to_numpy().tolist() == [["P1", "30", 2], ["P2", "", 0]]
    assert held_words(date(2026, 4, 3)) == "held on 3 April 2026"
    assert held_words(None) == "no date told"
    assert read_words(0, 0) == "There is no turn of a participant to read."
    assert read_words(1, 2).startswith("1 of 2 turns of participants were read.")
    assert read_words(1_234, 1_234) == "All 1,234 turns of participants were read."
