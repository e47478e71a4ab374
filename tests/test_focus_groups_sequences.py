"""Sequences: who follows whom, who talks with whom, and how turns begin."""

from __future__ import annotations

import numpy as np
import pytest
from focus_groups import drawn, heard
from hypothesis import given, settings, strategies as st

from trustsurvey.focus_groups.heard import Heard
from trustsurvey.focus_groups.sequences import answered, english, exchanges, floors, follows, who_answers_whom

FOUND = heard(
    [
        ("A", "M", "Who sees patrols?"), ("A", "P1", "Never."), ("A", "P2", "Exactly."), ("B", "P1", "Hello"),
        ("A", "P2", "Not one."), ("A", "I", "He says no"), ("A", "M2", "And you?"), ("A", "P3", "I do"),
        ("A", "M", "When?"), ("A", "P3", "At night"), ("A", "O1", "So you do"), ("A", "P1", "Well"), ("A", "", "Hm"),
        ("A", "P2", "True"),
    ]
)  # fmt: skip


def test_turns_in_a_row_are_one_and_interpreters_are_passed_over() -> None:
    assert [(f.speaker, f.first, f.last) for f in floors(FOUND) if f.group == "A"] == [
        ("moderator", 0, 0), ("P1", 1, 1), ("P2", 2, 4), ("moderator", 6, 6), ("P3", 7, 7), ("moderator", 8, 8),
        ("P3", 9, 9), ("O1", 10, 10), ("P1", 11, 11), ("unnamed", 12, 12), ("P2", 13, 13),
    ]  # fmt: skip


def test_who_answers_whom_by_hand() -> None:
    table = who_answers_whom(FOUND, "A")
    assert list(table.index) == list(table.columns) == ["moderator", "P1", "P2", "P3", "O1", "unnamed"]
    assert table.loc["moderator"].tolist() == [0, 1, 0, 2, 0, 0]
    assert table.loc["P3"].tolist() == [1, 0, 0, 0, 1, 0]
    assert table.to_numpy().sum() == 10
    assert who_answers_whom(FOUND, "B").to_numpy().tolist() == [[0]]


def test_exchanges_by_hand() -> None:
    a, b = exchanges(FOUND).to_dict("records")
    assert (a["direct"], a["through"], a["probed"], a["with_officers"]) == (1, 1, 1, 2)
    assert a["share"] == 0.5
    assert (a["longest"], a["longest_people"], a["longest_key"]) == (3, 3, "t9")
    assert np.isnan(b["share"])
    assert (b["longest"], b["longest_people"]) == (1, 1)


@pytest.mark.parametrize(
    ("text", "kind", "marker"),
    [
        ("Exactly, every night", "agree", "exactly"),
        ("Yeah, no, I agree with her", "agree", "i agree"),
        ("Same here.", "agree", "same here"),
        ("True. I saw it", "agree", "true"),
        ("So do I", "agree", "so do i"),
        ("I don\u2019t see it like that at all", "disagree", "i don't see it like that"),
        ("Yes, but who pays?", "disagree", "yes but"),
        ("But who pays?", "", ""),
        ("Well, absolutely not", "disagree", "absolutely not"),
        ("I agree, but not at night", "both", "i agree but"),
        ("[person 1], that's not true", "disagree", "that's not true"),
        ("I think they come late", "", ""),
        ("They exactly know it", "", ""),
        ("Yes", "", ""),
        ("", "", ""),
    ],
)
def test_how_a_turn_begins(text: str, kind: str, marker: str) -> None:
    assert english().read(text) == (kind, marker)


def test_every_marker_is_read_as_what_it_is_listed_as() -> None:
    markers = english()
    assert len(markers.kinds) > 80
    for phrase, kind in markers.kinds.items():
        assert markers.read(" ".join(phrase).capitalize() + ".") == (kind, " ".join(phrase))


def test_themes_are_those_of_the_turns_answered() -> None:
    found = heard(
        [
            ("A", "P1", "Never seen one", "a"), ("A", "P1", "And they are rude", "b"), ("A", "P2", "Exactly"),
            ("A", "P3", "Yes, but mine was kind", "a"), ("A", "M", "You all?", "a"), ("A", "P4", "Exactly"),
            ("A", "O1", "We come", "a"), ("A", "P4", "Not true", "a"), ("B", "P1", "Never", "a"),
            ("B", "P2", "Same here"), ("B", "", "Late", "a"), ("B", "P1", "Exactly"), ("B", "P3", "True", "a"),
            ("B", "P2", "Me too"),
        ],
        "abc",
    )  # fmt: skip
    result = answered(found)
    assert result.answers[["key", "to_key", "to_role", "kind"]].to_numpy().tolist() == [
        ["t2", "t1", "participant", "agree"], ["t3", "t2", "participant", "disagree"],
        ["t7", "t6", "officer", "disagree"], ["t9", "t8", "participant", "agree"],
        ["t12", "t11", "participant", "agree"], ["t13", "t12", "participant", "agree"],
    ]  # fmt: skip
    assert result.themes.to_numpy().tolist() == [
        ["a", 3, 0, 0, 2, 2, "too few to say"], ["b", 1, 0, 0, 1, 1, "too few to say"],
        ["c", 0, 0, 0, 0, 0, "too few to say"],
    ]  # fmt: skip
    assert "read the places" in result.note


@pytest.mark.parametrize(
    ("starts", "told"),
    [
        (("Exactly", "True", "Same here"), "mostly agreed"),
        (("I disagree", "Yes, but", "True"), "mostly disputed"),
        (("I agree, but", "Exactly", "Not true"), "agreed and disputed"),
    ],
)
def test_what_is_told_of_a_theme(starts: tuple[str, str, str], told: str) -> None:
    lines = [line for k, s in enumerate(starts, 2) for line in [("A", "P1", "Late", "a"), ("A", f"P{k}", s)]]
    assert answered(heard(lines, "a")).themes["told"].tolist() == [told]


@settings(max_examples=25)
@given(drawn())
def test_laws(found: Heard) -> None:
    every, pairs, groups = floors(found), follows(found), exchanges(found)
    spoken = found.turns["role"] != "interpreter"
    assert len(every) <= spoken.sum()
    assert pairs["times"].sum() == len(every) - found.turns.loc[spoken, "group"].nunique()
    assert not ((pairs["before"] == pairs["after"]) & (pairs["before"] != "unnamed")
                & (pairs["before_role"] == pairs["after_role"])).any()  # fmt: skip
    for group in found.groups:
        assert who_answers_whom(found, group).to_numpy().sum() == pairs.loc[pairs["group"] == group, "times"].sum()
    assert (groups["longest_people"] <= groups["longest"]).all()
    assert groups["share"].dropna().between(0, 1).all()
    result = answered(found)
    assert (result.answers["speaker"] != result.answers["to"]).all()
    marked = result.themes[["agreed", "disputed", "mixed"]].sum(axis=1)
    assert (result.themes["people"] <= marked).all()


@given(st.text(max_size=60))
def test_any_text_is_read(text: str) -> None:
    kind, marker = english().read(text)
    assert kind in ("", "agree", "disagree", "both")
    assert bool(kind) == bool(marker)
