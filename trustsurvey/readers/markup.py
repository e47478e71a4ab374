"""What a workbook says about its cells and a reader of values does not: errors, and formulas never calculated."""

from __future__ import annotations

import contextlib
import posixpath
import re
import zipfile
from collections.abc import Iterator
from pathlib import Path

from trustsurvey.errors import Notice
from trustsurvey.readers.archive import DAMAGED

#: How much of a sheet is looked through.
MOST = 1 << 26
BLOCK = 1 << 20
#: Longer than any cell that is looked for.
OVERLAP = 1 << 10
ERROR = re.compile(rb'<c r="([A-Z]+\d+)"[^>]{0,80} t="e"[^>]{0,80}>')
#: A formula without the value that it had last, as programs write it that do not calculate.
FORMULA = re.compile(rb'<c r="([A-Z]+\d+)"[^>]{0,80}><f[^>]{0,200}>[^<]{0,500}</f>(?:<v ?/>|<v></v>|</c>)')


def doubtful_cells(path: Path, position: int) -> list[Notice]:
    """Notices about cells of the sheet at a position that were read as empty and may not be."""
    errors, formulas = [], []
    with contextlib.suppress(*DAMAGED):  # Whether the sheet can be read is told by its reader.
        for block in _blocks(path, position):
            errors += ERROR.findall(block)
            formulas += FORMULA.findall(block)
    notices = []
    if errors:
        first, cells = errors[0].decode(), len(set(errors))
        notices.append(
            Notice(
                "read.error-cells",
                f"A cell holds an error of the spreadsheet, such as #N/A: {first}; it was read as empty."
                if cells == 1
                else f"{cells:,} cells hold an error of the spreadsheet, such as #N/A, first in {first}; they were "
                "read as empty.",
                "warning",
            )
        )
    if formulas:
        notices.append(
            Notice(
                "read.formulas",
                f"The workbook has formulas whose results were never saved, first in {formulas[0].decode()}; they "
                "were read as empty. Open it in Excel, save it and import it again.",
                "warning",
            )
        )
    return notices


def _blocks(path: Path, position: int) -> Iterator[bytes]:
    """The markup of a sheet, block by block, each with the end of the last; none of what is no .xlsx."""
    if not zipfile.is_zipfile(path):
        return
    with zipfile.ZipFile(path) as archive:
        name = _part(archive, position)
        if name not in archive.namelist():
            return
        rest, seen = b"", 0
        with archive.open(name) as file:
            while seen < MOST and (block := file.read(BLOCK)):
                yield rest + block
                rest, seen = block[-OVERLAP:], seen + len(block)


def _part(archive: zipfile.ZipFile, position: int) -> str:
    """Name of the member that holds the sheet at a position, empty where none is told."""
    from defusedxml import ElementTree

    try:
        book = ElementTree.fromstring(archive.read("xl/workbook.xml"))
        links = ElementTree.fromstring(archive.read("xl/_rels/workbook.xml.rels"))
    except (KeyError, ElementTree.ParseError, *DAMAGED):
        return ""
    sheets = [element for element in book.iter() if element.tag.endswith("}sheet")]
    key = next((value for name, value in sheets[position].items() if name.endswith("}id")), "")
    target = next((link.get("Target", "") for link in links if link.get("Id") == key), "")
    return target.lstrip("/") if target.startswith("/") else posixpath.join("xl", target)
