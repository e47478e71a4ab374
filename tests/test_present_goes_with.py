"""What goes with a score, in parts of a hundred."""

from __future__ import annotations

import pandas as pd

from trustsurvey.instruments import default_instrument
from trustsurvey.present import goes_with
from trustsurvey.scales.drivers import ASSOCIATION, CAUTIONS


def test_parts_of_a_hundred_by_title_within_their_bounds() -> None:
    table = pd.DataFrame(
        {"predictor": ["sa", "co"], "n": [400, 400], "importance": [0.213, 0.004], "lci": [0.15, -0.001],
         "uci": [0.28, 0.02]}
    )  # fmt: skip
    rows = goes_with.parts(table, default_instrument())
    assert rows["level"].tolist() == ["Safety", "Cooperation"]
    assert rows[["est", "lci", "uci"]].round(1).to_numpy().tolist() == [[21.3, 15.0, 28.0], [0.4, 0.0, 2.0]]
    told = goes_with.parts_words(rows, "Trust index")
    assert "About 22 of 100 parts of these differences go along with" in told
    assert "The chart ends at 50." in told
    assert told.endswith(CAUTIONS[ASSOCIATION])
    assert goes_with.parts_table(rows).iloc[0].tolist() == ["Safety", "21", "15", "28"]
