"""Do intervals hold when real answers are coded by the machine that learnt from the audit? Run this file to see.

Two waves of a population in five areas write what residents of Santa Monica wrote: people are drawn with
replacement from the 1,837 hand-coded answers, some themes more often in one area or wave than in another.
Each survey draws residents unequally, audits as many answers in each area (people decide as the city's coders
did), learns from them and codes all. Themes of at least 2 % of residents count. Also change between waves.
"""

from __future__ import annotations

import argparse
from concurrent.futures import ProcessPoolExecutor
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd

if __package__ is None:
    import sys

    sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks.coding import santa_monica
from trustsurvey.instruments import default_instrument
from trustsurvey.model import Codebook, Design, Floats, Wave
from trustsurvey.text.change import mention_change
from trustsurvey.text.classify import learn
from trustsurvey.text.prevalence import Coded, prevalence

SEED = 20261129
AREAS, PEOPLE, INTERVIEWS = 5, 20_000, 1_500
NAMES = [f"area {a}" for a in range(AREAS)]
HOWS = ("supervised", "hand", "naive")
RARE = 0.02


@cache
def population() -> tuple[Codebook, list[str], Floats, np.ndarray, np.ndarray, Floats]:
    """Codebook of themes, answers, labels, area (people,), answer (2, people) of each wave, size (people,)."""
    whole, texts, labels = santa_monica()
    themes = [k for k, code in enumerate(whole.codes) if not code.parent and labels[:, k].mean() >= RARE]
    book, labels = Codebook(whole.name, tuple(whole.codes[k] for k in themes)), labels[:, themes]
    rng = np.random.default_rng(SEED)
    area = rng.choice(AREAS, PEOPLE, p=[0.25, 0.2, 0.2, 0.2, 0.15])
    answer = np.zeros((2, PEOPLE), dtype=int)
    pull = rng.normal(0, 0.4, (AREAS, len(themes)))
    for wave in range(2):
        pull = pull + wave * rng.normal(0, 0.3, len(themes))
        for a in range(AREAS):
            there, chance = area == a, np.exp(labels @ pull[a])
            answer[wave, there] = rng.choice(len(texts), there.sum(), p=chance / chance.sum())
    return book, texts, labels, area, answer, rng.gamma(3, 1, PEOPLE)


def survey(rng: np.random.Generator, at: int, audits: int) -> tuple[Wave, Coded]:
    """One wave of interviews, drawn in proportion to size, coded by what was learnt from its own audit."""
    book, texts, labels, area, answer, size = population()
    rows = rng.choice(PEOPLE, INTERVIEWS, p=size / size.sum())
    here, wrote = area[rows], answer[at, rows]
    chance, drawn = np.zeros(INTERVIEWS), np.zeros(INTERVIEWS, dtype=bool)
    for a in range(AREAS):
        there = np.flatnonzero(here == a)
        taken = rng.choice(there, min(len(there), audits // AREAS), replace=False)
        drawn[taken], chance[there] = True, len(taken) / len(there)
    model = learn(book, [texts[k] for k in wrote[drawn]], labels[wrote[drawn]])
    predicted = model.probabilities(texts)[wrote]
    predicted[drawn] = model.fitted
    truth = np.where(drawn[:, None], labels[wrote], np.nan)
    people = pd.DataFrame({"area": pd.Categorical.from_codes(here, NAMES)})
    empty, design = pd.DataFrame(index=range(INTERVIEWS)), Design.simple(INTERVIEWS, 1 / size[rows])
    wave = Wave(f"wave {at + 1}", default_instrument(), people, empty, empty, design, ("area",))
    return wave, Coded(book.keys, predicted, truth, chance, here)


def truths() -> Floats:
    """Shares (2, codes, 1 + areas) of the population by wave, everyone first."""
    _, _, labels, area, answer, _ = population()
    return np.array([
        np.column_stack([labels[of].mean(axis=0), *(labels[of[area == a]].mean(axis=0) for a in range(AREAS))])
        for of in answer
    ])  # fmt: skip


def repetition(given: tuple[int, int]) -> tuple[Floats, Floats]:
    """Held and width (hows + 1, codes, 1 + areas) of one pair of surveys; the last way is change."""
    number, audits = given
    rng = np.random.default_rng([SEED, number, audits])
    real = truths()
    sides = [survey(rng, at, audits) for at in range(2)]
    shape = real[0].shape
    held, width, kept = [], [], []
    for how in HOWS:
        found = [prevalence(*side, ["area"], how=how) for side in sides]  # type: ignore[arg-type]
        kept.append([one.estimates for one in found])
        told = [_inside(one.estimates.table, of, shape) for one, of in zip(found, real, strict=True)]
        held.append(np.mean([one[0] for one in told], axis=0))
        width.append(np.mean([one[1] for one in told], axis=0))
    (old, coded_old), (new, coded_new) = sides
    table = mention_change(old, new, coded_old, coded_new, *kept[0], ["area"])
    inside, wide = _inside(table, real[1] - real[0], shape)
    return np.array([*held, inside]), np.array([*width, wide])


def _inside(table: pd.DataFrame, real: Floats, shape: tuple[int, ...]) -> tuple[Floats, Floats]:
    low, high = (table[name].to_numpy(float).reshape(shape) for name in ("lci", "uci"))
    return np.where(np.isfinite(low), (low <= real) & (high >= real), np.nan), high - low


def main() -> None:
    """Print coverage and width by method, for everyone and by area."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--reps", type=int, default=200)
    parser.add_argument("--audits", type=int, nargs="+", default=[300, 600])
    parser.add_argument("--processes", type=int, default=2)
    given = parser.parse_args()
    real = truths()
    print(f"{real.shape[1]} themes of {100 * real[..., 0].min():.1f} to {100 * real[..., 0].max():.1f} % of everyone, "
          f"{100 * real[..., 1:].min():.1f} to {100 * real[..., 1:].max():.1f} % of an area")  # fmt: skip
    for audits in given.audits:
        with ProcessPoolExecutor(given.processes) as pool:
            done = list(pool.map(repetition, [(number, audits) for number in range(given.reps)]))
        held, width = (np.array(part) for part in zip(*done, strict=True))
        print(
            f"{given.reps} pairs of surveys of {INTERVIEWS:,}, {audits} audited a wave; coverage in %, width in points"
        )
        for k, how in enumerate((*HOWS, "change")):
            told = []
            for name, part in (("everyone", np.s_[:, k, :, :1]), ("areas", np.s_[:, k, :, 1:])):
                each, worst = np.nanmean(held[part], axis=(1, 2)), np.nanmean(held[part], axis=0).min()
                told.append(
                    f"{name} {100 * np.nanmean(each):.1f} ({100 * np.nanstd(each) / len(each) ** 0.5:.1f}), "
                    f"worst {100 * worst:.1f}, width {100 * np.nanmean(width[part]):.1f}"
                )
            print(f"{how:11} {'; '.join(told)}", flush=True)


if __name__ == "__main__":
    main()
