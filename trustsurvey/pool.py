"""Several waves taken as one: a rolling year for areas too small for a single wave."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

import numpy as np
import pandas as pd
from scipy import sparse

from trustsurvey.errors import SurveyError
from trustsurvey.model import Design, Floats, Wave, Weighting


def pool(waves: Sequence[Wave]) -> Wave:
    """Waves as the strata of one sample, each with the same total of weights.

    Each wave keeps the weights it was given and the margins it was raked to, so its calibration
    still lowers the variance. The pooled total is the mean of the waves' totals. A resident who
    answered in two waves counts as two sampling units.
    """
    if not waves:
        raise SurveyError("pool.empty", "There are no waves to pool", expected="one or more waves")
    if len(waves) == 1:
        return waves[0]
    total = float(np.mean([wave.weights.sum() for wave in waves]))
    factors = [total / len(waves) / wave.weights.sum() for wave in waves]
    first, last = waves[0], waves[-1]
    design = _stacked_design(waves, factors)
    return replace(
        last,
        name=f"{first.name} to {last.name}",
        people=_stack([wave.people.assign(wave=wave.name) for wave in waves]),
        answers=pd.concat([wave.answers for wave in waves], ignore_index=True),
        missing=pd.concat([wave.missing for wave in waves], ignore_index=True).fillna(1).astype("int8"),
        scores=None
        if any(wave.scores is None for wave in waves)
        else pd.concat([wave.scores for wave in waves], ignore_index=True),
        comments=pd.DataFrame(),
        design=design,
        weighting=_stacked_weighting(waves, factors, design),
        start=min((wave.start for wave in waves if wave.start), default=None),
        end=max((wave.end for wave in waves if wave.end), default=None),
        probability=all(wave.probability for wave in waves),
        pooled_from=tuple(wave.name for wave in waves),
    )


def _stack(frames: list[pd.DataFrame]) -> pd.DataFrame:
    """Rows of all frames; categories are the union in the order of the last frame first."""
    stacked = pd.concat([frame.astype(object) for frame in frames], ignore_index=True)
    for column in stacked.columns:
        kinds = [f[column].dtype for f in reversed(frames) if column in f.columns]
        if all(isinstance(kind, pd.CategoricalDtype) for kind in kinds):
            union = list(dict.fromkeys(c for kind in kinds for c in kind.categories))  # type: ignore[union-attr]
            stacked[column] = pd.Categorical(stacked[column], categories=union)
    return stacked


def _stacked_design(waves: Sequence[Wave], factors: list[float]) -> Design:
    strata, psus, ids = [], [], []
    stratum_offset = psu_offset = 0
    for wave in waves:
        strata.append(wave.design.strata + stratum_offset)
        psus.append(wave.design.psus + psu_offset)
        stratum_offset += int(wave.design.strata.max()) + 1
        psu_offset += int(wave.design.psus.max()) + 1
        ids.append(
            np.full(len(wave), None, dtype=object) if wave.design.psu_ids is None else wave.design.psu_ids
        )
    with_fpc = all(wave.design.fpc is not None for wave in waves)
    return Design(
        np.concatenate([w.design.weights * f for w, f in zip(waves, factors, strict=True)]),
        np.concatenate(strata),
        np.concatenate(psus),
        np.concatenate([w.design.fpc for w in waves if w.design.fpc is not None]) if with_fpc else None,
        np.concatenate(ids) if all(wave.design.psu_ids is not None for wave in waves) else None,
    )


def _stacked_weighting(waves: Sequence[Wave], factors: list[float], design: Design) -> Weighting | None:
    if all(wave.weighting is None for wave in waves):
        return None
    blocks, weights, base = [], [], []
    for wave, factor in zip(waves, factors, strict=True):
        calibrated = wave.weighting
        blocks.append(sparse.csr_array((len(wave), 0)) if calibrated is None else calibrated.constraints)
        weights.append(wave.weights * factor)
        base.append((wave.design.weights if calibrated is None else calibrated.base) * factor)
    last = next(wave.weighting for wave in reversed(waves) if wave.weighting is not None)
    stacked: Floats = np.concatenate(weights)
    return replace(
        last,
        weights=stacked,
        base=np.concatenate(base),
        constraints=sparse.csr_array(sparse.block_diag(blocks, format="csr")),
        report=pd.DataFrame(),
    )


def rolling_year(waves: Sequence[Wave], at: int) -> tuple[int, ...]:
    """Positions of the waves of the year that ends with wave ``at``; () if they do not make up one.

    A year is made up of three or more waves that begin within 372 days of the last one's end and
    span eight months at least. Shorter pools are not offered: two that overlap could be subtracted
    from one another to uncover a single wave's small areas.
    """
    end = waves[at].end
    if end is None:
        return ()
    inside = [k for k in range(at + 1) if _within(waves[k], end)]
    starts = [start for k in inside if (start := waves[k].start) is not None]
    if len(inside) < 3 or (end - min(starts)).days < 240:
        return ()
    return tuple(inside)


def _within(wave: Wave, end: date) -> bool:
    return (
        wave.start is not None and wave.end is not None and wave.end <= end and (end - wave.start).days < 372
    )
