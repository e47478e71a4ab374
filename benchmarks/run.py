"""Time trustsurvey beside other packages, one thread, one run: ``python benchmarks/run.py``.

Every package runs in a process of its own, in turn with ours (A B A B), and in an environment of
its own that is made here when it is missing. See ``README.md`` for what is measured.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from statistics import median

import common
import numpy as np

HERE = Path(__file__).resolve().parent
OURS = "trustsurvey"
#: R's survey package, which a script of ours runs by Rscript; left out unless asked for by name.
R = "rsurvey"
ONE_THREAD = dict.fromkeys(
    ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "POLARS_MAX_THREADS", "RAYON_NUM_THREADS"),
    "1",
)
#: A script that takes longer than this many seconds is given up.
TIMEOUT = 1800


@dataclass(frozen=True)
class Job:
    """One way of one peer to do one task, and the same task by us."""

    task: str
    title: str
    peer: str
    form: str = ""
    our_form: str = ""


JOBS = (
    Job("rake", "rake", "svy"),
    Job("rake", "rake", "weightipy"),
    Job("rake", "rake, crossed table", "ipfn", "table"),
    Job("rake", "rake, respondents", "ipfn", "respondents"),
    Job("rake", "rake, population as a frame", "balance", "frame"),
    Job("rake", "rake, margins told", "balance", "margins"),
    Job("rake", "rake, R's own tolerance", "rsurvey", "rake"),
    Job("rake", "rake, calibrate", "rsurvey", "calibrate"),
    Job("domains", "domains, one call", "svy", "plain", "plain"),
    Job("domains", "domains, one by one", "svy", "plain one by one", "plain"),
    Job("domains", "raked domains, one call", "svy", "raked", "raked"),
    Job("domains", "raked domains, one by one", "svy", "raked one by one", "raked"),
    Job("domains", "domains, svyby", "rsurvey", "plain", "plain"),
    Job("domains", "raked domains, svyby", "rsurvey", "raked", "raked"),
    Job("replicates", "200 raked replicates", "svy", "tight"),
    Job("replicates", "200 raked replicates, peer's own tolerance", "svy", "default"),
    Job("replicates", "200 raked replicates, rake, R's own tolerance", "rsurvey", "rake"),
    Job("replicates", "200 raked replicates, rake", "rsurvey", "rake tight"),
    Job("replicates", "200 raked replicates, calibrate", "rsurvey", "calibrate"),
)
PEERS = tuple(dict.fromkeys(job.peer for job in JOBS))
TASKS = tuple(dict.fromkeys(job.task for job in JOBS))


class PeerError(Exception):
    """A script or an installation did not finish; the message is one line."""


@dataclass
class Timing:
    """Processor seconds of all repetitions, the last result, and the cores that were busy."""

    seconds: list[float]
    result: np.ndarray
    cores: float

    def __str__(self) -> str:
        low, high = min(self.seconds), max(self.seconds)
        return f"{median(self.seconds):.3g} ({low:.3g}-{high:.3g})"


def interpreter(name: str) -> str:
    """The python that runs a package: this one for ours, else that of its environment, made if missing."""
    if name in (OURS, R):
        return sys.executable
    home = HERE / f"env-{name}"
    python = home / ("Scripts" if os.name == "nt" else "bin") / "python"
    pins = HERE / "peers" / f"{name}.txt"
    done = home / "installed.txt"
    if not done.exists() or done.read_text() != pins.read_text():
        print(f"making an environment for {name}", file=sys.stderr)
        checked([sys.executable, "-m", "venv", "--clear", str(home)])
        checked([str(python), "-m", "pip", "install", "--quiet", "-r", str(pins)])
        done.write_text(pins.read_text())
    return str(python)


def checked(command: list[str], env: dict[str, str] | None = None) -> str:
    """What the command prints; PeerError with the last line of its complaint if it fails."""
    try:
        done = subprocess.run(command, capture_output=True, text=True, env=env, timeout=TIMEOUT, check=False)
    except subprocess.TimeoutExpired:
        raise PeerError(f"no answer within {TIMEOUT} seconds") from None
    if done.returncode:
        complaint = (done.stderr or done.stdout).strip().splitlines() or ["no message"]
        raise PeerError(next((line for line in complaint if line.startswith("ERROR")), complaint[-1]).strip())
    return done.stdout


def measure(name: str, task: str, form: str, folder: Path, repeat: int) -> Timing:
    """Run one script once: a warm-up and ``repeat`` timed calls inside its process."""
    paths = [str(HERE), str(HERE.parent)] if name == OURS else [str(HERE)]
    env = os.environ | ONE_THREAD | {"PYTHONPATH": os.pathsep.join(paths)}
    result = folder / "result.npy"
    script = HERE / "peers" / f"{name}_{task}.py"
    command = [interpreter(name), str(script), str(folder), str(result)]
    printed = checked([*command, "--form", form, "--repeat", str(repeat)], env).strip().splitlines()[-1]
    found = json.loads(printed)
    return Timing(found["seconds"], np.load(result), found["cores"])


def joined(rounds: list[Timing]) -> Timing:
    """All rounds of the same script as one."""
    seconds = [second for timing in rounds for second in timing.seconds]
    return Timing(seconds, rounds[-1].result, max(timing.cores for timing in rounds))


def compare(job: Job, folder: Path, repeat: int, rounds: int) -> list[str]:
    """The row of a peer, ours and theirs measured in turn."""
    mine: list[Timing] = []
    others: list[Timing] = []
    for _ in range(rounds):
        mine.append(measure(OURS, job.task, job.our_form, folder, repeat))
        try:
            others.append(measure(job.peer, job.task, job.form, folder, repeat))
        except PeerError as error:
            return [job.title, job.peer, str(joined(mine)), f"failed: {error}"[:80], "", ""]
    ours, theirs = joined(mine), joined(others)
    ratio = median(theirs.seconds) / median(ours.seconds)
    notes = agreement(job.task, ours.result, theirs.result, folder)
    busy = max(ours.cores, theirs.cores)
    if busy > 1.1:
        notes += f"; {busy:.1f} cores were busy"
    return [job.title, job.peer, str(ours), str(theirs), f"{ratio:.3g}", notes]


def agreement(task: str, ours: np.ndarray, theirs: np.ndarray, folder: Path) -> str:
    """How far two results are apart: weights after scaling to the same mean, or estimates and SEs."""
    if task == "rake":
        apart = np.max(np.abs((theirs / theirs.mean()) / (ours / ours.mean()) - 1))
        reached = f"{common.misfit(folder, ours):.0e} / {common.misfit(folder, theirs):.0e}"
        return f"weights {apart:.0e}; misfit {reached}"
    ratio = theirs / ours
    if task == "replicates":
        return f"mean {abs(ratio[0, 0] - 1):.0e}; SE {ours[0, 1]:.4g} / {theirs[0, 1]:.4g}, draws of their own"
    est, se = np.nanmax(np.abs(ratio - 1), axis=0)
    return f"means {est:.0e}, SEs {se:.0e} (median ratio {np.nanmedian(ratio[:, 1]):.5f})"


def alone(job: Job, folder: Path, repeat: int) -> list[str]:
    """The row of our own timing, with no peer."""
    ours = measure(OURS, job.task, job.our_form, folder, repeat)
    note = f"misfit {common.misfit(folder, ours.result):.0e}" if job.task == "rake" else ""
    return [f"{job.our_form} {job.task}".strip(), "", str(ours), "", "", note]


def table(rows: list[list[str]]) -> str:
    """Rows as a table in plain text that is also Markdown."""
    head = [
        "task",
        "peer",
        "ours, s: median (min-max)",
        "peer, s",
        "peer/ours",
        "largest relative difference",
    ]
    widths = [max(len(row[k]) for row in [head, *rows]) for k in range(len(head))]
    lines = [head, ["-" * width for width in widths], *rows]
    return "\n".join(
        "| " + " | ".join(f"{cell:<{w}}" for cell, w in zip(line, widths, strict=True)) + " |" for line in lines
    )


def main() -> None:
    """Read the options, make the data, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--peers", nargs="+", choices=[*PEERS, "none"], metavar="PEER",
                        default=[peer for peer in PEERS if peer != R],
                        help=f"{', '.join(PEERS)}, or none for ours alone")  # fmt: skip
    parser.add_argument("--only", choices=TASKS, help="one task only")
    parser.add_argument("--repeat", type=int, default=5, help="timed calls a process")
    parser.add_argument("--rounds", type=int, default=2, help="times that ours and the peer take turns")
    parser.add_argument("--rows", type=int, default=100_000, help="respondents")
    parser.add_argument("--replicate-rows", type=int, default=20_000, help="respondents of the replicates")
    parser.add_argument("--equal-weights", action="store_true", help="base weights of 1 for the domains")
    parser.add_argument("--loading", type=float, default=common.LOADING, help="how far margins go together, 0 to 1")
    options = parser.parse_args()
    if R in options.peers and shutil.which("Rscript") is None:
        print("R is not there (Rscript), so its survey package is left out.", file=sys.stderr)
        options.peers.remove(R)
    jobs = [job for job in JOBS if options.only in (None, job.task)]
    rows = []
    with tempfile.TemporaryDirectory() as temporary:
        folders = {task: Path(temporary) / ("few" if task == "replicates" else "many") for task in TASKS}
        for task in {"replicates", "rake"} & {"rake" if job.task == "domains" else job.task for job in jobs}:
            folders[task].mkdir()
            count = options.replicate_rows if task == "replicates" else options.rows
            common.make_data(folders[task], count, options.equal_weights, options.loading)
        if "none" in options.peers:
            once = {(job.task, job.our_form): job for job in jobs}
            rows = [alone(job, folders[job.task], options.repeat) for job in once.values()]
        for job in jobs:
            if job.peer in options.peers:
                print(f"{job.peer}: {job.title}", file=sys.stderr)
                rows.append(compare(job, folders[job.task], options.repeat, options.rounds))
    print(table(rows))


if __name__ == "__main__":
    main()
