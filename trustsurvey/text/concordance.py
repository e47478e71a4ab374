"""Words where they stand: lines of context around a keyword, and words that come in pairs."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import pandas as pd
from nltk.metrics.association import BigramAssocMeasures

from trustsurvey.model import RULES, Code, Codebook
from trustsurvey.text.keywords import Matcher
from trustsurvey.text.words import PLACEHOLDER, of_grammar, surface

#: Ends what belongs together: a pair of words does not reach across it.
BREAK = re.compile(r"[.!?;:,()\n\r\u2026\u3002\uff0c\uff01\uff1f\u061f\u060c]+")


@dataclass(frozen=True)
class Line:
    """A keyword as it stands in the ``text``-th text, with what is before and after it."""

    text: int
    before: str
    word: str
    after: str


@dataclass(frozen=True)
class Concordance:
    """Lines in the order of the texts; ``texts``: how many texts have the keyword, of which some may not be shown."""

    lines: tuple[Line, ...]
    texts: int


def in_context(texts: Sequence[str], keyword: str, width: int = 60, most: int = 200) -> Concordance:
    """Where a keyword stands, with up to ``width`` letters on each side; keywords as in a codebook.

    These are residents' own sentences: for those who may read them. SurveyError ``codebook.keyword`` for a
    keyword without a letter or digit.
    """
    matcher = Matcher(Codebook("search", (Code("word", keyword, keywords=(keyword,)),)))
    found = np.flatnonzero(matcher.hits(texts).toarray()[:, 0])
    lines: list[Line] = []
    for at in found.tolist():
        text = texts[at]
        for start, end in matcher.spans(text, "word"):
            lines.append(Line(at, _before(text[:start], width), _flat(text[start:end]), _after(text[end:], width)))
        if len(lines) >= most:
            break
    return Concordance(tuple(lines[:most]), len(found))


def collocations(texts: Sequence[str], language: str = "english", least: int = RULES.people) -> pd.DataFrame:
    """Pairs of words that follow each other more often than chance lets them, the strongest first.

    Pairs of at least ``least`` people (one text a person), without words of mere grammar. Columns: pair, people
    (in full tens), times, likelihood (Dunning 1993), pmi (base 2; Church & Hanks 1990).
    """
    words, pairs, people = Counter[str](), Counter[tuple[str, str]](), Counter[tuple[str, str]]()
    for text in texts:
        mine = Counter[tuple[str, str]]()
        for part in BREAK.split(PLACEHOLDER.sub(".", text)):
            row = surface(part)
            words.update(row)
            mine.update(pair for pair in pairwise(row) if not any(of_grammar(word, language) for word in pair))
        pairs.update(mine)
        people.update(mine.keys())
    total = sum(words.values())
    rows = []
    for pair, times in pairs.items():
        if people[pair] >= least:
            counts = (times, (words[pair[0]], words[pair[1]]), total)
            rows.append((" ".join(pair), people[pair] // 10 * 10, times, BigramAssocMeasures.likelihood_ratio(*counts),
                         BigramAssocMeasures.pmi(*counts)))  # fmt: skip
    table = pd.DataFrame(rows, columns=["pair", "people", "times", "likelihood", "pmi"])
    return table.sort_values(["likelihood", "pair"], ascending=[False, True], ignore_index=True)


def _before(text: str, width: int) -> str:
    flat = _flat(text[-4 * width :])
    return flat if len(flat) <= width and len(text) <= 4 * width else "\u2026" + flat[-width:].partition(" ")[2]


def _after(text: str, width: int) -> str:
    flat = _flat(text[: 4 * width])
    return flat if len(flat) <= width and len(text) <= 4 * width else flat[:width].rpartition(" ")[0] + "\u2026"


def _flat(text: str) -> str:
    """One line: blanks and line ends in a row are one blank."""
    flat = " ".join(text.split())
    return f"{' ' if text[:1].isspace() else ''}{flat}{' ' if text[-1:].isspace() and flat else ''}"
