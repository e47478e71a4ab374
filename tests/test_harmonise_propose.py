"""What every column is taken for, why, and whether someone should look."""

from __future__ import annotations

from collections.abc import Mapping as MappingType, Sequence

import pytest
from files import CORE, SMALL, TRUST, csv_text, qualtrics_rows, read_here

from trustsurvey.harmonise import Guess, harmonise, propose
from trustsurvey.model import AreaLevel, ColumnMap, Instrument, Mapping

AGREE = ("Agree", "Disagree", "Strongly agree", "Don't know")
WARDS = AreaLevel("ward", "Wards", "", (("Mill", ""), ("Docks", ""), ("Old Park", "")))


def guesses(
    columns: MappingType[str, Sequence[object]],
    levels: Sequence[AreaLevel] = (),
    instrument: Instrument = TRUST,
    previous: Mapping | None = None,
    groups: MappingType[str, Sequence[str]] | None = None,
) -> dict[str, Guess]:
    """The guess for each column of a file given by headings and cells, repeated to equal length."""
    length = max(len(cells) for cells in columns.values())
    rows = [[cells[k % len(cells)] for cells in columns.values()] for k in range(length)]
    raw = read_here(csv_text([list(columns), *rows]))
    mapping, found = propose(raw, instrument, levels, previous, groups)
    assert mapping.columns == tuple(guess.column for guess in found)
    return {guess.column.column: guess for guess in found}


def said(guess: Guess) -> tuple[str, str, bool]:
    return guess.column.role, guess.column.target, guess.sure


def one(heading: str, *cells: object, **more: object) -> tuple[str, str, bool]:
    """What a column is taken for, beside another that tells nothing."""
    return said(guesses({heading: cells, "zzz": ("1", "2")}, **more)[heading])  # type: ignore[arg-type]


# --- questions ------------------------------------------------------------------------------------


def test_every_question_asked_in_its_own_words_is_found() -> None:
    answers = {item.scale.name: [label for _, label in item.scale.anchors] for item in TRUST.items}
    columns = {item.text: answers[item.scale.name] or ["words", "more words"] for item in TRUST.items}
    found = guesses(columns)
    for item in TRUST.items:
        assert said(found[item.text]) == ("text" if item.scale.is_text else "item", item.id, True)
        assert found[item.text].why == "asked in the same words"


@pytest.mark.parametrize(
    "heading",
    ["How much? - {}", "Q3 \u2013 How much? - {}", "How much do you agree? [{}]", "{}", "  {} ", "<p>{}</p>"],
)
def test_a_statement_is_found_in_its_heading(heading: str) -> None:
    text = heading.format(TRUST.item("pj1").text)
    name = " ".join(text.replace("<p>", "").replace("</p>", "").split())
    assert said(guesses({text: AGREE, "zzz": "12"})[name]) == ("item", "pj1", True)


def test_the_number_of_a_question_is_no_part_of_it() -> None:
    police = TRUST.item("pj1")
    heading = "q5_01_" + "_".join(police.text.lower().rstrip(".").split())
    assert one(heading, "Agree", "Disagree", "Strongly agree", "9", "9") == ("item", "pj1", True)


def test_a_column_named_like_a_question_is_that_question() -> None:
    assert one("PJ1", "1", "5", "3") == ("item", "pj1", True)
    assert one("oe1", "anything") == ("text", "oe1", True)
    assert one("pj1", "10", "20", "30")[0] == "ignore"


def test_similar_words_are_found_but_left_to_a_person() -> None:
    assert one("Officers treat people with respect.", *AGREE) == ("item", "pj1", False)
    assert one("Officers explain their decisions.", *AGREE)[0] == "ignore"


@pytest.mark.parametrize(
    ("heading", "item"),
    [
        ("Police officers here treat people without respect.", "pj1"),
        ("Police officers here do not treat people with respect.", "pj1"),
        ("The police are not good at preventing crime here.", "ef2"),
        ("The police aren't good at preventing crime here.", "ef2"),
    ],
)
def test_a_question_turned_round_is_left_to_a_person(heading: str, item: str) -> None:
    guess = guesses({heading: AGREE, "zzz": "12"})[heading]
    assert said(guess) == ("item", item, False)
    assert "the other way round" in guess.why


def test_answers_that_do_not_fit_the_scale_are_no_answers_to_it() -> None:
    text = TRUST.item("pj1").text
    assert one(text, "red", "green", "blue")[0] == "ignore"
    assert one(text, "", "")[0] == "item"
    assert one(text, "Agree", "Agree", "Agree", "Agree", "odd") == ("item", "pj1", True)
    assert one(text, "Agree", "odd", "odder")[0] == "ignore"


def test_each_question_is_given_once_to_the_column_most_like_it() -> None:
    text = TRUST.item("pj1").text
    found = guesses({text.replace("here ", ""): AGREE, text: AGREE})
    assert [said(guess) for guess in found.values()] == [("ignore", "", True), ("item", "pj1", True)]
    twice = guesses({f"A - {text}": AGREE, f"B - {text}": AGREE})
    assert [guess.column.role for guess in twice.values()] == ["item", "ignore"]


# --- the last wave --------------------------------------------------------------------------------


def test_the_last_mapping_decides_for_columns_of_the_same_name() -> None:
    last = Mapping(
        (ColumnMap("Q1", "item", "pj1", dont_know=("9",)), ColumnMap("Q2", "private"), ColumnMap("gone", "id")),
        partial_below=0.3,
        day_first=True,
        keep_duplicates=True,
    )
    text = csv_text([["Q1", "Q2", TRUST.item("pj1").text, "sex"], [1, 2, "Agree", "f"], [2, 3, "Agree", "m"]])
    mapping, found = propose(read_here(text), TRUST, (), last)
    assert [guess.column for guess in found][:2] == [last.columns[0], last.columns[1]]
    assert found[0].why == "as in the last wave"
    assert found[2].column.role == "ignore"
    assert found[3].column == ColumnMap("sex", "group", "sex")
    assert (mapping.partial_below, mapping.day_first, mapping.keep_duplicates) == (0.3, True, True)
    assert "gone" not in {column.column for column in mapping.columns}


def test_a_tag_used_for_another_question_shows_in_the_wording() -> None:
    text = csv_text(qualtrics_rows([("Q1", "How content are you with the parks of the city?")], [["Agree"]] * 3))
    raw = read_here(text)
    mapping, _ = propose(raw, TRUST, (), Mapping((ColumnMap("Q1", "item", "pj1"),)))
    wave = harmonise(raw, mapping, TRUST, name="w").wave
    assert wave.wording["pj1"] == "How content are you with the parks of the city?"
    assert [notice.code for notice in wave.report.notices] == ["wording.changed"]


def test_the_platform_of_the_file_counts_not_that_of_the_last_wave() -> None:
    last = Mapping((ColumnMap("Status", "ignore"),), platform="plain")
    mapping, _ = propose(read_here(csv_text(qualtrics_rows([("Q1", "x")], [["1"]]))), TRUST, (), last)
    assert mapping.platform == "qualtrics"
    assert next(column for column in mapping.columns if column.column == "Status").role == "ignore"


# --- private columns ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "heading",
    [
        "Name", "Your name", "What is your name?", "First Name", "first_name", "LastName", "last-name", "Surname",
        "Full name", "Respondent name", "E-mail", "Email Address", "your_email", "Phone", "Telephone number", "Mobile",
        "telephone_1", "Address", "Home address", "Street address", "Latitude", "gps_longitude", "Date of birth", "DOB",
        "birthdate", "Case number", "Badge",
    ],
)  # fmt: skip
def test_headings_that_ask_who_somebody_is_are_private(heading: str) -> None:
    assert one(heading, "a", "b", "c") == ("private", "", True)


@pytest.mark.parametrize(
    "cells",
    [
        [f"p{k}@example.org" for k in range(9)],
        [f"198.51.100.{k}" for k in range(9)],
        [f"(555) 010-01{k:02d}" for k in range(9)],
        [f"+44 7700 9001{k:02d}" for k in range(9)],
        ["a@example.org", "b@example.org", "none", "c@example.org"],
    ],
)
def test_cells_that_tell_who_somebody_is_are_private(cells: list[str]) -> None:
    assert one("Question 7", *cells) == ("private", "", True)


@pytest.mark.parametrize(
    "cells",
    [
        [f"2026-05-{k:02d}" for k in range(1, 10)],
        [f"{k:02d}/05/2026 10:00" for k in range(1, 10)],
        [str(10_000 + k) for k in range(9)],
        ["1.5", "2.5", "3.5"],
        ["Agree", "Disagree", "Neutral"],
    ],
)
def test_dates_and_numbers_are_not_taken_for_telephones(cells: list[str]) -> None:
    assert one("Question 7", *cells)[0] != "private"


@pytest.mark.parametrize("heading", ["Ward name", "Neighbourhood name", "District name"])
def test_the_name_of_a_place_is_not_private(heading: str) -> None:
    assert one(heading, "Mill", "Docks", levels=[WARDS]) == ("area", "ward", True)


@pytest.mark.parametrize("heading", ["IP", "IP Address", "ip_address", "User Agent", "user_agent", "Device ID"])
def test_what_tells_a_device_is_used_for_duplicates_only(heading: str) -> None:
    assert one(heading, "a", "b") == ("device", "", True)


# --- places ---------------------------------------------------------------------------------------


def test_a_column_of_areas_is_found_by_its_answers() -> None:
    assert one("Q1", "mill", "Docks", "Old  Park", "", "Elsewhere", levels=[WARDS]) == ("area", "ward", True)
    assert one("Q1", "Mill", "x", "y", levels=[WARDS])[0] == "ignore"
    assert one("Q1", "Mill", "Don't know", "Don't know", "Don't know", levels=[WARDS]) == ("area", "ward", True)


def test_each_level_is_given_once() -> None:
    found = guesses({"home": ("Mill", "Docks"), "work": ("Docks", "Mill")}, [WARDS])
    assert [guess.column.role for guess in found.values()] == ["area", "ignore"]


def test_a_level_without_names_is_found_by_its_heading() -> None:
    zips = AreaLevel("zip", "ZIP code")
    assert one("zip", "07001", "07002", levels=[zips]) == ("area", "zip", True)
    assert one("Your ZIP code", "07001", "07002", levels=[zips]) == ("area", "zip", True)
    assert one("Which neighbourhood?", "a", "b", levels=[zips]) == ("area", "zip", False)
    assert one("Which neighbourhood?", "a", "b")[0] == "ignore"


def test_a_place_in_codes_that_nobody_knows_is_left_to_a_person() -> None:
    guess = guesses({"ward": ("1", "2"), "zzz": "12"}, [WARDS])["ward"]
    assert said(guess) == ("ignore", "", False)
    assert "'Wards'" in guess.why


def test_numbers_are_taken_for_numbered_areas_where_the_heading_speaks_of_them() -> None:
    districts = AreaLevel("district", "Districts", "", (("District 1", ""), ("District 2", ""), ("District 3", "")))
    cells = ("1", "2", "3", "3")
    assert one("council_district", *cells, levels=[districts]) == ("area", "district", False)
    assert one("q13_01", *cells, levels=[districts]) == ("ignore", "", True)


# --- groups ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("heading", "group"),
    [
        ("What is your age?", "age"), ("Age group", "age"), ("q40_age", "age"), ("age_band", "age"), ("Sex", "sex"),
        ("gender_identity", "sex"),
        ("Ethnicity", "ethnicity"), ("q37_race", "ethnicity"), ("Do you own or rent your home?", "tenure"),
        ("Household income", "income"), ("Highest level of education", "education"), ("Disability", "disability"),
        ("Have you had contact with a police officer?", "contact"), ("Were you a victim of crime?", "victim"),
        ("Language spoken at home", "language"),
    ],
)  # fmt: skip
def test_groups_are_found_by_their_headings(heading: str, group: str) -> None:
    assert one(heading, "a", "b", "c") == ("group", group, True)


def test_a_group_in_other_categories_than_the_margins_is_left_to_a_person() -> None:
    bands = {"age": ["18-34", "35-54", "55+"]}
    assert one("Age", "34", "56", "71", groups=bands) == ("group", "age", False)
    assert one("Age", "18-34", "35-54", "55 or older", groups=bands) == ("group", "age", True)


def test_a_column_of_one_value_or_of_very_many_is_no_group() -> None:
    assert one("Age", "18-24", "18-24")[0] == "ignore"
    assert one("Ethnicity", *(f"group {k}" for k in range(30)))[0] == "ignore"
    assert one("Age", *range(18, 80)) == ("group", "age", False)  # ages in years, put into groups
    assert one("Average wages", "a", "b")[0] == "ignore"


def test_groups_are_found_by_the_categories_of_the_margins() -> None:
    ages = {"age": ["18-29", "30-44", "45+"]}
    assert one("Q2", "18-29", "30-44", "45+", "", "Prefer not to say", groups=ages) == ("group", "age", True)
    assert one("Q2", "18-29", "30-44", "16-17", "x", groups=ages)[0] == "ignore"


def test_yes_and_no_alone_are_no_sign_of_a_group() -> None:
    margins = {"disability": ["Yes", "No"], "victim": ["yes", "no"]}
    headings = ("Did you call the council?", "Do you have a disability?", "Were you a victim of crime?")
    found = guesses(dict.fromkeys(headings, ("Yes", "No", "No")), groups=margins)
    assert [said(guess)[:2] for guess in found.values()] == [
        ("ignore", ""),
        ("group", "disability"),
        ("group", "victim"),
    ]


def test_each_group_is_given_once() -> None:
    found = guesses({"Sex": ("f", "m"), "Gender": ("f", "m")})
    assert [said(guess)[:2] for guess in found.values()] == [("group", "sex"), ("ignore", "")]


CODES = ("1", "2", "3", "4", "5", "9")


def test_who_is_called_like_a_group_goes_before_who_speaks_of_it() -> None:
    """Headings of Kansas City's resident survey, in the order of the file."""
    found = guesses(
        {
            "q2_06_how_safe_you_feel_in_your_neighborhood": CODES,
            "q26_01_had_conversations_with_people_of_a_different_race_or_ethnicity_than_you": CODES,
            "q31_18_do_you_have_children_under_the_age_of_18_living_in_your_household": ("1", "2"),
            "race": ("Black", "White", "Other"),
            "q40_age": CODES,
            "zip": ("64105", "64106"),
        },
        [AreaLevel("zip", "ZIP codes")],
    )
    assert [said(guess) for guess in found.values()] == [
        ("ignore", "", True),
        ("ignore", "", True),
        ("ignore", "", True),
        ("group", "ethnicity", True),
        ("group", "age", True),
        ("area", "zip", True),
    ]


def test_a_long_question_that_speaks_of_a_group_is_left_to_a_person() -> None:
    heading = "q9_09_accessibility_of_streets_sidewalks_and_buildings_for_people_with_disabilities"
    assert one(heading, *CODES) == ("group", "disability", False)
    asked = "Which of the following best describes your race or ethnicity, in your own words?"
    assert one(asked, "Black", "White", "Other") == ("group", "ethnicity", True)


# --- the design and the rest ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("heading", "cells", "role", "sure"),
    [
        ("Respondent ID", ("a", "b", "c"), "id", True),
        ("id", ("1", "2", "3"), "id", True),
        ("id", ("1", "1", "1", "2"), "ignore", True),
        ("weight", ("1.5", "0.4"), "weight", False),
        ("base_weight", ("1.5", "0.4"), "weight", False),
        ("weight", ("70 kg", "80 kg"), "ignore", True),
        ("Stratum", ("a", "b"), "stratum", True),
        ("PSU", ("a", "b"), "psu", True),
        ("fpc", ("20", "12"), "fpc", True),
        ("Start time", ("2026-05-01", "2026-05-02"), "start", True),
        ("Completion time", ("2026-05-01", "2026-05-02"), "end", True),
        ("submitdate", ("2026-05-01", "2026-05-02"), "end", True),
        ("Duration (in seconds)", ("300", "400"), "duration", True),
        ("Duration", ("5 min", "x"), "ignore", True),
        ("Mode", ("web", "phone"), "mode", True),
        ("Mode", tuple(f"m{k}" for k in range(13)), "ignore", True),
        ("Favourite colour", ("red", "blue"), "ignore", True),
    ],
)
def test_the_design_is_found_by_headings_that_hold_what_they_say(
    heading: str, cells: tuple[str, ...], role: str, sure: bool
) -> None:
    assert one(heading, *cells) == (role, "", sure)


def test_each_role_is_given_once() -> None:
    found = guesses({"date": ("2026-05-01",), "Timestamp": ("2026-05-02",), "weight": ("1",), "wt": ("2",)})
    assert [guess.column.role for guess in found.values()] == ["end", "ignore", "weight", "ignore"]


def test_longer_texts_are_left_to_a_person() -> None:
    comments = [f"This is what I think about it, number {k}." for k in range(9)]
    guess = guesses({"Anything else?": comments, "zzz": "12"})["Anything else?"]
    assert said(guess) == ("ignore", "", False)
    assert "'text'" in guess.why


def test_a_proposal_can_be_applied_at_once() -> None:
    rows = qualtrics_rows([(name.upper(), TRUST.item(name).text) for name in CORE], [["4"] * len(CORE)] * 3)
    raw = read_here(csv_text(rows))
    mapping, found = propose(raw, TRUST)
    result = harmonise(raw, mapping, TRUST, name="w")
    assert all(guess.sure for guess in found)
    assert not result.problems
    assert set(result.wave.items) == set(CORE)
    assert len(result.wave) == 3


def test_a_file_without_questions_gets_a_mapping_all_the_same() -> None:
    mapping, found = propose(read_here("a,b\nx,y\n"), SMALL)
    assert [column.role for column in mapping.columns] == ["ignore", "ignore"]
    assert all(guess.why for guess in found)
