"""Tables of text on their way into a file, and what stands in their columns."""

from __future__ import annotations

import itertools
from collections import Counter, deque
from collections.abc import Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

import pyarrow as pa

from trustsurvey.readers.arrow_file import mapped, schema_of, writer
from trustsurvey.readers.bounds import make_room

#: Tables that may wait to be written while the next is parsed.
WAITING = 2
#: Rows that may show already that a column is no choice.
FEW = 1_000


def write(batches: Iterable[pa.RecordBatch], width: int, first_row: int, path: Path, blank: set[int]) -> int:
    """Write rows that are not all blank, each with its number in the file; the number of rows written.

    ``blank`` is filled, ahead of the batches, with the numbers of lines that never become rows.
    """
    schema, kept, following = schema_of(width), 0, first_row
    waiting: deque[Future[int]] = deque()
    # Parsing and writing leave Python's lock alone, so that both cores are used.
    with writer(path, schema) as file, ThreadPoolExecutor(1) as beside:

        def put(table: pa.Table) -> int:
            table = _with_content(table)
            file.write_table(table)
            return table.num_rows

        for batch in batches:
            numbers, following = _numbers(following, batch.num_rows, blank)
            waiting.append(beside.submit(put, pa.Table.from_arrays([numbers, *batch.columns], schema=schema)))
            if len(waiting) > WAITING:
                kept += waiting.popleft().result()
        return kept + sum(left.result() for left in waiting)


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

    def __init__(self, path: Path) -> None:
        make_room(path.stat().st_size)
        self._table = mapped(path)

    def all(self, position: int) -> Counter[str]:
        """In all rows."""
        return _tally(self._table.column(f"c{position}"))

    def first(self, position: int) -> Counter[str]:
        """In the first rows."""
        return _tally(self._table.column(f"c{position}").slice(0, FEW))


def _tally(column: pa.ChunkedArray) -> Counter[str]:
    import pyarrow.compute as pc

    counted: Counter[str] = Counter()
    for value in pc.value_counts(column).to_pylist():
        counted[value["values"].strip()] += value["counts"]
    del counted[""]
    return counted
