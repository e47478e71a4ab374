"""CSV and TSV: encoding, delimiter, and rows streamed as text with every field count checked."""

from __future__ import annotations

import codecs
import csv
import io
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
from pyarrow import csv as arrow_csv

from trustsurvey.errors import Notice, SurveyError

#: How much of a file is looked at first; a cell as long as this is a quotation mark that never closes.
HEAD_BYTES = 1 << 22
DELIMITERS = "\t;,|"

csv.field_size_limit(HEAD_BYTES)


def to_utf8(path: Path, folder: Path) -> tuple[Path, list[Notice]]:
    """The file itself if it is sound UTF-8, else a copy in UTF-8 without NULs, with what was noticed."""
    with path.open("rb") as file:
        start = file.read(4)
    if start.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return _transcode(path, folder, "utf-16"), []
    if _looks_utf16(path):
        return _transcode(path, folder, "utf-16-le"), []
    _refuse_binary(path)
    bad = _first_bad_line(path)
    if bad is None:
        return _transcode(path, folder, "utf-8") if _holds_nul(path) else path, []
    copy = _transcode(path, folder, "cp1252")
    return copy, [
        Notice(
            "read.encoding",
            f"The file is not in UTF-8 (first seen in line {bad:,}); it was read as Windows Western (cp1252). "
            "Check that accented letters look right.",
            "warning",
        )
    ]


def _looks_utf16(path: Path) -> bool:
    with path.open("rb") as file:
        head = file.read(4096)
    return len(head) > 8 and head[1::2].count(0) > 0.4 * len(head[1::2]) and head[0::2].count(0) == 0


def _refuse_binary(path: Path) -> None:
    with path.open("rb") as file:
        head = file.read(1 << 16)
    control = sum(head.count(bytes([code])) for code in (*range(9), *range(14, 27), *range(28, 32)))
    if control > 0.01 * len(head) and head.strip(b"\0"):
        raise SurveyError(
            "read.kind",
            "The file is not a text file",
            expected="CSV, TSV or XLSX",
            hint="Export the answers from the survey tool as CSV or .xlsx.",
        )


def _first_bad_line(path: Path) -> int | None:
    """Number of the first line that is not UTF-8, None where all is."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    lines = 1
    with path.open("rb") as file:
        while chunk := file.read(1 << 20):
            try:
                decoder.decode(chunk)
            except UnicodeDecodeError as error:
                return lines + error.object[: error.start].count(b"\n")
            lines += chunk.count(b"\n")
    try:
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return lines
    return None


def _holds_nul(path: Path) -> bool:
    """Whether there is a NUL byte, near which the parser miscounts rows."""
    with path.open("rb") as file:
        return any(b"\0" in chunk for chunk in iter(lambda: file.read(1 << 20), b""))


def _transcode(path: Path, folder: Path, encoding: str) -> Path:
    copy = folder / "utf8.csv"
    try:
        with (
            path.open("r", encoding=encoding, errors="replace", newline="") as source,
            copy.open("w", encoding="utf-8", newline="") as target,
        ):
            while chunk := source.read(1 << 20):
                target.write(chunk.replace("\0", ""))
    except UnicodeError as error:
        raise SurveyError(
            "read.encoding",
            "The characters of the file cannot be decoded",
            where=path.name,
            expected="UTF-8, UTF-16 or Windows Western text",
            hint="Export the file again as CSV in UTF-8.",
        ) from error
    return copy


def first_rows(path: Path, limit: int = 8) -> tuple[dict[int, list[str]], str]:
    """The first records of a UTF-8 file that hold anything, by row number, and its delimiter."""
    with path.open("r", encoding="utf-8-sig", errors="replace", newline="") as file:
        head = file.read(HEAD_BYTES)
        whole = not file.read(1)
    if not head.strip("\0\r\n\t ,;"):
        raise SurveyError(
            "read.empty", "The file is empty", expected="a heading and one row a resident",
            hint="Export the answers again and check that the file has rows.",
        )  # fmt: skip
    best: dict[int, list[str]] = {}
    chosen, most = ",", (False, -1, 0)
    for delimiter in DELIMITERS:
        rows = _records(head, delimiter, limit, whole)
        split = [len(row) for row in rows.values() if len(row) > 1]
        # Headings hold commas: what splits every row alike comes before what splits the first row most.
        rank = (len(split) == len(rows) and len(set(split)) == 1, len(split), split[0] if split else 0)
        if rank > most:
            best, chosen, most = rows, delimiter, rank
    return best, chosen


def _records(head: str, delimiter: str, limit: int, whole: bool) -> dict[int, list[str]]:
    rows: dict[int, list[str]] = {}
    last = 0
    try:
        for last, row in enumerate(csv.reader(io.StringIO(head, newline=""), delimiter=delimiter), 1):
            if any(cell.strip() for cell in row):
                rows[last] = row
            if len(rows) == limit:
                return rows
    except csv.Error:
        return rows
    if not whole:
        # A head cut in the middle of a record must not pass for a short row.
        rows.pop(last, None)
    return rows


def stream(path: Path, delimiter: str, names: list[str], above: int, blank: set[int]) -> Iterator[pa.RecordBatch]:
    """The answers below the first ``above`` rows as batches of text columns; a ragged row is a SurveyError.

    The numbers of lines of blanks, which are passed over, are added to ``blank``.
    """
    ragged: list[tuple[int | None, int]] = []

    def on_ragged(row: arrow_csv.InvalidRow) -> str:
        if not row.text.strip():
            blank.add(row.number or 0)
            return "skip"
        ragged.append((row.number, row.actual_columns))
        return "error"

    try:
        reader = arrow_csv.open_csv(
            path,
            read_options=arrow_csv.ReadOptions(
                column_names=names, skip_rows_after_names=above, use_threads=False, block_size=1 << 22
            ),
            parse_options=arrow_csv.ParseOptions(
                delimiter=delimiter,
                newlines_in_values=True,
                ignore_empty_lines=False,
                invalid_row_handler=on_ragged,
            ),
            convert_options=arrow_csv.ConvertOptions(
                column_types=dict.fromkeys(names, pa.string()),
                null_values=[],
                strings_can_be_null=False,
                quoted_strings_can_be_null=False,
            ),
        )
        yield from reader
    except pa.ArrowInvalid as error:
        raise _refusal(ragged, len(names)) from error


def refuse_unclosed(path: Path, delimiter: str) -> None:
    """Refuse a file in which a quotation mark is opened and not closed where its cell ends.

    The parser takes the rows up to the next quotation mark into one cell, without a word.
    """
    quotes = 0
    with path.open("rb") as file:
        while chunk := file.read(1 << 20):
            quotes += chunk.count(b'"')
    if quotes % 2 == 0:
        return
    row = 1
    with path.open("r", encoding="utf-8-sig", errors="replace", newline="") as file:
        try:
            for _ in csv.reader(file, delimiter=delimiter, strict=True):
                row += 1
        except csv.Error as error:
            raise SurveyError(
                "read.quote",
                "A quotation mark is opened and never closed, so the rows after it run together",
                where=f"row {row:,}",
                hint="The file may have been cut off: export it again and import it without opening it in between.",
            ) from error


def _refusal(ragged: list[tuple[int | None, int]], width: int) -> SurveyError:
    if ragged:
        number, found = ragged[0]
        return SurveyError(
            "read.ragged",
            "A row has another number of values than the heading",
            where=f"row {number:,}" if number else "",
            got=f"{found:,}",
            expected=f"{width:,}",
            hint="A stray delimiter or an unclosed quotation mark is the usual cause; "
            "export the file again without opening it in between.",
        )
    return SurveyError(
        "read.damaged",
        "The file cannot be taken apart into rows and columns",
        got="an unclosed quotation mark or a damaged row",
        hint="Export the file again and import it without opening it in between.",
    )
