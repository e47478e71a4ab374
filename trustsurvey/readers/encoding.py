"""Whatever a text file was written in becomes UTF-8; repairs are counted and told."""

from __future__ import annotations

import codecs
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from trustsurvey.errors import Notice, SurveyError
from trustsurvey.readers.look import Look, line_at

BLOCK = 1 << 22
UNKNOWN = "\ufffd"


def to_utf8(path: Path, folder: Path, looked: Look) -> tuple[Path, list[Notice]]:
    """The file itself if it is sound UTF-8, else a copy in UTF-8 without NULs, with what was noticed."""
    with path.open("rb") as file:
        start = file.read(1 << 16)
    encoding = _utf16(start)
    if encoding:
        return _from_utf16(path, folder, encoding)
    _refuse_binary(start)
    # Near NULs the parser miscounts rows.
    if looked.defect is None and not looked.nul:
        return path, []
    copy, repairs = _repaired(path, folder)
    return copy, repairs.notices(None if looked.defect is None else line_at(path, looked.defect))


def _utf16(start: bytes) -> str:
    if start.startswith((codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE)):
        return "utf-32"
    if start.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    odd, even = start[1:4096:2], start[0:4096:2]
    if len(odd) > 4 and odd.count(0) > 0.4 * len(odd) and not even.count(0):
        return "utf-16-le"
    if len(odd) > 4 and even.count(0) > 0.4 * len(even) and not odd.count(0):
        return "utf-16-be"
    return ""


def _refuse_binary(start: bytes) -> None:
    control = sum(start.count(bytes([code])) for code in (*range(9), *range(14, 27), *range(28, 32)))
    if control > 0.01 * len(start) and start.strip(b"\0"):
        raise SurveyError(
            "read.kind", "The file is not a text file", expected="a survey export, such as CSV, XLSX or SAV",
            hint="Export the answers from the survey tool as CSV or .xlsx.",
        )  # fmt: skip


def _lines(path: Path) -> Iterator[bytes]:
    """Blocks of whole lines."""
    rest = b""
    with path.open("rb") as file:
        while block := file.read(BLOCK):
            end = block.rfind(b"\n") + 1
            if end:
                yield rest + block[:end]
                rest = block[end:]
            else:
                rest += block
    if rest:
        yield rest


@dataclass
class _Repairs:
    """Letters taken for Windows Western, those that were sound, and those that nothing stands for."""

    western: int = 0
    sound: int = 0
    unknown: int = 0

    def notices(self, line: int | None) -> list[Notice]:
        if line is None:
            return []
        where = f"(first seen in line {line:,})"
        if self.sound > self.western:
            text = (
                f"The file mixes encodings: most of it is UTF-8, but {self.western:,} letters are not {where}; "
                "they were read as Windows Western (cp1252)."
            )
        else:
            text = f"The file is not in UTF-8 {where}; it was read as Windows Western (cp1252)."
        if self.unknown:
            text += f" {self.unknown:,} letters exist in neither and stand as {UNKNOWN}."
        return [Notice("read.encoding", f"{text} Check that accented letters look right.", "warning")]


def _repaired(path: Path, folder: Path) -> tuple[Path, _Repairs]:
    """A copy in which every byte that is not UTF-8 is the letter that it is in Windows Western."""
    repairs = _Repairs()

    def western(error: UnicodeError) -> tuple[str, int]:
        assert isinstance(error, UnicodeDecodeError)
        letters = error.object[error.start : error.end].decode("cp1252", errors="replace")
        repairs.western += len(letters)
        repairs.unknown += letters.count(UNKNOWN)
        return letters, error.end

    codecs.register_error("trustsurvey.western", western)
    copy = folder / "utf8.csv"
    with copy.open("w", encoding="utf-8", newline="") as target:
        for block in _lines(path):
            text = block.decode("utf-8", errors="trustsurvey.western")
            if not block.isascii():
                repairs.sound += len(text) - len(text.encode("ascii", errors="ignore"))
            target.write(text.replace("\0", ""))
    repairs.sound -= repairs.western
    return copy, repairs


def _from_utf16(path: Path, folder: Path, encoding: str) -> tuple[Path, list[Notice]]:
    copy, unknown = folder / "utf8.csv", 0
    with (
        path.open("r", encoding=encoding, errors="replace", newline="") as source,
        copy.open("w", encoding="utf-8", newline="") as target,
    ):
        while block := source.read(BLOCK):
            unknown += block.count(UNKNOWN)
            target.write(block.replace("\0", ""))
    if not unknown:
        return copy, []
    return copy, [
        Notice(
            "read.encoding",
            f"{unknown:,} letters of the file are damaged and stand as {UNKNOWN}; it may have been cut off.",
            "warning",
        )
    ]
