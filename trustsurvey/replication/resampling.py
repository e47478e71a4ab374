"""Replicate designs: which sampling units each replicate keeps, drops or takes several times.

All work on PSUs within strata; a replicate is a row of factors by which base weights are multiplied.
They follow R survey's ``as.svrepdesign`` (Lumley 2010, 2.3), which names the types alike.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import linalg

from trustsurvey.errors import SurveyError
from trustsurvey.language import N_
from trustsurvey.model import Design, Floats, Ints


@dataclass(frozen=True, eq=False)
class Factors:
    """Factors (R, PSUs) of base weights, with what the variance is multiplied by.

    ``V = scale * sum_r rscales_r (theta_r - centre)^2``; ``df`` degrees of freedom; ``note`` says what
    was left out, if anything.
    """

    factors: Floats
    scale: float
    rscales: Floats
    df: int
    method: str
    note: str = ""


@dataclass(frozen=True, eq=False)
class _Units:
    """PSUs in order of stratum: stratum of each PSU (P,), PSUs and sampled share by stratum (H,)."""

    stratum: Ints
    n: Ints
    fraction: Floats

    @classmethod
    def of(cls, design: Design) -> _Units:
        stratum, n = design.psu_strata, design.stratum_psus
        fraction = np.zeros(len(n))
        if design.fpc is not None:
            population = np.ones(len(n))
            population[design.strata] = design.fpc
            fraction = n / population
            if (fraction > 1 + 1e-12).any():
                raise SurveyError("design.fpc", "A stratum has more sampled units than its population has",
                                  expected="the number of PSUs in the population of each stratum")  # fmt: skip
        return cls(stratum, n, fraction)

    def lonely(self) -> Ints:
        """Strata with one PSU that is not the whole stratum."""
        return np.flatnonzero((self.n == 1) & (self.fraction < 1))


def _refuse_lonely(count: int, choices: str) -> SurveyError:
    return SurveyError(
        "design.lonely", f"{count} strata have a single sampling unit, which cannot be resampled",
        hint=f"Merge strata, or name a treatment: {choices}.",
    )  # fmt: skip


def jackknife(design: Design, method: str = "auto") -> Factors:
    """Each PSU left out in turn, the others of its stratum making up for it (Wolter 2007, 4).

    "JK1" for one stratum, "JKn" for several ("auto" chooses): factor n_h / (n_h - 1) within the
    stratum, rscale ``(1 - f_h)(n_h - 1) / n_h``. A stratum sampled in full has no replicates. A lonely
    PSU is refused ("fail"), has no replicate ("remove"; "average": the others are scaled up), or one
    without it in which all others count H / (H - 1) times ("adjust").
    """
    units = _Units.of(design)
    h, p = len(units.n), len(units.stratum)
    chosen = ("JK1" if h == 1 else "JKn") if method == "auto" else method
    if chosen == "JK1" and h > 1:
        raise SurveyError("replicates.method", "JK1 is for samples without strata", got=f"{h} strata",
                          expected="JKn")  # fmt: skip
    lonely = units.lonely()
    if len(lonely) and design.lonely == "fail":
        raise _refuse_lonely(len(lonely), "adjust, average or remove")
    usual = np.flatnonzero((units.n > 1) & (units.fraction < 1))
    left_out = np.flatnonzero(np.isin(units.stratum, usual))
    adjusted = lonely if design.lonely == "adjust" and h > 1 else lonely[:0]
    if not len(left_out) + len(adjusted):
        raise SurveyError("replicates.none", "No sampling unit can be left out",
                          hint="Every stratum is sampled in full or has one unit.")  # fmt: skip
    size = units.n[units.stratum]
    own = units.stratum[left_out]
    factors = np.ones((len(left_out) + len(adjusted), p))
    for start in range(0, len(left_out), 64):  # in blocks, since only those of a stratum change
        block = slice(start, min(start + 64, len(left_out)))
        same = own[block, None] == units.stratum[None, :]
        factors[block][same] = np.broadcast_to(size / np.maximum(size - 1, 1), same.shape)[same]
    factors[np.arange(len(left_out)), left_out] = 0.0
    rscales = (1 - units.fraction[own]) * (units.n[own] - 1) / units.n[own]
    for k, stratum in enumerate(adjusted, len(left_out)):
        factors[k] = np.where(units.stratum == stratum, 0.0, h / (h - 1))
    rscales = np.concatenate([rscales, np.full(len(adjusted), (h - 1) / h)])
    scale = p / len(left_out) if design.lonely == "average" and len(lonely) else 1.0
    df = int((units.n[usual] - 1).sum())
    if chosen == "JK1":
        scale, rscales = scale * float(rscales[0]), np.ones(len(rscales))
    return Factors(factors, scale, rscales, df, chosen)


def bootstrap(design: Design, count: int, seed: int, fpc: bool = True) -> Factors:
    """Rao-Wu rescaled bootstrap (Rao & Wu 1988; Rao, Wu & Yue 1992): n_h - 1 PSUs drawn with replacement.

    Factor ``1 - l + l n_h / (n_h - 1) m`` for a PSU drawn m times, with ``l = sqrt(1 - f_h)`` where the
    design has a finite population correction and ``fpc`` is not turned off, else 1 (R
    "subbootstrap", which knows no correction); scale 1 / (R - 1).
    """
    if count < 2:
        raise SurveyError("replicates.count", "Too few replicates", got=f"{count}", expected="2 or more, such as 500")
    units = _Units.of(design)
    lonely = units.lonely()
    if len(lonely) and design.lonely != "remove":
        raise _refuse_lonely(len(lonely), "remove (a jackknife also knows adjust and average)")
    p = len(units.stratum)
    order = np.argsort(units.stratum, kind="stable")
    first = np.cumsum(units.n) - units.n
    stratum = np.repeat(np.arange(len(units.n)), units.n - 1)  # of each draw
    rng = np.random.default_rng(seed)
    reach = np.sqrt(1 - units.fraction) if fpc else np.ones(len(units.n))
    more = (reach * units.n / np.maximum(units.n - 1, 1))[units.stratum]
    rest = np.where(units.n == 1, 1.0, 1 - reach)[units.stratum]
    size, start, rows = units.n[stratum].astype(float), first[stratum], max(1, 200_000 // p)
    factors = np.empty((count, p))
    for begin in range(0, count, rows):
        some = min(rows, count - begin)
        drawn = order[(rng.random((some, len(stratum))) * size).astype(np.int64) + start]
        drawn += p * np.arange(some)[:, None]
        times = np.bincount(drawn.ravel(), minlength=some * p).reshape(some, p)
        np.multiply(times, more, out=factors[begin : begin + some])
        factors[begin : begin + some] += rest
    if len(lonely):
        factors[:, np.isin(units.stratum, lonely)] = 1.0
    df = min(count - 1, int((units.n - 1)[units.fraction < 1].sum() if fpc else (units.n - 1).sum()))
    note = N_("finite population correction left out") if design.fpc is not None and not fpc else ""
    return Factors(factors, 1 / (count - 1), np.ones(count), df, "bootstrap", note)


def balanced(design: Design, rho: float = 0.0, large: str = "split", hadamard: np.ndarray | None = None) -> Factors:
    """Balanced repeated replication (McCarthy 1969), Fay's variant with ``rho`` (Judkins 1990).

    One PSU of each pair counts 2 - rho times, the other rho times, by the rows of a Hadamard matrix;
    scale ``1 / (R (1 - rho)^2)``. Strata want two PSUs. More are taken two by two in the order of their
    codes ("split"), or in two halves ("merge"); one alone is refused, or stays as it is ("remove").
    ``hadamard``: a matrix of one's own with a first row of equal entries, so as to repeat what another
    program did; each replicate is a column. Finite population corrections are left out, as in R.
    """
    if not 0 <= rho < 1:
        raise SurveyError("replicates.rho", "Fay's rho is out of range", got=f"{rho:g}", expected="0 or more, below 1")
    units = _Units.of(design)
    alone = np.flatnonzero(units.n == 1)
    if len(alone) and design.lonely != "remove":
        raise _refuse_lonely(len(alone), "remove")
    odd = np.flatnonzero((units.n > 2) & (units.n % 2 == 1))
    if large not in ("split", "merge") or (large == "split" and len(odd)):
        raise SurveyError(
            "replicates.pairs", f"{len(odd)} strata have an odd number of sampling units, which make no pairs",
            expected="two in each stratum", hint="Ask for large='merge', which halves them, or for a jackknife.",
        )  # fmt: skip
    order = np.argsort(units.stratum, kind="stable")
    first = np.cumsum(units.n) - units.n
    place = np.empty(len(order), dtype=np.int64)
    place[order] = np.arange(len(order)) - np.repeat(first, units.n)  # within the stratum
    if large == "merge":
        pair, second = units.stratum.copy(), place >= (units.n // 2)[units.stratum]
    else:
        pair, second = units.stratum * (int(units.n.max()) + 1) + place // 2, place % 2 == 1
    paired = units.n[units.stratum] > 1
    if not paired.any():
        raise SurveyError("replicates.none", "No stratum has two sampling units")
    codes = np.unique(pair[paired], return_inverse=True)[1]
    pairs = int(codes.max()) + 1
    matrix = hadamard_matrix(pairs + 1) if hadamard is None else np.asarray(hadamard)
    if matrix.ndim != 2 or matrix.shape[0] < pairs + 1 or matrix.shape[0] != matrix.shape[1]:
        raise SurveyError("replicates.hadamard", "The Hadamard matrix is too small or not square",
                          got=" x ".join(map(str, matrix.shape)), expected=f"{pairs + 1} rows or more")  # fmt: skip
    signs = np.where(matrix == matrix[0, 0], 1.0, -1.0)
    if not np.allclose(signs @ signs.T, len(signs) * np.eye(len(signs))):
        raise SurveyError("replicates.hadamard", "The matrix is no Hadamard matrix", expected="orthogonal rows of two "
                          "values")  # fmt: skip
    up = signs[1:][codes] == np.where(second[paired], 1.0, -1.0)[:, None]
    count = matrix.shape[1]
    factors = np.ones((count, len(order)))
    factors[:, paired] = np.where(up, 2 - rho, rho).T
    note = "" if design.fpc is None else N_("finite population correction left out")
    scale = 1 / (count * (1 - rho) ** 2)
    return Factors(factors, scale, np.ones(count), min(pairs, count - 1), "Fay" if rho else "BRR", note)


def hadamard_matrix(at_least: int) -> Floats:
    """The smallest Hadamard matrix of ``at_least`` rows that Sylvester's or Paley's construction gives.

    Entries 1 and -1, the first row and column all 1 (Paley 1933: orders q + 1 for primes q = 3 mod 4,
    doubled as often as wanted).
    """
    best: tuple[int, int, int] | None = None
    top = 4
    while top < at_least:
        top *= 2
    for order in [2, *(q + 1 for q in range(3, top, 4) if _prime(q))]:
        doubled, times = order, 0
        while doubled < at_least:
            doubled, times = doubled * 2, times + 1
        if best is None or doubled < best[0]:
            best = (doubled, order, times)
    assert best is not None
    _, order, times = best
    matrix = np.array([[1.0, 1.0], [1.0, -1.0]]) if order == 2 else _paley(order - 1)
    for _ in range(times):
        matrix = np.block([[matrix, matrix], [matrix, -matrix]])
    return matrix


def _paley(q: int) -> Floats:
    squares = np.zeros(q)
    squares[np.arange(1, q) ** 2 % q] = 1
    character = np.where(np.arange(q) == 0, 0.0, 2 * squares - 1)
    skew = np.zeros((q + 1, q + 1))
    skew[0, 1:], skew[1:, 0] = 1, -1
    skew[1:, 1:] = linalg.toeplitz(character[-np.arange(q) % q], character).T
    matrix = skew + np.eye(q + 1)
    return _normal(matrix)


def _normal(matrix: Floats) -> Floats:
    """Signs turned so that the first row and column are 1."""
    matrix = matrix * matrix[0]
    return matrix * matrix[:, :1]


def _prime(q: int) -> bool:
    return all(q % d for d in range(2, int(q**0.5) + 1))
