"""Answers in the files of other programs: CSV, Parquet, Stata, SPSS with a syntax that sets the weight."""

from __future__ import annotations

import io
import json
import tempfile
from collections.abc import Callable, Mapping as MappingType
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pyreadstat

from trustsurvey.errors import SurveyError
from trustsurvey.export.microdata import Microdata
from trustsurvey.export.variables import Variable
from trustsurvey.export.workbook import UNPRINTABLE, csv_bytes

#: Bytes that SPSS takes of a variable's label and of a value's.
LABEL, VALUE_LABEL = 255, 120
#: The formats that answers can be taken in, by the ending of their file.
FORMATS = ("csv", "parquet", "sav", "dta")


def answers_csv(made: Microdata) -> bytes:
    """The answers as CSV in UTF-8; areas and groups in words, no text that a spreadsheet would run as a formula."""
    return csv_bytes(made.table)


def answers_parquet(made: Microdata, about: MappingType[str, str]) -> bytes:
    """The answers as Parquet: label, role, values and missing codes with each column, ``about`` with the table."""
    table = pa.Table.from_pandas(made.table, preserve_index=False)
    fields = []
    for column, variable in zip(table.schema, made.variables, strict=True):
        told = {"label": variable.label, "variable": variable.long, "role": variable.role}
        told |= {"question": variable.asked} if variable.asked else {}
        for name in ("values", "missing"):
            pairs = getattr(variable, name)
            if pairs and not (name == "values" and variable.categories):
                told[name] = json.dumps({f"{code:g}": words for code, words in pairs}, ensure_ascii=False)
        fields.append(column.with_metadata(told))
    weights = {"weight": "weight"} if "weight" in made.table else {}
    schema = pa.schema(fields, metadata={**about, **weights})
    buffer = io.BytesIO()
    pq.write_table(table.cast(schema).replace_schema_metadata(schema.metadata), buffer, compression="zstd")
    return buffer.getvalue()


def answers_sav(made: Microdata, title: str) -> bytes:
    """The answers as an SPSS file: labels of variables and values, and codes that are declared missing.

    Such a file cannot say what the weight is (see :func:`syntax`).
    """
    missing: dict[str, Any] = {
        v.name: [{"lo": v.missing[0][0], "hi": v.missing[-1][0]}] for v in made.variables if v.missing
    }
    labels = {
        v.name: {code: _cut(words, VALUE_LABEL) for code, words in (*v.values, *v.missing)}
        for v in made.variables if v.values or v.missing
    }  # fmt: skip
    return _written(
        pyreadstat.write_sav, _numbered(made), "SPSS", file_label=_cut(title, 64), row_compress=True,
        column_labels=[_cut(v.asked or v.label, LABEL) for v in made.variables], variable_value_labels=labels,
        missing_ranges=missing, variable_measure={v.name: _measure(v) for v in made.variables},
    )  # fmt: skip


def answers_dta(made: Microdata, title: str) -> bytes:
    """The answers as a Stata file (version 13 to 18): codes that are no answers are .a to .d, in their order."""
    table = _numbered(made)
    labels: dict[str, dict[Any, str]] = {}
    for v in made.variables:
        words: dict[Any, str] = {int(code): _cut(text, VALUE_LABEL) for code, text in v.values if code == int(code)}
        if v.missing:
            letters = {code: "abcd"[k] for k, (code, _) in enumerate(v.missing)}
            words |= {letters[code]: reason for code, reason in v.missing}
            table[v.name] = table[v.name].astype(object).map(lambda cell, of=letters: of.get(cell, cell))
        labels |= {v.name: words} if words else {}
    return _written(
        pyreadstat.write_dta, table, "Stata", version=15, file_label=_cut(title, 80),
        column_labels=[_cut(v.asked or v.label, 80) for v in made.variables], variable_value_labels=labels,
        missing_user_values={v.name: list("abcd") for v in made.variables if v.missing},
    )  # fmt: skip


def _numbered(made: Microdata) -> pd.DataFrame:
    """The answers with categories by their numbers, from 1."""
    table = made.table.copy()
    for variable in made.variables:
        if variable.categories:
            codes = table[variable.name].cat.codes.to_numpy(float)
            table[variable.name] = np.where(codes < 0, np.nan, codes + 1)
    return table


def _written(write: Callable[..., None], table: pd.DataFrame, program: str, **how: Any) -> bytes:
    with tempfile.TemporaryDirectory(prefix="trustsurvey-export-") as folder:
        path = Path(folder) / "answers"
        try:
            write(table, str(path), **how)
        except (pyreadstat.ReadstatError, pyreadstat.PyreadstatError, ValueError) as error:
            raise SurveyError("export.program", f"The {program} file cannot be written", got=str(error)[:100],
                              hint="Take CSV or Parquet instead.") from error  # fmt: skip
        return path.read_bytes()


def syntax(made: Microdata, title: str) -> bytes:
    """SPSS syntax beside ``answers.sav``: opens it, sets the weight, says what the short names stand for."""
    lines = [
        f"* {_line(title)}.",
        "* Run this in the folder of the file, which cannot hold its weight itself.",
        "GET FILE='answers.sav'.",
        *(["WEIGHT BY weight."] if "weight" in made.table else []),
        "* With this weight means and percentages are right; standard errors and tests are not:",
        "* SPSS takes it for a number of people. For those use Complex Samples, or the R script.",
        "* What the variables are called in the study.",
        *(f"* {v.name}: {_line(v.long)}." for v in made.variables if v.role != "replicate"),
        "EXECUTE.",
    ]
    return ("\n".join(lines) + "\n").encode("utf-8-sig")


def _measure(variable: Variable) -> str:
    if variable.categories or variable.role == "pseudonym":
        return "nominal"
    return "ordinal" if variable.role == "answer" else "scale"


def _line(text: str) -> str:
    """Text for a comment of one line; no full stop in it, which would end the comment."""
    return " ".join(UNPRINTABLE.sub("", text).replace(".", " ").split())


def _cut(text: str, most: int) -> str:
    """Text of at most so many bytes."""
    text = UNPRINTABLE.sub("", " ".join(text.split()))
    return text.encode("utf-8")[:most].decode("utf-8", errors="ignore")
