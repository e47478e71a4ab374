"""Parquet files: typed columns become the text that a survey tool would have written."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from trustsurvey.errors import SurveyError
from trustsurvey.readers.cells import number_text
from trustsurvey.readers.found import Found, Report, no_answers
from trustsurvey.readers.platforms import detect
from trustsurvey.readers.raw import PART_ROWS

CELLS = 4_000_000


def open_parquet(path: Path, report: Report) -> Found:
    """Columns and rows of a Parquet file."""
    try:
        file = pq.ParquetFile(path)
        names = list(file.schema_arrow.names)
    except (pa.ArrowException, OSError, ValueError) as error:
        raise _damaged(error) from error
    if not file.metadata.num_rows or not names:
        raise no_answers()
    platform, _ = detect([names])
    return Found(platform, platform.columns([names]), _batches(file, report), 1, [])


def _batches(file: pq.ParquetFile, report: Report) -> Iterator[pa.RecordBatch]:
    width, rows, done = len(file.schema_arrow.names), file.metadata.num_rows, 0
    try:
        for batch in file.iter_batches(max(256, min(PART_ROWS, CELLS // width))):
            done += batch.num_rows
            report(min(done / rows, 1.0))
            yield pa.RecordBatch.from_arrays(
                [as_text(column) for column in batch.columns], names=[f"c{k}" for k in range(width)]
            )
    except (pa.ArrowException, OSError, ValueError) as error:
        raise _damaged(error) from error


def as_text(cells: pa.Array) -> pa.Array:
    """Cells of any type as text; several answers in one cell are joined by semicolons."""
    kind = cells.type
    if pa.types.is_dictionary(kind):
        return as_text(cells.dictionary_decode())
    if pa.types.is_floating(kind):
        single = not pa.types.is_float64(kind)
        return number_text(pc.if_else(pc.is_nan(cells), None, cells).cast(pa.float64()), single)
    if pa.types.is_timestamp(kind):
        text = pc.strftime(cells, "%Y-%m-%d %H:%M:%S%z" if kind.tz else "%Y-%m-%d %H:%M:%S")
        return pc.fill_null(pc.replace_substring_regex(text.cast(pa.string()), r"\.0+([+-]\d{4})?$", r"\1"), "")
    if pa.types.is_nested(kind) or pa.types.is_binary(kind) or pa.types.is_large_binary(kind):
        return pa.array([_joined(value) for value in cells.to_pylist()], pa.string())
    return pc.fill_null(cells.cast(pa.string()), "")


def _joined(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, list):
        return ";".join(_joined(part) for part in value)
    if isinstance(value, bytes):
        return value.decode("utf-8", errors="replace")
    return json.dumps(value, default=str, ensure_ascii=False) if isinstance(value, dict) else str(value)


def _damaged(error: Exception) -> SurveyError:
    return SurveyError(
        "read.damaged", "The Parquet file is damaged or was cut off", got=str(error).splitlines()[0][:100],
        expected="a complete file", hint="Write it again, or export the answers as CSV.",
    )  # fmt: skip
