"""Which words before a colon name a speaker, and which only begin a sentence.

**The rule.** A *candidate* is what stands before the first colon of a line, if a blank or the end of the line follows
(behind a full-width colon anything may; where a letter follows at once, as in ``Anna:Yes``, the label must recur), it
is at most 60 characters long and begins with a letter. Times (``10:30``), links (``https://``) and anything that holds
the punctuation of a sentence are none.

A candidate is *like a name* if it has at most six words, a note in brackets behind it left out, and every word begins
with a capital (``Chief Alvarez``, ``JANE DOE``, ``O'Brien``), is a particle of names (``de la``), or a number behind
a word (``Speaker 2``, ``P1``); or if it is a word for somebody's part, in any letters (``moderator``, ``int``, ``P3``).
Words that head or open a statement (``Note``, ``Question 1``, ``One Thing``, ``Let's``) are no names, however written.

Of a file's candidates these are *speakers*:

1. every candidate like a name, if at least one recurs, or if half of the lines have one (a short file);
2. a candidate in small letters (``edwin``) of one word that recurs, or of two or three, none of them a word of
   grammar, that stands three times;
3. a candidate in a script without capitals that recurs, or any where four in five lines have a candidate.

Where nearly all letters are capitals, as in captions on air, capitals say nothing: a label must recur, or stand behind
``>>``. A few labels among hundreds of lines (fewer than three, in less than one line of twenty) name nobody. Within a
paragraph or a cue only labels count that also begin one, or a line of a cue behind the end of a sentence.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

import yaml

_CANDIDATE = re.compile(r"\s*(?P<label>[^\W\d_][^:：]{0,59}?)\s*(?P<colon>[:：])(?P<rest>.*)", re.DOTALL)
_NOTE = re.compile(r"\s*[(\[][^()\[\]]{1,30}[)\]]\s*$")
_WORD = re.compile(r"[^\W_]+(?:[’'.\-‑·_][^\W_]*)*[.,]?")
_SHORT_FORM = re.compile(
    r"(?:^|\s)(?:\w+n['’]t|(?:i|you|we|they)['’]\w+|(?:it|he|she|that|there|here|what|who|how|let)['’]s)", re.IGNORECASE
)
_VOCABULARY = yaml.safe_load(Path(__file__).with_name("vocabulary.yaml").read_text(encoding="utf-8"))
PARTICLES, PARTS, _OFFICES, _TITLES, HEADINGS, _OPENERS = (
    frozenset(_VOCABULARY[key].split()) for key in ("particles", "parts", "offices", "titles", "headings", "openers")
)
_GRAMMAR = _OPENERS | set(_VOCABULARY["grammar"].split())
_NEVER = set('?!;"“”„«»<>=|\\@#…*{}~^%$€£+→')


class Candidate(NamedTuple):
    """What stands before a colon: the label as written, what follows it, and whether it follows without a blank."""

    label: str
    rest: str
    tight: bool


def candidate(text: str) -> Candidate | None:
    """The label before the first colon of a line, if it may be one by its looks."""
    found = _CANDIDATE.match(text)
    if found is None:
        return None
    label, rest = found["label"], found["rest"]
    tight = bool(rest) and not rest[0].isspace() and found["colon"] == ":"
    if (tight and not rest[0].isalpha()) or not _NEVER.isdisjoint(label):
        return None
    return Candidate(" ".join(label.split()), rest.strip(), tight)


def like_a_name(label: str) -> bool:
    """Whether a label looks like a name or somebody's part, by the rule of this module."""
    words = _words(label)
    if words is None or _is_heading(words):
        return False
    if _is_part(words):
        return True
    if words[0].lower() in _OPENERS and not (len(words[0]) == 1 and len(words) == 1):
        return False
    if words[0].lower() == "the" and words[-1].lower() not in PARTS | _OFFICES:
        return False
    named = 0
    for place, word in enumerate(words):
        first = word[0]
        if first.isupper():
            named += 1
        elif not (place and word.isdecimal()) and word.lower().rstrip(".") not in PARTICLES:
            return False
    return named > 0


def uncased(label: str) -> bool:
    """Whether a label is written in a script that knows no capitals, and is short enough for a name."""
    letters = [letter for letter in label if letter.isalpha()]
    return (
        bool(letters) and len(label) <= 20 and all(unicodedata.category(letter) in ("Lo", "Lm") for letter in letters)
    )


def shouted(texts: Iterable[str]) -> bool:
    """Whether nearly all letters are capitals."""
    upper = lower = 0
    for text in texts:
        upper += sum(map(str.isupper, text))
        lower += sum(map(str.islower, text))
    return upper > 9 * lower


def speakers(
    first: Iterable[Candidate], lines: int, *, shout: bool = False, sure: Iterable[str] = ()
) -> frozenset[str]:
    """The labels that name speakers, out of the candidates that begin a paragraph or a cue.

    ``lines``: how many paragraphs or cues there are. ``shout``: capitals say nothing. ``sure``: labels known otherwise,
    such as those behind ``>>``.
    """
    counts: Counter[str] = Counter()
    loose: set[str] = set(sure)
    for found in first:
        counts[found.label] += 1
        if not found.tight:
            loose.add(found.label)
    dense = sum(counts.values()) >= 0.8 * max(lines, 1)
    chosen = {label for label in sure if like_a_name(label)}
    for label, count in counts.items():
        recurs = count > 1
        if (shout or label not in loose) and not recurs:
            continue
        if like_a_name(label) or _small(label, count) or (uncased(label) and _is_free(label) and (recurs or dense)):
            chosen.add(label)
    heard = sum(counts[label] for label in chosen)
    recurring = any(counts[label] > 1 for label in chosen) or bool(chosen & set(sure))
    if not recurring and heard < 0.5 * lines:
        return frozenset()
    if heard < 3 and heard < 0.05 * lines and not chosen & set(sure):
        return frozenset()
    return frozenset(chosen)


def _words(label: str) -> list[str] | None:
    """The words of a label without a note in brackets; None where it holds anything that names do not."""
    bare = _NOTE.sub("", label).strip()
    words = bare.replace("/", " ").replace("&", " ").split()
    if not words or len(words) > 6 or _SHORT_FORM.search(bare) or not bare[0].isalpha():
        return None
    for place, word in enumerate(words):
        if not _WORD.fullmatch(word):
            return None
        # A point ends a title or an initial, a comma parts surname and first name; elsewhere both end a clause.
        if word.endswith(".") and len(word.split(".")[-2]) > 1 and word.lower().rstrip(".") not in _TITLES:
            return None
        if word.endswith(",") and (place > 1 or place == len(words) - 1):
            return None
    return words


def _is_heading(words: list[str]) -> bool:
    bare = [word.lower().rstrip(".,") for word in words]
    while len(bare) > 1 and (bare[-1].isdecimal() or len(bare[-1]) == 1):
        bare.pop()
    if len(bare) == 1:
        stem = bare[0].rstrip("0123456789.")
        return (stem in HEADINGS and stem not in PARTS) or (stem == "q") or not stem
    return bare[0] in HEADINGS and bare[0] not in PARTS and not any(word[0].isupper() for word in words[1:])


def _is_part(words: list[str]) -> bool:
    stem = words[0].lower().rstrip("0123456789_.-#")
    rest = [word.lower() for word in words[1:]]
    return stem in PARTS and all(word.isdecimal() or len(word) == 1 or word in PARTS for word in rest)


def _is_free(label: str) -> bool:
    words = _words(label)
    return words is not None and not _is_heading(words)


def _small(label: str, count: int) -> bool:
    """Whether a label in small letters recurs often enough, and holds no word of grammar."""
    words = _words(label)
    if words is None or _is_heading(words) or any(word.lower() in _GRAMMAR for word in words):
        return False
    return label[0].islower() and count >= (2 if len(words) == 1 else 3) and len(words) <= 3
