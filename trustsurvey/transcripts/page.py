"""What a file holds before anybody asks who speaks: numbered lines of text, rows of a table, or parsed JSON."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from trustsurvey.model.transcript import Counted

#: Marks that order letters or join them without being seen; they would make one name two. Joiners within words stay.
_UNSEEN = re.compile("[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\u00ad\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff]")


class Line(NamedTuple):
    """A line of the file as it stands there, but for unseen marks, and its number; the first is 1."""

    number: int
    text: str


@dataclass(frozen=True)
class Page:
    """A file taken apart. Which fields are filled says what it was.

    ``lines``: all of a text or a document, blank ones too. ``rows``: of a table, by headings in small letters, with
    the numbers of the rows in ``places``. ``data``: what JSON stood for. ``document``: it has paragraphs, not lines.
    """

    lines: tuple[Line, ...] = ()
    rows: tuple[Mapping[str, str], ...] = ()
    places: tuple[int, ...] = ()
    data: Any = None
    counted: Counted = "line"
    document: bool = False
    #: Lines that say something, for layouts that look at the beginning of a file.
    said: tuple[Line, ...] = field(init=False, default=())

    def __post_init__(self) -> None:
        object.__setattr__(self, "said", tuple(line for line in self.lines if line.text.strip()))


def lines_of(text: str) -> tuple[Line, ...]:
    """The lines of a text, numbered as an editor numbers them; other breaks within them are blanks."""
    clean = _UNSEEN.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))
    return tuple(Line(number, line) for number, line in enumerate(clean.split("\n"), 1))


def numbered(paragraphs: Sequence[str]) -> tuple[Line, ...]:
    """The lines of paragraphs, each with the number of its paragraph."""
    return tuple(
        Line(number, _UNSEEN.sub("", line)) for number, text in enumerate(paragraphs, 1) for line in text.split("\n")
    )


def one_line(text: str) -> str:
    """A text with single blanks for whatever parted its words."""
    return " ".join(_UNSEEN.sub("", text).split())
