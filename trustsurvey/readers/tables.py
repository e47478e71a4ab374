"""Small tables beside a survey, such as margins, read by the same guarded reader."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from trustsurvey.readers.guard import read


def read_table(path: str | Path, name: str | None = None) -> pd.DataFrame:
    """A CSV, TSV or XLSX table as a frame of text with its headings in lower case."""
    raw = read(path, name)
    columns = {}
    for column in raw.columns:
        values = raw.values(column.name)
        columns[column.text.strip().lower()] = values.apply(values.distinct, object)
    return pd.DataFrame(columns)
