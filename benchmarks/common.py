"""What every script of the benchmark shares: the data, the clock and the way results travel.

Needs numpy and pyarrow only, since it is imported in the environment of every peer.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from statistics import NormalDist

import numpy as np
import pyarrow as pa
from pyarrow import parquet

SEED = 20240511
#: Categories of each margin.
LEVELS = {"district": 40, "age": 6, "sex": 2, "education": 5, "tenure": 4, "ethnicity": 3}
AREAS = 924
#: How strongly the margins hang together unless told otherwise.
LOADING = 0.4
#: No further repetition starts once a script has spent this many seconds.
PATIENCE = 60.0

Prepare = Callable[[Path, str], Callable[[], object]]


def make_data(folder: Path, n: int, equal_weights: bool = False, loading: float = LOADING) -> None:
    """Write ``sample.parquet`` and ``margins.json``: n respondents and margins that weights can meet.

    The margins are the sums of hidden weights, with one effect a category, so they are feasible by
    construction. ``equal_weights`` puts 1 in the column of weights; ``loading`` is the correlation of
    each margin with the trait that all of them share.
    """
    rng = np.random.default_rng(SEED)
    trait = rng.normal(size=n)
    columns: dict[str, np.ndarray] = {}
    hidden = rng.lognormal(0.0, 0.3, n)
    codes: dict[str, np.ndarray] = {}
    for name, size in LEVELS.items():
        shares = rng.dirichlet(np.full(size, 6.0))
        cuts = [NormalDist().inv_cdf(p) for p in np.cumsum(shares)[:-1]]
        pull = loading * trait + np.sqrt(1 - loading**2) * rng.normal(size=n)
        codes[name] = np.searchsorted(cuts, pull)
        hidden *= np.exp(rng.normal(0.0, 0.4, size))[codes[name]]
        columns[name] = _labels(name, size)[codes[name]]
    within = rng.integers(0, -(-AREAS // LEVELS["district"]), n)
    area = (codes["district"] + LEVELS["district"] * within) % AREAS
    columns["area"] = _labels("area", AREAS)[area]
    score = 55 + 6 * rng.normal(size=AREAS)[area] + 5 * trait + 18 * rng.normal(size=n)
    columns["score"] = np.clip(score, 0, 100)
    columns["weight"] = np.ones(n) if equal_weights else rng.lognormal(0.0, 0.4, n)
    hidden *= 10 * n / hidden.sum()
    margins = {
        name: dict(zip(_labels(name, size).tolist(), np.bincount(codes[name], hidden, size).tolist(), strict=True))
        for name, size in LEVELS.items()
    }
    parquet.write_table(pa.table({name: pa.array(v.tolist()) for name, v in columns.items()}), sample(folder))
    (folder / "margins.json").write_text(json.dumps(margins))


def _labels(name: str, size: int) -> np.ndarray:
    return np.array([f"{name} {k:03d}" for k in range(1, size + 1)], dtype=object)


def sample(folder: Path) -> Path:
    """The respondents, one row each."""
    return folder / "sample.parquet"


def margins(folder: Path) -> dict[str, dict[str, float]]:
    """Population numbers by variable and category."""
    return json.loads((folder / "margins.json").read_text())


def misfit(folder: Path, weights: np.ndarray) -> float:
    """Largest relative difference between weighted and target shares, over all categories."""
    table = parquet.read_table(sample(folder), columns=list(LEVELS))
    worst = 0.0
    for name, targets in margins(folder).items():
        encoded = table[name].combine_chunks().dictionary_encode()
        reached = np.bincount(encoded.indices.to_numpy(), weights) / weights.sum()
        wanted = np.array([targets[level] for level in encoded.dictionary.to_pylist()])
        worst = max(worst, float(np.max(np.abs(reached / (wanted / sum(targets.values())) - 1))))
    return worst


def by_area(levels: Iterable[str], est: Iterable[float], se: Iterable[float]) -> np.ndarray:
    """Estimates (area, 2) with their standard errors, in the order of the area names."""
    rows = sorted(zip(levels, est, se, strict=True))
    return np.array([row[1:] for row in rows], dtype=float)


def main(prepare: Prepare, finish: Callable[[object], np.ndarray] = np.asarray) -> None:
    """Time what ``prepare(folder, form)`` returns, save what ``finish`` makes of its result, print JSON.

    One call is not timed; then come the repetitions, fewer where they take very long. Seconds are the
    processor's time in this process, over all its threads; ``cores`` is that over the time that went by.
    """
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=Path)
    parser.add_argument("result", type=Path)
    parser.add_argument("--form", default="", help="which way of the script, where it has several")
    parser.add_argument("--repeat", type=int, default=5)
    options = parser.parse_args()
    call = prepare(options.folder, options.form)
    began = time.perf_counter()
    result = call()
    seconds: list[float] = []
    passed = 0.0
    while len(seconds) < options.repeat and (not seconds or time.perf_counter() - began < PATIENCE):
        start, clock = time.process_time(), time.perf_counter()
        result = call()
        seconds.append(time.process_time() - start)
        passed += time.perf_counter() - clock
    np.save(options.result, finish(result))
    print(json.dumps({"seconds": seconds, "cores": sum(seconds) / passed}))
