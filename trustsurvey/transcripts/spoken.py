"""From pieces of speech, as a file has them, to turns."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from trustsurvey.model.transcript import Turn
from trustsurvey.transcripts.page import one_line

#: Words of a turn in files that do not say who speaks: it ends with a sentence from the first number on, and with a
#: cue from the second on.
ENOUGH, MOST = 40, 100
_SENTENCE = re.compile(r"(?<=[.!?…。！？])[\"'’”»)\]]{0,3}(?:\s+|(?<=[。！？]))")
#: What ends with a point though the sentence goes on.
_SHORT = re.compile(
    r"(?:^|[\s(])(?:[A-Z]|[A-Za-z](?:\.[A-Za-z])+|Mr|Mrs|Ms|Dr|St|Sgt|Lt|Capt|Det|Ofc|Gen|Rev|Hon|Prof|Sen|Rep|Jr|Sr|No|vs"
    r"|etc|approx|Ave|Blvd|Rd|Dept|Inc)\.$"
)


@dataclass(frozen=True, slots=True)
class Piece:
    """Speech at one place of the file.

    ``speaker``: None where the file does not say, and the last speaker goes on; "" where somebody else begins to
    speak and the file does not say who.
    """

    text: str
    line: int
    speaker: str | None = None
    start: float | None = None
    end: float | None = None


def turns_of(pieces: Iterable[Piece]) -> tuple[Turn, ...]:
    """Turns out of pieces.

    Neighbouring pieces of one speaker are one turn: the beginning and the line of the first, the end of the last.
    Pieces before anybody is named, and all of a file that names nobody, become turns of whole sentences, see
    :func:`sentences`. Pieces without a word are left out, but for their speaker, who has the next words.
    """
    turns: list[Turn] = []
    for run in _runs(pieces):
        if run[0].speaker is None:
            turns += sentences(run)
            continue
        text = one_line(" ".join(piece.text for piece in run))
        if text:
            start = next(piece.start for piece in run if piece.start is not None or piece.text.strip())
            turns.append(Turn(text, run[0].speaker, start, _last(run), run[0].line))
    return tuple(turns)


def _runs(pieces: Iterable[Piece]) -> Iterator[list[Piece]]:
    run: list[Piece] = []
    for piece in pieces:
        goes_on = bool(run) and (piece.speaker is None or (piece.speaker and piece.speaker == run[0].speaker))
        if run and not goes_on:
            yield run
            run = []
        run.append(piece)
    if run:
        yield run


def sentences(pieces: Iterable[Piece]) -> list[Turn]:
    """Turns of whole sentences where nobody is named, so that each can be coded.

    A turn ends with the first sentence that brings it to 40 words, or with the piece that brings it to 100 where no
    sentence ends before. Times are those of the pieces in which it begins and ends: where a sentence ends within a
    piece, two turns share that piece's time.
    """
    turns: list[Turn] = []
    held: list[Piece] = []
    count = 0

    def close() -> None:
        nonlocal count
        text = one_line(" ".join(piece.text for piece in held))
        if text:
            turns.append(Turn(text, "", held[0].start, _last(held), held[0].line))
        held.clear()
        count = 0

    for piece in pieces:
        for part in parts(piece.text):
            held.append(replace(piece, text=part))
            count += len(part.split())
            if count >= ENOUGH and ends_sentence(part):
                close()
        if count >= MOST:
            close()
    close()
    return turns


def _last(pieces: list[Piece]) -> float | None:
    return max((piece.end for piece in pieces if piece.end is not None), default=None)


def parts(text: str) -> list[str]:
    """A text cut behind each sentence."""
    found, begin = [], 0
    for gap in _SENTENCE.finditer(text):
        behind = text[gap.end() : gap.end() + 1]
        if not behind or behind.islower() or _SHORT.search(text[max(begin, gap.start() - 12) : gap.start()]):
            continue
        found.append(text[begin : gap.end()].strip())
        begin = gap.end()
    rest = text[begin:].strip()
    return [*found, rest] if rest else found


def ends_sentence(text: str) -> bool:
    """Whether a text ends where a sentence does."""
    bare = text.rstrip().rstrip("\"'’”»)]")
    return bare.endswith((".", "!", "?", "…", "。", "！", "？")) and not _SHORT.search(bare[-12:])
