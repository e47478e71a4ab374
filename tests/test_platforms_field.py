"""LimeSurvey, KoboToolbox, ODK Central and REDCap: codes, groups, events and choices of 0 and 1."""

from __future__ import annotations

import pytest
from exports import LIMESURVEY_OWN, central_rows, kobo_rows, limesurvey_rows, redcap_rows
from files import TRUST, cells, csv_text, names, numbers, read_here, xlsx
from test_platforms_forms import choices, roles

from trustsurvey.readers.platforms import platform_named

KIND = TRUST.item("pj1").text
LISTEN = TRUST.item("pj2").text

# --- LimeSurvey -----------------------------------------------------------------------------------

LIME = [
    ("G1Q1", "Where do you live?"),
    ("G2Q1[SQ001]", f"How much do you agree? [{KIND}]"),
    ("G2Q1[SQ002]", f"How much do you agree? [{LISTEN}]"),
    ("G3Q1[SQ001]", "What have you seen? [A patrol]"),
    ("G3Q1[SQ002]", "What have you seen? [A poster]"),
    ("G3Q1[other]", "What have you seen? [Other]"),
]
LIME_WORDS = [["Docks", "Agree", "Disagree", "Yes", "No", ""], ["Mill", "Agree", "N/A", "No", "No", "a drone"]]
LIME_CODES = [["A1", "A4", "A2", "Y", "", ""], ["A2", "A4", "", "", "", "a drone"]]


@pytest.mark.parametrize(
    ("heads", "delimiter", "answers"),
    [("both", ",", LIME_WORDS), ("code", ";", LIME_CODES), ("vv", "\t", LIME_CODES), ("both", ",", LIME_CODES)],
)
def test_limesurvey_columns_go_by_their_codes(heads: str, delimiter: str, answers: list[list[str]]) -> None:
    raw = read_here(csv_text(limesurvey_rows(LIME, answers, heads), delimiter))
    assert raw.platform == "limesurvey"
    assert names(raw) == [code for code, _ in (*LIMESURVEY_OWN, *LIME)]
    assert numbers(raw) == ([3, 4] if heads == "vv" else [2, 3])
    seen = ["A patrol", "A poster"] if heads != "code" else ["SQ001", "SQ002"]
    assert choices(raw) == {"G3Q1": seen}
    if heads != "code":
        assert raw.column("G2Q1[SQ001]").text == f"How much do you agree? [{KIND}]"


def test_limesurvey_headings_of_words_alone_are_known() -> None:
    raw = read_here(csv_text(limesurvey_rows(LIME, LIME_WORDS, "text")))
    assert raw.platform == "limesurvey"
    found = roles(raw)
    assert [found[text] for _, text in LIMESURVEY_OWN] == [
        "id", "end", "ignore", "ignore", "ignore", "start", "ignore", "device", "private",
    ]  # fmt: skip
    assert choices(raw) == {"What have you seen?": ["A patrol", "A poster"]}


def test_an_array_without_a_question_of_its_own_asks_its_statement() -> None:
    raw = read_here(
        csv_text(limesurvey_rows([("G1[SQ1]", f"[{KIND}]"), ("G1[SQ2]", "[Is [this] fair?]")], [["4", "5"]], "both"))
    )
    assert raw.column("G1[SQ1]").text == KIND
    assert raw.column("G1[SQ2]").text == "Is [this] fair?"


def test_a_row_that_was_not_sent_is_partial() -> None:
    lime = platform_named("limesurvey")
    assert lime.meanings("submitdate", ["2026-05-01 09:00:00", ""]) == [None, "partial"]
    assert lime.meanings("lastpage", [""]) == [None]
    raw = read_here(csv_text(limesurvey_rows(LIME, LIME_WORDS, "both", partial=[1])))
    assert cells(raw, "submitdate")[1] == ""
    assert roles(raw)["submitdate"] == "end"


# --- KoboToolbox and ODK --------------------------------------------------------------------------

KOBO = ["area", "pj/pj1", "pj/pj2", "police/contact", "police/contact/patrol", "police/contact/call", "comment"]
KOBO_ANSWERS = [["docks", "4", "5", "patrol call", "1", "1", "and/or"], ["mill", "4", "98", "call", "0", "1", ""]]


@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_kobo_columns_go_without_their_groups(form: str) -> None:
    rows = kobo_rows(KOBO, KOBO_ANSWERS)
    raw = read_here(csv_text(rows, ";")) if form == "csv" else read_here(xlsx(*rows), "survey.xlsx")
    assert raw.platform == "kobo"
    assert names(raw)[2:9] == ["area", "pj1", "pj2", "contact", "contact/patrol", "contact/call", "comment"]
    assert choices(raw) == {"contact": ["patrol", "call"]}
    found = roles(raw)
    assert (found["pj1"], found["start"], found["end"], found["_uuid"]) == ("item", "start", "end", "id")
    assert (found["_submission_time"], found["_submitted_by"]) == ("ignore", "private")
    assert found["_validation_status"] == "status"


def test_kobo_labels_keep_strokes_between_words() -> None:
    heads = [KIND, "Help / advice", "Who came?", "Who came?/An officer", "Who came?/Someone and/or nobody"]
    raw = read_here(csv_text(kobo_rows(heads, [["Agree", "x", "An officer", "1", "0"]] * 2), ";"))
    assert names(raw)[3] == "Help / advice"
    assert raw.column("Who came?/An officer").option == "An officer"


def test_two_groups_with_a_question_of_one_name_keep_their_groups() -> None:
    raw = read_here(csv_text(kobo_rows(["before/trust", "after/trust"], [["4", "5"]] * 2), ";"))
    assert names(raw)[2:4] == ["before/trust", "after/trust"]


def test_the_choices_of_a_question_without_a_column_of_its_own_are_found() -> None:
    raw = read_here(
        csv_text(kobo_rows(["area", "contact/patrol", "contact/call"], [["a", "1", "0"], ["b", "0", "0"]]), ";")
    )
    assert choices(raw) == {"contact": ["patrol", "call"]}


CENTRAL = ["area", "pj-pj1", "pj-pj2", "police-contact", "police-contact/patrol", "police-contact/call"]


def test_odk_central_writes_a_stroke_behind_a_group() -> None:
    raw = read_here(csv_text(central_rows(CENTRAL, [row[:-1] for row in KOBO_ANSWERS], rejected=[1])))
    assert raw.platform == "odk"
    assert names(raw)[3:9] == ["area", "pj1", "pj2", "contact", "contact/patrol", "contact/call"]
    assert choices(raw) == {"contact": ["patrol", "call"]}
    found = roles(raw)
    assert (found["meta-instanceID"], found["KEY"]) == ("id", "ignore")
    assert (found["SubmissionDate"], found["start"], found["end"]) == ("ignore", "start", "end")
    assert (found["SubmitterName"], found["DeviceID"], found["ReviewState"]) == ("private", "device", "status")
    assert platform_named("odk").meanings("ReviewState", ["approved", "rejected"]) == [None, "disqualified"]


# --- REDCap ---------------------------------------------------------------------------------------

CAP = [
    ("pj1", KIND), ("pj2", LISTEN),
    ("race___1", "Race (choice=White)"), ("race___2", "Race (choice=Black)"), ("race____9", "Race (choice=Unknown)"),
]  # fmt: skip


def test_redcap_choices_are_columns_of_0_and_1() -> None:
    raw = read_here(csv_text(redcap_rows(CAP, [["4", "5", "1", "0", "0"], ["4", "", "0", "1", "0"]])))
    assert raw.platform == "redcap"
    assert choices(raw) == {"race": ["1", "2", "_9"]}
    found = roles(raw)
    assert (found["record_id"], found["police_survey_timestamp"]) == ("id", "end")
    assert (found["redcap_survey_identifier"], found["police_survey_complete"]) == ("private", "status")
    assert platform_named("redcap").meanings("police_survey_complete", ["0", "1", "2"]) == ["partial", None, None]


def test_redcap_labels_are_questions() -> None:
    answers = [
        ["Agree", "Agree", "Checked", "Unchecked", "Unchecked"],
        ["Agree", "", "Unchecked", "Checked", "Unchecked"],
    ]
    raw = read_here(csv_text(redcap_rows(CAP, answers, labels=True)))
    assert raw.platform == "redcap"
    assert choices(raw) == {"Race": ["White", "Black", "Unknown"]}
    found = roles(raw)
    assert (found["Record ID"], found["Survey Timestamp"], found["Complete?"]) == ("id", "end", "status")
    assert found[KIND] == "item"


def test_the_first_column_of_redcap_is_the_record_whatever_it_is_called() -> None:
    rows = redcap_rows(CAP, [["4", "5", "1", "0", "0"]] * 2)
    rows[0][0] = "study_number"
    assert roles(read_here(csv_text(rows)))["study_number"] == "id"


def test_several_rows_a_record_are_said() -> None:
    rows = redcap_rows(CAP, [["4", "5", "1", "0", "0"]] * 4, events=["Baseline", "Month 6"])
    raw = read_here(csv_text(rows))
    (notice,) = raw.notices
    assert (notice.code, notice.level) == ("read.events", "warning")
    assert "'Baseline', 'Month 6'" in notice.text
    assert "one event" in notice.text
