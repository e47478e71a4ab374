"""The numerical core of raking: weights ``d * exp(x'b)`` whose margins equal their targets.

Residents who share a category in every margin share a factor, so the work is done on cells of
the crossed margins. The factors are found by Newton steps on the dual problem, whose steps are
kept only where they improve it, with a sweep of iterative proportional fitting as the fallback.
When no weights exist, a linear programme says which categories stand in the way.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy import linalg, optimize, sparse

from trustsurvey.errors import SurveyError, some
from trustsurvey.model import Floats, Ints, Margin
from trustsurvey.population import figure

#: Largest relative difference between a weighted margin and its target that is accepted.
TOLERANCE = 1e-12
#: What is accepted when rounding prevents more, on very large samples.
ROUNDING = 1e-10
MAX_STEPS = 200
#: A weight this small beside the base weight counts as none.
VANISHED = 1e-7


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
    bounds: tuple[float, float] | None = None,
    where: str = "",
) -> Raked:
    """Raked weights for category codes (n,) per margin; see :func:`trustsurvey.weigh.rake`."""
    if not np.all(np.isfinite(base)) or np.any(base <= 0):
        raise SurveyError(
            "rake.base", "A base weight is not a positive number", where=where, expected="numbers above 0"
        )
    if bounds is not None and not 0 <= bounds[0] < 1 < bounds[1] < np.inf:
        raise SurveyError(
            "rake.bounds", "The bounds of the weights are unusable", where=where,
            got=f"{bounds[0]:g} and {bounds[1]:g}", expected="one below and one above 1, such as 0.2 and 5",
        )  # fmt: skip
    problem = _Problem.build(codes, margins, base, bounds)
    factors, misfit, steps = problem.solve()
    if misfit > ROUNDING:
        raise _explain(problem, factors, margins, bounds, where)
    cell_weights = problem.weights(factors)
    if np.any(cell_weights / cell_weights.sum() < VANISHED * problem.base / problem.base.sum()):
        raise _boundary(problem, factors, margins, where)
    weights = base * (cell_weights / problem.base)[problem.cell_of]
    at_bounds = float(problem.clipped(factors)[problem.cell_of].mean())
    return Raked(weights, misfit, steps, at_bounds)


@dataclass(frozen=True)
class _Problem:
    """Raking on cells: X (c, p) dummies, base weights and bounds (c,), totals (p,)."""

    x: sparse.csr_array
    base: Floats
    totals: Floats
    low: Floats | None
    high: Floats | None
    cell_of: Ints
    cell_codes: Ints
    offsets: Ints

    @classmethod
    def build(
        cls, codes: list[Ints], margins: list[Margin], base: Floats, bounds: tuple[float, float] | None
    ) -> _Problem:
        sizes = np.array([len(margin.targets) for margin in margins])
        totals = np.concatenate([margin.targets.to_numpy(float) for margin in margins])
        equal = bool(np.all(base == base[0]))
        # Bounds hold for each resident, so cells may be merged only where base weights are equal.
        cell_of, cell_codes = _cells(codes, sizes, merge=bounds is None or equal)
        c, m = cell_codes.shape
        offsets = np.concatenate([[0], np.cumsum(sizes)[:-1]])
        x = sparse.csr_array(
            (np.ones(c * m), (cell_codes + offsets).ravel(), np.arange(0, c * m + 1, m)),
            shape=(c, len(totals)),
        )
        cell_base = np.bincount(cell_of, base, minlength=c).astype(float)
        low = high = None
        if bounds is not None:
            counts = np.bincount(cell_of, minlength=c)
            mean = totals[: sizes[0]].sum() / len(base)
            low, high = bounds[0] * mean * counts, bounds[1] * mean * counts
        return cls(x, cell_base, totals, low, high, cell_of, cell_codes, offsets)

    def linear(self, b: Floats) -> Floats:
        return self.x @ b

    def weights(self, b: Floats) -> Floats:
        w = self.base * np.exp(np.clip(self.linear(b), -600, 600))
        return w if self.low is None else np.clip(w, self.low, self.high)

    def clipped(self, b: Floats) -> np.ndarray:
        if self.low is None or self.high is None:
            return np.zeros(len(self.base), dtype=bool)
        w = self.weights(b)
        return (w <= self.low) | (w >= self.high)

    def dual(self, b: Floats) -> float:
        """The concave function whose gradient is the misfit of the margins."""
        u = np.clip(self.linear(b), -600, 600)
        free = self.base * np.exp(u)
        if self.low is None or self.high is None:
            return float(self.totals @ b - free.sum())
        with np.errstate(divide="ignore"):
            u_low, u_high = np.log(self.low / self.base), np.log(self.high / self.base)
        at_low = np.where(np.isfinite(u_low), self.low * (1 + u - u_low), 0.0)
        cost = np.where(u < u_low, at_low, np.where(u > u_high, self.high * (1 + u - u_high), free))
        return float(self.totals @ b - cost.sum())

    def gradient(self, w: Floats) -> Floats:
        return self.totals - self.x.T @ w

    @cached_property
    def _pairs(self) -> list[Ints]:
        columns, p = np.ascontiguousarray((self.cell_codes + self.offsets).T), len(self.totals)
        return [a * p + b for i, a in enumerate(columns) for b in columns[i + 1 :]]

    def hessian(self, w: Floats) -> Floats:
        """x'wx: the weighted table of every pair of margins, and each margin on the diagonal."""
        p = len(self.totals)
        flat = np.zeros(p * p)
        for pair in self._pairs:
            flat += np.bincount(pair, w, minlength=p * p)
        upper = flat.reshape(p, p)
        return upper + upper.T + np.diag(self.x.T @ w)

    def misfit(self, w: Floats) -> float:
        return float(np.max(np.abs(self.gradient(w)) / self.totals))

    def solve(self) -> tuple[Floats, float, int]:
        b = np.zeros(len(self.totals))
        b[: self.offsets[1] if len(self.offsets) > 1 else None] = np.log(
            self.totals.sum() / len(self.offsets) / self.base.sum()
        )
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
        gradient = self.gradient(w)
        free = np.where(self.clipped(b), 0.0, w)
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
        ends = [*self.offsets[1:], len(self.totals)]
        for first, last in zip(self.offsets, ends, strict=True):
            reached = (self.x.T @ self.weights(b))[first:last]
            b[first:last] += np.log(self.totals[first:last] / np.maximum(reached, 1e-300))
        return b


def _cells(codes: list[Ints], sizes: Ints, merge: bool) -> tuple[Ints, Ints]:
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


def _explain(
    problem: _Problem,
    factors: Floats,
    margins: list[Margin],
    bounds: tuple[float, float] | None,
    where: str,
) -> SurveyError:
    """Say why no weights exist: least relative change of targets that would make them possible."""
    names = [f"{m.variable} '{category}'" for m in margins for category in m.targets.index]
    c, p = problem.x.shape
    slack = sparse.identity(p, format="csr")
    equalities = sparse.hstack([problem.x.T, slack, -slack]).tocsr()
    cost = np.concatenate([np.zeros(c), 1 / problem.totals, 1 / problem.totals])
    low = np.zeros(c) if problem.low is None else problem.low
    high = np.full(c, np.inf) if problem.high is None else problem.high
    limits = np.column_stack([np.r_[low, np.zeros(2 * p)], np.r_[high, np.full(2 * p, np.inf)]])
    found = optimize.linprog(cost, A_eq=equalities, b_eq=problem.totals, bounds=limits, method="highs")
    moved = found.x[c : c + p] - found.x[c + p :] if found.success else np.zeros(p)
    blamed = np.flatnonzero(np.abs(moved) > 1e-7 * problem.totals)
    if len(blamed):
        reasons = [
            f"{names[k]} should come to {figure(problem.totals[k])} but cannot go "
            f"{'above' if moved[k] > 0 else 'below'} {figure(problem.totals[k] - moved[k])}"
            for k in blamed[np.argsort(-np.abs(moved[blamed] / problem.totals[blamed]))][:3]
        ]
        limit = "" if bounds is None else f" with weights between {bounds[0]:g} and {bounds[1]:g} times the mean"
        return SurveyError(
            "rake.infeasible",
            f"No weights can meet these margins together{limit}",
            where=where,
            got="; ".join(reasons),
            hint="Merge the category with another, correct the margin, or widen the bounds."
            if bounds
            else "Merge the category with another, or correct the margin.",
        )
    if bounds is not None:
        return SurveyError(
            "rake.not-found", "No weights were found that meet these margins within the bounds", where=where,
            got=f"a misfit of {problem.misfit(problem.weights(factors)):.1e} after {MAX_STEPS} steps",
            hint="Widen the bounds a little.",
        )  # fmt: skip
    return _boundary(problem, factors, margins, where)


def _boundary(problem: _Problem, factors: Floats, margins: list[Margin], where: str) -> SurveyError:
    """Name the residents to whom the margins leave no weight."""
    weights = problem.weights(factors)
    ratio = (weights / weights.sum()) / (problem.base / problem.base.sum())
    groups = [
        " and ".join(
            f"{margin.variable} {margin.targets.index[code]}"
            for margin, code in zip(margins, problem.cell_codes[cell], strict=True)
        )
        for cell in np.argsort(ratio)[:2]
    ]
    return SurveyError(
        "rake.boundary",
        "These margins can only be met by giving some residents no weight at all",
        where=where,
        got=some(groups, 2),
        hint="Merge small categories of these margins, or leave one margin out.",
    )
