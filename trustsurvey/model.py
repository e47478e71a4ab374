"""The nouns of a survey: frozen types that every verb takes and gives back.

Nothing here computes an estimate, reads a file or knows a screen. A :class:`Wave` goes in and
comes out of each verb (harmonise, weigh, score, pool) until ``estimate`` turns it into
:class:`Estimates`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping as MappingType
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cached_property
from typing import Any, Literal, get_args

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import sparse

from trustsurvey.errors import Notice, SurveyError

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

# --- questionnaire ------------------------------------------------------------------------------

#: Why an answer is not a number; the position is the code stored in ``Wave.missing``.
REASONS = ("answered", "blank", "don't know", "refused", "not applicable", "left out")


@dataclass(frozen=True)
class Scale:
    """A response scale: its codes from low to high and the words beside them."""

    name: str
    low: float
    high: float
    anchors: tuple[tuple[float, str], ...] = ()
    positive: tuple[float, ...] = ()
    synonyms: tuple[tuple[float, str], ...] = ()

    @property
    def is_text(self) -> bool:
        """Open answers have no range and are not scored."""
        return self.high <= self.low


@dataclass(frozen=True)
class Item:
    """One question of an instrument. ``reverse``: agreeing means less trust."""

    id: str
    text: str
    scale: Scale
    reverse: bool = False
    source: str = ""
    optional: bool = False


@dataclass(frozen=True)
class Index:
    """A named score from 0 to 100: the mean of its parts.

    ``parts`` are item ids, or keys of other indices (a dimension is an index of items; the trust
    index is an index of dimensions). A person has a score with at least ``at_least`` parts.
    """

    key: str
    title: str
    parts: tuple[str, ...]
    at_least: int
    dimension: bool = False
    plain: str = ""


@dataclass(frozen=True)
class Instrument:
    """A questionnaire: items, scales and the indices made from them. ``headline`` is shown first."""

    name: str
    title: str
    items: tuple[Item, ...]
    indices: tuple[Index, ...]
    headline: str
    version: str = "1"

    @cached_property
    def _items(self) -> dict[str, Item]:
        return {item.id: item for item in self.items}

    @cached_property
    def _indices(self) -> dict[str, Index]:
        return {index.key: index for index in self.indices}

    def item(self, key: str) -> Item:
        """The item with this id; ``KeyError`` if there is none."""
        return self._items[key]

    def index(self, key: str) -> Index:
        """The index with this key; ``KeyError`` if there is none."""
        return self._indices[key]

    def has_item(self, key: str) -> bool:
        """Whether an item has this id."""
        return key in self._items

    @property
    def rated(self) -> tuple[Item, ...]:
        """Items answered on a scale."""
        return tuple(item for item in self.items if not item.scale.is_text)

    @property
    def open(self) -> tuple[Item, ...]:
        """Items answered in the resident's own words."""
        return tuple(item for item in self.items if item.scale.is_text)

    def title_of(self, measure: str) -> str:
        """The title of an index, or the wording of an item."""
        if measure in self._indices:
            return self._indices[measure].title
        return self._items[measure].text if measure in self._items else measure

    def items_of(self, measure: str) -> tuple[str, ...]:
        """The ids of the items that a measure rests on, through all its parts."""
        if measure in self._items:
            return (measure,)
        found: list[str] = []
        for part in self._indices[measure].parts:
            found += [item for item in self.items_of(part) if item not in found]
        return tuple(found)


# --- study --------------------------------------------------------------------------------------


@dataclass(frozen=True)
class AreaLevel:
    """One layer of the map, such as districts. ``areas``: name to name of the parent area."""

    key: str
    title: str
    parent: str = ""
    areas: tuple[tuple[str, str], ...] = ()
    boundary_key: str = ""

    @property
    def names(self) -> tuple[str, ...]:
        """The areas of the level, in their stated order; empty when any value is taken."""
        return tuple(name for name, _ in self.areas)


@dataclass(frozen=True)
class Study:
    """A survey that is repeated: where it is held and with which questionnaire."""

    slug: str
    name: str
    instrument: Instrument
    levels: tuple[AreaLevel, ...] = ()
    probability: bool = False
    sample: bool = False

    def level(self, key: str) -> AreaLevel:
        """The area level with this key; ``KeyError`` if there is none."""
        return next(level for level in self.levels if level.key == key)


# --- how a file becomes a wave --------------------------------------------------------------------

Role = Literal[
    "item", "area", "group", "text", "id", "weight", "stratum", "psu", "fpc",
    "start", "end", "duration", "mode", "status", "device", "private", "ignore",
]  # fmt: skip


@dataclass(frozen=True)
class ColumnMap:
    """What one column of a file is. ``target`` names the item, area level or group.

    ``values`` recodes what the file says (to a code of the scale, or to a label); ``dont_know``,
    ``refused``, ``not_applicable`` and ``leave_out`` list what counts as no answer, and why.
    """

    column: str
    role: Role
    target: str = ""
    values: tuple[tuple[str, str], ...] = ()
    dont_know: tuple[str, ...] = ()
    refused: tuple[str, ...] = ()
    not_applicable: tuple[str, ...] = ()
    leave_out: tuple[str, ...] = ()
    flip: bool = False


@dataclass(frozen=True)
class Mapping:
    """What every column of a file is, and which rows do not count."""

    columns: tuple[ColumnMap, ...]
    platform: str = "plain"
    partial_below: float = 0.5
    day_first: bool | None = None
    keep_tests: bool = False
    keep_duplicates: bool = False

    def having(self, *roles: str) -> Iterator[ColumnMap]:
        """The columns with one of these roles, in file order."""
        return (column for column in self.columns if column.role in roles)

    def only(self, role: str) -> ColumnMap | None:
        """The single column with this role, or None; SurveyError if there are several."""
        found = list(self.having(role))
        if len(found) > 1:
            names = " and ".join(f"'{column.column}'" for column in found[:3])
            raise SurveyError(
                "map.role-twice",
                f"Two columns are marked '{role}'",
                where=names,
                expected="one column",
                hint="Set all but one of them to 'ignore'.",
            )
        return found[0] if found else None

    def with_column(self, changed: ColumnMap) -> Mapping:
        """The same mapping with one column's entry replaced."""
        columns = tuple(changed if c.column == changed.column else c for c in self.columns)
        return replace(self, columns=columns)


@dataclass(frozen=True)
class Report:
    """What an import read, kept and left out, and what it noticed."""

    platform: str = "plain"
    rows_read: int = 0
    dropped: tuple[tuple[str, int], ...] = ()
    notices: tuple[Notice, ...] = ()

    @property
    def rows_kept(self) -> int:
        """Rows read less rows dropped."""
        return self.rows_read - sum(count for _, count in self.dropped)


# --- design and weights ---------------------------------------------------------------------------

Lonely = Literal["fail", "adjust", "average", "remove"]


@dataclass(frozen=True)
class Design:
    """How the sample was drawn, one entry a respondent.

    ``weights``: base weights; ``strata``, ``psus``: codes from 0 without gaps (a PSU belongs to one
    stratum); ``fpc``: number of PSUs in the population of the row's stratum, or None for sampling
    with replacement; ``psu_ids``: labels that tell the same unit in two waves (None, NaN or "" for
    a unit without one), or None. ``lonely`` names what a stratum with one PSU adds to a variance:
    "fail" refuses, "adjust" centres it at the mean of all PSUs, "average" gives it the mean
    variance of the others, "remove" nothing.

    SurveyError ``design.*`` where the entries contradict each other.
    """

    weights: Floats
    strata: Ints
    psus: Ints
    fpc: Floats | None = None
    psu_ids: NDArray[np.object_] | None = None
    lonely: Lonely = "fail"

    def __post_init__(self) -> None:
        lengths = {len(a) for a in (self.weights, self.strata, self.psus, self.fpc, self.psu_ids) if a is not None}
        if len(lengths) > 1:
            raise SurveyError("design.rows", "The parts of the design have different numbers of rows")
        if self.lonely not in get_args(Lonely):
            raise SurveyError(
                "design.treatment", f"There is no treatment '{self.lonely}' of single sampling units",
                expected=", ".join(get_args(Lonely)),
            )  # fmt: skip
        if not len(self.weights):
            return
        if not (np.isfinite(self.weights).all() and (self.weights > 0).all()):
            raise SurveyError("design.weights", "A base weight is not a number above 0")
        for name, codes in (("strata", self.strata), ("psus", self.psus)):
            if codes.min() < 0 or not np.bincount(codes).all():
                raise SurveyError(f"design.{name}", f"The codes of the {name} do not run from 0 without gaps")
        if (_by(self.psus, self.strata)[self.psus] != self.strata).any():
            raise SurveyError("design.psus", "A sampling unit lies in two strata", expected="units within strata")
        if self.fpc is not None and not np.allclose(_by(self.strata, self.fpc)[self.strata], self.fpc):
            raise SurveyError("design.fpc", "The population number of units differs within a stratum")

    @classmethod
    def simple(cls, n: int, weights: Floats | None = None) -> Design:
        """Every respondent drawn on their own from one stratum."""
        base = np.ones(n) if weights is None else np.asarray(weights, dtype=float)
        return cls(base, np.zeros(n, dtype=np.int64), np.arange(n, dtype=np.int64))


def _by(codes: Ints, values: NDArray[Any]) -> NDArray[Any]:
    """For each code the value of one of its rows."""
    result = np.zeros(int(codes.max()) + 1, dtype=values.dtype)
    result[codes] = values
    return result


@dataclass(frozen=True)
class Margin:
    """Population numbers (or shares) by category of one variable."""

    variable: str
    targets: pd.Series

    def share(self) -> pd.Series:
        """Targets as shares that add to 1."""
        return self.targets / self.targets.sum()


@dataclass(frozen=True)
class Margins:
    """Any number of margins and where they come from."""

    margins: tuple[Margin, ...]
    source: str = ""

    def __iter__(self) -> Iterator[Margin]:
        return iter(self.margins)

    def __len__(self) -> int:
        return len(self.margins)

    @property
    def variables(self) -> tuple[str, ...]:
        """The variables that have a margin."""
        return tuple(margin.variable for margin in self.margins)


@dataclass(frozen=True)
class Weighting:
    """Calibrated weights with what they were calibrated to.

    ``constraints`` is the (n, p) matrix whose weighted column sums were set to the population;
    the variance of a raked estimate needs it together with the ``base`` weights.
    """

    weights: Floats
    base: Floats
    constraints: sparse.csr_array
    margins: Margins
    settings: MappingType[str, Any] = field(default_factory=dict)
    report: pd.DataFrame = field(default_factory=pd.DataFrame)


# --- the wave and what comes of it ------------------------------------------------------------------


@dataclass(frozen=True)
class Wave:
    """The answers of one round of the survey, one row a resident, all frames in the same order.

    ``people``: respondent (pseudonym), source_row, area levels, groups, mode.
    ``answers``: items in the codes of their scale, NaN where there is no answer.
    ``missing``: position in :data:`REASONS`, same shape. ``comments``: row, item, text.
    ``wording``: the question as asked in this wave. ``scores``: 0-100, set by ``score``.
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
    comments: pd.DataFrame = field(default_factory=pd.DataFrame)
    weighting: Weighting | None = None
    scores: pd.DataFrame | None = None
    report: Report = Report()
    probability: bool = False
    pooled_from: tuple[str, ...] = ()

    def __len__(self) -> int:
        return len(self.people)

    @property
    def weights(self) -> Floats:
        """Calibrated weights where there are any, else base weights."""
        return self.design.weights if self.weighting is None else self.weighting.weights

    @property
    def raked(self) -> bool:
        """Whether the weights were set to population margins."""
        return self.weighting is not None and len(self.weighting.margins) > 0

    @property
    def items(self) -> tuple[str, ...]:
        """The rated items asked in this wave."""
        return tuple(self.answers.columns)


#: Columns of ``Estimates.table``, in order.
ESTIMATE_COLUMNS = (
    "wave", "measure", "stat", "by", "level", "est", "se", "lci", "uci",
    "n", "n_eff", "deff", "df", "method", "suppressed",
)  # fmt: skip


@dataclass(frozen=True)
class Estimates:
    """Tidy results, one row an estimate, columns :data:`ESTIMATE_COLUMNS`.

    ``by`` names the domain variable ("" for everyone), ``level`` its category. Means of scores are
    on 0-100, shares on 0-1. ``suppressed`` is "" where the row may be shown, else the reason.
    ``about`` states how the numbers were made.
    """

    table: pd.DataFrame
    about: MappingType[str, Any] = field(default_factory=dict)

    def rows(self, **where: object) -> pd.DataFrame:
        """Rows whose columns equal these values."""
        keep = pd.Series(True, index=self.table.index)
        for column, value in where.items():
            keep &= self.table[column] == value
        return self.table[keep]
