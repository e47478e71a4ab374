"""A study made of a file's own questions: what is offered, what is made of it, who may."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from builders import refusal
from files import csv_text, read_here
from test_harmonise_questionnaire import HEADS, rows
from test_pages import app, button, upload, words

from trustsurvey.harmonise import propose
from trustsurvey.harmonise.questionnaire import questionnaire_from
from trustsurvey.instruments import parse_instrument
from trustsurvey.model import Study
from trustsurvey.rights import Person
from trustsurvey.store import Store
from trustsurvey.ui import own_questions as own
from trustsurvey.ui.importing import Opened

FILE = csv_text([HEADS, *rows()])
CITY = parse_instrument(
    "items:\n  buses: {text: The buses run on time., scale: agree5}\n  bins: {text: Bins are emptied., scale: agree5}\n"
    "  night: {text: There is enough to do in the evening., scale: agree5}\n"
    "indices: {town: {title: Town, parts: [buses, bins, night]}}\n"
)


@pytest.fixture
def city(own_home: Path) -> Store:
    """A study that asks after other things, without a wave."""
    store = Store.open()
    store.create_study(Study("city", "City", CITY))
    return store


def test_each_rated_question_is_a_row_and_comes_back_as_it_was_left() -> None:
    raw = read_here(FILE)
    draft = questionnaire_from(raw)
    table = own.to_table(draft)
    kind, rude = (table[own.QUESTION].str.contains(word) for word in ("respect", "rude"))
    assert table.loc[kind, own.ANSWERS].item() == "1 Strongly disagree to 5 Strongly agree"
    assert table.loc[rude, own.TURNED].item()
    assert "goes against the others" in table.loc[rude, own.NOTE].item()
    same = own.made_of(draft.instrument, table, "Riverton 2026", "Trust", own.level_of(raw, "Ward"), True)
    assert [(item.id, item.reverse) for item in same.instrument.items] == [
        (item.id, item.reverse) for item in draft.instrument.items
    ]
    assert same.instrument.index("trust").parts == draft.instrument.index("trust").parts
    assert (same.slug, same.probability, same.levels[0].key, same.levels[0].names) == (
        "riverton-2026",
        True,
        "ward",
        (),
    )
    table.loc[rude, [own.COUNTS, own.TURNED]] = False, False
    table.loc[kind, own.QUESTION] = "Officers are respectful"
    left = own.made_of(draft.instrument, table, "Riverton", "Esteem", None, False).instrument
    assert "Officers are respectful" in [item.text for item in left.items]
    assert not any(item.reverse for item in left.items)
    assert len(left.index("trust").parts) == len(same.instrument.index("trust").parts) - 1
    assert left.index("trust").title == "Esteem"
    with refusal("instrument.no-parts", "Tick the questions"):
        own.made_of(draft.instrument, table.assign(**{own.COUNTS: False}), "Riverton", "Trust", None, False)


def test_columns_that_speak_of_a_place_come_first() -> None:
    raw = read_here(FILE)
    mapping, guesses = propose(raw, CITY)
    opened = Opened("city f1", raw, mapping, guesses)
    questions = set(questionnaire_from(raw).columns.values())
    assert own.places_of(opened, questions) == ["Ward", "Age group"]
    postcodes = replace(opened, raw=read_here(FILE.replace("Ward", "ZIP", 1)))
    assert own.places_of(postcodes, questions)[0] == "ZIP"


def test_a_file_of_other_questions_becomes_a_study_of_its_own(city: Store) -> None:
    test = upload(app("import_wave"), "riverton_2026.csv", FILE.encode())
    assert "This file asks other questions than this study" in words(test)
    assert "5 questions on a scale, 1 in own words" in words(test)
    assert not [one for one in test.button if one.label == "Save as a wave"]
    button(test, "Create this study and go on with the file").click().run()
    assert not test.exception
    assert "160 rows; 5 of 5 questions found." in words(test)
    study = city.study("riverton-2026")
    assert [level.key for level in study.levels] == ["ward"]
    assert "Where people live: ward. Groups: age." in words(test)
    test.text_input[0].set_value("2026").run()
    button(test, "Save as a wave").click().run()
    (record,) = city.waves("riverton-2026")
    assert record.rows == 160
    assert city.waves("city") == []


def test_a_file_that_this_study_knows_is_offered_nothing(sample_seen: Path) -> None:
    wave = (Path(__file__).parents[1] / "sample_data" / "waves" / "riverton_2026q2.csv").read_bytes()
    assert "the questions of the file" not in words(upload(app("import_wave"), "riverton_2026q2.csv", wave))


def test_who_may_not_begin_a_study_is_told_whom_to_ask(city: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    officer = Person("Officer", frozenset(("liaison",)))
    monkeypatch.setattr("trustsurvey.ui.guard.person", lambda: officer)
    test = upload(app("import_wave"), "riverton_2026.csv", FILE.encode())
    assert "to begin a study with its questions; you can hand the file over below" in words(test)
    assert not [one for one in test.button if one.label.startswith("Create")]
    assert "Ask an analyst" in words(test)


def test_some_questions_found_leave_the_choice(city: Store) -> None:
    """A file with one question of the study goes on as it is, unless somebody wants the others."""
    known = CITY.rated[0].text
    heads = [*HEADS[:5], known, *HEADS[6:]]
    test = upload(app("import_wave"), "riverton_2026.csv", csv_text([heads, *rows()]).encode())
    (choice,) = (one for one in test.toggle if "questions of this study" in one.label)
    assert "A study with the questions of this file" not in words(test)
    choice.set_value(True).run()
    assert "A study with the questions of this file" in words(test)


# --- the first file of all -----------------------------------------------------------------------------------


def test_the_first_file_of_the_standard_questions_becomes_a_study_of_those(own_home: Path) -> None:
    wave = (Path(__file__).parents[1] / "sample_data" / "waves" / "riverton_2026q2.csv").read_bytes()
    test = upload(app("import_wave"), "riverton_2026q2.csv", wave)
    assert "The file asks 37 of the 37 questions of the standard questionnaire" in words(test)
    name = next(box for box in test.text_input if box.label == "Name of the study")
    assert name.value == "riverton 2026q2"
    refused = name.set_value(" ").run()
    button(refused, "Create this study and go on with the file").click().run()
    assert "The study has no name" in words(refused)
    name.set_value("Riverton").run()
    button(test, "Create this study and go on with the file").click().run()
    assert not test.exception
    # The file that was dropped is still there, in the study that was made of it.
    assert "1,095 rows, April to May 2026; 37 of 37 questions found." in words(test)
    assert [(level.key, level.title) for level in Store.open().study("riverton").levels] == [
        ("neighbourhood", "Neighbourhood")
    ]
    assert "Where people live: neighbourhood." in words(test)


def test_the_first_file_of_other_questions_becomes_a_study_of_its_own(own_home: Path) -> None:
    test = upload(app("import_wave"), "riverton_2026.csv", FILE.encode())
    assert "5 questions on a scale, 1 in own words" in words(test)
    button(test, "Create this study and go on with the file").click().run()
    assert not test.exception
    assert "160 rows; 5 of 5 questions found." in words(test)


def test_a_first_file_that_asks_nothing_is_refused_in_words(own_home: Path) -> None:
    test = upload(app("import_wave"), "list.csv", b"name,street\nA,B\nC,D\n")
    assert not test.exception
    assert test.error
    assert Store.open().studies() == []


def test_who_may_not_begin_a_study_is_given_no_box_for_a_file(own_home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    officer = Person("Officer", frozenset(("liaison",)))
    monkeypatch.setattr("trustsurvey.ui.guard.person", lambda: officer)
    test = app("import_wave")
    assert "Ask" in words(test)
    assert not test.file_uploader
