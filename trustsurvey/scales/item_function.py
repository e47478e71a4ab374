"""Items that work differently in some group, at the same score on the other items (DIF)."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from scipy import sparse, stats

from trustsurvey.comparison.multiplicity import benjamini_hochberg
from trustsurvey.estimation.variance import VarianceModel
from trustsurvey.model import Floats, Ints, Lonely, Wave

#: An item works differently from this size on: standard deviations (Cohen 1988) at the mean of the other
#: items for everyone alike, or between residents two standard deviations apart.
NOTABLE = 0.20
ALPHA = 0.05


def item_function(
    wave: Wave, items: Sequence[str], codes: Ints, lonely: Lonely | None = None, suspects: Sequence[str] = ()
) -> pd.DataFrame:
    """Each item on the rest score, the group and their product: weighted least squares, design-based Wald tests.

    ``codes`` (n,): the group of each resident, -1 for those who take no part. The rest score is the mean of the other
    items less the ``suspects``, which would show their fault in all the others (purification: Holland &
    Thayer 1988). Columns: item, test, effect, r2, f, df,
    ddf, p, p_adj, notable, as told in :class:`trustsurvey.scales.invariance.Invariance`.
    """
    assert wave.scores is not None
    x = wave.scores[list(items)].to_numpy(float)
    inside = np.isfinite(x).all(axis=1) & (codes >= 0)
    rows, model = np.flatnonzero(inside), VarianceModel.of(wave, lonely)
    levels, group = np.unique(codes[rows], return_inverse=True)
    w, g = model.weights[rows], len(levels)
    dummies = (group[:, None] == np.arange(1, g)).astype(float)
    found: list[dict[str, object]] = []
    gaps = np.full((len(items), g), np.nan)
    for j, item in enumerate(items):
        y = x[rows, j]
        anchors = [c for c, other in enumerate(items) if c != j and other not in suspects]
        rest = x[rows][:, anchors].mean(axis=1)
        centre, spread = _mean_sd(rest, w)
        scale = _mean_sd(y, w)[1]
        for test in ("uniform", "non-uniform"):
            base = np.column_stack([np.ones(len(y)), (rest - centre) / (spread or 1.0)])
            added = dummies
            if test == "non-uniform":
                base, added = np.column_stack([base, dummies]), dummies * base[:, 1:2]
            if not (scale > 0 and spread > 0):
                found.append({"item": item, "test": test})
                continue
            effects, figures = _wald(base, added, y, w, rows, model)
            if test == "uniform":
                gaps[j] = np.r_[0.0, effects] / scale
            # A slope is told between residents two standard deviations of the rest score apart.
            widest = 2 * float(np.ptp(np.r_[0.0, effects])) / scale
            found.append({"item": item, "test": test, "effect": widest, **figures})
    table = pd.DataFrame(found, columns=["item", "test", "effect", "r2", "f", "df", "ddf", "p"])
    uniform = table["test"] == "uniform"
    known = gaps[np.isfinite(gaps).all(axis=1)]
    middle = np.median(known, axis=0) if len(known) else 0.0
    table.loc[uniform, "effect"] = np.ptp(gaps - middle, axis=1)
    table["p_adj"] = benjamini_hochberg(table["p"].to_numpy(float))
    table["notable"] = (table["p_adj"] <= ALPHA) & (table["effect"] >= NOTABLE)
    return table


def _mean_sd(y: Floats, w: Floats) -> tuple[float, float]:
    mean = float(w @ y / w.sum())
    return mean, float(np.sqrt(w @ (y - mean) ** 2 / w.sum()))


def _wald(
    base: Floats, added: Floats, y: Floats, w: Floats, rows: Ints, model: VarianceModel
) -> tuple[Floats, dict[str, float]]:
    """Effects of the added columns, and the F test that there are none: Wald's over q, df as R ``regTermTest``."""
    x = np.column_stack([base, added])
    inverse = np.linalg.pinv((w[:, None] * x).T @ x, hermitian=True)
    b = inverse @ (x.T @ (w * y))
    values = np.zeros((len(model.weights), added.shape[1]))
    values[rows] = (((y - x @ b)[:, None] * x) @ inverse)[:, base.shape[1] :]
    v = model.covariance(sparse.csr_array(values))
    effects = b[base.shape[1] :]
    q = len(effects)
    member = np.zeros((len(model.weights), 1))
    member[rows] = 1.0
    design = float(model.domain_df(sparse.csr_array(member))[0])
    ddf = design + 1 - x.shape[1]
    f = float(effects @ np.linalg.pinv(v, hermitian=True) @ effects) / q
    plain = y - base @ (np.linalg.pinv((w[:, None] * base).T @ base, hermitian=True) @ (base.T @ (w * y)))
    total = w @ (y - w @ y / w.sum()) ** 2
    return effects, {
        "r2": float((w @ plain**2 - w @ (y - x @ b) ** 2) / total),
        "f": f,
        "df": float(q),
        "ddf": ddf,
        "p": float(stats.f.sf(f, q, ddf)) if ddf > 0 else np.nan,
    }
