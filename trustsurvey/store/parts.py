"""Waves as Parquet parts and back. Encoding happens before a transaction begins, never inside one."""

from __future__ import annotations

import io
import json
import tempfile
from collections.abc import Iterable
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from trustsurvey.model import Design, Instrument, Lonely, Report, Wave
from trustsurvey.readers.arrow_file import ROW, TABLE, schema_of, writer
from trustsurvey.readers.raw import PART_ROWS, Raw

PEOPLE, ANSWER, REASON, DESIGN = "people.", "answer.", "reason.", "design."
#: The kind of part that holds open answers as they were written.
UNREDACTED = "unredacted"
#: Kinds of parts: those of a wave that are read with it, and those of the file that it was made of.
WAVE_KINDS = ("answers", "comments")
FILE_KINDS = ABOUT, FILE, WORDS = ("file about", "file", "file words")

#: Kind, position, rows, bytes.
Part = tuple[str, int, int, bytes]


def encode(wave: Wave) -> list[Part]:
    """The parts of a wave as Parquet.

    Comments are a kind of their own, and so is what they were before names were taken out.
    """
    parts: list[Part] = []
    for kind, table in (("answers", _answers(wave)), ("comments", _comments(wave)), (UNREDACTED, _unredacted(wave))):
        for position, start in enumerate(range(0, table.num_rows, PART_ROWS)):
            piece = table.slice(start, PART_ROWS)
            parts.append((kind, position, piece.num_rows, to_parquet(piece)))
    return parts


def encode_file(raw: Raw) -> list[Part]:
    """The parts of a file that is kept: what it is, its columns, and apart from them residents' own words."""
    told = json.dumps(raw.describe(), ensure_ascii=False).encode("utf-8")
    made: list[Part] = [(ABOUT, 0, 0, told)]
    apart = [f"c{k}" for k, column in enumerate(raw.columns) if column.name in raw.kept.words]
    rest = [f"c{k}" for k, column in enumerate(raw.columns) if column.name not in raw.kept.words]
    for position, start in enumerate(range(0, raw.rows, PART_ROWS)):
        table = raw.table.slice(start, PART_ROWS)
        for kind, names in ((FILE, [ROW, *rest]), (WORDS, apart)):
            if names:
                made.append((kind, position, table.num_rows, to_parquet(table.select(names))))
    return made


def decode_file(kept: Iterable[tuple[str, int, bytes]]) -> Raw:
    """A kept file from its parts (kind, position, bytes), in a temporary folder of its own."""
    pieces = {(kind, position): data for kind, position, data in kept}
    told = json.loads(pieces.pop((ABOUT, 0)))
    names = [ROW, *(f"c{k}" for k in range(len(told["columns"])))]
    folder = tempfile.TemporaryDirectory(prefix="trustsurvey-kept-")
    path = Path(folder.name) / TABLE
    schema = schema_of(len(told["columns"]))
    with writer(path, schema) as file:
        for position in range(sum(kind == FILE for kind, _ in pieces)):
            found = [from_parquet([pieces[key]]) for key in ((FILE, position), (WORDS, position)) if key in pieces]
            columns = {name: table.column(name) for table in found for name in table.column_names}
            file.write_table(pa.table([columns[name] for name in names], schema=schema))
    return Raw.restored(told, path, folder)


def to_parquet(table: pa.Table) -> bytes:
    """A table as the bytes of a Parquet file."""
    buffer = io.BytesIO()
    pq.write_table(table, buffer, compression="zstd")
    return buffer.getvalue()


def from_parquet(parts: list[bytes]) -> pa.Table:
    """One table from the bytes of several Parquet files."""
    return pa.concat_tables([pq.read_table(io.BytesIO(part)) for part in parts]).combine_chunks()


def describe(wave: Wave) -> str:
    """All of a wave but its rows, as JSON."""
    categories = {
        name: [str(c) for c in wave.people[name].cat.categories]
        for name in wave.people.columns
        if isinstance(wave.people[name].dtype, pd.CategoricalDtype)
    }
    return json.dumps(
        {
            "areas": wave.areas,
            "groups": wave.groups,
            "categories": categories,
            "wording": dict(wave.wording),
            "asked_on": dict(wave.asked_on),
            "probability": wave.probability,
            "lonely": wave.design.lonely,
            "units_are_people": _units_are_people(wave),
            "report": wave.report.as_dict(),
        },
        ensure_ascii=False,
    )


@lru_cache(maxsize=256)
def report_of(description: str) -> Report:
    """The import report within a wave's description."""
    return Report.restored(json.loads(description)["report"])


def decode(
    name: str,
    instrument: Instrument,
    description: str,
    answers: list[bytes],
    comments: list[bytes],
    period: tuple[date | None, date | None],
) -> Wave:
    """A wave from its description and its parts; weights and scores are put on elsewhere."""
    told = json.loads(description)
    table = from_parquet(answers)
    columns: dict[str, dict[str, pa.ChunkedArray]] = {PEOPLE: {}, ANSWER: {}, REASON: {}, DESIGN: {}}
    for field, column in zip(table.schema.names, table.columns, strict=True):
        head, _, rest = field.partition(".")
        columns[f"{head}."][rest] = column
    people = {}
    for column_name, column in columns[PEOPLE].items():
        if column_name in told["categories"]:
            codes = column.to_numpy().astype(np.int32)
            people[column_name] = pd.Categorical.from_codes(codes, told["categories"][column_name])
        else:
            people[column_name] = column.to_numpy(zero_copy_only=False)
    # Labels that are the pseudonyms are not stored a second time.
    labels = people["respondent"] if told.get("units_are_people") else None
    reasons = {item: column.to_numpy() for item, column in columns[REASON].items()}
    numbers = {item: _floats(column) for item, column in columns[ANSWER].items()}
    return Wave(
        name=name,
        instrument=instrument,
        people=pd.DataFrame(people),
        answers=pd.DataFrame(numbers),
        missing=pd.DataFrame(reasons),
        design=_design(columns[DESIGN], labels, told.get("lonely", "adjust")),
        areas=tuple(told["areas"]),
        groups=tuple(told["groups"]),
        start=period[0],
        end=period[1],
        wording=told["wording"],
        asked_on=told.get("asked_on", {}),
        comments=from_parquet(comments).to_pandas() if comments else pd.DataFrame(columns=["row", "item", "text"]),
        report=report_of(description),
        probability=told["probability"],
    )


def _answers(wave: Wave) -> pa.Table:
    arrays: dict[str, Any] = {}
    for name in wave.people.columns:
        column = wave.people[name]
        if isinstance(column.dtype, pd.CategoricalDtype):
            arrays[PEOPLE + str(name)] = pa.array(column.cat.codes.to_numpy().astype(np.int32))
        else:
            arrays[PEOPLE + str(name)] = pa.array(column.tolist() if column.dtype == object else column)
    for item in wave.items:
        arrays[ANSWER + item] = _compact(wave.answers[item].to_numpy(float))
        arrays[REASON + item] = pa.array(wave.missing[item].to_numpy().astype(np.int8))
    design = wave.design
    arrays[DESIGN + "weight"] = pa.array(design.weights)
    arrays[DESIGN + "stratum"] = pa.array(design.strata)
    arrays[DESIGN + "psu"] = pa.array(design.psus)
    if design.fpc is not None:
        arrays[DESIGN + "fpc"] = pa.array(design.fpc)
    if design.psu_ids is not None and not _units_are_people(wave):
        arrays[DESIGN + "psu_id"] = pa.array([None if pd.isna(u) else str(u) for u in design.psu_ids], pa.string())
    return pa.table(arrays)


def _units_are_people(wave: Wave) -> bool:
    """Whether the sampling units go by the pseudonyms of the residents."""
    ids = wave.design.psu_ids
    if ids is None or "respondent" not in wave.people:
        return False
    return np.array_equal(ids, wave.people["respondent"].to_numpy(object))


def _comments(wave: Wave) -> pa.Table:
    if wave.comments.empty:
        return pa.table({"row": pa.array([], pa.int64()), "item": pa.array([], pa.string())})
    return pa.Table.from_pandas(wave.comments.drop(columns=UNREDACTED, errors="ignore"), preserve_index=False)


def _unredacted(wave: Wave) -> pa.Table:
    if UNREDACTED not in wave.comments or wave.comments.empty:
        return pa.table({"key": pa.array([], pa.string()), "text": pa.array([], pa.string())})
    written = wave.comments[["key", UNREDACTED]].rename(columns={UNREDACTED: "text"})
    return pa.Table.from_pandas(written, preserve_index=False)


def _compact(values: np.ndarray) -> pa.Array:
    """Codes as small integers where they are whole numbers; NaN becomes null."""
    known = np.isfinite(values)
    whole = not known.any() or (np.all(values[known] % 1 == 0) and np.abs(values[known]).max() < 2**15)
    if whole:
        return pa.array(np.where(known, values, 0).astype(np.int16), mask=~known)
    return pa.array(values, mask=~known)


def _floats(column: pa.ChunkedArray) -> np.ndarray:
    return column.cast(pa.float64()).to_numpy(zero_copy_only=False).astype(float)


def _design(columns: dict[str, pa.ChunkedArray], labels: np.ndarray | None, lonely: Lonely) -> Design:
    if "psu_id" in columns:
        labels = np.asarray(columns["psu_id"].to_pylist(), dtype=object)
    return Design(
        weights=columns["weight"].to_numpy().astype(float),
        strata=columns["stratum"].to_numpy().astype(np.int64),
        psus=columns["psu"].to_numpy().astype(np.int64),
        fpc=columns["fpc"].to_numpy().astype(float) if "fpc" in columns else None,
        psu_ids=labels,
        lonely=lonely,
    )
