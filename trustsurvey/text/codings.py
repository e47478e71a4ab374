"""Readings as a table in long form, one row an answer, coder and code; and back from a CSV of it."""

from __future__ import annotations

import csv
import io
from collections.abc import Collection, Iterable
from typing import cast, get_args

import pandas as pd

from trustsurvey.errors import SurveyError, some
from trustsurvey.language import N_
from trustsurvey.model import Codebook, Coding, Queue, Stance

COLUMNS = ("answer", "coder", "code", "stance", "queue", "memo", "version")
NEEDED = COLUMNS[:3]
#: Rows that a file may have.
MOST = 2_000_000


def codings_table(codings: Iterable[Coding]) -> pd.DataFrame:
    """Columns answer, coder, code, stance, queue, memo, version; a reading that found nothing has a row without a code.

    Later readings of the same answer, coder and queue replace earlier ones. Give the table to
    ``export.workbook.csv_bytes``, which lets no text become a formula.
    """
    rows = [
        (coding.answer, coding.coder, code, stance, coding.queue, coding.memo, coding.version)
        for coding in {(coding.answer, coding.coder, coding.queue): coding for coding in codings}.values()
        for code, stance in coding.codes or (("", ""),)
    ]
    return pd.DataFrame(rows, columns=list(COLUMNS))


def codings_from_csv(
    data: bytes, codebook: Codebook, answers: Collection[str] | None = None, name: str = "codings.csv"
) -> tuple[Coding, ...]:
    """Read a CSV of readings: answer, coder and code (key or title), and any of the other columns.

    Rows of the same answer, coder and queue are one reading. ``answers``: the keys that there are; others are refused.
    SurveyError ``codings.*`` that names the row.
    """
    rows = _rows(data, name)
    titles = {code.title.casefold(): code.key for code in reversed(codebook.codes)}
    found: dict[tuple[str, ...], list[tuple[int, dict[str, str]]]] = {}
    for number, row in rows:
        if answers is not None and row["answer"] not in answers:
            raise _wrong(
                "codings.answer", N_("There is no such answer"), name, number, row["answer"], N_("the key of an answer")
            )
        if row["code"] not in codebook and row["code"]:
            key = titles.get(row["code"].casefold())
            if key is None:
                raise _wrong("codings.code", N_("The code is not in the codebook"), name, number, row["code"],
                             some(codebook.keys, 12))  # fmt: skip
            row["code"] = key
        found.setdefault((row["answer"], row["coder"], row.get("queue", "")), []).append((number, row))
    return tuple(_coding(parts, name) for parts in found.values())


def _coding(parts: list[tuple[int, dict[str, str]]], name: str) -> Coding:
    """One reading from its rows."""
    number, head = parts[0]
    queue, version = head.get("queue") or "training", head.get("version") or "1"
    stances = get_args(Stance)
    for at, row in parts:
        if row.get("stance", "") not in stances:
            raise _wrong("codings.stance", N_("The stance is none"), name, at, row["stance"], some(stances[1:]))
        if (row.get("version") or "1") != version:
            raise _wrong(
                "codings.mixed", N_("Rows of one reading differ in version"), name, at, row["version"], version
            )
    if queue not in get_args(Queue):
        raise _wrong("codings.queue", N_("The queue is none"), name, number, queue, some(get_args(Queue)))
    if not version.isdecimal() or len(version) > 9:
        raise _wrong("codings.version", N_("The version is not a whole number"), name, number, version, "1, 2, ...")
    memo = "\n".join(dict.fromkeys(row["memo"] for _, row in parts if row.get("memo")))
    codes = tuple((row["code"], cast(Stance, row.get("stance", ""))) for _, row in parts if row["code"])
    try:
        return Coding(head["answer"], head["coder"], codes, cast(Queue, queue), memo, int(version))
    except SurveyError as error:
        raise SurveyError(**error.as_dict() | {"where": f"{name}, row {number:,}"}) from error


def _rows(data: bytes, name: str) -> list[tuple[int, dict[str, str]]]:
    """Rows by column, with their numbers; blanks around cells and the quote before a sign left out."""
    try:
        text = data.decode("utf-8-sig")
        heading = text.partition("\n")[0]
        lines = csv.reader(io.StringIO(text, newline=""), strict=True, delimiter=";" if ";" in heading else ",")
        columns = [column.strip().lower() for column in next(lines, [])]
        if missing := [column for column in NEEDED if column not in columns]:
            raise SurveyError("codings.columns", "Columns are missing", where=name, got=some(missing),
                              expected=some(COLUMNS, 7))  # fmt: skip
        rows = []
        for cells in lines:
            if any(cell.strip() for cell in cells):
                if len(cells) != len(columns):
                    raise _wrong("codings.cells", N_("The row has another number of cells than the heading"), name,
                                 lines.line_num, str(len(cells)), str(len(columns)))  # fmt: skip
                rows.append((lines.line_num, dict(zip(columns, map(_plain, cells), strict=True))))
            if len(rows) > MOST:
                raise SurveyError("codings.large", "The file has too many rows", where=name, expected=f"{MOST:,}")
    except UnicodeDecodeError as error:
        raise SurveyError("codings.encoding", "The file is not UTF-8", where=name,
                          hint="Save it as CSV UTF-8.") from error  # fmt: skip
    except csv.Error as error:
        raise SurveyError("codings.csv", "The file is not valid CSV", where=name) from error
    return rows


def _plain(cell: str) -> str:
    """A cell without the quote that kept a spreadsheet from running it."""
    cell = cell.replace("\r\n", "\n").strip(" ")
    return cell[1:] if len(cell) > 1 and cell[0] == "'" and not cell[1].isalnum() else cell


def _wrong(code: str, title: str, name: str, row: int, got: str, expected: str) -> SurveyError:
    return SurveyError(code, title, where=f"{name}, row {row:,}", got=f"'{got[:40]}'", expected=expected)
