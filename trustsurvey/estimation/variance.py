"""Linearised (Taylor) variances for stratified, clustered and calibrated designs.

Every estimator is handed over as a sparse matrix of linearised values, one column an estimate,
with entries only where a resident counts for it. All columns are done at once and nothing of size
residents x estimates is formed.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from weakref import WeakKeyDictionary

import numpy as np
import pandas as pd
from scipy import sparse

from trustsurvey.errors import SurveyError
from trustsurvey.model import Design, Floats, Ints, Lonely, Wave, Weighting

#: A variance this small beside what it is the difference of is rounding.
ROUNDING = 1e-11
#: Estimates taken together where values must be dense in sampling units.
CHUNK = 64


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

    @cached_property
    def n_psu(self) -> int:
        """PSUs in the sample."""
        return int(self.design.psus.max()) + 1 if len(self.design.psus) else 0

    @cached_property
    def _strata(self) -> np.ndarray:
        """Stratum of each PSU."""
        strata = np.zeros(self.n_psu, dtype=np.int64)
        strata[self.design.psus] = self.design.strata
        return strata

    @cached_property
    def _n_h(self) -> Floats:
        return np.bincount(self._strata).astype(float)

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
    def _factor(self) -> Floats:
        """(1 - f_h) n_h / (n_h - 1) by stratum; for a lonely PSU what its treatment asks for."""
        n_h = self._n_h
        left = np.ones(len(n_h))
        if self.design.fpc is not None:
            population = np.ones(len(n_h))
            population[self.design.strata] = self.design.fpc
            left = 1 - n_h / population
            if np.any(left < -1e-12):
                raise SurveyError(
                    "design.fpc",
                    "A stratum has more sampled units than its population has",
                    expected="the number of PSUs in the population of each stratum",
                )
        lonely = (n_h == 1) & (left > 0)
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
        elif self.design.lonely == "average" and lonely.any():
            known = int(((n_h > 0) & ~lonely).sum())
            factor *= (n_h > 0).sum() / max(1, known)
        return factor

    @cached_property
    def _psu_sum(self) -> sparse.csr_array | None:
        """The (PSU, resident) matrix of weights; None where residents are their own PSUs in order."""
        n = len(self.weights)
        if self.n_psu == n and np.array_equal(self.design.psus, np.arange(n)):
            return None
        return sparse.csr_array((self.weights, (self.design.psus, np.arange(n))), shape=(self.n_psu, n))

    @cached_property
    def _stratum_sum(self) -> sparse.csr_array:
        """The (stratum, PSU) matrix of ones."""
        p = self.n_psu
        return sparse.csr_array((np.ones(p), (self._strata, np.arange(p))), shape=(len(self._n_h), p))

    # --- sums over PSUs and strata ---------------------------------------------------------------

    def psu_totals(self, values: sparse.sparray) -> sparse.csr_array:
        """Weighted totals by PSU of (n, k) values."""
        if self._psu_sum is None:
            return sparse.csr_array(values * self.weights[:, None])
        return sparse.csr_array(self._psu_sum @ values)

    def _centre(self, totals: sparse.csr_array) -> Floats:
        """What PSU totals are centred at, by stratum (H, k): the stratum mean."""
        sums = (self._stratum_sum @ totals).toarray()
        means = sums / np.maximum(self._n_h, 1)[:, None]
        lonely = self._n_h == 1
        if lonely.any() and self.design.lonely == "adjust":
            means[lonely] = sums.sum(axis=0) / self.n_psu
        return means

    def _cross(self, a: sparse.csr_array, b: sparse.csr_array) -> Floats:
        """sum_h c_h sum_psu (a - centre)(b - centre)' for PSU totals a (P, k) and b (P, l)."""
        c = self._factor
        product = _product(a, _rows_times(b, c[self._strata]))
        a_mean, b_mean = self._centre(a), self._centre(b)
        a_sum, b_sum = (self._stratum_sum @ a).toarray(), (self._stratum_sum @ b).toarray()
        n_c = (c * self._n_h)[:, None]
        return product - a_mean.T @ (c[:, None] * b_sum) - a_sum.T @ (c[:, None] * b_mean) + a_mean.T @ (n_c * b_mean)

    def _cross_diagonal(self, a: sparse.csr_array) -> Floats:
        """The diagonal of ``_cross(a, a)`` without the rest."""
        c, centre = self._factor, self._centre(a)
        entries = a.tocoo()
        row, column = entries.coords
        stratum = self._strata[row]
        # Entry by entry, not as a difference of large sums, so that what is nothing comes out as nothing.
        squares = c[stratum] * (entries.data - centre[stratum, column]) ** 2
        present = sparse.csr_array((np.ones(len(row)), (stratum, column)), shape=centre.shape).toarray()
        absent = c[:, None] * (self._n_h[:, None] - present) * centre**2
        return np.bincount(column, squares, minlength=a.shape[1]) + absent.sum(axis=0)

    @cached_property
    def _constraint_parts(self) -> tuple[sparse.csr_array, Floats, Floats]:
        """PSU totals of the constraints, their cross products, and (X' D X)^- with base weights."""
        assert self.constraints is not None
        x = self.constraints
        totals = self.psu_totals(x)
        gram = _product(x, _rows_times(x, self.base))
        scale = np.sqrt(np.maximum(gram.diagonal(), 1e-300))
        inverse = np.linalg.pinv(gram / np.outer(scale, scale), rcond=1e-10, hermitian=True)
        return totals, self._cross(totals, totals), inverse / np.outer(scale, scale)

    def _coefficients(self, values: sparse.csr_array) -> Floats:
        """Base-weighted regression of the values on the constraints, (p, k)."""
        assert self.constraints is not None
        right = _product(self.constraints, _rows_times(values, self.base))
        return self._constraint_parts[2] @ right

    # --- variances ---------------------------------------------------------------------------------

    def variance(self, values: sparse.sparray) -> Floats:
        """Variances (k,) of the weighted totals of linearised values (n, k)."""
        values = sparse.csr_array(values)
        totals = self.psu_totals(values)
        plain = result = self._cross_diagonal(totals)
        if self.constraints is not None:
            x, xx, _ = self._constraint_parts
            b = self._coefficients(values)
            result = plain - 2 * (b * self._cross(x, totals)).sum(axis=0) + (b * (xx @ b)).sum(axis=0)
        size = self._factor[self._strata] @ (totals * totals) if totals.nnz else np.zeros(totals.shape[1])
        nothing = (result < ROUNDING * plain) | (result < ROUNDING**2 * size)
        return np.where(nothing, 0.0, result)

    def covariance(self, values: sparse.sparray, others: sparse.sparray | None = None) -> Floats:
        """Covariances (k, l) of the weighted totals of linearised values (n, k) and others (n, l)."""
        a = sparse.csr_array(values)
        b = a if others is None else sparse.csr_array(others)
        s, t = self.psu_totals(a), self.psu_totals(b)
        result = self._cross(s, t)
        if self.constraints is not None:
            x, xx, _ = self._constraint_parts
            p, q = self._coefficients(a), self._coefficients(b)
            result = result - p.T @ self._cross(x, t) - self._cross(s, x) @ q + p.T @ xx @ q
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
        weight = np.sqrt(self._factor[self._strata[mine]] * other._factor[other._strata[theirs]])
        for start in range(0, k, CHUNK):
            block = slice(start, start + CHUNK)
            first = sparse.csr_array(sparse.csc_array(values)[:, block])
            second = sparse.csr_array(sparse.csc_array(others)[:, block])
            a, b = self._residuals(first, mine), other._residuals(second, theirs)
            result[block] = (weight[:, None] * a * b).sum(axis=0)
            both = (self._present(first)[mine] * other._present(second)[theirs]).tocoo()
            unit, column = both.coords
            strata = _distinct(self._strata[mine[unit]], column, len(self._n_h), both.shape[1])
            doubled[block] = np.bincount(column, minlength=both.shape[1]) - strata
        return result, doubled

    def _present(self, values: sparse.csr_array) -> sparse.csr_array:
        """(PSU, k) with 1 where a PSU has an entry."""
        entries = values.tocoo()
        row, column = entries.coords
        table = sparse.csr_array(
            (np.ones(len(row)), (self.design.psus[row], column)), shape=(self.n_psu, values.shape[1])
        )
        table.sum_duplicates()
        table.data[:] = 1.0
        return table

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
        """Stratum-centred PSU totals (units, k) of values after calibration residuals are taken."""
        totals = self.psu_totals(values)
        rows, centre = totals[units].toarray(), self._centre(totals)
        if self.constraints is not None:
            x, _, _ = self._constraint_parts
            b = self._coefficients(values)
            rows, centre = rows - x[units] @ b, centre - self._centre(x) @ b
        return rows - centre[self._strata[units]]

    def domain_df(self, membership: sparse.sparray) -> np.ndarray:
        """Degrees of freedom (k,) of domains: their PSUs less their strata.

        ``membership`` (n, k) has an entry where a resident counts for the domain.
        """
        entries = sparse.coo_array(membership)
        row, column = entries.coords
        k = membership.shape[1]
        psu = _distinct(self.design.psus[row], column, self.n_psu, k)
        stratum = _distinct(self.design.strata[row], column, len(self._n_h), k)
        return psu - stratum


#: The model of each calibration that is still in use, since its cross products serve every estimate.
_MODELS: WeakKeyDictionary[Weighting, VarianceModel] = WeakKeyDictionary()


def _labelled(design: Design) -> dict[object, int]:
    """The PSU of each label that tells one PSU; labels that stand for several tell none."""
    assert design.psu_ids is not None
    pairs = pd.DataFrame({"label": design.psu_ids, "psu": design.psus}).drop_duplicates()
    pairs = pairs[pairs["label"].notna() & (pairs["label"] != "")]
    pairs = pairs[~pairs["label"].duplicated(keep=False)]
    return dict(zip(pairs["label"], pairs["psu"], strict=True))


def _distinct(group: np.ndarray, column: np.ndarray, size: int, k: int) -> np.ndarray:
    """How many different groups each column has."""
    table = sparse.csc_array((np.ones(len(group)), (group, column)), shape=(size, k))
    table.sum_duplicates()
    return np.diff(table.indptr)


def _rows_times(values: sparse.csr_array, factor: Floats) -> sparse.csr_array:
    """Each row of (n, k) values times its own factor (n,)."""
    data = values.data * np.repeat(factor, np.diff(values.indptr))
    return sparse.csr_array((data, values.indices, values.indptr), shape=values.shape)


def _product(a: sparse.csr_array, b: sparse.csr_array) -> Floats:
    """a'b as a dense array; by counting where every row of ``a`` has as many entries, as dummies have."""
    per_row = np.diff(a.indptr)
    k = b.shape[1]
    if not len(per_row) or (per_row != per_row[0]).any() or not b.nnz:
        return (a.T @ b).toarray()
    row = np.repeat(np.arange(b.shape[0]), np.diff(b.indptr))
    columns, entries = a.indices.reshape(len(per_row), -1), a.data.reshape(len(per_row), -1)
    flat = np.zeros(a.shape[1] * k)
    for slot in range(columns.shape[1]):
        place = columns[row, slot].astype(np.int64) * k + b.indices
        flat += np.bincount(place, entries[row, slot] * b.data, minlength=len(flat))
    return flat.reshape(-1, k)
