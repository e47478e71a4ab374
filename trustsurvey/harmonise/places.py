"""Names of places however people write them: abbreviations, numbers, parts of names, slips of the pen."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Mapping as MappingType, Sequence
from functools import lru_cache

from rapidfuzz import fuzz, process

from trustsurvey.instruments.words import place_words
from trustsurvey.wording import fold

DIRECTIONS = {"north", "south", "east", "west", "northeast", "northwest", "southeast", "southwest", "upper", "lower"}
#: Signs of a place that is told by two others, or lies beside one.
BETWEEN = re.compile(r"[/+&]|\s-\s|\b(between|off|and|to|or|not|of)\b")
#: Spellings so alike (of 100), and so much more than the next, are one place.
ALIKE, AHEAD = 85, 5


@lru_cache(maxsize=65_536)
def core(name: str) -> tuple[str, ...]:
    """The words of a place's name that tell it from others.

    >>> core("City of Westminster"), core("St. Mary's"), core("Ward 03")
    (('westminster',), ('saint', 'marys'), ('3',))
    """
    text = re.sub(r"(?<=\w)'(?=\w)", "", fold(re.sub(r"([&+#])", r" \1 ", name)))
    short, kinds, numbers = place_words()
    words = re.findall(r"[^\W_]+|[&+]", text)
    # "Pearl St." is a street, "St. Mary" a saint.
    words = [
        "street" if word == "st" and k and k == len(words) - 1 else short.get(word, word)
        for k, word in enumerate(words)
    ]
    words = [numbers.get(word, word.lstrip("0") or word) if word.isalnum() else word for word in words]
    telling = [word for word in words if word not in kinds]
    return tuple(telling or words)


def variants(spellings: Sequence[str], names: Sequence[str]) -> dict[str, str]:
    """Spellings that mean one of the names, and which: to be proposed, since nobody said so.

    The same telling words; all of the name's words but a few, or a few of them, where that fits one name
    alone; or a slip of the pen. What fits two names is left out.
    """
    by_core: dict[tuple[str, ...], list[str]] = defaultdict(list)
    for name in names:
        by_core[core(name)].append(name)
    joined = {" ".join(words): found[0] for words, found in by_core.items() if len(found) == 1}
    sets = {frozenset(words): found[0] for words, found in by_core.items() if len(found) == 1}
    meant = {spelling: _meant(spelling, by_core, joined, sets) for spelling in spellings}
    return {spelling: name for spelling, name in meant.items() if name}


def _meant(
    spelling: str,
    by_core: MappingType[tuple[str, ...], list[str]],
    joined: MappingType[str, str],
    sets: MappingType[frozenset[str], str],
) -> str:
    words = core(spelling)
    if words in by_core:
        return by_core[words][0] if len(by_core[words]) == 1 else ""
    said = frozenset(words)
    within = [name for known, name in sets.items() if known < said]
    around = [name for known, name in sets.items() if said < known]
    if len(within) == 1 and not around and len(said) <= 4:
        return "" if BETWEEN.search(fold(spelling)) else within[0]
    if len(around) == 1 and not within:
        return around[0]
    if within or around or len("".join(words)) < 4:
        return ""
    best = process.extract(" ".join(words), joined.keys(), scorer=fuzz.ratio, limit=2, score_cutoff=ALIKE)
    if not best or (len(best) > 1 and best[0][1] - best[1][1] < AHEAD) or _fixed(best[0][0].split()) != _fixed(words):
        return ""
    return joined[best[0][0]]


def _fixed(words: Sequence[str]) -> list[str]:
    """The words of a name in which there are no slips: numbers and points of the compass."""
    return [word for word in words if word.isdigit() or word in DIRECTIONS]


def likeliest(spelling: str, names: Sequence[str]) -> str:
    """The name most like a spelling, "" where none is like it."""
    near = process.extractOne(spelling, names, scorer=fuzz.WRatio, processor=fold, score_cutoff=70)
    return near[0] if near else ""


def usual_spellings(counts: MappingType[str, int]) -> dict[str, str]:
    """For a level whose areas nobody listed: rarer spellings and the usual one that they mean.

    Spellings used by fewer people are laid on those used by at least five and by more.
    """
    ranked = [spelling for spelling, _ in Counter(dict(counts)).most_common()]
    usual: list[str] = []
    taken: set[tuple[str, ...]] = set()
    for spelling in ranked:
        if counts[spelling] >= 5 and core(spelling) not in taken:
            usual.append(spelling)
            taken.add(core(spelling))
    found = variants([spelling for spelling in ranked if spelling not in usual], usual)
    return {spelling: name for spelling, name in found.items() if fold(spelling) != fold(name)}
