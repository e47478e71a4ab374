"""CSV and TSV: delimiter, and rows streamed as text with every field count checked."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import BinaryIO

import pyarrow as pa
from pyarrow import csv as arrow_csv

from trustsurvey.errors import SurveyError
from trustsurvey.readers import side_by_side
from trustsurvey.readers.encoding import to_utf8
from trustsurvey.readers.found import Found, Report, no_answers
from trustsurvey.readers.heading import find_heading
from trustsurvey.readers.look import Look, look
from trustsurvey.readers.raw import Column, letter

#: How much of a file is looked at first; a cell as long as this is a quotation mark that never closes.
HEAD_BYTES = 1 << 22
DELIMITERS = "\t;,|"
BLOCK = 1 << 22

csv.field_size_limit(HEAD_BYTES)


def open_text(path: Path, folder: Path, looked: Look, report: Report) -> Found:
    """Heading and answers of a text file in any encoding and with any of the usual delimiters."""
    source, notices = to_utf8(path, folder, looked)
    first, delimiter = first_rows(source)
    if (looked if source == path else look(source)).quotes % 2:
        refuse_unclosed(source, delimiter)
    heading = find_heading(first)
    below = [row for number, row in first.items() if number > heading.above]
    if not below and source.stat().st_size <= HEAD_BYTES:
        raise no_answers()
    columns = _widened(heading.columns, below)
    names = [f"c{position}" for position in range(len(columns))]
    blank: set[int] = set()
    batches = _reported(stream(source, delimiter, names, heading.above, blank), source, report)
    return Found(heading.platform, columns, batches, heading.above + 1, [*notices, *heading.notices], blank)


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
    text = io.StringIO(head, newline="")
    for delimiter in DELIMITERS:
        text.seek(0)
        rows = _records(text, delimiter, limit, whole)
        split = [len(row) for row in rows.values() if len(row) > 1]
        # Headings hold commas: what splits every row alike comes before what splits the first row most.
        rank = (len(split) == len(rows) and len(set(split)) == 1, len(split), split[0] if split else 0)
        if rank > most:
            best, chosen, most = rows, delimiter, rank
    return best, chosen


def _records(text: io.StringIO, delimiter: str, limit: int, whole: bool) -> dict[int, list[str]]:
    rows: dict[int, list[str]] = {}
    last = 0
    try:
        for last, row in enumerate(csv.reader(text, delimiter=delimiter), 1):
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


def _widened(columns: list[Column], below: list[list[str]]) -> list[Column]:
    """Columns for cells that the first answers have beyond the heading, if those are all empty."""
    widest = max((len(row) for row in below), default=0)
    if any(cell.strip() for row in below for cell in row[len(columns) :]):
        return columns
    more = (Column(f"column {letter(k)}", "", letter(k)) for k in range(len(columns), widest))
    return [*columns, *more]


def stream(path: Path, delimiter: str, names: list[str], above: int, blank: set[int]) -> Iterator[pa.RecordBatch]:
    """The answers below the first ``above`` rows as batches of text columns; a ragged row is a SurveyError.

    The numbers of lines of blanks, which are passed over, are added to ``blank``.
    """
    passed = 0
    with path.open("rb") as file:
        if path.stat().st_size > 2 * side_by_side.PIECE:
            for table in side_by_side.tables(file, delimiter, partial(_whole, delimiter, names, above)):
                passed += table.num_rows
                yield from table.to_batches()
        if file.tell() < path.stat().st_size or not passed:
            yield from _by_row(file, path, delimiter, names, above, passed, blank)


def _whole(delimiter: str, names: list[str], above: int, rows: bytes, first: bool) -> pa.Table:
    """Rows in memory, those below the first ``above`` where they begin the file; ArrowInvalid if one is ragged."""
    return arrow_csv.read_csv(
        pa.BufferReader(rows),
        _reading(names, above if first else 0, len(rows) + 1),
        _parsing(delimiter, lambda row: "error"),
        _converting(names),
    )


def _by_row(
    file: BinaryIO, path: Path, delimiter: str, names: list[str], above: int, passed: int, blank: set[int]
) -> Iterator[pa.RecordBatch]:
    """What is left of a file of which ``passed`` rows of answers were read, by a parser that counts rows."""
    ragged: list[tuple[int, arrow_csv.InvalidRow]] = []
    before = above + passed if passed else 0

    def on_ragged(row: arrow_csv.InvalidRow) -> str:
        number = before + row.number if row.number else 0
        if not row.text.strip():
            blank.add(number)
            return "skip"
        ragged.append((number, row))
        return "error"

    try:
        yield from arrow_csv.open_csv(
            file, _reading(names, 0 if passed else above, BLOCK), _parsing(delimiter, on_ragged), _converting(names)
        )
    except pa.ArrowInvalid as error:
        raise _refusal(ragged, path) from error


def _reading(names: list[str], above: int, block: int) -> arrow_csv.ReadOptions:
    return arrow_csv.ReadOptions(
        column_names=names, skip_rows_after_names=above, use_threads=False, block_size=block
    )  # one thread knows the numbers of rows


def _parsing(delimiter: str, on_ragged: Callable[[arrow_csv.InvalidRow], str]) -> arrow_csv.ParseOptions:
    return arrow_csv.ParseOptions(
        delimiter=delimiter, newlines_in_values=True, ignore_empty_lines=False, invalid_row_handler=on_ragged
    )


def _converting(names: list[str]) -> arrow_csv.ConvertOptions:
    return arrow_csv.ConvertOptions(
        column_types=dict.fromkeys(names, pa.string()),
        null_values=[],
        strings_can_be_null=False,
        quoted_strings_can_be_null=False,
        check_utf8=False,  # every byte was looked at
    )


def _reported(batches: Iterator[pa.RecordBatch], source: Path, report: Report) -> Iterator[pa.RecordBatch]:
    size, done = max(source.stat().st_size, 1), 0
    for batch in batches:
        done += batch.nbytes
        report(min(done / size, 1.0))
        yield batch


def refuse_unclosed(path: Path, delimiter: str) -> None:
    """Refuse a file of uneven quotation marks in which one is opened and not closed where its cell ends.

    The parser takes the rows up to the next quotation mark into one cell, without a word.
    """
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


def _refusal(ragged: list[tuple[int, arrow_csv.InvalidRow]], path: Path) -> SurveyError:
    if not ragged:
        return SurveyError(
            "read.damaged",
            "The file cannot be taken apart into rows and columns",
            got="an unclosed quotation mark or a damaged row",
            hint="Export the file again and import it without opening it in between.",
        )
    number, row = ragged[0]
    told = {
        "where": f"row {number:,}" if number else "",
        "got": f"{row.actual_columns:,}",
        "expected": f"{row.expected_columns:,}",
    }
    if row.actual_columns < row.expected_columns and _is_end(path, row.text):
        return SurveyError(
            "read.cut-off",
            "The file ends in the middle of a row, so it was cut off",
            hint="Download or export it again.",
            **told,
        )
    return SurveyError(
        "read.ragged",
        "A row has another number of values than the heading",
        hint="A stray delimiter or an unclosed quotation mark is the usual cause; "
        "export the file again without opening it in between.",
        **told,
    )


def _is_end(path: Path, text: str) -> bool:
    """Whether a file ends with this row, without an end of line."""
    last = text.encode("utf-8")
    with path.open("rb") as file:
        file.seek(-min(len(last), path.stat().st_size), io.SEEK_END)
        return bool(last) and file.read() == last
