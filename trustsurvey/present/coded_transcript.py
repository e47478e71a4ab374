"""The coded transcript of a focus group as a page to read and to print."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from trustsurvey.focus_groups.conversation import Conversation
from trustsurvey.focus_groups.exchange import latest, spans_of
from trustsurvey.focus_groups.written import NOBODY, one_line
from trustsurvey.language import N_, _, language
from trustsurvey.model import Codebook, Coding
from trustsurvey.present.templates import template
from trustsurvey.present.transcripts import turns_words
from trustsurvey.text.refi_qda.markup import clean
from trustsurvey.wording import capital, day

#: The line under coded words where the codebook has no colour for the code.
PLAIN = "#3f7ca6"
#: How people speak of a theme, as it stands behind its title.
STANCES = {"": "", "positive": N_("positive"), "negative": N_("negative"), "suggestion": N_("suggestion")}


@dataclass(frozen=True)
class Piece:
    """Words that have the same codes: their titles, the colour of the first, and the numbers of those that end here."""

    text: str
    titles: str = ""
    colour: str = ""
    ends: str = ""


@dataclass(frozen=True)
class Theme:
    """A theme in the margin of a turn: its number on the page, who found it, and whether in some of the words alone."""

    number: int
    title: str
    stance: str
    coders: str
    part: bool


@dataclass(frozen=True)
class Line:
    """One turn of the page."""

    who: str
    place: str
    pieces: tuple[Piece, ...]
    themes: tuple[Theme, ...]
    memos: tuple[tuple[str, str], ...]


def coded_html(group: Conversation, codebook: Codebook, codings: Sequence[Coding]) -> str:
    """A focus group with its readings as one HTML page without a script or a reference to anything outside; LF.

    Each turn with pseudonym, time and line, in the margin its themes with who found them and memos. Words that a theme
    was found in are marked and carry its number; a theme without is of the whole turn. All text is escaped.
    """
    readings: dict[str, list[Coding]] = {}
    for coding in latest(codings):
        readings.setdefault(coding.answer, []).append(coding)
    keys = list(group.turns["key"])
    used = {code for key in keys for coding in readings.get(key, ()) for code, _stance in coding.codes}
    numbers = {code: at for at, code in enumerate((key for key in codebook.keys if key in used), start=1)}
    lines = [
        _line(str(speaker) or _(NOBODY), group.place(row), one_line(text), readings.get(key, ()), codebook, numbers)
        for row, (key, speaker, text) in enumerate(group.turns[["key", "speaker", "text"]].itertuples(index=False))
    ]
    about = _("Held on {day}.").format(day=day(group.held)) + " " if group.held else ""
    found = sum(bool(line.themes) for line in lines)
    about += _("{turns}, {found} with a theme.").format(
        turns=capital(turns_words(len(lines))), found=turns_words(found)
    )
    listed = [(at, _(codebook.code(code).title)) for code, at in numbers.items()]
    page = template("coded_transcript").render(
        group=group, about=about, themes=listed, lines=lines, _=_, language=language()
    )
    return clean(page) + "\n"


def _line(
    who: str, place: str, text: str, readings: Sequence[Coding], codebook: Codebook, numbers: Mapping[str, int]
) -> Line:
    found: dict[tuple[str, str, bool], list[str]] = {}
    spans: list[tuple[int, int, str]] = []
    for coding in readings:
        for code, stance in coding.codes:
            if code in numbers:
                parts = [(*span, code) for span in spans_of(coding, code, len(text)) if span != (0, len(text))]
                found.setdefault((code, stance, bool(parts)), []).append(coding.coder)
                spans += parts
    themes = [
        Theme(numbers[code], _(codebook.code(code).title), _(STANCES[stance]), ", ".join(coders), part)
        for (code, stance, part), coders in sorted(found.items(), key=lambda told: (numbers[told[0][0]], *told[0][1:]))
    ]
    memos = tuple((coding.coder, coding.memo) for coding in readings if coding.memo)
    return Line(who, place, tuple(_pieces(text, spans, codebook, numbers)), tuple(themes), memos)


def _pieces(
    text: str, spans: Sequence[tuple[int, int, str]], codebook: Codebook, numbers: Mapping[str, int]
) -> Iterator[Piece]:
    """The text cut wherever a coded part starts or ends."""
    edges = sorted({0, len(text)} | {at for start, end, _code in spans for at in (start, end)})
    for start, end in pairwise(edges):
        codes = sorted({code for a, b, code in spans if a <= start and end <= b}, key=numbers.__getitem__)
        ends = sorted({numbers[code] for _start, b, code in spans if b == end})
        titles = "; ".join(_(codebook.code(code).title) for code in codes)
        colour = codebook.code(codes[0]).colour if codes else ""
        colour = colour if re.fullmatch("#[0-9a-fA-F]{6}", colour) else PLAIN
        yield Piece(text[start:end], titles, colour if codes else "", ", ".join(map(str, ends)))
