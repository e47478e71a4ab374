"""Fay-Herriot (REML, mean squared errors) beside R's sae: ``python benchmarks/peers/sae_fay_herriot.py``.

The same areas go to both, from numbers in memory to predictors and their errors, one thread each, in turn. R is asked
at its default tolerance (relative change of sigma2 under 1e-4) and at 1e-12, which is what ours keeps.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median

import numpy as np
import pandas as pd

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parents[1]))

from trustsurvey.areas.fay_herriot import FayHerriot, fay_herriot  # noqa: E402

SEED = 20240511
#: Areas, and calls in each of five rounds.
SIZES = {20: 200, 77: 200, 924: 3}
COVARIATES = ["x1", "x2", "x3"]


def made(m: int) -> pd.DataFrame:
    """Areas that differ by as much as samples of about 30 err."""
    rng = np.random.default_rng([SEED, m])
    areas = pd.DataFrame(rng.normal(size=(m, 3)), columns=COVARIATES)
    areas["psi"] = 400 / rng.integers(10, 61, m)
    areas["y"] = 60 + 2 * areas["x1"] + rng.normal(0, 3.6, m) + rng.normal(size=m) * np.sqrt(areas["psi"])
    return areas


def ours(areas: pd.DataFrame, times: int) -> tuple[FayHerriot, float]:
    """The fit, and the median of seconds a call over five rounds."""
    y, psi = areas["y"].to_numpy(), areas["psi"].to_numpy()
    X = np.column_stack((np.ones(len(areas)), areas[COVARIATES].to_numpy()))
    fit = fay_herriot(y, X, psi)
    seconds = []
    for _ in range(5):
        start = time.perf_counter()
        for _ in range(times):
            fit = fay_herriot(y, X, psi)
        seconds.append((time.perf_counter() - start) / times)
    return fit, median(seconds)


def main() -> None:
    """Print a row a size and tolerance."""
    print("| areas | sae stops at | ours, ms | sae, ms | sae / ours | eblup, mse apart (relative) |")
    print("| --- | --- | --- | --- | --- | --- |")
    with tempfile.TemporaryDirectory() as folder:
        for m, times in SIZES.items():
            areas = made(m)
            source, result = Path(folder) / "areas.csv", Path(folder) / "result.csv"
            areas.to_csv(source, index=False, float_format="%.17g")
            for precision in ("1e-4", "1e-12"):
                fit, mine = ours(areas, max(times, 200))
                command = ["Rscript", str(HERE / "sae_fay_herriot.R"), str(source), str(result), str(times), precision]
                done = subprocess.run(
                    command, capture_output=True, text=True, check=False, env=os.environ | {"OMP_NUM_THREADS": "1"}
                )
                if done.returncode:
                    sys.exit(f"R or its package sae is not there: {done.stderr.strip().splitlines()[-1]}")
                theirs = float(done.stdout.split()[1])
                found = pd.read_csv(result)
                apart = [np.abs(found[c] / getattr(fit, c) - 1).max() for c in ("eblup", "mse")]
                print(
                    f"| {m} | {precision} | {1e3 * mine:.2f} | {1e3 * theirs:.2f} | {theirs / mine:.1f} | "
                    f"{apart[0]:.0e}, {apart[1]:.0e} |"
                )


if __name__ == "__main__":
    main()
