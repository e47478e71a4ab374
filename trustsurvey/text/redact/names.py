"""Which words are names: those of the United States census of 1990, and which of them are ordinary words too.

Most surnames and given names of the English and Spanish speaking world are among them; others are found
by what stands around them alone.
"""

from __future__ import annotations

from functools import lru_cache
from importlib import resources

import names as census
import re2
import yaml

#: The most frequent surnames that are known; rarer ones need something around them that tells a name.
SURNAMES = 15_000
#: Surnames that are frequent enough to be told at the beginning of a sentence, where every word has a capital.
FREQUENT = 3_000
WORD = re2.compile(r"\p{L}[\pL\pM]*(?:['\x{2019}-]\p{L}[\pL\pM]*)*")


@lru_cache(maxsize=1)
def _vocabulary() -> dict[str, frozenset[str]]:
    text = resources.files(__package__).joinpath("vocabulary.yaml").read_text(encoding="utf-8")
    return {key: frozenset(words.split()) for key, words in yaml.safe_load(text).items()}


def vocabulary(key: str) -> frozenset[str]:
    """A list of ``vocabulary.yaml``: particles, titles, places, before_places, abbreviations, ordinary ..."""
    return _vocabulary()[key]


@lru_cache(maxsize=1)
def given_names() -> frozenset[str]:
    """Given names in small letters."""
    return _read("first:female") | _read("first:male")


@lru_cache(maxsize=4)
def surnames(most: int = SURNAMES) -> frozenset[str]:
    """The most frequent surnames in small letters."""
    return _read("last", most)


def _read(file: str, most: int | None = None) -> frozenset[str]:
    with open(census.FILES[file], encoding="ascii") as lines:
        listed = [line.split()[0].lower() for line in lines]
    return frozenset(listed[:most])


def plain(word: str) -> str:
    """A word as lists of names have it: in small letters, without apostrophes and a possessive s."""
    return word.lower().replace("\u2019", "'").removesuffix("'s").replace("'", "")
