"""balance: a frame of strings to raked weights, with margins told or as those of a frame of the population."""

from __future__ import annotations

import logging
from collections.abc import Callable
from functools import reduce
from itertools import product
from operator import mul
from pathlib import Path

import common
import pandas as pd
from balance.weighting_methods.rake import rake

#: Sweeps end at this relative misfit, or where it no longer changes. Categories are taken as they are.
EXACT = {"convergence_rate": 1e-14, "rate_tolerance": 0.0, "max_iteration": 1000, "transformations": None}


def population(targets: dict[str, dict[str, float]]) -> tuple[pd.DataFrame, pd.Series]:
    """A frame of every combination of categories, with weights whose margins are the targets."""
    total = sum(next(iter(targets.values())).values())
    cells = pd.DataFrame(list(product(*targets.values())), columns=list(targets))
    shares = [[n / total for n in told.values()] for told in targets.values()]
    return cells, pd.Series([total * reduce(mul, parts) for parts in product(*shares)])


def prepare(folder: Path, form: str) -> Callable[[], pd.Series]:
    """The timed call: "frame", the population's being ready, or "margins", which balance makes 10,000 rows of."""
    logging.getLogger("balance").setLevel(logging.ERROR)
    people = pd.read_parquet(common.sample(folder), columns=list(common.LEVELS))
    targets = common.margins(folder)
    start = pd.Series(1.0, index=people.index)
    if form == "margins":
        return lambda: rake(people, start, None, None, target_margins=targets, **EXACT)["weight"]
    frame, weights = population(targets)
    return lambda: rake(people, start, frame, weights, **EXACT)["weight"]


if __name__ == "__main__":
    common.main(prepare)
