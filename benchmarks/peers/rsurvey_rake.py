"""R survey: a frame of strings to raked weights, by "rake" (one person in a cell for tolerance) or "calibrate"."""

from __future__ import annotations

import numpy as np
import rsurvey

SCRIPT = """
work <- function() {
  drawn <- svydesign(ids = ~1, weights = ~one, data = transform(people, one = 1))
  weights(if (form == "rake") raked(drawn, 1) else calibrated(drawn))
}
"""


if __name__ == "__main__":
    rsurvey.main(SCRIPT, lambda rows: np.array([float(row["x"]) for row in rows]))
