"""Exports of survey platforms: recognised by their first rows, their own columns known, all else a plain table."""

from __future__ import annotations

import json
import re
import timeit
from pathlib import Path

import pytest
from builders import refusal
from files import (
    QUALTRICS_OWN,
    SURVEYMONKEY_OWN,
    TRUST,
    cells,
    csv_text,
    names,
    numbers,
    qualtrics_rows,
    read_here,
    surveymonkey_rows,
    xlsx,
)
from hypothesis import given, settings, strategies as st

from trustsurvey.harmonise import propose
from trustsurvey.readers.platforms import PLATFORMS, SINGLE, STATISTICAL, detect, platform_named
from trustsurvey.readers.platforms.forms import TIMESTAMP
from trustsurvey.readers.raw import Raw

HEADINGS = [
    "ResponseId", "StartDate", "EndDate", "Status", '{"ImportId":"QID1"}', "V1", "Respondent ID", "Response",
    "Timestamp", "ID", "Start time", "Completion time", "id", "submitdate", "lastpage", "startlanguage", "G1. Why?",
    "_uuid", "_id", "KEY", "a-b", "g/a", "record_id", "form_complete", "race___1", "Time Started", "Date Submitted",
    "#", "Network ID",
]  # fmt: skip
KIND = TRUST.item("pj1").text
LISTEN = TRUST.item("pj2").text


def roles(raw: Raw) -> dict[str, str]:
    """Column name to proposed role."""
    return {column.column: column.role for column in propose(raw, TRUST)[0].columns}


# --- Qualtrics ------------------------------------------------------------------------------------

QUESTIONS = [("Q1", "Where do you live?"), ("Q2_1", f"How much do you agree? - {KIND}"), ("Q3", "Why?")]
ANSWERS = [["Docks", "Agree", "fine"], ["Mill", "Don't know", ""], ["Docks", "", "x"]]


def test_a_qualtrics_export_has_three_header_rows() -> None:
    raw = read_here(csv_text(qualtrics_rows(QUESTIONS, ANSWERS)))
    assert raw.platform == "qualtrics"
    assert names(raw) == [tag for tag, _, _ in QUALTRICS_OWN] + ["Q1", "Q2_1", "Q3"]
    assert raw.column("Q2_1").text == f"How much do you agree? - {KIND}"
    assert cells(raw, "Q2_1") == ["Agree", "Don't know", ""]
    assert numbers(raw) == [4, 5, 6]


@pytest.mark.parametrize("numeric", [False, True])
def test_the_columns_that_qualtrics_writes_are_known(numeric: bool) -> None:
    found = roles(read_here(csv_text(qualtrics_rows(QUESTIONS, ANSWERS, numeric))))
    assert {name: found[name] for name in ("ResponseId", "StartDate", "EndDate", "Status", "IPAddress")} == {
        "ResponseId": "id", "StartDate": "start", "EndDate": "end", "Status": "status", "IPAddress": "device",
    }  # fmt: skip
    assert found["Duration (in seconds)"] == "duration"
    for name in (
        "RecipientLastName", "RecipientFirstName", "RecipientEmail", "ExternalReference", "LocationLatitude",
        "LocationLongitude",
    ):  # fmt: skip
        assert found[name] == "private"
    assert found["Q2_1"] == "item"


def test_qualtrics_writes_tab_separated_utf16_and_workbooks_too() -> None:
    rows = qualtrics_rows(QUESTIONS, ANSWERS)
    plain = read_here(csv_text(rows))
    for raw in (
        read_here(csv_text(rows, "\t").encode("utf-16"), "survey.tsv"),
        read_here(xlsx(*rows), "survey.xlsx"),
    ):
        assert raw.platform == "qualtrics"
        assert raw.columns == plain.columns
        assert numbers(raw) == [4, 5, 6]
        assert cells(raw, "Q2_1") == cells(plain, "Q2_1")


def test_row_2_may_be_in_another_language_and_hold_lines() -> None:
    rows = qualtrics_rows(QUESTIONS, ANSWERS)
    rows[1][: len(QUALTRICS_OWN)] = [f"Überschrift\nNummer {k}" for k in range(len(QUALTRICS_OWN))]
    rows[1][-1] = "Warum?\n\nBitte <b>kurz</b>."
    raw = read_here(csv_text(rows))
    assert raw.platform == "qualtrics"
    assert raw.column("Q3").text == "Warum? Bitte kurz ."
    assert roles(raw)["ResponseId"] == "id"
    assert numbers(raw) == [4, 5, 6]


def test_tags_that_stand_twice_are_told_apart_by_their_import_id() -> None:
    raw = read_here(csv_text(qualtrics_rows([("Q2", "One"), ("Q2", "Two"), ("Q3", "Three")], ANSWERS)))
    assert names(raw)[-3:] == ["Q2 [QID1]", "Q2 [QID2]", "Q3"]
    assert [column.text for column in raw.columns[-3:]] == ["One", "Two", "Three"]
    assert not raw.notices


def test_tags_and_import_ids_that_stand_twice_are_told_apart_by_letter() -> None:
    rows = qualtrics_rows([("Q2", "One"), ("Q2", "Two")], [["x", "y"]])
    rows[2][-2:] = ['{"ImportId":"QID1"}'] * 2
    assert names(read_here(csv_text(rows)))[-2:] == ["Q2 [QID1] (column R)", "Q2 [QID1] (column S)"]


def test_a_time_zone_beside_the_import_id_does_not_matter() -> None:
    rows = qualtrics_rows(QUESTIONS, ANSWERS)
    rows[2][0] = json.dumps({"ImportId": "startDate", "timeZone": "America/Denver"})
    assert read_here(csv_text(rows)).platform == "qualtrics"


def test_a_qualtrics_export_without_answers_is_refused() -> None:
    with refusal("read.no-rows"):
        read_here(csv_text(qualtrics_rows(QUESTIONS, [])))


def test_nine_hundred_long_questions_do_not_hide_the_third_row() -> None:
    questions = [(f"Q{k}", "A long stem, repeated before every statement. " * 10) for k in range(900)]
    raw = read_here(csv_text(qualtrics_rows(questions, [["Agree"] * 900])))
    assert (raw.platform, raw.rows) == ("qualtrics", 1)


# --- SurveyMonkey ---------------------------------------------------------------------------------

MONKEY = [
    ("Where do you live?", "Response"),
    ("How much do you agree?", KIND),
    ("", LISTEN),
    ("Which of these have you seen?", "A patrol"),
    ("", "A poster"),
    ("", "Other (please specify)"),
    ("What should change?", "Open-Ended Response"),
]
MONKEY_ANSWERS = [
    ["Docks", "Agree", "Disagree", "A patrol", "", "", "nothing"],
    ["Mill", "Agree", "", "", "A poster", "x", ""],
]


def test_a_surveymonkey_export_has_two_header_rows() -> None:
    raw = read_here(csv_text(surveymonkey_rows(MONKEY, MONKEY_ANSWERS)))
    assert raw.platform == "surveymonkey"
    assert names(raw) == [
        *SURVEYMONKEY_OWN,
        "Where do you live?",
        f"How much do you agree? - {KIND}",
        f"How much do you agree? - {LISTEN}",
        "Which of these have you seen? - A patrol",
        "Which of these have you seen? - A poster",
        "Which of these have you seen? - Other (please specify)",
        "What should change?",
    ]
    assert numbers(raw) == [3, 4]
    assert cells(raw, "Which of these have you seen? - A poster") == ["", "A poster"]


def test_the_columns_that_surveymonkey_writes_are_known() -> None:
    raw = read_here(csv_text(surveymonkey_rows(MONKEY, MONKEY_ANSWERS)))
    found = roles(raw)
    assert {name: found[name] for name in SURVEYMONKEY_OWN} == {
        "Respondent ID": "id", "Collector ID": "ignore", "Start Date": "start", "End Date": "end",
        "IP Address": "device", "Email Address": "private", "First Name": "private", "Last Name": "private",
        "Custom Data 1": "private",
    }  # fmt: skip
    assert found[f"How much do you agree? - {KIND}"] == "item"


def test_older_surveymonkey_headings_are_known_too() -> None:
    rows = surveymonkey_rows(MONKEY, MONKEY_ANSWERS)
    rows[0][: len(SURVEYMONKEY_OWN)] = [str(name).replace(" ", "") for name in SURVEYMONKEY_OWN]
    raw = read_here(csv_text(rows))
    assert raw.platform == "surveymonkey"
    found = roles(raw)
    assert {found[name] for name in ("EmailAddress", "FirstName", "LastName")} == {"private"}
    assert (found["RespondentID"], found["StartDate"], found["EndDate"]) == ("id", "start", "end")


def test_a_survey_of_nothing_but_statements_is_recognised() -> None:
    raw = read_here(csv_text(surveymonkey_rows(MONKEY[1:6], [row[1:6] for row in MONKEY_ANSWERS])))
    assert raw.platform == "surveymonkey"
    assert numbers(raw) == [3, 4]


def test_a_survey_of_nothing_but_single_answers_is_recognised() -> None:
    questions = [("Where do you live?", "Response"), ("What should change?", "Open-Ended Response")]
    raw = read_here(csv_text(surveymonkey_rows(questions, [["Docks", "x"], ["Mill", ""]])))
    assert raw.platform == "surveymonkey"
    assert names(raw)[-2:] == ["Where do you live?", "What should change?"]


def test_a_plain_table_with_a_respondent_id_is_a_plain_table() -> None:
    raw = read_here("Respondent ID,area,answer\n1,Docks,Agree\n2,Mill,Agree\n")
    assert (raw.platform, raw.rows) == ("plain", 2)


# --- Google Forms ---------------------------------------------------------------------------------

GRID = [f"How much do you agree? [{statement}]" for statement in (KIND, LISTEN)]
GOOGLE = ["Timestamp", "Email Address", "Where do you live?", *GRID, "Why?"]
GOOGLE_ANSWERS = [
    ["2026/05/03 9:05:01 AM GMT+2", "a@example.org", "Docks", "Agree", "Disagree", "x, y"],
    ["2026/05/04 9:05:01 PM GMT+2", "b@example.org", "Mill", "Agree", "", ""],
]


@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_a_google_form_has_one_header_row(form: str) -> None:
    rows = [GOOGLE, *GOOGLE_ANSWERS]
    raw = read_here(csv_text(rows)) if form == "csv" else read_here(xlsx(*rows), "survey.xlsx")
    assert raw.platform == "googleforms"
    assert numbers(raw) == [2, 3]
    assert cells(raw, "Why?") == ["x, y", ""]
    mapping, _ = propose(raw, TRUST)
    assert {(c.column, c.role) for c in mapping.columns[:2]} == {("Timestamp", "end"), ("Email Address", "private")}
    assert [c.target for c in mapping.columns if c.role == "item"] == ["pj1", "pj2"]


@pytest.mark.parametrize("word", sorted(TIMESTAMP))
def test_the_timestamp_is_known_in_every_language(word: str) -> None:
    raw = read_here(csv_text([[word.capitalize(), "a", "b"], ["03.05.2026 09:00", "1", "2"]]))
    assert raw.platform == "googleforms"
    assert propose(raw, TRUST)[0].columns[0].role == "end"


def test_questions_added_twice_to_a_form_are_told_apart_and_noticed() -> None:
    raw = read_here("Zeitstempel,Warum?,Warum?\n01.05.2026,x,y\n")
    assert names(raw)[1:] == ["Warum? (column B)", "Warum? (column C)"]
    assert [column.text for column in raw.columns[1:]] == ["Warum?", "Warum?"]
    assert raw.notices[0].code == "read.heading-twice"


# --- the table of platforms -----------------------------------------------------------------------


@pytest.mark.parametrize(
    "heading",
    [
        "id,area,answer",
        "ID,Start,Answer,Email",
        "record_id,age,is_complete_house",
        "_uuid,area,answer",
        "key,area,answer",
        "Status,Response ID,Answer",
        "#,Question,Answer",
        "Respondent ID,area,answer",
        "Finished,StartDate,EndDate,Q1",
    ],
)
def test_one_heading_alone_makes_no_platform(heading: str) -> None:
    width = heading.count(",")
    raw = read_here(f"{heading}\n1{',x' * width}\n2{',y' * width}\n")
    assert (raw.platform, numbers(raw)) == ("plain", [2, 3])


def test_no_rows_at_all_are_a_plain_table() -> None:
    for rows in ([], [[]], [["a"], [], ["{"]], [[""]], [["", ""], [""]]):
        assert detect(rows)[0].name == "plain"


def test_a_platform_nobody_knows_is_a_plain_table() -> None:
    assert platform_named("surveyplanet").name == "plain"


def test_platforms_have_names_of_their_own_and_known_roles() -> None:
    assert len({platform.name for platform in PLATFORMS}) == len(PLATFORMS)
    assert PLATFORMS[-1].name == "plain"
    assert all(platform in PLATFORMS for platform in STATISTICAL.values())
    for platform in PLATFORMS:
        assert set(platform.roles.values()) <= {
            "id", "start", "end", "status", "duration", "device", "private", "mode", "ignore",
        }  # fmt: skip
        for pattern in (*platform.roles, *(state.column for state in platform.states)):
            assert pattern == pattern.casefold()
            re.compile(pattern)


def test_a_role_of_one_column_goes_to_the_likelier_and_the_others_are_passed_over() -> None:
    kobo = platform_named("kobo")
    assert kobo.own(["_submission_time", "start", "end"])["_submission_time"] == "ignore"
    assert kobo.own(["_submission_time", "start"]) == {"_submission_time": "end", "start": "start"}
    for platform in PLATFORMS:
        roles = list(platform.own(heading for pattern in platform.roles for heading in pattern.split("|")).values())
        assert all(roles.count(role) <= 1 for role in SINGLE)


@settings(max_examples=200)
@given(rows=st.lists(st.lists(st.text(max_size=12) | st.sampled_from(HEADINGS), max_size=6), max_size=5))
def test_any_rows_are_recognised_as_something_and_make_columns(rows: list[list[str]]) -> None:
    platform, depth = detect(rows)
    assert depth >= 1
    columns = platform.columns(rows[:depth])
    assert len({column.name for column in columns}) == len(columns)
    assert all(column.name for column in columns)
    roles = platform.own(column.name for column in columns)
    assert set(roles) <= {column.name for column in columns}


def test_recognising_takes_no_time() -> None:
    """Five thousand columns with long headings, which is more than the reader takes."""
    rows = [[f"Question {k}: " + "how much do you agree - statement " * 4 for k in range(5_000)]] * 8
    best = min(timeit.repeat(lambda: detect(rows), number=1, repeat=3))
    assert best < 1.0


# --- files as the tools wrote them ----------------------------------------------------------------

EXPORTS = {
    "googleforms_rcommunity2019_es.csv": ("googleforms", 338, 52),
    "googleforms_rcommunity2019_es.xlsx": ("googleforms", 338, 52),
    "kobo_formpack_xml_both_groups.csv": ("kobo", 41, 22),
    "limesurvey_rse2017_nl_code_text.csv": ("limesurvey", 77, 131),
    "msforms_SYNTHETIC.xlsx": ("msforms", 60, 12),
    "qualtrics_new_3row_numeric_de.csv": ("qualtrics", 1, 20),
    "redcap_checkboxes_raw.csv": ("redcap", 4, 13),
    "redcap_survey_dictionary.csv": ("redcap-dictionary", 25, 18),
    "redcap_survey_timestamps_raw.csv": ("redcap", 2, 33),
    "surveygizmo_jupyter2015.csv": ("alchemer", 1_706, 37),
    "surveymonkey_starwars_2row_cp1252.csv": ("surveymonkey", 1_186, 38),
    "typeform_osmi2018.csv": ("typeform", 60, 123),
}


@pytest.mark.realdata
def test_every_export_is_in_the_list(real_data: Path) -> None:
    assert {path.name for path in (real_data / "exports").iterdir()} == set(EXPORTS)


@pytest.mark.realdata
@pytest.mark.parametrize("name", EXPORTS)
def test_real_exports_are_recognised_and_read_whole(real_data: Path, name: str) -> None:
    raw = read_here((real_data / "exports" / name).read_bytes(), name)
    assert (raw.platform, raw.rows, len(raw.columns)) == EXPORTS[name]
    mapping, guesses = propose(raw, TRUST)
    assert len(mapping.columns) == len(guesses) == len(raw.columns)


@pytest.mark.realdata
def test_the_two_forms_of_a_google_export_hold_the_same(real_data: Path) -> None:
    files = [f"googleforms_rcommunity2019_es.{kind}" for kind in ("csv", "xlsx")]
    one, other = (read_here((real_data / "exports" / name).read_bytes(), name) for name in files)
    assert one.columns == other.columns
    assert numbers(one) == numbers(other)
    differ = [name for name in names(one)[1:] if cells(one, name) != cells(other, name)]
    assert not differ


@pytest.mark.realdata
def test_a_real_surveymonkey_export_is_windows_text_with_questions_carried_on(real_data: Path) -> None:
    name = "surveymonkey_starwars_2row_cp1252.csv"
    raw = read_here((real_data / "exports" / name).read_bytes(), name)
    assert raw.notices[0].code == "read.encoding"
    assert len(set(names(raw))) == 38
    assert sum(heading.startswith("Please rank the Star Wars films") for heading in names(raw)) == 6
    assert set(cells(raw, "Gender")) == {"Male", "Female", ""}


@pytest.mark.realdata
@pytest.mark.parametrize(
    ("name", "rows", "columns"),
    [
        ("somerville/somerville_happiness_2011_2013_2015.csv", 6_545, 43),
        ("somerville/somerville_uci2015_143rows.csv", 143, 7),
        ("london/mopac_pas_borough_quarterly_semicolon_decimalcomma.csv", 9_312, 6),
        ("london/london_borough_ethnicity_population.csv", 92, 11),
        ("santamonica/open-ended-responses.csv", 1_837, 18),
        ("philadelphia/ppd_complaints.csv", 5_296, 6),
        ("kcmo/kcmo_resident_survey_mar2022.csv", 984, 160),
        ("kcmo/kcmo_resident_survey_fy2022_q1q2.csv", 1_033, 160),
    ],
)
def test_real_tables_are_read_whole(real_data: Path, name: str, rows: int, columns: int) -> None:
    raw = read_here((real_data / name).read_bytes(), Path(name).name)
    assert (raw.platform, raw.rows, len(raw.columns)) == ("plain", rows, columns)


@pytest.mark.realdata
@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("london/london_boroughs.geojson", "read.kind"),
        ("transcripts/zoom_saved_transcript.txt", "read.ragged"),
        ("transcripts/webvtt_py_cue_tags.vtt", "read.one-column"),
    ],
)
def test_real_files_that_are_no_survey_are_refused(real_data: Path, name: str, code: str) -> None:
    with refusal(code):
        read_here((real_data / name).read_bytes(), Path(name).name)
