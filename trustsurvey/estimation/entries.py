"""Sparse matrices of residents by estimates: sums and counts of their entries, with nothing dense in residents."""

from __future__ import annotations

import numpy as np
from scipy import sparse

from trustsurvey.model import Floats, Ints


def places(values: sparse.csr_array) -> tuple[Ints, Ints]:
    """Row and column of every entry, row by row."""
    return np.repeat(np.arange(values.shape[0]), np.diff(values.indptr)), values.indices.astype(np.int64)


def sums(place: Ints, entries: Floats, size: int) -> Floats:
    """Sums of entries by place, from 0 up to ``size``."""
    return np.bincount(place, entries, size).astype(float)


def counts(group: Ints, column: Ints, shape: tuple[int, int]) -> Ints:
    """Number of entries by group and column, a dense array of this shape."""
    return np.bincount(group * shape[1] + column, minlength=shape[0] * shape[1]).reshape(shape)


def distinct(group: Ints, column: Ints, shape: tuple[int, int]) -> Ints:
    """How many different groups each column has."""
    if shape[0] * shape[1] <= len(group):
        return (counts(group, column, shape) > 0).sum(axis=0)
    met = sparse.csc_array((np.ones(len(group)), (group, column)), shape=shape)
    met.sum_duplicates()
    return np.diff(met.indptr).astype(np.int64)


def rows_times(values: sparse.csr_array, factor: Floats) -> sparse.csr_array:
    """Each row of (n, k) values times its own factor (n,)."""
    data = values.data * np.repeat(factor, np.diff(values.indptr))
    return sparse.csr_array((data, values.indices, values.indptr), shape=values.shape)


def turned(values: sparse.csr_array, factor: Floats) -> sparse.csr_array:
    """The transpose (k, n), by rows, of (n, k) values whose rows were multiplied by a factor (n,)."""
    return sparse.csr_array(rows_times(values, factor).T)
