"""svy: a frame of strings to raked weights."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import common
import numpy as np
import polars as pl
import svy

#: Near 1e-14 rounding keeps the sweeps from ever counting as converged; with a million rows near 1e-13.
TOLERANCE = 1e-13
MANY, LOOSER = 200_000, 1e-12


def raked(people: pl.DataFrame, targets: dict[str, dict[str, float]], weight: str) -> svy.Sample:
    """A sample raked to the targets from one of its columns."""
    drawn = svy.Sample(people, svy.Design(wgt=weight))
    tolerance = LOOSER if people.height > MANY else TOLERANCE
    return drawn.weighting.rake(controls=targets, wgt_name="raked", tol=tolerance, max_iter=1000)


def prepare(folder: Path, form: str) -> Callable[[], np.ndarray]:
    """The timed call."""
    people = pl.read_parquet(common.sample(folder), columns=list(common.LEVELS))
    people = people.with_columns(pl.lit(1.0).alias("one"))
    targets = common.margins(folder)
    return lambda: raked(people, targets, "one").data["raked"].to_numpy()


if __name__ == "__main__":
    common.main(prepare)
