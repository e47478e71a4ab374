"""What kind of answers a column holds: a scale and its range, yes and no, a choice, numbers, dates, words."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from trustsurvey.harmonise.choices import options_of
from trustsurvey.harmonise.codebook import Codebook, number_of
from trustsurvey.harmonise.scale_check import USUAL, closed
from trustsurvey.harmonise.timing import parse_times
from trustsurvey.harmonise.values import ANSWERED, label_order, reason_of
from trustsurvey.instruments.words import order, places, suspected_reason, unled
from trustsurvey.model import ColumnMap
from trustsurvey.readers.raw import Column, Values
from trustsurvey.wording import fold

Kind = Literal["scale", "yes/no", "choice", "multiple", "number", "date", "text", "empty"]
#: Answers that a choice may have, and how often each is given at least on average.
MOST_OPTIONS, OFTEN = 25, 4
#: A range in a heading: "1 to 5", "0-10", "del 1 al 5", "von 1 bis 7".
SPAN = r"(?<![\d.])(\d{1,2})\s*(?:to|-|\u2013|al|a|\u00e0|bis|tot|e)\s*(\d{1,3})(?![\d.]*\d)"
#: Values so rare (share of the answers) do not tell the kind: slips, and words beside numbers.
RARE = 0.01
#: Seldom, yet more than a slip: so many times, and such a share of the answers.
SELDOM = (3, 0.002)


@dataclass(frozen=True)
class Inferred:
    """The kind of a column's answers.

    ``anchors``: for a scale or yes and no, codes and labels from the low end to the high, those without
    a label being left out; ``low`` and ``high`` its ends. ``options``: what may be chosen, in reading order.
    ``falling``: the file's codes fall where its labels rise. ``separator``: what stands between several answers.
    """

    kind: Kind
    low: float = 0.0
    high: float = 0.0
    anchors: tuple[tuple[float, str], ...] = ()
    options: tuple[str, ...] = ()
    falling: bool = False
    separator: str = ""

    @property
    def rated(self) -> bool:
        """Whether the answers have an order that can be scored."""
        return self.kind in ("scale", "yes/no")


def infer(column: Column, values: Values, separators: Sequence[str] | None = None) -> Inferred:
    """The kind of a column, from its codebook, its numbers and its words; answers that are none are left aside."""
    book = Codebook.of(ColumnMap(column.name, "group"), column)
    counts = values.counts()
    said = [
        (value, int(n))
        for value, n in zip(values.distinct, counts, strict=True)
        if n and reason_of(value, ColumnMap(column.name, "group"), book) == ANSWERED
    ]
    total = sum(n for _, n in said)
    if not total:
        return Inferred("empty")
    if column.option and len({fold(value) for value, _ in said}) <= 2:
        return Inferred("multiple", options=(column.option,))
    if book.answers:
        return _labelled(book)
    usual = [value for value, n in said if n >= RARE * total] or [value for value, _ in said]
    usual += _next_to(usual, [value for value, n in said if SELDOM[0] <= n < RARE * total and n >= SELDOM[1] * total])
    numbers = [number for value in usual if (number := number_of(fold(value))) is not None]
    if len(numbers) >= 0.9 * len(usual):
        return _stated(column, numbers) or _numbers(numbers)
    return _dates(usual) or _words(said, usual, values, separators)


def _next_to(usual: Sequence[str], seldom: Sequence[str]) -> list[str]:
    """Whole numbers given seldom that stand beside the usual ones, as an end of a scale may."""
    numbers = [number for value in usual if (number := number_of(fold(value))) is not None]
    if not numbers:
        return []
    ends = {min(numbers) - 1, max(numbers) + 1}
    return [value for value in seldom if number_of(fold(value)) in ends and not suspected_reason(value)]


def _labelled(book: Codebook) -> Inferred:
    """By the labels of the codebook: a scale where they are in an order, or where only its ends are labelled."""
    answers = book.answers
    labels = list(answers.values())
    numbers = [number_of(value) for value in answers]
    found = order(labels)
    if found is not None and len(labels) == 2 and "yesno" in places(labels[0]):
        return Inferred("yes/no", 0, 1, tuple((float(k), label) for k, label in enumerate(found.labels)))
    coded = [number for number in numbers if number is not None]
    whole = len(coded) == len(labels) and all(number.is_integer() for number in coded)
    if found is not None and whole:
        by_label = dict(zip(labels, coded, strict=True))
        low, high = min(coded), max(coded)
        falling = by_label[found.labels[0]] > by_label[found.labels[-1]]
        filled = high - low + 1 == len(labels) or len(labels) <= 3
        if filled:
            anchors = tuple(
                (low + high - by_label[label] if falling else by_label[label], label) for label in found.labels
            )
            return Inferred("scale", low, high, anchors, falling=falling)
    if found is not None:
        return Inferred("scale", 1, len(labels), tuple((k + 1.0, label) for k, label in enumerate(found.labels)))
    if whole and len(labels) == 2 and max(coded) - min(coded) > 1:
        # Labelled ends of a scale in words that nobody knows: the file's own order is all there is.
        anchors = tuple(sorted(zip(coded, labels, strict=True)))
        return Inferred("scale", min(coded), max(coded), anchors)
    return Inferred("choice", options=tuple(dict.fromkeys(labels)))


def _stated(column: Column, numbers: Sequence[float]) -> Inferred | None:
    """The scale that the heading states ("from 1 to 5"), where the numbers lie on it."""
    for found in re.finditer(SPAN, column.text):
        low, high = float(found.group(1)), float(found.group(2))
        inside = [number for number in _without_apart(sorted(set(numbers))) if low <= number <= high]
        if low < high <= 100 and high - low <= 10 and len(inside) >= 0.9 * len(set(numbers)):
            return Inferred("scale", low, high)
    return None


def _numbers(numbers: Sequence[float]) -> Inferred:
    """A scale where whole numbers fill a usual one; yes and no for 0 and 1; else numbers."""
    own = _without_apart(sorted(set(numbers)))
    whole = [number for number in own if number.is_integer()]
    if whole == [0, 1]:
        return Inferred("yes/no", 0, 1, ((0.0, "No"), (1.0, "Yes")))
    if len(whole) < 3 or len(own) - len(whole) > len(whole):
        return Inferred("choice" if whole and len(whole) == len(own) == 2 else "number",
                        options=tuple(f"{number:g}" for number in own) if len(own) == 2 else ())  # fmt: skip
    low, high = min(whole), max(whole)
    for a, b in sorted(USUAL, key=lambda span: span[1] - span[0]):
        near = abs(a - low) + abs(b - high) <= max(1, (b - a) // 5)
        if a <= low and high <= b <= 10 and near and len(whole) >= 0.7 * (b - a + 1):
            return Inferred("scale", float(a), float(b))
    return Inferred("number")


def _without_apart(numbers: Sequence[float]) -> list[float]:
    """Numbers without those that agencies use for no answer and that stand apart from the others."""
    suspected = {number for number in numbers if suspected_reason(f"{number:g}")}
    others = [number for number in numbers if number not in suspected]
    if not others:
        return list(numbers)
    low, high = min(others), max(others)
    while high + 1 in suspected:
        high += 1
    while low - 1 in suspected and low > 0:
        low -= 1
    return [number for number in numbers if number not in suspected or low <= number <= high]


def _dates(usual: Sequence[str]) -> Inferred | None:
    sample = list(usual[:200])
    like = sum(any(sign in value for sign in "-/.: ") and any(c.isdigit() for c in value) for value in sample)
    if like < 0.8 * len(sample):
        return None
    return Inferred("date") if (~np.isnat(parse_times(sample, None))).mean() >= 0.8 else None


def _words(
    said: Sequence[tuple[str, int]], usual: Sequence[str], values: Values, separators: Sequence[str] | None
) -> Inferred:
    spellings: dict[str, str] = {}
    for value, _ in sorted(said, key=lambda pair: -pair[1]):
        if value in usual:
            spellings.setdefault(unled(value), value)
    labels = list(spellings.values())
    codes = [_led(label) for label in labels]
    ends = [(code, unled(label)) for code, label in zip(codes, labels, strict=True) if code is not None]
    if len(ends) == len(labels) > 2 and any(label != f"{code:g}" for code, label in ends):
        named = tuple(sorted((code, label) for code, label in ends if number_of(label) is None))
        return Inferred("scale", min(code for code, _ in ends), max(code for code, _ in ends), named)
    found = order(labels)
    if found is not None:
        rare = [value for value, _ in said if unled(value) not in spellings and found.family in places(value)]
        found = order([*labels, *dict.fromkeys(rare)]) or found
    if found is not None and "yesno" in places(labels[0]) and len(labels) == 2:
        return Inferred("yes/no", 0, 1, tuple((float(k), label) for k, label in enumerate(found.labels)))
    if found is not None:
        points = closed(found)
        anchors = tuple((k + 1.0, label) for k, label in enumerate(points) if label)
        return Inferred("scale", 1, len(points), anchors)
    options, sign = options_of(values, separators)
    if options:
        return Inferred("multiple", options=options, separator=sign)
    total = sum(n for _, n in said)
    if len(labels) <= MOST_OPTIONS and total >= OFTEN * len(said):
        return Inferred("choice", options=tuple(label_order(labels)))
    return Inferred("text")


def _led(label: str) -> float | None:
    """The code of "1 (None at all)" or of "4"; None for a label without one."""
    number = number_of(fold(label))
    if number is not None:
        return number
    head = label.strip("[( ").split(" ")[0].rstrip(".:)-=]")
    return number_of(head) if unled(label) != fold(label) else None
