"""Court transcripts: ``Q.`` and ``A.``, names in capitals, numbered lines and pages."""

from __future__ import annotations

import itertools
import re
from collections.abc import Sequence

from trustsurvey.transcripts.labels import candidate, like_a_name
from trustsurvey.transcripts.page import Line, Page, one_line
from trustsurvey.transcripts.spoken import Piece

_TURN = re.compile(r"\s*(?P<who>Q|A|Question|Answer|QUESTION|ANSWER)(?:\s*[.:]\s*|\s{2,}|\t)(?P<rest>\S.*)$", re.DOTALL)
_NUMBER = re.compile(r"\s*(\d{1,2})(?:\s{1,}|$)")
_BY = re.compile(r"\s*\(?BY\s+(?P<name>(?:MR|MS|MRS|DR|THE|OFFICER|CHIEF|SGT|LT|[A-Z])[^:]{1,50}):\)?\s*(?P<rest>.*)$")
_PAGE = re.compile(r"\s*(?:-\s*)?(?:Page\s+)?\d{1,4}(?:\s*(?:of|/)\s*\d{1,4})?(?:\s*-)?\s*$", re.IGNORECASE)


def court(page: Page) -> list[Piece] | None:
    """Questions and answers; after ``BY MR. SMITH:`` the questions are his.

    Line numbers are left out where most lines have one, as are page numbers alone in a line.
    """
    lines = _unnumbered(page.body)
    heads = [found["who"][0].upper() for line in lines if (found := _TURN.match(line.text))]
    said = sum(bool(line.text.strip()) for line in lines)
    if heads.count("Q") < 1 or heads.count("A") < 1 or len(heads) < 0.04 * said:
        return None
    asker = "Q"
    pieces: list[Piece] = []
    for number, text in lines:
        if not text.strip() or _PAGE.match(text):
            continue
        if by := _BY.match(text):
            asker = one_line(by["name"])
            if not by["rest"].strip():
                continue
            text = f"Q. {by['rest']}" if not _TURN.match(by["rest"]) else by["rest"]
        if turn := _TURN.match(text):
            who = turn["who"][0].upper()
            pieces.append(Piece(one_line(turn["rest"]), number, asker if who == "Q" else who))
        elif (label := candidate(text)) is not None and label.label.isupper() and like_a_name(label.label):
            pieces.append(Piece(label.rest, number, label.label))
        elif pieces:
            pieces.append(Piece(one_line(text), number))
    return pieces


def _unnumbered(lines: Sequence[Line]) -> list[Line]:
    said = [line for line in lines if line.text.strip()]
    numbers = [int(found[1]) for line in said if (found := _NUMBER.match(line.text))]
    rising = sum(b - a in (1, -24, -27) for a, b in itertools.pairwise(numbers))
    if len(numbers) < 0.6 * len(said) or rising < 0.7 * max(len(numbers) - 1, 1):
        return list(lines)
    return [Line(line.number, _NUMBER.sub("", line.text, count=1)) for line in lines]
