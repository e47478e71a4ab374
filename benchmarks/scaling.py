"""How trustsurvey's time and memory grow with respondents and with areas: ``python benchmarks/scaling.py``.

Each row is a process of its own with one thread. Seconds are processor time, the least of the calls; memory is what
numpy and Python held at the most during one more call, beyond the data.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
import tracemalloc
from collections.abc import Callable
from pathlib import Path

import common
import numpy as np
import pandas as pd
from run import HERE, ONE_THREAD

RESPONDENTS = (25_000, 100_000, 400_000, 1_000_000)
AREAS = (10, 100, 1_000, 10_000)


def measured(call: Callable[[], object], repeat: int) -> tuple[float, float]:
    """Seconds of the quickest call after one that does not count, and the megabytes of another."""
    call()
    seconds = []
    for _ in range(repeat):
        start = time.process_time()
        call()
        seconds.append(time.process_time() - start)
    tracemalloc.start()
    call()
    peak = tracemalloc.get_traced_memory()[1] / 1e6
    tracemalloc.stop()
    return min(seconds), peak


def ours(n: int, areas: int, repeat: int) -> dict[str, tuple[float, float]]:
    """Raking, and means of all areas under the weights as drawn and raked."""
    from trustsurvey_rake import wave_of

    from trustsurvey.estimation.means import estimate
    from trustsurvey.weighting.population import margins_from_mapping
    from trustsurvey.weighting.weigh import rake

    with tempfile.TemporaryDirectory() as folder:
        common.make_data(Path(folder), n)
        people = pd.read_parquet(common.sample(Path(folder)))
        targets = margins_from_mapping(common.margins(Path(folder)))
    code = np.random.default_rng(common.SEED).integers(0, areas, n)
    people["area"] = pd.Series([f"area {k:05d}" for k in code])
    drawn = wave_of(people, people["weight"].to_numpy())
    raked = rake(drawn, targets)
    return {"rake": measured(lambda: rake(drawn, targets), repeat)} | {
        task: measured(lambda wave=wave: estimate(wave, people[["score"]], by=["area"]), repeat)
        for task, wave in (("domains", drawn), ("raked domains", raked))
    }


def main() -> None:
    """Print a row a size."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--repeat", type=int, default=7)
    parser.add_argument("--size", type=int, nargs=2, metavar=("RESPONDENTS", "AREAS"), help="one size, as JSON")
    options = parser.parse_args()
    if options.size:
        print(json.dumps(ours(*options.size, options.repeat)))
        return
    paths = os.pathsep.join(str(path) for path in (HERE, HERE / "peers", HERE.parent))
    print("| respondents | areas | rake: s, MB | domains: s, MB | raked domains: s, MB |\n" + "| --- " * 5 + "|")
    for n, areas in [*((n, common.AREAS) for n in RESPONDENTS), *((100_000, areas) for areas in AREAS)]:
        command = [sys.executable, __file__, "--repeat", str(options.repeat), "--size", str(n), str(areas)]
        done = subprocess.run(command, env=os.environ | ONE_THREAD | {"PYTHONPATH": paths}, check=True,
                              capture_output=True, text=True)  # fmt: skip
        cells = [f"{seconds:.3f}, {peak:.0f}" for seconds, peak in json.loads(done.stdout).values()]
        print(f"| {n:,} | {areas:,} | {' | '.join(cells)} |", flush=True)


if __name__ == "__main__":
    main()
