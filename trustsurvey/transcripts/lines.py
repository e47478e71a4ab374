"""Texts in which every turn has a head: a name and a time, a time and a name, or a name alone."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import NamedTuple

from trustsurvey.transcripts.cues import Cue, cues_of, pieces_of, timed
from trustsurvey.transcripts.labels import like_a_name, uncased
from trustsurvey.transcripts.page import Line, Page, one_line
from trustsurvey.transcripts.spoken import Piece
from trustsurvey.transcripts.times import DAY, TIME, seconds

_TO = r"(?:\s*(?:-{0,2}>|[-–—]|→|to)\s*(?P<end>" + TIME + "))?"
_NAME = r"(?P<name>[^\W_][^:：\[\]()\t]{0,59}?(?:\s*\([^()\d]{1,30}\))?)"
#: ``[Name] 11:02:09``, as Zoom saves a transcript.
ZOOM = re.compile(r"\s*\[(?P<name>[^\[\]]{1,80})\]\s+(?P<start>\d{1,2}:\d{2}:\d{2})\s*$")
#: ``Name  0:12``, as Otter and Teams write it.
NAME_TIME = re.compile(rf"\s*{_NAME}\s+(?P<start>{TIME})(?P<noon>\s*[AaPp]\.?[Mm]\.?)?\s*$")
#: ``0:12 Name``, as Word and others write it.
TIME_NAME = re.compile(rf"\s*[\[(]?(?P<start>{TIME}){_TO}[\])]?\s*[-–—]?\s+{_NAME}\s*[:：]?\s*$")
#: ``Name (00:12): text``, ``[Name] (00:12) text``, ``Name [00:12]``, as Rev and others write it.
REV = re.compile(rf"\s*\[?{_NAME}?\]?\s*[:：]?\s*[(\[](?P<start>{TIME}){_TO}[)\]]\s*[:：]?\s*(?P<rest>.*)$", re.DOTALL)
#: ``[00:12] text``, ``00:12 - 00:15 text``, ``(00:12) Name: text``.
STAMPED = re.compile(rf"\s*[\[(<]?\s*(?P<start>{TIME}){_TO}\s*[\])>]?\s*[-–—:]?\s+(?P<rest>\S.*)$", re.DOTALL)
#: A time alone on its line.
ALONE = re.compile(rf"\s*[\[(]?\s*(?P<start>{TIME}){_TO}\s*[\])]?\s*[:：]?\s*$")
#: ``[id1] text``.
BRACKET = re.compile(r"\s*\[(?P<name>[^\W_][^\[\]:]{0,59})\]\s*[:：]?\s*(?P<rest>.*)$", re.DOTALL)
#: Sounds in brackets that are no speakers, however often they stand at the beginning of a line.
_SOUND = re.compile(
    r"inaudible|crosstalk|laugh|music|applause|silence|pause|unclear|noise|overlap|sic|background|cough|sigh|door|phone"
    r"|foreign|cheer|end of|beginning|start of|break", re.IGNORECASE,
)  # fmt: skip


class Head(NamedTuple):
    """How a turn begins: who speaks (None: the file does not say), when, and the words on the same line."""

    name: str | None
    start: float | None = None
    end: float | None = None
    rest: str = ""


def pieces_by(lines: Sequence[Line], head: Callable[[str], Head | None]) -> list[Piece]:
    """Pieces from the first head on; lines without one go on with the speech before."""
    pieces: list[Piece] = []
    for number, text in lines:
        found = head(text) if text.strip() else None
        if found is not None:
            pieces.append(Piece(one_line(found.rest), number, found.name, found.start, found.end))
        elif pieces and text.strip():
            pieces.append(Piece(one_line(text), number))
    return pieces


def _matched(pattern: re.Pattern[str]) -> Callable[[str], Head | None]:
    def head(text: str) -> Head | None:
        found = pattern.match(text)
        if found is None:
            return None
        told = found.groupdict()
        name = one_line(told.get("name") or "").strip("*_")
        end = told.get("end")
        # Behind a time of the day, hours and minutes: it says nothing of when within the recording.
        start = None if told.get("noon") or not told.get("start") else seconds(told["start"])
        return Head(name or None, start, seconds(end) if end else None, told.get("rest") or "")

    return head


def _share(lines: Sequence[Line], pattern: re.Pattern[str]) -> tuple[int, int]:
    """How many of the first thousand lines that say something have this pattern, and how many lines that is of."""
    said = [line.text for line in lines if line.text.strip()][:1000]
    return sum(pattern.match(text) is not None for text in said), len(said)


def zoom(page: Page) -> list[Piece] | None:
    """``[Name] 11:02:09``, text below; times are of the day."""
    lines = page.body
    count, of = _share(lines, ZOOM)
    if count < 0.2 * of or not count:
        return None
    return _over_midnight(pieces_by(lines, _matched(ZOOM)))


def _over_midnight(pieces: Sequence[Piece]) -> list[Piece]:
    """Times of the day that go on rising past midnight."""
    told, day, last = [], 0, 0.0
    for piece in pieces:
        if piece.start is not None:
            day += DAY if piece.start + day < last - DAY / 2 else 0
            last = piece.start + day
            piece = Piece(piece.text, piece.line, piece.speaker, last, piece.end)
        told.append(piece)
    return told


def _named(
    lines: Sequence[Line], pattern: re.Pattern[str], ids: bool = False, least: float = 0.05
) -> Callable[[str], Head | None] | None:
    """A head with names that look like names, or recur; None where fewer than ``least`` of the lines have one.

    ``ids``: any word is a name.
    """
    names: dict[str, int] = {}
    for line in lines:
        if found := pattern.match(line.text):
            name = one_line(found["name"] or "").strip("*_")
            names[name] = names.get(name, 0) + 1
    good = {
        name for name, count in names.items()
        if not name or like_a_name(name) or uncased(name)
        or (count > 1 and len(name.split()) < 4) or (ids and " " not in name)
    }  # fmt: skip
    heads, said = sum(names[name] for name in good), sum(bool(line.text) for line in lines)
    if not good - {""} or heads < least * said or (heads < 2 and said > 3):
        return None
    matched = _matched(pattern)

    def head(text: str) -> Head | None:
        found = matched(text)
        return found if found is not None and (found.name or "") in good else None

    return head


def name_and_time(page: Page) -> list[Piece] | None:
    """``Name  0:12``, text below (Otter, Teams)."""
    lines = page.body
    # A sentence may end with a time too.
    head = _named(lines, NAME_TIME, least=0.15)
    return None if head is None else pieces_by(lines, head)


def teams(page: Page) -> list[Piece] | None:
    """The same in a document, or below "started transcription"; older ones have times, name and text in three lines."""
    if page.document and timed(page):
        return pieces_of(cues_of(page))
    told = any(line.text.strip().endswith("started transcription") for line in page.said[:12])
    return name_and_time(page) if page.document or told else None


def time_and_name(page: Page) -> list[Piece] | None:
    """``0:12 Name``, text below (Word, Amberscript); most lines that begin with a time must be such."""
    lines = page.body
    head = _named(lines, TIME_NAME)
    if head is None:
        return None
    stamps = [line.text for line in lines if STAMPED.match(line.text)]
    return pieces_by(lines, head) if sum(head(text) is not None for text in stamps) >= 0.8 * len(stamps) else None


def rev(page: Page) -> list[Piece] | None:
    """``Name (00:12): text``, the text on the same line or below; ``(00:12):`` goes on with the speaker."""
    lines = page.body
    head = _named(lines, REV)
    if head is None:
        return None
    return pieces_by(lines, head)


def stamped(page: Page) -> list[Piece] | None:
    """``[00:12] Name: text``, ``00:12 - 00:15 text``: lines that begin with a time are read as cues are."""
    lines = page.body
    count, of = _share(lines, STAMPED)
    if count < max(2, 0.3 * of) and not (count and of < 4):
        return None
    cues: list[Cue] = []
    for number, text in lines:
        found = STAMPED.match(text)
        if found is not None:
            end = found["end"]
            cues.append(Cue(number, seconds(found["start"]), seconds(end) if end else None, [found["rest"]]))
        elif cues and text.strip():
            cues[-1].text.append(text)  # type: ignore[attr-defined]
    return pieces_of(cues)


def stacked(page: Page) -> list[Piece] | None:
    """A name and a time in lines of their own, in either order, text below."""
    lines = page.body
    said = [line for line in lines if line.text.strip()]
    times = _alone(said)
    above = _beside(said, times, -1)
    below = _beside(said, times, +1)
    names, step = (above, -1) if sum(above.values()) >= sum(below.values()) else (below, +1)
    if not times or sum(names.values()) < 0.5 * len(times):
        return None
    return pieces_of(_stacked(said, set(times), set(names), step))


def times_only(page: Page) -> list[Piece] | None:
    """Times in lines of their own above what is said, and nobody named."""
    said = [line for line in page.body if line.text.strip()]
    times = _alone(said)
    return pieces_of(_stacked(said, set(times), set(), -1)) if times else None


def _alone(said: Sequence[Line]) -> list[int]:
    """Where times stand alone in a line, if they do so throughout a text."""
    times = [place for place, line in enumerate(said) if ALONE.match(line.text)]
    return times if len(times) > 1 and len(times) >= 0.12 * len(said) else []


def _stacked(said: Sequence[Line], times: set[int], names: set[str], step: int) -> list[Cue]:
    """A cue for each time; ``step`` leads from it to its name."""
    cues: list[Cue] = []
    beside = {place + step for place in times if 0 <= place + step < len(said)}
    taken = {place for place in beside if said[place].text.strip() in names}
    for place, (number, text) in enumerate(said):
        if place in times:
            found = ALONE.match(text)
            assert found is not None
            who = said[place + step] if place + step in taken else None
            name = one_line(who.text).rstrip(":：") if who else None
            at = min(number, who.number) if who else number
            cues.append(Cue(at, seconds(found["start"]), seconds(found["end"]) if found["end"] else None, [], name))
        elif place not in taken and cues:
            cues[-1].text.append(text)  # type: ignore[attr-defined]
    return cues


def _beside(said: Sequence[Line], times: Sequence[int], step: int) -> dict[str, int]:
    """Names that stand in the line above or below a time."""
    counts: dict[str, int] = {}
    for place in times:
        if 0 <= place + step < len(said):
            text = said[place + step].text.strip()
            counts[text] = counts.get(text, 0) + 1
    return {
        name: count for name, count in counts.items()
        if len(name) <= 60 and (like_a_name(bare := name.rstrip(":： ")) or (count > 1 and uncased(bare)))
    }  # fmt: skip


def bracketed(page: Page) -> list[Piece] | None:
    """``[id1] text``, ``[SPEAKER_03]: text``."""
    lines = page.body
    head = _named(lines, BRACKET, ids=True)
    count, of = _share(lines, BRACKET)
    if head is None or count < 0.2 * of:
        return None

    def told(text: str) -> Head | None:
        found = head(text)
        return None if found is None or (found.name and _SOUND.match(found.name)) else found

    return pieces_by(lines, told)
