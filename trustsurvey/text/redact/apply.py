"""Texts with everything taken out that was found, and the same put right by hand."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from typing import Any

import re2

from trustsurvey.text.redact.names import given_names
from trustsurvey.text.redact.patterns import by_form
from trustsurvey.text.redact.people import people_in

#: Nothing but a name in small letters can be found in a text without one of these.
TELLING = re2.compile(r"[\p{Lu}\pN@]|://|www\.|(?i:\b(?:officer|sgt|sergeant|det|detective|mrs?|ms|miss)\b)")


#: Texts between two reports of progress.
TOGETHER = 200


@dataclass(frozen=True)
class Replacement:
    """What was taken out: where it began and ended in the text as written, its kind, and what stands there now."""

    start: int
    end: int
    kind: str
    label: str


@dataclass(frozen=True)
class Redacted:
    """A text without what tells who somebody is, and what was replaced in it, in order."""

    text: str
    replacements: tuple[Replacement, ...]


def redact(text: str, keep: Collection[str] = (), always: Collection[str] = ()) -> Redacted:
    """Take names and numbers out of a text that tell who somebody is.

    The same person has the same label within a text, "[person 1]"; what else is taken out is called by its kind,
    "[phone]". ``keep``: names of places, which are nobody's. ``always``: words that go wherever they stand, such as
    the names of a department's officers. A machine finds most, never all: what it leaves is for people to find.
    """
    return redact_all([text], keep, always)[0]


def redact_all(
    texts: Sequence[str],
    keep: Collection[str] = (),
    always: Collection[str] = (),
    progress: Callable[[float], Any] | None = None,
) -> list[Redacted]:
    """:func:`redact` of many texts; ``progress`` is called with numbers from 0 to 1."""
    places = frozenset(part for name in keep for part in (name.lower(), *name.lower().split()))
    stated = _any_of(always)
    made: list[Redacted] = []
    for start in range(0, len(texts), TOGETHER):
        made += [_one(text, places, stated) for text in texts[start : start + TOGETHER]]
        if progress is not None:
            progress(len(made) / len(texts))
    return made


def rebuilt(original: str, replacements: Sequence[Replacement]) -> Redacted:
    """A text as written with these places replaced; of two that overlap the earlier one counts."""
    parts: list[str] = []
    kept: list[Replacement] = []
    at = 0
    for one in sorted(replacements, key=lambda r: (r.start, -r.end)):
        if one.start >= at and one.end > one.start:
            parts += [original[at : one.start], one.label]
            kept.append(one)
            at = one.end
    return Redacted("".join([*parts, original[at:]]), tuple(kept))


def _one(text: str, keep: frozenset[str], stated: object) -> Redacted:
    found = [] if stated is None else [(*m.span(1), "other", "[name]") for m in stated.finditer(text)]  # type: ignore[attr-defined]
    if TELLING.search(text) or not given_names().isdisjoint(text.split()):
        found += [(a, b, kind, f"[{kind}]") for a, b, kind in by_form(text)]
        found += [(a, b, "person", f"[person {number}]") for a, b, number in people_in(text, keep)]
    if not found:
        return Redacted(text, ())
    # What is longer goes first: an address holds the name of its street.
    chosen: list[Replacement] = []
    for start, end, kind, label in sorted(found, key=lambda one: (one[0] - one[1], one[0])):
        if not any(start < one.end and one.start < end for one in chosen):
            chosen.append(Replacement(start, end, kind, label))
    return rebuilt(text, chosen)


def _any_of(words: Collection[str]) -> object:
    told = sorted({word.strip() for word in words if word.strip()}, key=len, reverse=True)
    if not told:
        return None
    listed = "|".join(re2.escape(word) for word in told)
    return re2.compile(rf"(?i)(?:^|[^\pL\pN])({listed})(?:$|[^\pL\pN])")
