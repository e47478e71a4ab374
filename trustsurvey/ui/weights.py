"""What the weighting page asks of the package."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pandas as pd

from trustsurvey import workflow
from trustsurvey.export.workbook import csv_bytes
from trustsurvey.model import Margins, Wave
from trustsurvey.store import Store
from trustsurvey.weighting.diagnostics import largest_weights
from trustsurvey.weighting.weigh import diagnostics

__all__ = ["bring_upload", "csv", "diagnostics", "largest_weights", "make", "read_upload", "template"]


def template(wave: Wave) -> pd.DataFrame:
    """A margins table with the wave's areas and groups and no numbers yet."""
    rows = [
        {"variable": name, "category": str(category), "count": None}
        for name in [*wave.areas, *wave.groups]
        for category in wave.people[name].cat.categories
    ]
    table = pd.DataFrame(rows, columns=["variable", "category", "count"])
    return table.astype({"variable": object, "category": object, "count": float})


def read_upload(upload: Any) -> Margins:
    """The margins in an uploaded table."""
    with _on_disk(upload) as path:
        return workflow.read_margins(path, upload.name)


def bring_upload(store: Store, slug: str, name: str, upload: Any, reason: str) -> None:
    """Take over the weights in an uploaded table; ``reason`` says who made them."""
    with _on_disk(upload) as path:
        workflow.bring_weights(store, slug, name, path, reason, upload.name)


@contextmanager
def _on_disk(upload: Any) -> Iterator[Path]:
    """An uploaded file where the reading process finds it."""
    with tempfile.TemporaryDirectory(prefix="trustsurvey-upload-") as folder:
        path = Path(folder) / "upload"
        path.write_bytes(upload.getbuffer())
        yield path


def make(wave: Wave, margins: Margins, choices: dict[str, Any]) -> Wave:
    """The wave weighted anew from its base weights."""
    return workflow.weighted(wave, margins, **choices)


def csv(table: pd.DataFrame) -> bytes:
    """A table as CSV."""
    return csv_bytes(table)
