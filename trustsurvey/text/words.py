"""Which words people use: counted once a text, shown in the form used most, and only those that several people use."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import sparse
from sklearn.feature_extraction.text import ENGLISH_STOP_WORDS

from trustsurvey.model import RULES
from trustsurvey.text.language import WORD, tokens

#: What stands where a name or a number was taken out: "[person 1]".
PLACEHOLDER = re.compile(r"\[[^\[\]\n]{1,40}\]")
#: Words of the English list that tell what a text is about.
TELLING = {
    "bill", "call", "cry", "describe", "detail", "fill", "find", "fire", "found", "interest", "mill", "move", "serious",
    "show", "sincere", "system", "thick", "thin",
}  # fmt: skip
FUNCTION_WORDS = {"english": frozenset(ENGLISH_STOP_WORDS) - TELLING}


@dataclass(frozen=True, eq=False)
class Words:
    """The words of n texts: ``matrix`` (n, w) 1 where a text has a word, ``names`` (w,) its form used most.

    Forms with the same stem are one word. ``forms``: all forms that enough people use, the commonest first.
    """

    matrix: sparse.csr_array
    names: tuple[str, ...]
    forms: tuple[tuple[str, ...], ...]


def words_of(texts: Sequence[str], language: str = "english", least: int = RULES.people) -> Words:
    """The words that at least ``least`` texts have, one text a person; placeholders and words without content left out.

    What fewer people say is theirs alone, and may tell who they are.
    """
    used: dict[str, Counter[str]] = defaultdict(Counter)
    rows: list[set[str]] = []
    for text in texts:
        found = set()
        for word in set(surface(text)):
            if not of_grammar(word, language) and (len(word) > 1 or not word.isascii()):
                stem = tokens(word, language)[0]
                used[stem][word] += 1
                found.add(stem)
        rows.append(found)
    people = Counter(stem for found in rows for stem in found)
    kept = {stem: at for at, stem in enumerate(sorted(stem for stem, n in people.items() if n >= least))}
    indices = [sorted(kept[stem] for stem in found if stem in kept) for found in rows]
    starts = np.cumsum([0, *map(len, indices)])
    flat = np.array([at for row in indices for at in row], dtype=np.int64)
    matrix = sparse.csr_array((np.ones(len(flat)), flat, starts), shape=(len(rows), len(kept)))
    ranked = [sorted(used[stem].items(), key=lambda entry: (-entry[1], entry[0])) for stem in kept]
    return Words(
        matrix,
        tuple(forms[0][0] for forms in ranked),
        tuple(tuple(form for k, (form, n) in enumerate(forms) if n >= least or k == 0) for forms in ranked),
    )


def of_grammar(word: str, language: str) -> bool:
    """Whether a word tells nothing of what a text is about: "the", "it's", "don't"."""
    left_out = FUNCTION_WORDS.get(language)
    return left_out is not None and (word.partition("'")[0] in left_out or word.endswith("n't"))


def surface(text: str) -> list[str]:
    """The words of a text in small letters, as they were written; placeholders left out."""
    return WORD.findall(PLACEHOLDER.sub(" ", text).replace("\u2019", "'").lower())
