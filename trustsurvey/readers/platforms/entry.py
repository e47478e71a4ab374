"""What one entry of the table of platforms says, and what all entries share."""

from __future__ import annotations

import html
import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Literal

from trustsurvey.readers.raw import Column, letter
from trustsurvey.wording import fold

Rows = Sequence[Sequence[str]]
#: What a platform may say about a row that is no whole answer.
Meaning = Literal["test", "disqualified", "partial"]
#: Roles that one column alone can have; the first listed that a file has takes it.
SINGLE = {"id", "start", "end", "duration", "mode"}


@dataclass(frozen=True)
class State:
    """The words (or numbers) of one of a platform's own columns that say what a row is.

    ``column``: a pattern, as in ``Platform.roles``. The word "" stands for an empty cell.
    """

    column: str
    meaning: Meaning
    words: tuple[str, ...]


@dataclass(frozen=True)
class Platform:
    """How a platform writes its files.

    ``recognise`` looks at the first rows, the first eight of a file or only its heading, and tells how
    many of them stand above the answers; 0 where the platform did not write them. ``columns`` makes
    columns of these heading rows. ``roles``: patterns for a whole heading, :func:`squeezed` or in
    small letters as it stands, to roles (see ``model.Role``), for the platform's own columns; the
    likelier comes first. ``first``: role of the first column, whatever it is called. ``missing``:
    words that stand for no answer. ``joined``: what stands between several answers in one cell.
    ``events``: pattern for the column that tells several rows of one person apart.
    """

    name: str
    title: str
    recognise: Callable[[Rows], int]
    columns: Callable[[Rows], list[Column]]
    roles: Mapping[str, str] = field(default_factory=dict)
    first: str = ""
    states: tuple[State, ...] = ()
    day_first: bool | None = None
    missing: tuple[str, ...] = ()
    joined: tuple[str, ...] = ()
    events: str = ""
    noun: str = ""

    def __post_init__(self) -> None:
        if not self.noun:
            # What a file of this platform is called in a sentence.
            object.__setattr__(self, "noun", f"{self.title} export")

    def own(self, names: Iterable[str]) -> dict[str, str]:
        """Column name to role, for the columns that the platform itself adds to the questions."""
        listed = list(names)
        found: dict[str, tuple[int, str]] = {}
        for position, name in enumerate(listed):
            ranks = (rank for rank, pattern in enumerate(self.roles) if matches(pattern, name))
            rank = next(ranks, -1)
            role = tuple(self.roles.values())[rank] if rank >= 0 else self.first if position == 0 else ""
            if role:
                found[name] = (rank, role)
        taken: set[str] = set()
        roles: dict[str, str] = {}
        for name, (_, role) in sorted(found.items(), key=lambda entry: entry[1][0]):
            roles[name] = "ignore" if role in taken else role
            taken |= {role} & SINGLE
        return {name: roles[name] for name in listed if name in roles}

    def meanings(self, name: str, values: Iterable[str]) -> list[Meaning | None]:
        """What each value of one of the platform's own columns says about its row, None where nothing."""
        words: dict[str, Meaning] = {}
        for state in self.states:
            if matches(state.column, name):
                words |= dict.fromkeys(map(fold, state.words), state.meaning)
        return [words.get(fold(value)) for value in values]


def matches(pattern: str, heading: str) -> bool:
    """Whether a pattern fits a whole heading, squeezed or in small letters."""
    return any(re.fullmatch(pattern, form) for form in (squeezed(heading), fold(heading)))


@lru_cache(maxsize=1 << 14)
def squeezed(heading: str) -> str:
    """A heading without case, accents, blanks and signs: "Respondent ID" and "RespondentID" are one.

    >>> squeezed("Duration (in seconds)"), squeezed("_submission_time"), squeezed("#")
    ('durationinseconds', 'submissiontime', '#')
    """
    folded = fold(clean(heading))
    return re.sub(r"[\W_]+", "", folded) or folded


def clean(text: str) -> str:
    """A heading without markup, entities, doubled blanks and the names that pandas gives to empty ones."""
    if text.startswith("Unnamed: ") and re.fullmatch(r"Unnamed: \d+(_level_\d+)?", text):
        return ""
    if "<" in text:
        text = re.sub(r"<[^>]{0,200}>", " ", text)
    text = html.unescape(text) if "&" in text else text
    return " ".join(text.replace("\ufeff", "").split())


def plain_columns(rows: Rows) -> list[Column]:
    """Columns that are called and ask what the first row says."""
    texts = [clean(cell) for cell in rows[0]] if rows else []
    choices = [stem_and_option(text) for text in texts]
    return named(texts, texts, [question for question, _ in choices], [option for _, option in choices])


def named(
    names: Sequence[str], texts: Sequence[str], questions: Sequence[str] = (), options: Sequence[str] = ()
) -> list[Column]:
    """Columns with unique names: a heading that stands twice, or is empty, is told by its letter.

    ``questions`` and ``options`` say what may be one choice of a question; the answers have the last
    word (:func:`trustsurvey.readers.choices.confirmed`).
    """
    cleaned = [clean(name) for name in names]
    counts = Counter(cleaned)
    result: list[Column] = []
    for position, name in enumerate(cleaned):
        unique = name
        if not name:
            unique = f"column {letter(position)}"
        elif counts[name] > 1:
            unique = f"{name} (column {letter(position)})"
        while unique != name and counts[unique]:
            unique += "'"
        text, question, option = (_at(part, position) for part in (texts, questions, options))
        result.append(
            Column(unique, text or name, letter(position), question=question if option else "", option=option)
        )
    return result


def _at(texts: Sequence[str], position: int) -> str:
    return clean(texts[position]) if position < len(texts) else ""


def stem_and_option(text: str) -> tuple[str, str]:
    """The parts of "Question [option]" and "Question - option"; two empty texts where there is one part.

    >>> stem_and_option("Who came? [The officer [on duty]]")
    ('Who came?', 'The officer [on duty]')
    >>> stem_and_option("Who came? - Selected Choice - The officer")
    ('Who came?', 'The officer')
    """
    if text.endswith("]"):
        depth = 0
        for position in range(len(text) - 1, -1, -1):
            depth += {"]": 1, "[": -1}.get(text[position], 0)
            if depth == 0:
                return text[:position].strip(), text[position + 1 : -1].strip()
    parts = re.split(r"\s+[-\u2013]\s+", text)
    if len(parts) < 2:
        return "", ""
    parts = [part for k, part in enumerate(parts) if k in (0, len(parts) - 1) or part != "Selected Choice"]
    return " - ".join(parts[:-1]), parts[-1]


def headings(rows: Rows, at: int = 0) -> list[str]:
    """The squeezed headings of a row, none where the row is absent."""
    return [squeezed(cell) for cell in rows[at]] if len(rows) > at else []
