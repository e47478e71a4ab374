"""Keywords: words, phrases and wildcards that point to a code, matched in time linear in the text.

A keyword is one word or several in a row. ``*`` stands for any letters, so that ``patrol*`` finds
"patrols" and "patrolling". Case and accents make no difference, and between the words of a phrase
anything but letters and digits may stand. Patterns run on RE2, which cannot be made to hang.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache

import numpy as np
import re2
from scipy import sparse

from trustsurvey.errors import SurveyError
from trustsurvey.model import Codebook

#: Letters that a keyword may have; what comes from outside is data and not a program.
LONGEST = 200
EDGE_BEFORE, EDGE_AFTER = r"(?:^|[^\pL\pN])", r"(?:$|[^\pL\pN])"
BETWEEN = r"[^\pL\pN]+"


def folded(text: str) -> tuple[str, list[int]]:
    """A text without case and accents, and for each of its characters the place it came from.

    >>> folded("Zu spät!")[0]
    'zu spat!'
    """
    letters: list[str] = []
    places: list[int] = []
    for place, letter in enumerate(text):
        if letter.isascii():
            letters.append(letter.lower())
            places.append(place)
            continue
        for part in unicodedata.normalize("NFKD", letter.casefold()):
            if not unicodedata.combining(part):
                letters.append(part)
                places.append(place)
    return "".join(letters), places


def pattern_of(keyword: str, where: str = "") -> str:
    """The RE2 pattern of a keyword; SurveyError ``codebook.keyword`` where it holds no letter or digit."""
    words = [
        r"[\pL\pN]*".join(re2.escape(part) for part in word.split("*"))
        for word in _words(folded(keyword)[0])
        if word.strip("*")
    ]
    if not words or len(keyword) > LONGEST:
        raise SurveyError(
            "codebook.keyword", "A keyword cannot be used", where=where, got=f"'{keyword[:40]}'",
            expected=f"a word or a phrase of at most {LONGEST} letters, with * for any letters",
        )  # fmt: skip
    return BETWEEN.join(words)


def _words(text: str) -> list[str]:
    """What stands between blanks and marks; * counts as a letter."""
    return "".join(letter if letter.isalnum() or letter == "*" else " " for letter in text).split()


@dataclass(frozen=True)
class Matcher:
    """All keywords of a codebook at once."""

    codebook: Codebook

    @cached_property
    def _patterns(self) -> tuple[tuple[int, str], ...]:
        """The alternatives of each code that has keywords."""
        return tuple(
            (position, "|".join(pattern_of(keyword, f"{self.codebook.name}, {code.key}") for keyword in code.keywords))
            for position, code in enumerate(self.codebook.codes)
            if code.keywords
        )

    @cached_property
    def _all(self) -> re2.Set | None:
        return _compiled(tuple(pattern for _, pattern in self._patterns)) if self._patterns else None

    def hits(self, texts: Sequence[str] | Iterable[str]) -> sparse.csr_array:
        """(texts, codes) with 1 where a keyword of the code stands in the text."""
        every = self._all
        rows, columns, count = list[int](), list[int](), 0
        for row, text in enumerate(texts):
            count += 1
            if every is not None:
                found = every.Match(_fast_folded(text)) or ()
                rows += [row] * len(found)
                columns += [self._patterns[k][0] for k in found]
        shape = (count, len(self.codebook.codes))
        matrix = sparse.csr_array((np.ones(len(rows)), (rows, columns)), shape=shape)
        matrix.sort_indices()
        return matrix

    def spans(self, text: str, key: str) -> list[tuple[int, int]]:
        """Where the keywords of one code stand in a text: (start, end) of each, in characters."""
        position = self.codebook.keys.index(key)
        pattern = dict(self._patterns).get(position)
        if pattern is None:
            return []
        plain, places = folded(text)
        expression = re2.compile(f"{EDGE_BEFORE}({pattern}){EDGE_AFTER}", _options())
        spans, at = [], 0
        while at <= len(plain) and (match := expression.search(plain, at)):
            start, end = match.span(1)
            spans.append((places[start], places[end - 1] + 1))
            at = end
        return spans


@lru_cache(maxsize=16)
def _compiled(patterns: tuple[str, ...]) -> re2.Set:
    """All patterns at once; a third of a second for a codebook, so kept."""
    every = re2.Set.SearchSet(_options())
    for pattern in patterns:
        every.Add(f"{EDGE_BEFORE}(?:{pattern}){EDGE_AFTER}")
    every.Compile()
    return every


def _fast_folded(text: str) -> str:
    return text.lower() if text.isascii() else folded(text)[0]


def _options() -> re2.Options:
    options = re2.Options()
    options.max_mem = 64 << 20
    options.log_errors = False
    return options
