"""Turns and themes of groups: what is refused, and who is a person."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from focus_groups import heard

from trustsurvey.errors import SurveyError
from trustsurvey.focus_groups.heard import Heard

LINES = [("A", "M", "Who was out?"), ("A", "P1", "I was", "a"), ("B", "P1", "Not me", "ab"), ("A", "", "Nor I", "b")]


def refused(code: str, **changed: object) -> None:
    with pytest.raises(SurveyError) as caught:
        replace(heard(LINES, "ab"), **changed)  # type: ignore[arg-type]
    assert caught.value.code == code


def test_people_are_pseudonyms_within_a_group_and_the_silent_are_listed() -> None:
    people = heard(LINES, "ab", A="P1 P2", C="P7").people
    assert people.to_numpy().tolist() == [
        ["A", "M", "moderator", 1], ["A", "P1", "participant", 1], ["A", "P2", "participant", 0],
        ["B", "P1", "participant", 1],
    ]  # fmt: skip


def test_groups_stand_in_the_order_in_which_they_were_held() -> None:
    assert heard([("late", "P1", "x"), ("early", "P1", "y"), ("late", "P1", "z")]).groups == ("late", "early")


def test_a_theme_is_raised_by_participants_named_or_not() -> None:
    found = heard([*LINES, ("B", "O1", "We were", "b"), ("C", "M", "And you?", "a")], "ab")
    assert found.raised.tolist() == [[True, True], [True, True], [False, False]]
    assert found.unnamed.tolist() == [[0, 1], [0, 0], [0, 0]]


def test_words_and_seconds() -> None:
    found = heard([("A", "P1", "I don't know [person 1], at 10:30"), ("A", "P1", "..."), ("A", "P1", "Was ich weiß")])
    assert found.words.tolist() == [7, 0, 3]
    times = replace(found, turns=found.turns.assign(start=[0.0, 5.0, 9.0], end=[4.5, np.nan, 8.0]))
    assert times.seconds[0] == 4.5
    assert np.isnan(times.seconds[1:]).all()


def test_what_cannot_be_is_refused() -> None:
    turns = heard(LINES).turns
    refused("heard.columns", turns=turns.drop(columns="text"))
    refused("heard.columns", present=pd.DataFrame({"group": ["A"]}))
    refused("heard.key", turns=turns.assign(key="t0"))
    refused("heard.text", turns=turns.assign(text=[1, None, "", ""]))
    refused("heard.role", turns=turns.assign(role="chair"))
    refused("heard.two-roles", turns=turns.assign(speaker="P1"))
    refused("heard.mentions", mentions=np.zeros((4, 3)))
    refused("heard.mentions", mentions=np.full((4, 2), np.nan))
    refused("heard.codes", codes=("a", "a"))


def test_no_turn_at_all() -> None:
    empty = Heard(heard(LINES).turns.iloc[:0], ("a",), np.zeros((0, 1)))
    assert empty.groups == ()
    assert len(empty.people) == 0
    assert empty.raised.shape == (0, 1)
