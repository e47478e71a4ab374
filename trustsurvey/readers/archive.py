"""Zip archives: checked before anything is opened; a workbook is one, a survey tool's download may be another."""

from __future__ import annotations

import lzma
import shutil
import zipfile
import zlib
from pathlib import Path, PurePosixPath
from typing import Literal

from trustsurvey.errors import Notice, SurveyError, some

#: An archive may grow to this many bytes, and by this factor once it is of some size.
LARGEST = 1 << 30
RATIO = 150
SMALL = 1 << 24
#: Files that may be answers, the form that keeps most first.
TABLES = (".sav", ".zsav", ".dta", ".por", ".csv", ".tsv", ".xlsx", ".xlsm", ".xls", ".ods", ".parquet", ".txt")
#: Where an OpenDocument file says how it is locked.
MANIFEST = "META-INF/manifest.xml"
#: What a damaged archive raises while it is read; it may name a password or a method that nobody uses.
DAMAGED = (zipfile.BadZipFile, zlib.error, lzma.LZMAError, EOFError, OSError, ValueError, RuntimeError)
#: Where a member's XML may say what its entities stand for.
DECLARATIONS = 4096


def check_archive(path: Path, name: str) -> Literal["workbook", "archive"]:
    """Whether an archive is a workbook; SurveyError if damaged, locked, or far larger than its size."""
    try:
        with zipfile.ZipFile(path) as archive:
            members = archive.infolist()
            names = {member.filename for member in members}
            _refuse_bomb(members)
            if any(member.flag_bits & 1 for member in members):
                raise SurveyError("read.password", "The archive is protected by a password",
                                  hint="Unpack it and import the file inside.")  # fmt: skip
            if MANIFEST in names and b"encryption-data" in archive.read(MANIFEST):
                raise locked()
            # Some programs write strokes the other way round, or no folder.
            parts = {name.replace("\\", "/").rpartition("/")[2].lower() for name in names}
            is_book = bool(parts & {"workbook.xml", "workbook.bin"}) or {"content.xml", "mimetype"} <= names
            if is_book:
                _refuse_entities(archive)
            return "workbook" if is_book else "archive"
    except DAMAGED as error:
        raise SurveyError(
            "read.damaged-workbook",
            "The archive is damaged or was cut off"
            if name.lower().endswith(".zip")
            else "The workbook is damaged or was cut off",
            expected="a complete file",
            hint="Download or save it again.",
        ) from error


def locked() -> SurveyError:
    """The refusal of a workbook that needs a password."""
    return SurveyError("read.password", "The workbook is protected by a password",
                       hint="Save it without a password and import it again.")  # fmt: skip


def _refuse_bomb(members: list[zipfile.ZipInfo]) -> None:
    total = sum(member.file_size for member in members)
    packed = sum(member.compress_size for member in members)
    if total > LARGEST or (total > SMALL and total > RATIO * max(packed, 1)):
        raise SurveyError(
            "read.bomb",
            "The file unpacks to far more than a survey needs",
            got=f"{total / 1e6:,.0f} MB from {packed / 1e6:,.1f} MB",
            expected=f"at most {LARGEST / 1e6:,.0f} MB and {RATIO} times its size",
            hint="Export the answers as CSV.",
        )


def _refuse_entities(archive: zipfile.ZipFile) -> None:
    """Refuse XML that declares entities or a document type, which no program writes into a workbook."""
    for member in archive.infolist():
        if member.filename.endswith((".xml", ".rels")):
            with archive.open(member) as file:
                start = file.read(DECLARATIONS).replace(b"\0", b"").upper()
            if b"<!DOCTYPE" in start or b"<!ENTITY" in start:
                raise SurveyError(
                    "read.entities", "The workbook declares entities, as no workbook program does",
                    got=member.filename, hint="Open it, save it as a new workbook and import that.",
                )  # fmt: skip


def unpack(path: Path, folder: Path) -> tuple[Path, str, list[Notice]]:
    """The file of answers in an archive, unpacked; its name there, and a notice that names it."""
    with zipfile.ZipFile(path) as archive:
        members = [member for member in archive.infolist() if _may_be_answers(member)]
        chosen = _main(members)
        target = folder / "member"
        try:
            with archive.open(chosen) as source, target.open("wb") as copy:
                shutil.copyfileobj(source, copy, 1 << 20)
        except DAMAGED as error:
            raise SurveyError(
                "read.damaged-archive", "The file in the archive is damaged or was cut off", got=chosen.filename[:80],
                hint="Download the archive again.",
            ) from error  # fmt: skip
    name = PurePosixPath(chosen.filename).name
    return target, name, [Notice("read.archive", f"'{name}' was read from the archive.")]


def _may_be_answers(member: zipfile.ZipInfo) -> bool:
    place = PurePosixPath(member.filename)
    hidden = any(part.startswith((".", "__MACOSX")) for part in place.parts)
    return not member.is_dir() and not hidden and place.suffix.lower() in TABLES and member.file_size > 0


def _main(members: list[zipfile.ZipInfo]) -> zipfile.ZipInfo:
    """The one file of answers: one of several forms of it, or the form to which repeats belong."""
    if not members:
        raise nothing_inside()
    stems = {member.filename: PurePosixPath(member.filename).stem for member in members}
    first = min(stems.values(), key=len)
    kin = [member for member in members if stems[member.filename] == first]
    if not all(stem.startswith(first) for stem in stems.values()):
        raise SurveyError(
            "read.archive-many", "The archive holds several files", got=some(sorted(stems), 6),
            expected="one file of answers", hint="Unpack it and import one of them.",
        )  # fmt: skip
    return min(kin, key=lambda member: TABLES.index(PurePosixPath(member.filename).suffix.lower()))


def nothing_inside() -> SurveyError:
    """The refusal of an archive that holds nothing to import."""
    return SurveyError(
        "read.not-a-workbook",
        "The file is an archive without a survey file in it",
        expected="an .xlsx workbook, or an archive with one CSV or .xlsx file",
        hint="If it holds a survey export of another form, unpack it and import the file inside.",
    )
