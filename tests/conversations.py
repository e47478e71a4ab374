"""Transcripts written for the purpose, and how tests read them."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from pathlib import Path

import builders  # noqa: F401  sets the same examples on every run

from trustsurvey.model.transcript import Transcript, Turn
from trustsurvey.transcripts.read import read_transcript

#: Transcripts of an invented community meeting, one a layout.
FOLDER = Path(__file__).parent / "transcripts"


def read_here(content: bytes | str, name: str = "meeting.txt") -> Transcript:
    """What a file of these bytes is understood as."""
    with tempfile.TemporaryDirectory(prefix="trustsurvey-test-") as folder:
        path = Path(folder) / "upload"
        path.write_bytes(content if isinstance(content, bytes) else content.encode("utf-8"))
        return read_transcript(path, name)


def said(content: bytes | str | Transcript) -> list[tuple[str, str]]:
    """Who said what."""
    transcript = content if isinstance(content, Transcript) else read_here(content)
    return [(turn.speaker, turn.text) for turn in transcript.turns]


def times(transcript: Transcript) -> list[tuple[float | None, float | None]]:
    """When each turn begins and ends."""
    return [(turn.start, turn.end) for turn in transcript.turns]


def without_lines(turns: Sequence[Turn]) -> list[tuple[str, str, float | None, float | None]]:
    """Turns but for their places in the file."""
    return [(turn.speaker, turn.text, turn.start, turn.end) for turn in turns]
