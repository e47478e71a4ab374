"""Do the intervals of coders' agreement hold the truth? Run this file to see.

Two invented coders read texts and miss or add a code at random. The true alpha is that of 400,000 texts.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np

if __package__ is None:
    import sys

    sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from trustsurvey.text.agreement import alphas, krippendorff

SEED, MANY = 20261129, 400_000
#: The share of texts with the code, how often a coder adds it, and how often one misses it.
SETTINGS = ((0.05, 0.005, 0.15), (0.05, 0.01, 0.30), (0.10, 0.001, 0.02), (0.20, 0.03, 0.15), (0.50, 0.10, 0.10))
TEXTS = (50, 100, 300)


def read(rng: np.random.Generator, n: int, share: float, adds: float, misses: float) -> np.ndarray:
    """What two coders (2, n) found in n texts."""
    truth = rng.random(n) < share
    return (truth ^ (rng.random((2, n)) < np.where(truth, misses, adds))).astype(float)


def main() -> None:
    """Print coverage by setting and number of texts, where an interval is given."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--reps", type=int, default=1_000)
    reps = parser.parse_args().reps
    print("share  alpha  texts  coverage  (error)  width  no interval")
    for setting in SETTINGS:
        rng = np.random.default_rng(SEED)
        truth = krippendorff(read(rng, MANY, *setting), draws=1)["alpha"]
        for n in TEXTS:
            rows = [alphas(read(rng, n, *setting)[:, :, None], ["code"], draws=400).iloc[1] for _ in range(reps)]
            given = [row for row in rows if np.isfinite(row["lci"])]
            held = np.mean([row["lci"] <= truth <= row["uci"] for row in given])
            width = np.mean([row["uci"] - row["lci"] for row in given])
            error = np.sqrt(held * (1 - held) / len(given))
            print(f"{setting[0]:5.2f}  {truth:5.2f}  {n:5d}  {100 * held:8.1f}  ({100 * error:5.1f})  {width:5.2f}"
                  f"  {100 * (1 - len(given) / reps):9.1f} %", flush=True)  # fmt: skip


if __name__ == "__main__":
    main()
