"""A REDCap data dictionary gives raw codes their questions and labels."""

from __future__ import annotations

from pathlib import Path

import pytest
from builders import refusal
from exports import redcap_rows
from files import TRUST, csv_text, read_here

from trustsurvey.harmonise import propose
from trustsurvey.readers.dictionary import with_dictionary
from trustsurvey.readers.guard import read
from trustsurvey.readers.raw import Column, Raw

KIND = TRUST.item("pj1").text
HEADS = [
    "Variable / Field Name", "Form Name", "Section Header", "Field Type", "Field Label",
    "Choices, Calculations, OR Slider Labels", "Field Note", "Identifier?",
]  # fmt: skip
AGREE = "1, Strongly disagree | 2, Disagree | 3, Neither | 4, Agree | 5, Strongly agree"
FIELDS = [
    ["record_id", "police", "", "text", "Record", "", "", ""],
    ["pj1", "police", "", "radio", f"<b>{KIND}</b>", AGREE, "", ""],
    ["met", "police", "", "yesno", "Did you meet an officer?", "", "", ""],
    ["race", "police", "", "checkbox", "Race", "1, White | 2, Black, or African American | -9, Unknown", "", ""],
    ["sum", "police", "", "calc", "Sum", "[pj1] + 1", "", ""],
]
COLUMNS = [("pj1", ""), ("met", ""), ("race___1", ""), ("race___2", ""), ("race____9", ""), ("sum", ""), ("new", "")]


def answers() -> Raw:
    return read_here(
        csv_text(redcap_rows(COLUMNS, [["4", "1", "1", "0", "0", "5", "x"], ["5", "0", "0", "1", "0", "6", ""]]))
    )


def dictionary(heads: list[str] | None = None) -> Raw:
    return read_here(csv_text([heads or HEADS, *FIELDS]), "dictionary.csv")


def test_a_dictionary_is_told_from_answers() -> None:
    assert dictionary().platform == "redcap-dictionary"


def test_columns_take_their_questions_labels_and_choices_from_the_dictionary() -> None:
    raw = with_dictionary(answers(), dictionary())
    assert raw.column("pj1") == Column(
        "pj1", KIND, "D",
        (("1", "Strongly disagree"), ("2", "Disagree"), ("3", "Neither"), ("4", "Agree"), ("5", "Strongly agree")),
    )  # fmt: skip
    assert raw.column("met").labels == (("1", "Yes"), ("0", "No"))
    assert [(c.question, c.option) for c in raw.columns if c.name.startswith("race")] == [
        ("race", "White"), ("race", "Black, or African American"), ("race", "Unknown"),
    ]  # fmt: skip
    assert raw.column("race___2").text == "Race - Black, or African American"
    assert (raw.column("sum").labels, raw.column("new").text) == ((), "new")
    assert "describes 7 of" in raw.notices[-1].text
    mapping, _ = propose(raw, TRUST)
    assert [(c.column, c.target) for c in mapping.columns if c.role == "item"] == [("pj1", "pj1")]


def test_the_names_of_the_programs_interface_are_known_too() -> None:
    heads = ["field_name", "form_name", "section_header", "field_type", "field_label", "select_choices_or_calculations",
             "field_note", "identifier"]  # fmt: skip
    other = dictionary(heads)
    assert other.platform == "redcap-dictionary"
    assert with_dictionary(answers(), other).columns == with_dictionary(answers(), dictionary()).columns


def test_another_file_is_no_dictionary() -> None:
    with refusal("read.dictionary", "no REDCap data dictionary", "Field Label", "Project Setup"):
        with_dictionary(answers(), read_here("a,b\n1,2\n"))


def test_a_dictionary_of_another_project_is_refused() -> None:
    with refusal("read.dictionary", "describes none", "raw, not with labels"):
        with_dictionary(read_here("a,b\n1,2\n"), dictionary())


def test_reading_takes_both_files(tmp_path: Path) -> None:
    (tmp_path / "answers.csv").write_text(csv_text(redcap_rows(COLUMNS[:1], [["4"], ["5"]])))
    (tmp_path / "dictionary.csv").write_text(csv_text([HEADS, *FIELDS]))
    raw = read(tmp_path / "answers.csv", codebook=tmp_path / "dictionary.csv")
    assert raw.column("pj1").text == KIND


@pytest.mark.realdata
def test_a_real_dictionary_describes_its_export(real_data: Path) -> None:
    folder = real_data / "exports"
    raw = with_dictionary(
        read_here((folder / "redcap_survey_timestamps_raw.csv").read_bytes()),
        read_here((folder / "redcap_survey_dictionary.csv").read_bytes()),
    )
    assert raw.column("ethnicity").labels == (
        ("0", "Hispanic or Latino"), ("1", "NOT Hispanic or Latino"), ("2", "Unknown / Not Reported"),
    )  # fmt: skip
    assert raw.column("consent___1").option == "I consent"
    assert raw.column("has_diabetes").labels == (("1", "True"), ("0", "False"))
