"""Workbooks (.xlsx, .xlsm, .xlsb, .xls, .ods): the first sheet with rows, cell by cell as text."""

from __future__ import annotations

import itertools
import struct
from collections.abc import Iterable, Iterator
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa

from trustsurvey.errors import Notice, SurveyError
from trustsurvey.readers.archive import locked
from trustsurvey.readers.found import Found, Report
from trustsurvey.readers.heading import find_heading
from trustsurvey.readers.markup import doubtful_cells

#: Rows of a sheet among which the heading is looked for.
FIRST = 50
#: Cells that become one batch.
BATCH = 1 << 20

Numbered = tuple[int, list[str]]


def open_workbook(path: Path, report: Report) -> Found:
    """Heading and answers of the first sheet that has any."""
    name, sheet, titles = _sheet(path)
    rows: Iterator[Numbered] = enumerate(_rows(sheet), 1)
    start = list(itertools.islice(rows, FIRST))
    heading = find_heading({number: row for number, row in start if "".join(row).strip()})
    notices = [*heading.notices, *doubtful_cells(path, titles.index(name))]
    if len(titles) > 1:
        notices.append(Notice("read.sheets", f"The workbook has {len(titles)} sheets; '{name}' was read."))
    answers = itertools.chain((entry for entry in start if entry[0] > heading.above), rows)
    batches = _batches(answers, len(heading.columns), sheet.total_height, report)
    return Found(heading.platform, heading.columns, batches, heading.above + 1, notices)


def _sheet(path: Path) -> tuple[str, Any, list[str]]:
    """Name and content of the first sheet that has any rows, those one can see first; all names."""
    from python_calamine import CalamineError, CalamineWorkbook, PasswordError, SheetVisibleEnum

    try:
        workbook = CalamineWorkbook.from_path(str(path))
        hidden = [sheet.visible != SheetVisibleEnum.Visible for sheet in workbook.sheets_metadata]
        for _, name in sorted(zip(hidden, workbook.sheet_names, strict=True), key=lambda sheet: sheet[0]):
            sheet = workbook.get_sheet_by_name(name)
            if any(any(row) for row in itertools.islice(_rows(sheet), FIRST)):
                return name, sheet, list(workbook.sheet_names)
    except PasswordError as error:
        raise locked() from error
    except (CalamineError, OSError, ValueError) as error:
        raise SurveyError(
            "read.damaged-workbook",
            "The workbook cannot be opened",
            got=str(error)[:80],
            hint="Save it again as .xlsx, or export the answers as CSV.",
        ) from error
    raise SurveyError(
        "read.empty", "The workbook has no rows", expected="a sheet with a heading and one row a resident"
    )


def refuse_locked(path: Path) -> None:
    """Refuse an old container that is no workbook one can open: locked, or a document of another program."""
    import msoffcrypto
    from msoffcrypto.exceptions import FileFormatError, ParseError

    try:
        with path.open("rb") as file:
            office = msoffcrypto.OfficeFile(file)
            if office.is_encrypted():
                raise locked()
            if office.format in ("doc97", "ppt97"):
                raise SurveyError(
                    "read.kind", "The file is of a kind that cannot be read", got="a text document or slides",
                    expected="a workbook", hint="Export the answers themselves, as CSV or .xlsx.",
                )  # fmt: skip
    except (FileFormatError, ParseError, OSError, ValueError, LookupError, TypeError, AttributeError, struct.error):
        return  # Whether it is damaged is told by the reader of workbooks.


def _rows(sheet: Any) -> Iterator[list[str]]:
    """All rows and columns from the first cell of the sheet on, as text."""
    left = [""] * (sheet.start[1] if sheet.start else 0)
    for row in sheet.iter_rows():
        yield left + [cell if type(cell) is str else _text(cell) for cell in row]


def _batches(rows: Iterable[Numbered], width: int, height: int, report: Report) -> Iterator[pa.RecordBatch]:
    names = [f"c{k}" for k in range(width)]
    rows = iter(rows)
    while part := list(itertools.islice(rows, max(BATCH // max(width, 1), 256))):
        columns = zip(*(row for _, row in part), strict=True)
        yield pa.RecordBatch.from_arrays([pa.array(column, pa.string()) for column in columns], names=names)
        report(part[-1][0] / height)


def _text(cell: object) -> str:
    """A cell as a survey tool would have written it in a CSV file."""
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return "TRUE" if cell else "FALSE"
    if isinstance(cell, float):
        # Fifteen digits are what a workbook shows of a number.
        return str(int(cell)) if cell.is_integer() and abs(cell) < 1e15 else f"{cell:.15g}"
    if isinstance(cell, datetime):
        return cell.isoformat(sep=" ", timespec="seconds")
    if isinstance(cell, date | time):
        return cell.isoformat()
    if isinstance(cell, timedelta):
        return str(cell)
    return str(cell)
