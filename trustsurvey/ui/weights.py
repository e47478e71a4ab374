"""What the weighting page asks of the package."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

import pandas as pd

from trustsurvey import workflow
from trustsurvey.errors import some
from trustsurvey.export.workbook import csv_bytes
from trustsurvey.model import Margins, Wave
from trustsurvey.present.words import count, percent
from trustsurvey.weighting.diagnostics import largest_weights
from trustsurvey.weighting.weigh import diagnostics

__all__ = ["csv", "diagnostics", "largest_weights", "make", "margin_words", "merged_words", "read_upload", "template"]


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
    with tempfile.TemporaryDirectory(prefix="trustsurvey-upload-") as folder:
        path = Path(folder) / "upload"
        path.write_bytes(upload.getbuffer())
        return workflow.read_margins(path, upload.name)


def make(wave: Wave, margins: Margins, choices: dict[str, Any]) -> Wave:
    """The wave weighted anew from its base weights."""
    return workflow.weighted(wave, margins, **choices)


def csv(table: pd.DataFrame) -> bytes:
    """A table as CSV."""
    return csv_bytes(table)


def merged_words(wave: Wave) -> str:
    """Which categories were merged for having too few answers; empty if none were."""
    merged = {} if wave.weighting is None else wave.weighting.settings.get("merged", {})
    told = [f"{variable}: {some(parts, 8)}" for variable, into in merged.items() for parts in into.values()]
    return f"Taken together for having few answers: {'; '.join(told)}." if told else ""


def margin_words(report: pd.DataFrame) -> pd.DataFrame:
    """The margin report with percentages; small numbers are hidden already."""

    def shown(share: float) -> str:
        return percent(share) if pd.notna(share) else "too few people"

    return pd.DataFrame(
        {
            "Variable": report["variable"],
            "Category": report["category"],
            "Answers": report["n"].map(lambda n: count(n) if pd.notna(n) else "too few people"),
            "Before": report["before"].map(shown),
            "Population": report["target"].map(shown),
            "After": report["after"].map(shown),
        }
    )
