"""The layouts that transcripts come in, in the order in which they are tried. A new one is an entry here and a test."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from trustsurvey.language import N_
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
    Layout("segments", N_("JSON (Whisper, WhisperX, Teams, Rev and others)"), segments),
    Layout("table", N_("Table with columns for speaker, text and times"), table),
    Layout("vtt", N_("WebVTT (Zoom, Teams, Whisper and others)"), _vtt),
    Layout("teams", N_("Teams, document"), lines.teams),
    Layout("srt", N_("SubRip (Otter, Whisper and others)"), _srt),
    Layout("zoom", N_("Zoom, saved transcript: [Name] 11:02:09"), lines.zoom, clock=True),
    Layout("court", N_("Court: Q. and A."), court),
    Layout("meet", N_("Google Meet"), plain.meet),
    Layout("stacked", N_("Name and time in lines of their own"), lines.stacked),
    Layout("rev", N_("Rev: Name (00:12): text"), lines.rev),
    Layout("timed", N_("Time and name above the text (Word, Amberscript)"), lines.time_and_name),
    Layout("stamped", N_("Times before the text: [00:12] Name: text"), lines.stamped),
    Layout("otter", N_("Otter: name and time above the text"), lines.name_and_time),
    Layout("captions", N_("Captions: >> where somebody else speaks"), plain.captions),
    Layout("bracketed", N_("Speakers in brackets: [id1] text"), lines.bracketed),
    Layout("named", N_("Name: text"), plain.named),
    Layout("times", N_("Times in lines of their own, nobody named"), lines.times_only),
    Layout("unnamed", N_("Text without speakers"), plain.unnamed),
)
