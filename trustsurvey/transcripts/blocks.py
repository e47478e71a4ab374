"""Paragraphs and rows of tables become a page: lines of text, or rows by headings."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from trustsurvey.transcripts.columns import columns_of
from trustsurvey.transcripts.labels import like_a_name, uncased
from trustsurvey.transcripts.lines import ALONE
from trustsurvey.transcripts.page import Line, Page, lines_of, one_line


@dataclass(frozen=True)
class Row:
    """A row of a table: the number of its first paragraph, and the texts of its cells."""

    number: int
    cells: list[str]


Block = tuple[int, str] | Row


def page_of(blocks: Sequence[Block]) -> Page:
    """The page of a document.

    If a table has headings for who speaks or what is said, it is the transcript. Other rows become lines: a name and a
    text in cells beside each other as ``Name: text``, with a time before it as ``[time] Name: text``.
    """
    rows = [block for block in blocks if isinstance(block, Row)]
    for place, row in enumerate(rows[:20]):
        headings = [one_line(cell).lower() for cell in row.cells]
        if len(rows) - place > 1 and len(set(headings)) == len(headings) > 1 and columns_of(headings):
            body = [r for r in rows[place + 1 :] if len(r.cells) == len(headings)]
            told = tuple(dict(zip(headings, r.cells, strict=True)) for r in body)
            return Page(rows=told, places=tuple(r.number for r in body), counted="paragraph", document=True)
    lines: list[Line] = []
    for block in blocks:
        number, text = (block.number, _as_text(block.cells)) if isinstance(block, Row) else block
        lines += (Line(number, line.text) for line in lines_of(text))
    return Page(tuple(lines), counted="paragraph", document=True)


def _as_text(cells: Sequence[str]) -> str:
    filled = [cell.strip() for cell in cells if cell.strip()]
    time = next((cell for cell in filled[:3] if ALONE.match(cell)), "")
    rest = [cell for cell in filled if cell is not time]
    if len(rest) == 2 and len(rest[0]) <= 60 and (like_a_name(bare := rest[0].rstrip(":： ")) or uncased(bare)):
        rest = [f"{bare}: {one_line(rest[1])}"]
    if time and rest:
        return f"[{time.strip('[]()')}] {one_line(' '.join(rest))}"
    return "\n".join(filled) if time else "\n".join(rest)
