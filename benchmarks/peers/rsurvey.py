"""What the scripts of R's survey package share. Needs Rscript (Debian: r-base-core, r-cran-survey).

R reads the data before the clock starts and is timed within, one call without a warm-up, since most take long.
"""

from __future__ import annotations

import argparse
import csv
import json
import subprocess
import tempfile
from collections.abc import Callable
from pathlib import Path

import common
import numpy as np
from pyarrow import csv as tables, parquet

#: Data and margins, the margins as survey's ``rake`` and ``calibrate`` want them, and the two functions.
PRELUDE = """
suppressMessages(library(survey))
argument <- commandArgs(TRUE)
form <- argument[4]
people <- read.csv(argument[1], stringsAsFactors = FALSE)
told <- read.csv(argument[2])
columns <- unique(told$variable)
raked <- function(design, epsilon) {
  formulas <- lapply(columns, function(name) as.formula(paste("~", name)))
  margins <- lapply(columns, function(name) {
    rows <- told[told$variable == name, ]
    setNames(data.frame(rows$category, rows$count), c(name, "Freq"))
  })
  rake(design, formulas, margins, control = list(maxit = 500, epsilon = epsilon))
}
calibrated <- function(design, ...) {
  wanted <- c(`(Intercept)` = sum(told$count[told$variable == columns[1]]))
  for (name in columns) {
    rows <- told[told$variable == name, ]
    rows <- rows[order(rows$category), ][-1, ]
    wanted <- c(wanted, setNames(rows$count, paste0(name, rows$category)))
  }
  formula <- as.formula(paste("~", paste(columns, collapse = " + ")))
  calibrate(design, formula, wanted, calfun = "raking", epsilon = 1e-10, maxit = 100, ...)
}
"""
#: What comes after a script, which leaves its work in a function ``work`` and what that returns in ``found``.
EPILOGUE = """
used <- system.time(found <- work())
write.csv(found, argument[3], row.names = FALSE)
cat(sprintf("%.15g %.15g\\n", used[["elapsed"]], used[["user.self"]] + used[["sys.self"]]))
"""


def main(script: str, finish: Callable[[list[dict[str, str]]], np.ndarray]) -> None:
    """Hand the data over, run R, save what ``finish`` makes of the rows, print what ``common.main`` prints."""
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=Path)
    parser.add_argument("result", type=Path)
    parser.add_argument("--form", default="")
    parser.add_argument("--repeat", type=int, default=1, help="taken as 1")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        people, margins, found, code = (
            Path(temporary) / n for n in ("people.csv", "margins.csv", "found.csv", "run.R")
        )
        tables.write_csv(parquet.read_table(common.sample(options.folder)), people)
        rows = [f"{v},{k},{n!r}" for v, told in common.margins(options.folder).items() for k, n in told.items()]
        margins.write_text("\n".join(["variable,category,count", *rows]))
        code.write_text(PRELUDE + script + EPILOGUE)
        command = ["Rscript", str(code), str(people), str(margins), str(found), options.form]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            raise SystemExit(done.stderr.strip().splitlines()[-1])
        with found.open() as file:
            np.save(options.result, finish(list(csv.DictReader(file))))
    elapsed, used = (float(word) for word in done.stdout.split()[-2:])
    print(json.dumps({"seconds": [used], "cores": used / elapsed}))
