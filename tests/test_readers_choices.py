"""Choices and statements have the same headings; their cells tell them apart."""

from __future__ import annotations

from collections import Counter

import pytest

from trustsurvey.readers.choices import confirmed
from trustsurvey.readers.raw import Column, letter

MATRIX = ["Agree", "Disagree", "Agree", "Neither"]


def options(cells: dict[str, list[str]], question: str = "Q") -> list[str]:
    """The options that are confirmed of columns named by their options."""
    columns = [Column(f"Q_{k}", name, letter(k), question=question, option=name) for k, name in enumerate(cells, 1)]
    counts = [Counter(cell for cell in column if cell) for column in cells.values()]
    found = confirmed(columns, counts.__getitem__, counts.__getitem__)
    assert all(bool(column.option) == bool(column.question) for column in found)
    return [column.option for column in found if column.option]


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        ({"A": ["A", "", "A"], "B": ["", "B", ""]}, ["A", "B"]),
        ({"A": ["1", "0", "1"], "B": ["0", "0", "0"]}, ["A", "B"]),
        ({"A": ["Yes", "No"], "B": ["No", "No"], "C": ["", ""]}, ["A", "B", "C"]),
        ({"A": ["Ja", "Nein"], "B": ["Nein", "Nein"]}, ["A", "B"]),
        ({"A": ["Checked"], "B": ["Unchecked"]}, ["A", "B"]),
        ({"A": ["A"], "B": ["B"], "Other (please specify)": ["a drone"]}, ["A", "B"]),
        ({"A": ["1", ""], "B": ["", "1"], "Other": ["0", "1"]}, ["A", "B", "Other"]),
        ({"A": ["7"] * 3, "B": ["9"] * 4, "C": ["12"] * 3}, ["A", "B", "C"]),
        ({"A": ["1", "", "1"], "B": ["", "2", "2"]}, ["A", "B"]),
        ({"A": ["1"]}, ["A"]),
    ],
    ids=[
        "words",
        "0 and 1",
        "yes and no",
        "German",
        "REDCap",
        "own words",
        "other is a choice",
        "codes",
        "numbers",
        "one",
    ],
)
def test_choices(cells: dict[str, list[str]], expected: list[str]) -> None:
    assert options(cells) == expected


@pytest.mark.parametrize(
    "cells",
    [
        {"A": MATRIX, "B": MATRIX},
        {"A": ["4", "5", "1"], "B": ["3", "3", "2"]},
        {"A": ["4"], "B": ["5"], "C": ["3"]},
        {"A": ["1", "2"], "B": ["2", "1"], "C": ["3", "3"]},
        {"A": [], "B": []},
        {"A": ["Yes", "No"]},
        {"Name": ["Maria"], "Other": ["Paul"]},
    ],
    ids=["matrix", "numbers", "one row of numbers", "ranks", "no answers", "one yes or no", "texts"],
)
def test_statements(cells: dict[str, list[str]]) -> None:
    assert options(cells) == []


def test_what_the_first_rows_do_not_show_the_others_may() -> None:
    columns = [Column(name, name, letter(k), question="Q", option=name) for k, name in enumerate("AB")]
    whole = [Counter({"A": 3}), Counter({"B": 2})]
    found = confirmed(columns, lambda k: Counter(), whole.__getitem__)
    assert [column.option for column in found] == ["A", "B"]
    late = [Counter({"A": 3, "Agree": 1}), Counter({"Agree": 2, "Neither": 1})]
    assert not any(column.option for column in confirmed(columns, whole.__getitem__, late.__getitem__))
