"""Focus groups in the store: kept, read, counted, and one participant's words taken out again."""

from __future__ import annotations

import shutil
from datetime import date
from pathlib import Path

import pandas as pd
import pytest
from builders import refusal
from conftest import ROOT
from stores import STUDY, sound
from test_focus_groups_who import spoken

from trustsurvey.focus_groups import matrix
from trustsurvey.focus_groups.conversation import clock
from trustsurvey.focus_groups.sample import add_sample_groups
from trustsurvey.focus_groups.study import (
    TURN,
    as_answers,
    before,
    body_of,
    conversations,
    heard_of,
    read_of,
    readings_of,
    withdraw,
)
from trustsurvey.focus_groups.taken import kept
from trustsurvey.focus_groups.who import proposed
from trustsurvey.model import Coding
from trustsurvey.store import Store
from trustsurvey.voices.study import codebook_of

SAID = ("Moderator: What about the desk?", "Kim: It is shut.", "Lee: Kim is right, it is shut.", "Kim: Always.")


@pytest.fixture
def town(store: Store) -> Store:
    store.create_study(STUDY)
    days = {"Later": date(2026, 5, 1), "First": date(2026, 4, 1), "Undated": None}
    for (name, held), lines in zip(days.items(), (SAID[:2], SAID, SAID[:3]), strict=True):
        talk = spoken(*lines)
        made = kept(talk, proposed(talk), name, name, STUDY, b"k" * 32, held)
        store.collections.save("town", made.record, made.texts, made.unredacted)
    return store


def test_groups_come_back_in_the_order_held(town: Store) -> None:
    groups = conversations(town, "town")
    assert [group.name for group in groups] == ["First", "Later", "Undated"]
    assert groups[0].held == date(2026, 4, 1)
    assert groups[0].turns["text"].tolist()[2] == "[P1] is right, it is shut."
    assert groups[0].place(2) == "line 3"
    assert clock(3729.4) == "1:02:09"
    assert before(groups[0], groups[0].turns["key"][2])["speaker"].tolist() == ["Moderator", "P1"]


def test_what_people_read_is_counted_by_person(town: Store) -> None:
    book = codebook_of(town, "town")
    group = conversations(town, "town")[0]
    keys = group.turns["key"]
    made = [Coding(keys[k], "a", (("police_desk", "negative"),), spans=(("police_desk", 0, 2),)) for k in (1, 2, 3)]
    town.voices.add_codings("town", body_of(group), made)
    readings = readings_of(town, "town", group, book)
    assert read_of(group, readings) == (3, 3)
    table = matrix.by_theme(heard_of([group], [readings], ["police_desk", "bias"])).set_index("code")
    assert table.loc["police_desk", ["groups", "people", "of_people"]].tolist() == [1, 2, 2]
    assert table.loc["bias", "people"] == 0
    answers = as_answers(group, book, town.voices.codings("town", body_of(group)), None)
    assert answers.item == TURN
    assert answers.texts == ("It is shut.", "[P1] is right, it is shut.", "Always.")
    with refusal("groups.none"):
        heard_of([], [])


def test_words_of_one_who_takes_back_consent_are_gone_from_everything(town: Store) -> None:
    group = conversations(town, "town")[0]
    keys = group.turns["key"].tolist()
    town.voices.add_codings("town", body_of(group), [Coding(key, "a", (("bias", ""),)) for key in keys])
    town.voices.correct_redaction("town", body_of(group), keys[1], "It is", "[]")
    left = withdraw(town, "town", group, "P1", "asked by letter")
    again = conversations(town, "town")[0]
    for one in (left, again):
        assert one.turns["key"].tolist() == [keys[0], keys[2]]
        assert one.people["speaker"].tolist() == ["Moderator", "P2"]
        assert one.withdrawn == ("P1",)
    assert {coding.answer for coding in town.voices.codings("town", body_of(group))} == {keys[0], keys[2]}
    assert town.voices.corrected("town", body_of(group)) == {}
    assert town.voices.unredacted("town", body_of(group), "nothing was kept as it was spoken") == {}
    assert town.audit_trail().iloc[1][["action", "detail"]].tolist() == ["withdraw words", "asked by letter"]
    with refusal("groups.nobody"):
        withdraw(town, "town", again, "P1", "again")
    sound(town)


def test_the_sample_study_brings_its_groups(store: Store, tmp_path: Path) -> None:
    store.create_study(STUDY)
    folder = tmp_path / "groups"
    shutil.copytree(ROOT / "sample_data" / "focus_groups", folder)
    assert add_sample_groups(store, "town", folder) == 6
    assert add_sample_groups(store, "town", folder) == 0
    groups = conversations(store, "town")
    book = codebook_of(store, "town")
    for group in groups:
        assert (group.people["role"] == "participant").sum() == 8
        read, of = read_of(group, readings_of(store, "town", group, book))
        assert read == of > 100
    named = pd.read_csv(folder / "participants.csv", dtype=str)["name"].dropna()
    words = set(" ".join(text for group in groups for text in group.turns["text"]).split())
    assert not words & set(named)
