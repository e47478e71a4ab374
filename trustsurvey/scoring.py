"""Answers -> scores from 0 to 100: items, dimensions, indices."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd

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
    for index in _in_order(wave):
        parts = [part for part in index.parts if part in columns]
        if len(parts) >= index.at_least:
            columns[index.key] = _mean_of(np.column_stack([columns[part] for part in parts]), index.at_least)
    return replace(wave, scores=pd.DataFrame(columns, index=wave.people.index))


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


def positive(wave: Wave) -> pd.DataFrame:
    """1 where an item was answered in the two boxes that speak for the police, 0 elsewhere, NaN unanswered.

    For a reverse-worded item those are the mirrored boxes: disagreement counts as positive.
    """
    columns = {}
    for name in wave.items:
        item = wave.instrument.item(name)
        answers = wave.answers[name].to_numpy(float)
        if item.reverse:
            answers = item.scale.low + item.scale.high - answers
        columns[name] = np.where(np.isfinite(answers), np.isin(answers, item.scale.positive), np.nan)
    return pd.DataFrame(columns, index=wave.people.index)


def dont_know(wave: Wave) -> pd.DataFrame:
    """1 where a resident said "don't know", 0 where one answered, NaN where the item was left blank."""
    columns = {}
    for name in wave.items:
        why = wave.missing[name].to_numpy()
        said = why == REASONS.index("don't know")
        columns[name] = np.where(said, 1.0, np.where(why == 0, 0.0, np.nan))
    return pd.DataFrame(columns, index=wave.people.index)


def alpha(wave: Wave, measure: str) -> float:
    """Cronbach's (1951) alpha of a measure's items in a wave, weighted, complete answers only.

    NaN for fewer than two items or where nothing varies; Spearman-Brown for two (Eisinga et al. 2013).
    """
    frame = _item_scores(wave, measure)
    k = frame.shape[1]
    if k < 2 or len(frame) < 3:
        return float("nan")
    covariance = np.cov(frame.to_numpy().T, aweights=wave.weights[frame.index])
    if k == 2:
        spread = np.sqrt(covariance[0, 0] * covariance[1, 1])
        r = covariance[0, 1] / spread if spread > 0 else np.nan
        return float(2 * r / (1 + r)) if np.isfinite(r) and r > -1 else float("nan")
    total = covariance.sum()
    return float(k / (k - 1) * (1 - np.trace(covariance) / total)) if total > 0 else float("nan")


def item_rest(wave: Wave, measure: str) -> dict[str, float]:
    """Weighted correlation of each item of a measure with the mean of its other items."""
    frame = _item_scores(wave, measure)
    if frame.shape[1] < 2 or len(frame) < 3:
        return {}
    weights = wave.weights[frame.index]
    result = {}
    for item in frame.columns:
        rest = frame.drop(columns=item).mean(axis=1)
        covariance = np.cov(frame[item].to_numpy(), rest.to_numpy(), aweights=weights)
        spread = np.sqrt(covariance[0, 0] * covariance[1, 1])
        result[str(item)] = float(covariance[0, 1] / spread) if spread > 0 else float("nan")
    return result


def _item_scores(wave: Wave, measure: str) -> pd.DataFrame:
    if wave.scores is None:
        wave = score(wave)
    assert wave.scores is not None
    items = [item for item in wave.instrument.items_of(measure) if item in wave.scores]
    return wave.scores[items].reset_index(drop=True).dropna()
