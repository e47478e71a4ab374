"""Columns of numbers about residents: read, asked about, refused."""

from __future__ import annotations

import numpy as np
from builders import refusal
from files import csv_text, read_here

from trustsurvey.harmonise import harmonise
from trustsurvey.harmonise.numbers import read_number
from trustsurvey.instruments import default_instrument
from trustsurvey.model import ColumnMap, Mapping
from trustsurvey.readers.raw import Raw

ITEM = next(item.id for item in default_instrument().rated)


def raw_of(columns: dict[str, list[str]]) -> Raw:
    return read_here(csv_text([list(columns), *map(list, zip(*columns.values(), strict=True))]))


CELLS = ["1", "2,5", "1.200", "1,200", " 3 ", "", "many", "99"]


def test_decimal_commas_and_thousands_are_told_apart() -> None:
    raw = raw_of({"id": [str(k) for k in range(8)], "size": CELLS})
    numbers, problems = read_number(raw, ColumnMap("size", "number", "household", dont_know=("99",)))
    assert np.allclose(numbers, [1, 2.5, 1.2, 1200, 3, np.nan, np.nan, np.nan], equal_nan=True)
    (problem,) = problems
    assert (problem.value, problem.count, problem.rows) == ("many", 1, (8,))
    assert problem.suggestion == "Leave it out"


def test_a_wave_keeps_numbers_apart_from_groups() -> None:
    raw = raw_of({"q": ["1", "2", "3", "4"], "size": ["1", "4", "2", ""]})
    mapping = Mapping((ColumnMap("q", "item", ITEM), ColumnMap("size", "number", "household")))
    wave = harmonise(raw, mapping, default_instrument(), name="w").settled()
    assert wave.numbers == ("household",)
    assert wave.groups == ()
    assert np.allclose(wave.people["household"], [1, 4, 2, np.nan], equal_nan=True)


def test_a_number_is_not_called_like_a_group() -> None:
    raw = raw_of({"q": ["1", "2"], "a": ["x", "y"], "b": ["1", "2"]})
    columns = (ColumnMap("q", "item", ITEM), ColumnMap("a", "group", "size"), ColumnMap("b", "number", "size"))
    with refusal("map.target-twice"):
        harmonise(raw, Mapping(columns), default_instrument(), name="w")
