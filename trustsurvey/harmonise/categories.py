"""Labels of distinct values as categories over the rows."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from trustsurvey.harmonise.values import label_order
from trustsurvey.readers.raw import Values
from trustsurvey.wording import fold


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
