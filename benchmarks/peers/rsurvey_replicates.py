"""R survey: a frame of strings to a raked mean with its error from 200 bootstrap replicates, each raked.

Runs ``Rscript`` (Debian: r-base-core, r-cran-survey) and is timed within R, one call without a warm-up:
"calibrate" takes some ten minutes, "rake" (one person in a cell for tolerance, or "tight") seconds.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import tempfile
from pathlib import Path

import common
import numpy as np
import replicates
from pyarrow import csv, parquet

SCRIPT = """
suppressMessages(library(survey))
argument <- commandArgs(TRUE)
people <- read.csv(argument[1], stringsAsFactors = TRUE)
margins <- read.csv(argument[2])
columns <- unique(margins$variable)
began <- proc.time()
drawn <- svydesign(ids = ~1, weights = ~weight, data = people)
replicates <- as.svrepdesign(drawn, type = "subbootstrap", replicates = as.integer(argument[3]), compress = FALSE)
if (argument[4] != "calibrate") {
  formulas <- lapply(columns, function(name) as.formula(paste("~", name)))
  targets <- lapply(columns, function(name) {
    rows <- margins[margins$variable == name, ]
    setNames(data.frame(rows$category, rows$count), c(name, "Freq"))
  })
  tolerance <- ifelse(argument[4] == "rake", 1, 1e-6)
  raked <- rake(replicates, formulas, targets, control = list(maxit = 500, epsilon = tolerance))
} else {
  total <- sum(margins$count[margins$variable == columns[1]])
  wanted <- c(`(Intercept)` = total)
  for (name in columns) {
    rows <- margins[margins$variable == name, ]
    rows <- rows[match(levels(people[[name]])[-1], rows$category), ]
    wanted <- c(wanted, setNames(rows$count, paste0(name, rows$category)))
  }
  formula <- as.formula(paste("~", paste(columns, collapse = " + ")))
  raked <- calibrate(replicates, formula, wanted, calfun = "raking", epsilon = 1e-10, compress = FALSE)
}
mean <- svymean(~score, raked)
used <- proc.time() - began
cat(sprintf("%.15g %.15g %.15g %.15g\\n", used[["elapsed"]], used[["user.self"]], coef(mean), SE(mean)))
"""


def main() -> None:
    """Hand the data over, run R, save the result, print what ``common.main`` prints."""
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=Path)
    parser.add_argument("result", type=Path)
    parser.add_argument("--form", default="calibrate", help="calibrate; rake, at R's own tolerance; rake tight")
    parser.add_argument("--repeat", type=int, default=1, help="taken as 1")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        people, margins, script = (Path(temporary) / name for name in ("people.csv", "margins.csv", "script.R"))
        csv.write_csv(parquet.read_table(common.sample(options.folder)), people)
        rows = [f"{v},{k},{n!r}" for v, told in common.margins(options.folder).items() for k, n in told.items()]
        margins.write_text("\n".join(["variable,category,count", *rows]))
        script.write_text(SCRIPT)
        command = ["Rscript", str(script), str(people), str(margins), str(replicates.COUNT), options.form]
        printed = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    elapsed, user, estimate, error = (float(word) for word in printed.split()[-4:])
    np.save(options.result, np.array([[estimate, error]]))
    print(json.dumps({"seconds": [elapsed], "cores": user / elapsed}))


if __name__ == "__main__":
    main()
