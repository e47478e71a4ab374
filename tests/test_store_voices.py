"""Codebooks, readings and corrected redactions in the store, on both databases."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd
import pytest
from builders import refusal
from stores import STUDY, put, small_wave, sound

from trustsurvey.model import Coding, Wave
from trustsurvey.rights import Person
from trustsurvey.store import Body, Store

TEXTS = pd.DataFrame({"row": [0, 1], "item": "why", "text": ["[person 1] was kind", "slow"], "key": ["k1", "k2"],
                      "replaced": ['[[0, 8, "person", "[person 1]"]]', "[]"],
                      "unredacted": ["Pat Voss was kind", "slow"]})  # fmt: skip
W1 = Body("w1")


def heard(name: str = "w1") -> Wave:
    return replace(small_wave(name), comments=TEXTS)


@pytest.fixture
def town(store: Store) -> Store:
    store.create_study(STUDY)
    put(store, heard())
    return store.acting_as(Person("me", open_mode=True))


def test_what_was_written_lies_apart_and_is_seen_for_a_reason_that_is_written_down(town: Store) -> None:
    wave, _ = town.load_wave("town", "w1")
    assert wave.comments["text"].tolist() == ["[person 1] was kind", "slow"]
    assert "unredacted" not in wave.comments
    assert "Voss" not in wave.comments.to_csv()
    with refusal("store.needs-reason"):
        town.voices.unredacted("town", W1, " ")
    assert town.voices.unredacted("town", W1, "to check names")["k1"] == "Pat Voss was kind"
    row = town.audit_trail().iloc[0]
    assert (row["action"], row["person"], row["detail"]) == ("see unredacted", "me", "to check names")
    sound(town)


def test_readings_come_back_in_order_and_the_last_can_be_taken_back(town: Store) -> None:
    parts = (("speed", 0, 4), ("speed", 9, 12))
    one = Coding("k1", "a", (("speed", "negative"), ("bias", "")), "audit", "a memo", 3, spans=parts)
    two = Coding("k2", "b", (), "training")
    town.voices.add_codings("town", W1, [one, two])
    found = town.voices.codings("town", W1)
    assert [replace(coding, id=0) for coding in found] == [one, two]
    before = town.voices.state("town", W1)
    assert replace(town.voices.undo_coding("town", W1, "a") or two, id=0) == one
    assert town.voices.undo_coding("town", W1, "a") is None
    town.voices.add_codings("town", W1, [one])
    assert town.voices.state("town", W1) != before
    assert [coding.coder for coding in town.voices.codings("town", W1)] == ["b", "a"]


def test_readings_stay_through_a_correction_and_go_with_the_wave(town: Store) -> None:
    town.voices.add_codings("town", W1, [Coding("k1", "a")])
    put(town, heard(), digest="d2", reason="better file")
    assert len(town.voices.codings("town", W1)) == 1
    town.remove_wave("town", "w1")
    with refusal("store.no-wave"):
        town.voices.codings("town", W1)
    put(town, heard())
    assert town.voices.codings("town", W1) == []


def test_versions_of_a_codebook_are_kept_and_two_people_cannot_overwrite_each_other(town: Store) -> None:
    you = town.acting_as(Person("you", open_mode=True))
    town.voices.save_codebook("town", "one", 1, "")
    with refusal("store.stale"):
        you.voices.save_codebook("town", "other one", 1, "")
    you.voices.save_codebook("town", "two", 2, "more themes")
    assert [(v.version, v.text, v.person) for v in town.voices.codebooks("town")] == [
        (1, "one", "me"),
        (2, "two", "you"),
    ]


def test_a_corrected_redaction_stands_instead_of_the_first(town: Store) -> None:
    town.voices.correct_redaction("town", W1, "k2", "s[x]w", "[]")
    state = town.voices.state("town", W1)
    town.voices.correct_redaction("town", W1, "k2", "sl[x]", "[]")
    assert town.voices.corrected("town", W1) == {"k2": ("sl[x]", "[]")}
    assert town.voices.state("town", W1) != state
