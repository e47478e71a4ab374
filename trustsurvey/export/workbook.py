"""An Excel workbook, or a folder of CSV files, in which no text can turn into a formula."""

from __future__ import annotations

import io
import math
import re
import zipfile
from collections.abc import Mapping as MappingType

import pandas as pd
from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Alignment, Font
from openpyxl.utils import get_column_letter

from trustsurvey.errors import SurveyError
from trustsurvey.inert import LIVE, guarded

MOST_ROWS = 1_048_576 - 1
MOST_COLUMNS = 16_384
#: What the XML of a workbook cannot hold: control characters, halves of a pair, the two that are no characters.
UNPRINTABLE = re.compile("[\x00-\x08\x0b-\x1f\ud800-\udfff\ufffe\uffff]")
MOST_UNITS = 32_767


def workbook_bytes(tables: MappingType[str, pd.DataFrame]) -> bytes:
    """The tables as an .xlsx file, a sheet each."""
    book = Workbook(write_only=True)
    for name, table in tables.items():
        if len(table) > MOST_ROWS:
            raise SurveyError(
                "export.rows", f"The sheet '{name}' has more rows than Excel can hold",
                got=f"{len(table):,}", expected=f"{MOST_ROWS:,}", hint="Download CSV instead.",
            )  # fmt: skip
        if table.shape[1] > MOST_COLUMNS:
            raise SurveyError(
                "export.columns", f"The sheet '{name}' has more columns than Excel can hold",
                got=f"{table.shape[1]:,}", expected=f"{MOST_COLUMNS:,}", hint="Write CSV instead.",
            )  # fmt: skip
        sheet = book.create_sheet(name[:31])
        sheet.freeze_panes = "A2"
        for position, column in enumerate(table.columns, start=1):
            longest = max((len(str(v)) for v in table[column].head(200)), default=0)
            longest = 10 if pd.api.types.is_numeric_dtype(table[column]) else longest
            width = min(max(len(str(column)), longest) + 2, 70)
            sheet.column_dimensions[get_column_letter(position)].width = width
        sheet.append([_cell(sheet, str(column), heading=True) for column in table.columns])
        for row in table.itertuples(index=False, name=None):
            sheet.append([_cell(sheet, value) for value in row])
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def _cell(sheet: object, value: object, heading: bool = False) -> WriteOnlyCell:
    if value is None or (isinstance(value, float) and not math.isfinite(value)) or value is pd.NaT:
        return WriteOnlyCell(sheet, None)
    if hasattr(value, "item"):
        value = value.item()
    if isinstance(value, bool | int | float):
        return WriteOnlyCell(sheet, value)
    cell = WriteOnlyCell(sheet, None)
    cell.value = _printable(str(value))
    cell.data_type = "s"  # text stays text, whatever it begins with
    if LIVE.match(cell.value):
        cell.quotePrefix = True
    if heading:
        cell.font = Font(bold=True)
        cell.alignment = Alignment(wrap_text=True, vertical="top")
    return cell


def _printable(text: str) -> str:
    """Text without the characters that a workbook cannot hold, cut to the length of a cell.

    Excel counts in UTF-16, where many emoji are two.
    """
    text = UNPRINTABLE.sub("", text)
    if len(text) * 2 <= MOST_UNITS:
        return text
    return text.encode("utf-16-le")[: 2 * MOST_UNITS].decode("utf-16-le", errors="ignore")


def csv_bytes(table: pd.DataFrame) -> bytes:
    """A table as CSV in UTF-8; text that a spreadsheet would run as a formula gets a leading quote."""
    guarded = table.copy()
    for column in guarded.columns:
        if not pd.api.types.is_numeric_dtype(guarded[column]):
            cells = [_guarded(value) for value in guarded[column]]
            guarded[column] = pd.Series(cells, index=guarded.index, dtype=object)
    guarded.columns = [_guarded(column) for column in guarded.columns]
    return guarded.to_csv(index=False, lineterminator="\n").encode("utf-8-sig")


def _guarded(value: object) -> object:
    if not isinstance(value, str):
        return value
    return guarded(UNPRINTABLE.sub("", value))


def csv_archive(tables: MappingType[str, pd.DataFrame]) -> bytes:
    """The tables as a zip of CSV files."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, table in tables.items():
            archive.writestr(f"{name.lower().replace(' ', '_')}.csv", csv_bytes(table))
    return buffer.getvalue()
