"""What a file's own codebook says of a column: labels of values, and values that are no answer."""

from __future__ import annotations

import re
from collections.abc import Mapping as MappingType
from dataclasses import dataclass, field

from trustsurvey.instruments.words import reason_word
from trustsurvey.model import ColumnMap
from trustsurvey.readers.raw import Column
from trustsurvey.wording import fold


def number_of(text: str) -> float | None:
    """The number a cell holds, None if it holds something else."""
    try:
        return float(text) if re.fullmatch(r"[-+]?\d+(\.\d*)?|\.\d+", text) else None
    except ValueError:
        return None


@dataclass(frozen=True)
class Codebook:
    """Labels by value and values that stand for no answer; keys folded, and numbers as plain numbers.

    >>> Codebook.of(ColumnMap("q", "item", labels=(("8", "Refused"),))).label("8.0")
    'Refused'
    """

    labels: MappingType[str, str] = field(default_factory=dict)
    missing: frozenset[str] = frozenset()

    @classmethod
    def of(cls, entry: ColumnMap, file: Column | None = None) -> Codebook:
        """The labels that the mapping states, else those of the file; the file's missing values."""
        labels = entry.labels or (file.labels if file is not None else ())
        missing = file.missing if file is not None else ()
        told = {key(value): label.strip() for value, label in labels}
        # "3" labelled "3" says no more than the number.
        return cls(
            {value: label for value, label in told.items() if label and key(label) != value},
            frozenset(key(value) for value in missing),
        )

    def label(self, value: str) -> str:
        """What a value is called, "" where nothing calls it anything."""
        return self.labels.get(key(value), "") if self.labels else ""

    def is_missing(self, value: str) -> bool:
        """Whether the file declares a value to be no answer."""
        return bool(self.missing) and key(value) in self.missing

    @property
    def answers(self) -> dict[str, str]:
        """Labels that are answers, by value, in the order of the codebook."""
        return {
            value: label
            for value, label in self.labels.items()
            if value not in self.missing and not reason_word(label, codebook=True)
        }


def key(value: str) -> str:
    """How a value is looked up: folded, and a number however it is written."""
    folded = fold(value)
    number = number_of(folded)
    return folded if number is None else f"{number:g}"


EMPTY = Codebook()
