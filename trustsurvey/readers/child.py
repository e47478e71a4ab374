"""The reading process: takes one file apart and leaves a table behind, or one refusal.

Run as ``python -m trustsurvey.readers.child FILE NAME FOLDER``, under limits set by its parent, so
that a file made to crash a parser ends this process and not the app. Progress goes to standard
output as a number from 0 to 1 a line.
"""

from __future__ import annotations

import hashlib
import itertools
import json
import re
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from trustsurvey.errors import Notice, SurveyError
from trustsurvey.readers import platforms, text, workbook
from trustsurvey.readers.raw import PART_ROWS, ROW, Column, Raw

MOST_COLUMNS = 5_000
#: Rows of a sheet among which the heading is looked for.
FIRST = 50
#: How a zip archive begins, full, empty or split.
ARCHIVE = (b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08")


def main(path: Path, name: str, folder: Path) -> None:
    """Read ``path`` into ``folder``: table.parquet and meta.json, or error.json."""
    try:
        raw = read_into(path, name, folder)
        (folder / "meta.json").write_text(json.dumps(raw.describe()), encoding="utf-8")
    except (SurveyError, OSError) as error:
        if isinstance(error, OSError):
            error = SurveyError("read.unreadable", "The file cannot be read", got=error.strerror or "")
        if not error.where.startswith(name):
            error.where = f"{name}, {error.where}" if error.where else name
        (folder / "error.json").write_text(json.dumps(error.as_dict()), encoding="utf-8")


def read_into(path: Path, name: str, folder: Path) -> Raw:
    """Recognise the file, stream its answers into a Parquet file, describe them."""
    with path.open("rb") as file:
        start = file.read(8)
        file.seek(0)
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    refuse_foreign(start, name)
    blank: set[int] = set()
    if start.startswith(ARCHIVE):
        workbook.check_archive(path)
        rows, notices = workbook.sheet_rows(path)
        first = {number: row for number, row in enumerate(rows[:FIRST], 1) if "".join(row).strip()}
        numbers, platform = _heading(first, notices)
        head = [first[number] for number in numbers]
        columns = _trimmed(platform.columns(head[: platform.header_rows]), rows)
        above = numbers[: platform.header_rows][-1]
        batches: Iterable[pa.RecordBatch] = _row_batches(rows[above:], len(columns))
    else:
        source, notices = text.to_utf8(path, folder)
        first, delimiter = text.first_rows(source)
        text.refuse_unclosed(source, delimiter)
        numbers, platform = _heading(first, notices)
        head = [first[number] for number in numbers]
        columns = _widened(platform.columns(head[: platform.header_rows]), head, platform.header_rows)
        keys = [f"c{position}" for position in range(len(columns))]
        if len(head) <= platform.header_rows and source.stat().st_size <= text.HEAD_BYTES:
            raise no_answers()
        above = numbers[: platform.header_rows][-1]
        batches = _reported(text.stream(source, delimiter, keys, above, blank), source)
    if len(columns) > MOST_COLUMNS:
        raise SurveyError(
            "read.columns", f"The file has {len(columns):,} columns", expected=f"{MOST_COLUMNS:,} at most"
        )
    if len(columns) < 2:
        raise SurveyError(
            "read.one-column",
            "The file has a single column",
            got=f"the heading '{columns[0].name[:60]}'" if columns else "",
            expected="columns separated by commas, semicolons or tabs",
            hint="Export it again as CSV with one of these separators.",
        )
    rows_kept = _write(batches, len(columns), above + 1, folder / "table.parquet", blank)
    if not rows_kept:
        raise no_answers()
    notices += _heading_notices(columns, platform.name)
    return Raw(name, platform.name, tuple(columns), rows_kept, digest, folder / "table.parquet", tuple(notices))


def no_answers() -> SurveyError:
    """The refusal of a file that ends with its heading."""
    return SurveyError(
        "read.no-rows",
        "The file has a heading but no answers",
        expected="one row a resident below the heading",
        hint="Check the date range and the filter of the export.",
    )


FOREIGN = {
    b"\xd0\xcf\x11\xe0": ("an old or password-protected workbook", "Save it as .xlsx without a password."),
    b"$FL2": ("an SPSS file", "Save it from SPSS as CSV or .xlsx."),
    b"$FL3": ("an SPSS file", "Save it from SPSS as CSV or .xlsx."),
    b"<stata": ("a Stata file", "Export it from Stata as CSV."),
    b"%PDF": ("a PDF document", "Export the answers themselves, as CSV or .xlsx."),
    b"\x89PNG": ("a picture", "Export the answers themselves, as CSV or .xlsx."),
    b"\xff\xd8\xff": ("a picture", "Export the answers themselves, as CSV or .xlsx."),
    b"\x1f\x8b": ("a compressed file", "Unpack it and import the file inside."),
    b"PAR1": ("a Parquet file", "Export the answers as CSV or .xlsx."),
    b"{\\rtf": ("a text document", "Export the answers themselves, as CSV or .xlsx."),
}  # fmt: skip


def refuse_foreign(start: bytes, name: str) -> None:
    """Name the kinds of file that cannot be read, by their first bytes."""
    kind = next((told for magic, told in FOREIGN.items() if start.startswith(magic)), None)
    if kind is None and name.lower().endswith((".xlsx", ".xlsm")) and not start.startswith(ARCHIVE):
        kind = ("a file that is called a workbook but is none", "Open it in Excel and save it as .xlsx.")
    start = start.removeprefix(b"\xef\xbb\xbf").lstrip().lower()
    if kind is None and start.startswith((b"<!d", b"<html", b"<?xml")):
        kind = ("a web page or an XML file", "Sign in to the survey tool and download the answers as CSV or .xlsx.")
    if kind is None and start.startswith((b"{", b"[{")):
        kind = ("a JSON file", "Boundaries belong to the study; answers are imported as CSV or .xlsx.")
    if kind is not None:
        raise SurveyError(
            "read.kind", "The file is of a kind that cannot be read", got=kind[0],
            expected="CSV, TSV or XLSX", hint=kind[1],
        )  # fmt: skip


def _heading(first: dict[int, list[str]], notices: list[Notice]) -> tuple[list[int], platforms.Platform]:
    """The numbers of the first rows from the heading on, and the platform that wrote them.

    A title above the heading, one or two cells in a wide table, is passed over and noticed.
    """
    if not first:
        raise SurveyError(
            "read.no-heading", "The file has no heading that can be read",
            expected="a first row with the names of the columns", hint="Export the answers again.",
        )  # fmt: skip
    numbers = list(first)
    filled = {number: sum(bool(cell.strip()) for cell in row) for number, row in first.items()}
    widest = max(filled.values())

    def platform(at: int) -> platforms.Platform:
        return platforms.detect([first[number] for number in numbers[at:]])

    at = 0
    most = 0 if widest < 3 else min(2, widest // 2)
    while at < len(numbers) - 1 and filled[numbers[at]] <= most and platform(at).name == "plain":
        at += 1
    if any(re.fullmatch(r"[-+]?\d+([.,]\d+)?", cell.strip()) for cell in first[numbers[at]]):
        at = 0  # What follows is no heading, so the first row is one, with columns that have no name.
    for number in numbers[:at]:
        title = next(cell.strip() for cell in first[number] if cell.strip())
        notices.append(
            Notice("read.title", f"Row {number} above the heading was passed over: \u201c{title[:60]}\u201d.")
        )
    return numbers[at:], platform(at)


def _widened(columns: list[Column], head: list[list[str]], header_rows: int) -> list[Column]:
    """Columns for cells that the first answers have beyond the heading, if those are all empty."""
    widest = max((len(row) for row in head[header_rows:]), default=0)
    extra = [cell for row in head[header_rows:] for cell in row[len(columns) :]]
    if widest > len(columns) and not any(cell.strip() for cell in extra):
        for position in range(len(columns), widest):
            columns.append(Column(f"column {position + 1}", "", platforms.letter(position)))
    return columns


def _trimmed(columns: list[Column], rows: list[list[str]]) -> list[Column]:
    """Columns without the empty ones that a sheet carries at its right edge."""
    width = max((k + 1 for row in rows for k, cell in enumerate(row) if cell), default=0)
    return columns[:width]


def _row_batches(rows: list[list[str]], width: int) -> Iterator[pa.RecordBatch]:
    names = [f"c{k}" for k in range(width)]
    for start in range(0, len(rows), PART_ROWS):
        part = rows[start : start + PART_ROWS]
        arrays = [pa.array([row[k] if k < len(row) else "" for row in part], pa.string()) for k in range(width)]
        yield pa.RecordBatch.from_arrays(arrays, names=names)


def _reported(batches: Iterator[pa.RecordBatch], source: Path) -> Iterator[pa.RecordBatch]:
    size, done = max(source.stat().st_size, 1), 0
    for batch in batches:
        done += batch.nbytes
        print(f"{min(done / size, 0.99):.3f}", flush=True)
        yield batch


def _write(batches: Iterable[pa.RecordBatch], width: int, first_row: int, path: Path, blank: set[int]) -> int:
    """Write batches as Parquet with row numbers, leaving out rows with nothing in them.

    ``blank`` is filled, ahead of the batches, with the numbers of lines that never become rows.
    """
    names = [f"c{k}" for k in range(width)]
    schema = pa.schema([(ROW, pa.int64()), *((name, pa.string()) for name in names)])
    kept, numbers = 0, (number for number in itertools.count(first_row) if number not in blank)
    with pq.ParquetWriter(path, schema, compression="zstd") as writer:
        for batch in batches:
            table = pa.Table.from_batches([batch])
            here = pa.array(itertools.islice(numbers, table.num_rows), pa.int64())
            table = table.add_column(0, ROW, here)
            table = table.filter(_has_content(table, names))
            kept += table.num_rows
            if table.num_rows:
                writer.write_table(table, row_group_size=PART_ROWS)
    return kept


def _has_content(table: pa.Table, names: list[str]) -> pa.ChunkedArray:
    filled = None
    for name in names:
        some = pc.not_equal(pc.utf8_trim_whitespace(table.column(name)), "")
        filled = some if filled is None else pc.or_(filled, some)
    return filled


def _heading_notices(columns: list[Column], platform: str) -> list[Notice]:
    twice = [column.name for column in columns if "(column " in column.name]
    if not twice or platform == "qualtrics":
        return []
    return [
        Notice(
            "read.heading-twice",
            f"Some headings stand twice; their columns are told apart by letter: {', '.join(twice[:6])}.",
            "warning",
        )
    ]


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2], Path(sys.argv[3]))
