"""Workbooks and CSV: text stays text, whatever it looks like, and comes back as it was."""

from __future__ import annotations

import csv
import io
import re
import zipfile
from typing import Any
from xml.etree import ElementTree

import numpy as np
import openpyxl
import pandas as pd
import pytest
from builders import refusal
from hypothesis import given, settings, strategies as st

from trustsurvey.export import workbook
from trustsurvey.export.workbook import csv_archive, csv_bytes, workbook_bytes
from trustsurvey.inert import DANGEROUS

CELL = 32_767
FORMULAS = [
    "=1+1", "=HYPERLINK(\"http://example.org\",\"click\")", "=cmd|' /C calc'!A0", "+1+1", "-1+1", "@SUM(A1)", "+", "-",
    "=", "@", "\t=1+1", "\r=1+1", "\n=1+1", "\r\n=1+1", "\x00=1+1", "\x0b=1+1", "\uff1d1+1", "\uff0b1", "\uff0d1",
    "\uff20x", "{=1+1}", "-2+3+cmd|' /C calc'!A0", "==", "=\u200b1", "-\U0001f600",
]  # fmt: skip
TEXTS = [
    "plain", "", " ", " leading", "trailing ", "007", "1e5", "1/2", "TRUE", "NaN", "None", "null", "NA", "2026-04-01",
    "http://example.org", "https://example.org/?q=1", "mailto:a@example.org", "file:///etc/passwd", "www.example.org",
    "a,b", "a;b", 'say "so"', "two\nlines", "a\tb", "<b>bold</b>", "&amp;", "]]>", "<!--", "_x0041_", "\u00a0",
    "\u05e9\u05dc\u05d5\u05dd \u0639\u0644\u064a\u0643\u0645", "\u202eevil\u202c", "\U0001f468\u200d\U0001f469",
    "\U0001f600" * 50, "e\u0301", "\u0130\u0131\u00df", "\u4e2d\u6587", "\ufeffmark", "\x7f", "\x85", "'quoted",
    "#REF!",
]  # fmt: skip
PRINTABLE = st.text(st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="\ufffe\uffff"), max_size=40)


def opened(content: bytes) -> openpyxl.Workbook:
    return openpyxl.load_workbook(io.BytesIO(content))


def read_back(content: bytes) -> list[list[str]]:
    """The rows of a CSV file, by a reader that changes nothing."""
    text = content.decode("utf-8-sig")
    return list(csv.reader(io.StringIO(text, newline=""), strict=True))


def parts(content: bytes) -> dict[str, str]:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return {name: archive.read(name).decode("utf-8") for name in archive.namelist()}


# --- workbooks -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("text", [*FORMULAS, *TEXTS])
def test_no_text_of_a_workbook_is_a_formula_or_a_link(text: str) -> None:
    content = workbook_bytes({"Sheet": pd.DataFrame({text or "x": [text, "beside"]})})
    sheet = opened(content)["Sheet"]
    for (cell,) in sheet.iter_rows():
        assert cell.value is None or cell.data_type == "s"
        assert cell.hyperlink is None
    value = sheet["A2"].value or ""
    assert value == re.sub("[\x00-\x08\x0b-\x1f]", "", text)
    xml = parts(content)
    assert "<f>" not in xml["xl/worksheets/sheet1.xml"]
    assert "hyperlink" not in xml["xl/worksheets/sheet1.xml"]
    assert not any("External" in part for name, part in xml.items() if name.endswith(".rels"))
    if value.startswith(DANGEROUS):
        assert sheet["A2"].quotePrefix  # stays text when the cell is edited, too


def test_every_part_of_a_workbook_is_well_formed() -> None:
    odd = ["\x00\x01\x1f", "\ud800half", "\udc00", "\ufffe\uffff", "ok"]
    content = workbook_bytes({"Sheet": pd.DataFrame({"text": pd.Series(odd, dtype=object)})})
    for name, part in parts(content).items():
        assert ElementTree.fromstring(part.encode("utf-8")) is not None, name
    values = [cell.value for (cell,) in opened(content)["Sheet"].iter_rows(min_row=2)]
    assert values == [None, "half", None, None, "ok"]


@pytest.mark.parametrize(
    ("text", "kept"),
    [("x" * CELL, CELL), ("x" * 40_000, CELL), ("\U0001f600" * 16_383, 16_383), ("\U0001f600" * 20_000, 16_383),
     ("x" + "\U0001f600" * 20_000, 16_384), ("=" * 40_000, CELL), ("\u05d0" * 40_000, CELL)],
)  # fmt: skip
def test_long_text_is_cut_to_what_a_cell_of_excel_holds(text: str, kept: int) -> None:
    """32,767 units of UTF-16, in which many emoji are two; a longer cell makes Excel 'repair' the file."""
    value = opened(workbook_bytes({"Sheet": pd.DataFrame({"text": [text]})}))["Sheet"]["A2"].value
    assert value == text[:kept]
    assert len(value.encode("utf-16-le")) <= 2 * CELL


@settings(max_examples=60)
@given(st.lists(PRINTABLE, min_size=1, max_size=8))
def test_text_comes_back_from_a_workbook(texts: list[str]) -> None:
    sheet = opened(workbook_bytes({"Sheet": pd.DataFrame({"text": texts})}))["Sheet"]
    assert [cell.value or "" for (cell,) in sheet.iter_rows(min_row=2)] == texts
    assert {cell.data_type for (cell,) in sheet.iter_rows(min_row=2) if cell.value} <= {"s"}


def test_numbers_stay_numbers_and_what_is_missing_stays_empty() -> None:
    table = pd.DataFrame(
        {
            "float": [1.5, -2.25, np.nan, np.inf],
            "int": np.array([1, -2, 3, 4], dtype=np.int16),
            "flag": [True, False, True, False],
            "mixed": pd.Series([1, "1", None, pd.NaT], dtype=object),
            "label": pd.Categorical(["=a", None, "b", "b"]),
        }
    )
    rows = list(opened(workbook_bytes({"Sheet": table}))["Sheet"].iter_rows(min_row=2, values_only=True))
    assert rows == [
        (1.5, 1, True, 1, "=a"), (-2.25, -2, False, "1", None), (None, 3, True, None, "b"), (None, 4, False, None, "b"),
    ]  # fmt: skip


def test_numbers_keep_the_digits_that_excel_has() -> None:
    values = np.array([0.1 + 0.2, 1 / 3, 2**53 - 1.0, 5e-324, 1e308, 123.456789012345678])
    sheet = opened(workbook_bytes({"Sheet": pd.DataFrame({"v": values})}))["Sheet"]
    found = np.array([cell.value for (cell,) in sheet.iter_rows(min_row=2)])
    np.testing.assert_allclose(found, values, rtol=1e-15)


def test_sheets_are_named_and_their_headings_stay_in_sight() -> None:
    long = "A name that is longer than Excel takes for a sheet"
    book = opened(workbook_bytes({"Results": pd.DataFrame({"a": [1]}), long: pd.DataFrame({"b": [1]})}))
    assert book.sheetnames == ["Results", long[:31]]
    for sheet in book:
        assert sheet.freeze_panes == "A2"
        assert sheet["A1"].font.bold


def test_columns_are_as_wide_as_their_text() -> None:
    table = pd.DataFrame(
        {"subject": ["short"], "statement": ["a sentence of about forty letters, no more"], "n": [1.123456789]}
    )
    widths = opened(workbook_bytes({"Sheet": table}))["Sheet"].column_dimensions
    assert widths["B"].width > 40
    assert widths["A"].width < 15
    assert widths["C"].width == 12


def test_more_rows_than_excel_holds_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workbook, "MOST_ROWS", 3)
    with refusal("export.rows", "'Weights'", "Download CSV"):
        workbook_bytes({"Weights": pd.DataFrame({"a": range(4)})})
    workbook_bytes({"Weights": pd.DataFrame({"a": range(3)})})


# --- CSV -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("text", FORMULAS)
def test_no_text_of_a_csv_file_begins_like_a_formula(text: str) -> None:
    rows = read_back(csv_bytes(pd.DataFrame({text: [text], "beside": [text]})))
    for cell in (rows[0][0], *rows[1]):
        assert not cell.startswith(DANGEROUS)
        assert cell.lstrip("'").replace("\r", "") == re.sub("[\x00-\x08\x0b-\x1f]", "", text)


@pytest.mark.parametrize("text", [text for text in TEXTS if not text.startswith(DANGEROUS)])
def test_other_text_of_a_csv_file_is_left_as_it_is(text: str) -> None:
    assert read_back(csv_bytes(pd.DataFrame({"a": [text], "b": [1]})))[1] == [text, "1"]


def test_long_text_comes_back_whole_from_csv() -> None:
    text = "\U0001f600x\u05d0," * 10_000
    assert read_back(csv_bytes(pd.DataFrame({"a": [text], "b": ["x"]})))[1][0] == text


@settings(max_examples=200)
@given(st.lists(st.text(max_size=30), min_size=1, max_size=5), st.booleans())
def test_the_guard_of_csv_is_a_law(texts: list[str], categories: bool) -> None:
    """Any text at all: nothing begins like a formula, rows and cells stay apart, and what was said can be read."""
    column = pd.Series([*texts, "end"], dtype=object)
    if categories:
        column = column.where(column.map(lambda t: t.isprintable()), "odd").astype("category")
    rows = read_back(csv_bytes(pd.DataFrame({"text": column, "n": range(len(column))})))
    assert [row[1] for row in rows[1:]] == [str(k) for k in range(len(column))]
    for said, (cell, _) in zip(column, rows[1:], strict=True):
        clean = workbook.UNPRINTABLE.sub("", said)
        assert cell in (clean, f"'{clean}")
        assert not cell.startswith(DANGEROUS)
        assert (cell == f"'{clean}") == clean.startswith(DANGEROUS)


def test_numbers_of_a_csv_file_are_not_guarded() -> None:
    table = pd.DataFrame({"diff": [-1.5, np.nan], "mixed": pd.Series([-2, None], dtype=object), "t": ["-2", "x"]})
    assert csv_bytes(table).decode("utf-8-sig").splitlines() == ["diff,mixed,t", "-1.5,-2,'-2", ",,x"]


def test_a_spreadsheet_is_told_that_it_is_utf_8() -> None:
    assert csv_bytes(pd.DataFrame({"a": ["\u00e9"]})).startswith(b"\xef\xbb\xbf")


def test_an_archive_has_a_file_a_table() -> None:
    tables = {"Against everyone": pd.DataFrame({"a": ["=1"]}), "Results": pd.DataFrame({"b": [1]})}
    with zipfile.ZipFile(io.BytesIO(csv_archive(tables))) as archive:
        assert archive.namelist() == ["against_everyone.csv", "results.csv"]
        assert archive.read("against_everyone.csv") == csv_bytes(tables["Against everyone"])
        assert archive.testzip() is None


def test_what_is_given_is_left_alone() -> None:
    table = pd.DataFrame({"=a": ["=1"]})
    before = table.copy()
    workbook_bytes({"Sheet": table})
    csv_bytes(table)
    pd.testing.assert_frame_equal(table, before)


def test_an_empty_table_has_its_headings() -> None:
    empty: Any = pd.DataFrame({"a": [], "b": []})
    assert read_back(csv_bytes(empty)) == [["a", "b"]]
    assert [cell.value for cell in opened(workbook_bytes({"Sheet": empty}))["Sheet"][1]] == ["a", "b"]
