"""Do the intervals of the share of residents who mention a theme hold the truth? Run this file to see.

An invented population answers an open question; a machine predicts six themes of 5 to 40 %, too
moderately everywhere and too often in one of five areas. Each survey draws residents unequally and
audits some of their answers, as many in each area. Figures stand with their Monte Carlo error.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
import pandas as pd

if __package__ is None:
    import sys

    sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from trustsurvey.instruments import default_instrument
from trustsurvey.model import Design, Wave
from trustsurvey.text.prevalence import Coded, prevalence

SEED = 20261125
AREAS, PEOPLE, INTERVIEWS = 5, 20_000, 1_500
CODES = tuple("abcdef")
HOWS = ("supervised", "hand", "naive")


def survey(
    rng: np.random.Generator, area: np.ndarray, truth: np.ndarray, said: np.ndarray, size: np.ndarray, audits: int
) -> tuple[Wave, Coded]:
    """One survey of the population, drawn in proportion to ``size``, with its audit."""
    rows = rng.choice(PEOPLE, INTERVIEWS, p=size / size.sum())
    here, decided, chance = area[rows], np.full((INTERVIEWS, len(CODES)), np.nan), np.zeros(INTERVIEWS)
    for a in range(AREAS):
        there = np.flatnonzero(here == a)
        drawn = rng.choice(there, min(len(there), audits // AREAS), replace=False)
        decided[drawn], chance[there] = truth[rows[drawn]], len(drawn) / len(there)
    people = pd.DataFrame({"area": pd.Categorical.from_codes(here, [f"area {a}" for a in range(AREAS)])})
    empty = pd.DataFrame(index=range(INTERVIEWS))
    wave = Wave("w", default_instrument(), people, empty, empty, Design.simple(INTERVIEWS, 1 / size[rows]), ("area",))
    return wave, Coded(CODES, said[rows], decided, chance, here)


def main() -> None:
    """Print coverage and width by method, for everyone and by area."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--reps", type=int, default=400)
    parser.add_argument("--audits", type=int, default=300)
    given = parser.parse_args()
    rng = np.random.default_rng(SEED)
    area = rng.choice(AREAS, PEOPLE, p=[0.25, 0.2, 0.2, 0.2, 0.15])
    level, slope = np.array([-3.9, -3.4, -2.5, -1.5, -0.5, -2.5]), np.array([1.5, 2.0, 1.5, 1.0, 1.5, 0.3])
    x = rng.normal(size=(PEOPLE, len(CODES))) + 0.25 * (area[:, None] - 2)
    truth = (rng.random(x.shape) < 1 / (1 + np.exp(-(level + slope * x)))).astype(float)
    said = 1 / (1 + np.exp(-(level + 0.8 * slope * x + 0.3 * (area[:, None] == 1))))
    size = rng.gamma(3, 1, PEOPLE)
    real = np.column_stack([truth.mean(axis=0), *(truth[area == a].mean(axis=0) for a in range(AREAS))]).ravel()
    held: dict[str, list[np.ndarray]] = {how: [] for how in HOWS}
    width: dict[str, list[np.ndarray]] = {how: [] for how in HOWS}
    for _ in range(given.reps):
        wave, coded = survey(rng, area, truth, said, size, given.audits)
        for how in HOWS:
            table = prevalence(wave, coded, ["area"], how=how).estimates.table  # type: ignore[arg-type]
            held[how].append(table["lci"].le(real).to_numpy() & table["uci"].ge(real).to_numpy())
            width[how].append((table["uci"] - table["lci"]).to_numpy())
    print(f"{given.reps} surveys of {INTERVIEWS:,}, {given.audits} audited; coverage in %, width in points")
    for how in HOWS:
        told = []
        for name, part in (("everyone", np.s_[:, :, 0]), ("areas", np.s_[:, :, 1:])):
            shape = (given.reps, len(CODES), AREAS + 1)
            inside, wide = np.reshape(held[how], shape)[part], np.reshape(width[how], shape)[part]
            each = inside.reshape(given.reps, -1).mean(axis=1)
            worst = inside.mean(axis=0).min()
            told.append(
                f"{name} {100 * each.mean():.1f} ({100 * each.std() / given.reps**0.5:.1f}), "
                f"worst {100 * worst:.1f}, width {100 * wide.mean():.1f}"
            )
        print(f"{how:11} {'; '.join(told)}")


if __name__ == "__main__":
    main()
