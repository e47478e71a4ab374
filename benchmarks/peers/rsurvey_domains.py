"""R survey: ``svyby`` of means by area, under the weights as drawn ("plain") or calibrated from them ("raked")."""

from __future__ import annotations

import common
import rsurvey

SCRIPT = """
drawn <- svydesign(ids = ~1, weights = ~weight, data = people)
ready <- if (form == "plain") drawn else calibrated(drawn)
work <- function() svyby(~score, ~area, ready, svymean)
"""


if __name__ == "__main__":
    rsurvey.main(
        SCRIPT,
        lambda rows: common.by_area(
            [row["area"] for row in rows], [float(row["score"]) for row in rows], [float(row["se"]) for row in rows]
        ),
    )
