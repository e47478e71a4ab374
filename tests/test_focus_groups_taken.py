"""Names become pseudonyms before a focus group is kept, in what people say as well."""

from __future__ import annotations

from datetime import date

from builders import refusal
from hypothesis import given, strategies as st
from stores import STUDY
from test_focus_groups_who import spoken

from trustsurvey.focus_groups.taken import kept, taken_out
from trustsurvey.focus_groups.who import Speaker, proposed
from trustsurvey.voices.redaction import replacements_of

LABELS = {"Ruth": "Moderator", "Mike R.": "P1", "Mike": "P1", "Sergeant Pell": "Officer", "Will": "P2", "Kim": "P3"}


def out(*texts: str) -> list[str]:
    return [one.text for one in taken_out(texts, LABELS, ["Northside"])]


def test_those_who_took_part_are_called_by_their_pseudonyms() -> None:
    assert out("Thank you, Kim.", "I agree with KIM and Mike.") == ["Thank you, [P3].", "I agree with [P3] and [P1]."]
    assert out("Sergeant Pell, is it?") == ["Sergeant [Officer], is it?"]
    assert out("Will said it will rain.") == ["[P2] said it will rain."]
    assert out("Kimberley and the kim") == ["[person 1] and the kim"]


def test_others_have_the_same_label_in_all_turns() -> None:
    first, second, third = out("Go and see Officer Dunmore.", "Who?", "Dunmore, at the desk in Northside.")
    assert first == "Go and see Officer [person 1]."
    assert third == "[person 1], at the desk in Northside."
    assert second == "Who?"


def test_a_word_of_two_names_is_nobodys() -> None:
    labels = {"Kim Lee": "P1", "Kim Park": "P2"}
    assert "[P" not in taken_out(["Kim?"], labels, [])[0].text
    assert taken_out(["Kim Lee?"], labels, [])[0].text == "[P1]?"


def test_officers_i_would_trust_name_nobody() -> None:
    assert out("I know officers I'd trust, and I'd say so.") == ["I know officers I'd trust, and I'd say so."]


@given(st.lists(st.text(max_size=40), max_size=6))
def test_what_stands_where_is_told_for_every_turn(texts: list[str]) -> None:
    """What was replaced, put back where it stood, gives what was said."""
    for text, one in zip(texts, taken_out(texts, LABELS, []), strict=True):
        again, moved = one.text, 0
        for r in one.replacements:
            at = r.start + moved
            assert again[at : at + len(r.label)] == r.label
            again = again[:at] + text[r.start : r.end] + again[at + len(r.label) :]
            moved += 0
        assert again == text


def test_what_is_kept_names_nobody_but_apart() -> None:
    talk = spoken("Ruth: Kim, what do you think?", "Kim: Call me on 555-0123.", "Kim R.: Or not.")
    people = (Speaker("Ruth", role="moderator"), Speaker("Kim", ("Kim R.",), attributes=(("age", "30"),)))
    made = kept(talk, people, "Group 1", "digest", STUDY, b"k" * 32, date(2026, 4, 14))
    assert made.texts["text"].tolist() == ["[P1], what do you think?", "Call me on [phone].", "Or not."]
    assert made.texts["speaker"].tolist() == ["Moderator", "P1", "P1"]
    assert made.texts["line"].tolist() == [1, 2, 3]
    assert made.unredacted.empty
    assert made.record.about["people"] == [
        {"speaker": "Moderator", "role": "moderator", "age": ""},
        {"speaker": "P1", "role": "participant", "age": "30"},
    ]
    told = made.texts.to_csv() + str(made.record.about)
    assert not any(word in told for word in ("Kim", "Ruth", "555"))
    assert [r.label for r in replacements_of(made.texts["replaced"][0])] == ["[P1]"]
    with refusal("who.stranger", "Kim R."):
        kept(talk, proposed(spoken("Ruth: a", "Kim: b")), "Group 1", "digest", STUDY, b"k" * 32)
