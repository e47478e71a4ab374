"""Which words set one area or group apart from the rest: log odds with a prior, so that rare words do not shout."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from scipy import stats

from trustsurvey.comparison.multiplicity import Adjustment, adjusted
from trustsurvey.errors import SurveyError
from trustsurvey.model import RULES, Floats
from trustsurvey.text.words import words_of

#: Words of everyone that are added to each side: how strongly rare words are drawn towards no difference.
PRIOR = 500.0


def distinguishing(
    texts: Sequence[str],
    groups: Sequence[object],
    weights: Floats | None = None,
    *,
    language: str = "english",
    prior: float = PRIOR,
    least: int = RULES.people,
    adjust: Adjustment = "bh",
) -> pd.DataFrame:
    """The words that those of each group use more, or less, often than everybody else.

    Parameters
    ----------
    texts, groups : one text a person and the group of each, missing for people of none, who are left out.
    weights : of the people; scaled to their effective number (Kish), so that weighting costs what it costs.
    least : a word is told only where as many people of the side that uses it more have used it.

    Returns
    -------
    One row a group and word, the farthest apart first: group, word, side ("more" or "less"), people (of the side
    that uses it more, at least as many, in full tens), log_odds (shrunk), se, z, p, p_adj (within the group).

    Log odds ratio with an informative Dirichlet prior, the words of all texts together, ``prior`` in number
    (Monroe, Colaresi & Quinn 2008, eqs. 16, 19-23). Each word counts once a person: who repeats it does not count
    for several. The normal z takes people and words to be independent.
    """
    of = np.array([None if pd.isna(group) or group == "" else group for group in groups], dtype=object)
    w = np.ones(len(of)) if weights is None else np.asarray(weights, dtype=float)
    if len(of) != len(texts) or w.shape != (len(texts),) or not (np.isfinite(w) & (w >= 0)).all():
        raise SurveyError("distinguish.sizes", "There is not one group and one weight for each text",
                          got=f"{len(of):,} groups, {len(w):,} weights", expected=f"{len(texts):,}")  # fmt: skip
    known = np.array([group is not None for group in of], dtype=bool)
    words = words_of([text for text, k in zip(texts, known, strict=True) if k], language, least)
    x, of, w = words.matrix, of[known], w[known]
    tables = []
    for group in dict.fromkeys(of):
        inside = of == group
        sides = [(mask, np.where(mask, w, 0.0)) for mask in (inside, ~inside)]
        counts = [scale * (side @ x) for _, side in sides if (scale := _kish(side)) > 0]
        if len(counts) < 2 or not len(words.names):
            continue
        everyone = counts[0] + counts[1]
        delta, se = log_odds(counts[0], counts[1], prior * everyone / everyone.sum())
        people = np.where(delta > 0, *(mask.astype(float) @ x for mask, _ in sides))
        z = delta / se
        told = pd.DataFrame(
            {"group": group, "word": words.names, "side": np.where(delta > 0, "more", "less"),
             "people": (people // 10 * 10).astype(int), "log_odds": delta, "se": se, "z": z,
             "p": 2 * stats.norm.sf(np.abs(z))}
        )[people >= least]  # fmt: skip
        told = told.assign(p_adj=adjusted(told["p"].to_numpy(), adjust))
        tables.append(told.sort_values("z", key=lambda z: -z.abs(), kind="stable"))
    columns = ["group", "word", "side", "people", "log_odds", "se", "z", "p", "p_adj"]
    return pd.concat(tables, ignore_index=True) if tables else pd.DataFrame(columns=columns)


def log_odds(one: Floats, other: Floats, prior: Floats) -> tuple[Floats, Floats]:
    """Log odds ratios (w,) of words counted on two sides, and their standard errors.

    ``prior`` (w,): counts added to both sides. Monroe, Colaresi & Quinn (2008), eqs. 16 and 20.
    """
    parts = [counts + prior for counts in (one, other)]
    with np.errstate(divide="ignore", invalid="ignore"):
        odds = [np.log(part / (part.sum() - part)) for part in parts]
    return odds[0] - odds[1], np.sqrt(1 / parts[0] + 1 / parts[1])


def _kish(weights: Floats) -> float:
    """What turns weights into numbers that add up to their effective n."""
    squares = float((weights**2).sum())
    return float(weights.sum()) / squares if squares > 0 else 0.0
