"""A long text taken apart in pieces side by side: cut between rows, each parsed by itself, given out in their order.

Whether a cut falls between rows is guessed from the quotation marks before it and proven by the cell that ends there.
From the first piece that is not plain (a ragged row, a line of blanks, a cell that may go on behind the cut) the file
is left to a parser that goes from row to row.
"""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import BinaryIO

import pyarrow as pa

#: Bytes of a piece, and parsers that work at once.
PIECE, PARSERS = 1 << 22, min(os.cpu_count() or 1, 4)

#: Parses whole rows, the first ones of the file or others; ArrowInvalid where they are not plain.
Parse = Callable[[bytes, bool], pa.Table]


def tables(file: BinaryIO, delimiter: str, parse: Parse) -> Iterator[pa.Table]:
    """The rows of a file as tables, as far as its pieces are plain; the file is left where the next row begins."""
    reached = file.tell()
    with ThreadPoolExecutor(PARSERS) as parsers:
        try:
            pieces = ((rows, parsers.submit(_plain, parse, rows, first, delimiter)) for first, rows in _cut(file))
            for rows, parsed in _ahead(pieces):
                if (table := parsed.result()) is None:
                    return
                reached += len(rows)
                yield table
        finally:
            parsers.shutdown(cancel_futures=True)
            file.seek(reached)


def _ahead(pieces: Iterator[tuple[bytes, Future[pa.Table | None]]]) -> Iterator[tuple[bytes, Future[pa.Table | None]]]:
    """The pieces in turn, with as many begun already as keep the parsers busy."""
    begun: deque[tuple[bytes, Future[pa.Table | None]]] = deque()
    for one in pieces:
        begun.append(one)
        if len(begun) > PARSERS + 1:
            yield begun.popleft()
    yield from begun


def _cut(file: BinaryIO) -> Iterator[tuple[bool, bytes]]:
    """Whole rows, as it seems, and whether they are the first; no more where none seems to end within two pieces."""
    first, rest = True, b""
    while block := file.read(PIECE):
        rest += block
        if end := _row_end(rest):
            yield first, rest[:end]
            first, rest = False, rest[end:]
        elif len(rest) > 2 * PIECE:
            return
    if rest:
        yield first, rest


def _row_end(rows: bytes) -> int:
    """Behind the last end of a line with an even number of quotation marks before it; 0 where there is none."""
    end, odd = len(rows), rows.count(b'"') & 1
    while (line := rows.rfind(b"\n", 0, end)) >= 0:
        odd ^= rows.count(b'"', line, end) & 1
        if not odd:
            return line + 1
        end = line
    return 0


def _plain(parse: Parse, rows: bytes, first: bool, delimiter: str) -> pa.Table | None:
    """The rows parsed, if all are as wide as the heading and the last of them ends where the piece does."""
    try:
        table = parse(rows, first)
    except pa.ArrowInvalid:
        return None
    return table if table.num_rows and _closed(rows, table.column(table.num_columns - 1)[-1], delimiter) else None


def _closed(rows: bytes, last: pa.StringScalar, delimiter: str) -> bool:
    """Whether the last cell, as it was parsed, is all that stands between the last delimiter and the end.

    A cell that is open at the end would have a quotation mark before what was parsed and none behind it.
    """
    text = last.as_buffer().to_pybytes()
    written = rows.removesuffix(b"\n").removesuffix(b"\r")
    before = delimiter.encode()
    quoted = b'"' + text.replace(b'"', b'""') + b'"'
    return written.endswith(before + quoted) or (b'"' not in text and written.endswith(before + text))
