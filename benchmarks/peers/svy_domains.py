"""svy: means with standard errors by area, under the weights as drawn or raked from them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import common
import numpy as np
import polars as pl
import svy
from svy_rake import raked

Means = dict[str, svy.Estimate]


def prepare(folder: Path, form: str) -> Callable[[], Means]:
    """The timed call on a sample that is ready: "plain" or "raked", in one call or "one by one"."""
    people = pl.read_parquet(common.sample(folder))
    if "raked" in form:
        ready = raked(people, common.margins(folder), "weight")
    else:
        ready = svy.Sample(people, svy.Design(wgt="weight"))
    mean = ready.estimation.mean
    if "one by one" not in form:
        return lambda: {"": mean("score", by="area")}
    areas = people["area"].unique().to_list()
    return lambda: {area: mean("score", where=svy.col("area") == area) for area in areas}


def finish(found: Means) -> np.ndarray:
    """Estimate and standard error of each area."""
    rows = [(one.by_level[0] if one.by_level else area, one) for area in found for one in found[area].estimates]
    return common.by_area([level for level, _ in rows], [one.est for _, one in rows], [one.se for _, one in rows])


if __name__ == "__main__":
    common.main(prepare, finish)
