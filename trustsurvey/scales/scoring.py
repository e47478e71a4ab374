"""Answers -> scores from 0 to 100: items, dimensions, indices."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pandas as pd

from trustsurvey.errors import SurveyError, some
from trustsurvey.model import REASONS, Floats, Index, Item, Wave


def score_item(item: Item, answers: Floats) -> Floats:
    """Percent of maximum possible (Cohen et al. 1999): 100 (x - low) / (high - low), reversed if need be."""
    scale = item.scale
    share = (np.asarray(answers, dtype=float) - scale.low) / (scale.high - scale.low)
    return 100 * (1 - share if item.reverse else share)


def score(wave: Wave) -> Wave:
    """Set ``wave.scores``: every rated item and every index whose parts were asked, on 0-100.

    An index is the mean of the parts a resident has, NaN with fewer than ``at_least`` of them.
    Indices whose asked parts cannot reach ``at_least`` are left out.
    """
    columns: dict[str, Floats] = {
        item: score_item(wave.instrument.item(item), wave.answers[item].to_numpy()) for item in wave.items
    }
    _add_indices(wave, columns)
    return replace(wave, scores=pd.DataFrame(columns, index=wave.people.index))


def _add_indices(wave: Wave, columns: dict[str, Floats]) -> None:
    for index in _in_order(wave):
        parts = [part for part in index.parts if part in columns]
        if len(parts) >= index.at_least:
            columns[index.key] = _mean_of(np.column_stack([columns[part] for part in parts]), index.at_least)


def _in_order(wave: Wave) -> list[Index]:
    """Indices after the indices they are made of."""
    ordered: list[Index] = []

    def place(index: Index) -> None:
        for part in index.parts:
            if not wave.instrument.has_item(part):
                place(wave.instrument.index(part))
        if index not in ordered:
            ordered.append(index)

    for index in wave.instrument.indices:
        place(index)
    return ordered


def _mean_of(parts: Floats, at_least: int) -> Floats:
    present = np.isfinite(parts)
    count = present.sum(axis=1)
    total = np.where(present, parts, 0.0).sum(axis=1)
    return np.where(count >= at_least, total / np.maximum(count, 1), np.nan)


def positive(wave: Wave, measures: Sequence[str] | None = None) -> pd.DataFrame:
    """1 where an item was answered in the two boxes that speak for the police, 0 elsewhere, NaN unanswered.

    For a reverse-worded item those are the mirrored boxes: disagreement counts as positive. ``measures``
    are items or indices, all items by default. An index has the share of its parts answered
    positively, by the same rule on missing parts as its score, so that its estimate is the percent
    positive of the composite (the mean of its items' percent positive where all answered).

    SurveyError ``score.measure`` for a name that is neither an item asked nor an index that can be made.
    """
    columns: dict[str, Floats] = {}
    for name in wave.items:
        item = wave.instrument.item(name)
        answers = wave.answers[name].to_numpy(float)
        if item.reverse:
            answers = item.scale.low + item.scale.high - answers
        # Answers carried over from another scale count with the box that is nearest.
        columns[name] = np.where(np.isfinite(answers), np.isin(np.rint(answers), item.scale.positive), np.nan)
    if measures is None:
        return pd.DataFrame(columns, index=wave.people.index)
    _add_indices(wave, columns)
    absent = [name for name in measures if name not in columns]
    if absent:
        raise SurveyError(
            "score.measure", f"The wave has no item or index {some(absent)}", where=wave.name,
            expected=some(columns, 12),
        )  # fmt: skip
    return pd.DataFrame({name: columns[name] for name in measures}, index=wave.people.index)


def dont_know(wave: Wave) -> pd.DataFrame:
    """1 where a resident said "don't know", 0 where one answered, NaN where the item was left blank."""
    columns = {}
    for name in wave.items:
        why = wave.missing[name].to_numpy()
        said = why == REASONS.index("don't know")
        columns[name] = np.where(said, 1.0, np.where(why == 0, 0.0, np.nan))
    return pd.DataFrame(columns, index=wave.people.index)
