"""Themes by group and by participant: people are counted, not times."""

from __future__ import annotations

import numpy as np
import pandas as pd
from focus_groups import drawn, heard
from hypothesis import given, settings

from trustsurvey.focus_groups.heard import Heard
from trustsurvey.focus_groups.matrix import by_group, by_participant, by_theme

FOUND = heard(
    [
        ("A", "M", "What about patrols?", "a"), ("A", "P1", "Never seen one", "a"), ("A", "P1", "Never", "a"),
        ("A", "P2", "Me neither", "a"), ("A", "O1", "There are two", "a"), ("B", "I", "He says no", "a"),
        ("B", "P4", "Ja", "b"), ("C", "", "Patrols, what patrols", "a"), ("C", "W", "Hm", "b"),
    ],
    "ab", A="P3", B="P5",
)  # fmt: skip


def test_by_hand() -> None:
    table = by_group(FOUND)
    assert table.to_numpy().tolist() == [
        ["a", "A", 2, 3, 1, 0, True], ["a", "B", 0, 2, 0, 0, False], ["a", "C", 0, 0, 0, 1, True],
        ["b", "A", 0, 3, 0, 0, False], ["b", "B", 1, 2, 0, 0, True], ["b", "C", 0, 0, 0, 0, False],
    ]  # fmt: skip
    assert by_theme(FOUND).to_numpy().tolist() == [["a", 2, 3, 2, 5, 1], ["b", 1, 3, 1, 5, 0]]
    rows = by_participant(FOUND).set_index(["group", "speaker", "code"])
    assert len(rows) == 10
    assert rows.loc[("A", "P1", "a")].tolist() == [1, 2]
    assert rows.loc[("A", "P3", "a")].tolist() == [0, 0]


def test_without_themes_there_are_no_rows() -> None:
    none = heard([("A", "P1", "Well")])
    assert len(by_group(none)) == len(by_theme(none)) == len(by_participant(none)) == 0
    assert list(by_theme(none)) == list(by_theme(FOUND))


@settings(max_examples=25)
@given(drawn())
def test_the_three_tables_tell_the_same(found: Heard) -> None:
    groups, themes, people = by_group(found), by_theme(found), by_participant(found)
    assert (groups["people"] <= groups["present"]).all()
    assert (groups["raised"] == ((groups["people"] > 0) | (groups["unnamed"] > 0))).all()
    assert themes["people"].tolist() == people.groupby("code", sort=False)["raised"].sum().tolist() or people.empty
    assert (themes["groups"] <= themes["of_groups"]).all()
    named = found.by_residents & found.named
    assert people["turns"].sum() == found.mentions[named].sum()  # type: ignore[index]


@settings(max_examples=25)
@given(drawn())
def test_saying_it_again_changes_no_number_of_people(found: Heard) -> None:
    again = found.turns.assign(key=found.turns["key"] + " again")
    twice = Heard(
        pd.concat([found.turns, again]), found.codes, np.vstack([found.mentions, found.mentions]), found.present
    )  # type: ignore[operator]
    columns = ["code", "group", "people", "present", "officers", "raised"]
    assert by_group(twice)[columns].equals(by_group(found)[columns])
