"""Which columns of a table say who speaks, what, and when."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from trustsurvey.transcripts.times import seconds

#: Headings in small letters, the likeliest first.
TEXT = (
    "text", "transcript", "utterance", "content", "what was said", "said", "speech", "words", "statement", "comment",
    "sentence", "message", "caption", "turn", "response", "dialogue", "dialog", "transcription",
    "texto", "inhalt", "texte",
)  # fmt: skip
SPEAKER = (
    "speaker", "speaker name", "speakers", "name", "who", "participant", "participant name", "person", "role",
    "speaker label", "speakerdisplayname", "speaker_label", "sprecher", "hablante", "orador", "locuteur", "author",
)  # fmt: skip
START = (
    "start", "start time", "start_time", "starttime", "begin", "from", "timestamp", "time", "timecode", "startoffset",
    "timespan", "time span", "time stamp", "start (s)", "start_s", "in", "ts", "offset", "hora", "zeit",
)  # fmt: skip
END = (
    "end",
    "end time",
    "end_time",
    "endtime",
    "to",
    "stop",
    "finish",
    "endoffset",
    "end (s)",
    "end_s",
    "out",
    "end_ts",
)
_NUMBER = re.compile(r"\d{1,9}(?:[.,]\d{1,9})?")
_FRAMES = re.compile(r"(\d{1,3}:\d{2}:\d{2})[:;]\d{2}")
_SPAN = re.compile(r"\s*(\S+)\s*(?:-->|[-–—]|to)\s*(\S+)\s*")


@dataclass(frozen=True)
class Columns:
    """The headings of the columns; "" where there is none."""

    text: str
    speaker: str = ""
    start: str = ""
    end: str = ""


def columns_of(headings: Sequence[str]) -> Columns | None:
    """The columns of a table of turns, from headings in small letters; None where it is none.

    There must be a column for what is said, and another for who says it or when.
    """
    named = {" ".join(heading.replace("_", " ").split()): heading for heading in headings if heading}

    def first(known: Sequence[str]) -> str:
        return next((named[name] for name in (k.replace("_", " ") for k in known) if name in named), "")

    found = Columns(first(TEXT), first(SPEAKER), first(START), first(END))
    return found if found.text and (found.speaker or found.start) else None


def moment(value: object) -> float | None:
    """Seconds of a cell: a number, ``0:12``, or a time code with frames, which are left out; None where it is none."""
    if isinstance(value, bool) or value is None:
        return None
    if isinstance(value, int | float):
        return float(value) if 0 <= value < 1e9 else None
    text = str(value).strip()
    if frames := _FRAMES.fullmatch(text):
        text = frames[1]
    if _NUMBER.fullmatch(text):
        return float(text.replace(",", "."))
    return seconds(text)


def span(value: object) -> tuple[float | None, float | None]:
    """Both ends of a cell such as ``0:00,0 - 0:15,3``; the second is None where there is one time."""
    found = _SPAN.fullmatch(str(value)) if isinstance(value, str) else None
    if found and (start := moment(found[1])) is not None and (end := moment(found[2])) is not None:
        return start, end
    return moment(value), None


def in_thousandths(times: Sequence[tuple[float | None, float | None]], words: int) -> bool:
    """Whether times are thousandths of a second: all whole, and else a word would last for more than half a minute."""
    told = [time for pair in times for time in pair if time is not None]
    if not told or any(not time.is_integer() for time in told):
        return False
    return max(told) - min(told) > 30 * max(words, 1)
