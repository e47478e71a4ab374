"""Small tables beside a survey, through the same guarded reader."""

from __future__ import annotations

from pathlib import Path

from builders import refusal
from files import xlsx

from trustsurvey.readers.tables import read_table


def test_a_table_is_text_under_headings_in_lower_case(tmp_path: Path) -> None:
    path = tmp_path / "margins.csv"
    path.write_text("Variable; Category ;COUNT\nage;18-29;1200\nage;007;\n", encoding="utf-8")
    frame = read_table(path)
    assert list(frame.columns) == ["variable", "category", "count"]
    assert frame.to_dict("list") == {"variable": ["age", "age"], "category": ["18-29", "007"], "count": ["1200", ""]}


def test_a_workbook_is_read_as_well_under_another_name(tmp_path: Path) -> None:
    path = tmp_path / "upload"
    path.write_bytes(xlsx(["variable", "category", "count"], ["sex", "Female", 51_000]))
    assert read_table(path, "margins.xlsx")["count"].tolist() == ["51000"]
    path.write_bytes(b"variable,category\nsex\n")
    with refusal("read.ragged", "margins.csv, row 2"):
        read_table(path, "margins.csv")


def test_two_columns_of_one_name_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "margins.csv"
    path.write_text("variable,category,count,Count\nsex,Female,1,2\n", encoding="utf-8")
    with refusal("read.heading-twice", "margins.csv", "'count'", "column D"):
        read_table(path)
