"""Tables that no platform wrote: titles, two rows of headings, and answers that look like headings."""

from __future__ import annotations

import pytest
from files import csv_text, names, numbers, read_here

WORDED = [
    ["id", "q1", "q2"],
    ["Number of the case", "How safe do you feel?", "Do you trust the police here?"],
    ["1", "4", "5"],
    ["2", "3", "3"],
]
GROUPED = [
    ["id", "Police", "", "You", ""],
    ["", "kind", "fair", "sex", "age"],
    ["1", "4", "5", "f", "40"],
    ["2", "3", "3", "m", "50"],
]


def test_names_above_the_wording_of_the_questions_are_read_together() -> None:
    raw = read_here(csv_text(WORDED))
    assert names(raw) == WORDED[0]
    assert [column.text for column in raw.columns] == WORDED[1]
    assert numbers(raw) == [3, 4]
    (notice,) = raw.notices
    assert (notice.code, notice.text) == ("read.two-headings", "Rows 1 and 2 were read together as the heading.")


def test_headings_over_several_columns_are_carried_on() -> None:
    raw = read_here(csv_text(GROUPED))
    assert names(raw) == ["id", "Police - kind", "Police - fair", "You - sex", "You - age"]
    assert numbers(raw) == [3, 4]


def test_a_title_above_two_rows_of_headings_is_passed_over() -> None:
    raw = read_here(csv_text([["Riverton survey", "", "", "", ""], *GROUPED]))
    assert names(raw)[1] == "Police - kind"
    assert [notice.code for notice in raw.notices] == ["read.title", "read.two-headings"]
    assert numbers(raw) == [4, 5]


@pytest.mark.parametrize(
    "rows",
    [
        [
            ["id", "why", "area"],
            ["first", "They never come when called", "Docks"],
            ["second", "Always kind to us here", "Mill"],
        ],
        [["id", "area", ""], ["x1", "Docks", "f"], ["x2", "Mill", "m"]],
        [["a", "b"], ["x", "y"], ["1", "2"]],
        [["id", "area", "", "age"], ["1", "Docks", "a", "40"], ["2", "Mill", "b", "50"]],
        [["", "area", "answer"], ["x", "Docks", "Agree"], ["y", "Mill", "Agree"]],
    ],
    ids=["texts only", "a column without a name", "short words", "numbers in row 2", "row names"],
)
def test_answers_are_not_taken_for_headings(rows: list[list[str]]) -> None:
    raw = read_here(csv_text(rows))
    assert numbers(raw) == [2, 3]
    assert not raw.notices
