"""Texts that name who speaks but not when, and texts that name nobody."""

from __future__ import annotations

import re
from collections.abc import Sequence

from trustsurvey.transcripts.cues import Cue, pieces_of
from trustsurvey.transcripts.labels import candidate, like_a_name, shouted, speakers
from trustsurvey.transcripts.lines import ALONE
from trustsurvey.transcripts.page import Line, Page, one_line, unmarked
from trustsurvey.transcripts.spoken import Piece, sentences
from trustsurvey.transcripts.times import seconds

_MEET = re.compile(r"Transcription ended after\b|This editable transcript was computer generated")
#: Who reads a numbered question out is not said: nobody's words become another's.
_NUMBERED = re.compile(r"\s*(?:Question|Frage|Pregunta|Q)\s*\d{1,3}\s*[:：.]", re.IGNORECASE)
#: Words of a paragraph up to which it is a turn by itself, where nobody is named.
PARAGRAPH = 150


def named(page: Page) -> list[Piece] | None:
    """``Name: text``, hard-wrapped or not; times alone in a line stand above the turns that they belong to."""
    lines = page.body
    blocks, begins = _blocks(lines)
    found = [label for line in begins if (label := candidate(line.text)) is not None]
    chosen = speakers(found, blocks, shout=shouted(line.text for line in begins[:400]))
    if not chosen:
        return None
    stamp: float | None = None
    pieces: list[Piece] = []
    for number, text in lines:
        if not text.strip():
            continue
        if alone := ALONE.match(text):
            stamp = seconds(alone["start"])
            continue
        label = candidate(text)
        if label is not None and label.label in chosen:
            pieces.append(Piece(label.rest, number, label.label, stamp))
            stamp = None
        elif pieces:
            pieces.append(Piece(one_line(text), number, "" if _NUMBERED.match(text) else None))
    return pieces


def _blocks(lines: Sequence[Line]) -> tuple[int, list[Line]]:
    """How many stretches of speech there are, and the lines that may begin one.

    Where blank lines part most labels from what stands above, only a line below a blank one may; otherwise each line.
    """
    said = [line for line in lines if line.text.strip() and not ALONE.match(line.text)]
    after: list[Line] = []
    blank = True
    labels = apart = 0
    for line in lines:
        if not line.text.strip() or ALONE.match(line.text):
            blank = True
            continue
        if blank:
            after.append(line)
        if (label := candidate(line.text)) is not None and like_a_name(label.label):
            labels += 1
            apart += blank
        blank = False
    return (len(after), after) if apart >= 0.8 * max(labels, 1) and labels else (len(said), said)


def meet(page: Page) -> list[Piece] | None:
    """The same as Google Meet writes it: below its heading "Transcript", up to "Transcription ended"."""
    end = next((k for k, line in enumerate(page.lines) if _MEET.match(unmarked(line.text.strip()))), None)
    if end is None:
        return None
    lines = page.lines[:end]
    first = next((k for k, line in enumerate(lines) if ALONE.match(unmarked(line.text.strip()))), 0)
    return named(Page(lines[first:], counted=page.counted, document=page.document))


def captions(page: Page) -> list[Piece] | None:
    """Lines as captions on air have them: ``>>`` where somebody else speaks, with a label or without."""
    lines = [line for line in page.body if line.text.strip()]
    marks = sum(line.text.lstrip().startswith(">>") for line in lines)
    if marks < 2 or marks < 0.02 * len(lines):
        return None
    return pieces_of([Cue(line.number, None, None, [line.text]) for line in lines])


def unnamed(page: Page) -> list[Piece] | None:
    """Nobody is named: each paragraph is a turn, long ones are cut into whole sentences."""
    pieces: list[Piece] = []
    block: list[Piece] = []
    for number, text in (*page.body, Line(0, "")):
        if text.strip():
            block.append(Piece(one_line(text), number))
        if block and (page.document or not text.strip()):
            words = sum(len(piece.text.split()) for piece in block)
            cut = sentences(block) if words > PARAGRAPH else [block[0]]
            whole = one_line(" ".join(piece.text for piece in block))
            pieces += [Piece(turn.text if words > PARAGRAPH else whole, turn.line, "") for turn in cut]
            block = []
    return pieces or None
