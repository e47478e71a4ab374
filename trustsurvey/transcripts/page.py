"""What a file holds before anybody asks who speaks: numbered lines of text, rows of a table, or parsed JSON."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

from trustsurvey.model.transcript import Counted

#: Marks that order letters or join them without being seen; they would make one name two. Joiners within words stay.
_UNSEEN = re.compile("[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\u00ad\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff]")
#: What programs write behind the last turn, and of themselves.
_END = re.compile(r"Transcription ended after\b|.{1,80} stopped transcription$|Transcribed by https?://")
_MARKS = frozenset("#>*_-+")
_MARKUP = re.compile(r"^(?:#{1,6}\s+|>\s+(?=\S)|[-*+]\s+(?=\*\*|__))")
_BLANKS = re.compile(r"[ \t\u00a0]{3,}|[ \u00a0]*\t[ \t\u00a0]*")


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

    @cached_property
    def said(self) -> tuple[Line, ...]:
        """Lines that say something."""
        return tuple(line for line in self.lines if line.text.strip())

    @cached_property
    def body(self) -> tuple[Line, ...]:
        """The lines up to what a program wrote behind the last turn, without Markdown at their beginning, blanks around
        them, and more than two blanks in a row within them.
        """
        lines: list[Line] = []
        for number, text in self.lines:
            bare = unmarked(text.strip())
            if len(bare) < 200 and _END.match(bare):
                break
            lines.append(Line(number, _BLANKS.sub("  ", bare) if "   " in bare or "\t" in bare else bare))
        return tuple(lines)


def unmarked(text: str) -> str:
    """A line without Markdown at its beginning: heading, quotation, and the bold of a name."""
    if text[:1] not in _MARKS:
        return text
    bare = _MARKUP.sub("", text, count=1)
    for mark in ("**", "__", "*"):
        if bare.startswith(mark) and mark in bare[len(mark) : 120]:
            return bare.replace(mark, "", 2)
    return bare


def lines_of(text: str) -> tuple[Line, ...]:
    """The lines of a text, numbered as an editor numbers them; other breaks within them are blanks."""
    clean = _UNSEEN.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))
    return tuple(Line(number, line) for number, line in enumerate(clean.split("\n"), 1))


def numbered(paragraphs: Sequence[str]) -> tuple[Line, ...]:
    """The lines of paragraphs, each with the number of its paragraph."""
    return tuple(
        Line(number, _UNSEEN.sub("", line)) for number, text in enumerate(paragraphs, 1) for line in text.split("\n")
    )


def sound(text: str) -> str:
    """A text whose letters beyond the first 65,536 stand whole; half of one becomes the mark of an unknown letter."""
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    return text


def one_line(text: str) -> str:
    """A text with single blanks for whatever parted its words."""
    return " ".join(_UNSEEN.sub("", text).split())
