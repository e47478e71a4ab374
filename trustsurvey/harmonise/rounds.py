"""Several waves in one file: the column that tells them apart, and the rows of one of them as a file of its own."""

from __future__ import annotations

import hashlib
import tempfile
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pyarrow as pa

from trustsurvey.errors import SurveyError, some
from trustsurvey.instruments.headings import speaks_of_round
from trustsurvey.readers.arrow_file import ROW, TABLE, schema_of, writer
from trustsurvey.readers.raw import PART_ROWS, Raw, Values

#: A column that tells waves apart has so many values at most, each in so many rows at least.
MOST, FEWEST = 40, 30
#: Rows without a value that may be passed over, as a share.
BLANK = 0.01
CELLS = 4_000_000


@dataclass(frozen=True)
class Rounds:
    """The column that tells the waves of a file apart, and its values with their numbers of rows, in order."""

    column: str
    counts: tuple[tuple[str, int], ...]

    @property
    def values(self) -> tuple[str, ...]:
        """The values, one a wave."""
        return tuple(value for value, _ in self.counts)


def rounds_of(raw: Raw, column: str) -> Rounds:
    """The waves that a column tells apart; SurveyError ``map.split`` where it does not."""
    values = _values(raw, column)
    pairs = [(value, int(n)) for value, n in zip(values.distinct, values.counts(), strict=True) if value and n]
    if not 2 <= len(pairs) <= MOST:
        raise SurveyError(
            "map.split", "The column does not tell waves apart", where=f"{raw.source}, column '{column}'",
            got=f"{len(pairs):,} different values", expected=f"2 to {MOST}, one a wave",
        )  # fmt: skip
    return Rounds(column, tuple(sorted(pairs, key=lambda pair: _order(pair[0]))))


def likely_rounds(raw: Raw) -> Rounds | None:
    """The waves of a file by a column that is headed "year", "wave" and the like; None where there is none."""
    for column in raw.columns:
        if not speaks_of_round(column.name) and not speaks_of_round(column.text):
            continue
        values = raw.values(column.name)
        counts = {value: int(n) for value, n in zip(values.distinct, values.counts(), strict=True) if n}
        blank = counts.pop("", 0)
        if 2 <= len(counts) <= MOST and min(counts.values()) >= FEWEST and blank <= BLANK * raw.rows:
            return rounds_of(raw, column.name)
    return None


def only(raw: Raw, column: str, value: str) -> Raw:
    """The rows of one wave as a file of its own, without columns that hold nothing in them.

    Its digest is made of the file's and of what was chosen, so that each wave of a file is an import by itself.
    """
    values = _values(raw, column)
    if value not in values.distinct:
        raise SurveyError("map.split", f"No row says '{value}'", where=f"{raw.source}, column '{column}'",
                          expected=some((cell for cell in sorted(values.distinct) if cell), 12))  # fmt: skip
    keep = values.codes == values.distinct.index(value)
    filled = [
        bool(set(np.unique(cells.codes[keep]).tolist()) - {k for k, cell in enumerate(cells.distinct) if not cell})
        for cells in raw.all_values()
    ]
    columns = [k for k, full in enumerate(filled) if full]
    folder = tempfile.TemporaryDirectory(prefix="trustsurvey-round-")
    path = Path(folder.name) / TABLE
    _write(raw, columns, keep, path)
    return replace(
        raw,
        source=f"{raw.source} ({column} {value})",
        columns=tuple(raw.columns[k] for k in columns),
        rows=int(keep.sum()),
        digest=round_digest(raw, column, value),
        whole=raw.whole or raw.digest,
        path=path,
        folder=folder,
    )


def _values(raw: Raw, column: str) -> Values:
    if column not in raw:
        raise SurveyError("map.split", f"The file has no column '{column}'", where=raw.source,
                          expected=some((c.name for c in raw.columns), 8))  # fmt: skip
    return raw.values(column)


def round_digest(raw: Raw, column: str, value: str) -> str:
    """The digest of one wave of a file."""
    return hashlib.sha256(f"{raw.digest} {column}={value}".encode()).hexdigest()


def _write(raw: Raw, columns: list[int], keep: np.ndarray, path: Path) -> None:
    keys = [f"c{k}" for k in columns]
    schema, start = schema_of(len(columns)), 0
    with writer(path, schema) as file:
        for batch in raw.table.select([ROW, *keys]).to_batches(max(256, min(PART_ROWS, CELLS // len(keys)))):
            mask = keep[start : start + batch.num_rows]
            start += batch.num_rows
            if mask.any():
                file.write_batch(pa.RecordBatch.from_arrays(batch.filter(pa.array(mask)).columns, schema=schema))


def _order(value: str) -> tuple[int, float, str]:
    """Numbers by their size, then words."""
    try:
        return 0, float(value), value
    except ValueError:
        return 1, 0.0, value
