"""ipfn: a frame of strings to raked weights, on respondents or on the table of the crossed margins."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import common
import numpy as np
import pandas as pd
from ipfn import ipfn

Targets = dict[str, dict[str, float]]

#: Sweeps end at this relative misfit, or where it no longer changes.
TIGHTEST = {"convergence_rate": 1e-14, "rate_tolerance": 0.0, "max_iteration": 1000}


def by_respondent(people: pd.DataFrame, targets: Targets) -> np.ndarray:
    """The data frame form, with a row a resident."""
    totals = [pd.Series(target) for target in targets.values()]
    start = people.assign(total=1.0)
    fitted = ipfn.ipfn(start, totals, [[name] for name in targets], **TIGHTEST).iteration()
    return fitted["total"].to_numpy()


def by_table(people: pd.DataFrame, targets: Targets) -> np.ndarray:
    """The array form, much the quicker one: each resident then takes the factor of their cell."""
    found = [people[name].astype("category").cat for name in targets]
    shape = tuple(len(one.categories) for one in found)
    cell = np.ravel_multi_index(tuple(one.codes.to_numpy() for one in found), shape)
    counts = np.bincount(cell, minlength=int(np.prod(shape))).astype(float)
    totals = [
        np.array([target[level] for level in one.categories])
        for one, target in zip(found, targets.values(), strict=True)
    ]
    # A copy, because the sweeps change the array that they are given.
    start = counts.reshape(shape).copy()
    fitted = ipfn.ipfn(start, totals, [[axis] for axis in range(len(shape))], **TIGHTEST).iteration()
    return (fitted.ravel() / np.maximum(counts, 1))[cell]


def prepare(folder: Path, form: str) -> Callable[[], np.ndarray]:
    """The timed call, in the form "respondents" or "table"."""
    people = pd.read_parquet(common.sample(folder), columns=list(common.LEVELS))
    targets = common.margins(folder)
    raked = by_respondent if form == "respondents" else by_table
    return lambda: raked(people, targets)


if __name__ == "__main__":
    common.main(prepare)
