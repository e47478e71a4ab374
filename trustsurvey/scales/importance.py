"""Relative importance that adds to R2 (LMG, Shapley), from covariances alone, and its bootstrap.

A replicate is another sum of the sampling units' cross products, so that neither the answers nor the
weights are gone through again.
"""

from __future__ import annotations

from math import factorial

import numpy as np
from scipy import sparse

from trustsurvey.estimation.variance import VarianceModel
from trustsurvey.model import Floats, Ints

#: With more predictors than this, orders are sampled instead of taking all subsets.
ALL_SUBSETS = 12
#: Numbers held at once.
MOST_ENTRIES = 4_000_000
#: What is left of a predictor's variance beside the others before it counts as made of them.
ALIAS = 1e-9


def shapley(cov: Floats, block: Ints, orders: Ints | None = None) -> Floats:
    """LMG importance (R, B) of B predictors in R covariance matrices (R, p + 1, p + 1), the outcome last.

    ``block`` (p,) says which predictor each column belongs to. All 2^B subsets, unless ``orders`` (m, B) gives the
    orders to average over. A column without variance beside those before it adds nothing.

    >>> shapley(np.array([[[1.0, 0.0, 0.6], [0.0, 1.0, 0.3], [0.6, 0.3, 1.0]]]), np.array([0, 1])).round(2).tolist()
    [[0.36, 0.09]]
    """
    sizes = np.bincount(block)
    b, p = len(sizes), len(block)
    order = np.r_[np.argsort(block, kind="stable"), p]
    cov = cov[:, order[:, None], order]
    spread = np.sqrt(np.maximum(np.diagonal(cov, axis1=1, axis2=2), 1e-300))
    cov = cov / (spread[:, :, None] * spread[:, None, :])
    result = np.empty((len(cov), b))
    entries = (2 ** min(b, ALL_SUBSETS) * 8 if orders is None else len(orders)) * (p + 1) ** (
        0 if orders is None else 2
    )
    chunk = max(1, MOST_ENTRIES // entries)
    for start in range(0, len(cov), chunk):
        part = cov[start : start + chunk]
        found = _by_subsets(part, sizes) if orders is None else _by_orders(part, sizes, orders)
        result[start : start + chunk] = found
    return result


def _swept(cov: Floats, size: int) -> Floats:
    """Covariances (..., q, q) given their first ``size`` variables, which are taken out."""
    for _ in range(size):
        pivot = cov[..., :1, :1]
        usable = pivot > ALIAS
        cov = (
            cov[..., 1:, 1:] - np.where(usable, cov[..., 1:, :1] / np.where(usable, pivot, 1.0), 0.0) * cov[..., :1, 1:]
        )
    return cov


def _by_subsets(cov: Floats, sizes: Ints) -> Floats:
    """Each predictor in turn is swept in or left out, which doubles the matrices and makes them smaller."""
    state, b = cov[:, None], len(sizes)
    for size in sizes:
        state = np.stack([state[..., size:, size:], _swept(state, int(size))], axis=2)
        state = state.reshape(len(cov), -1, *state.shape[-2:])
    r2 = 1 - state.reshape(len(cov), *[2] * b)  # axis k + 1: without or with predictor k
    members = np.indices([2] * (b - 1)).sum(axis=0) if b > 1 else np.zeros(())
    weight = np.array([factorial(s) * factorial(b - 1 - s) / factorial(b) for s in range(b)])[members.astype(int)]
    axes = tuple(range(1, b))
    return np.stack(
        [((np.take(r2, 1, k + 1) - np.take(r2, 0, k + 1)) * weight).sum(axis=axes) for k in range(b)], axis=1
    )


def _by_orders(cov: Floats, sizes: Ints, orders: Ints) -> Floats:
    ends = np.r_[0, np.cumsum(sizes)]
    added = np.zeros((len(cov), len(orders), len(sizes)))
    # Orders that share their sizes can be swept together; with single columns that is all of them.
    for shape in np.unique(sizes[orders], axis=0):
        at = np.flatnonzero((sizes[orders] == shape).all(axis=1))
        columns = np.array([np.r_[(*(np.arange(ends[k], ends[k + 1]) for k in orders[i]), ends[-1])] for i in at])
        state = cov[:, columns[:, :, None], columns[:, None, :]]
        before = state[..., -1, -1]
        for place, size in enumerate(shape):
            state = _swept(state, int(size))
            after = state[..., -1, -1]
            added[:, at, orders[at, place]] = before - after
            before = after
    return added.mean(axis=1)


def sample_orders(b: int, half: int, seed: int) -> Ints:
    """Random orders of b predictors, each followed by its reverse."""
    drawn = np.random.default_rng(seed).permuted(np.tile(np.arange(b), (half, 1)), axis=1)
    return np.stack([drawn, drawn[:, ::-1]], axis=1).reshape(-1, b)


# --- replicates -----------------------------------------------------------------------------------


def replicated_importance(
    model: VarianceModel, rows: Ints, centred: Floats, block: Ints, orders: Ints | None, count: int, seed: int
) -> Floats:
    """Importance (count, B) in Rao-Wu replicates: n_h - 1 of the n_h PSUs of each stratum, with replacement.

    Each replicate is a sum of the units' cross products (Rao & Wu 1988; with an fpc Rao, Wu & Yue 1992).
    """
    q = centred.shape[1]
    design = model.design
    upper = np.triu_indices(q + 1)
    one = np.column_stack([np.ones(len(rows)), centred])
    products = one[:, upper[0]] * one[:, upper[1]] * model.weights[rows][:, None]
    unit = np.zeros((model.n_psu, products.shape[1]))
    if model.n_psu == len(design.psus):
        unit[design.psus[rows]] = products
    else:
        member = sparse.csr_array(
            (np.ones(len(rows)), (design.psus[rows], np.arange(len(rows)))), shape=(model.n_psu, len(rows))
        )
        unit = member @ products
    strata = design.psu_strata
    population = None
    if design.fpc is not None:
        population = np.zeros(model.n_psu)
        population[design.psus] = design.fpc
    rng = np.random.default_rng(seed)
    found = []
    step = max(1, MOST_ENTRIES // max(1, model.n_psu))
    for start in range(0, count, step):
        size = min(step, count - start)
        factor = np.ones((size, model.n_psu))
        for h in range(int(strata.max()) + 1):
            members = np.flatnonzero(strata == h)
            n = len(members)
            if n < 2:
                continue
            # Units one by one: drawing how often each is picked takes a binomial number for every unit.
            places = rng.integers(n, size=(size, n - 1)) + n * np.arange(size)[:, None]
            picked = np.bincount(places.ravel(), minlength=size * n).reshape(size, n)
            shrink = 1.0 if population is None else np.sqrt(max(0.0, 1 - n / population[members[0]]))
            factor[:, members] = 1 - shrink + shrink * n / (n - 1) * picked
        sums = np.zeros((size, q + 1, q + 1))
        sums[:, upper[0], upper[1]] = factor @ unit
        sums[:, upper[1], upper[0]] = sums[:, upper[0], upper[1]]
        with np.errstate(invalid="ignore", divide="ignore"):
            mean = sums[:, 0, 1:] / sums[:, :1, 0]
            cov = sums[:, 1:, 1:] / sums[:, :1, :1] - mean[:, :, None] * mean[:, None, :]
        flat = ~(np.diagonal(cov, axis1=1, axis2=2) > 1e-12 * centred.var(axis=0)).all(axis=1)
        cov[flat] = np.eye(q)
        part = shapley(cov, block, orders)
        part[flat] = np.nan
        found.append(part)
    return np.concatenate(found) if found else np.zeros((0, int(block.max()) + 1))
