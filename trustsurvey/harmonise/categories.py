"""Labels of distinct values as categories over the rows."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from trustsurvey.harmonise.codebook import number_of
from trustsurvey.harmonise.values import label_order
from trustsurvey.readers.raw import Values
from trustsurvey.wording import fold


def in_range(text: str) -> tuple[float, float] | None:
    """The numbers that a label such as "18-24", "65+", "under 18" or "65 and over" stands for; None for another.

    >>> in_range("18-24"), in_range("65 and over"), in_range("Female")
    ((18.0, 24.0), (65.0, inf), None)
    """
    key = fold(text)
    if found := re.fullmatch(r"(\d+)\s*(?:-|\u2013|to)\s*(\d+)(?: years)?", key):
        return float(found.group(1)), float(found.group(2))
    if found := re.fullmatch(r"(\d+)\s*(?:\+|(?:years )?(?:and|or) (?:over|older|more)|plus)", key):
        return float(found.group(1)), float("inf")
    if found := re.fullmatch(r"(?:under|below|less than|<)\s*(\d+)", key):
        return float("-inf"), float(found.group(1)) - 1
    return None


def banded(value: str, recodes: Mapping[str, str]) -> str:
    """What a number is called by recodes of ranges ("18-24"), "" where it lies in none."""
    number = number_of(fold(value))
    if number is None:
        return ""
    for key, label in recodes.items():
        span = in_range(key)
        if span is not None and span[0] <= np.floor(number) <= span[1]:
            return label
    return ""


def spelled(labels: list[str | None], values: Values, stated: Sequence[str] = ()) -> list[str | None]:
    """Labels in one spelling each: as stated, else as most people are written ("male" beside "Male")."""
    spelling = {fold(label): label for label in reversed(stated)}
    for position in np.argsort(-values.counts(), kind="stable").tolist():
        label = labels[position]
        if label is not None:
            spelling.setdefault(fold(label), label)
    return [None if label is None else spelling[fold(label)] for label in labels]


def categorical(values: Values, labels: list[str | None], order: Sequence[str] | None) -> pd.Categorical:
    """Labels of distinct values as a categorical over the rows; only labels in ``order`` where given."""
    categories = list(dict.fromkeys(order)) if order is not None else label_order({x for x in labels if x is not None})
    position = {label: k for k, label in enumerate(categories)}
    per_value = np.array([position.get(x, -1) if x is not None else -1 for x in labels] + [-1])
    return pd.Categorical.from_codes(per_value[values.codes], categories)
