"""What changed in a place or a group, set against what changed among all others over the same time."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
from scipy import sparse

from trustsurvey.comparison.compare import check_apart, judged
from trustsurvey.comparison.joint import Part, contrast_df, joint_covariance
from trustsurvey.estimation.linearise import Domains, Linear, linear_mean
from trustsurvey.estimation.variance import Df, VarianceModel
from trustsurvey.model import RULES, Floats, Lonely, Wave

#: A grouping of two: the place or group, and all others whose place or group is known.
SIDE, SIDES = "side", ("here", "others")


def difference_in_differences(
    old: Wave, new: Wave, measure: str, by: str, level: str, lonely: Lonely | None = None, df: Df = "satterthwaite"
) -> pd.DataFrame | None:
    """(new - old) of one level of a grouping less (new - old) of all other levels together, in points.

    One row: measure, by, level, diff, se, lci, uci, df, p, p_adj, detectable, verdict ("up": it rose more than the
    others, or fell less). The variance is that of the four means at once (Angrist & Pischke 2009, 5.2, with survey
    weights): within a wave through the linearised difference of the two sides, so that their covariance under
    clusters and calibration counts; between waves through the sampling units in both. None where others are too few
    in a wave to say anything, by the rules for what is shown.

    What it shows is that the place moved otherwise than the rest, not why: that takes the place to have gone the
    way of the others but for what was done there.
    """
    check_apart((old, new))
    sides = [_sides(wave, measure, by, level, lonely) for wave in (old, new)]
    if any(
        min(linear.n[1], linear.kish[1]) < RULES.answers or not np.isfinite(linear.est).all() for _, linear in sides
    ):
        return None
    # Here then, others then, here now, others now.
    signs = np.array([[-1.0, 1.0, 1.0, -1.0]])
    means = np.concatenate([linear.est for _, linear in sides])
    columns = [(model, sparse.csc_array(linear.values)) for model, linear in sides]
    parts: list[Part] = [(model, sparse.csr_array(values[:, [side]])) for model, values in columns for side in (0, 1)]
    covariance = _covariance(columns)
    variance = max(float(signs[0] @ covariance @ signs[0]), 0.0)
    row = pd.DataFrame(
        {"measure": [measure], "by": [by], "level": [level], "diff": signs @ means, "se": [np.sqrt(variance)],
         "df": contrast_df(parts, covariance[None], signs, df)}
    )  # fmt: skip
    return judged(row, "diff")


def _covariance(columns: list[tuple[VarianceModel, sparse.csc_array]]) -> Floats:
    """Covariances (4, 4) of the two sides in the two waves."""
    result = np.zeros((4, 4))
    for wave, (model, values) in enumerate(columns):
        at = slice(2 * wave, 2 * wave + 2)
        result[at, at] = model.covariance(sparse.csr_array(values))
    crossed = [
        (model, sparse.csr_array(values[:, pick]))
        for (model, values), pick in zip(columns, ([0, 0, 1, 1], [0, 1, 0, 1]), strict=True)
    ]
    between = joint_covariance(crossed)[:, 0, 1].reshape(2, 2)
    result[:2, 2:], result[2:, :2] = between, between.T
    return result


def _sides(wave: Wave, measure: str, by: str, level: str, lonely: Lonely | None) -> tuple[VarianceModel, Linear]:
    """The means of a place or group and of all others, in this order."""
    assert wave.scores is not None
    known = wave.people[by].astype("category")
    side = np.where(known.isna(), -1, (known.astype(str) != level).astype(int))
    placed = replace(wave, people=wave.people.assign(**{SIDE: pd.Categorical.from_codes(side, list(SIDES))}))
    model = VarianceModel.of(wave, lonely)
    domains = Domains.of(placed, [SIDE], everyone=False)
    return model, linear_mean(wave.scores[[measure]].to_numpy(float), model.weights, domains)
