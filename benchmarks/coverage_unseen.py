"""Do estimates of themes that nobody raised hold the truth with few groups? Run this file to see.

Thirty invented themes, each raised in a group with a chance of its own (beta), independently; the truth is 30.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np

if __package__ is None:
    import sys

    sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from trustsurvey.focus_groups.saturation import unseen

SEED, THEMES = 20261129, 30
#: How themes differ, and the parameters of the chances: alike and likely, different, and many that are rare.
SETTINGS = (("alike", 20, 20), ("different", 2, 2), ("very different", 1, 2), ("many rare", 0.5, 2))
GROUPS = (4, 6, 10, 20)


def main() -> None:
    """Print coverage by setting and number of groups."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--reps", type=int, default=2_000)
    reps = parser.parse_args().reps
    print("themes          groups  seen  chao2  jack   ice | chao2 holds (error)   above   under | over 2 x seen")
    for name, a, b in SETTINGS:
        rng = np.random.default_rng(SEED)
        for m in GROUPS:
            found = [unseen(rng.random((m, THEMES)) < rng.beta(a, b, THEMES)) for _ in range(reps)]
            tables = [one.table.set_index("method") for one in found]
            est = {k: np.nanmean([t.loc[k, "est"] for t in tables]) for k in ("chao2", "jackknife", "ice")}
            seen, more = np.array([one.seen for one in found]), np.array([one.more for one in found])
            low, high = seen + more[:, 1], seen + more[:, 2]
            above, under = (low > THEMES).mean(), (high < THEMES).mean()
            error = np.sqrt((above + under) * (1 - above - under) / reps)
            means = "  ".join(f"{value:5.1f}" for value in (seen.mean(), *est.values()))
            print(f"{name:15s} {m:6d} {means} |"
                  f" {100 * (1 - above - under):9.1f} ({100 * error:.1f}) {100 * above:7.1f} {100 * under:7.1f} |"
                  f" {100 * (high > 2 * seen).mean():10.1f} %", flush=True)  # fmt: skip


if __name__ == "__main__":
    main()
