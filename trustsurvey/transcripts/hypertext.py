"""Pages of HTML as paragraphs and rows of tables.

The parser of the standard library takes time that grows with the square of a malformed file; this walks each mark once.
"""

from __future__ import annotations

import html
import re

from trustsurvey.transcripts.blocks import Block, Row

_TAG = re.compile(r"</?([a-zA-Z][a-zA-Z0-9:-]{0,30})")
_PAGE = re.compile(
    r"\s*(?:<\?xml[^>]{0,200}\?>\s*)?<(?:!doctype\s+html|html|head|body|meta|div|p|table)\b", re.IGNORECASE
)
_HIDDEN = ("script", "style", "title", "template", "noscript", "svg", "textarea")
_PARTS = frozenset(
    (
        "p", "div", "li", "ul", "ol", "h1", "h2", "h3", "h4", "h5", "h6", "section", "article", "header", "footer",
        "main", "blockquote", "pre", "dt", "dd", "dl", "hr", "br", "table", "thead", "tbody", "tfoot", "caption",
        "body",
    )
)  # fmt: skip


def is_hypertext(text: str) -> bool:
    """Whether a text begins as a page of HTML does."""
    return _PAGE.match(text[:2000].lstrip("\ufeff")) is not None


def hypertext(text: str) -> list[Block]:
    """The paragraphs and rows of a page, numbered in turn; scripts, styles and comments are left out."""
    reading = _Reading()
    place, end = 0, len(text)
    while place < end:
        mark = text.find("<", place)
        if mark < 0:
            mark = end
        reading.said(text[place:mark])
        if mark == end:
            break
        if text.startswith("<!--", mark):
            close = text.find("-->", mark + 4)
            place = end if close < 0 else close + 3
            continue
        tag = _TAG.match(text, mark)
        if tag is None and text[mark + 1 : mark + 2] not in ("!", "?"):
            reading.said("<")
            place = mark + 1
            continue
        close = text.find(">", mark)
        if close < 0:
            break
        place = close + 1
        if tag is None:
            continue
        name = tag[1].lower()
        if name in _HIDDEN and text[mark + 1] != "/" and text[close - 1] != "/":
            behind = re.compile(rf"</{name}\b", re.IGNORECASE).search(text, place)
            place = end if behind is None else behind.start()
        reading.mark(name, text[mark + 1] == "/")
    return reading.close()


class _Reading:
    def __init__(self) -> None:
        self.blocks: list[Block] = []
        self.held: list[str] = []
        self.cells: list[str] | None = None
        self.number = 0

    def said(self, text: str) -> None:
        if text:
            self.held.append(text)

    def mark(self, name: str, closing: bool) -> None:
        if name == "tr":
            self._flush()
            if closing and self.cells:
                self.blocks.append(Row(self._next(), self.cells))
            self.cells = None if closing else []
        elif name in ("td", "th"):
            if closing and self.cells is not None:
                self.cells.append(self._text())
            else:
                self._flush()
        elif name in _PARTS and self.cells is None:
            self._flush()
        elif name in _PARTS:
            self.held.append(" ")

    def close(self) -> list[Block]:
        self._flush()
        return self.blocks

    def _next(self) -> int:
        self.number += 1
        return self.number

    def _text(self) -> str:
        text = " ".join(html.unescape("".join(self.held)).split())
        self.held.clear()
        return text

    def _flush(self) -> None:
        if text := self._text():
            self.blocks.append((self._next(), text))
