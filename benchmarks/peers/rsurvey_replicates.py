"""R survey: a frame of strings to a raked mean with its error from 200 bootstrap replicates, each raked.

"calibrate" takes some ten minutes, "rake" (one person in a cell for tolerance) or "rake tight" seconds.
"""

from __future__ import annotations

import numpy as np
import replicates
import rsurvey

SCRIPT = f"""
work <- function() {{
  drawn <- svydesign(ids = ~1, weights = ~weight, data = people)
  drawn <- as.svrepdesign(drawn, type = "subbootstrap", replicates = {replicates.COUNT}, compress = FALSE)
  ready <- switch(form, calibrate = calibrated(drawn, compress = FALSE), rake = raked(drawn, 1), raked(drawn, 1e-6))
  mean <- svymean(~score, ready)
  data.frame(est = coef(mean), se = SE(mean))
}}
"""


if __name__ == "__main__":
    rsurvey.main(SCRIPT, lambda rows: np.array([[float(row["est"]), float(row["se"])] for row in rows]))
