"""Tables of text on their way into a Parquet file, and what stands in their columns."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from functools import cached_property
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from numpy.typing import NDArray

from trustsurvey.readers.raw import PART_ROWS, ROW

#: Tables that may wait to be written while the next is parsed.
WAITING = 2
#: Rows that may show already that a column is no choice.
FEW = 1_000


def write(batches: Iterable[pa.RecordBatch], width: int, first_row: int, path: Path, blank: set[int]) -> int:
    """Write rows that are not all blank, each with its number in the file; the number of rows written.

    ``blank`` is filled, ahead of the batches, with the numbers of lines that never become rows.
    """
    names = [f"c{k}" for k in range(width)]
    schema = pa.schema([(ROW, pa.int64()), *((name, pa.string()) for name in names)])
    kept, following = 0, first_row
    waiting: list[Future[None]] = []
    # Parsing and writing leave Python's lock alone, so that both cores are used.
    with (
        pq.ParquetWriter(path, schema, compression="snappy", write_statistics=False) as writer,
        ThreadPoolExecutor(1) as beside,
    ):
        for batch in batches:
            numbers, following = _numbers(following, batch.num_rows, blank)
            here = pa.array(numbers)
            table = pa.Table.from_arrays([here, *batch.columns], schema=schema)
            table = _with_content(table)
            kept += table.num_rows
            if table.num_rows:
                waiting.append(beside.submit(writer.write_table, table, PART_ROWS))
            if len(waiting) > WAITING:
                waiting.pop(0).result()
        for left in waiting:
            left.result()
    return kept


def _numbers(first: int, count: int, blank: set[int]) -> tuple[NDArray[np.int64], int]:
    """The next ``count`` numbers from ``first`` on that are not among the blank ones, and the one after them."""
    if blank:
        numbers = np.fromiter((n for n in itertools.count(first) if n not in blank), np.int64, count)
    else:
        numbers = np.arange(first, first + count)
    return numbers, int(numbers[-1]) + 1 if count else first


def _with_content(table: pa.Table) -> pa.Table:
    """The rows in which some cell is more than blanks; for most the first cell tells."""
    empty = None
    for name in table.column_names[1:]:
        column = table.column(name) if empty is None else table.column(name).take(empty)
        still = pc.indices_nonzero(pc.equal(pc.utf8_trim_whitespace(column), ""))
        empty = still if empty is None else empty.take(still)
        if not len(empty):
            return table
    keep = np.ones(table.num_rows, dtype=bool)
    keep[empty] = False
    return table.filter(pa.array(keep))


class Cells:
    """How often each filled value stands in a column of a table that was written, outer blanks taken off."""

    def __init__(self, path: Path, width: int) -> None:
        self._keys = [f"c{position}" for position in range(width)]
        self._file = pq.ParquetFile(path, read_dictionary=self._keys)

    def all(self, position: int) -> Counter[str]:
        """In all rows."""
        return _tally(self._file.read(columns=[self._keys[position]]).column(0))

    @cached_property
    def _head(self) -> pa.Table:
        batch = next(self._file.iter_batches(FEW, row_groups=[0], columns=self._keys))
        return pa.Table.from_batches([batch])

    def first(self, position: int) -> Counter[str]:
        """In the first rows, of which one look is enough for all columns."""
        return _tally(self._head.column(position))


def _tally(column: pa.ChunkedArray) -> Counter[str]:
    counted: Counter[str] = Counter()
    for value in pc.value_counts(column).to_pylist():
        counted[value["values"].strip()] += value["counts"]
    del counted[""]
    return counted
