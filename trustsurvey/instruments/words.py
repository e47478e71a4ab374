"""What the words of an answer say: on which side of which scale they stand, or why there is no answer.

The words themselves are data (``words.yaml`` and the lists in ``scales.yaml``), in English, Spanish,
French, German, Dutch, Portuguese and Italian.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources
from itertools import pairwise
from typing import Any

import yaml

from trustsurvey.wording import fold

#: Labels longer than this are sentences, not words of a scale.
MOST_WORDS = 9
#: No scale has more labels.
MOST_LABELS = 25
#: How far from the middle a family's word stands when nothing qualifies it.
PLAIN = 2.0
#: What a code before a label looks like: "4 - Agree", "4: agree", "[4] Agree", "4 (agree)".
LED = re.compile(r"^[\[(]?(-?\d{1,4})[\])]?\s*[-.:=)\u2013]*\s*\(?(\S.*)$")

Phrase = tuple[str, ...]


@dataclass(frozen=True)
class Order:
    """Labels in the order of a scale, from the low end to the high: ``positions`` in ``family``.

    ``two_sided``: its words stand on both sides of a middle. ``lopsided``: the sides need not be alike.
    """

    family: str
    labels: tuple[str, ...]
    positions: tuple[float, ...]
    two_sided: bool
    lopsided: bool = False


#: A phrase of a family (or ladder) and where it stands when nothing qualifies it.
Entry = tuple[str, Phrase, float]


@dataclass(frozen=True)
class _Index:
    """Phrases by their first word; those that begin with any ending apart, by how they begin."""

    exact: Mapping[str, tuple[Entry, ...]]
    open: tuple[tuple[str, Entry], ...]

    @classmethod
    def of(cls, entries: Sequence[Entry]) -> _Index:
        exact: dict[str, list[Entry]] = {}
        for entry in entries:
            if not entry[1][0].endswith("*"):
                exact.setdefault(entry[1][0], []).append(entry)
        begun = tuple((entry[1][0][:-1], entry) for entry in entries if entry[1][0].endswith("*"))
        return cls({first: tuple(found) for first, found in exact.items()}, begun)

    def within(self, tokens: Phrase) -> dict[str, list[Entry]]:
        """The phrases that may stand in a label, by family, the longest first."""
        found: dict[str, list[Entry]] = {}
        for token in dict.fromkeys(tokens):
            for entry in self.exact.get(token, ()):
                found.setdefault(entry[0], []).append(entry)
            for start, entry in self.open:
                if token.startswith(start):
                    found.setdefault(entry[0], []).append(entry)
        return {family: sorted(entries, key=lambda entry: -len(entry[1])) for family, entries in found.items()}


@dataclass(frozen=True)
class _Words:
    qualifiers: Mapping[Phrase, float]
    fillers: frozenset[str]
    stems: _Index
    middles: _Index
    ladders: _Index
    neither: tuple[tuple[str, str], ...]
    families: tuple[str, ...]
    lopsided: frozenset[str]


@lru_cache(maxsize=1)
def _data() -> dict[str, Any]:
    text = resources.files(__package__).joinpath("words.yaml").read_text(encoding="utf-8")
    # The base loader leaves "no", "off" and 99 the text they are.
    return yaml.load(text, Loader=yaml.BaseLoader)


@lru_cache(maxsize=1)
def _words() -> _Words:
    data = _data()
    stems: list[Entry] = []
    middles: list[Entry] = []
    for family, told in data["families"].items():
        for key, sign in (("high", 1), ("low", -1)):
            stems += [(family, _tokens(word), sign * PLAIN) for word in told[key]]
        stems += [(family, _tokens(word), float(at)) for at, words in told.get("beyond", {}).items() for word in words]
        middles += [(family, _tokens(word), 0.0) for word in (*data["middle"], *told.get("middle", ()))]
    ladders = [
        (name, _tokens(word), float(step))
        for name, steps in data["ladders"].items()
        for step, words in enumerate(steps)
        for word in words
    ]
    return _Words(
        {_tokens(word): float(far) for far, words in data["qualifiers"].items() for word in words},
        frozenset(fold(word) for word in data["fillers"]),
        _Index.of(stems),
        _Index.of(middles),
        _Index.of(ladders),
        tuple((first, second) for first, second in data["neither"]),
        tuple(data["families"]),
        frozenset(family for family, told in data["families"].items() if told.get("lopsided") == "true"),
    )


def _tokens(label: str) -> Phrase:
    """The words of a label; endings for both sexes ("satisfecho/a", "satisfait(e)") are dropped."""
    plain = re.sub(r"(?<=\w)[/(\u00b7](in|a|as|e|es|s|o|os|r|ne|nes)\)?(?!\w)", "", fold(label))
    return tuple(re.findall(r"\*?[\w'#<>.]*\w\*?|\w+", plain))


def _same(pattern: str, token: str) -> bool:
    return token.startswith(pattern[:-1]) if pattern.endswith("*") else token == pattern


def _at(pattern: Phrase, tokens: Phrase) -> int:
    """Where a phrase begins in a label, -1 where it does not stand in it."""
    for start in range(len(tokens) - len(pattern) + 1):
        if all(_same(p, t) for p, t in zip(pattern, tokens[start : start + len(pattern)], strict=True)):
            return start
    return -1


@lru_cache(maxsize=16384)
def places(label: str) -> Mapping[str, float]:
    """The position of a label in every family that it may belong to; empty for one that is no word of a scale.

    Two-sided families run from below 0 to above, 0 being the middle; ladders from 0 upwards.

    >>> places("Somewhat agree"), places("agree, strongly")
    ({'agree': 1.0}, {'agree': 3.0})
    """
    words, tokens = _words(), _tokens(unled(label))
    if not 0 < len(tokens) <= MOST_WORDS:
        return {}
    middles = {family for family, phrase, _ in _all(words.middles.within(tokens)) if _whole(phrase, tokens)}
    stems = words.stems.within(tokens)
    found: dict[str, float] = dict.fromkeys(sorted(middles), 0.0)
    for family, entries in stems.items():
        position = None if family in middles else _two_sided(words, entries, tokens)
        if position is not None:
            found[family] = position
    return found | _steps(words, tokens)


def _all(by_family: Mapping[str, list[Entry]]) -> list[Entry]:
    return [entry for entries in by_family.values() for entry in entries]


def _whole(phrase: Phrase, tokens: Phrase) -> bool:
    return len(phrase) == len(tokens) and _at(phrase, tokens) == 0


def _two_sided(words: _Words, entries: Sequence[Entry], tokens: Phrase) -> float | None:
    for first, second in words.neither:
        if tokens[0] == first and second in tokens[1:]:
            return 0.0 if any(_at(stem, tokens) >= 0 for _, stem, _ in entries) else None
    for _, stem, plain in entries:
        start = _at(stem, tokens)
        if start < 0:
            continue
        far = _strength(words, tokens[:start] + tokens[start + len(stem) :])
        if far is not None:
            side = 1.0 if plain > 0 else -1.0
            return plain if far == PLAIN else side * (abs(plain) + far - 3 if abs(plain) > PLAIN else far)
    return None


def _strength(words: _Words, rest: Phrase) -> float | None:
    """What the words around a family's word make of it; None where they say something else."""
    for dropped in (rest, tuple(token for token in rest if token not in words.fillers)):
        if not dropped:
            return PLAIN
        if dropped in words.qualifiers:
            return words.qualifiers[dropped]
        for cut in range(1, len(dropped)):
            one, other = words.qualifiers.get(dropped[:cut]), words.qualifiers.get(dropped[cut:])
            if one is not None and other is not None:
                return max(one, other, key=abs) if one * other > 0 else -abs(min(one, other, key=abs))
    return None


def _steps(words: _Words, tokens: Phrase) -> dict[str, float]:
    """The steps of ladders that a label names."""
    bare = tuple(token for token in tokens if token not in words.fillers)
    # "A great deal of trust", "mucha confianza" being an amount of something.
    cut = next((k for k, token in enumerate(tokens) if k and token in ("of", "de", "di", "an", "aan")), len(tokens))
    found: dict[str, float] = {}
    for said in dict.fromkeys((tokens, bare, tokens[:cut])):
        for name, phrase, step in _all(words.ladders.within(said)):
            if name not in found and _whole(phrase, said):
                found[name] = step
    return found


def unled(label: str) -> str:
    """A label without the code that stands before it: "4 - Agree" is "agree"."""
    key = fold(label)
    led = LED.match(key)
    return led.group(2).rstrip(")]") if led and re.search(r"[^\W\d]", led.group(2)) else key


def order(labels: Sequence[str]) -> Order | None:
    """Labels sorted from the low end of one family to the high, None where they are of no one family.

    No two may stand in the same place. A family in which every label has a place wins; of several the
    two-sided one, and then the one whose words lie furthest apart.
    """
    if not 2 <= len(labels) <= MOST_LABELS:
        return None
    words, found = _words(), [places(label) for label in labels]
    candidates = []
    for family in found[0].keys() if found else ():
        if not all(family in told for told in found):
            continue
        positions = [told[family] for told in found]
        two_sided = family in words.families
        if len(set(positions)) < len(positions) or (two_sided and not any(positions)):
            continue
        candidates.append((two_sided, max(positions) - min(positions), family, positions))
    if not candidates:
        return None
    two_sided, _, family, positions = max(candidates, key=lambda entry: entry[:2])
    pairs = sorted(zip(positions, labels, strict=True))
    return Order(
        family,
        tuple(label for _, label in pairs),
        tuple(position for position, _ in pairs),
        two_sided and any(a < 0 < b or a <= 0 <= b for a, b in pairwise(sorted(positions))),
        family in words.lopsided,
    )


@lru_cache(maxsize=1)
def _reasons() -> dict[Phrase, str]:
    from trustsurvey.instruments import missing_words

    return {_tokens(word): reason for reason, listed in missing_words().items() for word in listed}


@lru_cache(maxsize=16384)
def reason_word(label: str, codebook: bool = False) -> str:
    """Why a label is no answer: "dont_know", "refused", "not_applicable", "blank"; "" for an answer.

    What stands in brackets or behind a stroke may be left aside ("Don't know [do not read]"). A
    label of a ``codebook`` may also go on after the words ("Refused to say how old").
    """
    key = fold(label)
    reasons = _reasons()
    tokens = _tokens(key)
    if tokens in reasons:
        return reasons[tokens]
    bare = re.sub(r"\s*[\[(].*$", "", key)
    first = re.split(r"\s*/\s*|\s+[-\u2013]\s+|\s*[,;]\s+", bare)[0]
    for part in (bare, first, unled(key)):
        if _tokens(part) in reasons:
            return reasons[_tokens(part)]
    if codebook:
        for cut in range(len(tokens) - 1, 1, -1):
            if tokens[:cut] in reasons:
                return reasons[tokens[:cut]]
        if tokens and tokens[0] in ("refused", "refusal", "dk"):
            return reasons.get(tokens[:1], "")
    return ""


def more_missing_words() -> dict[str, list[str]]:
    """The words for no answer that stand in ``words.yaml``, by reason."""
    return _data()["missing"]


@lru_cache(maxsize=1)
def mode_words() -> dict[str, frozenset[str]]:
    """Words for each interview mode."""
    return {mode: frozenset(fold(word) for word in words) for mode, words in _data()["modes"].items()}


@lru_cache(maxsize=1)
def place_words() -> tuple[dict[str, str], frozenset[str], dict[str, str]]:
    """Words of place names: short forms to long ones, those that say what a place is, numbers in words."""
    told = _data()["places"]
    numbers = {word: str(k) for k, word in enumerate(told["numbers"], 1)}
    return dict(told["short"]), frozenset(told["kinds"]), numbers


@lru_cache(maxsize=4096)
def suspected_reason(value: str) -> str:
    """The reason that agencies often mean by a number or letter ("99", "R"); "" for any other."""
    key = fold(value)
    for reason, listed in _data()["suspected"].items():
        if key in {fold(word) for word in listed}:
            return reason
    return ""
