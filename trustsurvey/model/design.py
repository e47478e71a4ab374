"""How a sample was drawn, what the population is, and the weights between the two."""

from __future__ import annotations

from collections.abc import Iterator, Mapping as MappingType
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Literal, get_args

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import sparse

from trustsurvey.errors import SurveyError

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

Lonely = Literal["fail", "adjust", "average", "remove"]


@dataclass(frozen=True, eq=False)
class Design:
    """How the sample was drawn, one entry a respondent.

    ``weights``: base weights; ``strata``, ``psus``: codes from 0 without gaps (a PSU belongs to one
    stratum); ``fpc``: number of PSUs in the population of the row's stratum, or None for sampling
    with replacement; ``psu_ids``: labels that tell the same unit in two waves (None, NaN or "" for
    a unit without one), or None. ``lonely`` names what a stratum with one PSU adds to a variance:
    "fail" refuses, "adjust" centres it at the mean of all PSUs, "average" gives it the mean
    variance of the others, "remove" nothing. ``lonely_domains``: "adjust" and "average" treat a stratum of
    which a domain has one PSU alike (R ``survey.adjust.domain.lonely``).

    SurveyError ``design.*`` where the entries contradict each other.
    """

    weights: Floats
    strata: Ints
    psus: Ints
    fpc: Floats | None = None
    psu_ids: NDArray[np.object_] | None = None
    lonely: Lonely = "fail"
    lonely_domains: bool = False

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
        if (self.psu_strata[self.psus] != self.strata).any():
            raise SurveyError("design.psus", "A sampling unit lies in two strata", expected="units within strata")
        if self.fpc is not None and not np.allclose(_by(self.strata, self.fpc)[self.strata], self.fpc):
            raise SurveyError("design.fpc", "The population number of units differs within a stratum")

    @classmethod
    def simple(cls, n: int, weights: Floats | None = None) -> Design:
        """Every respondent drawn on their own from one stratum."""
        base = np.ones(n) if weights is None else np.asarray(weights, dtype=float)
        return cls(base, np.zeros(n, dtype=np.int64), np.arange(n, dtype=np.int64))

    @cached_property
    def n_psu(self) -> int:
        """PSUs in the sample."""
        return int(self.psus.max()) + 1 if len(self.psus) else 0

    @cached_property
    def psu_strata(self) -> Ints:
        """Stratum of each PSU (n_psu,)."""
        return _by(self.psus, self.strata) if len(self.psus) else np.zeros(0, dtype=np.int64)

    @cached_property
    def stratum_psus(self) -> Ints:
        """PSUs of each stratum."""
        return np.bincount(self.psu_strata)

    @cached_property
    def psus_in_order(self) -> bool:
        """Whether every respondent is a PSU, and PSUs stand in the order of the respondents."""
        return bool(np.array_equal(self.psus, np.arange(len(self.psus))))


def _by(codes: Ints, values: NDArray[Any]) -> NDArray[Any]:
    """For each code the value of one of its rows."""
    result = np.zeros(int(codes.max()) + 1, dtype=values.dtype)
    result[codes] = values
    return result


#: Categories that stand for the total, or the mean, of a column of numbers.
OF_NUMBERS = ("total", "mean")


@dataclass(frozen=True)
class Margin:
    """Population numbers (or shares) by category of one variable."""

    variable: str
    targets: pd.Series

    def share(self) -> pd.Series:
        """Targets as shares that add to 1."""
        return self.targets / self.targets.sum()

    @property
    def of_number(self) -> str:
        """ "total" or "mean" where this is the population's total, or mean, of a column of numbers; else ""."""
        only = str(self.targets.index[0]).strip().lower() if len(self.targets) == 1 else ""
        return only if only in OF_NUMBERS else ""


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


@dataclass(frozen=True, eq=False)
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
