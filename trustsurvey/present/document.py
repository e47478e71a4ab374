"""A report of sections that stands by itself: as one page of HTML for screen and paper, and as text to read aloud."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from textwrap import fill

import pandas as pd

from trustsurvey.errors import SurveyError
from trustsurvey.language import _, language
from trustsurvey.present.findings import Line
from trustsurvey.present.templates import template

#: A page that is sent by mail is not larger than this, in bytes.
LARGEST = 500_000
#: Letters of a cell that are not broken over lines.
SHORT = 60


@dataclass(frozen=True, eq=False)
class Block:
    """A part of a section; each part of it may be absent.

    ``number``: shown large; ``lines``: sentences after the name of whom they are about; ``svg``: a drawing of
    :mod:`svg`, the one thing that is not escaped; ``table``: its numbers, ``caption`` says what of; ``quotes``: words
    of residents, redacted.
    """

    title: str = ""
    number: str = ""
    told: Sequence[str] = ()
    lines: Sequence[Line] = ()
    svg: str = ""
    table: pd.DataFrame | None = None
    caption: str = ""
    quotes: Sequence[str] = ()


@dataclass(frozen=True, eq=False)
class Section:
    """A question and what answers it."""

    title: str
    blocks: Sequence[Block]
    new_page: bool = False


@dataclass(frozen=True, eq=False)
class Document:
    """A whole report. ``remarks`` stand above everything; ``large``: in letters for a hall."""

    title: str
    about: str
    sections: Sequence[Section]
    remarks: Sequence[str] = ()
    large: bool = False


def as_html(document: Document) -> str:
    """The report as one HTML page without a script or a reference to anything outside.

    All text is escaped. SurveyError ``briefing.size`` for a page of more than :data:`LARGEST` bytes.
    """
    page = template("briefing").render(document=document, plain=_without_empty, short=_short, _=_, language=language())
    if (size := len(page.encode())) > LARGEST:
        raise SurveyError(
            "briefing.size", "The briefing is too large to be sent", where=document.title,
            got=f"{size / 1000:,.0f} KB", expected=f"at most {LARGEST / 1000:,.0f} KB",
            hint="Choose an area level with fewer areas.",
        )  # fmt: skip
    return page


def as_text(document: Document) -> str:
    """The report without pictures and tables, for a voice; a blank line where to pause."""
    parts = [document.title, document.about, *document.remarks]
    for section in document.sections:
        parts.append(section.title.upper())
        for block in section.blocks:
            parts += [block.title] if block.title else []
            parts += block.told
            parts += [f"{name}: {text}" if name else text for name, text in block.lines]
            parts += [f"\u201c{quote}\u201d" for quote in block.quotes]
    plain = ("".join(c for c in " ".join(part.split()) if c.isprintable()) for part in parts)
    return "\n\n".join(fill(part, 76, break_long_words=False, break_on_hyphens=False) for part in plain if part) + "\n"


def _without_empty(table: pd.DataFrame) -> pd.DataFrame:
    """The table without columns in which nothing stands, but for the first, which names the rows."""
    filled = [k == 0 or bool((table[name].astype(str) != "").any()) for k, name in enumerate(table)]
    return table.loc[:, filled]


def _short(table: pd.DataFrame) -> bool:
    """Whether every cell fits on a line."""
    return bool(table.map(lambda cell: len(str(cell)) <= SHORT).all(axis=None))
