"""What weights do: how uneven they are, who carries most, which categories are raised."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from trustsurvey.errors import SurveyError, some
from trustsurvey.model import Floats, Wave
from trustsurvey.weighting.categories import CROSS


def kish(weights: Floats) -> tuple[float, float]:
    """Design effect of unequal weights and the effective n that it leaves (Kish 1965).

    >>> kish(np.array([1.0, 1.0, 1.0, 1.0]))
    (1.0, 4.0)
    """
    effective = float(weights.sum() ** 2 / (weights**2).sum())
    return len(weights) / effective, effective


def diagnostics(wave: Wave) -> dict[str, float]:
    """Kish design effect and effective n, range of the weights relative to their mean."""
    weights = wave.weights
    deff, effective = kish(weights)
    mean = weights.mean()
    at_bounds = 0.0 if wave.weighting is None else float(wave.weighting.settings.get("at_bounds", 0.0))
    return {
        "n": float(len(weights)),
        "deff": deff,
        "n_eff": effective,
        "lowest": float(weights.min() / mean),
        "highest": float(weights.max() / mean),
        "top_share": float(np.sort(weights)[-max(1, len(weights) // 100) :].sum() / weights.sum()),
        "at_bounds": at_bounds,
    }


def largest_weights(wave: Wave, k: int = 10, variables: Sequence[str] | None = None) -> pd.DataFrame:
    """The k residents who carry most, with the categories that made their weights large.

    Columns: respondent (pseudonym, or the row), weight, relative (to the mean), base (before, relative to
    its mean), share (of all weights), then ``variables``: those of the margins unless named.
    These are single people: for those who may see microdata.
    """
    weights = wave.weights
    order = np.argsort(-weights, kind="stable")[:k]
    who = wave.people["respondent"].to_numpy() if "respondent" in wave.people else np.arange(len(wave))
    base = wave.design.weights
    table = pd.DataFrame(
        {
            "respondent": who[order],
            "weight": weights[order],
            "relative": weights[order] / weights.mean(),
            "base": base[order] / base.mean(),
            "share": weights[order] / weights.sum(),
        }
    )
    for name in _columns(wave, variables):
        table[name] = wave.people[name].astype(object).to_numpy()[order]
    return table


def category_weights(wave: Wave, variables: Sequence[str] | None = None) -> pd.DataFrame:
    """What the weights do to each category: columns variable, category, n, mean (relative weight), highest, deff.

    ``mean`` is the category's mean weight over the mean of all: 2 says that its residents stand for
    twice as many as they are in the sample. ``deff`` is Kish's within the category.
    """
    relative = wave.weights / wave.weights.mean()
    parts = []
    for name in _columns(wave, variables):
        column = wave.people[name].astype("category").cat
        codes = column.codes.to_numpy().astype(np.int64)
        known, size = codes >= 0, len(column.categories)
        n = np.bincount(codes[known], minlength=size)
        total = np.bincount(codes[known], relative[known], size)
        squares = np.bincount(codes[known], relative[known] ** 2, size)
        highest = np.full(size, np.nan)
        np.fmax.at(highest, codes[known], relative[known])
        with np.errstate(invalid="ignore", divide="ignore"):
            parts.append(
                pd.DataFrame(
                    {
                        "variable": name,
                        "category": column.categories.astype(str),
                        "n": n,
                        "mean": total / n,
                        "highest": highest,
                        "deff": n * squares / total**2,
                    }
                )
            )
    columns = ["variable", "category", "n", "mean", "highest", "deff"]
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=columns)


def _columns(wave: Wave, variables: Sequence[str] | None) -> list[str]:
    """The named columns, or those that the margins rest on."""
    if variables is None:
        names = () if wave.weighting is None else wave.weighting.margins.variables
        split = [part for name in names for part in ([name] if name in wave.people else name.split(CROSS))]
        return [name for name in dict.fromkeys(split) if name in wave.people]
    absent = [name for name in variables if name not in wave.people]
    if absent:
        raise SurveyError("weights.variable", f"The wave has no column {some(absent)}", where=wave.name,
                          expected=some([*wave.areas, *wave.groups], 8))  # fmt: skip
    return list(variables)
