"""Transcripts as the tools of meetings and transcribers write them.

A turn is (speaker, text, start, end), times in seconds from the beginning of the recording.
"""

from __future__ import annotations

import html
import json
import re
import uuid
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

Timed = tuple[str, str, float, float]

#: Where a sentence ends, and how many words make a caption long enough.
SENTENCE = re.compile(r"(?<=[.?!])\s+")
CAPTION = 9


@dataclass(frozen=True)
class Layout:
    """How turns are written. ``numbered``: speakers are numbers, for the transcriber knew no names."""

    render: Callable[[Sequence[Timed], datetime], str]
    numbered: bool = False


def zoom(turns: Sequence[Timed], held: datetime) -> str:
    """The text that Zoom saves: name and time of the day over each turn."""
    return "".join(
        f"[{who}] {held + timedelta(seconds=int(start)):%H:%M:%S}\n{text}\n\n" for who, text, start, _ in turns
    )


def teams(turns: Sequence[Timed], held: datetime) -> str:
    """The .vtt of Teams: cues with the identifier of the meeting, each in a voice tag."""
    meeting = uuid.uuid5(uuid.NAMESPACE_URL, held.isoformat())
    cues = []
    for number, turn in enumerate(turns, 11):
        for part, (who, text, start, end) in enumerate(captions(turn)):
            spoken = f"<v {html.escape(who, quote=False)}>{html.escape(text, quote=False)}</v>"
            cues.append(f"{meeting}/{number}-{part}\n{clock(start)} --> {clock(end)}\n{spoken}\n")
    return "\n".join(["WEBVTT\n", *cues])


def otter(turns: Sequence[Timed], held: datetime) -> str:
    """The .txt of Otter: name and time without hours over each turn, the maker's line at the end."""
    said = "".join(f"{who}  {short(start)}\n{text}\n\n" for who, text, start, _ in turns)
    return f"{said}Transcribed by https://otter.ai\n"


def whisperx(turns: Sequence[Timed], held: datetime) -> str:
    """The .json of WhisperX without its words: a segment a sentence or two, speakers by number."""
    segments = [
        json.dumps({"start": start, "end": end, "text": f" {text}", "speaker": who}, ensure_ascii=False)
        for turn in turns
        for who, text, start, end in captions(turn)
    ]
    body = ",\n".join(segments)
    return f'{{"segments": [\n{body}\n],\n"language": "en"}}\n'


def plain(turns: Sequence[Timed], held: datetime) -> str:
    """A typist's text: a line a turn, no times."""
    return "\n".join(f"{who}: {text}\n" for who, text, _, _ in turns)


def srt(turns: Sequence[Timed], held: datetime) -> str:
    """Subtitles: the name before the first caption of a turn, none before those that continue it."""
    cues = [
        (f"{who}: {text}" if part == 0 else text, start, end)
        for turn in turns
        for part, (who, text, start, end) in enumerate(captions(turn))
    ]
    return "\n".join(
        f"{number}\n{clock(start, ',')} --> {clock(end, ',')}\n{text}\n"
        for number, (text, start, end) in enumerate(cues, 1)
    )


def captions(turn: Timed) -> Iterator[Timed]:
    """A turn in pieces of a sentence or a few; each has its share of the time by its words."""
    who, text, start, end = turn
    pieces: list[str] = []
    for sentence in SENTENCE.split(text):
        if pieces and len(pieces[-1].split()) < CAPTION:
            pieces[-1] += f" {sentence}"
        else:
            pieces.append(sentence)
    pace, said = (end - start) / len(text.split()), 0
    for piece in pieces:
        words = len(piece.split())
        yield who, piece, round(start + said * pace, 2), round(start + (said + words) * pace, 2)
        said += words


def clock(seconds: float, mark: str = ".") -> str:
    """Hours, minutes, seconds and thousandths."""
    whole, thousandths = divmod(round(seconds * 1000), 1000)
    return f"{whole // 3600:02d}:{whole // 60 % 60:02d}:{whole % 60:02d}{mark}{thousandths:03d}"


def short(seconds: float) -> str:
    """Minutes and seconds; hours only from the first on."""
    minutes, rest = divmod(int(seconds), 60)
    return f"{minutes // 60}:{minutes % 60:02d}:{rest:02d}" if minutes >= 60 else f"{minutes}:{rest:02d}"


LAYOUTS = {
    "zoom": Layout(zoom),
    "teams": Layout(teams),
    "otter": Layout(otter),
    "whisperx": Layout(whisperx, numbered=True),
    "plain": Layout(plain),
    "srt": Layout(srt),
}
