"""What a stratum with a single sampling unit adds to a variance.

Its unit has nothing to be compared with. As in R survey (``survey.lonely.psu``), treatments that borrow
from other strata borrow from those in which the estimate has residents: those of a domain may be fewer.
Calibration ties all strata together, and all count.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from trustsurvey.estimation.entries import counts
from trustsurvey.model import Design, Floats, Ints


@dataclass(frozen=True, eq=False)
class Strata:
    """H strata as k estimates see them (or all estimates alike: k = 1).

    ``factor`` (H, k): what squares of a stratum are multiplied by. ``afar`` (H, k): where units are centred at
    the mean of all ``units`` (k,) of the estimate instead of that of their stratum; None for nowhere.
    """

    factor: Floats
    afar: np.ndarray | None
    units: Floats


def whole(design: Design, factor: Floats, lonely: np.ndarray) -> Strata:
    """All strata of a design; ``factor`` (H,) is what squares are multiplied by, ``lonely`` (H,) who has one unit."""
    return _treated(design, factor, lonely[:, None], np.ones((len(factor), 1), dtype=bool))


def entered(
    design: Design, factor: Floats, lonely: np.ndarray, row: Ints, column: Ints, k: int, together: bool = False
) -> Strata:
    """The strata of the residents ``row`` that each of k estimates (``column``) has, or that any of them has."""
    if together:
        column, k = np.zeros_like(column), 1
    shape = (len(factor), k)
    present = counts(design.strata[row], column, shape) > 0
    alone = present & lonely[:, None]
    if design.lonely_domains:
        unit = np.unique(design.psus[row] * k + column)
        met = counts(design.psu_strata[unit // k], unit % k, shape)
        alone |= (met == 1) & (design.stratum_psus[:, None] > 1)
    return _treated(design, factor, alone, present)


def _treated(design: Design, factor: Floats, alone: np.ndarray, present: np.ndarray) -> Strata:
    if design.lonely == "average":
        known = np.maximum((present & ~alone).sum(axis=0), 1)
        scaled = np.where(alone, 0.0, factor[:, None]) * present.sum(axis=0) / known
        return Strata(scaled, None, np.zeros(alone.shape[1]))
    afar = alone if design.lonely == "adjust" and alone.any() else None
    return Strata(factor[:, None], afar, design.stratum_psus @ present.astype(float))
