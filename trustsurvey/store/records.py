"""What the store says about studies and waves without loading an answer."""

from __future__ import annotations

from collections.abc import Mapping as MappingType
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from trustsurvey.language import N_
from trustsurvey.model import Floats, Mapping, Margins, Report


@dataclass(frozen=True)
class StudyRecord:
    """A study in the list of studies."""

    slug: str
    name: str
    sample: bool
    waves: int


@dataclass(frozen=True, eq=False)
class StoredWeighting:
    """Weights as saved: with the margins they meet and the choices they were made with."""

    weights: Floats
    margins: Margins
    settings: MappingType[str, Any]


@dataclass(frozen=True)
class WaveRecord:
    """A wave in the list of waves: its newest state, and whether that is what viewers see."""

    name: str
    rows: int
    file: str
    digest: str
    mapping: Mapping
    report: Report
    start: date | None
    end: date | None
    weighted: bool
    released: bool
    ever_released: bool
    imported_at: datetime
    revision: int
    reasons: tuple[str, ...] = ()
    #: Changes whenever the answers or the weights do; keys every cache.
    key: str = field(default="", compare=False)

    @property
    def status(self) -> str:
        """Draft, released, or released with a correction that is still a draft."""
        if self.released:
            return N_("released")
        return N_("released, correction in draft") if self.ever_released else N_("draft")


@dataclass(frozen=True)
class TaskRecord:
    """A file whose mapping somebody was unsure about, with the question and, once closed, what came of it."""

    id: int
    question: str
    wave: str
    file: str
    digest: str
    mapping: Mapping
    person: str
    created_at: datetime
    note: str
    open: bool
