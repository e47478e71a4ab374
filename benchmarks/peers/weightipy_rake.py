"""weightipy: a frame of strings to raked weights."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import common
import pandas as pd
import weightipy


def prepare(folder: Path, form: str) -> Callable[[], pd.Series]:
    """The timed call. Sweeps end where a step is no longer 1 % smaller than the last: at rounding."""
    people = pd.read_parquet(common.sample(folder), columns=list(common.LEVELS))
    targets = common.margins(folder)
    return lambda: weightipy.weight(people, weightipy.scheme_from_dict(targets, name="all"))


if __name__ == "__main__":
    common.main(prepare)
