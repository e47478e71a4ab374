"""Linearised (Taylor) variances for stratified, clustered and calibrated designs.

Every estimator is handed over as a sparse matrix of linearised values, one column an estimate,
with entries only where a resident counts for it. All columns are done at once and nothing of size
residents x estimates is formed.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Literal
from weakref import WeakKeyDictionary

import numpy as np
import pandas as pd
from scipy import sparse

from trustsurvey.errors import SurveyError
from trustsurvey.estimation.entries import counts, distinct, places, rows_times, sums, turned
from trustsurvey.estimation.lonely import Strata, entered, whole
from trustsurvey.model import Design, Floats, Ints, Lonely, Wave, Weighting

#: Degrees of freedom: PSUs less strata, or what unequal weights leave of them (Satterthwaite).
Df = Literal["satterthwaite", "design"]
#: A variance this small beside what it is the difference of is rounding.
ROUNDING = 1e-11
#: A stratum of which less than this share was not sampled is sampled in full (as in R).
FULL = 1e-7
#: Estimates taken together where values must be dense in sampling units.
CHUNK = 64
#: Cells of a table of strata by estimates that are taken together.
MOST_CELLS = 4_000_000


@dataclass(frozen=True, eq=False)
class _Totals:
    """Weighted totals by PSU (P, k), their sums by stratum (H, k) and what they are centred at (H, k).

    ``row`` and ``column`` are those of the entries of ``by_psu``; ``strata``: as these estimates see them.
    """

    by_psu: sparse.csr_array
    row: Ints
    column: Ints
    by_stratum: Floats
    centre: Floats
    strata: Strata


@dataclass(frozen=True, eq=False)
class _Calibrated:
    """What every variance under calibrated weights needs of the constraints X (n, p).

    Their PSU totals; the transpose (p, P) of c times those, and their cross products (p, p); the
    transpose (p, n) of the base weights times X, and (X'DX)^-.
    """

    totals: _Totals
    by_factor: sparse.csr_array
    cross: Floats
    by_base: sparse.csr_array
    inverse: Floats


@dataclass(frozen=True, eq=False)
class VarianceModel:
    """The design of a wave and, if it was calibrated, what its weights were calibrated to.

    With-replacement sampling of PSUs within strata at stage one, or simple random sampling where
    the design has an ``fpc``. For calibrated weights the variance is that of the residuals of the
    linearised values on the constraints, fitted with the base weights and expanded with the
    calibrated ones (Deville & Sarndal 1992; what R survey's ``calibrate`` does), in closed form:

        V = sum_h (1 - f_h) n_h / (n_h - 1) * [s's - 2 b'X's + b'X'X b]_h

    with s and X the stratum-centred PSU totals of the weighted values and constraints.

    """

    design: Design
    weights: Floats
    base: Floats
    constraints: sparse.csr_array | None = None

    @classmethod
    def of(cls, wave: Wave, lonely: Lonely | None = None) -> VarianceModel:
        """The variance model of a wave with its present weights; ``lonely`` instead of the design's own."""
        design = wave.design if lonely is None else replace(wave.design, lonely=lonely)
        calibrated = wave.weighting
        if calibrated is None:
            return cls(design, wave.weights, design.weights)
        kept = _MODELS.get(calibrated)
        if kept is None or kept.design is not design:
            constraints = calibrated.constraints if calibrated.constraints.shape[1] else None
            kept = cls(design, calibrated.weights, calibrated.base, constraints)
            _MODELS[calibrated] = kept
        return kept

    # --- the design's own figures ---------------------------------------------------------------

    @property
    def n_psu(self) -> int:
        """PSUs in the sample."""
        return self.design.n_psu

    @cached_property
    def _n_h(self) -> Floats:
        return self.design.stratum_psus.astype(float)

    @property
    def df(self) -> int:
        """PSUs less strata."""
        return self.n_psu - int((self._n_h > 0).sum())

    @property
    def sampled(self) -> Floats:
        """Share (n,) of the units of each resident's stratum that are in the sample; 0 without a finite population."""
        if self.design.fpc is None:
            return np.zeros(len(self.weights))
        return self._n_h[self.design.strata] / self.design.fpc

    @cached_property
    def _left(self) -> Floats:
        """1 - f_h by stratum."""
        if self.design.fpc is None:
            return np.ones(len(self._n_h))
        population = np.ones(len(self._n_h))
        population[self.design.strata] = self.design.fpc
        left = 1 - self._n_h / population
        if np.any(left < -1e-12):
            raise SurveyError(
                "design.fpc",
                "A stratum has more sampled units than its population has",
                expected="the number of PSUs in the population of each stratum",
            )
        return left

    @cached_property
    def _lonely(self) -> np.ndarray:
        """The strata with a single PSU that is not the whole stratum."""
        return (self._n_h == 1) & (self._left > FULL)

    @cached_property
    def _factor(self) -> Floats:
        """(1 - f_h) n_h / (n_h - 1) by stratum; for a lonely PSU 1 - f_h if it is centred elsewhere, else nothing."""
        n_h, left, lonely = self._n_h, self._left, self._lonely
        if lonely.any() and self.design.lonely == "fail":
            raise SurveyError(
                "design.lonely",
                f"{int(lonely.sum())} strata have a single sampling unit, which has no variance",
                hint="Merge strata, or name a treatment: adjust, average or remove.",
            )
        factor = np.zeros(len(n_h))
        several = n_h > 1
        factor[several] = left[several] * n_h[several] / (n_h[several] - 1)
        if self.design.lonely == "adjust":
            factor[lonely] = left[lonely]
        return factor

    @cached_property
    def _whole(self) -> Strata:
        return whole(self.design, self._factor, self._lonely)

    def _strata(self, values: sparse.csr_array, *more: sparse.csr_array) -> Strata:
        """The strata as each of the estimates (n, k) sees them, or, with ``more`` of them, all together."""
        borrows = self.design.lonely in ("adjust", "average") and (self._lonely.any() or self.design.lonely_domains)
        if not borrows or self.constraints is not None:
            return self._whole
        found = [places(each) for each in (values, *more)]
        row, column = (np.concatenate(parts) for parts in zip(*found, strict=True))
        return entered(self.design, self._factor, self._lonely, row, column, values.shape[1], together=bool(more))

    @cached_property
    def _psu_sum(self) -> sparse.csr_array | None:
        """The (PSU, resident) matrix of weights; None where residents are their own PSUs in order."""
        if self.design.psus_in_order:
            return None
        n = len(self.weights)
        return sparse.csr_array((self.weights, (self.design.psus, np.arange(n))), shape=(self.n_psu, n))

    # --- sums over PSUs and strata ---------------------------------------------------------------

    def _totals(self, values: sparse.csr_array, strata: Strata) -> _Totals:
        """Weighted totals of (n, k) values, centred at the mean of their stratum."""
        by_psu = rows_times(values, self.weights) if self._psu_sum is None else self._psu_sum @ values
        row, column = places(by_psu)
        h, k = len(self._n_h), values.shape[1]
        by_stratum = sums(self.design.psu_strata[row] * k + column, by_psu.data, h * k).reshape(h, k)
        centre = by_stratum / np.maximum(self._n_h, 1)[:, None]
        if strata.afar is not None:
            centre = np.where(strata.afar, by_stratum.sum(axis=0) / np.maximum(strata.units, 1), centre)
        return _Totals(by_psu, row, column, by_stratum, centre, strata)

    def _cross(self, a: _Totals, b: _Totals, by_factor: sparse.csr_array | None = None) -> Floats:
        """sum_h c_h sum_psu (a - centre)(b - centre)' for PSU totals a (P, k) and b (P, l) that share their strata.

        ``by_factor`` (k, P) is the transpose of c times a, if it is known.
        """
        c = a.strata.factor[:, :1]
        if by_factor is None:
            by_factor = turned(a.by_psu, c[self.design.psu_strata, 0])
        return (
            (by_factor @ b.by_psu).toarray()
            - a.centre.T @ (c * b.by_stratum)
            - a.by_stratum.T @ (c * b.centre)
            + a.centre.T @ (c * self._n_h[:, None] * b.centre)
        )

    def _squares(self, a: _Totals) -> tuple[Floats, Floats]:
        """The diagonal of ``_cross(a, a)``, and that of the totals without a centre."""
        strata, k = a.by_stratum.shape
        stratum, entries = self.design.psu_strata[a.row], a.by_psu.data
        factor = a.strata.factor
        c = factor[stratum, 0] if factor.shape[1] == 1 else factor[stratum, a.column]
        # Entry by entry, not as a difference of large sums, so that what is nothing comes out as nothing.
        present = sums(a.column, c * (entries - a.centre.ravel()[stratum * k + a.column]) ** 2, k)
        absent = self._n_h[:, None] - counts(stratum, a.column, (strata, k))
        squares = present + (factor * absent * a.centre**2).sum(axis=0)
        return squares, sums(a.column, c * entries**2, k)

    @cached_property
    def _calibrated(self) -> _Calibrated:
        assert self.constraints is not None
        x, totals = self.constraints, self._totals(self.constraints, self._whole)
        by_base = turned(x, self.base)
        gram = (by_base @ x).toarray()
        scale = np.sqrt(np.maximum(gram.diagonal(), 1e-300))
        inverse = np.linalg.pinv(gram / np.outer(scale, scale), rcond=1e-10, hermitian=True)
        by_factor = turned(totals.by_psu, self._whole.factor[self.design.psu_strata, 0])
        return _Calibrated(
            totals, by_factor, self._cross(totals, totals, by_factor), by_base, inverse / np.outer(scale, scale)
        )

    def _coefficients(self, values: sparse.csr_array) -> Floats:
        """Base-weighted regression of the values on the constraints, (p, k)."""
        return self._calibrated.inverse @ (self._calibrated.by_base @ values).toarray()

    # --- variances ---------------------------------------------------------------------------------

    def variance(self, values: sparse.sparray, among: sparse.csr_array | None = None) -> Floats:
        """Variances (k,) of the weighted totals of linearised values (n, k).

        ``among`` (n, l): estimates that these are combinations of, the strata of which they share.
        """
        block = max(1, MOST_CELLS // max(1, len(self._n_h)))
        if values.shape[1] > block:
            columns = sparse.csc_array(values)
            starts = range(0, values.shape[1], block)
            parts = [self.variance(columns[:, first : first + block], among) for first in starts]
            return np.concatenate(parts)
        values = sparse.csr_array(values)
        totals = self._totals(values, self._strata(values, *(() if among is None else (among,))))
        plain, size = self._squares(totals)
        result = plain
        if self.constraints is not None:
            x, b = self._calibrated, self._coefficients(values)
            apart = self._cross(x.totals, totals, x.by_factor)
            result = plain - 2 * (b * apart).sum(axis=0) + (b * (x.cross @ b)).sum(axis=0)
        return np.where((result < ROUNDING * plain) | (result < ROUNDING**2 * size), 0.0, result)

    def covariance(self, values: sparse.sparray, others: sparse.sparray | None = None) -> Floats:
        """Covariances (k, l) of the weighted totals of linearised values (n, k) and others (n, l)."""
        a = sparse.csr_array(values)
        b = a if others is None else sparse.csr_array(others)
        strata = self._strata(a, b)
        s, t = self._totals(a, strata), self._totals(b, strata)
        result = self._cross(s, t)
        if self.constraints is not None:
            x, p, q = self._calibrated, self._coefficients(a), self._coefficients(b)
            apart = [self._cross(x.totals, totals, x.by_factor) for totals in (s, t)]
            result = result - p.T @ apart[1] - apart[0].T @ q + p.T @ x.cross @ q
        return result

    def shared_covariance(
        self, values: sparse.sparray, other: VarianceModel, others: sparse.sparray
    ) -> tuple[Floats, Ints]:
        """Covariances (k,) of estimates of two waves with units in common, and the df counted twice.

        ``values`` (n, k) belong to this wave, ``others`` (m, k) to the other one. Both results are
        zero where no unit has the same label in both. For a full panel this is the exact
        covariance; for partly overlapping samples the common units stand for what the two waves
        share (Kish 1965, 12.4).
        """
        mine, theirs = self._shared_units(other)
        k = values.shape[1]
        result, doubled = np.zeros(k), np.zeros(k, dtype=np.int64)
        if not len(mine):
            return result, doubled
        for start in range(0, k, CHUNK):
            block = slice(start, start + CHUNK)
            first = sparse.csr_array(sparse.csc_array(values)[:, block])
            second = sparse.csr_array(sparse.csc_array(others)[:, block])
            a, b = self._residuals(first, mine), other._residuals(second, theirs)
            result[block] = (a * b).sum(axis=0)
            both = (self._present(first)[mine] * other._present(second)[theirs]).tocoo()
            unit, column = both.coords
            strata = distinct(self.design.psu_strata[mine[unit]], column, (len(self._n_h), both.shape[1]))
            doubled[block] = np.bincount(column, minlength=both.shape[1]) - strata
        return result, doubled

    def _present(self, values: sparse.csr_array) -> sparse.csr_array:
        """(PSU, k) with 1 where a PSU has an entry."""
        row, column = places(values)
        met = sparse.csr_array((np.ones(len(row)), (self.design.psus[row], column)), (self.n_psu, values.shape[1]))
        met.sum_duplicates()
        met.data[:] = 1.0
        return met

    def _shared_units(self, other: VarianceModel) -> tuple[Ints, Ints]:
        if self.design.psu_ids is None or other.design.psu_ids is None:
            return np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64)
        first, second = _labelled(self.design), _labelled(other.design)
        both = [unit for unit in first if unit in second]
        return (
            np.array([first[unit] for unit in both], dtype=np.int64),
            np.array([second[unit] for unit in both], dtype=np.int64),
        )

    def _residuals(self, values: sparse.csr_array, units: Ints) -> Floats:
        """Stratum-centred PSU totals (units, k) of calibration residuals, times the root of their stratum's factor."""
        totals = self._totals(values, self._strata(values))
        rows, centre = totals.by_psu[units].toarray(), totals.centre
        if self.constraints is not None:
            x, b = self._calibrated.totals, self._coefficients(values)
            rows, centre = rows - x.by_psu[units] @ b, centre - x.centre @ b
        stratum = self.design.psu_strata[units]
        return np.sqrt(totals.strata.factor[stratum]) * (rows - centre[stratum])

    def domain_df(self, membership: sparse.sparray, df: Df = "design") -> np.ndarray:
        """Degrees of freedom (k,) of domains: their PSUs less their strata.

        ``membership`` (n, k) has an entry where a resident counts for the domain. "satterthwaite":
        times ``(sum q)^2 / (m sum q^2)``, with q the squared weights of each of the m PSUs: what is
        left of them where residents vary alike (Satterthwaite 1946; Valliant & Rust 2010).
        """
        row, column = places(sparse.csr_array(membership))
        k, strata = membership.shape[1], len(self._n_h)
        psu = np.bincount(column, minlength=k) if self._psu_sum is None else (
            distinct(self.design.psus[row], column, (self.n_psu, k)))  # fmt: skip
        design = psu - distinct(self.design.strata[row], column, (strata, k))
        if df == "design":
            return design
        q = sparse.csr_array((self.weights[row] ** 2, (self.design.psus[row], column)), shape=(self.n_psu, k))
        q.sum_duplicates()
        with np.errstate(invalid="ignore"):
            return np.where(psu > 0, design * q.sum(axis=0) ** 2 / (psu * (q * q).sum(axis=0)), 0.0)


#: The model of each calibration that is still in use, since its cross products serve every estimate.
_MODELS: WeakKeyDictionary[Weighting, VarianceModel] = WeakKeyDictionary()


def _labelled(design: Design) -> dict[object, int]:
    """The PSU of each label that tells one PSU; labels that stand for several tell none."""
    assert design.psu_ids is not None
    pairs = pd.DataFrame({"label": design.psu_ids, "psu": design.psus}).drop_duplicates()
    pairs = pairs[pairs["label"].notna() & (pairs["label"] != "")]
    pairs = pairs[~pairs["label"].duplicated(keep=False)]
    return dict(zip(pairs["label"], pairs["psu"], strict=True))
