"""trustsurvey: a frame of strings to raked weights."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import common
import numpy as np
import pandas as pd

from trustsurvey.model import Design, Instrument, Wave
from trustsurvey.weighting.population import margins_from_mapping
from trustsurvey.weighting.weigh import rake


def wave_of(people: pd.DataFrame, weights: np.ndarray | None = None) -> Wave:
    """A wave without questions, every respondent drawn on their own."""
    nothing = pd.DataFrame(index=people.index)
    instrument = Instrument("benchmark", "Benchmark", items=(), indices=(), headline="")
    return Wave("benchmark", instrument, people, nothing, nothing, Design.simple(len(people), weights))


def prepare(folder: Path, form: str) -> Callable[[], np.ndarray]:
    """The timed call."""
    people = pd.read_parquet(common.sample(folder), columns=list(common.LEVELS))
    targets = margins_from_mapping(common.margins(folder))
    return lambda: rake(wave_of(people), targets).weights


if __name__ == "__main__":
    common.main(prepare)
