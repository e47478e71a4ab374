"""Where residents live, which groups they belong to, how they were interviewed."""

from __future__ import annotations

import pandas as pd
import pytest
from builders import refusal
from files import SMALL, read_here, taken_in

from trustsurvey.harmonise import Harmonised
from trustsurvey.harmonise.people import read_people
from trustsurvey.model import AreaLevel, ColumnMap, Mapping

DISTRICTS = AreaLevel("district", "Districts", "", (("East", ""), ("West", "")))
WARDS = AreaLevel("ward", "Wards", "district", (("Mill", "East"), ("Docks", "East"), ("Old Park", "West")))
LEVELS = (DISTRICTS, WARDS)


def with_people(head: str, *rows: str, columns: str, levels: tuple[AreaLevel, ...] = LEVELS) -> Harmonised:
    text = f"kind,{head}\n" + "".join(f"4,{row}\n" for row in rows)
    return taken_in(text, f"  kind: {{item: kind}}\n{columns}", SMALL, levels)


def listed(column: pd.Series) -> list[object]:
    return [None if pd.isna(value) else value for value in column]


# --- areas ----------------------------------------------------------------------------------------


def test_areas_are_known_however_they_are_written() -> None:
    people = with_people("where", "Mill", "DOCKS.", " old  park ", columns="  where: {area: ward}").wave.people
    assert listed(people["ward"]) == ["Mill", "Docks", "Old Park"]
    assert list(people["ward"].cat.categories) == ["Mill", "Docks", "Old Park"]


def test_the_level_above_is_looked_up() -> None:
    wave = with_people("where", "Mill", "Old Park", "", columns="  where: {area: ward}").wave
    assert listed(wave.people["district"]) == ["East", "West", None]
    assert list(wave.people["district"].cat.categories) == ["East", "West"]
    assert wave.areas == ("district", "ward")


def test_a_level_of_its_own_column_is_not_looked_up() -> None:
    columns = "  where: {area: ward}\n  part: {area: district}"
    people = with_people("where,part", "Mill,West", "Docks,", columns=columns).wave.people
    assert listed(people["district"]) == ["West", None]


def test_three_levels_are_looked_up_one_from_another() -> None:
    city = AreaLevel("city", "City", "", (("Riverton", ""),))
    districts = AreaLevel("district", "Districts", "city", (("East", "Riverton"), ("West", "Riverton")))
    frame = read_people(
        read_here("kind,where\n4,Mill\n4,Old Park\n"),
        Mapping((ColumnMap("where", "area", "ward"),)),
        (WARDS, districts, city),
    ).frame
    assert listed(frame["district"]) == ["East", "West"]
    assert listed(frame["city"]) == ["Riverton", "Riverton"]


def test_an_unknown_area_is_a_problem_with_a_suggestion() -> None:
    result = with_people("where", "Mill", "Quay", "Docs", "Docs", columns="  where: {area: ward}")
    assert [(p.value, p.count, p.rows, p.suggestion) for p in result.problems] == [
        ("Quay", 1, (3,), ""),
        ("Docs", 2, (4, 5), "Docks"),
    ]
    error = result.problems[1].error("survey.csv")
    assert (error.code, error.where) == ("map.area", "survey.csv, row 4, column 'where'")
    assert "Wards has the unknown area 'Docs'" in str(error)
    assert "one of the 3 areas, such as 'Mill'" in str(error)
    assert "leave it out" in error.hint
    assert listed(result.wave.people["ward"]) == ["Mill", None, None, None]


def test_an_unknown_area_can_be_named_or_left_out() -> None:
    columns = '  where: {area: ward, values: {Docs: Docks, "7": Mill}, leave_out: [Elsewhere]}'
    result = with_people("where", "DOCS", "7", "elsewhere", "Don't know", "", columns=columns)
    assert not result.problems
    assert listed(result.wave.people["ward"]) == ["Docks", "Mill", None, None, None]


def test_a_recode_to_an_area_that_is_none_stays_a_problem() -> None:
    result = with_people("where", "x", columns="  where: {area: ward, values: {x: Nowhere}}")
    assert [problem.value for problem in result.problems] == ["x"]


def test_a_level_without_names_takes_any_value_in_one_spelling() -> None:
    level = (AreaLevel("zip", "ZIP"),)
    rows = ("07001", "7001", "07001", "old town", "Old Town", "Old Town")
    result = with_people("where", *rows, columns="  where: {area: zip}", levels=level)
    assert not result.problems
    assert listed(result.wave.people["zip"]) == ["07001", "7001", "07001", "Old Town", "Old Town", "Old Town"]


def test_an_area_that_stands_twice_in_a_level_does_no_harm() -> None:
    level = (AreaLevel("ward", "Wards", "", (("Mill", ""), ("Mill", ""))),)
    people = with_people("where", "mill", columns="  where: {area: ward}", levels=level).wave.people
    assert listed(people["ward"]) == ["Mill"]


# --- groups ---------------------------------------------------------------------------------------


def test_groups_are_taken_as_they_are_written_in_order() -> None:
    wave = with_people("age", "65+", "18-24", "", "25-44", "Prefer not to say", columns="  age: {group: age}").wave
    assert listed(wave.people["age"]) == ["65+", "18-24", None, "25-44", None]
    assert list(wave.people["age"].cat.categories) == ["18-24", "25-44", "65+"]
    assert wave.groups == ("age",)


def test_stated_values_set_labels_and_their_order() -> None:
    columns = '  sex: {group: sex, values: {"2": Female, "1": Male, "9": Other}, refused: ["8"]}'
    wave = with_people("sex", "1", "2", "8", "3", columns=columns).wave
    assert listed(wave.people["sex"]) == ["Male", "Female", None, "3"]
    assert list(wave.people["sex"].cat.categories) == ["Female", "Male", "3"]


def test_several_values_can_be_one_group() -> None:
    columns = "  age: {group: age, values: {18-24: under 45, 25-44: under 45}}"
    wave = with_people("age", "18-24", "25-44", "45+", columns=columns).wave
    assert listed(wave.people["age"]) == ["under 45", "under 45", "45+"]


@pytest.mark.parametrize("rows", [("male", "Male", "Male", "MALE."), ("Male", "male", "Male")])
def test_one_group_in_several_spellings_is_one_group(rows: tuple[str, ...]) -> None:
    wave = with_people("sex", *rows, "Female", columns="  sex: {group: sex}").wave
    assert listed(wave.people["sex"]) == ["Male"] * len(rows) + ["Female"]


def test_the_stated_spelling_of_a_group_wins() -> None:
    columns = '  sex: {group: sex, values: {"1": Male}}'
    wave = with_people("sex", "male", "male", "1", columns=columns).wave
    assert listed(wave.people["sex"]) == ["Male"] * 3


def test_a_value_can_be_taken_from_a_group() -> None:
    wave = with_people("sex", "Male", "x", columns="  sex: {group: sex, leave_out: [X]}").wave
    assert listed(wave.people["sex"]) == ["Male", None]


def test_the_way_of_interview_is_kept_apart_from_the_groups() -> None:
    wave = with_people("how", "Web", "phone", "web", columns="  how: {role: mode, values: {phone: Telephone}}").wave
    assert listed(wave.people["mode"]) == ["Web", "Telephone", "Web"]
    assert wave.groups == ()


def test_a_group_and_an_area_of_one_name_are_refused() -> None:
    with refusal("map.target-twice", "'ward'", "another name"):
        with_people("where,x", "Mill,y", columns="  where: {area: ward}\n  x: {group: ward}")


@pytest.mark.parametrize("name", ["respondent", "source_row"])
def test_names_that_a_wave_needs_itself_are_refused(name: str) -> None:
    with refusal("map.target-reserved", f"'{name}'", "column 'x'"):
        with_people("x", "y", columns=f"  x: {{group: {name}}}")
