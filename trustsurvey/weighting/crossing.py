"""The cells of crossed margins, and quick steps of raking on the table that they make."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from scipy import sparse
from scipy.linalg import lapack

from trustsurvey.model import Floats, Ints

#: Largest relative difference between a weighted margin and its target that is accepted.
TOLERANCE = 1e-12
#: What is accepted when rounding prevents more, on very large samples.
ROUNDING = 1e-10
#: Misfit that rounding leaves at the best; the last steps cost next to nothing.
FULL = 1e-14
#: Steps before the table is given up.
QUICK_STEPS = 30
#: Above this misfit the curvature is worked out anew, below it that of the step before serves.
RENEW = 1e-3
#: Entries of the table of dummies up to which that is worth while.
MOST_DUMMIES = 2_000_000
#: The logarithm of a factor beyond which the table is given up.
FAR = 300.0


class Crossing:
    """The c cells of several margins as a table of the outer margin (g categories) by k combinations of the others.

    ``outer`` and ``inner`` (c,) are a cell's place in it, ``combinations`` (k, m) the categories of
    each combination on the m other margins, which have ``sizes`` categories.

    The weight of a cell is its base weight times a factor for its outer category and one for its
    combination: with base weights in the table, sums of weights are products of that table with
    vectors, and Newton's equations are solved with the outer margin, whose block is diagonal,
    eliminated. The table is full (``dense``) or sparse, as the cells fill it unless told.
    """

    def __init__(
        self,
        outer: Ints,
        inner: Ints,
        combinations: Ints,
        sizes: Sequence[int],
        categories: int,
        dense: bool | None = None,
    ) -> None:
        k, first = len(combinations), np.cumsum([0, *sizes])
        self.shape = (categories, k)
        self.place = outer * k + inner
        self.dense = categories * k <= 8 * len(outer) if dense is None else dense
        self.order = self.place if self.dense else np.argsort(self.place)
        self.ends = np.concatenate([[0], np.cumsum(np.bincount(outer, minlength=categories))])
        self.dummies = np.zeros((k, int(first[-1])))
        for column, codes in zip(first, combinations.T, strict=False):
            self.dummies[np.arange(k), column + codes] = 1.0
        # Without the first category of each of these margins: the rest and the outer margin say the same.
        self.free = np.setdiff1d(np.arange(first[-1]), first[:-1])
        self.free_dummies = np.ascontiguousarray(self.dummies[:, self.free])

    @staticmethod
    def fits(combinations: int, sizes: Sequence[int]) -> bool:
        """Whether the dummies of so many combinations are few enough."""
        return combinations * sum(sizes) <= MOST_DUMMIES

    def table(self, cells: Floats) -> Floats | sparse.csr_array:
        """Base weights (c,) of the cells as a table (g, k)."""
        if self.dense:
            return np.bincount(self.place, cells, self.shape[0] * self.shape[1]).reshape(self.shape)
        return sparse.csr_array((cells[self.order], self.place[self.order] % self.shape[1], self.ends), self.shape)

    def solve(
        self, cells: Floats, wanted: tuple[Floats, Floats], start: tuple[Floats, Floats]
    ) -> tuple[Floats, Floats, float, int] | None:
        """Logarithms of the factors of the outer categories and of those of the other margins, misfit, steps.

        ``wanted`` and ``start``: totals, and logarithms to start from, of the one and of the others.
        None where the steps go astray; what is found has a misfit within ``ROUNDING``.
        """
        table, z, z_free = self.table(cells), self.dummies, self.free_dummies
        outer, inner = start
        best: tuple[Floats, Floats, float, int] | None = None
        before, solver, cross, rows = np.inf, None, z_free[:0], outer
        for step in range(QUICK_STEPS):
            combined = z @ inner
            if not max(np.abs(outer).max(), np.abs(combined).max(initial=0.0)) < FAR:
                return None
            one, other = np.exp(outer), np.exp(combined)
            reached, taken = one * (table @ other), other * (one @ table)
            apart, apart_inner = wanted[0] - reached, wanted[1] - taken @ z
            misfit = max(np.abs(apart / wanted[0]).max(), np.abs(apart_inner / wanted[1]).max(initial=0.0))
            if misfit < before and misfit <= ROUNDING:
                best = outer, inner, float(misfit), step
            if best is not None and (misfit <= FULL or misfit >= before):
                return best
            if not misfit < 10 * before:
                return None
            if solver is None or misfit > RENEW:
                if not reached.min() > 0:
                    return None
                rows, cross = reached, one[:, None] * (table @ (other[:, None] * z_free))
                curvature = z_free.T @ (taken[:, None] * z_free) - cross.T @ (cross / rows[:, None])
                solver, wrong = lapack.dpotrf(curvature, lower=1) if len(curvature) else (curvature, 0)
                if wrong:
                    return None
            before = misfit
            move = apart_inner[self.free] - cross.T @ (apart / rows)
            if len(move):
                move, _ = lapack.dpotrs(solver, move, lower=1)
            outer = outer + (apart - cross @ move) / rows
            inner = inner.copy()
            inner[self.free] += move
        return best


def cells_of(codes: list[Ints], sizes: Ints, merge: bool) -> tuple[Ints, Ints]:
    """Cell of each resident and the (c, m) category codes of each cell."""
    n = len(codes[0])
    if not merge:
        return np.arange(n, dtype=np.int64), np.stack(codes, axis=1)
    room = float(np.prod(sizes.astype(float)))
    if room > 2**62:
        unique, inverse = np.unique(np.stack(codes, axis=1), axis=0, return_inverse=True)
        return inverse.astype(np.int64).ravel(), unique
    keys = np.ravel_multi_index(tuple(codes), tuple(sizes)).astype(np.int64)
    if room <= 4 * n + 1_000_000:
        present = np.flatnonzero(np.bincount(keys, minlength=int(room)))
        lookup = np.zeros(int(room), dtype=np.int64)
        lookup[present] = np.arange(len(present))
        inverse = lookup[keys]
    else:
        present, inverse = np.unique(keys, return_inverse=True)
    return inverse, np.stack(np.unravel_index(present, tuple(sizes)), axis=1)
