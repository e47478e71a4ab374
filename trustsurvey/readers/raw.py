"""A survey file as read: every cell still the text it was, one row a resident."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.parquet as pq

from trustsurvey.errors import Notice

if TYPE_CHECKING:
    # The reading process does without it, where it can: loading it takes longer than most files.
    import numpy as np
    from numpy.typing import NDArray

#: Rows a part of a table holds; also how many rows proposals are made from.
PART_ROWS = 65_536
ROW = "__row__"


@dataclass(frozen=True)
class Column:
    """A column of the file: its name there (made unique), the question it asks, its letter in a sheet.

    ``labels``: what the file's own codebook says its values mean, (value, label) in file order.
    ``missing``: values that the file itself declares to be no answer. ``question`` and ``option``
    are set where the column is one choice of a multiple-choice question: the name that the columns
    of the question share, and the words of this choice.
    """

    name: str
    text: str
    letter: str
    labels: tuple[tuple[str, str], ...] = ()
    missing: tuple[str, ...] = ()
    question: str = ""
    option: str = ""

    @classmethod
    def restored(cls, told: dict[str, Any]) -> Column:
        """The column that ``asdict`` and JSON made ``told`` of."""
        labels = tuple((str(value), str(label)) for value, label in told.get("labels", ()))
        return cls(**{**told, "labels": labels, "missing": tuple(told.get("missing", ()))})


@dataclass(frozen=True)
class Values:
    """One column's cells: ``codes`` (n,) point into ``distinct``; both stripped of blanks."""

    codes: NDArray[np.int32]
    distinct: tuple[str, ...]

    def counts(self) -> NDArray[np.int64]:
        """How often each distinct value occurs."""
        import numpy as np

        return np.bincount(self.codes, minlength=len(self.distinct)).astype(np.int64)

    def apply(self, table: Sequence[Any] | NDArray[Any], dtype: Any) -> NDArray[Any]:
        """One entry a row from one entry a distinct value."""
        import numpy as np

        return np.asarray(table, dtype=dtype)[self.codes]


@dataclass(frozen=True)
class Kept:
    """What was done to a file before it was kept for a later run.

    ``gone``: columns that may tell who answered, which were not kept; ``coded``: columns whose cells are no longer the
    file's, but the study's pseudonyms for ids and age groups for births; ``words``: columns of residents' own words,
    which lie apart.
    """

    gone: tuple[str, ...] = ()
    coded: tuple[str, ...] = ()
    words: tuple[str, ...] = ()


@dataclass(frozen=True)
class Raw:
    """A file after reading, lying as text in a Parquet file of its own until it is harmonised.

    ``digest`` is the SHA-256 of the file's bytes. Rows are numbered as the file shows them. ``kept``: what is
    otherwise than in the file, where this is what a study kept of it. ``whole``: the digest of the file that these
    rows are a part of, "" where they are all of it.
    """

    source: str
    platform: str
    columns: tuple[Column, ...]
    rows: int
    digest: str
    path: Path
    notices: tuple[Notice, ...] = ()
    kept: Kept = Kept()
    whole: str = ""
    folder: tempfile.TemporaryDirectory[str] | None = field(default=None, repr=False, compare=False)

    @classmethod
    def load(cls, folder: tempfile.TemporaryDirectory[str]) -> Raw:
        """Take over what the reading process left in a temporary folder."""
        here = Path(folder.name)
        return cls.restored(
            json.loads((here / "meta.json").read_text(encoding="utf-8")), here / "table.parquet", folder
        )

    @classmethod
    def restored(cls, meta: dict[str, Any], path: Path, folder: tempfile.TemporaryDirectory[str]) -> Raw:
        """The file that ``describe`` and JSON made ``meta`` of, with its table at ``path`` within a folder."""
        return cls(
            source=meta["source"],
            platform=meta["platform"],
            columns=tuple(Column.restored(column) for column in meta["columns"]),
            rows=meta["rows"],
            digest=meta["digest"],
            path=path,
            notices=tuple(Notice(**notice) for notice in meta["notices"]),
            kept=Kept(**{name: tuple(columns) for name, columns in meta["kept"].items()}),
            whole=meta.get("whole", ""),
            folder=folder,
        )

    def describe(self) -> dict[str, Any]:
        """What ``restored`` needs beside the table, ready for JSON."""
        return {
            "source": self.source,
            "platform": self.platform,
            "columns": [asdict(column) for column in self.columns],
            "rows": self.rows,
            "digest": self.digest,
            "notices": [asdict(notice) for notice in self.notices],
            "kept": asdict(self.kept),
            "whole": self.whole,
        }

    @cached_property
    def _positions(self) -> dict[str, int]:
        return {column.name: position for position, column in enumerate(self.columns)}

    def __contains__(self, name: object) -> bool:
        return name in self._positions

    def column(self, name: str) -> Column:
        """The column of this name; ``KeyError`` if there is none."""
        return self.columns[self._positions[name]]

    @cached_property
    def row_numbers(self) -> NDArray[np.int64]:
        """Row number of each resident as a spreadsheet shows it."""
        return pq.read_table(self.path, columns=[ROW]).column(ROW).to_numpy().astype("int64")

    def values(self, name: str) -> Values:
        """All cells of a column."""
        key = f"c{self._positions[name]}"
        return _values(self._file.read(columns=[key]).column(key))

    def all_values(self) -> Iterator[Values]:
        """All cells of every column in turn: read at once, which for thousands of narrow columns is quicker."""
        keys = [f"c{k}" for k in range(len(self.columns))]
        for column in self._file.read(columns=keys).select(keys).columns:
            yield _values(column)

    @cached_property
    def _file(self) -> pq.ParquetFile:
        """The file with its footer read once, which for thousands of columns is what takes time."""
        return pq.ParquetFile(self.path, read_dictionary=[f"c{k}" for k in range(len(self.columns))])

    def head(self, name: str) -> Values:
        """The cells of a column in the first rows, 65,536 at least where there are as many."""
        key = f"c{self._positions[name]}"
        groups, rows = 0, 0
        while groups < self._file.num_row_groups and rows < PART_ROWS:
            rows += self._file.metadata.row_group(groups).num_rows
            groups += 1
        return _values(self._file.read_row_groups(list(range(groups)), columns=[key]).column(key))


def _values(column: pa.ChunkedArray) -> Values:
    """Codes and distinct values, with cells that differ in outer blanks taken as one."""
    import numpy as np

    if not pa.types.is_dictionary(column.type):
        column = column.dictionary_encode()
    array = column.unify_dictionaries().combine_chunks()
    if isinstance(array, pa.ChunkedArray):
        array = pa.chunked_array(array).combine_chunks() if array.num_chunks else pa.array([], column.type)
    stripped: dict[str, int] = {}
    codes = [stripped.setdefault(_strip(v), len(stripped)) for v in array.dictionary.to_pylist()]
    if not codes:
        return Values(np.zeros(len(array), dtype=np.int32), ())
    indices = array.indices.to_numpy(zero_copy_only=False)
    return Values(np.asarray(codes, dtype=np.int32)[indices], tuple(stripped))


def _strip(value: str | None) -> str:
    return "" if value is None else value.replace("\u00a0", " ").replace("\u200b", "").strip()


def letter(position: int) -> str:
    """The letter of a column in a spreadsheet: 0 is A, 26 is AA."""
    text = ""
    position += 1
    while position:
        position, rest = divmod(position - 1, 26)
        text = chr(65 + rest) + text
    return text
