"""Words made countable: codes, the codebooks that hold them, and what people read in a text."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Literal

from trustsurvey.errors import SurveyError, some

#: How a text speaks of a theme; "" where the coder did not say.
Stance = Literal["", "positive", "negative", "suggestion"]
#: Why a text was read: to teach the machine, drawn at random for the audit, a second time, or to settle two readings.
Queue = Literal["training", "audit", "second", "settled"]


@dataclass(frozen=True)
class Code:
    """One theme of a codebook: what it means, and the words that point to it.

    ``parent`` is the key of the code above it, "" for none. ``keywords`` are words, phrases, stems
    ("patrol*") and wildcards. ``colour`` is "#rrggbb" or "".
    """

    key: str
    title: str
    parent: str = ""
    definition: str = ""
    include: str = ""
    exclude: str = ""
    examples: tuple[str, ...] = ()
    keywords: tuple[str, ...] = ()
    colour: str = ""


@dataclass(frozen=True)
class Codebook:
    """The codes that texts are read for, parents before their children."""

    name: str
    codes: tuple[Code, ...]
    version: int = 1
    language: str = "english"

    def __post_init__(self) -> None:
        seen: set[str] = set()
        for code in self.codes:
            if not code.key or code.key in seen:
                raise SurveyError(
                    "codebook.key", f"The key '{code.key}' stands twice or is empty", where=self.name,
                    expected="a key of its own for every code",
                )  # fmt: skip
            if code.parent and code.parent not in seen:
                raise SurveyError(
                    "codebook.parent", f"The code '{code.key}' is under '{code.parent}', which is not above it",
                    where=self.name, expected=some(seen, 8) or "a code listed before it",
                )  # fmt: skip
            seen.add(code.key)

    @cached_property
    def _codes(self) -> dict[str, Code]:
        return {code.key: code for code in self.codes}

    @property
    def keys(self) -> tuple[str, ...]:
        """The keys of all codes, in order."""
        return tuple(code.key for code in self.codes)

    def code(self, key: str) -> Code:
        """The code with this key; ``KeyError`` if there is none."""
        return self._codes[key]

    def __contains__(self, key: object) -> bool:
        return key in self._codes

    def under(self, key: str) -> tuple[str, ...]:
        """The keys of a code and of all below it, at any depth; ``KeyError`` for an unknown code."""
        found = {self.code(key).key: None}
        for code in self.codes:  # parents stand above their children
            if code.parent in found:
                found[code.key] = None
        return tuple(found)


@dataclass(frozen=True)
class Coding:
    """One person's reading of one text; without codes where none of the codebook's themes is in it.

    ``answer`` is the key of the text, ``codes`` are pairs of code and stance, ``version`` that of the codebook
    that was read with. ``id`` grows in order of time; 0 for one that is not stored yet. ``spans``: where in the text a
    code was found, as (code, start, end) in characters; a code without one is of the whole text.
    """

    answer: str
    coder: str
    codes: tuple[tuple[str, Stance], ...] = ()
    queue: Queue = "training"
    memo: str = ""
    version: int = 1
    id: int = 0
    spans: tuple[tuple[str, int, int], ...] = ()

    def __post_init__(self) -> None:
        if not self.coder.strip() or not self.coder.isprintable() or len(self.coder) > 200:
            raise SurveyError("coding.coder", "Nobody is named as the coder", expected="a name of one line",
                              hint="Type your name or initials first.")  # fmt: skip
        keys = [key for key, _ in self.codes]
        if len(set(keys)) < len(keys):
            raise SurveyError("coding.twice", "A code is applied twice to one text", got=some(keys))
        if any(code not in keys or not 0 <= start < end for code, start, end in self.spans):
            raise SurveyError("coding.span", "A part of a text is marked with a code that was not applied, or holds "
                              "nothing", got=some(self.spans))  # fmt: skip
