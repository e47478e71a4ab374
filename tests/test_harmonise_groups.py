"""Groups: several answers in a cell or a column for each, codes that are no answer, ways of interviewing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from files import SMALL, TRUST, csv_text, read_here, taken_in
from hypothesis import given, strategies as st

from trustsurvey.harmonise import Harmonised, accept, decide, harmonise, propose
from trustsurvey.harmonise.categories import in_range
from trustsurvey.harmonise.choices import options_of, split
from trustsurvey.mapping_file import mapping_from_yaml
from trustsurvey.model import ColumnMap, Mapping
from trustsurvey.readers.raw import Raw, Values

OPTIONS = ["Patrol", "Patrol, on foot", "At a meeting", "Stopped, or searched"]


def values(*cells: str) -> Values:
    distinct = tuple(dict.fromkeys(cells))
    return Values(np.array([distinct.index(cell) for cell in cells], dtype=np.int32), distinct)


def listed(column: pd.Series) -> list[object]:
    return [None if pd.isna(value) else value for value in column]


# --- one cell -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("cell", "found", "rest"),
    [
        ("Patrol, on foot, At a meeting", ("Patrol, on foot", "At a meeting"), ""),
        ("Patrol, At a meeting", ("Patrol", "At a meeting"), ""),
        ("at a MEETING;Patrol;", ("At a meeting", "Patrol"), ""),
        ("Stopped, or searched, a neighbour told me", ("Stopped, or searched",), "a neighbour told me"),
        ("Patrolled", (), "Patrolled"),
        ("", (), ""),
        ("Patrol Patrol", ("Patrol",), ""),
    ],
)
def test_a_cell_is_split_at_known_options_the_longest_first(cell: str, found: tuple[str, ...], rest: str) -> None:
    assert split(cell, OPTIONS) == (found, rest)


@given(st.lists(st.sampled_from(OPTIONS), unique=True, max_size=4), st.sampled_from([", ", ";", "; ", " | ", "\n"]))
def test_whatever_was_joined_comes_apart(chosen: list[str], sign: str) -> None:
    # "Patrol" before ", on foot" would be another option.
    assert set(split(sign.join(chosen), OPTIONS)[0]) == set(chosen)


@given(st.text(max_size=40))
def test_any_cell_can_be_split(cell: str) -> None:
    found, _ = split(cell, OPTIONS)
    assert set(found) <= set(OPTIONS)


def test_accents_and_blanks_do_not_count() -> None:
    assert split("policía  local, Guardia civil", ["Guardia Civil", "Policia local"])[0] == (
        "Policia local",
        "Guardia Civil",
    )


def test_options_are_what_people_choose_again_and_again() -> None:
    random = np.random.default_rng(3)
    cells = [", ".join(option for option in OPTIONS[1:] if random.random() < 0.5) for _ in range(200)] + ["my uncle"]
    found, sign = options_of(values(*cells))
    assert set(found) == set(OPTIONS[1:])
    assert sign == ", "


@pytest.mark.parametrize(
    "cells",
    [
        ["Agree, somewhat", "Agree, strongly", "Disagree, somewhat"] * 20,
        ["100,000 and up", "50,000 - $59,999", "Less than $10,000"] * 20,
        ["The police came late, and nobody listened to us.", "Nothing, really", "More patrols, please, at night"] * 20,
        ["Mill", "Docks"] * 20,
        [f"Street {k}, number {k}" for k in range(60)],
        [""] * 5,
    ],
)
def test_labels_with_commas_are_no_several_answers(cells: list[str]) -> None:
    assert options_of(values(*cells)) == ((), "")


# --- groups ---------------------------------------------------------------------------------------------


def grouped(columns: str, head: str, rows: Sequence[Sequence[str]], raw: Raw | None = None) -> Harmonised:
    text = csv_text([["kind", *head.split(",")], *[[k % 5 + 1, *row] for k, row in enumerate(rows)]])
    return taken_in(
        raw or read_here(text),
        f"partial_below: 0\nkeep_duplicates: true\ncolumns:\n  kind: {{item: kind}}\n{columns}",
        SMALL,
    )


def test_each_option_is_a_group_of_yes_and_no() -> None:
    columns = '  how: {group: contact, options: [Patrol, "Patrol, on foot", At a meeting]}'
    wave = grouped(
        columns, "how", [["Patrol, on foot, At a meeting"], ["Patrol"], [""], ["Don't know"], ["by letter"]]
    ).settled()
    assert wave.groups == ("contact: Patrol", "contact: Patrol, on foot", "contact: At a meeting")
    assert listed(wave.people["contact: Patrol"]) == ["No", "Yes", None, None, "No"]
    assert listed(wave.people["contact: Patrol, on foot"]) == ["Yes", "No", None, None, "No"]
    assert listed(wave.people["contact: At a meeting"]) == ["Yes", "No", None, None, "No"]


def parts(rows: Sequence[Sequence[str]], options: Sequence[str] = ("Patrol", "Meeting")) -> Raw:
    """A file with one column for each option of a question."""
    raw = read_here(csv_text([["kind", *options], *[[k % 5 + 1, *row] for k, row in enumerate(rows)]]))
    columns = tuple(replace(c, question="contact", option=c.name) if c.name in options else c for c in raw.columns)
    return replace(raw, columns=columns)


@pytest.mark.parametrize(
    "rows",
    [
        [["1", "0"], ["0", "1"], ["0", "0"], ["", ""]],
        [["Patrol", ""], ["", "Meeting"], ["No", "No"], ["", ""]],
        [["Yes", "No"], ["No", "Yes"], ["No", "No"], ["", ""]],
        [["Checked", "Unchecked"], ["Unchecked", "Checked"], ["Unchecked", "Unchecked"], ["", "NA"]],
    ],
)
def test_a_column_for_each_option_however_it_is_ticked(rows: list[list[str]]) -> None:
    columns = '  Patrol: {group: "contact: Patrol"}\n  Meeting: {group: "contact: Meeting"}'
    wave = grouped(columns, "", [], parts(rows)).settled()
    assert listed(wave.people["contact: Patrol"]) == ["Yes", "No", "No", None]
    assert listed(wave.people["contact: Meeting"]) == ["No", "Yes", "No", None]


def test_interviews_may_be_ticked_by_mode() -> None:
    raw = parts([["1", "0"], ["0", "1"], ["1", "1"], ["0", "0"]], ("Web", "Phone"))
    wave = grouped("  Web: mode\n  Phone: mode", "", [], raw).settled()
    assert listed(wave.people["mode"]) == ["Web", "Phone", "several", None]
    joined = grouped(
        "  how: {role: mode, options: [Web, Phone]}", "how", [["Web"], ["Phone;"], ["Web;Phone"], [""]]
    ).settled()
    assert listed(joined.people["mode"]) == ["Web", "Phone", "several", None]


# --- codes that are no answer ---------------------------------------------------------------------------


def test_a_code_that_stands_apart_is_asked_about_and_not_made_a_group() -> None:
    rows = [[str(k % 4 + 1)] for k in range(40)] + [["9"], ["9"], ["R"]]
    result = grouped("  age: {group: age}", "age", rows)
    assert [(p.code, p.value, p.suggestion) for p in result.problems] == [
        ("map.group", "9", "No answer: don't know"),
        ("map.group", "R", "No answer: refused"),
    ]
    mapping = mapping_from_yaml(
        "partial_below: 0\nkeep_duplicates: true\ncolumns: {kind: {item: kind}, age: {group: age}}"
    )
    raw = read_here(csv_text([["kind", "age"], *[[k % 5 + 1, *row] for k, row in enumerate(rows)]]))
    wave = taken_in(raw, accept(mapping, result.problems), SMALL).settled()
    assert list(wave.people["age"].cat.categories) == ["1", "2", "3", "4"]
    assert wave.people["age"].isna().sum() == 3
    kept = decide(mapping, result.problems[0], "A group of its own")
    assert [p.value for p in taken_in(raw, kept, SMALL).problems] == ["R"]


@pytest.mark.parametrize(
    ("cells", "columns"),
    [
        (["1", "2", "3", "4", "5", "6", "7", "8", "9"], "  g: {group: g}"),
        (["1", "2", "9"], "  g: {group: g, values: {1: a, 2: b, 9: c}}"),
        (["1", "2", "9"], "  g: {group: g, refused: [9]}"),
        (["1", "2", "9"], "  g: {group: g, confirmed: [map.group]}"),
        ([str(k) for k in range(18, 97)] + ["99"], "  g: {group: g}"),
        (["R", "L"], "  g: {group: g}"),
        (["18-24", "25-34", "99+"], "  g: {group: g}"),
    ],
)
def test_codes_that_follow_one_another_or_were_decided_need_no_question(cells: list[str], columns: str) -> None:
    assert not grouped(columns, "g", [[cell] for cell in cells]).problems


# --- ages in years --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "span"),
    [
        ("18-24", (18, 24)),
        ("18 to 24", (18, 24)),
        ("65+", (65, np.inf)),
        ("65 and over", (65, np.inf)),
        ("75 or older", (75, np.inf)),
        ("under 18", (-np.inf, 17)),
        ("Female", None),
        ("2026-05-01", None),
        ("18", None),
    ],
)
def test_labels_of_ranges(text: str, span: tuple[float, float] | None) -> None:
    assert in_range(text) == span


def test_ages_in_years_are_put_into_groups() -> None:
    rows = [[str(age)] for age in (18, 24, 25, 44, 45, 90, 12)]
    columns = '  age: {group: age, values: {18-24: young, 25-44: 25-44, "45+": 45+}}'
    wave = grouped(columns, "age", rows).settled()
    assert listed(wave.people["age"]) == ["young", "young", "25-44", "25-44", "45+", "45+", "12"]


def test_ages_in_years_are_proposed_in_the_groups_of_the_margins() -> None:
    raw = read_here(csv_text([["Your age", "kind"], *[[k % 70 + 18, k % 5 + 1] for k in range(200)]]))

    def ranges(categories: Sequence[str]) -> list[str]:
        mapping, _ = propose(raw, SMALL, known_groups={"age": categories})
        assert (mapping.columns[0].role, mapping.columns[0].target) == ("group", "age")
        return [key for key, _ in mapping.columns[0].values]

    assert ranges(["18-29", "30-44", "45 and over"]) == ["18-29", "30-44", "45 and over"]
    assert ranges(["young", "old"])[1] == "18-24"


# --- proposals ------------------------------------------------------------------------------------------


@pytest.mark.realdata
def test_real_questions_with_several_answers(real_data: Path) -> None:
    name = "googleforms_rcommunity2019_es.csv"
    raw = read_here((real_data / "exports" / name).read_bytes(), name)
    help_asked = next(column for column in raw.columns if column.text.startswith("Cuando tienes problemas"))
    found, sign = options_of(raw.values(help_asked.name))
    assert sign == ", "
    assert any("," in option for option in found)
    mapping, _ = propose(raw, TRUST)
    ethnic = next(column for column in mapping.columns if column.target == "ethnicity")
    assert ethnic.options[:2] == ("Hispánico/Latino", "Blanco")
    assert mapping.mode == "web"


def test_an_option_that_stands_for_no_answer_is_none() -> None:
    """Somerville writes R where somebody refused, in a question that took several answers."""
    rows = [["Asian"], ["White"], ["Asian, White"], ["White, Black"], ["Black"], ["R"]]
    raw = read_here(csv_text([["kind", "race"], *[[k % 5 + 1, *rows[k % 6]] for k in range(60)]]))
    column = next(c for c in propose(raw, SMALL)[0].columns if c.column == "race")
    assert (set(column.options), column.refused) == ({"Asian", "White", "Black"}, ("R",))
    people = taken_in(raw, Mapping((ColumnMap("kind", "item", "kind"), column)), SMALL).wave.people
    assert people["ethnicity: White"].isna().sum() == 10
    # Beside another answer it is one, and so is a code among codes.
    for told in (["Asian, R"], ["R, White"]):
        raw = read_here(csv_text([["kind", "race"], *[[k % 5 + 1, *([*rows, told][k % 7])] for k in range(60)]]))
        assert "R" in next(c for c in propose(raw, SMALL)[0].columns if c.column == "race").options


# --- codes without names --------------------------------------------------------------------------------


def test_codes_of_which_nothing_says_what_they_stand_for_are_noticed() -> None:
    rows = [["age", "sex", "fair"], *([k % 3 + 1, "fm"[k % 2], k % 5 + 1] for k in range(60))]
    raw = read_here(csv_text(rows))
    item = ColumnMap("fair", "item", "fair")

    def told(*columns: ColumnMap) -> list[str]:
        made = harmonise(raw, Mapping((item, *columns)), SMALL, name="w")
        return [notice.text for notice in made.wave.report.notices if notice.code == "map.unnamed"]

    age, sex = ColumnMap("age", "group", "age"), ColumnMap("sex", "group", "sex")
    (notice,) = told(age, sex)
    assert "'age'." in notice
    assert "Its codes mean" in notice
    named = replace(age, values=(("1", "18-29"), ("2", "30-44"), ("3", "45+")))
    assert told(named, sex) == []
    assert told(replace(age, labels=named.values)) == []
