"""Sums and counts of the entries of sparse matrices, against the dense matrices they stand for."""

from __future__ import annotations

import numpy as np
from hypothesis import given, strategies as st
from scipy import sparse

from trustsurvey.estimation.entries import counts, distinct, places, rows_times, sums, turned


@given(st.integers(0, 2**32 - 1), st.integers(0, 60), st.integers(1, 9), st.integers(1, 40))
def test_entries_are_those_of_the_dense_matrix(seed: int, n: int, k: int, groups: int) -> None:
    rng = np.random.default_rng(seed)
    dense = rng.normal(size=(n, k)) * (rng.random((n, k)) < 0.4)
    values, factor, group = sparse.csr_array(dense), rng.random(n), rng.integers(0, groups, n)
    row, column = places(values)
    assert np.array_equal(np.transpose([row, column]).reshape(-1, 2), np.argwhere(dense))
    np.testing.assert_allclose(sums(column, values.data, k), dense.sum(axis=0), atol=1e-13)
    np.testing.assert_array_equal(rows_times(values, factor).toarray(), dense * factor[:, None])
    np.testing.assert_array_equal(turned(values, factor).toarray(), (dense * factor[:, None]).T)
    table = np.zeros((groups, k), dtype=np.int64)
    np.add.at(table, (group[row], column), 1)
    np.testing.assert_array_equal(counts(group[row], column, (groups, k)), table)
    # Few groups are counted in a table, many in a sparse one.
    np.testing.assert_array_equal(distinct(group[row], column, (groups, k)), (table > 0).sum(axis=0))
