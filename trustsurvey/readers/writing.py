"""Tables of text on their way into a Parquet file, and what stands in their columns."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from functools import cached_property
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

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
    # Few values stand in a column, which are written once; to press them further takes longer than it saves.
    # Parsing and writing leave Python's lock alone, so that both cores are used.
    with (
        pq.ParquetWriter(path, schema, compression="none", write_statistics=False) as writer,
        ThreadPoolExecutor(1) as beside,
    ):
        for batch in batches:
            numbers, following = _numbers(following, batch.num_rows, blank)
            table = pa.Table.from_arrays([numbers, *batch.columns], schema=schema)
            table = _with_content(table)
            kept += table.num_rows
            if table.num_rows:
                waiting.append(beside.submit(writer.write_table, table, PART_ROWS))
            if len(waiting) > WAITING:
                waiting.pop(0).result()
        for left in waiting:
            left.result()
    return kept


def _numbers(first: int, count: int, blank: set[int]) -> tuple[pa.Array, int]:
    """The next ``count`` numbers from ``first`` on that are not among the blank ones, and the one after them."""
    if not blank:
        return pa.arange(first, first + count), first + count
    numbers = list(itertools.islice((n for n in itertools.count(first) if n not in blank), count))
    return pa.array(numbers, pa.int64()), numbers[-1] + 1 if count else first


def _with_content(table: pa.Table) -> pa.Table:
    """The rows in which some cell is more than blanks; for most the first cell tells."""
    if all(cell and not cell.isspace() for cell in table.column(1).to_pylist()):
        return table
    import pyarrow.compute as pc  # which takes longer to load than most files take to read

    empty: pa.Array | None = None
    for name in table.column_names[1:]:
        column = table.column(name) if empty is None else table.column(name).take(empty)
        still = pc.indices_nonzero(pc.equal(pc.utf8_trim_whitespace(column), ""))
        empty = still if empty is None else empty.take(still)
        if not len(empty):
            return table
    gone = set() if empty is None else set(empty.to_pylist())
    return table.filter(pa.array([row not in gone for row in range(table.num_rows)]))


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
    import pyarrow.compute as pc

    counted: Counter[str] = Counter()
    for value in pc.value_counts(column).to_pylist():
        counted[value["values"].strip()] += value["counts"]
    del counted[""]
    return counted
