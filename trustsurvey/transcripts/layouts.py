"""The layouts that transcripts come in, in the order in which they are tried. A new one is an entry here and a test."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from trustsurvey.transcripts import lines, plain
from trustsurvey.transcripts.court import court
from trustsurvey.transcripts.cues import cues_of, is_vtt, pieces_of, timed
from trustsurvey.transcripts.page import Page
from trustsurvey.transcripts.spoken import Piece
from trustsurvey.transcripts.tables import segments, table


@dataclass(frozen=True)
class Layout:
    """``pieces``: who says what in a file of this layout, None where it has another; ``clock``: times of the day."""

    key: str
    title: str
    pieces: Callable[[Page], list[Piece] | None]
    clock: bool = False


def _vtt(page: Page) -> list[Piece] | None:
    return pieces_of(cues_of(page)) if is_vtt(page) else None


def _srt(page: Page) -> list[Piece] | None:
    return pieces_of(cues_of(page)) if timed(page) else None


LAYOUTS: tuple[Layout, ...] = (
    Layout("segments", "JSON (Whisper, WhisperX, Teams, Rev and others)", segments),
    Layout("table", "Table with columns for speaker, text and times", table),
    Layout("vtt", "WebVTT (Zoom, Teams, Whisper and others)", _vtt),
    Layout("teams", "Teams, document", lines.teams),
    Layout("srt", "SubRip (Otter, Whisper and others)", _srt),
    Layout("zoom", "Zoom, saved transcript: [Name] 11:02:09", lines.zoom, clock=True),
    Layout("court", "Court: Q. and A.", court),
    Layout("meet", "Google Meet", plain.meet),
    Layout("stacked", "Name and time in lines of their own", lines.stacked),
    Layout("rev", "Rev: Name (00:12): text", lines.rev),
    Layout("timed", "Time and name above the text (Word, Amberscript)", lines.time_and_name),
    Layout("stamped", "Times before the text: [00:12] Name: text", lines.stamped),
    Layout("otter", "Otter: name and time above the text", lines.name_and_time),
    Layout("captions", "Captions: >> where somebody else speaks", plain.captions),
    Layout("bracketed", "Speakers in brackets: [id1] text", lines.bracketed),
    Layout("named", "Name: text", plain.named),
    Layout("times", "Times in lines of their own, nobody named", lines.times_only),
    Layout("unnamed", "Text without speakers", plain.unnamed),
)
