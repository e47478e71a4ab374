"""Where a coded part lies in a text: programs count line ends and rare characters in ways of their own.

REFI-QDA counts Unicode code points. Some programs count CR LF as one character, some count UTF-16 units (an
emoji is two), some the mark at the start of a file. Which way a project was counted is told by its parts: they lie
within their texts, are called by the words they hold, and begin and end where words do.
"""

from __future__ import annotations

import codecs
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import product

import numpy as np

MARK = "\ufeff"
#: What a part tells that is called by other words or lies outside its text; an edge that no word has tells 1.
CLEARLY = 3


@dataclass(frozen=True)
class Counting:
    """A way to count: units of a CR LF, of a character beyond U+FFFF, and of the mark at the start."""

    line_end: int = 2
    rare: int = 1
    mark: int = 0


#: The ways that are tried, that of the standard first.
WAYS = tuple(Counting(*units) for units in product((2, 1), (1, 2), (0, 1)))


@dataclass(frozen=True)
class Part:
    """A part of a text by position as the file says, and the name that it has there."""

    start: int
    end: int
    name: str = ""


def decoded(data: bytes) -> str:
    """A text as it is in its file, mark and line ends included; what is no UTF-8 becomes U+FFFD."""
    for mark, encoding in ((codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be")):
        if data.startswith(mark):
            return data.decode(encoding, "replace")
    return data.decode("utf-8", "replace")


def plain(raw: str) -> str:
    """The text without the mark at its start, with LF line ends."""
    return raw.removeprefix(MARK).replace("\r\n", "\n").replace("\r", "\n")


def way_of(texts: Iterable[tuple[str, Sequence[Part]]]) -> Counting:
    """The way in which the parts of a project were counted; that of the standard unless another fits clearly better."""
    scores, edges = np.zeros(len(WAYS)), 0
    for raw, parts in texts:
        if parts and ("\r\n" in raw or raw.startswith(MARK) or any(c > "\uffff" for c in raw)):
            scores += [_fit(raw, parts, way) for way in WAYS]
            edges += 2 * len(parts)
    best = int(scores.argmax())
    return WAYS[best] if scores[best] - scores[0] >= max(CLEARLY, edges / 10) else WAYS[0]


def located(raw: str, parts: Sequence[Part], way: Counting) -> list[tuple[int, int] | None]:
    """(start, end) of each part in the plain text; None for those that lie outside or hold nothing."""
    units, places = _units(raw, way)
    length = units[-1]
    found: list[tuple[int, int] | None] = []
    for part in parts:
        if not 0 <= part.start < part.end <= length:
            found.append(None)
            continue
        start, end = (int(places[np.searchsorted(units, at)]) for at in (part.start, part.end))
        found.append((start, end) if start < end else None)
    return found


def _units(raw: str, way: Counting) -> tuple[np.ndarray, np.ndarray]:
    """Units before each character of the raw text and after the last, and their places in the plain text."""
    points = np.frombuffer(raw.encode("utf-32-le", "surrogatepass"), dtype="<u4")
    units, places = np.ones(len(points), dtype=np.int64), np.ones(len(points), dtype=np.int64)
    ends = np.zeros(len(points), dtype=bool)
    ends[1:] = (points[1:] == 10) & (points[:-1] == 13)  # the LF of a CR LF
    units[ends], places[ends] = way.line_end - 1, 0
    units[points > 0xFFFF] = way.rare
    if raw.startswith(MARK):
        units[0], places[0] = way.mark, 0
    return np.concatenate([[0], np.cumsum(units)]), np.concatenate([[0], np.cumsum(places)])


def _fit(raw: str, parts: Sequence[Part], way: Counting) -> float:
    text, fit = plain(raw), 0.0
    units, _ = _units(raw, way)
    for part, place in zip(parts, located(raw, parts, way), strict=True):
        if place is None:
            fit -= CLEARLY
            continue
        start, end = place
        name = "".join(part.name.rstrip(".\u2026 ").split())[:20]
        if len(name) > 3 and "".join(text[start:end].split()).startswith(name):
            fit += CLEARLY
        fit += _edge(text, start) + _edge(text, end)
        fit -= CLEARLY * sum(_torn(raw, units, at, way) for at in (part.start, part.end))
    return fit


def _torn(raw: str, units: np.ndarray, at: int, way: Counting) -> bool:
    """Whether a position is amid a character, or a CR LF, which no program cuts."""
    k = int(np.searchsorted(units, at))
    return bool(units[k] != at) or (way.line_end == 2 and raw[max(k - 1, 0) : k + 1] == "\r\n")


def _edge(text: str, at: int) -> bool:
    """Whether a word begins or ends here."""
    return at in (0, len(text)) or text[at - 1].isalnum() != text[at].isalnum()
