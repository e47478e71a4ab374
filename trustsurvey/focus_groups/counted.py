"""Small numbers as people say them."""

from __future__ import annotations

_WORDS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")


def in_words(n: int) -> str:
    """A number up to ten as a word, a larger one in figures: "no", "six", "1,200"."""
    return _WORDS[n] if 0 <= n < len(_WORDS) else f"{n:,}"


def number(n: int, noun: str) -> str:
    """So many of something: "one group", "six groups"."""
    return f"{in_words(n)} {noun}{'' if n == 1 else 's'}"


def capital(sentence: str) -> str:
    """A sentence that begins with a capital letter."""
    return sentence[:1].upper() + sentence[1:]
