"""Calibration to margins and continuous totals together: linear (GREG) or raking, free or within bounds.

Weights are ``w_i = d_i F(x_i'b)`` with ``F(u) = 1 + u`` (linear) or ``exp(u)`` (raking), cut off at
the bounds, and ``sum w_i x_i`` equal to the totals (Deville & Sarndal 1992). The linear weights are
those of the generalised regression estimator (Sarndal, Swensson & Wretman 1992, 6.4). In R:
``survey::calibrate(calfun = "linear" or "raking")``.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from scipy import linalg, sparse

from trustsurvey.errors import SurveyError
from trustsurvey.model import Floats, Ints
from trustsurvey.weighting.calibration import MAX_STEPS, ROUNDING, TOLERANCE, VANISHED, Bounds, BoundsOn, Raked
from trustsurvey.weighting.infeasible import impossible

Distance = Literal["linear", "raking"]


@dataclass(frozen=True, eq=False)
class Columns:
    """The constraints of n residents: m categories each, and q numbers; p columns in all.

    ``category`` (n, m): the column in which a resident has a 1, for each margin. ``numbers`` (n, q)
    are the last q columns.
    """

    category: Ints
    numbers: Floats
    categories: int

    @property
    def p(self) -> int:
        """Columns in all."""
        return self.categories + self.numbers.shape[1]

    def matrix(self) -> sparse.csr_array:
        """The (n, p) matrix, with as many entries in every row."""
        n, q = self.numbers.shape
        m = self.category.shape[1]
        columns, entries = np.empty((n, m + q), dtype=np.int32), np.ones((n, m + q))
        columns[:, :m], columns[:, m:] = self.category, np.arange(self.categories, self.p)
        entries[:, m:] = self.numbers
        ends = np.arange(0, n * (m + q) + 1, m + q)
        return sparse.csr_array((entries.ravel(), columns.ravel(), ends), shape=(n, self.p))

    def linear(self, b: Floats) -> Floats:
        """x'b of each resident (n,)."""
        result = self.numbers @ b[self.categories :]
        for column in self.category.T:
            result = result + b[column]
        return result

    def sums(self, w: Floats) -> Floats:
        """Weighted column sums (p,)."""
        result = np.zeros(self.p)
        for column in self.category.T:
            result += np.bincount(column, w, self.p)
        result[self.categories :] = w @ self.numbers
        return result

    def gram(self, w: Floats) -> Floats:
        """x'wx (p, p): tables of pairs of margins, sums of numbers by category, products of numbers."""
        upper = np.zeros(self.p * self.p)
        for i, one in enumerate(self.category.T):
            for other in self.category.T[i + 1 :]:
                upper += np.bincount(one * self.p + other, w, len(upper))
            for j, number in enumerate(self.numbers.T, self.categories):
                upper += np.bincount(one * self.p + j, w * number, len(upper))
        table = upper.reshape(self.p, self.p)
        result = table + table.T
        result[self.categories :, self.categories :] = (self.numbers * w[:, None]).T @ self.numbers
        known = np.arange(self.categories)
        result[known, known] = self.sums(w)[: self.categories]
        return result


@dataclass(frozen=True, eq=False)
class General:
    """Weights of n residents with base weights ``base`` that give the columns ``totals`` (p,).

    ``low`` and ``high`` (n,) bound the ratio of weight to base weight, or are None. ``size`` (p,)
    says how large a misfit of each total is.
    """

    columns: Columns
    totals: Floats
    base: Floats
    size: Floats
    distance: Distance
    low: Floats | None = None
    high: Floats | None = None

    def _free(self, u: Floats) -> Floats:
        return 1 + u if self.distance == "linear" else np.exp(np.clip(u, -600, 600))

    def ratio(self, b: Floats) -> Floats:
        """Weight over base weight (n,)."""
        free = self._free(self.columns.linear(b))
        return free if self.low is None else np.clip(free, self.low, self.high)

    def clipped(self, b: Floats) -> NDArray[np.bool_]:
        """Who is held at a bound."""
        if self.low is None or self.high is None:
            return np.zeros(len(self.base), dtype=bool)
        ratio = self.ratio(b)
        return (ratio <= self.low) | (ratio >= self.high)

    def _slope(self, b: Floats) -> Floats:
        """How fast the ratio grows with u."""
        return np.ones(len(self.base)) if self.distance == "linear" else self.ratio(b)

    def _dual(self, b: Floats) -> float:
        """The concave function whose gradient is the misfit of the totals."""
        u = self.columns.linear(b)

        def cost(v: Floats) -> Floats:
            return v + v * v / 2 if self.distance == "linear" else np.exp(np.clip(v, -600, 600))

        if self.low is None or self.high is None:
            return float(self.totals @ b - self.base @ cost(u))
        with np.errstate(divide="ignore"):
            first, last = ((self.low - 1, self.high - 1) if self.distance == "linear"
                           else (np.log(self.low), np.log(self.high)))  # fmt: skip
        inside = np.clip(u, first, last)
        beyond = np.where(u < first, self.low * (u - inside), np.where(u > last, self.high * (u - inside), 0.0))
        return float(self.totals @ b - self.base @ (cost(inside) + np.nan_to_num(beyond)))

    def misfit(self, b: Floats) -> float:
        """Largest misfit of a total, relative to its size."""
        reached = self.columns.sums(self.base * self.ratio(b))
        return float(np.max(np.abs(self.totals - reached) / self.size))

    def solve(self, start: Floats | None = None) -> tuple[Floats, float, int]:
        """Coefficients b (p,), the misfit they leave and the steps it took."""
        b = np.zeros(self.columns.p) if start is None else start
        best, best_misfit, step = b, np.inf, 0
        while step < MAX_STEPS:
            misfit = self.misfit(b)
            if misfit < best_misfit:
                best, best_misfit = b, misfit
            elif best_misfit < ROUNDING:
                break  # only rounding is left
            if misfit <= TOLERANCE:
                break
            step += 1
            following = self._newton(b, misfit)
            if following is None:
                break
            b = following
        return best, best_misfit, step

    def _newton(self, b: Floats, misfit: float) -> Floats | None:
        gradient = self.totals - self.columns.sums(self.base * self.ratio(b))
        slope = self._slope(b)
        here = self._dual(b)
        # Where everybody who matters to a total is at a bound the curvature there says nothing:
        # that of all residents, which is never less, still leads uphill.
        for curvature in (np.where(self.clipped(b), 0.0, slope), slope):
            hessian = self.columns.gram(self.base * curvature)
            scale = np.sqrt(np.maximum(hessian.diagonal(), 1e-300))
            step = linalg.lstsq(hessian / np.outer(scale, scale), gradient / scale, cond=1e-12)[0] / scale
            if np.abs(hessian @ step - gradient).max() > 0.5 * np.abs(gradient).max():
                continue
            if misfit < 1e-6 or (self.distance == "linear" and self.low is None):
                return b + step  # exact, or so near that the dual's own rounding would hide the gain
            rise = float(gradient @ step)
            for halving in range(30):
                if self._dual(b + 0.5**halving * step) >= here + 1e-4 * 0.5**halving * rise:
                    return b + 0.5**halving * step
        return None


def ratio_bounds(
    bounds: Bounds | None, bounds_on: BoundsOn, base: Floats, total: float
) -> tuple[Floats | None, Floats | None]:
    """Bounds (n,) of the ratio of weight to base weight, from multiples of the mean weight or of the base weight."""
    if bounds is None:
        return None, None
    unit = np.ones(len(base)) if bounds_on == "base" else total / len(base) / base
    return bounds[0] * unit, bounds[1] * unit


def calibrate_general(problem: General, names: list[str], where: str, limit: str = "") -> Raked:
    """Weights for a problem; see :func:`~trustsurvey.weighting.weigh.calibrate`. ``limit`` words the bounds.

    SurveyError ``rake.infeasible`` where no weights give the totals, ``calibrate.collinear`` where the
    totals contradict each other on constraints that say the same, ``rake.boundary`` where raking
    leaves somebody no weight, ``rake.not-found`` where no solution was found.
    """
    b, misfit, steps = problem.solve()
    if misfit > ROUNDING:
        raise _unsolved(problem, b, names, where, limit)
    ratio = problem.ratio(b)
    if problem.distance == "raking" and np.any(ratio / (problem.base @ ratio) < VANISHED / problem.base.sum()):
        raise SurveyError(
            "rake.boundary", "These margins and totals can only be met by giving some residents no weight at all",
            where=where, hint="Merge small categories, leave one margin or total out, or calibrate linearly.",
        )  # fmt: skip
    return Raked(problem.base * ratio, misfit, steps, float(problem.clipped(b).mean()))


def _unsolved(problem: General, b: Floats, names: list[str], where: str, limit: str) -> SurveyError:
    apart = np.abs(problem.totals - problem.columns.sums(problem.base * problem.ratio(b))) / problem.size
    worst = names[int(np.argmax(apart))]
    if problem.distance == "linear" and problem.low is None:
        return SurveyError(
            "calibrate.collinear", "Some margins or totals say the same of everyone in the sample, but with "
            "different numbers", where=where, got=f"{worst} among them",
            hint="Leave one of them out, or merge small categories.",
        )  # fmt: skip
    low = np.zeros(len(problem.base)) if problem.low is None else problem.low * problem.base
    high = None if problem.high is None else problem.high * problem.base
    found = impossible(problem.columns.matrix(), problem.totals, names, low, high, where, limit)
    return found or SurveyError(
        "rake.not-found", "No weights were found that meet these margins and totals", where=where,
        got=f"a misfit of {apart.max():.1e} in {worst}", hint="Widen the bounds a little, or merge small categories.",
    )  # fmt: skip
