"""What a study keeps of a file, so that its mapping can be corrected later without the file."""

from __future__ import annotations

import tempfile
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa

from trustsurvey.errors import SurveyError, some
from trustsurvey.harmonise.births import without_births
from trustsurvey.harmonise.codebook import number_of
from trustsurvey.harmonise.design import Pseudonymise
from trustsurvey.harmonise.roles import Given, looks_like_comments, role_of
from trustsurvey.harmonise.timing import parse_times
from trustsurvey.instruments.headings import speaks_of_birth
from trustsurvey.model import Mapping
from trustsurvey.readers.arrow_file import ROW, TABLE, schema_of, writer
from trustsurvey.readers.platforms import platform_named
from trustsurvey.readers.raw import PART_ROWS, Kept, Raw, Values

#: Cells that are held at once while a file is copied.
CELLS = 4_000_000
#: A column in which so large a share of the answers, and so many, stand in one row alone tells rows apart.
APART, APART_ROWS = 0.9, 30
WHO = ("private", "id", "device")


def keep(raw: Raw, mapping: Mapping, pseudonymise: Pseudonymise) -> Raw:
    """A copy of a file that may be saved: every column and row but what may tell who answered.

    Private columns go; so do columns that are not used and hold names, addresses or numbers of people. Ids become
    pseudonyms, days of birth age groups. Of devices only remains which rows came from the same one. The copy's
    ``kept`` tells which is which.
    """
    entries = {column.column: column.role for column in mapping.columns}
    own = platform_named(raw.platform).own(column.name for column in raw.columns)
    born = without_births(raw, mapping)
    gone, coded, words = list(raw.kept.gone), [], []
    for column in raw.columns:
        role = entries.get(column.name, "ignore")
        if role == "private" or (role == "ignore" and _tells_who(raw, column.name, own.get(column.name, ""))):
            gone.append(column.name)
        elif role == "id" or column.name in born or column.name in raw.kept.coded:
            coded.append(column.name)
        elif role == "text" or (role == "ignore" and looks_like_comments(raw.head(column.name))):
            words.append(column.name)
    columns = tuple(column for column in raw.columns if column.name not in gone)
    folder = tempfile.TemporaryDirectory(prefix="trustsurvey-kept-")
    path = Path(folder.name) / TABLE
    made = replace(raw, columns=columns, path=path, kept=Kept(tuple(gone), tuple(coded), tuple(words)), folder=folder)
    changed = {}
    for name in (column.name for column in columns):
        if name in born:
            changed[name] = _grouped(born[name])
        elif name in coded:
            changed[name] = _named(raw.values(name), pseudonymise, name in raw.kept.coded)
        elif entries.get(name) == "device":
            changed[name] = _numbered(raw.values(name))
    _write(raw, made, changed)
    return made


def refuse_gone(raw: Raw, mapping: Mapping) -> None:
    """Refuse a mapping that uses a column which was not kept: SurveyError ``map.column-gone``."""
    wanted = [c.column for c in mapping.columns if c.column in raw.kept.gone and c.role not in ("private", "ignore")]
    if wanted:
        raise SurveyError(
            "map.column-gone",
            f"{some(wanted)} may tell who answered and was not kept when the file was imported",
            where=raw.source, expected="a column that was kept",
            hint="To use it, import the file itself again.",
        )  # fmt: skip


def _tells_who(raw: Raw, name: str, own: str) -> bool:
    """Whether a column that nobody uses may tell who answered: by its platform, its heading, or what it holds."""
    if own in WHO or speaks_of_birth(f"{name} {raw.column(name).text}"):
        return True
    values = raw.head(name)
    found = role_of(raw.column(name), values, (), {}, Given())
    return found.column.role in WHO or _tells_rows_apart(values)


def _tells_rows_apart(values: Values) -> bool:
    """Whether nearly every row has a value of its own that is no measure, no time and no sentence."""
    counts = values.counts()
    filled = [k for k, value in enumerate(values.distinct) if value and counts[k]]
    total = int(sum(counts[k] for k in filled))
    alone = [values.distinct[k] for k in filled if counts[k] == 1]
    if total < APART_ROWS or len(alone) < APART * total:
        return False
    numbers = [number for value in alone[:200] if (number := number_of(value)) is not None]
    if any(not number.is_integer() for number in numbers):
        return False
    timed = (~np.isnat(parse_times(alone[:200], None))).mean() > 0.5 if len(numbers) < len(alone[:200]) / 2 else False
    return not timed and not looks_like_comments(values)


def _named(values: Values, pseudonymise: Pseudonymise, already: bool) -> pa.DictionaryArray:
    """Pseudonyms instead of ids."""
    names = list(values.distinct) if already else pseudonymise(values.distinct)
    told = [name if value else "" for name, value in zip(names, values.distinct, strict=True)]
    return pa.DictionaryArray.from_arrays(values.codes, pa.array(told, pa.string()))


def _grouped(groups: pd.Categorical) -> pa.DictionaryArray:
    """Age groups instead of days of birth."""
    labels = [str(category) for category in groups.categories]
    return pa.DictionaryArray.from_arrays((groups.codes + 1).astype(np.int32), pa.array(["", *labels], pa.string()))


def _numbered(values: Values) -> pa.DictionaryArray:
    """Numbers instead of what they count, which tell no more than which rows share it."""
    told = [str(k + 1) if value else "" for k, value in enumerate(values.distinct)]
    return pa.DictionaryArray.from_arrays(values.codes, pa.array(told, pa.string()))


def _write(raw: Raw, made: Raw, changed: dict[str, pa.DictionaryArray]) -> None:
    schema = schema_of(len(made.columns))
    place = {column.name: f"c{k}" for k, column in enumerate(raw.columns)}
    keys = [place[column.name] for column in made.columns]
    start = 0
    with writer(made.path, schema) as file:
        for batch in raw.table.select([ROW, *keys]).to_batches(max(256, min(PART_ROWS, CELLS // max(len(keys), 1)))):
            arrays = [batch.column(ROW)]
            for column, cells in zip(made.columns, batch.columns[1:], strict=True):
                other = changed.get(column.name)
                arrays.append(cells if other is None else other.slice(start, batch.num_rows).dictionary_decode())
            start += batch.num_rows
            file.write_batch(pa.RecordBatch.from_arrays(arrays, schema=schema))
