"""Cues: WebVTT, SubRip and lines that begin with a time, and who speaks in them."""

from __future__ import annotations

import html
import itertools
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from trustsurvey.transcripts.labels import Candidate, candidate, like_a_name, shouted, speakers
from trustsurvey.transcripts.page import Page, one_line
from trustsurvey.transcripts.spoken import Piece, ends_sentence
from trustsurvey.transcripts.times import TIME, seconds

TIMING = re.compile(rf"\s*(?P<start>{TIME})\s*-{{1,2}}(?:>|&gt;)\s*(?P<end>{TIME})(?:\s|$)")
#: A timing line that broke off.
_CUT_OFF = re.compile(rf"{TIME}\s*-{{1,2}}(?:>|&gt;)")
#: Numbers as in SubRip; Teams has a GUID with a number behind it.
_NUMBER = re.compile(r"\s*(\d{1,7})\s*")
_GUID = re.compile(r"\s*\{?[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}\}?(?:/[\w\-/]{1,40})?\s*")
_BLOCKS = ("NOTE", "STYLE", "REGION")
_VOICE = re.compile(r"<v(?:\.[^\s>]*)?(?:\s+([^>]*))?>")
_TAG = re.compile(
    rf"</?(?:[cbiuv]|ruby|rt|lang|font|span|br)(?:[.\s][^<>]{{0,200}})?/?>|<{TIME}>|\{{\\[^{{}}]{{0,80}}\}}",
    re.IGNORECASE,
)
#: Marks of somebody else's speech: captions on air have ``>>``, two voices in one cue dashes.
_CHANGE = re.compile(r"(?:^|(?<=\s))>{2,3}\s*")
_DASH = re.compile(r"\s*[-–—]\s*(?=\S)")
_INNER_DASH = re.compile(r"(?<=[.!?…])\s+[-–—]\s+(?=\S)")
_BRACKETED = re.compile(r"\s*[\[(](?P<label>[^\W\d_][^\[\]()]{0,59})[\])]\s*[:：]?\s*(?P<rest>.*)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Cue:
    """A stretch of time and what is said in it, line by line; ``speaker`` where the file says it apart."""

    line: int
    start: float | None
    end: float | None
    text: Sequence[str]
    speaker: str | None = None


def timed(page: Page) -> bool:
    """Whether a text has the timing lines of cues: one among its first lines, and not as a rare exception."""
    head = page.said[:60]
    return any(TIMING.match(line.text) for line in head[:12]) and 5 * sum(
        TIMING.match(line.text) is not None for line in head
    ) >= len(head)


def is_vtt(page: Page) -> bool:
    """Whether a text says that it is WebVTT."""
    return bool(page.said) and page.said[0].text.strip().startswith("WEBVTT")


def cues_of(page: Page) -> list[Cue]:
    """The cues of WebVTT or SubRip.

    Blank lines may be missing or stand within a cue; numbers and other identifiers before a timing line are left out,
    as are the notes, styles and regions of WebVTT and what stands before the first cue.
    """
    vtt = is_vtt(page)
    cues: list[Cue] = []
    timing: re.Match[str] | None = None
    at, held, skipping, blank, last = 0, list[str](), False, True, 0

    def close() -> None:
        if timing is not None:
            cues.append(Cue(at, seconds(timing["start"]), seconds(timing["end"]), tuple(held)))

    for number, text in page.lines:
        bare = text.strip()
        if not bare:
            blank, skipping = True, False
            held.append("")
            continue
        found = TIMING.match(text)
        if found is not None:
            last = _drop_identifier(held, last, timing is None, vtt)
            close()
            timing, at, held, skipping = found, number, [], False
        elif vtt and blank and bare.split(maxsplit=1)[0].rstrip(":") in _BLOCKS:
            skipping = True
        elif not skipping and timing is not None:
            if not _CUT_OFF.match(bare):
                held.append(text)
        elif not skipping:
            held = [*held[-1:], text]
        blank = False
    close()
    return cues


def _drop_identifier(held: list[str], last: int, first: bool, vtt: bool) -> int:
    """Take the identifier of the next cue off the end of this one's text; the number that it was, or the last one."""
    if not held or not held[-1]:
        return last
    apart = first if len(held) == 1 else not held[-2]
    number = _NUMBER.fullmatch(held[-1])
    if number and (apart or int(number[1]) == last + 1):
        held.pop()
        return int(number[1])
    if _GUID.fullmatch(held[-1]) or (vtt and apart):
        held.pop()
    return last


def pieces_of(cues: Iterable[Cue]) -> list[Piece]:
    """Who says what in cues: by voice tags, labels, marks of a change and dashes."""
    parts = [(cue, *part) for cue in _headed(_unrolled(list(cues))) for part in _parts(cue)]
    labels = _labels(parts)
    inner = _inner(labels)
    pieces: list[Piece] = []
    for cue, speaker, text, _ in parts:
        for told, words in _split(text, speaker, labels, inner):
            pieces.append(Piece(words, cue.line, told, cue.start, cue.end))
    return pieces


#: A cue, who speaks by its tags ("" somebody else, None not said), a line of it, and whether the line begins speech.
_Part = tuple[Cue, str | None, str, bool]


def _parts(cue: Cue) -> Iterator[tuple[str | None, str, bool]]:
    if cue.speaker is not None:
        yield cue.speaker, plain(" ".join(cue.text)), True
        return
    lines = [line for line in cue.text if line.strip()]
    joined = "\n".join(lines)
    if "<v" in joined:
        yield from _voices(joined)
        return
    lines = [plain(line) for line in lines]
    dashes = sum(_DASH.match(line) is not None for line in lines)
    dashed = dashes > 1 or (dashes == 1 and bool(lines) and _DASH.match(lines[0]) is not None)
    for place, line in enumerate(lines):
        if dashed and (dash := _DASH.match(line)):
            for said in _INNER_DASH.split(line[dash.end() :]):
                yield from _changes(said, "")
        else:
            yield from _changes(line, None, place == 0 or ends_sentence(lines[place - 1]))


def _voices(text: str) -> Iterator[tuple[str | None, str, bool]]:
    place, speaker = 0, None
    for voice in _VOICE.finditer(text):
        if before := plain(text[place : voice.start()]):
            yield speaker, before, True
        place, speaker = voice.end(), one_line(html.unescape(voice[1] or "")) or None
    yield speaker, plain(text[place:]), True


def _changes(text: str, speaker: str | None, begins: bool = True) -> Iterator[tuple[str | None, str, bool]]:
    """A line, cut at ``>>``."""
    if ">>" not in text:
        yield speaker, text, begins or speaker is not None
        return
    place = 0
    for mark in _CHANGE.finditer(text):
        if before := text[place : mark.start()].strip():
            yield speaker, before, begins or speaker is not None
        place, speaker = mark.end(), ""
    yield speaker, text[place:].strip(), True


def plain(text: str) -> str:
    """The words of a cue without markup: tags, times and styles within it, entities."""
    if "<" in text or "{" in text:
        text = _TAG.sub("", text.replace("<br>", " "))
    return one_line(html.unescape(text) if "&" in text else text)


def _label(text: str) -> Candidate | None:
    bracketed = _BRACKETED.match(text) if text[:1] in "[(" else None
    if bracketed:
        found = candidate(f"{bracketed['label']}:")
        # Sounds stand in brackets too: only a label with a number or a colon is taken for one.
        named = found is not None and ("]:" in text or "):" in text or any(map(str.isdigit, found.label)))
        return Candidate(found.label, bracketed["rest"], False) if found is not None and named else None
    return candidate(text)


def _labels(parts: Sequence[_Part]) -> frozenset[str]:
    told = [part for part in parts if not part[1] and part[3]]
    found = [(label, part[1] == "") for part in told if (label := _label(part[2])) is not None]
    sure = [label.label for label, change in found if change and not label.tight]
    shout = shouted(part[2] for part in told[:400])
    return speakers([label for label, _ in found], len(told), shout=shout, sure=sure)


def _inner(labels: frozenset[str]) -> re.Pattern[str] | None:
    """Where within a line another known speaker begins, behind the end of a sentence."""
    known = sorted((label for label in labels if len(label) > 2), key=len, reverse=True)[:200]
    if not known:
        return None
    return re.compile(rf"(?<=[.!?…])\s*(?=(?:{'|'.join(map(re.escape, known))})[:：]\s)")


def _split(
    text: str, speaker: str | None, labels: frozenset[str], inner: re.Pattern[str] | None
) -> Iterator[tuple[str | None, str]]:
    if speaker or not labels:
        yield speaker, text
        return
    for place, said in enumerate(inner.split(text) if inner and (":" in text or "：" in text) else (text,)):
        found = _label(said)
        if found is not None and found.label in labels:
            yield found.label, found.rest
        else:
            yield (speaker if not place else None), said


def _unrolled(cues: list[Cue]) -> list[Cue]:
    """Cues without what they repeat, where captions roll up: each shows the line before once more."""
    repeated = 0
    for before, cue in itertools.pairwise(cues):
        if len(lines := _lines(cue)) > 1 and (old := _lines(before)) and lines[0] == old[-1]:
            repeated += 1
    if len(cues) < 6 or repeated < 0.4 * len(cues):
        return cues
    unrolled, shown = [], list[str]()
    for cue in cues:
        lines = _lines(cue)
        keep = next((k for k in range(min(len(lines), len(shown)), 0, -1) if lines[:k] == shown[-k:]), 0)
        if lines[keep:]:
            unrolled.append(Cue(cue.line, cue.start, cue.end, tuple(lines[keep:])))
        shown = lines or shown
    return unrolled


def _headed(cues: list[Cue]) -> list[Cue]:
    """Cues whose first line is the speaker's name alone, where nearly all are such (Teams, formerly)."""
    heads = [lines[0] if len(lines := _lines(cue)) > 1 and cue.speaker is None else "" for cue in cues]
    names = Counter(head for head in heads if like_a_name(head))
    if len(cues) < 2 or names.total() < 0.9 * len(cues) or 2 * len(names) > len(cues) + 2:
        return cues
    return [Cue(c.line, c.start, c.end, c.text[1:], h) if h in names else c for c, h in zip(cues, heads, strict=True)]


def _lines(cue: Cue) -> list[str]:
    return [plain(line) for line in cue.text if line.strip()]
