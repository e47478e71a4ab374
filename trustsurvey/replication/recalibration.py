"""Every replicate through the calibration that the wave's own weights went through."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace

import numpy as np
from scipy import sparse
from scipy.linalg import lapack

from trustsurvey.errors import SurveyError
from trustsurvey.model import Design, Floats, Wave
from trustsurvey.weighting.calibration import ROUNDING, TOLERANCE, Problem
from trustsurvey.weighting.targets import Targets, everyone

#: Newton steps from the full sample's factors before the careful solver takes over.
QUICK_STEPS = 20
#: Above this misfit the curvature is worked out anew, below it that of the step before serves.
RENEW = 1e-3
#: Entries of the table of dummies up to which that is worth while.
MOST_DUMMIES = 2_000_000
#: Numbers of replicate weights that are worked on at a time, to stay in the processor's cache.
BLOCK = 200_000


def recalibrated(wave: Wave, design: Design, factors: Floats, again: bool = True) -> tuple[Floats, np.ndarray]:
    """Replicate weights (n, R) from factors (R, PSUs) of the base weights, and which of them were found (R,).

    SurveyError ``weights.fit`` if the wave's weights are not those its settings lead to.
    """
    n, count = len(wave), len(factors)
    blocks = _blocks(wave) if again else [_Fixed(slice(0, n), wave.weights)]
    whole = np.array_equal(design.psus, np.arange(factors.shape[1]))
    weights, kept = np.empty((n, count)), np.ones(count, dtype=bool)
    rows = max(1, BLOCK // max(n, 1))
    for first in range(0, count, rows):
        some = slice(first, min(first + rows, count))
        times = factors[some] if whole else factors[some][:, design.psus]
        for block in blocks:
            found, good = block.weights(np.ascontiguousarray(times[:, block.rows]))
            weights[block.rows, some] = found.T
            kept[some] &= good
    return weights, kept


@dataclass(frozen=True, eq=False)
class _Fixed:
    """Residents whose weights were not calibrated, or are taken as if they were not."""

    rows: slice
    full: Floats

    def weights(self, times: Floats) -> tuple[Floats, np.ndarray]:
        return times * self.full, np.ones(len(times), dtype=bool)


@dataclass(frozen=True, eq=False)
class _Calibrated:
    """Residents whose weights were calibrated to ``targets`` and then multiplied by ``factor`` (n,) or a number."""

    rows: slice
    targets: Targets
    factor: Floats | float
    solve: Callable[[Floats], Floats | None] = field(init=False)

    def __post_init__(self) -> None:
        quick = self.targets.distance == "raking" and not self.targets.totals
        object.__setattr__(self, "solve", (_Raking if quick else _General)(self.targets).ratio)

    def weights(self, times: Floats) -> tuple[Floats, np.ndarray]:
        found, good = times * self.targets.base, np.ones(len(times), dtype=bool)
        for r, base in enumerate(found):
            ratio = self.solve(base)
            if ratio is None:
                good[r] = False
            else:
                base *= ratio
        found *= self.factor
        return found, good


class _Raking:
    """Raking on the cells of the margins, which all replicates share, from the full sample's solution.

    Weights of a cell are its base weight times a factor for its category of the outer margin (the one
    with most categories) and one for its combination of the others: with base weights as a table of
    the two, sums of weights are products of that table with vectors, and Newton's equations are
    solved with the outer margin, whose block is diagonal, eliminated.
    """

    def __init__(self, targets: Targets) -> None:
        problem = self.problem = Problem.build(
            list(targets.codes), list(targets.margins), targets.base, targets.bounds, targets.bounds_on
        )
        self.start = problem.solve()[0]
        outer = problem.cell_codes[:, problem.outer]
        k = len(problem.inner_codes)
        sizes = [int(size) for j, size in enumerate(problem.sizes) if j != problem.outer]
        first = np.cumsum([0, *sizes])
        self.outer_of, self.inner_of = outer[problem.cell_of], problem.inner[problem.cell_of]
        self.shape = (int(problem.sizes[problem.outer]), k)
        self.quick = problem.low is None and k * int(first[-1]) <= MOST_DUMMIES
        if not self.quick:
            return
        self.dummies = np.zeros((k, int(first[-1])))
        for column, codes in zip(first, problem.inner_codes.T, strict=False):
            self.dummies[np.arange(k), column + codes] = 1.0
        # Without the first category of each of these margins: the rest and the outer margin say the same.
        self.free = np.setdiff1d(np.arange(first[-1]), first[:-1])
        self.free_dummies = np.ascontiguousarray(self.dummies[:, self.free])
        own = np.arange(problem.offsets[problem.outer], problem.offsets[problem.outer] + self.shape[0])
        self.outer_columns, self.inner_columns = own, np.setdiff1d(np.arange(len(problem.totals)), own)
        self.place = outer * k + problem.inner
        self.dense = self.shape[0] * k <= 8 * len(problem.base)
        self.pattern = sparse.csr_array((np.arange(1.0, len(outer) + 1), (outer, problem.inner)), shape=self.shape)

    def _table(self, cells: Floats) -> Floats | sparse.csr_array:
        """Base weights (c,) as a table of the outer margin by the combinations of the others."""
        if self.dense:
            table = np.zeros(self.shape[0] * self.shape[1])
            table[self.place] = cells
            return table.reshape(self.shape)
        return sparse.csr_array(
            (cells[self.pattern.data.astype(np.int64) - 1], self.pattern.indices, self.pattern.indptr), self.shape
        )

    def ratio(self, base: Floats) -> Floats | None:
        """Weight over base weight (n,) for base weights (n,); None where there are no weights."""
        cells: Floats = np.bincount(self.problem.cell_of, base, len(self.problem.base)).astype(float)
        if not self.problem.sums(cells).all():
            return None  # nobody is left in a category
        factors = self._quick(cells) if self.quick else None
        if factors is not None:
            return factors[0][self.outer_of] * factors[1][self.inner_of]
        problem = self.problem.on(cells)
        b, misfit, _ = problem.solve(self.start)
        return None if misfit > ROUNDING else problem.ratio(b)[problem.cell_of]

    def _quick(self, cells: Floats) -> tuple[Floats, Floats] | None:
        """Factors of the outer categories and of the combinations of the others; None where the steps go astray."""
        table, z, z_free = self._table(cells), self.dummies, self.free_dummies
        b_outer, b_inner = self.start[self.outer_columns], self.start[self.inner_columns]
        wanted_outer, wanted_inner = self.problem.totals[self.outer_columns], self.problem.totals[self.inner_columns]
        before, solver, cross, rows = np.inf, None, z_free[:0], b_outer
        for _ in range(QUICK_STEPS):
            one, other = np.exp(b_outer), np.exp(z @ b_inner)
            reached = one * (table @ other)
            combined = other * (one @ table)
            apart, apart_inner = wanted_outer - reached, wanted_inner - combined @ z
            misfit = max(np.abs(apart / wanted_outer).max(), np.abs(apart_inner / wanted_inner).max(initial=0.0))
            if misfit <= TOLERANCE or (misfit >= before and before < ROUNDING):
                return one, other
            if not misfit < 10 * before:
                return None
            if solver is None or misfit > RENEW:
                rows = reached
                cross = one[:, None] * (table @ (other[:, None] * z_free))
                with np.errstate(divide="ignore", invalid="ignore"):
                    inner = z_free.T @ (combined[:, None] * z_free) - cross.T @ (cross / rows[:, None])
                solver, wrong = lapack.dpotrf(inner, lower=1) if len(inner) else (inner, 0)
                if wrong or not rows.min() > 0:
                    return None
            before = misfit
            step = apart_inner[self.free] - cross.T @ (apart / rows)
            if len(step):
                step, _ = lapack.dpotrs(solver, step, lower=1)
            b_outer = b_outer + (apart - cross @ step) / rows
            b_inner = b_inner.copy()
            b_inner[self.free] += step
        return None


class _General:
    """Linear calibration, or raking with continuous totals, resident by resident."""

    def __init__(self, targets: Targets) -> None:
        self.problem = targets.general()
        self.start = self.problem.solve()[0]

    def ratio(self, base: Floats) -> Floats | None:
        """Weight over base weight (n,) for base weights (n,); None where there are no weights."""
        problem = replace(self.problem, base=base)
        if not problem.columns.sums(base)[: problem.columns.categories].all():
            return None  # nobody is left in a category
        b, misfit, _ = problem.solve(self.start)
        if misfit > ROUNDING:
            b, misfit, _ = problem.solve()
        return None if misfit > ROUNDING else problem.ratio(b)


def _blocks(wave: Wave) -> list[_Fixed | _Calibrated]:
    """The parts of a wave that were calibrated each by itself; one but for pooled waves."""
    weighting = wave.weighting
    everybody = slice(0, len(wave))
    if weighting is None or not weighting.constraints.shape[1]:
        return [_Fixed(everybody, wave.weights)]
    settings = weighting.settings
    if not wave.parts or len(weighting.report):
        targets = Targets.saved(wave, weighting.margins, settings)
        calibrated = targets.solve().weights
        same = np.allclose(calibrated, wave.weights, rtol=1e-6, atol=1e-9 * float(np.abs(calibrated).mean()))
        if same:
            return [_Calibrated(everybody, targets, 1.0)]
        if settings.get("trimmed") or settings.get("method") == "external":
            return [_Calibrated(everybody, targets, wave.weights / calibrated)]
        raise SurveyError(
            "weights.fit", "The weights of the wave are not those that its margins lead to", where=wave.name,
            hint="Weight the wave again, or make replicates without recalibration.",
        )  # fmt: skip
    blocks: list[_Fixed | _Calibrated] = []
    first = 0
    for part in wave.parts:
        rows = slice(first, first + len(part))
        first += len(part)
        size = float(wave.weights[rows].sum())
        inner = _blocks(part)[0]
        if isinstance(inner, _Calibrated):
            blocks.append(_Calibrated(rows, inner.targets, inner.factor * (size / part.weights.sum())))
        else:  # its share of the pool was set: a calibration to its own total
            total = everyone(size)
            codes = (np.zeros(len(part), dtype=np.int64),)
            blocks.append(_Calibrated(rows, Targets(part.name, wave.weights[rows], total, codes), 1.0))
    return blocks
