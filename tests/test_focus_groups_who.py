"""Who is who: spellings of one name, roles, and a small table of those who took part."""

from __future__ import annotations

import pandas as pd
import pytest
from builders import refusal

from trustsurvey.focus_groups.who import Speaker, alike, merged, merges, proposed, pseudonyms, role_of, with_table
from trustsurvey.model import Transcript, Turn


def spoken(*said: str) -> Transcript:
    """Turns such as "Ruth: Who is first?"."""
    pairs = [line.split(": ", 1) for line in said]
    return Transcript("t.txt", "named", tuple(Turn(text, who, line=at) for at, (who, text) in enumerate(pairs, 1)))


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("Aisha", "Ayesha", True), ("Mike", "Mike R.", True), ("Mike R.", "Mike Reyes", True), ("Zara", "Zarah", True),
        ("Sofia", "Sophia", True), ("Terrence", "Terence", True), ("JANE DOE", "Jane Doe", True),
        ("Jose\u0301", "Jos\u00e9", True), ("Speaker 1", "Speaker 2", False), ("SPEAKER_01", "SPEAKER_1", False),
        ("Mark", "Mary", False), ("Ann", "Dan", False), ("Joan", "John", False), ("Mike R.", "Mike T.", False),
        ("Lena", "Leon", False), ("P1", "P11", False),
    ],
)  # fmt: skip
def test_spellings_of_one_name_are_proposed(one: str, other: str, same: bool) -> None:
    assert alike(one, other) is same
    assert alike(other, one) is same


def test_the_name_that_is_heard_less_is_proposed_as_a_spelling() -> None:
    talk = spoken("Aisha: a", "Aisha: b", "Ayesha: c", "Ruth: d", "Mike R.: e", "Mike: f", "Mike: g")
    assert merges(talk) == {"Ayesha": "Aisha", "Mike R.": "Mike"}
    people = merged(proposed(talk), merges(talk))
    assert [person.names for person in people] == [("Aisha", "Ayesha"), ("Ruth",), ("Mike", "Mike R.")]
    spelled = [Speaker("Aisha"), Speaker("Ayesha", ("Ayisha",))]
    assert merged(spelled, {"Ayesha": "Aisha"})[0].names == ("Aisha", "Ayesha", "Ayisha")
    with refusal("who.merge"):
        merged(proposed(talk), {"Ruth": "Nobody"})


@pytest.mark.parametrize(
    ("name", "role"),
    [
        ("Moderator", "moderator"), ("MOD", "moderator"), ("Interviewer 2", "moderator"), ("Sgt. Pell", "officer"),
        ("Chief Alvarez", "officer"), ("Interpreter (Spanish)", "interpreter"), ("Note taker", "observer"),
        ("Ruth", "participant"), ("Moderna", "participant"), ("Chiefly", "participant"), ("P1", "participant"),
    ],
)  # fmt: skip
def test_a_name_may_tell_the_role(name: str, role: str) -> None:
    assert role_of(name) == role


def test_who_asks_most_is_proposed_as_the_moderator_unless_a_name_tells() -> None:
    asked = [line for at in range(4) for line in (f"Ruth: And {at}?", f"Kim: It is {at}.", "Lee: Is it?", "Lee: No.")]
    assert {p.name: p.role for p in proposed(spoken(*asked))}["Ruth"] == "moderator"
    named = proposed(spoken(*asked, "Facilitator: Thank you."))
    assert [p.name for p in named if p.role == "moderator"] == ["Facilitator"]
    told = spoken(*[line.replace("?", ".") for line in asked])
    assert {p.role for p in proposed(told)} == {"participant"}


def test_a_table_tells_roles_attributes_and_who_was_silent() -> None:
    talk = spoken("Ruth: a?", "Mike R.: b", "Mike: c", "Kim: d")
    table = pd.DataFrame(
        {
            "Name": ["Mike", "kim", "Audrey", "Ruth", ""], "Also": ["Mike R.; Michael", "", "", "", ""],
            "Role": ["", "officer", "", "Moderator", ""], "Group": ["A", "a", "A", "A", "A"],
            "Age": ["30", "", "61", "", ""],
        }
    )  # fmt: skip
    people = {person.name: person for person in with_table(proposed(talk), table, "A")}
    assert set(people) == {"Ruth", "Mike", "Kim", "Audrey"}
    assert set(people["Mike"].names) == {"Mike R.", "Mike", "Michael"}
    assert people["Kim"].role == "officer"
    assert people["Audrey"] == Speaker("Audrey", (), "participant", (("Age", "61"),))
    assert people["Ruth"].role == "moderator"
    assert with_table(proposed(talk), table, "B") == proposed(talk)
    with refusal("who.table"):
        with_table(proposed(talk), table.rename(columns={"Name": "x"}))
    with refusal("who.role", "row 3"):
        with_table(proposed(talk), table.assign(Role=["", "king", "", "", ""]))


def test_a_second_column_of_names_is_a_spelling_and_never_an_attribute() -> None:
    talk = spoken("SPEAKER_00: a", "SPEAKER_01: b", "SPEAKER_02: c")
    table = pd.DataFrame(
        {
            "speaker": ["SPEAKER_00", "SPEAKER_01", "SPEAKER_02"],
            "name": ["Joan", "Sam", "sam"],
            "age": ["61", "30", "40"],
        }
    )
    joan, sam, other = with_table(proposed(talk), table)
    assert joan == Speaker("SPEAKER_00", ("Joan",), "participant", (("age", "61"),))
    assert (sam.names, other.names) == (("SPEAKER_01",), ("SPEAKER_02",))  # whose name "Sam" is cannot be told
    assert "Sam" not in str((sam, other))


def test_pseudonyms_go_by_role_in_the_order_heard() -> None:
    people = [Speaker("Ruth", role="moderator"), Speaker("Kim"), Speaker("Pell", role="officer"), Speaker("Lee"),
              Speaker("Quill", role="officer")]  # fmt: skip
    assert pseudonyms(people) == {"Ruth": "Moderator", "Kim": "P1", "Pell": "Officer 1", "Lee": "P2",
                                  "Quill": "Officer 2"}  # fmt: skip
