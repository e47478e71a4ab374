"""What needs a decision before a file can be saved, and what a decision makes of the mapping."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from trustsurvey.errors import SurveyError
from trustsurvey.language import N_, _
from trustsurvey.model import Mapping
from trustsurvey.readers.raw import Values

#: Entries of a column that a decision adds to instead of replacing them.
GROWING = ("values", "dont_know", "refused", "not_applicable", "leave_out", "options", "confirmed")
#: The whole column was looked at and found right.
AS_IT_IS = N_("Leave it as it is")


@dataclass(frozen=True)
class Choice:
    """One decision about a column: what it says, and what its entry in the mapping then holds.

    ``changes``: (entry of ``ColumnMap`` or of ``Mapping``, value); lists grow, the rest is replaced. ``text`` is what
    the choice goes by, in the language of the code; ``shown``: how its reader is told, where that was put together.
    """

    text: str
    changes: tuple[tuple[str, Any], ...]
    shown: str = field(default="", compare=False)

    @property
    def told(self) -> str:
        """What the choice says, to be read."""
        return self.shown or _(self.text)

    def apply(self, mapping: Mapping, name: str) -> Mapping:
        """The mapping after this decision about the column ``name``."""
        column = next(column for column in mapping.columns if column.column == name)
        for key, value in self.changes:
            if not hasattr(column, key):
                mapping = replace(mapping, **{key: value})
            elif key in GROWING:
                held = getattr(column, key)
                changed: dict[str, Any] = {key: (*held, *(entry for entry in value if entry not in held))}
                column = replace(column, **changed)
            else:
                column = replace(column, **{key: value})
        return mapping.with_column(column)


@dataclass(frozen=True)
class Problem:
    """A value, or a whole column, that needs a decision before the file can be saved.

    ``rows``: the first rows it stands in; ``label``: what the file's codebook calls the value; ``suggestion``: what it
    may have meant: an area, the name of a list of the mapping ("dont_know"), or the text of one of the ``choices``.
    ``question``: what is asked where it is more than one value; ``choices`` are then all that may be answered.
    ``about``, ``expected`` and ``question`` are in the language that is spoken; ``scale`` tells the questions of one
    scale from those of another in any.
    """

    code: str
    column: str
    about: str
    value: str
    count: int
    rows: tuple[int, ...]
    expected: str
    hint: str
    suggestion: str = ""
    label: str = ""
    question: str = ""
    choices: tuple[Choice, ...] = ()
    scale: str = ""

    def error(self, source: str, others: int = 0) -> SurveyError:
        """The refusal that this problem becomes when nobody decides."""
        more = f" {others:,} more values need a decision." if others else ""
        row = f", row {self.rows[0]:,}" if self.rows else ""
        return SurveyError(
            self.code, self._title(), where=f"{source}{row}, column '{self.column}'",
            expected="" if self.code == "map.outside" else self.expected, hint=self.hint + more,
        )  # fmt: skip

    def _title(self) -> str:
        if self.question:
            return f"{self.about}: {self.question}".rstrip(".?")
        value = self.value if len(self.value) <= 80 else self.value[:79] + "\u2026"
        value = f"'{value}' (\u201c{self.label}\u201d)" if self.label else f"'{value}'"
        if self.code == "map.unclear":
            return f"{self.about}: the answer {value} is not understood"
        if self.code == "map.outside":
            return f"{self.about}: the answer {value} is outside {self.expected}"
        return f"{self.about} has the unknown area {value}"


def decide(mapping: Mapping, problem: Problem, text: str) -> Mapping:
    """The mapping after one of a problem's choices; ``KeyError`` for a text that is none of them."""
    return {choice.text: choice for choice in problem.choices}[text].apply(mapping, problem.column)


def accept(mapping: Mapping, problems: Iterable[Problem]) -> Mapping:
    """The mapping with everything that problems suggest taken as it is suggested; the others stay."""
    for problem in problems:
        if not problem.suggestion:
            continue
        if problem.choices:
            mapping = decide(mapping, problem, problem.suggestion)
        elif problem.suggestion in GROWING:
            mapping = Choice("", ((problem.suggestion, (problem.value,)),)).apply(mapping, problem.column)
        else:
            mapping = Choice("", (("values", ((problem.value, problem.suggestion),)),)).apply(mapping, problem.column)
    return mapping


def first_rows(values: Values, positions: int | Iterable[int], rows: np.ndarray, limit: int = 5) -> tuple[int, ...]:
    """The first file rows that hold a distinct value, or one of several."""
    if isinstance(positions, int):
        return tuple(int(row) for row in rows[values.where(positions)[:limit]])
    return tuple(int(row) for row in rows[np.flatnonzero(np.isin(values.codes, list(positions)))[:limit]])


def short(text: str, limit: int = 70) -> str:
    """A text cut to what a sentence can hold."""
    return text if len(text) <= limit else text[: limit - 1].rstrip() + "\u2026"
