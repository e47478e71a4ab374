"""Where the heading of a table is, what wrote it, and which columns it makes."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from trustsurvey.errors import Notice, SurveyError
from trustsurvey.readers.platforms import Platform, Rows, detect
from trustsurvey.readers.platforms.entry import clean, named, plain_columns, stem_and_option
from trustsurvey.readers.raw import Column

#: Rows that a platform is recognised by.
TELLING = 8
NUMBER = re.compile(r"[-+]?\d+([.,]\d+)?%?|\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}.*")


@dataclass(frozen=True)
class Heading:
    """The platform that wrote a table, its columns, and the number of the last row above the answers."""

    platform: Platform
    columns: list[Column]
    above: int
    notices: list[Notice]


def find_heading(first: dict[int, list[str]]) -> Heading:
    """The heading among the first rows that hold anything, given by row number.

    A title above the heading, one or two cells in a wide table, is passed over and noticed. Where a
    table that no platform wrote has two rows of headings, they are read together, which is noticed.
    """
    if not first:
        raise SurveyError(
            "read.no-heading", "The file has no heading that can be read",
            expected="a first row with the names of the columns", hint="Export the answers again.",
        )  # fmt: skip
    numbers = list(first)
    at = _below_titles([first[number] for number in numbers])
    notices = [
        Notice("read.title", f"Row {number} above the heading was passed over: \u201c{_title(first[number])}\u201d.")
        for number in numbers[:at]
    ]
    rows = [first[number] for number in numbers[at : at + TELLING]]
    platform, depth = detect(rows)
    columns = platform.columns(rows[:depth])
    if platform.name == "plain" and (both := _two_rows(rows)):
        columns, depth = both, 2
        notices.append(
            Notice(
                "read.two-headings",
                f"Rows {numbers[at]} and {numbers[at + 1]} were read together as the heading.",
                "warning",
            )
        )
    above = numbers[at : at + depth][-1]
    return Heading(platform, columns, above, notices)


def _below_titles(rows: Rows) -> int:
    """How many rows are titles above the heading: one or two cells where a wide table begins."""
    filled = [[k for k, cell in enumerate(row) if cell.strip()] for row in rows]
    widest, left = max(map(len, filled)), min(cells[0] for cells in filled)
    most = 0 if widest < 3 else min(2, widest // 2)
    at = 0
    while (
        at < len(rows) - 1
        and len(filled[at]) <= most
        # Cells further to the right are headings over several columns.
        and filled[at] == list(range(left, left + len(filled[at])))
        and detect(rows[at : at + TELLING])[0].name == "plain"
    ):
        at += 1
    # Where numbers follow it is no heading, so the first row is one, with columns that have no name.
    return 0 if any(re.fullmatch(r"[-+]?\d+([.,]\d+)?", cell.strip()) for cell in rows[at]) else at


def _title(row: Sequence[str]) -> str:
    return next(cell.strip() for cell in row if cell.strip())[:60]


def _two_rows(rows: Rows) -> list[Column]:
    """Columns of a heading of two rows, none where the second row holds answers already.

    Numbers or dates below words show that these words are no answer.
    """
    if len(rows) < 3 or not any(_is_number_column(rows, k) for k in range(len(rows[0]))):
        return []
    upper = [clean(cell) for cell in rows[0]]
    lower = [clean(cell) for cell in rows[1]] + [""] * len(upper)
    if any(NUMBER.fullmatch(cell) for cell in (*upper, *lower)):
        return []
    below = [cell.casefold() for cell in lower if cell]
    words = [len(cell.split()) for cell in lower if cell]
    if all(upper) and max(len(cell.split()) for cell in upper) == 1:
        # Names made for machines above the wording of the questions.
        worded = sum(count >= 3 for count in words) >= max(2, len(upper) / 2)
        return named(upper, lower, *_choices(lower)) if worded else []
    gaps = [k for k, cell in enumerate(upper) if not cell and any(upper[:k])]
    if not gaps or not all(lower[k] for k in gaps) or len(set(below)) < len(below):
        return []
    carried, texts = "", []
    for head, part in zip(upper, lower, strict=False):
        carried = head or carried
        texts.append(f"{carried} - {part}" if part and carried else part or carried)
    return plain_columns([texts])


def _choices(texts: Sequence[str]) -> tuple[list[str], list[str]]:
    found = [stem_and_option(text) for text in texts]
    return [question for question, _ in found], [option for _, option in found]


def _is_number_column(rows: Rows, k: int) -> bool:
    """Whether row 2 has words in a column in which only numbers and dates follow."""
    cells = [row[k].strip() for row in rows[1:] if k < len(row)]
    return (
        len(cells) > 1
        and bool(cells[0])
        and not NUMBER.fullmatch(cells[0])
        and any(cells[1:])
        and all(not cell or NUMBER.fullmatch(cell) for cell in cells[1:])
    )
