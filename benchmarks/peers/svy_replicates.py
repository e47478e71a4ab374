"""svy: a frame of strings to a raked mean with its error from 200 bootstrap replicates, each raked."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import common
import numpy as np
import polars as pl
import replicates
import svy
from svy_rake import TOLERANCE


def prepare(folder: Path, form: str) -> Callable[[], svy.Estimate]:
    """The timed call, at the tightest tolerance it can keep ("tight") or at svy's own of 1e-4 ("default")."""
    people = pl.read_parquet(common.sample(folder)).with_row_index("id")
    targets = common.margins(folder)
    exact = {} if form == "default" else {"tol": TOLERANCE, "max_iter": 1000}

    def call() -> svy.Estimate:
        drawn = svy.Sample(people, svy.Design(wgt="weight", psu="id"))
        drawn = drawn.weighting.create_bs_wgts(replicates.COUNT, rstate=1)
        raked = drawn.weighting.rake(controls=targets, wgt_name="raked", **exact)
        return raked.estimation.mean("score", method="replication")

    return call


def finish(found: svy.Estimate) -> np.ndarray:
    """Estimate and standard error."""
    return np.array([[one.est, one.se] for one in found.estimates])


if __name__ == "__main__":
    common.main(prepare, finish)
