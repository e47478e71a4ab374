"""Every replicate through the calibration that the wave's own weights went through."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace

import numpy as np

from trustsurvey.errors import SurveyError
from trustsurvey.model import Design, Floats, Wave
from trustsurvey.weighting.calibration import ROUNDING, Problem
from trustsurvey.weighting.targets import Targets, everyone

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
    """Raking on the cells of the margins, which all replicates share, from the full sample's solution."""

    def __init__(self, targets: Targets) -> None:
        self.problem = Problem.build(
            list(targets.codes), list(targets.margins), targets.base, targets.bounds, targets.bounds_on
        )
        self.start = self.problem.solve()[0]

    def ratio(self, base: Floats) -> Floats | None:
        """Weight over base weight (n,) for base weights (n,); None where there are no weights."""
        cells: Floats = np.bincount(self.problem.cell_of, base, len(self.problem.base)).astype(float)
        if not self.problem.sums(cells).all():
            return None  # nobody is left in a category
        problem = self.problem.on(cells)
        b, misfit, _ = problem.solve(self.start)
        return None if misfit > ROUNDING else problem.ratio(b)[problem.cell_of]


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
