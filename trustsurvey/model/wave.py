"""The answers of one round of a survey, and the results they become."""

from __future__ import annotations

from collections.abc import Mapping as MappingType
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from trustsurvey.model.design import Design, Floats, Weighting
from trustsurvey.model.questionnaire import Instrument
from trustsurvey.model.report import Report


@dataclass(frozen=True, eq=False)
class Wave:
    """The answers of one round of the survey, one row a resident, all frames in the same order.

    ``people``: respondent (pseudonym), source_row, area levels, groups, mode.
    ``answers``: items in the codes of their scale, NaN where there is no answer.
    ``missing``: position in :data:`REASONS`, same shape. ``comments``: row, item, text.
    ``wording``: the question as asked in this wave. ``asked_on``: the scale a question was answered on
    where that is not its own ("1 to 7"); its codes are carried over to its own. ``scores``: 0-100, set by ``score``.
    ``parts``: the waves that a pooled wave is made of. ``withheld``: what earlier releases of the wave did not
    show, as (measure, grouping, level); see ``disclosure.cells.withheld_cells``.
    """

    name: str
    instrument: Instrument
    people: pd.DataFrame
    answers: pd.DataFrame
    missing: pd.DataFrame
    design: Design
    areas: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    start: date | None = None
    end: date | None = None
    wording: MappingType[str, str] = field(default_factory=dict)
    asked_on: MappingType[str, str] = field(default_factory=dict)
    comments: pd.DataFrame = field(default_factory=pd.DataFrame)
    weighting: Weighting | None = None
    scores: pd.DataFrame | None = None
    report: Report = field(default_factory=Report)
    probability: bool = False
    parts: tuple[Wave, ...] = ()
    withheld: frozenset[tuple[str, str, str]] = frozenset()

    def __len__(self) -> int:
        return len(self.people)

    @property
    def weights(self) -> Floats:
        """Calibrated weights where there are any, else base weights."""
        return self.design.weights if self.weighting is None else self.weighting.weights

    @property
    def pooled_from(self) -> tuple[str, ...]:
        """Names of the waves that a pooled wave is made of."""
        return tuple(part.name for part in self.parts)

    @property
    def raked(self) -> bool:
        """Whether the weights were set to population margins."""
        return self.weighting is not None and len(self.weighting.margins) > 0

    @property
    def numbers(self) -> tuple[str, ...]:
        """Columns of ``people`` that hold numbers, such as the size of the household."""
        kinds = self.people.dtypes
        return tuple(
            str(name)
            for name, kind in kinds.items()
            if name != "source_row" and pd.api.types.is_numeric_dtype(kind) and not pd.api.types.is_bool_dtype(kind)
        )

    @cached_property
    def items(self) -> tuple[str, ...]:
        """The rated items asked in this wave."""
        return tuple(self.answers.columns)


#: Columns of ``Estimates.table``, in order.
ESTIMATE_COLUMNS = (
    "wave", "measure", "stat", "by", "level", "est", "se", "lci", "uci",
    "n", "n_eff", "deff", "df", "method", "suppressed",
)  # fmt: skip


@dataclass(frozen=True, eq=False)
class Estimates:
    """Tidy results, one row an estimate, columns :data:`ESTIMATE_COLUMNS`.

    ``by`` names the domain variable ("" for everyone), ``level`` its category. Means of scores are
    on 0-100, shares on 0-1. ``suppressed`` is "" where the row may be shown, else the reason.
    ``about`` states how the numbers were made.
    """

    table: pd.DataFrame
    about: MappingType[str, Any] = field(default_factory=dict)
    _seen: dict[tuple[str, object], np.ndarray] = field(default_factory=dict, init=False, repr=False)

    def __getstate__(self) -> dict[str, object]:
        """Without what was asked: that makes no difference to what it is."""
        return self.__dict__ | {"_seen": {}}

    def rows(self, **where: object) -> pd.DataFrame:
        """Rows whose columns equal these values."""
        keep = np.ones(len(self.table), dtype=bool)
        for column, value in where.items():
            keep &= self._where(column, value)
        return self.table[keep]

    def _where(self, column: str, value: object) -> np.ndarray:
        """Which rows have a value in a column; pages ask for the same ones again and again."""
        if (column, value) not in self._seen:
            self._seen[column, value] = (self.table[column] == value).to_numpy(bool)
        return self._seen[column, value]
