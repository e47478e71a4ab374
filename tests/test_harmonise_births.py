"""Days and years of birth: only the age group at the interview goes on, in the groups of the study's margins."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import numpy as np
import pytest
from builders import refusal
from files import SMALL, cells, csv_text, read_here
from hypothesis import given, settings, strategies as st

from trustsurvey.harmonise import harmonise, keyed_pseudonyms, propose
from trustsurvey.harmonise.births import age_groups
from trustsurvey.harmonise.kept import keep
from trustsurvey.mapping_file import mapping_from_yaml, mapping_to_yaml
from trustsurvey.model import ColumnMap, Mapping
from trustsurvey.readers.raw import Raw

BANDS = ("16-29", "30-44", "45-59", "60+")
KNOWN = {"age": BANDS}


def survey(head: str, births: list[str], when: str = "2026-05-20") -> Raw:
    rows = [[when, births[k % len(births)], k % 5 + 1, 2] for k in range(60)]
    return read_here(csv_text([["start", head, "kind", "fair"], *rows]))


def proposed(raw: Raw) -> Mapping:
    return propose(raw, SMALL, known_groups=KNOWN)[0]


def ages(raw: Raw, mapping: Mapping) -> list[str | float]:
    return harmonise(raw, mapping, SMALL, name="w").wave.people["age"].astype(object).tolist()


DATES = ["1996-05-20", "1996-05-21", "1950-01-01", "1981-12-31"]


@pytest.mark.parametrize(
    ("head", "births"),
    [
        ("Date of birth", DATES),
        ("DOB", ["20/05/1996", "21/05/1996", "01/01/1950", "31/12/1981"]),
        ("Geburtsdatum", ["20.05.1996", "21.05.1996", "01.01.1950", "31.12.1981"]),
        ("birthdate", ["5/20/96", "5/21/96", "1/1/50", "12/31/81"]),
    ],
)
def test_a_day_of_birth_is_the_age_on_the_day_of_the_interview(head: str, births: list[str]) -> None:
    raw = survey(head, births)
    mapping = proposed(raw)
    entry = next(column for column in mapping.columns if column.column == head)
    assert (entry.role, entry.target, entry.born) == ("group", "age", True)
    assert tuple(label for _, label in entry.values) == BANDS
    # Thirty on the day; a day younger the day before.
    assert ages(raw, mapping)[:4] == ["30-44", "16-29", "60+", "30-44"]


@pytest.mark.parametrize(
    "head", ["Year of birth", "What year were you born in? (birth year)", "A\u00f1o de nacimiento", "yob"]
)
def test_a_year_of_birth_is_taken_from_its_middle(head: str) -> None:
    raw = survey(head, ["1996", "1997", "1950", "1981.0", "1970", "1971", "1972", "1973", "2024", "n/a"])
    found = [*ages(raw, proposed(raw))[:4], *ages(raw, proposed(raw))[8:10]]
    assert [None if age is np.nan else age for age in found] == ["16-29", "16-29", "60+", "30-44", None, None]
    assert ages(survey(head, ["1996", "1950", "1981"], "2026-07-02"), proposed(raw))[0] == "30-44"


def test_without_a_day_of_interview_births_are_dropped() -> None:
    raw = read_here(csv_text([["Date of birth", "kind", "fair"], *[[DATES[k % 4], k % 5 + 1, 2] for k in range(60)]]))
    mapping = proposed(raw)
    assert next(c for c in mapping.columns if c.column == "Date of birth").role == "private"
    born = mapping.with_column(ColumnMap("Date of birth", "group", "age", born=True))
    with refusal("map.born", "no day of interview", "'Date of birth'"):
        harmonise(raw, born, SMALL, name="w")


def test_where_the_age_is_told_births_are_dropped() -> None:
    rows = [["2026-05-20", DATES[k % 4], BANDS[k % 4], k % 5 + 1] for k in range(60)]
    raw = read_here(csv_text([["start", "Date of birth", "age", "kind"], *rows]))
    mapping = proposed(raw)
    assert next(c for c in mapping.columns if c.column == "Date of birth").role == "private"
    assert not any(column.born for column in mapping.columns)


def test_no_day_of_birth_is_kept_and_another_run_gives_the_same_groups() -> None:
    raw = survey("Date of birth", DATES)
    mapping = proposed(raw)
    kept = keep(raw, mapping, keyed_pseudonyms(b"k"))
    assert set(cells(kept, "Date of birth")) == {"30-44", "16-29", "60+"}
    assert b"1996" not in kept.path.read_bytes()
    again = keep(kept, mapping, keyed_pseudonyms(b"k"))
    assert ages(raw, mapping) == ages(kept, mapping) == ages(again, mapping)
    # What nobody uses is not kept, a year alone neither.
    unused = mapping.with_column(ColumnMap("Date of birth", "ignore"))
    assert keep(raw, unused, keyed_pseudonyms(b"k")).kept.gone == ("Date of birth",)
    years = survey("Year of birth", ["1996", "1950"])
    assert keep(years, replace(proposed(years), columns=()), keyed_pseudonyms(b"k")).kept.gone == ("Year of birth",)


def test_the_mapping_file_tells_it() -> None:
    mapping = proposed(survey("Date of birth", DATES))
    text = mapping_to_yaml(mapping)
    assert "born: true" in text
    assert mapping_from_yaml(text) == replace(
        mapping, columns=tuple(column for column in mapping.columns if column.role != "ignore")
    )


@settings(max_examples=60)
@given(st.dates(min_value=date(1930, 1, 1), max_value=date(2008, 12, 31)))
def test_the_age_is_that_of_the_calendar(born: date) -> None:
    raw = survey("Date of birth", [born.isoformat()])
    column = ColumnMap(
        "Date of birth", "group", "age", values=tuple((f"{k}-{k}", str(k)) for k in range(120)), born=True
    )
    mapping = Mapping((ColumnMap("start", "start"), column))
    age = 2026 - born.year - ((born.month, born.day) > (5, 20))
    assert set(age_groups(raw, mapping, column).astype(object)) == {str(age)}
