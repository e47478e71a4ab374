"""How long it takes to read a file: against bare pandas and openpyxl, and to recognise one from its head.

Run as ``python benchmarks/readers.py`` (``--rows``, ``--repeat``, ``--folder`` of exports). Times are of the wall
clock, the least of several, since our reader works in a process of its own; nothing else should be running.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
from openpyxl import Workbook, load_workbook

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
    parser.add_argument("--folder", type=Path, help="exports whose recognition is timed as well")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as place:
        csv, xlsx = Path(place) / "answers.csv", Path(place) / "answers.xlsx"
        table = answers(options.rows)
        table.to_csv(csv, index=False)
        small = table.head(options.rows // 5)
        workbook(small, xlsx)
        print(f"CSV, {options.rows:,} x {COLUMNS}, {csv.stat().st_size / 1e6:.0f} MB")
        ours = least(lambda: read(csv), options.repeat)
        print(f"| ours, in its own process | {ours:.2f} s | |")
        for way, how in WAYS.items():
            here = least(lambda how=how: pd.read_csv(csv, **how), options.repeat)
            there = least(alone(csv, how), options.repeat)
            print(f"| {way} | {here:.2f} s | ours takes {ours / here:.2f} times as long |")
            print(f"| {way}, in its own process | {there:.2f} s | ours takes {ours / there:.2f} times as long |")
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
