"""Words of a text, and their stems where a language is known; no script is harmed."""

from __future__ import annotations

import re
from functools import lru_cache

from nltk.stem.snowball import SnowballStemmer

#: Letters and digits in a row, with the marks that stand inside words; one letter of a script without blanks is a word.
WORD = re.compile(r"[^\W_]+(?:['\u2019][^\W_]+)*")
LANGUAGES = tuple(language for language in SnowballStemmer.languages if language != "porter")


def tokens(text: str, language: str = "english") -> list[str]:
    """The words of a text in small letters, stemmed where Snowball knows the language."""
    words = WORD.findall(text.replace("\u2019", "'").lower())
    if language not in LANGUAGES:
        return words
    return [_stem(word, language) for word in words]


@lru_cache(maxsize=200_000)
def _stem(word: str, language: str) -> str:
    return str(_stemmer(language).stem(word))


@lru_cache(maxsize=len(LANGUAGES))
def _stemmer(language: str) -> SnowballStemmer:
    return SnowballStemmer(language)
