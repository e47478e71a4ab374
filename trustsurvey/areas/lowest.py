"""Which areas are among the lowest: probabilities from the model's joint posterior, not from a ranking.

A ranking of direct estimates puts small samples at both its ends. Here the areas' true values are
drawn together, again and again, as the small-area model knows them; how often an area is among the
lowest is its probability (Laird & Louis 1989; Goldstein & Spiegelhalter 1996).
"""

from __future__ import annotations

from typing import Literal

import numpy as np
import pandas as pd

from trustsurvey.areas.small_area import SmallAreas
from trustsurvey.errors import SurveyError
from trustsurvey.estimation.means import LEVEL

FIFTH = 0.2
DRAWS = 10_000
SEED = 20240511
#: Draws are ranked in blocks of about this many numbers.
BLOCK = 2_000_000


def lowest_areas(
    model: SmallAreas,
    share: float = FIFTH,
    *,
    k: int | None = None,
    end: Literal["lowest", "highest"] = "lowest",
    draws: int = DRAWS,
    seed: int = SEED,
) -> pd.DataFrame:
    """The probability that each area is among the lowest, and its rank, 1 being the lowest.

    Parameters
    ----------
    share : how much of the areas counts as the lowest, rounded to a whole number of areas and at least one;
        k : that number itself, instead.
    end : "highest" for measures of which much is bad.
    draws, seed : joint draws of the areas' true values, the coefficients' and the variance's
        uncertainty in them. The same seed gives the same table.

    Returns
    -------
    A frame with a row an area, in the model's order: by, area, probability, mc_error (standard error of the
    simulation), rank (expected), rank_lci, rank_uci (95 %), k, flag, method. The probabilities add to k.
    Areas without answers of their own take part with what the model says of them; they are
    never certain to be anywhere. Benchmarking moves all areas alike and changes nothing here.

    SurveyError ``lowest.number`` for a number of areas that is not between 1 and all but one, ``lowest.draws``
    for under 100 draws.
    """
    m = len(model.table)
    if k is None:
        if not 0 < share < 1:
            raise SurveyError("lowest.number", "The lowest share is not between 0 and 1", got=f"{share:g}")
        k = max(1, int(np.floor(m * share + 0.5)))
    if not 1 <= k < m:
        raise SurveyError(
            "lowest.number", "So many areas cannot be the lowest", got=f"{k} of {m}", expected=f"1 to {m - 1}"
        )
    if end not in ("lowest", "highest"):
        raise SurveyError("lowest.end", f"Areas have no '{end}' end", expected="lowest or highest")
    if draws < 100:
        raise SurveyError("lowest.draws", "Too few draws to tell a probability", got=f"{draws}", expected="100 or more")
    counts = np.zeros((m, m), dtype=np.int64)
    sign = 1.0 if end == "lowest" else -1.0
    values = sign * model.draws_from.draw(draws, seed)
    for part in np.array_split(values, max(1, values.size // BLOCK)):
        order = part.argsort(axis=1)
        place = np.broadcast_to(np.arange(m), order.shape)
        counts += np.bincount((order * m + place).ravel(), minlength=m * m).reshape(m, m)
    below = np.cumsum(counts, axis=1) / draws
    probability = below[:, k - 1]
    tail = (1 - LEVEL) / 2
    table = model.table
    return pd.DataFrame(
        {
            "by": table["by"], "area": table["area"], "probability": probability,
            "mc_error": np.sqrt(probability * (1 - probability) / draws),
            "rank": counts @ np.arange(1, m + 1) / draws,
            "rank_lci": (below < tail).sum(axis=1) + 1, "rank_uci": (below < 1 - tail).sum(axis=1) + 1,
            "k": k, "flag": table["flag"], "method": "modelled: " + f"joint posterior, {draws:,} draws",
        }
    )  # fmt: skip
