"""Small tables beside a survey, such as margins, read by the same guarded reader."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from trustsurvey.errors import SurveyError
from trustsurvey.readers.guard import read


def read_table(path: str | Path, name: str | None = None) -> pd.DataFrame:
    """A CSV, TSV or XLSX table as a frame of text with its headings in lower case."""
    raw = read(path, name)
    columns = {}
    for column, values in zip(raw.columns, raw.all_values(), strict=True):
        heading = column.text.strip().lower()
        if heading in columns:
            raise SurveyError(
                "read.heading-twice", f"The table has two columns '{heading}'", where=raw.source,
                got=f"the second in column {column.letter}", expected="every heading once",
            )  # fmt: skip
        columns[heading] = values.apply(values.distinct, object)
    return pd.DataFrame(columns)
