"""Documents as paragraphs and tables: Word (.docx), OpenDocument (.odt) and Rich Text (.rtf)."""

from __future__ import annotations

import io
import struct
import zipfile
from collections.abc import Iterable
from typing import Any
from xml.etree.ElementTree import ParseError

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import DefusedXMLParser

from trustsurvey.errors import SurveyError
from trustsurvey.language import N_
from trustsurvey.readers.archive import DAMAGED, MANIFEST
from trustsurvey.transcripts.blocks import Block, Row
from trustsurvey.transcripts.page import one_line, sound

#: Bytes of a document's text when unpacked, and how many parts it may have.
LARGEST, MEMBERS = 64 << 20, 10_000
_RESAVE = N_("Open it, save it again and import that, or save it as text.")
_STEP = 1 << 16
#: Letters of a table of fonts.
_FONTS = 1 << 15


def document_of(data: bytes) -> list[Block] | None:
    """The paragraphs and tables of a .docx or .odt; None where the archive is neither.

    SurveyError ``transcript.damaged``, ``.password``, ``.macros``, ``.bomb`` or ``.markup``. Nothing but the text is
    unpacked; deleted words, comments and notes are left out.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            members = {member.filename.replace("\\", "/"): member for member in archive.infolist()}
            if len(members) > MEMBERS:
                raise _bomb(f"{len(members):,} parts")
            if any(member.flag_bits & 1 for member in members.values()):
                raise _password()
            if any(name.lower().endswith("vbaproject.bin") for name in members):
                raise SurveyError("transcript.macros", "The document holds macros", expected="a document of text alone",
                                  hint="Save it as .docx without macros and import that.")  # fmt: skip
            if main := _word_main(members):
                return _parsed(_read(archive, members[main]), _Word())
            if "content.xml" in members and "mimetype" in members:
                kind = _read(archive, members["mimetype"])[:200]
                if b"spreadsheet" in kind:
                    return None
                if MANIFEST in members and b"encryption-data" in _read(archive, members[MANIFEST]):
                    raise _password()
                return _parsed(_read(archive, members["content.xml"]), _OpenDocument())
            return None
    except (*DAMAGED, struct.error, NotImplementedError) as error:
        raise SurveyError("transcript.damaged", "The document is damaged or was cut off", expected="a complete file",
                          hint="Download or save it again.") from error  # fmt: skip


def _word_main(members: Iterable[str]) -> str:
    """The part that holds the text; some programs call it ``document2.xml``."""
    found = [name for name in members if name.startswith("word/document") and name.endswith(".xml")]
    return min(found, key=len, default="")


def _read(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> bytes:
    with archive.open(member) as file:
        data = file.read(LARGEST + 1)
    if len(data) > LARGEST:
        raise _bomb(f"more than {LARGEST >> 20} MB of text")
    return data


def _bomb(got: str) -> SurveyError:
    return SurveyError("transcript.bomb", "The document unpacks to far more than a transcript needs", got=got,
                       expected=f"at most {LARGEST >> 20} MB", hint=_RESAVE)  # fmt: skip


def _password() -> SurveyError:
    return SurveyError("transcript.password", "The document is protected by a password",
                       hint="Save it without a password and import it again.")  # fmt: skip


class _Paragraphs:
    """What both kinds of document share: paragraphs, rows and cells while their elements come in.

    Elements are told as they begin and end and never kept, so that a document takes no more memory than its text.
    """

    paragraph: frozenset[str]
    row: str
    cell: str
    skipped: frozenset[str]

    def __init__(self) -> None:
        self.blocks: list[Block] = []
        self.number = 0
        self.buffers: list[tuple[int, list[str]]] = []
        self.rows: list[tuple[int, list[str]]] = []
        self.cells: list[list[str]] = []
        self.skipping = 0

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        name = tag.rpartition("}")[2]
        if self.skipping or name in self.skipped:
            self.skipping += 1
        elif name in self.paragraph:
            self.number += 1
            self.buffers.append((self.number, []))
        elif name == self.row:
            self.rows.append((self.number + 1, []))
        elif name == self.cell:
            self.cells.append([])
        else:
            self.inside(name, attributes)

    def end(self, tag: str) -> None:
        name = tag.rpartition("}")[2]
        if self.skipping:
            self.skipping -= 1
        elif name in self.paragraph and self.buffers:
            number, texts = self.buffers.pop()
            text = "".join(texts)
            if self.cells:
                self.cells[-1].append(text)
            else:
                self.blocks.append((number, text))
        elif name == self.cell and self.cells:
            text = "\n".join(self.cells.pop())
            if self.rows:
                self.rows[-1][1].append(text)
        elif name == self.row and self.rows:
            row = Row(*self.rows.pop())
            # A table within a cell is text of the cell.
            if self.cells:
                self.cells[-1].append("\n".join(row.cells))
            else:
                self.blocks.append(row)
        else:
            self.outside(name)

    def add(self, text: str) -> None:
        if self.buffers:
            self.buffers[-1][1].append(text)

    def inside(self, name: str, attributes: dict[str, str]) -> None:
        """An element within a paragraph begins."""

    def outside(self, name: str) -> None:
        """An element within a paragraph ends."""

    def data(self, text: str) -> None:
        """Text between elements."""

    def close(self) -> list[Block]:
        return self.blocks


_BREAKS = {"tab": "\t", "br": "\n", "cr": "\n", "noBreakHyphen": "-"}


class _Word(_Paragraphs):
    paragraph, row, cell = frozenset({"p"}), "tr", "tc"
    skipped = frozenset(
        {"del", "moveFrom", "Fallback", "instrText", "delText", "pPr", "rPr", "tblPr", "sectPr", "pict"}
    )

    def __init__(self) -> None:
        super().__init__()
        self.reading = False

    def inside(self, name: str, attributes: dict[str, str]) -> None:
        if name == "t":
            self.reading = True
        elif name in _BREAKS:
            self.add(_BREAKS[name])

    def outside(self, name: str) -> None:
        if name == "t":
            self.reading = False

    def data(self, text: str) -> None:
        if self.reading and not self.skipping:
            self.add(text)


class _OpenDocument(_Paragraphs):
    paragraph, row, cell = frozenset({"p", "h"}), "table-row", "table-cell"
    skipped = frozenset({"tracked-changes", "annotation", "note", "frame", "sequence-decls", "automatic-styles"})

    def inside(self, name: str, attributes: dict[str, str]) -> None:
        if name == "tab":
            self.add("\t")
        elif name == "line-break":
            self.add("\n")
        elif name == "s":
            count = next((value for key, value in attributes.items() if key.endswith("}c")), "1")
            self.add(" " * (min(int(count), 100) if count.isdecimal() and len(count) < 4 else 1))

    def data(self, text: str) -> None:
        if not self.skipping:
            # Line ends of the file are blanks of the text.
            self.add(text.replace("\n", " "))


def _parsed(data: bytes, target: Any) -> list[Block]:
    try:
        parser = DefusedXMLParser(target=target, forbid_dtd=True)
        for begin in range(0, len(data), _STEP):
            parser.feed(data[begin : begin + _STEP])
        return list(parser.close())
    except DefusedXmlException as error:
        raise SurveyError("transcript.markup", "The document declares entities, as no such program does",
                          hint=_RESAVE) from error  # fmt: skip
    except (ParseError, ValueError, LookupError) as error:
        raise SurveyError("transcript.damaged", "The document is damaged or was cut off", expected="a complete file",
                          hint="Download or save it again.") from error  # fmt: skip


def rich_text(data: bytes) -> list[Block]:
    """The paragraphs of a .rtf; SurveyError ``transcript.damaged``."""
    from striprtf.striprtf import rtf_to_text

    told = data.decode("cp1252", errors="replace")
    # Two patterns of the library take time that grows with the square of what they search: for the addresses of links,
    # which are not speech, and for the names of fonts, of which no program writes so many.
    told = told.replace("\\fldinst", "\\fldtype")
    place = told.find("\\fonttbl")
    if place >= 0 and not 0 <= told.find("}}", place) - place <= _FONTS:
        told = told.replace("\\fonttbl", "\\colortbl")
    try:
        text = rtf_to_text(told, errors="replace")
        text = sound(text)
    except (ValueError, LookupError, IndexError, TypeError, OverflowError, RecursionError) as error:
        raise SurveyError("transcript.damaged", "The document is damaged or was cut off", expected="a complete file",
                          hint=_RESAVE) from error  # fmt: skip
    blocks: list[Block] = []
    for number, line in enumerate(text.split("\n"), 1):
        # The cells of a row are parted, and closed, by upright strokes.
        cells = line.split("|")[:-1] if line.endswith("|") and line.count("|") > 1 else []
        blocks.append(Row(number, [one_line(cell) for cell in cells]) if cells else (number, line))
    return blocks
