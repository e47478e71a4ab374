"""What groups say, in tables and sentences: people and groups, never shares of residents."""

from __future__ import annotations

import numpy as np
import pandas as pd

from trustsurvey.focus_groups.heard import Heard
from trustsurvey.focus_groups.saturation import emergence
from trustsurvey.focus_groups.talk import talk_shares
from trustsurvey.model import Code, Codebook
from trustsurvey.present import groups as present

BOOK = Codebook(
    "b", (Code("desk", "Desk"), Code("hours", "Hours", "desk"), Code("bias", "Bias"), Code("nothing", "No"))
)


def heard() -> Heard:
    """Two groups: everybody of the first speaks of the desk, nobody of the second; one is silent."""
    rows = [("A", "Moderator", "moderator"), ("A", "P1", "participant"), ("A", "P2", "participant"),
            ("A", "P1", "participant"), ("B", "P1", "participant"), ("B", "P2", "participant")]  # fmt: skip
    turns = pd.DataFrame(rows, columns=["group", "speaker", "role"]).assign(
        key=[str(at) for at in range(6)], text=["Well?", "The desk is shut.", "Yes.", "It is.", "No idea.", "None."],
        start=np.nan, end=np.nan,
    )  # fmt: skip
    mentions = np.zeros((6, 4))
    mentions[[1, 2, 3], 0] = 1
    mentions[1, 1] = mentions[5, 2] = 1
    present_ = pd.DataFrame([("A", "P3", "participant")], columns=["group", "speaker", "role"])
    return Heard(turns, tuple(BOOK.keys), mentions, present_)


def test_themes_are_counted_in_people_of_those_who_came() -> None:
    table = present.theme_table(heard(), BOOK).set_index("Theme")
    assert table.index.tolist() == ["Desk", "\u203a Hours", "Bias"]
    assert table.loc["Desk"].tolist() == ["1 of 2", "2 of 3", ""]
    assert table.loc["Bias"].tolist() == ["1 of 2", "", "1 of 2"]


def test_turns_of_each_person() -> None:
    table = present.person_table(heard(), BOOK, "A").set_index("Theme")
    assert table.loc["Desk", ["P1", "P2", "P3"]].tolist() == ["2", "1", ""]


def test_who_was_not_heard_is_named() -> None:
    told = " ".join(present.talk_words(heard(), talk_shares(heard()), "A"))
    assert "P3 said nothing: ask them again, in another way." in told
    assert "The moderator spoke" in told
    table = present.talk_table(talk_shares(heard()), "A")
    assert "Minutes" not in table  # no times
    assert table.set_index("Who").loc["P1", ["Turns", "Words"]].tolist() == [2, 6]


def test_who_follows_whom_and_what_came_up_first() -> None:
    table = present.answer_table(heard(), "A").set_index("Before")
    assert table.loc["Moderator", "P1"] == "1"
    assert table.loc["P1", "P2"] == "1"
    first = present.emergence_table(emergence(heard()), BOOK)
    assert first.iloc[0].tolist() == ["Desk", "A", 2, "P1"]


def test_main_themes_are_counted_once_and_no_comment_is_none() -> None:
    assert present.alone(BOOK) == ["desk", "bias"]
    assert present.titles(BOOK)["hours"] == "Desk \u203a Hours"


def test_sentences() -> None:
    assert present.unquoted_words(()) == ""
    assert present.unquoted_words(("A", "B", "C")).startswith("It was raised in A, B and C as well;")
    assert present.basis_words(1, 8) == "One group, 8 people who took part."
