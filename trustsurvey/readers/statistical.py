"""SPSS (.sav, .zsav, .por) and Stata (.dta): values as text, with the labels and missing values of the file."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import Any, Literal

import pyarrow as pa
import pyarrow.compute as pc

from trustsurvey.errors import Notice, SurveyError
from trustsurvey.readers.cells import moment_text, number_text
from trustsurvey.readers.found import Found, Report, no_answers
from trustsurvey.readers.platforms import STATISTICAL, detect
from trustsurvey.readers.platforms.entry import clean, named, stem_and_option
from trustsurvey.readers.raw import PART_ROWS, Column

Kind = Literal["sav", "por", "dta"]
#: Cells that are read at once, as Python objects.
CELLS = 2_000_000
TITLES = {"sav": "SPSS", "por": "SPSS", "dta": "Stata"}


def open_statistical(path: Path, kind: Kind, report: Report) -> Found:
    """Variables and cases of a file of SPSS or Stata."""
    reader = _Reader(path, kind)
    names = reader.meta.column_names
    if not names or reader.meta.number_rows == 0:
        raise no_answers()
    labels = reader.meta.column_names_to_labels
    texts = [clean(labels.get(name) or "") or name for name in names]
    platform, _ = detect([names])
    # A variable called timestamp says little.
    platform = STATISTICAL[kind] if platform.name in ("plain", "googleforms") else platform
    choices = [stem_and_option(text) for text in texts]
    columns = named(names, texts, [question for question, _ in choices], [option for _, option in choices])
    return Found(platform, columns, reader.batches(report), 1, reader.notices, describe=reader.describe)


class _Reader:
    """One file, opened with the encoding and the care that it needs."""

    def __init__(self, path: Path, kind: Kind) -> None:
        self.path, self.kind = path, kind
        self.notices: list[Notice] = []
        self.options: dict[str, Any] = {"output_format": "dict", "disable_datetime_conversion": True}
        if kind != "por":
            self.options["user_missing"] = True
        self.meta = self._call(metadataonly=True)[1]
        self.missing: list[set[str]] = [set() for _ in self.meta.column_names]

    def batches(self, report: Report) -> Iterator[pa.RecordBatch]:
        """Cases as text; values declared missing are remembered where they occur."""
        names, rows = self.meta.column_names, self.meta.number_rows
        size = max(256, min(PART_ROWS, CELLS // len(names)))
        start, count = 0, size
        while count == size and start != rows:
            values, meta = self._call(row_offset=start, row_limit=size)
            kinds, styles = meta.readstat_variable_types, meta.original_variable_types
            arrays = [as_text(values.get(name, []), kinds.get(name, ""), styles.get(name) or "") for name in names]
            count = len(arrays[0])
            if count:
                for k, name in enumerate(names):
                    self.missing[k] |= self._declared(name, arrays[k])
                yield pa.RecordBatch.from_arrays(arrays, names=[f"c{k}" for k in range(len(names))])
            start += count
            report(min(start / (rows or start or 1), 1.0))

    def describe(self, columns: list[Column]) -> list[Column]:
        """The columns with value labels, missing values and the choices of multiple response sets."""
        sets = {
            name.casefold(): clean(told.get("label") or "") or key
            for key, told in self.meta.mr_sets.items()
            if told.get("is_dichotomy")
            for name in told.get("variable_list", ())
        }
        described = []
        for k, (column, name) in enumerate(zip(columns, self.meta.column_names, strict=True)):
            stated = self.meta.variable_value_labels.get(name, {})
            labels = tuple((self._value(value), clean(str(label))) for value, label in stated.items())
            known = pa.array([value for value, _ in labels], pa.string())
            missing = self.missing[k] | self._declared(name, known) | self._single(name)
            question = sets.get(name.casefold())
            if question:
                column = replace(column, question=question, option=column.option or column.text)
            described.append(replace(column, labels=labels, missing=tuple(sorted(missing, key=_in_order))))
        return described

    def _ranges(self, name: str) -> list[tuple[Any, Any]]:
        return [(part["lo"], part["hi"]) for part in self.meta.missing_ranges.get(name, ())]

    def _single(self, name: str) -> set[str]:
        """Values that are declared missing one by one."""
        return {self._value(low) for low, high in self._ranges(name) if low == high}

    def _declared(self, name: str, cells: pa.Array) -> set[str]:
        """Which of these cells the file declares to be missing."""
        if self.kind == "dta":
            letters = pc.match_substring_regex(cells, r"^\.[a-z]$")
            return set(pc.unique(cells.filter(letters)).to_pylist()) if name in self._numeric else set()
        ranges = [(low, high) for low, high in self._ranges(name) if low != high]
        if not ranges:
            return set()
        values = [value for value in pc.unique(cells).to_pylist() if value]
        return {value for value in values if any(_within(value, low, high) for low, high in ranges)}

    @cached_property
    def _numeric(self) -> set[str]:
        return {name for name, kind in self.meta.readstat_variable_types.items() if kind != "string"}

    def _value(self, value: Any) -> str:
        return as_text([value], "double")[0].as_py() if self.kind == "dta" or not isinstance(value, str) else value

    def _call(self, **more: Any) -> tuple[dict[str, list[Any]], Any]:
        import pyreadstat

        functions: dict[Kind, Callable[..., Any]] = {
            "sav": pyreadstat.read_sav, "por": pyreadstat.read_por, "dta": pyreadstat.read_dta,
        }  # fmt: skip
        while True:
            try:
                return functions[self.kind](str(self.path), **self.options, **more)
            except (UnicodeDecodeError, pyreadstat.ReadstatError, pyreadstat.PyreadstatError) as error:
                if not self._another_encoding(error):
                    raise self._refusal(error) from error
            except (OverflowError, ValueError, OSError) as error:
                raise self._refusal(error) from error

    def _another_encoding(self, error: Exception) -> bool:
        unclear = isinstance(error, UnicodeDecodeError) or "convert string" in str(error)
        if self.kind == "por" or "encoding" in self.options or not unclear:
            return False
        self.options["encoding"] = "WINDOWS-1252"
        self.notices.append(
            Notice(
                "read.encoding",
                "The letters of the file are not in the encoding that it names; they were read as Windows Western "
                "(cp1252). Check that accented letters look right.",
                "warning",
            )
        )
        return True

    def _refusal(self, error: Exception) -> SurveyError:
        return SurveyError(
            "read.damaged",
            f"The {TITLES[self.kind]} file is damaged or was cut off",
            got=str(error)[:100],
            expected="a complete file",
            hint=f"Save it again from {TITLES[self.kind]}, or as CSV.",
        )


def as_text(cells: Sequence[Any], kind: str, style: str = "") -> pa.Array:
    """Cells of one variable as text: 1.0 is "1", a missing letter of Stata ".a", nothing ""; dates by their style."""
    if kind == "string":
        return pc.fill_null(pa.array(cells, pa.string()), "")
    letters: dict[int, str] = {}
    try:
        numbers = pa.array(cells, pa.float64(), from_pandas=True)
    except (pa.ArrowInvalid, pa.ArrowTypeError, TypeError):
        letters = {k: f".{cell}" for k, cell in enumerate(cells) if isinstance(cell, str)}
        numbers = pa.array([None if isinstance(cell, str) else cell for cell in cells], pa.float64(), from_pandas=True)
    text = moment_text(numbers, style)
    text = number_text(numbers, single=kind == "float") if text is None else text
    if letters:
        text = pa.array([letters.get(k, cell) for k, cell in enumerate(text.to_pylist())], pa.string())
    return text


def _within(value: str, low: Any, high: Any) -> bool:
    if isinstance(low, str) or isinstance(high, str):
        return str(low) <= value <= str(high)
    try:
        return low <= float(value) <= high
    except ValueError:
        return False


def _in_order(value: str) -> tuple[float, str]:
    try:
        return float(value), value
    except ValueError:
        return math.inf, value
