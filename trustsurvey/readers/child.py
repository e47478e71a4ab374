"""What the reading process does: takes one file apart and leaves a table behind, or one refusal.

Progress goes to standard output as a number from 0 to 1 a line.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import partial
from pathlib import Path

from trustsurvey.errors import Notice, SurveyError, some
from trustsurvey.readers import archive, kinds
from trustsurvey.readers.arrow_file import TABLE
from trustsurvey.readers.choices import confirmed
from trustsurvey.readers.found import Found, no_answers
from trustsurvey.readers.look import SOUND, Look, begins_sound, look
from trustsurvey.readers.platforms import Platform
from trustsurvey.readers.platforms.entry import matches
from trustsurvey.readers.raw import Column, Raw
from trustsurvey.readers.writing import Cells, write

MOST_COLUMNS = 5_000


def main(path: Path, name: str, folder: Path, looked: Callable[[], Look] | None = None) -> None:
    """Read ``path`` into ``folder``: the table and meta.json, or error.json.

    ``looked`` gives the look at the file, where somebody takes one already.
    """
    try:
        raw = read_into(path, name, folder, looked)
        (folder / "meta.json").write_text(json.dumps(raw.describe()), encoding="utf-8")
    except (SurveyError, OSError) as error:
        if isinstance(error, OSError):
            error = SurveyError("read.unreadable", "The file cannot be read", got=error.strerror or "")
        if not error.where.startswith(name):
            error.where = f"{name}, {error.where}" if error.where else name
        (folder / "error.json").write_text(json.dumps(error.as_dict()), encoding="utf-8")


def read_into(path: Path, name: str, folder: Path, looked: Callable[[], Look] | None = None) -> Raw:
    """Recognise the file, stream its answers into a table, describe them."""
    looked = looked or partial(look, path)
    table = folder / TABLE
    found, rows = _taken_apart(path, name, folder, looked, table)
    cells = Cells(table)
    columns = found.describe(_settled(found.columns, cells))
    notices = (*found.notices, *_heading_notices(columns), *_events(found.platform, columns, cells))
    return Raw(name, found.platform.name, tuple(columns), rows, looked().digest, table, notices)


def _taken_apart(path: Path, name: str, folder: Path, looked: Callable[[], Look], table: Path) -> tuple[Found, int]:
    """The file with its answers written, and how many rows they are.

    Looking at every byte of a text takes as long as taking it apart, so both go on at once; where the look finds what
    must be mended first, all is done again.
    """
    if kinds.kind_of(path, name) == "text" and begins_sound(path):
        try:
            done = _written(path, name, folder, lambda: SOUND, table)
        except (SurveyError, UnicodeDecodeError):
            if looked().sound:
                raise
        else:
            if looked().sound:
                return done
    return _written(path, name, folder, looked, table)


def _written(path: Path, name: str, folder: Path, looked: Callable[[], Look], table: Path) -> tuple[Found, int]:
    found = open_file(path, name, folder, looked)
    _refuse_width(found.columns)
    rows = write(found.batches, len(found.columns), found.first_row, table, found.blank)
    if not rows:
        raise no_answers()
    return found, rows


def open_file(path: Path, name: str, folder: Path, looked: Callable[[], Look], packed: bool = False) -> Found:
    """The heading of a file and its answers, not yet drawn, whatever kind of file it is."""
    # Each family loads its own parser, and only that one.
    kind = kinds.kind_of(path, name)
    if kind == "zip" and archive.check_archive(path, name) == "archive":
        if packed:
            raise archive.nothing_inside()
        member, inner, notices = archive.unpack(path, folder)
        found = open_file(member, inner, folder, partial(look, member), packed=True)
        found.notices[:0] = notices
        return found
    if kind in ("zip", "compound"):
        from trustsurvey.readers.workbook import open_workbook, refuse_locked

        if kind == "compound":
            refuse_locked(path)
        return open_workbook(path, _report)
    if kind in ("sav", "por", "dta"):
        from trustsurvey.readers.statistical import open_statistical

        return open_statistical(path, kind, _report)
    if kind == "parquet":
        from trustsurvey.readers.columnar import open_parquet

        return open_parquet(path, _report)
    from trustsurvey.readers.text import open_text

    return open_text(path, folder, looked(), _report)


def _report(share: float) -> None:
    print(f"{share:.4f}", flush=True)


def _refuse_width(columns: list[Column]) -> None:
    if len(columns) > MOST_COLUMNS:
        raise SurveyError(
            "read.columns", f"The file has {len(columns):,} columns", expected=f"{MOST_COLUMNS:,} at most"
        )
    if len(columns) < 2:
        raise SurveyError(
            "read.one-column",
            "The file has a single column",
            got=f"the heading '{columns[0].name[:60]}'" if columns else "",
            expected="a column for each question; in a text file, separated by commas, semicolons or tabs",
            hint="Export the answers again, with all questions.",
        )


def _settled(columns: list[Column], cells: Cells) -> list[Column]:
    """The columns as their cells show them: choices confirmed, empty ones without a heading cut off the end."""
    columns = list(columns)
    while len(columns) > 1 and not columns[-1].text and not cells.first(len(columns) - 1):
        if cells.all(len(columns) - 1):
            break
        columns.pop()
    if not any(column.option for column in columns):
        return columns
    return confirmed(columns, cells.first, cells.all)


def _heading_notices(columns: list[Column]) -> list[Notice]:
    twice = [column.name for column in columns if "(column " in column.name]
    if not twice:
        return []
    return [
        Notice(
            "read.heading-twice",
            f"Some headings stand twice; their columns are told apart by letter: {', '.join(twice[:6])}.",
            "warning",
        )
    ]


def _events(platform: Platform, columns: list[Column], cells: Cells) -> list[Notice]:
    """A warning where a person has several rows, which would be taken for repetitions."""
    for position, column in enumerate(columns):
        if platform.events and matches(platform.events, column.name) and len(events := cells.all(position)) > 1:
            return [
                Notice(
                    "read.events",
                    f"The file has several rows for one person, told apart by '{column.name}' ({some(events, 4)}). "
                    "A wave is one event: export one at a time, or each person counts by the first row alone.",
                    "warning",
                )
            ]
    return []
