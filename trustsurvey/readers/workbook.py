"""Excel workbooks: checked as a zip before anything is opened, then read cell by cell as text."""

from __future__ import annotations

import zipfile
from datetime import date, datetime, time, timedelta
from pathlib import Path

from trustsurvey.errors import Notice, SurveyError

#: An archive may grow to this many bytes, and by this factor once it is of some size.
LARGEST = 1 << 30
RATIO = 150
SMALL = 1 << 24


def check_archive(path: Path) -> None:
    """Refuse what is not a workbook, is damaged or would unpack to far more than its size."""
    try:
        with zipfile.ZipFile(path) as archive:
            members = archive.infolist()
            names = {member.filename for member in members}
    except (zipfile.BadZipFile, OSError, ValueError) as error:
        raise SurveyError(
            "read.damaged-workbook",
            "The workbook is damaged or was cut off",
            expected="a complete .xlsx file",
            hint="Download or save it again.",
        ) from error
    if "xl/workbook.xml" not in names:
        raise SurveyError(
            "read.not-a-workbook",
            "The file is an archive but not an Excel workbook",
            expected="an .xlsx file",
            hint="If it holds a survey export, unpack it and import the file inside.",
        )
    total = sum(member.file_size for member in members)
    packed = sum(member.compress_size for member in members)
    if total > LARGEST or (total > SMALL and total > RATIO * max(packed, 1)):
        raise SurveyError(
            "read.bomb",
            "The workbook unpacks to far more than a survey needs",
            got=f"{total / 1e6:,.0f} MB from {packed / 1e6:,.1f} MB",
            expected=f"at most {LARGEST / 1e6:,.0f} MB and {RATIO} times its size",
            hint="Export the answers as CSV.",
        )


def sheet_rows(path: Path) -> tuple[list[list[str]], list[Notice]]:
    """All rows of the first sheet that has any, as text, and a notice if there are other sheets."""
    from python_calamine import CalamineError, CalamineWorkbook, PasswordError, SheetVisibleEnum

    try:
        with CalamineWorkbook.from_path(str(path)) as workbook:
            hidden = [sheet.visible != SheetVisibleEnum.Visible for sheet in workbook.sheets_metadata]
            for _, name in sorted(zip(hidden, workbook.sheet_names, strict=True), key=lambda sheet: sheet[0]):
                rows = workbook.get_sheet_by_name(name).to_python(skip_empty_area=False)
                if any(any(_text(cell) for cell in row) for row in rows[:50]):
                    texts = [[_text(cell) for cell in row] for row in rows]
                    return texts, _other_sheets(name, workbook.sheet_names)
    except PasswordError as error:
        raise SurveyError(
            "read.password",
            "The workbook is protected by a password",
            hint="Save it without a password and import it again.",
        ) from error
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


def _other_sheets(name: str, names: list[str]) -> list[Notice]:
    if len(names) == 1:
        return []
    return [Notice("read.sheets", f"The workbook has {len(names)} sheets; '{name}' was read.")]


def _text(cell: object) -> str:
    """A cell as a survey tool would have written it in a CSV file."""
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return "TRUE" if cell else "FALSE"
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() and abs(cell) < 1e15 else repr(cell)
    if isinstance(cell, datetime):
        return cell.isoformat(sep=" ", timespec="seconds")
    if isinstance(cell, date | time):
        return cell.isoformat()
    if isinstance(cell, timedelta):
        return str(cell)
    return str(cell)
