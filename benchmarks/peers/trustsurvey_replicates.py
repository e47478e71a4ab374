"""trustsurvey: a frame of strings to a raked mean with its error from 200 bootstrap replicates, each raked."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import common
import numpy as np
import pandas as pd
import replicates
from trustsurvey_rake import wave_of

from trustsurvey.model import Estimates
from trustsurvey.replication.estimates import estimate_replicates
from trustsurvey.replication.replicates import replicate
from trustsurvey.weighting.population import margins_from_mapping
from trustsurvey.weighting.weigh import rake


def prepare(folder: Path, form: str) -> Callable[[], Estimates]:
    """The timed call: raking, replicates, raking them, the mean."""
    people = pd.read_parquet(common.sample(folder))
    targets = margins_from_mapping(common.margins(folder))

    def call() -> Estimates:
        raked = rake(wave_of(people, people["weight"].to_numpy()), targets)
        made = replicate(raked, "bootstrap", count=replicates.COUNT)
        return estimate_replicates(raked, made, people[["score"]])

    return call


def finish(found: Estimates) -> np.ndarray:
    """Estimate and standard error."""
    return found.table[["est", "se"]].to_numpy(dtype=float)


if __name__ == "__main__":
    common.main(prepare, finish)
