"""The account of an import as a sheet: everything for those who may see it, nothing small for the others."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd
import pytest

from trustsurvey.errors import Notice
from trustsurvey.export.account import COLUMNS, account_table
from trustsurvey.export.workbook import workbook_bytes
from trustsurvey.model import ItemCheck, Report, RowCheck, ValueCheck

REPORT = Report(
    "qualtrics", 130, (("test answers and previews", 5),), (Notice("read.repaired", "Two letters were repaired."),),
    (
        RowCheck("test answers and previews", "the status", 5, "left out", (2, 3)),
        RowCheck("very fast", "a third of the median", 4, "kept", (17, 90)),
    ),
    (ValueCheck("Q3", "fair", "call me on 555", 1, (41,), "left out"),),
    (ItemCheck("fair", "Q3", "Fair?", 100, 20, 4, 0, 0, 1),),
    (("web", 0.75), ("phone", 0.25)),
)  # fmt: skip


def lines(table: pd.DataFrame, part: str) -> list[list[object]]:
    return table[table["part"] == part].drop(columns="part").to_numpy(object).tolist()


def test_those_who_may_see_single_answers_see_all_of_it() -> None:
    table = account_table(REPORT, microdata=True)
    assert list(table) == COLUMNS
    assert lines(table, "rows") == [
        ["rows read", "all rows below the headings", 130, 1.0, "", ""],
        ["test answers and previews", "the status", 5, 0.0385, "left out", "2, 3"],
        ["very fast", "a third of the median", 4, 0.0308, "kept", "17, 90"],
        ["rows kept", "answers of the wave", 125, 0.9615, "kept", ""],
    ]
    assert lines(table, "values") == [["fair, column 'Q3'", "'call me on 555'", 1, None, "left out", "41"]]
    assert [(line[1], line[2], line[3]) for line in lines(table, "questions")] == [
        ("answered", 100, 0.8), ("don't know", 20, 0.16), ("refused", 4, 0.032), ("left out", 1, 0.008),
    ]  # fmt: skip
    assert lines(table, "notices") == [["read.repaired", "Two letters were repaired.", None, None, "", ""]]


def test_the_others_see_no_row_no_value_and_no_small_number() -> None:
    table = account_table(REPORT)
    assert set(table["rows"]) == {""}
    assert "555" not in table.to_csv()
    assert lines(table, "values") == [
        ["fair, column 'Q3'", "a value that stands on no scale", "under 10", None, "left out", ""]
    ]
    assert [line[1:4] for line in lines(table, "questions")] == [
        ["don't know", None, 0.16], ["refused", "under 10", None], ["left out", "under 10", None],
    ]  # fmt: skip


@pytest.mark.parametrize("microdata", [True, False])
def test_it_goes_into_a_workbook(microdata: bool) -> None:
    assert workbook_bytes({"Import": account_table(REPORT, microdata)}).startswith(b"PK")


def test_a_wave_of_a_few_people_tells_nothing() -> None:
    few = replace(REPORT, rows_read=12)
    assert account_table(few).empty
    assert len(account_table(few, microdata=True)) > 4
