"""Microsoft Forms, Typeform, Alchemer, and what is left of Qualtrics and SurveyMonkey after other programs."""

from __future__ import annotations

import json

import pytest
from exports import ALCHEMER_OWN, alchemer_rows, microsoft_rows, typeform_rows
from files import TRUST, cells, csv_text, names, numbers, qualtrics_rows, read_here, surveymonkey_rows, xlsx

from trustsurvey.harmonise import propose
from trustsurvey.readers.platforms import platform_named
from trustsurvey.readers.raw import Raw

KIND = TRUST.item("pj1").text
LISTEN = TRUST.item("pj2").text


def roles(raw: Raw) -> dict[str, str]:
    return {column.column: column.role for column in propose(raw, TRUST)[0].columns}


def choices(raw: Raw) -> dict[str, list[str]]:
    """The options of each question that took several answers."""
    found: dict[str, list[str]] = {}
    for column in raw.columns:
        if column.option:
            found.setdefault(column.question, []).append(column.option)
    return found


# --- Microsoft Forms ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "own",
    [
        ("ID", "Start time", "Completion time", "Email", "Name"),
        ("ID", "Startzeit", "Fertigstellungszeit", "E-Mail", "Name"),
        ("ID", "Heure de début", "Heure de fin", "Adresse de messagerie", "Nom"),
        ("Id.", "Hora de inicio", "Hora de finalización", "Correo electrónico", "Nombre"),
        ("ID", "Begintijd", "Tijd van voltooien", "E-mail", "Naam"),
        ("ID", "Ora di inizio", "Ora di completamento", "Posta elettronica", "Nome"),
    ],
)
def test_microsoft_forms_is_known_in_its_languages(own: tuple[str, ...]) -> None:
    rows = microsoft_rows([f"{KIND}\u00a0", "Points - Which?", "Feedback on the police"], [["Agree", 1, "x"]] * 2, own)
    raw = read_here(xlsx(*rows), "survey.xlsx")
    assert raw.platform == "msforms"
    found = roles(raw)
    assert [found[name] for name in own] == ["id", "start", "end", "private", "private"]
    assert found[KIND] == "item"
    own_roles = platform_named("msforms").own(names(raw))
    assert own_roles["Points - Which?"] == "ignore"
    assert "Feedback on the police" not in own_roles


# --- Typeform -------------------------------------------------------------------------------------


def test_typeform_choices_are_columns_whose_cells_repeat_their_headings() -> None:
    heads = [
        "<strong>Where do you live?</strong>",
        "A patrol",
        "A poster",
        "A letter",
        "Other",
        "A patrol",
        "A call",
        "Why?",
    ]
    answers = [
        ["Docks", "A patrol", "", "", "", "A patrol", "", "x"],
        ["Mill", "", "", "A letter", "a drone", "", "A call", "y"],
    ]
    raw = read_here(csv_text(typeform_rows(heads, answers, ["completed", "partial"])))
    assert raw.platform == "typeform"
    assert "Where do you live?" in names(raw)
    assert choices(raw) == {
        "columns C to E": ["A patrol", "A poster", "A letter"],
        "columns G to H": ["A patrol", "A call"],
    }
    found = roles(raw)
    assert (found["#"], found["Start Date (UTC)"], found["Submit Date (UTC)"]) == ("id", "start", "end")
    assert (found["Network ID"], found["Response Type"], found["Tags"]) == ("device", "status", "ignore")
    assert platform_named("typeform").meanings("Response Type", ["completed", "partial", ""]) == [None, "partial", None]


def test_a_question_that_everybody_answered_alike_is_no_choice() -> None:
    raw = read_here(csv_text(typeform_rows(["Do you agree?", "Why?"], [["Yes", "x"], ["Yes", "y"]])))
    assert not choices(raw)


# --- Alchemer -------------------------------------------------------------------------------------

SEEN = "Which of these have you seen: in May?"
GRID = [f"{statement}:How much do you agree?" for statement in (KIND, LISTEN)]
ALCHEMER = [
    "Where do you live?", *GRID, f"A patrol:{SEEN}", f"A poster:{SEEN}", f"Other - Write In:{SEEN}", "Time: which?",
]  # fmt: skip
ALCHEMER_ANSWERS = [
    ["Docks", "Agree", "Disagree", "A patrol", "", "", "noon"],
    ["Mill", "Agree", "Agree", "A patrol", "A poster", "a drone", "one"],
]


def test_alchemer_puts_the_choice_before_the_question() -> None:
    raw = read_here(csv_text(alchemer_rows(ALCHEMER, ALCHEMER_ANSWERS)))
    assert raw.platform == "alchemer"
    assert raw.column(GRID[0]).text == f"How much do you agree? - {KIND}"
    assert raw.column("Time: which?").text == "Time: which?"
    assert choices(raw) == {SEEN: ["A patrol", "A poster"]}
    mapping, _ = propose(raw, TRUST)
    assert [(c.column, c.target) for c in mapping.columns if c.role == "item"] == [(GRID[0], "pj1"), (GRID[1], "pj2")]


def test_the_columns_that_alchemer_writes_are_known() -> None:
    found = roles(read_here(csv_text(alchemer_rows(ALCHEMER, ALCHEMER_ANSWERS))))
    assert [found[name] for name in ALCHEMER_OWN] == [
        "id", "start", "end", "status", "private", *["ignore"] * 4, "private", "device", "ignore", "device",
        "private", "private", "ignore", "private", "ignore", "private",
    ]  # fmt: skip
    said = platform_named("alchemer").meanings("Status", ["Complete", "Partial", "Disqualified", "disqualified "])
    assert said == [None, "partial", "disqualified", "disqualified"]


# --- Qualtrics ------------------------------------------------------------------------------------

QUESTIONS = [
    ("Q1", "Where?"),
    ("Q2_1", f"How much do you agree? - {KIND}"),
    ("Q2_2", f"How much do you agree? - {LISTEN}"),
]
SPLIT = [
    (f"Q5_{k}", f"Which did you see? - Selected Choice - {what}")
    for k, what in enumerate(("Patrol", "Poster", "Call"), 1)
]
ANSWERS = [["Docks", "4", "5", "1", "", "3"], ["Mill", "4", "2", "", "2", ""], ["Mill", "1", "2", "1", "", ""]] * 4


@pytest.mark.parametrize("words", [True, False])
def test_qualtrics_choices_that_were_split_into_columns_are_told_from_statements(words: bool) -> None:
    said = {"1": "Patrol", "2": "Poster", "3": "Call"}
    answers = [[*row[:3], *(said.get(cell, "") if words else cell for cell in row[3:])] for row in ANSWERS]
    raw = read_here(csv_text(qualtrics_rows([*QUESTIONS, *SPLIT], answers)))
    assert choices(raw) == {"Q5": ["Patrol", "Poster", "Call"]}


@pytest.mark.parametrize("left", [[0, 1], [0]])
def test_a_qualtrics_export_without_its_import_ids_is_still_one(left: list[int]) -> None:
    rows = qualtrics_rows(QUESTIONS, [["Docks", "Agree", "Agree"], ["Mill", "Agree", "Agree"]])
    rows = [rows[k] for k in left] + rows[3:]
    raw = read_here(csv_text(rows))
    assert (raw.platform, raw.rows) == ("qualtrics", 2)
    assert numbers(raw) == [len(left) + 1, len(left) + 2]
    assert roles(raw)["ResponseId"] == "id"
    if 1 in left:
        assert raw.column("Q2_1").text.endswith(KIND)


def test_the_older_form_of_qualtrics_has_two_rows_and_an_empty_last_column() -> None:
    own = ["ResponseID", "ResponseSet", "Name", "ExternalDataReference", "EmailAddress", "IPAddress", "Status",
           "StartDate", "EndDate", "Finished"]  # fmt: skip
    rows = [
        [*(f"V{k}" for k in range(1, 11)), "Q1", "LocationLatitude", ""],
        [*own, KIND, "LocationLatitude", ""],
        [
            "R_1",
            "Default",
            "",
            "",
            "",
            "198.51.100.1",
            "0",
            "2014-05-01 09:00:00",
            "2014-05-01 09:05:00",
            "1",
            "4",
            "45",
            "",
        ],
    ]
    raw = read_here(csv_text(rows))
    assert (raw.platform, numbers(raw)) == ("qualtrics", [3])
    assert names(raw) == [*own, "Q1", "LocationLatitude"]
    found = roles(raw)
    assert (found["ResponseID"], found["Q1"], found["EmailAddress"]) == ("id", "item", "private")
    assert (found["Status"], found["Finished"], found["LocationLatitude"]) == ("status", "status", "private")


def test_timers_and_topics_of_qualtrics_are_no_questions() -> None:
    tags = ["Q3_First Click", "Q3_Last Click", "Q3_Page Submit", "Q3_Click Count", "Q2 - Topics", "Q4"]
    found = platform_named("qualtrics").own(tags)
    assert found == dict.fromkeys(tags[:-1], "ignore")


def test_an_import_id_with_a_choice_does_not_hide_the_third_row() -> None:
    rows = qualtrics_rows(SPLIT, [["1", "", ""]])
    rows[2][-3:] = [json.dumps({"ImportId": "QID5", "choiceId": str(k)}) for k in (1, 2, 3)]
    assert read_here(csv_text(rows)).platform == "qualtrics"


# --- SurveyMonkey ---------------------------------------------------------------------------------

MONKEY = [
    ("Where?", "Response"), ("Which?", "A patrol"), ("", "A poster"), ("", "Other (please specify)"), ("Agree?", KIND),
    ("", LISTEN),
]  # fmt: skip
MONKEY_ANSWERS = [["Docks", "A patrol", "", "", "Agree", "Agree"], ["Mill", "", "A poster", "x", "Agree", "Disagree"]]


def test_surveymonkey_choices_are_told_from_statements() -> None:
    raw = read_here(csv_text(surveymonkey_rows(MONKEY, MONKEY_ANSWERS)))
    assert choices(raw) == {"Which?": ["A patrol", "A poster"]}


def test_a_surveymonkey_export_saved_by_pandas_reads_the_same() -> None:
    rows = surveymonkey_rows(MONKEY, MONKEY_ANSWERS)
    plain = read_here(csv_text(rows))
    filled = [[cell or f"Unnamed: {k}" for k, cell in enumerate(rows[0])], *rows[1:]]
    again = read_here(csv_text(filled))
    assert (again.platform, again.columns) == ("surveymonkey", plain.columns)
    numbered = [["Unnamed: 0", *filled[0]], *([k, *row] for k, row in enumerate(filled[1:]))]
    indexed = read_here(csv_text(numbered))
    assert (indexed.platform, indexed.rows) == ("surveymonkey", 2)
    assert names(indexed) == ["column A", *names(plain)]
    assert roles(indexed)["column A"] == "ignore"


def test_a_surveymonkey_export_with_one_heading_row_is_known_by_its_own_columns() -> None:
    rows = surveymonkey_rows(MONKEY, MONKEY_ANSWERS)
    rows = [[*rows[0][:9], "Where?", "Which?"], *(row[:11] for row in rows[2:])]
    raw = read_here(csv_text(rows))
    assert (raw.platform, numbers(raw)) == ("surveymonkey", [2, 3])
    assert cells(raw, "Which?") == ["A patrol", ""]


def test_a_surveymonkey_workbook_with_merged_headings_reads_the_same() -> None:
    from files import saved
    from openpyxl import Workbook

    rows = surveymonkey_rows(MONKEY, MONKEY_ANSWERS)
    book = Workbook()
    for row in rows:
        book.active.append(row)
    book.active.merge_cells("K1:M1")
    raw = read_here(saved(book), "survey.xlsx")
    assert raw.platform == "surveymonkey"
    assert names(raw) == names(read_here(csv_text(rows)))
