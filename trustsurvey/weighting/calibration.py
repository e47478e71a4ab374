"""The numerical core of raking: weights ``d * exp(x'b)`` whose margins equal their targets.

Residents who share a category in every margin share a factor, so the work is done on cells of
the crossed margins. The factors are found by plain Newton steps on a table of the cells; where those
go astray, or weights are bounded, by Newton steps on the dual problem that are kept only where they
improve it, with a sweep of iterative proportional fitting as the fallback.
When no weights exist, :mod:`trustsurvey.weighting.infeasible` says which categories stand in the way.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from scipy import linalg

from trustsurvey.errors import SurveyError
from trustsurvey.model import Floats, Ints, Margin
from trustsurvey.weighting.crossing import ROUNDING as ROUNDING, TOLERANCE as TOLERANCE, Crossing, cells_of
from trustsurvey.weighting.infeasible import boundary, explain

MAX_STEPS = 200
#: A weight this small beside the base weight counts as none.
VANISHED = 1e-7


Bounds = tuple[float, float]
#: What bounds are multiples of: the mean weight, or each resident's own base weight (R's g-weights).
BoundsOn = Literal["mean", "base"]


@dataclass(frozen=True)
class Raked:
    """Weights, one a resident; worst relative misfit; share of residents held at a bound."""

    weights: Floats
    misfit: float
    iterations: int
    at_bounds: float


def calibrate_raking(
    codes: list[Ints],
    margins: list[Margin],
    base: Floats,
    bounds: Bounds | None = None,
    where: str = "",
    bounds_on: BoundsOn = "mean",
) -> Raked:
    """Raked weights for category codes (n,) per margin; see :func:`trustsurvey.weighting.weigh.rake`."""
    if not np.all(np.isfinite(base)) or np.any(base <= 0):
        raise SurveyError(
            "rake.base", "A base weight is not a positive number", where=where, expected="numbers above 0"
        )
    check_bounds(bounds, where)
    problem = Problem.build(codes, margins, base, bounds, bounds_on)
    factors, misfit, steps = problem.solve()
    if misfit > ROUNDING:
        raise explain(problem, factors, margins, bounds, where, bounds_on, steps)
    ratio = problem.ratio(factors)
    if np.any(ratio / (problem.base @ ratio) < VANISHED / problem.base.sum()):
        raise boundary(problem, factors, margins, where)
    at_bounds = float(problem.clipped(factors)[problem.cell_of].mean())
    return Raked(base * ratio[problem.cell_of], misfit, steps, at_bounds)


def check_bounds(bounds: Bounds | None, where: str) -> None:
    """SurveyError ``rake.bounds`` unless one bound lies below 1 and the other above."""
    if bounds is not None and not 0 <= bounds[0] < 1 < bounds[1] < np.inf:
        raise SurveyError(
            "rake.bounds", "The bounds of the weights are unusable", where=where,
            got=f"{bounds[0]:g} and {bounds[1]:g}", expected="one below and one above 1, such as 0.2 and 5",
        )  # fmt: skip


@dataclass(frozen=True)
class Problem:
    """Raking on the c cells of m crossed margins with p categories in all.

    ``base`` (c,) are base weights summed over a cell, ``totals`` (p,) the targets. A weight is its
    base times a factor that stays between ``low`` and ``high`` ((c,), or None without bounds).
    ``cell_codes`` (c, m) are the categories of a cell, ``cell_of`` (n,) the cell of a resident,
    ``offsets`` (m,) the first column of each margin. Another ``base`` on the same cells, such as
    that of a replicate, is another problem of the same shape.

    The margin with the most categories is kept apart (``outer``); the combinations of the others
    (``inner``) are few, so that most of the arithmetic is done on those.
    """

    base: Floats
    totals: Floats
    low: Floats | None
    high: Floats | None
    cell_of: Ints
    cell_codes: Ints
    offsets: Ints
    outer: int
    inner: Ints
    inner_codes: Ints

    @classmethod
    def build(
        cls,
        codes: list[Ints],
        margins: list[Margin],
        base: Floats,
        bounds: Bounds | None = None,
        bounds_on: BoundsOn = "mean",
    ) -> Problem:
        """The problem of residents with ``codes`` (n,) on each margin and ``base`` weights (n,)."""
        sizes = np.array([len(margin.targets) for margin in margins])
        totals = np.concatenate([margin.targets.to_numpy(float) for margin in margins])
        # Bounds on the weights hold for each resident, so cells are merged only where base weights are equal.
        merge = bounds is None or bounds_on == "base" or bool(np.all(base == base[0]))
        cell_of, cell_codes = cells_of(codes, sizes, merge)
        c = len(cell_codes)
        cell_base = np.bincount(cell_of, base, minlength=c).astype(float)
        low = high = None
        if bounds is not None:
            mean = totals[: sizes[0]].sum() / len(base)
            unit = 1.0 if bounds_on == "base" else mean * np.bincount(cell_of, minlength=c) / cell_base
            low, high = np.broadcast_to(bounds[0] * unit, c), np.broadcast_to(bounds[1] * unit, c)
        offsets = np.concatenate([[0], np.cumsum(sizes)[:-1]])
        outer = int(np.argmax(sizes))
        others = np.delete(np.arange(len(sizes)), outer)
        if len(others):
            inner, inner_codes = cells_of([cell_codes[:, j] for j in others], sizes[others], merge=True)
        else:
            inner, inner_codes = np.zeros(c, dtype=np.int64), np.zeros((1, 0), dtype=np.int64)
        return cls(cell_base, totals, low, high, cell_of, cell_codes, offsets, outer, inner, inner_codes)

    @cached_property
    def sizes(self) -> Ints:
        """Categories of each margin."""
        return np.diff([*self.offsets, len(self.totals)])

    @cached_property
    def _others(self) -> list[int]:
        return [j for j in range(len(self.offsets)) if j != self.outer]

    @cached_property
    def _outer_code(self) -> Ints:
        return np.ascontiguousarray(self.cell_codes[:, self.outer])

    @cached_property
    def _inner_columns(self) -> list[Ints]:
        return [np.ascontiguousarray(column) for column in self.inner_codes.T]

    @cached_property
    def _outer_pairs(self) -> list[Ints]:
        """For each other margin the place of a cell in its table with the outer one."""
        return [self._outer_code * self.sizes[j] + self.cell_codes[:, j] for j in self._others]

    @cached_property
    def _inner_pairs(self) -> list[tuple[int, int, Ints]]:
        """For each two of the other margins the place of a combination in their table."""
        found = []
        for k, i in enumerate(self._others):
            for second, j in enumerate(self._others[k + 1 :], k + 1):
                found.append((i, j, self._inner_columns[k] * self.sizes[j] + self._inner_columns[second]))
        return found

    @cached_property
    def _crossing(self) -> Crossing | None:
        """The table on which the quick steps go; None with bounds, or where it would be too large."""
        sizes = [int(self.sizes[j]) for j in self._others]
        if self.low is not None or not Crossing.fits(len(self.inner_codes), sizes):
            return None
        return Crossing(self._outer_code, self.inner, self.inner_codes, sizes, int(self.sizes[self.outer]))

    @cached_property
    def _sides(self) -> tuple[Ints, Ints]:
        """The columns of the outer margin and those of the others."""
        columns = np.arange(len(self.totals))
        own = columns[self._slice(self.outer)]
        return own, np.setdiff1d(columns, own)

    def _slice(self, margin: int) -> slice:
        first = int(self.offsets[margin])
        return slice(first, first + int(self.sizes[margin]))

    def _parts(self, b: Floats) -> tuple[Floats, Floats]:
        """The linear predictor of the outer margin's categories and of the combinations of the others."""
        combined = np.zeros(len(self.inner_codes))
        for j, column in zip(self._others, self._inner_columns, strict=True):
            combined += b[self._slice(j)][column]
        return np.clip(b[self._slice(self.outer)], -300, 300), np.clip(combined, -300, 300)

    def _linear(self, b: Floats) -> Floats:
        one, other = self._parts(b)
        return one[self._outer_code] + other[self.inner]

    def ratio(self, b: Floats) -> Floats:
        """Weight over base weight (c,)."""
        one, other = self._parts(b)
        free = np.exp(one)[self._outer_code] * np.exp(other)[self.inner]
        return free if self.low is None else np.clip(free, self.low, self.high)

    def weights(self, b: Floats) -> Floats:
        """Weights of the cells (c,) under the factors' logarithms b (p,)."""
        return self.base * self.ratio(b)

    def clipped(self, b: Floats) -> NDArray[np.bool_]:
        """Which cells are held at a bound."""
        if self.low is None or self.high is None:
            return np.zeros(len(self.base), dtype=bool)
        ratio = self.ratio(b)
        return (ratio <= self.low) | (ratio >= self.high)

    def dual(self, b: Floats) -> float:
        """The concave function whose gradient is the misfit of the margins."""
        if self.low is None or self.high is None:
            return float(self.totals @ b - self.weights(b).sum())
        u = self._linear(b)
        with np.errstate(divide="ignore"):
            u_low, u_high = np.log(self.low), np.log(self.high)
        at_low = np.where(np.isfinite(u_low), self.low * (1 + u - u_low), 0.0)
        cost = np.where(u < u_low, at_low, np.where(u > u_high, self.high * (1 + u - u_high), np.exp(u)))
        return float(self.totals @ b - self.base @ cost)

    def sums(self, w: Floats) -> Floats:
        """Weighted number of each category (p,)."""
        result = np.empty(len(self.totals))
        result[self._slice(self.outer)] = np.bincount(self._outer_code, w, self.sizes[self.outer])
        combined: Floats = np.bincount(self.inner, w, len(self.inner_codes)).astype(float)
        for j, column in zip(self._others, self._inner_columns, strict=True):
            result[self._slice(j)] = np.bincount(column, combined, self.sizes[j])
        return result

    def on(self, base: Floats) -> Problem:
        """The same cells and totals with other base weights (c,)."""
        other = replace(self, base=base)
        known = {name: value for name, value in self.__dict__.items() if name not in other.__dict__}
        other.__dict__.update(known)  # what depends on the cells alone is not worked out again
        return other

    def hessian(self, w: Floats, sums: Floats | None = None) -> Floats:
        """x'wx: the weighted table of every pair of margins, and each margin (``sums``) on the diagonal."""
        result = np.zeros((len(self.totals), len(self.totals)))

        def put(i: int, j: int, place: Ints, values: Floats) -> None:
            shape = (int(self.sizes[i]), int(self.sizes[j]))
            table = np.bincount(place, values, shape[0] * shape[1]).reshape(shape)
            result[self._slice(i), self._slice(j)] = table
            result[self._slice(j), self._slice(i)] = table.T

        for j, place in zip(self._others, self._outer_pairs, strict=True):
            put(self.outer, j, place, w)
        combined: Floats = np.bincount(self.inner, w, len(self.inner_codes)).astype(float)
        for i, j, place in self._inner_pairs:
            put(i, j, place, combined)
        np.fill_diagonal(result, self.sums(w) if sums is None else sums)
        return result

    def misfit(self, w: Floats) -> float:
        """Largest relative difference between a category's weighted number and its target."""
        return float(np.max(np.abs(self.totals - self.sums(w)) / self.totals))

    def solve(self, start: Floats | None = None) -> tuple[Floats, float, int]:
        """Factors' logarithms (p,), the misfit they leave and the steps it took; from ``start`` if given."""
        b = np.zeros(len(self.totals)) if start is None else start
        if start is None:
            b[: self.offsets[1] if len(self.offsets) > 1 else None] = np.log(
                self.totals.sum() / len(self.offsets) / self.base.sum()
            )
        if self._crossing is not None:
            own, others = self._sides
            found = self._crossing.solve(self.base, (self.totals[own], self.totals[others]), (b[own], b[others]))
            if found is not None:
                b = np.empty(len(self.totals))
                b[own], b[others] = found[:2]
                return b, *found[2:]
        best, best_misfit = b, np.inf
        step = 0
        while step < MAX_STEPS:
            w = self.weights(b)
            misfit = self.misfit(w)
            if misfit < best_misfit:
                best, best_misfit = b, misfit
            elif best_misfit < ROUNDING:
                break  # only rounding is left
            if misfit <= TOLERANCE:
                break
            step += 1
            following = self._newton(b, w)
            b = self._sweep(b) if following is None else following
        return best, best_misfit, step

    def _newton(self, b: Floats, w: Floats) -> Floats | None:
        gradient = self.totals - self.sums(w)
        free = w if self.low is None else np.where(self.clipped(b), 0.0, w)
        hessian = self.hessian(free)
        # The dummies of several margins are collinear: the least-norm step ignores what they share.
        scale = np.sqrt(np.maximum(hessian.diagonal(), 1e-300))
        try:
            step = linalg.lstsq(hessian / np.outer(scale, scale), gradient / scale, cond=1e-11)[0] / scale
        except (linalg.LinAlgError, ValueError):
            return None
        if not np.all(np.isfinite(step)):
            return None
        if np.abs(hessian @ step - gradient).max() > 0.5 * np.abs(gradient).max():
            return None  # all of a category is at its bound: the curvature says nothing about it
        here, slope = self.dual(b), float(gradient @ step)
        if self.misfit(w) < 1e-6:
            return b + step  # so near that the dual's own rounding would hide the gain
        for halving in range(30):
            size = 0.5**halving
            if self.dual(b + size * step) >= here + 1e-4 * size * slope:
                return b + size * step
        return None

    def _sweep(self, b: Floats) -> Floats:
        b = b.copy()
        for margin in range(len(self.offsets)):
            own = self._slice(margin)
            reached = self.sums(self.weights(b))[own]
            b[own] += np.log(self.totals[own] / np.maximum(reached, 1e-300))
        return b
