"""How long it takes to read a file: against bare pandas and openpyxl, and to recognise one from its head.

Run as ``python benchmarks/readers.py`` (``--rows``, ``--repeat``, ``--folder`` of exports). A CSV is read by all in
turn, again and again: medians of the wall clock and of processor time, processes that were started included, and of
the ratios within a turn, which other work on the machine moves less. Other times are the least of several.
"""

from __future__ import annotations

import argparse
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
from openpyxl import Workbook, load_workbook

if __package__ is None:
    sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from trustsurvey.readers import worker
from trustsurvey.readers.guard import read
from trustsurvey.readers.heading import find_heading
from trustsurvey.readers.text import first_rows

LABELS = np.array(
    ["Strongly disagree", "Disagree", "Neither agree nor disagree", "Agree", "Strongly agree", ""], dtype=object
)
COLUMNS = 100
#: Ways in which pandas reads every cell as the text it is, as ours does.
WAYS: dict[str, dict[str, object]] = {
    "pandas, its C parser": {"dtype": str, "keep_default_na": False, "na_filter": False},
    "pandas, pyarrow's parser": {"dtype": str, "engine": "pyarrow"},
}


def answers(rows: int) -> pd.DataFrame:
    """A survey of 100 columns: an id, a time, a weight, labels, codes, areas, a comment."""
    rng = np.random.default_rng(20260101)
    columns: dict[str, object] = {
        "id": [f"R{k:07d}" for k in range(rows)],
        "start": pd.date_range("2026-01-01", periods=rows, freq="min").strftime("%Y-%m-%d %H:%M:%S"),
        "weight": np.round(rng.lognormal(0, 0.4, rows), 4).astype(str),
        "why": [f"The street by the school, near the shop, is dark {k}" for k in range(rows)],
    }
    columns |= {f"area{k}": [f"Area {code}" for code in rng.integers(0, 40, rows)] for k in range(6)}
    columns |= {f"label{k}": LABELS[rng.integers(0, len(LABELS), rows)] for k in range(40)}
    columns |= {f"code{k}": rng.integers(1, 6, rows).astype(str) for k in range(COLUMNS - len(columns))}
    return pd.DataFrame(columns)


def workbook(table: pd.DataFrame, path: Path) -> None:
    """The table as .xlsx."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet()
    sheet.append(list(table))
    for row in table.itertuples(index=False):
        sheet.append(list(row))
    book.save(path)


def cells(path: Path) -> int:
    """Every cell by openpyxl in its quickest mode."""
    return sum(len(row) for row in load_workbook(path, read_only=True).active.iter_rows(values_only=True))


def least(work: Callable[[], object], repeat: int) -> float:
    """Seconds of the quickest of several calls, after one that does not count."""
    work()
    seconds = []
    for _ in range(repeat):
        start = time.perf_counter()
        work()
        seconds.append(time.perf_counter() - start)
    return min(seconds)


def spent() -> float:
    """Seconds of the processor so far, of this process and of those that it saw end."""
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in used)


def of_process(number: int) -> float:
    """Seconds of the processor that a process has taken so far."""
    fields = Path(f"/proc/{number}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def kept_ready(path: Path) -> tuple[float, float]:
    """Seconds to read a file by a process that waits, as the app has one: wall clock and processor.

    What it took to load is not in the time, nor is the process that waits next.
    """
    worker.spare.keep()
    process = worker.spare._waiting
    assert process is not None
    before = -1.0
    while (now := of_process(process.pid)) != before or now < 0.1:  # until it has loaded what it needs
        before = now
        time.sleep(0.5)
    refill, worker.spare.refill = worker.spare.refill, lambda: None  # type: ignore[method-assign]
    start, used = time.perf_counter(), spent()
    read(path)
    told = time.perf_counter() - start, spent() - used - before
    worker.spare.refill = refill  # type: ignore[method-assign]
    return told


def timed(work: Callable[[], object]) -> tuple[float, float]:
    """Seconds of wall clock and processor that a call takes."""
    start, used = time.perf_counter(), spent()
    work()
    return time.perf_counter() - start, spent() - used


def in_turns(csv: Path, repeat: int) -> None:
    """Print how long each way to read a CSV takes, and how long beside ours when a process waits and when none does."""
    ways: dict[str, Callable[[], tuple[float, float]]] = {
        "ours, its process waiting as in the app": lambda: kept_ready(csv),
        "ours, its process started": lambda: timed(lambda: read(csv)),
    }
    for way, how in WAYS.items():
        ways[way] = lambda how=how: timed(lambda: pd.read_csv(csv, **how))
        ways[f"{way}, in its own process"] = lambda how=how: timed(alone(csv, how))
    seen: dict[str, list[tuple[float, float]]] = {way: [] for way in ways}
    for turn in range(repeat + 1):
        for way, once in ways.items():
            told = once()
            if turn:
                seen[way].append(told)
    worker.spare.dismiss()
    ours = [np.array(seen[way]) for way in list(ways)[:2]]
    for way, told in seen.items():
        wall, used = np.median(told, axis=0)
        ratios = " | ".join("{:.2f}, {:.2f}".format(*np.median(mine / np.array(told), axis=0)) for mine in ours)
        print(f"| {way} | {wall:.2f} s, {used:.2f} s | {ratios} |")


def alone(path: Path, options: dict[str, object]) -> Callable[[], object]:
    """The reading by pandas in a process of its own."""
    code = f"import pandas; pandas.read_csv({str(path)!r}, **{ {k: v for k, v in options.items() if v is not str}!r}"
    code += ", dtype=str)"
    return lambda: subprocess.run([sys.executable, "-c", code], check=True)


def main() -> None:
    """Measure and print a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--repeat", type=int, default=5)
    parser.add_argument("--only-csv", action="store_true", help="no workbook, which takes minutes to make")
    parser.add_argument("--folder", type=Path, help="exports whose recognition is timed as well")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as place:
        csv, xlsx = Path(place) / "answers.csv", Path(place) / "answers.xlsx"
        table = answers(options.rows)
        table.to_csv(csv, index=False)
        print(f"CSV, {options.rows:,} x {COLUMNS}, {csv.stat().st_size / 1e6:.0f} MB")
        print("| reader | wall clock, processor | ours beside it, process waiting | ours beside it, process started |")
        in_turns(csv, options.repeat)
        if options.only_csv:
            return
        small = table.head(options.rows // 5)
        workbook(small, xlsx)
        print(f"XLSX, {len(small):,} x {COLUMNS}")
        ours, theirs = least(lambda: read(xlsx), options.repeat), least(lambda: cells(xlsx), 1)
        print(f"| ours, in its own process | {ours:.2f} s | |")
        print(f"| openpyxl, read only | {theirs:.2f} s | {theirs / ours:.1f} times as long as ours |")
        files = [csv, *sorted(options.folder.glob("*.csv") if options.folder else ())]
        slowest = {file.name: least(lambda file=file: find_heading(first_rows(file)[0]), 3) for file in files}
        for name, seconds in slowest.items():
            print(f"| recognised from its head: {name} | {1000 * seconds:.0f} ms | |")


if __name__ == "__main__":
    main()
