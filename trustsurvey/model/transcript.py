"""What was said in a conversation: turns of speech in the order they were spoken, and where each stands in its file."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Literal

from trustsurvey.errors import Notice

#: What somebody is in a focus group.
SpeakerRole = Literal["moderator", "participant", "officer", "interpreter", "observer"]
#: What :attr:`Turn.line` counts: lines of a text, paragraphs of a document, rows of a table, segments of a JSON file.
Counted = Literal["line", "paragraph", "row", "segment"]


@dataclass(frozen=True)
class Turn:
    """What one speaker said at one go.

    ``speaker`` is the name as the file has it, "" where it does not say; ``start`` and ``end`` are seconds, None
    where there are no times; ``line`` is the place in the file where the turn begins, the first is 1.
    """

    text: str
    speaker: str = ""
    start: float | None = None
    end: float | None = None
    line: int = 0


@dataclass(frozen=True)
class Transcript:
    """The turns of one file. ``layout`` is the key of the layout it was recognised as.

    ``clock``: times are of the day, not from the beginning of a recording.
    """

    source: str
    layout: str
    turns: tuple[Turn, ...]
    counted: Counted = "line"
    clock: bool = False
    notices: tuple[Notice, ...] = ()

    @property
    def speakers(self) -> dict[str, int]:
        """How many turns each speaker has, in the order in which they are first heard; unnamed ones are left out."""
        return dict(Counter(turn.speaker for turn in self.turns if turn.speaker))
