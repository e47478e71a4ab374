"""Uploaded files: on disk, where readers work, as tables and as text."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pandas as pd

from trustsurvey.errors import SurveyError
from trustsurvey.readers.tables import read_table


@contextmanager
def on_disk(upload: Any) -> Iterator[Path]:
    """An uploaded file where a reader finds it; the copy goes at the end."""
    with tempfile.TemporaryDirectory(prefix="trustsurvey-upload-") as folder:
        path = Path(folder) / "upload"
        path.write_bytes(upload.getbuffer())
        yield path


def table_of(upload: Any) -> pd.DataFrame:
    """An uploaded table as text."""
    with on_disk(upload) as path:
        return read_table(path, upload.name)


def text_of(content: bytes, name: str) -> str:
    """The text of an uploaded file in UTF-8, with or without a byte order mark; SurveyError for any other.

    Letters that were guessed would stay in names and questions for good.
    """
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise SurveyError(
            "upload.text", "The file is not text in UTF-8", where=name,
            got=f"the byte {content[error.start]:#04x} at position {error.start + 1:,}",
            hint="Save it again with the encoding UTF-8.",
        ) from error  # fmt: skip
