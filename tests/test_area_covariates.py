"""Files of area covariates: read strictly, lined up by name, refused by name where they say nothing new."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from builders import refusal

from trustsurvey.areas.covariates import AreaCovariates, covariates_from_table

AREAS = ["North", "South", "East", "West", "Mid"]


def table(**columns: list[str]) -> pd.DataFrame:
    """A table of text with the areas in its first column."""
    return pd.DataFrame({"district": AREAS, **columns})


def test_numbers_are_read_and_lined_up_by_name() -> None:
    read = covariates_from_table(
        table(poverty=["0.1", " 0.25", "3e-1", "-4", "5"], people=["1,234", "12,345,678", "9", "1", "2"])
    )
    assert read.names == ("poverty", "people")
    assert read.table["people"].tolist() == [1234, 12345678, 9, 1, 2]
    X = read.matrix(["east ", "NORTH", "South"], np.ones(3, dtype=bool))
    np.testing.assert_array_equal(X, [[1, 0.3, 9], [1, 0.1, 1234], [1, 0.25, 12345678]])


def test_empty_rows_are_passed_over_and_rows_counted_as_a_spreadsheet_does() -> None:
    text = pd.DataFrame({"a": ["North", "", "South"], "x": ["1", None, "two"]})
    with refusal("covariates.number", "'South'", "'two'", "row 4", "column 'x'"):
        covariates_from_table(text, "areas.csv")


@pytest.mark.parametrize("cell", ["12%", "0,35", "0,350", "1.2.3", "n/a", "inf", "1,23", "~4"])
def test_what_is_not_a_number_is_refused(cell: str) -> None:
    with refusal("covariates.number", f"'{cell}'", "'East'", "row 4"):
        covariates_from_table(table(x=["1", "2", cell, "4", "5"]))


@pytest.mark.parametrize(
    ("bad", "code"),
    [
        (pd.DataFrame({"district": AREAS}), "covariates.columns"),
        (pd.DataFrame({"district": [], "x": []}), "covariates.columns"),
        (table(x=["1", "2", "", "4", "5"]), "covariates.empty"),
        (table(**{" ": list("12345")}), "covariates.heading"),
        (table(x=list("12345"), **{"x ": list("12345")}), "covariates.heading"),
        (pd.DataFrame({"district": ["North", "north."], "x": ["1", "2"]}), "covariates.twice"),
        (pd.DataFrame({"district": ["North", ""], "x": ["1", "2"]}), "covariates.unnamed"),
    ],
)
def test_unsound_tables_are_refused(bad: pd.DataFrame, code: str) -> None:
    with refusal(code):
        covariates_from_table(bad)


def numbers(**columns: list[float]) -> AreaCovariates:
    return AreaCovariates(pd.DataFrame(columns, index=AREAS), "areas.csv")


def test_an_area_that_the_file_lacks_is_named_with_its_likeness() -> None:
    with refusal("covariates.area", "'Nroth'", "'North'", "areas.csv"):
        numbers(x=[1, 2, 3, 4, 5]).matrix(["Nroth", "South"], np.ones(2, dtype=bool))
    with refusal("covariates.area", "'Elsewhere'", "Add a row"):
        numbers(x=[1, 2, 3, 4, 5]).matrix(["Elsewhere"], np.ones(1, dtype=bool))


def test_a_column_that_is_constant_where_people_answered_is_refused() -> None:
    same = numbers(x=[1, 2, 3, 4, 5], y=[7, 7, 7, 7, 8])
    with refusal("covariates.constant", "'y'"):
        same.matrix(AREAS, np.array([True, True, True, True, False]))
    assert same.matrix(AREAS, np.ones(5, dtype=bool)).shape == (5, 3)


def test_columns_that_follow_from_others_are_refused_by_name() -> None:
    x, y = np.array([1.0, 5, 2, 9, 3]), np.array([2.0, 1, 7, 3, 3])
    full = numbers(noise=[1e6, 2e6, 0, 1, 5], young=list(x), old=list(y), middle=list(100 - x - y))
    with refusal("covariates.repeats", "'middle'", "'young'", "'old'") as told:
        AreaCovariates(full.table[["young", "old", "middle"]]).matrix(AREAS, np.ones(5, dtype=bool))
    assert "noise" not in told.title


def test_columns_can_be_chosen() -> None:
    assert numbers(x=[1, 2, 3, 4, 5], y=[1, 0, 0, 0, 0]).only(["y"]).names == ("y",)
    with refusal("covariates.column", "'z'", "'x'"):
        numbers(x=[1, 2, 3, 4, 5]).only(["z"])
