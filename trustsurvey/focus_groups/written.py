"""A focus group as a text that people read: a paragraph a turn, which begins with who speaks and when."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import accumulate

import pandas as pd
from rapidfuzz.distance import LCSseq

from trustsurvey.focus_groups.conversation import Conversation
from trustsurvey.text.refi_qda.markup import clean

#: Who speaks where nobody knows.
NOBODY = "Not named"
#: What would begin a new line; each becomes a blank, so that positions stay.
BREAKS = dict.fromkeys(map(ord, "\n\r\v\f\x1c\x1d\x1e\x85\u2028\u2029"), " ")


@dataclass(frozen=True)
class Paragraph:
    """One turn in the text: where its label starts, its words start and end, in characters; ``key`` of the turn.

    ``changed``: its words are others by now, such as after a name was taken out.
    """

    key: str
    speaker: str
    start: int
    words: int
    end: int
    changed: bool = False

    @property
    def part(self) -> tuple[int, int]:
        """What stands for the turn: its words, or the label of a turn without any."""
        return (self.words if self.words < self.end else self.start), self.end


@dataclass(frozen=True)
class Written:
    """The text of a group and its paragraphs, in the order of the turns; lines end with LF.

    ``withdrawn``: whose words were taken out of the group and may still stand in a text that went elsewhere before.
    """

    text: str
    paragraphs: tuple[Paragraph, ...]
    withdrawn: tuple[str, ...] = ()

    @classmethod
    def of(cls, group: Conversation) -> Written:
        """Every turn as "P3 [0:12:41]: words", without the time where there is none."""
        turns = group.turns
        labels = [label(*told) for told in zip(turns["speaker"], turns["start"], strict=True)]
        words = [one_line(text) for text in turns["text"]]
        starts = accumulate((len(a) + len(b) + 1 for a, b in zip(labels, words, strict=True)), initial=0)
        paragraphs = tuple(
            Paragraph(str(key), str(speaker), at, at + len(said), at + len(said) + len(text))
            for key, speaker, at, said, text in zip(turns["key"], turns["speaker"], starts, labels, words, strict=False)
        )
        text = "".join(f"{a}{b}\n" for a, b in zip(labels, words, strict=True))
        return cls(text, paragraphs, group.withdrawn)

    def within(self, text: str) -> tuple[tuple[Paragraph, ...], tuple[tuple[int, int], ...]]:
        """The paragraphs as they stand in a text that went elsewhere, and the parts of it that are none of them.

        Lines may have been added or taken away there; a paragraph is found where its whole line stands, or a line with
        its label in its place among the others.
        """
        ours = [self.text[p.start : p.end].strip() for p in self.paragraphs]
        theirs = [(start, line) for start, line in _lines(text) if line]
        found: list[Paragraph] = []
        strange: list[tuple[int, int]] = []
        a_before = b_before = 0
        for a, b, size in LCSseq.editops(ours, [line for _, line in theirs]).as_matching_blocks():
            between = self.paragraphs[a_before:a] if a - a_before == b - b_before else (None,) * (b - b_before)
            for p, (start, line) in zip(between, theirs[b_before:b], strict=True):
                if p and line.startswith(self.text[p.start : p.words].rstrip()):
                    found.append(_at(p, start, line, changed=True))
                elif not any(line.startswith((f"{name} [", f"{name}:")) for name in self.withdrawn):
                    strange.append((start, start + len(line)))
            found += [
                _at(p, *place) for p, place in zip(self.paragraphs[a : a + size], theirs[b : b + size], strict=True)
            ]
            a_before, b_before = a + size, b + size
        return tuple(found), tuple(strange)


def one_line(text: object) -> str:
    """A text without line ends and what XML cannot hold, each character in its place."""
    return clean(str(text).translate(BREAKS))


def label(speaker: str, start: float) -> str:
    """What a turn begins with: "P3 [0:12:41]: "."""
    name = one_line(speaker).strip() or NOBODY
    return f"{name} [{stamp(start)}]: " if pd.notna(start) else f"{name}: "


def stamp(seconds: float) -> str:
    """Seconds as "0:12:41"."""
    minutes, rest = divmod(int(seconds), 60)
    return f"{minutes // 60}:{minutes % 60:02}:{rest:02}"


def touched(paragraphs: tuple[Paragraph, ...], start: int, end: int) -> Iterator[Paragraph]:
    """The paragraphs that a part of the text lies in, at least by one character."""
    first = max(bisect_right(paragraphs, start, key=lambda p: p.start) - 1, 0)
    for paragraph in paragraphs[first:]:
        if paragraph.start >= end:
            return
        if paragraph.end > start:
            yield paragraph


def _lines(text: str) -> Iterator[tuple[int, str]]:
    """Where each line starts and what it is, without blanks around it."""
    at = 0
    for line in text.split("\n"):
        yield at + len(line) - len(line.lstrip()), line.strip()
        at += len(line) + 1


def _at(paragraph: Paragraph, start: int, line: str, changed: bool = False) -> Paragraph:
    """A paragraph where its line stands elsewhere."""
    end = start + len(line)
    return replace(paragraph, start=start, words=min(start + paragraph.words - paragraph.start, end), end=end,
                   changed=changed)  # fmt: skip
