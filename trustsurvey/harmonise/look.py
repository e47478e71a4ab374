"""A column laid beside the scale of its question, and what may be decided about it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from trustsurvey.harmonise.codebook import Codebook, number_of
from trustsurvey.harmonise.problems import AS_IT_IS, Choice, Problem, first_rows, short
from trustsurvey.harmonise.values import ANSWERED, UNCLEAR
from trustsurvey.instruments.words import order
from trustsurvey.language import N_, _
from trustsurvey.model import ColumnMap, Floats, Item, Scale
from trustsurvey.readers.raw import Values
from trustsurvey.wording import fold

CODE = "map.scale"


@dataclass(frozen=True)
class Look:
    """What is looked at: distinct values with counts, what was made of them, and where they stand."""

    values: Values
    counts: np.ndarray
    codes: Floats
    reasons: np.ndarray
    rows: np.ndarray
    entry: ColumnMap
    item: Item
    book: Codebook
    text: str

    @property
    def scale(self) -> Scale:
        """The question's own scale."""
        return self.item.scale

    @property
    def said(self) -> np.ndarray:
        """Positions of distinct values that occur and are answers, understood or not, and not recoded."""
        recoded = {fold(word) for word, _meant in self.entry.values}
        free = np.array([fold(value) not in recoded for value in self.values.distinct], dtype=bool)
        return np.flatnonzero((self.counts > 0) & free & np.isin(self.reasons, (ANSWERED, UNCLEAR)))

    def problem(
        self, question: str, value: str, positions: Sequence[int], choices: Sequence[Choice], code: str = CODE
    ) -> Problem:
        """A question about the whole column; the first choice is the likeliest."""
        low, high = self.scale.low, self.scale.high
        return Problem(
            code=code,
            column=self.entry.column,
            about=_("Question '{question}'").format(question=short(self.text)),
            value=value,
            count=int(self.counts[list(positions)].sum()),
            rows=first_rows(self.values, list(positions), self.rows),
            expected=f"{low:g} to {high:g}" + (f" ({self.scale.name})" if self.scale.anchors else ""),
            hint=f"Say which scale it is (such as 'scale: {value}'), or that it is right (confirmed: [{code}]).",
            suggestion=choices[0].text,
            question=question,
            choices=tuple(choices),
        )


def scale_choice(ends: tuple[str, str]) -> Choice:
    """The numbers here run from the low end of the question's scale to the high one so."""
    low, high = ends
    turned = (number_of(low) or 0) > (number_of(high) or 0)
    told = N_("The scale here is {low} to {high}, turned round") if turned else N_("The scale here is {low} to {high}")
    named = {"low": low, "high": high}
    return Choice(told.format(**named), (("scale", ends), ("flip", False)), _(told).format(**named))


def list_choice(words: tuple[str, ...]) -> Choice:
    """The answers here are these, from low to high."""
    named = [word for word in words if word]
    told = N_("{n} answers from \u201c{first}\u201d to \u201c{last}\u201d")
    ends = {"n": len(words), "first": named[0], "last": named[-1]}
    return Choice(told.format(**ends), (("scale", words),), _(told).format(**ends))


def order_choices(labels: Sequence[str]) -> list[Choice]:
    """The labels in the order that their words have; no choice where they have none."""
    found = order(labels)
    return [] if found is None else [list_choice(found.labels)]


def confirm_choice(text: str = AS_IT_IS, **named: str) -> Choice:
    """The scale is the question's own after all; ``text``: a message with places for what is ``named``."""
    return Choice(text.format(**named), (("confirmed", (CODE,)),), _(text).format(**named))


def chain(words: Iterable[str]) -> str:
    """Words one after another, each in quotation marks."""
    return ", ".join(f"\u201c{word}\u201d" for word in words)
