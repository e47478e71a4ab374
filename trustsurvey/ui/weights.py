"""What the weighting page asks of the package."""

from __future__ import annotations

from typing import Any

import pandas as pd

from trustsurvey import weighing, workflow
from trustsurvey.export.workbook import csv_bytes
from trustsurvey.model import Margins, Wave
from trustsurvey.store import Store
from trustsurvey.ui.uploads import on_disk
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
    with on_disk(upload) as path:
        return workflow.read_margins(path, upload.name)


def bring_upload(store: Store, slug: str, name: str, upload: Any, reason: str) -> None:
    """Take over the weights in an uploaded table; ``reason`` says who made them."""
    with on_disk(upload) as path:
        weighing.bring_weights(store, slug, name, path, reason, upload.name)


def make(wave: Wave, margins: Margins, choices: dict[str, Any]) -> Wave:
    """The wave weighted anew from its base weights."""
    return weighing.weighted(wave, margins, **choices)


def csv(table: pd.DataFrame) -> bytes:
    """A table as CSV."""
    return csv_bytes(table)
