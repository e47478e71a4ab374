"""The table of text that a file becomes between one step and the next: an Arrow file, mapped into memory, not loaded.

Arrow writes it as it lies in memory, so that nothing is pressed or taken apart again, and a column is read by looking
at it. What a study keeps is Parquet, which takes a tenth of the room.
"""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
from pyarrow import ipc

#: The file within its temporary folder.
TABLE = "table.arrow"
#: The column with the number of each row in the file that was read.
ROW = "__row__"


def schema_of(width: int) -> pa.Schema:
    """The row numbers and ``width`` columns of text, c0, c1 ..."""
    return pa.schema([(ROW, pa.int64()), *((f"c{k}", pa.string()) for k in range(width))])


def writer(path: Path, schema: pa.Schema) -> ipc.RecordBatchFileWriter:
    """Where batches of the table go, one after the other; a context that ends the file."""
    return ipc.new_file(str(path), schema)


def mapped(path: Path) -> pa.Table:
    """The table in a file; its pages come into memory where they are looked at, and may leave it again."""
    return ipc.open_file(pa.memory_map(str(path))).read_all()
