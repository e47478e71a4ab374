"""Names come out before anything is stored, keys of texts stay the same, mistakes are put right by hand."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
from builders import refusal
from stores import STUDY, small_wave

from trustsurvey.model import Wave
from trustsurvey.text.redact import Replacement
from trustsurvey.voices.hearing import heard
from trustsurvey.voices.redaction import put_right, replacements_of, stored, taken_out

TEXT = "Call me on 555-0142, says Dana Field. Dana Field again."


def spoken(*texts: str, rows: tuple[int, ...] | None = None) -> Wave:
    places = rows or tuple(range(len(texts)))
    return replace(small_wave(), comments=pd.DataFrame({"row": places, "item": "why", "text": texts}))


def test_what_is_kept_to_be_read_holds_no_telephone_number_and_what_was_written_stands_apart() -> None:
    comments = heard(spoken(TEXT, "nothing"), STUDY, b"secret").comments
    assert "555-0142" not in comments["text"][0]
    assert comments["unredacted"].tolist() == [TEXT, "nothing"]
    assert comments["text"][1] == "nothing"
    assert taken_out(comments)["phone"] == 1
    (phone,) = [one for one in replacements_of(comments["replaced"][0]) if one.kind == "phone"]
    assert TEXT[phone.start : phone.end] == "555-0142"


def test_a_text_keeps_its_key_when_its_file_is_imported_anew_and_nobody_else_has_it() -> None:
    one = heard(spoken("same", "same", "other"), STUDY, b"secret").comments["key"]
    assert one.is_unique
    again = heard(spoken("other", "same", rows=(2, 0)), STUDY, b"secret").comments["key"]
    assert again.tolist() == [one[2], one[0]]
    assert not set(one) & set(heard(spoken("same", "same", "other"), STUDY, b"different").comments["key"])


def test_areas_of_the_study_are_no_names() -> None:
    comments = heard(spoken("There is nobody in Mill or in Docks at night."), STUDY, b"secret").comments
    assert comments["text"][0] == "There is nobody in Mill or in Docks at night."


def test_a_wave_without_open_answers_stays_as_it_is() -> None:
    wave = replace(small_wave(), comments=pd.DataFrame())
    assert heard(wave, STUDY, b"secret") is wave


def test_a_false_alarm_is_taken_back_and_a_missed_name_taken_out_wherever_it_stands() -> None:
    found = (Replacement(11, 19, "phone", "[phone]"),)
    assert put_right(TEXT, found, {0}).text == TEXT
    made = put_right(TEXT, found, (), "dana field", "person")
    assert made.text == "Call me on [phone], says [person]. [person] again."
    assert replacements_of(stored(made.replacements)) == made.replacements
    assert [TEXT[one.start : one.end] for one in made.replacements] == ["555-0142", "Dana Field", "Dana Field"]
    assert put_right(TEXT, found, (), "on 555-0142").replacements == found  # it overlaps what is out already
    with refusal("redact.absent"):
        put_right(TEXT, found, (), "nobody")
    assert np.array_equal(put_right(TEXT, found, ()).replacements, found)
