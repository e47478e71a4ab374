"""Words of a text, and their stems where a language is known; no script is harmed."""

from __future__ import annotations

import re
from functools import lru_cache

from nltk.stem.snowball import SnowballStemmer

#: Letters and digits in a row, with the marks that stand inside words; one letter of a script without blanks is a word.
WORD = re.compile(r"[^\W_]+(?:['\u2019][^\W_]+)*")
#: Up to a mark that ends a sentence, with the quotes and brackets closed after it.
SENTENCE = re.compile(r"[^\s.!?\u2026\u3002](?:[^.!?\u2026\u3002]|[.!?](?=\w))*[.!?\u2026\u3002]*[\"'\u201d\u2019)\]]*")
LANGUAGES = tuple(language for language in SnowballStemmer.languages if language != "porter")


def tokens(text: str, language: str = "english") -> list[str]:
    """The words of a text in small letters, stemmed where Snowball knows the language."""
    return [_stem(word, language) for word in WORD.findall(text)]


def words_of(text: str, language: str = "english") -> list[tuple[str, int, int]]:
    """The same words with the places where they stand: (stem, start, end) of each, in characters."""
    return [(_stem(found[0], language), *found.span()) for found in WORD.finditer(text)]


@lru_cache(maxsize=200_000)
def _stem(word: str, language: str) -> str:
    word = word.replace("\u2019", "'").lower()
    return str(_stemmer(language).stem(word)) if language in LANGUAGES else word


@lru_cache(maxsize=len(LANGUAGES))
def _stemmer(language: str) -> SnowballStemmer:
    return SnowballStemmer(language)


def sentences(text: str) -> list[tuple[int, int]]:
    """Where the sentences of a text begin and end, blanks around them left out; a text without any mark is one."""
    return [m.span() for m in SENTENCE.finditer(text)]
