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

from trustsurvey.errors import Notice
from trustsurvey.readers.arrow_file import ROW, TABLE, mapped

if TYPE_CHECKING:
    # The reading process does without it, where it can: loading it takes longer than most files.
    import numpy as np
    from numpy.typing import NDArray

#: Rows a part of a table holds that is kept; also how many rows proposals are made from.
PART_ROWS = 65_536


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

    def where(self, position: int) -> NDArray[np.int64]:
        """The rows, from the first on, that hold the distinct value at a position."""
        order, ends = self._places
        return order[ends[position] : ends[position + 1]]

    @cached_property
    def _places(self) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """The rows by what they hold, and where each distinct value's begin: to look for each anew is quadratic."""
        import numpy as np

        ends = np.concatenate([[0], np.cumsum(self.counts())])
        return np.argsort(self.codes, kind="stable"), ends

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
    """A file after reading, lying as text in an Arrow file of its own until it is harmonised.

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
        return cls.restored(json.loads((here / "meta.json").read_text(encoding="utf-8")), here / TABLE, folder)

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
        return self.table.column(ROW).to_numpy().astype("int64")

    def values(self, name: str) -> Values:
        """All cells of a column."""
        return _values(self.table.column(f"c{self._positions[name]}"))

    def all_values(self) -> Iterator[Values]:
        """All cells of every column in turn."""
        for k in range(len(self.columns)):
            yield _values(self.table.column(f"c{k}"))

    @cached_property
    def table(self) -> pa.Table:
        """The numbers of the rows and their cells, columns c0, c1 ... of text, not loaded until they are looked at."""
        return mapped(self.path)

    def head(self, name: str) -> Values:
        """The cells of a column in the first 65,536 rows."""
        return _values(self.table.column(f"c{self._positions[name]}").slice(0, PART_ROWS))


def _values(column: pa.ChunkedArray) -> Values:
    """Codes and distinct values, with cells that differ in outer blanks taken as one."""
    import numpy as np

    encoded = column.dictionary_encode()
    if not encoded.num_chunks:
        return Values(np.zeros(0, dtype=np.int32), ())
    # All parts share one dictionary, which need not be made of theirs.
    written = encoded.chunk(0).dictionary.to_pylist()
    indices = np.concatenate([part.indices.to_numpy() for part in encoded.chunks])
    stripped: dict[str, int] = {}
    codes = [stripped.setdefault(_strip(value), len(stripped)) for value in written]
    return Values(np.asarray(codes, dtype=np.int32)[indices], tuple(stripped))


def _strip(value: str) -> str:
    return value.replace("\u00a0", " ").replace("\u200b", "").strip()


def letter(position: int) -> str:
    """The letter of a column in a spreadsheet: 0 is A, 26 is AA."""
    text = ""
    position += 1
    while position:
        position, rest = divmod(position - 1, 26)
        text = chr(65 + rest) + text
    return text
