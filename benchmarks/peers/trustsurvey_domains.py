"""trustsurvey: means with standard errors by area, under the weights as drawn or raked from them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import common
import numpy as np
import pandas as pd
from trustsurvey_rake import wave_of

from trustsurvey.estimation.means import estimate
from trustsurvey.model import Estimates
from trustsurvey.weighting.population import margins_from_mapping
from trustsurvey.weighting.weigh import rake


def prepare(folder: Path, form: str) -> Callable[[], Estimates]:
    """The timed call on a wave that is ready, "plain" or "raked"."""
    people = pd.read_parquet(common.sample(folder))
    wave = wave_of(people, people["weight"].to_numpy())
    if form == "raked":
        wave = rake(wave, margins_from_mapping(common.margins(folder)))
    return lambda: estimate(wave, people[["score"]], by=["area"], everyone=False)


def finish(found: Estimates) -> np.ndarray:
    """Estimate and standard error of each area."""
    return common.by_area(found.table["level"], found.table["est"], found.table["se"])


if __name__ == "__main__":
    common.main(prepare, finish)
