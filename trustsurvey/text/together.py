"""Which themes people raise together."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from itertools import combinations

import numpy as np
import pandas as pd

from trustsurvey.errors import SurveyError
from trustsurvey.model import RULES, Codebook, Floats

HIDDEN = "too few"


def together(
    labels: Floats,
    codes: Sequence[str],
    weights: Floats | None = None,
    *,
    kin: Collection[tuple[str, str]] = (),
    least: int = RULES.people,
) -> pd.DataFrame:
    """How often two codes are in the same answer: one row a pair, those that attract each other most first.

    Parameters
    ----------
    labels : (n, k) 1 where an answer, one a person, mentions a code, 0 where not, NaN where nobody read it.
        Give the answers of the audit, which were drawn at random: those read to teach the machine were chosen.
    kin : pairs that are left out, since one includes the other; see :func:`kin_of`.

    Returns
    -------
    a, b, n (answers read), both (answers), share (weighted, of the answers), lift (that share over the one that
    would be if the codes had nothing to do with each other), jaccard (of those with either), suppressed. A row
    is hidden where both, only one, only the other or neither is in fewer than ``least`` answers, since each of
    the four follows from the others.
    """
    labels = np.asarray(labels, dtype=float)
    w = np.ones(len(labels)) if weights is None else np.asarray(weights, dtype=float)
    if labels.ndim != 2 or labels.shape[1] != len(codes) or w.shape != (len(labels),):
        raise SurveyError("together.labels", "The readings are not a yes or no for each answer and code",
                          got=f"{labels.shape}, {w.shape}", expected=f"(answers, {len(codes)})")  # fmt: skip
    read = np.isfinite(labels).all(axis=1)
    yes, w = (labels[read] > 0).astype(float), w[read]
    n, count, share = len(yes), yes.T @ yes, (yes * w[:, None]).T @ yes / max(w.sum(), 1e-300)
    rows = []
    for i, j in combinations(range(len(codes)), 2):
        if (codes[i], codes[j]) in kin or (codes[j], codes[i]) in kin:
            continue
        both = count[i, j]
        cells = (both, count[i, i] - both, count[j, j] - both, n - count[i, i] - count[j, j] + both)
        if min(cells) < least:
            rows.append((codes[i], codes[j], np.nan, np.nan, np.nan, np.nan, np.nan, HIDDEN))
            continue
        lift = share[i, j] / (share[i, i] * share[j, j])
        jaccard = share[i, j] / (share[i, i] + share[j, j] - share[i, j])
        rows.append((codes[i], codes[j], float(n), both, share[i, j], lift, jaccard, ""))
    table = pd.DataFrame(rows, columns=["a", "b", "n", "both", "share", "lift", "jaccard", "suppressed"])
    return table.sort_values("lift", ascending=False, na_position="last", kind="stable", ignore_index=True)


def kin_of(codebook: Codebook) -> frozenset[tuple[str, str]]:
    """Pairs of a code and one above it, at any depth."""
    return frozenset((key, below) for key in codebook.keys for below in codebook.under(key) if below != key)
