"""From an answer to a code of a question's scale, by its label, its words or its number."""

from __future__ import annotations

import re
from collections.abc import Mapping as MappingType
from dataclasses import dataclass, field
from functools import lru_cache

import numpy as np

from trustsurvey.harmonise.codebook import Codebook, key, number_of
from trustsurvey.instruments.words import places, unled
from trustsurvey.model import ColumnMap, Scale
from trustsurvey.wording import fold

NAN = float("nan")


@dataclass(frozen=True)
class Ruler:
    """How the answers of one column are measured on a scale.

    ``points``: answers listed by the mapping, with their codes. ``span``: the numbers here that stand for
    the low and the high end of the scale, where the mapping says so. ``labelled``: numbers and codes of
    the answers that the codebook labels, in order, between which the others are read.
    """

    scale: Scale
    recodes: MappingType[str, str] = field(default_factory=dict)
    points: MappingType[str, float] = field(default_factory=dict)
    span: tuple[float, float] | None = None
    labelled: tuple[tuple[float, float], ...] = ()
    flip: bool = False

    @classmethod
    def of(cls, column: ColumnMap, scale: Scale, book: Codebook) -> Ruler:
        """The ruler that a mapping's entry and a codebook make."""
        span = numeric_span(column.scale)
        points = {}
        if column.scale and span is None:
            codes = np.linspace(scale.low, scale.high, len(column.scale))
            points = {key(answer): float(code) for answer, code in zip(column.scale, codes, strict=True) if answer}
        found = ((number_of(value), word_code(scale, label)) for value, label in book.answers.items())
        labelled = sorted((number, code) for number, code in found if number is not None and code == code)
        recodes = {fold(word): code for word, code in column.values}
        return cls(scale, recodes, points, span, tuple(labelled), column.flip)

    def code(self, value: str, label: str = "") -> float:
        """The code of an answer, NaN where it is none that the scale knows."""
        for said in (fold(value), fold(label)):
            if said and said in self.recodes:
                return self._recoded(fold(self.recodes[said]))
        if self.points:
            return next((self.points[said] for said in (key(value), key(label)) if said in self.points), NAN)
        if self.span is not None:
            return self._spanned(value)
        if label:
            return word_code(self.scale, label)
        number = number_of(fold(value))
        if number is None:
            return word_code(self.scale, value)
        return self._plain(number) if len(self.labelled) < 2 else self._between(number)

    def _recoded(self, meant: str) -> float:
        number = number_of(meant)
        if number is None:
            return word_code(self.scale, meant)
        if not self.scale.low <= number <= self.scale.high or not (2 * number).is_integer():
            return NAN
        return self._turned(number)

    def _plain(self, number: float) -> float:
        inside = self.scale.low <= number <= self.scale.high and number.is_integer()
        return self._turned(number) if inside else NAN

    def _turned(self, number: float) -> float:
        return self.scale.low + self.scale.high - number if self.flip else number

    def _spanned(self, value: str) -> float:
        assert self.span is not None
        number = number_of(fold(value))
        if number is None:
            led = re.match(r"^[\[(]?(-?\d+)\b", fold(value))
            number = float(led.group(1)) if led else NAN
        low, high = self.span
        if not min(low, high) <= number <= max(low, high) or not number.is_integer():
            return NAN
        return round(self.scale.low + (number - low) / (high - low) * (self.scale.high - self.scale.low), 9)

    def _between(self, number: float) -> float:
        """An unlabelled number between labelled ones, read in order (0 "Not at all", 1, 2 ... 10 "Completely")."""
        numbers, codes = zip(*self.labelled, strict=True)
        if not numbers[0] <= number <= numbers[-1] or not number.is_integer():
            return NAN
        return round(float(np.interp(number, numbers, codes)), 9)


def runs_backwards(book: Codebook, scale: Scale) -> bool:
    """Whether the numbers of a codebook rise where its labels fall."""
    pairs = [(number_of(value), word_code(scale, label)) for value, label in book.answers.items()]
    known = [(number, code) for number, code in pairs if number is not None and code == code]
    return len(known) > 1 and all(code == code for _, code in pairs) and min(known)[1] > max(known)[1]


def numeric_span(scale: tuple[str, ...]) -> tuple[float, float] | None:
    """The two ends of a scale stated as numbers, None where its answers are listed."""
    if len(scale) != 2:
        return None
    low, high = number_of(scale[0]), number_of(scale[1])
    return None if low is None or high is None or low == high else (low, high)


def labels_of(scale: Scale) -> dict[str, float]:
    """Folded words of a scale to its codes."""
    return {fold(label): code for code, label in (*scale.synonyms, *scale.anchors)}


@lru_cache(maxsize=512)
def _words(scale: Scale) -> tuple[dict[str, float], dict[str, list[tuple[float, float]]]]:
    """Words to codes, and for every family of words that all anchors belong to, their positions and codes."""
    told = [(code, places(label)) for code, label in scale.anchors]
    families = set.intersection(*(set(found) for _, found in told)) if len(told) > 1 else set()
    return labels_of(scale), {family: [(found[family], code) for code, found in told] for family in families}


@lru_cache(maxsize=16384)
def word_code(scale: Scale, label: str) -> float:
    """The code of a label: by the words of the scale, else by those that say the same; NaN for others.

    "Fully agree" is at the end of a scale whose end is "Strongly agree", "Somewhat agree" on the near side of
    the middle. On a scale of amounts or frequencies only words of the same step count.
    """
    exact, families = _words(scale)
    for said in (fold(label), unled(label)):
        if said in exact:
            return exact[said]
    found = places(label)
    for family, anchors in families.items():
        if family not in found:
            continue
        position = found[family]
        two_sided = min(at for at, _ in anchors) < 0
        alike = [(abs(at - position), abs(at), code) for at, code in anchors if np.sign(at) == np.sign(position)]
        alike = [entry for entry in alike if (two_sided and position) or entry[0] == 0]
        if alike:
            return min(alike)[2]
    return NAN
